#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A route to server or client that is replaced, removed or added holds for the next packet.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"
. "${0%/*}/lib/topology.sh"

load_sluice
setup_balancer 1
add_second_way
# The client has a second link, too, and an address that is reached by either.
link "$C" eth1 "$B" c1
addr "$C" eth1 10.0.5.2/24 fd00:5::2/64
addr "$B" c1 10.0.5.1/24 fd00:5::1/64
addr "$C" lo 10.0.8.8/32 fd00:8::8/128
python_cases <<'EOP'
from fastpath import *

SERVER = {4: '10.0.9.9', 6: 'fd00:9::9'}
FROM = {4: '10.0.8.8', 6: 'fd00:8::8'}
# Next hops: (to the server, to the client).
FIRST = {4: ('10.0.2.11', '10.0.1.2'), 6: ('fd00:2::11', 'fd00:1::2')}
SECOND = {4: ('10.0.6.2', '10.0.5.2'), 6: ('fd00:6::2', 'fd00:5::2')}
UNREACHABLE = {4: 3, 6: 1}

slow = SlowPath()
captures = {(name, device): Capture(name, device)
            for name in (C, S[0]) for device in ('eth0', 'eth1')}


def used(v):
    """The devices that packets came to since the last call."""
    found = {}
    for (name, device), c in captures.items():
        if any(p.ports and p.version == v for p in c.packets()):
            found.setdefault('server' if name == S[0] else 'client', []).append(device)
        c.clear()
    return found


def both(where):
    # The replies' first: what waited for the other may come by at once.
    for to, via in ((FROM[v], where[v][1]), (SERVER[v], where[v][0])):
        ip('route', 'replace', to, 'via', via)


for v in VERSIONS:
    for protocol in ('tcp', 'udp'):
        service(protocol, VIP[v], 80, [(SERVER[v], 80)])
    both(FIRST)
    ip('route', 'replace', 'default', 'via', OUTSIDE[v], 'src', FROM[v], at=C)
    ip('route', 'replace', VIP[v], 'via', OUTSIDE[v], 'src', FROM[v], at=C)

for case, v, protocol in each():
    both(FIRST)
    flow = Flow(v, protocol, listen_at=SERVER[v])
    check_warm(case, flow, slow)
    used(v)
    check_eq(f'{case}: at first', FAST, flow.ways(slow, 2))
    check_eq(f'{case}: by the first routes', {'server': ['eth0'], 'client': ['eth0']}, used(v))

    both(SECOND)
    check(f'{case}: goes on with other routes', flow.talk())
    check_warm(f'{case}: by other routes', flow, slow)
    check_eq(f'{case}: none came by the old ones', {'server': ['eth1'], 'client': ['eth1']}, used(v))

    # A more specific route, for the client's packets alone, and none of it again.
    ip('route', 'del', SERVER[v])
    ip('route', 'add', SERVER[v], 'via', FIRST[v][0], 'metric', '50')
    check(f'{case}: goes on with a route added', flow.talk())
    check_warm(f'{case}: route added', flow, slow)
    check_eq(f'{case}: the server gets all by it', ['eth0'], used(v)['server'])
    ip('route', 'del', SERVER[v], 'metric', '50')

    # No route to the server at all.
    slow.take()
    if protocol == 'udp':
        flow.client.send(b'nowhere')
    else:
        flow.client.sendall(b'later')
    check(f'{case}: without a route the client is told with the next packet',
          captures[C, 'eth1'].wait(lambda p: p.icmp and p.icmp[0] == UNREACHABLE[v]))
    check(f'{case}: nothing came to the server', 'server' not in used(v))
    both(FIRST)
    if protocol == 'tcp':
        check_eq(f'{case}: with a route again, what was sent comes', b'later', flow.accepted.recv(100))
    flow.client.settimeout(0)
    with contextlib.suppress(OSError):
        flow.client.recv(1)
    with contextlib.suppress(OSError):
        flow.client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    check(f'{case}: and it goes on', flow.talk())
    check_warm(f'{case}: in the end', flow, slow)
    check_eq(f'{case}: by the first routes again', {'server': ['eth0'], 'client': ['eth0']}, used(v))

    # A route that forbids.
    ip('route', 'replace', 'blackhole', SERVER[v])
    used(v)
    if protocol == 'udp':
        flow.client.send(b'nowhere')
        check_eq(f'{case}: a blackhole takes the next packet', (1, 0), until(5, lambda: (
            n := slow.count(flow)) != (0, 0) and n))
        check(f'{case}: nothing came to the server', 'server' not in used(v))
    ip('route', 'del', 'blackhole', SERVER[v])
    both(FIRST)
    flow.close()
EOP
