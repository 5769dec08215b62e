#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Write the manual page of the configuration file from its JSON schema.

    gen-config-man.py SCHEMA PAGE

The schema is what sluiced --schema prints: both come from the tables that the file is read by.
"""

import json
import sys

HEAD = r""".\" SPDX-License-Identifier: GPL-2.0-or-later
.\" Do not edit directly, auto-generated from Documentation/sluiced.schema.json
.\" by tools/gen-config-man.py
.TH SLUICED.YAML 5 2026-11-21 "Sluice" "File formats"
.SH NAME
sluiced.yaml \- configuration of the Sluice daemon
.SH DESCRIPTION
.BR sluiced (8)
reads one YAML file, and others that it includes.
It says what clients connect to
.RI ( services ),
which servers there are
.RI ( pools ),
how their health is learned
.RI ( checks )
and which way a connection or request takes
.RI ( routes ).
.B "sluiced \-c"
.I file
checks it;
.B \-\-explain
says which stratum each service runs in, and why not in a lower one.
.PP
A configuration is right as a whole or not at all: every error is reported with
its file, line, column and key, what is wrong and what would be right.
Keys that are not listed here, and keys that are given twice, are errors.
Numbers in square brackets count from 1.
.PP
Of YAML, maps, lists and texts are taken, in UTF-8.
Anchors and aliases (&, *), merges (<<), tags (!) and further documents (\-\-\-)
are refused.
A file has at most 16 MB, all together 64 MB and 1,000,000 values, nested at
most 24 deep; at most 1000 files are read, which include each other at most 8
deep.
.PP
Where several values are possible, one may be written without a list.
.SH VALUES
.TP
number
Decimal digits, without a zero in front.
.TP
time
A number with a unit:
.BR ms ", " s ", " m ", " h " or " d ,
as in 500ms or 10s.
.TP
size
A number of bytes, or with
.BR k ", " M ", " G " or " T
(of 1024).
.TP
percentage
As in 5% or 0.25%.
.TP
name
1 to 63 printable ASCII characters without blank or slash.
.TP
address and port
192.0.2.1:443 or [2001:db8::1]:443.
In YAML, what begins with a bracket needs quotes.
.SH STRATA
A service runs in the lowest stratum that can do what is asked of it:
.BR flow ,
by addresses and ports;
.BR sniff ,
by the first bytes, once for each connection;
.BR relay ,
by the head of each HTTP request, in the kernel;
.BR proxy ,
by everything, in the daemon.
Keys and words that not every stratum can do say which one is the lowest.
"""

TAIL = r""".SH EXAMPLES
Two web servers, and everything that is not one of two names refused:
.PP
.nf
.RS
version: 1
checks:
  web: {type: http, path: /healthz}
pools:
  web:
    servers: [10.0.0.11:443, 10.0.0.12:443]
    check: web
services:
  web:
    address: [192.0.2.10:443, \(aq[2001:db8::10]:443\(aq]
    parse: tls
    routes:
      \- name: web
        match: {sni: [www.example.com, example.com]}
        pool: web
.RE
.fi
.SH "SEE ALSO"
.BR sluiced (8),
.BR sluiceadm (8),
.BR pcre2pattern (3),
.BR glob (7)
"""

ROOT = "configuration"


def escape(text):
    """Text for roff."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("^", "\\(ha")
    text = text.replace("~", "\\(ti").replace("\"", "\\(dq")
    return "\\&" + text if text.startswith((".", "\\(aq")) else text


def sentences(text):
    """One sentence a line, as roff wants it."""
    return escape(text.replace(". ", ".\n")).replace("\n.", "\n\\&.")


def one_of(schema):
    """What one value of a key is: the schema of it, a list or a map taken off."""
    if "anyOf" in schema and any(part.get("type") == "array" for part in schema["anyOf"]):
        return schema["anyOf"][0], "list", schema["anyOf"][1].get("maxItems")
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return schema["additionalProperties"], "map", schema.get("maxProperties")
    return schema, "one", None


def forms(schema):
    """What may be written, as a phrase."""
    value, many, most = one_of(schema)
    if "$ref" in value:
        phrase = f"keys of {value['$ref'].rsplit('/', 1)[1]}"
    elif "enum" in value:
        words = (word if isinstance(word, str) else str(word).lower() for word in value["enum"])
        phrase = "one of " + ", ".join(words)
    else:
        phrase = schema.get("x-sluice-form", "")
        if "minimum" in value and value["minimum"] == value["maximum"]:
            phrase = str(value["minimum"])
        elif "minimum" in value:
            phrase += f" from {value['minimum']} to {value['maximum']}"
        elif "x-sluice-range" in schema:
            phrase = f"{phrase.split(',')[0]} from {schema['x-sluice-range']}"
        elif "maxLength" in value:
            phrase += f" of at most {value['maxLength']} bytes"
    if many == "list":
        phrase += f"; or a list of these, at most {most}" if most else "; or a list of these"
    elif many == "map":
        phrase = f"a map of names to: {phrase}" + (f"; at most {most}" if most else "")
    return phrase


def notes(schema):
    """What else there is to know of a key."""
    value, _, _ = one_of(schema)
    result = []
    if "default" in schema:
        default = schema["default"]
        text = json.dumps(default) if isinstance(default, bool) else str(default)
        result.append(f"By default {text}.")
    if "x-sluice-only" in schema:
        result.append("Only with " + ", ".join(schema["x-sluice-only"]) + ".")
    if "x-sluice-stratum" in schema:
        result.append(f"Needs stratum {schema['x-sluice-stratum']}.")
    for word, stratum in value.get("x-sluice-word-strata", {}).items():
        result.append(f"The word {word} needs stratum {stratum}.")
    return result


def write_keys(page, schema):
    """The keys of one map."""
    required = schema.get("required", [])
    for key, value in schema["properties"].items():
        page.append(f".TP\n.B {escape(key)}")
        page.append(sentences(value["description"]))
        phrase = forms(value)
        if phrase:
            page.append(escape(phrase[0].upper() + phrase[1:] + "."))
        if key in required:
            page.append("Has to be given.")
        page.extend(escape(note) for note in notes(value))


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: gen-config-man.py SCHEMA PAGE")
    with open(sys.argv[1], encoding="utf-8") as file:
        root = json.load(file)
    page = [HEAD.rstrip("\n"), f".SH \"KEYS OF {ROOT.upper()}\""]
    write_keys(page, root)
    for name, schema in root["$defs"].items():
        page.append(f".SH \"KEYS OF {name.upper()}\"")
        page.append(sentences(schema["description"]))
        if "x-sluice-scalar" in schema:
            schema = schema["anyOf"][0]
        write_keys(page, schema)
    page.append(TAIL.rstrip("\n"))
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write("\n".join(page) + "\n")


if __name__ == "__main__":
    main()
