#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dig asks real DNS servers through a UDP service and a TCP service of one pool.
. "${0%/*}/../lib/lib.sh"

load_sluice
setup_balancer 2
for i in 1 2; do
	server=S$i
	in_ns "${!server}" dnsmasq --conf-file=/dev/null --no-daemon --no-resolv --no-hosts \
		--user=root --pid-file= --address="/who.example/192.0.2.$i" \
		--txt-record="big.example,$(printf '%0255d' "$i"),$(printf '%0255d' "$i"),$(printf '%0255d' "$i")" \
		>"$TEST_DIR/dns$i.log" 2>&1 &
	disown
	wait_listening "${!server}" udp 53
	wait_listening "${!server}" tcp 53
done

# One pool for both protocols.
in_ns "$B" sluiceadm -R <<'EOR'
pool add dns4 --family inet -s rr
pool add dns6 --family inet6 -s rr
-a --pool dns4 -r 10.0.2.11:53
-a --pool dns4 -r 10.0.2.12:53
-a --pool dns6 -r [fd00:2::11]:53
-a --pool dns6 -r [fd00:2::12]:53
-A -u 10.0.1.100:53 --pool dns4
-A -t 10.0.1.100:53 --pool dns4
-A -u [fd00:1::100]:53 --pool dns6
-A -t [fd00:1::100]:53 --pool dns6
EOR

# answers OPTION...: of four questions in one run of dig, each from a port of its own.
answers() {
	in_ns "$C" dig +short +tries=1 +time=10 "$@" who.example A who.example A who.example A \
		who.example A 2>&1 | sort | uniq -c | awk '{ printf "%s%s=%s", sep, $2, $1; sep = " " }'
}

for vip in 10.0.1.100 fd00:1::100; do
	check_eq "$vip: UDP is spread over both" "192.0.2.1=2 192.0.2.2=2" "$(answers "@$vip")"
	check_eq "$vip: TCP is spread over both" "192.0.2.1=2 192.0.2.2=2" "$(answers +tcp "@$vip")"
	# The first answer is truncated, the second question comes by TCP.
	check_eq "$vip: a truncated answer is asked for again by TCP" 1 \
		"$(in_ns "$C" dig +short +noedns +time=10 "@$vip" big.example TXT | wc -l)"
done
check_eq "the two services have counted their own connections" "5 5 5 5" \
	"$(in_ns "$B" sluiceadm -L -n --nosort --json | jq -r '.services[].stats.connections' | paste -sd' ')"
check_eq "and each pool all of them" "10 10" \
	"$(in_ns "$B" sluiceadm pool show --json | jq -r '.pools[].stats.connections' | paste -sd' ')"
