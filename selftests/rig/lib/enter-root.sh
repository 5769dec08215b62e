#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The inner half of in_root (chroot.sh): runs in a fresh mount namespace, mounts, enters the tree.
#   enter-root.sh N [DIR PLACE]... COMMAND...    N counts the words before COMMAND

set -euo pipefail

n=$1
shift
root=$SLUICE_ROOT

# Read-only, so that no build can change what the cache key says is in the tree.
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
# Once more without the mounts below it: what guests see as their root.
mount --bind "$root" "$root/tree"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
# UML keeps the guest's memory here and executes from it: the host's own may be too small or noexec. Large
# pages where the host has them, as a kernel has of its own memory: of small ones a guest would time the host's
# page tables.
mount -t tmpfs -o mode=1777,exec,size=90%,huge=always shm "$root/dev/shm" 2>/dev/null ||
	mount -t tmpfs -o mode=1777,exec,size=90% shm "$root/dev/shm"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mount -t tmpfs run "$root/run"
mkdir "$root/run/kept"
mount --bind "$SLUICE_KEPT" "$root/run/kept"
mount -t tmpfs -o mode=700 home "$root/root"
mount --bind "$SLUICE_SRC" "$root/src"
while [ "$n" -gt 0 ]; do
	mount --bind "$1" "$root$2"
	shift 2
	n=$((n - 2))
done

# The shell stays: process 1 must be one that outlives its children's signals and passes on a status.
# git trusts a checkout that belongs to somebody else only when told to.
# Compilers are found as ccache first, which knows by all that goes into a compilation whether it has been done;
# sources that were just copied are no less what they are. It knows no cc. What goes into one it takes from the
# compiler, where that says so: preprocessing first would take as long as half of compiling a kernel does.
exec env -i PATH=/usr/lib/ccache:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
	LANG=C.UTF-8 TERM="${TERM:-dumb}" SLUICE_IN_ROOT=1 \
	CC=gcc CCACHE_DIR=/run/kept/ccache CCACHE_MAXSIZE=1G CCACHE_COMPILERCHECK=content \
	CCACHE_DEPEND=1 CCACHE_SLOPPINESS=include_file_mtime,include_file_ctime \
	GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*' \
	chroot "$root" /bin/sh -c 'cd /src && "$@"; exit $?' sh "$@"
