#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sluiceadm as a process, where no module is loaded: output, errors and exit statuses.

: "${SLUICEADM:?}"
. "${0%/*}/lib/command.sh"

# Into a pipe that has been opened for reading, but is no more.
to_nobody() {
	local pipe reader writer status
	pipe=$(mktemp -u)
	mkfifo "$pipe"
	exec {reader}<>"$pipe"
	exec {writer}>"$pipe" {reader}<&-
	rm "$pipe"
	"$@" >&"$writer"
	status=$?
	exec {writer}>&-
	return $status
}
# With a daemon whose socket is there, and nobody who answers on it.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
silent() {
	python3 - "$folder/control" "$@" <<-'EOP'
	import os, socket, subprocess, sys
	with socket.socket(socket.AF_UNIX) as daemon:
	    daemon.bind(sys.argv[1])
	    daemon.listen()
	    os.environ['SLUICED_CONTROL'] = sys.argv[1]
	    sys.exit(subprocess.run(sys.argv[2:], timeout=20).returncode)
	EOP
}
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
check "a folder to restore" 1 "sluiceadm: $folder: Is a directory" "$SLUICEADM" --replace "$folder"
check "a route of no service" 2 "sluiceadm: route show web: needs -t" "$SLUICEADM" route show web
long=$(printf '%0600d' 0)
check "a long word leaves room for the reason" 2 \
	"sluiceadm: pool '${long:0:200}': not 1 to 63 printable characters without blanks" \
	"$SLUICEADM" pool del "$long"
check "a key that is not there" 1 "sluiceadm: sticky-key $folder/none: No such file or directory" \
	"$SLUICEADM" relay set -t 10.0.0.1:80 "sticky-key=$folder/none"
check "a daemon that does not answer" 1 \
	"sluiceadm: $folder/control: sluiced runs but does not answer: it is stopped or very busy; see 'systemctl status sluiced' and its log, then try again" \
	silent "$SLUICEADM" daemon show
if [ ! -d /sys/module/sluice ]; then
	check "no module" 1 'sluiceadm: the sluice module is not loaded: run "modprobe sluice"' \
		"$SLUICEADM" -L
	check "no module to restore into" 1 \
		'sluiceadm: the sluice module is not loaded: run "modprobe sluice"' \
		input '# first\n\n-C\n-C\n'
fi
finish
