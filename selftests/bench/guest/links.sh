#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest: client, balancer and server as namespaces with veth between them, one set for each mode,
# and pktgen in the client or the server. pktgen is for timing on UML, where a system call for each packet
# would cost more than the packet. Sourced.

VIP4=10.0.1.100 CLIENT4=10.0.1.2 SERVER4=10.0.2.2
NAT=80 NAT_SERVER=8080

mac() { ip -n "$1" -j link show "$2" | sed 's/.*"address":"\([^"]*\)".*/\1/'; }

# links_up MODE: namespaces client-MODE, balancer-MODE, server-MODE, with 10.0.1.0/24 and 10.0.2.0/24.
# Clients are also 10.16.0.0/12.
links_up() {
	local c=client-$1 b=balancer-$1 s=server-$1 ns
	for ns in $c $b $s; do
		ip netns add "$ns"
		ip -n "$ns" link set lo up
	done
	ip link add c1 netns "$c" type veth peer name c0 netns "$b"
	ip link add s1 netns "$s" type veth peer name s0 netns "$b"
	ip -n "$c" addr add $CLIENT4/24 dev c1
	ip -n "$b" addr add 10.0.1.1/24 dev c0
	ip -n "$b" addr add $VIP4/32 dev c0
	ip -n "$b" addr add 10.0.2.1/24 dev s0
	ip -n "$s" addr add $SERVER4/24 dev s1
	ip -n "$c" link set c1 up
	ip -n "$b" link set c0 up
	ip -n "$b" link set s0 up
	ip -n "$s" link set s1 up
	ip -n "$b" neigh replace $CLIENT4 dev c0 lladdr "$(mac "$c" c1)" nud permanent
	ip -n "$b" neigh replace $SERVER4 dev s0 lladdr "$(mac "$s" s1)" nud permanent
	ip -n "$b" route add 10.16.0.0/12 via $CLIENT4
	ip -n "$c" route add default via 10.0.1.1
	ip -n "$s" route add default via 10.0.2.1
	ip netns exec "$b" sysctl -qw net.ipv4.ip_forward=1
}

# links_pktgen MODE: pktgen sends from client and server, and links_sink works there.
links_pktgen() {
	local end
	for end in "client-$1 c1" "server-$1 s1"; do
		# shellcheck disable=SC2086 # two words
		set -- $end
		ip -n "$1" link set "$2" promisc on
		tc -n "$1" qdisc add dev "$2" clsact
		ip netns exec "$1" sh -c "echo add_device $2 >/proc/net/pktgen/kpktgend_0"
	done
}

# links_sink MODE on|off: the far ends drop what arrives, and count it.
links_sink() {
	local end
	for end in "client-$1 c1" "server-$1 s1"; do
		if [ "$2" = on ]; then
			tc -n "${end% *}" filter add dev "${end#* }" ingress protocol ip prio 1 matchall action drop
		else
			tc -n "${end% *}" filter del dev "${end#* }" ingress
		fi
	done
}

# links_arrived NAMESPACE DEVICE: packets dropped there so far.
links_arrived() {
	tc -n "$1" -s filter show dev "$2" ingress prio 1 |
		awk '$1 == "Sent" { n = $4 } END { print n + 0 }'
}

# links_configure MODE
links_configure() {
	local b=balancer-$1 adm
	case $1 in
	wire)
		tc -n "$b" qdisc add dev c0 clsact
		tc -n "$b" qdisc add dev s0 clsact
		tc -n "$b" filter add dev c0 ingress protocol ip matchall action mirred egress redirect dev s0
		tc -n "$b" filter add dev s0 ingress protocol ip matchall action mirred egress redirect dev c0
		;;
	ipvs | sluice)
		adm=sluiceadm
		[ "$1" = sluice ] || adm=ipvsadm
		ip netns exec "$b" $adm -R <<-EOR
			-A -u $VIP4:$NAT -s rr
			-a -u $VIP4:$NAT -r $SERVER4:$NAT_SERVER -m
			-A -t $VIP4:5201 -s rr
			-a -t $VIP4:5201 -r $SERVER4:5201 -m
		EOR
		;;
	esac
}

