#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sluiceadm as a process, where no module is loaded: output, errors and exit statuses.

: "${SLUICEADM:?}"
count=0 failed=0

# check NAME STATUS STDERR COMMAND...: STDERR is all that may be there.
check() {
	local name=$1 status=$2 expect=$3 error result=ok
	shift 3
	error=$("$@" 2>&1 >/dev/null)
	set -- $? "$error"
	if [ "$1" -ne "$status" ] || [ "$2" != "$expect" ]; then
		echo "# status $1, '$2'"
		result='not ok'
		failed=$((failed + 1))
	fi
	count=$((count + 1))
	echo "$result $count $name"
}

to_full() { "$@" >/dev/full; }
to_nobody() { { sleep 0.2; "$@"; } | true; return "${PIPESTATUS[0]}"; }
input() { printf '%b' "$1" | "$SLUICEADM" -R; }

echo "KTAP version 1"
check "help" 0 "" "$SLUICEADM" --help
check "version" 0 "" "$SLUICEADM" -v
check "wrong usage" 2 "sluiceadm: -A: needs -t or -u" "$SLUICEADM" -A
check "a full disk" 1 "sluiceadm: standard output: No space left on device" \
	to_full "$SLUICEADM" -h
check "a reader that is gone" 1 "sluiceadm: standard output: Broken pipe" \
	to_nobody "$SLUICEADM" -h
check "nothing to restore" 0 "" input '# nothing\n'
check "a wrong line to restore" 1 "sluiceadm: standard input:2: -A: needs -t or -u" \
	input '-C\n-A\n-C\n'
if [ ! -d /sys/module/sluice ]; then
	check "no module" 1 'sluiceadm: the sluice module is not loaded: run "modprobe sluice"' \
		"$SLUICEADM" -L
	check "no module to restore into" 1 \
		'sluiceadm: standard input:3: the sluice module is not loaded: run "modprobe sluice"' \
		input '# first\n\n-C\n-C\n'
fi
echo "1..$count"
[ "$failed" -eq 0 ]
