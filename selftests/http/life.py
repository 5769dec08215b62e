#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients are served while the configuration is read again each second and one sluiced takes over
from another: no request fails, nothing leaks. Prints KTAP.

    life.py [SECONDS [SECONDS BETWEEN UPGRADES]]"""

import hashlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

from bed import prepare_network
from daemons import PATIENCE, Daemons, until
from devices import Site, Sluice
from ktap import Ktap

BIG = 20 << 20
# Of the last process, above what it had after a third of the time: what a leak would soon exceed.
GROWTH = 64 << 20


class Generations(Daemons):
    """Daemons whose configuration is another one each time."""

    def __init__(self, folder, site):
        super().__init__(folder)
        self.site, self.generation = site, 0

    def change(self):
        """Another configuration: weights, a route and a pool come and go."""
        self.generation += 1
        n = self.generation
        servers = ', '.join(f'{{address: "127.0.0.1:{port}", weight: {1 + (n + i) % 3}}}'
                            for i, port in enumerate((9001, 9002, 9003)[:2 + n % 2]))
        self.write(self.settings(', threads: 2, shutdown: 25s') + f'''\
certificates: {{site: {{file: {self.site.certificate}}}}}
pools:
  web: {{servers: [{servers}], scheduler: {('wrr', 'wlc', 'p2c', 'maglev')[n % 4]}}}
  other{n % 5}: {{servers: ["127.0.0.1:9003"]}}
services:
  clear:
    address: 127.0.0.1:8080
    stratum: proxy
    parse: http
    routes:
      - {{name: r{n % 3}, match: {{prefix: /none{n % 7}}}, answer: {{status: 204}}}}
      - {{name: other, match: {{prefix: /other}}, strip-prefix: /other, pool: other{n % 5}}}
      - {{name: web, pool: web}}
  tls: {{address: "127.0.0.1:8443", parse: http, pool: web, tls: {{certificates: [site]}}}}
  new{n % 4}: {{address: "127.0.0.1:{8100 + n % 4}", parse: http, stratum: proxy, pool: web}}
''')

    def reloads(self):
        """How many the last daemon has applied, and how many it has refused."""
        status, said = self.adm('daemon', 'show', '--json')
        daemon = json.loads(said)['daemon'] if status == 0 else {}
        return daemon.get('reloads-applied', 0), daemon.get('reloads-refused', 0)

    def reload(self):
        """Another configuration, by signal. Return: whether it came into force."""
        self.change()
        applied, refused = self.reloads()
        self.last.send_signal(signal.SIGHUP)
        return until(lambda: sum(self.reloads()) > applied + refused) and \
            self.reloads() == (applied + 1, refused)

    def memory(self):
        """Bytes that the last one has."""
        with open(f'/proc/{self.last.pid}/status', encoding='ascii') as status:
            return 1024 * int(re.search(r'^VmRSS:\s*(\d+)', status.read(), re.M).group(1))


class Downloads(threading.Thread):
    """Something large, again and again."""

    def __init__(self):
        super().__init__(daemon=True)
        self.count, self.wrong, self.going = 0, [], True

    def run(self):
        want = hashlib.sha256(b'x' * BIG).digest()
        while self.going:
            try:
                connection = http.client.HTTPConnection('127.0.0.1', 8080, timeout=PATIENCE)
                connection.request('GET', f'/{BIG}')
                answer = connection.getresponse()
                body = answer.read()
                if answer.status != 200 or hashlib.sha256(body).digest() != want:
                    self.wrong.append(f'status {answer.status}, {len(body)} bytes')
                connection.close()
                self.count += 1
            except (OSError, http.client.HTTPException) as error:
                self.wrong.append(repr(error))
            time.sleep(0.2)


def load(seconds, url, connections, *arguments):
    """wrk, which counts what went wrong."""
    return subprocess.Popen(['wrk', '-t', '1', '-c', str(connections), '-d', str(seconds), '--timeout',
                             f'{PATIENCE}s', *arguments, url], text=True, stdout=subprocess.PIPE)


def judge(ktap, name, process):
    """What wrk says."""
    said = process.communicate()[0]
    requests = re.search(r'(\d+) requests in', said)
    ktap.check(f'{name}: no request failed', requests and int(requests.group(1)) > 100 and
               'Socket errors' not in said and 'Non-2xx' not in said, said)
    print(f'# {name}: {requests.group(1) if requests else 0} requests')


def churn(daemons, ktap, seconds, between):
    """Reloads and upgrades until the time is over. Return: how many reloads, memory early and late."""
    begin = time.monotonic()
    next_upgrade, reloads, applied, early = begin + between, 0, 0, 0
    while time.monotonic() < begin + seconds:
        if time.monotonic() >= next_upgrade:
            wrong = daemons.start('--take-over')
            if wrong:
                ktap.check('an upgrade', False, wrong)
                break
            next_upgrade += between
        reloads += 1
        applied += daemons.reload()
        time.sleep(1)
        if not early and time.monotonic() > begin + seconds / 3:
            early = daemons.memory()
    ktap.check('each reload came into force', reloads and applied == reloads, f'{applied} of {reloads}')
    return reloads, early, daemons.memory()


def run(ktap, folder, seconds, between):
    """All of it."""
    daemons = Generations(folder, Site(folder, ()))
    origin = Sluice.tool('bench-origin', 'sluice-origin')
    origins = [subprocess.Popen([origin, str(port)], stdout=subprocess.PIPE)
               for port in (9001, 9002, 9003)]
    try:
        for server in origins:
            server.stdout.readline()
        serve(ktap, daemons, seconds, between)
    finally:
        for server in origins:
            server.kill()


def serve(ktap, daemons, seconds, between):
    """With servers that run."""
    daemons.change()
    wrong = daemons.start()
    ktap.check('it starts', not wrong, wrong)
    if wrong:
        return
    downloads = Downloads()
    downloads.start()
    # A little longer than what happens meanwhile.
    loads = {'keep-alive': load(seconds + 2, 'http://127.0.0.1:8080/128', 16),
             'a connection each': load(seconds + 2, 'http://127.0.0.1:8080/other/128', 4, '-H', 'Connection: close'),
             'TLS': load(seconds + 2, 'https://127.0.0.1:8443/1000', 8)}
    reloads, early, late = churn(daemons, ktap, seconds, between)
    for name, process in loads.items():
        judge(ktap, name, process)
    downloads.going = False
    downloads.join(PATIENCE)
    ktap.check('large responses are whole', not downloads.wrong and downloads.count > 2,
               *downloads.wrong, f'{downloads.count} downloads')
    print(f'# {reloads} reloads, {daemons.number - 1} upgrades, {downloads.count} downloads; '
          f'memory {early >> 20} and {late >> 20} MB')
    ktap.check('memory does not grow', late < early + GROWTH, f'{early} and {late} bytes')
    statuses = daemons.stop()
    ktap.check('all ended as they should, and leak nothing', set(statuses) == {0}, statuses,
               *(daemons.said(process) for process, status in zip(daemons.ended, statuses) if status))


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    between = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    ktap = Ktap()
    prepare_network()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        run(ktap, folder, seconds, between)
    ktap.finish()


if __name__ == '__main__':
    main()
