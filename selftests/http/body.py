#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Bodies that are much larger than the memory that sluiced may have: both ways, in clear and in TLS,
with Content-Length and in chunks, with peers that are slow, and many at once. Every byte is looked
at where it arrives. Prints KTAP.

    body.py [MB OF A BODY, OF A SLOW ONE, OF EACH OF 50, SECONDS THAT A SLOW ONE TAKES]"""

import itertools
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

from bed import prepare_network
from devices import Site, Sluice
from ktap import Ktap

MB = 1000 * 1000
MEMORY_MAX = 64 << 20
MANY = 50
# Seconds between two lines that say how far it is.
TELL = 10
ORIGIN_PORT, ORIGIN_TLS_PORT = 9001, 9002
# What is in TLS, and the port for it.
WAYS = {'in clear': 8080, 'TLS to the client': 8443, 'TLS to the server': 8081, 'TLS on both sides': 8444}
KINDS = list(itertools.product(WAYS, ('down', 'up'), ('length', 'chunks')))


class Daemon(Sluice):
    """With a service for each of WAYS."""

    def text(self):
        certificate = self.site.certificate
        services = ''.join(f'''
  s{port}:
    address: "127.0.0.1:{port}"
    stratum: proxy
    parse: http
    pool: {'secure' if 'server' in way or 'both' in way else 'plain'}
    http: {{body-timeout: 2m, answer-timeout: 2m}}
    {'tls: {certificates: [site]}' if 'client' in way or 'both' in way else ''}'''
                           for way, port in WAYS.items())
        return f'''version: 1
settings: {{threads: 2, control: {self.control()}, user: nobody, shutdown: 100ms}}
certificates:
  site: {{file: {certificate}}}
pools:
  plain: {{servers: ["127.0.0.1:{ORIGIN_PORT}"]}}
  secure: {{servers: ["127.0.0.1:{ORIGIN_TLS_PORT}"], tls: {{ca: {certificate}, sni: www.example.com}}}}
services:{services}
'''

    def memory_peak(self):
        """Bytes that it ever had."""
        with open(f'/proc/{self.process.pid}/status', encoding='ascii') as status:
            return 1024 * int(re.search(r'^VmHWM:\s*(\d+)', status.read(), re.M).group(1))


class Client:
    """body-client, by a way; @direction 'down' or 'up'."""

    def __init__(self, way, direction, framing, size, *options):
        self.name = f'{direction}, {way}, {framing}'
        options = [*options, *['-u'] * (direction == 'up'), *['-k'] * (framing == 'chunks'),
                   *['-s'] * ('client' in way or 'both' in way)]
        self.moved, self.wrong = 0, ''
        self.process = subprocess.Popen(
            [Sluice.tool('body-client', 'sluice-body-client'), *options, str(WAYS[way]), str(size)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.threads = [threading.Thread(target=reader, daemon=True)
                        for reader in (self.follow, self.listen)]
        for thread in self.threads:
            thread.start()

    def follow(self):
        """What it has moved."""
        for line in self.process.stdout:
            self.moved = int(line)

    def listen(self):
        """What it complains of."""
        self.wrong = self.process.stderr.read()

    def ends(self):
        """Its status, when it has one."""
        status = self.process.wait()
        for thread in self.threads:
            thread.join()
        return status


def wait(clients, total, name):
    """Until all have ended, telling how far they are. Return: seconds."""
    begin = told = time.monotonic()
    while any(client.process.poll() is None for client in clients):
        time.sleep(0.05)
        if time.monotonic() > told + TELL:
            told += TELL
            print(f'# {name}: {sum(client.moved for client in clients) // MB} of {total // MB} MB', flush=True)
    return time.monotonic() - begin


def transfer(ktap, daemon, name, clients, size):
    """All of them, of @size bytes together."""
    seconds = wait(clients, size, name)
    statuses = [client.ends() for client in clients]
    moved = sum(client.moved for client in clients)
    print(f'# {name}: {moved // MB} MB in {seconds:.1f} s, {moved / MB / seconds:.0f} MB/s; '
          f'sluiced had {daemon.memory_peak() / (1 << 20):.1f} MB at most')
    ktap.check(name, not any(statuses) and moved == size, f'{moved} of {size} bytes',
               *(f'{client.name}: {client.wrong}' for client in clients if client.wrong))


def one_by_one(ktap, daemon, size):
    """Each kind by itself, as fast as it goes."""
    for kind in KINDS:
        client = Client(*kind, size)
        transfer(ktap, daemon, client.name, [client], size)


def slowly(ktap, daemon, size, pace):
    """All kinds side by side, to peers that take what comes more slowly than it could come, and back."""
    for name, options in (('slow readers', {'down': '-p', 'up': '-P'}),
                          ('slow writers', {'down': '-P', 'up': '-p'})):
        clients = [Client(*kind, size, options[kind[1]], str(pace)) for kind in KINDS]
        transfer(ktap, daemon, f'{name}, of all kinds', clients, size * len(clients))


def many(ktap, daemon, size, pace):
    """All kinds at once, the half of them to slow readers."""
    clients, left = [], MANY
    for i, kind in enumerate(KINDS):
        count = left // (len(KINDS) - i)
        left -= count
        slow = [] if i % 4 in (0, 3) else ['-p' if kind[1] == 'down' else '-P', str(pace)]
        clients.append(Client(*kind, size, '-n', str(count), *slow))
    transfer(ktap, daemon, f'{MANY} at once, half of them slow', clients, MANY * size)


def doubt(ktap):
    """What looks at the content sees what is wrong with it."""
    for direction in ('down', 'up'):
        client = Client('in clear', direction, 'length', MB, '-w')
        status = client.ends()
        ktap.check(f'wrong content is noticed, {direction}',
                   status == 1 and ('byte 0 is wrong' in client.wrong or '422' in client.wrong), status, client.wrong)


def run(ktap, folder, sizes, seconds):
    """All of it."""
    daemon = Daemon(Site(folder, ()))
    program = Sluice.tool('body-origin', 'sluice-body-origin')
    origins = [subprocess.Popen([program, str(ORIGIN_PORT)], stdout=subprocess.PIPE),
               subprocess.Popen([program, str(ORIGIN_TLS_PORT), daemon.site.certificate], stdout=subprocess.PIPE)]
    try:
        for origin in origins:
            origin.stdout.readline()
        daemon.start()
        doubt(ktap)
        one_by_one(ktap, daemon, sizes[0])
        slowly(ktap, daemon, sizes[1], sizes[1] // seconds)
        many(ktap, daemon, sizes[2], sizes[2] // seconds)
        peak = daemon.memory_peak()
        if not daemon.sanitized():
            ktap.check(f'sluiced never had more than {MEMORY_MAX >> 20} MB', peak < MEMORY_MAX, f'{peak} bytes')
        daemon.stop()
        ktap.check('it ends as it should', daemon.process.returncode == 0, daemon.process.returncode)
    finally:
        if daemon.process and daemon.process.poll() is None:
            daemon.stop()
        for origin in origins:
            origin.kill()


def main():
    *sizes, seconds = map(int, sys.argv[1:] or (100, 10, 3, 4))
    ktap = Ktap()
    prepare_network()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        run(ktap, folder, [size * MB for size in sizes], seconds)
    ktap.finish()


if __name__ == '__main__':
    main()
