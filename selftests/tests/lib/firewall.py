# SPDX-License-Identifier: GPL-2.0-or-later
"""A usual firewall with connection states on the balancer. For programs that python_cases (python.sh) runs.

What comes in passes if it is of a connection, or begins one to TCP port 80 or UDP port 53; this host begins
none. What is dropped is counted, and apart from that what conntrack finds invalid.
"""

from sluicetest import *

RULES = '''
table inet f {
    counter invalid {}
    counter dropped {}
    chain input {
        type filter hook input priority 0
        policy drop
        icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, nd-router-advert } accept
        ct state invalid counter name invalid drop
        ct state established,related accept
        tcp dport 80 ct state new accept
        udp dport 53 ct state new accept
        counter name dropped
    }
    chain forward {
        type filter hook forward priority 0
        policy drop
        ct state invalid counter name invalid drop
        ct state established,related accept
        counter name dropped
    }
    chain output {
        type filter hook output priority 0
        policy drop
        icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, mld2-listener-report } accept
        ct state invalid counter name invalid drop
        ct state established,related accept
    }
}'''


def nft(text, *words, name=B):
    return run(name, 'nft', *words, '-f', '-', stdin=text)


def counter(which):
    found = json.loads(run(B, 'nft', '-j', 'list', 'counter', 'inet', 'f', which))
    return found['nftables'][-1]['counter']['packets']
