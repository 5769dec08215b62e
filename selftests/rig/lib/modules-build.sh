#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Build every module for one kernel, as a layer for its guests. Runs in the root tree.
#   modules-build.sh TARGET RELEASE KDIR ARCH LAYER KEY
# LAYER is a name in /src/build/TARGET; KEY changes with whatever the kernel was built from.

set -euo pipefail

target=$1 release=$2 kdir=$3 arch=$4 key=$6
dir=/src/build/$target
obj=$dir/obj
layer=$dir/$5
modules=$layer/usr/lib/modules/$release

# kbuild writes beside the sources, and two kernels must not write to the same place. Times are not
# copied, so only what really changed is built again.
mkdir -p "$obj" "$modules/updates"
paths=()
for path in Kbuild kmod ktls lib include; do
	[ ! -e "/src/$path" ] || paths+=("/src/$path")
done
[ -e /src/Kbuild ] || exit 0
# Names with a leading dot and kbuild's products stay as they are in the copy.
rsync -rlpc --delete --exclude='.*' --exclude='*.o' --exclude='*.ko' --exclude='*.mod' \
	--exclude='*.mod.c' --exclude='*.symvers' --exclude='modules.order' --exclude='/stamp' \
	"${paths[@]}" "$obj/"
# Objects of another kernel must not be taken for this one's.
if [ "$(cat "$obj/stamp" 2>/dev/null)" != "$key" ]; then
	find "$obj" \( -name '*.o' -o -name '*.ko' -o -name '.*.cmd' -o -name '*.mod*' \) -type f -delete
	echo "$key" >"$obj/stamp"
fi
make -C "$kdir" M="$obj" ${arch:+ARCH="$arch"} -j"$(nproc)" modules
find "$obj" -name '*.ko' -exec cp -t "$modules/updates" {} +

# depmod reads the kernel's modules and ours as the guest will see them.
[ ! -d /kernel/layer ] || mount --bind /kernel/layer/usr/lib/modules /usr/lib/modules
mount --bind "$modules/updates" "/usr/lib/modules/$release/updates"
depmod -o "$layer/depmod" "$release"
find "$layer/depmod" -name 'modules.*' -exec mv -t "$modules" {} +
rm -rf "$layer/depmod"
