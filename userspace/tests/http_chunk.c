// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages in chunks and their trailer sections, however they come in. */
#include "http_chunk_cases.h"
#include "http_cut.h"
#include "ktap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A message that comes in, and what has come out. */
struct message {
	struct sluice_http_chunks chunks;
	enum sluice_http_chunks_result result;
	size_t used;
	size_t length;
	char data[64];
};

static void begin(struct message *m)
{
	memset(m, 0, sizeof(*m));
	sluice_http_chunks_init(&m->chunks);
}

static void put(struct message *m, char c)
{
	if (m->length + 1 == sizeof(m->data))
		abort();
	m->data[m->length++] = c ? c : '.';
}

/* From a copy behind which nothing may be read, and which is gone then. */
static void feed(struct message *m, const char *text, size_t length)
{
	u8 *copy = malloc(length ? length : 1), *at = copy,
	   *end = copy + length;
	u32 used;

	if (!copy)
		abort();
	memcpy(copy, text, length);
	for (;;) {
		m->result = sluice_http_chunks_scan(&m->chunks, at,
						    (u32)(end - at), &used);
		at += used;
		m->used += used;
		if (m->result != SLUICE_HTTP_CHUNKS_DATA || at == end)
			break;
		while (at < end && m->chunks.left) {
			put(m, (char)*at++);
			m->used++;
			if (!--m->chunks.left)
				put(m, '|');
		}
	}
	/* All that came was used, unless there is nothing more to come. */
	if (at != end && m->result != SLUICE_HTTP_CHUNKS_TRAILERS &&
	    m->result != SLUICE_HTTP_CHUNKS_REFUSED)
		abort();
	free(copy);
}

/* Every byte of them, padding too: both began as zeros. */
static bool same(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct message)) == 0;
}

static bool as_expected(const struct chunk_case *test, const struct message *m)
{
	enum sluice_http_chunks_result result =
		test->error ? SLUICE_HTTP_CHUNKS_REFUSED :
			      SLUICE_HTTP_CHUNKS_TRAILERS;

	if (m->result == result && m->chunks.error == test->error &&
	    m->used == test->length - test->left &&
	    strcmp(m->data, test->data) == 0)
		return true;
	printf("# result %d, %zu bytes used, '%s', %s\n", m->result, m->used,
	       m->data, sluice_http_error_name(m->chunks.error));
	return false;
}

/* Bytes that are not used are for whoever reads the trailers. */
static bool same_by_parts(const struct chunk_case *test,
			  const struct message *whole)
{
	struct message bytes, parts;

	begin(&bytes);
	for (size_t i = 0; i <= test->length; i++) {
		begin(&parts);
		feed(&parts, test->text, i);
		if (i < test->length - test->left &&
		    parts.result != SLUICE_HTTP_CHUNKS_MORE &&
		    parts.result != SLUICE_HTTP_CHUNKS_DATA) {
			printf("# result %d after %zu bytes\n", parts.result,
			       i);
			return false;
		}
		if (!same(&bytes, &parts)) {
			printf("# other state after %zu bytes one by one\n", i);
			return false;
		}
		feed(&parts, test->text + i, test->length - i);
		if (!same(&parts, whole)) {
			printf("# other result in parts of %zu and %zu bytes\n",
			       i, test->length - i);
			return false;
		}
		if (i < test->length)
			feed(&bytes, test->text + i, 1);
	}
	return true;
}

static void test_chunks(struct ktap *ktap)
{
	static const enum sluice_http_error errors[] = {
		SLUICE_HTTP_ERROR_CHUNK_SIZE,
		SLUICE_HTTP_ERROR_CHUNK_EXTENSION,
		SLUICE_HTTP_ERROR_CHUNK_EXTENSIONS_LONG,
		SLUICE_HTTP_ERROR_CHUNK_END,
	};
	bool seen[SLUICE_HTTP_ERROR_COUNT] = { 0 }, all = true;

	for (size_t i = 0; i < COUNT(chunk_cases); i++) {
		const struct chunk_case *test = &chunk_cases[i];
		struct message whole;

		begin(&whole);
		feed(&whole, test->text, test->length);
		ktap_result(ktap,
			    as_expected(test, &whole) &&
				    same_by_parts(test, &whole),
			    test->name);
		seen[test->error] = true;
	}
	for (size_t i = 0; i < COUNT(errors); i++)
		all = all && seen[errors[i]] &&
		      sluice_http_error_name(errors[i]) &&
		      sluice_http_error_status(errors[i]) == 400;
	ktap_result(ktap, all,
		    "every reason to refuse chunks has a case and a name");
}

