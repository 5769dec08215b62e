#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A process killed in the middle of fork() does not take the user-mode kernel with it.
# Targets: uml
# Timeout: 120
. "${0%/*}/../lib/lib.sh"

rounds=$(long_or 500 10)
python3 - "$rounds" >"$TEST_DIR/killed" <<'EOP'
import ctypes
import os
import random
import signal
import sys
import time

READ, WRITE, PRIVATE, ANONYMOUS = 1, 2, 2, 0x20
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]

# Pages of two kinds by turns stay areas of their own: fork() has much to copy.
for i in range(800):
    if libc.mmap(None, 4096, READ | (i % 2) * WRITE, PRIVATE | ANONYMOUS, -1, 0) in (None, ctypes.c_void_p(-1).value):
        sys.exit(f'mmap: {os.strerror(ctypes.get_errno())}')


def fork_for_ever():
    while True:
        child = os.fork()
        if not child:
            os._exit(0)
        os.waitpid(child, 0)


killed = 0
for _ in range(int(sys.argv[1])):
    forking = []
    for _ in range(4):
        child = os.fork()
        if not child:
            fork_for_ever()
        forking.append(child)
    time.sleep(random.random() * 0.05)
    for child in forking:
        os.kill(child, signal.SIGKILL)
    for child in forking:
        killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
print(killed)
EOP
check_eq "all were killed, and the kernel goes on" $((4 * rounds)) "$(cat "$TEST_DIR/killed")"
