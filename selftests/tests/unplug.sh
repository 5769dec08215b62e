#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Links and namespaces go away under traffic, again and again: nothing is kept alive or used afterwards.
# Targets: uml-debug
# Timeout: 240
# Long: 900
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/load.sh"

rounds=$(long_or 200 4)
TARGETS=("tcp,10.0.1.100,80" "udp,10.0.1.100,80" "tcp,fd00:1::100,80" "udp,fd00:1::100,80")

# client_link, server_links: as in setup_balancer; made anew after each unplugging.
client_link() {
	link "$C" eth0 "$B" c0
	addr "$C" eth0 10.0.1.2/24 fd00:1::2/64
	addr "$B" c0 10.0.1.1/24 10.0.1.100/32 fd00:1::1/64 fd00:1::100/128
	route "$C" default 10.0.1.1
	route "$C" default fd00:1::1
}

server_link() {
	local s=S$1
	link "${!s}" eth0 "$B" "s$1"
	ip -n "$B" link set "s$1" master br0
	addr "${!s}" eth0 "10.0.2.$((10 + $1))/24" "fd00:2::$((10 + $1))/64"
	route "${!s}" default 10.0.2.1
	route "${!s}" default fd00:2::1
}

bridge() {
	ip -n "$B" link add br0 type bridge stp_state 0 forward_delay 0
	ip -n "$B" link set br0 up
	addr "$B" br0 10.0.2.1/24 fd00:2::1/64
	ip -n "$B" link set s1 master br0
	ip -n "$B" link set s2 master br0
}

configure() {
	local option
	for option in -t -u; do
		echo "-A $option 10.0.1.100:80 -s rr"
		echo "-A $option [fd00:1::100]:80 -s rr"
		for i in 11 12; do
			echo "-a $option 10.0.1.100:80 -r 10.0.2.$i:8001"
			echo "-a $option [fd00:1::100]:80 -r [fd00:2::$i]:8001"
		done
	done | in_ns "$B" sluiceadm -R
}

load_sluice
setup_balancer 2
in_ns "$C" sysctl -qw net.ipv4.tcp_tw_reuse=1
serve_echo "$S1" 8001
serve_echo "$S2" 8001
configure
check "it works before" all_work nothing

bad=""
for ((i = 1; i <= rounds; i++)); do
	begin_round
	ip -n "$B" link del c0
	client_link
	end_round "the client's link" || bad+=" client-$i"

	begin_round
	ip -n "$B" link del br0
	bridge
	end_round "the bridge" || bad+=" bridge-$i"

	begin_round
	ip -n "$B" link del s1
	ip -n "$S2" link del eth0
	server_link 1
	server_link 2
	end_round "the servers' links" || bad+=" servers-$i"
done
check_eq "after each unplugging everything works again" "" "$bad"

# The balancer itself goes, with its links, while packets are in it.
gone=0
for ((i = 1; i <= rounds; i++)); do
	begin_round
	ip netns del "$B"
	stop_load "round-$ROUND"
	ip netns list | grep -q "^$B\b" || gone=$((gone + 1))
	# In the namespace's own time the links go, too.
	busywait 20000 eval '! ip -n "$C" link show eth0 && ! ip -n "$S1" link show eth0' || bad+=" links-$i"
	setup_ns B
	forwarding "$B"
	client_link
	ip -n "$B" link add br0 type bridge stp_state 0 forward_delay 0
	ip -n "$B" link set br0 up
	addr "$B" br0 10.0.2.1/24 fd00:2::1/64
	server_link 1
	server_link 2
	configure
	all_work "the balancer" || bad+=" balancer-$i"
done
check_eq "the balancer's namespace went each time" "$rounds" "$gone"
check_eq "and a new one works" "" "$bad"
check_eq "each time there was traffic" 0 "$IDLE_ROUNDS"
ip netns del "$B"
check_slab_empty sluice_conn4
check_slab_empty sluice_conn6
