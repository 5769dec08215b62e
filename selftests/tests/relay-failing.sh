#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Stratum relay while its allocations fail: a refusal changes nothing, a request is answered whole or its failure is to be seen, nobody waits in vain.
# Targets: uml-debug
# Timeout: 240
# Long: 1800
# Exclusive: yes
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

fault=/sys/kernel/debug
[ -d $fault/failslab ] || skip_all "this kernel injects no faults"

need_command openssl
need_module tls
load_sluice
load_ktls
setup_balancer 2
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$TEST_DIR/key" -out "$TEST_DIR/cert" \
	-subj /CN=a.test -addext "subjectAltName=DNS:a.test" -days 30 2>/dev/null || fatal "no certificate"
# Allocations that may wait, too, and single pages. All is put back at the end: the test has the kernel to itself.
for kind in failslab fail_page_alloc; do
	echo 0 >$fault/$kind/verbose
	echo 1 >$fault/$kind/interval
	echo Y >$fault/$kind/task-filter
	echo N >$fault/$kind/ignore-gfp-wait
	at_exit eval "echo 0 >$fault/$kind/probability; echo -1 >$fault/$kind/times"
	at_exit eval "echo N >$fault/$kind/task-filter; echo Y >$fault/$kind/ignore-gfp-wait"
done
echo N >$fault/fail_page_alloc/ignore-gfp-highmem
echo 0 >$fault/fail_page_alloc/min-order
export SECONDS_OF_FAULTS
SECONDS_OF_FAULTS=$(long_or 300 5)
python_cases <<'EOP'
import random

from sluicetest import *
from netlink import DUMP, RELAY_NAME
from relay import *
from relay_visits import *

SEED = int.from_bytes(os.urandom(4), 'big')
NO_MEMORY, NO_BUFFERS = 12, 105
# What the kernel's own sockets say of memory that they do not get: ENFILE when they are made, EADDRINUSE when they are bound.
OTHERS = (23, 98)
CONNECT = b'CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n'


def put(path, value):
    with open(path, 'w', encoding='ascii') as file:
        file.write(str(value))


def get(path):
    with open(path, encoding='ascii') as file:
        return file.read().strip()


# Each allocation of each command fails in turn.

def config_words(v, **settings):
    return service_key(1, VIP[v], 80) + b''.join(
        attr(CONFIG[name], struct.pack('=' + SIZES.get(name, 'I'), value)) for name, value in settings.items())


def configured():
    return family.ask(CONFIG_GET, b'', DUMP)[:2]


def listened(v):
    return refused(lambda: connect(v, VIP[v], 80).close()) is not True


def every_allocation(command, words, flags=0, undo=None, state=configured):
    """Let each allocation of a command fail in turn. What was wrong, and how many failed."""
    for nth in range(1, 300):
        before = state()
        error, _, failed = family.ask(command, words, flags, nth)
        if not failed:
            return ('' if error == 0 else f'without a failure: error {error}'), nth - 1
        if error not in (0, NO_MEMORY, NO_BUFFERS, *OTHERS):
            return f'allocation {nth}: error {error}', nth
        after = state()
        if error not in (0, NO_BUFFERS) and after != before:
            return f'allocation {nth}: error {error}, and yet {before} became {after}', nth
        if undo and after != before:
            undo()
    return 'there is no end of allocations', nth


def is_open(sock):
    """Whether its descriptor is still there; no other thread opens any."""
    try:
        os.fstat(sock.fileno())
    except OSError:
        return False
    return True


