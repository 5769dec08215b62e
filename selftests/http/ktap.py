# SPDX-License-Identifier: GPL-2.0-or-later
"""Results of cases, in the kernel's form."""

import sys


class Ktap:
    """All of a program; finish() is its end."""

    def __init__(self):
        self.count = self.failed = 0
        print('KTAP version 1', flush=True)

    def check(self, name, passed, *notes):
        """One of them. Return: whether it passed."""
        self.count += 1
        self.failed += not passed
        if not passed:
            for note in notes:
                for line in str(note).splitlines()[-30:]:
                    print('#', line)
        print('ok' if passed else 'not ok', name, flush=True)
        return bool(passed)

    def equal(self, name, expected, actual, *notes):
        """One that passes if the two are the same."""
        return self.check(name, expected == actual, f'expected: {expected!r}', f'actual:   {actual!r}', *notes)

    def finish(self):
        """Says how many, and exits."""
        print(f'1..{self.count}')
        sys.exit(self.failed > 0 or self.count == 0)
