#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sockets are handed over to stratum relay and taken back, and what is said of services is kept with them.
# Targets: uml uml-debug
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_ktls
setup_balancer 1
python_cases <<'EOP'
import ctypes
import fcntl
import contextlib
import resource
import signal
import threading

from netlink import *
from sluicetest import *

OTHER = b'CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n'
WHY_CONNECT = 3
# TLS 1.2 with AES-128-GCM; what is in the key is all the same.
KEY = struct.pack('=HH', 0x303, 51) + bytes(36)
KEYS = ('timeout-head', 'timeout-idle', 'timeout-body', 'timeout-connect', 'timeout-response', 'timeout-tunnel')
# The kernel closes the descriptor.
OWN = attr(20, b'\1')
nl = Netlink(B, RELAY_NAME)


def named(v, port=80, protocol=6):
    return nest(2, attr(1, bytes([protocol])) + attr(2, socket.inet_pton(FAMILY[v], VIP[v])) +
                attr(3, struct.pack('!H', port)))


def number(data):
    return struct.unpack('=Q' if len(data) == 8 else '=I', data)[0]


def hand(v, fd, *more, port=80):
    """The client's number, whose descriptor is closed then, or the error and what was said."""
    fd = fd if isinstance(fd, int) else fd.fileno()
    got = nl.relay('client_hand', named(v, port) + attr(3, struct.pack('=i', fd)) + OWN + b''.join(more))
    return number(got[1]) if isinstance(got, dict) else got


def is_open(fd):
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def of_bpf(s):
    """A map of BPF that has this socket, too: its descriptor."""
    libc = ctypes.CDLL(None, use_errno=True)
    number = {'x86_64': 321, 'aarch64': 280}[os.uname().machine]

    def call(command, what):
        got = libc.syscall(number, command, ctypes.create_string_buffer(what, 128), 128)
        if got < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return got

    key, value = ctypes.c_uint32(0), ctypes.c_uint32(s.fileno())
    # BPF_MAP_CREATE of a BPF_MAP_TYPE_SOCKMAP, BPF_MAP_UPDATE_ELEM
    made = call(0, struct.pack('=IIII', 15, 4, 4, 1))
    call(2, struct.pack('=IIQQQ', made, 0, ctypes.addressof(key), ctypes.addressof(value), 0))
    return made


def take(id):
    return nl.relay('client_take', attr(1, struct.pack('=Q', id)))


def clients():
    return {c['id']: c for c in listing('client', 'show')}


def come(v):
    """A client, and its socket here."""
    client = connect(v, VIP[v], 80)
    return client, listeners[v].accept()[0]


def ended(s):
    """Whether the other end has closed; with TLS it says so first."""
    try:
        while s.recv(4096):
            pass
    except ConnectionResetError:
        pass
    return True


def waiting(id):
    return until(10, lambda: clients().get(id, {}).get('phase') == 'back')


def stats():
    return json.loads(adm('relay', 'stats', '--json'))


def nobody():
    """Whether all clients are gone, which takes the time of a work item."""
    return until(10, lambda: stats()['clients'] == 0)


def fds():
    return len(os.listdir('/proc/self/fd'))


listeners = {v: listen(B, v, 80, VIP[v]) for v in VERSIONS}
check('stratum relay is there', 'relay' in info()['strata'], info())
for v in VERSIONS:
    adm('-R', stdin=f'-A -t {endpoint(VIP[v], 80)} --stratum relay\n-A -t {endpoint(VIP[v], 81)}\n')

with ns(B):
    monitor = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
monitor.bind((0, 0))
# The number of the group is in what is told of the family.
control = Netlink(B, RELAY_NAME)
control.family = 16
told = attributes(control.ask(3, text(2, RELAY_NAME))[1][4:])
group = number(attributes(next(iter(attributes(told[7]).values())))[2])
monitor.setsockopt(270, 1, group)
monitor.settimeout(10)

