#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# For tests written in bash, which source this: runs their functions called test_..., and
# says what it found. $tmp is theirs, and goes away.

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM HUP QUIT
passed=0 failed=0 skipped=0

# Runs "$@"; leaves status, out and err.
run() {
	status=0
	"$@" >"$tmp/out" 2>"$tmp/err" || status=$?
	out=$(<"$tmp/out")
	err=$(<"$tmp/err")
}

fail() {
	echo "# $1" >&2
	return 1
}

exits() {
	[[ $status -eq $1 ]] || fail "exit $status, not $1: $out $err"
}

# Exactly one line of complaint, and it holds $1.
complains() {
	[[ $(wc -l <"$tmp/err") -eq 1 && $err == *"$1"* ]] || fail "stderr: $err"
}

same() {
	[[ $1 == "$2" ]] || fail "got '$1', not '$2'"
}

holds() {
	[[ $1 == *"$2"* ]] || fail "'$1' lacks '$2'"
}

lacks() {
	[[ $1 != *"$2"* ]] || fail "'$1' holds '$2'"
}

# Runs the test $1 in a subshell of its own; 77 from it means that it cannot run.
# set -e is ignored wherever a status is tested, so the subshell stands alone.
check() {
	local code

	set +e
	(
		set -e
		"test_$1"
	) 2>"$tmp/why"
	code=$?
	set -e
	case $code in
	0)	echo "ok $1"; passed=$((passed + 1)) ;;
	77)	echo "skip $1: $(<"$tmp/why")"; skipped=$((skipped + 1)) ;;
	*)	echo "not ok $1"; cat "$tmp/why" >&2; failed=$((failed + 1)) ;;
	esac
}

# Every test there is, and the line that counts them.
check_all() {
	local name

	for name in $(declare -F | sed -n 's/^declare -f test_//p'); do
		check "$name"
	done
	echo "$passed passed, $failed failed, $skipped skipped"
	[[ $failed -eq 0 ]]
}
