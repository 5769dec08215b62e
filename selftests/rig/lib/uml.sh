#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests on UML: the kernel as a program in the root tree, at native speed.

# uml_start: the guest, in the foreground. From guest.sh: TARGET, MODE, SMP, MEM, SHARE, OUT.
uml_start() {
	local binds=() n=0 layer user smp=()
	for layer in "${LAYERS[@]}"; do
		binds+=(--bind "$layer" "/layers/$n")
		n=$((n + 1))
	done
	# Several CPUs work with seccomp only, and only in the debug kernel. Slab checks also do without
	# the per-CPU sheaves, in which pointers to objects long given out hide leaks from kmemleak.
	[ "$TARGET" = uml ] || smp=("ncpus=$SMP" seccomp=on slab_debug=F)
	user=null,fd:3
	[ "$MODE" != shell ] || user=fd:4,fd:3
	echo /dev/tty1 >"$OUT/console"
	in_guest_root "${binds[@]}" /kernel/linux "mem=${MEM}M" "${smp[@]}" \
		root=/dev/root rootfstype=hostfs rootflags=/ ro init=/src/selftests/rig/guest/stage1.sh \
		con=null con0=null,fd:1 "con1=$user" console=tty0 quiet loglevel=4 panic=-1 oops=panic \
		rig.transport=hostfs "rig.layers=$n" \
		4<&0 3>&1 </dev/null >"$OUT/console.log" 2>&1
}
