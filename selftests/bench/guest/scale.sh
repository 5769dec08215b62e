#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In a UML guest: ten million connections of Sluice's, and of IPVS's, in turns.
#   scale.sh [MILLIONS]
# Prints lines 'CASE MODE VALUE [SENT ARRIVED]' (nanoseconds, connections, bytes, milliseconds).
set -eu

declare -A slab=()
here=$(dirname "$(readlink -f "$0")")
. "$here/links.sh"
. "$here/memory.sh"
modes='ipvs sluice'
# Ten parts of 1,001 addresses with 1,000 ports each; these have no common factor, so that a cycle of
# both makes a flow of each pair.
parts=${1:-10} part=1001000 addresses=1001

say() { echo "bench: $*" >&2; }

# turns CASE RUNS SPREAD FLAG
turns() {
	local run mode ns arrived
	for ((run = 0; run < $2; run++)); do
		for mode in $modes; do
			read -r ns arrived <<<"$(pg_send "$mode" out 50000 "$3" "$4")"
			echo "$1 $mode $ns 50000 $arrived"
		done
	done
}

modprobe -a pktgen act_mirred act_gact cls_matchall sch_ingress sluice
# The most it takes here.
modprobe ip_vs conn_tab_bits=22
modprobe ip_vs_rr
for mode in $modes; do
	links_up "$mode"
	links_pktgen "$mode"
	links_sink "$mode" on
	links_configure "$mode"
	links_timeout "$mode" 3600
	pg_send "$mode" out 2000 1000 >/dev/null
done
ip netns exec balancer-sluice sluiceadm settings set connections-max=11000000

say "ten million connections of each, made in turns (usually 3 minutes)"
turns scale-flows-1000 11 1000 UDPSRC_RND
for mode in $modes; do
	memory_before "$mode"
	slab[$mode]=${MEMORY[slab]}
done
for ((i = 0; i < parts; i++)); do
	for mode in $modes; do
		read -r ns arrived <<<"$(pg_send "$mode" out $part 1000x$addresses '' $((i * addresses)))"
		echo "scale-new $mode $ns $part $arrived"
	done
done
for mode in $modes; do
	echo "scale-connections $mode $(links_connections "$mode")"
	MEMORY[slab]=${slab[$mode]}
	memory_after "$mode" scale-memory $((parts * part)) | grep -- -slab
done
say "packets of any of them (usually 10 s)"
turns scale-flows-10000000 11 1000x$((parts * addresses)) 'UDPSRC_RND;flag IPSRC_RND'

for mode in $modes; do
	say "$mode: forgetting them all (usually 15 s)"
	start=$(date +%s%N)
	ip netns del "balancer-$mode"
	# They go in the background, and the module cannot be unloaded before.
	while [ "$(slab_objects "$mode")" -gt 10000 ]; do
		sleep 0.1
	done
	echo "scale-forget $mode $((($(date +%s%N) - start) / 1000000))"
done
