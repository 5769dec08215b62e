// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Responses as clients get them: a table of heads, and for each that our own parser
 * takes what is written for what was meant; and trailers.
 */
#include <errno.h>
#include <string.h>

#include "forward_response_cases.h"
#include "forwarding.h"
#include "proxy/forward_clock.h"

static ssize_t write_response(char *to, size_t size, const void *context)
{
	return forward_response_write(to, size, context);
}

static bool parse(struct sluice_http_response *head, const char *text,
		  size_t length)
{
	sluice_http_response_init(head, NULL);
	return sluice_http_response_parse(head, (const uint8_t *)text,
					  (u32)length) == SLUICE_HTTP_DONE;
}

static bool parses(const struct forward_response *response, const char *text,
		   size_t length)
{
	enum forward_framing framing = response->framing;
	struct sluice_http_response head;
	bool keep_alive = response->keep_alive && framing != FORWARD_CLOSE &&
			  response->head->status >= 200;

	return parse(&head, text, length) && head.length == length &&
	       head.status == response->head->status &&
	       head.chunked == (framing == FORWARD_CHUNKED) &&
	       (head.has_content_length == (framing == FORWARD_LENGTH) ||
		framing == FORWARD_NONE) &&
	       (framing != FORWARD_LENGTH ||
		head.content_length == response->head->content_length) &&
	       (head.keep_alive == keep_alive || head.status < 200) &&
	       head.upgrade == (response->upgrade && head.status == 101);
}

static void test_case(struct ktap *ktap, const struct response_case *c)
{
	struct config *config = forwarding_config(c->http, c->route);
	const struct config_service *service = &config->services.items[0];
	struct sluice_http_response head;
	struct forward_clock clock = { 0 };
	struct forward_response response = {
		.buf = (const uint8_t *)c->in,
		.head = &head,
		.service = service,
		.route = service->routes.items,
		.cookie = c->flags & COOKIE ? "c=d; Path=/" : NULL,
		.request_id = c->flags & ID ? "0123" : NULL,
		.date = c->flags & NO_DATE ?
				NULL :
				forward_clock_date(&clock, 784111777),
		.framing = c->framing,
		.keep_alive = !(c->flags & CLOSE),
		.minor = !(c->flags & HTTP_1_0),
		.upgrade = c->flags & UPGRADE,
	};
	static char room[ROOM];
	char name[200];
	ssize_t length;

	if (!parse(&head, c->in, strlen(c->in)))
		abort();
	length = forward_response_write(room, sizeof(room), &response);
	forwarding_result(ktap, c->name, room, length, c->out);
	if (length >= 0) {
		snprintf(name, sizeof(name), "%s: as it is parsed", c->name);
		ktap_result(ktap, parses(&response, room, (size_t)length),
			    name);
		snprintf(name, sizeof(name), "%s: in other memory", c->name);
		ktap_result(ktap,
			    forwarding_bounded(write_response, &response, room,
					       (size_t)length),
			    name);
	}
	config_free(config);
}

static void test_trailers(struct ktap *ktap)
{
	static const char in[] = "Checksum:x\r\nX-Forwarded-For: 1.1.1.1\r\n"
				 "Content-Length: 5\r\nConnection: close\r\n"
				 "Host: b\r\ngrpc-status: 0\r\n"
				 "Authorization: x\r\n\r\n";
	static const char out[] = "Checksum: x\r\ngrpc-status: 0\r\n\r\n";
	struct sluice_http_trailers trailers;
	char room[ROOM];
	ssize_t length;

	sluice_http_trailers_init(&trailers, 0);
	if (sluice_http_trailers_parse(&trailers, (const uint8_t *)in,
				       sizeof(in) - 1) != SLUICE_HTTP_DONE)
		abort();
	length = forward_trailers_write(room, sizeof(room), (const uint8_t *)in,
					&trailers);
	forwarding_result(ktap, "trailers", room, length, out);
	ktap_result(ktap,
		    forward_trailers_write(room, sizeof(out) - 2,
					   (const uint8_t *)in,
					   &trailers) == -ENOSPC,
		    "trailers without room");
}

static void test_clock(struct ktap *ktap)
{
	static const struct {
		int64_t second;
		const char *date;
	} cases[] = {
		{ 0, "Thu, 01 Jan 1970 00:00:00 GMT" },
		{ 951827696, "Tue, 29 Feb 2000 12:34:56 GMT" },
		{ 951827696, "Tue, 29 Feb 2000 12:34:56 GMT" },
		{ 951827697, "Tue, 29 Feb 2000 12:34:57 GMT" },
		{ 4102444799, "Thu, 31 Dec 2099 23:59:59 GMT" },
	};
	struct forward_clock clock = { 0 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ktap_result(ktap,
			    strcmp(forward_clock_date(&clock, cases[i].second),
				   cases[i].date) == 0,
			    cases[i].date);
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	for (size_t i = 0;
	     i < sizeof(response_cases) / sizeof(response_cases[0]); i++)
		test_case(&ktap, &response_cases[i]);
	test_trailers(&ktap);
	test_clock(&ktap);
	return ktap_end(&ktap);
}
