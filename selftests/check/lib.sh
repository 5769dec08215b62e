#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the static checks share: lists of files. Sourced by a check, in the top folder.

set -euo pipefail

KERNEL_SOURCE=/usr/src/linux-6.12
export KERNEL_SOURCE

# Names of the files of the project, each ended by NUL: all but what .gitignore names. An empty
# repository is asked, because that of a linked work tree is out of sight in the root tree.
all_files() {
	local git
	git=$(mktemp -d)
	git init -q --bare "$git"
	git --git-dir="$git" --work-tree=. ls-files -z --others --exclude-standard |
		while IFS= read -r -d '' path; do
			[ -L "$path" ] || printf '%s\0' "$path"
		done
	rm -rf "$git"
}

# files REGEX [NOT]: those whose whole name matches, and does not match NOT.
files() { all_files | grep -zxE -e "$1" | grep -zvxE -e "${2:-}" || true; }

# Made by tools/generate: the generators, not people, answer for how these look.
GENERATED='include/uapi/linux/sluice\.h|kmod/netlink/gen\.[ch]|.*\.gen\.[ch]'

kernel_code() { files '(kmod|ktls|include/sluice|selftests/kunit)/.*\.[ch]' "$GENERATED"; }

user_code() { files '(userspace|selftests)/.*\.[ch]' "$GENERATED|selftests/kunit/.*"; }

# scripts INTERPRETER: files that start with #! and a path or env ending in it.
scripts() {
	local path line
	while IFS= read -r -d '' path; do
		IFS= read -r line <"$path" 2>/dev/null || continue
		[[ ! $line =~ ^'#!'.*[/\ ]($1)(\ .*)?$ ]] || printf '%s\0' "$path"
	done < <(all_files)
}

# none_matches REGEX FILE: print the lines that match; succeed if there are none.
none_matches() { ! grep -E -e "$1" "$2"; }

# Compiler flags of user space, apart from warnings.
user_flags() {
	local packages=()
	mapfile -t packages < <(pkg-config --list-package-names |
		grep -xE 'libnl-3\.0|libnl-genl-3\.0|libnl-route-3\.0|openssl')
	echo -std=gnu11 -D_GNU_SOURCE -O2 -Iinclude -Iinclude/uapi -Iuserspace -Iuserspace/lib \
		"$(pkg-config --cflags "${packages[@]}")"
}

# Debian's clang-tidy brings a clang that is only known by its version.
clang() { find /usr/bin -name 'clang-[0-9]*' | sort -V | tail -n 1; }
