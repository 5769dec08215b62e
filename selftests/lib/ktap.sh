#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Results of a test in the kernel's KTAP form, and what happens at its end. Sourced by lib.sh.

# A process costs tens of milliseconds in an emulated guest: none is made for a result.
KTAP_PASS=0 KTAP_FAIL=0 KTAP_SKIP=0
KSFT_PASS=0 KSFT_FAIL=1 KSFT_SKIP=4
CLEANUPS=()

# ok NAME: one case passed.
ok() {
	KTAP_PASS=$((KTAP_PASS + 1))
	echo "ok $((KTAP_PASS + KTAP_FAIL + KTAP_SKIP)) $*"
}

# not_ok NAME: one case failed.
not_ok() {
	KTAP_FAIL=$((KTAP_FAIL + 1))
	echo "not ok $((KTAP_PASS + KTAP_FAIL + KTAP_SKIP)) $*"
}

# skip NAME WHY: one case does not apply here.
skip() {
	KTAP_SKIP=$((KTAP_SKIP + 1))
	echo "ok $((KTAP_PASS + KTAP_FAIL + KTAP_SKIP)) $1 # SKIP $2"
}

# note TEXT: for whoever reads the output of a failure.
note() { printf '# %s\n' "${*//$'\n'/$'\n'# }"; }

# skip_all WHY: the whole test does not apply here.
skip_all() {
	echo "1..0 # SKIP $*"
	KTAP_ENDED=1
	exit $KSFT_SKIP
}

# fatal WHY: the test cannot go on, and that is a failure.
fatal() {
	not_ok "$*"
	exit $KSFT_FAIL
}

# check NAME COMMAND...: a case that passes if the command succeeds; its output is shown if not.
check() {
	local name=$1 output
	shift
	if output=$("$@" 2>&1); then
		ok "$name"
	else
		note "failed ($?): $*"
		note "$output"
		not_ok "$name"
		return 1
	fi
}

# check_fails NAME PATTERN COMMAND...: passes if the command fails and what it prints, which is in
# OUTPUT afterwards, matches.
check_fails() {
	local name=$1 pattern=$2
	shift 2
	if OUTPUT=$("$@" 2>&1); then
		note "succeeded, and should not have: $*"
	elif grep -qE -- "$pattern" <<<"$OUTPUT"; then
		ok "$name"
		return 0
	else
		note "failed as it should, but without saying '$pattern': $*"
	fi
	note "$OUTPUT"
	not_ok "$name"
	return 1
}

# check_eq NAME EXPECTED ACTUAL
check_eq() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		note "expected: $2"
		note "actual:   $3"
		not_ok "$1"
		return 1
	fi
}

# check_range NAME LOW HIGH ACTUAL: for integers, both ends included.
check_range() {
	if [[ $4 =~ ^-?[0-9]+$ ]] && [ "$4" -ge "$2" ] && [ "$4" -le "$3" ]; then
		ok "$1"
	else
		note "expected: $2 to $3"
		note "actual:   $4"
		not_ok "$1"
		return 1
	fi
}

# at_exit COMMAND...: runs when the test ends, however it ends; last one first.
at_exit() { CLEANUPS+=("$(printf '%q ' "$@")"); }

ktap_end() {
	local status=$? i
	trap - EXIT
	set +e
	for ((i = ${#CLEANUPS[@]} - 1; i >= 0; i--)); do
		eval "${CLEANUPS[i]}" >/dev/null 2>&1
	done
	[ -z "${KTAP_ENDED:-}" ] || exit "$status"
	# A test that stops half way, by 'set -e' or a signal, has not passed.
	if [ "$status" -ne 0 ] && [ $KTAP_FAIL -eq 0 ]; then
		not_ok "ended with status $status before its end"
	elif [ "$((KTAP_PASS + KTAP_FAIL + KTAP_SKIP))" -eq 0 ]; then
		not_ok "no case was run"
	fi
	echo "1..$((KTAP_PASS + KTAP_FAIL + KTAP_SKIP))"
	echo "# Totals: pass:$KTAP_PASS fail:$KTAP_FAIL xfail:0 xpass:0 skip:$KTAP_SKIP error:0"
	[ $KTAP_FAIL -eq 0 ] || exit $KSFT_FAIL
	[ $KTAP_PASS -gt 0 ] || exit $KSFT_SKIP
	exit $KSFT_PASS
}
