#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Segments put together by TSO and GRO go through the fast path whole, and the data stay the same.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
python_cases <<'EOP'
from fastpath import *

# UDP_SEGMENT
SEGMENT = (17, 103)
DEVICES = ((C, 'eth0'), (B, 'c0'), (B, 's1'), (S[0], 'eth0'))


def csum(value):
    for name, device in DEVICES:
        run(name, 'ethtool', '-K', device, 'tx', value)


usual('tcp', 80)
usual('udp', 80)
slow = SlowPath()
for what, mode in (('TSO and GRO', 'unwatched'), ('TSO and GRO', 'watched'), ('nothing', 'unwatched'),
                   ('GRO alone', 'unwatched')):
    watch(mode)
    offloads('off' if what == 'nothing' else 'on', *DEVICES)
    if what == 'GRO alone':
        csum('off')
    for v in VERSIONS:
        case = f'IPv{v}, {what}, {mode}'
        flow = Flow(v, 'tcp')
        check_warm(case, flow, slow)
        captures = [Capture(S[0], 'eth0'), Capture(C, 'eth0')]
        slow.take()
        check(f'{case}: much data to the server', bulk(flow.client, flow.accepted, 2000000))
        check(f'{case}: and to the client', bulk(flow.accepted, flow.client, 2000000))
        check_eq(f'{case}: by the fast path', (0, 0), slow.count(flow))
        for c in captures:
            packets = [p for p in c.packets() if p.ports]
            largest = max(p.length for p in packets)
            if what == 'TSO and GRO':
                check(f'{case}: in packets of many segments', largest > 5000, largest)
            elif what == 'nothing':
                check(f'{case}: in single segments', largest <= 1500, largest)
            if what != 'TSO and GRO':
                check(f'{case}: their checksums are right', what != 'GRO alone' or all(
                    p.header_is_right() for p in packets))
            c.close()
        flow.close()

        # UDP that is segmented on the way.
        flow = Flow(v, 'udp')
        check_warm(case, flow, slow)
        for s in (flow.client, flow.end()):
            s.setsockopt(*SEGMENT, 1000)
        data = os.urandom(7500)
        slow.take()
        flow.client.send(data)
        got = []
        while sum(map(len, got)) < len(data):
            got.append(flow.servers.receive()[1])
        check(f'{case}: 7500 bytes of UDP are 8 datagrams', b''.join(got) == data and len(got) == 8)
        flow.end().sendto(data, (flow.client_address, flow.client_port))
        got = []
        while sum(map(len, got)) < len(data):
            got.append(flow.client.recv(65536))
        check(f'{case}: and back', b''.join(got) == data and len(got) == 8)
        check_eq(f'{case}: by the fast path', (0, 0), slow.count(flow))
        flow.close()
EOP
