#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A draining server keeps its connections until its deadline; then they are reset, and UDP flows move.
# Targets: uml uml-debug
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 2
python_cases <<'EOP'
from leaving import *
from netlink import *

REASON = 'a "new" disk \\ 2'
with ns(B):
    monitor = subprocess.Popen(['sluiceadm', 'monitor', '--json'], stdout=subprocess.PIPE, text=True)
events = []


def listen_to(lines):
    for line in lines:
        events.append(json.loads(line))


threading.Thread(target=listen_to, args=(monitor.stdout,), daemon=True).start()
check('somebody listens', until(10, lambda: adm('settings', 'set', 'udp=5m') or events))
usual('tcp', 80)
usual('udp', 53)
for v in VERSIONS:
    tcp, udp = Servers(v, 'tcp', 80), Servers(v, 'udp', 53)
    client, accepted, where = pair(tcp, VIP[v], 80)
    port = client.getsockname()[1]
    flow = make_socket(C, v, 'udp')
    while ask(udp, flow, (VIP[v], 53))[0] != where:
        flow.close()
        flow = make_socket(C, v, 'udp')

    # What is left counts down, and another change of the server leaves it alone.
    set_server(v, where, '--state', 'draining', '--deadline', '1h', '--reason', REASON)
    first = shown(v, where)
    check(f'IPv{v}: state, deadline and reason are listed', first['state'] == 'draining' and
          3500000 < first['deadline'] <= 3600000 and first['reason'] == REASON, first)
    check(f'IPv{v}: what is left becomes less', until(10, lambda: shown(v, where)['deadline'] <
                                                      first['deadline']))
    line = next(x for x in adm('server', 'show', '-n').split('\n') if server(v, where) in x and '80' in x)
    check(f'IPv{v}: people can read it', re.search(r' draining +1 +0 deadline 3[56]\d\ds reason "a \\"new\\" '
                                                   r'disk \\\\ 2"$', line), line)
    set_server(v, where, '-w', '7')
    check(f'IPv{v}: the weight alone changes', shown(v, where)['weight'] == 7 and
          shown(v, where)['reason'] == REASON and 'deadline' in shown(v, where), shown(v, where))
    saved = next(x for x in adm('-S').split('\n') if endpoint(server(v, where), 80) in x)
    check(f'IPv{v}: it is saved with what is left', re.search(r' --state draining --deadline 3[56]\d{5}ms '
                                                              r'--reason "a \\"new\\"', saved), saved)
    check_eq(f'IPv{v}: it gets no new connections', [1 - where] * 3, chosen(tcp, 3))

    # Up before the deadline: nothing has happened.
    set_server(v, where, '--state', 'draining', '--deadline', '3s')
    set_server(v, where, '--state', 'up', '-w', '1')
    check(f'IPv{v}: up again, it has neither', not {'deadline', 'reason'} & set(shown(v, where)), shown(v, where))
    set_server(v, where, '--state', 'draining', '--deadline', '3s')
    set_server(v, where, '--state', 'draining')
    # Until both would have been over.
    check_eq(f'IPv{v}: neither deadline holds any more', 'open', ended(client, 3.2))
    check(f'IPv{v}: without a deadline it keeps its connection', works(client, accepted))
    set_server(v, where, '--deadline', '2h')
    set_server(v, where, '--reason', 'later')
    check(f'IPv{v}: deadline and reason can be given alone', shown(v, where)['reason'] == 'later' and
          shown(v, where)['deadline'] > 7000000, shown(v, where))

    # The deadline is over.
    del events[:]
    start = time.monotonic()
    set_server(v, where, '--state', 'draining', '--deadline', '3s', '--reason', 'off')
    set_server(v, where, '--state', 'draining', '--deadline', '3s', port=53, protocol='udp')
    check(f'IPv{v}: until then they go on', works(client, accepted) and
          ask(udp, flow, (VIP[v], 53))[0] == where)
    check_eq(f'IPv{v}: then the client is reset', 'reset', ended(client))
    seconds = time.monotonic() - start
    note(f'IPv{v}: a deadline of 3 s: reset after {seconds:.3f} s')
    check(f'IPv{v}: not before', seconds > 2.99, seconds)
    check_eq(f'IPv{v}: and the server', 'reset', ended(accepted))
    check(f'IPv{v}: a UDP flow moves', until(10, lambda: ask(udp, flow, (VIP[v], 53))[0] == 1 - where))
    check(f'IPv{v}: it is listed as over', shown(v, where)['deadline'] == 0 and
          shown(v, where)['state'] == 'draining', shown(v, where))
    check('and told', until(10, lambda: [e for e in events if e['event'] == 'server-ntf' and
                                         e['server'].get('deadline') == 0 and
                                         e['server'].get('reason') == 'off']), events)
    check(f'IPv{v}: the connection is closed', state(port) in ('close', None), state(port))
    set_server(v, where, '--state', 'up')
    set_server(v, where, '--state', 'up', port=53, protocol='udp')
    client, accepted = pair_with(tcp, where, VIP[v], 80)
    check(f'IPv{v}: up again it has connections', works(client, accepted))

    # At once, and with on-drain rebalance: the client is told when it says something.
    pool = f'tcp/{endpoint(VIP[v], 80)}'
    adm('pool', 'set', '--on-drain', 'rebalance', pool)
    set_server(v, where, '--state', 'draining', '--deadline', '0')
    check(f'IPv{v}, rebalance: it is forgotten', until(10, lambda: state(client.getsockname()[1]) is None))
    check_eq(f'IPv{v}, rebalance: nobody is told', 'open', ended(client, 0.5))
    client.sendall(b'x')
    check_eq(f'IPv{v}, rebalance: but for who says something', 'reset', ended(client))
    check_eq(f'IPv{v}, rebalance: the next one goes elsewhere', [1 - where], chosen(tcp, 1))
    for s in (client, accepted, flow):
        s.close()
    tcp.close()
    udp.close()

