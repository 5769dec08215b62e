#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# More topologies, for after setup_balancer.

# add_router: a router between the client and the balancer; sets ROUTER and a new C.
#   client     10.0.3.2   fd00:3::2    default route to the router
#   router     10.0.3.1   fd00:3::1    clients' side, c0
#              10.0.1.2   fd00:1::2    balancer's side, eth0
add_router() {
	ROUTER=$C
	setup_ns C
	forwarding "$ROUTER"
	link "$C" eth0 "$ROUTER" c0
	addr "$C" eth0 10.0.3.2/24 fd00:3::2/64
	addr "$ROUTER" c0 10.0.3.1/24 fd00:3::1/64
	route "$C" default 10.0.3.1
	route "$C" default fd00:3::1
	route "$B" 10.0.3.0/24 10.0.1.2
	route "$B" fd00:3::/64 fd00:1::2
}
