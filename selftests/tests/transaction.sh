#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A transaction is carried out whole or not at all; of two writers one is told; a closed socket leaves nothing.
# Targets: uml uml-debug qemu-7
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_ns B
setup_ns X
export X
python_cases <<'EOP'
from netlink import *
from sluicetest import *

ENOENT, EEXIST, EBUSY, EINVAL, ENOSPC, ESTALE = 2, 17, 16, 22, 28, 116
RULES = '''pool add web --family inet -s rr
pool add old --family inet -s rr
-a --pool web -r 198.51.100.1:80
-a --pool web -r 198.51.100.2:80 -w 3
-a --pool old -r 198.51.100.3:80
-A -t 192.0.2.1:80 --pool old
-A -t 192.0.2.2:80 --stratum sniff --parse http
-a -t 192.0.2.2:80 -r 198.51.100.4:80
route add -t 192.0.2.2:80 one host a.test pool web
route add -t 192.0.2.2:80 two proxy 8080
route add -t 192.0.2.2:80 three host c.test pool old
'''
REJECT = attr(7, b'\x01')


def weight(number):
    return attr(6, struct.pack('=I', number))


def anew():
    adm('-C')
    adm('-R', stdin=RULES)
    return configuration(nl)


# Something of each kind, and each kind of what depends on what was staged before.
ALL = (
    ('settings_set', attr(2, struct.pack('=I', 77777))),
    ('service_set', key('192.0.2.1') + text(4, 'web')),
    ('route_set', route('three', REJECT)),
    ('pool_del', text(1, 'old')),
    ('pool_new', text(1, 'old') + attr(2, b'\x02') + text(3, 'wrr')),
    ('server_new', srv('198.51.100.9', 'old')),
    ('server_set', srv('198.51.100.9', 'old', weight(7))),
    ('server_del', srv('198.51.100.1')),
    ('server_set', srv('198.51.100.2', more=weight(0))),
    ('service_new', key('192.0.2.9') + attr(11, b'\x01') + attr(12, b'\x02')),
    ('route_new', route('fresh', attr(7, b'\0') + nest(8, text(1, 'old')), '192.0.2.9')),
    ('route_new', route('gone', attr(7, b'\x03') + attr(10, b'\x1f\x90'), '192.0.2.9')),
    ('route_del', route('gone', host='192.0.2.9')),
    ('route_move', route('three', text(5, 'one'))),
    ('route_set', route('two', REJECT)),
    ('service_new', key('192.0.2.7')),
    ('service_del', key('192.0.2.7')),
    ('pool_new', text(1, 'brief') + attr(2, b'\x02')),
    ('pool_del', text(1, 'brief')),
)
DONE = '''settings set connections-max=77777
pool add --family inet -s rr web
-a --pool web -r 198.51.100.2:80 -m -w 0
pool add --family inet -s wrr old
-a --pool old -r 198.51.100.9:80 -m -w 7
-A -t 192.0.2.1:80 --pool web
-A -t 192.0.2.2:80 -s wlc --stratum sniff --parse http
-a -t 192.0.2.2:80 -r 198.51.100.4:80 -m -w 1
-A -t 192.0.2.9:80 -s wlc --stratum sniff --parse http
route add -t 192.0.2.2:80 three host c.test reject
route add -t 192.0.2.2:80 one host a.test pool web
route add -t 192.0.2.2:80 two reject
route add -t 192.0.2.9:80 fresh pool old
'''


def saved():
    """What -S writes, but for most settings."""
    lines = adm('-S').splitlines()
    return '\n'.join([' '.join(lines[0].split()[:3]), *lines[1:]]) + '\n'


nl, a, b = Netlink(), Netlink(), Netlink()
before = anew()
generation = info()['generation']
check_eq('all can be staged', [], a.stage(*ALL))
check_eq('and changes nothing', before, configuration(nl))
check_eq('nor for the socket itself', before, configuration(a))
check_eq('a commit carries all out', (0, ''), a.do('transaction_commit'))
check_eq('in its order', DONE, saved())
check_eq('and is one change', generation + 1, info()['generation'])
settings('connections-max=1048576')

