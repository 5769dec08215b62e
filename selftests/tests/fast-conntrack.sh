#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Conntrack sees the handshake and the end of fast connections, and remembers them meanwhile.
# Targets: qemu-6.12 uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
need_module nf_conntrack
setup_balancer 1
python_cases <<'EOP'
from fastpath import *

RULES = '''
table inet f {
    counter invalid {}
    counter syn {}
    counter synack {}
    counter fin {}
    counter fin_back {}
    chain input {
        type filter hook input priority 0
        ct state invalid counter name invalid drop
        tcp flags & (syn | ack) == syn counter name syn
        tcp flags & fin == fin counter name fin
        meta l4proto { tcp, udp } ct state new accept
        ct state established,related accept
        meta l4proto { tcp, udp } drop
    }
    chain forward {
        type filter hook forward priority 0
        ct state invalid counter name invalid drop
        tcp flags & (syn | ack) == (syn | ack) counter name synack
        tcp flags & fin == fin counter name fin_back
        ct state established,related accept
        drop
    }
}'''


def counters():
    found = json.loads(run(B, 'nft', '-j', 'reset', 'counters', 'table', 'inet', 'f'))
    return {x['counter']['name']: x['counter']['packets']
            for x in found['nftables'] if 'counter' in x}


def tracked(flow):
    """Conntrack's entry: (seconds it has left, state of TCP)."""
    lines = run(B, 'conntrack', '-L', '-f', f'ipv{flow.v}', '-p', flow.protocol,
                '--orig-port-src', str(flow.client_port)).splitlines()
    words = [line.split() for line in lines if f'sport={flow.client_port} ' in line]
    if len(words) != 1:
        return len(words), 'entries'
    return int(words[0][2]), words[0][3] if flow.protocol == 'tcp' else ''


usual('tcp', 80)
usual('udp', 80)
slow = SlowPath()
nft(RULES)
# Shorter than what follows, and what has expired is not picked up again.
SECONDS = 2
sysctl('net.netfilter.nf_conntrack_tcp_loose=0')

for protocol in ('tcp', 'udp'):
    flows = [Flow(v, protocol) for v in VERSIONS]
    for flow in flows:
        check_warm(f'IPv{flow.v}, {protocol.upper()}', flow, slow)
        flow.close()
    sysctl(f'net.netfilter.nf_conntrack_tcp_timeout_established={SECONDS}',
           f'net.netfilter.nf_conntrack_udp_timeout={SECONDS}',
           f'net.netfilter.nf_conntrack_udp_timeout_stream={SECONDS}')
    counters()
    capture = Capture(S[0], 'eth0')
    flows = [Flow(v, protocol) for v in VERSIONS]
    end = time.monotonic() + 2 * SECONDS
    for flow in flows:
        case = f'IPv{flow.v}, {protocol.upper()}'
        flow.talk()
        check_eq(f'{case}: takes the fast path', FAST, flow.ways(slow))
        left, where = tracked(flow)
        check(f'{case}: conntrack keeps it for longer than a lease', 55 <= left <= 71, (left, where))
        if protocol == 'tcp':
            check_eq(f'{case}: as established', 'ESTABLISHED', where)
    if protocol == 'tcp':
        seen = counters()
        first = [flow.first(capture) for flow in flows]
        check('there were two', all(min(x) >= 1 for x in first), first)
        check_eq('the firewall saw the handshakes', tuple(map(sum, zip(*first))),
                 (seen['syn'], seen['synack']))
    capture.close()
    while time.monotonic() < end:
        check(f'{protocol.upper()} goes on', all([flow.talk() for flow in flows]))
        time.sleep(0.5)
    for flow in flows:
        case = f'IPv{flow.v}, {protocol.upper()}'
        check_eq(f'{case}: after its time-out it still takes the fast path', FAST, flow.ways(slow))
        check(f'{case}: conntrack still has it', tracked(flow)[0] > 40, tracked(flow))
        if protocol == 'tcp':
            flow.client.close()
            check_eq(f'{case}: the server sees the end', b'', flow.accepted.recv(10))
            flow.accepted.close()
            check(f'{case}: it ends as time-wait in conntrack',
                  until(5, lambda: tracked(flow)[1] == 'TIME_WAIT'), tracked(flow))
            check_eq(f'{case}: and here', 'time-wait', wait_state(flow.client_port, 'time-wait'))
            seen = counters()
            check_eq(f'{case}: the firewall saw both ends', (1, 1), (seen['fin'], seen['fin_back']))
            check_eq(f'{case}: nothing was invalid', 0, seen['invalid'])
    check_eq(f'{protocol.upper()}: nothing was invalid', 0, counters()['invalid'])
    for flow in flows:
        flow.close()
EOP
