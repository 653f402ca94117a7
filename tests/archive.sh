#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# For tests that source this: makes small Debian archives, which the real apt reads.

# shellcheck source=/dev/null
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-sid}")

# Packs what is in $1/build/deb as version $4 of the package $3, which depends on $5, into
# the suite $2 of the archive $1.
pack() {
	local root=$1 suite=$2 package=$3 pkg_version=$4 depends=${5:-}
	local deb=pool/${package}_${pkg_version}_all.deb

	mkdir -p "$root/build/deb/DEBIAN" "$root/pool"
	cat >"$root/build/deb/DEBIAN/control" <<-END
	Package: $package
	Version: $pkg_version
	Architecture: all
	Maintainer: Nobody <nobody@example.org>
	${depends:+Depends: $depends
	}Description: a package for a test
	END
	dpkg-deb --root-owner-group -b "$root/build/deb" "$root/$deb" >/dev/null
	rm -r "$root/build"
	index "$root" "$suite" "$deb"
}

# Builds linux-source-$3 at package version $4 into suite $2 of the archive $1.
publish() {
	local root=$1 suite=$2 version=$3 pkg_version=$4
	local build=$1/build tree=$1/build/linux-source-$3

	mkdir -p "$tree"/{mm,include/linux,scripts,tools/mm} "$build/deb/usr/src"
	echo "void *dma_pool_alloc(void); /* $pkg_version */" >"$tree/mm/dmapool.c"
	echo '/* test */' >"$tree/mm/dmapool_test.c"
	echo '/* header */' >"$tree/include/linux/dmapool.h"
	touch "$tree"/scripts/{checkpatch.pl,spelling.txt,const_structs.checkpatch}
	echo '/* not wanted */' >"$tree/tools/mm/dmapool.c"
	tar -C "$build" -cJf "$build/deb/usr/src/linux-source-$version.tar.xz" \
		"linux-source-$version"
	pack "$root" "$suite" "linux-source-$version" "$pkg_version"
}

# Adds the package $3, if any, to the suite's index and describes the suite anew.
index() {
	local root=$1 suite=$2 deb=${3:-} dir=$1/dists/$2 list arch

	arch=$(dpkg --print-architecture)
	list=main/binary-$arch/Packages
	mkdir -p "$dir/main/binary-$arch"
	touch "$dir/$list"
	if [[ -n $deb ]]; then
		{
			dpkg-deb -f "$root/$deb"
			echo "Filename: $deb"
			echo "Size: $(stat -c %s "$root/$deb")"
			echo "SHA256: $(sha256sum "$root/$deb" | cut -d' ' -f1)"
			echo
		} >>"$dir/$list"
	fi
	cat >"$dir/Release" <<-END
	Origin: ${origin:-Debian}
	Suite: $suite
	Codename: $suite
	Date: $(date -uR)
	Architectures: $arch
	Components: main
	SHA256:
	 $(sha256sum "$dir/$list" | cut -d' ' -f1) $(stat -c %s "$dir/$list") $list
	END
}

# A fresh archive, sources folder and cache; sets archive, APT_SOURCES_DIR and
# DMAPOOL_BENCH_CACHE for the test at hand.
new_archive() {
	local dir

	dir=$(mktemp -d -p "${tmp:?}")
	archive=$dir/archive
	export APT_SOURCES_DIR=$dir/etc DMAPOOL_BENCH_CACHE=$dir/cache
	mkdir -p "$archive" "$APT_SOURCES_DIR/sources.list.d"
	index "$archive" "$codename"
	echo "deb [trusted=yes] copy:$archive $codename main" \
		>"$APT_SOURCES_DIR/sources.list"
	# shellcheck disable=SC2034 # for those who source this
	cache=$DMAPOOL_BENCH_CACHE/upstream
}
