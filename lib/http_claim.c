// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of fields that say who the client is, which anybody could write. */
#include <sluice/http_claim.h>

#include "http.h"

static const struct {
	const char *name;
	u8 length;
	u8 claim;
	bool prefix;
} known[] = {
#define NAME(text, claim) { text, sizeof(text) - 1, claim, false }
#define PREFIX(text, claim) { text, sizeof(text) - 1, claim, true }
	NAME("x-forwarded-for", SLUICE_HTTP_CLAIM_FOR),
	NAME("x-forwarded-proto", SLUICE_HTTP_CLAIM_PROTO),
	NAME("x-forwarded-host", SLUICE_HTTP_CLAIM_HOST),
	NAME("forwarded", SLUICE_HTTP_CLAIM_FORWARDED),
	NAME("x-client-cert-subject", SLUICE_HTTP_CLAIM_SUBJECT),
	NAME("proxy", SLUICE_HTTP_CLAIM_PROXY),
	NAME("trailer", SLUICE_HTTP_CLAIM_TRAILER),
	/* Its address. */
	PREFIX("x-forwarded-", SLUICE_HTTP_CLAIM_ANY),
	NAME("x-real-ip", SLUICE_HTTP_CLAIM_ANY),
	NAME("x-client-ip", SLUICE_HTTP_CLAIM_ANY),
	NAME("x-cluster-client-ip", SLUICE_HTTP_CLAIM_ANY),
	NAME("x-remote-ip", SLUICE_HTTP_CLAIM_ANY),
	NAME("x-remote-addr", SLUICE_HTTP_CLAIM_ANY),
	NAME("x-original-forwarded-for", SLUICE_HTTP_CLAIM_ANY),
	NAME("x-envoy-external-address", SLUICE_HTTP_CLAIM_ANY),
	NAME("client-ip", SLUICE_HTTP_CLAIM_ANY),
	NAME("true-client-ip", SLUICE_HTTP_CLAIM_ANY),
	NAME("fastly-client-ip", SLUICE_HTTP_CLAIM_ANY),
	PREFIX("cf-connecting-ip", SLUICE_HTTP_CLAIM_ANY),
	/* What it asked for, and how. */
	NAME("x-original-host", SLUICE_HTTP_CLAIM_ANY),
	NAME("x-original-url", SLUICE_HTTP_CLAIM_ANY),
	NAME("x-original-uri", SLUICE_HTTP_CLAIM_ANY),
	NAME("x-rewrite-url", SLUICE_HTTP_CLAIM_ANY),
	NAME("x-scheme", SLUICE_HTTP_CLAIM_ANY),
	NAME("x-url-scheme", SLUICE_HTTP_CLAIM_ANY),
	NAME("front-end-https", SLUICE_HTTP_CLAIM_ANY),
	/* Its certificate; the first is RFC 9440. */
	PREFIX("client-cert", SLUICE_HTTP_CLAIM_ANY),
	PREFIX("x-client-cert", SLUICE_HTTP_CLAIM_ANY),
	PREFIX("x-ssl-", SLUICE_HTTP_CLAIM_ANY),
#undef NAME
#undef PREFIX
};

/* Length of the shortest. */
#define SHORTEST (sizeof("proxy") - 1)

static inline u8 fold(u8 c)
{
	return c == '_' ? '-' : to_lower(c);
}

/* The first letter of a name in either case as a bit; characters share some. */
#define LETTER(c) (1u << ((c) & 0x1f))

/* Most other fields begin with another letter. */
#define LETTERS \
	(LETTER('x') | LETTER('f') | LETTER('p') | LETTER('t') | LETTER('c'))

/**
 * sluice_http_claim_id() - recognise a field that says who the client is
 * @name: a token; '_' stands for '-', as programs that get fields as variables see
 *	no difference
 * @len: its length, not 0
 *
 * Return: which of these it is.
 */
enum sluice_http_claim sluice_http_claim_id(const u8 *name, u32 len)
{
	u32 i, k;

	if (len < SHORTEST || !(LETTERS & LETTER(name[0])))
		return SLUICE_HTTP_CLAIM_NONE;
	for (k = 0; k < sizeof(known) / sizeof(*known); k++) {
		if (known[k].prefix ? len < known[k].length :
				      len != known[k].length)
			continue;
		for (i = 0; i < known[k].length; i++)
			if (fold(name[i]) != (u8)known[k].name[i])
				break;
		if (i == known[k].length)
			return known[k].claim;
	}
	return SLUICE_HTTP_CLAIM_NONE;
}

/**
 * sluice_http_name_is() - compare the name of a field as programs do
 * @name: a token
 * @len: its length
 * @text: another name, with a 0 at its end
 *
 * Return: whether they are equal, in any case and with '_' for '-'.
 */
bool sluice_http_name_is(const u8 *name, u32 len, const char *text)
{
	u32 i;

	for (i = 0; i < len; i++)
		if (!text[i] || fold(name[i]) != fold((u8)text[i]))
			return false;
	return !text[len];
}

/**
 * sluice_http_name_is_ours() - is a field one that is written as the message needs it
 * @name: a token
 * @len: its length
 *
 * On these the bounds and the way of a message depend, or they are about one
 * connection: with what a configuration says there, two recipients could see
 * different messages.
 *
 * Return: whether it is, in any case and with '_' for '-'.
 */
bool sluice_http_name_is_ours(const u8 *name, u32 len)
{
	static const char *const ours[] = {
		"connection", "content-length",	   "expect",
		"host",	      "keep-alive",	   "proxy-connection",
		"te",	      "transfer-encoding", "upgrade",
		NULL,
	};
	const char *const *at;

	for (at = ours; *at; at++)
		if (sluice_http_name_is(name, len, *at))
			return true;
	return false;
}
