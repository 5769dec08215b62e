#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The four kinds of guest, and what each needs built.

TARGETS="qemu-6.12 qemu-7 uml uml-debug"

# need_target TARGET: build what is stale; sets ROOT, RELEASE, KERNEL (a user-mode one), KERNEL_BINDS
# and LAYERS (first one on top).
need_target() {
	need_root_tree
	case $1 in
	qemu-*)
		need_debian_kernel "$1"
		KERNEL='' KERNEL_BINDS=()
		need_modules "$1" "/lib/modules/$RELEASE/build" ""
		need_tools
		LAYERS=("$TOOLS_LAYER" "$MODULES_LAYER")
		;;
	uml*)
		need_uml_kernel "$1"
		KERNEL_BINDS=(--bind "$KERNEL" /kernel)
		need_modules "$1" /kernel/build um
		need_tools
		LAYERS=("$TOOLS_LAYER" "$MODULES_LAYER" "$KERNEL/layer")
		;;
	esac
}
