// SPDX-License-Identifier: GPL-2.0-or-later
/* Heads of HTTP/1.x responses: what they mean, however they come in. */
#include "http_cut.h"
#include "http_response_cases.h"
#include "ktap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void init(void *state, const struct sluice_http_limits *limits)
{
	sluice_http_response_init(state, limits);
}

static enum sluice_http_result parse(void *state, const u8 *buf, u32 len)
{
	return sluice_http_response_parse(state, buf, len);
}

static const struct http_parser parser = {
	sizeof(struct sluice_http_response),
	init,
	parse,
};

static const char *framing(const struct sluice_http_response *response,
			   enum sluice_http_method method)
{
	static const char *const names[] = { "none", "length", "chunked",
					     "close", "tunnel" };

	return names[sluice_http_response_framing(response, method)];
}

/* In the form of the expectations of a case. */
static void describe(char *out, size_t size,
		     const struct sluice_http_response *response,
		     const char *text)
{
	FILE *to = fmemopen(out, size, "w");

	if (!to)
		abort();
	fprintf(to, "%u [%.*s] 1.%u%s", response->status,
		(int)response->reason.length, text + response->reason.offset,
		response->minor, response->keep_alive ? " keep" : "");
	if (response->has_content_length)
		fprintf(to, " length=%llu", response->content_length);
	fprintf(to, "%s%s%s %s/%s/%s", response->chunked ? " chunked" : "",
		response->upgrade ? " upgrade" : "",
		response->websocket ? " websocket" : "",
		framing(response, SLUICE_HTTP_METHOD_GET),
		framing(response, SLUICE_HTTP_METHOD_HEAD),
		framing(response, SLUICE_HTTP_METHOD_CONNECT));
	fclose(to);
}

static bool as_expected(const struct response_case *test,
			const struct sluice_http_response *response,
			enum sluice_http_result result)
{
	char text[512];

	if (!test->taken) {
		if (result == SLUICE_HTTP_REFUSED &&
		    response->error == test->error)
			return true;
		printf("# result %d, %s\n", result,
		       sluice_http_error_name(response->error));
		return false;
	}
	if (result != SLUICE_HTTP_DONE || response->length != test->length) {
		printf("# result %d, length %u, %s\n", result, response->length,
		       sluice_http_error_name(response->error));
		return false;
	}
	describe(text, sizeof(text), response, test->text);
	if (strcmp(text, test->taken) == 0)
		return true;
	printf("# '%s' instead of '%s'\n", text, test->taken);
	return false;
}

static void test_cases(struct ktap *ktap)
{
	static const enum sluice_http_error errors[] = {
		SLUICE_HTTP_ERROR_STATUS,
		SLUICE_HTTP_ERROR_STATUS_CONTENT,
		SLUICE_HTTP_ERROR_SWITCH,
	};
	bool seen[SLUICE_HTTP_ERROR_COUNT] = { 0 }, all = true;

	for (size_t i = 0; i < COUNT(response_cases); i++) {
		const struct response_case *test = &response_cases[i];
		struct sluice_http_response response;
		enum sluice_http_result result;

		http_begin(&parser, &response, &test->limits);
		result =
			http_feed(&parser, &response, test->text, test->length);
		ktap_result(
			ktap,
			as_expected(test, &response, result) &&
				http_same_by_parts(&parser, &test->limits,
						   test->text, test->length,
						   test->taken, &response) &&
				http_same_with_tail(&parser, &test->limits,
						    test->text, test->length,
						    &response),
			test->name);
		seen[test->error] = true;
	}
	for (size_t i = 0; i < COUNT(errors); i++)
		all = all && seen[errors[i]] &&
		      sluice_http_error_name(errors[i]) &&
		      sluice_http_error_status(errors[i]) == 502;
	ktap_result(ktap, all,
		    "every reason to refuse a response has a case and a name");
}

/* Names of the fields that are for this connection, with a space behind each. */
static const struct {
	const char *name;
	const char *fields;
	const char *hop;
} hops[] = {
	{ "no Connection", "A: b\r\nSet-Cookie: c\r\nKeep-Alive: 5\r\n",
	  "Keep-Alive " },
	{ "fields that are always for this connection",
	  "A: b\r\nTransfer-Encoding: chunked\r\nUpgrade: x\r\nTE: y\r\n"
	  "Proxy-Connection: z\r\n",
	  "Transfer-Encoding Upgrade TE Proxy-Connection " },
	{ "fields that Connection names",
	  "X-a: b\r\nConnection: close, x-A\r\nC: d\r\nconnection: c\r\n"
	  "E: f\r\n",
	  "X-a Connection C connection " },
	{ "a field with the name of an option",
	  "Close: b\r\nC: d\r\nConnection: close, keep-alive\r\n",
	  "Close Connection " },
	{ "options that are no fields",
	  "Connection: keep-alive\r\nClose: b\r\n", "Connection " },
	{ "an empty name matches none", "Connection: ,,\r\nA: b\r\n",
	  "Connection " },
};

static bool is_hop(const char *fields, const char *expected)
{
	struct sluice_http_response response;
	char text[512], names[256] = "";
	size_t at = 0;

	snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\n%s\r\n", fields);
	sluice_http_response_init(&response, NULL);
	if (sluice_http_response_parse(&response, (const u8 *)text,
				       (u32)strlen(text)) != SLUICE_HTTP_DONE)
		return false;
	for (u32 i = 0; i < response.header_count; i++) {
		const struct sluice_http_header *header = &response.header[i];

		if (!sluice_http_response_hop(&response, (const u8 *)text,
					      header))
			continue;
		at += (size_t)snprintf(names + at, sizeof(names) - at, "%.*s ",
				       header->name.length,
				       text + header->name.offset);
	}
	if (strcmp(names, expected) == 0)
		return true;
	printf("# '%s' instead of '%s'\n", names, expected);
	return false;
}

static void test_limits(struct ktap *ktap)
{
	const struct sluice_http_limits many = { .headers = 65535 };
	struct sluice_http_response response;
	static char text[70000];
	size_t at;

	http_begin(&parser, &response, NULL);
	ktap_result(ktap,
		    response.limits.head == SLUICE_HTTP_HEAD_DEFAULT &&
			    response.limits.headers == SLUICE_HTTP_HEADERS_MAX,
		    "limits where none are given");
	memset(text, 'a', sizeof(text));
	at = (size_t)sprintf(text, "HTTP/1.1 200 ");
	text[at] = 'a';
	ktap_result(ktap,
		    http_feed(&parser, &response, text, sizeof(text)) ==
				    SLUICE_HTTP_REFUSED &&
			    response.error == SLUICE_HTTP_ERROR_HEAD_LONG,
		    "a reason without end");
	http_begin(&parser, &response, &many);
	at = (size_t)sprintf(text, "HTTP/1.1 200 OK\r\n");
	for (int i = 0; i < SLUICE_HTTP_HEADERS_MAX; i++)
		at += (size_t)sprintf(text + at, "a: b\r\n");
	at += (size_t)sprintf(text + at, "\r\n");
	ktap_result(ktap,
		    http_feed(&parser, &response, text, at) ==
				    SLUICE_HTTP_DONE &&
			    response.header_count == SLUICE_HTTP_HEADERS_MAX,
		    "as many headers as there can be");
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	test_cases(&ktap);
	for (size_t i = 0; i < COUNT(hops); i++)
		ktap_result(&ktap, is_hop(hops[i].fields, hops[i].hop),
			    hops[i].name);
	test_limits(&ktap);
	return ktap_end(&ktap);
}
