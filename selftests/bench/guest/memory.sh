#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In a guest: what memory is taken. Sourced.
#   memory_report WHEN CACHE     lines 'slab WHEN BYTES OBJECT' and 'used WHEN BYTES': all slabs of that
#                                cache, one object in it, and all memory that is in use

memory_report() {
	local cache=/sys/kernel/slab/$2 slabs=0 order=0 object=0
	sync
	# What the cache keeps for the next ones, and pages of files.
	[ ! -e "$cache/shrink" ] || echo 1 >"$cache/shrink"
	echo 3 >/proc/sys/vm/drop_caches
	if [ -d "$cache" ]; then
		read -r slabs _ <"$cache/slabs"
		read -r order <"$cache/order"
		read -r object <"$cache/slab_size"
	fi
	echo "slab $1 $((slabs * (4096 << order))) $object"
	awk -v when="$1" '/^MemTotal:/ { total = $2 } /^MemFree:/ { free = $2 }
		END { printf "used %s %d\n", when, (total - free) * 1024 }' /proc/meminfo
}
