#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Write the reference page of a netlink specification, in Markdown.

    gen-reference.py SPEC PAGE

The kernel's ynl-gen-rst.py leaves out the numbers, the limits and what an attribute set is for, and
its links need Sphinx.
"""

import sys
import textwrap

import yaml

PERMISSIONS = {
    "uns-admin-perm": "`CAP_NET_ADMIN` in the user namespace of the network namespace",
    "admin-perm": "`CAP_NET_ADMIN` in the initial user namespace",
}


def wrap(text):
    """A paragraph of at most 100 columns, and an empty line."""
    return textwrap.fill(" ".join(text.split()), 100, break_on_hyphens=False,
                         break_long_words=False) + "\n\n"


def cell(text):
    """Text that cannot end its cell of a table."""
    return " ".join(str(text).split()).replace("|", "\\|")


def table(heads, rows):
    """A table; columns that are empty in every row are left out."""
    used = [i for i in range(len(heads)) if any(row[i] for row in rows)]
    lines = [[heads[i] for i in used], ["---" for _ in used]]
    lines += [[cell(row[i]) for i in used] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n"


def link(kind, name):
    return f"[{name}](#{kind}-{name})"


def heading(level, kind, name):
    """A heading with an anchor of its own: a set and an operation may have the same name."""
    return f'<a id="{kind}-{name}"></a>\n{"#" * level} {name}\n\n'


def check_text(checks, consts):
    """Limits in words, constants by their value."""
    words = {"min": "at least", "max": "at most", "min-len": "at least {} bytes",
             "max-len": "at most {} bytes", "exact-len": "exactly {} bytes"}
    parts = []
    for key, value in (checks or {}).items():
        value = consts.get(value, value)
        text = words.get(key, key)
        parts.append(text.format(value) if "{}" in text else f"{text} {value}")
    return ", ".join(parts)


def type_text(attr):
    text = attr["type"]
    if attr["type"] == "nest":
        text = "nest of " + link("set", attr["nested-attributes"])
    if "enum" in attr:
        text += ", " + link("definition", attr["enum"])
    if attr.get("byte-order"):
        text += ", " + attr["byte-order"]
    if attr.get("multi-attr"):
        text += ", any number of times"
    return text


def operations(spec):
    out = ["## Operations\n\n"]
    listed = spec["operations"]["list"]
    number = 0
    for op in listed:
        number = op.get("value", number + 1)
        out.append(heading(3, "operation", op["name"]))
        out.append(wrap(op.get("doc", "")))
        rows = [("number", number)]
        if "mcgrp" in op:
            rows.append(("sent to", f"group {link('group', op['mcgrp'])}"))
        if "notify" in op:
            rows.append(("carries", f"the reply of {link('operation', op['notify'])}"))
        else:
            rows.append(("attributes", link("set", op["attribute-set"])))
            rows += [("needs", PERMISSIONS[flag]) for flag in op.get("flags", [])]
        for kind in ("do", "dump"):
            if kind not in op:
                continue
            messages = op[kind] or {}
            for message in ("request", "reply"):
                attributes = messages.get(message, {}).get("attributes", [])
                listing = ", ".join(f"`{a}`" for a in attributes)
                # A command that only acts is acknowledged; one that only reports needs no request.
                if listing or message == "request":
                    rows.append((f"{kind}: {message}", listing or "no attributes"))
        if "event" in op:
            rows.append(("carries", ", ".join(f"`{a}`" for a in op["event"]["attributes"])))
        out.append(table(("", ""), rows))
    return "".join(out)


def definitions(spec):
    out = ["## Definitions\n\n"]
    consts = [d for d in spec["definitions"] if d["type"] == "const"]
    out.append(table(("constant", "value", "meaning"),
                     [(f"`{d['name']}`", str(d["value"]), d.get("doc", "")) for d in consts]))
    for definition in spec["definitions"]:
        if definition["type"] == "const":
            continue
        out.append(heading(3, "definition", definition["name"]))
        out.append(wrap(definition.get("doc", "")))
        rows = []
        value = definition.get("value-start", 0)
        for entry in definition["entries"]:
            entry = entry if isinstance(entry, dict) else {"name": entry}
            value = entry.get("value", value)
            shown = f"0x{1 << value:x}" if definition["type"] == "flags" else str(value)
            rows.append((f"`{entry['name']}`", shown, entry.get("doc", "")))
            value += 1
        head = "bit" if definition["type"] == "flags" else "value"
        out.append(table(("name", head, "meaning"), rows))
    return "".join(out)


def attribute_sets(spec):
    out = ["## Attribute sets\n\n"]
    consts = {d["name"]: d["value"] for d in spec["definitions"] if d["type"] == "const"}
    for attr_set in spec["attribute-sets"]:
        out.append(heading(3, "set", attr_set["name"]))
        if "subset-of" in attr_set:
            names = ", ".join(f"`{a['name']}`" for a in attr_set["attributes"])
            out.append(wrap(f"Of the set {link('set', attr_set['subset-of'])}, with the same "
                            f"numbers: {names}."))
            continue
        out.append(wrap(attr_set.get("doc", "")))
        rows = []
        number = 0
        for attr in attr_set["attributes"]:
            number = attr.get("value", number + 1)
            rows.append((str(number), f"`{attr['name']}`", type_text(attr),
                         check_text(attr.get("checks"), consts), attr.get("doc", "")))
        out.append(table(("number", "name", "type", "limits", "meaning"), rows))
    return "".join(out)


def groups(spec):
    out = ["## Multicast groups\n\n"]
    for group in spec["mcast-groups"]["list"]:
        out.append(heading(3, "group", group["name"]))
        needs = " and ".join(PERMISSIONS[flag] for flag in group.get("flags", []))
        out.append(wrap(f"To join needs {needs}." if needs else "Anybody may join."))
        out.append(wrap("Carries " + ", ".join(
            link("operation", op["name"]) for op in spec["operations"]["list"]
            if op.get("mcgrp") == group["name"]) + "."))
    return "".join(out)


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: gen-reference.py SPEC PAGE")
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = yaml.safe_load(file)
    page = "".join((
        "<!-- SPDX-License-Identifier: GPL-2.0-or-later -->\n",
        f"<!-- Do not edit directly, auto-generated from {sys.argv[1]} -->\n",
        f"# The generic netlink family `{spec['name']}`\n\n",
        wrap(spec["doc"]),
        wrap("Numbers are in the byte order of the host where nothing else is said. A `uint` has 4 "
             "bytes where its value fits, otherwise 8."),
        operations(spec), groups(spec), attribute_sets(spec), definitions(spec)))
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(page.rstrip("\n") + "\n")


if __name__ == "__main__":
    main()
