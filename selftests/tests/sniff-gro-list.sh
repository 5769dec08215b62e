#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Segments that a device puts together as a list (rx-gro-list) keep their order by stratum sniff, each with its own numbers.
# Targets: uml uml-debug
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

need_command ethtool
load_sluice
setup_balancer 1
python_cases <<'EOP'
from fastpath import *

HEAD = b'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n'
# Each segment comes by itself, is put together where it arrives, and is to leave by itself again.
for name, device in ((C, 'eth0'), (S[0], 'eth0'), (B, 'c0'), (B, 's1')):
    run(name, 'ethtool', '-K', device, 'tso', 'off', 'gso', 'off')
for device in ('c0', 's1'):
    run(B, 'ethtool', '-K', device, 'gro', 'on', 'rx-gro-list', 'on')

for v in VERSIONS:
    sniff_service(v, 80, 'http', [server(v, 0)])
    servers = Servers(v, 'tcp', 80)
    for mode in ('unwatched', 'watched'):
        watch(mode)
        case = f'IPv{v}, {mode}'
        client = connect(v, VIP[v], 80)
        client.sendall(HEAD)
        _, accepted, _ = servers.accept()
        check_eq(f'{case}: the head arrives', HEAD, accepted.recv(1000))
        captures = [Capture(B, 'c0'), Capture(B, 's1'), Capture(S[0], 'eth0'), Capture(C, 'eth0')]
        check(f'{case}: much data to the server', bulk(client, accepted))
        check(f'{case}: and to the client', bulk(accepted, client))
        largest = [max(p.length for p in c.packets() if p.ports) for c in captures]
        check(f'{case}: were put together', min(largest[:2]) > 2500, largest)
        check(f'{case}: and taken apart', max(largest[2:]) <= 1500, largest)
        for s in (client, accepted, *captures):
            s.close()
    servers.close()
again = [int(run(name, 'nstat', '-asz', 'TcpRetransSegs').split()[-2]) for name in (C, S[0])]
check('hardly any were sent again', sum(again) < 50, again)
EOP
