// SPDX-License-Identifier: GPL-2.0-or-later
/* http, https: a request of HTTP/1.1, and conditions on its answer. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http_answer.h"
#include "http_body.h"
#include "kinds.h"
#include "stream.h"

/* Bytes of a request. */
#define REQUEST_MAX 16384

/* What the head, the body and the sizes of its chunks may take together. */
#define ANSWER_MAX (HTTP_ANSWER_HEAD_MAX + 4 * HTTP_BODY_MAX)

/* Of one check; where the host is the server's address, it goes in between. */
struct http {
	char *request;
	size_t length;
	size_t host_at;
	bool add_host;
	struct http_body *body;
};

struct state {
	struct http_answer answer;
	size_t searched;
};

static bool is_token(const char *text)
{
	static const char more[] = "!#$%&'*+-.^_`|~";

	for (const char *c = text; *c; c++)
		if (!(*c >= '0' && *c <= '9') && !(*c >= 'A' && *c <= 'Z') &&
		    !(*c >= 'a' && *c <= 'z') && !strchr(more, *c))
			return false;
	return *text;
}

/* Without spaces and control characters. */
static bool is_target(const char *text)
{
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return false;
	return *text;
}

static bool is_value(const char *text)
{
	for (const char *c = text; *c; c++)
		if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f)
			return false;
	return true;
}

/* Fields that say how the request is framed, or that are made here. */
static bool is_ours(const char *name)
{
	static const char *const ours[] = { "host", "connection",
					    "content-length",
					    "transfer-encoding" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcasecmp(name, ours[i]) == 0)
			return true;
	return false;
}

static int check_request(const struct check_spec *spec,
			 struct check_error *error)
{
	if (spec->method && !is_token(spec->method))
		return check_refuse(error,
				    "method: letters as in GET expected");
	if (spec->path && ((spec->path[0] != '/' && strcmp(spec->path, "*")) ||
			   !is_target(spec->path)))
		return check_refuse(
			error,
			"path: expected to start with '/', without spaces");
	if (spec->host && !is_target(spec->host))
		return check_refuse(error, "host: expected without spaces");
	for (size_t i = 0; i < spec->header_count; i++) {
		const char *name = spec->headers[i].name;

		if (!is_token(name))
			return check_refuse(
				error,
				"headers: a name is letters, digits and '-'");
		if (is_ours(name))
			return check_refuse(
				error,
				"headers: %s is not for headers (there is host)",
				name);
		if (!is_value(spec->headers[i].value))
			return check_refuse(
				error, "headers: a control character in %s",
				name);
	}
	for (size_t i = 0; i < spec->status_count; i++) {
		const struct check_range *range = &spec->statuses[i];

		if (range->first < 100 || range->last > 599 ||
		    range->first > range->last)
			return check_refuse(
				error,
				"status: %u-%u is no range within 100-599",
				range->first, range->last);
	}
	for (size_t i = 0; i < spec->alpn_count; i++)
		if (strcmp(spec->alpn[i], "http/1.1") != 0 &&
		    strcmp(spec->alpn[i], "http/1.0") != 0)
			return check_refuse(
				error,
				"alpn: an https check speaks http/1.1 only");
	return 0;
}

static bool has_header(const struct check_spec *spec, const char *name)
{
	for (size_t i = 0; i < spec->header_count; i++)
		if (strcasecmp(spec->headers[i].name, name) == 0)
			return true;
	return false;
}

static int make_request(struct http *http, const struct check_spec *spec,
			struct check_error *error)
{
	const char *method = spec->method ? spec->method : "GET";
	const char *host = spec->host ? spec->host : spec->sni;
	bool body = strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0;
	FILE *to;

	to = open_memstream(&http->request, &http->length);
	if (!to)
		return check_refuse(error, "out of memory");
	fprintf(to, "%s %s HTTP/1.1\r\nHost: ", method,
		spec->path ? spec->path : "/");
	fflush(to);
	http->host_at = http->length;
	http->add_host = !host;
	fprintf(to, "%s\r\nConnection: close\r\n%s", host ? host : "",
		body ? "Content-Length: 0\r\n" : "");
	if (!has_header(spec, "user-agent"))
		fprintf(to, "User-Agent: sluiced\r\n");
	for (size_t i = 0; i < spec->header_count; i++)
		fprintf(to, "%s: %s\r\n", spec->headers[i].name,
			spec->headers[i].value);
	fprintf(to, "\r\n");
	if (fclose(to) != 0)
		return check_refuse(error, "out of memory");
	if (http->length > REQUEST_MAX)
		return check_refuse(error,
				    "request: %zu bytes, at most %d expected",
				    http->length, REQUEST_MAX);
	return 0;
}

