#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One client port through two services to the same server goes elsewhere, or is refused and counted.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 2
python_cases <<'EOP'
from sluicetest import *

for v in VERSIONS:
    before = refusals().get('clash', 0)
    for port in (80, 81):
        service('tcp', VIP[v], port, [(server(v, 0), 8080)])
        service('udp', VIP[v], port, [(server(v, 0), 8080)])
    tcp, udp = Servers(v, 'tcp', 8080), Servers(v, 'udp', 8080)
    client, accepted, _ = pair(tcp, VIP[v], 80, source_port=4444)
    second = make_socket(C, v, 'tcp', port=4444)
    second.setblocking(False)
    second.connect_ex((VIP[v], 81))
    flow = make_socket(C, v, 'udp', port=4444)
    check(f'IPv{v}: a UDP flow works', ask(udp, flow, (VIP[v], 80)))
    flow.sendto(b'hello', (VIP[v], 81))
    check(f'IPv{v}: its answers could not be told apart: refused', udp.quiet() and tcp.quiet())
    check(f'IPv{v}: and counted', until(10, lambda: refusals().get('clash', 0) >= before + 2),
          refusals())
    check(f'IPv{v}: by service', until(10, lambda: all(
        s['refusals']['clash'] == 0 if s['port'] == 80 else s['refusals']['clash'] > 0
        for s in listing('-L', '-n') if s['address'] == VIP[v])), listing('-L', '-n'))
    check(f'IPv{v}: the first connection is not touched', works(client, accepted))
    check(f'IPv{v}: nor the first flow', ask(udp, flow, (VIP[v], 80)))

    # Another server can take it.
    for protocol in ('-t', '-u'):
        adm('-a', protocol, endpoint(VIP[v], 81), '-r', endpoint(server(v, 1), 8080))
    index, other, _ = tcp.accept(20)
    second.settimeout(10)
    second.connect_ex((VIP[v], 81))
    check(f'IPv{v}: with another server the SYN that is sent again goes there',
          index == 1 and works(second, other))
    check_eq(f'IPv{v}: and UDP', (1, (VIP[v], 81)), ask(udp, flow, (VIP[v], 81)))
    for x in (client, accepted, second, other, flow, tcp, udp):
        x.close()
    adm('-C')
EOP
