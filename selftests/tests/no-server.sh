#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Without a server that may take it, a connection is refused at once and counted.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
python_cases <<'EOP'
from sluicetest import *

ROUTED = {4: '10.9.9.9', 6: 'fd09::9'}
count = 0


def try_all(case, v, address, name=C):
    global count
    start = time.monotonic()
    check_eq(f'{case}: TCP is reset', True, refused(connect, v, address, 80, name=name))
    s = make_socket(name, v, 'udp')
    s.connect((address, 53))

    def udp():
        s.send(b'hello')
        s.recv(10)

    check_eq(f'{case}: UDP gets port unreachable', True, refused(udp))
    s.close()
    check(f'{case}: at once', time.monotonic() - start < 5, time.monotonic() - start)
    count += 2
    check_eq(f'{case}: both are counted', {'no-server': count}, refusals())
    check_eq(f'{case}: nothing is entered', [], connections())


for v in VERSIONS:
    service('tcp', VIP[v], 80, [])
    service('udp', VIP[v], 53, [])
    service('tcp', ROUTED[v], 80, [(server(v, 0), 80, 0)])
    service('udp', ROUTED[v], 53, [(server(v, 0), 53, 0)])
    try_all(f'IPv{v}, no server', v, VIP[v])
    try_all(f'IPv{v}, VIP only routed here, weight 0', v, ROUTED[v])
    run(B, 'ip', 'route', 'add', ROUTED[v], 'dev', 'c0')
    try_all(f'IPv{v}, client on the balancer', v, VIP[v], B)
    try_all(f'IPv{v}, client on the balancer, VIP only routed', v, ROUTED[v], B)
    adm('-e', '-t', endpoint(ROUTED[v], 80), '-r', endpoint(server(v, 0), 80), '-w', '1',
        '--state', 'down')
    adm('-e', '-u', endpoint(ROUTED[v], 53), '-r', endpoint(server(v, 0), 53), '-w', '1',
        '--state', 'draining')
    try_all(f'IPv{v}, down and draining', v, ROUTED[v])
    check_eq(f'IPv{v}: each service has its own count',
             {('tcp', VIP[v]): 2, ('udp', VIP[v]): 2, ('tcp', ROUTED[v]): 3, ('udp', ROUTED[v]): 3},
             {(s['protocol'], s['address']): s['refusals']['no-server'] for s in listing('-L', '-n')
              if s['address'] in (VIP[v], ROUTED[v])})
adm('-a', '-t', endpoint(VIP[4], 80), '-r', endpoint(server(4, 0), 80))
servers = Servers(4, 'tcp', 80)
check('with a server it works', works(*pair(servers, VIP[4], 80)[:2]))
check_eq('and nothing more is refused', {'no-server': count}, refusals())
EOP
