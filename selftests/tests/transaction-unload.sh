#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The module can be unloaded while transactions are open, and their sockets closed after that.
# Targets: uml-debug qemu-7
# Timeout: 60
# Exclusive: yes
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_ns B
setup_ns X
export X
python_cases <<'EOP'
from netlink import *
from sluicetest import *


def loaded():
    return os.path.exists('/sys/module/sluice')


for i in range(5):
    sockets = [Netlink(at) for at in (B, os.environ['X']) for _ in range(3)]
    staged = [s.stage(('pool_new', text(1, 'web') + attr(2, b'\x02')), ('server_new', srv('198.51.100.1')),
                      ('flush', b'')) for s in sockets]
    # A test that runs beside it may list, which holds the module for a moment.
    until(20, lambda: not subprocess.run(['rmmod', 'sluice'], stderr=subprocess.DEVNULL, check=False).returncode)
    if not check(f'{i}: unloaded with open transactions', not loaded() and not any(staged), staged):
        break
    if i % 2:
        for s in sockets:
            s.close()
    subprocess.run(['modprobe', 'sluice'], check=True)
    if not i % 2:
        # What the first load knew of a socket the second one does not.
        other = Netlink()
        sockets[0].family = other.family
        check_eq(f'{i}: a socket of before has no transaction',
                 (2, 'this socket has no open transaction'), sockets[0].do('transaction_commit'))
        for s in sockets + [other]:
            s.close()
    check_eq(f'{i}: nothing was carried out', (0, 0), (info()['services'], info()['pools']))
EOP
