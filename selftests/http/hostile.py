#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients and servers that are slow, silent, broken or hostile, at each phase of a request.

    hostile.py DEVICE [--only TEXT]     KTAP, a case each; devices are sluice, haproxy, nginx"""

import argparse
import os
import sys
import tempfile
import time
import traceback

import hostile_clients
import hostile_servers
from bed import Bed
from client import statuses
from devices import DEVICES


def good(bed):
    """Whether a request of somebody else is served."""
    client = bed.client()
    target = bed.target()
    client.send(f'GET {target} HTTP/1.1\r\nHost: www.example.com\r\n\r\n'.encode())
    responses = client.read(5, linger=0)
    client.close()
    return statuses(responses) == [200] and target.encode() in responses[0].content


# Pipes for splice, which are kept for the next one.
SPARE_FILES = 8


def settled(bed, files):
    """Whether descriptors are as many as at first, soon, but for a few that do not become more."""
    end = time.monotonic() + 10
    bed.origin.take()
    while time.monotonic() < end:
        if bed.device.files() <= files + SPARE_FILES:
            return True
        time.sleep(0.1)
    return False


def run(bed, case, files):
    """Why a case failed, or None."""
    try:
        wrong = case(bed)
    except OSError:
        wrong = traceback.format_exc()
    if not bed.runs():
        return f'{bed.device.title} has ended with {bed.device.process.returncode}'
    bed.origin.scripts.clear()
    bed.origin.first = None
    bed.origin.take()
    if not wrong and bed.site.serves and not good(bed):
        wrong = 'afterwards, another client was not served'
    if not wrong and not settled(bed, files):
        wrong = f'{bed.device.files()} descriptors are open afterwards, {files} were before'
    return wrong


def group(name, options, cases, only, folder):
    """Cases with one site. Whether all are as they have to be."""
    cases = [case for case in cases if only in case.__doc__]
    all_good = True
    if not cases:
        return True
    with Bed(name, folder, **options) as bed:
        bed.site.serves = 'servers' not in options or None in options['servers']
        if bed.site.serves:
            good(bed)
            bed.origin.take()
            time.sleep(0.2)
        files = bed.device.files()
        for case in cases:
            wrong = run(bed, case, files)
            title = case.__doc__.rstrip('.')
            if wrong:
                all_good = False
                print('# ' + wrong.replace('\n', '\n# '))
            print(f'{"not " if wrong else ""}ok {title}', flush=True)
            if not bed.runs():
                return False
    return all_good


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('device', choices=DEVICES)
    parser.add_argument('--only', default='')
    args = parser.parse_args()
    all_good = True
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        for options, cases in hostile_clients.GROUPS + hostile_servers.GROUPS:
            all_good = group(args.device, options, cases, args.only, folder) and all_good
    if not all_good:
        sys.exit(1)


if __name__ == '__main__':
    main()
