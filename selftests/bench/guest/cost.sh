#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest under --icount: what a packet costs, in instructions.
#   cost.sh TOOLS CASES MODE...          CASES and modes as in cases.sh; 'ipvs+firewall' is a mode
# Prints a line 'CASE MODE NANOSECONDS PACKETS SENT DELIVERED' for each, or 'CASE MODE unavailable WHY'.
set -eu

here=$(dirname "$(readlink -f "$0")")
if [ "${1:-}" != --inside ]; then
	tools=$1 cases=$2
	shift 2
	modprobe -a tun act_mirred act_gact cls_matchall cls_u32 sch_ingress nf_conntrack \
		ip_vs ip_vs_rr nft_chain_nat sluice
	for mode in "$@"; do
		unshare -n "$tools/ports" c0 s0 -- "$here/cost.sh" --inside "$tools" "$cases" "$mode"
		# The namespace goes in the background; nothing of that may fall into what comes next.
		sleep 3
	done
	exit 0
fi
tools=$2 cases=$3 mode=$4
. "$here/ports.sh"
. "$here/modes.sh"
. "$here/cases.sh"
ports_up
case $mode in
*+firewall) mode_setup "${mode%+*}" firewall ;;
*) mode_setup "$mode" ;;
esac
for case in $cases; do
	case_applies "$case" "$mode" || continue
	case_run "$case" "$mode"
done
