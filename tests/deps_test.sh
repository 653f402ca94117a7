#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests of "make deps": what it installs, what it says where it cannot, and what it brings
# into the cache for guests and modules, by the real apt from a small Debian archive that
# is made here.
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

# --- deps/install ----------------------------------------------------------

# The packages that make would have installed for the targets "$@".
packages_for() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -sn -C "$root" "$@" |
		sed -n 's/^deps\/install //p'
}

# On a system that has no package at all, as apt of this one sees it.
test_nothing_installed_changes_how_the_machine_boots() {
	local all found boots='linux-(image|base|headers)|initramfs|dracut|grub|busybox'

	all=$(packages_for deps deps-kernel deps-fresh PEERS=1)
	# shellcheck disable=SC2086 # package names
	run apt-get install -s --no-install-recommends \
		-o Dir::State::status=/dev/null $all
	[[ $err != *'Unable to locate'* ]] || { echo 'no package lists' >&2; return 77; }
	exits 0
	holds "$out" 'Inst valgrind '
	found=$(grep -E "^Inst ($boots)" <<<"$out" || true)
	same "$found" ''
}

# An apt and a dpkg that have of all packages what is named in $have and $known.
fake_apt() {
	mkdir -p "$tmp/fake"
	cat >"$tmp/fake/dpkg-query" <<-'END'
	#!/bin/sh
	for name in $have; do echo "ii $name"; done
	END
	cat >"$tmp/fake/apt-cache" <<-'END'
	#!/bin/sh
	for name in $known; do [ "$name" != "$3" ] || exit 0; done
	exit 100
	END
	cat >"$tmp/fake/apt-get" <<-'END'
	#!/bin/sh
	echo "$@" >>"$asked"
	[ "$1" != "$fails" ]
	END
	# shellcheck disable=SC2016 # expanded in there
	printf '#!/bin/sh\necho "${uid:-0}"\n' >"$tmp/fake/id"
	chmod +x "$tmp/fake"/*
	export have=$1 known=$2 asked=$tmp/asked fails=${3:-}
	: >"$asked"
	PATH=$tmp/fake:$PATH
}

test_install_asks_nothing_where_all_is_there() {
	fake_apt 'gcc make' ''
	run "$root/deps/install" make gcc
	exits 0
	same "$out$err$(<"$asked")" ''
}

test_install_installs_what_is_missing() {
	fake_apt 'gcc make' 'gcc make perf git'
	run "$root/deps/install" perf make git
	exits 0
	same "$(<"$asked")" $'update -qq\ninstall -y -qq --no-install-recommends git perf'
}

test_install_tells_functions_where_apt_lacks_names() {
	fake_apt 'make' 'gcc make'
	run "$root/deps/install" perf make gcc
	exits 2
	complains 'deps: apt has no perf here: needed are '
	complains ', liburcu, '
	complains '; for the tests also Chromium '
	same "$(<"$asked")" 'update -qq'
}

# Everything but apt and dpkg, as on another distribution.
test_install_tells_functions_without_apt() {
	local tool

	mkdir "$tmp/other"
	for tool in bash env realpath dirname awk; do
		ln -s "$(command -v "$tool")" "$tmp/other"
	done
	PATH=$tmp/other run "$root/deps/install" gcc
	exits 2
	complains 'deps: no apt-get here: needed are a C and C++ compiler'
}

test_install_fails_with_apt() {
	local step

	for step in update install; do
		fake_apt '' git "$step"
		run "$root/deps/install" git
		exits 4
		complains 'mend what it says above'
	done
}

test_install_needs_root() {
	fake_apt gcc 'gcc git'
	uid=1000 run "$root/deps/install" gcc git
	exits 2
	complains 'deps: only root can install git: run it with sudo'
	same "$(<"$asked")" ''
}

# Each package has a row that says what it is for.
test_page_has_all_packages() {
	local name

	for name in $(packages_for deps); do
		grep -q "^|[^|]*|[^|]*\`$name\`[^|]*|" "$root/deps/README.md" ||
			fail "$name is not in deps/README.md"
	done
}

# --- deps/fresh ------------------------------------------------------------

test_fresh_usage() {
	local release

	mkdir -p "$tmp/fake"
	printf '#!/bin/sh\necho debootstrap ran >&2\n' >"$tmp/fake/debootstrap"
	chmod +x "$tmp/fake/debootstrap"
	PATH=$tmp/fake:$PATH
	# shellcheck disable=SC2016 # no command, just a word
	for release in '' 'a b' '../x' '$(x)' nope; do
		run "$root/deps/fresh" "$release"
		exits 2
		complains 'name one'
	done
}

check_all
