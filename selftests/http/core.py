#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The memory of sluiced, with its keys, is in no core dump, and cannot be read by others of its user.
Sets what the kernel does with cores: for a guest. Prints KTAP."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import tempfile

from daemons import Daemons
from devices import Site
from ktap import Ktap

PATTERN = '/proc/sys/kernel/core_pattern'
# 2, as where systemd-coredump is: a process that has become another user leaves a core, too.
BECOME = '/proc/sys/fs/suid_dumpable'
READ = 'import sys\nfor name in ("mem", "environ", "maps"): open(f"/proc/{sys.argv[1]}/{name}", "rb").close()'


@contextlib.contextmanager
def setting(path, value):
    """Another one, for as long as it is needed."""
    with open(path, encoding='ascii') as file:
        before = file.read()
    try:
        with open(path, 'w', encoding='ascii') as file:
            file.write(value)
        yield
    finally:
        with open(path, 'w', encoding='ascii') as file:
            file.write(before)


def reads(pid):
    """Whether somebody of the daemon's user can look into a process; or what went wrong."""
    done = subprocess.run([sys.executable, '-s', '-c', READ, str(pid)], user='nobody', group='nogroup',
                          extra_groups=[], text=True, stderr=subprocess.PIPE, check=False)
    return done.returncode == 0 or ('PermissionError' not in done.stderr and done.stderr)


def crash(process, cores):
    """Its end by SIGSEGV: the signal, whether there was a core, and the files of cores."""
    os.kill(process.pid, signal.SIGSEGV)
    _, status = os.waitpid(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, os.WCOREDUMP(status), len(os.listdir(cores))


def run(ktap, folder, cores):
    """With a place for cores."""
    other = subprocess.Popen(['sleep', '1000'], user='nobody', group='nogroup', extra_groups=[])
    ktap.equal('another process can be read by its user', True, reads(other.pid))
    ktap.equal('and leaves a core', (-signal.SIGSEGV, True, 1), crash(other, cores))
    daemons = Daemons(folder)
    site = Site(folder, ())
    daemons.write(daemons.settings() + f'''\
certificates: {{site: {{file: {site.certificate}}}}}
services: {{tls: {{address: "127.0.0.1:8443", parse: http, tls: {{certificates: [site]}},
  stratum: proxy, routes: [{{name: r, answer: {{status: 204}}}}]}}}}
''')
    wrong = daemons.start()
    ktap.check('it starts', not wrong, wrong)
    if wrong:
        return
    ktap.equal('the daemon cannot be read by its user', False, reads(daemons.last.pid))
    ktap.equal('and leaves no core', (-signal.SIGSEGV, False, 1), crash(daemons.last, cores))


def main():
    ktap = Ktap()
    subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=False)
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        cores = f'{folder}/cores'
        os.mkdir(cores)
        # For root without a capability, too.
        os.chmod(cores, 0o777)
        with setting(PATTERN, f'{cores}/%p'), setting(BECOME, '2'):
            run(ktap, folder, cores)
    ktap.finish()


if __name__ == '__main__':
    main()
