// SPDX-License-Identifier: GPL-2.0-or-later
/* What scheduler maglev spreads by: the same for what is the same, and nothing else. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "../ktap.h"
#include "proxy/hash_key.h"

static const uint64_t key[2] = { 1, 2 };

/* The hash of "GET TARGET" with more header fields. */
static uint64_t hash_with(int on, const char *name, const char *target,
			  const char *fields, const char *source)
{
	struct config_hashing hashing = { .on = on, .name = (char *)name };
	struct sluice_address address = { 0 };
	struct sluice_http_head head;
	struct hash_key_request request = { .head = &head, .source = &address };
	uint8_t path[256];
	char *text;
	uint64_t hash;
	int length;

	length = asprintf(&text, "%s HTTP/1.1\r\nHost: a\r\n%s\r\n", target,
			  fields);
	if (length < 0)
		abort();
	sluice_http_head_init(&head, NULL);
	if (sluice_http_head_parse(&head, (uint8_t *)text, (uint32_t)length) !=
	    SLUICE_HTTP_DONE) {
		printf("# %s: %s\n", target,
		       sluice_http_error_name(head.error));
		abort();
	}
	request.buf = (uint8_t *)text;
	request.path.data = (char *)path;
	if (head.path.length || head.form == SLUICE_HTTP_FORM_ABSOLUTE)
		request.path.len = sluice_http_path_normalise(
			request.buf + head.path.offset, head.path.length, path,
			sizeof(path));
	address.family = strchr(source, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(address.family, source, &address.v6) != 1)
		abort();
	hash = hash_key(on < 0 ? NULL : &hashing, &request, key);
	free(text);
	return hash;
}

#define SOURCE "192.0.2.1"
#define OTHER "192.0.2.2"

static const struct {
	const char *name;
	int on;
	const char *key;
	/* Target and fields of one, and of another. */
	const char *targets[2];
	const char *fields[2];
	/* Whether they have the same hash, from different sources. */
	bool same;
} cases[] = {
	{ "uri",
	  CONFIG_HASH_URI,
	  NULL,
	  { "GET /a?b", "HEAD /a?b" },
	  { "", "" },
	  true },
	{ "uri: another path",
	  CONFIG_HASH_URI,
	  NULL,
	  { "GET /a", "GET /b" },
	  { "", "" },
	  false },
	{ "uri: another query",
	  CONFIG_HASH_URI,
	  NULL,
	  { "GET /a?b", "GET /a?c" },
	  { "", "" },
	  false },
	{ "uri: an empty query",
	  CONFIG_HASH_URI,
	  NULL,
	  { "GET /a?", "GET /a" },
	  { "", "" },
	  false },
	{ "uri: one path, two spellings",
	  CONFIG_HASH_URI,
	  NULL,
	  { "GET /%61/../b", "GET /b" },
	  { "", "" },
	  true },
	{ "uri: absolute form",
	  CONFIG_HASH_URI,
	  NULL,
	  { "GET http://a/b?c", "GET /b?c" },
	  { "", "" },
	  true },
	{ "uri: absolute form without a path",
	  CONFIG_HASH_URI,
	  NULL,
	  { "GET http://a", "GET /" },
	  { "", "" },
	  true },
	{ "uri: none",
	  CONFIG_HASH_URI,
	  NULL,
	  { "OPTIONS *", "OPTIONS *" },
	  { "", "" },
	  false },
	{ "header",
	  CONFIG_HASH_HEADER,
	  "X-User",
	  { "GET /a", "GET /b" },
	  { "x-user: me\r\n", "X-USER:me \r\n" },
	  true },
	{ "header: another value",
	  CONFIG_HASH_HEADER,
	  "X-User",
	  { "GET /", "GET /" },
	  { "X-User: me\r\n", "X-User: Me\r\n" },
	  false },
	{ "header: the first",
	  CONFIG_HASH_HEADER,
	  "X-User",
	  { "GET /", "GET /" },
	  { "X-User: me\r\nX-User: you\r\n", "X-User: me\r\n" },
	  true },
	{ "header: the first that says something",
	  CONFIG_HASH_HEADER,
	  "X-User",
	  { "GET /", "GET /" },
	  { "X-User:\r\nX-User: me\r\n", "X-User: me\r\n" },
	  true },
	{ "header: none",
	  CONFIG_HASH_HEADER,
	  "X-User",
	  { "GET /", "GET /" },
	  { "", "" },
	  false },
	{ "header: empty",
	  CONFIG_HASH_HEADER,
	  "X-User",
	  { "GET /", "GET /" },
	  { "X-User:\r\n", "X-User:\r\n" },
	  false },
	{ "cookie",
	  CONFIG_HASH_COOKIE,
	  "id",
	  { "GET /a", "GET /b" },
	  { "Cookie: x=1; id=5\r\n", "Cookie: id=5; x=2\r\n" },
	  true },
	{ "cookie: its case",
	  CONFIG_HASH_COOKIE,
	  "id",
	  { "GET /", "GET /" },
	  { "Cookie: ID=5\r\n", "Cookie: ID=5\r\n" },
	  false },
	{ "cookie: none",
	  CONFIG_HASH_COOKIE,
	  "id",
	  { "GET /", "GET /" },
	  { "Cookie: id=\r\n", "Cookie: i=d\r\n" },
	  false },
	{ "query",
	  CONFIG_HASH_QUERY,
	  "id",
	  { "GET /a?x=1&id=5", "GET /b?id=5&y" },
	  { "", "" },
	  true },
	{ "query: the first",
	  CONFIG_HASH_QUERY,
	  "id",
	  { "GET /?id=5&id=6", "GET /?id=5" },
	  { "", "" },
	  true },
	{ "query: another value",
	  CONFIG_HASH_QUERY,
	  "id",
	  { "GET /?id=5", "GET /?id=55" },
	  { "", "" },
	  false },
	{ "query: another name",
	  CONFIG_HASH_QUERY,
	  "id",
	  { "GET /?idx=5", "GET /?xid=5" },
	  { "", "" },
	  false },
	{ "query: empty",
	  CONFIG_HASH_QUERY,
	  "id",
	  { "GET /?id=&&id", "GET /?id=&&id" },
	  { "", "" },
	  false },
	{ "query: with an equals sign",
	  CONFIG_HASH_QUERY,
	  "id",
	  { "GET /?id==5", "GET /?id==5&id=7" },
	  { "", "" },
	  true },
	{ "query: none",
	  CONFIG_HASH_QUERY,
	  "id",
	  { "GET /", "GET /" },
	  { "", "" },
	  false },
};

