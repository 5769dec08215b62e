#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Health checks of SCTP: a server that takes associations, one that is not there, and silence.
# Targets: qemu-6.12 uml-debug
. "${0%/*}/../lib/lib.sh"

need_module sctp
setup_ns B S
link "$B" eth0 "$S" eth0
for pair in "$B 1" "$S 2"; do
	read -r ns i <<<"$pair"
	ip -n "$ns" address add "10.0.1.$i/24" dev eth0
	ip -n "$ns" address add "fd00:1::$i/64" dev eth0 nodad
done
ip -n "$B" neighbour add 10.0.1.9 lladdr 02:00:00:00:00:09 dev eth0

in_ns "$S" python3 -c '
import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, 132)
s.bind(("::", 9899))
s.listen(5)
while True:
    s.accept()' &
at_exit kill $!

sctp() { in_ns "$B" sluice-check sctp "$@" timeout=20000; }
busywait 60000 sctp 10.0.1.2 9899 >/dev/null
check_eq "IPv4: associated" "passed - - associated" "$(sctp 10.0.1.2 9899)"
check_eq "IPv6: associated" "passed - - associated" "$(sctp fd00:1::2 9899)"
check_eq "with a source address" "passed - - associated" "$(sctp fd00:1::2 9899 source=fd00:1::1)"
check_eq "refused" "failed - - Connection refused, waiting for the connection" "$(sctp 10.0.1.2 9)"
check_eq "silent" "failed - - timed out after 500 ms, waiting for the connection" \
	"$(in_ns "$B" sluice-check sctp 10.0.1.9 9 timeout=500)"
