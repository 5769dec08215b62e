#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Counters are of exactly the packets and bytes that were sent, at server, pool and service.
# Targets: uml uml-debug
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 2
python_cases <<'EOP'
from sluicetest import *


def stats(of):
    s = of['stats']
    return (s['connections'], s['in-packets'], s['in-bytes'], s['out-packets'], s['out-bytes'])


def service_stats(*to):
    at = listing('-L', '-n', '--stats', *to)[0]
    return stats(at), {r['address']: stats(r) for r in at['servers']}


def sent(capture, name):
    """What passed a server's interface, as its counters should be, without the connections."""
    there, back = [[p.length for p in capture.packets(incoming) if p.ports] for incoming in (True, False)]
    return (len(there), sum(there), len(back), sum(back))


def total(*many):
    return tuple(sum(x) for x in zip(*many))


# One packet is one packet: nothing is cut or put together on the way.
for name, device in ((C, 'eth0'), (B, 'c0'), (B, 's1'), (B, 's2'), (S[0], 'eth0'), (S[1], 'eth0')):
    run(name, 'ethtool', '-K', device, 'tso', 'off', 'gso', 'off', 'gro', 'off')
for v in VERSIONS:
    for protocol, port in (('tcp', 80), ('udp', 53)):
        case = f'IPv{v} {protocol.upper()}'
        service(protocol, VIP[v], port, [(server(v, i), port) for i in range(2)])
        to = (option(protocol), endpoint(VIP[v], port))
        seen = [Capture(name, 'eth0') for name in S]
        servers = Servers(v, protocol, port)
        for size in (1, 1000, 20000):
            if protocol == 'tcp':
                client, accepted, _ = pair(servers, VIP[v], port)
                bulk(client, accepted, size)
                bulk(accepted, client, 2 * size)
                p = client.getsockname()[1]
                client.close()
                accepted.close()
                wait_state(p, 'time-wait')
            else:
                client = make_socket(C, v, 'udp')
                for _ in range(3):
                    ask(servers, client, (VIP[v], port), b'x' * min(size, 1000))
                client.close()
        until(5, lambda: sum(service_stats(*to)[0][1::2]) == sum(sum(sent(c, v)[::2]) for c in seen))
        whole, each = service_stats(*to)
        for i in range(2):
            check_eq(f'{case}: packets and bytes of server {i}', sent(seen[i], v), each[server(v, i)][1:])
        check_eq(f'{case}: connections, in turn', [2, 1] if each[server(v, 0)][0] == 2 else [1, 2],
                 [each[server(v, i)][0] for i in range(2)])
        check_eq(f'{case}: the service has their sum', total(*each.values()), whole)
        pool = [p for p in listing('pool', 'show') if p['name'].startswith(f'{protocol}/')][0]
        check_eq(f'{case}: and so has its pool', whole, stats(pool))

        # A deleted server's stay in the sum.
        adm('-d', *to, '-r', endpoint(server(v, 0), port))
        now, left = service_stats(*to)
        check_eq(f'{case}: without a server its counts stay in the sum', (whole, {server(v, 1): each[server(v, 1)]}),
                 (now, left))
        adm('-Z', *to)
        check_eq(f'{case}: -Z sets all to zero', ((0,) * 5, {server(v, 1): (0,) * 5}), service_stats(*to))
        for x in (servers, *seen):
            x.close()
        adm('-D', *to)

# Rates, of small packets both ways for as long as they are measured.
service('udp', VIP[4], 53, [(server(4, 0), 53)])
servers, client = Servers(4, 'udp', 53, S[:1]), make_socket(C, 4, 'udp')
with ns(B):
    rate = subprocess.Popen(['sluiceadm', '-L', '-n', '--rate', '--interval', '2', '--json'],
                            stdout=subprocess.PIPE, text=True)
count = 0
while rate.poll() is None:
    ask(servers, client, (VIP[4], 53), b'x' * 72)
    count += 1
    time.sleep(0.05)
out = json.loads(rate.communicate()[0])['services'][0]['rate']
check('--rate is what was sent by the second', 0 < out['in-packets'] <= count and
      abs(out['in-bytes'] - 100 * out['in-packets']) <= 100 and
      abs(out['out-packets'] - out['in-packets']) <= 1, f'{out}, {count} were sent')
EOP
