#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An MTU that is lowered or raised while traffic flows holds for the next packet.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
python_cases <<'EOP'
from fastpath import *

TOO_BIG = {4: (3, 4), 6: (2, 0)}

usual('tcp', 80)
usual('udp', 80)
slow = SlowPath()


def device_mtu(name, mtu):
    ip('link', 'set', name, 'mtu', str(mtu))


def by_route(name, mtu):
    nets = ('10.0.2.0/24', 'fd00:2::/64') if name == 'br0' else ('10.0.1.0/24', 'fd00:1::/64')
    if mtu < 1500:
        route_mtu(B, name, mtu, *nets)
    else:
        # A route with an MTU of its own would not heed that of the device.
        ip('route', 'replace', nets[0], 'dev', name, 'proto', 'kernel', 'scope', 'link')
        ip('-6', 'route', 'replace', nets[1], 'dev', name, 'proto', 'kernel', 'metric', '256')


def try_udp(case, flow, who, device, change):
    """A datagram of 1450 bytes fits, then does not, then fits again."""
    v = flow.v
    s, to, near, far = ((flow.client, flow.to, C, S[0]) if who == 'client' else
                        (flow.end(), (flow.client_address, flow.client_port), S[0], C))
    s.setsockopt(*MTU_DISCOVER[v], DONT_FRAGMENT)
    sender, receiver = Capture(near, 'eth0'), Capture(far, 'eth0')
    data = bytes(1450 - (28 if v == 4 else 48))

    def arrives(p):
        return p.ports and p.length == 1450

    forget_paths(near)
    slow.take()
    s.sendto(data, to)
    check(f'{case}: it fits', receiver.wait(arrives))
    check_eq(f'{case}: by the fast path', 0, len(slow.take()))
    receiver.clear()
    change(device, 1400)
    s.sendto(data, to)
    told = sender.wait(lambda p: p.icmp == TOO_BIG[v])
    check(f'{case}: the next packet does not, and the sender is told', told and struct.unpack(
        '!HH' if v == 4 else '!I', told.payload[4:8])[-1] == 1400, told)
    check(f'{case}: nothing of it arrives', not receiver.wait(arrives, 0))
    change(device, 1500)
    forget_paths(near)
    s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    s.sendto(data, to)
    check(f'{case}: it fits again', receiver.wait(arrives))
    sender.close()
    receiver.close()


for mode in MODES:
    watch(mode)
    for v in VERSIONS:
        for who, device in (('client', 'br0'), ('server', 'c0')):
            # Half of the combinations, each with each other.
            name, change = (('device', device_mtu) if (mode == 'watched') ^ (v == 4) ^ (who == 'client')
                            else ('route', by_route))
            case = f'{mode}, IPv{v}, from the {who}, MTU of the {name}'
            flow = Flow(v, 'udp')
            check_warm(case, flow, slow)
            try_udp(case, flow, who, device, change)
            check_warm(f'{case}: in the end', flow, slow)
            flow.close()
        if (mode == 'watched') ^ (v == 4):
            continue
        case = f'{mode}, IPv{v}, TCP'
        flow = Flow(v, 'tcp')
        check_warm(case, flow, slow)
        check(f'{case}: much data', bulk(flow.client, flow.accepted) and bulk(flow.accepted, flow.client))
        device_mtu('br0', 1300)
        device_mtu('c0', 1400)
        check(f'{case}: much data to the server with a lower MTU', bulk(flow.client, flow.accepted))
        check(f'{case}: and to the client', bulk(flow.accepted, flow.client))
        check_eq(f'{case}: both know it', (1300, 1400),
                 (flow.client.getsockopt(*MTU[v]), flow.accepted.getsockopt(*MTU[v])))
        device_mtu('br0', 1500)
        device_mtu('c0', 1500)
        forget_paths(C, S[0])
        flow.close()
EOP
