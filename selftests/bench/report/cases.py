# SPDX-License-Identifier: GPL-2.0-or-later
"""The cases: what they are called, whom they are compared with, what is to be reached."""

NAT = ('ipvs', 'nft', 'route')

# Cases in instructions above the wire: title, peers, goal (a number, or of what and how many times).
COST = {
    'udp-nat-out': ('UDP NAT, client to server', NAT, 1200),
    'udp-nat-back': ('UDP NAT, server to client', NAT, 1200),
    'tcp-nat-out': ('TCP NAT, client to server', NAT, 1200),
    'tcp-nat-back': ('TCP NAT, server to client', NAT, 1200),
    'udp6-nat-out': ('IPv6 UDP NAT, client to server', ('ipvs', 'route'), 1200),
    'udp6-nat-back': ('IPv6 UDP NAT, server to client', ('ipvs', 'route'), 1200),
    'tcp6-nat-out': ('IPv6 TCP NAT, client to server', ('ipvs', 'route'), 1200),
    'tcp6-nat-back': ('IPv6 TCP NAT, server to client', ('ipvs', 'route'), 1200),
    'udp-dr': ('UDP direct routing', ('ipvs', 'route'), 1000),
    'udp-tunnel': ('UDP tunnel (ipip)', ('ipvs', 'route'), 1500),
    'udp-nat-out+firewall': ('UDP NAT, client to server, firewall', NAT, ('udp-nat-out', 1.05)),
    'udp-nat-back+firewall': ('UDP NAT, server to client, firewall', NAT, ('udp-nat-back', 1.05)),
    'tcp-nat-out+firewall': ('TCP NAT, client to server, firewall', NAT, ('tcp-nat-out', 1.05)),
    'tcp-nat-back+firewall': ('TCP NAT, server to client, firewall', NAT, ('tcp-nat-back', 1.05)),
    'udp6-nat-out+firewall': ('IPv6 UDP NAT, client to server, firewall', ('ipvs', 'route'),
                              ('udp6-nat-out', 1.05)),
    'udp6-nat-back+firewall': ('IPv6 UDP NAT, server to client, firewall', ('ipvs', 'route'),
                               ('udp6-nat-back', 1.05)),
    'tcp6-nat-out+firewall': ('IPv6 TCP NAT, client to server, firewall', ('ipvs', 'route'),
                              ('tcp6-nat-out', 1.05)),
    'tcp6-nat-back+firewall': ('IPv6 TCP NAT, server to client, firewall', ('ipvs', 'route'),
                               ('tcp6-nat-back', 1.05)),
    'udp-dr+firewall': ('UDP direct routing, firewall', ('ipvs', 'route'), ('udp-dr', 1.05)),
    'udp-tunnel+firewall': ('UDP tunnel (ipip), firewall', ('ipvs', 'route'), ('udp-tunnel', 1.05)),
    'udp-nat-new': ('UDP NAT, new connection', NAT, ('ipvs', 0.6)),
    'tcp-nat-new': ('TCP NAT, new connection, SYN to first data', NAT, ('ipvs', 0.6)),
    'udp-nat-new+firewall': ('UDP NAT, new connection, firewall', NAT, ('ipvs', 0.6)),
    'tcp-nat-new+firewall': ('TCP NAT, new connection, SYN to first data, firewall', NAT, ('ipvs', 0.6)),
}

# Cases in other units: title, metric, unit, peers, digits. More is better of what is in RATES.
OTHER = {
    'udp-nat-out': ('UDP NAT beside a million, client to server', 'time above the wire', 'ns',
                    ('ipvs', 'route'), 0),
    'udp-nat-back': ('UDP NAT beside a million, server to client', 'time above the wire', 'ns',
                     ('ipvs', 'route'), 0),
    'alone-out': ('UDP NAT without the million, client to server', 'time above the wire', 'ns',
                  ('ipvs', 'route'), 0),
    'alone-back': ('UDP NAT without the million, server to client', 'time above the wire', 'ns',
                   ('ipvs', 'route'), 0),
    'flows-1000000': ('from 1,000 to 1,000,000 connections', 'growth of the time of a packet', 'ns',
                      ('ipvs', 'route'), 0),
    'flows-ratio': ('from 1,000 to 1,000,000 connections', 'growth of it with the wire', 'x',
                    ('ipvs', 'route'), 2),
    'tcp-bulk': ('TCP in bulk, GRO', 'throughput', 'Gbit/s', ('ipvs', 'route'), 2),
    'memory-slab': ('a million connections', 'memory of a connection', 'bytes', ('ipvs',), 0),
    'memory-used': ('a million connections', 'memory of a connection with its buckets', 'bytes',
                    ('ipvs',), 0),
}
RATES = ('tcp-bulk',)

# What of OTHER is to be reached: case, of whom (None: by itself), and how many times that at most, of
# RATES at least. Of the peers the goals are those that instructions have.
OTHER_GOALS = (
    ('udp-nat-out', 'ipvs', 0.30),
    ('udp-nat-back', 'ipvs', 0.30),
    ('udp-nat-out', 'route', 0.52),
    ('udp-nat-back', 'route', 0.52),
    ('alone-out', 'route', 0.52),
    ('alone-back', 'route', 0.52),
    ('flows-ratio', None, 1.5),
    ('flows-ratio', 'ipvs', 1),
    ('tcp-bulk', 'route', 1),
    ('memory-used', None, 192),
)

# Stratum sniff: title, whom it is compared with, and how much of theirs it may cost at most.
SNIFF = {
    'packet': ('packet of an established connection', 'flow', 1.15),
    'http-connection': ('short connection, HTTP', 'haproxy', 0.35),
    'tls-connection': ('short connection, TLS by name', 'haproxy', 0.35),
}

# Stratum relay: title, bytes of content, and what of the better peer it may cost at most.
RELAY = {
    'tls-small': ('TLS, kept-alive, 128 bytes', 128, 0.6),
    'tls-1MB': ('TLS, kept-alive, 1 MB', 1000000, 0.6),
    'clear-small': ('in clear, kept-alive, 128 bytes', 128, None),
    'clear-1MB': ('in clear, kept-alive, 1 MB', 1000000, None),
}
RELAY_NAMES = {'relay': 'Sluice, stratum relay', 'sluice': 'Sluice, stratum proxy', 'haproxy': 'HAProxy',
               'nginx': 'nginx', 'nginx-ktls': 'nginx, kTLS'}

NAMES = {'sluice': 'Sluice', 'ipvs': 'IPVS', 'nft': 'nftables DNAT', 'route': 'plain routing',
         'wire': 'wire', 'sniff': 'Sluice, stratum sniff', 'flow': 'Sluice, stratum flow',
         'haproxy': 'HAProxy'}
