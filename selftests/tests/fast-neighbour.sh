#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A neighbour that changes its address, or has to be found anew, is asked for with the next packet.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
# They tell their neighbours of a new address.
for ns in "$C" "$S1"; do
	in_ns "$ns" sysctl -qw net.ipv4.conf.all.arp_notify=1 net.ipv4.conf.eth0.arp_notify=1 \
		net.ipv6.conf.all.ndisc_notify=1 net.ipv6.conf.eth0.ndisc_notify=1
done
# They are believed at once.
in_ns "$B" sysctl -qw net.ipv4.neigh.c0.locktime=0 net.ipv4.neigh.br0.locktime=0
python_cases <<'EOP'
from fastpath import *

usual('tcp', 80)
usual('udp', 80)
slow = SlowPath()
serial = 0


def entry(device, address):
    found = json.loads(run(B, 'ip', '-j', 'neigh', 'show', 'dev', device, 'to', address))
    return found[0] if found else {}


def astray(s):
    """What a socket has got by now."""
    return s.recv(100) if select.select([s], [], [], 0)[0] else b''


for case, v, protocol in each():
    flow = Flow(v, protocol)
    check_warm(case, flow, slow)
    for who, name, device, address in (('server', S[0], 'br0', server(v, 0)),
                                       ('client', C, 'c0', CLIENT[v])):
        # A new hardware address.
        serial += 1
        mac = f'02:00:00:00:00:{serial:02x}'
        run(name, 'ip', 'link', 'set', 'eth0', 'address', mac)
        check(f'{case}: the {who} has told of its new address',
              until(10, lambda: entry(device, address).get('lladdr') == mac), entry(device, address))
        check_eq(f'{case}: the new address of the {who} is used', FAST, flow.ways(slow, 3))

        # As if it had been told by the administrator, of a wrong one and of the right one.
        ip('neigh', 'replace', address, 'lladdr', '02:00:00:00:ff:ff', 'dev', device, 'nud', 'permanent')
        if protocol == 'udp':
            capture = Capture(B, 's1' if who == 'server' else 'c0')
            if who == 'server':
                flow.client.send(b'astray')
            else:
                flow.end().sendto(b'astray', (flow.client_address, flow.client_port))
            check(f'{case}: the next packet to the {who} goes where the entry says', capture.wait(
                lambda p: p.ports and p.data.endswith(b'astray'), incoming=False))
            capture.close()
            check_eq(f'{case}: which is not the {who}', b'', astray(
                flow.end() if who == 'server' else flow.client))
        ip('neigh', 'replace', address, 'lladdr', mac, 'dev', device, 'nud', 'reachable')
        check_eq(f'{case}: an entry for the {who} that was replaced', FAST, flow.ways(slow, 3))

        for state in ('stale', 'delay', 'probe', 'failed'):
            words = () if state == 'failed' else ('lladdr', mac)
            ip('neigh', 'change', address, *words, 'dev', device, 'nud', state)
            check(f'{case}: traffic goes on when the {who} is {state}', flow.talk())
            check_warm(f'{case}: {who} {state}', flow, slow)
        # Gone: the next packet finds it by the slow path.
        ip('neigh', 'del', address, 'dev', device)
        slow.take()
        check(f'{case}: traffic goes on when the {who} is deleted', flow.talk())
        check(f'{case}: by the slow path at first', slow.count(flow)[who == 'client'] > 0)
        check_warm(f'{case}: {who} found again', flow, slow)
    flow.close()
EOP
