#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A virtual address that is only routed to the balancer works; its other ports are routed on.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 2
python_cases <<'EOP'
from sluicetest import *

ROUTED = {4: '10.9.9.9', 6: 'fd09::9'}
for v in VERSIONS:
    # The first server has this address, too: that is where the balancer routes it.
    run(S[0], 'ip', 'addr', 'add', ROUTED[v], 'dev', 'lo')
    run(B, 'ip', 'route', 'add', ROUTED[v], 'via', server(v, 0))
    for protocol, port in (('tcp', 80), ('udp', 53)):
        service(protocol, ROUTED[v], port, [(server(v, 1), port)])
    tcp, udp = Servers(v, 'tcp', 80), Servers(v, 'udp', 53)
    seen = Capture(C, 'eth0')

    client, accepted, index = pair(tcp, ROUTED[v], 80)
    check_eq(f'IPv{v} TCP: the service\'s server has the connection', 1, index)
    check_eq(f'IPv{v} TCP: and sees the client\'s own address', CLIENT[v], accepted.getpeername()[0])
    check(f'IPv{v} TCP: much data', bulk(client, accepted) and bulk(accepted, client))
    client.close()
    accepted.close()
    client = make_socket(C, v, 'udp')
    check_eq(f'IPv{v} UDP: the service\'s server answers, from the VIP', (1, (ROUTED[v], 53)),
             ask(udp, client, (ROUTED[v], 53)))

    # Whatever comes in one go with it, to a port that has no service goes its usual way.
    other = Servers(v, 'udp', 54)
    for s in other.sockets:
        s.setblocking(False)
    for i in range(50):
        client.sendto(b'%d' % i, (ROUTED[v], 53 + i % 2))
    counts = {0: 0, 1: 0}
    with contextlib.suppress(TimeoutError):
        while sum(counts.values()) < 25:
            counts[other.receive()[0]] += 1
    check_eq(f'IPv{v} UDP: a port without a service is routed on', {0: 25, 1: 0}, counts)
    check_eq(f'IPv{v} TCP: likewise, to where nobody listens', True,
             refused(connect, v, ROUTED[v], 81))
    run(C, 'ping', '-c', '1', '-W', '10', ROUTED[v])

    # The server's port is closed.
    for x in (tcp, udp):
        x.close()
    check_eq(f'IPv{v} TCP: a refusal of the server reaches the client', True,
             refused(connect, v, ROUTED[v], 80))
    client.close()
    client = make_socket(C, v, 'udp')
    client.connect((ROUTED[v], 53))
    client.send(b'hello')
    check_eq(f'IPv{v} UDP: a refusal of the server reaches the client', True,
             refused(client.recv, 10))
    check_eq(f'IPv{v}: the client saw no address of a server', set(),
             {p.source for p in seen.packets() if p.version == v} & {server(v, 0), server(v, 1)})
    for x in (client, other, seen):
        x.close()
EOP
