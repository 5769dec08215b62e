#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Clients of stratum relay come and break off while all around them changes, namespaces and the module go: nobody gets what is wrong, nothing is left.
# Targets: uml uml-debug
# Timeout: 240
# Long: 1500
# Exclusive: yes
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"
. "${0%/*}/lib/load.sh"

# What has to get done in the seconds of the short form emulated processors may not do.
rounds=$(long_or 100 4)
case $SLUICE_TARGET in
qemu-*)
	[ -n "${SLUICE_LONG:-}" ] || skip_all "emulated processors are too slow for the short form"
	rounds=25
	;;
esac
need_command openssl
need_module tls
load_sluice
load_ktls
setup_balancer 3
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$TEST_DIR/key" -out "$TEST_DIR/cert" \
	-subj /CN=a.test -addext "subjectAltName=DNS:a.test" -days 30 2>/dev/null || fatal "no certificate"
export SECONDS_OF_CHURN ROUNDS
SECONDS_OF_CHURN=$(long_or 600 12)
ROUNDS=$rounds
# One processor sees less than the debug kernel's two, which have the time.
if [ "$SLUICE_TARGET" = uml ]; then SECONDS_OF_CHURN=$(long_or 600 6) ROUNDS=$(long_or 100 2); fi
python_cases <<'EOP'
import random

from sluicetest import *
from relay import *
from relay_visits import *

SECONDS, ROUNDS = (int(os.environ[name]) for name in ('SECONDS_OF_CHURN', 'ROUNDS'))
SEED = int.from_bytes(os.urandom(4), 'big')
# Ports of services that are changed, and of those that nobody touches; 80 and 90 are listened to by the kernel.
CHANGED, STEADY = (80, 443), (90, 493)
SHORT = {'head': 3000, 'idle': 3000, 'body': 4000, 'tunnel': 4000, 'response': 10000, 'websocket': 1}
chosen = random.Random(SEED)
note(f'seed {SEED}')


def service_lines(v, port):
    """What makes a service that is changed."""
    at = endpoint(VIP[v], port)
    return [f'-A -t {at} --stratum relay --parse http', f'route add -t {at} one prefix /one pool p1-{v}',
            f'route add -t {at} two prefix /two pool p2-{v}', f'route add -t {at} all pool p0-{v}']


def lines(*some):
    """Commands, of which those that cannot be done any more are nobody's fault."""
    with ns(B):
        subprocess.run(['sluiceadm', '-R'], input=''.join(f'{line}\n' for line in some), text=True, capture_output=True, check=False)


def settle():
    """All services as they were meant."""
    for v in VERSIONS:
        for port in CHANGED:
            lines(f'-D -t {endpoint(VIP[v], port)}')
            adm('-R', stdin='\n'.join(service_lines(v, port)) + '\n')
            family.config(VIP[v], port, listen=int(port == 80), **SHORT)
        for i in range(3):
            for pool in range(3):
                lines(f'-a --pool p{pool}-{v} -r {endpoint(server(v, i), 8000)}')
                adm('-e', '--pool', f'p{pool}-{v}', '-r', endpoint(server(v, i), 8000), '--state', 'up', '-w', '1')


def change():
    """One thing, and most of the time it is put back at once."""
    v, port, pool = chosen.choice(VERSIONS), chosen.choice(CHANGED), chosen.randrange(3)
    at, of = endpoint(VIP[v], port), f'p{pool}-{v}'
    to = f'--pool {of} -r {endpoint(server(v, chosen.randrange(3)), 8000)}'
    what = chosen.randrange(8)
    if what == 0:
        lines(f'-D -t {at}', *service_lines(v, port))
        family.config(VIP[v], port, listen=int(port == 80), **SHORT)
    elif what == 1:
        lines(f'route del -t {at} one', f'route add -t {at} one prefix /one pool {of}')
    elif what == 2:
        lines(f'route add -t {at} odd share 0.5 reject 403', f'route del -t {at} odd')
    elif what == 3:
        lines(f'-d {to}', f'-a {to}')
    elif what == 4:
        lines(f'pool set {of} --on-down {chosen.choice(("keep", "reset"))} --on-drain {chosen.choice(("keep", "rebalance"))}',
              f'-e {to} --state down', f'-e {to} --state up')
    elif what == 5:
        lines(f'-e {to} --state draining', f'-e {to} -w {chosen.randrange(5)}', f'-e {to} --state up')
    elif what == 6:
        lines(f'pool add fresh --family inet{"" if v == 4 else 6}', f'-a --pool fresh -r {endpoint(server(v, 1), 8000)}',
              f'route set -t {at} two pool fresh', f'route set -t {at} two pool p2-{v}', 'pool del fresh')
    else:
        family.config(VIP[v], 80, listen=chosen.randrange(2))
        family.config(VIP[v], 80, listen=1)