# In a transaction nothing happens before the commit.
v, tcp = 4, Servers(4, 'tcp', 80)
adm('pool', 'set', '--on-down', 'reset', 'tcp/10.0.1.100:80')
for i in range(2):
    set_server(v, i, '--state', 'up')
client, accepted, where = pair(tcp, VIP[v], 80)
nl = Netlink()
request = srv(server(v, where), 'tcp/10.0.1.100:80', attr(7, b'\x02'))
check_eq('a transaction is staged', [], nl.stage(('server_set', request)))
check_eq('it does nothing', 'open', ended(client, 0.5))
check_eq('dropped, neither', 0, nl.do('transaction_abort')[0])
check('the connection goes on', works(client, accepted))
nl.stage(('server_set', request))
check_eq('it is committed', 0, nl.do('transaction_commit')[0])
check_reset('and now the client is reset', client)

# What is refused, and why.
for what, name, payload, said in (
        ('a deadline of a server that is up', 'server_set', srv(server(v, 1 - where), 'tcp/10.0.1.100:80',
         attr(12, struct.pack('=I', 5))), 'a deadline is for state draining only'),
        ('a reason with a control character', 'server_set', srv(server(v, 0), 'tcp/10.0.1.100:80',
         text(13, 'a\x1b[2J')), 'a reason is up to 127 printable ASCII characters'),
        ('a reason that is not ASCII', 'server_set', srv(server(v, 0), 'tcp/10.0.1.100:80',
         text(13, 'für')), 'a reason is up to 127 printable ASCII characters'),
        ('on-drain keep', 'pool_set', text(1, 'tcp/10.0.1.100:80') + attr(12, b'\0'),
         'on-drain must be 1 (reset) or 2 (rebalance): what is to be kept needs no deadline')):
    before = adm('-S')
    check_eq(f'{what} is refused', (22, said), nl.do(name, payload))
    check_eq(f'{what} changes nothing', before, adm('-S'))
monitor.terminate()
EOP
