/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_REQUEST_H
#define _SLUICE_REQUEST_H

#include <linux/jhash.h>
#include <linux/netfilter.h>
#include <linux/socket.h>

#include <sluice/route_match.h>

/**
 * sluice_request_set_source() - say who makes a request
 * @req: the request; its source and hash are set
 * @addr: address of the client
 * @family: AF_INET or AF_INET6
 *
 * A client has the same share of routes on every balancer, after a restart, and in
 * every stratum.
 */
static inline void sluice_request_set_source(struct sluice_request *req,
					     const union nf_inet_addr *addr,
					     u8 family)
{
	req->source_len = family == AF_INET ? 4 : 16;
	memcpy(req->source, addr, req->source_len);
	req->hash = jhash(req->source, req->source_len, 0);
}

#endif /* _SLUICE_REQUEST_H */
