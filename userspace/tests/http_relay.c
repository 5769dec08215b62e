// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Heads as stratum relay passes them on: a table, in no more room than there is, and
 * for each that our own parser takes what is written for the message that was meant.
 */
#include "http_relay_cases.h"
#include "http_relayed.h"
#include "ktap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What a writer makes of @context. Return: bytes, or 0. */
typedef u32 (*writer)(const void *context, u8 *to, u32 size);

struct written {
	u8 text[RELAYED_MAX];
	u32 length;
};

/* In memory of exactly that size: all of it from @enough on, and none below. */
static bool is_bounded(writer write, const void *context,
		       const struct written *whole, u32 enough)
{
	bool right = true;

	for (u32 size = 0; size <= enough; size++) {
		u8 *room = malloc(size ? size : 1);
		u32 length;

		if (!room)
			abort();
		length = write(context, room, size);
		if (size < whole->length)
			right = right && !length;
		else if (length || size == enough)
			right = right && length == whole->length &&
				memcmp(room, whole->text, length) == 0;
		free(room);
	}
	return right;
}

static void result(struct ktap *ktap, const char *name,
		   const struct written *got, const char *expect,
		   const char *wrong)
{
	u32 length = expect ? (u32)strlen(expect) : 0;
	bool same = got->length == length &&
		    (!length || memcmp(got->text, expect, length) == 0);

	ktap_result(ktap, same && !wrong, name);
	if (wrong)
		printf("# wrong: %s\n", wrong);
	if (!same)
		printf("# got:\n%.*s# not:\n%s", (int)got->length, got->text,
		       expect ? expect : "nothing");
}

/* A request and what is said of it. */
struct asking {
	const u8 *buf;
	struct sluice_http_head head;
	struct sluice_http_relay relay;
};

static u32 write_request(const void *context, u8 *to, u32 size)
{
	const struct asking *a = context;

	return sluice_http_relay_request(&a->head, a->buf, &a->relay, to, size);
}

static void test_request(struct ktap *ktap, const struct relay_request_case *c)
{
	struct asking a = {
		.buf = (const u8 *)c->in,
		.relay = {
			.client = relayed_text(c->flags & V6 ? "2001:db8::7" :
							       "192.0.2.7"),
			.local = relayed_text("192.0.2.1:8080"),
			.request_id = relayed_text("ours"),
			.request_id_name = c->flags & OTHER ? "Cookie" : NULL,
			.tls = c->flags & TLS,
			.add = c->flags & (X | FORWARDED | ID | TRUST),
		},
	};
	static struct written got;
	const char *wrong = NULL;

	sluice_http_head_init(&a.head, NULL);
	if (sluice_http_head_parse(&a.head, a.buf, (u32)strlen(c->in)) !=
	    SLUICE_HTTP_DONE)
		abort();
	got.length = write_request(&a, got.text, sizeof(got.text));
	if (got.length)
		wrong = relayed_request_wrong(got.text, got.length, a.buf,
					      &a.head, &a.relay);
	if (!wrong && !is_bounded(write_request, &a, &got,
				  got.length + a.head.path.length))
		wrong = "room";
	result(ktap, c->name, &got, c->out, wrong);
}

/* A response and what is said of it. */
struct answering {
	const u8 *buf;
	struct sluice_http_response head;
	enum sluice_http_framing framing;
	struct sluice_http_relay_reply reply;
};

static u32 write_response(const void *context, u8 *to, u32 size)
{
	const struct answering *a = context;

	return sluice_http_relay_response(&a->head, a->buf, a->framing,
					  &a->reply, to, size);
}

static void test_response(struct ktap *ktap,
			  const struct relay_response_case *c)
{
	enum sluice_http_method method = c->flags & HEAD ?
						 SLUICE_HTTP_METHOD_HEAD :
						 SLUICE_HTTP_METHOD_GET;
	struct answering a = {
		.buf = (const u8 *)c->in,
		.reply = {
			.set_cookie = relayed_text(c->flags & COOKIE ? "s=1" :
								       NULL),
			.request_id = relayed_text(c->flags & NAMED ? "ours" :
								      NULL),
			.request_id_name = c->flags & OTHER ? "X-Other" : NULL,
			.date = relayed_text(c->flags & NAMED ? DATE : NULL),
			.close = c->flags & CLOSE,
			.upgraded = c->flags & UPGRADED,
		},
	};
	static struct written got;
	const char *wrong = NULL;

	sluice_http_response_init(&a.head, NULL);
	if (sluice_http_response_parse(&a.head, a.buf, (u32)strlen(c->in)) !=
	    SLUICE_HTTP_DONE)
		abort();
	a.framing = sluice_http_response_framing(&a.head, method);
	got.length = write_response(&a, got.text, sizeof(got.text));
	if (got.length)
		wrong = relayed_response_wrong(got.text, got.length, a.buf,
					       &a.head, method, &a.reply);
	if (!wrong && !is_bounded(write_response, &a, &got, got.length))
		wrong = "room";
	result(ktap, c->name, &got, c->out, wrong);
}

/* Whether content may be passed on that way is what the head says. */
static void test_framing(struct ktap *ktap)
{
	static const char in[] = OK("Content-Length: 5\r\n");
	struct answering a = { .buf = (const u8 *)in };
	u8 to[256];
	bool right;

	sluice_http_response_init(&a.head, NULL);
	right = sluice_http_response_parse(&a.head, a.buf, sizeof(in) - 1) ==
		SLUICE_HTTP_DONE;
	for (int i = SLUICE_HTTP_FRAMING_CHUNKED;
	     i <= SLUICE_HTTP_FRAMING_TUNNEL; i++) {
		a.framing = (enum sluice_http_framing)i;
		right = right && !write_response(&a, to, sizeof(to));
	}
	ktap_result(ktap, right, "an end that the head does not say");
}

static u32 write_trailers(const void *context, u8 *to, u32 size)
{
	static const char in[] =
		"A: b\r\nX-Forwarded-For: 1\r\nx_real_ip: 2\r\nContent-Length: 3\r\n"
		"Connection: 4\r\nX-Client-Cert-Subject: 5\r\nC:d\r\n\r\n";
	struct sluice_http_trailers trailers;

	(void)context;
	sluice_http_trailers_init(&trailers, 0);
	if (sluice_http_trailers_parse(&trailers, (const u8 *)in,
				       sizeof(in) - 1) != SLUICE_HTTP_DONE)
		return 0;
	return sluice_http_relay_trailers(&trailers, (const u8 *)in, to, size);
}

static void test_trailers(struct ktap *ktap)
{
	static struct written got;

	got.length = write_trailers(NULL, got.text, sizeof(got.text));
	result(ktap, "trailers", &got, "A: b\r\nC: d\r\n\r\n",
	       is_bounded(write_trailers, NULL, &got, got.length) ? NULL :
								    "room");
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	for (size_t i = 0; i < COUNT(request_cases); i++)
		test_request(&ktap, &request_cases[i]);
	for (size_t i = 0; i < COUNT(response_cases); i++)
		test_response(&ktap, &response_cases[i]);
	test_framing(&ktap);
	test_trailers(&ktap);
	return ktap_end(&ktap);
}
