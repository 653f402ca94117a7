#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests of "make torture" and of what it runs, for a second.
set -u
cd "$(dirname "$0")/.." || exit 1

program=build/asan/contract/percpu_magazine/contract
passed=0 failed=0

# Runs a command; ok if it ends with status $2 and says what $3 matches.
check() {
	local name=$1 status=$2 pattern=$3 out got

	shift 3
	out=$("$@" 2>&1)
	got=$?
	if ((got == status)) && grep -qE -- "$pattern" <<<"$out"; then
		echo "ok $name"
		passed=$((passed + 1))
	else
		printf 'not ok %s\nexit %s: %s\n' "$name" "$got" "$out"
		failed=$((failed + 1))
	fi
}

if [[ ! -x $program ]]; then
	echo "skip torture: $program is not built"
	exit 0
fi
check a_second 0 '^percpu_magazine: round [0-9]+, [1-9][0-9]* s, .*: fine$' \
	"$program" torture 1
check a_seed_is_kept 0 '^percpu_magazine: round 1, .*_SEED=42: fine$' \
	env DMAPOOL_TEST_SEED=42 "$program" torture 0
check no_number 2 "^contract: 'torture' is not understood: call it" "$program" torture 1x
check the_target 0 '60 \* 3 / 2' make -n torture MINUTES=3 VARIANTS=percpu_magazine
echo "$passed passed, $failed failed"
((failed == 0))
