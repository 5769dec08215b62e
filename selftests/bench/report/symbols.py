# SPDX-License-Identifier: GPL-2.0-or-later
"""What the emulator's plugin counted, by function of the guest's kernel."""

import bisect
import collections


class Symbols:
    """Which function an address of the kernel is in."""

    def __init__(self, path):
        found = {}
        with open(path, encoding='ascii') as file:
            for line in file:
                words = line.split()
                if words[1] not in 'tTwW':
                    continue
                address = int(words[0], 16)
                # Of several names of one address the first that is no mere label.
                if address not in found or found[address][0].startswith('__pfx_'):
                    module = words[3].strip('[]') if len(words) > 3 else ''
                    found[address] = (words[2], module)
        self.addresses = sorted(found)
        self.names = [found[address] for address in self.addresses]

    def find(self, address):
        """(function, module, offset)"""
        if not address:
            return 'user space', '', 0
        i = bisect.bisect_right(self.addresses, address) - 1
        if i < 0:
            return 'unknown', '', 0
        return *self.names[i], address - self.addresses[i]


def count(path, symbols):
    """Instructions by (function, module) of a section, and (instructions, where) of each block."""
    total, blocks = collections.Counter(), []
    with open(path, encoding='ascii') as file:
        for line in file:
            address, number = line.split()
            name, module, offset = symbols.find(int(address, 16))
            total[name, module] += int(number)
            blocks.append((int(number), f'{name}+{offset:#x}' + (f' [{module}]' if module else '')))
    return total, blocks
