#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# First program of every guest: puts its root together and starts init.sh in it. Runs on busybox in
# QEMU's initial ram disk, and on the root tree itself under UML.
#
# The root is an overlay: a tmpfs that takes the writes, our layers (modules, tools), and the
# read-only root tree. The kernel's command line says how many layers and by which transport; in words
# that no module's name begins, or modprobe would hand them to that module.

export PATH=/usr/sbin:/usr/bin:/sbin:/bin
# mount(8)'s new system calls cannot express hostfs's option, which is a bare path.
export LIBMOUNT_FORCE_MOUNT2=always
if [ -x /bin/busybox ] && [ ! -e /bin/mount ]; then
	/bin/busybox --install -s /bin
fi
mount -t proc proc /proc
for f in /mods/*.ko; do
	[ ! -e "$f" ] || insmod "$f"
done
layers=0 transport=9p probe=
for word in $(cat /proc/cmdline); do
	case $word in
	rig.layers=*) layers=${word#*=} ;;
	rig.transport=*) transport=${word#*=} ;;
	rig.probe) probe=1 ;;
	esac
done
if [ "$probe" ]; then
	mount -t devtmpfs dev /dev
	echo rig-probe-ok >/dev/console
	poweroff -f
fi

# attach NAME PLACE CACHE: mount what the host calls NAME.
attach() {
	mkdir -p "$2"
	case $transport in
	9p) mount -t 9p -o "trans=virtio,version=9p2000.L,msize=512000,$3" "$1" "$2" ;;
	hostfs) mount -t hostfs -o "/$1" none "$2" ;;
	esac
}

mount -t tmpfs tmpfs /mnt
mkdir -p /mnt/rw/upper /mnt/rw/work /mnt/root
lower=/mnt/tree
attach tree /mnt/tree cache=loose,ro
n=$layers
while [ "$n" -gt 0 ]; do
	n=$((n - 1))
	attach "layers/$n" "/mnt/layer$n" cache=loose,ro
	lower=/mnt/layer$n:$lower
done
mount -t overlay -o "lowerdir=$lower,upperdir=/mnt/rw/upper,workdir=/mnt/rw/work" root /mnt/root
attach src /mnt/root/src cache=none
attach share /mnt/root/share cache=none
attach out /mnt/root/out cache=none
mount -t proc proc /mnt/root/proc
mount -t sysfs sys /mnt/root/sys
mount -t devtmpfs dev /mnt/root/dev
umount /proc
# Not chroot: a process that was chrooted may not make user namespaces.
exec switch_root /mnt/root /bin/bash /src/selftests/rig/guest/init.sh