static int prepare(struct check *check, struct check_error *error)
{
	struct http *http;
	int err;

	err = check_request(check->spec, error);
	if (err)
		return err;
	http = calloc(1, sizeof(*http));
	if (!http)
		return check_refuse(error, "out of memory");
	check->data = http;
	err = make_request(http, check->spec, error);
	if (err)
		return err;
	http->body = http_body_create(check->spec, error);
	return http->body ? 0 : -EINVAL;
}

static void forget(struct check *check)
{
	struct http *http = check->data;

	if (!http)
		return;
	http_body_free(http->body);
	free(http->request);
	free(http);
}

/* The address, in brackets if it is of IPv6, and the port if it is another. */
static int host_of(const struct check_run *run, char *to, size_t size)
{
	const struct sockaddr_in6 *in6 = (const void *)run->address;
	const struct sockaddr_in *in = (const void *)run->address;
	bool six = run->address->ss_family == AF_INET6;
	unsigned int port = ntohs(six ? in6->sin6_port : in->sin_port);
	char text[INET6_ADDRSTRLEN];

	inet_ntop(run->address->ss_family,
		  six ? (const void *)&in6->sin6_addr :
			(const void *)&in->sin_addr,
		  text, sizeof(text));
	if (port == (run->check->kind->tls ? 443 : 80))
		return snprintf(to, size, six ? "[%s]" : "%s", text);
	return snprintf(to, size, six ? "[%s]:%u" : "%s:%u", text, port);
}

static void begin(struct check_run *run)
{
	const struct check_spec *spec = run->check->spec;
	const struct http *http = run->check->data;
	struct state *state = run->state;
	char request[REQUEST_MAX + 64], *at = request;

	run->waiting_for = "the head of an answer";
	state->answer.to_head = spec->method &&
				strcmp(spec->method, "HEAD") == 0;
	if (!http->add_host) {
		check_stream_send(run, http->request, http->length);
		return;
	}
	memcpy(at, http->request, http->host_at);
	at += http->host_at;
	at += host_of(run, at, 64);
	memcpy(at, http->request + http->host_at, http->length - http->host_at);
	at += http->length - http->host_at;
	check_stream_send(run, request, (size_t)(at - request));
}

static bool is_good(const struct check_spec *spec, unsigned int status)
{
	if (!spec->status_count)
		return status >= 200 && status <= 399;
	for (size_t i = 0; i < spec->status_count; i++)
		if (status >= spec->statuses[i].first &&
		    status <= spec->statuses[i].last)
			return true;
	return false;
}

static void match_body(struct check_run *run, bool whole)
{
	const struct http *http = run->check->data;
	struct state *state = run->state;
	char why[CHECK_REASON_SIZE];

	if (http_body_match(http->body, run->in + state->answer.body,
			    state->answer.body_length, whole, why))
		check_pass(run, "status %u, body as expected",
			   state->answer.status);
	else
		check_fail(run, "status %u, %s", state->answer.status, why);
}

/* Where the text is all that matters, a body that goes on and on need not end. */
static bool has_text(struct check_run *run)
{
	const struct check_spec *spec = run->check->spec;
	struct state *state = run->state;
	size_t length, from = state->searched;
	const unsigned char *body = run->in + state->answer.body;

	if (!spec->body || spec->body_regex || spec->json_pointer)
		return false;
	length = strlen(spec->body);
	if (state->answer.body_length < length)
		return false;
	state->searched = state->answer.body_length - length + 1;
	return memmem(body + from, state->answer.body_length - from, spec->body,
		      length);
}

static void received(struct check_run *run, bool end)
{
	const struct check_spec *spec = run->check->spec;
	struct state *state = run->state;
	struct http_answer *answer = &state->answer;

	http_answer_read(answer, run->in, &run->in_length, end);
	if (answer->state == HTTP_ANSWER_BAD) {
		check_fail(run, "not an answer of HTTP: %s", answer->error);
		return;
	}
	if (!http_answer_has_head(answer))
		return;
	run->waiting_for = "the body";
	if (!is_good(spec, answer->status)) {
		check_fail(run, "status %u", answer->status);
		return;
	}
	if (!http_body_wanted(spec))
		check_pass(run, "status %u", answer->status);
	else if (answer->state == HTTP_ANSWER_DONE)
		match_body(run, true);
	else if (answer->body_length >= HTTP_BODY_MAX)
		match_body(run, false);
	else if (has_text(run))
		check_pass(run, "status %u, body as expected", answer->status);
}

#define HTTP(kind_name, with_tls)                   \
	{                                           \
		.name = (kind_name),                \
		.state_size = sizeof(struct state), \
		.answer_max = ANSWER_MAX,           \
		.tls = (with_tls),                  \
		.prepare = prepare,                 \
		.forget = forget,                   \
		.start = check_stream_start,        \
		.stop = check_stream_stop,          \
		.begin = begin,                     \
		.received = received,               \
	}

const struct check_kind_ops check_http = HTTP("http", false);
const struct check_kind_ops check_https = HTTP("https", true);
