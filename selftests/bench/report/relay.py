#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Print the table of bench-relay and write its objects.

    relay.py WORK OUT TOP

WORK has 'results' (lines of guest/relay.sh), 'kallsyms' and 'section.N', N the number of the measured
line in 'results'. Writes OUT/relay.json."""

import collections
import json
import os
import re
import sys

import cases
import symbols

# What a request costs, less the wire, is told apart into these; of user space the emulator knows no functions.
KINDS = ('programs', 'the kernel\'s TLS', 'the kernel\'s copies', 'the rest of the kernel')
COPIES = re.compile(r'(__)?(memcpy|memmove|memset)(_orig)?$|rep_(movs|stos)_alternative$|copy_user|'
                    r'clear_page|csum_partial_copy|_copy_(to|from)_iter$|copy_page')
TLS = re.compile(r'aes|gcm|ghash|crypto_|^tls_|skcipher|scatterwalk|^sg_|kernel_fpu|sk_msg|bpf_exec_tx_verdict')


def kind(name, module):
    """Of a function, one of KINDS."""
    if name == 'user space':
        return KINDS[0]
    if module in ('tls', 'aesni_intel', 'ghash_clmulni_intel') or TLS.search(name):
        return KINDS[1]
    return KINDS[2] if COPIES.search(name) else KINDS[3]


def sections(work):
    """(case, mode, requests, what the client's OpenSSL took, file) of each measured section."""
    with open(os.path.join(work, 'results'), encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            case, mode, requests, tls = line.split()
            yield case, mode, int(requests), int(tls), os.path.join(work, f'section.{number}')


def read(work):
    """Instructions of a request by function, by (case, mode)."""
    known, found = symbols.Symbols(os.path.join(work, 'kallsyms')), {}
    for case, mode, requests, tls, path in sections(work):
        total, _ = symbols.count(path, known)
        total['user space', ''] -= tls
        found[case, mode] = {key: value / requests for key, value in total.items()}
    return found


def above(each, base):
    """Less the wire."""
    return {key: each.get(key, 0) - base.get(key, 0) for key in each.keys() | base.keys()}


def by_kind(functions):
    """A Counter by kind, and all in all."""
    found = collections.Counter()
    for (name, module), count in functions.items():
        found[kind(name, module)] += count
    return found, sum(functions.values())


def show(title, functions, top):
    """The most expensive functions."""
    print(f'\n{title}')
    for (name, module), count in sorted(functions.items(), key=lambda item: -item[1])[:top]:
        print(f'{count:12,.0f}  {name}{f" [{module}]" if module else ""}')


def entries(found):
    """Objects, and lines of the table."""
    for case, (title, size, goal) in cases.RELAY.items():
        cost = {mode: by_kind(above(each, found[case, 'wire']))
                for (name, mode), each in found.items() if name == case and mode != 'wire'}
        peers = [mode for mode in cost if mode not in ('relay', 'sluice')]
        best = min(peers, key=lambda mode: cost[mode][1]) if peers else None
        unit, per = ('instructions a byte', size) if size > 100000 else ('instructions', 1)
        for mode, (kinds, total) in cost.items():
            print(f'{title:34}{cases.RELAY_NAMES[mode]:24}{total:12,.0f}' + ''.join(f'{kinds[k]:12,.0f}' for k in KINDS) +
                  (f'{cost["relay"][1] / total:8.2f}' if 'relay' in cost and mode != 'relay' else f'{"":8}') +
                  (f' {"reached" if cost["relay"][1] / total <= goal else "missed"}' if mode == best and goal else ''))
            if mode == 'relay' or 'relay' not in cost:
                continue
            yield from compare(case, 'cost of a request above the wire', unit, cost['relay'][1] / per, total / per, mode,
                               goal if mode == best else None)
            for k in KINDS:
                yield from compare(case, f'of it: {k}', unit, cost['relay'][0][k] / per, kinds[k] / per, mode, None)


def compare(case, metric, unit, ours, peer, mode, goal):
    """One object."""
    digits = 3 if unit.endswith('byte') else 0
    # Not -0.
    yield {'case': case, 'metric': metric, 'unit': unit, 'ours': round(ours, digits) + 0, 'peer': round(peer, digits) + 0,
           'peer_name': cases.RELAY_NAMES[mode], 'ratio': round(ours / peer, 3) if peer else None,
           **({'goal': goal} if goal else {})}


def main():
    work, out, top = sys.argv[1], sys.argv[2], int(sys.argv[3])
    found = read(work)
    for (case, mode), each in found.items() if top else ():
        if mode != 'wire':
            show(f'{case} {mode}', above(each, found[case, 'wire']), top)
    print(f'{"instructions of a request above the wire":58}{"in all":>12}{"programs":>12}{"TLS":>12}{"copies":>12}'
          f'{"the rest":>12}{"ratio":>8}')
    objects = list(entries(found))
    with open(os.path.join(out, 'relay.json'), 'w', encoding='utf-8') as file:
        file.write('[\n' + ',\n'.join(json.dumps(e) for e in objects) + '\n]\n')


main()
