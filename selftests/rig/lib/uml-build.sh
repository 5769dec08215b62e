#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Build one UML kernel. Runs in the root tree, with the folder it is for at /kernel.
#   uml-build.sh SERIES CONFIG-FRAGMENT|PATCH...

set -euo pipefail

series=$1
shift
cd /kernel
mkdir build modules

# Drivers UML cannot have are more than half of the tarball; Kconfig files must all be there.
tar -xf "/usr/src/linux-source-$series.tar.xz" -C build --strip-components=1 --wildcards \
	--exclude='*/drivers/gpu/*.[chS]' --exclude='*/drivers/media/*.[ch]' \
	--exclude='*/drivers/net/ethernet/*.[ch]' --exclude='*/drivers/net/wireless/*.[ch]' \
	--exclude='*/drivers/staging/*.[ch]' --exclude='*/sound/*.[ch]' --exclude='*/*.dts*' \
	--exclude='*/Documentation/*/*' --exclude='*/tools/testing/*' --exclude='*/tools/perf/*'
cd build
# Without this scripts/setlocalversion walks up to whatever repository the cache may be in.
export ARCH=um LOCALVERSION=
fragments=()
for file; do
	case $file in
	*.config) fragments+=("/kernel/$file") ;;
	# What a patch mends a later series may have mended: one that does not fit is left out.
	*.patch)
		if patch -p1 --dry-run --force <"/kernel/$file"; then
			patch -p1 --force <"/kernel/$file"
		else
			echo "$file does not fit this kernel: built without it"
		fi
		;;
	esac
done
make -s x86_64_defconfig
scripts/kconfig/merge_config.sh -m .config "${fragments[@]}"
# 6.12 reserves 2696 bytes for a process's floating point state and stops where a CPU has more: AMX
# needs 11008. It lies on kernel stacks, too.
if grep -q 'HOST_FP_SIZE, 2696)' arch/x86/um/user-offsets.c; then
	sed -i 's/HOST_FP_SIZE, 2696)/HOST_FP_SIZE, 12288)/' arch/x86/um/user-offsets.c
	echo CONFIG_KERNEL_STACK_ORDER=4 >>.config
fi
make -s olddefconfig
# Every symbol that was asked for and did not come out is worth a line in the log.
for fragment in "${fragments[@]}"; do
	grep -E '^(CONFIG|# CONFIG)' "$fragment" | grep -vxFf .config |
		grep -v 'is not set$' || true
done | sed 's/^/not as asked: /'

nice -n 5 make -s -j"$(nproc)" linux modules
make -s INSTALL_MOD_PATH=/kernel/stage modules_install
release=$(make -s kernelrelease)
mv "/kernel/stage/lib/modules/$release" /kernel/modules/
rm -rf /kernel/stage
rm -f "/kernel/modules/$release/build" "/kernel/modules/$release/source"
mkdir -p "/kernel/modules/$release/updates"
mv linux /kernel/linux
strip --strip-debug /kernel/linux

# External modules need headers, configuration, symbol versions and scripts, not objects.
find . -path ./scripts -prune -o \( -name '*.o' -o -name '*.a' -o -name '*.ko' -o -name '.*.cmd' \
	-o -name '*.mod' -o -name '*.mod.c' \) -type f -print0 | xargs -0 rm -f
rm -rf vmlinux .tmp_* drivers/net drivers/gpu drivers/media drivers/staging sound samples
echo "$release" >/kernel/release
