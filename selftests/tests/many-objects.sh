#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A thousand services and servers are listed completely, also while others come and go.
# Targets: uml uml-debug
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_ns B
python_cases <<'EOP'
import signal
import sys
from sluicetest import *

SERVICES = [f'10.{i // 250}.{i % 250}.1' for i in range(1000)]
SERVERS = [f'10.9.{i // 250}.{1 + i % 250}' for i in range(1000)]
adm('-R', stdin='pool add big --family inet -s wrr\n-A -t 192.0.2.1:80 --pool big\n' +
    ''.join(f'-A {"-t" if i % 2 else "-u"} {a}:80 -s rr\n' for i, a in enumerate(SERVICES)) +
    ''.join(f'-a --pool big -r {a}:80 -w {1 + i % 7}\n' for i, a in enumerate(SERVERS)))
check_eq('all are counted', (1001, 1000, 1001),
         tuple(info()[k] for k in ('services', 'servers', 'pools')))


def listed():
    """Services, servers and pools in the order they were made, but for those that come and go."""
    table = listing('-L', '-n', '--nosort')
    steady = [s for s in table if not s['address'].startswith('198.51.')]
    return ([s['address'] for s in steady], [s['address'] for s in steady[0]['servers']],
            [p['services'] for p in listing('pool', 'show')
             if not p['name'].startswith('tcp/198.51.')], len({s['id'] for s in table}) == len(table))


expected = (['192.0.2.1', *SERVICES], SERVERS, [1] * 1001, True)
check('all are listed, in order and once', listed() == expected)



def churn():
    """A process that makes and deletes services, some at a time, until it is told to end."""
    child = os.fork()
    if child:
        return child
    os.close(1)
    os.close(2)
    signal.alarm(120)
    # Not by SIGKILL, after which the command that it has begun would go on.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    while True:
        adm('-R', stdin=''.join(f'-A -t 198.51.{i}.1:80\n-a -t 198.51.{i}.1:80 -r 203.0.113.1:80\n'
                                for i in range(20)))
        time.sleep(0.2)
        adm('-R', stdin=''.join(f'-D -t 198.51.{i}.1:80\n' for i in range(20)))
        time.sleep(0.2)


def try_listed():
    """None where the listing says that it was interrupted again and again, which it may."""
    try:
        return listed()
    except RuntimeError as error:
        note(error)
        if 'the table changed while it was listed: try again' not in str(error):
            raise
        return None


# What stays must be in each listing, once.
child = churn()
until(20, lambda: info()['services'] != 1001)
seen = [try_listed() for _ in range(5)]
check_eq('the changes went on meanwhile', (0, 0), os.waitpid(child, os.WNOHANG))
check('listings are complete while others come and go', all(x in (None, expected) for x in seen) and
      expected in seen)
os.kill(child, signal.SIGTERM)
os.waitpid(child, 0)
adm('-C')
check_eq('all go at once', (0, 0, 0), tuple(info()[k] for k in ('services', 'servers', 'pools')))
EOP
