#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With method dr servers get the clients' packets unchanged, and answer them directly.
# Targets: qemu-6.12 uml-debug qemu-7
# Timeout: 240
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"
. "${0%/*}/lib/topology.sh"

load_sluice
setup_direct 2
serve_http "$S1" 80 one
serve_http "$S2" 80 two
direct_services -g
for vip in 10.0.2.100 fd00:9::100; do
	check_eq "$vip: both servers answer HTTP in turn" "one=2 two=2" "$(spread 4 get "$C" $vip 80)"
done
python_cases <<'EOP'
from fastpath import *

LOCAL = {4: '10.0.2.100', 6: 'fd00:2::100'}
ROUTED = {4: '10.0.9.100', 6: 'fd00:9::100'}
TOO_BIG = {4: (3, 4), 6: (2, 0)}
slow = SlowPath()
at_balancer = Capture(B, 'eth0')


def made(v, vip):
    """How many connections the TCP service has had."""
    return listing('-L', '-n', '--stats', '-t', endpoint(vip, 81))[0]['stats']['connections']


for case, v, protocol in each():
    # Each kind of address with both versions and protocols, on one target or another.
    for what, vip in ((('VIP routed', ROUTED[v]) if (protocol == 'tcp') ^ (v == 4) else
                       ('VIP local', LOCAL[v])),):
        case_ = f'{case}, {what}'
        servers = Servers(v, protocol, 81, address=vip)
        flow = Flow(v, protocol, 81, address=vip, servers=servers)
        if protocol == 'tcp':
            check_eq(f'{case_}: the server sees client and service', (
                (FAR_CLIENT[v], flow.client_port), vip),
                     (flow.accepted.getpeername()[:2], flow.accepted.getsockname()[0]))
        check_warm(case_, flow, slow)
        at_balancer.clear()
        check_eq(f'{case_}: stays there', FAST, flow.ways(slow, 5))
        out = [p for p in at_balancer.packets(False) if p.ports and flow.client_port in p.ports]
        check(f'{case_}: addresses and ports are as they were', len(out) >= 5 and all(
            (p.source, p.destination, p.ports) == (FAR_CLIENT[v], vip, (flow.client_port, 81))
            for p in out), '\n'.join(map(str, out)))
        check_eq(f'{case_}: no answer comes by the balancer', [], [
            str(p) for p in at_balancer.packets() if p.source == vip])
        if protocol == 'tcp':
            check(f'{case_}: much data', bulk(flow.client, flow.accepted) and
                  bulk(flow.accepted, flow.client))
            p = flow.client_port
            check_eq(f'{case_}: established', 'established', wait_state(p, 'established'))
            flow.client.shutdown(socket.SHUT_WR)
            check_eq(f'{case_}: the server sees the end', b'', flow.accepted.recv(10))
            check_eq(f'{case_}: after the client\'s FIN', 'fin-wait', wait_state(p, 'fin-wait'))
            check(f'{case_}: the other half goes on', bulk(flow.accepted, flow.client, 300000))
            check_eq(f'{case_}: which changes nothing', 'fin-wait', state(p))
            flow.accepted.close()
            check_eq(f'{case_}: the client sees the end', b'', flow.client.recv(10))
            # The same port again: the SYN begins a new connection, at the next server.
            before = made(v, vip)
            flow.client.close()
            sysctl('net.ipv4.tcp_tw_reuse=1', at=C)
            again = make_socket(C, v, 'tcp', None, p)
            check(f'{case_}: a new connection from the same port', until(
                10, lambda: raises(again.connect, (vip, 81)) is None))
            _, accepted, _ = servers.accept()
            check(f'{case_}: works', works(again, accepted))
            check_eq(f'{case_}: it is a connection of its own', before + 1, made(v, vip))
            reset(again)
            check_eq(f'{case_}: a reset is close', True, until(10, lambda: 'close' in str(state(p))))
            accepted.close()
        flow.close()
        servers.close()

# A smaller MTU to the servers: the balancer tells the client.
route_mtu(B, 'eth0', 1300, '10.0.2.0/24', 'fd00:2::/64')
for case, v, protocol in each(protocols=('tcp',)):
    case = f'{case}, MTU'
    forget_paths(C)
    seen = Capture(C, 'eth0')
    flow = Flow(v, protocol, 81, address=LOCAL[v])
    check(f'{case}: much data to the server', bulk(flow.client, flow.accepted))
    check_eq(f'{case}: the client knows it', 1300, flow.client.getsockopt(*MTU[v]))
    told = seen.wait(lambda p: p.icmp == TOO_BIG[v], 0)
    check(f'{case}: from an error about its packet', told and told.inner.ports ==
          (flow.client_port, 81) and told.inner.destination == LOCAL[v], told)
    seen.close()
    flow.close()
EOP
