#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Twenty thousand connections are listed once each, and filters find theirs.
# Targets: uml uml-debug
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 2
python_cases <<'EOP'
from sluicetest import *

COUNT = 10000
usual('udp', 53)
# They are not answered: a refusal of the servers for each would only take time.
for i in (1, 2):
    run(S[i - 1], 'nft', 'add table inet t; add chain inet t in { type filter hook input priority 0; }; '
        'add rule inet t in udp dport 53 drop')
settings('udp-new=1h')
client = {}
for v in VERSIONS:
    # A raw socket, for ports of all flows without a socket for each. No checksum in IPv4, and in
    # IPv6 the kernel makes it.
    with ns(C):
        client[v] = socket.socket(FAMILY[v], socket.SOCK_RAW, socket.IPPROTO_UDP)
    if v == 6:
        client[v].setsockopt(socket.IPPROTO_IPV6, socket.IPV6_CHECKSUM, 6)
    for port in range(10000, 10000 + COUNT):
        client[v].sendto(struct.pack('!HHHH', port, 53, 8, 0), (VIP[v], 0))
check_eq('all are made', 2 * COUNT, until(20, lambda: info()['connections'] == 2 * COUNT
                                         and 2 * COUNT) or info()['connections'])
found = connections()
check_eq('all are listed', 2 * COUNT, len(found))
check_eq('once each', {(VIP[v], port) for v in VERSIONS for port in range(10000, 10000 + COUNT)},
         {(c['virtual-address'], c['client-port']) for c in found})
check_eq('half of them at each server', {server(v, i): COUNT // 2 for v in VERSIONS for i in range(2)},
         {a: sum(c['server-address'] == a for c in found)
          for a in {c['server-address'] for c in found}})


def ports(*words):
    return sorted(c['client-port'] for c in connections(*words))


for v in VERSIONS:
    to = ('-u', endpoint(VIP[v], 53))
    check_eq(f'IPv{v}: filter by service', list(range(10000, 10000 + COUNT)), ports(*to))
    half = ports(*to, '-r', endpoint(server(v, 1), 53))
    check(f'IPv{v}: filter by server', len(half) == COUNT // 2 and half == sorted(
        c['client-port'] for c in found if c['server-address'] == server(v, 1)))
    check_eq(f'IPv{v}: filter by client and port', [12345],
             ports('--client', endpoint(CLIENT[v], 12345)))
    check_eq(f'IPv{v}: filter that nothing matches', [], ports(*to, '--client', endpoint(CLIENT[v], 9)))
    adm('-D', *to)
    check_eq(f'IPv{v}: with its service gone, it is still listed', [12345],
             ports('--client', endpoint(CLIENT[v], 12345)))
settings('udp-new=100ms')
EOP
