#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A packet from outside whose source is the address that it is sent to begins no connection: servers would answer themselves.
# Targets: uml uml-debug
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
route "$C" 10.0.9.100 10.0.1.1
route "$C" fd00:9::100 fd00:1::1
python_cases <<'EOP'
from fastpath import *

# The host's own, and ones that are only routed to it.
VIPS = {4: (VIP[4], '10.0.9.100'), 6: (VIP[6], 'fd00:9::100')}
TYPE_OF = {4: 0x0800, 6: 0x86dd}

for v in VERSIONS:
    for vip in VIPS[v]:
        service('udp', vip, 53, [(server(v, 0), 53)])
mac = bytes.fromhex(json.loads(run(B, 'ip', '-j', 'link', 'show', 'dev', 'c0'))[0]['address'].replace(':', ''))
with ns(C):
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)


def forge(v, address, data):
    """A datagram from an address and port to the same."""
    raw = socket.inet_pton(FAMILY[v], address)
    length = 8 + len(data)
    udp = struct.pack('!HHHH', 53, 53, length, 0) + data
    sum_ = 0xffff - ones_sum(raw + raw + struct.pack('!II', length, 17) + udp)
    udp = udp[:6] + struct.pack('!H', sum_ or 0xffff) + data
    if v == 4:
        header = struct.pack('!BBHHHBBH', 0x45, 0, 20 + length, 0, 0, 64, 17, 0) + raw + raw
        header = header[:10] + struct.pack('!H', 0xffff - ones_sum(header)) + header[12:]
    else:
        header = struct.pack('!IHBB', 6 << 28, length, 17, 64) + raw + raw
    wire.sendto(header + udp, ('eth0', TYPE_OF[v], 0, 0, mac))


for mode in MODES:
    watch(mode)
    for v in VERSIONS:
        servers = Servers(v, 'udp', 53)
        for vip in VIPS[v]:
            case = f'{mode}, {vip}'
            came = Capture(B, 'c0')
            forge(v, vip, b'forged')
            check(f'{case}: a forged packet comes to the balancer', until(
                20, lambda: any(p.data.endswith(b'forged') for p in came.packets())))
            client = make_socket(C, v, 'udp')
            client.sendto(b'client', (vip, 53))
            check_eq(f'{case}: the server gets the packet behind it', b'client', servers.receive()[1])
            client.close()
            came.close()
        servers.close()
EOP
