#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Print the table of bench-relay and write its objects.

    relay.py WORK OUT TOP

WORK has 'results' (lines of guest/relay.sh), 'kallsyms' and 'section.N', N the number of the measured
line in 'results'. Writes OUT/relay.json and OUT/relay-profile.json."""

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

# The rest of the kernel by what it is for: the first that a name or its module matches.
PARTS = (
    ('modules of Sluice', re.compile(r'^sluice')),
    ('memory', re.compile(r'alloc|slab|^k(v)?free|kmem_|free_page|free_frozen|page_frag|memcg|obj_cgroup|_release_data|_release_head|kfree_skb|'
                          r'napi_consume|skb_free|put_page|folio|get_random_u')),
    ('system calls, descriptors, epoll', re.compile(r'syscall|^entry_|_sys_|^do_epoll|^ep_|^epoll|fd(get|put|_)|^vfs_|file|rw_verify|import_|iovec|'
                                              r'^sock_(read|write|recv|send|poll)|security_|fsnotify|select_estimate|^__fget')),
    ('scheduler, waking, timers', re.compile(r'sched|wake|enqueue|dequeue|pick_|update_|_rq|cfs|entity|select_task|worker|work|^try_to|timer|clock|ktime|'
                                            r'tick|cpu_idle|softirq|^switch|context_switch|__switch|avg|rcu_|idle|hrtimer|poll|wait')),
    ('TCP, IP, devices', re.compile(r'tcp|^ip_|^__ip|inet|ipv4|skb|net|dev_|sk_|sock|tun|neigh|qdisc|csum|xmit|dst_|fib|route|nf_|napi|eth_|fq_|gro|bql|dql')),
)


def part(name, module):
    """Of a function: what kind() says, and where that is the rest, one of PARTS."""
    what = kind(name, module)
    if what != KINDS[3]:
        return what
    if module in ('sluice', 'sluice_ktls'):
        return PARTS[0][0]
    return next((title for title, names in PARTS[1:] if names.search(name)), 'all else')


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


def profile(found):
    """Of each case and way: parts, and the most expensive functions."""
    for (case, mode), each in found.items():
        if mode == 'wire':
            continue
        functions, parts = above(each, found[case, 'wire']), collections.Counter()
        for (name, module), count in functions.items():
            parts[part(name, module)] += count
        most = sorted(functions.items(), key=lambda item: -item[1])[:25]
        yield {'case': case, 'mode': mode, 'total': round(sum(functions.values())),
               'parts': {title: round(count) for title, count in parts.items()},
               'functions': [[name, module, round(count)] for (name, module), count in most]}


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
    for name, objects in (('relay.json', entries(found)), ('relay-profile.json', profile(found))):
        with open(os.path.join(out, name), 'w', encoding='utf-8') as file:
            file.write('[\n' + ',\n'.join(json.dumps(e) for e in objects) + '\n]\n')


main()
