#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Add up perf's samples of stratum proxy, print a table, write an object.

    http_profile.py JSON SAMPLES...

SAMPLES.samples is what perf script prints, with call chains; its base name is the case's."""

import collections
import json
import os
import re
import sys

# Where a sample is: by library, or by the system call that it is in.
LIBRARIES = (('libcrypto', 'OpenSSL'), ('libssl', 'OpenSSL'), ('sluiced', 'the daemon'),
             ('libc.', 'C library'), ('ld-linux', 'C library'), ('[vdso]', 'C library'))
CALLS = (('recv', 'receive'), ('read', 'receive'), ('send', 'send'), ('write', 'send'),
         ('splice', 'splice'), ('connect', 'connect'), ('accept', 'accept'), ('close', 'close'),
         ('shutdown', 'close'), ('epoll', 'wait'), ('socket', 'connect'), ('setsockopt', 'options'),
         ('getsockopt', 'options'))
COLUMNS = ('the daemon', 'C library', 'OpenSSL', 'receive', 'send', 'splice', 'connect', 'accept',
           'close', 'wait', 'options', 'rest')


def chains(path):
    """Call chains of a worker's samples, innermost first: (symbol, object) each."""
    chain, ours = [], False
    with open(path, encoding='utf-8', errors='replace') as file:
        for line in file:
            if not line.strip():
                if ours and chain:
                    yield chain
                chain = []
            elif line[0] not in ' \t':
                ours = line.startswith('sluiced/')
            else:
                found = re.match(r'\s+[0-9a-f]+ (.*) \((.*)\)$', line)
                if found:
                    chain.append((found.group(1), os.path.basename(found.group(2))))
    if ours and chain:
        yield chain


def place(chain):
    """The column of a sample."""
    where = chain[0][1]
    for name, column in LIBRARIES:
        if where.startswith(name):
            return column
    for symbol, _ in reversed(chain):
        call = re.match(r'_+(?:(?:x64|arm64)_)?sys_(\w+)', symbol)
        if call:
            return next((column for name, column in CALLS if name in call.group(1)), 'rest')
    return 'rest'


def add_up(path):
    """Shares of a case, and of its functions."""
    columns, functions, count = collections.Counter(), collections.Counter(), 0
    for chain in chains(path):
        columns[place(chain)] += 1
        functions[chain[0][0].split('+')[0]] += 1
        count += 1
    if not count:
        sys.exit(f'{path}: no sample of a worker')
    return {'samples': count,
            'shares': {name: round(columns[name] / count, 4) for name in COLUMNS},
            'functions': [[name, round(n / count, 4)] for name, n in functions.most_common(25)]}


def main():
    out, *paths = sys.argv[1:]
    found = {os.path.basename(path): add_up(path + '.samples') for path in paths}
    print(f'{"share of the time, %":16}' + ''.join(f'{name:>13}' for name in COLUMNS))
    for case, entry in found.items():
        print(f'{case:16}' + ''.join(f'{100 * entry["shares"][name]:13.1f}' for name in COLUMNS))
    with open(out, 'w', encoding='utf-8') as file:
        json.dump(found, file, indent=1)
        file.write('\n')


main()
