#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Ports move to another namespace, firewalls come and go, and the module goes, all under fast traffic.
# Targets: uml-debug
# Long: 900
# Exclusive: yes
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/load.sh"

rounds=$(long_or 100 2)
TARGETS=("tcp,10.0.1.100,80" "udp,10.0.1.100,80" "tcp,fd00:1::100,80" "udp,fd00:1::100,80")

# client_side, server_side: what a device of the balancer loses when it moves.
client_side() {
	ip -n "$B" link set c0 up
	addr "$B" c0 10.0.1.1/24 10.0.1.100/32 fd00:1::1/64 fd00:1::100/128
}

server_side() {
	ip -n "$B" link set s0 up
	addr "$B" s0 10.0.2.1/24 fd00:2::1/64
}

configure() {
	local option
	for option in -t -u; do
		echo "-A $option 10.0.1.100:80 -s rr"
		echo "-A $option [fd00:1::100]:80 -s rr"
		echo "-a $option 10.0.1.100:80 -r 10.0.2.11:8001"
		echo "-a $option [fd00:1::100]:80 -r [fd00:2::11]:8001"
	done | in_ns "$B" sluiceadm -R
}

# Packets that the IP layer has got: what is fast does not count.
received() { in_ns "$B" nstat -asz IpInReceives Ip6InReceives | awk '/InReceives/ { s += $2 } END { print s }'; }

fast_share() {
	local before packets
	before=$(received)
	in_ns "$B" sluiceadm -Z
	no_request_fails || return 1
	packets=$(in_ns "$B" sluiceadm pool show --json |
		jq '[.. | objects | select(has("in-packets")) | .["in-packets"] + .["out-packets"]] | add')
	[ $((10 * ($(received) - before))) -lt "$packets" ]
}

load_sluice
setup_ns C B S1 OTHER
forwarding "$B"
link "$C" eth0 "$B" c0
link "$S1" eth0 "$B" s0
client_side
server_side
balancer_peer "$C" 10.0.1.2/24 fd00:1::2/64 10.0.1.1 fd00:1::1
balancer_peer "$S1" 10.0.2.11/24 fd00:2::11/64 10.0.2.1 fd00:2::1
in_ns "$C" sysctl -qw net.ipv4.tcp_tw_reuse=1
serve_echo "$S1" 8001
configure
check "it works before" all_work nothing
check "most packets are fast" fast_share

bad=""
for ((i = 1; i <= rounds; i++)); do
	begin_round
	ip -n "$B" link set c0 netns "$OTHER"
	ip -n "$OTHER" link set c0 netns "$B"
	client_side
	end_round "the clients' port" || bad+=" client-$i"

	begin_round
	ip -n "$B" link set s0 netns "$OTHER"
	ip -n "$OTHER" link set s0 netns "$B"
	server_side
	end_round "the servers' port" || bad+=" server-$i"

	begin_round
	for j in 1 2 3 4 5; do
		in_ns "$B" nft "add table inet w; add chain inet w f { type filter hook forward priority 0; };
			add rule inet w f ct state established,related,new accept"
		in_ns "$B" nft "delete table inet w"
	done
	end_round "firewalls" || bad+=" firewall-$i"

	begin_round
	if ! modprobe -r sluice; then
		bad+=" unload-$i"
	else
		[ ! -d /sys/module/sluice ] || bad+=" unloaded-$i"
		modprobe sluice
		configure
	fi
	end_round "the module" || bad+=" module-$i"

	begin_round
	in_ns "$B" sluiceadm -C
	configure
	end_round "the services" || bad+=" services-$i"
done
check_eq "after each change everything works again" "" "$bad"
check_eq "each time there was traffic" 0 "$IDLE_ROUNDS"
check "most packets are fast again" busywait 20000 fast_share
ip netns del "$B"
check_slab_empty sluice_conn
