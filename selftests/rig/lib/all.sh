#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Everything that starts guests: sourced by run and shell with SRC set.

. "$SRC/selftests/rig/lib/common.sh"
for part in host root-tree chroot uml-kernel layers targets qemu uml complaints guest; do
	. "$SRC/selftests/rig/lib/$part.sh"
done
