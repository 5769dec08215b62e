#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A reset that the ends do not believe costs no connection.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
python_cases <<'EOP'
from sluicetest import *

usual('tcp', 80)


def forge_reset(name, source, source_port, destination, destination_port):
    """A reset with a sequence number that is far out of the window."""
    v = 6 if ':' in source else 4
    header = struct.pack('!HHIIBBHHH', source_port, destination_port, 1, 0, 5 << 4, 4, 0, 0, 0)
    pseudo = b''.join(socket.inet_pton(FAMILY[v], a) for a in (source, destination))
    total = ones_sum(pseudo + struct.pack('!II', 20, 6) + header)
    with ns(name):
        raw = socket.socket(FAMILY[v], socket.SOCK_RAW, socket.IPPROTO_TCP)
    raw.bind((source, 0))
    raw.sendto(header[:16] + struct.pack('!H', 0xffff - total) + header[18:], (destination, 0))
    raw.close()


for v in VERSIONS:
    servers = Servers(v, 'tcp', 80)
    client, accepted, _ = pair(servers, VIP[v], 80)
    p = client.getsockname()[1]
    for who, forge in (
            ('client', (C, CLIENT[v], p, VIP[v], 80)),
            ('server', (S[0], server(v, 0), 80, CLIENT[v], p))):
        forge_reset(*forge)
        # The end that gets it may already have said that it is there (RFC 5961, section 3).
        check(f'IPv{v}, in the name of the {who}: the connection goes on', works(client, accepted))
        check_eq(f'IPv{v}, in the name of the {who}: and is established', 'established',
                 wait_state(p, 'established'))
        check(f'IPv{v}, in the name of the {who}: with much data', bulk(client, accepted) and
              bulk(accepted, client))
    client.close()
    accepted.close()
    check_eq(f'IPv{v}: it ends in order', 'time-wait', wait_state(p, 'time-wait'))
    servers.close()
EOP
