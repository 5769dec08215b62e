#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Services of stratum relay are made, changed, saved and replaced with their routes, and packets to them
# are left to the host.
# Targets: uml uml-debug
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
python_cases <<'EOP'
from sluicetest import *


def routes(to):
    """Name, and what is shown of it in words, of each route."""
    return [tuple(line.split(None, 3)[1::2]) for line in adm('route', 'show', *to).splitlines()[1:]]


def refuse(words, said):
    with ns(B):
        done = subprocess.run(['sluiceadm', *words.split()], capture_output=True, text=True, check=False)
    check_eq(words, (1, '', f'sluiceadm: {said}\n'), (done.returncode, done.stdout, done.stderr))


for v in VERSIONS:
    family = 'inet' if v == 4 else 'inet6'
    at = endpoint(VIP[v], 80)
    to = ('-t', at)
    adm('-R', stdin=f'''
pool add web --family {family} --proxy-protocol v2
pool add api --family {family}
-a --pool web -r {endpoint(server(v, 0), 80)}
-a --pool api -r {endpoint(server(v, 0), 81)} -w 3
-A -t {at} --stratum relay -s lc
-a -t {at} -r {endpoint(server(v, 0), 82)}
route add -t {at} shop host a.test prefix /shop header X-A=b cookie s share 5% pool web weight 9 pool api
route add -t {at} local path /chat proxy
route add -t {at} no method TRACE reject 403
route add -t {at} gone host old.test redirect 301
route add -t {at} first any proxy before shop
''')
    check_eq(f'IPv{v}: a service of stratum relay reads HTTP', ('relay', 'http', 5, False),
             tuple(listing('-L', '-n')[0][k] for k in ('stratum', 'parse', 'routes', 'slow-path')))
    check_eq(f'IPv{v}: and is shown so', [f'TCP  {at} lc relay http routes 5'],
             [line for line in adm('-L', '-n').splitlines() if line.startswith('TCP')])
    check_eq(f'IPv{v}: its routes', [
        ('first', 'proxy'),
        ('shop', 'host a.test prefix /shop header X-A=b cookie s share 5% pool web weight 9 pool api'),
        ('local', 'path /chat proxy'), ('no', 'method TRACE reject 403'),
        ('gone', 'host old.test redirect 301')], routes(to))
    check_eq(f'IPv{v}: action proxy has no port here', [{'action': 'proxy'}] * 2,
             [{k: r[k] for k in ('action', 'proxy-port', 'pool') if k in r}
              for r in listing('route', 'show', *to) if r['action'] == 'proxy'])
    check_eq(f'IPv{v}: nor a pool', (3, 3), tuple(info()[k] for k in ('pools', 'servers')))
    adm('route', 'set', *to, 'first', 'host', 'b.test')
    adm('route', 'set', *to, 'gone', 'proxy')
    adm('route', 'set', *to, 'local', 'reject')
    adm('route', 'move', *to, 'first')
    adm('route', 'del', *to, 'no')
    check_eq(f'IPv{v}: changed', [('shop', routes(to)[0][1]), ('local', 'path /chat reject'),
                                 ('gone', 'host old.test proxy'), ('first', 'host b.test proxy')], routes(to))
    adm('-E', *to, '--stratum', 'relay', '--parse', 'http', '-s', 'rr')
    saved, ids = adm('-S'), [r['id'] for r in listing('route', 'show')]
    check(f'IPv{v}: its line', f'\n-A -t {at} -s rr --stratum relay --parse http\n' in saved, saved)
    adm('--replace', '-', stdin=saved)
    check_eq(f'IPv{v}: replaced by the same, all stays', (saved, ids),
             (adm('-S'), [r['id'] for r in listing('route', 'show')]))
    adm('-C')
    adm('-R', stdin=saved)
    check_eq(f'IPv{v}: -S, -C, -R gives the same -S', saved, adm('-S'))

    # Other services at the same address and other ports have what they had.
    for line in f'''
-A -t {at} --stratum relay | service tcp/{at}: the service exists already
-A -u {at} --stratum relay | service udp/{at}: stratum relay is for TCP only (stratum)
-A -t {endpoint(VIP[v], 81)} --stratum relay --parse tls | service tcp/{endpoint(VIP[v], 81)}: stratum relay reads http, there is no other parse (parse)
-A -t {endpoint(VIP[v], 81)} --stratum relay --slow-path on | service tcp/{endpoint(VIP[v], 81)}: stratum relay has no fast path: every packet passes the firewall (slow-path)
-E -t {at} --slow-path on | service tcp/{at}: stratum relay has no fast path: every packet passes the firewall (slow-path)
-E -t {at} --stratum sniff --parse http | service tcp/{at}: a service cannot change its stratum, delete it and make it anew (stratum)
-a -t {at} -r {endpoint(server(v, 0), 80)} -g | server {endpoint(server(v, 0), 80)} of service tcp/{at}: the pool is one for strata sniff and relay, which take nat only (forward)
route add -t {at} x proxy 8080 | route x of service tcp/{at}: stratum relay gives the client itself to the daemon: no proxy-port (proxy-port)
route set -t {at} shop proxy 8080 | route shop of service tcp/{at}: stratum relay gives the client itself to the daemon: no proxy-port (proxy-port)
route add -t {at} x alpn h2 proxy | route x of service tcp/{at}: the service reads HTTP, which has no alpn (match.condition)
'''.strip().splitlines():
        refuse(*(part.strip() for part in line.split(' | ')))
    check_eq(f'IPv{v}: what is refused changes nothing', saved, adm('-S'))

    # Packets: the host's own socket gets them, also where hooks are there for another service.
    service('tcp', VIP[v], 8080, [(server(v, 0), 80)])
    here, there = listen(B, v, 80, VIP[v]), Servers(v, 'tcp', 80)
    client = connect(v, VIP[v], 80)
    accepted, peer = here.accept()
    check_eq(f'IPv{v}: a client of stratum relay comes to the host itself', CLIENT[v], peer[0])
    check(f'IPv{v}: and data go both ways', works(client, accepted))
    balanced, arrived, _ = pair(there, VIP[v], 8080)
    check(f'IPv{v}: another service is balanced', works(balanced, arrived))
    check_eq(f'IPv{v}: only that has a connection', [8080], [c['virtual-port'] for c in connections()
                                                           if c['virtual-address'] == VIP[v]])
    for s in (client, accepted, here, balanced, arrived, there):
        s.close()

    # What a service of another stratum becomes, its packets become.
    adm('-D', *to)
    service('tcp', VIP[v], 80, [(server(v, 0), 80)])
    there = Servers(v, 'tcp', 80)
    client, accepted, _ = pair(there, VIP[v], 80)
    check(f'IPv{v}: deleted and made anew it is of stratum flow', works(client, accepted))
    adm('--replace', '-', stdin=saved)
    check(f'IPv{v}: of relay again, what was balanced goes on', works(client, accepted))
    check(f'IPv{v}: and new clients are the host\'s', refused(connect, v, VIP[v], 80) is True)
    for s in (client, accepted, there):
        s.close()
    adm('-C')
EOP
