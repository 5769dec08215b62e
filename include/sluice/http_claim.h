/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Header fields that say who the client is, which anybody could write. */
#ifndef SLUICE_HTTP_CLAIM_H
#define SLUICE_HTTP_CLAIM_H

#include "types.h"

/**
 * enum sluice_http_claim - fields that say who the client is, by their names
 * @SLUICE_HTTP_CLAIM_NONE: none of these
 * @SLUICE_HTTP_CLAIM_FOR: X-Forwarded-For
 * @SLUICE_HTTP_CLAIM_PROTO: X-Forwarded-Proto
 * @SLUICE_HTTP_CLAIM_HOST: X-Forwarded-Host
 * @SLUICE_HTTP_CLAIM_FORWARDED: Forwarded
 * @SLUICE_HTTP_CLAIM_SUBJECT: X-Client-Cert-Subject
 * @SLUICE_HTTP_CLAIM_ANY: another one that programs take for what a proxy says
 * @SLUICE_HTTP_CLAIM_PROXY: Proxy, which in programs of CGI becomes the setting of
 *	the proxy that they use themselves
 * @SLUICE_HTTP_CLAIM_TRAILER: Trailer, which claims nothing, but goes with content
 *	in chunks only
 */
enum sluice_http_claim {
	SLUICE_HTTP_CLAIM_NONE,
	SLUICE_HTTP_CLAIM_FOR,
	SLUICE_HTTP_CLAIM_PROTO,
	SLUICE_HTTP_CLAIM_HOST,
	SLUICE_HTTP_CLAIM_FORWARDED,
	SLUICE_HTTP_CLAIM_SUBJECT,
	SLUICE_HTTP_CLAIM_ANY,
	SLUICE_HTTP_CLAIM_PROXY,
	SLUICE_HTTP_CLAIM_TRAILER,
};

enum sluice_http_claim sluice_http_claim_id(const u8 *name, u32 len);
bool sluice_http_name_is(const u8 *name, u32 len, const char *text);
bool sluice_http_name_is_ours(const u8 *name, u32 len);

#endif /* SLUICE_HTTP_CLAIM_H */
