/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The head of a request as routes are looked for with it: the same in every stratum. */
#ifndef SLUICE_HTTP_DESCRIBE_H
#define SLUICE_HTTP_DESCRIBE_H

#include "http_head.h"
#include "route_match.h"

/**
 * struct sluice_http_request - a head, and what routes are looked for with
 * @req: what it is passed on as, and found in again by the functions of it
 * @head: complete
 * @buf: the buffer it is in
 *
 * All of it stays where it is for as long as @req is used. &sluice_request.context
 * and &sluice_request.offers are the caller's.
 */
struct sluice_http_request {
	struct sluice_request req;
	const struct sluice_http_head *head;
	const u8 *buf;
};

void sluice_http_describe(struct sluice_http_request *request,
			  const struct sluice_http_head *head, const u8 *buf);
bool sluice_http_describe_path(struct sluice_http_request *request, u8 *path,
			       u32 size);

#endif /* SLUICE_HTTP_DESCRIBE_H */
