// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metrics.h"
#include "utf8.h"

/* Pieces of a metric: the first is small, each is twice the one before. */
#define PIECE_MIN 1024
#define PIECE_MAX 262144

/* Room for a value, and what is around it. */
#define VALUE_SIZE 40

/* What a sample of a histogram has besides: "_bucket", and its bound. */
#define BUCKET_SIZE 60

struct piece {
	struct piece *next;
	size_t used;
	size_t size;
	char data[];
};

struct family {
	struct piece *first;
	struct piece *last;
};

/*
 * The samples of each metric by themselves; once it is finished, the pieces in the
 * order of the page, with where each begins.
 */
struct metrics {
	struct family families[METRICS_NAMES];
	bool spoiled;
	size_t count;
	struct iovec *parts;
	size_t *starts;
	size_t size;
};

struct metrics *metrics_create(void)
{
	return calloc(1, sizeof(struct metrics));
}

void metrics_free(struct metrics *m)
{
	if (!m)
		return;
	for (int i = 0; i < METRICS_NAMES; i++) {
		struct piece *piece = m->families[i].first;

		while (piece) {
			struct piece *next = piece->next;

			free(piece);
			piece = next;
		}
	}
	free(m->parts);
	free(m->starts);
	free(m);
}

/* Return: room for so many bytes in one piece, or NULL */
static char *reserve(struct metrics *m, struct family *family, size_t length)
{
	struct piece *piece = family->last;
	size_t size = PIECE_MIN;

	if (piece && length <= piece->size - piece->used)
		return piece->data + piece->used;
	if (piece)
		size = piece->size < PIECE_MAX ? piece->size * 2 : PIECE_MAX;
	if (size < length)
		size = length;
	piece = malloc(sizeof(*piece) + size);
	if (!piece) {
		m->spoiled = true;
		return NULL;
	}
	piece->next = NULL;
	piece->used = 0;
	piece->size = size;
	if (family->last)
		family->last->next = piece;
	else
		family->first = piece;
	family->last = piece;
	return piece->data;
}

static char *put(char *to, const char *text)
{
	return mempcpy(to, text, strlen(text));
}

/* What is no UTF-8 would spoil the page for its reader. */
static char *put_escaped(char *to, const char *text)
{
	while (*text) {
		unsigned char byte = (unsigned char)*text;
		size_t length;

		/* Nearly all are such. */
		if (byte < 0x80 && byte != '"' && byte != '\\' &&
		    byte != '\n') {
			*to++ = *text++;
			continue;
		}
		length = utf8_length(text);
		if (length == 0) {
			*to++ = '?';
			text++;
		} else if (*text == '\n') {
			to = put(to, "\\n");
			text++;
		} else {
			if (length == 1)
				*to++ = '\\';
			memcpy(to, text, length);
			to += length;
			text += length;
		}
	}
	return to;
}

/* The lines before the first sample of a metric. */
static bool begin(struct metrics *m, struct family *family,
		  const struct metrics_description *about)
{
	const char *type = metrics_types[about->type];
	size_t size = strlen(about->help) + 2 * strlen(about->name) + 64;
	char *to = reserve(m, family, size);

	if (to)
		family->last->used += (size_t)snprintf(
			to, size, "# HELP %s %s\n# TYPE %s %s\n", about->name,
			about->help, about->name, type);
	return to;
}

/* Bytes of a sample at most; 0 if it has other labels. */
static size_t measure(const struct metrics_description *about,
		      const char *const *texts)
{
	size_t size = strlen(about->name) + VALUE_SIZE + BUCKET_SIZE;
	size_t i;

	for (i = 0; about->labels[i]; i++) {
		if (!texts[i])
			return 0;
		size += strlen(about->labels[i]) + 2 * strlen(texts[i]) + 4;
	}
	return texts[i] ? 0 : size;
}