# The same, but for one request in it that must be refused: at each place.
before = anew()
WRONG = (('service_new', key('192.0.2.1')), EEXIST, 'the service exists already')
wrong = []
for at in range(len(ALL) + 1):
    requests = [*ALL[:at], WRONG[0], *ALL[at:]]
    staged = a.stage(*requests)
    sequence = a.seq - len(requests) + 1 + at
    done = a.do('transaction_commit')
    place = struct.unpack_from('=I', a.cookie)[0] if a.cookie else None
    if staged or done != WRONG[1:] or place != sequence or configuration(nl) != before:
        wrong.append((at, staged, done, place, sequence, configuration(nl) == before))
check_eq('one wrong request, wherever it is: nothing changes, it is named', [], wrong)
check_eq('and the transaction is over', (ENOENT, 'this socket has no open transaction'),
         a.do('transaction_commit'))
# What only the whole is wrong for: a pool that is deleted before its service lets go of it.
check_eq('the order counts', [], a.stage(('pool_del', text(1, 'old')), *ALL))
check_eq('a pool in use is not deleted', (EBUSY, 'the pool is in use by 1 service(s), delete those first'),
         a.do('transaction_commit'))
check_eq('and it is all there', before, configuration(nl))

# Dropped.
check_eq('staged again', [], a.stage(*ALL))
check_eq('aborted', (0, ''), a.do('transaction_abort'))
check_eq('an abort changes nothing', before, configuration(nl))
check_eq('there is nothing to abort', (ENOENT, 'this socket has no open transaction'), a.do('transaction_abort'))
check_eq('staged once more', [], a.stage(*ALL))
a.close()
check_eq('a closed socket changes nothing', before, configuration(nl))
a = Netlink()
check_eq('a new socket has no transaction', ENOENT, a.do('transaction_commit')[0])
check_eq('begun', [], a.stage())
check_eq('one at a time', (EBUSY, 'this socket has an open transaction: commit or abort that first'),
         a.do('transaction_begin'))
check_eq('an empty one is no change', (0, ''), a.do('transaction_commit'))
check_eq('indeed', before, configuration(nl))

# Two writers.
check_eq('one writer', [], a.stage(('pool_set', text(1, 'web') + text(3, 'lc'))))
check_eq('another one', [], b.stage(('pool_set', text(1, 'web') + text(3, 'wrr'))))
check_eq('the first one is done', (0, ''), b.do('transaction_commit'))
check_eq('the other one is told', (ESTALE, 'somebody else made a change since the transaction began'),
         a.do('transaction_commit'))
check_eq('nothing is mixed', 'wrr', listing('pool', 'show', 'web')[0]['scheduler'])
check_eq('one writer again', [], a.stage(('pool_set', text(1, 'web') + text(3, 'lc'))))
adm('-e', '--pool', 'web', '-r', '198.51.100.1:80', '-w', '5')
check_eq('told of a single request, too', ESTALE, a.do('transaction_commit')[0])
generation = info()['generation']
check_eq('the number that was expected', (0, ''), a.do('transaction_begin', attr(1, struct.pack('=Q', generation))))
a.do('transaction_abort')
check_eq('another one than expected',
         (ESTALE, f'somebody else made a change: the generation is {generation} now'),
         a.do('transaction_begin', attr(1, struct.pack('=Q', generation - 1))))
before = configuration(nl)
check_eq('two are staged', [], a.stage(('flush', b''), ('flush', b'')))
check_eq('one has no right form', EINVAL, a.do('pool_new', attr(99, b''))[0])
check_eq('a commit of more than was staged is refused',
         (EINVAL, '2 requests are staged, others were refused'),
         a.do('transaction_commit', attr(2, struct.pack('=I', 3))))
check_eq('and changes nothing', before, configuration(nl))

# What is deleted and made again is what it was.
before = anew()
ids = [s['id'] for s in listing('server', 'show')], [p['id'] for p in listing('pool', 'show')]
told = subprocess.Popen(['nsenter', f'--net=/run/netns/{B}', 'sluiceadm', 'monitor'], stdout=subprocess.PIPE,
                        text=True)

