/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The head of an HTTP/1.x response: status line and header fields, up to and with
 * the empty line. As strict as http_head.h, and called the same way; what follows
 * the head is for sluice_http_response_framing() to say.
 *
 * What two recipients could see to end in two places is refused, also where RFC 9112
 * 6.3 has a rule for it that not everyone keeps: Content-Length twice or with
 * Transfer-Encoding, codings of which not only the last is chunked, any in HTTP/1.0,
 * and content in 1xx and 204. "Content-Length: 0" in these means nothing.
 */
#ifndef SLUICE_HTTP_RESPONSE_H
#define SLUICE_HTTP_RESPONSE_H

#include "http_head.h"

/**
 * struct sluice_http_response - a response's head, and how far it has been parsed
 * @content_length: bytes of content, if @has_content_length and there is content by
 *	sluice_http_response_framing()
 * @length: bytes of the head, where content begins
 * @reason: reason phrase, may be empty; no controls but tabs
 * @status: 100 to 999
 * @header_count: number of @header
 * @error: why it was refused, or SLUICE_HTTP_ERROR_NONE
 * @minor: of HTTP/1.x, 0 or 1
 * @has_content_length: Content-Length is there, and status is neither 1xx nor 204
 * @chunked: content comes in chunks
 * @keep_alive: the server will have the connection persist (RFC 9112 9.3)
 * @upgrade: Upgrade is there, and Connection names it
 * @websocket: it names WebSocket and nothing else
 * @limits: what was given to sluice_http_response_init(), completed; @target is
 *	not used
 * @seen: flags of the parser
 * @state: where in the head it is
 * @pos: bytes that need not be looked at again to go on
 * @mark: where the part began that @pos is in
 * @header: header fields in their order, the first @header_count
 *
 * Results are valid once the parser said SLUICE_HTTP_DONE.
 */
struct sluice_http_response {
	u64 content_length;
	u32 length;
	struct sluice_http_slice reason;
	u16 status;
	u16 header_count;
	enum sluice_http_error error;
	u8 minor;
	bool has_content_length;
	bool chunked;
	bool keep_alive;
	bool upgrade;
	bool websocket;
	struct sluice_http_limits limits;
	u16 seen;
	u32 state;
	u32 pos;
	u32 mark;
	struct sluice_http_header header[SLUICE_HTTP_HEADERS_MAX];
};

/**
 * enum sluice_http_framing - how content ends, RFC 9112 6.3
 * @SLUICE_HTTP_FRAMING_NONE: there is none, whatever Content-Length says
 * @SLUICE_HTTP_FRAMING_LENGTH: after as many bytes as Content-Length says, which may
 *	be 0
 * @SLUICE_HTTP_FRAMING_CHUNKED: with the last chunk and its trailer section
 * @SLUICE_HTTP_FRAMING_CLOSE: where the server closes
 * @SLUICE_HTTP_FRAMING_TUNNEL: never: what follows is another protocol (101, and 2xx
 *	to CONNECT)
 */
enum sluice_http_framing {
	SLUICE_HTTP_FRAMING_NONE,
	SLUICE_HTTP_FRAMING_LENGTH,
	SLUICE_HTTP_FRAMING_CHUNKED,
	SLUICE_HTTP_FRAMING_CLOSE,
	SLUICE_HTTP_FRAMING_TUNNEL,
};

void sluice_http_response_init(struct sluice_http_response *response,
			       const struct sluice_http_limits *limits);
enum sluice_http_result
sluice_http_response_parse(struct sluice_http_response *response, const u8 *buf,
			   u32 len);

enum sluice_http_framing
sluice_http_response_framing(const struct sluice_http_response *response,
			     enum sluice_http_method method);

bool sluice_http_response_hop(const struct sluice_http_response *response,
			      const u8 *buf,
			      const struct sluice_http_header *header);

#endif /* SLUICE_HTTP_RESPONSE_H */
