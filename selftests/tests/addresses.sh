#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Servers see the client's own address and port, clients see the VIP's, in every packet.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 2
python_cases <<'EOP'
from sluicetest import *

usual('tcp', 80, server_port=8080)
usual('udp', 53, server_port=5353)
for v in VERSIONS:
    seen = {name: Capture(name, 'eth0') for name in (C, *S)}
    tcp, udp = Servers(v, 'tcp', 8080), Servers(v, 'udp', 5353)
    ports = {6: set(), 17: set()}
    for _ in range(4):
        client, accepted, _ = pair(tcp, VIP[v], 80)
        ports[6].add(client.getsockname()[1])
        check_eq(f'IPv{v}: the server sees the client', client.getsockname()[:2],
                 accepted.getpeername()[:2])
        check_eq(f'IPv{v}: the client sees the VIP', (VIP[v], 80), client.getpeername()[:2])
        works(client, accepted)
        client.close()
        accepted.close()
        client = make_socket(C, v, 'udp')
        ports[17].add(client.getsockname()[1])
        check_eq(f'IPv{v}: a UDP answer comes from the VIP', (VIP[v], 53),
                 ask(udp, client, (VIP[v], 53))[1])
        client.close()
    service_port, server_port = {6: 80, 17: 53}, {6: 8080, 17: 5353}

    def from_client(p, incoming):
        """Client's address and port, and the other's, whichever way the packet goes."""
        ends = [(p.source, p.ports[0]), (p.destination, p.ports[1])]
        return tuple(reversed(ends)) if incoming else tuple(ends)

    for incoming in (True, False):
        does = 'gets' if incoming else 'sends'
        check_eq(f'IPv{v}: all that the client {does} is between it and the VIP',
                 {((CLIENT[v], port), (VIP[v], service_port[t])) for t in ports for port in ports[t]},
                 {from_client(p, incoming) for p in seen[C].packets(incoming)
                  if p.ports and p.version == v})
        for i, name in enumerate(S):
            check_eq(f'IPv{v}: all that server {i} {does} is between it and the client', set(),
                     {from_client(p, not incoming) for p in seen[name].packets(incoming)
                      if p.ports and p.version == v} -
                     {((CLIENT[v], port), (server(v, i), server_port[t]))
                      for t in ports for port in ports[t]})
    check(f'IPv{v}: both servers had some', all(any(p.ports for p in seen[n].packets()) for n in S))
    for x in (tcp, udp, *seen.values()):
        x.close()
EOP
