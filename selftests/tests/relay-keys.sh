#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Who has a client's secrets is asked for new keys, borrows its socket, and is told when it ends; whatever it answers, or does not, comes to an end.
# Targets: uml uml-debug
# Timeout: 300
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

need_command openssl
need_module tls
load_sluice
load_ktls
setup_balancer 1
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$TEST_DIR/key" -out "$TEST_DIR/cert" \
	-subj /CN=a.test -addext subjectAltName=DNS:a.test -days 2 2>/dev/null || fatal "no certificate"
python_cases <<'EOP'
import os
import time

from sluicetest import *
from relay import *
from relay_tls import *
from tls_session import *

ABLE = tuple(int(x) for x in re.match(r'(\d+)\.(\d+)', os.uname().release).groups()) >= (6, 14)
EINVAL, ERANGE, EOPNOTSUPP, EBUSY, ENOENT = 22, 34, 95, 16, 2
NOT_THAT = 'the client does not wait for that'
family, listening = Family(), Family()
listening.s.settimeout(20)
port = listening.s.getsockname()[0]
keys = [1000]


def next_keys():
    keys[0] += 1
    return attr(16, struct.pack('=I', port)) + attr(17, struct.pack('=Q', keys[0]))


def says(got):
    return got and got[2].decode()


def gone(reader):
    try:
        return reader.rest() or 'in order'
    except ConnectionResetError:
        return 'reset'


def event(kind):
    """Attributes of the next event of a kind; of others there must not be any."""
    command, found = listening.event()
    check_eq('the event is the one that is expected', kind, command)
    return found


for v in VERSIONS:
    Origin(S[0], v, 8000).label = 's'
    relay_service(VIP[v], 443, pools=[(f'p-{v}', [(server(v, 0), 8000)])], routes=[f'all pool p-{v}'])
    relay_service(VIP[v], 80, pools=[(f'q-{v}', [(server(v, 0), 8000)])], routes=[f'all pool q-{v}'])

# What is refused at once.
plain = listen(B, 4, 80, VIP[4])
far = connect(4, VIP[4], 80)
near, _ = plain.accept()
for name, more, error, said in (
        ('a port alone', attr(16, struct.pack('=I', port)), EINVAL, 'give keys-port and keys together'),
        ('a number alone', attr(17, struct.pack('=Q', 7)), EINVAL, 'give keys-port and keys together'),
        ('the kernel', attr(16, bytes(4)) + attr(17, struct.pack('=Q', 7)), ERANGE, 'integer out of range'),
        ('a client in clear', attr(16, struct.pack('=I', port)) + attr(17, struct.pack('=Q', 7)), EINVAL,
         'a client without TLS has no keys')):
    check_eq(f'{name} is refused', (error, said), family.hand(near, VIP[4], 80, keys=more))
none = 'no client of this number: it ended, or was taken'
check_eq('nobody to lend', (ENOENT, none), (family.rekey(LEND, 99)[0], family.said))
check_eq('nobody to give keys', (ENOENT, none), (family.rekey(REKEY, 99, attr(19, b'\1'))[0], family.said))
error, ident = family.hand(near, VIP[4], 80)
check_eq('one that does not wait', (EBUSY, NOT_THAT), (family.rekey(LEND, ident)[0], family.said))
for set_ in (0, 1):
    check_eq(f'nor for an answer, {set_}', (EBUSY, NOT_THAT), (family.rekey(REKEY, ident, attr(19, bytes([set_])))[0], family.said))
check_eq('an answer that is none', (EINVAL, 'say by rekeyed what came of it'), (family.rekey(REKEY, ident)[0], family.said))
near.close()
far.close()

serve_handshakes(443, keys=next_keys)


def session(v):
    """A client, and the keys that its secrets have."""
    c = Reader(Session(connect(v, VIP[v], 443)))
    check_eq(f'IPv{v}: before', f's / {hashlib.sha256().hexdigest()[:16]}', says(ask(c)))
    return c, keys[0]


def updated(v, requested=False):
    """A client that has changed its keys, and what is told of that."""
    c, number_ = session(v)
    c.sock.update(requested)
    found = event(KEY_UPDATE)
    check_eq(f'IPv{v}: it is known', (number_, int(requested)), (found.get(17), found.get(18)))
    return c, found[1], number_


def ended(v, c, ident, number_, how, case):
    check_eq(f'IPv{v}: {case}', how, gone(c))
    c.sock.close()
    check_eq(f'IPv{v}: {case}: it is told', {1: ident, 17: number_}, event(GONE))
    check_eq(f'IPv{v}: {case}: it is gone', ENOENT, family.rekey(LEND, ident)[0])




