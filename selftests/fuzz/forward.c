// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Heads as they are passed on, out of any bytes: what the parser takes is written as
 * one message, framed as was asked for, that the parser takes again; and what is
 * written says of the client only what is known.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/forward.h"

#define ROOM 65535
#define ID "0123456789abcdef0123456789abcdef"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition)                                           \
	do {                                                       \
		if (!(condition)) {                                \
			fprintf(stderr, "line %d: %s\n", __LINE__, \
				#condition);                       \
			abort();                                   \
		}                                                  \
	} while (0)

static struct check_header set[] = { { "X-A", "a" }, { "Cookie", "b=c" } };
static char *removed[] = { "x-b", "X-Forwarded-Host" };
static struct config_header_changes changes = {
	.set = { set, 2 },
	.remove = { removed, 2 },
};
static struct config_rewrite rewrite = { .request = &changes,
					 .response = &changes };
static struct config_http http = { .forwarded = true, .request_id = "Id" };
static struct config_service service = { .http = &http };
static char *upgrade[] = { "websocket" };
static struct config_route route = { .headers = &rewrite,
				     .strip_prefix = "/a",
				     .replace_prefix = "/b/c",
				     .upgrade = { upgrade, 1 } };
static char room[ROOM];

/* Exactly as much room as is needed, and a byte less. */
static void check_room(const struct forward_request *request, size_t length)
{
	char *small = malloc(length);

	CHECK(small);
	CHECK(forward_request_write(small, length, request) == (ssize_t)length);
	CHECK(memcmp(small, room, length) == 0);
	CHECK(forward_request_write(small, length - 1, request) == -ENOSPC);
	free(small);
}

static bool is_field(const struct sluice_http_header *header, const char *name)
{
	return sluice_http_slice_is((const uint8_t *)room, header->name, name,
				    (u32)strlen(name));
}

static void check_request(const struct forward_request *request, size_t length)
{
	static const struct sluice_http_limits limits = { ROOM, ROOM, 0 };
	const uint8_t *buf = (const uint8_t *)room;
	enum forward_framing framing = request->framing;
	const struct sluice_http_header *header;
	struct sluice_http_head head;
	enum sluice_http_result result;
	unsigned int known = 0;

	sluice_http_head_init(&head, &limits);
	result = sluice_http_head_parse(&head, buf, (u32)length);
	/* Ours may be too many. */
	if (head.error == SLUICE_HTTP_ERROR_HEADERS_MANY)
		return;
	CHECK(result == SLUICE_HTTP_DONE && head.length == length);
	CHECK(head.minor == 1 && head.chunked == (framing == FORWARD_CHUNKED));
	CHECK(head.has_content_length == (framing == FORWARD_LENGTH));
	CHECK(!head.has_content_length ||
	      head.content_length == request->head->content_length);
	CHECK(head.keep_alive == request->keep_alive);
	CHECK(!head.upgrade ||
	      (request->upgrade && request->route && head.websocket));
	CHECK(head.form == SLUICE_HTTP_FORM_ORIGIN ||
	      head.form == SLUICE_HTTP_FORM_ASTERISK);
	for (u32 i = 0; i < head.header_count; i++) {
		header = &head.header[i];
		CHECK(!is_field(header, "X-Real-IP") &&
		      !is_field(header, "X_Forwarded_For") &&
		      !is_field(header, "Keep-Alive"));
		if (is_field(header, "X-Forwarded-For")) {
			CHECK(sluice_http_slice_is(buf, header->value,
						   "192.0.2.7", 9));
			known++;
		} else if (is_field(header, "Id")) {
			CHECK(sluice_http_slice_is(buf, header->value, ID,
						   sizeof(ID) - 1));
			known++;
		} else if (request->route && is_field(header, "X-A")) {
			known++;
		}
	}
	CHECK(known == (request->route ? 3 : 2));
}

static void try_request(const uint8_t *data, size_t size)
{
	static uint8_t path[ROOM];
	struct forward_client client = {
		.source = { .address = { .family = AF_INET,
					 .v4.s_addr = htonl(0xc0000207) } },
	};
	struct sluice_http_head head;
	struct forward_request request = {
		.buf = data,
		.head = &head,
		.service = &service,
		.client = &client,
		.path = { (const char *)path, 0 },
		.request_id = ID,
	};
	ssize_t length;

	sluice_http_head_init(&head, NULL);
	if (sluice_http_head_parse(&head, data, (u32)size) !=
		    SLUICE_HTTP_DONE ||
	    head.method_id == SLUICE_HTTP_METHOD_CONNECT)
		return;
	if (head.form != SLUICE_HTTP_FORM_ASTERISK)
		request.path.len = sluice_http_path_normalise(
			data + head.path.offset, head.path.length, path,
			sizeof(path));
	request.framing = head.chunked		  ? FORWARD_CHUNKED :
			  head.has_content_length ? FORWARD_LENGTH :
						    FORWARD_NONE;
	for (unsigned int i = 0; i < 4; i++) {
		request.route = i & 1 ? &route : NULL;
		request.keep_alive = i & 2;
		request.upgrade = i & 1;
		request.expect = i & 2;
		length = forward_request_write(room, sizeof(room), &request);
		CHECK(length > 0);
		check_room(&request, (size_t)length);
		check_request(&request, (size_t)length);
	}
	client.trusted = true;
	CHECK(forward_request_write(room, sizeof(room), &request) > 0);
}

static void try_response(const uint8_t *data, size_t size)
{
	static const struct sluice_http_limits limits = { ROOM, ROOM, 0 };
	struct sluice_http_response head, again;
	struct forward_response response = {
		.buf = data,
		.head = &head,
		.service = &service,
		.route = &route,
		.cookie = "a=b",
		.request_id = ID,
		.date = "Sun, 06 Nov 1994 08:49:37 GMT",
		.minor = 1,
	};
	enum sluice_http_result result;
	ssize_t length;

	sluice_http_response_init(&head, NULL);
	if (sluice_http_response_parse(&head, data, (u32)size) !=
	    SLUICE_HTTP_DONE)
		return;
	switch (sluice_http_response_framing(&head, SLUICE_HTTP_METHOD_GET)) {
	case SLUICE_HTTP_FRAMING_LENGTH:
		response.framing = FORWARD_LENGTH;
		break;
	case SLUICE_HTTP_FRAMING_CHUNKED:
		response.framing = FORWARD_CHUNKED;
		break;
	case SLUICE_HTTP_FRAMING_CLOSE:
		response.framing = FORWARD_CLOSE;
		break;
	default:
		response.framing = FORWARD_NONE;
	}
	response.keep_alive = head.keep_alive;
	response.upgrade = head.upgrade;
	length = forward_response_write(room, sizeof(room), &response);
	CHECK(length > 0);
	sluice_http_response_init(&again, &limits);
	result = sluice_http_response_parse(&again, (const uint8_t *)room,
					    (u32)length);
	if (again.error == SLUICE_HTTP_ERROR_HEADERS_MANY)
		return;
	CHECK(result == SLUICE_HTTP_DONE && again.length == (size_t)length);
	CHECK(again.status == head.status);
	CHECK(sluice_http_response_framing(&again, SLUICE_HTTP_METHOD_GET) ==
	      sluice_http_response_framing(&head, SLUICE_HTTP_METHOD_GET));
	CHECK(response.framing != FORWARD_LENGTH ||
	      again.content_length == head.content_length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_request(data, size);
	try_response(data, size);
	return 0;
}
