#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A SYN sent again stays with its server, until that may take no new connection.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 2
python_cases <<'EOP'
from sluicetest import *

for v in VERSIONS:
    service('tcp', VIP[v], 80, [(server(v, 0), 80)])
    to = ('-t', endpoint(VIP[v], 80))
    # The first server is dead: it answers nothing, not even by neighbour discovery.
    run(B, 'ip', 'link', 'set', 's1', 'down')
    servers = Servers(v, 'tcp', 80, [S[1]])
    client = make_socket(C, v, 'tcp')
    client.setblocking(False)
    client.connect_ex((VIP[v], 80))
    p = client.getsockname()[1]
    check_eq(f'IPv{v}: syn-sent to the dead server', 'syn-sent', wait_state(p, 'syn-sent'))

    def packets():
        s = [s for s in listing('-L', '-n', *to)[0]['servers'] if s['address'] == server(v, 0)]
        return s[0]['stats']['in-packets']

    adm('-a', *to, '-r', endpoint(server(v, 1), 80))
    until(10, lambda: packets() >= 2)
    check(f'IPv{v}: the SYN comes again and goes to the same server',
          packets() >= 2 and servers.quiet(0))
    adm('-e', *to, '-r', endpoint(server(v, 0), 80), '-w', '0')
    try:
        _, accepted, peer = servers.accept(45)
        client.settimeout(10)
        client.connect_ex((VIP[v], 80))
        check_eq(f'IPv{v}: with weight 0 the next SYN goes to the other server',
                 (CLIENT[v], p), peer)
        check(f'IPv{v}: and the connection works', works(client, accepted))
        accepted.close()
    except TimeoutError as error:
        check(f'IPv{v}: with weight 0 the next SYN goes to the other server', False, error)
    check_eq(f'IPv{v}: nothing is left of the first attempt', 1,
             len([c for c in connections() if c['client-port'] == p]))
    run(B, 'ip', 'link', 'set', 's1', 'up')
    client.close()
    servers.close()
    adm('-D', *to)
EOP
