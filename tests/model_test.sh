#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Searches all states of tests/model/percpu_magazine.pml with spin: the model must hold,
# with nothing in it that never happens, and each of its mutations must fail.
set -u
model=$(realpath "$(dirname "$0")/model/percpu_magazine.pml")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM HUP QUIT
passed=0 failed=0

# verify NAME OPTIMISATION MACRO...: searches until the first error; output is $tmp/NAME.
verify() {
	local dir=$tmp/$1.d level=$2

	mkdir "$dir" && cd "$dir" || return
	{
		spin -a "${@:3}" "$model" &&
			gcc -w "$level" -DSAFETY -DNOREDUCE -o pan pan.c &&
			./pan -m2000000
	} >"$tmp/$1" 2>&1
}

# Two at a time.
start() {
	while (($(jobs -rp | wc -l) >= 2)); do
		wait -n
	done
	verify "$@" &
}

check() {
	local name=$1 out

	if out=$("${@:2}"); then
		echo "ok $name"
		passed=$((passed + 1))
	else
		printf 'not ok %s\n%s\n' "$name" "$out"
		failed=$((failed + 1))
	fi
}

# All states were seen, and no error.
holds() {
	if ! grep -q 'errors: 0$' "$tmp/$1" ||
		grep -qE 'Search not completed|too small|out of memory' "$tmp/$1"; then
		cat "$tmp/$1"
		return 1
	fi
}

fails_with() {
	grep -qF "$2" <(grep '^pan:1:' "$tmp/$1") ||
		{ echo "expected: $2"; cat "$tmp/$1"; return 1; }
}

# Statements of the model that no search came to, by process; works have no end.
unreached() {
	awk '/^unreached in/ { process = $NF }
		/, state [0-9]+, / && !/"-end-"/ {
			sub(/^.*\//, ""); sub(/, ".*/, ""); print process ": " $0
		}' "$tmp/$1" | sort -u
}

all_is_reached() {
	local name out

	out=$(for name; do unreached "$name"; done | sort | uniq -c |
		sed -n "s/^ *$# //p")
	[[ -z $out ]] || { echo "never reached: $out"; return 1; }
}

for tool in spin gcc; do
	if ! command -v "$tool" >/dev/null; then
		echo "skip model: $tool is not there"
		exit 0
	fi
done

# Who takes part: two CPUs; a CPU and an interrupt; a CPU and a reader.
cpus=(-DINTERRUPTS=0 -DREADERS=0)
interrupt=(-DTASKS=1 -DREADERS=0)
reader=(-DTASKS=1 -DINTERRUPTS=0)

start cpus -O1 -DCAPACITY=1 "${cpus[@]}"
start interrupt -O0 -DCAPACITY=1 "${interrupt[@]}"
start interrupt_2 -O0 -DCAPACITY=2 "${interrupt[@]}"
start reader -O0 -DCAPACITY=1 "${reader[@]}"
start depot_unlocked -O0 -DDEPOT_UNLOCKED "${cpus[@]}"
start swap_loses_count -O0 -DSWAP_LOSES_COUNT "${cpus[@]}"
start drain_from_afar -O0 -DDRAIN_FROM_AFAR "${cpus[@]}"
start condemn_early -O0 -DCONDEMN_EARLY "${cpus[@]}"
start free_unmasked -O0 -DFREE_UNMASKED "${interrupt[@]}"
start trim_unmasked -O0 -DTRIM_UNMASKED "${interrupt[@]}"
start partial_to_depot -O0 -DPARTIAL_TO_DEPOT -DCAPACITY=2 "${interrupt[@]}"
start no_grace -O0 -DNO_GRACE "${reader[@]}"
start look_after_unlock -O0 -DLOOK_AFTER_UNLOCK "${reader[@]}"
wait

for name in cpus interrupt interrupt_2 reader; do
	check "model_holds_$name" holds "$name"
done
check model_is_all_reached all_is_reached cpus interrupt interrupt_2 reader

# A block lost or in two places; handed out twice; put back that is none, or is there;
# out of a page that is unlinked.
count='assertion violated (places=='
twice='out[given]'
absent='!(is_free[given])'
unlinked='.state==1)'
gone='assertion violated page[at].memory'
check mutation_depot_unlocked fails_with depot_unlocked "$count"
check mutation_swap_loses_count fails_with swap_loses_count "$count"
check mutation_drain_from_afar fails_with drain_from_afar "$twice"
check mutation_free_unmasked fails_with free_unmasked "$twice"
check mutation_partial_to_depot fails_with partial_to_depot "$absent"
check mutation_condemn_early fails_with condemn_early "$unlinked"
check mutation_no_grace fails_with no_grace "$gone"
check mutation_look_after_unlock fails_with look_after_unlock "$gone"
check mutation_trim_unmasked fails_with trim_unmasked 'invalid end state'
echo "$passed passed, $failed failed"
((failed == 0))
