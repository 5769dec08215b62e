// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Heads of HTTP/1.x requests out of any bytes: the result does not depend on how
 * they come in, lies within them, and says the same when it is written out again.
 */
#include <sluice/http_head.h>

#include "http_fuzz.h"

/* A head and its bytes. */
struct parsed {
	struct sluice_http_head head;
	enum sluice_http_result result;
	const u8 *buf;
};

static void init(void *state, const struct sluice_http_limits *limits)
{
	sluice_http_head_init(state, limits);
}

static enum sluice_http_result parse(void *state, const u8 *buf, u32 len)
{
	return sluice_http_head_parse(state, buf, len);
}

static const struct http_parser parser = {
	sizeof(struct sluice_http_head),
	init,
	parse,
};

static void parse_all(struct parsed *p, const struct sluice_http_limits *limits,
		      const u8 *data, size_t size)
{
	http_begin(&parser, &p->head, limits);
	p->buf = data;
	p->result = http_feed(&parser, &p->head, data, size);
}

static const u8 *at(const struct parsed *p, struct sluice_http_slice slice)
{
	return p->buf + slice.offset;
}

static bool within(const struct parsed *p, struct sluice_http_slice slice)
{
	return (u32)slice.offset + slice.length <= p->head.length;
}

static void check_slices(const struct parsed *p)
{
	const struct sluice_http_head *head = &p->head;

	CHECK(head->length <= head->limits.head);
	CHECK(head->header_count <= head->limits.headers);
	CHECK(head->target.length <= head->limits.target);
	CHECK(head->method.length && within(p, head->method));
	CHECK(head->target.length && within(p, head->target));
	CHECK(within(p, head->host) && head->host.length <= 255);
	CHECK(within(p, head->path) && within(p, head->query));
	CHECK(!head->path.length || *at(p, head->path) == '/');
	CHECK(head->has_query || !head->query.length);
	CHECK((head->host.length == 0) ==
	      (head->host_kind == SLUICE_HTTP_HOST_NONE));
	CHECK(!(head->chunked && head->has_content_length));
	CHECK(!head->websocket || head->upgrade);
	CHECK(head->has_content_length || !head->content_length);
	CHECK(memcmp(p->buf + head->length - 4, "\r\n\r\n", 4) == 0);
}

/* Lines and what bounds the request, found once more the simple way. */
static void check_lines(const struct parsed *p)
{
	const struct sluice_http_head *head = &p->head;
	const u8 *line = p->buf, *end = p->buf + head->length, *next;
	struct fuzz_bounds bounds;

	if (line[0] == '\r')
		line += 2;
	CHECK(line == at(p, head->method));
	next = memmem(line, (size_t)(end - line), "\r\n", 2);
	CHECK(next);
	for (; line < next; line++)
		CHECK(*line >= ' ' && *line < 0x7f);
	bounds = fuzz_section(p->buf, next + 2, end, head->header,
			      head->header_count);
	CHECK(bounds.lengths == head->has_content_length);
	CHECK(bounds.codings == head->chunked);
}

