#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the benchmarks share on the host. Sourced with SRC (the checkout) set.

set -euo pipefail

BENCH=$SRC/selftests/bench
RIG=$SRC/selftests/rig
OUT=$SRC/build/bench
# As guests see them.
GUEST=/src/selftests/bench/guest
TOOLS=/src/build/bench/tools

bench_say() { printf 'bench: %s\n' "$*" >&2; }

bench_die() {
	bench_say "$*"
	exit 1
}

# The programs for guests and the emulator's plugin, built in the root tree.
bench_tools() {
	mkdir -p "$OUT"
	bench_say "building what runs in guests (usually 1 s) ..."
	"$RIG/in-root" -- make -s -C selftests/bench/tools
}

# bench_work: sets WORK, a folder that guests see as /share and that goes at the end.
bench_work() {
	mkdir -p "$OUT/raw"
	WORK=$(mktemp -d "$OUT/work.XXXXXX")
	trap 'rm -rf "$WORK"' EXIT
}

# bench_report SCRIPT ARGUMENT...: one of report/, in the root tree; paths are from the top folder.
bench_report() {
	local script=$1
	shift
	"$RIG/in-root" -- python3 "selftests/bench/report/$script" "$@"
}

# bench_guest TARGET OPTION... -- COMMAND...: in a guest with WORK as /share.
bench_guest() {
	local target=$1
	shift
	"$RIG/run" "$target" --share "$WORK" "$@" </dev/null || bench_die "the guest's command failed"
}

# bench_machine: what is measured, on what, as lines KEY=VALUE.
bench_machine() {
	echo "date=$(date -u +%Y-%m-%d)"
	echo "version=$(git -C "$SRC" describe --always --dirty 2>/dev/null || echo unknown)"
	echo "processor=$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)"
	echo "processors=$(nproc)"
	echo "memory=$(awk '/^MemTotal/ { printf "%.0f GB", $2 / 1e6 }' /proc/meminfo)"
	"$RIG/in-root" -- sh -c 'for kernel in /boot/vmlinuz-6.12*; do
			echo "kernel=${kernel#*vmlinuz-}"; done
		dpkg-query -W -f "\${Package}=\${Version}\n" linux-source-6.12 qemu-system-x86 \
			ipvsadm nftables iperf3 haproxy gcc'
}
