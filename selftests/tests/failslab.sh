#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each allocation that may fail, does: nothing is half made or leaked, and traffic goes on afterwards.
# Targets: uml-debug
# Timeout: 200
# Exclusive: yes
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

fault=/sys/kernel/debug
[ -d $fault/failslab ] || skip_all "this kernel injects no faults"

load_sluice
setup_balancer 2
# /proc/self/fail-nth decides which allocation; these say which kinds count. All is put back at the
# end: the test has the kernel to itself.
for kind in failslab fail_page_alloc; do
	echo 0 >$fault/$kind/verbose
	echo N >$fault/$kind/ignore-gfp-wait
	at_exit eval "echo Y >$fault/$kind/ignore-gfp-wait"
done
echo N >$fault/fail_page_alloc/ignore-gfp-highmem
echo 0 >$fault/fail_page_alloc/min-order

python_cases <<'EOP'
from netlink import *
from sluicetest import *

READS = {number for name, number in CMD.items() if name.endswith('_get')}


def put(path, value):
    with open(path, 'w', encoding='ascii') as file:
        file.write(str(value))


HOST, POOL, REJECT = nest(6, text(1, 'www.example.com')), attr(7, b'\0'), attr(7, b'\x01')
CONDITION = nest(6, nest(5, attr(1, b'\x02') + text(3, 'X-A') + text(4, 'b')) +
                 nest(6, attr(1, socket.inet_aton('10.0.0.0')) + attr(2, b'\x08')))


nl = Netlink()
injected = 0

# Each request, how it is undone, and what must be there before.
REQUESTS = (
    ('service-new', CMD['service_new'], key('192.0.2.9'), 0),
    ('service-new with a pool', CMD['service_new'], key('192.0.2.9') + text(4, 'web'), 0),
    ('service-set scheduler', CMD['service_set'], key('192.0.2.1') + text(5, 'lc'), 0),
    ('service-set pool', CMD['service_set'], key('192.0.2.1') + text(4, 'web'), 0),
    ('service-del', CMD['service_del'], key('192.0.2.1'), 0),
    ('pool-new', CMD['pool_new'], text(1, 'fresh') + attr(2, b'\x02'), 0),
    ('pool-set', CMD['pool_set'], text(1, 'web') + text(3, 'wrr'), 0),
    ('pool-del', CMD['pool_del'], text(1, 'spare'), 0),
    ('server-new', CMD['server_new'], srv('198.51.100.9'), 0),
    ('server-set', CMD['server_set'], srv('198.51.100.1', more=attr(6, struct.pack('=I', 9))), 0),
    ('server-set, a deadline and a reason', CMD['server_set'], srv('198.51.100.1', more=attr(7, b'\x01') +
     attr(12, struct.pack('=I', 900000)) + text(13, 'why')), 0),
    ('server-set down', CMD['server_set'], srv('198.51.100.1', more=attr(7, b'\x02')), 0),
    ('pool-set on-down, on-drain', CMD['pool_set'], text(1, 'web') + attr(11, b'\x01') + attr(12, b'\x02'), 0),
    ('server-del', CMD['server_del'], srv('198.51.100.1'), 0),
    ('settings-set', CMD['settings_set'], attr(2, struct.pack('=I', 77777)), 0),
    ('service-new, stratum sniff', CMD['service_new'], key('192.0.2.9') + attr(11, b'\x01') + attr(12, b'\x02'), 0),
    ('service-del with routes', CMD['service_del'], key('192.0.2.2'), 0),
    ('pool-new, proxy-protocol', CMD['pool_new'], text(1, 'fresh') + attr(2, b'\x02') + attr(9, b'\x02'), 0),
    ('pool-new, sticky-cookie', CMD['pool_new'], text(1, 'fresh') + attr(2, b'\x02') + text(13, 'ID'), 0),
    ('pool-set sticky-cookie', CMD['pool_set'], text(1, 'web') + text(13, 'ID') + text(14, 'other'), 0),
    ('route-new', CMD['route_new'], route('fresh', CONDITION + POOL + nest(8, text(1, 'web'))), 0),
    ('route-new, before another', CMD['route_new'], route('fresh', text(5, 'one') + HOST + REJECT), 0),
    ('route-new, proxy', CMD['route_new'], route('fresh', attr(7, b'\x03') + attr(10, b'\x1f\x90')), 0),
    ('route-set match', CMD['route_set'], route('one', CONDITION), 0),
    ('route-set action', CMD['route_set'], route('one', POOL + nest(8, text(1, 'web'))), 0),
    ('route-set, no proxy any more', CMD['route_set'], route('two', REJECT), 0),
    ('route-move', CMD['route_move'], route('two', text(5, 'one')), 0),
    ('route-del', CMD['route_del'], route('two'), 0),
    ('route-get', CMD['route_get'], route('one'), 0),
    ('route-get, all', CMD['route_get'], b'', DUMP),
    ('route-get, of a service', CMD['route_get'], nest(1, key('192.0.2.2')), DUMP),
    ('stats-reset', CMD['stats_reset'], b'', 0),
    ('info-get', CMD['info_get'], b'', 0),
    ('settings-get', CMD['settings_get'], b'', 0),
    ('service-get', CMD['service_get'], key('192.0.2.1'), 0),
    ('service-get, all', CMD['service_get'], b'', DUMP),
    ('pool-get', CMD['pool_get'], text(1, 'web'), 0),
    ('pool-get, all', CMD['pool_get'], b'', DUMP),
    ('server-get', CMD['server_get'], srv('198.51.100.1'), 0),
    ('server-get, all', CMD['server_get'], b'', DUMP),
    ('connection-get, all', CMD['connection_get'], b'', DUMP),
    ('flush', CMD['flush'], b'', 0),
)
RULES = '''-C
settings set connections-max=1000000
-A -t 192.0.2.1:80 -s rr
-a -t 192.0.2.1:80 -r 198.51.100.1:80
pool add web --family inet --sticky SID
pool add spare --family inet -s rr
-a --pool web -r 198.51.100.1:80
-a --pool web -r 198.51.100.2:80
-A -t 192.0.2.2:80 --stratum sniff --parse http
route add -t 192.0.2.2:80 one host a.test pool web
route add -t 192.0.2.2:80 two proxy 8080
'''


