# SPDX-License-Identifier: GPL-2.0-or-later
"""The real systemd as process 1 of a container, with our unit as it is installed, for programs that
python_cases (python.sh) runs. /etc, /run, /root and logs are its own; the network is the caller's, files and
processes are seen from outside too."""

import os
import subprocess

from sluicetest import TEST_DIR, until

PATIENCE = 60

# What has nothing to do in a container without devices, or would only cost time.
MASKED = '''systemd-udevd.service systemd-udevd-control.socket systemd-udevd-kernel.socket systemd-udev-trigger.service
systemd-sysctl.service systemd-modules-load.service systemd-random-seed.service systemd-hwdb-update.service
systemd-sysusers.service systemd-tmpfiles-setup-dev.service systemd-tmpfiles-setup-dev-early.service
systemd-journal-flush.service systemd-journal-catalog-update.service systemd-update-done.service
systemd-machine-id-commit.service systemd-firstboot.service kmod-static-nodes.service ldconfig.service'''.split()

BOOT = '''
set -e
echo $$ >{cgroup}/cgroup.procs
exec unshare --fork --kill-child --pid --mount --cgroup --uts --ipc --propagation private sh -ec '
mount -t proc proc /proc
mount -t tmpfs -o mode=755 etc /mnt
cp -a /etc/. /mnt
mount --bind /mnt /etc
umount /mnt
mount -t tmpfs -o mode=755 run /run
mount -t tmpfs -o mode=755 log /var/log
mount -t tmpfs -o mode=755 home /root
touch /root/secret
umount -l /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
rm -rf /etc/systemd/system
mkdir -p /etc/systemd/system
for unit in {masked}; do ln -s /dev/null /etc/systemd/system/$unit; done
echo 0123456789abcdef0123456789abcdef >/etc/machine-id
exec env -i container=test PATH=$PATH TERM=dumb /usr/lib/systemd/systemd --system --unit=basic.target
'
'''


def statuses():
    """Number and status of each process."""
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{pid}/status', encoding='utf-8') as file:
                yield pid, dict(line.rstrip('\n').split(':\t', 1) for line in file)
        except OSError:
            continue


class Manager:
    """It boots when this is made; 'with' ends it."""

    def __init__(self):
        self.cgroup = '/sys/fs/cgroup/' + os.path.basename(TEST_DIR)
        os.mkdir(self.cgroup)
        self.log = open(f'{TEST_DIR}/manager.log', 'wb')
        self.outside = subprocess.Popen(
            ['sh', '-c', BOOT.format(cgroup=self.cgroup, masked=' '.join(MASKED))],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.init = None

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.outside.kill()
        self.outside.wait()
        until(PATIENCE, self.gone)
        self.log.close()

    def said(self):
        """What came before it could write a journal."""
        with open(self.log.name, encoding='utf-8', errors='replace') as file:
            return file.read()

    def gone(self):
        """Whether nothing is left of it."""
        for folder, _, _ in os.walk(self.cgroup, topdown=False):
            try:
                os.rmdir(folder)
            except OSError:
                return False
        return True

    def find_init(self):
        """Whether process 1 is systemd by now."""
        for pid, status in statuses():
            if status['PPid'] == str(self.outside.pid):
                self.init = pid
                return status['Name'] == 'systemd'
        return False

    def boot(self):
        """Whether it is up."""
        return (until(PATIENCE, self.find_init) and
                until(PATIENCE, lambda: self.run('systemctl', 'is-active', 'basic.target')[0] == 0))

    def run(self, *argv):
        """Status of a command in the container, and what it prints."""
        done = subprocess.run(['nsenter', '-t', self.init, '-m', '-u', '-i', '-p', '-C', '--', *argv],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False)
        return done.returncode, done.stdout.strip()

    def path(self, name):
        """A file of the container."""
        return f'/proc/{self.init}/root{name}'

    def write(self, name, text):
        with open(self.path(name) + '.new', 'w', encoding='utf-8') as file:
            file.write(text)
        os.rename(self.path(name) + '.new', self.path(name))

    def systemctl(self, *argv):
        return self.run('systemctl', '--no-pager', *argv)

    def show(self, unit, name):
        return self.systemctl('show', '-P', name, unit)[1]

    def journal(self, unit):
        return self.run('journalctl', '--no-pager', '-o', 'cat', '-u', unit)[1]

    def seen_from_outside(self, pid):
        """A process of the container as the caller numbers it."""
        return next(int(other) for other, status in statuses()
                    if status['NSpid'].split()[1:] == [str(pid)])
