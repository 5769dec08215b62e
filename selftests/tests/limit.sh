#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# connections-max refuses new connections, counts them, and leaves established ones alone.
# Targets: uml uml-debug
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 2
python_cases <<'EOP'
from sluicetest import *

usual('tcp', 80)
usual('udp', 53)
settings('tcp-close=100ms')
for v in VERSIONS:
    servers, udp = Servers(v, 'tcp', 80), Servers(v, 'udp', 53)
    before = refusals().get('limit', 0)
    base = info()['connections']
    settings(f'connections-max={base + 5}')
    held = [pair(servers, VIP[v], 80) for _ in range(5)]
    check_eq(f'IPv{v}: connections up to the limit', base + 5, info()['connections'])
    s = make_socket(C, v, 'udp')
    s.sendto(b'hello', (VIP[v], 53))
    late = make_socket(C, v, 'tcp')
    late.setblocking(False)
    late.connect_ex((VIP[v], 80))
    check(f'IPv{v}: those beyond it are refused', udp.quiet() and servers.quiet())
    check(f'IPv{v}: and counted', until(10, lambda: refusals().get('limit', 0) >= before + 2),
          refusals())
    check_eq(f'IPv{v}: by reason', {'limit'}, set(refusals()))
    check(f'IPv{v}: by service', all(s['refusals']['limit'] for s in listing('-L', '-n')
                                    if s['address'] == VIP[v]))
    check(f'IPv{v}: established connections work', all(works(*x[:2]) for x in held))
    settings(f'connections-max={base + 2}')
    check(f'IPv{v}: and go on when it is lowered below their number',
          all(works(*x[:2]) for x in held) and info()['connections'] == base + 5)
    settings('connections-max=1000')
    _, accepted, _ = servers.accept(20)
    late.settimeout(10)
    late.connect_ex((VIP[v], 80))
    check(f'IPv{v}: raised, the SYN that is sent again gets through', works(late, accepted))
    check(f'IPv{v}: and UDP', ask(udp, s, (VIP[v], 53)) is not None)
    for x in held:
        reset(x[0])
        x[1].close()
    for x in (s, late, accepted, udp, servers):
        x.close()
    # The next ones are counted from what is there then.
    if v != VERSIONS[-1]:
        until(20, lambda: info()['connections'] <= base + 2)
EOP
