#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# relay-clients-max refuses clients of stratum relay, counts them, and leaves those alone that are there; the daemon serves whom it cannot hand over.
# Targets: uml uml-debug
# Timeout: 120
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

need_command openssl
need_module tls
load_sluice
load_ktls
setup_balancer 1
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$TEST_DIR/key" \
	-out "$TEST_DIR/cert" -subj /CN=a.test -addext subjectAltName=DNS:a.test -days 2 2>/dev/null ||
	fatal "no certificate"
cat "$TEST_DIR/cert" "$TEST_DIR/key" >"$TEST_DIR/a.pem"
chmod 644 "$TEST_DIR/a.pem"
python_cases <<'EOP'
import ssl

from sluicetest import *
from sluiced import *
from relay import *

MAX = 3


def status(reader):
    got = ask(reader)
    return got and got[0]


def refuse(v):
    """How a connection ends that is refused; the reset may come before it is known to be there, or before it has asked."""
    try:
        return ask(client(v)) or 'closed'
    except (ConnectionResetError, BrokenPipeError):
        return 'reset'


def stats():
    found = json.loads(adm('relay', 'stats', '--json'))
    return found['clients'], found['refused']


def limits(name):
    found = [s['refusals']['limit'] for s in listing('-L', '-n') if (s['address'], s['port']) == name]
    return found and found[0]


def there(count):
    return until(30, lambda: stats()[0] == count)


for v in VERSIONS:
    Origin(S[0], v, 8000)
family = Family()
check_eq('as many as nobody has said otherwise', 262144, json.loads(adm('settings', 'show', '--json'))['relay-clients-max'])

# Clients that the kernel accepts.
for v in VERSIONS:
    settings(f'relay-clients-max={MAX}')
    relay_service(VIP[v], 80, pools=[(f'web-{v}', [(server(v, 0), 8000)])], routes=[f'all pool web-{v}'])
    family.config(VIP[v], 80, listen=1, idle=1000000)
    before = stats()[1]
    held = []
    for _ in range(MAX):
        held.append(client(v))
        check_eq(f'IPv{v}: client {len(held)} is served', 200, status(held[-1]))
    check_eq(f'IPv{v}: one more is reset', ['reset'] * 2, [refuse(v) for _ in range(2)])
    check_eq(f'IPv{v}: and counted', (MAX, before + 2), stats())
    check_eq(f'IPv{v}: by service, too', 2, limits((VIP[v], 80)))
    check_eq(f'IPv{v}: those that were there go on', [200] * MAX, [status(c) for c in held])
    held.pop().sock.close()
    check(f'IPv{v}: one leaves', there(MAX - 1), stats())
    held.append(client(v))
    check_eq(f'IPv{v}: and the next one is served', 200, status(held[-1]))
    settings('relay-clients-max=1')
    check_eq(f'IPv{v}: lowered, it ends nobody', [200] * MAX, [status(c) for c in held])
    for _ in range(MAX - 1):
        check_eq(f'IPv{v}: while there are more than it allows nobody comes', 'reset', refuse(v))
        held.pop().sock.close()
        check(f'IPv{v}: one leaves', there(len(held)), stats())
    check_eq(f'IPv{v}: nor while there are as many', 'reset', refuse(v))
    settings('relay-clients-max=2')
    held.append(client(v))
    check_eq(f'IPv{v}: raised, it lets the next one in', 200, status(held[-1]))

    # One that is handed over stays with whoever has it.
    listening = listen(B, v, 81, VIP[v])
    adm('-A', '-t', endpoint(VIP[v], 81), '--stratum', 'relay', '--parse', 'http', '--pool', f'web-{v}')
    c = connect(v, VIP[v], 81)
    here = listening.accept()[0]
    before = stats()[1]
    check_eq(f'IPv{v}: one is not taken that is handed over', (28, 'there are as many clients as relay-clients-max allows'),
             family.hand(here, VIP[v], 81))
    check_eq(f'IPv{v}: that is counted', (2, before + 1), stats())
    check_eq(f'IPv{v}: as no refusal of its service', 0, limits((VIP[v], 81)))
    check(f'IPv{v}: its socket is as it was', works(c, here))
    held.pop().sock.close()
    check(f'IPv{v}: one leaves', there(1), stats())
    check_eq(f'IPv{v}: then it is taken', 0, family.hand(here, VIP[v], 81)[0])
    here.close()
    c.settimeout(30)
    check_eq(f'IPv{v}: and served', 200, status(Reader(c)))
    c.close()
    listening.close()
    for each in held:
        each.sock.close()
    check(f'IPv{v}: all leave', there(0), stats())
    adm('-C')

