#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run every generator; tools/generate is the command for people.

Most is made from the netlink specifications, the rest from the tables of the daemon's configuration.

The generator of the uapi header and the kernel's tables is the kernel's own, of the 6.12 series: a
series that gets fixes only, so that the output stays the same from one package version to the next.
"""

import difflib
import os
import re
import subprocess
import sys
import tempfile
import typing

import yaml

SRC = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KERNEL = os.environ.get("SLUICE_KERNEL_SOURCE", "/usr/src/linux-6.12")
SPECS = "Documentation/netlink/specs"

CONFIG_SCHEMA = "Documentation/sluiced.schema.json"
CONFIG_PAGE = "Documentation/man/sluiced.yaml.5"


class Family(typing.NamedTuple):
    """A netlink specification, and what is made from it."""

    spec: str
    uapi: str
    kernel_header: str
    kernel_source: str
    names_header: str
    names_source: str
    reference: str

    def made(self):
        """The paths of all that is made."""
        return self[1:]


FAMILIES = (
    Family(spec=f"{SPECS}/sluice.yaml",
           uapi="include/uapi/linux/sluice.h",
           kernel_header="kmod/netlink/gen.h",
           kernel_source="kmod/netlink/gen.c",
           names_header="userspace/lib/names.gen.h",
           names_source="userspace/lib/names.gen.c",
           reference="Documentation/netlink/reference.md"),
    Family(spec=f"{SPECS}/sluice-relay.yaml",
           uapi="include/uapi/linux/sluice_relay.h",
           kernel_header="ktls/gen.h",
           kernel_source="ktls/gen.c",
           names_header="userspace/lib/relay_names.gen.h",
           names_source="userspace/lib/relay_names.gen.c",
           reference="Documentation/netlink/relay-reference.md"),
)


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
    for family in FAMILIES:
        write(f"{work}/{family.spec}", read(f"{SRC}/{family.spec}"))


def guard_groups(source, spec, where):
    """Put the flags of the multicast groups in, which the kernel's generator leaves out."""
    for group in spec["mcast-groups"]["list"]:
        if "uns-admin-perm" not in group.get("flags", []):
            continue
        source = substitute_once(r'\{ "' + re.escape(group["name"]) + r'", \}',
                                 f'{{ "{group["name"]}", .flags = GENL_MCAST_CAP_NET_ADMIN, }}',
                                 source, where)
    return source


def refuse_attributes(source, spec, where):
    """Let commands that take no attributes refuse them: before 7.0 the kernel looks at none then."""
    table = re.search(r"^static const struct genl_split_ops .*?^};", source, re.M | re.S)
    if not table:
        sys.exit(f"generate: {where}: no table of operations")
    name = spec["name"].replace("-", "_") + "_no_attributes_policy"
    refuse = f"\t\t.policy\t\t= {name},\n\t\t.maxattr\t= 1,\n"
    entries = [entry if ".policy" in entry else entry.replace("\t\t.flags", refuse + "\t\t.flags")
               for entry in table.group(0).split("\t{\n")]
    policy = ("/* For commands without attributes */\n"
              f"static const struct nla_policy {name}[2] = {{\n"
              "\t[1] = { .type = NLA_REJECT, },\n};\n\n")
    title = f"/* Ops table for {spec['name'].replace('-', '_')} */\n"
    if source.count(title) != 1:
        sys.exit(f"generate: {where}: the table of operations has another title")
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


def generate_family(work, family):
    """What comes from one netlink specification."""
    spec_path = f"{work}/{family.spec}"
    spec = yaml.safe_load(read(spec_path))
    for path in family.made():
        os.makedirs(os.path.dirname(f"{work}/{path}"), exist_ok=True)

    def run(script, *arguments):
        subprocess.run([sys.executable, "-B", script, *arguments], cwd=work, check=True)

    ynl = f"{KERNEL}/tools/net/ynl"
    for mode, kind, path in (("uapi", "--header", family.uapi),
                             ("kernel", "--header", family.kernel_header),
                             ("kernel", "--source", family.kernel_source)):
        run(f"{ynl}/ynl-gen-c.py", "--mode", mode, kind, "--spec", spec_path, "-o",
            f"{work}/{path}")
    run(f"{SRC}/tools/gen-names.py", family.spec, f"{work}/{family.names_header}",
        f"{work}/{family.names_source}")
    run(f"{SRC}/tools/gen-reference.py", family.spec, f"{work}/{family.reference}")

    files = {path: read(f"{work}/{path}") for path in family.made()}
    source = refuse_attributes(files[family.kernel_source], spec, family.kernel_source)
    files[family.kernel_source] = guard_groups(source, spec, family.kernel_source)
    return files


def generate_netlink(work):
    """What comes from the netlink specifications."""
    make_work_tree(work)
    files = {}
    for family in FAMILIES:
        files |= generate_family(work, family)
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
