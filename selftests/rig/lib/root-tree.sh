#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The root tree: Debian 13 with compilers, servers and clients, and both of Debian's kernels.
# Everything is built in it and every guest runs on it, so results do not depend on the host.
# Its key is made of the package list and root-tree-recipe.sh.

. "$RIG/lib/root-tree-recipe.sh"

root_tree_packages() { sed 's/#.*//' "$RIG/packages" | tr -s ' \t\n' '\n' | sed '/^$/d'; }

root_tree_key() { { root_tree_packages; cat "$RIG/lib/root-tree-recipe.sh"; } | digest; }

# The archives in this host's apt sources, of either format, one a line.
host_mirrors() {
	find /etc/apt/sources.list /etc/apt/sources.list.d -name '*.sources' \
		-exec sed -n 's/^URIs:[[:space:]]*//p' {} + 2>/dev/null | tr ' ' '\n' || true
	find /etc/apt/sources.list /etc/apt/sources.list.d -name '*.list' \
		-exec awk '$1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /:\//) { print $i; next } }' {} + \
		2>/dev/null || true
}

# The mirror this host already uses, and where it takes security updates from, if it says.
root_tree_sources() {
	local mirrors main security suite
	mirrors=$(host_mirrors | sed 's,/*$,,')
	main=$(awk '/[^-]debian$/ { print; exit }' <<<"$mirrors")
	security=$(awk '/debian-security$/ { print; exit }' <<<"$mirrors")
	[ -n "$main" ] || die "no Debian mirror in this host's apt sources"
	for suite in trixie trixie-updates trixie-backports; do
		echo "deb $main $suite main"
	done
	[ -z "$security" ] || echo "deb $security trixie-security main"
}

# Sets ROOT to a complete tree.
need_root_tree() {
	ROOT=$CACHE/root-$(root_tree_key)
	[ ! -d "$ROOT" ] || { used "$ROOT"; return; }
	host_needs mmdebstrap:mmdebstrap xz:xz-utils unshare:util-linux
	lock "$CACHE/lock/root-tree"
	if [ ! -d "$ROOT" ]; then
		rm -rf --one-file-system "$CACHE"/root-*.part "$CACHE"/root-*.part.*
		root_tree_sources >"$ROOT.part.list"
		step "building the Debian 13 root tree" "3 min" "$CACHE/log/root-tree" \
			root_tree_make "$ROOT.part" "$ROOT.part.list" "$(root_tree_packages | paste -sd,)"
		rm -f "$ROOT.part".*
		mv -T "$ROOT.part" "$ROOT"
	fi
	unlock
}

# The release of Debian's kernel that a target stands for: its own series, newest first.
debian_kernel() {
	local release
	release=$(cd "$ROOT/boot" && printf '%s\n' vmlinuz-"$1".* | sed 's/^vmlinuz-//' | sort -V | tail -n1)
	[ -e "$ROOT/boot/vmlinuz-$release" ] || die "no kernel $1 in the root tree $ROOT"
	echo "$release"
}