def kill():
    """Some of those that are there, and look at them all; not at those who are to stay."""
    found = listing('client', 'show')
    some = [c['id'] for c in found if c['service']['port'] in CHANGED]
    for ident in chosen.sample(some, min(2, len(some))):
        family.ask(KILL, attr(1, struct.pack('=Q', ident)))
    return len(found)


def refused_to_go():
    """Whether the module cannot be unloaded, because it is in use."""
    done = subprocess.run(['rmmod', 'sluice_ktls'], capture_output=True, text=True, check=False)
    return done.returncode and 'in use' in done.stderr


def socket_pages():
    """Memory of all TCP sockets."""
    with open('/proc/net/sockstat', encoding='ascii') as file:
        return int(re.search(r'TCP:.* mem (\d+)', file.read())[1])


def namespace_goes(n):
    """Clients of a balancer whose namespace is deleted go on, and it goes with them: by their end, or by their time-outs."""
    x, y = f'sl-relay-churn-x{n}', f'sl-relay-churn-y{n}'
    run('', 'ip', '-batch', '-', stdin=f'netns add {x}\nnetns add {y}\nlink add eth0 netns {x} type veth peer name eth0 netns {y}\n')
    for name, last in ((x, 2), (y, 1)):
        run('', 'ip', '-n', name, '-batch', '-', stdin=f'addr add 10.9.0.{last}/24 dev eth0\nlink set eth0 up\nlink set lo up\n')
    relay_service('10.9.0.1', 80, pools=[('p', [('10.9.0.2', 8000)])], routes=['all pool p'], at=y)
    other = Family(at=y)
    other.config('10.9.0.1', 80, listen=1, websocket=1, head=5000, body=2000, tunnel=2000)
    other.close()
    origin = Origin(x, 4, 8000)
    origin.handle = lambda *argv: answer(origin, *argv)
    some = [Reader(connect(4, '10.9.0.1', 80, name=x)) for _ in range(6)]
    good = [judge(ask(each), lambda body: True) for each in some]
    # In the middle of a request, of its content, of an answer, in a tunnel.
    some[0].sock.sendall(b'GET / HT')
    some[1].sock.sendall(b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n12345')
    some[2].sock.sendall(b'GET /bytes/1000000 HTTP/1.1\r\nHost: a\r\n\r\n')
    some[3].sock.sendall(b'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
    tunnel = some[3].response()
    forget_namespace(y)
    run('', 'ip', 'netns', 'del', y)
    goes_on = judge(ask(some[4]), lambda body: True), judge(ask(some[5], '/bytes/1000'), lambda body: body == pattern(1000))
    there = 'eth0' in run(x, 'ip', '-br', 'link')
    # The others are waited for by the relay, with the times that were set.
    for each in some[n % 5:]:
        reset(each.sock) if n % 2 else each.sock.close()
    gone = until(40, lambda: 'eth0' not in run(x, 'ip', '-br', 'link'))
    for each in some:
        each.sock.close()
    origin.listening.close()
    forget_namespace(x)
    run('', 'ip', 'netns', 'del', x)
    return (all(good), tunnel and tunnel[0], goes_on, there, bool(gone))


def namespaces(name):
    """One after the other, until told to end."""
    done, wrong = [], []

    def go_on(told):
        got = namespace_goes(len(done))
        done.append(got)
        if got != (True, 101, (True, True), True, True):
            wrong.append(got)
    until_told(go_on)
    make_report(name, {'gone': len(done)}, wrong)


family = Family()
for v in VERSIONS:
    pools = [(f'{name}-{v}', [(server(v, i), port) for i in range(3)])
             for name, port in (('p0', 8000), ('p1', 8000), ('p2', 8000), ('steady', 9000))]
    relay_service(VIP[v], 90, pools=pools, routes=[f'all pool steady-{v}'])
    relay_service(VIP[v], 493, routes=[f'all pool steady-{v}'])
    family.config(VIP[v], 90, listen=1)
settle()
before = socket_pages()
helpers = [beside(serve, 8000), beside(serve, 9000), beside(daemon, (443, 493), SEED)]
until(20, lambda: not [1 for v in VERSIONS for name, at, port in ((B, VIP[v], 493), (S[2], server(v, 2), 9000))
                       if refused(lambda: connect(v, at, port, name=C).close()) is True])
visitors = [beside(visits, f'visits-{i}', CHANGED, 4, SEED + 100 * i) for i in range(3)]
staying = beside(steady, 'steady', STEADY)
going = beside(namespaces, 'namespaces')
until(20, lambda: family.stats()['requests'] > 20)


changes, refusals_to_go, in_use, rounds, began = 0, 0, 0, 0, time.monotonic()
while time.monotonic() < began + SECONDS:
    for _ in range(3):
        change()
        changes += 1
    in_use = max(in_use, kill())
    rounds += 1
    refusals_to_go += bool(refused_to_go())
settle()
check('who makes namespaces ends in order', end(going))
counts, wrong = report('namespaces')
check('a namespace that is deleted lives until its clients have ended, who go on; then it goes',
      counts.get('gone') and not wrong, (counts, wrong))
check('much was changed', changes >= 6, changes)
check_eq('the module is not unloaded while it has clients', rounds, refusals_to_go)
check('clients were there at the same time', in_use >= 8, in_use)
check('helpers are still there', [os.waitpid(child, os.WNOHANG) for child in helpers] == [(0, 0)] * 3)
check('who stays ends in order', end(staying))
counts, wrong = report('steady')
check('no request of a service that nobody touches failed', not wrong and counts.get('answered', 0) > 20, (counts, wrong))
note(f'steady: {counts}; {changes} changes, {report("namespaces")[0]}; {family.stats()}')

# The module goes and comes while clients do, who find nobody for a while.
went = 0
for n in range(ROUNDS):
    for v in VERSIONS:
        family.config(VIP[v], 80, listen=0)
        lines(f'-D -t {endpoint(VIP[v], 443)}')
    if not until(60, lambda: not subprocess.run(['rmmod', 'sluice_ktls'], capture_output=True, check=False).returncode):
        note(family.stats())
        break
    went += 1
    for v in VERSIONS:
        lines(*service_lines(v, 443))
    subprocess.run(['modprobe', 'sluice_ktls'], check=True)
    family.close()
    family = Family()
    for v in VERSIONS:
        for port in CHANGED:
            family.config(VIP[v], port, listen=int(port == 80), **SHORT)
    until(30, lambda: family.stats()['requests'] > 10)
check_eq('the module is unloaded as soon as it has none, and loaded again', ROUNDS, went)
check('visitors end in order', all([end(child) for child in visitors]))
total = {}
wrong = []
for i in range(len(visitors)):
    counts, some = report(f'visits-{i}')
    total = {key: total.get(key, 0) + value for key, value in counts.items()}
    wrong += some
check('nobody got what is wrong', not wrong, '\n'.join(wrong[:10]))
check('many were answered, and many broken off', total.get('answered', 0) > 50 and total.get('cut', 0) > 5, total)
check_eq('and none waited in vain', 0, total.get('stalled'))
note(f'visitors: {total}')

# All is over: everything works, and nothing is left.
for v in VERSIONS:
    for port in CHANGED:
        check_eq(f'IPv{v}, port {port}: afterwards all is answered', None, all_kinds_work(v, port))
check('no client is left', until(60, lambda: family.stats()['clients'] == 0), family.stats())
for child in helpers:
    end(child, signal.SIGKILL)
busy = [(s['pool'], s['address'], s['active'], s['inactive']) for s in listing('server', 'show') if s['active'] or s['inactive']]
check_eq('no server counts a request', [], busy)
# Each CPU keeps up to a megabyte for the next one.
most = before + 256 * os.cpu_count()
check('the memory of sockets is given back', until(30, lambda: socket_pages() <= most), (before, socket_pages()))
adm('-C')
family.close()
check('and the modules go', until(20, lambda: not subprocess.run(['rmmod', 'sluice_ktls', 'sluice'], capture_output=True, check=False).returncode))
EOP
