#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lc sends a connection to the server that has fewest, wlc to the one with fewest for its weight.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 3
python_cases <<'EOP'
from collections import Counter
from sluicetest import *


class Held:
    """Connections that stay open, by server."""

    def __init__(self, servers, to):
        self.servers, self.to, self.open = servers, to, {0: [], 1: [], 2: []}

    def more(self, count):
        for _ in range(count):
            client, accepted, index = pair(self.servers, *self.to)
            self.open[index].append((client, accepted))
        return self.counts()

    def counts(self):
        return [len(self.open[i]) for i in range(3)]

    def end(self, index, count):
        """By reset, so that they count as little as can be."""
        for _ in range(count):
            client, accepted = self.open[index].pop()
            reset(client)
            accepted.close()

    def listed(self):
        at = listing('-L', '-n', '-t', endpoint(*self.to))[0]
        return [s['active'] for s in sorted(at['servers'], key=lambda s: s['id'])]


settings('tcp-close=100ms')
for v in VERSIONS:
    to = (VIP[v], 80)
    service('tcp', *to, [(server(v, i), 80, i + 1) for i in range(3)], 'lc')
    servers = Servers(v, 'tcp', 80)
    held = Held(servers, to)
    check_eq(f'IPv{v} lc: equal counts, whatever the weights', [4, 4, 4], held.more(12))
    check_eq(f'IPv{v} lc: the listing has them as active', [4, 4, 4], held.listed())
    held.end(1, 4)
    check_eq(f'IPv{v} lc: ended connections are not active', [4, 0, 4],
             until(10, lambda: (n := held.listed()) == [4, 0, 4] and n) or held.listed())
    check_eq(f'IPv{v} lc: the server that lost its connections gets the next', [4, 3, 4],
             held.more(3))
    adm('-e', '-t', endpoint(*to), '-r', endpoint(server(v, 1), 80), '-w', '0')
    check_eq(f'IPv{v} lc: weight 0 gets none, though it has fewest', [5, 3, 5], held.more(2))
    for i in range(3):
        held.end(i, held.counts()[i])
    adm('-D', '-t', endpoint(*to))

    service('tcp', *to, [(server(v, i), 80, i + 1) for i in range(3)], 'wlc')
    held = Held(servers, to)
    check_eq(f'IPv{v} wlc: counts as the weights 1:2:3', [3, 6, 9], held.more(18))
    check_eq(f'IPv{v} wlc: the listing has them as active', [3, 6, 9], held.listed())
    held.end(2, 9)
    until(10, lambda: held.listed() == [3, 6, 0])
    check_eq(f'IPv{v} wlc: the server that lost its connections gets the next', [3, 6, 8],
             held.more(8))
    adm('-e', '-t', endpoint(*to), '-r', endpoint(server(v, 2), 80), '-w', '0')
    check_eq(f'IPv{v} wlc: weight 0 gets none', [5, 10, 8], held.more(6))
    adm('-D', '-t', endpoint(*to))
    servers.close()
EOP
