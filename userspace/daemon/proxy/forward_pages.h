/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bodies of answers of our own: error pages and fixed answers of routes. Files are
 * read when a configuration is loaded, so that a request waits for no disk and a
 * file that is gone is noticed before it is needed.
 */
#ifndef PROXY_FORWARD_PAGES_H
#define PROXY_FORWARD_PAGES_H

#include <sluice/route_match.h>

#include "config/config.h"

/* Bytes of one file, and of all files of a service. */
#define FORWARD_PAGE_MAX (1U << 20)
#define FORWARD_PAGES_MAX (16U << 20)

/**
 * struct forward_page - a body
 * @body: its bytes, not NULL
 * @type: for Content-Type
 */
struct forward_page {
	struct sluice_text body;
	const char *type;
};

/* The bodies of a service. */
struct forward_pages;

/**
 * forward_pages_create() - read the files of a service
 * @service: held by the caller as long as the pages; may have none
 * @errors: what is wrong, with the place in the configuration
 *
 * A file that several keys name is read once. Content-Type is that of the name's
 * ending, application/octet-stream where that is not known.
 *
 * Return: pages for all workers, or NULL with errors.
 */
struct forward_pages *forward_pages_create(const struct config_service *service,
					   struct config_errors *errors);
void forward_pages_free(struct forward_pages *pages);

/* The page of a status from 400 to 599, or NULL; @pages may be NULL. */
const struct forward_page *
forward_pages_status(const struct forward_pages *pages, unsigned int status);

/* The body of a route with an answer, or NULL: it has none. @route is of the service. */
const struct forward_page *
forward_pages_route(const struct forward_pages *pages,
		    const struct config_route *route);

#endif /* PROXY_FORWARD_PAGES_H */