def every_hand(v, data):
    """The same of a client's socket that is handed over: it is the kernel's, or works as before."""
    for nth in range(1, 300):
        client, here = connect(v, VIP[v], 81), listeners[v].accept()[0]
        here.settimeout(20)
        error, _, failed = family.ask(HAND, service_key(2, VIP[v], 80) + attr(3, struct.pack('=i', here.fileno())) + OWN +
                                      (attr(6, data) if data else b''), 0, nth)
        # Where only the answer was lost, it may be the kernel's all the same.
        if error == NO_MEMORY and not works(client, here):
            return f'allocation {nth}: the socket is not left alone', nth
        if is_open(here):
            here.close()
        else:
            here.detach()
        if error == 0:
            client.sendall((b'' if data else b'GET / HT') + b'TP/1.1\r\nHost: a.test\r\n\r\n')
            got = Reader(client).response()
            if not got or got[0] != 200:
                return f'allocation {nth}: no answer: {got}', nth
        client.close()
        if not failed:
            return ('' if error == 0 else f'without a failure: error {error}'), nth - 1
        if error not in (0, NO_MEMORY, NO_BUFFERS):
            return f'allocation {nth}: error {error}', nth
    return 'there is no end of allocations', nth


def every_take(v, listens):
    """The same of a client that is given back, which was handed over, or accepted here."""
    for nth in range(1, 300):
        client, here = connect(v, VIP[v], 80 if listens else 81), None
        if listens:
            client.sendall(CONNECT)
        else:
            here = listeners[v].accept()[0]
            error, said = family.hand(here, VIP[v], 80, CONNECT)
            if error:
                return f'not handed over: {said}', nth
            here.close()
        ident = number(attributes(monitor.recv(65536)[20:])[1])
        error, reply, failed = family.ask(TAKE, attr(1, struct.pack('=Q', ident)), 0, nth)
        found = attributes(reply[4:])
        if error == NO_MEMORY:
            error, fd, _ = family.take(ident)
            # A socket that never had a file cannot do without one: its client has gone.
            if error and not (listens and error == 2):
                return f'allocation {nth}: it cannot be taken afterwards: error {error}', nth
        elif error == 0:
            fd = number(found[3])
        else:
            fd = None
        if error == 0:
            with socket.socket(fileno=fd) as back:
                back.settimeout(20)
                if not works(client, back):
                    return f'allocation {nth}: what was taken does not work', nth
        elif fd is None and error not in (2, NO_BUFFERS):
            return f'allocation {nth}: error {error}', nth
        client.close()
        if not failed:
            return '', nth - 1
    return 'there is no end of allocations', nth


family = Family()
listeners = {v: listen(B, v, 81, VIP[v]) for v in VERSIONS}
monitor = back_listener()
monitor.settimeout(20)
helpers = [beside(serve, 8000), beside(daemon, (443,), SEED, False)]
visitors = []
for v in VERSIONS:
    relay_service(VIP[v], 80, pools=[(f'{name}-{v}', [(server(v, i), 8000) for i in range(2)]) for name in ('p0', 'p1', 'p2')],
                  routes=[f'one prefix /one pool p1-{v}', f'two prefix /two pool p2-{v}', f'all pool p0-{v}'])
    relay_service(VIP[v], 443, routes=[f'all pool p0-{v}'])
    until(20, lambda: refused(lambda: connect(v, server(v, 1), 8000).close()) is not True)
injected = 0
for v in VERSIONS:
    def no_config():
        family.ask(CONFIG_DEL, service_key(1, VIP[v], 80))
    def with_config():
        family.ask(CONFIG_SET, config_words(v, listen=1))
    for name, command, words, flags, undo, state in (
            ('config-set', CONFIG_SET, config_words(v, retries=1), 0, no_config, configured),
            ('config-set that listens', CONFIG_SET, config_words(v, listen=1), 0, no_config, lambda: (configured(), listened(v))),
            ('config-set of what listens', CONFIG_SET, config_words(v, retries=3), 0, None, lambda: listened(v)),
            ('config-get', CONFIG_GET, b'', DUMP, None, configured),
            ('config-del', CONFIG_DEL, service_key(1, VIP[v], 80), 0, with_config, lambda: (configured(), listened(v))),
            ('stats-get', STATS, b'', 0, None, configured),
            ('client-get', CLIENTS, b'', DUMP, None, configured)):
        wrong, count = every_allocation(command, words, flags, undo, state)
        injected += count
        check(f'IPv{v}, {name}: {count} allocations failed, and it is as if nothing had been asked', not wrong, wrong)
    for data in (b'', b'GET / HT'):
        wrong, count = every_hand(v, data)
        injected += count
        check(f'IPv{v}, client-hand with {len(data)} bytes: {count} failed, and the socket is ours or the kernel\'s', not wrong, wrong)
    no_config()
    for listens in (0, 1):
        family.config(VIP[v], 80, listen=listens)
        wrong, count = every_take(v, listens)
        injected += count
        check(f'IPv{v}, client-take, {"accepted" if listens else "handed over"}: {count} failed, and none is lost', not wrong, wrong)
