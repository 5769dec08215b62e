#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Packets of a connection pass the firewall's hooks and the IP layer by; its first ones do not.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
python_cases <<'EOP'
from fastpath import *

usual('tcp', 80)
usual('udp', 80)
slow = SlowPath()
LOST = '''table inet lost
delete table inet lost
table inet lost {
    chain output {
        type filter hook output priority 0
        tcp flags & (syn | ack) == (syn | ack) numgen inc mod 1000000 < 2 drop
    }
}'''


def counted(v, protocol):
    found = listing('-L', '-n', option(protocol), endpoint(VIP[v], 80))[0]['servers'][0]
    return [found['stats'][k] for k in ('in-packets', 'in-bytes', 'out-packets', 'out-bytes')]


def seen(capture, v):
    """The same of what passed the server's link."""
    there, back = ([p.length for p in capture.packets(incoming) if p.ports and p.version == v]
                   for incoming in (True, False))
    return [len(there), sum(there), len(back), sum(back)]


def check_new(case, flow, capture):
    """What is seen of a new flow: each SYN takes the slow path but the first where nobody watches."""
    new, (begun, _) = slow.count(flow), flow.first(capture)
    if case.startswith('watched'):
        check_eq(f'{case}: the firewall sees the first packet of each direction', (begun, 1),
                 watched(flow.v))
        check_eq(f'{case}: and so does the IP layer', (begun, 1), new)
    else:
        check_eq(f'{case}: not even the first packet takes the slow path', (begun - 1, 0), new)
    return begun


for case, v, protocol in each(full=True):
    # So that devices have their hooks, and the neighbours are known.
    flow = Flow(v, protocol)
    check_warm(case, flow, slow)
    flow.close()

    capture = Capture(S[0], 'eth0')
    adm('-Z')
    if case.startswith('watched'):
        watched(v)
    slow.take()
    flow = Flow(v, protocol)
    talked = all([flow.talk() for _ in range(20)])
    check(f'{case}: messages go both ways', talked)
    check_new(case, flow, capture)
    if protocol == 'tcp':
        check_eq(f'{case}: the connection is established', 'established',
                 wait_state(flow.client_port, 'established'))
        flow.client.shutdown(socket.SHUT_WR)
        check_eq(f'{case}: the server sees the end', b'', flow.accepted.recv(10))
        check_eq(f'{case}: which is close-wait', 'close-wait', wait_state(flow.client_port, 'close-wait'))
        check(f'{case}: the open half goes on', say(flow.accepted, flow.client))
        flow.accepted.close()
        check_eq(f'{case}: both ends: time-wait', 'time-wait', wait_state(flow.client_port, 'time-wait'))
    sums = seen(capture, v)
    check(f'{case}: as much as was sent passed the link', min(sums) >= 20, sums)
    check_eq(f'{case}: all of it is counted', sums, until(5, lambda: (
        c := counted(v, protocol)) == seen(capture, v) and c) or counted(v, protocol))
    flow.close()
    capture.close()
    if protocol == 'tcp':
        # A refused connection, and one that is reset.
        flow = Flow(v, protocol)
        reset(flow.client)
        check_eq(f'{case}: a reset is seen', 'close', wait_state(flow.client_port, 'close'))
        check(f'{case}: by the server, too', isinstance(raises(flow.accepted.recv, 10), ConnectionResetError))
        flow.close()
    if protocol == 'tcp' and v == 6:
        # The server's first two answers are lost.
        nft(LOST, at=S[0])
        capture = Capture(S[0], 'eth0')
        if case.startswith('watched'):
            watched(v)
        slow.take()
        flow = Flow(v, protocol)
        check(f'{case}, SYN-ACK lost: messages go both ways', flow.talk())
        begun = check_new(f'{case}, SYN-ACK lost', flow, capture)
        check(f'{case}, SYN-ACK lost: the client began again', begun > 1, begun)
        capture.close()
        flow.close()
EOP
