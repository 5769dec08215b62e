#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With method tunnel servers get the clients' packets inside of packets from the balancer.
# Targets: qemu-6.12 uml-debug qemu-7
# Timeout: 240
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"
. "${0%/*}/lib/topology.sh"

load_sluice
need_module ipip ip6_tunnel
setup_direct 2
for i in 1 2; do
	s=S$i
	ip -n "${!s}" -batch - <<-EOB || fatal "cannot set up the tunnels of server $i"
		link add t4 type ipip local 10.0.2.$((10 + i)) remote 10.0.2.1
		link add t6 type ip6tnl mode ip6ip6 local fd00:2::$((10 + i)) remote fd00:2::1 encaplimit none
		link set t4 up
		link set t6 up
	EOB
	in_ns "${!s}" sysctl -qw net.ipv4.conf.t4.rp_filter=0
done
serve_http "$S1" 80 one
serve_http "$S2" 80 two
direct_services -i
for vip in 10.0.2.100 fd00:9::100; do
	check_eq "$vip: both servers answer HTTP in turn" "one=2 two=2" "$(spread 4 get "$C" $vip 80)"
done
python_cases <<'EOP'
from fastpath import *

LOCAL = {4: '10.0.2.100', 6: 'fd00:2::100'}
ROUTED = {4: '10.0.9.100', 6: 'fd00:9::100'}
OVERHEAD = {4: 20, 6: 40}
OUTER = {4: 4, 6: 41}
TOO_BIG = {4: (3, 4), 6: (2, 0)}
slow = SlowPath()
at_balancer, at_client = Capture(B, 'eth0'), Capture(C, 'eth0')


def told_mtu(p):
    return struct.unpack('!HH' if p.version == 4 else '!I', p.payload[4:8])[-1]


for case, v, protocol in each():
    # Each kind of address with both versions and protocols, on one target or another.
    for what, vip in ((('VIP routed', ROUTED[v]) if (protocol == 'tcp') ^ (v == 4) else
                       ('VIP local', LOCAL[v])),):
        case_ = f'{case}, {what}'
        forget_paths(C)
        servers = Servers(v, protocol, 81, address=vip)
        flow = Flow(v, protocol, 81, address=vip, servers=servers)
        check_warm(case_, flow, slow)
        at_balancer.clear()
        check_eq(f'{case_}: stays there', FAST, flow.ways(slow, 5))
        out = [p for p in at_balancer.packets(False) if p.protocol == OUTER[v]]
        inner = [Packet(p.payload) for p in out]
        check(f'{case_}: outside from the balancer to a server', len(out) >= 5 and all(
            p.source == INSIDE[v] and p.destination in (server(v, 0), server(v, 1)) and
            p.header_is_right() for p in out), '\n'.join(map(str, out)))
        check(f'{case_}: inside as the client sent it', inner and all(
            (p.source, p.destination, p.ports) == (FAR_CLIENT[v], vip, (flow.client_port, 81)) and
            p.header_is_right() for p in inner), '\n'.join(map(str, inner)))
        check_eq(f'{case_}: no answer comes by the balancer', [], [
            str(p) for p in at_balancer.packets() if p.source == vip])
        fits = 1500 - OVERHEAD[v]
        at_client.clear()
        if protocol == 'tcp':
            check(f'{case_}: much data', bulk(flow.client, flow.accepted) and
                  bulk(flow.accepted, flow.client))
            told = at_client.wait(lambda p: p.icmp == TOO_BIG[v], 0)
            check(f'{case_}: the client was told what fits the tunnel', told and
                  told_mtu(told) == fits and told.inner.ports == (flow.client_port, 81) and
                  told.inner.destination == vip and told.checksum_is_right(), told)
            check_eq(f'{case_}: which it knows', fits, flow.client.getsockopt(*MTU[v]))
            slow.take()
            check(f'{case_}: much more data', bulk(flow.client, flow.accepted))
            check_eq(f'{case_}: by the fast path', (0, 0), slow.count(flow))
            p = flow.client_port
            check_eq(f'{case_}: established', 'established', wait_state(p, 'established'))
            flow.client.close()
            check_eq(f'{case_}: after the client\'s FIN', 'fin-wait', wait_state(p, 'fin-wait'))
        else:
            headers = 28 if v == 4 else 48
            flow.client.setsockopt(*MTU_DISCOVER[v], DONT_FRAGMENT)
            slow.take()
            flow.client.send(bytes(fits - headers))
            check_eq(f'{case_}: the largest that fits', fits - headers, len(servers.receive()[1]))
            check_eq(f'{case_}: takes the fast path', (0, 0), slow.count(flow))
            flow.client.send(bytes(fits - headers + 1))
            told = at_client.wait(lambda p: p.icmp == TOO_BIG[v])
            check(f'{case_}: a byte more and the client is told', told and told_mtu(told) == fits and
                  told.inner.length == fits + 1, told)
            check(f'{case_}: and nothing arrives', servers.quiet())
            if v == 4:
                forget_paths(C)
                flow.client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                flow.client.setsockopt(*MTU_DISCOVER[v], MAY_FRAGMENT)
                at_balancer.clear()
                data = os.urandom(1500 - headers)
                flow.client.send(data)
                check(f'{case_}: one that may be fragmented arrives', servers.receive()[1] == data)
                cut = [p for p in at_balancer.packets(False) if p.protocol == 4]
                check(f'{case_}: in two fragments of the tunnel packet', len(cut) == 2 and all(
                    p.fragment for p in cut) and cut[0].ident == cut[1].ident, '\n'.join(map(str, cut)))
                # Of the slow path and of the fast one, whose packets are short.
                at_balancer.clear()
                for size in [1500 - headers] * 3 + [100] * 5:
                    flow.client.send(bytes(size))
                    servers.receive()
                idents = {p.ident for p in at_balancer.packets(False) if p.protocol == 4}
                check_eq(f'{case_}: each that may be fragmented has an identification of its own',
                         8, len(idents))
        flow.close()
        servers.close()
EOP
