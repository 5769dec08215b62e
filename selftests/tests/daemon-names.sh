#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Servers given by name: new addresses come in slowly, old ones drain, an outage of the name server keeps what there is.
# Targets: uml
# Timeout: 240
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 3
ip -n "$B" link set lo up
python_cases <<'EOP'
import threading
import urllib.request
from sluicetest import *
from sluiced import *


class NameServer(threading.Thread):
    """Answers every question for A with ADDRESSES, for a second; nothing while SILENT."""

    def __init__(self):
        super().__init__(daemon=True)
        self.addresses, self.silent = [], False
        self.socket = make_socket(B, 4, 'udp', '127.0.0.1', 5353)
        self.socket.settimeout(None)

    def run(self):
        while True:
            question, peer = self.socket.recvfrom(4096)
            if self.silent:
                continue
            end = question.index(b'\0', 12) + 5
            is_a = question[end - 4:end - 2] == b'\0\1'
            answers = [b'\xc0\x0c\0\1\0\1\0\0\0\1\0\4' + socket.inet_aton(a) for a in self.addresses if is_a]
            self.socket.sendto(question[:2] + b'\x85\x80\0\1' + struct.pack('!HHH', len(answers), 0, 0) +
                               question[12:end] + b''.join(answers), peer)


def table():
    return {s['address']: s['state'] for s in listing('server', 'show')}


def weight(address):
    return next((s['weight'] for s in listing('server', 'show') if s['address'] == address), None)


def metrics():
    with ns(B):
        s = socket.create_connection(('127.0.0.1', 9110), 20)
    s.sendall(b'GET /metrics HTTP/1.0\r\nHost: a\r\n\r\n')
    page = b''
    while more := s.recv(65536):
        page += more
    s.close()
    return page.decode()


def told(what):
    """Pages are made once a second at most."""
    return until(20, lambda: what in metrics().split('\n')) or note(metrics())


names = NameServer()
names.start()
names.addresses = [server(4, 0)]
one, two = server(4, 0), server(4, 1)
daemon = Daemon(f'''
version: 1
settings:
  control: {TEST_DIR}/run/control
  user: nobody
  admin: 127.0.0.1:9110
  resolver: {{servers: ["127.0.0.1:5353"], ttl-min: 1s, timeout: 500ms, attempts: 1}}
pools: {{web: {{servers: ["web.test:80"], slow-start: 6s, scheduler: wrr}}}}
services: {{web: {{address: "{VIP[4]}:80", pool: web}}}}
''')
servers = Servers(4, 'tcp', 80)
check('it starts', daemon.start()) or note(daemon.log())
check('a name becomes a server', until(20, lambda: table() == {one: 'up'}))
held = pair(servers, VIP[4], 80)
check('metrics say so', told('sluice_name_resolved{pool="web",name="web.test"} 1'))
check('and what the kernel has', told(f'sluice_server_up{{pool="web",server="{one}:80"}} 1'))

names.addresses = [two]
check('another address comes, and the first one drains', until(20, lambda: table() == {one: 'draining', two: 'up'}))
check('a new one has a small share at first', 0 < weight(two) < 100, weight(two))
check('which grows', until(30, lambda: weight(two) == 100), weight(two))
check('connections of the other one go on', works(*held[:2]))
for s in held[:2]:
    reset(s)
check('and when they are over, it goes', until(30, lambda: table() == {two: 'up'}), table())

names.silent = True
check('an outage is told', told('sluice_name_resolved{pool="web",name="web.test"} 0'))
check_eq('and changes nothing', {two: 'up'}, table())
before = [s['id'] for s in listing('server', 'show')]
daemon.kill()
check('started again in the outage', daemon.start())
check_eq('it keeps what the kernel has', ({two: 'up'}, before), (table(), [s['id'] for s in listing('server', 'show')]))
check('a client is served', works(*pair(servers, VIP[4], 80)[:2]))
names.silent, names.addresses = False, [one, two]
check('the name server is back', until(30, lambda: table() == {one: 'up', two: 'up'}), table())
check_eq('a reload keeps that', ((0, ''), {one: 'up', two: 'up'}), (daemon.adm('reload'), table()))
check_eq('it ends', 0, daemon.stop())
EOP
