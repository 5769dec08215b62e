#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How the root tree is made. Sourced by root-tree.sh; a change here makes a new tree.

# Kernel modules no guest of ours can have a use for: two thirds of the package's unpack time.
root_tree_excludes() {
	local d
	for d in sound drivers/gpu drivers/media drivers/staging drivers/infiniband drivers/iio \
		drivers/hwmon drivers/usb drivers/scsi drivers/input drivers/mmc drivers/bluetooth \
		drivers/ata drivers/platform drivers/mfd drivers/leds drivers/power drivers/mtd \
		drivers/hid drivers/i2c drivers/isdn drivers/comedi drivers/thunderbolt drivers/nvme \
		drivers/net/wireless drivers/net/ethernet drivers/net/usb net/wireless net/mac80211 \
		net/bluetooth fs/xfs fs/btrfs fs/ocfs2 fs/gfs2 fs/bcachefs fs/ceph fs/smb fs/nfsd; do
		echo "path-exclude=/usr/lib/modules/*/kernel/$d/*"
		echo "path-exclude=/lib/modules/*/kernel/$d/*"
	done
	echo "path-exclude=/usr/share/doc/*"
	echo "path-exclude=/usr/share/man/*"
	echo "path-exclude=/usr/share/locale/*"
	echo "path-exclude=/usr/share/info/*"
}

# root_tree_make DIR SOURCES-LIST PACKAGE,...: the whole tree.
root_tree_make() {
	local part=$1 list=$2 packages=$3 excl=$1.dpkg hook=$1.hook
	root_tree_excludes >"$excl"
	printf 'force-unsafe-io\n' >>"$excl"
	cat >"$hook" <<-'EOH'
		#!/bin/sh
		set -eu
		# The second kernel, from backports: the first one, and its source, stay beside it.
		backports() { chroot "$1" apt-get install -y --no-install-recommends -t trixie-backports "$2" "$3"; }
		backports "$1" linux-image-amd64 linux-headers-amd64
		# Its source by series: the metapackage may be ahead of the signed kernel.
		newest=$(ls "$1/boot" | sed -n 's/^vmlinuz-\([0-9]*\.[0-9]*\).*/\1/p' | sort -V | tail -n 1)
		backports "$1" "linux-source-$newest" "linux-source-$newest"
		# Uncompressed modules load several times faster under emulation, and depmod reads them
		# in a second, not in ten.
		find "$1/usr/lib/modules" -name '*.ko.xz' -print0 | xargs -0 -r -n 64 -P 2 xz -d
		for dir in "$1"/usr/lib/modules/*; do
			mkdir -p "$dir/updates"
			chroot "$1" depmod "${dir##*/}"
		done
		# checkpatch, the netlink generators and their client, for checks and tests.
		tar -xf "$1/usr/src/linux-source-6.12.tar.xz" -C "$1/usr/src" --wildcards \
			'*/tools/net/ynl/*' '*/scripts/*' '*/Documentation/netlink/*'
		mv "$1/usr/src/linux-source-6.12" "$1/usr/src/linux-6.12"
		# Mount points: the tree itself is only ever mounted read-only.
		mkdir -p "$1/src" "$1/share" "$1/out" "$1/kernel" "$1/tree" "$1/layers/0" "$1/layers/1" \
			"$1/layers/2"
		: >"$1/initrd"
		rm -f "$1/etc/resolv.conf" "$1/etc/hostname"
	EOH
	chmod +x "$hook"
	# A namespace of its own for the mounts, so that an interrupted build leaves none behind.
	# INITRD=No: Debian's kernel packages skip their initial ram disk, the rig makes its own.
	INITRD=No unshare -m --propagation private mmdebstrap --variant=apt --mode=root \
		--include="$packages,linux-image-amd64,linux-headers-amd64,linux-source-6.12" \
		--aptopt='APT::Install-Recommends "false"' --dpkgopt="$excl" \
		--customize-hook="$hook" trixie "$part" "$list"
}
