#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# modules.sh SERIES [MAKE-VARIABLE...]: build every module for Debian's kernel of that series with
# all of kbuild's extra warnings; none may come from our files. Built is what the README installs, in
# the way of DKMS, so that whatever the archive or dkms.conf lacks is missed here.

. selftests/check/lib.sh

series=$1
shift
kernel_source_dir=$(find /usr/src -maxdepth 1 -name "linux-headers-$series.*" ! -name '*-common' | sort -V | tail -n 1)
[ -n "$kernel_source_dir" ] || { echo "no headers of kernel $series in the root tree"; exit 1; }

# The paths of 'git archive', as a regular expression.
archive=$(sed -n 's/^git archive HEAD \([^|]*[^| ]\) *|.*/\1/p' README.md)
[ -n "$archive" ] || { echo "README.md: no 'git archive HEAD PATH... |'"; exit 1; }
archive="(${archive// /|})(/.*)?"

# kbuild writes beside the sources. Always in the same place: a path is part of what is compiled.
dkms_tree=/tmp/modules-$series
trap 'rm -rf "$dkms_tree"' EXIT
# shellcheck source=/dev/null
. ./dkms.conf
m=$dkms_tree/$PACKAGE_NAME/$PACKAGE_VERSION/build
mkdir -p "$m"
read_files archived files "$archive"
printf '%s\0' "${archived[@]}" | xargs -0 cp --parents -t "$m"
for path in Kbuild dkms.conf; do
	[ -e "$m/$path" ] || { echo "README.md: the archive has no $path"; exit 1; }
done

log=$dkms_tree/log
status=0
eval "${MAKE[0]} -s -k -j$(nproc) W=1 ${*@Q}" >"$log" 2>&1 || status=$?
# Old kbuild names our files by their full path, new by the path in the folder.
sed -i "s,$m/,,g" "$log"
# A warning from a macro of the kernel's names our file only in its notes.
if [ $status -ne 0 ] ||
	grep -qE '^(\./)?(kmod|ktls|lib|include)/[^:]*:.*(warning|error|note):|^WARNING: modpost' "$log"; then
	cat "$log"
	exit 1
fi
built=$(cd "$m" && printf '%s\n' *.ko)
named=$(printf '%s.ko\n' "${BUILT_MODULE_NAME[@]}" | sort)
if [ "$built" != "$named" ]; then
	echo "dkms.conf: BUILT_MODULE_NAME has ${named//$'\n'/ }, built were ${built//$'\n'/ }"
	exit 1
fi
eval "$CLEAN" >"$log" 2>&1 && [ -z "$(find "$m" -name '*.[ok]*')" ] ||
	{ cat "$log"; echo "dkms.conf: CLEAN leaves something"; exit 1; }
