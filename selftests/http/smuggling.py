#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Send what two programs may take for two things through proxies, and see what arrives.

    smuggling.py DEVICE                 KTAP, a case each; devices are sluice, haproxy, nginx
    smuggling.py --table DEVICE...      a table in Markdown, of what each does
    --only TEXT                         cases with TEXT in their name
    --tls                               clients come over TLS
    --address ADDRESS                   where everybody is, in place of 127.0.0.1"""

import argparse
import os
import sys
import tempfile

import request_cases
import response_cases
from bed import Bed
from client import statuses
from devices import DEVICES
from judge import judge_request
from response_judge import run_response

# As long as a slow host may take for one of them; a device ends what is not whole after a second.
PATIENCE = 10


def run_request(bed, case):
    """What became of it."""
    target = bed.target().encode()
    client = bed.client()
    method = case.raw.split(b' ')[0].decode('latin-1').strip()
    # How many answers there should be; a second request in a case is a GET.
    count = max(len(getattr(expect, 'statuses', ())) if hasattr(expect, 'method') else 1
                for expect in case.expect)
    client.send(case.raw.replace(b'TARGET', target), [method] + ['GET'] * (count - 1))
    client.methods += ['GET'] * 3
    responses = client.read(PATIENCE, count, 0.1)
    # Whoever refuses says so first, and closes then.
    if responses and statuses(responses)[-1] >= 400:
        client.read_end(PATIENCE / 3)
    client.close()
    return judge_request(case, target, bed.origin.take(), statuses(responses), client.ended)


def cases(only):
    """Group, name, and how it is run."""
    for group, found in request_cases.GROUPS.items():
        for case in found:
            if only in case.name:
                yield group, case.name, lambda bed, case=case: run_request(bed, case)
    for group, found in response_cases.GROUPS.items():
        for case in found:
            if only in case.name:
                yield group, case.name, lambda bed, case=case: run_response(bed, case)


def ktap(name, only, folder, **where):
    """A case a line. Whether all are as they have to be."""
    bed, good = Bed(name, folder, **where), True
    try:
        for group, title, run in cases(only):
            verdict = run(bed)
            problems = [f'{d.short}: {d.why}' for d in verdict.danger] + verdict.wrong
            good = good and not problems
            for problem in problems:
                print(f'# {problem}')
            print(f'{"not " if problems else ""}ok {group}: {title}: {verdict.said}', flush=True)
            if not bed.runs():
                print(f'not ok {bed.device.title} has ended with {bed.device.process.returncode}')
                return False
    finally:
        bed.stop()
    return good


def table(names, only, folder, **where):
    """In Markdown: bold is what nobody may do."""
    beds = [Bed(name, f'{folder}/{name}', **where) for name in names]
    counts, last, number = [0] * len(beds), None, 0
    print('| case | ' + ' | '.join(bed.device.version() for bed in beds) + ' |')
    print('| --- |' + ' --- |' * len(beds))
    for group, title, run in cases(only):
        if group != last:
            print(f'| *{group}* |' + ' |' * len(beds))
            last = group
        number += 1
        cells = []
        for i, bed in enumerate(beds):
            verdict = run(bed)
            counts[i] += bool(verdict.danger)
            cells.append(f'**{verdict.said}: {verdict.danger[0].short}**' if verdict.danger
                         else verdict.said)
        print(f'| {title} | ' + ' | '.join(cells) + ' |', flush=True)
    print(f'| **dangerous, of {number}** | ' + ' | '.join(f'**{count}**' for count in counts) + ' |')
    for bed in beds:
        bed.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('devices', nargs='+', choices=DEVICES)
    parser.add_argument('--table', action='store_true')
    parser.add_argument('--only', default='')
    parser.add_argument('--tls', action='store_true')
    parser.add_argument('--address', default='127.0.0.1')
    args = parser.parse_args()
    where = {'tls': args.tls, 'address': args.address}
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        if args.table:
            table(args.devices, args.only, folder, **where)
        elif not all([ktap(name, args.only, f'{folder}/{name}', **where) for name in args.devices]):
            sys.exit(1)


if __name__ == '__main__':
    main()
