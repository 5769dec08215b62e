// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <strings.h>

#include <sluice/http_describe.h>

#include "match.h"
#include "tls.h"

/* What an expression may take: some tenths of a millisecond. */
#define LIMIT 200000
/* Memory for those that nest deeply. */
#define STACK_MIN 32768
#define STACK_MAX 524288

bool match_init(struct worker *worker)
{
	worker->captures = pcre2_match_data_create(1, NULL);
	worker->matching = pcre2_match_context_create(NULL);
	worker->matching_stack =
		pcre2_jit_stack_create(STACK_MIN, STACK_MAX, NULL);
	if (!worker->captures || !worker->matching || !worker->matching_stack)
		return false;
	pcre2_set_match_limit(worker->matching, LIMIT);
	pcre2_jit_stack_assign(worker->matching, NULL, worker->matching_stack);
	return true;
}

void match_exit(struct worker *worker)
{
	pcre2_match_data_free(worker->captures);
	pcre2_match_context_free(worker->matching);
	pcre2_jit_stack_free(worker->matching_stack);
}

/* What the client offers besides the protocol that was chosen is not kept. */
static bool offers(const struct sluice_request *req,
		   struct sluice_text protocol)
{
	const struct exchange *x = req->context;
	const unsigned char *chosen = NULL;
	unsigned int length = 0;

	if (x->client->stream.tls)
		SSL_get0_alpn_selected(x->client->stream.tls, &chosen, &length);
	return length && length == protocol.len &&
	       memcmp(chosen, protocol.data, length) == 0;
}

static uint32_t rotate(uint32_t value, unsigned int bits)
{
	return value << bits | value >> (32 - bits);
}

