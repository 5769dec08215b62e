#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Make the initial ram disk of one Debian kernel. Runs in the root tree; writes /kernel/initrd.

set -euo pipefail

release=$1
dir=$(mktemp -d)
mkdir -p "$dir"/{bin,mods,proc,sys,dev,mnt}
cp /bin/busybox "$dir/bin/"
ln -s busybox "$dir/bin/sh"
cp /src/selftests/rig/guest/stage1.sh "$dir/init"
chmod +x "$dir/init"
# Numbered, because insmod must see a module after what it depends on.
n=100
for m in virtio_pci virtio_console 9pnet_virtio 9p overlay; do
	modprobe -S "$release" --show-depends "$m"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r file; do
	n=$((n + 1))
	cp "$file" "$dir/mods/$n-${file##*/}"
done
cd "$dir"
find . | cpio -o -H newc --quiet | gzip -1 >/kernel/initrd
