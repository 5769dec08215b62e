#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests on UML: the kernel as a program in the root tree, at native speed.

# own_cpu: sets ON_CPU to what has a command run on one CPU of this host, which no other guest has meanwhile; to
# nothing if there is none. The kernel and the programs of a guest are processes of the host that wait for each
# other, in turn, at each system call: on one CPU that is a switch, between two a wake-up, which takes twice as long.
own_cpu() {
	local ranges range cpu fd
	ON_CPU=()
	mkdir -p "$CACHE/lock"
	IFS=, read -ra ranges < <(sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status)
	for range in "${ranges[@]}"; do
		for ((cpu = ${range%-*}; cpu <= ${range#*-}; cpu++)); do
			# Held until this process has ended, and the guest.
			exec {fd}>"$CACHE/lock/cpu-$cpu"
			if flock -n "$fd"; then
				ON_CPU=(taskset -c "$cpu")
				return
			fi
			exec {fd}>&-
		done
	done
}

# uml_start: the guest, in the foreground. From guest.sh: TARGET, MODE, SMP, MEM, SHARE, OUT.
uml_start() {
	local binds=() n=0 layer user smp=()
	for layer in "${LAYERS[@]}"; do
		binds+=(--bind "$layer" "/layers/$n")
		n=$((n + 1))
	done
	# Several CPUs work with seccomp only, and only in the debug kernel. Slab checks also do without
	# the per-CPU sheaves, in which pointers to objects long given out hide leaks from kmemleak.
	ON_CPU=()
	if [ "$TARGET" = uml ]; then own_cpu; else smp=("ncpus=$SMP" seccomp=on slab_debug=F); fi
	user=null,fd:3
	[ "$MODE" != shell ] || user=fd:4,fd:3
	echo /dev/tty1 >"$OUT/console"
	in_guest_root "${binds[@]}" "${ON_CPU[@]}" /kernel/linux "mem=${MEM}M" "${smp[@]}" \
		root=/dev/root rootfstype=hostfs rootflags=/ ro init=/src/selftests/rig/guest/stage1.sh \
		con=null con0=null,fd:1 "con1=$user" console=tty0 quiet loglevel=4 panic=-1 oops=panic \
		rig.transport=hostfs "rig.layers=$n" \
		4<&0 3>&1 </dev/null >"$OUT/console.log" 2>&1
}
