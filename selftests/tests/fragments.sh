#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# UDP datagrams in fragments go both ways, also where the next link's MTU is smaller.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
python_cases <<'EOP'
from sluicetest import *

usual('udp', 53)


def there_and_back(v, servers, client, size, tries=1):
    """A datagram and its answer of the same size; IPv6 has to learn of an MTU by losing one."""
    data, answer = os.urandom(size), os.urandom(size)
    client.settimeout(5)
    for attempt in range(tries):
        client.sendto(data, (VIP[v], 53))
        try:
            # Not what an earlier attempt has sent.
            while (found := servers.receive(2))[1] != data:
                note('an earlier datagram')
            _, got, peer = found
            servers.sockets[0].sendto(answer, peer)
            back, source = client.recvfrom(65536)
            return got == data and back == answer and source[:2] == (VIP[v], 53)
        except TimeoutError as error:
            note(f'attempt {attempt + 1}: {error}')
    return False


for v in VERSIONS:
    servers = Servers(v, 'udp', 53)
    client = make_socket(C, v, 'udp')
    for s in (client, servers.sockets[0]):
        s.setsockopt(*MTU_DISCOVER[v], MAY_FRAGMENT)
    seen = Capture(S[0], 'eth0')
    for size in (1453, 4000, 60000):
        check(f'IPv{v}: {size} bytes', there_and_back(v, servers, client, size))
    check(f'IPv{v}: they were fragments', seen.wait(lambda p: p.fragment, 0))
    check_eq(f'IPv{v}: all of one flow', 1, len(connections()) if v == 4 else len(
        [c for c in connections() if c['virtual-address'] == VIP[v]]))

    # The link to the servers takes less than the fragments that come in.
    seen.clear()
    route_mtu(B, 'br0', 1300, '10.0.2.0/24', 'fd00:2::/64')
    check(f'IPv{v}: a smaller MTU to the server', there_and_back(v, servers, client, 4000,
                                                                 3 if v == 6 else 1))
    largest = max((p.length for p in seen.packets()), default=0)
    check(f'IPv{v}: no fragment is larger', 0 < largest <= 1300, largest)
    route_mtu(B, 'br0', 1500, '10.0.2.0/24', 'fd00:2::/64')
    for x in (client, servers, seen):
        x.close()
EOP
