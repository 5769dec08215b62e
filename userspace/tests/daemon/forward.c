// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests as servers get them: a table of heads, and for each that our own parser
 * takes what is written for the one message that was meant.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "forward_cases.h"
#include "forwarding.h"

/* A request and all that it points to. */
struct prepared {
	struct config *config;
	struct sluice_http_head head;
	struct forward_client client;
	struct forward_request request;
	uint8_t path[ROOM];
};

static struct sluice_endpoint endpoint(const char *text, uint16_t port)
{
	struct sluice_endpoint at = { .port = port };

	at.address.family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(at.address.family, text, &at.address.v6) != 1)
		abort();
	return at;
}

static void prepare_client(struct prepared *p, unsigned int flags,
			   const char *subject)
{
	const char *source = flags & TRUSTED ? "10.0.0.9" :
			     flags & V6	     ? "2001:db8::7" :
			     flags & MAPPED  ? "::ffff:192.0.2.7" :
					       "192.0.2.7";

	p->client = (struct forward_client){
		.source = endpoint(source, 1234),
		.local = endpoint(flags & V6 ? "2001:db8::1" : "192.0.2.1",
				  8080),
		.tls = flags & TLS,
		.tls_subject = subject,
	};
	p->client.trusted = forward_trusts(p->config->services.items[0].http,
					   &p->client.source.address);
}

static void prepare(struct prepared *p, const struct forward_case *c)
{
	const struct config_service *service;
	const uint8_t *buf = (const uint8_t *)c->in;

	p->config = forwarding_config(c->http, c->route);
	service = &p->config->services.items[0];
	sluice_http_head_init(&p->head, NULL);
	if (sluice_http_head_parse(&p->head, buf, (u32)strlen(c->in)) !=
	    SLUICE_HTTP_DONE) {
		fprintf(stderr, "%s: %s\n", c->name,
			sluice_http_error_name(p->head.error));
		abort();
	}
	prepare_client(p, c->flags, c->subject);
	p->request = (struct forward_request){
		.buf = buf,
		.head = &p->head,
		.service = service,
		.route = c->flags & NO_ROUTE ? NULL : service->routes.items,
		.pool = p->config->pools.items,
		.client = &p->client,
		.path = { (char *)p->path, 0 },
		.request_id = "0123456789abcdef0123456789abcdef",
		.framing = c->framing,
		.keep_alive = !(c->flags & CLOSE),
		.expect = c->flags & EXPECT,
		.upgrade = c->flags & UPGRADE,
	};
	if (p->head.form != SLUICE_HTTP_FORM_ASTERISK)
		p->request.path.len = sluice_http_path_normalise(
			buf + p->head.path.offset, p->head.path.length, p->path,
			sizeof(p->path));
}

static ssize_t write_request(char *to, size_t size, const void *context)
{
	return forward_request_write(to, size, context);
}

/* One message, framed as was asked for. */
static bool parses(const struct prepared *p, const char *text, size_t length)
{
	enum forward_framing framing = p->request.framing;
	struct sluice_http_head head;
	uint64_t expect = p->head.content_length;

	sluice_http_head_init(&head, NULL);
	return sluice_http_head_parse(&head, (const uint8_t *)text,
				      (u32)length) == SLUICE_HTTP_DONE &&
	       head.length == length && head.minor == 1 &&
	       head.chunked == (framing == FORWARD_CHUNKED) &&
	       head.has_content_length == (framing == FORWARD_LENGTH) &&
	       (framing != FORWARD_LENGTH || head.content_length == expect) &&
	       head.keep_alive == p->request.keep_alive &&
	       (!head.upgrade || p->request.upgrade) &&
	       head.method_id == p->head.method_id &&
	       head.query.length == p->head.query.length;
}

static void test_case(struct ktap *ktap, const struct forward_case *c)
{
	static struct prepared p;
	static char room[ROOM];
	char name[200];
	ssize_t length;

	prepare(&p, c);
	length = forward_request_write(room, sizeof(room), &p.request);
	forwarding_result(ktap, c->name, room, length, c->out);
	if (length < 0) {
		config_free(p.config);
		return;
	}
	snprintf(name, sizeof(name), "%s: as it is parsed", c->name);
	ktap_result(ktap, parses(&p, room, (size_t)length), name);
	snprintf(name, sizeof(name), "%s: in other memory", c->name);
	ktap_result(ktap,
		    forwarding_bounded(write_request, &p.request, room,
				       (size_t)length),
		    name);
	config_free(p.config);
}

/*
 * Every request under the configuration of every case: whatever that changes, what
 * is written is one message, framed as was asked for.
 */
static void test_combinations(struct ktap *ktap)
{
	const size_t count = sizeof(forward_cases) / sizeof(forward_cases[0]);
	static struct prepared p;
	static char room[ROOM];
	size_t wrong = 0;

	for (size_t i = 0; i < count * count; i++) {
		struct forward_case c = forward_cases[i % count];
		ssize_t length;

		c.http = forward_cases[i / count].http;
		c.route = forward_cases[i / count].route;
		prepare(&p, &c);
		length = forward_request_write(room, sizeof(room), &p.request);
		if (length < 0 || !parses(&p, room, (size_t)length)) {
			printf("# %s, with %s\n", c.name,
			       forward_cases[i / count].name);
			wrong++;
		}
		config_free(p.config);
	}
	ktap_result(ktap, !wrong, "every request under every configuration");
}

