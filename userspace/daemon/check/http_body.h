/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an http check wants of the body. */
#ifndef DAEMON_CHECK_HTTP_BODY_H
#define DAEMON_CHECK_HTTP_BODY_H

#include "run.h"

/* Bytes of a body that are looked at. */
#define HTTP_BODY_MAX 65536

struct http_body;

/**
 * http_body_create() - compile the conditions
 * @spec: with them
 * @error: what is wrong, if something is
 *
 * Return: the conditions, or NULL
 */
struct http_body *http_body_create(const struct check_spec *spec,
				   struct check_error *error);

/**
 * http_body_free() - the end of them
 * @body: conditions, or NULL
 */
void http_body_free(struct http_body *body);

/**
 * http_body_wanted() - whether there are any
 * @spec: of the check
 *
 * Return: false if the head is all that matters
 */
bool http_body_wanted(const struct check_spec *spec);

/**
 * http_body_match() - compare
 * @body: conditions
 * @data: the whole body, or its beginning
 * @length: of @data
 * @whole: whether it is the whole
 * @why: what is not as it should be; CHECK_REASON_SIZE bytes
 *
 * Return: whether all is
 */
bool http_body_match(const struct http_body *body, const void *data,
		     size_t length, bool whole, char *why);

#endif /* DAEMON_CHECK_HTTP_BODY_H */
