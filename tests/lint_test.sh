#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Style and spelling: the kernel's checkpatch over the kernel C, shellcheck over the
# scripts, codespell over everything, an SPDX line in every source file, and the walls
# between the rooms.
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

skip() {
	echo "skip $1: $2"
	skipped=$((skipped + 1))
}

sources() {
	git ls-files -co --exclude-standard -- "$@"
}

