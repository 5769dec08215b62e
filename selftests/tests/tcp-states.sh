#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A TCP connection is listed in the state that the segments seen so far give it.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
python_cases <<'EOP'
from sluicetest import *

PORT = 7000
usual('tcp', PORT)


def port_of(s):
    return s.getsockname()[1]


def counts(v):
    s = listing('-L', '-n', '-t', endpoint(VIP[v], PORT))[0]['servers'][0]
    return s['active'], s['inactive']


for v in VERSIONS:
    servers = Servers(v, 'tcp', PORT)

    client, accepted, _ = pair(servers, VIP[v], PORT)
    p = port_of(client)
    check_eq(f'IPv{v}: established', 'established', wait_state(p, 'established'))
    check_eq(f'IPv{v}: which counts as active', (1, 0), counts(v))
    client.shutdown(socket.SHUT_WR)
    check_eq(f'IPv{v}: the client closed, the server acknowledged: close-wait', 'close-wait',
             wait_state(p, 'close-wait'))
    check_eq(f'IPv{v}: which counts as inactive', (0, 1), counts(v))
    check(f'IPv{v}: the half that is open still transfers', say(accepted, client, b'x' * 100000))
    check_eq(f'IPv{v}: and the state stays', 'close-wait', state(p))
    accepted.close()
    check_eq(f'IPv{v}: both closed and acknowledged: time-wait', 'time-wait',
             wait_state(p, 'time-wait'))
    client.close()

    client, accepted, _ = pair(servers, VIP[v], PORT)
    p = port_of(client)
    accepted.shutdown(socket.SHUT_WR)
    check_eq(f'IPv{v}: the server closed, the client acknowledged: close-wait', 'close-wait',
             wait_state(p, 'close-wait'))
    check(f'IPv{v}: the half that is open still transfers', say(client, accepted, b'x' * 100000))
    client.close()
    check_eq(f'IPv{v}: both closed: time-wait', 'time-wait', wait_state(p, 'time-wait'))
    accepted.close()

    client, accepted, _ = pair(servers, VIP[v], PORT)
    p = port_of(client)
    reset(client)
    check_eq(f'IPv{v}: the client reset: close', 'close', wait_state(p, 'close'))
    accepted.close()

    client, accepted, _ = pair(servers, VIP[v], PORT)
    p = port_of(client)
    reset(accepted)
    check_eq(f'IPv{v}: the server reset: close', 'close', wait_state(p, 'close'))
    client.close()

    servers.close()
    client = make_socket(C, v, 'tcp')
    p = port_of(client)
    check_eq(f'IPv{v}: a closed port of the server is a refusal', True,
             refused(client.connect, (VIP[v], PORT)))
    check_eq(f'IPv{v}: the server refused: close', 'close', wait_state(p, 'close'))
    client.close()

    # A server that does not answer, and one that does while nobody acknowledges.
    drop = 'add rule inet t {} tcp {} {} drop'
    run(S[0], 'nft', 'add table inet t; add chain inet t in { type filter hook input priority 0; }; ' +
        drop.format('in', 'dport', PORT))
    client = make_socket(C, v, 'tcp')
    client.setblocking(False)
    client.connect_ex((VIP[v], PORT))
    p = port_of(client)
    check_eq(f'IPv{v}: a SYN without an answer: syn-sent', 'syn-sent', wait_state(p, 'syn-sent'))
    run(S[0], 'nft', 'delete table inet t')
    client.close()
    servers = Servers(v, 'tcp', PORT)
    run(C, 'nft', 'add table inet t; add chain inet t in { type filter hook input priority 0; }; ' +
        drop.format('in', 'sport', PORT))
    client = make_socket(C, v, 'tcp')
    client.setblocking(False)
    client.connect_ex((VIP[v], PORT))
    p = port_of(client)
    check_eq(f'IPv{v}: a SYN-ACK without an answer: syn-recv', 'syn-recv',
             wait_state(p, 'syn-recv'))
    run(C, 'nft', 'delete table inet t')
    client.close()

    # Both FINs under way: the server does not get the client's.
    client, accepted, _ = pair(servers, VIP[v], PORT)
    p = port_of(client)
    run(S[0], 'nft', 'add table inet t; add chain inet t in { type filter hook input priority 0; }; ' +
        drop.format('in', 'dport', PORT))
    client.close()
    check_eq(f'IPv{v}: a FIN without an answer: fin-wait', 'fin-wait', wait_state(p, 'fin-wait'))
    accepted.close()
    check_eq(f'IPv{v}: FINs of both, the client acknowledged one: time-wait or last-ack', True,
             until(10, lambda: state(p) in ('last-ack', 'time-wait')))
    run(S[0], 'nft', 'delete table inet t')
    servers.close()
    adm('-D', '-t', endpoint(VIP[v], PORT))
EOP
