#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A path to a tunnel's server that is narrower farther on is learned, and the client told.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"
. "${0%/*}/lib/topology.sh"

load_sluice
need_module ipip ip6_tunnel
setup_direct 1
# The tunnel's other end is behind the router.
link "$ROUTER" far "$S1" eth1
addr "$ROUTER" far 10.0.7.1/24 fd00:7::1/64
addr "$S1" eth1 10.0.7.11/24 fd00:7::11/64
ip -n "$S1" -batch - <<-EOB || fatal "cannot set up the tunnels"
	link add t4 type ipip local 10.0.7.11 remote 10.0.2.1
	link add t6 type ip6tnl mode ip6ip6 local fd00:7::11 remote fd00:2::1 encaplimit none
	link set t4 up
	link set t6 up
EOB
for vip in 10.0.2.100 '[fd00:2::100]'; do
	if [[ $vip = \[* ]]; then server="[fd00:7::11]"; else server=10.0.7.11; fi
	for option in -t -u; do
		echo "-A $option $vip:81 -s rr"
		echo "-a $option $vip:81 -r $server:81 -i"
	done
done | in_ns "$B" sluiceadm -R || fatal "cannot set up the services"
python_cases <<'EOP'
from fastpath import *

VIP = {4: '10.0.2.100', 6: 'fd00:2::100'}
OVERHEAD = {4: 20, 6: 40}
TOO_BIG = {4: (3, 4), 6: (2, 0)}
slow = SlowPath()
at_client, at_balancer = Capture(C, 'eth0'), Capture(B, 'eth0')


def told_mtu(p):
    return struct.unpack('!HH' if p.version == 4 else '!I', p.payload[4:8])[-1]


def narrow(mtu):
    route_mtu(ROUTER, 'far', mtu, '10.0.7.0/24', 'fd00:7::/64')
    forget_paths(C, B)


for case, v, protocol in each():
    narrow(1500)
    servers = Servers(v, protocol, 81, address=VIP[v])
    flow = Flow(v, protocol, 81, address=VIP[v], servers=servers)
    check_warm(case, flow, slow)
    fits = 1400 - OVERHEAD[v]
    if protocol == 'tcp':
        check(f'{case}: much data', bulk(flow.client, flow.accepted))
        narrow(1400)
        check(f'{case}: much data by a narrower path', bulk(flow.client, flow.accepted))
        check_eq(f'{case}: the client knows what fits', fits, flow.client.getsockopt(*MTU[v]))
        slow.take()
        check(f'{case}: and more', bulk(flow.client, flow.accepted))
        check_eq(f'{case}: by the fast path', (0, 0), slow.count(flow))
        # The least that a way of IPv6 may take: what clients may send then, no tunnel may refuse.
        narrow(1280)
        check(f'{case}: much data by the narrowest path', bulk(flow.client, flow.accepted, 100000))
        check(f'{case}: and more', bulk(flow.client, flow.accepted, 100000))
    else:
        headers = 28 if v == 4 else 48
        data = bytes(1450 - headers)
        flow.client.setsockopt(*MTU_DISCOVER[v], DONT_FRAGMENT)
        flow.client.send(data)
        check_eq(f'{case}: 1450 bytes fit', len(data), len(servers.receive()[1]))
        narrow(1400)
        at_client.clear()
        at_balancer.clear()
        flow.client.send(data)
        error = at_balancer.wait(lambda p: p.icmp == TOO_BIG[v])
        check(f'{case}: the router tells the balancer of the narrower path', error and
              told_mtu(error) == 1400, error)
        flow.client.send(data)
        told = at_client.wait(lambda p: p.icmp == TOO_BIG[v])
        check(f'{case}: the balancer tells the client with the next packet', told and
              told_mtu(told) == fits and told.inner.ports == (flow.client_port, 81), told)
        check(f'{case}: none of them arrived', servers.quiet())
        flow.client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        slow.take()
        flow.client.send(bytes(fits - headers))
        check_eq(f'{case}: what fits arrives', fits - headers, len(servers.receive()[1]))
        check_warm(f'{case}: afterwards', flow, slow)
    flow.close()
    servers.close()
EOP