/* A size is a number, and data are not looked at, however many there are. */
static void test_sizes(struct ktap *ktap)
{
	static const struct {
		const char *line;
		u64 size;
	} sizes[] = {
		{ "1\r\n", 1 },
		{ "fF\r\n", 255 },
		{ "0123456789abcdeF\r\n", 0x0123456789abcdef },
		{ "7fffffffffffffff\r\n", 0x7fffffffffffffff },
	};
	bool passed = true;
	u32 used;

	for (size_t i = 0; i < COUNT(sizes); i++) {
		u32 length = (u32)strlen(sizes[i].line);
		struct sluice_http_chunks chunks;

		sluice_http_chunks_init(&chunks);
		passed = passed &&
			 sluice_http_chunks_scan(&chunks,
						 (const u8 *)sizes[i].line,
						 length, &used) ==
				 SLUICE_HTTP_CHUNKS_DATA &&
			 used == length && chunks.left == sizes[i].size;
		/* Asked again, with data and without. */
		passed = passed &&
			 sluice_http_chunks_scan(&chunks, (const u8 *)"\r\n", 2,
						 &used) ==
				 SLUICE_HTTP_CHUNKS_DATA &&
			 !used &&
			 sluice_http_chunks_scan(&chunks, NULL, 0, &used) ==
				 SLUICE_HTTP_CHUNKS_DATA &&
			 !used && chunks.left == sizes[i].size;
		/* Moved in one go by somebody else. */
		chunks.left = 0;
		passed = passed &&
			 sluice_http_chunks_scan(&chunks,
						 (const u8 *)"\r\n0\r\n\r\n", 7,
						 &used) ==
				 SLUICE_HTTP_CHUNKS_TRAILERS &&
			 used == 5;
	}
	ktap_result(ktap, passed, "sizes, and data that are moved elsewhere");
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

static bool trailers_as_expected(const struct trailer_case *test,
				 const struct sluice_http_trailers *trailers,
				 enum sluice_http_result result)
{
	char text[512];
	FILE *to;

	if (!test->taken) {
		if (result == SLUICE_HTTP_REFUSED &&
		    trailers->error == test->error)
			return true;
		printf("# result %d, %s\n", result,
		       sluice_http_error_name(trailers->error));
		return false;
	}
	if (result != SLUICE_HTTP_DONE || trailers->length != test->length) {
		printf("# result %d, length %u, %s\n", result, trailers->length,
		       sluice_http_error_name(trailers->error));
		return false;
	}
	to = fmemopen(text, sizeof(text), "w");
	if (!to)
		abort();
	for (u32 i = 0; i < trailers->header_count; i++) {
		const struct sluice_http_header *header = &trailers->header[i];

		if (!sluice_http_trailer_allowed((const u8 *)test->text,
						 header))
			continue;
		fprintf(to, "%.*s=%.*s|", header->name.length,
			test->text + header->name.offset, header->value.length,
			test->text + header->value.offset);
	}
	fputc('\0', to);
	fclose(to);
	if (strcmp(text, test->taken) == 0)
		return true;
	printf("# '%s' instead of '%s'\n", text, test->taken);
	return false;
}

static void test_trailers(struct ktap *ktap)
{
	struct sluice_http_trailers trailers;

	for (size_t i = 0; i < COUNT(trailer_cases); i++) {
		const struct trailer_case *test = &trailer_cases[i];
		enum sluice_http_result result;

		http_begin(&parser, &trailers, &test->limits);
		result =
			http_feed(&parser, &trailers, test->text, test->length);
		ktap_result(
			ktap,
			trailers_as_expected(test, &trailers, result) &&
				http_same_by_parts(&parser, &test->limits,
						   test->text, test->length,
						   test->taken, &trailers) &&
				http_same_with_tail(&parser, &test->limits,
						    test->text, test->length,
						    &trailers),
			test->name);
	}
	sluice_http_trailers_init(&trailers, 0);
	ktap_result(ktap, trailers.max == SLUICE_HTTP_TRAILERS_DEFAULT,
		    "a limit where none is given");
	sluice_http_trailers_init(&trailers, 1U << 20);
	ktap_result(ktap, trailers.max == SLUICE_HTTP_TRAILERS_MAX,
		    "no limit above what a section can have");
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	test_chunks(&ktap);
	test_sizes(&ktap);
	test_trailers(&ktap);
	return ktap_end(&ktap);
}
