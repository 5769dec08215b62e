#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""In a guest, in the balancer's namespace: a proxy of selftests/http/devices.py until the input ends.

    relay_device.py NAME ADDRESS SERVER FOLDER

Ports are 80 and 443. Says 'ready' when it listens."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'http'))
# pylint: disable=wrong-import-position
from devices import DEVICES, Site

name, address, server, folder = sys.argv[1:]
os.makedirs(folder)
os.chmod(folder, 0o755)
device = DEVICES[name](Site(folder, (server,), address, 80, 443))
device.start()
print('ready', flush=True)
sys.stdin.read()
device.stop()
