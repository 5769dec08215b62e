#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Of a thousand routes that are added, changed, moved and deleted, each client takes the first that fits.
# Targets: uml uml-debug
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
export SEED=${SEED:-$RANDOM}
note "seed $SEED"
python_cases <<'EOP'
import random
from sluicetest import *

random.seed(int(os.environ['SEED']))
TO = f'-t {endpoint(VIP[4], 80)}'
HOSTS = [f'h{i}.example.com' for i in range(300)]
# What there should be, in order: name and host, which is None for any.
model = []
lines = []
number = 0


def place():
    """Where a route goes: most to the end, as people do."""
    if not model or random.random() < 0.9:
        return len(model), ''
    at = random.randrange(len(model))
    return at, f' before {model[at][0]}'


def add():
    global number
    number += 1
    at, before = place()
    host = random.choice(HOSTS)
    lines.append(f'route add {TO} r{number} host {host} reject 403{before}')
    model.insert(at, (f'r{number}', host))


def some():
    # In the last tenth, which has an index of its own, as often as anywhere else.
    return random.randrange(len(model) * 9 // 10 if random.random() < 0.5 else 0, len(model))


def change():
    what, at = random.random(), some()
    name, host = model[at]
    if what < 0.4:
        host = random.choice(HOSTS)
        lines.append(f'route set {TO} {name} host {host}')
        model[at] = (name, host)
    elif what < 0.7:
        lines.append(f'route del {TO} {name}')
        del model[at]
    else:
        del model[at]
        to, before = place()
        lines.append(f'route move {TO} {name}{before}')
        model.insert(to, (name, host))


def ask(host):
    with make_socket(C, 4, 'tcp') as s:
        s.connect((VIP[4], 80))
        s.sendall(f'GET / HTTP/1.1\r\nHost: {host}\r\n\r\n'.encode())
        return s.recv(100)[9:12].decode()


def carry_out():
    adm('-R', stdin='\n'.join(lines) + '\n')
    lines.clear()


def hits():
    return {r['name']: r['hits'] for r in listing('route', 'show') if r['hits']}


adm('-R', stdin=f'-A {TO} --stratum sniff --parse http\n')
for step, (adds, changes) in enumerate(((250, 30), (20, 10), (200, 20), (130, 0), (1, 0), (400, 60), (60, 60))):
    for _ in range(adds):
        add()
    for _ in range(changes):
        change()
    carry_out()
    adm('-Z')
    expected = {}
    answers = set()
    for host in random.sample(HOSTS, 60):
        taken = next((name for name, of in model if of == host), None)
        if taken:
            expected[taken] = expected.get(taken, 0) + 1
        answers.add((bool(taken), ask(host.upper() if random.random() < 0.5 else host)))
    check_eq(f'step {step}: {len(model)} routes in their order', [name for name, _ in model],
             [r['name'] for r in listing('route', 'show')])
    check_eq(f'step {step}: each client took the first that fits', expected, hits())
    check(f'step {step}: and was answered so', answers <= {(True, '403'), (False, '404')}, answers)
adm('-Z')
check_eq('counters begin at zero again', {}, hits())
EOP
