#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --replace lets there be what a file makes: what is the same keeps connections and counters; a wrong line changes nothing.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 2
python_cases <<'EOP'
from sluicetest import *

FILE = f'{TEST_DIR}/rules'
usual('tcp', 80)
usual('udp', 53)
adm('-R', stdin=f'''
pool add web --family inet -s rr
-a --pool web -r {server(4, 0)}:80
-a --pool web -r {server(4, 1)}:80 --state draining
pool add other --family inet
-A -t {VIP[4]}:81 --pool web --slow-path on
-A -t {VIP[4]}:82 --stratum sniff --parse http --pool web
route add -t {VIP[4]}:82 one host a.test pool web
route add -t {VIP[4]}:82 two host b.test reject
route add -t {VIP[4]}:82 three header X-A=b source 10.0.0.0/8 proxy 8080
''')
settings('udp=1m')


def replace(text):
    with open(FILE, 'w', encoding='utf-8') as file:
        file.write(text)
    with ns(B):
        done = subprocess.run(['sluiceadm', '--replace', FILE], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def numbers():
    """What is never used twice, and what is counted."""
    def only(kind, *keys):
        return [[x[k] for k in keys] for x in listing(kind, 'show')]
    return [only('service', 'id', 'stats'), only('pool', 'id', 'stats'), only('route', 'id', 'hits'),
            only('server', 'id', 'active', 'inactive', 'stats')]


servers = {v: Servers(v, 'tcp', 80) for v in VERSIONS}
udp = {v: Servers(v, 'udp', 53) for v in VERSIONS}
held = {v: pair(servers[v], VIP[v], 80) for v in VERSIONS}
via_route = connect(4, VIP[4], 82)
via_route.sendall(b'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n')
_, routed, _ = servers[4].accept()
routed.recv(100)
flows = {v: make_socket(C, v, 'udp') for v in VERSIONS}
whose = {v: ask(udp[v], flows[v], (VIP[v], 53)) for v in VERSIONS}
before, was = adm('-S'), numbers()
with ns(B):
    told = subprocess.Popen(['sluiceadm', 'monitor', '-n'], stdout=subprocess.PIPE, text=True)
# It listens once it has told of something.
told_of = []
while not told_of:
    adm('settings', 'set', 'udp=1m')
    if select.select([told.stdout], [], [], 0.5)[0]:
        told_of.append(told.stdout.readline())
check_eq('with what there is', (0, ''), replace(before))
adm('pool', 'add', 'last', '--family', 'inet')
adm('pool', 'del', 'last')
while 'last' not in told_of[-1]:
    told_of.append(told.stdout.readline())
told.kill()
told.wait()
check_eq('who listens hears of nothing but settings', [], [t for t in told_of[:-1] if not t.startswith('settings')])
check_eq('nothing changes', before, adm('-S'))
check_eq('and all is the same', was, numbers())
for v in VERSIONS:
    check(f'IPv{v}: a connection goes on', works(*held[v][:2]))
    check_eq(f'IPv{v}: a flow of datagrams stays with its server', whose[v], ask(udp[v], flows[v], (VIP[v], 53)))
check('one that took a route goes on', works(via_route, routed))

# The order of routes is that of the file.
lines = before.splitlines()
at = next(i for i, line in enumerate(lines) if line.startswith('route add'))
lines[at:at + 3] = reversed(lines[at:at + 3])
check_eq('routes in another order', (0, ''), replace('\n'.join(lines) + '\n'))
check_eq('are in that order', '\n'.join(lines) + '\n', adm('-S'))
check_eq('with their counters', [['three', 0], ['two', 0], ['one', 1]], [[r['name'], r['hits']] for r in listing('route', 'show')])
check_eq('and back', (0, ''), replace(before))

# What is not in it goes, what is new comes, what is another one changes.
new = before.replace(f'{server(4, 0)}:80 -m -w 1', f'{server(4, 0)}:80 -m -w 7').replace(' --state draining', '')
new = '\n'.join(line for line in new.splitlines() if ' other' not in line and f'{VIP[4]}:81' not in line and
                f'-u {VIP[6]}' not in line) + f'\n-A -u {VIP[4]}:54 -s lc\n'
new = new.replace('settings set', '#')
check_eq('another one', (0, ''), replace(new))
got = adm('-S').splitlines()
check_eq('is what there is then, with settings as they were',
         sorted([lines[0], *(line for line in new.splitlines() if not line.startswith('#'))]), sorted(got))
for v in VERSIONS:
    check(f'IPv{v}: the connection goes on', works(*held[v][:2]))
    check(f'IPv{v}: a new one is made', works(*pair(servers[v], VIP[v], 80)[:2]))

# A client that has not said all yet, when its service becomes one that reads nothing, whose servers
# get packets unchanged: it cannot be handed over.
client = connect(4, VIP[4], 82)
client.sendall(b'GET / HTTP/1.1\r\nHost: a.')
check_eq('its service is replaced by one of another stratum', (0, ''), replace('\n'.join(
    line for line in new.splitlines() if f'{VIP[4]}:82' not in line) +
    f'\n-A -t {VIP[4]}:82 -s rr\n-a -t {VIP[4]}:82 -r {server(4, 0)} -g\n'))
client.sendall(b'test\r\n\r\n')
try:
    answer = client.recv(100)[:12]
except ConnectionResetError:
    answer = b'reset'
check_eq('it is reset', b'reset', answer)
check_eq('and back to what was', (0, ''), replace(new))

# What is wrong is named, and changes nothing, not even the number of the configuration.
before, was, generation = adm('-S'), numbers(), info()['generation']
for name, text, said in (
        ('a line that is not understood', '# x\n\n-A -t 192.0.2.1\n', ":3: service '192.0.2.1': no port, as in 192.0.2.1:80"),
        ('one of another kind', 'pool add x --family inet\n-L\n', ':2: -L: not a command that changes the table'),
        ('one that the module refuses', 'pool add x --family inet\n-A -t 192.0.2.1:80\n# x\npool add x --family inet\n',
         ':4: pool x: the pool exists already (name)'),
        ('one about what is gone', '-e --pool web -r 10.0.2.11:80 -w 1\n',
         ':1: server 10.0.2.11:80 of pool web: no pool of this name (pool)'),
        ('one of no right form', 'pool add x --family inet\nsettings set udp=1\n',
         ":2: time-out '1': not 100 to 1000000000 milliseconds, as in 500ms, 30s, 15m or 2h")):
    check_eq(f'{name} is named', (1, f'sluiceadm: {FILE}{said}\n'), replace(text))
    check_eq(f'{name}: nothing changes', [before, was, generation], [adm('-S'), numbers(), info()['generation']])
with ns(B):
    done = subprocess.run(['sluiceadm', '--replace', f'{FILE}-none'], capture_output=True, text=True, check=False)
check_eq('a file that is not there', (1, f'sluiceadm: {FILE}-none: No such file or directory\n'),
         (done.returncode, done.stderr))
adm('--replace', '-', stdin='')
check_eq('an empty one leaves nothing', (0, 0), (info()['services'], info()['pools']))
for v in VERSIONS:
    check(f'IPv{v}: but what was established', works(*held[v][:2]))
EOP