static void test_refused(struct ktap *ktap)
{
	static const struct forward_case cases[] = {
		{ "CONNECT", "", "", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
		  "", 0, FORWARD_NONE, NULL },
		{ "a request until the connection ends", "", "",
		  "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "", 0, FORWARD_CLOSE,
		  NULL },
	};
	static struct prepared p;
	char room[ROOM];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		prepare(&p, &cases[i]);
		ktap_result(ktap,
			    forward_request_write(room, sizeof(room),
						  &p.request) == -EINVAL,
			    cases[i].name);
		config_free(p.config);
	}
}

static void test_request_id(struct ktap *ktap)
{
	char in[400], expect[400], digits[200];
	struct forward_case c = { "a number's length",
				  "request-id: id",
				  "",
				  in,
				  NULL,
				  TRUSTED,
				  FORWARD_NONE,
				  NULL };
	static struct prepared p;
	struct sluice_text id;

	memset(digits, '7', sizeof(digits));
	for (int length = 127; length < 131; length++) {
		snprintf(in, sizeof(in),
			 "GET / HTTP/1.1\r\nHost: a\r\nId: %.*s\r\n\r\n",
			 length, digits);
		snprintf(expect, sizeof(expect), "%.*s", length, digits);
		prepare(&p, &c);
		id = forward_request_id(&p.request);
		ktap_result(ktap,
			    length <= 128 ? id.len == (u32)length &&
						    memcmp(id.data, expect,
							   id.len) == 0 :
					    id.data == p.request.request_id,
			    c.name);
		config_free(p.config);
	}
	c.http = "";
	prepare(&p, &c);
	ktap_result(ktap, !forward_request_id(&p.request).data,
		    "a number that nobody wants");
	config_free(p.config);
}

static void test_trust(struct ktap *ktap)
{
	static const struct {
		const char *source;
		bool trusted;
	} cases[] = {
		{ "10.128.0.1", true },
		{ "10.127.255.255", false },
		{ "10.255.255.255", true },
		{ "11.128.0.1", false },
		{ "::ffff:10.128.0.1", true },
		{ "192.0.2.1", true },
		{ "192.0.2.0", false },
		{ "2001:db8:1::", true },
		{ "2001:db8:1:8000::", false },
		{ "2001:db8:1:7fff::1", true },
		{ "a80::", false },
	};
	struct config *config = forwarding_config(
		"trusted: [10.128.0.0/9, 192.0.2.1, '2001:db8:1::/49']", "");
	const struct config_http *http = config->services.items[0].http;
	struct sluice_address none = { .family = AF_UNSPEC };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sluice_endpoint at = endpoint(cases[i].source, 0);

		ktap_result(ktap,
			    forward_trusts(http, &at.address) ==
				    cases[i].trusted,
			    cases[i].source);
	}
	ktap_result(ktap, !forward_trusts(http, &none), "no address");
	config_free(config);
	config = forwarding_config("trusted: [0.0.0.0/0, '::/0']", "");
	http = config->services.items[0].http;
	ktap_result(ktap,
		    !forward_trusts(http, &none) &&
			    !forward_trusts(NULL, &none),
		    "no address where all are trusted");
	config_free(config);
}

/* Addresses are written as the C library writes them. */
static void test_addresses(struct ktap *ktap)
{
	static struct prepared p;
	struct forward_case c = {
		"addresses",  "",
		"",	      "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
		NULL,	      V6,
		FORWARD_NONE, NULL
	};
	char room[ROOM], text[INET6_ADDRSTRLEN], line[100];
	unsigned int seed = 1, wrong = 0;

	prepare(&p, &c);
	for (int i = 0; i < 20000; i++) {
		uint8_t *bytes = p.client.source.address.v6.s6_addr;
		ssize_t length;

		p.client.source.address.family = i % 2 ? AF_INET : AF_INET6;
		for (int k = 0; k < 16; k++) {
			seed = seed * 1103515245 + 12345;
			/* Groups of zero are what is difficult. */
			bytes[k] = seed >> 28 < 10 && i % 2 == 0 ?
					   (uint8_t)(seed >> 26 & 1) :
					   (uint8_t)(seed >> 16);
			if (i % 2 == 0 && k % 2 && seed >> 31)
				bytes[k - 1] = bytes[k] = 0;
		}
		/* IPv4 in IPv6 form, and what the C library takes for that. */
		if (i % 2 == 0 && !memcmp(bytes, "\0\0\0\0\0\0\0\0\0\0", 10))
			continue;
		inet_ntop(p.client.source.address.family, bytes, text,
			  sizeof(text));
		length = forward_request_write(room, sizeof(room), &p.request);
		snprintf(line, sizeof(line), "\r\nX-Forwarded-For: %s\r\n",
			 text);
		if (length < 0 ||
		    !memmem(room, (size_t)length, line, strlen(line))) {
			printf("# %s\n", text);
			wrong++;
		}
	}
	ktap_result(ktap, !wrong, "addresses as text");
	config_free(p.config);
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	for (size_t i = 0; i < sizeof(forward_cases) / sizeof(forward_cases[0]);
	     i++)
		test_case(&ktap, &forward_cases[i]);
	test_combinations(&ktap);
	test_refused(&ktap);
	test_request_id(&ktap);
	test_trust(&ktap);
	test_addresses(&ktap);
	return ktap_end(&ktap);
}
