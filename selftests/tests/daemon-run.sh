#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sluiced puts a file in force, keeps servers' states by its checks, reloads, adopts, and is changed at run time.
# Targets: uml uml-debug
# Timeout: 90
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 3
python_cases <<'EOP'
from sluicetest import *
from sluiced import *

CHECK = 'checks: {c: {type: tcp, interval: 500ms, timeout: 500ms, rise: 1, fall: 2}}\n'


def servers_of(version, *which, port=80):
    return ', '.join(f'"{endpoint(server(version, i), port)}"' for i in which)


def both(*which, port=80):
    return ', '.join(servers_of(v, *which, port=port) for v in VERSIONS)


def site(*which, more='', pool=''):
    return (f'version: 1\nsettings: {{control: {TEST_DIR}/run/control, user: nobody}}\n' + CHECK +
            f'pools: {{web: {{servers: [{both(*which)}], check: c, scheduler: rr{pool}}}}}\n' +
            f'services:\n  web: {{address: ["{VIP[4]}:80", "[{VIP[6]}]:80"], pool: web}}\n'
           f'  by-path: {{address: "{VIP[4]}:82", parse: http, decide: connection,\n'
           '    routes: [{name: a, match: {prefix: /a}, pool: web}, {name: rest, reject: 403}]}\n' + more)


def routes():
    return [r['name'] for r in listing('route', 'show')]


def weights(pool='web'):
    return {endpoint(s['address'], s['port']): s['weight'] for s in listing('server', 'show') if s['pool'] == pool}


def states(pool='web'):
    return {endpoint(s['address'], s['port']): s['state'] for s in listing('server', 'show') if s['pool'] == pool}


servers = {v: Servers(v, 'tcp', 80) for v in VERSIONS}
zero = endpoint(server(4, 0), 80)
daemon = Daemon(site(0, 1))
check('it starts', daemon.start()) or note(daemon.log())
check_eq('pools of both families', ['web', 'web@ipv6'], sorted(p['name'] for p in listing('pool', 'show') if not p['owned']))


def client_works(v):
    """A client's connection through the balancer, told from those of the checks by its address."""
    c = connect(v, VIP[v], 80)
    mine = c.getsockname()[:2]
    while True:
        _, accepted, peer = servers[v].accept()
        if peer == mine:
            return c, accepted
        accepted.close()


held = {v: client_works(v) for v in VERSIONS}
for v in VERSIONS:
    check(f'IPv{v}: a client is served', works(*held[v]))

# A server that is gone, and back.
servers[4].sockets[0].close()
check('a server that refuses goes down', until(20, lambda: states()[zero] == 'down'))
shown = daemon.server('web', zero)
check('and it is said why', 'refused' in shown.get('why', ''), shown)
servers[4].sockets[0] = listen(S[0], 4, 80)
check('and up again', until(20, lambda: states()[zero] == 'up'))

# Reload: what is added comes, what is taken out goes, connections go on.
daemon.write(site(1, 2))
check_eq('reload', (0, ''), daemon.adm('reload'))
check_eq('it is in force', {endpoint(server(4, i), 80): 1 for i in (1, 2)}, weights())
for v in VERSIONS:
    check(f'IPv{v}: a connection goes on', works(*held[v]))
before = adm('-S')
daemon.write(site(1, 2).replace('scheduler: rr', 'scheduler: rrr'))
done = daemon.adm('daemon', 'reload')
check_eq('a wrong file is refused', 1, done[0])
check('with file, line and key', "site.yaml:4:" in done[1] and "pools.web.scheduler: 'rrr'; not one of rr" in done[1], done[1])
check_eq('and changes nothing', before, adm('-S'))
daemon.write(site(1, 2, more='  x: {address: "10.0.1.100:81", protocol: udp, stratum: proxy, pool: web}\n'))
check_eq('so is one that no stratum can serve', 1, daemon.adm('reload')[0])
os.kill(daemon.process.pid, signal.SIGHUP)
check('a signal reloads, too', until(20, lambda: 'refused' in daemon.log()[-200:]))
daemon.write(site(0, 1, 2))
os.kill(daemon.process.pid, signal.SIGHUP)
check('and what it reads holds', until(20, lambda: len(weights()) == 3), weights())

