#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What we build, as folders that guests lay over the root tree: our modules (one layer for each
# kernel) and our user space with the tests' helpers (one layer for all). Each is named by a hash of
# its sources, so a new build never changes what a running guest has mounted.

# sources_key PATH...: a hash of all files under those paths of the checkout that exist.
sources_key() {
	local path paths=()
	for path; do
		[ ! -e "$SRC/$path" ] || paths+=("$path")
	done
	[ ${#paths[@]} -gt 0 ] || { echo none; return; }
	(cd "$SRC" && find "${paths[@]}" -type f -print0 | sort -z | xargs -0 -r sha256sum) | digest
}

# Only the newest: one of them may be mounted by a guest that still runs.
prune_layers() {
	find "$1" -maxdepth 1 -name "$2-*" -printf '%T@ %p\n' | sort -rn | tail -n +17 | cut -d' ' -f2- |
		xargs -r rm -rf
}

# need_modules TARGET KDIR ARCH: sets MODULES_LAYER. ROOT, KERNEL, KERNEL_BINDS
# and RELEASE are the kernel's.
need_modules() {
	local dir=$BUILD/$1 key
	mkdir -p "$dir"
	lock "$BUILD/lock/modules-$1"
	key=$({ sources_key Kbuild kmod ktls lib include; echo "${ROOT##*/} ${KERNEL##*/} $RELEASE"
		cat "$RIG/lib/modules-build.sh"; } | digest)
	MODULES_LAYER=$dir/modules-$key
	if [ ! -d "$MODULES_LAYER" ]; then
		rm -rf "$dir"/modules-*.part
		step "building the modules for $1 ($RELEASE)" "20 s" "$BUILD/log/modules-$1" \
			in_root "${KERNEL_BINDS[@]}" bash /src/selftests/rig/lib/modules-build.sh \
			"$1" "$RELEASE" "$2" "$3" "modules-$key.part" "${ROOT##*/} ${KERNEL##*/}"
		grep -aE 'warning:|WARNING:' "$BUILD/log/modules-$1" >&2 || true
		mv -T "$MODULES_LAYER.part" "$MODULES_LAYER"
		prune_layers "$dir" modules
	fi
	touch "$MODULES_LAYER"
	unlock
}

# need_tools: sets TOOLS_LAYER.
need_tools() {
	local dir=$BUILD/tools key
	mkdir -p "$dir"
	lock "$BUILD/lock/tools"
	key=$({ sources_key userspace selftests/helpers include Documentation/man; echo "${ROOT##*/}"; } | digest)
	TOOLS_LAYER=$dir/layer-$key
	if [ ! -d "$TOOLS_LAYER" ]; then
		rm -rf "$dir"/layer-*.part
		mkdir -p "$TOOLS_LAYER.part" "$dir/obj"
		[ ! -e "$SRC/userspace/Makefile" ] ||
			step "building the user space" "20 s" "$BUILD/log/tools" in_root \
				make -C /src/userspace -j2 O=/src/build/tools/obj STATIC=1 \
				DESTDIR="/src/build/tools/layer-$key.part" PREFIX=/usr all install install-tools
		step "building the tests' helpers" "3 s" "$BUILD/log/helpers" in_root \
			make -C /src/selftests/helpers -j2 O=/src/build/tools/helpers \
			DESTDIR="/src/build/tools/layer-$key.part" PREFIX=/usr all install
		mv -T "$TOOLS_LAYER.part" "$TOOLS_LAYER"
		prune_layers "$dir" layer
	fi
	touch "$TOOLS_LAYER"
	unlock
}