for v in VERSIONS:
    # Handed over, listed, ended.
    client, here = come(v)
    id = hand(v, here, attr(6, b'GET / HT'))
    check(f'IPv{v}: a socket is handed over', isinstance(id, int), id)
    check(f'IPv{v}: its descriptor is closed', not is_open(here.detach()))
    shown = clients()[id]
    check_eq(f'IPv{v}: and listed', ({'protocol': 'tcp', 'address': VIP[v], 'port': 80}, CLIENT[v],
                                     client.getsockname()[1], False),
             tuple(shown[k] for k in ('service', 'source', 'source-port', 'tls')))
    check(f'IPv{v}: it waits for the rest of its head', shown['phase'] in ('idle', 'head'), shown)
    check_eq(f'IPv{v}: only one that waits for it is given back',
             (16, 'the client does not wait to be taken back'), take(id))
    check_eq(f'IPv{v}: those of another service', [], listing('client', 'show', '-t', endpoint(VIP[v], 81)))
    check(f'IPv{v}: in words', f'{id} ' in adm('client', 'show', '-n', '-t', endpoint(VIP[v], 80)))
    adm('client', 'del', str(id))
    check(f'IPv{v}: ended, its client is told', ended(client))
    check_eq(f'IPv{v}: and it is gone', (2, 'no client of this number: it ended, or was taken'), take(id))
    client.close()

    # Given back with all that was read, however much.
    for data in (OTHER, (OTHER + bytes(range(256)) * 64)[:16384]):
        before = fds()
        client, here = come(v)
        inode = os.fstat(here.fileno()).st_ino
        source = '192.0.2.77' if v == 4 else '2001:db8::77'
        id = hand(v, here, attr(6, data), attr(4, socket.inet_pton(FAMILY[v], source)))
        here.detach()
        event = attributes(monitor.recv(65536)[20:])
        check_eq(f'IPv{v}: whoever listens is told', (id, WHY_CONNECT), (number(event[1]), event[15][0]))
        check_eq(f'IPv{v}: of its service', named(v)[4:], event[2])
        check(f'IPv{v}: and it waits', waiting(id), clients())
        check_eq(f'IPv{v}: with the address that was given', source, clients()[id]['source'])
        # A process that can open no more files leaves it there.
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))
        full = take(id)
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        check_eq(f'IPv{v}: no file descriptor is left', (24, 'the process that asks can open no more files'), full)
        got = take(id)
        fd = struct.unpack('=i', got[3])[0]
        check_eq(f'IPv{v}: the same socket is taken back', (inode, 1),
                 (os.fstat(fd).st_ino, fcntl.fcntl(fd, fcntl.F_GETFD)))
        check_eq(f'IPv{v}: with what belongs to it', (id, named(v)[4:], socket.inet_pton(FAMILY[v], source), b'\0'),
                 (number(got[1]), got[2], got[4], got[5]))
        check(f'IPv{v}: and with {len(data)} bytes', got[6] == data, (len(got[6]), got[6][:80]))
        check_eq(f'IPv{v}: nobody else gets it', (2, 'no client of this number: it ended, or was taken'), take(id))
        here = socket.socket(fileno=fd)
        here.settimeout(20)
        check(f'IPv{v}: it goes on', works(client, here))
        here.close()
        client.close()
        check_eq(f'IPv{v}: no file descriptor is kept', before, fds())

    # What cannot be handed over.
    client, here = come(v)
    lone = make_socket(B, v, 'tcp')
    udp = make_socket(B, v, 'udp')
    with ns(B):
        unix, other = socket.socketpair()
    file = os.open('/dev/null', os.O_RDONLY)
    tls_client, tls = come(v)
    tls.setsockopt(socket.IPPROTO_TCP, 31, b'tls')
    half_client, half = come(v)
    half.setsockopt(socket.IPPROTO_TCP, 31, b'tls')
    half.setsockopt(282, 1, KEY)
    bpf_client, bpf = come(v)
    sockmap = of_bpf(bpf)
    check(f'IPv{v}: who was ended or taken is counted no more', nobody(), stats())
    before = fds(), nl.relay('stats_get')
    one = attr(5, b'\1')
    for name, found, error, said in (
            ('no file', hand(v, 9999), 9, 'no open file descriptor of the process that asks'),
            ('another file', hand(v, file), 88, 'the file descriptor is not a socket'),
            ('UDP', hand(v, udp), 22, 'the socket is not one of TCP'),
            ('a UNIX socket', hand(v, unix), 22, 'the socket is not one of TCP'),
            ('one that is not connected', hand(v, lone), 22,
             'the socket is not connected, or is closed in this direction'),
            ('one that listens', hand(v, listeners[v]), 22,
             'the socket is not connected, or is closed in this direction'),
            ('one of another namespace', hand(v, client), 22, 'the socket is of another network namespace'),
            ('no TLS', hand(v, here, one), 22, 'kTLS is not switched on for the socket'),
            ('TLS', hand(v, tls), 22, 'kTLS is switched on for the socket: say so by tls 1'),
            ('no TLS yet', hand(v, tls, one), 22,
             'the socket has no kTLS by software in both directions'),
            ('half of TLS', hand(v, half, one), 22,
             'the socket has no kTLS by software in both directions'),
            ('one of BPF', hand(v, bpf), 22, 'another part of the kernel uses the socket, too'),
            ('no such service', hand(v, here, port=82), 2, 'no such service of stratum relay'),
            ('one of another stratum', hand(v, here, port=81), 2, 'no such service of stratum relay'),
            ('too much', hand(v, here, attr(6, bytes(16385))), 90,
             'more than 16384 bytes: serve the request elsewhere'),
            ('half an address', hand(v, here, attr(4, bytes(5))), 22,
             'an address has 4 bytes (IPv4) or 16 bytes (IPv6)'),
            ('UDP\'s service', nl.relay('client_hand', named(v, 80, 17) + attr(3, struct.pack('=i', 0)) + OWN), 22,
             'stratum relay is for TCP only'),
            ('no service', nl.relay('client_hand', attr(3, struct.pack('=i', 0)) + OWN), 22, 'name the service'),
            ('no socket', nl.relay('client_hand', named(v) + OWN), 22, 'give the socket\'s file descriptor'),
            ('one of who does not know what becomes of it',
             nl.relay('client_hand', named(v) + attr(3, struct.pack('=i', here.fileno()))), 22,
             'say by own 1 that the descriptor is closed by the kernel'),
            ('nobody', nl.relay('client_take'), 22, 'name the client by its id'),
            ('nobody to end', nl.relay('client_del', attr(1, struct.pack('=I', 99999))), 2,
             'no client of this number: it ended, or was taken')):
        check_eq(f'IPv{v}: refused: {name}', (error, said), found)
    check_eq(f'IPv{v}: nothing has changed', before, (fds(), nl.relay('stats_get')))
    check(f'IPv{v}: the socket neither', works(client, here))
    # What is missing to TLS is all that was wrong with it.
    half.setsockopt(282, 2, KEY)
    id = hand(v, half, one)
    half.detach()
    check_eq(f'IPv{v}: both directions of TLS are', True, clients().get(id, {}).get('tls'))
    adm('client', 'del', str(id))
    check(f'IPv{v}: and its client is told of the end', ended(half_client))
    for s in (client, here, lone, udp, unix, other, tls_client, tls, half_client, bpf_client, bpf):
        s.close()
    os.close(sockmap)
    os.close(file)

