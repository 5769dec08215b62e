// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Heads of HTTP/1.x requests out of any bytes: the result does not depend on how
 * they come in, lies within them, and says the same when it is written out again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sluice/http_head.h>

/* Longer inputs teach nothing new; of these, every byte comes alone. */
#define BYTES_MAX 1024

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define CHECK(condition)                                           \
	do {                                                       \
		if (!(condition)) {                                \
			fprintf(stderr, "line %d: %s\n", __LINE__, \
				#condition);                       \
			abort();                                   \
		}                                                  \
	} while (0)

/* A head and its bytes. */
struct parsed {
	struct sluice_http_head head;
	enum sluice_http_result result;
	const u8 *buf;
};

static void begin(struct parsed *p, const struct sluice_http_limits *limits)
{
	memset(p, 0, sizeof(*p));
	sluice_http_head_init(&p->head, limits);
}

/* From a copy behind which nothing may be read, and which is gone then. */
static void feed_copy(struct parsed *p, const u8 *data, size_t size)
{
	u8 *copy = malloc(size);

	CHECK(copy || !size);
	if (size)
		memcpy(copy, data, size);
	p->result = sluice_http_head_parse(&p->head, copy, (u32)size);
	free(copy);
}

static bool same(const struct parsed *a, const struct parsed *b)
{
	return a->result == b->result &&
	       memcmp(&a->head, &b->head, sizeof(a->head)) == 0;
}

/* Where to cut is up to the bytes, too. */
static size_t next_cut(u32 *seed, size_t size)
{
	*seed = *seed * 1103515245 + 12345;
	return (*seed >> 8) % (size + 1);
}

static void check_parts(const struct parsed *whole,
			const struct sluice_http_limits *limits, const u8 *data,
			size_t size, u32 seed)
{
	struct parsed p;

	for (int i = 0; i < 4; i++) {
		size_t first = next_cut(&seed, size);
		size_t second = first + next_cut(&seed, size - first);

		begin(&p, limits);
		feed_copy(&p, data, first);
		CHECK(p.result == SLUICE_HTTP_MORE || p.head.error ||
		      p.head.length <= first);
		feed_copy(&p, data, second);
		feed_copy(&p, data, size);
		CHECK(same(&p, whole));
	}
	if (size > BYTES_MAX)
		return;
	begin(&p, limits);
	for (size_t i = 0; i <= size; i++)
		p.result = sluice_http_head_parse(&p.head, data, (u32)i);
	CHECK(same(&p, whole));
}

static const u8 *at(const struct parsed *p, struct sluice_http_slice slice)
{
	return p->buf + slice.offset;
}

static bool within(const struct parsed *p, struct sluice_http_slice slice)
{
	return (u32)slice.offset + slice.length <= p->head.length;
}

static bool equal(const struct parsed *a, struct sluice_http_slice x,
		  const struct parsed *b, struct sluice_http_slice y)
{
	return x.length == y.length &&
	       memcmp(at(a, x), at(b, y), x.length) == 0;
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
	for (u32 i = 0; i < head->header_count; i++) {
		struct sluice_http_slice name = head->header[i].name;
		struct sluice_http_slice value = head->header[i].value;

		CHECK(name.length && within(p, name) && within(p, value));
		CHECK(name.offset + name.length < value.offset ||
		      !value.length);
		for (u32 j = 0; j < name.length; j++)
			CHECK(at(p, name)[j] > ' ' && at(p, name)[j] < 0x7f &&
			      at(p, name)[j] != ':');
		for (u32 j = 0; j < value.length; j++)
			CHECK(at(p, value)[j] >= ' ' ||
			      at(p, value)[j] == '\t');
	}
}

static bool is_name(const u8 *text, size_t length, const char *name)
{
	return length == strlen(name) &&
	       strncasecmp((const char *)text, name, length) == 0;
}

/* Lines and what bounds the request, found once more the simple way. */
static void check_lines(const struct parsed *p)
{
	const struct sluice_http_head *head = &p->head;
	const u8 *line = p->buf, *end = p->buf + head->length, *next, *colon;
	u32 count = 0, lengths = 0, codings = 0;

	if (line[0] == '\r')
		line += 2;
	CHECK(line == at(p, head->method));
	for (;; count++) {
		next = memmem(line, (size_t)(end - line), "\r\n", 2);
		CHECK(next && !memchr(line, '\n', (size_t)(next - line)) &&
		      !memchr(line, '\r', (size_t)(next - line)) &&
		      !memchr(line, '\0', (size_t)(next - line)));
		if (next == line)
			break;
		if (count) {
			struct sluice_http_slice name, value;

			CHECK(count <= head->header_count);
			name = head->header[count - 1].name;
			value = head->header[count - 1].value;
			colon = memchr(line, ':', (size_t)(next - line));
			CHECK(colon && at(p, name) == line &&
			      name.length == colon - line);
			lengths += is_name(line, name.length, "content-length");
			codings +=
				is_name(line, name.length, "transfer-encoding");
			for (line = colon + 1; line < next; line++)
				if (*line != ' ' && *line != '\t')
					break;
			CHECK(!value.length || at(p, value) == line);
			for (colon = next; colon > line; colon--)
				if (colon[-1] != ' ' && colon[-1] != '\t')
					break;
			CHECK(value.length == colon - line);
		}
		line = next + 2;
	}
	CHECK(next + 2 == end && count == head->header_count + 1u);
	CHECK(lengths == head->has_content_length);
	CHECK(codings == head->chunked);
}

/* Written out in the plainest form; more than it was by a space each header. */
struct text {
	u8 bytes[65536 + SLUICE_HTTP_HEADERS_MAX];
	size_t length;
};

static void put(struct text *text, const void *bytes, size_t length)
{
	CHECK(text->length + length <= sizeof(text->bytes));
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
}

static void write_out(struct text *text, const struct parsed *p)
{
	const struct sluice_http_head *head = &p->head;

	text->length = 0;
	put(text, at(p, head->method), head->method.length);
	put(text, " ", 1);
	put(text, at(p, head->target), head->target.length);
	put(text, head->minor ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n", 11);
	for (u32 i = 0; i < head->header_count; i++) {
		put(text, at(p, head->header[i].name),
		    head->header[i].name.length);
		put(text, ": ", 2);
		put(text, at(p, head->header[i].value),
		    head->header[i].value.length);
		put(text, "\r\n", 2);
	}
	put(text, "\r\n", 2);
}

static void check_again(const struct parsed *p)
{
	const struct sluice_http_limits limits = { .head = 65535,
						   .target = 65535 };
	static struct text text;
	struct parsed q;

	write_out(&text, p);
	if (text.length > 65535)
		return;
	begin(&q, &limits);
	q.buf = text.bytes;
	feed_copy(&q, text.bytes, text.length);
	CHECK(q.result == SLUICE_HTTP_DONE && q.head.length == text.length);
#define EQUAL(field) equal(p, p->head.field, &q, q.head.field)
#define SAME(field) (p->head.field == q.head.field)
	CHECK(EQUAL(method) && EQUAL(target) && EQUAL(host) && EQUAL(path) &&
	      EQUAL(query));
	CHECK(SAME(content_length) && SAME(port) && SAME(header_count) &&
	      SAME(method_id) && SAME(form) && SAME(scheme) &&
	      SAME(host_kind) && SAME(minor) && SAME(has_query) &&
	      SAME(has_content_length) && SAME(chunked) && SAME(keep_alive) &&
	      SAME(upgrade) && SAME(websocket) && SAME(expect_continue));
	for (u32 i = 0; i < p->head.header_count; i++)
		CHECK(EQUAL(header[i].name) && EQUAL(header[i].value) &&
		      SAME(header[i].field));
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
	u32 seed = (u32)size;

	for (size_t i = 0; i < size; i++)
		seed = (seed ^ data[i]) * 16777619;
	/* Now and then it may not have all that it has. */
	if (seed % 8 == 0)
		limits = (struct sluice_http_limits){ (u16)(size / 2 + 1),
						      (u16)(seed >> 3) % 64,
						      (u16)(seed >> 9) % 8 };
	begin(&whole, &limits);
	feed_copy(&whole, data, size);
	whole.buf = data;
	CHECK((whole.result == SLUICE_HTTP_REFUSED) ==
	      (whole.head.error != SLUICE_HTTP_ERROR_NONE));
	CHECK(sluice_http_error_status(whole.head.error) != 0 &&
	      sluice_http_error_name(whole.head.error));
	check_parts(&whole, &limits, data, size, seed);
	if (whole.result != SLUICE_HTTP_DONE)
		return 0;
	check_slices(&whole);
	check_lines(&whole);
	check_again(&whole);
	check_path(&whole);
	check_fields(&whole);
	return 0;
}
