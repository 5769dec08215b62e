// SPDX-License-Identifier: GPL-2.0-or-later
/* A cookie of an application, where it is set: RFC 6265 5.2. */
#include <string.h>

#include "sticky.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static struct sluice_text trim(const char *begin, const char *end)
{
	while (begin < end && is_space(*begin))
		begin++;
	while (begin < end && is_space(end[-1]))
		end--;
	return (struct sluice_text){ begin, (u32)(end - begin) };
}

struct sluice_text sticky_set_cookie(const uint8_t *buf,
				     const struct sluice_http_response *head,
				     const char *name)
{
	struct sluice_text found = { NULL, 0 }, part;
	size_t length = strlen(name);

	for (u32 i = 0; i < head->header_count; i++) {
		const struct sluice_http_header *header = &head->header[i];
		const char *value = (const char *)buf + header->value.offset;
		const char *end = value + header->value.length, *equals;

		if (header->field != SLUICE_HTTP_FIELD_OTHER ||
		    !sluice_http_slice_is(buf, header->name, "Set-Cookie", 10))
			continue;
		part.data = memchr(value, ';', header->value.length);
		if (part.data)
			end = part.data;
		equals = memchr(value, '=', (size_t)(end - value));
		if (!equals)
			continue;
		part = trim(value, equals);
		if (part.len != length || memcmp(part.data, name, length) != 0)
			continue;
		/* Of several, a client keeps the last; an empty one ends it. */
		part = trim(equals + 1, end);
		found = part.len ? part : (struct sluice_text){ NULL, 0 };
	}
	return found;
}
