#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests of what "make deps" brings into the cache for guests and modules: by the real apt
# from a small Debian archive that is made here.
set -euo pipefail

root=$(realpath "$(dirname "$0")/..")
# shellcheck source=tests/checks.sh
. "$root/tests/checks.sh"
# shellcheck source=tests/archive.sh
. "$root/tests/archive.sh"

# --- kmod/boot/kernel ------------------------------------------------------

# A kernel 6.1 whose headers ask for the compiler $1; what that one needs beside its cpp
# is not in the archive.
publish_kernel() {
	local gcc=$1 name=linux-headers-6.1.0-9-cloud-amd64

	new_archive
	mkdir -p "$archive/build/deb/usr/src/$name"
	echo 'include /usr/src/common' >"$archive/build/deb/usr/src/$name/Makefile"
	# shellcheck disable=SC2016 # make expands it
	printf 'ARCH = x86\nCC = $(if $(X),ccache) $(CROSS_COMPILE)%s\n' "$gcc" \
		>"$archive/build/deb/usr/src/$name/.kernelvariables"
	pack "$archive" "$codename" "$name" 6.1-1 \
		"linux-compiler-$gcc-x86, linux-image-x-unsigned (= 6.1-1)"
	pack "$archive" "$codename" linux-image-6.1.0-9-cloud-amd64 6.1-1
	pack "$archive" "$codename" "linux-compiler-$gcc-x86" 6.1-1 "$gcc"
	mkdir -p "$archive/build/deb/usr/bin"
	printf '#!/bin/sh\n' >"$archive/build/deb/usr/bin/$gcc"
	chmod +x "$archive/build/deb/usr/bin/$gcc"
	pack "$archive" "$codename" "$gcc" 1-1 "c${gcc/gcc/pp} (= 1-1), lib$gcc-dev"
	pack "$archive" "$codename" "c${gcc/gcc/pp}" 1-1
	kernel=$DMAPOOL_BENCH_CACHE/kernels/6.1/root
}

headers_say() {
	cat "$kernel/usr/src/linux-headers-6.1.0-9-cloud-amd64/$1"
}

test_kernel_comes_with_the_compiler_it_asks_for() {
	publish_kernel gcc-99
	run "$root/kmod/boot/kernel" 6.1
	exits 0
	holds "$out" "KDIR=$kernel/usr/src/linux-headers-6.1.0-9-cloud-amd64"
	same "$(headers_say Makefile)" "include $kernel/usr/src/common"
	same "$(headers_say .kernelvariables)" \
		"ARCH = x86"$'\n'"CC = $kernel/usr/bin/gcc-99"
	holds "$err" 'downloading cpp-99'
}

test_kernel_uses_the_machines_own_compiler() {
	local gcc

	gcc=gcc-$(gcc -dumpversion)
	command -v "$gcc" >/dev/null || { echo "no $gcc" >&2; return 77; }
	publish_kernel "$gcc"
	run "$root/kmod/boot/kernel" 6.1
	exits 0
	lacks "$err" "downloading $gcc"
	holds "$(headers_say .kernelvariables)" "CROSS_COMPILE)$gcc"
}

# The cache of a release before, whose compiler went with the upgrade.
test_kernel_without_its_compiler_is_fetched_anew() {
	publish_kernel gcc-99
	run "$root/kmod/boot/kernel" 6.1
	rm "$kernel/usr/bin/gcc-99"
	run "$root/kmod/boot/kernel" 6.1
	exits 0
	[[ -x $kernel/usr/bin/gcc-99 ]] || fail 'the compiler is there again'
	run "$root/kmod/boot/kernel" 6.1
	exits 0
	same "$err" ''
}

# --- kmod/boot/busybox -----------------------------------------------------

# As if this machine had none but one that is no use in a guest.
hide_busybox() {
	mkdir -p "$tmp/bin"
	ln -sf "$(command -v ls)" "$tmp/bin/busybox"
	PATH=$tmp/bin:$PATH
}

test_busybox_of_the_archive() {
	new_archive
	hide_busybox
	mkdir -p "$archive/build/deb/usr/bin"
	printf '#!/bin/sh\necho static\n' >"$archive/build/deb/usr/bin/busybox"
	chmod +x "$archive/build/deb/usr/bin/busybox"
	pack "$archive" "$codename" busybox-static 1-1
	for _ in 1 2; do
		run "$root/kmod/boot/busybox"
		exits 0
		same "$out" "$DMAPOOL_BENCH_CACHE/busybox"
		same "$("$out")" static
		APT_SOURCES_DIR=/nonexistent	# the second time it is there
	done
}

test_busybox_nowhere() {
	new_archive
	hide_busybox
	run "$root/kmod/boot/busybox"
	exits 4
	same "$out" ''
	holds "$err" 'busybox: no package busybox-static in '
	[[ ! -e $DMAPOOL_BENCH_CACHE/busybox ]] || fail 'nothing is in the cache'
}

check_all
