#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measure HTTP through stratum proxy beside HAProxy and nginx, print the table, write the objects.

    proxy_http.py TOOLS JSON [--rounds N] [--seconds N] [--devices NAME,...] [--cases NAME,...]"""
# Not http.py: that is a module of Python's, which this would hide.

import argparse
import collections
import json
import statistics
import sys
import tempfile
import time

import proxy_load

GOAL = 0.8
IDLE = 10000
LIMIT = 15 * 60

Case = collections.namedtuple('Case', 'title options length tls')

# CPU time of a request, by what is asked for.
CASES = {
    'keep-alive': Case('keep-alive, 128 bytes', ['-c64'], 128, False),
    'close': Case('a connection each, 128 bytes', ['-c64', '-o'], 128, False),
    '100kB': Case('keep-alive, 100 kB', ['-c16'], 100000, False),
    '10MB': Case('keep-alive, 10 MB', ['-c4'], 10000000, False),
    'tls-keep-alive': Case('TLS, keep-alive, 128 bytes', ['-c64', '-s'], 128, True),
    'tls-full': Case('TLS, a full handshake each', ['-c64', '-s', '-o'], 128, True),
    'tls-resumed': Case('TLS, a resumed handshake each', ['-c64', '-S', '-o'], 128, True),
}
# At half of the rate that the slowest of them had in the case.
LATENCY = {'latency': 'keep-alive', 'tls-latency': 'tls-keep-alive'}
IDLES = {'idle': ('idle connection', False), 'tls-idle': ('TLS, idle connection', True)}

# @title: of the line; @values: of each round, by device; @goal: whether there is one
Line = collections.namedtuple('Line', 'case title metric unit values goal')


def say(text):
    """Progress, for who waits."""
    print(f'bench: {text}', file=sys.stderr, flush=True)


def by_device():
    """Lists by name of a device."""
    return collections.defaultdict(list)


def measure_cpu(bed, name, args, rates):
    """A line; the rates are kept for latencies."""
    case, values = CASES[name], by_device()
    bed.start()
    for device in bed.turns(args.rounds):
        options = case.options + [f'-t{args.seconds}']
        result = bed.requests(device, options, case.length, case.tls)
        if name == 'tls-resumed' and result['resumed'] < 0.8 * result['handshakes']:
            raise RuntimeError(f"{device.title} resumed {result['resumed']} of "
                               f"{result['handshakes']} sessions")
        if name == 'tls-full' and result['resumed']:
            raise RuntimeError(f'{device.title} resumed sessions where there are none')
        values[device.name].append(result['cpu_us'])
        rates[name][device.name].append(result['requests'] / result['seconds'])
        say(f"{case.title}: {device.title} {result['cpu_us']:.1f} us, "
            f"{result['requests'] / result['seconds']:.0f}/s, busy {result['share']:.0%}")
    yield Line(name, case.title, 'CPU time of a request', 'us', values, True)


def measure_latency(bed, name, args, rates):
    """Two lines."""
    case, known = CASES[LATENCY[name]], rates[LATENCY[name]]
    if not known:
        say(f'{name}: needs the rates of {LATENCY[name]}')
        return
    rate = int(min(statistics.median(each) for each in known.values()) / 2)
    middle, late = by_device(), by_device()
    bed.start()
    for device in bed.turns(args.rounds):
        options = case.options + [f'-t{args.seconds}', f'-r{rate}']
        result = bed.requests(device, options, case.length, case.tls)
        middle[device.name].append(result['p50_us'])
        late[device.name].append(result['p99_us'])
        # Those that were not answered in time are in its latencies, as late as the end.
        say(f"{case.title}, {rate}/s: {device.title} p50 {result['p50_us']:.0f} us, "
            f"p99 {result['p99_us']:.0f} us, {result['requests']} of {result['scheduled']}")
    title = f'{case.title}, {rate}/s'
    yield Line(name, title, 'latency, median', 'us', middle, True)
    yield Line(name, title, 'latency, 99th percentile', 'us', late, True)


def measure_idle(bed, name, args):
    """Three lines."""
    title, tls = IDLES[name]
    own, kernel, total = by_device(), by_device(), by_device()
    bed.stop_devices()
    for device in bed.turns(min(args.rounds, 3)):
        mine, its, all_of_it = bed.idle(device, IDLE, tls)
        own[device.name].append(mine)
        kernel[device.name].append(its)
        total[device.name].append(all_of_it / 1e6)
        say(f'{title}: {device.title} {mine:.0f} bytes, kernel {its:.0f} bytes')
    yield Line(name, title, f'memory of each of {IDLE}', 'bytes', own, True)
    # What is reserved at the start is not in the line above.
    yield Line(name, title, f'all memory with {IDLE}', 'MB', total, False)
    yield Line(name, title, 'the kernel\'s, of both ends', 'bytes', kernel, False)


def measure(bed, args, wrong):
    """Lines, as they come; what went wrong is added to a list."""
    rates, end = collections.defaultdict(by_device), time.monotonic() + LIMIT
    for known, how in ((CASES, lambda name: measure_cpu(bed, name, args, rates)),
                       (LATENCY, lambda name: measure_latency(bed, name, args, rates)),
                       (IDLES, lambda name: measure_idle(bed, name, args))):
        for name in known:
            if name not in args.cases:
                continue
            if time.monotonic() > end:
                wrong.append(f'{name}: not measured, {LIMIT // 60} minutes are over')
                continue
            try:
                yield from how(name)
            except RuntimeError as error:
                wrong.append(f'{name}: {error}')
                say(wrong[-1])


def entries(line, versions):
    """Objects of a line: beside each peer, and the goal."""
    found = {name: statistics.median(values) for name, values in line.values.items()}
    ours = found.pop('sluice', None)
    own = {'case': line.case, 'metric': line.metric, 'unit': line.unit,
           'ours': ours and round(ours, 2)}
    others = list(found.items())
    if others and line.goal:
        others.append(('goal', GOAL * min(found.values())))
    for name, value in others:
        yield own | {
            'peer': round(value, 2), 'peer_name': versions.get(name, 'goal: 0.8 of the better'),
            'ratio': round(ours / value, 3) if ours else None,
            'ours_range': extremes(line.values.get('sluice')),
            'peer_range': extremes(line.values.get(name))}


def extremes(values):
    """Smallest and largest."""
    return [round(min(values), 2), round(max(values), 2)] if values else None


def head(devices):
    """Of the table."""
    print(f'{"":60}' + ''.join(f'{device.version():>24}' for device in devices) + '   of the better')


def row(line, devices):
    """A line of the table: medians, and the extremes of rounds."""
    text = f'{line.title}: {line.metric}, {line.unit}'
    text = f'{text:60}'
    found = {}
    for device in devices:
        values = line.values.get(device.name)
        cell = '-'
        if values:
            found[device.name] = statistics.median(values)
            digits = 1 if found[device.name] < 1000 else 0
            cell = (f'{found[device.name]:.{digits}f} '
                    f'({min(values):.{digits}f}-{max(values):.{digits}f})')
        text += f'{cell:>24}'
    ours = found.pop('sluice', None)
    if ours is not None and found:
        ratio = ours / min(found.values())
        text += f'{ratio:10.2f}'
        if line.goal:
            text += ' reached' if ratio <= GOAL else ' missed'
    print(text, flush=True)


def arguments():
    """Of the command line."""
    names = [*CASES, *LATENCY, *IDLES]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('tools')
    parser.add_argument('out')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--seconds', type=int, default=2)
    parser.add_argument('--devices', type=lambda text: text.split(','),
                        default=['sluice', 'haproxy', 'nginx'])
    parser.add_argument('--cases', type=lambda text: text.split(','), default=names)
    args = parser.parse_args()
    for given, known in ((args.cases, names), (args.devices, proxy_load.DEVICES)):
        for name in given:
            if name not in known:
                parser.error(f'{name}: not one of {", ".join(known)}')
    return args


def main():
    args = arguments()
    lines, wrong = [], []
    softirqs = proxy_load.waiting_softirqs()
    with tempfile.TemporaryDirectory() as folder:
        bed = proxy_load.Bed(args.tools, folder, args.devices)
        try:
            lines = list(measure(bed, args, wrong))
        finally:
            bed.stop()
    versions = {device.name: device.version() for device in bed.devices}
    head(bed.devices)
    for line in lines:
        row(line, bed.devices)
    print(f'Median (extremes) of {args.rounds} rounds of {args.seconds} s in turn, one thread each; '
          f'{proxy_load.processor()}.')
    if softirqs is not None:
        softirqs = (proxy_load.waiting_softirqs() - softirqs) / 1e6
        print(f'Softirqs that were nobody\'s, on the proxies\' processor: {softirqs:.0f} ms in all.')
    objects = [entry for line in lines for entry in entries(line, versions)]
    with open(args.out, 'w', encoding='utf-8') as file:
        file.write('[\n' + ',\n'.join(json.dumps(entry) for entry in objects) + '\n]\n')
    if wrong:
        sys.exit('\n'.join(f'bench: {text}' for text in wrong))


if __name__ == '__main__':
    main()
