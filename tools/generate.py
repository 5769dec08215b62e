#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run every generator; tools/generate is the command for people.

Most is made from the netlink specification, the rest from the tables of the daemon's configuration.

The generator of the uapi header and the kernel's tables is the kernel's own, of the 6.12 series: a
series that gets fixes only, so that the output stays the same from one package version to the next.
"""

import difflib
import os
import re
import subprocess
import sys
import tempfile

import yaml

SRC = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KERNEL = os.environ.get("SLUICE_KERNEL_SOURCE", "/usr/src/linux-6.12")
SPEC = "Documentation/netlink/specs/sluice.yaml"

UAPI = "include/uapi/linux/sluice.h"
KERNEL_HEADER = "kmod/netlink/gen.h"
KERNEL_SOURCE = "kmod/netlink/gen.c"
NAMES_HEADER = "userspace/lib/names.gen.h"
NAMES_SOURCE = "userspace/lib/names.gen.c"
REFERENCE = "Documentation/netlink/reference.md"
CONFIG_SCHEMA = "Documentation/sluiced.schema.json"
CONFIG_PAGE = "Documentation/man/sluiced.yaml.5"


def read(path):
    """The text of a file, or nothing where there is none."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def write(path, text):
    """Write a file; a new one belongs to whoever owns its folder, not to root."""
    folder = os.path.dirname(path)
    missing = []
    while not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    owner = os.stat(folder)
    new = list(reversed(missing))
    if not os.path.exists(path):
        new.append(path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    for made in new:
        os.chown(made, owner.st_uid, owner.st_gid)


def substitute_once(pattern, replacement, text, where):
    """re.sub that must hit exactly once: a silent miss would lose what it is for."""
    text, count = re.subn(pattern, replacement, text)
    if count != 1:
        sys.exit(f"generate: {where}: expected one match of {pattern!r}, found {count}")
    return text


def make_work_tree(work):
    """A folder that looks enough like a kernel tree for the kernel's generators."""
    # The generator takes the folder above the specification that has this file for the top.
    write(f"{work}/MAINTAINERS", "")
    # The kernel has the flag since 4.6; the schema of 6.12 does not list it.
    schema = read(f"{KERNEL}/Documentation/netlink/genetlink.yaml")
    schema = substitute_once(r"enum: \[ admin-perm \]", "enum: [ admin-perm, uns-admin-perm ]",
                             schema, "genetlink.yaml")
    write(f"{work}/Documentation/netlink/genetlink.yaml", schema)
    write(f"{work}/{SPEC}", read(f"{SRC}/{SPEC}"))


def guard_groups(source, spec):
    """Put the flags of the multicast groups in, which the kernel's generator leaves out."""
    for group in spec["mcast-groups"]["list"]:
        if "uns-admin-perm" not in group.get("flags", []):
            continue
        source = substitute_once(r'\{ "' + re.escape(group["name"]) + r'", \}',
                                 f'{{ "{group["name"]}", .flags = GENL_MCAST_CAP_NET_ADMIN, }}',
                                 source, KERNEL_SOURCE)
    return source


def refuse_attributes(source):
    """Let commands that take no attributes refuse them: before 7.0 the kernel looks at none then."""
    table = re.search(r"^static const struct genl_split_ops .*?^};", source, re.M | re.S)
    if not table:
        sys.exit(f"generate: {KERNEL_SOURCE}: no table of operations")
    refuse = "\t\t.policy\t\t= sluice_no_attributes_policy,\n\t\t.maxattr\t= 1,\n"
    entries = [entry if ".policy" in entry else entry.replace("\t\t.flags", refuse + "\t\t.flags")
               for entry in table.group(0).split("\t{\n")]
    policy = ("/* For commands without attributes */\n"
              "static const struct nla_policy sluice_no_attributes_policy[2] = {\n"
              "\t[1] = { .type = NLA_REJECT, },\n};\n\n")
    title = "/* Ops table for sluice */\n"
    if source.count(title) != 1:
        sys.exit(f"generate: {KERNEL_SOURCE}: the table of operations has another title")
    return source.replace(table.group(0), "\t{\n".join(entries)).replace(title, policy + title)


def generate_config(work):
    """What comes from the tables by which sluiced reads its configuration."""
    build = f"{work}/userspace"
    subprocess.run(["make", "-s", "-j2", "-C", f"{SRC}/userspace", f"O={build}", "CFLAGS=-O1",
                    f"{build}/sluiced"], check=True, stdout=subprocess.DEVNULL)
    schema, page = f"{work}/schema.json", f"{work}/page"
    with open(schema, "w", encoding="utf-8") as file:
        subprocess.run([f"{build}/sluiced", "--schema"], check=True, stdout=file)
    subprocess.run([sys.executable, "-B", f"{SRC}/tools/gen-config-man.py", schema, page],
                   check=True)
    return {CONFIG_SCHEMA: read(schema), CONFIG_PAGE: read(page)}


def generate_netlink(work):
    """What comes from the netlink specification."""
    make_work_tree(work)
    spec_path = f"{work}/{SPEC}"
    spec = yaml.safe_load(read(spec_path))
    for path in (UAPI, KERNEL_HEADER, NAMES_HEADER, REFERENCE):
        os.makedirs(os.path.dirname(f"{work}/{path}"), exist_ok=True)

    def run(script, *arguments):
        subprocess.run([sys.executable, "-B", script, *arguments], cwd=work, check=True)

    ynl = f"{KERNEL}/tools/net/ynl"
    for mode, kind, path in (("uapi", "--header", UAPI),
                             ("kernel", "--header", KERNEL_HEADER),
                             ("kernel", "--source", KERNEL_SOURCE)):
        run(f"{ynl}/ynl-gen-c.py", "--mode", mode, kind, "--spec", spec_path, "-o",
            f"{work}/{path}")
    run(f"{SRC}/tools/gen-names.py", spec_path, f"{work}/{NAMES_HEADER}", f"{work}/{NAMES_SOURCE}")
    run(f"{SRC}/tools/gen-reference.py", spec_path, f"{work}/{REFERENCE}")

    files = {path: read(f"{work}/{path}") for path in
             (UAPI, KERNEL_HEADER, KERNEL_SOURCE, NAMES_HEADER, NAMES_SOURCE, REFERENCE)}
    files[KERNEL_SOURCE] = guard_groups(refuse_attributes(files[KERNEL_SOURCE]), spec)
    return files


def generate(work):
    """Every generated file, as path in the checkout -> text."""
    files = generate_netlink(work) | generate_config(work)
    empty = [path for path, text in files.items() if not text]
    if empty:
        sys.exit(f"generate: nothing came out for {', '.join(empty)}")
    return files


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit("usage: generate.py [--check]")
    with tempfile.TemporaryDirectory() as work:
        files = generate(work)
    stale = 0
    for path, text in files.items():
        old = read(f"{SRC}/{path}")
        if old == text:
            continue
        stale += 1
        if check:
            sys.stdout.writelines(difflib.unified_diff(
                old.splitlines(True), text.splitlines(True), f"a/{path}", f"b/{path} (generated)"))
        else:
            write(f"{SRC}/{path}", text)
            print(f"generated {path}")
    if check and stale:
        sys.exit(f"{stale} generated files are not what their sources make: run tools/generate")


if __name__ == "__main__":
    main()
