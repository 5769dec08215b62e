#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A server that goes down with on-down reset: idle, sending and receiving clients are reset, and so is the server.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 2
python_cases <<'EOP'
from leaving import *

usual('tcp', 80)
for v in VERSIONS:
    pool = f'tcp/{endpoint(VIP[v], 80)}'
    adm('pool', 'set', '--on-down', 'reset', pool)
    check_eq(f'IPv{v}: on-down is listed', 'reset', listing('pool', 'show', pool)[0]['on-down'])
    servers = Servers(v, 'tcp', 80)
    other, other_accepted, where = pair(servers, VIP[v], 80)
    down = 1 - where
    idle, sender, receiver = (pair_with(servers, down, VIP[v], 80) for _ in range(3))
    check(f'IPv{v}: all work', all(works(*x) for x in (idle, sender, receiver, (other, other_accepted))))
    sending, taking = Pump(sender[0]), Taker(sender[1])
    giving, receiving = Pump(receiver[1]), Taker(receiver[0])
    check(f'IPv{v}: there is traffic', until(20, lambda: taking.got > 300000 and receiving.got > 300000))
    set_server(v, down, '--state', 'down')
    check_reset(f'IPv{v}: an idle client is reset', idle[0])
    check_reset(f'IPv{v}: and its server', idle[1])
    check_eq(f'IPv{v}: a client that sends is reset', 'reset', sending.wait())
    check_eq(f'IPv{v}: and its server', 'reset', taking.wait())
    check_eq(f'IPv{v}: a client that receives is reset', 'reset', receiving.wait())
    check_eq(f'IPv{v}: and its server', 'reset', giving.wait())
    check(f'IPv{v}: the client of another server goes on', works(other, other_accepted))
    check_eq(f'IPv{v}: new connections go there', [where] * 3, chosen(servers, 3))
    check(f'IPv{v}: no connection counts as active', until(10, lambda: shown(v, down)['active'] == 0),
          shown(v, down))
    set_server(v, down, '--state', 'up')

    # The server is gone: nobody but the client can tell the numbers.
    idle = pair_with(servers, down, VIP[v], 80)
    check(f'IPv{v}, a dead server: it worked', works(*idle))
    run(B, 'ip', 'link', 'set', f's{down + 1}', 'down')
    set_server(v, down, '--state', 'down')
    check_reset(f'IPv{v}, a dead server: an idle client is reset', idle[0])
    run(B, 'ip', 'link', 'set', f's{down + 1}', 'up')
    set_server(v, down, '--state', 'up')
    reset(idle[1])

    # What asks the client does not reach it: it belongs to no connection that its firewall follows.
    run(C, 'nft', 'add table inet t; add chain inet t c { type filter hook input priority 0; };'
        'add rule inet t c ct state invalid counter drop')
    idle = pair_with(servers, down, VIP[v], 80)
    check(f'IPv{v}, a strict client: it worked', works(*idle))
    set_server(v, down, '--state', 'down')
    check_reset(f'IPv{v}, a strict client: it is reset', idle[0])
    check_reset(f'IPv{v}, a strict client: and its server', idle[1])
    set_server(v, down, '--state', 'up')
    # And of a dead server nobody can tell them: this client learns it when it says something.
    idle = pair_with(servers, down, VIP[v], 80)
    check(f'IPv{v}, a strict client of a dead server: it worked', works(*idle) and settled(*idle))
    run(B, 'ip', 'link', 'set', f's{down + 1}', 'down')
    set_server(v, down, '--state', 'down')
    # It may have something to say by itself, as an acknowledgement.
    note(f'IPv{v}, a strict client of a dead server: {ended(idle[0], 1.5)}')
    with contextlib.suppress(BrokenPipeError):
        idle[0].sendall(b'x')
        check_reset(f'IPv{v}, a strict client of a dead server: it is reset when it says something', idle[0])
    check(f'IPv{v}, a strict client of a dead server: its connection is closed', not is_open(idle[0]))
    run(B, 'ip', 'link', 'set', f's{down + 1}', 'up')
    reset(idle[1])
    run(C, 'nft', 'flush ruleset')
    set_server(v, down, '--state', 'up')

    # The pool's word holds for servers that are down already; a SYN that comes meanwhile is a new one.
    adm('pool', 'set', '--on-down', 'keep', pool)
    idle = pair_with(servers, down, VIP[v], 80)
    port = idle[0].getsockname()[1]
    set_server(v, down, '--state', 'down')
    check(f'IPv{v}: it is kept with keep', works(*idle))
    adm('pool', 'set', '--on-down', 'reset', pool)
    check_reset(f'IPv{v}: it is reset when that changes', idle[0])
    idle[0].close()
    again, accepted, index = pair(servers, VIP[v], 80, source_port=port)
    check(f'IPv{v}: a new connection from the same port works at once', index == where and
          works(again, accepted))
    for s in (other, other_accepted, again, accepted):
        s.close()
    servers.close()
EOP
