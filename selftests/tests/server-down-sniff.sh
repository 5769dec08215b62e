#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Stratum sniff and a server that goes: who is handed over is reset, who waits for it gets another one.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 2
python_cases <<'EOP'
from leaving import *

HEAD = b'GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n'


def sniffed(servers, v, index):
    """A connection that was handed over to this server."""
    while True:
        client = connect(v, VIP[v], 80)
        client.sendall(HEAD)
        where, accepted, _ = servers.accept()
        if accepted.recv(1000) == HEAD and where == index:
            return client, accepted
        reset(client)
        accepted.close()


settings('connect-timeout=60s', 'connect-retries=0')
for v in VERSIONS:
    sniff_service(v, 80, 'http', [server(v, 0), server(v, 1)])
    pool = f'tcp/{endpoint(VIP[v], 80)}'
    adm('pool', 'set', '--on-down', 'reset', pool)
    servers = Servers(v, 'tcp', 80)
    idle, sender, receiver = (sniffed(servers, v, 0) for _ in range(3))
    other = sniffed(servers, v, 1)
    check(f'IPv{v}: all work', all(works(*x) for x in (idle, sender, receiver, other)))
    sending, taking = Pump(sender[0]), Taker(sender[1])
    giving, receiving = Pump(receiver[1]), Taker(receiver[0])
    check(f'IPv{v}: there is traffic', until(20, lambda: taking.got > 300000 and receiving.got > 300000))
    set_server(v, 0, '--state', 'down')
    check_reset(f'IPv{v}: an idle client is reset', idle[0])
    check_reset(f'IPv{v}: and its server', idle[1])
    check_eq(f'IPv{v}: a client that sends is reset', 'reset', sending.wait())
    check_eq(f'IPv{v}: and its server', 'reset', taking.wait())
    check_eq(f'IPv{v}: a client that receives is reset', 'reset', receiving.wait())
    check_eq(f'IPv{v}: and its server', 'reset', giving.wait())
    check(f'IPv{v}: the client of another server goes on', works(*other))

    # The server is silent, so its client is held.
    for fate in ('reset', 'keep', 'rebalance'):
        adm('pool', 'set', '--on-down', fate, pool)
        run(S[0], 'nft', 'add table inet t; add chain inet t c { type filter hook input priority 0; };'
            'add rule inet t c tcp dport 80 drop')
        set_server(v, 1, '--state', 'draining')
        set_server(v, 0, '--state', 'up')
        client = connect(v, VIP[v], 80)
        client.sendall(HEAD)
        check(f'IPv{v}, {fate}: a client waits for a server', until(10, lambda: [
            c for c in connections() if c['server-address'] == server(v, 0) and c['state'] == 'syn-sent']))
        set_server(v, 1, '--state', 'up')
        check(f'IPv{v}, {fate}: it does not get the other one by itself', servers.quiet(0.5))
        set_server(v, 0, '--state', 'down')
        try:
            where, accepted, _ = servers.accept(10)
            check(f'IPv{v}, {fate}: it gets the other one when its server is down', where == 1 and
                  accepted.recv(1000) == HEAD and works(client, accepted))
            accepted.close()
        except TimeoutError as error:
            check(f'IPv{v}, {fate}: it gets the other one when its server is down', False, error)
        client.close()
        run(S[0], 'nft', 'flush ruleset')

    # Nobody is left to take it.
    run(S[1], 'nft', 'add table inet t; add chain inet t c { type filter hook input priority 0; };'
        'add rule inet t c tcp dport 80 drop')
    client = connect(v, VIP[v], 80)
    client.sendall(HEAD)
    check(f'IPv{v}: a client waits for the last server', until(10, lambda: [
        c for c in connections() if c['server-address'] == server(v, 1) and c['state'] == 'syn-sent']))
    set_server(v, 1, '--state', 'down')
    check_eq(f'IPv{v}: without any it is told', b'HTTP/1.1 503 Service Unavailable',
             client.recv(1000).split(b'\r\n')[0])
    run(S[1], 'nft', 'flush ruleset')
    for s in (client, *other):
        s.close()
    servers.close()
EOP