def anew():
    adm('-R', stdin=RULES)
    return configuration(nl)


def every_allocation(name, cmd, payload, flags):
    """Let each allocation of a request fail in turn. What was wrong, and how many failed."""
    before = anew()
    nth = 0
    while nth < 300:
        nth += 1
        error, _, failed = nl.ask(cmd, payload, flags, nth)
        if not failed:
            return ('' if error == 0 else f'without a failure: error {error}'), nth - 1
        after = configuration(nl)
        if error is None:
            return f'allocation {nth}: no answer', nth
        if error not in (0, 12, 105):
            return f'allocation {nth}: error {error}', nth
        if after == before:
            continue
        if error == 12:
            return f'allocation {nth}: error {error}, and yet\n{before}\nbecame\n{after}', nth
        # The failure was made good, or it was that of the acknowledgement (ENOBUFS): it was done.
        before = anew()
    return 'there is no end of allocations', nth


with_listener = None
for listeners in (False, True):
    if listeners:
        with ns(B):
            with_listener = subprocess.Popen(['sluiceadm', 'monitor'], stdout=subprocess.DEVNULL,
                                             stderr=subprocess.DEVNULL)
        time.sleep(0.3)
    for name, *request in REQUESTS:
        # Of what is only read no listener is told.
        if listeners and request[0] in READS:
            continue
        wrong, count = every_allocation(name, *request)
        injected += count
        check(f'{name}{", with a listener" if listeners else ""}: {count} allocations failed, '
              'and it is as if nothing had been asked', not wrong, wrong)


def every_allocation_of_commit(begin, *requests):
    """Let each allocation of a commit fail in turn. What was wrong, and how many failed."""
    before = anew()
    for nth in range(1, 2000):
        other = Netlink()
        if other.stage(*requests):
            return f'not staged: {other.said}', nth
        error, _, failed = other.ask(CMD[begin], b'', 0, nth)
        other.close()
        if not failed:
            return ('' if error == 0 else f'without a failure: error {error}: {other.said}'), nth - 1
        if error not in (0, 12, 105):
            return f'allocation {nth}: error {error}', nth
        after = configuration(nl)
        if after == before:
            continue
        if error == 12:
            return f'allocation {nth}: error {error}, and yet\n{before}\nbecame\n{after}', nth
        before = anew()
    return 'there is no end of allocations', nth


TRANSACTION = (
    ('settings_set', attr(2, struct.pack('=I', 77777))),
    ('service_new', key('192.0.2.9')),
    ('service_set', key('192.0.2.1') + text(4, 'web')),
    ('server_set', srv('198.51.100.1', more=attr(6, struct.pack('=I', 9)))),
    ('server_new', srv('198.51.100.9')),
    ('server_set', srv('198.51.100.9', more=attr(7, b'\x02') + text(13, 'why'))),
    ('server_del', srv('198.51.100.2')),
    ('pool_set', text(1, 'web') + text(3, 'wrr') + text(13, 'ID')),
    ('pool_set', text(1, 'web') + text(13, 'SID')),
    ('pool_new', text(1, 'fresh') + attr(2, b'\x02')),
    ('pool_del', text(1, 'spare')),
    ('pool_new', text(1, 'spare') + attr(2, b'\x02')),
    ('route_new', route('fresh', CONDITION + POOL + nest(8, text(1, 'fresh')))),
    ('route_new', route('first', text(5, 'one') + attr(7, b'\x03') + attr(10, b'\x1f\x90'))),
    ('route_set', route('one', CONDITION)),
    ('route_set', route('two', REJECT)),
    ('route_move', route('fresh', text(5, 'one'))),
    ('route_del', route('one')),
    ('stats_reset', b''))
