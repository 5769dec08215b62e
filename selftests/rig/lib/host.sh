#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the host must have. Everything else comes from the root tree.

# host_needs COMMAND:PACKAGE...: install the packages whose command is missing.
host_needs() {
	local pair missing=()
	for pair; do
		command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	command -v apt-get >/dev/null ||
		die "please install: ${missing[*]} (there is no apt-get here)"
	step "installing on this host: ${missing[*]}" "1 min" "$CACHE/log/apt" host_install "${missing[@]}"
}

host_install() {
	export DEBIAN_FRONTEND=noninteractive
	apt-get update || echo "apt-get update failed; trying with the lists there are"
	apt-get install -y --no-install-recommends "$@"
}
