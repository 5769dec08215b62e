#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# curl gets pages of real nginx servers, in turn; their logs have the client's own address.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"

load_sluice
setup_balancer 3
for i in 1 2 3; do
	server=S$i
	serve_http "${!server}" 80 "server$i"
done

# requests URL COUNT: that many pages by one client, a new connection each; how often each server
# answered.
requests() {
	in_ns "$C" curl -sS --max-time 20 --no-keepalive -H 'Connection: close' "$1/[1-$2]" 2>&1 |
		sort | uniq -c | awk '{ printf "%s%s=%s", sep, $2, $1; sep = " " } END { print "" }'
}

log_of() { cat "$TEST_DIR/http-$1-80.log"; }

for vip in 10.0.1.100 '[fd00:1::100]'; do
	in_ns "$B" sluiceadm -R <<-EOR
		-A -t $vip:80 -s rr
	EOR
	for i in 11 12 13; do
		server=10.0.2.$i
		[ "$vip" = 10.0.1.100 ] || server="[fd00:2::$i]"
		in_ns "$B" sluiceadm -a -t "$vip:80" -r "$server:80" -m
	done
	check_eq "$vip: each server answers a third" "server1=4 server2=4 server3=4" \
		"$(requests "http://$vip" 12)"
done
for server in "$S1" "$S2" "$S3"; do
	# The log is written after the answer.
	busywait 10000 eval "[ \$(log_of $server | wc -l) -ge 8 ]" >/dev/null
	check_eq "the log of $server has the client's addresses" "4 10.0.1.2 4 fd00:1::2" \
		"$(log_of "$server" | sort | uniq -c | awk '{ printf "%s%s %s", sep, $1, $2; sep = " " }')"
done
check_eq "the listing counts the connections" "4 4 4 4 4 4" \
	"$(in_ns "$B" sluiceadm -L -n --json | jq -r '.services[].servers[].stats.connections' | paste -sd' ')"
