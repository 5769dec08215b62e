#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Instructions by function, from what the emulator's plugin counted.

    profile.py WORK OUT TOP

WORK has 'results' (lines of guest/cost.sh), 'kallsyms' and 'section.N', N the number of the measured
line in 'results'. Prints tables, writes OUT/l4-profile.json and OUT/profile/CASE.MODE."""

import json
import os
import sys

import symbols


def sections(work):
    """(case, mode, unit count, file) of each measured section."""
    number = 0
    with open(os.path.join(work, 'results'), encoding='utf-8') as file:
        for line in file:
            case, mode, *rest = line.split()
            if rest[0] == 'unavailable':
                print(f'{case} {mode}: not available: {" ".join(rest[1:])}')
                continue
            number += 1
            if rest[2] != rest[3]:
                sys.exit(f'{case} {mode}: {rest[3]} of {rest[2]} packets arrived; no figure is valid')
            packets = int(rest[1])
            # Of new connections over TCP, four packets are one.
            units = packets // 4 if case == 'tcp-nat-new' else packets
            yield case, mode, units, int(rest[0]), os.path.join(work, f'section.{number}')


def read(path, known, blocks):
    """Instructions by (function, module); those of each block go to the file blocks."""
    total, lines = symbols.count(path, known)
    with open(blocks, 'w', encoding='utf-8') as file:
        for count, what in sorted(lines, reverse=True):
            file.write(f'{what} {count}\n')
    return total


def profile(case, mode, each, base):
    """One object of l4-profile.json."""
    above = {key: each.get(key, 0) - base.get(key, 0) for key in each.keys() | base.keys()}
    total = sum(above.values())
    functions = []
    for (name, module), count in sorted(above.items(), key=lambda item: (-item[1], item[0])):
        if abs(count) >= 0.5:
            functions.append({'function': name, 'module': module, 'above_wire': round(count, 1),
                              'total': round(each.get((name, module), 0), 1),
                              'share': round(count / total, 4)})
    what = 'connection' if case.endswith('-new') else 'packet'
    return {'case': case, 'mode': mode, 'unit': f'instructions a {what}',
            'total': round(sum(each.values()), 1), 'above_wire': round(total, 1),
            'functions': functions}


def show(entry, top):
    """As a table, at most so many functions."""
    print(f'\n{entry["case"]} {entry["mode"]}: {entry["total"]:.0f} {entry["unit"]}, '
          f'{entry["above_wire"]:.0f} above the wire')
    print(f'{"above wire":>10} {"share":>6} {"in all":>8}  function')
    for f in entry['functions'][:top]:
        module = f' [{f["module"]}]' if f['module'] else ''
        print(f'{f["above_wire"]:10.1f} {100 * f["share"]:5.1f}% {f["total"]:8.1f}  '
              f'{f["function"]}{module}')


def main():
    work, out, top = sys.argv[1], sys.argv[2], int(sys.argv[3])
    known = symbols.Symbols(os.path.join(work, 'kallsyms'))
    os.makedirs(os.path.join(out, 'profile'), exist_ok=True)
    wire, report = {}, []
    for case, mode, units, clock, path in sections(work):
        counts = read(path, known, os.path.join(out, 'profile', f'{case}.{mode}'))
        # What was counted must be what passed by the guest's clock: nothing else is a check of both.
        if abs(sum(counts.values()) - clock) > clock / 1000:
            sys.exit(f'{case} {mode}: {sum(counts.values())} instructions counted, {clock} by the clock')
        each = {key: count / units for key, count in counts.items()}
        if mode == 'wire':
            wire[case] = each
            continue
        report.append(profile(case, mode, each, wire.get(case, {})))
        if top:
            show(report[-1], top)
    with open(os.path.join(out, 'l4-profile.json'), 'w', encoding='utf-8') as file:
        json.dump(report, file, indent=1)
        file.write('\n')


main()
