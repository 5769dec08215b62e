#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measure health checks beside HAProxy's, print the table and write the objects.

    checks.py BENCH-CHECKS JSON"""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time

PORT = 7777
SERVERS = 10000
SECONDS = 5
WARM_UP = 2.5
ROUNDS = 3
GOAL = 0.5


class Server:
    """The server of all checks, and how many connections it had."""

    def __init__(self, program):
        self.process = subprocess.Popen([program, 'serve', str(PORT)], text=True,
                                        stdout=subprocess.PIPE)
        self.process.stdout.readline()

    def connections(self):
        """Since its start."""
        self.process.send_signal(signal.SIGUSR1)
        return int(self.process.stdout.readline())

    def stop(self):
        """Its end."""
        self.process.kill()
        self.process.wait()


def ours(program, kind):
    """Checks, microseconds of CPU, and those of them in user space."""
    words = subprocess.run([program, kind, str(PORT), str(SERVERS), str(SECONDS)], text=True,
                           stdout=subprocess.PIPE, check=True).stdout.split()
    return int(words[1]), float(words[5]) + float(words[7]), float(words[5])


def configuration(kind):
    """As many servers, checked as often."""
    lines = ['global', ' nbthread 1', ' spread-checks 10', 'defaults', ' mode tcp',
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


def peer(server, kind):
    """The same of HAProxy."""
    with tempfile.NamedTemporaryFile('w', suffix='.cfg') as file:
        file.write(configuration(kind))
        file.flush()
        with subprocess.Popen(['haproxy', '-db', '-q', '-f', file.name],
                              stderr=subprocess.DEVNULL) as process:
            # It reads its file first, and spreads its first checks over an interval.
            time.sleep(2 + 2 * WARM_UP)
            checks, spent = server.connections(), cpu(process.pid)
            time.sleep(SECONDS)
            checks = server.connections() - checks
            spent = cpu(process.pid) - spent
            process.kill()
    return checks, spent


def version():
    """HAProxy's."""
    words = subprocess.run(['haproxy', '-v'], text=True, stdout=subprocess.PIPE,
                           check=True).stdout.split()
    return 'HAProxy ' + words[2].split('-')[0]


def main():
    program, out = sys.argv[1:]
    subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
    entries = []
    print(f'{"CPU time of a check, microseconds":36}{"Sluice":>10}{version():>18}'
          f'{"a core at 10,000/s":>20}')
    for kind in ('tcp', 'http'):
        own, other, user, rates = [], [], [], []
        for _ in range(ROUNDS):
            server = Server(program)
            checks, spent, outside = ours(program, kind)
            own.append(spent / checks)
            user.append(outside / checks)
            rates.append(checks / SECONDS)
            checks, spent = peer(server, kind)
            server.stop()
            if not checks:
                sys.exit('HAProxy made no checks')
            other.append(spent / checks)
            rates.append(checks / SECONDS)
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
        ]
        print(f'{kind:36}{mine:10.1f}{its:18.1f}{share:19.0%}  '
              f'{"reached" if share < GOAL else "missed"}')
        print(f'    of it in user space {statistics.median(user):.1f}; rounds {" ".join(f"{v:.1f}" for v in own)} | '
              f'{" ".join(f"{v:.1f}" for v in other)}; checks a second, in turn: '
              f'{" ".join(f"{v:.0f}" for v in rates)}')
    with open(out, 'w', encoding='utf-8') as file:
        file.write('[\n' + ',\n'.join(json.dumps(entry) for entry in entries) + '\n]\n')


if __name__ == '__main__':
    main()
