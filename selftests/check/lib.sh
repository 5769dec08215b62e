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

# select_names GREP-ARGUMENTS...: grep on names, where no match is no error.
select_names() { grep -zxE "$@" || [ $? -eq 1 ]; }

# files REGEX [NOT]: those whose whole name matches, and does not match NOT.
files() { all_files | select_names -e "$1" | select_names -v -e "${2:-}"; }

# Made by tools/generate: the generators, not people, answer for how these look.
GENERATED='include/uapi/linux/sluice(_relay)?\.h|(kmod/netlink|ktls)/gen\.[ch]|.*\.gen\.[ch]'

kernel_code() { files '(kmod|ktls|lib|include/sluice|selftests/kunit)/.*\.[ch]' "$GENERATED"; }

user_code() { files '(userspace|selftests)/.*\.[ch]' "$GENERATED|selftests/kunit/.*"; }

# scripts INTERPRETER: files that start with #! and a path or env ending in it.
scripts() {
	local path line
	while IFS= read -r -d '' path; do
		IFS= read -r line <"$path" 2>/dev/null || continue
		[[ ! $line =~ ^'#!'.*[/\ ]($1)(\ .*)?$ ]] || printf '%s\0' "$path"
	done < <(all_files)
}

# Array NAME of the files that COMMAND... lists: there must be some, or a check would pass for nothing.
read_files() {
	local -n array=$1
	shift
	mapfile -d '' -t array < <("$@")
	[ ${#array[@]} -gt 0 ] || { echo "no files from '$*'"; exit 1; }
}

# Checks that look at one file after the other keep what has passed: an empty file, named by a hash of all
# that the verdict depends on. Nothing is kept of what fails.
KEPT=/run/kept/checked

# hash_all: of 'FILE...' on standard input, ended by NUL: a hash of their names and contents.
hash_all() { xargs -0 sha256sum | sha256sum | cut -d' ' -f1; }

# judge FOLDER COMMAND [HASH FILE]...: the command on the files, which is remembered if they pass.
judge() {
	local folder=$1 command=$2 verdicts=() files=()
	shift 2
	while [ $# -gt 0 ]; do
		verdicts+=("$folder/$1")
		files+=("$2")
		shift 2
	done
	"$command" "${files[@]}" && touch "${verdicts[@]}"
}

# judge_new NAME COUNT COMMAND: of lines 'HASH FILE' on standard input, run the command, a function, on the
# files that have not passed, as many as COUNT at a time. Verdicts that nobody needed for two weeks go.
judge_new() {
	local folder=$KEPT/$1 count=$2 command=$3 hash path
	mkdir -p "$folder"
	export -f judge "${command?}"
	while read -r hash path; do
		touch -c "$folder/$hash"
		[ -e "$folder/$hash" ] || printf '%s\0' "$hash" "$path"
	done | xargs -0 -r -n $((2 * count)) -P "$(nproc)" bash -c 'judge "$@"' sh "$folder" "$command"
	find "$folder" -type f -mtime +14 -delete
}

# Debian's clang-tidy brings a clang that is only known by its version. Without a path, so that ccache is asked.
clang() { find /usr/bin -name 'clang-[0-9]*' -printf '%f\n' | sort -V | tail -n 1; }
