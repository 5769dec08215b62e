#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measure health checks beside HAProxy's, print the table and write the objects.

    checks.py BENCH-CHECKS JSON"""

import csv
import io
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time

PORT = 7777
SERVERS = 10000
SECONDS = 5
START_MAX = 60
ROUNDS = 3
GOAL = 0.5


def connections():
    """What this network namespace has opened: every check is one."""
    with open('/proc/net/snmp', encoding='ascii') as file:
        names, values = [line.split() for line in file if line.startswith('Tcp:')]
    return int(values[names.index('ActiveOpens')])


def ours(program, kind):
    """Checks, microseconds of CPU, and those of them in user space."""
    words = subprocess.run([program, kind, str(PORT), str(SERVERS), str(SECONDS)], text=True,
                           stdout=subprocess.PIPE, check=True).stdout.split()
    return int(words[1]), float(words[5]) + float(words[7]), float(words[5])


def configuration(kind, stats):
    """As many servers, checked as often."""
    lines = ['global', ' nbthread 1', ' spread-checks 10', f' stats socket {stats}', 'defaults', ' mode tcp',
             ' timeout connect 5s', ' timeout client 5s', ' timeout server 5s', ' timeout check 5s',
             'frontend none', ' bind 127.0.0.1:7778', ' default_backend all', 'backend all']
    if kind == 'http':
        lines.append(' option httpchk GET /')
    for i in range(SERVERS):
        host = 0x7f010001 + i
        address = '.'.join(str(host >> shift & 255) for shift in (24, 16, 8, 0))
        lines.append(f' server s{i} {address}:{PORT} check inter 1s')
    return '\n'.join(lines) + '\n'


def cpu(pid):
    """Microseconds of user and system time."""
    with open(f'/proc/{pid}/stat', encoding='ascii') as file:
        words = file.read().rpartition(')')[2].split()
    return (int(words[11]) + int(words[12])) * 1e6 / os.sysconf('SC_CLK_TCK')


def passed(stats):
    """How many servers the last check of HAProxy found right."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(stats)
        client.sendall(b'show stat\n')
        rows = csv.DictReader(io.TextIOWrapper(client.makefile('rb'), 'utf-8'))
        # A star says that the next check is under way.
        return sum(row['check_status'].lstrip('* ') in ('L4OK', 'L7OK') for row in rows)


def wait_for_checks(process, stats):
    """Until HAProxy has found all servers right; an error names what it has instead."""
    limit = time.monotonic() + START_MAX
    count = 0
    while time.monotonic() < limit:
        time.sleep(1)
        if process.poll() is not None:
            sys.exit(f'checks.py: HAProxy ended with status {process.returncode} before it '
                     'had checked its servers')
        try:
            count = passed(stats)
        except OSError:
            continue
        if count == SERVERS:
            return
    sys.exit(f'checks.py: HAProxy found {count} of {SERVERS} servers right in {START_MAX} s, '
             'all were expected')


def peer(kind):
    """The same of HAProxy; its own words are shown, should it have any."""
    with tempfile.TemporaryDirectory() as folder:
        stats, file = f'{folder}/stats', f'{folder}/haproxy.cfg'
        with open(file, 'w', encoding='ascii') as out:
            out.write(configuration(kind, stats))
        with subprocess.Popen(['haproxy', '-db', '-f', file]) as process:
            try:
                wait_for_checks(process, stats)
                checks, spent = connections(), cpu(process.pid)
                time.sleep(SECONDS)
                checks = connections() - checks
                spent = cpu(process.pid) - spent
                if passed(stats) != SERVERS:
                    sys.exit('checks.py: checks of HAProxy failed in the measurement')
            finally:
                process.kill()
    return checks, spent


def version():
    """HAProxy's."""
    words = subprocess.run(['haproxy', '-v'], text=True, stdout=subprocess.PIPE,
                           check=True).stdout.split()
    return 'HAProxy ' + words[2].split('-')[0]


def compare(program):
    """The table, printed; the objects."""
    entries = []
    print(f'{"CPU time of a check, microseconds":36}{"Sluice":>10}{version():>18}'
          f'{"a core at 10,000/s":>20}')
    for kind in ('tcp', 'http'):
        own, other, user, rates, its_rates = [], [], [], [], []
        for _ in range(ROUNDS):
            checks, spent, outside = ours(program, kind)
            own.append(spent / checks)
            user.append(outside / checks)
            rates.append(checks / SECONDS)
            checks, spent = peer(kind)
            other.append(spent / checks)
            its_rates.append(checks / SECONDS)
        mine, its = statistics.median(own), statistics.median(other)
        share = mine * 10000 / 1e6
        entries += [
            {'case': kind, 'metric': 'CPU time of a check', 'unit': 'us', 'ours': round(mine, 1),
             'peer': round(its, 1), 'peer_name': version(), 'ratio': round(mine / its, 3)},
            {'case': kind, 'metric': 'of it in user space', 'unit': 'us',
             'ours': round(statistics.median(user), 1), 'peer': None, 'peer_name': version(),
             'ratio': None},
            {'case': kind, 'metric': 'share of a core at 10,000 checks a second', 'unit': 'cores',
             'ours': round(share, 3), 'peer': GOAL, 'peer_name': 'goal',
             'ratio': round(share / GOAL, 3)},
            {'case': kind, 'metric': 'checks a second', 'unit': '1/s',
             'ours': round(statistics.median(rates)), 'peer': round(statistics.median(its_rates)),
             'peer_name': version(), 'ratio': None},
        ]
        print(f'{kind:36}{mine:10.1f}{its:18.1f}{share:19.0%}  '
              f'{"reached" if share < GOAL else "missed"}')
        print(f'    of it in user space {statistics.median(user):.1f}; rounds {" ".join(f"{v:.1f}" for v in own)} | '
              f'{" ".join(f"{v:.1f}" for v in other)}; checks a second: '
              f'{" ".join(f"{v:.0f}" for v in rates)} | {" ".join(f"{v:.0f}" for v in its_rates)}')
    return entries


def main():
    program, out = sys.argv[1:]
    subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
    with subprocess.Popen([program, 'serve', str(PORT)], stdout=subprocess.PIPE) as server:
        try:
            if not server.stdout.readline():
                sys.exit('checks.py: no server to check')
            entries = compare(program)
        finally:
            server.kill()
    with open(out, 'w', encoding='utf-8') as file:
        file.write('[\n' + ',\n'.join(json.dumps(entry) for entry in entries) + '\n]\n')


if __name__ == '__main__':
    main()
