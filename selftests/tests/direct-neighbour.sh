#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# By direct routing, packets wait for a server whose hardware address is asked for, and then go to it, not to the virtual address.
# Targets: qemu-6.12 uml-debug
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"
. "${0%/*}/lib/topology.sh"

load_sluice
setup_direct 2
direct_services -g
python_cases <<'EOP'
from fastpath import *

VIPS = {4: ('10.0.2.100', '10.0.9.100'), 6: ('fd00:2::100', 'fd00:9::100')}
FIREWALL = 'table inet f { chain input { type filter hook input priority 0; ct state new accept; }; }'
FLOWS = 8


def deaf(v, is_deaf):
    """Whether the servers leave it open which hardware address is theirs."""
    for name in S:
        if v == 4:
            run(name, 'sysctl', '-qw', f'net.ipv4.conf.all.arp_ignore={8 if is_deaf else 1}')
        elif is_deaf:
            nft('table ip6 deaf { chain input { type filter hook input priority 0;'
                ' icmpv6 type nd-neighbor-solicit drop; }; }', at=name)
        else:
            nft('delete table ip6 deaf', at=name)


def states(v):
    found = json.loads(run(B, 'ip', '-j', f'-{v}', 'neigh', 'show', 'dev', 'eth0'))
    known = {entry['dst']: entry['state'] for entry in found}
    return {state for i in range(2) for state in known.get(server(v, i), ['NONE'])}


for firewall in ('without a firewall', 'behind a firewall'):
    if firewall.startswith('behind'):
        nft(FIREWALL)
    for v in VERSIONS:
        for vip in VIPS[v]:
            case = f'{vip}, {firewall}'
            servers = Servers(v, 'udp', 80, address=vip)
            clients = [make_socket(C, v, 'udp') for _ in range(FLOWS)]
            # Their servers are known, and ways to them.
            old = clients[:FLOWS // 2]
            for client in old:
                client.sendto(b'first', (vip, 80))
                servers.receive()
            deaf(v, True)
            for i in range(2):
                ip('neigh', 'del', server(v, i), 'dev', 'eth0')
            for i, client in enumerate(old):
                client.sendto(b'%d' % i, (vip, 80))
            check_eq(f'{case}: the servers are asked for', {'INCOMPLETE'}, states(v))
            for i, client in enumerate(clients[len(old):], len(old)):
                client.sendto(b'%d' % i, (vip, 80))
            deaf(v, False)
            got = sorted(servers.receive()[1] for _ in clients)
            check_eq(f'{case}: packets of old flows and of new ones have waited',
                     [b'%d' % i for i in range(FLOWS)], got)
            for s in (*clients, servers):
                s.close()
EOP
