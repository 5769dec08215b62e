#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Clients and servers behind PPPoE links are balanced by the fast path.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
need_module pppoe
setup_ns C B S1
forwarding "$B"
link "$C" eth0 "$B" c0
link "$S1" eth0 "$B" s0
python_cases <<'EOP'
import ctypes
import fcntl

from fastpath import *

# linux/if_pppox.h, linux/ppp-ioctl.h
AF_PPPOX, PX_PROTO_OE = 24, 0
GET_CHANNEL, ATTACH, CONNECT, NEW_UNIT = 0x80047437, 0x40047438, 0x4004743a, 0xc004743e
libc = ctypes.CDLL(None, use_errno=True)
kept = []


def mac(name, device):
    return json.loads(run(name, 'ip', '-j', 'link', 'show', device))[0]['address']


def command(fd, which, number):
    return struct.unpack('i', fcntl.ioctl(fd, which, struct.pack('i', number)))[0]


def ppp(name, device, remote, session):
    """One end of a PPPoE session that needs no discovery and no LCP; the name of its device."""
    with ns(name):
        s = libc.socket(AF_PPPOX, socket.SOCK_STREAM, PX_PROTO_OE)
        address = struct.pack('=HIH6s16s', AF_PPPOX, PX_PROTO_OE, socket.htons(session),
                              bytes.fromhex(remote.replace(':', '')), device.encode())
        if s < 0 or libc.connect(s, address, len(address)):
            raise OSError(ctypes.get_errno(), 'PPPoE')
        channel, unit = (os.open('/dev/ppp', os.O_RDWR) for _ in range(2))
        command(channel, ATTACH, command(s, GET_CHANNEL, 0))
        number = command(unit, NEW_UNIT, -1)
        command(channel, CONNECT, number)
        kept.append((s, channel, unit))
    return f'ppp{number}'


def ppp_link(session, name, device, here, there):
    """A session between a host and the balancer's DEVICE. HERE, THERE: addresses of the balancer and
    of the host. Their devices."""
    near = ppp(B, device, mac(name, 'eth0'), session)
    far = ppp(name, 'eth0', mac(B, device), session)
    for at, dev, own, peer in ((B, near, here, there), (name, far, there, here)):
        ip(f'link set {dev} mtu 1492 up\n'
           f'addr add {own[4]} peer {peer[4]} dev {dev}\n'
           f'addr add {own[6]} peer {peer[6]} dev {dev} nodad', at=at)
    ip(f'route add default via {here[4]} dev {far}\n'
       f'route add default via {here[6]} dev {far}', at=name)
    return near, far


client_side, at_client = ppp_link(7, C, 'c0', OUTSIDE, CLIENT)
server_side, at_server = ppp_link(8, S[0], 's0', INSIDE, {v: server(v, 0) for v in VERSIONS})
ip(f'addr add {VIP[4]}/32 dev {client_side}\naddr add {VIP[6]}/128 dev {client_side} nodad')
usual('tcp', 80)
usual('udp', 80)
slow = SlowPath()
for case, v, protocol in each():
    flow = Flow(v, protocol)
    check_warm(case, flow, slow)
    check_eq(f'{case}: stays there', FAST, flow.ways(slow, 10))
    if protocol == 'tcp':
        slow.take()
        check(f'{case}: much data', bulk(flow.client, flow.accepted) and bulk(flow.accepted, flow.client))
        check_eq(f'{case}: by the fast path', (0, 0), slow.count(flow))
        check_eq(f'{case}: with the MTU of PPPoE', 1492, flow.client.getsockopt(*MTU[v]))
    flow.close()
for fds in kept:
    for fd in fds:
        os.close(fd)
EOP
