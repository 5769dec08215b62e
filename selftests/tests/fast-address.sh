#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Addresses that come and go, of service, balancer and server, hold for the next packet.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
python_cases <<'EOP'
from fastpath import *

LENGTH = {4: '/24', 6: '/64'}
HOST = {4: '/32', 6: '/128'}
UNREACHABLE = {4: 3, 6: 1}


def address(what, name, a, device):
    ip('addr', what, a, 'dev', device, *(('nodad',) if ':' in a and what == 'add' else ()), at=name)


usual('tcp', 80)
usual('udp', 80)
slow = SlowPath()
# By the balancer's own address, whatever becomes of the virtual one.
for v in VERSIONS:
    ip('route', 'add', VIP[v] + HOST[v], 'via', OUTSIDE[v], at=C)
for case, v, protocol in each():
    flow = Flow(v, protocol)
    check_warm(case, flow, slow)

    # The virtual address may be the balancer's, or only be routed to it.
    address('del', B, VIP[v] + HOST[v], 'c0')
    check(f'{case}: goes on without the virtual address', flow.talk())
    check_warm(f'{case}: with a virtual address that is only routed', flow, slow)
    address('add', B, VIP[v] + HOST[v], 'c0')
    check(f'{case}: goes on with it', flow.talk())
    check_warm(f'{case}: with it again', flow, slow)

    # The balancer's address, and with it the route to the servers.
    seen, told = Capture(S[0], 'eth0'), Capture(C, 'eth0')
    address('del', B, INSIDE[v] + LENGTH[v], 'br0')
    flow.client.send(b'lost?')
    check(f'{case}: without the route to the server the client is told', told.wait(
        lambda p: p.icmp and p.icmp[0] == UNREACHABLE[v]))
    check_eq(f'{case}: and nothing leaves', [], [str(p) for p in seen.packets() if p.ports])
    address('add', B, INSIDE[v] + LENGTH[v], 'br0')
    if protocol == 'tcp':
        check_eq(f'{case}: with it again what was sent arrives', b'lost?', flow.accepted.recv(100))
    else:
        flow.client.settimeout(0)
        with contextlib.suppress(OSError):
            flow.client.recv(1)
    check(f'{case}: it goes on with it', flow.talk())
    check_warm(f'{case}: in the end', flow, slow)

    # The server's.
    if protocol == 'udp':
        seen.clear()
        address('del', S[0], server(v, 0) + LENGTH[v], 'eth0')
        flow.client.send(b'lost')
        check(f'{case}: to a server without its address', seen.wait(lambda p: p.ports))
        check(f'{case}: nothing arrives', flow.servers.quiet())
        address('add', S[0], server(v, 0) + LENGTH[v], 'eth0')
        ip('route', 'replace', 'default', 'via', INSIDE[v], at=S[0])
        check(f'{case}: it goes on with it', flow.talk())
        check_warm(f'{case}: with the server', flow, slow)
    for x in (seen, told, flow):
        x.close()
EOP
