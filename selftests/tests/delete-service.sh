#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# When a service is deleted its TCP connections go on and its UDP flows end.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 2
python_cases <<'EOP'
from sluicetest import *

for v in VERSIONS:
    for protocol, port in (('tcp', 80), ('udp', 53)):
        service(protocol, VIP[v], port, [(server(v, i), port) for i in range(2)])
    tcp, udp = Servers(v, 'tcp', 80), Servers(v, 'udp', 53)
    client, accepted, where = pair(tcp, VIP[v], 80)
    p = client.getsockname()[1]
    flow = make_socket(C, v, 'udp')
    ask(udp, flow, (VIP[v], 53))

    # One by one, or all at once.
    if v == 4:
        adm('-D', '-t', endpoint(VIP[v], 80))
        adm('-D', '-u', endpoint(VIP[v], 53))
    else:
        adm('-C')
    check_eq(f'IPv{v}: the services are gone', ([], 0),
             (listing('-L', '-n'), info()['servers']))
    check(f'IPv{v}: the TCP connection goes on', works(client, accepted))
    check(f'IPv{v}: with much data', bulk(client, accepted))
    check_eq(f'IPv{v}: a new connection is refused by the host itself', True,
             refused(connect, v, VIP[v], 80))
    # The host has nobody at that port, and says so.
    flow.connect((VIP[v], 53))
    flow.send(b'hello')
    check_eq(f'IPv{v}: the UDP flow ends with its next packet', True, refused(flow.recv, 10))
    check(f'IPv{v}: no server gets it', udp.quiet())
    client.close()
    accepted.close()
    check_eq(f'IPv{v}: the TCP connection ends in order', 'time-wait', wait_state(p, 'time-wait'))

    # Made again, it serves the same client at once.
    service('tcp', VIP[v], 80, [(server(v, 0), 80)])
    again = connect(v, VIP[v], 80)
    index, accepted, _ = tcp.accept()
    check(f'IPv{v}: made again it serves the same client', works(again, accepted))
    adm('-C')
    for x in (again, accepted, flow, tcp, udp):
        x.close()
EOP
