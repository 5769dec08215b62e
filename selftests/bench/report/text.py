# SPDX-License-Identifier: GPL-2.0-or-later
"""What the pages of benchmarks say besides numbers."""

HEAD = """<!-- SPDX-License-Identifier: GPL-2.0-or-later -->
# Layer 4: what a packet, a connection and its memory cost

Sluice beside IPVS, nftables DNAT (as nftlb sets it up) and plain routing, in the same run. Measured
on {date} with version `{version}`. This page is written by `make bench-report` from what was measured
last; worse results are published like better ones.

| | |
| --- | --- |
| machine | {processor}, {processors} processors, {memory} |
| kernel, instructions | Debian's {kernel} under QEMU {qemu_system_x86} with `-icount` |
| kernel, time | 6.12 as a user-mode kernel from Debian's linux-source-6.12 {linux_source_6_12}, one processor |
| peers | IPVS and nftables of these kernels; ipvsadm {ipvsadm}, nftables {nftables}, iperf3 {iperf3} |

To repeat it: `make bench-l4` (about 10 minutes once kernels are built), `make bench-l4-scale` (about
10), then `make bench-report`. `selftests/bench/profile` looks into single cases.
"""

COST = """
## Instructions

Instructions that the kernel executes for a packet, less those of the *wire*, which is tc redirecting
it from port to port: what is left is the balancer and the stack it uses. A clock that counts
instructions gives the same figure on every machine; it knows nothing of cache misses, for which
there is time below.

Packets have 60 bytes and belong to 1,000 established connections. They are written into tap devices,
and what leaves by the other port is counted there by protocol, addresses and port: a figure counts only
where every packet arrived as it should. Their checksums are valid and taken for verified, as by a
network card. TCP connections are made by a forged handshake from both sides, so that there is no cost of
sockets. A new connection over UDP is the first packet of each of 4,000 flows, over TCP it is SYN,
SYN-ACK, ACK and the first data, four packets in all; no table is sized for them beforehand, and what the
kernel hands to its workers meanwhile is counted. They are so few that Sluice's table, which grows with its
connections, does not meanwhile; what growing costs is in the cost to make each of a million, below.

*Firewall* is connection tracking and a stateful ruleset of twenty rules in INPUT and in FORWARD, each
beginning with `ct state established,related accept`; IPVS has `net.ipv4.vs.conntrack` set so that it
works with them. Its goal is at most 5 % more than without. With direct routing and tunnels conntrack sees one
direction only, so that where all packets pass the firewall all of them pass its twenty rules; plain routing sees both.

A new connection behind a firewall takes the slow path, so that the firewall sees it: conntrack, the hooks and the
rules are passed whoever balances it.

An earlier benchmark took pktgen's packets, which cost every mode but the wire about 1,770 instructions
more: pktgen keeps a reference to each, so that IP clones and copies it, and no packet from a network card
needs that. Its figures do not compare with these.
"""

NEW_BEHIND = """
### New connections behind a firewall

Where their instructions go, by part of the kernel:
"""

NEW_REASON = """
{title}: the goal is {goal}. The firewall and conntrack take {added} more of plain routing than it takes
without them, which leaves {left} for everything else; without a firewall Sluice takes {alone}."""

NEW_TRIED = """
What was cut since the figures were 10,526 (UDP) and 22,416 (TCP), with what it saved: packets leave from behind INPUT by
the path of their server, past the IP layer's output, where nobody waits at POST_ROUTING (910, 1,670); ports at hand, and
the service looked up twice, not four times (565, 700); the local route of a virtual address is kept (200, 570); a source
is told from the host's own addresses without a lookup (365, 710); headers are read in one piece (155, 475).

What is left of Sluice is the lookup of the connection and the reading of headers at ingress, PRE_ROUTING and LOCAL_IN
(about 400 a packet), the service twice (220), making the connection (800), and sending it with a lease given (700).
To carry what was found from one hook to the next was not done: a rule may queue the packet to a program in between, and
what was found may be gone when it comes back. Neither was the IP layer's input passed by, which checks what the hooks
behind it rely on."""

TIME = """
## Time, memory, throughput

Native, with caches and all, on one processor of a user-mode kernel, whose memory is in large pages as a kernel
maps its own, tables included (a user-mode kernel maps vmalloc() in small ones, so its allocator is set to give 32 MB in
one piece); all modes take turns in the same guest. pktgen sends, without keeping its packets. The wire is subtracted turn
by turn. IPVS has 2^21 buckets here. A million connections are 1,000 ports of 1,001 addresses, met in random order. TCP in bulk
is iperf3 with segments of the MTU which the balancer's ports merge (GRO).

A packet of 1,000 connections is timed twice: while the balancer holds a million more, and without them.

Runs are short, 10,000 packets, and there are many: on a machine that does something else besides, the
median has that in it, and the least disturbed run of each mode is nearer to the truth.
"""

TIME_GOALS = """
What is to be reached, and the least disturbed runs:
"""