/* @suffix of the name, and @bound as the last label, NULL: none: of a histogram. */
static void write_one(struct metrics *m, enum metrics_name name,
		      const char *suffix, const char *bound, const char *value,
		      const char *const *texts)
{
	const struct metrics_description *about = &metrics_descriptions[name];
	struct family *family = &m->families[name];
	size_t size = measure(about, texts);
	char *begun, *to;

	if (size == 0)
		m->spoiled = true;
	if (m->spoiled || (!family->first && !begin(m, family, about)))
		return;
	begun = reserve(m, family, size);
	if (!begun)
		return;
	to = put(put(begun, about->name), suffix);
	for (size_t i = 0; about->labels[i]; i++) {
		*to++ = i ? ',' : '{';
		to = put(to, about->labels[i]);
		to = put(to, "=\"");
		to = put_escaped(to, texts[i]);
		*to++ = '"';
	}
	if (bound) {
		*to++ = about->labels[0] ? ',' : '{';
		to = put(put(put(to, "le=\""), bound), "\"");
	}
	if (about->labels[0] || bound)
		*to++ = '}';
	*to++ = ' ';
	to = put(to, value);
	*to++ = '\n';
	family->last->used += (size_t)(to - begun);
}

static void write_sample(struct metrics *m, enum metrics_name name,
			 const char *value, const char *const *texts)
{
	write_one(m, name, "", NULL, value, texts);
}

/* Return: @value as text, in @text; a page has very many of these. */
static const char *print_whole(char text[VALUE_SIZE], uint64_t value)
{
	char *at = text + VALUE_SIZE - 1;

	*at = '\0';
	do
		*--at = (char)('0' + value % 10);
	while (value /= 10);
	return at;
}

static const char *print_real(char text[VALUE_SIZE], double value)
{
	if (isnan(value))
		snprintf(text, VALUE_SIZE, "NaN");
	else if (isinf(value))
		snprintf(text, VALUE_SIZE, value > 0 ? "+Inf" : "-Inf");
	else
		snprintf(text, VALUE_SIZE, "%.15g", value);
	return text;
}

void metrics_write(struct metrics *m, enum metrics_name name, uint64_t value,
		   const char *const *texts)
{
	char text[VALUE_SIZE];

	write_sample(m, name, print_whole(text, value), texts);
}

void metrics_write_real(struct metrics *m, enum metrics_name name, double value,
			const char *const *texts)
{
	char text[VALUE_SIZE];

	write_sample(m, name, print_real(text, value), texts);
}

void metrics_write_histogram(struct metrics *m, enum metrics_name name,
			     const struct metrics_classes *classes,
			     const char *const *texts)
{
	char text[VALUE_SIZE];
	uint64_t count = 0;

	for (unsigned int i = 0; i < classes->count; i++) {
		count += classes->counts[i];
		write_one(m, name, "_bucket", classes->bounds[i],
			  print_whole(text, count), texts);
	}
	write_one(m, name, "_sum", NULL, print_real(text, classes->sum), texts);
	write_one(m, name, "_count", NULL, print_whole(text, count), texts);
}

bool metrics_finish(struct metrics *m)
{
	size_t count = 0;

	for (int i = 0; i < METRICS_NAMES; i++)
		for (struct piece *p = m->families[i].first; p; p = p->next)
			count++;
	m->parts = calloc(count + 1, sizeof(*m->parts));
	m->starts = calloc(count + 1, sizeof(*m->starts));
	if (m->spoiled || !m->parts || !m->starts)
		return false;
	for (int i = 0; i < METRICS_NAMES; i++)
		for (struct piece *p = m->families[i].first; p; p = p->next) {
			m->parts[m->count] = (struct iovec){ p->data, p->used };
			m->starts[m->count++] = m->size;
			m->size += p->used;
		}
	return true;
}

size_t metrics_size(const struct metrics *m)
{
	return m->size;
}

int metrics_parts(const struct metrics *m, size_t from, struct iovec *parts,
		  int max)
{
	size_t low = 0, high = m->count;
	int count = 0;

	/* The last piece that does not begin after it. */
	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (m->starts[middle] <= from)
			low = middle;
		else
			high = middle;
	}
	if (from >= m->size)
		return 0;
	for (; low < m->count && count < max; low++, count++) {
		size_t skip = from - m->starts[low];

		parts[count].iov_base = (char *)m->parts[low].iov_base + skip;
		parts[count].iov_len = m->parts[low].iov_len - skip;
		from += parts[count].iov_len;
	}
	return count;
}
