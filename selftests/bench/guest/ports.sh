#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest: a balancer with two ports that a program (tools/inject) puts packets into, and counters
# for those that come out. Sourced in a network namespace that has the tap devices c0 and s0.

VIP4=10.0.1.100 CLIENT4=10.0.1.2 SERVER4=10.0.2.2
VIP6=fd00:1::100 CLIENT6=fd00:1::2 SERVER6=fd00:2::2
# Ports of the service for each way of forwarding, and of the server where it is another one.
NAT=80 DR=81 TUNNEL=82 NAT_SERVER=8080

ports_up() {
	sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
		net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.c0.accept_dad=0 \
		net.ipv6.conf.s0.accept_dad=0
	# Addresses of ports end in 1, those of the neighbours there in 2, as inject has them.
	ip -batch - <<-EOI
		link set lo up
		link set c0 address 02:00:00:00:01:01 up
		link set s0 address 02:00:00:00:02:01 up
		addr add 10.0.1.1/24 dev c0
		addr add $VIP4/32 dev c0
		addr add 10.0.2.1/24 dev s0
		addr add fd00:1::1/64 dev c0
		addr add $VIP6/128 dev c0
		addr add fd00:2::1/64 dev s0
		neigh replace $CLIENT4 dev c0 lladdr 02:00:00:00:01:02 nud permanent
		neigh replace $SERVER4 dev s0 lladdr 02:00:00:00:02:02 nud permanent
		neigh replace $CLIENT6 dev c0 lladdr 02:00:00:00:01:02 nud permanent
		neigh replace $SERVER6 dev s0 lladdr 02:00:00:00:02:02 nud permanent
	EOI
	tc qdisc add dev c0 clsact
	tc qdisc add dev s0 clsact
}

# ports_wire: from port to port, past everything else.
ports_wire() {
	local from=c0 to=s0
	for _ in 1 2; do
		tc filter add dev $from ingress protocol all matchall \
			action mirred egress redirect dev $to
		from=s0 to=c0
	done
}

# ports_expect DEVICE MATCH...: what leaves by DEVICE ends there; what matches is counted, the rest
# apart. u32 compares as many words in every mode, whatever the values are.
ports_expect() {
	local device=$1
	shift
	tc -batch - <<-EOT
		filter add dev $device egress protocol $1 prio 1 u32 ${*:2} action drop
		filter add dev $device egress protocol all prio 2 matchall action drop
	EOT
}

# ports_counted DEVICE: packets that matched.
ports_counted() {
	tc -s filter show dev "$1" egress prio 1 | awk '$1 == "Sent" { n = $4 } END { print n + 0 }'
}

ports_forget() { tc filter del dev "$1" egress; }