TIME_REASON = """
Why a packet's time is not as far below routing's as its instructions are: caches. A packet needs its bucket and the two
lines of its connection, where routing keeps nothing for a connection. In a table that holds a million beside, the
buckets of 1,000 connections are far apart in 32 MB, and a packet waits for memory: in the median it takes {many} ns above
the wire, {ratio_many} of routing's {routed_many}. Without the million the table is 256 kB, and the same code takes {few} ns,
{ratio_few} of routing's {routed_few}. IPVS has its 2^21 buckets in both cases.

What was tried, with the nanoseconds of a packet beside a million in the least disturbed run, each against the others in one guest: the table in large
pages instead of small ones, as it is on a server (157 to 122); twice as many buckets, so that a lookup passes a quarter of a
node that is not its own at most (120 to 108, taken: 16 bytes more a connection), and four times as many (98, not taken);
to fetch the second line of a connection before its key is compared (121, nothing: the processor fetches it with the first).
What is left above the 76 without the million are lines that were not met for as long as the other modes had the processor.
"""

SCALE = """
## Scale

Ten million connections are measured on the user-mode kernel as above, IPVS with 2^22 buckets.

A million that expire are watched where the clock counts instructions, IPVS with 2^20 buckets: a packet
passes every millisecond, netem lets it go by the kernel's timer, and the kernel notes its arrival. So what
is counted is how long packets wait for softirqs and locks, not how long programs wait for a processor: of
a thousand instructions, one microsecond on a processor that does one a nanosecond.
"""

PROFILE = """
## Where the instructions go

Sluice's established connections and new ones, by function, less what the same function takes on the wire.
A plugin in the emulator counts what every block of code executes; the sum is what the clock says.
`build/bench/l4-profile.json` has the peers, too.
"""

SNIFF = """<!-- SPDX-License-Identifier: GPL-2.0-or-later -->
# Stratum sniff: what routing by the first bytes costs

Sluice beside HAProxy, in the same run, with its own stratum `flow` and plain routing for comparison. Measured
on {date} with version `{version}`. This page is written by `make bench-report` from what was measured
last; worse results are published like better ones.

| | |
| --- | --- |
| machine | {processor}, {processors} processors, {memory} |
| kernel | Debian's {kernel} under QEMU {qemu_system_x86} with `-icount` |
| peer | HAProxy {haproxy}: `mode tcp` with SNI routing for TLS, `mode http` for HTTP |

To repeat it: `make bench-sniff` (about 2 minutes once kernels are built), then `make bench-report`.

A short connection is connect, request, an answer of 1 kB, close, by a client and a server of the same
program, so that what is between them is all that differs. The request is that of curl, or the first message of
a TLS client of today, whose key share for ML-KEM makes it two segments; the server's answer is the same
kilobyte in both cases. A packet is one of an established connection, with one byte. Instructions are those of
everything that runs, kernel and programs; those of the *wire* are subtracted, which is tc redirecting packets
from port to port, so that client and server cancel out.

![Instructions of a short connection above the wire](sniff.svg)
"""

HTTP = """<!-- SPDX-License-Identifier: GPL-2.0-or-later -->
# Stratum proxy: what HTTP through the daemon costs

Sluice beside HAProxy and nginx, in turn and in the same run. Measured on {date} with version `{version}`. This page is
written by `make bench-report` from what was measured last; worse results are published like better ones.

| | |
| --- | --- |
| machine | {processor}, {processors} processors, {memory}; a virtual machine |
| kernel | {host_kernel}, not ours to choose |
| OpenSSL | {openssl}, for all three |

To repeat it: `make bench-http` (about 5 minutes), then `make bench-report`.

Each proxy has one thread, pinned to the same processor; what sends requests and the server behind are on the other one.
All have kept-alive connections to the server, no access log, and add nothing to requests. CPU time is that of the
proxy's process, user and system, with the softirqs that run in its name, divided by the requests: on loopback most of it
is the kernel's TCP, which all three pay alike. A value is the median of the rounds, with the smallest and the largest.
The two lines of latency are at half of the requests a second that the slowest of the three can do. The memory of a
connection is what the process grew by for 10,000 of them that do nothing.
"""

HTTP_PROFILE = """
## Where Sluice's time goes

Samples of the proxy's thread by perf, in percent, taken with `selftests/bench/http-profile`: by program and library, and
in the kernel by system call. To send over loopback is to receive, too: the kernel's TCP of both ends, up to waking the
other, runs in the call that sends. The rest is entering and leaving the kernel, with its filter of system calls.
"""

HTTP_PROFILE_SAYS = """
What the daemon does itself is {own_least} to {own_most} % of a request without TLS. That is why the goal, 0.8 of the better one,
is not reached where the kernel has most to do, above all with a connection for each request: it is the same kernel that the
others call, and they call it hardly more often. Bodies from 64 kB on pass from socket to socket by splice(2). With handshakes it is OpenSSL and the memory that it asks the C library for, all three with the same keys, groups
and options; an idle session of TLS is 21 kB of OpenSSL's. Latency at half load is mostly that of the load and the server,
which are the same.
"""

