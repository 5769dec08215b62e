#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# New connections meet a configuration as it was or as it will be, while transactions exchange pools, routes and servers.
# Targets: uml-debug
# Timeout: 120
# Long: 1800
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"
. "${0%/*}/lib/load.sh"

load_sluice
setup_balancer 2
in_ns "$C" sysctl -qw net.ipv4.tcp_tw_reuse=1 net.ipv4.ip_local_port_range="10000 60999"
export SECONDS_OF_TRAFFIC
SECONDS_OF_TRAFFIC=$(long_or 600 8)
# Each server says who it is, so it can be told which configuration a client met.
python_cases <<'EOP'
import threading
from netlink import *
from sluicetest import *

SERVER = {name: server(4, i) for i, name in enumerate('ab')}
# Between the pools in the commit, so that a commit that is not made at once takes a while.
BETWEEN = [f'between-{i}' for i in range(200)]


def virtual(port):
    return attr(1, b'\x06') + attr(2, socket.inet_aton(VIP[4])) + attr(3, struct.pack('!H', port))


def to_host(service_port, name, pool):
    return (nest(1, virtual(service_port)) + text(2, name) + nest(6, text(1, 'a.test')) +
            attr(7, b'\0') + nest(8, text(1, pool)))


def exchange(old, new):
    """From servers and pools of one name to those of the other: in between nothing would work."""
    between = [('pool_set', text(1, name) + text(3, 'wrr' if new == 'b' else 'rr')) for name in BETWEEN]
    return [
        # The one pool is emptied, the other one filled, in this order.
        ('server_del', srv(SERVER[old], old)),
        *between[:100],
        ('server_new', srv(SERVER[new], new)),
        ('route_del', nest(1, virtual(81)) + text(2, old)),
        *between[100:],
        ('route_new', to_host(81, new, new)),
        ('service_set', virtual(80) + text(4, new)),
        # And one that is deleted, and made anew with another pool.
        ('service_del', virtual(82)),
        ('service_new', virtual(82) + text(4, new)),
        # One pool whose server is exchanged, in use by a service for good.
        ('server_new', srv(SERVER[new], 'same')),
        ('server_del', srv(SERVER[old], 'same')),
    ]


class Server(threading.Thread):
    """Says its name to whoever connects, after a request."""

    def __init__(self, index):
        super().__init__(daemon=True)
        self.name_of = b'ab'[index:index + 1]
        self.listening = listen(S[index], 4, 80)

    def run(self):
        waiting = []
        while True:
            for s in select.select([self.listening, *waiting], [], [])[0]:
                with contextlib.suppress(OSError):
                    if s is self.listening:
                        waiting.append(s.accept()[0])
                        continue
                    waiting.remove(s)
                    if s.recv(4096):
                        s.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n' + self.name_of)
                    s.close()


class Client(threading.Thread):
    """One connection after the other, to each of the services."""

    def __init__(self):
        super().__init__(daemon=True)
        self.wrong, self.got, self.end = [], {}, False

    def ask(self, port):
        s = connect(4, VIP[4], port)
        s.sendall(b'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n')
        answer = b''
        while more := s.recv(4096):
            answer += more
        s.close()
        return answer[-1:].decode() if b'200' in answer[:20] else answer[:20]

    def run(self):
        while not self.end:
            for port in (80, 81, 82, 83):
                try:
                    who = self.ask(port)
                except OSError as e:
                    who = str(e)
                if who in ('a', 'b'):
                    self.got[port, who] = self.got.get((port, who), 0) + 1
                else:
                    self.wrong.append((port, who))


adm('-R', stdin=''.join(f'pool add {name} --family inet -s rr\n' for name in ('a', *BETWEEN, 'b', 'same')) + f'''
-a --pool a -r {SERVER["a"]}:80
-a --pool same -r {SERVER["a"]}:80
-A -t {VIP[4]}:80 --pool a
-A -t {VIP[4]}:81 --stratum sniff --parse http -s rr
route add -t {VIP[4]}:81 a host a.test pool a
-A -t {VIP[4]}:82 --pool a
-A -t {VIP[4]}:83 --pool same
''')
for i in range(2):
    Server(i).start()
held = connect(4, VIP[4], 80)
nl = Netlink()
clients = [Client() for _ in range(3)]
for client in clients:
    client.start()
check('clients are served', until(20, lambda: all(c.got for c in clients)))
commits, refused_with, ends = 0, [], time.monotonic() + int(os.environ['SECONDS_OF_TRAFFIC'])
while (time.monotonic() < ends or commits < 6) and not refused_with:
    for old, new in (('a', 'b'), ('b', 'a')):
        refused_with += nl.stage(*exchange(old, new))
        done = nl.do('transaction_commit')
        if done[0]:
            refused_with.append(done)
        commits += 1
        # Some that meet each of the two.
        seen = sum(sum(c.got.values()) for c in clients)
        until(5, lambda seen=seen: sum(sum(c.got.values()) for c in clients) > seen + 20)
check_eq('all transactions were carried out', [], refused_with)
for client in clients:
    client.end = True
for client in clients:
    client.join(30)
check('there were some', commits >= 6, commits)
wrong = [w for c in clients for w in c.wrong]
check_eq('no client met anything in between', [], wrong[:20])
got = {}
for client in clients:
    for which, count in client.got.items():
        got[which] = got.get(which, 0) + count
note(f'{commits} transactions, {got}, {len(wrong)} wrong')
for port in (80, 81, 82, 83):
    check(f'port {port}: clients met both', got.get((port, 'a'), 0) and got.get((port, 'b'), 0), got)
check_eq('none was refused', {}, refusals())
held.sendall(b'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n')
check_eq('a connection from before is with its server', b'a', held.recv(4096)[-1:])
EOP
