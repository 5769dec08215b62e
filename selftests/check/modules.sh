#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# modules.sh SERIES [MAKE-VARIABLE...]: build every module for Debian's kernel of that series with
# all of kbuild's extra warnings; none may come from our files.

. selftests/check/lib.sh

series=$1
shift
kdir=$(find /usr/src -maxdepth 1 -name "linux-headers-$series.*" ! -name '*-common' | sort -V | tail -n 1)
[ -n "$kdir" ] || { echo "no headers of kernel $series in the root tree"; exit 1; }
[ -e Kbuild ] || { echo "no Kbuild"; exit 1; }

# kbuild writes beside the sources. Always in the same place: a path is part of what is compiled.
dir=/tmp/modules-$series
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/m"
files '(Kbuild|(kmod|ktls|lib|include)/.*)' | xargs -0 cp --parents -t "$dir/m"
status=0
make -s -k -C "$kdir" M="$dir/m" -j"$(nproc)" W=1 "$@" modules >"$dir/log" 2>&1 || status=$?
# Old kbuild names our files by their full path, new by the path in the folder.
sed -i "s,$dir/m/,,g" "$dir/log"
# A warning from a macro of the kernel's names our file only in its notes.
if [ $status -ne 0 ] ||
	grep -qE '^(\./)?(kmod|ktls|lib|include)/[^:]*:.*(warning|error|note):|^WARNING: modpost' "$dir/log"; then
	cat "$dir/log"
	exit 1
fi