RELAY = """<!-- SPDX-License-Identifier: GPL-2.0-or-later -->
# Stratum relay: what a request through the kernel costs

Sluice's stratum relay beside HAProxy, nginx without and with its own use of kTLS, and Sluice's own stratum proxy, in the
same run. Measured on {date} with version `{version}`. This page is written by `make bench-report` from what was measured
last; worse results are published like better ones.

| | |
| --- | --- |
| machine | {processor}, {processors} processors, {memory} |
| kernel | Debian's {kernel} under QEMU {qemu_system_x86} with `-icount`, one processor with AES-NI and AVX |
| peers | HAProxy {haproxy} (no kTLS in this version), nginx {nginx}, OpenSSL {openssl} for all |

To repeat it: `make bench-relay` (about 3 minutes once kernels are built), then `make bench-report`.

All instructions that the guest executes are counted by a plugin of the emulator, in the kernel and in programs, and
divided by the requests. Connections are kept alive, TLS is 1.3 with TLS_AES_128_GCM_SHA256; handshakes are not in it.
What is subtracted: the same requests in clear with tc passing packets from port to port instead of a proxy (the *wire*:
client, server and their sockets), and what OpenSSL in the client executes. 16 connections have a request each at a time,
4 with contents of 1 MB. Client and server take no turn that the proxy would not give, as if they were other machines, and
the scheduler knows tasks, not groups of them.

Instructions are not time. A copy counts about one for 8 bytes, a real processor needs two to four times as much, so the
kernel's copies (and the clearing of pages) have a column of their own; those inside of programs are in the programs'. Neither
cache misses nor the cost of entering the kernel, which relay saves, are known here.
"""

RELAY_END = """
A few instructions less than none are the difference of two runs; about 200 of a small request are, too, by what the
allocator finds. What the figures say: the goal, 0.6 of the better peer, is reached for small requests, by little, and
missed for 1 MB, where stratum proxy, which does more, needs fewer.

A small request has two TCP connections of the kernel in it, about 20,000 instructions that every proxy pays; the modules
take 8,700, half of them for the two heads, kTLS 7,200, and handing bytes from socket to socket the rest. What was cut since
it took 44,500 (in clear 33,900): clients share work items (1,450), heads are parsed and written by the word (1,000), read
without the socket layer (700), short messages to servers are copied (250), nothing is cleared that is written, and a turn
sets one time-out, not six (together 300). Keeping the memory of requests from the allocator would save 200, and handing
short messages to kTLS as addresses, which it copies, saved nothing; both were left out. The rest, 1,900 (in clear 3,000),
was not ours but the measurement's: where the scheduler divides the processor by sessions, a thread of the kernel is let go
before each answer that the server sends, and a proxy in the server's session is not. Such groups are off now, for all.

With contents of 1 MB it is AES-GCM that counts, 2.2 instructions a byte in the kernel, about as much in OpenSSL, and no
proxy can do without. With the 0.3 that relay takes in clear, 0.14 are left of the goal for all else of kTLS. It takes 1.7:
records are walked page by page and where a page ends within a block it is copied (0.4), new pages are cleared (0.2),
memory of records is taken and given back, and since encrypting takes its time TCP sends smaller parts. To hold these back
until 64 kB are encrypted (TCP_CORK) changed nothing for the better. This is also why nginx needs more instructions with
kTLS than without.
"""

RELAY_PROFILE = """
## Where the instructions go

By what the kernel's functions are for, as their names say; a few are put where they do not belong. Memory is what is
allocated and given back: kTLS takes memory for each record in either direction, and a request has some of its own. To see
more of it, `TOP=100 selftests/bench/relay relay nginx`; `CASES` chooses.
"""

CHECKS = """<!-- SPDX-License-Identifier: GPL-2.0-or-later -->
# Health checks: what 10,000 a second cost

Sluice's engine of checks beside HAProxy's, in turn and in the same run. Measured on {date} with version `{version}`. This
page is written by `make bench-report` from what was measured last; worse results are published like better ones.

| | |
| --- | --- |
| machine | {processor}, {processors} processors, {memory}; a virtual machine |
| kernel | {host_kernel}, not ours to choose |
| peer | HAProxy {haproxy}: `check inter 1s`, one thread |

To repeat it: `make bench-checks` (about 2 minutes), then `make bench-report`.

10,000 addresses of loopback are checked once a second, by one thread each. CPU time is that of this thread, user and
system, divided by the checks that were made, and times 10,000 the share of a core; values are medians of three rounds. On loopback the kernel does much of
the server's side of a connection in the checker's name, so both are above what they are with a network card. Where there
were clearly fewer checks a second than 10,000, the machine had other things to do at the same time.

Nearly all is the kernel's TCP. A check here is a connection of its own, on a socket that was in use before: that is
reset and connected again, which spares the kernel the beginning and the end of a socket.
"""
