#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A client may use its port again at once after a close; it gets a new connection.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 2
python_cases <<'EOP'
from sluicetest import *

usual('tcp', 80)
for v in VERSIONS:
    servers = Servers(v, 'tcp', 80)

    # The server closes first, so that the client has no time-wait of its own.
    client, accepted, first = pair(servers, VIP[v], 80)
    p = client.getsockname()[1]
    accepted.shutdown(socket.SHUT_WR)
    check_eq(f'IPv{v}: the client sees the end', b'', client.recv(10))
    client.close()
    check_eq(f'IPv{v}: time-wait', 'time-wait', wait_state(p, 'time-wait'))
    accepted.close()
    client, accepted, second = pair(servers, VIP[v], 80, source_port=p)
    check_eq(f'IPv{v}: the same port again in time-wait: another server in turn', 1 - first, second)
    check(f'IPv{v}: and it works', works(client, accepted))
    check_eq(f'IPv{v}: one entry, established', 'established', wait_state(p, 'established'))

    reset(client)
    check_eq(f'IPv{v}: close', 'close', wait_state(p, 'close'))
    accepted.close()
    client, accepted, third = pair(servers, VIP[v], 80, source_port=p)
    check_eq(f'IPv{v}: the same port again after a reset: the server that can judge it', second, third)
    check(f'IPv{v}: and it works', works(client, accepted))

    # The server resets.
    reset(accepted)
    wait_state(p, 'close')
    client.close()
    client, accepted, fourth = pair(servers, VIP[v], 80, source_port=p)
    check_eq(f'IPv{v}: the same port again after the server\'s reset', second, fourth)
    check(f'IPv{v}: and it works', works(client, accepted))
    client.close()
    accepted.close()
    servers.close()
EOP
