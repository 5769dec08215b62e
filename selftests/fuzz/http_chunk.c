// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages in chunks and the trailer section behind them out of any bytes: the
 * result does not depend on how they come in, and one that is taken is what a
 * simple reading line by line finds.
 */
#include <sluice/http_chunk.h>

#include "http_fuzz.h"

/* Bytes of an input that are looked at. */
#define MESSAGE_MAX 20000

/* A message that comes in, and the data that have come out. */
struct message {
	struct sluice_http_chunks chunks;
	enum sluice_http_chunks_result result;
	size_t used;
	size_t length;
	u8 data[MESSAGE_MAX];
};

static void begin(struct message *m)
{
	memset(m, 0, sizeof(*m));
	sluice_http_chunks_init(&m->chunks);
}

static void feed(struct message *m, const u8 *bytes, size_t size)
{
	u8 *copy = malloc(size + !size);
	size_t at = 0, n;
	u32 used;

	CHECK(copy);
	memcpy(copy, bytes, size);
	do {
		m->result = sluice_http_chunks_scan(&m->chunks, copy + at,
						    (u32)(size - at), &used);
		CHECK(used <= size - at);
		CHECK(used || m->result != SLUICE_HTTP_CHUNKS_DATA ||
		      m->chunks.left);
		at += used;
		if (m->result != SLUICE_HTTP_CHUNKS_DATA)
			break;
		CHECK(m->chunks.left && m->chunks.left <= 0x7fffffffffffffff);
		n = m->chunks.left < size - at ? m->chunks.left : size - at;
		memcpy(m->data + m->length, copy + at, n);
		m->length += n;
		m->chunks.left -= n;
		at += n;
	} while (at < size);
	CHECK(m->result != SLUICE_HTTP_CHUNKS_MORE || at == size);
	CHECK((m->result == SLUICE_HTTP_CHUNKS_REFUSED) ==
	      (m->chunks.error != SLUICE_HTTP_ERROR_NONE));
	m->used += at;
	free(copy);
}

static bool same(const struct message *a, const struct message *b)
{
	/* A call that ends with data says so once more only if asked again. */
	return a->used == b->used && a->length == b->length &&
	       memcmp(&a->chunks, &b->chunks, sizeof(a->chunks)) == 0 &&
	       (a->result == b->result ||
		a->chunks.error == SLUICE_HTTP_ERROR_NONE) &&
	       memcmp(a->data, b->data, a->length) == 0;
}

static void check_parts(const struct message *whole, const u8 *data,
			size_t size, u32 seed)
{
	static struct message m;

	for (int i = 0; i < 4; i++) {
		size_t first = fuzz_cut(&seed, size);
		size_t second = fuzz_cut(&seed, size - first);

		begin(&m);
		feed(&m, data, first);
		feed(&m, data + first, second);
		feed(&m, data + first + second, size - first - second);
		CHECK(same(&m, whole));
	}
	if (size > BYTES_MAX)
		return;
	begin(&m);
	for (size_t i = 0; i < size; i++)
		feed(&m, data + i, 1);
	CHECK(same(&m, whole));
}

/* The end of a line that begins at @line, or NULL if there is no sound one. */
static const u8 *line_end(const u8 *line, const u8 *end)
{
	const u8 *next = memmem(line, (size_t)(end - line), "\r\n", 2);

	CHECK(next && !memchr(line, '\r', (size_t)(next - line)) &&
	      !memchr(line, '\n', (size_t)(next - line)) &&
	      !memchr(line, '\0', (size_t)(next - line)));
	return next;
}

/* Once more from line to line: the same data, and the same end. */
static void check_taken(const struct message *m, const u8 *data)
{
	const u8 *at = data, *end = data + m->used, *next;
	size_t length = 0, extensions = 0;
	unsigned long long chunk;
	char digits[17];

	for (;;) {
		size_t count;

		next = line_end(at, end);
		for (count = 0;
		     strchr("0123456789abcdefABCDEF", at[count]) && at[count];)
			count++;
		CHECK(count && count <= 16);
		memcpy(digits, at, count);
		digits[count] = '\0';
		chunk = strtoull(digits, NULL, 16);
		CHECK(at + count == next || at[count] == ';' ||
		      at[count] == ' ' || at[count] == '\t');
		/* Nothing but a name or a value ends a line. */
		CHECK(!strchr(" \t;=", next[-1]));
		extensions += (size_t)(next - at) - count;
		at = next + 2;
		if (!chunk)
			break;
		CHECK(chunk + 2 <= (unsigned long long)(end - at));
		CHECK(memcmp(m->data + length, at, chunk) == 0);
		CHECK(memcmp(at + chunk, "\r\n", 2) == 0);
		length += chunk;
		at += chunk + 2;
	}
	CHECK(at == end && length == m->length &&
	      extensions == m->chunks.extensions &&
	      extensions <= SLUICE_HTTP_EXTENSIONS_MAX);
}

static void init(void *state, const struct sluice_http_limits *limits)
{
	sluice_http_trailers_init(state, limits->head);
}

static enum sluice_http_result parse(void *state, const u8 *buf, u32 len)
{
	return sluice_http_trailers_parse(state, buf, len);
}

static const struct http_parser parser = {
	sizeof(struct sluice_http_trailers),
	init,
	parse,
};

static void check_trailers(const u8 *data, size_t size, u32 seed)
{
	static const char *const never[] = {
		"content-length",    "content_type",
		"transfer-encoding", "host",
		"set-cookie",	     "authorization",
		"connection",	     "if-match",
		"x_forwarded-for",   "x_forwarded_for",
		"set_cookie",
	};
	struct sluice_http_limits limits = { 0 };
	struct sluice_http_trailers whole;
	enum sluice_http_result result;

	if (seed % 8 == 0)
		limits.head = (u16)(size / 2 + 1);
	http_begin(&parser, &whole, &limits);
	result = http_feed(&parser, &whole, data, size);
	CHECK((result == SLUICE_HTTP_REFUSED) ==
	      (whole.error != SLUICE_HTTP_ERROR_NONE));
	fuzz_parts(&parser, &limits, data, size, seed, &whole);
	if (result != SLUICE_HTTP_DONE)
		return;
	CHECK(whole.length <= whole.max);
	fuzz_section(data, data, data + whole.length, whole.header,
		     whole.header_count);
	for (u32 i = 0; i < whole.header_count; i++) {
		const struct sluice_http_slice name = whole.header[i].name;

		if (!sluice_http_trailer_allowed(data, &whole.header[i]))
			continue;
		for (size_t j = 0; j < sizeof(never) / sizeof(*never); j++)
			CHECK(!fuzz_is_name(data + name.offset, name.length,
					    never[j]));
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct message whole;
	u32 seed = fuzz_seed(data, size);

	if (size > MESSAGE_MAX)
		return 0;
	begin(&whole);
	feed(&whole, data, size);
	check_parts(&whole, data, size, seed);
	if (whole.result != SLUICE_HTTP_CHUNKS_TRAILERS)
		return 0;
	check_taken(&whole, data);
	check_trailers(data + whole.used, size - whole.used, seed);
	return 0;
}