static void write_out(struct fuzz_text *text, const struct parsed *p)
{
	const struct sluice_http_head *head = &p->head;

	text->length = 0;
	fuzz_put(text, at(p, head->method), head->method.length);
	fuzz_put(text, " ", 1);
	fuzz_put(text, at(p, head->target), head->target.length);
	fuzz_put(text, head->minor ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n", 11);
	fuzz_put_section(text, p->buf, head->header, head->header_count);
}

static void check_again(const struct parsed *p)
{
	const struct sluice_http_limits limits = { .head = 65535,
						   .target = 65535 };
	static struct fuzz_text text;
	struct parsed q;

	write_out(&text, p);
	if (text.length > 65535)
		return;
	parse_all(&q, &limits, text.bytes, text.length);
	CHECK(q.result == SLUICE_HTTP_DONE && q.head.length == text.length);
#define EQUAL(field) fuzz_equal(p->buf, p->head.field, q.buf, q.head.field)
#define SAME(field) (p->head.field == q.head.field)
	CHECK(EQUAL(method) && EQUAL(target) && EQUAL(host) && EQUAL(path) &&
	      EQUAL(query));
	CHECK(SAME(content_length) && SAME(port) && SAME(header_count) &&
	      SAME(method_id) && SAME(form) && SAME(scheme) &&
	      SAME(host_kind) && SAME(minor) && SAME(has_query) &&
	      SAME(has_content_length) && SAME(chunked) && SAME(keep_alive) &&
	      SAME(upgrade) && SAME(websocket) && SAME(expect_continue));
	fuzz_same_fields(p->buf, p->head.header, q.buf, q.head.header,
			 p->head.header_count);
#undef EQUAL
#undef SAME
}

static void check_path(const struct parsed *p)
{
	static u8 once[65536], again[65536];
	struct sluice_http_slice path = p->head.path;
	u32 size = path.length ? path.length : 1, length;

	length = sluice_http_path_normalise(at(p, path), path.length, once,
					    size);
	CHECK(length && length <= size && once[0] == '/');
	CHECK(sluice_http_path_normalise(once, length, again, length) ==
	      length);
	CHECK(memcmp(once, again, length) == 0);
	CHECK(!sluice_http_path_normalise(once, length, again, length - 1));
	for (u32 i = 0; i + 2 < length; i++)
		CHECK(memcmp(once + i, "/./", 3) != 0 &&
		      (i + 3 >= length || memcmp(once + i, "/../", 4) != 0));
}

static void check_fields(const struct parsed *p)
{
	const struct sluice_http_header *header = NULL;
	struct sluice_http_cursor cursor = { 0 };
	struct sluice_http_slice rest, item;
	struct sluice_http_pair cookie;
	u32 count = 0;

	while (sluice_http_cookie_next(&p->head, p->buf, &cursor, &cookie)) {
		CHECK(within(p, cookie.name) && within(p, cookie.value));
		CHECK(!memchr(at(p, cookie.name), '=', cookie.name.length));
		CHECK(!memchr(at(p, cookie.value), ';', cookie.value.length));
		CHECK(!memchr(at(p, cookie.value), '\r', cookie.value.length));
		CHECK(count++ <= p->head.length);
		CHECK(sluice_http_cookie_find(&p->head, p->buf,
					      (const char *)at(p, cookie.name),
					      cookie.name.length, &item));
	}
	for (u32 i = 0; i < p->head.header_count; i++) {
		rest = p->head.header[i].value;
		while (sluice_http_list_next(p->buf, &rest, &item))
			CHECK(item.length && within(p, item) &&
			      within(p, rest));
		sluice_http_header_hop(&p->head, p->buf, &p->head.header[i]);
	}
	count = 0;
	while ((header = sluice_http_header_next(&p->head, p->buf, "hOsT", 4,
						 header)))
		count++;
	CHECK(count == 1 || (!p->head.minor && !count));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct sluice_http_limits limits = { 0 };
	struct parsed whole;
	u32 seed = fuzz_seed(data, size);

	/* Now and then it may not have all that it has. */
	if (seed % 8 == 0)
		limits = (struct sluice_http_limits){ (u16)(size / 2 + 1),
						      (u16)(seed >> 3) % 64,
						      (u16)(seed >> 9) % 8 };
	parse_all(&whole, &limits, data, size);
	CHECK((whole.result == SLUICE_HTTP_REFUSED) ==
	      (whole.head.error != SLUICE_HTTP_ERROR_NONE));
	CHECK(sluice_http_error_status(whole.head.error) != 0 &&
	      sluice_http_error_name(whole.head.error));
	fuzz_parts(&parser, &limits, data, size, seed, &whole.head);
	if (whole.result != SLUICE_HTTP_DONE)
		return 0;
	check_slices(&whole);
	check_lines(&whole);
	check_again(&whole);
	check_path(&whole);
	check_fields(&whole);
	return 0;
}
