#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Checksums are right at both ends, whether a device, the sender or nobody made them.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
python_cases <<'EOP'
import random
from sluicetest import *

NO_CHECK = (socket.SOL_SOCKET, 11)
usual('tcp', 80, server_port=8080)
usual('udp', 53, server_port=5353)


def wrong(capture):
    """Packets with a wrong checksum, and how many were looked at."""
    packets = [p for p in capture.packets() if p.ports]
    return [str(p) for p in packets if not p.header_is_right() or not p.checksum_is_right()], len(packets)


def check_right(case, capture, least):
    bad, count = wrong(capture)
    check(f'{case}: all checksums are right', not bad and count >= least, f'of {count} wrong: {bad[:5]}')
    capture.clear()


def zero_sum(v, client, to):
    """Data with which the checksum of what goes to the server, computed, is zero: sent as 0xffff."""
    data = b'\0' * 10
    pseudo = b''.join(socket.inet_pton(FAMILY[v], a) for a in (CLIENT[v], server(v, 0)))
    header = struct.pack('!HHHH', client.getsockname()[1], 5353, 8 + 12, 0)
    rest = ones_sum(pseudo + struct.pack('!II', 20, 17) + header + data)
    return data + struct.pack('!H', 0xffff - rest)


# Who makes the checksums: the balancer's device at the end, of what Sluice left half made; or the
# ends themselves, so that Sluice changes complete ones. Only complete ones can be looked at.
MODES = {'partial': ('on', 'off'), 'complete': ('off', 'off')}
for mode, (ends, balancer) in MODES.items():
    for name, device, value in ((C, 'eth0', ends), (S[0], 'eth0', ends), (B, 'c0', balancer),
                                (B, 's1', balancer)):
        run(name, 'ethtool', '-K', device, 'tx', value, 'gro', 'off')
    for v in VERSIONS:
        case = f'IPv{v}, {mode}'
        at_server, at_client = Capture(S[0], 'eth0'), Capture(C, 'eth0')
        servers = Servers(v, 'tcp', 8080)
        client, accepted, _ = pair(servers, VIP[v], 80)
        check(f'{case}: TCP works', bulk(client, accepted, 200000) and bulk(accepted, client, 200000))
        for x in (client, accepted, servers):
            x.close()
        until(2, lambda: len(at_client.packets()) > 10)
        check_right(f'{case}, TCP at the server', at_server, 50)
        check_right(f'{case}, TCP at the client', at_client, 50)

        servers = Servers(v, 'udp', 5353)
        answered = 0
        for size in [*range(40), *random.sample(range(40, 1400), 20)]:
            client = make_socket(C, v, 'udp')
            answered += ask(servers, client, (VIP[v], 53), os.urandom(size)) is not None
            client.close()
        check_eq(f'{case}: UDP works', 60, answered)
        check_right(f'{case}, UDP at the server', at_server, 60)
        check_right(f'{case}, UDP at the client', at_client, 60)

        client = make_socket(C, v, 'udp')
        client.sendto(zero_sum(v, client, server(v, 0)), (VIP[v], 53))
        servers.receive()
        check_eq(f'{case}: a sum of zero is sent as 0xffff', 0xffff,
                 at_server.wait(lambda p: p.protocol == 17).checksum())
        at_server.clear()
        if v == 4:
            client.setsockopt(*NO_CHECK, 1)
            servers.sockets[0].setsockopt(*NO_CHECK, 1)
            check(f'{case}: UDP without a checksum works', ask(servers, client, (VIP[v], 53)))
            check_eq(f'{case}: and has none at either end', [0, 0],
                     [x.wait(lambda p: p.protocol == 17).checksum() for x in (at_server, at_client)])
        for x in (client, servers, at_server, at_client):
            x.close()

# What comes in damaged is not mended.
with ns(C):
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
servers = Servers(4, 'udp', 5353)
at_server = Capture(S[0], 'eth0')
raw.sendto(struct.pack('!HHHH', 4444, 53, 8 + 5, 0x1234) + b'hello', (VIP[4], 0))
damaged = at_server.wait(lambda p: p.protocol == 17)
check('a damaged packet goes on as damaged', damaged and not damaged.checksum_is_right(), damaged)
check('and no server takes it', servers.quiet())
EOP
