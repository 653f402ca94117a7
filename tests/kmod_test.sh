#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Builds the kernel modules against Debian's headers: without a warning, with
# sparse where it is installed, complete, and with every pool inside its own module, an
# upstream dmapool.c too.
set -u
cd "$(dirname "$0")/.." || exit 1

passed=0 failed=0 skipped=0
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
trap 'exit 130' INT TERM HUP QUIT
export LC_ALL=C

# Runs a check; what it prints is what is wrong.
check() {
	local name=$1 wrong

	shift
	wrong=$("$@" 2>&1)
	if [[ -z $wrong ]]; then
		echo "ok $name"
		passed=$((passed + 1))
	else
		printf 'not ok %s\n%s\n' "$name" "$wrong"
		failed=$((failed + 1))
	fi
}

# Those of the kernel 6.1 in the cache; none are fetched for a test.
headers() {
	local KDIR=''

	eval "$(APT_SOURCES_DIR=/nonexistent kmod/boot/kernel 6.1 2>/dev/null)"
	echo "$KDIR"
}

build() {
	make -j"$(nproc)" kmod KDIR="$kdir" KMOD_OUT="$out" W=1 \
		${mine:+UPSTREAM="my-1.0=$mine linux=$mine"} "$@" 2>&1
}

# A dmapool.c of another kernel, if there is one.
upstream() {
	variants/upstream/resolve '' | cut -f2 | head -n1
}

modules() {
	sed -n 's/^VARIANTS_ALL := //p' Makefile | xargs -n1 echo
	printf '%s\n' intree bench run ${mine:+upstream_my_1_0 upstream_linux}
}

no_warning() {
	build | grep -E 'warning:|error:|WARNING|\*\*\*'
}

# sparse looks at a file when it is compiled.
no_complaint_of_sparse() {
	find "$out" -name '*.o' -delete
	build C=1 | grep -E 'warning:|error:' | grep -vF "${mine:-no file of ours}"
}

all_are_there() {
	modules | while read -r name; do
		[[ -e $out/dmapool_$name.ko ]] || echo "no dmapool_$name.ko"
	done
}

# Undefined dma_pool_...: called in the kernel, where the module has its own.
pools_are_inside() {
	modules | grep -vx intree | while read -r name; do
		nm "$out/dmapool_$name.ko" | grep -E ' U dmam?_pool_'
	done
	nm "$out/dmapool_intree.ko" | grep -q ' U dma_pool_alloc$' ||
		echo 'dmapool_intree.ko does not call the kernel'
}

# Whether a string is in a module.
says() {
	grep -qaF "$1" "$2" || echo "${2##*/} does not say '$1'"
}

# linux is a macro of gcc's. The version is what the userspace's build has.
names_are_kept() {
	local version

	version=$(variants/upstream/resolve "linux=$mine" |
		sed -n 's/^upstream-linux\t.*\t//p')
	for name in my-1.0 linux; do
		says "upstream-$name" "$out/dmapool_upstream_${name//[-.]/_}.ko"
	done
	says "$version" "$out/dmapool_upstream_linux.ko"
}

# A module that exported a name of the kernel's would not load, or shadow it.
nothing_is_exported() {
	grep -P '\tdmam?_pool_' "$out/Module.symvers"
}

# Not grep -q, which would end make before its time.
compiles() {
	build KMOD_NAMES=null KDIR="$1" | grep 'CC .*/null/entry\.o' >/dev/null
}

# Another tree of the same release, no file of which is newer than the objects.
another_tree_is_noticed() {
	local other=$out/other/linux name

	mkdir -p "${other%/*}"
	cp -a "$(realpath "$kdir")" "$other"
	for name in scripts tools; do
		ln -sfn "$(realpath "$kdir/$name")" "$other/$name"
	done
	compiles "$other" || echo 'another tree: nothing is compiled'
	echo '#define CONFIG_ANOTHER 1' >>"$other/include/generated/autoconf.h"
	touch -d @0 "$other/include/generated/autoconf.h"
	compiles "$other" || echo 'another configuration: nothing is compiled'
	! compiles "$other" || echo 'the same: it is compiled again'
}

# "make kmod" with what "$@" adds ends with 2 and one line, which holds $1.
refused() {
	local words=$1 said status

	shift
	said=$(make kmod "$@" 2>&1 >/dev/null)
	status=$?
	said=$(grep -v -e 'see the line above' -e '^make: waiting' <<<"$said")
	[[ $status -eq 2 && $said == "make kmod: "*"$words"* && $said != *$'\n'* ]] ||
		echo "exit $status, not '$words': $said"
}

no_kernel_says_what_brings_one() {
	mkdir -p "$out/linux"
	touch "$out/linux/Kconfig"
	refused "install linux-headers-$(uname -r), or say KDIR" KDIR=/nonexistent
	refused 'install linux-headers-9.8.7-cloud-amd64' \
		KDIR=/lib/modules/9.8.7-cloud-amd64/build
	refused 'install linux-headers-9.8.7' KDIR=/usr/src/linux-headers-9.8.7
	refused 'make modules_prepare' KDIR="$out/linux"
	refused 'no kernel' KDIR=
}

# Nothing in a path or a release gets to a shell, and Kbuild takes no odd path at all.
odd_paths_are_refused() {
	local name tree

	# shellcheck disable=SC2016 # nobody is to expand them
	for name in 'a b' "a'b" 'a"b' 'a$(touch pwned)' 'a`touch pwned`' 'a#b' 'a:b' \
		'a%b' 'a;touch pwned' $'a\ntouch pwned #'; do
		tree=$out/odd/$name
		mkdir -p "$tree/include/generated"
		echo '#define UTS_RELEASE "9.8'"'"'; touch pwned #"' \
			>"$tree/include/generated/utsrelease.h"
		refused "a kernel's build cannot work with a folder called" KDIR="$tree"
		refused "a kernel's build cannot work with a folder called" \
			KDIR="$kdir" KMOD_OUT="$out/$name"
	done
	rm -r "$out/odd"
	[[ -z $(find . "$out" -name 'pwned*') ]] || echo 'a path was run by a shell'
}

check_modules() {
	check no_warning no_warning
	check all_are_there all_are_there
	check pools_are_inside pools_are_inside
	check nothing_is_exported nothing_is_exported
	[[ -z $mine ]] || check names_are_kept names_are_kept
	check odd_paths_are_refused odd_paths_are_refused
	if command -v sparse >/dev/null; then
		check sparse no_complaint_of_sparse
	else
		echo 'skip sparse: sparse is not there'
		skipped=$((skipped + 1))
	fi
	check another_tree_is_noticed another_tree_is_noticed
}

check no_kernel_says_what_brings_one no_kernel_says_what_brings_one
kdir=$(headers)
mine=$(upstream)
if [[ -n $kdir ]]; then
	check_modules
else
	echo 'skip modules: kernel 6.1 is not in the cache (make deps)'
	skipped=$((skipped + 1))
fi
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0))
