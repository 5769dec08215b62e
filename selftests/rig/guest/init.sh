#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Process 1 of a guest once its root is complete: runs one command, looks for what it left behind,
# and writes the command's status last of all, so that a guest that dies on the way never passes.
#
# On /out, from the host: 'mode' (run or shell), 'console' (device), 'argv' (words, NUL after each).
# On /out, to the host: 'dmesg', 'leaks', 'problems' (one a line), 'status'.

. /src/selftests/rig/lib/complaints.sh

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root LANG=C.UTF-8 SLUICE_TARGET SLUICE_LONG
SLUICE_TARGET=$(cat /out/target)
SLUICE_LONG=$(cat /out/long)
mode=$(cat /out/mode)
console=$(cat /out/console)
kmemleak=/sys/kernel/debug/kmemleak

problem() { printf '%s\n' "$*" >>/out/problems; }

mounts() {
	mkdir -p /dev/pts /dev/shm
	mount -t devpts -o ptmxmode=666 devpts /dev/pts
	mount -t tmpfs -o mode=1777 shm /dev/shm
	mount -t tmpfs -o mode=1777 tmp /tmp
	mount -t tmpfs -o mode=755 run /run
	mount -t debugfs debugfs /sys/kernel/debug
	mount -t cgroup2 cgroup2 /sys/fs/cgroup
	mkdir -p /run/lock /var/log/nginx
	ln -sfn /proc/self/fd /dev/fd
	ln -sfn /proc/self/fd/0 /dev/stdin
	ln -sfn /proc/self/fd/1 /dev/stdout
	ln -sfn /proc/self/fd/2 /dev/stderr
} 2>/dev/null

# kmemleak reports what it found unreferenced and unchanged since the scan before: it takes two.
leaks_scan() {
	taskset -c 0 sh -c "echo scan >$kmemleak; sleep 0.5; echo scan >$kmemleak"
}

# What the kernel itself leaked at boot is not ours. Objects younger than five seconds are not
# looked at, so the base line has to wait for the boot to be that old.
leaks_baseline() {
	[ -e $kmemleak ] || return
	local up
	read -r up _ </proc/uptime
	[ "${up%.*}" -ge 8 ] || sleep $((8 - ${up%.*}))
	echo scan=off >$kmemleak
	leaks_scan
	echo clear >$kmemleak
}

# Another pair of scans, for what was on the move during the first: it is no longer listed then.
leaks_after() {
	[ -e $kmemleak ] || return
	sleep 6
	leaks_scan
	[ ! -s $kmemleak ] || leaks_scan
	cat $kmemleak >/out/leaks
	[ ! -s /out/leaks ] || problem "kmemleak: $(grep -c '^unreferenced' /out/leaks) objects leaked"
}

# Everything the command left running or set up goes; then our modules must be able to go, too.
leave_nothing() {
	kill -KILL -1 2>/dev/null
	local ns m left removed
	for ns in $(ip netns list 2>/dev/null | cut -d' ' -f1); do
		ip netns del "$ns"
	done
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		left='' removed=''
		# One that another one uses goes after that.
		for m in "/lib/modules/$(uname -r)"/updates/*.ko; do
			m=$(basename "$m" .ko)
			[ -d "/sys/module/${m//-/_}" ] || continue
			if modprobe -r "$m" 2>/out/unload; then removed=$m; else left=$m; fi
		done
		[ -n "$left" ] || return
		[ -n "$removed" ] || sleep 0.5
	done
	problem "module $left cannot be unloaded: $(cat /out/unload)"
}

mounts
hostname sluice
ip link set lo up
# Warnings and worse reach the console log even if the guest dies before it can be asked.
dmesg -n 5
leaks_baseline
tainted=$(cat /proc/sys/kernel/tainted)
echo "$RIG_MARK" >/dev/kmsg

cd /src || exit
if [ "$mode" = shell ]; then
	setsid -c bash -c 'stty sane; exec bash -l' <>"$console" >&0 2>&1
	status=$?
else
	stty -F "$console" raw -echo 2>/dev/null
	mapfile -d '' -t argv </out/argv
	setsid "${argv[@]}" </dev/null >"$console" 2>&1
	status=$?
fi

leave_nothing
leaks_after
grep -qs 'debug_locks: *0' /proc/lockdep_stats && problem "lockdep has turned itself off"
now=$(cat /proc/sys/kernel/tainted)
# Died, bad page, warning, soft lockup: what no pattern can miss.
bad=$((now & ~tainted & (1 << 7 | 1 << 5 | 1 << 9 | 1 << 14)))
[ $bad -eq 0 ] || problem "the kernel is tainted: $bad (see Documentation/admin-guide/tainted-kernels)"
dmesg >/out/dmesg
echo $status >/out/status
busybox poweroff -f
