# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Tests of a command as a process: exit statuses and errors. Sourced.

count=0 failed=0

# result PASSED NAME: PASSED is a number, 0 for yes.
result() {
	local word=ok
	if [ "$1" -ne 0 ]; then
		word='not ok'
		failed=$((failed + 1))
	fi
	count=$((count + 1))
	echo "$word $count $2"
}

# check NAME STATUS STDERR COMMAND...: STDERR is all that may be there. What is printed goes to the
# file OUTPUT.
OUTPUT=/dev/null
check() {
	local name=$1 status=$2 expect=$3 error passed=0
	shift 3
	error=$("$@" 2>&1 >"$OUTPUT")
	set -- $? "$error"
	if [ "$1" -ne "$status" ] || [ "$2" != "$expect" ]; then
		echo "# status $1, '$2'"
		passed=1
	fi
	result $passed "$name"
}

to_full() { "$@" >/dev/full; }

# The last command of a test.
finish() {
	echo "1..$count"
	[ "$failed" -eq 0 ]
}
