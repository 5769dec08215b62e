// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Heads as stratum relay passes them on, out of any bytes: what the parser takes is
 * written as one message that the parser takes for the same, in no more room than
 * there is, and as stratum proxy writes it.
 */
#include <arpa/inet.h>
#include <stdio.h>

#include "../../userspace/tests/http_relayed.h"
#include "proxy/forward.h"

#define CLIENT "192.0.2.7"
#define ID "0123456789abcdef0123456789abcdef"
#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition)                                           \
	do {                                                       \
		if (!(condition)) {                                \
			fprintf(stderr, "line %d: %s\n", __LINE__, \
				#condition);                       \
			abort();                                   \
		}                                                  \
	} while (0)

#define RIGHT(expression)                                                  \
	do {                                                               \
		const char *wrong = expression;                            \
		if (wrong) {                                               \
			fprintf(stderr, "line %d: %s\n", __LINE__, wrong); \
			abort();                                           \
		}                                                          \
	} while (0)

static u8 room[RELAYED_MAX], path[RELAYED_MAX];
static char theirs[RELAYED_MAX];
static struct config_http http = { .forwarded = true };
static const struct config_service service = { .http = &http };
static char *upgrade[] = { "websocket" };
static const struct config_route route = { .upgrade = { upgrade, 1 } };

static void check_same(u32 length, ssize_t other)
{
	CHECK(other == (ssize_t)length);
	CHECK(memcmp(room, theirs, length) == 0);
}

static void compare_request(const struct sluice_http_head *head,
			    const uint8_t *data,
			    const struct sluice_http_relay *relay, u32 length)
{
	const struct forward_client client = {
		.source = { .address = { .family = AF_INET,
					 .v4.s_addr = htonl(0xc0000207) } },
		.local = { .address = { .family = AF_INET,
					.v4.s_addr = htonl(0xc0000201) },
			   .port = 8080 },
		.trusted = relay->add & SLUICE_HTTP_RELAY_TRUST,
		.tls = relay->tls,
	};
	struct forward_request request = {
		.buf = data,
		.head = head,
		.service = &service,
		.route = &route,
		.client = &client,
		.path = { (const char *)path, 0 },
		.request_id = ID,
		.framing = head->chunked	    ? FORWARD_CHUNKED :
			   head->has_content_length ? FORWARD_LENGTH :
						      FORWARD_NONE,
		.keep_alive = true,
		.expect = true,
		.upgrade = head->websocket,
	};

	http.forwarded = relay->add & SLUICE_HTTP_RELAY_X_FORWARDED;
	http.request_id = relay->add & SLUICE_HTTP_RELAY_REQUEST_ID ?
				  (char *)sluice_http_relay_id_name(
					  relay->request_id_name) :
				  NULL;
	if (head->form != SLUICE_HTTP_FORM_ASTERISK)
		request.path.len = sluice_http_path_normalise(
			data + head->path.offset, head->path.length, path,
			sizeof(path));
	check_same(length,
		   forward_request_write(theirs, sizeof(theirs), &request));
}

/* With the path as it came there is enough room; with less than that there is none. */
static void check_room(const struct sluice_http_head *head, const u8 *data,
		       const struct sluice_http_relay *relay, u32 length)
{
	u32 enough = length + head->path.length;
	u8 *small = malloc(enough);

	CHECK(small);
	CHECK(sluice_http_relay_request(head, data, relay, small, enough) ==
	      length);
	CHECK(memcmp(small, room, length) == 0);
	free(small);
	small = malloc(length - 1);
	CHECK(small);
	for (u32 size = 0; size < length; size += 1 + length / 16)
		CHECK(!sluice_http_relay_request(head, data, relay, small,
						 size));
	CHECK(!sluice_http_relay_request(head, data, relay, small, length - 1));
	free(small);
}

static void try_request(const uint8_t *data, size_t size)
{
	struct sluice_http_relay relay = {
		.client = relayed_text(CLIENT),
		.local = relayed_text("192.0.2.1:8080"),
		.request_id = relayed_text(ID),
	};
	struct sluice_http_head head;
	u32 length;

	sluice_http_head_init(&head, NULL);
	if (sluice_http_head_parse(&head, data, (u32)size) != SLUICE_HTTP_DONE)
		return;
	for (u8 add = 0; add < 16; add++) {
		relay.add = add;
		relay.tls = add & 1;
		relay.request_id_name = add & 1 ? "Cookie" : NULL;
		length = sluice_http_relay_request(&head, data, &relay, room,
						   sizeof(room));
		CHECK((length == 0) ==
		      (head.method_id == SLUICE_HTTP_METHOD_CONNECT));
		if (!length)
			return;
		RIGHT(relayed_request_wrong(room, length, data, &head, &relay));
		if (!(add & SLUICE_HTTP_RELAY_FORWARDED))
			compare_request(&head, data, &relay, length);
	}
	check_room(&head, data, &relay, length);
	relay.local.len = 0;
	CHECK(!sluice_http_relay_request(&head, data, &relay, room,
					 sizeof(room)) == !head.host.length);
}

static void compare_response(const struct sluice_http_response *head,
			     const uint8_t *data,
			     enum sluice_http_framing framing,
			     const struct sluice_http_relay_reply *reply,
			     u32 length)
{
	struct forward_response response = {
		.buf = data,
		.head = head,
		.service = &service,
		.cookie = reply->set_cookie.data,
		.request_id = reply->request_id.data,
		.date = reply->date.data,
		.framing = framing == SLUICE_HTTP_FRAMING_LENGTH ?
				   FORWARD_LENGTH :
			   framing == SLUICE_HTTP_FRAMING_CHUNKED ?
				   FORWARD_CHUNKED :
			   framing == SLUICE_HTTP_FRAMING_NONE ? FORWARD_NONE :
								 FORWARD_CLOSE,
		.keep_alive = !reply->close,
		.minor = 1,
		.upgrade = reply->upgraded,
	};

	http.request_id =
		(char *)sluice_http_relay_id_name(reply->request_id_name);
	check_same(length,
		   forward_response_write(theirs, sizeof(theirs), &response));
}

static void try_response(const uint8_t *data, size_t size)
{
	struct sluice_http_relay_reply reply = { 0 };
	struct sluice_http_response head;
	enum sluice_http_framing framing;
	u32 length;
	u8 *small;

	sluice_http_response_init(&head, NULL);
	if (sluice_http_response_parse(&head, data, (u32)size) !=
	    SLUICE_HTTP_DONE)
		return;
	for (unsigned int i = 0; i < 8; i++) {
		enum sluice_http_method method =
			i & 4 ? SLUICE_HTTP_METHOD_HEAD :
				SLUICE_HTTP_METHOD_GET;

		reply = (struct sluice_http_relay_reply){
			.set_cookie = relayed_text(i & 1 ? "a=b" : NULL),
			.request_id = relayed_text(i & 1 ? ID : NULL),
			.request_id_name = i & 2 ? "Server" : NULL,
			.date = relayed_text(i & 2 ? DATE : NULL),
			.close = i & 2,
			.upgraded = head.status == 101,
		};
		framing = sluice_http_response_framing(&head, method);
		length = sluice_http_relay_response(&head, data, framing,
						    &reply, room, sizeof(room));
		CHECK(length);
		RIGHT(relayed_response_wrong(room, length, data, &head, method,
					     &reply));
		compare_response(&head, data, framing, &reply, length);
		small = malloc(length);
		CHECK(small);
		CHECK(sluice_http_relay_response(&head, data, framing, &reply,
						 small, length) == length);
		CHECK(!sluice_http_relay_response(&head, data, framing, &reply,
						  small, length - 1));
		free(small);
	}
	/* However it is asked for, nothing ends where the head does not say so. */
	for (int i = 0; i <= SLUICE_HTTP_FRAMING_TUNNEL; i++) {
		reply.upgraded = false;
		length = sluice_http_relay_response(&head, data,
						    (enum sluice_http_framing)i,
						    &reply, room, sizeof(room));
		/* Or the data of chunks alone, for a client of HTTP/1.0. */
		CHECK(!length || i == (int)framing ||
		      (i == SLUICE_HTTP_FRAMING_CLOSE && head.chunked) ||
		      i == SLUICE_HTTP_FRAMING_NONE ||
		      i == (int)sluice_http_response_framing(
				   &head, SLUICE_HTTP_METHOD_GET));
	}
}

static void try_trailers(const uint8_t *data, size_t size)
{
	struct sluice_http_trailers trailers, again;
	u32 length;

	sluice_http_trailers_init(&trailers, 0);
	if (sluice_http_trailers_parse(&trailers, data, (u32)size) !=
	    SLUICE_HTTP_DONE)
		return;
	length =
		sluice_http_relay_trailers(&trailers, data, room, sizeof(room));
	CHECK(length >= 2);
	CHECK(!sluice_http_relay_trailers(&trailers, data, room, length - 1));
	check_same(length, forward_trailers_write(theirs, sizeof(theirs), data,
						  &trailers));
	sluice_http_trailers_init(&again, RELAYED_MAX);
	CHECK(sluice_http_trailers_parse(&again, room, length) ==
		      SLUICE_HTTP_DONE &&
	      again.length == length);
	for (u32 i = 0; i < again.header_count; i++)
		CHECK(sluice_http_trailer_allowed(room, &again.header[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_request(data, size);
	try_response(data, size);
	try_trailers(data, size);
	return 0;
}
