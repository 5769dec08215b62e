#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 5,000 idle clients (100,000 in the long form) of a server that goes down are reset, and others go on meanwhile.
# Targets: uml uml-debug
# Timeout: 200
# Long: 1800
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 2
COUNT=$(long_or 100000 5000)
export COUNT
ulimit -n $((2 * COUNT + 1000)) || fatal "not so many files"
in_ns "$C" sysctl -qw net.ipv4.ip_local_port_range="1024 65535"
for i in 3 4 5 6 7 8; do addr "$C" eth0 "10.0.1.$i/24"; done
python_cases <<'EOP'
from leaving import *

COUNT = int(os.environ['COUNT'])
EACH = 20000
settings('connections-max=1000000', 'tcp-established=1h')
service('tcp', VIP[4], 80, [(server(4, 0), 80)])
service('tcp', VIP[4], 81, [(server(4, 1), 81)])
adm('pool', 'set', '--on-down', 'reset', f'tcp/{VIP[4]}:80')
servers, others = Servers(4, 'tcp', 80, S[:1]), Servers(4, 'tcp', 81, S[1:])
poll = select.epoll()


def connected(source):
    """A client's socket. Its port is chosen when it connects: to bind it looks at all that are in use."""
    with ns(C):
        s = socket.socket()
    s.setsockopt(socket.IPPROTO_IP, getattr(socket, 'IP_BIND_ADDRESS_NO_PORT', 24), 1)
    s.bind((source, 0))
    s.connect((VIP[4], 80))
    return s


clients, accepted = [], []
for i in range(COUNT):
    client = connected(f'10.0.1.{2 + i // EACH}')
    clients.append(client)
    accepted.append(servers.sockets[0].accept()[0])
    poll.register(client, select.EPOLLERR | select.EPOLLHUP | select.EPOLLONESHOT)
check_eq('all are there', COUNT, shown(4, 0)['active'])
other = pair(others, VIP[4], 81)


class Latency(Worker):
    """Says something again and again, and how long the answer took at most."""

    worst, rounds, stop = 0.0, 0, False

    def go(self):
        while not self.stop:
            start = time.monotonic()
            if not works(*other[:2]):
                return 'broken'
            self.worst = max(self.worst, time.monotonic() - start)
            self.rounds += 1
        return 'stopped'


latency = Latency()
check('another client has answers', until(20, lambda: latency.rounds > 100))
note(f'before: the longest answer takes {1000 * latency.worst:.1f} ms')
latency.worst = 0.0
done = 0
with ns(B):
    changing = subprocess.Popen(['sluiceadm', '-e', '-t', f'{VIP[4]}:80', '-r', f'{server(4, 0)}:80',
                                 '--state', 'down'])
start = time.monotonic()
first = None
while done < COUNT and time.monotonic() < start + 60:
    done += len(poll.poll(1, 10000))
    if first is None and time.monotonic() > start + 1:
        first = done
seconds = time.monotonic() - start
changing.wait()
note(f'{done} clients were reset in {seconds:.3f} s, {done if first is None else first} in the first one; the longest answer to another took '
     f'{1000 * latency.worst:.1f} ms')
check_eq('all are reset', COUNT, done)
check('their servers, too', until(30, lambda: all(ended(s, 1) == 'reset' for s in accepted[::97])))
latency.stop = True
check_eq('another client goes on', 'stopped', latency.wait())
check('no connection counts as active', until(10, lambda: shown(4, 0)['active'] == 0), shown(4, 0))
settings('tcp-close=100ms')
check('and they are forgotten', until(30, lambda: info()['connections'] < 10), info()['connections'])
EOP