nobody()
check_eq('counted', (0, 8, 4, 4), (stats()['clients'], stats()['accepted'], stats()['returned']['connect'],
                                   sum(stats()['returned'].values())))
check('and in words', 'returned: route 0, version 0, upgrade 0, connect 4' in adm('relay', 'stats'))

with ns(B):
    done = subprocess.run(['setpriv', '--bounding-set', '-net_admin', '--inh-caps', '-net_admin', 'sluiceadm',
                           'relay', 'stats'], capture_output=True, text=True, check=False)
check_eq('it takes a privilege', (1, 'sluiceadm: relay: permission denied: CAP_NET_ADMIN is needed (run as root)\n'),
         (done.returncode, done.stderr))

# What is said of services.
for v in VERSIONS:
    at = endpoint(VIP[v], 80)
    to = ('-t', at)
    check_eq(f'IPv{v}: nothing was said', [], listing('relay', 'show', *to))
    adm('relay', 'set', *to, 'retries=1')
    default = listing('relay', 'show', *to)[0]
    check(f'IPv{v}: the rest is the default', default['retries'] == 1 and all(default[k] >= 100 for k in KEYS),
          default)
    adm('relay', 'set', *to, 'timeout-head=5s', 'timeout-idle=1m', 'requests-max=1000', 'add=forwarded,request-id',
        'websocket=off')
    said = {**default, 'timeout-head': 5000, 'timeout-idle': 60000, 'requests-max': 1000,
            'add': ['forwarded', 'request-id'], 'websocket': False}
    check_eq(f'IPv{v}: what is given changes, the rest stays', [said], listing('relay', 'show', *to))
    adm('relay', 'set', *to, 'add=none', 'requests-max=0', 'retries=0', 'timeout-tunnel=2h')
    said = {**said, 'add': [], 'requests-max': 0, 'retries': 0, 'timeout-tunnel': 7200000}
    check_eq(f'IPv{v}: down to nothing', [said], listing('relay', 'show', *to))
    words = adm('relay', 'show', *to).splitlines()[1].split(None, 1)
    check_eq(f'IPv{v}: in words', f'tcp/{at}', words[0])
    check(f'IPv{v}: all of them', words[1].startswith('timeout-head=5000ms timeout-idle=60000ms ') and
          words[1].endswith(' requests-max=0 retries=0 add=none websocket=off listen=off request-id=X-Request-Id'), words[1])
    saved = adm('-S')
    check(f'IPv{v}: saved', saved.endswith(f'relay set -t {at} {words[1]}\n'), saved)
    adm('--replace', '-', stdin=saved)
    check_eq(f'IPv{v}: replaced by the same', saved, adm('-S'))
    adm('relay', 'set', *to, 'retries=7')
    adm('-R', stdin=f'relay set -t {at} {words[1]}\n')
    check_eq(f'IPv{v}: restored', saved, adm('-S'))
    adm('--replace', '-', stdin=''.join(line + '\n' for line in saved.splitlines() if not line.startswith('relay')))
    check_eq(f'IPv{v}: replaced by nothing', [], listing('relay', 'show'))
    # A line that is refused keeps nothing else from being done.
    adm('relay', 'set', *to, 'retries=7')
    refused = [line for line in saved.splitlines() if not line.startswith('relay')]
    refused.append(f'relay set -t {endpoint(VIP[v], 81)} retries=1')
    with ns(B):
        done = subprocess.run(['sluiceadm', '--replace', '-'], input='\n'.join(refused) + '\n', capture_output=True, text=True, check=False)
    check_eq(f'IPv{v}: replaced, but for a line that is refused', (1, f'sluiceadm: standard input:{len(refused)}: relay of service '
             f'tcp/{endpoint(VIP[v], 81)}: no such service of stratum relay (service)\n'), (done.returncode, done.stderr))
    check_eq(f'IPv{v}: all else is as the lines say', [], listing('relay', 'show'))
    adm('-C')
    adm('-R', stdin=saved)
    check_eq(f'IPv{v}: -S, -C, -R gives the same -S', saved, adm('-S'))
    for words, text in (
            (f'relay set -t {endpoint(VIP[v], 81)} retries=1',
             f'relay of service tcp/{endpoint(VIP[v], 81)}: no such service of stratum relay (service)'),
            (f'relay del -t {endpoint(VIP[v], 81)}',
             f'relay of service tcp/{endpoint(VIP[v], 81)}: nothing was said of this service (service)'),
            ('client del 99999', 'client 99999: no client of this number: it ended, or was taken (id)')):
        with ns(B):
            done = subprocess.run(['sluiceadm', *words.split()], capture_output=True, text=True, check=False)
        check_eq(words, (1, '', f'sluiceadm: {text}\n'), (done.returncode, done.stdout, done.stderr))
    config = nest(1, named(v)[4:])
    check_eq(f'IPv{v}: nothing to say',
             (22, 'nothing to say of the service: give a time-out, requests-max, retries, add, websocket, listen, request-id or sticky-key'),
             nl.relay('config_set', config))
    check_eq(f'IPv{v}: header fields that there are not', 22,
             nl.relay('config_set', config + attr(10, struct.pack('=I', 8)))[0])
    check_eq(f'IPv{v}: what is refused changes nothing', saved, adm('-S'))
    adm('relay', 'del', *to)
    check_eq(f'IPv{v}: forgotten', [], listing('relay', 'show', *to))
    adm('relay', 'set', *to, 'retries=3')
    adm('-D', *to)
    adm('-A', *to, '--stratum', 'relay')
    check_eq(f'IPv{v}: it ends with its service', [], listing('relay', 'show', *to))

