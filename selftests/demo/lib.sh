#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How the demo talks, fails and cleans up; what it shares with the tests. Sourced by demo.sh.

# What the tests' helpers for networks and servers ask for.
# shellcheck disable=SC2034
TEST_NAME=demo
TEST_DIR=$(mktemp -d)
CLEANUPS=()
at_exit() { CLEANUPS+=("$(printf '%q ' "$@")"); }
fatal() { fail "$@"; }
. "$DEMO/../lib/net.sh"

clean_up() {
	local i
	for ((i = ${#CLEANUPS[@]} - 1; i >= 0; i--)); do
		eval "${CLEANUPS[i]}"
	done
} >/dev/null 2>&1
trap clean_up EXIT
at_exit rm -rf "$TEST_DIR"

say() { printf '%s\n' "$@"; }

# heading TEXT: numbered.
HEADINGS=0
heading() {
	HEADINGS=$((HEADINGS + 1))
	printf '\n== %d. %s ==\n\n' "$HEADINGS" "$*"
}

# show PLACE COMMANDLINE: print a command line as one types it on the 'client' or the 'balancer', and
# run it there.
show() {
	local ns=$C
	[ "$1" != balancer ] || ns=$B
	printf '%s$ %s\n' "$1" "$2"
	in_ns "$ns" bash -c "$2" || fail "'$2' failed with exit status $?"
}

# fail TEXT: the end of a demo that did not show what it should.
fail() {
	printf '\ndemo: FAILED: %s\n' "$*"
	exit 1
}

# expect STATEMENT ACTUAL WANTED: the statement is true if both are the same.
expect() {
	[ "$2" = "$3" ] || fail "it is not true that $1: found $2, expected $3"
	printf '  ok: %s\n' "$1"
}

# wait_until WHAT COMMAND...: until the command succeeds; it is a failure when that takes a minute.
wait_until() {
	local what=$1
	shift
	busywait 60000 "$@" || fail "waited a minute in vain until $what"
}