if not ABLE:
    try:
        c = Reader(Session(connect(4, VIP[4], 443)))
    except OSError:
        pass
    check('a kernel that cannot says so', until(10, lambda: handshake_problems), handshake_problems)
    check_eq('by its number', [f'this kernel cannot change keys: leave keys-port and keys out ({EOPNOTSUPP})'], handshake_problems[:1])
for v in VERSIONS if ABLE else ():
    # It ends without having changed anything.
    c, number_ = session(v)
    c.sock.shutdown()
    check_eq(f'IPv{v}: an end in order', 'in order', gone(c))
    c.sock.close()
    check_eq(f'IPv{v}: is told', number_, event(GONE)[17])

    # Nobody has its secrets.
    c, ident, number_ = updated(v)
    check_eq(f'IPv{v}: keys are not set without the socket', EBUSY, family.rekey(REKEY, ident, attr(19, b'\1'))[0])
    check_eq(f'IPv{v}: there are none', 0, family.rekey(REKEY, ident, attr(19, b'\0'))[0])
    ended(v, c, ident, number_, 'in order', 'nobody has keys')

    # Borrowed, by one at a time, and given back without keys; or with a lie.
    for set_ in (0, 1):
        c, ident, number_ = updated(v)
        error, fd = family.rekey(LEND, ident)
        check_eq(f'IPv{v}: its socket is lent', (0, 0), (error, os.get_blocking(fd) and 0))
        check_eq(f'IPv{v}: to one', (EBUSY, NOT_THAT), (family.rekey(LEND, ident)[0], family.said))
        os.close(fd)
        check_eq(f'IPv{v}: an answer', 0, family.rekey(REKEY, ident, attr(19, bytes([set_])))[0])
        check_eq(f'IPv{v}: and no other one', True, family.rekey(REKEY, ident, attr(19, b'\1'))[0] in (EBUSY, ENOENT))
        ended(v, c, ident, number_, 'in order', f'an answer without keys, {set_}')

    # No answer.
    for requested, lent, how in ((False, False, 'in order'), (True, False, 'in order'), (False, True, 'in order'), (True, True, 'reset')):
        c, ident, number_ = updated(v, requested)
        fd = family.rekey(LEND, ident)[1] if lent else None
        began = time.monotonic()
        if fd is not None:
            os.close(fd)
        check(f'IPv{v}: no answer', until(20, lambda: family.stats()['clients'] == 0))
        check(f'IPv{v}: is not waited for any longer', time.monotonic() - began > 3, time.monotonic() - began)
        ended(v, c, ident, number_, how, f'no answer{", lent" if lent else ""}{", both" if requested else ""}')

    # Who keeps what was borrowed could lock it: it is left alone until nobody has it, whatever the answer, and however late.
    c, ident, number_ = updated(v)
    fd = family.rekey(LEND, ident)[1]
    check_eq(f'IPv{v}: an answer of who keeps the socket', 0, family.rekey(REKEY, ident, attr(19, b'\0'))[0])
    late, late_ident, late_number = updated(v, True)
    late_fd = family.rekey(LEND, late_ident)[1]
    c2, ident2, number2 = updated(v)
    ended(v, c2, ident2, number2, 'in order', 'no answer, of another one')
    check(f'IPv{v}: both are there still', until(20, lambda: family.stats()['clients'] == 2), family.stats())
    os.close(fd)
    ended(v, c, ident, number_, 'in order', 'an answer, and the socket later')
    os.close(late_fd)
    ended(v, late, late_ident, late_number, 'reset', 'too late, and the socket later')

    # A client that ends meanwhile, and one that is killed.
    c, ident, number_ = updated(v)
    fd = family.rekey(LEND, ident)[1]
    reset(c.sock.sock)
    os.close(fd)
    check_eq(f'IPv{v}: one that breaks meanwhile', {1: ident, 17: number_}, event(GONE))
    c, ident, number_ = updated(v)
    fd = family.rekey(LEND, ident)[1]
    check_eq(f'IPv{v}: one is ended', 0, family.ask(KILL, attr(1, struct.pack('=Q', ident)))[0])
    check(f'IPv{v}: it is there while somebody has its socket', until(20, lambda: family.stats()['clients'] == 1), family.stats())
    os.close(fd)
    check_eq(f'IPv{v}: and told', {1: ident, 17: number_}, event(GONE))
    check_eq(f'IPv{v}: when nobody has it any more', 'reset', gone(c))
if ABLE:
    # The owner of the secrets is there no more.
    c, _ = session(4)
    listening.close()
    c.sock.update(True)
    check_eq('without an owner it ends', 'in order', gone(c))
    c.sock.close()
check('nobody is left', until(20, lambda: family.stats()['clients'] == 0), family.stats())
EOP
