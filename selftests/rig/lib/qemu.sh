#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests on QEMU: Debian's own kernels. The emulator is the root tree's.

# need_initrd: sets INITRD: busybox, the modules that the root file system needs, stage1.sh.
need_initrd() {
	INITRD=$CACHE/initrd-$RELEASE-$({ cat "$RIG/guest/stage1.sh" "$RIG/lib/initrd-build.sh"
		echo "$ROOT"; } | digest)
	[ ! -e "$INITRD" ] || { used "$INITRD"; return; }
	lock "$CACHE/lock/initrd"
	if [ ! -e "$INITRD" ]; then
		mkdir -p "$CACHE/initrd.part"
		step "making the initial ram disk for $RELEASE" "2 s" "$CACHE/log/initrd" \
			in_root --bind "$CACHE/initrd.part" /kernel \
			bash /src/selftests/rig/lib/initrd-build.sh "$RELEASE"
		mv "$CACHE/initrd.part/initrd" "$INITRD"
		rm -rf "$CACHE/initrd.part"
	fi
	unlock
}

# need_debian_kernel TARGET: of the root tree; sets RELEASE and INITRD.
need_debian_kernel() {
	RELEASE=$(debian_kernel "${1#qemu-}")
	need_initrd
}

# As far as the initial ram disk, which says so and powers off.
kvm_probe() {
	in_root --limit 15 --bind "$INITRD" /initrd qemu-system-x86_64 -accel kvm -cpu max -m 512 \
		-nodefaults -no-user-config -display none -no-reboot -serial stdio \
		-kernel "/boot/vmlinuz-$RELEASE" -initrd /initrd \
		-append "console=ttyS0 quiet panic=-1 rig.probe" </dev/null 2>&1 || true
}

# A device file does not mean that KVM works for these kernels, so one is booted with it, once for
# each boot of the host.
kvm_works() {
	local key answer
	[ -w /dev/kvm ] || return 1
	key=$(cat /proc/sys/kernel/random/boot_id; echo "$ROOT")
	answer=$CACHE/kvm-$(digest <<<"$key")
	if [ ! -e "$answer" ]; then
		say "trying KVM (at most 15 s, once for each boot of this host) ..."
		rm -f "$CACHE"/kvm-*
		if kvm_probe | grep -q rig-probe-ok; then
			echo yes >"$answer.part"
		else
			echo no >"$answer.part"
		fi
		mv "$answer.part" "$answer"
		say "KVM works: $(cat "$answer")"
	fi
	[ "$(cat "$answer")" = yes ]
}

# need_tsc_khz: sets TSC_KHZ, or to nothing: the time stamp counter of an emulated processor is this host's. A
# kernel that measures it by a timer that comes late, as on a busy host, has a clock that is several times too
# fast. Measured once for each boot of the host.
need_tsc_khz() {
	local answer
	TSC_KHZ=
	[ "$(uname -m)" = x86_64 ] || return 0
	answer=$CACHE/tsc-$(cat /proc/sys/kernel/random/boot_id "$RIG/lib/tsc.c" | digest)
	if [ ! -e "$answer" ]; then
		in_root sh -c 'gcc -O1 -o /tmp/tsc selftests/rig/lib/tsc.c && /tmp/tsc' >"$OUT/tsc" ||
			die "cannot measure the time stamp counter"
		rm -f "$CACHE"/tsc-*
		mv "$OUT/tsc" "$answer"
	fi
	TSC_KHZ=$(cat "$answer")
}

# qemu_start: the guest, in the foreground. From guest.sh: MODE, SMP, MEM, ICOUNT, PLUGIN, SHARE, OUT,
# LIMIT.
qemu_start() {
	local accel binds=(--bind "$INITRD" /initrd) fs=() n=0 layer console signal smp=$SMP append=
	if [ "$ICOUNT" ]; then
		smp=1
		accel="-icount shift=0,sleep=off"
	elif kvm_works; then
		accel="-accel kvm"
	else
		accel="-accel tcg,thread=multi"
		# What hardens a real CPU's kernel is a sixth of an emulated one's time. Counts of
		# instructions, above, are those of the kernel as its users run it.
		append="mitigations=off init_on_alloc=0 randomize_kstack_offset=off no_timer_check"
		need_tsc_khz
		[ -z "$TSC_KHZ" ] || append+=" tsc_early_khz=$TSC_KHZ"
	fi
	for layer in "${LAYERS[@]}"; do
		binds+=(--bind "$layer" "/layers/$n")
		fs+=(-virtfs "local,id=layer$n,path=/layers/$n,mount_tag=layers/$n,security_model=none,readonly=on,multidevs=remap")
		n=$((n + 1))
	done
	if [ "$MODE" = shell ]; then
		console="-device virtconsole,chardev=user" signal=off
		echo /dev/hvc0 >"$OUT/console"
	else
		# Not a terminal: bytes arrive as they were written.
		console="-device virtserialport,chardev=user,nr=1" signal=on
		echo /dev/vport0p1 >"$OUT/console"
	fi
	# The emulator takes the end of its input for the end of the whole line, so run's has none.
	[ "$MODE" = shell ] || { mkfifo "$OUT/stdin"; exec <>"$OUT/stdin"; }
	[ -z "${PLUGIN:-}" ] || accel+=" -plugin $PLUGIN"
	# REP string instructions count once an element under -icount: without erms and fsrm the kernel
	# copies in a way whose count means something.
	# shellcheck disable=SC2086
	in_guest_root "${binds[@]}" qemu-system-x86_64 $accel -cpu max,-erms,-fsrm,-fsrs -smp "$smp" \
		-m "$MEM" -display none -no-reboot -nodefaults -no-user-config \
		-kernel "/boot/vmlinuz-$RELEASE" -initrd /initrd \
		-append "console=ttyS0 quiet loglevel=4 panic=-1 oops=panic log_buf_len=8M tsc=reliable $append rig.layers=$n" \
		-serial file:/out/console.log -chardev stdio,id=user,signal=$signal \
		-device virtio-serial-pci $console \
		-virtfs "local,path=/tree,mount_tag=tree,security_model=none,readonly=on,multidevs=remap" \
		"${fs[@]}" \
		-virtfs "local,path=/src,mount_tag=src,security_model=none,multidevs=remap" \
		-virtfs "local,path=/share,mount_tag=share,security_model=none,multidevs=remap" \
		-virtfs "local,path=/out,mount_tag=out,security_model=none,multidevs=remap" \
		2> >(tee "$OUT/emulator.log" >&2)
}
