#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Write the name tables of user space from a netlink specification.

    gen-names.py SPEC HEADER SOURCE

The names are those of the specification, so that a word is the same in netlink, on the command
line and in the documents.
"""

import os
import sys

import yaml

NOTE = """\
/* Do not edit directly, auto-generated from:
 *	{spec}
 * by tools/gen-names.py
 */
"""

HEADER = """\
/* SPDX-License-Identifier: GPL-2.0-or-later */
{note}
#ifndef {guard}
#define {guard}

/*
 * {prefix}_<enum>_name() is the name of a value, NULL if it has none.
 * {prefix}_<enum>_parse() is the value of a name, -1 if there is none.
 * Of flags, a value is one bit.
 */
{enums}
/* Attribute sets, as the numbers of the attributes are counted. */
enum {prefix}_attr_set {{
{sets}}};

/* The name of an attribute, NULL if the set has none of that number. */
const char *{prefix}_attr_name(int set, unsigned int type);

/* The set of the attributes in a nest, -1 if the attribute is not a nest. */
int {prefix}_attr_nested(int set, unsigned int type);

/* The name of a command, NULL if there is none of that number. */
const char *{prefix}_cmd_name(unsigned int cmd);

/* The set of the attributes of a command, -1 if there is no such command. */
int {prefix}_cmd_attr_set(unsigned int cmd);

#endif /* {guard} */
"""

SOURCE_TOP = """\
// SPDX-License-Identifier: GPL-2.0-or-later
{note}
#include <stddef.h>
#include <string.h>

#include <{uapi}>

#include "{header}"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct name {{
	unsigned int value;
	const char *name;
}};

static const char *find_name(const struct name *names, size_t count,
			     unsigned int value)
{{
	for (size_t i = 0; i < count; i++)
		if (names[i].value == value)
			return names[i].name;
	return NULL;
}}

static int find_value(const struct name *names, size_t count, const char *name)
{{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i].name, name) == 0)
			return (int)names[i].value;
	return -1;
}}
"""

ENUM_FUNCTIONS = """
const char *{prefix}_{ident}_name(unsigned int v)
{{
	return find_name({ident}_names, ARRAY_SIZE({ident}_names), v);
}}

int {prefix}_{ident}_parse(const char *s)
{{
	return find_value({ident}_names, ARRAY_SIZE({ident}_names), s);
}}
"""

SOURCE_END = """
struct attr {
	const char *name;
	int nested;
};

%(attrs)sstatic const struct {
	const struct attr *attrs;
	size_t count;
} attr_sets[] = {
%(sets)s};

static const struct attr *find_attr(int set, unsigned int type)
{
	if (set < 0 || (size_t)set >= ARRAY_SIZE(attr_sets) ||
	    type >= attr_sets[set].count || !attr_sets[set].attrs[type].name)
		return NULL;
	return &attr_sets[set].attrs[type];
}

const char *%(prefix)s_attr_name(int set, unsigned int type)
{
	const struct attr *attr = find_attr(set, type);

	return attr ? attr->name : NULL;
}

int %(prefix)s_attr_nested(int set, unsigned int type)
{
	const struct attr *attr = find_attr(set, type);

	return attr ? attr->nested : -1;
}

static const struct {
	const char *name;
	int set;
} cmds[] = {
%(cmds)s};

const char *%(prefix)s_cmd_name(unsigned int cmd)
{
	return cmd < ARRAY_SIZE(cmds) ? cmds[cmd].name : NULL;
}

int %(prefix)s_cmd_attr_set(unsigned int cmd)
{
	if (cmd >= ARRAY_SIZE(cmds) || !cmds[cmd].name)
		return -1;
	return cmds[cmd].set;
}
"""


def lower(name):
    """A name of the specification as part of a C identifier."""
    return name.replace("-", "_")


def upper(*names):
    """Names of the specification as one C constant, by the rules of the uapi header."""
    return "_".join(names).replace("-", "_").upper()


def entry_name(entry):
    """Entries without documentation are plain strings."""
    return entry["name"] if isinstance(entry, dict) else entry


def attribute_tables(family, sets):
    """Attributes of every set that counts its own; subsets share the numbers of the whole set."""
    whole = {s["name"]: s.get("subset-of", s["name"]) for s in sets}
    tables = []
    for attr_set in sets:
        if "subset-of" in attr_set:
            continue
        name = attr_set["name"]
        lines = []
        for attr in attr_set["attributes"]:
            nested = "-1"
            if attr["type"] == "nest":
                nested = upper(family, "set", whole[attr["nested-attributes"]])
            lines.append(f'\t[{upper(family, "a", name, attr["name"])}] = '
                         f'{{ "{attr["name"]}", {nested} }},\n')
        tables.append((name, "".join(lines)))
    return whole, tables


def command_table(family, operations, whole):
    """Commands with the set of their attributes; a notification has that of what it notifies."""
    by_name = {op["name"]: op for op in operations}
    lines = []
    for op in operations:
        attr_set = by_name[op.get("notify", op["name"])]["attribute-set"]
        lines.append(f'\t[{upper(family, "cmd", op["name"])}] = '
                     f'{{ "{op["name"]}", {upper(family, "set", whole[attr_set])} }},\n')
    return "".join(lines)


def main():
    if len(sys.argv) != 4:
        sys.exit("usage: gen-names.py SPEC HEADER SOURCE")
    spec_path, header_path, source_path = sys.argv[1:]
    with open(spec_path, encoding="utf-8") as file:
        spec = yaml.safe_load(file)
    enums = [d for d in spec["definitions"] if d["type"] in ("enum", "flags")]
    family = spec["name"]
    prefix = lower(family)
    whole, tables = attribute_tables(family, spec["attribute-sets"])
    note = NOTE.format(spec=spec_path)

    prototypes = []
    source = [SOURCE_TOP.format(note=note, uapi=spec["uapi-header"],
                                header=os.path.basename(header_path))]
    for enum in enums:
        ident = lower(enum["name"])
        prototypes.append(f"const char *{prefix}_{ident}_name(unsigned int v);\n"
                          f"int {prefix}_{ident}_parse(const char *s);\n")
        names = "".join(f'\t{{ {upper(family, enum["name"], entry_name(e))}, "{entry_name(e)}" }},\n'
                        for e in enum["entries"])
        source.append(f"\nstatic const struct name {ident}_names[] = {{\n{names}}};\n")
        source.append(ENUM_FUNCTIONS.format(prefix=prefix, ident=ident))
    attrs = "".join(f"static const struct attr {lower(name)}_attrs[] = {{\n{lines}}};\n\n"
                    for name, lines in tables)
    sets = "".join(f'\t[{upper(family, "set", name)}] = '
                   f"{{ {lower(name)}_attrs, ARRAY_SIZE({lower(name)}_attrs) }},\n"
                   for name, _ in tables)
    source.append(SOURCE_END % {"prefix": prefix, "attrs": attrs, "sets": sets,
                                "cmds": command_table(family, spec["operations"]["list"], whole)})

    guard = upper("sluice", os.path.basename(header_path).replace(".", "-"))
    sets = "".join(f'\t{upper(family, "set", name)},\n' for name, _ in tables)
    with open(header_path, "w", encoding="utf-8") as file:
        file.write(HEADER.format(note=note, guard=guard, prefix=prefix, enums="".join(prototypes),
                                 sets=sets))
    with open(source_path, "w", encoding="utf-8") as file:
        file.write("".join(source))


if __name__ == "__main__":
    main()
