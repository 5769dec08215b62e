#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest under --icount: routing by the first bytes of a connection, by Sluice and by HAProxy.
#   sniff.sh CONNECTIONS PINGS
# Prints what sniff.py does, for each mode in turn.
set -eu

here=$(dirname "$(readlink -f "$0")")
VIP=10.0.1.100 SERVER=10.0.2.2

mac() { ip -n "$1" -j link show "$2" | sed 's/.*"address":"\([^"]*\)".*/\1/'; }

# up MODE: namespaces client-MODE, balancer-MODE, server-MODE.
up() {
	local c=client-$1 b=balancer-$1 s=server-$1 ns
	for ns in $c $b $s; do
		ip netns add "$ns"
		ip -n "$ns" link set lo up
	done
	ip link add eth0 netns "$c" type veth peer name c0 netns "$b"
	ip link add eth0 netns "$s" type veth peer name s0 netns "$b"
	for ns in "$c eth0" "$s eth0" "$b c0" "$b s0"; do
		ip -n "${ns% *}" link set "${ns#* }" up
	done
	ip -n "$c" addr add 10.0.1.2/24 dev eth0
	ip -n "$s" addr add $SERVER/24 dev eth0
	ip -n "$b" addr add 10.0.1.1/24 dev c0
	ip -n "$b" addr add $VIP/32 dev c0
	ip -n "$b" addr add 10.0.2.1/24 dev s0
	ip -n "$c" route add default via 10.0.1.1
	ip -n "$s" route add default via 10.0.2.1
	ip netns exec "$b" sysctl -qw net.ipv4.ip_forward=1
}

# From port to port, past everything else: each end takes the other for its router.
mode_wire() {
	local from=c0 to=s0
	for _ in 1 2; do
		tc -n balancer-wire qdisc add dev $from clsact
		tc -n balancer-wire filter add dev $from ingress protocol all matchall \
			action mirred egress redirect dev $to
		from=s0 to=c0
	done
	ip -n client-wire neigh replace 10.0.1.1 lladdr "$(mac server-wire eth0)" dev eth0
	ip -n server-wire neigh replace 10.0.2.1 lladdr "$(mac client-wire eth0)" dev eth0
}

mode_route() { :; }

mode_flow() {
	ip netns exec balancer-flow sluiceadm -R <<-EOR
		-A -t $VIP:80 -s rr
		-a -t $VIP:80 -r $SERVER:8080
		-A -t $VIP:443 -s rr
		-a -t $VIP:443 -r $SERVER:8080
	EOR
}

mode_sniff() { ip netns exec balancer-sniff sluiceadm -R <"$here/sniff.rules"; }

mode_haproxy() {
	ip netns exec balancer-haproxy haproxy -D -f "$here/sniff.haproxy" >/dev/null
}

modprobe sluice
connections=$1 pings=$2
for mode in wire route flow sniff haproxy; do
	up $mode
	mode_$mode
	to=$VIP http=80 tls=443
	case $mode in
	wire | route) to=$SERVER http=8080 tls=8080 ;;
	esac
	packets=$pings
	[ $mode != haproxy ] || packets=0
	python3 "$here/sniff.py" $mode client-$mode server-$mode $to $http http "$connections" "$packets"
	python3 "$here/sniff.py" $mode client-$mode server-$mode $to $tls tls "$connections" 0
done
pkill haproxy
