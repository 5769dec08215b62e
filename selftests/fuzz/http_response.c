// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Heads of HTTP/1.x responses out of any bytes: the result does not depend on how
 * they come in, lies within them, has one end only, and says the same when it is
 * written out again.
 */
#include <sluice/http_response.h>

#include "http_fuzz.h"

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

static void check_lines(const struct sluice_http_response *r, const u8 *buf)
{
	const u8 *end = buf + r->length;
	const u8 *next = memmem(buf, r->length, "\r\n", 2);
	bool bare = r->status < 200 || r->status == 204;
	struct fuzz_bounds bounds;

	CHECK(r->length <= r->limits.head &&
	      r->header_count <= r->limits.headers);
	CHECK(next && r->reason.offset + r->reason.length == next - buf);
	CHECK(memcmp(buf, r->minor ? "HTTP/1.1 " : "HTTP/1.0 ", 9) == 0);
	CHECK(atoi((const char *)buf + 9) == r->status && r->status >= 100 &&
	      r->status <= 999);
	CHECK(next - buf == 12 || (buf[12] == ' ' && r->reason.offset == 13));
	for (const u8 *c = buf; c < next; c++)
		CHECK((*c >= ' ' && *c != 0x7f) || *c == '\t');

	bounds = fuzz_section(buf, next + 2, end, r->header, r->header_count);
	CHECK(bounds.codings == r->chunked);
	CHECK(bounds.lengths <= 1 && !(bounds.lengths && bounds.codings));
	CHECK(r->has_content_length == (bounds.lengths && !bare));
	CHECK(!bare || (!r->content_length && !r->chunked));
	CHECK(!r->chunked || r->minor);
	CHECK(r->has_content_length || !r->content_length);
	CHECK(!r->websocket || r->upgrade);
	CHECK(r->status != 101 || r->upgrade);
}

static void check_framing(const struct sluice_http_response *r)
{
	for (int i = 0; i <= SLUICE_HTTP_METHOD_PATCH; i++) {
		enum sluice_http_method method = (enum sluice_http_method)i;

		switch (sluice_http_response_framing(r, method)) {
		case SLUICE_HTTP_FRAMING_NONE:
			CHECK(r->status < 200 || r->status == 204 ||
			      r->status == 304 ||
			      method == SLUICE_HTTP_METHOD_HEAD);
			break;
		case SLUICE_HTTP_FRAMING_LENGTH:
			CHECK(r->has_content_length);
			break;
		case SLUICE_HTTP_FRAMING_CHUNKED:
			CHECK(r->chunked);
			break;
		case SLUICE_HTTP_FRAMING_CLOSE:
			CHECK(!r->chunked && !r->has_content_length &&
			      r->status >= 200);
			break;
		case SLUICE_HTTP_FRAMING_TUNNEL:
			CHECK(r->status == 101 ||
			      (method == SLUICE_HTTP_METHOD_CONNECT &&
			       r->status / 100 == 2));
			break;
		default:
			abort();
		}
	}
}

static void check_hops(const struct sluice_http_response *r, const u8 *buf)
{
	for (u32 i = 0; i < r->header_count; i++) {
		const struct sluice_http_header *header = &r->header[i];
		const u8 *name = buf + header->name.offset;
		u32 length = header->name.length;
		bool hop = sluice_http_response_hop(r, buf, header);

		CHECK(hop ||
		      (!fuzz_is_name(name, length, "connection") &&
		       !fuzz_is_name(name, length, "transfer-encoding") &&
		       !fuzz_is_name(name, length, "upgrade")));
		CHECK(!hop || !fuzz_is_name(name, length, "content-length"));
	}
}

static void check_again(const struct sluice_http_response *r, const u8 *buf)
{
	const struct sluice_http_limits limits = { .head = 65535 };
	static struct fuzz_text text;
	struct sluice_http_response again;
	char status[16];

	text.length = 0;
	snprintf(status, sizeof(status), "HTTP/1.%u %u ", r->minor, r->status);
	fuzz_put(&text, status, strlen(status));
	fuzz_put(&text, buf + r->reason.offset, r->reason.length);
	fuzz_put(&text, "\r\n", 2);
	fuzz_put_section(&text, buf, r->header, r->header_count);
	if (text.length > 65535)
		return;
	http_begin(&parser, &again, &limits);
	CHECK(http_feed(&parser, &again, text.bytes, text.length) ==
	      SLUICE_HTTP_DONE);
	CHECK(again.length == text.length);
	CHECK(fuzz_equal(buf, r->reason, text.bytes, again.reason));
#define SAME(field) (r->field == again.field)
	CHECK(SAME(content_length) && SAME(status) && SAME(header_count) &&
	      SAME(minor) && SAME(has_content_length) && SAME(chunked) &&
	      SAME(keep_alive) && SAME(upgrade) && SAME(websocket));
#undef SAME
	fuzz_same_fields(buf, r->header, text.bytes, again.header,
			 r->header_count);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct sluice_http_limits limits = { 0 };
	struct sluice_http_response whole;
	u32 seed = fuzz_seed(data, size);
	enum sluice_http_result result;

	/* Now and then it may not have all that it has. */
	if (seed % 8 == 0)
		limits = (struct sluice_http_limits){ (u16)(size / 2 + 1), 0,
						      (u16)(seed >> 9) % 8 };
	http_begin(&parser, &whole, &limits);
	result = http_feed(&parser, &whole, data, size);
	CHECK((result == SLUICE_HTTP_REFUSED) ==
	      (whole.error != SLUICE_HTTP_ERROR_NONE));
	CHECK(sluice_http_error_name(whole.error));
	fuzz_parts(&parser, &limits, data, size, seed, &whole);
	if (result != SLUICE_HTTP_DONE)
		return 0;
	check_lines(&whole, data);
	check_framing(&whole);
	check_hops(&whole, data);
	check_again(&whole, data);
	return 0;
}
