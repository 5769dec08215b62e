#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Clients are reset whose server answers past the balancer, by direct routing or a tunnel, and that server, too.
# Targets: qemu-6.12 uml-debug
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
direct_services -g
python_cases <<'EOP'
from leaving import *

VIPS = {4: ('10.0.2.100', '10.0.9.100'), 6: ('fd00:2::100', 'fd00:9::100')}
for method, letter in (('dr', '-g'), ('tunnel', '-i')):
    for v in VERSIONS:
        for vip in VIPS[v]:
            case = f'{method}, {vip}'
            to = ('-t', endpoint(vip, 81))
            for i in range(2):
                adm('-e', *to, '-r', endpoint(server(v, i), 81), letter, '--state', 'up')
            adm('pool', 'set', '--on-down', 'reset', f'tcp/{endpoint(vip, 81)}')
            servers = Servers(v, 'tcp', 81, address=vip)
            idle, sender, receiver = (pair_with(servers, 0, vip, 81) for _ in range(3))
            other = pair_with(servers, 1, vip, 81)
            check(f'{case}: all work', all(works(*x) for x in (idle, sender, receiver, other)))
            sending, taking = Pump(sender[0]), Taker(sender[1])
            giving, receiving = Pump(receiver[1]), Taker(receiver[0])
            check(f'{case}: there is traffic', until(20, lambda: taking.got > 300000 and
                                                     receiving.got > 300000))
            adm('-e', *to, '-r', endpoint(server(v, 0), 81), '--state', 'down')
            check_reset(f'{case}: an idle client is reset', idle[0])
            check_reset(f'{case}: and its server', idle[1])
            check_eq(f'{case}: a client that sends is reset', 'reset', sending.wait())
            check_eq(f'{case}: and its server', 'reset', taking.wait())
            check_eq(f'{case}: a client that receives is reset', 'reset', receiving.wait())
            check_eq(f'{case}: and its server', 'reset', giving.wait())
            check(f'{case}: the client of another server goes on', works(*other))
            for s in other:
                s.close()
            servers.close()
EOP
