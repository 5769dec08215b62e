#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The UML kernels: linux as a program, from Debian's own kernel source, built in the root tree.

# uml_config TARGET: sets UML_SERIES (linux-source package), UML_FRAGMENTS, UML_USUAL.
uml_config() {
	case $1 in
	uml)
		UML_SERIES=6.12
		UML_FRAGMENTS=("$RIG"/config/{uml.config,uml-large-pages.patch,uml-fork-killed.patch})
		UML_USUAL="5 min"
		;;
	uml-debug)
		# The newest series: the first with several CPUs was 6.19.
		UML_SERIES=$(cd "$ROOT/usr/src" && printf '%s\n' linux-source-*.tar.xz |
			sed 's/^linux-source-//; s/\.tar\.xz$//' | sort -V | tail -n1)
		UML_FRAGMENTS=("$RIG"/config/{uml.config,uml-debug.config} "$RIG"/config/uml-debug-{stacktrace,shadow,ipi,relax,affinity}.patch)
		UML_USUAL="8 min"
		;;
	esac
}

# Not the root tree's key: a package more in the tree is no reason to build kernels again. Nor is a
# comment; but a symbol that is switched off looks like one.
uml_key() {
	{
		grep -hvE '^(#.*)?$' "${UML_FRAGMENTS[@]}" "$RIG/lib/uml-build.sh"
		grep -h 'is not set$' "${UML_FRAGMENTS[@]}"
		chroot "$ROOT" dpkg-query -W "linux-source-$UML_SERIES" gcc
	} | digest
}

# need_uml_kernel TARGET: sets KERNEL to a folder with
#   linux              the kernel, a program for the root tree
#   build/             what external modules are built against
#   layer/             its modules, under usr/lib/modules
# and RELEASE.
need_uml_kernel() {
	uml_config "$1"
	KERNEL=$CACHE/$1-$UML_SERIES-$(uml_key)
	if [ ! -d "$KERNEL" ]; then
		lock "$CACHE/lock/$1"
		if [ ! -d "$KERNEL" ]; then
			rm -rf "$CACHE/$1-$UML_SERIES"-*.part
			mkdir -p "$KERNEL.part"
			cp "${UML_FRAGMENTS[@]}" "$RIG/lib/uml-build.sh" "$KERNEL.part/"
			step "building the $1 kernel ($UML_SERIES)" "$UML_USUAL" "$CACHE/log/$1" \
				in_root --bind "$KERNEL.part" /kernel bash /kernel/uml-build.sh \
				"$UML_SERIES" "${UML_FRAGMENTS[@]##*/}"
			# As a layer over the root tree, for guests.
			mkdir -p "$KERNEL.part/layer/usr/lib"
			mv "$KERNEL.part/modules" "$KERNEL.part/layer/usr/lib/"
			mv -T "$KERNEL.part" "$KERNEL"
		fi
		unlock
	fi
	used "$KERNEL"
	RELEASE=$(cat "$KERNEL/release")
}
