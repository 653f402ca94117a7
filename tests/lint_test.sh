#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Style and spelling: the kernel's checkpatch over the kernel C, shellcheck and pyflakes
# over the scripts, codespell over everything, an SPDX line in every source file, and
# the walls between the rooms.
set -u
cd "$(dirname "$0")/.." || exit 1

passed=0 failed=0 skipped=0
cache=${DMAPOOL_BENCH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/dmapool-bench}/upstream

# Runs a check; what it prints is what is wrong.
check() {
	local name=$1 out

	shift
	if out=$("$@" 2>&1) && [[ -z $out ]]; then
		echo "ok $name"
		passed=$((passed + 1))
	else
		printf 'not ok %s\n%s\n' "$name" "$out"
		failed=$((failed + 1))
	fi
}

# The same where a tool may be missing.
check_with() {
	local tool=$1

	shift
	if command -v "$tool" >/dev/null; then
		check "$@"
	else
		echo "skip $1: $tool is not there"
		skipped=$((skipped + 1))
	fi
}

# All files of this tree, tracked or new, that match.
sources() {
	git ls-files -co --exclude-standard --deduplicate -- "$@" |
		while read -r file; do
			[[ -f $file ]] && echo "$file"
		done
}

# Those of them that the program named runs.
scripts_of() {
	sources | while read -r file; do
		if head -n1 "$file" | grep -aq "^#!$1"; then echo "$file"; fi
	done
}

python() {
	sources '*.py'
	scripts_of '.*/usr/bin/python3'
}

# Where checkpatch has a false alarm everywhere: printk's own definition, NR_CPUS where
# it is the limit, macros of the kernel's own form, locks that do have a comment.
ignore=PRINTK_WITHOUT_KERN_LEVEL,NR_CPUS,MACRO_ARG_REUSE,BIT_MACRO,UNCOMMENTED_DEFINITION
# Rows are lists of initialisers, which no parentheses can go around.
ignore_rows=COMPLEX_MACRO
# One source is built against many kernels.
ignore_kmod=LINUX_VERSION_CODE,CONSTANT_COMPARISON
# Stand-in headers define what checkpatch would have one use.
ignore_headers=NEW_TYPEDEFS,PREFER_DEFINED_ATTRIBUTE_MACRO,PREFER_KERNEL_TYPES
ignore_headers+=,PREFER_PR_LEVEL,EXPORT_SYMBOL,COMPLEX_MACRO,MEMORY_BARRIER
ignore_headers+=,MACRO_ARG_PRECEDENCE,MACRO_ARG_UNUSED,SYMBOLIC_PERMS,STRLCPY,AVOID_BUG
ignore_headers+=,USE_LOCKDEP,UNNECESSARY_KERN_LEVEL,IS_ENABLED_CONFIG,UNNECESSARY_CASTS
ignore_headers+=,MACRO_WITH_FLOW_CONTROL,CAMELCASE

checkpatch() {
	local script=$1 types=$2

	shift 2
	sources "$@" | xargs -d '\n' perl "$script" --no-tree --no-signoff -f -q --terse \
		--strict --no-summary --max-line-length=90 --ignore="$types"
}

lint_kernel_c() {
	local script

	# The oldest: it changes least, and tells of nothing that old kernels lack.
	script=$(find "$cache" -name checkpatch.pl 2>/dev/null | sort -V | head -n1)
	if [[ -z $script ]]; then
		echo 'skip checkpatch: make deps fetches it with the 6.1 dmapool.c'
		skipped=$((skipped + 1))
		return
	fi
	check checkpatch_variants checkpatch "$script" "$ignore" 'variants/*.[ch]'
	check checkpatch_workloads checkpatch "$script" "$ignore,$ignore_rows" \
		'bench/workloads/*.[ch]'
	check checkpatch_kmod checkpatch "$script" "$ignore,$ignore_kmod" 'kmod/*.[ch]'
	check checkpatch_shim checkpatch "$script" "$ignore" 'shim/*.[ch]' \
		'shim/dma/*.c' ':!shim/linux' ':!shim/asm'
	check checkpatch_stand_ins checkpatch "$script" "$ignore,$ignore_headers" \
		'shim/linux/*.h' 'shim/asm/*.h'
}

no_spdx() {
	sources '*.c' '*.h' '*.cc' '*.py' '*.sh' 'tools/evidence/web/*' Makefile \
		.clang-format |
		while read -r file; do
			head -n2 "$file" | grep -q SPDX-License-Identifier || echo "$file"
		done
}

# Pools and workloads are kernel C: no libc header, no word about which build it is.
knows_its_build() {
	sources 'variants/*.[ch]' 'bench/workloads/*.[ch]' |
		xargs -d '\n' grep -nE \
			'^#include <(std|string|unistd|pthread)|SHIM|__KERNEL__'
}

# A file over 90 columns is one that nobody has read in a terminal.
long_lines() {
	{ sources '*.c' '*.h' '*.cc' '*.py' '*.sh' 'tools/*'; scripts_of ''; } | sort -u |
		while read -r file; do
			expand "$file" | LC_ALL=C.UTF-8 grep -nE '^.{91}' |
				sed "s|^|$file:|"
		done
}

none() {
	local out

	out=$("$@")
	[[ -z $out ]] || echo "$out"
}

lint_kernel_c
check_with shellcheck shellcheck xargs -a <(scripts_of /bin/bash) -d '\n' shellcheck
check_with pyflakes3 pyflakes xargs -a <(python | sort -u) -d '\n' pyflakes3
check_with codespell codespell xargs -a <(sources ':!COPYING') -d '\n' codespell -q 3 \
	-L 'extraversion'
check spdx none no_spdx
check walls none knows_its_build
check columns none long_lines
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0))
