#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# monitor shows each change of services, pools, servers and settings, in order, and no other.
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_ns B C
python_cases <<'EOP'
from sluicetest import *

with ns(B):
    monitor = subprocess.Popen(['sluiceadm', 'monitor', '--json'], stdout=subprocess.PIPE)
os.set_blocking(monitor.stdout.fileno(), False)
text = b''


def events():
    global text
    with contextlib.suppress(BlockingIOError):
        while more := os.read(monitor.stdout.fileno(), 65536):
            text += more
    return [json.loads(line) for line in text.splitlines()] if text.endswith(b'\n') else []


# It has joined as soon as it tells of anything.
joined = until(10, lambda: settings('udp-new=10s') or events())
# Of settings that were changed before it had.
time.sleep(0.2)
events()
check('it tells of settings', joined and joined[0]['event'] == 'settings-ntf' and
      joined[0]['settings']['timeouts']['udp-new'] == 10000, joined)
text = b''

for v, vip, one, family in ((4, '192.0.2.1', '192.0.2.11', 'inet'),
                            (6, '2001:db8::1', '2001:db8::11', 'inet6')):
    to = ('-t', endpoint(vip, 80))
    pool = f'tcp/{endpoint(vip, 80)}'
    # Of another namespace nothing is told.
    adm('-A', *to, at=C)
    adm('-A', *to, '-s', 'rr')
    adm('-a', *to, '-r', endpoint(one, 80), '-w', '2')
    adm('-e', *to, '-r', endpoint(one, 80), '--state', 'draining')
    adm('-E', *to, '-s', 'wrr')
    # What is refused is not told.
    with ns(B):
        subprocess.run(['sluiceadm', '-A', *to], capture_output=True, check=False)
    adm('-L', '-n')
    adm('-d', *to, '-r', endpoint(one, 80))
    adm('pool', 'add', 'web', '--family', family)
    adm('pool', 'set', 'web', '-s', 'lc')
    adm('-D', *to)
    adm('pool', 'del', 'web')
    expected = [
        ('service-ntf', vip, 'rr'), ('server-ntf', one, pool, 2, 'up'),
        ('server-ntf', one, pool, 2, 'draining'), ('service-ntf', vip, 'wrr'),
        ('server-del-ntf', one, pool, 2, 'draining'), ('pool-ntf', 'web', 'wlc'),
        ('pool-ntf', 'web', 'lc'), ('service-del-ntf', vip, 'wrr'), ('pool-del-ntf', 'web', 'lc')]

    def told():
        found = []
        for e in events():
            if 'service' in e:
                found.append((e['event'], e['service']['address'], e['service']['scheduler']))
            elif 'server' in e:
                s = e['server']
                found.append((e['event'], s['address'], s['pool'], s['weight'], s['state']))
            elif 'pool' in e and not e['pool']['owned']:
                found.append((e['event'], e['pool']['name'], e['pool']['scheduler']))
            elif 'pool' not in e:
                found.append((e['event'],))
        return found

    until(10, lambda: len(told()) >= len(expected))
    check_eq(f'IPv{v}: all changes, in order', expected, told())
    check(f'IPv{v}: each has its time', all(len(e['time']) == 27 for e in events()), text)
    text = b''

# What goes at once is told one by one.
adm('-R', stdin='-A -t 192.0.2.1:80\n-A -u 192.0.2.1:80\npool add web --family inet\n')
adm('-C')
until(10, lambda: len(told()) >= 6)
check_eq('what -C deletes is told too', {'service-ntf': 2, 'pool-ntf': 1, 'service-del-ntf': 2,
                                         'pool-del-ntf': 1},
         {name: [e[0] for e in told()].count(name) for name in {e[0] for e in told()}})
check('the monitor still runs', monitor.poll() is None)
monitor.kill()
EOP
