// SPDX-License-Identifier: GPL-2.0-or-later
/* Trailer sections: RFC 9112 7.1.2, and RFC 9110 6.5 on what may be in them. */
#include <sluice/http_chunk.h>

#include "http_scan.h"

/**
 * sluice_http_trailers_init() - begin with a new trailer section
 * @trailers: what was in it is lost
 * @max: bytes it may have, up to SLUICE_HTTP_TRAILERS_MAX; 0 is
 *	SLUICE_HTTP_TRAILERS_DEFAULT
 */
void sluice_http_trailers_init(struct sluice_http_trailers *trailers, u32 max)
{
	memset(trailers, 0, offsetof(struct sluice_http_trailers, header));
	if (!max)
		max = SLUICE_HTTP_TRAILERS_DEFAULT;
	trailers->max =
		max < SLUICE_HTTP_TRAILERS_MAX ? max : SLUICE_HTTP_TRAILERS_MAX;
	trailers->state = STATE_LINE;
}

/**
 * sluice_http_trailers_parse() - go on with a trailer section
 * @trailers: from sluice_http_trailers_init(), and kept between calls
 * @buf: all bytes so far, from the first behind the last chunk; may be elsewhere
 *	than in the last call
 * @len: how many there are, not fewer than in the last call; what is behind the
 *	section is not looked at
 *
 * As sluice_http_head_parse(). Values mean nothing here: a field that has no place
 * in a trailer section is taken, and left to sluice_http_trailer_allowed().
 *
 * Context: any; neither sleeps nor locks.
 * Return: whether more bytes are needed, or the section is complete or refused.
 */
enum sluice_http_result
sluice_http_trailers_parse(struct sluice_http_trailers *trailers, const u8 *buf,
			   u32 len)
{
	struct scan s = {
		.buf = buf,
		.pos = trailers->pos,
		.end = len < trailers->max ? len : trailers->max,
		.mark = trailers->mark,
		.state = trailers->state,
		.header_count = trailers->header_count,
		.header_max = SLUICE_HTTP_HEADERS_MAX,
		.error = trailers->error,
		.header = trailers->header,
	};

	if (!s.error && s.state != STATE_DONE && s.end > s.pos) {
		while (sluice_http_section_scan(&s))
			;
		if (s.state == STATE_DONE)
			trailers->length = s.pos;
		else if (!s.error && len >= trailers->max)
			s.error = SLUICE_HTTP_ERROR_TRAILERS_LONG;
	}
	trailers->pos = s.pos;
	trailers->mark = s.mark;
	trailers->state = s.state;
	trailers->header_count = s.header_count;
	trailers->error = s.error;
	return scan_result(&s);
}

/*
 * Fields that are too late behind the content, or that someone behind us may take
 * for what was in the head and believe: RFC 9110 6.5.1 names the kinds. One that
 * ends in '-' stands for all that begin so.
 */
static const char *const forbidden[] = {
	/* Framing, and the connection. */
	"connection",
	"content-length",
	"http2-settings",
	"keep-alive",
	"te",
	"trailer",
	"transfer-encoding",
	"upgrade",
	/* Routing, and who the client is. */
	"client-ip",
	"forwarded",
	"host",
	"max-forwards",
	"true-client-ip",
	"via",
	"x-client-ip",
	"x-cluster-client-ip",
	"x-forwarded-",
	"x-http-method-override",
	"x-original-",
	"x-real-ip",
	"x-request-id",
	"x-rewrite-url",
	/* How the request is to be answered. */
	"accept-",
	"accept",
	"cache-control",
	"expect",
	"if-",
	"origin",
	"pragma",
	"range",
	"referer",
	"sec-",
	/* Who asks, and for what session. */
	"authentication-info",
	"authorization",
	"cookie",
	"proxy-",
	"set-cookie",
	"set-cookie2",
	"www-authenticate",
	/* What the response is. */
	"access-control-",
	"age",
	"alt-svc",
	"date",
	"expires",
	"location",
	"refresh",
	"retry-after",
	"strict-transport-security",
	"vary",
	"warning",
	"x-accel-",
	"x-sendfile",
	/* How content is to be read. */
	"content-disposition",
	"content-encoding",
	"content-language",
	"content-location",
	"content-range",
	"content-security-",
	"content-type",
};

/* Programs that get fields as variables cannot tell '_' from '-'. */
static bool is_forbidden(const u8 *name, u32 len, const char *text)
{
	u32 i;
	u8 c;

	for (i = 0; i < len && text[i]; i++) {
		c = name[i] == '_' ? '-' : to_lower(name[i]);
		if (c != (u8)text[i])
			return false;
	}
	return !text[i] && (i == len || text[i - 1] == '-');
}

/**
 * sluice_http_trailer_allowed() - may a trailer field be passed on?
 * @buf: the buffer it is in
 * @header: the field
 *
 * Those may not that say how a message is framed, routed, answered or read, who sent
 * it, or are about one connection; case makes no difference, nor does '_' for '-'.
 * All others may, since what a program puts there of its own is not known here.
 *
 * Return: whether it may.
 */
bool sluice_http_trailer_allowed(const u8 *buf,
				 const struct sluice_http_header *header)
{
	const u8 *name = buf + header->name.offset;
	u32 i;

	for (i = 0; i < sizeof(forbidden) / sizeof(*forbidden); i++)
		if (is_forbidden(name, header->name.length, forbidden[i]))
			return false;
	return true;
}
