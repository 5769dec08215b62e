/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where heads are written to, as far as there is room. */
#ifndef SLUICE_HTTP_OUT_H
#define SLUICE_HTTP_OUT_H

#include "http_head.h"
#include "route_match.h"

/**
 * struct sluice_http_out - room
 * @at: where the next byte goes
 * @end: behind the last one
 * @full: something had no room; what follows is of no use
 */
struct sluice_http_out {
	char *at;
	char *end;
	bool full;
};

static inline bool out_has(struct sluice_http_out *out, size_t length)
{
	if (length > (size_t)(out->end - out->at))
		out->full = true;
	return !out->full;
}

static inline void out_put(struct sluice_http_out *out, const char *text,
			   size_t length)
{
	if (!length || !out_has(out, length))
		return;
	memcpy(out->at, text, length);
	out->at += length;
}

/* A text that is known when this is compiled. */
#define out_literal(out, text) out_put(out, text, sizeof(text) - 1)

static inline void out_slice(struct sluice_http_out *out, const u8 *buf,
			     struct sluice_http_slice slice)
{
	out_put(out, (const char *)buf + slice.offset, slice.length);
}

static inline void out_text(struct sluice_http_out *out,
			    struct sluice_text text)
{
	out_put(out, text.data, text.len);
}

static inline void out_string(struct sluice_http_out *out, const char *text)
{
	out_put(out, text, strlen(text));
}

static inline void out_number(struct sluice_http_out *out, u64 number)
{
	char digits[20], *at = digits + sizeof(digits);
	u32 digit;

	do {
		number = div_u64_rem(number, 10, &digit);
		*--at = (char)('0' + digit);
	} while (number);
	out_put(out, at, (size_t)(digits + sizeof(digits) - at));
}

static inline void out_field(struct sluice_http_out *out, const char *name,
			     size_t name_length, const char *value,
			     size_t length)
{
	out_put(out, name, name_length);
	out_put(out, ": ", 2);
	out_put(out, value, length);
	out_put(out, "\r\n", 2);
}

/**
 * struct out_run - fields one behind the other that are copied together
 * @begin: name of the first one
 * @length: of all, 0: none
 */
struct out_run {
	const char *begin;
	size_t length;
};

static inline void out_run_end(struct sluice_http_out *out, struct out_run *run)
{
	out_put(out, run->begin, run->length);
	run->length = 0;
}

/*
 * A field as it was received, but for the white space around its value: almost
 * always there is one space in front and none behind, and it is part of a run.
 */
static inline void out_header(struct sluice_http_out *out, struct out_run *run,
			      const u8 *buf,
			      const struct sluice_http_header *header)
{
	const char *name = (const char *)buf + header->name.offset;
	const char *value = (const char *)buf + header->value.offset;
	size_t length = header->value.length;

	if (value != name + header->name.length + 2 || value[-1] != ' ' ||
	    !length || value[length] != '\r') {
		out_run_end(out, run);
		out_field(out, name, header->name.length, value, length);
		return;
	}
	if (!run->length || run->begin + run->length != name) {
		out_run_end(out, run);
		run->begin = name;
	}
	run->length = (size_t)(value - run->begin) + length + 2;
}

#endif /* SLUICE_HTTP_OUT_H */