# links_timeout MODE SECONDS: how long an unanswered UDP flow is kept that begins from now on.
links_timeout() {
	case $1 in
	sluice) ip netns exec balancer-sluice sluiceadm settings set "udp=$2s" "udp-new=$2s" ;;
	ipvs) ip netns exec balancer-ipvs ipvsadm --set 0 0 "$2" ;;
	esac
}

# links_connections MODE: how many UDP flows to the service there are.
links_connections() {
	case $1 in
	sluice)
		ip netns exec balancer-sluice sluiceadm info --json |
			sed -n 's/.*"connections": *\([0-9]*\).*/\1/p' | head -n 1
		;;
	ipvs)
		ip netns exec balancer-ipvs ipvsadm -Ln -u "$VIP4:$NAT" |
			awk '$1 == "->" && $2 ~ /[0-9]/ { print $5 + $6 }'
		;;
	esac
}

# client_address N: of those behind the client.
client_address() { echo "10.16.$(($1 / 256)).$(($1 % 256))"; }

# pg_send MODE out|back PACKETS SPREAD [FLAG [SKIP]]: SPREAD is PORTS or PORTSxADDRESSES of clients,
# beyond the first SKIP addresses. Prints nanoseconds a packet and how many arrived. '!SHARED': a packet
# that pktgen still holds is copied by IP, which no packet from a card is. Of ports pktgen leaves out the
# last, of addresses it does not.
pg_send() {
	local ns=client-$1 dev=c1 to=$VIP4 far=server-$1 far_dev=s1 before arrived=0 i
	local ports=${4%x*} addresses=1 first=$CLIENT4 last=$CLIENT4 ends flags
	case $4 in
	*x*)
		addresses=${4#*x}
		first=$(client_address $((${6:-0})))
		last=$(client_address $((${6:-0} + addresses - 1)))
		;;
	esac
	[ "$1" != route ] || to=$SERVER4
	ends="src_min $first;src_max $last;dst $to"
	ends+=";udp_src_min 1024;udp_src_max $((1024 + ports));udp_dst_min $NAT;udp_dst_max $NAT"
	if [ "$2" = back ]; then
		ns=server-$1 dev=s1 far=client-$1 far_dev=c1
		ends="src_min $SERVER4;src_max $SERVER4;udp_src_min $NAT_SERVER;udp_src_max $NAT_SERVER"
		ends+=";dst_min $first;dst_max $last;udp_dst_min 1024;udp_dst_max $((1024 + ports))"
	fi
	flags="flag !SHARED;flag !UDPSRC_RND;flag !IPSRC_RND${5:+;flag $5}"
	before=$(links_arrived "$far" "$far_dev")
	ip netns exec "$ns" bash -eu -c '
		pg() { echo "$2" >"/proc/net/pktgen/$1"; }
		IFS=";"
		for option in $1; do pg "$0" "$option"; done
		pg pgctrl start' "$dev" \
		"count $3;clone_skb 0;pkt_size 60;dst_mac $(mac "balancer-$1" "${dev%1}0");$flags;$ends"
	for ((i = 0; i < 50; i++)); do
		arrived=$(($(links_arrived "$far" "$far_dev") - before))
		[ $arrived -lt "$3" ] || break
		sleep 0.02
	done
	# 'OK: 12345(c12000+d345) usec, ...': of the time in all.
	ip netns exec "$ns" awk -v n="$3" -v arrived=$arrived '/Result: OK:/ {
		sub(/.*OK: /, ""); printf "%.1f %d\n", $0 * 1000 / n, arrived }' "/proc/net/pktgen/$dev"
}
