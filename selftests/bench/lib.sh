#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the benchmarks share on the host. Sourced with SRC (the checkout) set.

set -euo pipefail

BENCH=$SRC/selftests/bench
OUT=$SRC/build/bench
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
	"$SRC/selftests/rig/in-root" -- make -s -C selftests/bench/tools
}

# bench_work: sets WORK, a folder that guests see as /share and that goes at the end.
bench_work() {
	WORK=$(mktemp -d)
	trap 'rm -rf "$WORK"' EXIT
}
