#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sluice at work: a balancer, three machines with real web and DNS servers, and clients, all in
# network namespaces. Meant for the throw-away guest of 'make demo'. Exit status 0 when everything was
# as it should be, 1 with a reason otherwise.

set -u
DEMO=$(dirname "$(readlink -f "$0")")
. "$DEMO/lib.sh"
. "$DEMO/servers.sh"
. "$DEMO/traffic.sh"
. "$DEMO/removal.sh"

CLIENT4=10.0.1.2 CLIENT6=fd00:1::2
VIP4=10.0.1.100 VIP6=fd00:1::100

picture() {
	cat <<-EOF
		                                               +---- server-1  10.0.2.11  fd00:2::11
		  client ------------ balancer ----------------+---- server-2  10.0.2.12  fd00:2::12
		  10.0.1.2            10.0.1.100               +---- server-3  10.0.2.13  fd00:2::13
		  fd00:1::2           fd00:1::100
		                      the virtual addresses    each runs nginx (TCP port 80)
		                                               and dnsmasq (UDP port 53)

		Each of the five is a network namespace with a network stack of its own. The client knows
		the virtual addresses only. The servers' default route is the balancer.
	EOF
}

say 'Sluice demo: spread web and DNS traffic over three servers, in the kernel.'
heading 'The network'
picture
setup_balancer 3
servers_start

heading 'The balancer'
say 'A service is what clients connect to. Web requests go to the servers in turn (rr); of the DNS' \
	'queries server-1 gets twice as many as each of the others (wrr, weights 2 1 1). Forwarding is' \
	'by NAT (-m).' ''
show balancer 'modprobe sluice'
for vip in "$VIP4" "[$VIP6]"; do
	show balancer "sluiceadm -A -t $vip:80 -s rr"
	show balancer "sluiceadm -A -u $vip:53 -s wrr"
done
for i in 1 2 3; do
	weight=1
	[ $i -gt 1 ] || weight=2
	show balancer "sluiceadm -a -t $VIP4:80 -r 10.0.2.1$i:80 -m -w 1"
	show balancer "sluiceadm -a -u $VIP4:53 -r 10.0.2.1$i:53 -m -w $weight"
	show balancer "sluiceadm -a -t [$VIP6]:80 -r [fd00:2::1$i]:80 -m -w 1"
	show balancer "sluiceadm -a -u [$VIP6]:53 -r [fd00:2::1$i]:53 -m -w $weight"
done

heading 'Requests, each over a connection of its own'
say 'Every server answers with its name.' ''
get="curl -s -H 'Connection: close'"
show client "$get 'http://$VIP4/?[1-12]' | xargs"
show client "$get 'http://[$VIP6]/?[1-12]' | xargs"
show client "yes whoami.example TXT | head -n 12 | dig @$VIP4 +short +tries=1 -f - | xargs"
show client "yes whoami.example TXT | head -n 12 | dig @$VIP6 +short +tries=1 -f - | xargs"
web4=$(web_served $CLIENT4) web6=$(web_served $CLIENT6)
dns4=$(dns_served $CLIENT4) dns6=$(dns_served $CLIENT6)
say ''
spread_title
spread 'web, IPv4' "$web4"
spread 'web, IPv6' "$web6"
spread 'DNS, IPv4' "$dns4"
spread 'DNS, IPv6' "$dns6"
say '' "The logs have the client's own addresses, $CLIENT4 and $CLIENT6." ''
expect 'web requests over IPv4 were spread evenly' "$web4" '4 4 4'
expect 'web requests over IPv6 were spread evenly' "$web6" '4 4 4'
expect 'DNS queries over IPv4 were spread 2 to 1 to 1' "$dns4" '6 3 3'
expect 'DNS queries over IPv6 were spread 2 to 1 to 1' "$dns6" '6 3 3'

heading 'What the balancer counted'
show balancer 'sluiceadm -L -n --stats'

heading 'Taking server-2 out while clients are at work'
removal

say '' "Shown: Sluice spread web and DNS traffic, IPv4 and IPv6, over three servers as told; one server was
taken out during $ASKED requests, and none of them failed."
