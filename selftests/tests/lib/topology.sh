#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# More topologies, for after setup_balancer.

# add_router: a router between the client and the balancer; sets ROUTER and a new C.
#   client     10.0.3.2   fd00:3::2    default route to the router
#   router     10.0.3.1   fd00:3::1    clients' side, c0
#              10.0.1.2   fd00:1::2    balancer's side, eth0
add_router() {
	ROUTER=$C
	setup_ns C
	forwarding "$ROUTER"
	link "$C" eth0 "$ROUTER" c0
	addr "$C" eth0 10.0.3.2/24 fd00:3::2/64
	addr "$ROUTER" c0 10.0.3.1/24 fd00:3::1/64
	route "$C" default 10.0.3.1
	route "$C" default fd00:3::1
	route "$B" 10.0.3.0/24 10.0.1.2
	route "$B" fd00:3::/64 fd00:1::2
}

# add_second_way: another link between the balancer and the first server, and an address of the server
# that is reached by either of them.
#   balancer   10.0.6.1   fd00:6::1    second link, s1b
#   server 1   10.0.6.2   fd00:6::2    second link, eth1
#              10.0.9.9   fd00:9::9    on its loopback device
add_second_way() {
	link "$B" s1b "$S1" eth1
	addr "$B" s1b 10.0.6.1/24 fd00:6::1/64
	addr "$S1" eth1 10.0.6.2/24 fd00:6::2/64
	addr "$S1" lo 10.0.9.9/32 fd00:9::9/128
}

# usual_addresses DEVICE: addresses and routes of setup_balancer with one server, where the eth0 of client
# and server, the balancer's c0 and its DEVICE on the server's side were made in another way.
usual_addresses() {
	addr "$B" c0 10.0.1.1/24 10.0.1.100/32 fd00:1::1/64 fd00:1::100/128
	addr "$B" "$1" 10.0.2.1/24 fd00:2::1/64
	balancer_peer "$C" 10.0.1.2/24 fd00:1::2/64 10.0.1.1 fd00:1::1
	balancer_peer "$S1" 10.0.2.11/24 fd00:2::11/64 10.0.2.1 fd00:2::1
}

# setup_direct [N]: balancer and N servers (2) that answer the client without it; in both families.
# Sets C, ROUTER, B, S1..SN.
#   client     10.0.3.2     fd00:3::2      default route to the router
#   router     10.0.3.1     fd00:3::1      clients' side, c0
#              10.0.2.254   fd00:2::fe     the others' side, a bridge br0 with a port each: p0, s1..sN
#   balancer   10.0.2.1     fd00:2::1      eth0, default route to the router
#              10.0.2.100   fd00:2::100    virtual addresses
#              10.0.9.100   fd00:9::100    virtual addresses, which the router sends to it
#   server I   10.0.2.1I    fd00:2::1I     I+10; eth0, default route to the router, and all the virtual
#                                          addresses on lo
setup_direct() {
	local n=${1:-2} i s roles=(C ROUTER B)
	for ((i = 1; i <= n; i++)); do roles+=("S$i"); done
	setup_ns "${roles[@]}"
	forwarding "$ROUTER"
	forwarding "$B"
	{
		echo "link add c0 type veth peer name eth0 netns $C"
		echo "link add br0 type bridge stp_state 0 forward_delay 0"
		echo "link add p0 type veth peer name eth0 netns $B"
		for ((i = 1; i <= n; i++)); do
			s=S$i
			echo "link add s$i type veth peer name eth0 netns ${!s}"
			echo "link set s$i master br0 up"
		done
		echo "link set p0 master br0 up"
		printf 'link set %s up\n' c0 br0
		echo "addr add 10.0.3.1/24 dev c0"
		echo "addr add fd00:3::1/64 dev c0 nodad"
		echo "addr add 10.0.2.254/24 dev br0"
		echo "addr add fd00:2::fe/64 dev br0 nodad"
		echo "route add 10.0.9.100 via 10.0.2.1"
		echo "route add fd00:9::100 via fd00:2::1"
	} | ip -n "$ROUTER" -batch - || fatal "cannot set up the router"
	in_ns "$ROUTER" sysctl -qw net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.br0.send_redirects=0
	balancer_peer "$C" 10.0.3.2/24 fd00:3::2/64 10.0.3.1 fd00:3::1
	balancer_peer "$B" 10.0.2.1/24 fd00:2::1/64 10.0.2.254 fd00:2::fe
	addr "$B" eth0 10.0.2.100/32
	# IPv6 would choose it for packets to the servers, too.
	ip -n "$B" addr add fd00:2::100/128 dev eth0 preferred_lft 0 nodad
	for ((i = 1; i <= n; i++)); do
		s=S$i
		# Nobody but the balancer answers for the virtual addresses.
		in_ns "${!s}" sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
		balancer_peer "${!s}" "10.0.2.$((10 + i))/24" "fd00:2::$((10 + i))/64" 10.0.2.254 fd00:2::fe
		addr "${!s}" lo 10.0.2.100/32 fd00:2::100/128 10.0.9.100/32 fd00:9::100/128
	done
}

# direct_services METHOD: on all virtual addresses of setup_direct, ports 80 and 81 of TCP and UDP, in
# turn to the same ports of the first two servers; METHOD is -g or -i.
direct_services() {
	local vip option port i server
	for vip in 10.0.2.100 '[fd00:2::100]' 10.0.9.100 '[fd00:9::100]'; do
		for option in -t -u; do
			for port in 80 81; do
				echo "-A $option $vip:$port -s rr"
				for i in 11 12; do
					if [[ $vip = \[* ]]; then server="[fd00:2::$i]"; else server=10.0.2.$i; fi
					echo "-a $option $vip:$port -r $server:$port $1"
				done
			done
		done
	done | in_ns "$B" sluiceadm -R || fatal "cannot set up the services"
}
