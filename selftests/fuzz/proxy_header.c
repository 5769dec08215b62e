// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Headers of the PROXY protocol out of any bytes: none is refused whose end is
 * missing, none reads behind its end, and what it says can be written and read back.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/proxy_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition)                                           \
	do {                                                       \
		if (!(condition)) {                                \
			fprintf(stderr, "line %d: %s\n", __LINE__, \
				#condition);                       \
			abort();                                   \
		}                                                  \
	} while (0)

/* From a copy behind which nothing may be read. */
static ssize_t parse_copy(const uint8_t *data, size_t size,
			  struct proxy_header *header)
{
	uint8_t *copy = malloc(size ? size : 1);
	ssize_t result;

	CHECK(copy);
	if (size)
		memcpy(copy, data, size);
	result = proxy_header_parse(copy, size, header);
	if (header->authority.data && result > 0) {
		const uint8_t *at = (const uint8_t *)header->authority.data;

		CHECK(at >= copy &&
		      at + header->authority.len <= copy + result);
		header->authority.data = (const char *)data + (at - copy);
	}
	free(copy);
	return result;
}

static void check_parts(const uint8_t *data, size_t size, ssize_t whole)
{
	struct proxy_header header;
	bool refused = false;

	for (size_t part = 0; part < size; part++) {
		ssize_t result = parse_copy(data, part, &header);

		CHECK(result == -EAGAIN || result == whole);
		CHECK(whole < 0 || (size_t)whole <= part || result == -EAGAIN);
		/* What is wrong does not become right. */
		CHECK(!refused || result == -EPROTO);
		refused = result == -EPROTO;
		/* Longer ones are looked at around what ends them. */
		if (part == 300 && size > 600)
			part = size - 300;
	}
	CHECK(!refused || whole == -EPROTO);
}

static bool same_address(const struct sluice_endpoint *a,
			 const struct sluice_endpoint *b)
{
	size_t size = a->address.family == AF_INET ? 4 : 16;

	return a->address.family == b->address.family && a->port == b->port &&
	       memcmp(&a->address.v6, &b->address.v6, size) == 0;
}

static void check_written(const struct proxy_header *header)
{
	struct proxy_header again;
	uint8_t *room = malloc(PROXY_HEADER_ROOM);
	size_t length;

	CHECK(room);
	for (int version = 1; version <= 2; version++) {
		length = proxy_header_write(room, PROXY_HEADER_ROOM, version,
					    header);
		CHECK(length <= PROXY_HEADER_ROOM);
		CHECK(proxy_header_parse(room, length, &again) ==
		      (ssize_t)length);
		CHECK(again.local == header->local);
		CHECK(header->local ||
		      (same_address(&again.source, &header->source) &&
		       same_address(&again.destination, &header->destination)));
		if (version == 2 && !header->local)
			CHECK(again.tls == header->tls &&
			      again.authority.len == header->authority.len);
	}
	free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct proxy_header header;
	ssize_t result = parse_copy(data, size, &header);

	CHECK(result == -EAGAIN || result == -EPROTO ||
	      (result > 0 && (size_t)result <= size &&
	       result <= PROXY_HEADER_MAX));
	CHECK(result != -EAGAIN || size < PROXY_HEADER_MAX);
	check_parts(data, size, result);
	if (result > 0)
		check_written(&header);
	return 0;
}
