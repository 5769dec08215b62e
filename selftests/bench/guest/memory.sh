#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest: what memory connections take. Sourced.

# slab_caches MODE: its caches of connections, as far as they are there.
slab_caches() {
	case $1 in
	sluice) find /sys/kernel/slab/ -maxdepth 1 -name 'sluice_conn*' ;;
	ipvs) find /sys/kernel/slab/ -maxdepth 1 -name ip_vs_conn ;;
	esac
}

# slab_objects MODE: connections that are in memory.
slab_objects() {
	local cache n total=0
	for cache in $(slab_caches "$1"); do
		read -r n _ <"$cache/objects"
		total=$((total + n))
	done
	echo $total
}

# memory_report MODE: lines 'slab BYTES', of its caches in whole slabs, and 'used BYTES', all memory that
# is in use.
memory_report() {
	local cache slabs order total=0
	# Free pages that a CPU keeps for itself do not count as free: let it keep none.
	echo 1000000 >/proc/sys/vm/percpu_pagelist_high_fraction
	# What caches keep for the next ones, and pages of files; once more for what was on its way.
	for _ in 1 2 3; do
		sync
		for cache in $(slab_caches "$1"); do
			echo 1 >"$cache/shrink"
		done
		echo 3 >/proc/sys/vm/drop_caches
		sleep 0.3
	done
	for cache in $(slab_caches "$1"); do
		read -r slabs _ <"$cache/slabs"
		read -r order <"$cache/order"
		total=$((total + slabs * (4096 << order)))
	done
	echo "slab $total"
	awk '/^MemTotal:/ { total = $2 } /^MemFree:/ { free = $2 }
		END { printf "used %d\n", (total - free) * 1024 }' /proc/meminfo
	echo 0 >/proc/sys/vm/percpu_pagelist_high_fraction
}

# memory_before MODE, memory_after MODE CASE CONNECTIONS: prints lines 'CASE-slab MODE BYTES CONNECTIONS'
# and the same with -used, of what is there more than before.
declare -A MEMORY=()
memory_before() {
	local what bytes
	while read -r what bytes; do MEMORY[$what]=$bytes; done <<<"$(memory_report "$1")"
}

memory_after() {
	local what bytes
	while read -r what bytes; do
		echo "$2-$what $1 $((bytes - MEMORY[$what])) $3"
	done <<<"$(memory_report "$1")"
}
