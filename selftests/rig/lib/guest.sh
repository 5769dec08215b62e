#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One guest, from its options to a verdict. The caller sets TARGET, MODE (run or shell), SHARE, SMP,
# MEM, ICOUNT, LIMIT.

# in_guest_root [--bind DIR PLACE]... COMMAND...: what a guest runs in. Killed at the time limit.
in_guest_root() {
	local limit=() kernel=()
	[ "$MODE" = shell ] || limit=(--limit "$LIMIT")
	[ -z "${KERNEL:-}" ] || kernel=(--bind "$KERNEL" /kernel)
	in_root "${limit[@]}" --bind "$SHARE" /share --bind "$OUT" /out "${kernel[@]}" "$@"
}

# One file that tells the whole story of a guest that failed.
keep_log() {
	local file
	KEPT=$BUILD/log/$TARGET-$(date +%Y%m%d-%H%M%S)-$$.log
	mkdir -p "$BUILD/log"
	{
		printf 'target: %s\ncommand: %s\nverdict: %s\n' "$TARGET" "${COMMAND[*]}" "$1"
		for file in problems leaks console.log dmesg; do
			[ ! -s "$OUT/$file" ] || { printf '\n==== %s ====\n' "$file"; cat "$OUT/$file"; }
		done
	} >"$KEPT"
}

# fail STATUS WHY: keep the log, say so, end with that status.
fail() {
	keep_log "$2"
	say "$TARGET: $2"
	say "log kept in $KEPT"
	GUEST_STATUS=$1
}

# Seconds until a kernel under QEMU must have come to its command; ten times what it takes.
BOOT_LIMIT=150

# end_stuck_boot: in the background of a guest. Without KVM a CPU is now and then left without timer
# interrupts, and its kernel waits for ever.
end_stuck_boot() {
	local i
	for ((i = 0; i < BOOT_LIMIT; i++)); do
		sleep 1
		[ -d "$OUT" ] && ! grep -aqs "$RIG_MARK" "$OUT/console.log" || return 0
	done
	echo "the kernel did not come up in $BOOT_LIMIT s" >"$OUT/stuck"
	pkill -KILL -f "^unshare .* $OUT /out"
}

# stale_breakpoint: the guest died of a breakpoint that is not in its memory any more: the byte before the
# instruction pointer is not int3's. Where the kernel patches itself (static keys), each CPU has seen the last byte
# before it goes on, but QEMU with several threads now and then goes on with what it translated before.
stale_breakpoint() {
	[[ $TARGET == qemu-* ]] && ! kvm_works && grep -qs 'Oops: int3' "$OUT/console.log" &&
		! grep -qsE 'Code: .* cc <' "$OUT/console.log"
}

# guest_run COMMAND...: sets GUEST_STATUS: the command's, or
#   124  the time limit came first
#   125  the guest died, or its kernel complained
#   126  the emulator itself failed, which says nothing of the guest
guest_run() {
	local start=$SECONDS status lines
	COMMAND=("$@")
	mkdir -p "$BUILD/run"
	OUT=$(mktemp -d "$BUILD/run/$TARGET.XXXXXX")
	# shellcheck disable=SC2064 # now: OUT is another one for the next guest
	trap "rm -rf '$OUT'; give_back_build" EXIT
	[ $# -eq 0 ] || printf '%s\0' "$@" >"$OUT/argv"
	echo "$TARGET" >"$OUT/target"
	echo "$MODE" >"$OUT/mode"
	echo "${SLUICE_LONG:-}" >"$OUT/long"
	[ -n "$SHARE" ] || { SHARE=$OUT/share; mkdir "$SHARE"; }

	set +e
	case $TARGET in
	qemu-*)
		[ "$MODE" = shell ] || end_stuck_boot >&- 2>&- &
		qemu_start
		;;
	uml*) uml_start ;;
	esac
	set -e

	if [ ! -s "$OUT/status" ]; then
		if [ "$MODE" = run ] && [ $((SECONDS - start)) -ge "$LIMIT" ]; then
			fail 124 "time limit of $LIMIT s reached"
		elif [ -s "$OUT/stuck" ]; then
			fail 126 "$(cat "$OUT/stuck")"
		elif grep -qs 'Assertion .* failed' "$OUT/emulator.log"; then
			fail 126 "the emulator failed: $(grep -m1 Assertion "$OUT/emulator.log")"
		elif stale_breakpoint; then
			fail 126 "the emulator failed: it went on with a breakpoint that the kernel had taken back"
		else
			fail 125 "the guest died"
			tail -n 40 "$OUT/console.log" >&2
		fi
		return
	fi
	status=$(cat "$OUT/status")
	lines=$(after_mark <"$OUT/dmesg" | complaints; cat "$OUT/problems" 2>/dev/null || true)
	if [ -n "$lines" ] && [ "$MODE" = run ]; then
		fail 125 "the kernel complained (the command's status was $status):"
		printf '%s\n' "$lines" | head -n 20 >&2
		return
	fi
	GUEST_STATUS=$status
}
