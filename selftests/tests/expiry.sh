#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The collector takes out what has expired; a flood stops at connections-max and harms no connection.
# Targets: uml uml-debug
# Timeout: 300
# Long: 900
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/load.sh"

# The debug kernel takes 2 ms for a packet.
flows=6000
[ "$SLUICE_TARGET" != uml-debug ] || flows=2000
flows=$(long_or 200000 $flows)

adm() { in_ns "$B" sluiceadm "$@"; }
info() { adm info --json | jq "$1"; }
at_most() { [ "$(connection_count)" -le "$1" ]; }
at_least() { [ "$(connection_count)" -ge "$1" ]; }

load_sluice
setup_balancer 2
# The way back to clients that do not exist ends at the client.
for net in 198.18.0.0/15 fd00:9::/64; do
	route "$S1" $net "$([ $net = fd00:9::/64 ] && echo fd00:2::1 || echo 10.0.2.1)"
	route "$B" $net "$([ $net = fd00:9::/64 ] && echo fd00:1::2 || echo 10.0.1.2)"
done
serve_echo "$S1" 8001
adm -R <<'EOR'
-A -u 10.0.1.100:53 -s rr
-a -u 10.0.1.100:53 -r 10.0.2.11:8001
-A -u [fd00:1::100]:53 -s rr
-a -u [fd00:1::100]:53 -r [fd00:2::11]:8001
-A -t 10.0.1.100:80 -s rr
-a -t 10.0.1.100:80 -r 10.0.2.11:8001
-A -t [fd00:1::100]:80 -s rr
-a -t [fd00:1::100]:80 -r [fd00:2::11]:8001
EOR

# All there, then all gone, though nothing is sent any more. The time-out is long enough that none
# expires while the others are made.
adm settings set udp=60s udp-new=60s
each=$((flows / 2))
for ((at = 0; at < each; at += 50000)); do
	n=$((each - at < 50000 ? each - at : 50000))
	in_ns "$C" sl-flood udp 10.0.1.100 53 2000 $n
	in_ns "$C" sl-flood udp fd00:1::100 53 2000 $n
done
check_range "each flow is a connection" $((each < 50000 ? flows * 99 / 100 : 90000)) "$flows" "$(info .connections)"
# A change holds at once, for those at rest, too.
adm settings set udp=300ms udp-new=300ms
start=$SECONDS
# A pass takes eight runs of a second; the rest is for the machine.
check "all of them expire" busywait 60000 at_most $((flows / 100))
note "after $((SECONDS - start)) s"
check "the last one, too" busywait 20000 at_most 0
check_slab_empty sluice_conn4
check_slab_empty sluice_conn6

# A flood of SYNs of many addresses, each its own connection that never gets on.
max=$((flows / 4))
adm settings set connections-max=$max tcp-syn-sent=2s tcp-syn-recv=2s tcp-close=200ms tcp-time-wait=200ms
start_load held -k -i 20 tcp,10.0.1.100,80 tcp,fd00:1::100,80
check "there are connections before the flood" busywait 20000 at_least 2
for round in 1 2; do
	in_ns "$C" sl-flood syn 10.0.1.100 80 198.18.$round.1 $((flows / 2))
	[ $round = 2 ] || most=$(info .connections)
	in_ns "$C" sl-flood syn fd00:1::100 80 "fd00:9::$round:1" $((flows / 2))
done
check_range "the flood filled what there is room for, and no more" $((max / 4)) $((max + 2)) "$most"
refused=$(info .refusals.limit)
check_range "what was beyond it was refused and counted" 1 $((flows * 3)) "$refused"
stop_load held
check_eq "connections that were there went on all the time" "" "$(load_failures held)"
check_range "and were used" 10 10000000 "$(load_sum held requests)"
check_range "none was refused for memory" 0 0 "$(info .refusals.memory)"
check "everything of the flood expires" busywait 60000 at_most 0
check_slab_empty sluice_conn4
check_slab_empty sluice_conn6
adm settings set connections-max=1000000
start_load after -t 1 tcp,10.0.1.100,80 tcp,fd00:1::100,80
wait "${LOADS[after]}"
check_eq "new connections are made again, none fails" "" "$(load_failures after)"