# Who has a socket open can lock it for as long as it likes, so the kernel takes none that somebody else has open, too.
BAD = b'GET\r\n\r\n'
OPEN = (16, 'the socket is open elsewhere, too: by a descriptor, a message or a call')


def dup(client, here):
    other = os.dup(here.fileno())
    return lambda: os.close(other)


def message(client, here):
    pair = socket.socketpair()
    socket.send_fds(pair[0], [b'x'], [here.fileno()])
    return lambda: [s.close() for s in pair]


def child(client, here):
    pid = os.fork()
    if not pid:
        signal.pause()

    def end():
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return end


def call(client, here):
    """A thread that waits for the second of two bytes: it has taken the first one."""
    here.settimeout(None)
    thread = threading.Thread(target=here.recv, args=(2, socket.MSG_WAITALL))
    thread.start()
    client.send(b'1')
    check('a call takes a byte', until(20, lambda: not queued(client, SIOCOUTQ) and not queued(here, SIOCINQ)))

    def end():
        client.send(b'2')
        thread.join()
    return end


SIOCINQ, SIOCOUTQ = 0x541b, 0x5411


def queued(s, what):
    return struct.unpack('=i', fcntl.ioctl(s, what, bytes(4)))[0]


def accepted():
    """Without a child, whose end would interrupt a call of a thread."""
    return number(nl.relay('stats_get')[2])


