#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Run something in the root tree. Mounts and processes are in namespaces of their own that go when
# the first process goes, so that nothing has to be undone, whatever interrupts it.

# in_root [--limit SECONDS] [--bind DIR PLACE]... COMMAND...: in the tree, with the checkout at /src, and
# at /run/kept what compilers and checks keep of their results. PLACE must exist. At the limit everything in it
# is killed.
in_root() {
	local binds=() limit=()
	if [ "$1" = --limit ]; then
		limit=(timeout --foreground -s KILL "$2")
		shift 2
	fi
	while [ "$1" = --bind ]; do
		binds+=("$2" "$3")
		shift 3
	done
	mkdir -p "$CACHE/kept"
	SLUICE_ROOT=$ROOT SLUICE_SRC=$SRC SLUICE_KEPT=$CACHE/kept "${limit[@]}" \
		unshare -m -p -f --kill-child --propagation private \
		bash "$RIG/lib/enter-root.sh" ${#binds[@]} "${binds[@]}" "$@"
}
