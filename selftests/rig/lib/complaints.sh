#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What in a kernel log makes a run fail, whatever its command says. Sourced on the host and in guests.

# Written to the log just before the command starts: what comes earlier is the kernel's own.
RIG_MARK='sluice-rig: command starts'

COMPLAINTS='WARNING:|BUG:|BUG at|Oops|general protection fault|Kernel panic|KASAN|KFENCE|UBSAN'
COMPLAINTS+='|possible (recursive|circular) locking|possible irq lock inversion|inconsistent lock'
COMPLAINTS+='|possible deadlock|bad unlock balance|held lock freed|lock held when returning'
COMPLAINTS+='|suspicious RCU|Voluntary context switch within RCU'
COMPLAINTS+='|refcount_t|unregister_netdevice: waiting|ODEBUG|scheduling while atomic'
COMPLAINTS+='|sleeping function called|invalid context|soft lockup|hard LOCKUP|hung_task|blocked for more than'
COMPLAINTS+='|detected stalls|self-detected stall|leaked reference|list_(add|del) corruption'
COMPLAINTS+='|stack-protector|segfault at'

# after_mark: the part of a log on standard input that follows the last mark, or all of it.
after_mark() { awk -v mark="$RIG_MARK" 'index($0, mark) { text = ""; next } { text = text $0 "\n" }
	END { printf "%s", text }'; }

# complaints [TEXT]: the lines of a log on standard input that are complaints, or have TEXT.
complaints() { grep -aE ${1:+-e "$1"} -e "$COMPLAINTS" || true; }