# Changed at run time.
one = endpoint(server(4, 1), 80)
check_eq('drain', (0, ''), daemon.adm('daemon', 'drain', 'web', one))
check_eq('it drains', 'draining', states()[one])
check_eq('weight', (0, ''), daemon.adm('daemon', 'weight', 'web', one, '7'))
check_eq('it has it', 7, weights()[one])
check_eq('remove', (0, ''), daemon.adm('daemon', 'remove', 'web', endpoint(server(4, 2), 80)))
check_eq('add', (0, ''), daemon.adm('daemon', 'add', 'web', endpoint(server(4, 2), 8080), '3'))
wanted = {zero: 1, one: 7, endpoint(server(4, 2), 8080): 3}
check_eq('there are those', wanted, weights())
check_eq('a reload keeps them', ((0, ''), wanted), (daemon.adm('reload'), weights()))
check_eq('a route', (0, ''), daemon.adm('daemon', 'route-add', 'by-path', 'b', '{match: {host: [x.test, y.test]}, pool: web}', 'rest'))
check_eq('comes before the one that was named, once for each host', ['a', 'b', 'b/2', 'rest'], routes())
check_eq('another is taken out', (0, ''), daemon.adm('daemon', 'route-remove', 'by-path', 'a'))
check_eq('and a reload keeps that', ((0, ''), ['b', 'b/2', 'rest']), (daemon.adm('reload'), routes()))
done = daemon.adm('daemon', 'route-add', 'by-path', 'c', '{match: {host: x.test}, pool: none}')
check_eq('a wrong one is refused', (1, "sluiceadm: route added at run time:1:25: services.by-path.routes[3].pool: "
                                    "no pool is named 'none'; write it below pools\n"), done)
check_eq('and changes nothing', ['b', 'b/2', 'rest'], routes())
for words, said in ((('drain', 'none', one), "no pool is named 'none'"),
                    (('down', 'web', '10.9.9.9:1'), 'pool web has no server 10.9.9.9:1'),
                    (('add', 'web', one), 'the pool has this server already'),
                    (('route-add', 'by-path', 'b', '{reject: reset}'), 'service by-path has a route b already'),
                    (('route-add', 'none', 'b', '{}'), "no service is named 'none'"),
                    (('route-remove', 'by-path', 'a'), 'service by-path has no route a')):
    check_eq(f'{" ".join(words[:3])} is refused', (1, f'sluiceadm: {said}\n'), daemon.adm('daemon', *words))

# What becomes of connections: reset where the server goes down, and when it has drained for long enough.
daemon.write(site(0, 1, 2, pool=', on-down: reset, drain: 1h'))
check_eq('a pool that resets', (0, ''), daemon.adm('reload'))
check_eq('the kernel knows', ['reset', 'reset'], [p['on-down'] for p in listing('pool', 'show') if not p['owned']])
check('where nobody listens is down', until(20, lambda: states()[endpoint(server(4, 2), 8080)] == 'down'), states())
client, accepted = client_works(4)
check_eq('those that are up are drained', [(0, ''), (0, '')],
         [daemon.adm('daemon', 'drain', 'web', address, '2s') for address in (zero, one)])
check_eq('until a deadline', True, until(20, lambda: any(0 <= s.get('deadline', -1) <= 2000 for s in listing('server', 'show'))))
client.settimeout(20)
try:
    got = client.recv(1)
except ConnectionResetError:
    got = 'reset'
check_eq('then the client is reset', 'reset', got)
daemon.adm('daemon', 'up', 'web', zero)
daemon.adm('daemon', 'drain', 'web', one)
daemon.write(site(0, 1, 2))
daemon.adm('reload')

# Started twice.
twice = Daemon(site(0, 1), 'twice')
check_eq('another one is refused', 1, twice.start_and_fail())
check('and told by whom', f'process {daemon.process.pid} runs sluiced in this network namespace already' in twice.log(), twice.log())

# Killed, and started again: what there is stays, and so do the changes.
servers[4].sockets[0].close()
check('one is down', until(20, lambda: states()[zero] == 'down'))
before, was = adm('-S'), [s['id'] for s in listing('server', 'show')]
daemon.kill()
check_eq('the kernel keeps what it has', before, adm('-S'))
check('it starts again', daemon.start())
check_eq('all is as it was', (before, was), (adm('-S'), [s['id'] for s in listing('server', 'show')]))
for v in VERSIONS:
    check(f'IPv{v}: the connection goes on', works(*held[v]))
check_eq('forget', (0, ''), daemon.adm('daemon', 'forget'))
check_eq('what the file says', ([endpoint(server(4, i), 80) for i in range(3)], ['a', 'rest']), (sorted(weights()), routes()))

# Somebody takes away what is ours; the module is told again with the next change.
adm('-C')
servers[4].sockets[0] = listen(S[0], 4, 80)
check('it comes back', until(30, lambda: len(weights()) == 3)) or note(daemon.log())
check_eq('it ends', 0, daemon.stop())
check_eq('the kernel keeps what it has then, too', 3, len(weights()))
EOP
