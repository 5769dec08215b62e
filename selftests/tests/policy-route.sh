#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Replies follow policy rules for the service's address, not for the server's.
# Targets: qemu-6.12 uml-debug
. "${0%/*}/../lib/lib.sh"

# Packets that arrived at a device of the client.
received() {
	ip -n "$C" -j -s link show "$1" | jq '.[0].stats64.rx.packets'
}

load_sluice
setup_balancer 1
serve_http "$S1" 80 one
link "$C" eth1 "$B" c1
addr "$C" eth1 10.0.5.2/24 fd00:5::2/64
addr "$B" c1 10.0.5.1/24 fd00:5::1/64
in_ns "$C" sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth1.rp_filter=0

for family in 4 6; do
	if [ $family = 4 ]; then
		vip=10.0.1.100 url=10.0.1.100 server=10.0.2.11 gateway=10.0.5.2
	else
		vip=fd00:1::100 url='[fd00:1::100]' server='[fd00:2::11]' gateway=fd00:5::2
	fi
	ip -$family -n "$B" rule add from $vip lookup 100
	ip -$family -n "$B" route add default via $gateway dev c1 table 100
	in_ns "$B" sluiceadm -A -t "$url:80" -s rr
	in_ns "$B" sluiceadm -a -t "$url:80" -r "$server:80" -m

	# Neighbour discovery is not to be counted.
	in_ns "$B" ping -q -c 1 -w 5 $gateway >/dev/null
	before0=$(received eth0) before1=$(received eth1)
	check_eq "IPv$family: the service answers" one "$(in_ns "$C" curl -s -m 20 "http://$url/")"
	check_range "IPv$family: the answer came by the link that the rule names" 4 50 \
		$(($(received eth1) - before1))
	check_range "IPv$family: nothing but neighbour discovery came by the other" 0 3 \
		$(($(received eth0) - before0))
done