def answered(client):
    client.settimeout(20)
    try:
        return client.recv(4096).startswith(b'HTTP/1.1 400 ')
    except OSError:
        return False


for v in VERSIONS:
    for holder in (dup, message, child, call):
        case = f'IPv{v}: open in another place ({holder.__name__})'
        client, here = come(v)
        fd = here.fileno()
        end = holder(client, here)
        before = accepted()
        check_eq(f'{case}: it is not taken', OPEN, hand(v, here, attr(6, BAD)))
        check_eq(f'{case}: nothing has changed', (True, before), (is_open(fd), accepted()))
        end()
        here.settimeout(20)
        check(f'{case}: the socket neither', works(client, here))
        # Who has let go of it may be on its way out still.
        check(f'{case}: afterwards it is taken', until(20, lambda: isinstance(hand(v, fd, attr(6, BAD)), int)))
        check(f'{case}: its descriptor is closed', not is_open(fd))
        here.detach()
        check(f'{case}: and it is served', answered(client))
        client.close()

# Another thread gets at it whenever it can: it is in time, or too late, and nothing between.
busy = taken = 0
racing, racer_fd = True, -1


def race():
    while racing:
        with contextlib.suppress(OSError):
            os.close(os.dup(racer_fd))


racer = threading.Thread(target=race)
racer.start()
for i in range(200):
    client, here = come(4)
    fd = racer_fd = here.fileno()
    got = hand(4, fd, attr(6, BAD))
    if got == OPEN:
        busy += 1
        fine = works(client, here)
    else:
        taken += 1
        fine = isinstance(got, int) and not is_open(fd) and answered(client)
        here.detach()
    racer_fd = -1
    here.close()
    client.close()
    if not fine:
        break
racing = False
racer.join()
check('a thread that gets at it meanwhile', fine, (i, got))
note(f'taken {taken} times, in use {busy} times')
check('they all end', nobody(), stats())

# What is there at the end goes with the namespace.
for v in VERSIONS:
    client, here = come(v)
    hand(v, here, attr(6, OTHER))
    here.detach()
    adm('relay', 'set', '-t', endpoint(VIP[v], 80), 'retries=4')
EOP
