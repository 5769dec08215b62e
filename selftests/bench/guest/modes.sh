#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest: how each mode is configured. Sourced after ports.sh.
#   mode_setup MODE [firewall]

# What could not be configured, and what was said of it: read by the measurement.
declare -A UNAVAILABLE=()

mode_wire() { ports_wire; }

mode_route() { :; }

mode_ipvs() {
	ipvsadm -R <<-EOR
		-A -u $VIP4:$NAT -s rr
		-a -u $VIP4:$NAT -r $SERVER4:$NAT_SERVER -m
		-A -t $VIP4:$NAT -s rr
		-a -t $VIP4:$NAT -r $SERVER4:$NAT_SERVER -m
		-A -u [$VIP6]:$NAT -s rr
		-a -u [$VIP6]:$NAT -r [$SERVER6]:$NAT_SERVER -m
		-A -t [$VIP6]:$NAT -s rr
		-a -t [$VIP6]:$NAT -r [$SERVER6]:$NAT_SERVER -m
		-A -u $VIP4:$DR -s rr
		-a -u $VIP4:$DR -r $SERVER4:$DR -g
		-A -u $VIP4:$TUNNEL -s rr
		-a -u $VIP4:$TUNNEL -r $SERVER4:$TUNNEL -i
	EOR
}

mode_sluice() {
	local what error
	sluiceadm -R <<-EOR
		-A -u $VIP4:$NAT -s rr
		-a -u $VIP4:$NAT -r $SERVER4:$NAT_SERVER -m
		-A -t $VIP4:$NAT -s rr
		-a -t $VIP4:$NAT -r $SERVER4:$NAT_SERVER -m
		-A -u [$VIP6]:$NAT -s rr
		-a -u [$VIP6]:$NAT -r [$SERVER6]:$NAT_SERVER -m
		-A -t [$VIP6]:$NAT -s rr
		-a -t [$VIP6]:$NAT -r [$SERVER6]:$NAT_SERVER -m
		-A -u $VIP4:$DR -s rr
		-A -u $VIP4:$TUNNEL -s rr
	EOR
	for what in "dr $DR -g" "tunnel $TUNNEL -i"; do
		# shellcheck disable=SC2086 # three words
		set -- $what
		error=$(sluiceadm -a -u "$VIP4:$2" -r "$SERVER4:$2" "$3" 2>&1) ||
			UNAVAILABLE[$1]=${error:-sluiceadm failed}
	done
}

# DNAT as nftlb has it: one lookup from protocol, address and port to the service's chain, which
# picks a server by number and rewrites; conntrack does the rest.
mode_nft() {
	nft -f - <<-EOR
		table ip nftlb {
			map services {
				type inet_proto . ipv4_addr . inet_service : verdict
				elements = { udp . $VIP4 . $NAT : goto nat-udp,
					tcp . $VIP4 . $NAT : goto nat-tcp }
			}
			chain prerouting {
				type nat hook prerouting priority dstnat; policy accept
				ip protocol . ip daddr . th dport vmap @services
			}
			chain nat-udp {
				ip protocol udp dnat ip to numgen inc mod 1 map { 0 : $SERVER4 . $NAT_SERVER }
			}
			chain nat-tcp {
				ip protocol tcp dnat ip to numgen inc mod 1 map { 0 : $SERVER4 . $NAT_SERVER }
			}
		}
	EOR
}

# Twenty rules of a usual stateful firewall, the service among the last of them. INPUT is what
# clients of a service on the host pass, FORWARD what is routed.
firewall_chain() {
	local i
	echo "chain $1 { type filter hook $1 priority filter; policy drop;"
	echo 'ct state established,related accept'
	echo 'ct state invalid drop'
	echo 'iifname "lo" accept'
	echo 'icmp type echo-request accept'
	echo 'icmpv6 type { echo-request, nd-neighbor-solicit, nd-neighbor-advert } accept'
	for i in 22 25 53 110 123 143 161 389 587 636 993 995 3306; do
		echo "ip saddr 192.168.0.0/16 tcp dport $i accept"
	done
	echo "tcp dport { $NAT, $NAT_SERVER } accept"
	echo "udp dport { $NAT, $NAT_SERVER, $DR, $TUNNEL } accept"
	echo '}'
}

mode_firewall() {
	{
		echo 'table inet firewall {'
		firewall_chain input
		firewall_chain forward
		echo '}'
	} | nft -f -
	# IPVS hides its connections from the firewall unless told not to.
	[ "$1" != ipvs ] || sysctl -qw net.ipv4.vs.conntrack=1
}

mode_setup() {
	"mode_$1"
	[ "${2:-}" != firewall ] || mode_firewall "$1"
	# While the guest waits for a file of the host its clock runs ahead, the farther the more the host
	# has to do: no flow is to expire between two cases. Checksums are the network card's work, and
	# these ports are none.
	case $1 in
	sluice) sluiceadm settings set udp=1h udp-new=1h ;;
	ipvs) ipvsadm --set 0 0 3600 ;;
	esac
	[ ! -e /proc/sys/net/netfilter/nf_conntrack_checksum ] ||
		sysctl -qw net.netfilter.nf_conntrack_checksum=0 net.netfilter.nf_conntrack_udp_timeout=3600 \
			net.netfilter.nf_conntrack_udp_timeout_stream=3600
}