static bool holds(size_t i)
{
	uint64_t one = hash_with(cases[i].on, cases[i].key, cases[i].targets[0],
				 cases[i].fields[0], SOURCE);
	uint64_t other = hash_with(cases[i].on, cases[i].key,
				   cases[i].targets[1], cases[i].fields[1],
				   OTHER);

	return (one == other) == cases[i].same;
}

/* What is lacking is the source, as with nothing else to hash. */
static bool falls_back(void)
{
	uint64_t source = hash_with(-1, NULL, "GET /", "", SOURCE);

	return hash_with(CONFIG_HASH_SOURCE, NULL, "GET /x", "", SOURCE) ==
		       source &&
	       hash_with(CONFIG_HASH_URI, NULL, "OPTIONS *", "", SOURCE) ==
		       source &&
	       hash_with(CONFIG_HASH_HEADER, "X", "GET /", "", SOURCE) ==
		       source &&
	       hash_with(CONFIG_HASH_COOKIE, "x", "GET /", "", SOURCE) ==
		       source &&
	       hash_with(CONFIG_HASH_QUERY, "x", "GET /", "", SOURCE) == source;
}

static uint64_t of_source(const char *source)
{
	return hash_with(CONFIG_HASH_SOURCE, NULL, "GET /", "", source);
}

static bool sources(void)
{
	return of_source("::ffff:192.0.2.1") == of_source("192.0.2.1") &&
	       of_source("192.0.2.1") != of_source("192.0.2.2") &&
	       of_source("2001:db8::1") == of_source("2001:db8:0::1") &&
	       of_source("2001:db8::1") != of_source("2001:db8::2") &&
	       of_source("::c000:201") != of_source("192.0.2.1");
}

/* Nodes of one cluster choose the same server, also while they are upgraded. */
static bool never_changes(void)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t j = 0; j < 2; j++)
			sum = sum * 31 + hash_with(cases[i].on, cases[i].key,
						   cases[i].targets[j],
						   cases[i].fields[j], SOURCE);
	if (sum == 0xc679e7f63d1b45e0)
		return true;
	printf("# sum %#lx\n", sum);
	return false;
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ktap_result(&ktap, holds(i), cases[i].name);
	ktap_result(&ktap, never_changes(), "one hash for all nodes");
	ktap_result(&ktap, falls_back(), "what lacks it goes by its source");
	ktap_result(&ktap, sources(), "sources");
	return ktap_end(&ktap);
}
