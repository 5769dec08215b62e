#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What every part of the rig uses: messages, the cache folder, locks, timed steps.
# Sourced with SRC (the checkout) set; sets RIG, CACHE and BUILD.

set -euo pipefail

RIG=$SRC/selftests/rig
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/sluice
BUILD=$SRC/build

say() { printf 'rig: %s\n' "$*" >&2; }

die() {
	say "$*"
	exit 1
}

usage_error() {
	say "$*; try --help"
	exit 2
}

# The rig mounts, chroots and makes root-owned trees: all of it is root's work.
# Call before anything is written, with "$0" "$@".
become_root() {
	[ "$(id -u)" -ne 0 ] || return 0
	command -v sudo >/dev/null || die "must run as root, and there is no sudo here"
	exec sudo -- env "HOME=$HOME" "XDG_CACHE_HOME=${XDG_CACHE_HOME:-$HOME/.cache}" \
		"SLUICE_LONG=${SLUICE_LONG:-}" "$@"
}

# Through sudo the build folder would end up root's, and 'make clean' refused.
give_back_build() {
	[ -z "${SUDO_UID:-}" ] || [ ! -d "$BUILD" ] ||
		chown -hR --from=0 "$SUDO_UID:${SUDO_GID:-$SUDO_UID}" "$BUILD"
}

# Twelve digits that stand for what is on standard input.
digest() { sha256sum | cut -c1-12; }

# lock FILE: one process at a time passes here, until it says unlock or it and all it started have
# ended, however that comes about: the lock is on a file descriptor that they inherit.
lock() {
	mkdir -p "${1%/*}"
	exec {LOCK_FD}>"$1"
	if ! flock -n "$LOCK_FD"; then
		say "waiting for another builder of ${1##*/}"
		flock "$LOCK_FD"
	fi
}

unlock() { exec {LOCK_FD}>&-; }

# used PATH: note that this cache entry is in use; those nobody used for two weeks go.
used() {
	touch "$1"
	find "$CACHE" -mindepth 1 -maxdepth 1 \( -name 'root-*' -o -name 'uml*' -o -name 'initrd-*' \) \
		-mtime +14 -exec rm -rf --one-file-system {} +
}

# step WHAT USUAL LOG COMMAND...: run with output in LOG, say how long it took.
step() {
	local what=$1 usual=$2 log=$3 start=$SECONDS
	shift 3
	say "$what (usually $usual) ..."
	mkdir -p "${log%/*}"
	# No '||' around the call: it would switch 'set -e' off inside a function.
	local rc=0 errexit=$-
	set +e
	(set -e; "$@") >"$log" 2>&1 </dev/null
	rc=$?
	case $errexit in *e*) set -e ;; esac
	if [ $rc -ne 0 ]; then
		tail -n 25 "$log" >&2
		die "$what failed, log in $log"
	fi
	say "$what: done in $((SECONDS - start)) s"
}
