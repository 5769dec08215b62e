#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rr and wrr give each server exactly its share of connections, weight 0 none.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 3
python_cases <<'EOP'
from collections import Counter
import itertools

from sluicetest import *

usual('tcp', 80, 'rr')
usual('udp', 53, 'rr')


ports = itertools.count(20000)


def tcp_servers(servers, count):
    chosen = []
    for _ in range(count):
        client, accepted, index = pair(servers, VIP[servers.version], 80)
        chosen.append(index)
        client.close()
        accepted.close()
    return chosen


def udp_servers(servers, count):
    """One flow each: a port of the client that has had none before."""
    chosen = []
    for _ in range(count):
        client = make_socket(C, servers.version, 'udp', port=next(ports))
        index, source = ask(servers, client, (VIP[servers.version], 53))
        if source != (VIP[servers.version], 53):
            note(f'answer from {source}')
            index = -1
        chosen.append(index)
        client.close()
    return chosen


def edit(protocol, v, index, weight):
    adm('-e', option(protocol), endpoint(VIP[v], PORT[protocol]),
        '-r', endpoint(server(v, index), PORT[protocol]), '-w', str(weight))


PORT = {'tcp': 80, 'udp': 53}
for v in VERSIONS:
    for protocol, spread in (('tcp', tcp_servers), ('udp', udp_servers)):
        case = f'IPv{v} {protocol.upper()}'
        servers = Servers(v, protocol, PORT[protocol])
        chosen = spread(servers, 7)
        first = chosen[0]
        check_eq(f'{case}: rr takes the servers in turn',
                 [(first + i) % 3 for i in range(7)], chosen)

        # A weight is nothing to rr, unless it is 0.
        edit(protocol, v, 1, 3)
        check_eq(f'{case}: rr heeds no weight', {0: 2, 1: 2, 2: 2}, Counter(spread(servers, 6)))
        edit(protocol, v, 1, 0)
        check_eq(f'{case}: rr gives nothing to weight 0', {0: 2, 2: 2},
                 Counter(spread(servers, 4)))

        adm('-E', option(protocol), endpoint(VIP[v], PORT[protocol]), '-s', 'wrr')
        edit(protocol, v, 1, 2)
        edit(protocol, v, 2, 3)
        chosen = spread(servers, 12)
        check_eq(f'{case}: wrr gives 1:2:3', {0: 2, 1: 4, 2: 6}, Counter(chosen))
        check_eq(f'{case}: wrr gives 1:2:3 in each six in a row', set(),
                 {i for i in range(7)
                  if Counter(chosen[i:i + 6]) != {0: 1, 1: 2, 2: 3}})
        edit(protocol, v, 2, 4)
        chosen = spread(servers, 14)
        check_eq(f'{case}: wrr gives 1:2:4', {0: 2, 1: 4, 2: 8}, Counter(chosen))
        check(f'{case}: wrr does not send them in bursts',
              not any(chosen[i] == chosen[i + 1] == chosen[i + 2] for i in range(12)), chosen)
        edit(protocol, v, 2, 0)
        check_eq(f'{case}: wrr gives nothing to weight 0', {0: 2, 1: 4},
                 Counter(spread(servers, 6)))
        servers.close()
EOP