# The daemon serves whom it cannot hand over.
def site():
    def service(name, port, more=''):
        at = ', '.join(f'"{endpoint(VIP[v], port)}"' for v in VERSIONS)
        return (f'  {name}: {{address: [{at}], parse: http{more}, routes: [{{name: all, match: {{prefix: /}}, pool: web}}], '
                'http: {idle-timeout: 10m}}\n')
    servers = ', '.join(f'"{endpoint(server(v, 0), 8000)}"' for v in VERSIONS)
    return (f'version: 1\nsettings: {{control: {TEST_DIR}/run/control, user: nobody, threads: 2, relay-clients-max: 2}}\n'
            f'certificates: {{c: {{file: {TEST_DIR}/a.pem}}}}\npools:\n  web: {{servers: [{servers}]}}\nservices:\n' +
            service('secure', 443, ', tls: {certificates: c}') + service('clear', 80))


def begin(v, name):
    sock = connect(v, VIP[v], 80 if name == 'clear' else 443)
    if name != 'clear':
        context = ssl.create_default_context(cafile=f'{TEST_DIR}/cert')
        context.maximum_version = ssl.TLSVersion.TLSv1_2 if name == 'TLS 1.2' else ssl.TLSVersion.TLSv1_3
        sock = context.wrap_socket(sock, server_hostname='a.test')
    sock.settimeout(30)
    return Reader(sock)


def counts():
    return [sum(s['proxy']['relay'][what] for s in daemon.show()['services']) for what in ('handed', 'kept')]


def counted(expected):
    """The daemon counts a client behind handing it over, which may have its answer by then."""
    return until(30, lambda: counts() == expected)


daemon = Daemon(site())
check('the daemon starts', daemon.start()) or note(daemon.log())
check_eq('it sets the limit', 2, json.loads(adm('settings', 'show', '--json'))['relay-clients-max'])
refused_before, expected = stats()[1], [0, 0]
for v in VERSIONS:
    for name in ('clear', 'TLS 1.2', 'TLS 1.3'):
        case = f'IPv{v}, {name}'
        held = [begin(v, name) for _ in range(2)]
        check_eq(f'{case}: two are served', [200, 200], [status(c) for c in held])
        check_eq(f'{case}: in the kernel', 2, stats()[0])
        more = [begin(v, name) for _ in range(2)]
        check_eq(f'{case}: more, too', [200, 200], [status(c) for c in more])
        expected = [expected[0] + 2, expected[1] + 2]
        check(f'{case}: by the daemon', counted(expected), counts())
        check_eq(f'{case}: as they are refused', (2, refused_before + expected[1]), stats())
        held.pop().sock.close()
        check(f'{case}: one leaves', there(1), stats())
        held.append(begin(v, name))
        check_eq(f'{case}: the next one is served', 200, status(held[-1]))
        expected[0] += 1
        check(f'{case}: in the kernel', counted(expected) and stats()[0] == 2, (counts(), stats()))
        check_eq(f'{case}: and all go on', [200] * 4, [status(c) for c in held + more])
        body = pattern(300000)
        check_eq(f'{case}: whoever serves them, with what they send', [hashlib.sha256(body).hexdigest()[:16]] * 2,
                 [ask(c, '/up', 'POST', f'Content-Length: {len(body)}\r\n', body)[2].decode()[-16:] for c in (held[0], more[0])])
        for c in held + more:
            c.sock.close()
        check(f'{case}: all leave', there(0), stats())
check('it says so', 'stratum proxy serves them: there are as many clients as relay-clients-max allows' in daemon.log()) or \
    note(daemon.log())
check_eq('it ends', 0, daemon.stop())
EOP
