# SPDX-License-Identifier: GPL-2.0-or-later
"""A device between clients and an origin server, on loopback."""

import os
import socket
import subprocess

from client import Client
from devices import DEVICES, Site
from origin import Origin

# Seconds; short, since tests wait for them.
TIMEOUTS = {'head_timeout': 1, 'body_timeout': 1, 'idle_timeout': 1, 'connect_timeout': 1,
            'answer_timeout': 2}


def free_port(address):
    """One that nobody listens on."""
    with socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET) as sock:
        sock.bind((address, 0))
        return sock.getsockname()[1]


def prepare_network():
    """Of the namespace: as much in sockets as kernels had for long, so that what is held back counts."""
    subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=False)
    for name, sizes in (('rmem', '4096 131072 6291456'), ('wmem', '4096 16384 4194304')):
        with open(f'/proc/sys/net/ipv4/tcp_{name}', 'w', encoding='ascii') as file:
            file.write(sizes)


class Bed:
    """Started; @servers in place of the origin server, which is None among them; @tls: so do clients come."""

    def __init__(self, name, folder, address='127.0.0.1', servers=None, tls=False, **options):
        prepare_network()
        if not address.startswith('127.'):
            subprocess.run(['ip', 'address', 'replace', address, 'dev', 'lo'], check=True)
        self.origin = Origin(address)
        os.makedirs(folder, exist_ok=True)
        os.chmod(folder, 0o755)
        servers = [self.origin.address if server is None else server for server in servers or [None]]
        self.site = Site(folder, servers, address=address, tls=tls, port=free_port(address),
                         tls_port=free_port(address),
                         **{'forwarded': True, **TIMEOUTS, **options})
        self.device = DEVICES[name](self.site)
        self.device.start()
        self.number = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Everything."""
        self.device.stop()
        self.origin.close()

    def client(self):
        """A connection to the device."""
        if self.site.tls:
            return Client(self.site.address, self.site.tls_port, tls=self.site.certificate)
        return Client(self.site.address, self.site.port)

    def target(self):
        """A path that no case had before."""
        self.number += 1
        return f'/{self.number}'

    def runs(self):
        """Whether it has not ended by itself."""
        return self.device.process.poll() is None
