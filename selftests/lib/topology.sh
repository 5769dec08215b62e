#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A small network to balance in, of network namespaces and veth pairs. Sourced.
#
#   client ---- balancer ---- switch ---- server 1 .. N
#         .2   .1      .1           .11 .. .10+N
#
# The clients' net is 192.0.2.0/24 and 2001:db8:1::/64, the servers' net 198.51.100.0/24 and
# 2001:db8:2::/64. The default route of both sides is the balancer, which forwards and has VIP4 and
# VIP6 as addresses of its own; packets for any other address reach it, too. No address waits for
# duplicate address detection. Names are random, so that any number of these fit beside each other.

# shellcheck disable=SC2034 # for those who source this file
CLIENT4=192.0.2.2 CLIENT6=2001:db8:1::2
BALANCER4=192.0.2.1 BALANCER6=2001:db8:1::1
INSIDE4=198.51.100.1 INSIDE6=2001:db8:2::1
VIP4=192.0.2.100 VIP6=2001:db8:1::100

# Set by topology_up: names of namespaces, and by server number (1 ...) name and addresses.
CLIENT='' BALANCER='' SWITCH=''
SERVER=() SERVER4=() SERVER6=()

# topology_up [SERVERS]: build it, with 3 servers unless told otherwise. Undo with topology_down.
# Interfaces: client and servers have 'net0', the balancer has 'clients' and 'servers'.
topology_up() {
	local servers=${1:-3} id i
	printf -v id '%04x%04x' $RANDOM $RANDOM
	CLIENT=client-$id BALANCER=balancer-$id SWITCH=switch-$id
	SERVER=() SERVER4=() SERVER6=()
	for ((i = 1; i <= servers; i++)); do
		SERVER[i]=server$i-$id
		SERVER4[i]=198.51.100.$((10 + i))
		SERVER6[i]=2001:db8:2::$((10 + i))
	done
	topology_links "$servers" | ip -batch - || return
	topology_switch "$servers" | ip -n "$SWITCH" -batch - || return
	topology_node "$CLIENT" $CLIENT4 $CLIENT6 $BALANCER4 $BALANCER6 || return
	for ((i = 1; i <= servers; i++)); do
		topology_node "${SERVER[i]}" "${SERVER4[i]}" "${SERVER6[i]}" $INSIDE4 $INSIDE6 || return
	done
	ip netns exec "$BALANCER" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 || return
	ip -n "$BALANCER" -batch - <<-EOF
		link set lo up
		link set clients addrgenmode none up
		link set servers addrgenmode none up
		address add fe80::1/64 dev clients nodad
		address add fe80::1/64 dev servers nodad
		address add $BALANCER4/24 dev clients
		address add $BALANCER6/64 dev clients nodad
		address add $VIP4/32 dev clients
		address add $VIP6/128 dev clients nodad
		address add $INSIDE4/24 dev servers
		address add $INSIDE6/64 dev servers nodad
	EOF
}

# topology_links SERVERS: commands for ip -batch: namespaces, cables and the switch.
topology_links() {
	local i
	printf 'netns add %s\n' "$CLIENT" "$BALANCER" "$SWITCH" "${SERVER[@]}"
	echo "link add net0 netns $CLIENT type veth peer name clients netns $BALANCER"
	echo "link add servers netns $BALANCER type veth peer name balancer netns $SWITCH"
	for ((i = 1; i <= $1; i++)); do
		echo "link add net0 netns ${SERVER[i]} type veth peer name server$i netns $SWITCH"
	done
}

# topology_node NAMESPACE ADDRESS4 ADDRESS6 GATEWAY4 GATEWAY6
topology_node() {
	ip -n "$1" -batch - <<-EOF
		link set lo up
		link set net0 addrgenmode none up
		address add fe80::${3##*:}/64 dev net0 nodad
		address add $2/24 dev net0
		address add $3/64 dev net0 nodad
		route add default via $4
		route add default via $5
	EOF
}

# topology_switch SERVERS: commands for ip -batch in the switch.
topology_switch() {
	local i port
	echo "link add bridge type bridge mcast_snooping 0"
	echo "link set bridge addrgenmode none up"
	for ((i = 0; i <= $1; i++)); do
		port=server$i
		[ "$i" -gt 0 ] || port=balancer
		echo "link set $port addrgenmode none master bridge up"
	done
}

# topology_down: end what still runs in the namespaces, then delete them.
topology_down() {
	local ns
	for ns in $CLIENT $BALANCER $SWITCH "${SERVER[@]}"; do
		ip netns pids "$ns" 2>/dev/null | xargs -r kill -KILL 2>/dev/null
		ip netns del "$ns" 2>/dev/null
	done
	CLIENT='' BALANCER='' SWITCH='' SERVER=()
}
