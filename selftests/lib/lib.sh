#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# For tests: . "${0%/*}/../lib/lib.sh" first. See selftests/README for how to write one.

set -u

TEST_NAME=${0##*/}
TEST_NAME=${TEST_NAME%.sh}
LIB=${BASH_SOURCE[0]%/*}
. "$LIB/ktap.sh"
. "$LIB/net.sh"

# On the host it is for the rig to become root.
[ "$EUID" -eq 0 ] || [ "${SLUICE_TARGET:-}" = host ] || skip_all "needs root"
TEST_DIR=$(mktemp -d "/tmp/$TEST_NAME.XXXXXX")
trap ktap_end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
at_exit rm -rf "$TEST_DIR"
echo "KTAP version 1"

# long_or LONG SHORT: LONG in the soak form (SLUICE_LONG=1), else SHORT.
long_or() { if [ -n "${SLUICE_LONG:-}" ]; then echo "$1"; else echo "$2"; fi; }

# need_command NAME...: the test does not apply where one is missing.
need_command() {
	local c
	for c; do
		command -v "$c" >/dev/null || skip_all "there is no $c"
	done
}

# load NAME: a module, unless it is there, as it is for most tests of a guest.
load() {
	local state=
	read -r state 2>/dev/null <"/sys/module/${1//-/_}/initstate"
	[ "$state" = live ] || modprobe "$1"
}

# need_module NAME...: loaded, or the test does not apply.
need_module() {
	local m
	for m; do
		load "$m" 2>/dev/null || skip_all "there is no module $m"
	done
}

# load_sluice: our own; without it everything fails.
load_sluice() { load sluice || fatal "cannot load sluice.ko"; }

# load_ktls: our other module, of stratum relay.
load_ktls() { load sluice_ktls || fatal "cannot load sluice_ktls.ko"; }
