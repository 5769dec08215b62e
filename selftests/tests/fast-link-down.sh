#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# When a link goes down, or loses its carrier, the next packet takes another way that there is.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"
. "${0%/*}/lib/topology.sh"

load_sluice
setup_balancer 1
add_second_way
in_ns "$B" sysctl -qw net.ipv4.conf.all.ignore_routes_with_linkdown=1 \
	net.ipv4.conf.s1b.ignore_routes_with_linkdown=1 \
	net.ipv6.conf.all.ignore_routes_with_linkdown=1 \
	net.ipv6.conf.s1b.ignore_routes_with_linkdown=1
python_cases <<'EOP'
from fastpath import *

SERVER = {4: '10.0.9.9', 6: 'fd00:9::9'}
FIRST = {4: '10.0.6.2', 6: 'fd00:6::2'}
SECOND = {4: '10.0.2.11', 6: 'fd00:2::11'}
NET = {4: ('10.0.6.1/24', '10.0.6.2/24'), 6: ('fd00:6::1/64', 'fd00:6::2/64')}

slow = SlowPath()
captures = {device: Capture(S[0], device) for device in ('eth0', 'eth1')}
for v in VERSIONS:
    for protocol in ('tcp', 'udp'):
        service(protocol, VIP[v], 80, [(SERVER[v], 80)])


def used(v):
    """The server's devices that packets came to since the last call."""
    for c in captures.values():
        # A socket says once that its device went down.
        with contextlib.suppress(OSError):
            c.packets()
    found = [device for device, c in captures.items()
             if any(p.ports and p.version == v for p in c.packets())]
    for c in captures.values():
        c.clear()
    return found


def routes():
    for x in VERSIONS:
        ip('addr', 'replace', NET[x][0], 'dev', 's1b', *(('nodad',) if x == 6 else ()))
        ip('addr', 'replace', NET[x][1], 'dev', 'eth1', *(('nodad',) if x == 6 else ()), at=S[0])
        ip('route', 'replace', SERVER[x], 'via', FIRST[x], 'metric', '50')
        ip('route', 'replace', SERVER[x], 'via', SECOND[x], 'metric', '100')


def carrier():
    return 'LOWER_UP' in json.loads(run(B, 'ip', '-j', 'link', 'show', 's1b'))[0]['flags']


def down_here():
    ip('link', 'set', 's1b', 'down')


def up_here():
    ip('link', 'set', 's1b', 'up')
    routes()


def down_there():
    ip('link', 'set', 'eth1', 'down', at=S[0])
    until(10, lambda: not carrier())


def up_there():
    ip('link', 'set', 'eth1', 'up', at=S[0])
    until(10, carrier)
    routes()


routes()
for case, v, protocol in each():
    for how, down, up in (('the link is set down', down_here, up_here),
                          ('its carrier is lost', down_there, up_there)):
        flow = Flow(v, protocol, listen_at=SERVER[v])
        check_warm(case, flow, slow)
        used(v)
        check(f'{case}: talks', flow.talk())
        check_eq(f'{case}: by the better way', ['eth1'], used(v))
        down()
        check(f'{case}: {how}, the next packet arrives', flow.talk(2))
        check_warm(f'{case}: {how}', flow, slow)
        check_eq(f'{case}: by the other way', ['eth0'], used(v))
        up()
        check(f'{case}: it goes on when it is back', flow.talk())
        check_warm(f'{case}: it is back', flow, slow)
        used(v)
        check(f'{case}: talks again', flow.talk())
        check_eq(f'{case}: by the better way again', ['eth1'], used(v))
        flow.close()
EOP
