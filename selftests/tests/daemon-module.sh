#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sluiced tells a module that was loaded anew everything, though nothing else happens.
# Targets: uml uml-debug
# Timeout: 60
# Exclusive: yes
. "${0%/*}/../lib/lib.sh"
. "${0%/*}/lib/python.sh"

load_sluice
setup_balancer 1
python_cases <<'EOP'
from sluicetest import *
from sluiced import *

SITE = (f'version: 1\nsettings: {{control: {TEST_DIR}/run/control, user: nobody}}\n'
        f'pools: {{web: {{servers: ["{endpoint(server(4, 0), 80)}"]}}}}\n'
        f'services: {{web: {{address: "{VIP[4]}:80", pool: web}}}}\n')


def remove(module):
    return not subprocess.run(['rmmod', module], stderr=subprocess.DEVNULL, check=False).returncode


def unload():
    # Whoever lists holds a module for a moment; the daemon has asked for that of stratum relay, which needs the other.
    return until(20, lambda: remove('sluice_ktls') + remove('sluice') and not os.path.exists('/sys/module/sluice'))


def load():
    subprocess.run(['modprobe', 'sluice'], check=True)


daemon = Daemon(SITE)
check('it starts', daemon.start()) or note(daemon.log())
before = adm('-S')
check('the module is unloaded', unload())
load()
check('and loaded: it has all again', until(20, lambda: adm('-S') == before)) or note(daemon.log())

# Where it is loaded on demand, it may be back by now.
check('the module is unloaded', unload())
daemon.adm('reload')
load()
check('after a reload without it, it has all again', until(20, lambda: adm('-S') == before)) or note(daemon.log())
check('and takes changes', until(20, lambda: daemon.adm('reload')[0] == 0))
check_eq('it ends', 0, daemon.stop())
# Tests that follow unload the other one by itself.
check('nothing of it holds the module of stratum relay', until(20, lambda: remove('sluice_ktls') or not os.path.exists('/sys/module/sluice_ktls')))
EOP
