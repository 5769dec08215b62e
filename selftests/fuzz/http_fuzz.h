/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What holds for all that is parsed of HTTP/1.x, out of any bytes. */
#ifndef FUZZ_HTTP_FUZZ_H
#define FUZZ_HTTP_FUZZ_H

#include "../../userspace/tests/http_cut.h"

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

static inline u32 fuzz_seed(const u8 *data, size_t size)
{
	u32 seed = (u32)size;

	for (size_t i = 0; i < size; i++)
		seed = (seed ^ data[i]) * 16777619;
	return seed;
}

/* Where to cut is up to the bytes, too. */
static inline size_t fuzz_cut(u32 *seed, size_t size)
{
	*seed = *seed * 1103515245 + 12345;
	return (*seed >> 8) % (size + 1);
}

/* However the bytes come in, the state is @whole in the end. */
static inline void fuzz_parts(const struct http_parser *parser,
			      const struct sluice_http_limits *limits,
			      const u8 *data, size_t size, u32 seed,
			      const void *whole)
{
	_Alignas(16) u8 state[HTTP_STATE_MAX];

	for (int i = 0; i < 4; i++) {
		size_t first = fuzz_cut(&seed, size);
		size_t second = first + fuzz_cut(&seed, size - first);

		http_begin(parser, state, limits);
		http_feed(parser, state, data, first);
		http_feed(parser, state, data, second);
		http_feed(parser, state, data, size);
		CHECK(memcmp(state, whole, parser->size) == 0);
	}
	if (size > BYTES_MAX)
		return;
	http_begin(parser, state, limits);
	for (size_t i = 0; i <= size; i++)
		parser->parse(state, data, (u32)i);
	CHECK(memcmp(state, whole, parser->size) == 0);
}

static inline bool fuzz_is_name(const u8 *text, size_t length, const char *name)
{
	return length == strlen(name) &&
	       strncasecmp((const char *)text, name, length) == 0;
}

/* Fields that bound a message, as many as there are. */
struct fuzz_bounds {
	u32 lengths;
	u32 codings;
};

/* A field, whose line begins at @line and ends at @next, found the simple way. */
static inline void fuzz_field(const u8 *buf, const u8 *line, const u8 *next,
			      const struct sluice_http_header *header,
			      struct fuzz_bounds *bounds)
{
	const u8 *name = buf + header->name.offset, *end = next;
	const u8 *value = buf + header->value.offset;
	const u8 *colon = memchr(line, ':', (size_t)(next - line));
	u32 length = header->name.length;

	CHECK(colon && name == line && length == colon - line && length);
	for (u32 i = 0; i < length; i++)
		CHECK(name[i] > ' ' && name[i] < 0x7f);
	bounds->lengths += fuzz_is_name(name, length, "content-length");
	bounds->codings += fuzz_is_name(name, length, "transfer-encoding");
	for (line = colon + 1; line < next; line++)
		if (*line != ' ' && *line != '\t')
			break;
	while (end > line && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	CHECK(header->value.length == end - line);
	CHECK(line == end || value == line);
	for (; line < end; line++)
		CHECK((*line >= ' ' && *line != 0x7f) || *line == '\t');
}

/* A header section from @line to @end, and all fields that were found in it. */
static inline struct fuzz_bounds
fuzz_section(const u8 *buf, const u8 *line, const u8 *end,
	     const struct sluice_http_header *header, u32 count)
{
	struct fuzz_bounds bounds = { 0 };
	const u8 *next;
	u32 i = 0;

	for (;; i++) {
		next = memmem(line, (size_t)(end - line), "\r\n", 2);
		CHECK(next && !memchr(line, '\n', (size_t)(next - line)) &&
		      !memchr(line, '\r', (size_t)(next - line)));
		if (next == line)
			break;
		CHECK(i < count);
		fuzz_field(buf, line, next, &header[i], &bounds);
		line = next + 2;
	}
	CHECK(next + 2 == end && i == count);
	return bounds;
}

/* Written out in the plainest form; more than it was by a space each header. */
struct fuzz_text {
	u8 bytes[65536 + SLUICE_HTTP_HEADERS_MAX];
	size_t length;
};

static inline void fuzz_put(struct fuzz_text *text, const void *bytes,
			    size_t length)
{
	CHECK(text->length + length <= sizeof(text->bytes));
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
}

static inline void fuzz_put_section(struct fuzz_text *text, const u8 *buf,
				    const struct sluice_http_header *header,
				    u32 count)
{
	for (u32 i = 0; i < count; i++) {
		fuzz_put(text, buf + header[i].name.offset,
			 header[i].name.length);
		fuzz_put(text, ": ", 2);
		fuzz_put(text, buf + header[i].value.offset,
			 header[i].value.length);
		fuzz_put(text, "\r\n", 2);
	}
	fuzz_put(text, "\r\n", 2);
}

static inline bool fuzz_equal(const u8 *a, struct sluice_http_slice x,
			      const u8 *b, struct sluice_http_slice y)
{
	return x.length == y.length &&
	       memcmp(a + x.offset, b + y.offset, x.length) == 0;
}

static inline void
fuzz_same_fields(const u8 *a, const struct sluice_http_header *x, const u8 *b,
		 const struct sluice_http_header *y, u32 count)
{
	for (u32 i = 0; i < count; i++)
		CHECK(fuzz_equal(a, x[i].name, b, y[i].name) &&
		      fuzz_equal(a, x[i].value, b, y[i].value) &&
		      x[i].field == y[i].field);
}

#endif /* FUZZ_HTTP_FUZZ_H */