# It has joined as soon as it tells of anything; what was told of all that is over with the pool that comes last.
until(20, lambda: settings('udp-new=10s') or select.select([told.stdout], [], [], 0)[0])
adm('pool', 'add', 'first', '--family', 'inet')
adm('pool', 'del', 'first')
for _ in ('made', 'deleted'):
    while 'first' not in told.stdout.readline():
        pass
everything = (
    ('flush', b''),
    ('pool_new', text(1, 'web') + attr(2, b'\x02') + text(3, 'rr')),
    ('pool_new', text(1, 'old') + attr(2, b'\x02') + text(3, 'rr')),
    ('server_new', srv('198.51.100.1')), ('server_new', srv('198.51.100.2', more=weight(3))),
    ('server_new', srv('198.51.100.3', 'old')),
    ('service_new', key('192.0.2.1') + text(4, 'old')),
    ('service_new', key('192.0.2.2') + attr(11, b'\x01') + attr(12, b'\x02')),
    ('server_new', nest(2, key('192.0.2.2')) + srv('198.51.100.4')[8:]),
)
check_eq('everything, after a flush', [], a.stage(*everything))
check_eq('is accepted', (0, ''), a.do('transaction_commit'))
check_eq('the objects are the same', ids,
         ([s['id'] for s in listing('server', 'show')], [p['id'] for p in listing('pool', 'show')]))
adm('pool', 'add', 'last', '--family', 'inet')
lines = []
while not lines or 'last' not in lines[-1]:
    lines.append(told.stdout.readline())
told.kill()
told.wait()
check_eq('who listens is told of nothing but the last', 1, len(lines))
check_eq('a flush and part of it', [], a.stage(*everything[:2], *everything[3:4]))
check_eq('is accepted, too', (0, ''), a.do('transaction_commit'))
check_eq('and the rest is gone', [['198.51.100.1:80'], ['web'], 0],
         [[f"{s['address']}:{s['port']}" for s in listing('server', 'show')],
          [p['name'] for p in listing('pool', 'show')], info()['services']])

# Limits.
many = [Netlink() for _ in range(65)]
opened = [n.do('transaction_begin') for n in many]
check_eq('64 transactions are open, and no more', [(0, '')] * 64 +
         [(ENOSPC, 'too many open transactions in this namespace')], opened)
other = Netlink(os.environ['X'])
check_eq('another namespace has its own', (0, ''), other.do('transaction_begin'))
many[0].close()
check_eq('one closed makes room', (0, ''), many[64].do('transaction_begin'))
for n in many[1:]:
    n.close()
# 32,000 bytes each: 256 MB are 8000 and some.
route_long = route('x', nest(6, b''.join(nest(5, attr(1, b'\x02') + text(3, 'X') + text(4, 'y' * 4000))
                                         for _ in range(7))) + REJECT)
check_eq('begun', (0, ''), b.do('transaction_begin'))
count, refused_with = 0, (0, '')
while not refused_with[0] and count < 20000:
    refused_with = b.do('route_new', route_long)
    count += 1
check_eq('what is staged is bounded', (ENOSPC, 'open transactions of a namespace take at most 268435456 bytes'),
         refused_with)
check('after 256 MB', 8000 < count < 10000, count)
check_eq('and dropped', (0, ''), b.do('transaction_abort'))
check_eq('then there is room again', [], b.stage(('route_new', route_long)))
b.close()
adm('-C')

# A namespace that goes while a transaction is open: the socket keeps it, and its end ends both.
name = os.environ['X']
adm('-R', at=name, stdin=RULES)
other.do('transaction_abort')
other.do('transaction_begin')
check_eq('staged in a namespace that goes', (0, ''), other.do('flush'))
forget_namespace(name)
run('', 'ip', 'netns', 'del', name)
check_eq('still staged', (0, ''), other.do('pool_new', text(1, 'x') + attr(2, b'\x02')))
check_eq('and carried out', (0, ''), other.do('transaction_commit'))
other.do('transaction_begin')
other.do('flush')
other.close()
EOP