static uint32_t word_at(const uint8_t *bytes)
{
	uint32_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

uint32_t match_source_hash(const struct sluice_address *source)
{
	const uint8_t *bytes = (const void *)&source->v6;
	uint32_t length = source->family == AF_INET ? 4 : 16;
	uint32_t a = 0xdeadbeef + length, b = a, c = a;

	if (length > 12) {
		a += word_at(bytes);
		b += word_at(bytes + 4);
		c += word_at(bytes + 8);
		a -= c, a ^= rotate(c, 4), c += b;
		b -= a, b ^= rotate(a, 6), a += c;
		c -= b, c ^= rotate(b, 8), b += a;
		a -= c, a ^= rotate(c, 16), c += b;
		b -= a, b ^= rotate(a, 19), a += c;
		c -= b, c ^= rotate(b, 4), b += a;
		bytes += 12;
	}
	a += (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 |
	     (uint32_t)bytes[1] << 8 | bytes[0];
	c ^= b, c -= rotate(b, 14);
	a ^= c, a -= rotate(c, 11);
	b ^= a, b -= rotate(a, 25);
	c ^= b, c -= rotate(b, 16);
	a ^= c, a -= rotate(c, 4);
	b ^= a, b -= rotate(a, 14);
	c ^= b, c -= rotate(b, 24);
	return c;
}

static void describe(const struct exchange *x,
		     struct sluice_http_request *request)
{
	const struct forward_client *who = &x->client->who;
	const struct sluice_address *source = &who->source.address;

	request->req = (struct sluice_request){
		.port = who->local.port,
		.source_len = source->family == AF_INET ? 4 : 16,
		.hash = match_source_hash(source),
		.path = exchange_path(x),
		.offers = offers,
		.context = x,
	};
	memcpy(request->req.source, &source->v6, request->req.source_len);
	sluice_http_describe(request, &x->head, x->client->in->data);
}

enum holding {
	HOLDS_NOT,
	HOLDS,
	HOLDS_PERHAPS, /* it takes too long to find out */
};

static enum holding holds(const struct sluice_request *req,
			  const pcre2_code *regex, struct sluice_text value)
{
	const struct exchange *x = req->context;
	const struct worker *worker = x->client->worker;
	int result = pcre2_match(regex,
				 (PCRE2_SPTR)(value.data ? value.data : ""),
				 value.len, 0, 0, worker->captures,
				 worker->matching);

	if (result == PCRE2_ERROR_NOMATCH)
		return HOLDS_NOT;
	return result >= 0 ? HOLDS : HOLDS_PERHAPS;
}

/* The next parameter called @name, from @pos in the query on. */
static bool next_parameter(struct sluice_text query, struct sluice_text name,
			   u32 *pos, struct sluice_text *value)
{
	while (*pos < query.len) {
		const char *begin = query.data + *pos;
		u32 left = query.len - *pos;
		const char *end = memchr(begin, '&', left);
		u32 length = end ? (u32)(end - begin) : left;
		const char *equals = memchr(begin, '=', length);
		u32 name_len = equals ? (u32)(equals - begin) : length;

		*pos += length + 1;
		if (name_len != name.len ||
		    memcmp(begin, name.data, name_len) != 0)
			continue;
		*value = (struct sluice_text){ equals ? equals + 1 : "",
					       equals ? length - name_len - 1 :
							0 };
		return true;
	}
	return false;
}

static enum holding condition_holds(const struct plan_condition *condition,
				    const struct sluice_request *req)
{
	struct sluice_text value;
	u32 pos = 0;

	for (;;) {
		enum holding result;
		bool found;

		if (condition->what == SLUICE_ROUTE_HEADER)
			found = req->next_header(req, condition->name, &pos,
						 &value);
		else if (condition->what == SLUICE_ROUTE_COOKIE)
			found = req->next_cookie(req, condition->name, &pos,
						 &value);
		else
			found = next_parameter(req->query, condition->name,
					       &pos, &value);
		if (!found)
			return HOLDS_NOT;
		result = holds(req, condition->regex, value);
		if (result != HOLDS_NOT)
			return result;
	}
}

/* "*.example.com" is every name below example.com. */
static bool is_name(const char *pattern, const char *name, size_t length)
{
	size_t size = strlen(pattern);

	if (pattern[0] == '*') {
		if (length < size)
			return false;
		pattern++;
		size--;
		name += length - size;
		length = size;
	}
	return length == size && strncasecmp(pattern, name, size) == 0;
}

/*
 * The name that the client has asked for in TLS. The index does not have it: there,
 * it is in the place of the host, where TLS is passed through.
 */
static bool sni_holds(const struct config_texts *names, SSL *tls)
{
	const char *name;
	size_t length;

	if (!names->count)
		return true;
	name = tls ? SSL_get_servername(tls, TLSEXT_NAMETYPE_host_name) : NULL;
	if (!name)
		return false;
	length = strlen(name);
	if (length && name[length - 1] == '.')
		length--;
	for (size_t i = 0; i < names->count; i++)
		if (is_name(names->items[i], name, length))
			return true;
	return false;
}

/* A condition that is looked for among what a certificate says. */
struct looking {
	const struct plan_claim *claim;
	const struct sluice_request *req;
	enum holding result;
};

static bool claim_holds(void *arg, const char *text, size_t length)
{
	struct looking *looking = arg;
	const char *value = looking->claim->config->value;
	size_t wanted = value ? strlen(value) : 0;
	bool found = true;

	switch (looking->claim->config->how) {
	case CONFIG_REGEX:
		looking->result =
			holds(looking->req, looking->claim->regex,
			      (struct sluice_text){ text, (u32)length });
		return looking->result != HOLDS_NOT;
	case CONFIG_EXACT:
		found = length == wanted;
		break;
	case CONFIG_PREFIX:
		found = length >= wanted;
		break;
	default:
		break;
	}
	found = found && (!wanted || memcmp(text, value, wanted) == 0);
	looking->result = found ? HOLDS : HOLDS_NOT;
	return found;
}

/* What the client's certificate says, which was verified in the handshake. */
static enum holding certificate_holds(const struct plan_route *route,
				      const struct sluice_request *req,
				      SSL *tls)
{
	struct looking looking = { .req = req, .result = HOLDS };

	for (size_t i = 0; looking.result == HOLDS && i < route->claim_count;
	     i++) {
		looking.claim = &route->claims[i];
		looking.result = HOLDS_NOT;
		if (tls)
			tls_claims(tls, looking.claim->what, claim_holds,
				   &looking);
	}
	return looking.result;
}

static bool version_holds(int version, SSL *tls)
{
	if (!version)
		return true;
	return tls && SSL_version(tls) ==
			      (version == 13 ? TLS1_3_VERSION : TLS1_2_VERSION);
}

static enum holding route_holds(const struct plan_route *route,
				const struct sluice_request *req)
{
	enum holding result = HOLDS;
	const struct exchange *x = req->context;
	const struct config_match *match = route->config->match;

	if (match &&
	    (!sni_holds(&match->sni, x->client->stream.tls) ||
	     !version_holds(match->tls_version, x->client->stream.tls)))
		return HOLDS_NOT;
	if (route->path)
		result = holds(req, route->path, req->path);
	for (size_t i = 0; result == HOLDS && i < route->condition_count; i++)
		result = condition_holds(&route->conditions[i], req);
	if (result == HOLDS && route->claim_count)
		result = certificate_holds(route, req, x->client->stream.tls);
	return result;
}

bool match_route(const struct exchange *x, const struct plan_route **found)
{
	const struct plan_service *service = x->service;
	struct sluice_http_request request;
	const struct sluice_request *req = &request.req;
	int rule;

	*found = NULL;
	if (!service->index)
		return true;
	describe(x, &request);
	rule = sluice_routes_match(service->index, req);
	while (rule >= 0) {
		const struct plan_route *route =
			&service->routes[service->by_rule[rule]];

		switch (route_holds(route, req)) {
		case HOLDS:
			*found = route;
			return true;
		case HOLDS_PERHAPS:
			return false;
		default:
			break;
		}
		rule = sluice_routes_match_next(service->index, req, rule);
	}
	return true;
}