REPLACED = (
    ('flush', b''), ('pool_new', text(1, 'web') + attr(2, b'\x02') + text(13, 'ID')), ('server_new', srv('198.51.100.2')),
    ('service_new', key('192.0.2.2') + attr(11, b'\x01') + attr(12, b'\x02')),
    ('route_new', route('two', CONDITION + REJECT)), ('service_new', key('192.0.2.1')))
with ns(B):
    with_second = subprocess.Popen(['sluiceadm', 'monitor'], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
for name, requests in (('a transaction of everything', TRANSACTION), ('one that replaces', REPLACED)):
    wrong, count = every_allocation_of_commit('transaction_commit', *requests)
    injected += count
    check(f'{name}: {count} allocations failed, and nothing of it was done', not wrong, wrong)
with_second.terminate()
with_second.wait()
# What fails at the beginning, or while it is staged.
before = anew()
for nth in range(1, 200):
    other = Netlink()
    begun = other.ask(CMD['transaction_begin'], b'', 0, nth)
    staged = other.ask(CMD['flush'], b'', 0, nth) if begun[0] == 0 else (0, b'', True)
    other.close()
    if not begun[2] and not staged[2]:
        break
check_eq('what cannot be staged changes nothing', before, configuration(nl))
# Many routes have an index in two parts, of which a change at the end makes one anew.
RULES += ''.join(f'route add -t 192.0.2.2:80 r{i} host {i}.test pool web\n' for i in range(300))
for name, *request in (('route-new, after many', CMD['route_new'], route('fresh', CONDITION + REJECT), 0),
                       ('route-del of the last of many', CMD['route_del'], route('r299'), 0)):
    wrong, count = every_allocation(name, *request)
    injected += count
    check(f'{name}: {count} allocations failed, and it is as if nothing had been asked', not wrong, wrong)
with_listener.terminate()
with_listener.wait()
check('allocations did fail', injected > 50, injected)
adm('-C')
print('#', injected, 'allocations failed in all')

# A namespace that gets its first service: hooks, collector.
for nth in range(1, 200):
    name = f'sl-failslab-x-{nth}'
    run('', 'ip', 'netns', 'add', name)
    with ns(name):
        other = Netlink.__new__(Netlink)
        other.s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
    other.s.settimeout(5)
    other.seq, other.family, other.said = 0, nl.family, ''
    error, _, failed = other.ask(CMD['service_new'], key('192.0.2.9'), 0, nth)
    again, _, _ = other.ask(CMD['service_new'], key('192.0.2.8'))
    other.s.close()
    run('', 'ip', 'netns', 'del', name)
    if again or error not in (0, 12, 105):
        check('the first service of a namespace', False, f'allocation {nth}: {error}, then {again}')
        break
    if not failed:
        check('the first service of a namespace: each failure is clean', nth > 5, nth)
        break

# Traffic while connections cannot be made.
usual('tcp', 80)
usual('udp', 53)
tcp = {v: Servers(v, 'tcp', 80) for v in VERSIONS}
udp = {v: Servers(v, 'udp', 53) for v in VERSIONS}
held = {v: pair(tcp[v], VIP[v], 80)[:2] for v in VERSIONS}
caches = [f'/sys/kernel/slab/sluice_conn{v}/failslab' for v in VERSIONS]
failslab = '/sys/kernel/debug/failslab'


for cache in caches:
    put(cache, 1)
for name, value in (('cache-filter', 'Y'), ('ignore-gfp-wait', 'Y'), ('task-filter', 'N'),
                    ('interval', 1), ('times', -1), ('probability', 100)):
    put(f'{failslab}/{name}', value)
failed = 0
for i in range(10):
    for v in VERSIONS:
        client = make_socket(C, v, 'udp')
        client.sendto(b'x', (VIP[v], 53))
        client.close()
        client = make_socket(C, v, 'tcp')
        client.settimeout(0.05)
        try:
            client.connect((VIP[v], 80))
        except TimeoutError:
            failed += 1
        client.close()
check_eq('no connection is made without memory', 20, failed)
refused = info()['refusals']['memory']
check('each is counted as refused for want of memory', refused >= 40, refused)
check('no datagram reached a server', udp[4].quiet() and udp[6].quiet())
for v in VERSIONS:
    check(f'IPv{v}: a connection that is there goes on', works(*held[v]))
put(f'{failslab}/probability', 30)
for i in range(100):
    for v in VERSIONS:
        client = make_socket(C, v, 'udp')
        client.sendto(b'x', (VIP[v], 53))
        client.close()
put(f'{failslab}/probability', 0)
put(f'{failslab}/cache-filter', 'N')
for cache in caches:
    put(cache, 0)
for v in VERSIONS:
    while not udp[v].quiet():
        udp[v].receive()
    client, accepted, _ = pair(tcp[v], VIP[v], 80)
    check(f'IPv{v}: a new connection is made again', works(client, accepted))
    client = make_socket(C, v, 'udp')
    check(f'IPv{v}: datagrams are sent on again', ask(udp[v], client, (VIP[v], 53)))
refused_then = info()['refusals']['memory']
check('some of the flows in between were refused, some not', refused + 10 < refused_then < refused + 190,
      refused_then - refused)
EOP