check('allocations did fail', injected > 40, injected)
monitor.close()
check('no client is left', until(60, lambda: family.stats()['clients'] == 0), family.stats())


# Allocations of the work that is done for clients: that of the kernel's workers, not of those who ask and answer.

def mark():
    """Whatever worker there is may fail."""
    for pid in os.listdir('/proc'):
        if pid.isdigit():
            with contextlib.suppress(OSError):
                if get(f'/proc/{pid}/comm').startswith('kworker/'):
                    put(f'/proc/{pid}/make-it-fail', 1)


def failing(percent):
    for kind in ('failslab', 'fail_page_alloc'):
        put(f'/sys/kernel/debug/{kind}/probability', percent)


def failures():
    return sum(1 << 30 for kind in ('failslab', 'fail_page_alloc')) - sum(
        int(get(f'/sys/kernel/debug/{kind}/times')) for kind in ('failslab', 'fail_page_alloc'))


for kind in ('failslab', 'fail_page_alloc'):
    put(f'/sys/kernel/debug/{kind}/times', 1 << 30)
for v in VERSIONS:
    for port in (80, 443):
        check_eq(f'IPv{v}, port {port}: before, all is answered', None, all_kinds_work(v, port))
total, wrong = {}, []
for percent in (1, 5, 20):
    some = [beside(visits, f'visits-{percent}-{i}', (80, 443), 4, SEED + i, 25) for i in range(2)]
    began, failed = time.monotonic(), failures()
    mark()
    failing(percent)
    # A busy machine needs longer until enough have failed.
    while time.monotonic() < began + int(os.environ['SECONDS_OF_FAULTS']) or failures() - failed <= 10 and time.monotonic() < began + 60:
        mark()
        time.sleep(0.3)
    failing(0)
    check('visitors end in order', all([end(child) for child in some]))
    counts = {}
    for i in range(len(some)):
        seen, bad = report(f'visits-{percent}-{i}')
        counts = {key: counts.get(key, 0) + value for key, value in seen.items()}
        wrong += bad
    note(f'{percent} % of allocations: {failures() - failed} failed; {counts}')
    check(f'{percent} %: allocations did fail', failures() - failed > 10, failures() - failed)
    check(f'{percent} %: some are answered', counts.get('answered', 0) > 5 or percent > 5, counts)
    check_eq(f'{percent} %: none waited in vain', 0, counts.get('stalled'))
    for v in VERSIONS:
        for port in (80, 443):
            check_eq(f'{percent} %: IPv{v}, port {port}: afterwards all is answered', None, all_kinds_work(v, port))
check('what was answered is right, and what was cut looks so', not wrong, '\n'.join(wrong[:10]))
check('no client is left', until(90, lambda: family.stats()['clients'] == 0), family.stats())
for child in helpers:
    end(child, signal.SIGKILL)
busy = [(s['pool'], s['address'], s['active'], s['inactive']) for s in listing('server', 'show') if s['active'] or s['inactive']]
check_eq('no server counts a request', [], busy)
note(f'{family.stats()}; refused: {refusals()}')
adm('-C')
family.close()
check('and the modules go', until(20, lambda: not subprocess.run(['rmmod', 'sluice_ktls', 'sluice'], capture_output=True, check=False).returncode))
EOP
