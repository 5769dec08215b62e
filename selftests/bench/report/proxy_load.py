# SPDX-License-Identifier: GPL-2.0-or-later
"""Proxies side by side on one processor, the load and the origin server on another one."""

import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'http'))

from devices import DEVICES, Site  # pylint: disable=wrong-import-position

PROXY_CPU, LOAD_CPU = 0, 1
ORIGIN_PORT = 9000


class Load:
    """bench-http, with its connections open; run() may be called once."""

    def __init__(self, tools, site, options, length, tls=False):
        port = site.tls_port if tls else site.port
        self.process = subprocess.Popen(
            ['taskset', '-c', str(LOAD_CPU), f'{tools}/bench-http', *options, site.address,
             str(port), str(length)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != 'ready\n':
            raise RuntimeError('the load does not start')

    def run(self):
        """What it says at its end, as an object."""
        self.process.stdin.write('\n')
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError('the load broke off')
        return json.loads(line)

    def end(self):
        """Its connections are closed."""
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


class Bed:
    """The origin server, and the devices, each with ports of its own."""

    def __init__(self, tools, folder, names):
        self.tools, self.folder = tools, folder
        os.chmod(folder, 0o755)
        subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
        with open('/proc/sys/net/ipv4/ip_local_port_range', 'w', encoding='ascii') as file:
            file.write('10000 65000')
        self.origin = subprocess.Popen(
            ['taskset', '-c', str(LOAD_CPU), f'{tools}/bench-origin', str(ORIGIN_PORT)],
            stdout=subprocess.PIPE, text=True)
        self.origin.stdout.readline()
        self.devices = [self.device(name, i) for i, name in enumerate(names)]

    def device(self, name, number):
        """A device, not started yet."""
        folder = f'{self.folder}/{name}'
        os.makedirs(folder, exist_ok=True)
        os.chmod(folder, 0o755)
        return DEVICES[name](Site(folder, (f'127.0.0.1:{ORIGIN_PORT}',), port=8000 + number,
                                  tls_port=8400 + number), PROXY_CPU)

    def start(self):
        """All devices that do not run."""
        for device in self.devices:
            if not device.process:
                device.start()

    def stop(self):
        """Everything."""
        self.stop_devices()
        self.origin.kill()
        self.origin.wait()

    def stop_devices(self):
        """All devices."""
        for device in self.devices:
            if device.process:
                device.stop()
                device.process = None

    def turns(self, rounds):
        """Devices, in turn; each round begins with another one."""
        for i in range(rounds):
            first = i % len(self.devices)
            yield from self.devices[first:] + self.devices[:first]

    def requests(self, device, options, length, tls):
        """The load's object, with cpu_us a request and the proxy's share of its processor."""
        load = Load(self.tools, device.site, options, length, tls)
        spent = device.cpu_ns()
        result = load.run()
        spent = device.cpu_ns() - spent
        load.end()
        if not result['requests'] or result['failures']:
            raise RuntimeError(f"{device.title}: {result['failures']} of "
                               f"{result['requests'] + result['failures']} requests failed")
        result['cpu_us'] = spent / 1000 / result['requests']
        result['share'] = spent / 1e9 / result['seconds']
        return result

    def idle(self, device, connections, tls):
        """Bytes: for each idle connection of the processes, of the kernel for both its ends; and all
        that the processes have then."""
        options = ['-t0'] + ['-s'] * tls
        device.start()
        # What it allocates for its first requests and connections is not for each of them.
        Load(self.tools, device.site, [*options, '-c16'], 128, tls).end()
        own, kernel = device.memory(), kernel_memory()
        load = Load(self.tools, device.site, [*options, f'-c{connections}'], 128, tls)
        total = device.memory()
        own, kernel = total - own, kernel_memory() - kernel
        load.end()
        device.stop()
        device.process = None
        return own / connections, kernel / connections, total


def kernel_memory():
    """Bytes in slabs: sockets, descriptors and what belongs to them."""
    with open('/proc/meminfo', encoding='ascii') as file:
        return 1024 * int(re.search(r'^Slab: *(\d+)', file.read(), re.M).group(1))


def processor():
    """Name and number of processors."""
    with open('/proc/cpuinfo', encoding='utf-8') as file:
        name = re.search(r'^model name\s*: (.*)', file.read(), re.M)
    return f'{name.group(1) if name else "unknown"}, {os.cpu_count()} processors'


def waiting_softirqs():
    """CPU time in ns of the kernel thread that does what softirqs leave on the proxies' processor."""
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{pid}/comm', encoding='utf-8') as file:
                if file.read().strip() != f'ksoftirqd/{PROXY_CPU}':
                    continue
            with open(f'/proc/{pid}/schedstat', encoding='ascii') as file:
                return int(file.read().split()[0])
        except OSError:
            continue
    return None
