#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What follows a packet in its frame, as in short Ethernet frames, is cut off.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
python_cases <<'EOP'
from fastpath import *

usual('udp', 80)
slow = SlowPath()


def mac(name, device='eth0'):
    return bytes.fromhex(json.loads(run(name, 'ip', '-j', 'link', 'show', device))[0]['address']
                         .replace(':', ''))


def frame(v, source, sport, destination, dport, data, to, at):
    """A UDP packet in an Ethernet frame, with right checksums."""
    addresses = b''.join(socket.inet_pton(FAMILY[v], a) for a in (source, destination))
    udp = struct.pack('!HHHH', sport, dport, 8 + len(data), 0) + data
    sum_ = 0xffff - ones_sum(addresses + struct.pack('!II', len(udp), 17) + udp)
    udp = udp[:6] + struct.pack('!H', sum_ or 0xffff) + udp[8:]
    if v == 4:
        header = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0) + addresses
        header = header[:10] + struct.pack('!H', 0xffff - ones_sum(header)) + header[12:]
    else:
        header = struct.pack('!IHBB', 6 << 28, len(udp), 17, 64) + addresses
    return to + at + struct.pack('!H', 0x0800 if v == 4 else 0x86dd) + header + udp


for case, v, _ in each(('udp',)):
    flow = Flow(v, 'udp')
    check_warm(case, flow, slow)
    here, there = (flow.client_address, flow.client_port), (server(v, 0), 80)
    for name, sender, receiver, first, to, gateway in (
            ('to the server', C, S[0], here, (VIP[v], 80), 'c0'),
            ('to the client', S[0], C, there, here, 'br0')):
        capture = Capture(receiver, 'eth0')
        slow.take()
        with ns(sender), socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
            s.bind(('eth0', 0))
            for data, padding in ((b'x', 60), (b'odd', 64), (b'long' * 20, 300)):
                whole = frame(v, *first, *to, data, mac(B, gateway), mac(sender))
                s.send(whole + b'\xa5' * max(1, padding - len(whole)))
        got = until(5, lambda: (p := [p for p in capture.packets() if p.ports]) and len(p) == 3 and p)
        got = got or capture.packets()
        check_eq(f'{case}: no frame has anything more {name}', [p.length for p in got],
                 [len(p.data) for p in got])
        check(f'{case}: all are right {name}', len(got) == 3 and all(
            p.header_is_right() and p.checksum_is_right() for p in got), '\n'.join(map(str, got)))
        check_eq(f'{case}: by the fast path', [], [str(p) for p in slow.take()])
        socket_ = flow.end() if receiver == S[0] else flow.client
        check_eq(f'{case}: which arrive {name}', [b'x', b'odd', b'long' * 20],
                 [socket_.recv(1000) for _ in range(3)])
        capture.close()
    flow.close()
EOP
