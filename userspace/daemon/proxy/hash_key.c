// SPDX-License-Identifier: GPL-2.0-or-later
/* What of a request scheduler maglev spreads by. */
#include <netinet/in.h>
#include <string.h>

#include "hash_key.h"
#include "sip_hash.h"

/* Goes into the key, so that an address is not the value of a header field. */
enum kind {
	KIND_SOURCE,
	KIND_URI,
	KIND_VALUE,
};

static struct sip_key key_of(const uint64_t key[2], enum kind kind)
{
	return (struct sip_key){ { key[0], key[1] ^ kind } };
}

static uint64_t hash_of(const uint64_t key[2], enum kind kind, const void *data,
			size_t size)
{
	struct sip_key kind_key = key_of(key, kind);
	uint64_t hash[2];

	sip_hash(&kind_key, data, size, hash);
	return hash[0];
}

static uint64_t hash_source(const struct sluice_address *source,
			    const uint64_t key[2])
{
	const uint8_t *bytes = source->v6.s6_addr;

	if (source->family == AF_INET)
		return hash_of(key, KIND_SOURCE, &source->v4, 4);
	if (source->family != AF_INET6)
		return hash_of(key, KIND_SOURCE, NULL, 0);
	if (IN6_IS_ADDR_V4MAPPED(&source->v6))
		return hash_of(key, KIND_SOURCE, bytes + 12, 4);
	return hash_of(key, KIND_SOURCE, bytes, 16);
}

/* The hash of the path is the key of the query's, an empty one included. */
static uint64_t hash_uri(const struct hash_key_request *request,
			 const uint64_t key[2])
{
	const struct sluice_http_head *head = request->head;
	struct sip_key uri_key = key_of(key, KIND_URI), path;
	uint64_t hash[2];

	sip_hash(&uri_key, request->path.data, request->path.len, path.words);
	if (!head->has_query)
		return path.words[0];
	sip_hash(&path, request->buf + head->query.offset, head->query.length,
		 hash);
	return hash[0];
}

static bool find_header(const struct hash_key_request *request,
			const char *name, uint32_t length,
			struct sluice_http_slice *value)
{
	const struct sluice_http_header *header = NULL;

	while ((header = sluice_http_header_next(request->head, request->buf,
						 name, length, header))) {
		*value = header->value;
		if (value->length)
			return true;
	}
	return false;
}

static bool find_cookie(const struct hash_key_request *request,
			const char *name, uint32_t length,
			struct sluice_http_slice *value)
{
	struct sluice_http_cursor cursor = { 0 };
	struct sluice_http_pair cookie;

	while (sluice_http_cookie_next(request->head, request->buf, &cursor,
				       &cookie)) {
		if (!cookie.value.length || cookie.name.length != length ||
		    memcmp(request->buf + cookie.name.offset, name, length))
			continue;
		*value = cookie.value;
		return true;
	}
	return false;
}

/* Parameters are parted by "&", a name from its value by the first "=". */
static bool find_parameter(const struct hash_key_request *request,
			   const char *name, uint32_t length,
			   struct sluice_http_slice *value)
{
	struct sluice_http_slice query = request->head->query;
	const uint8_t *at = request->buf + query.offset;
	const uint8_t *end = at + query.length, *next;

	for (; at < end; at = next + 1) {
		next = memchr(at, '&', (size_t)(end - at));
		if (!next)
			next = end;
		/* With "=" and something behind it. */
		if (next - at < (ptrdiff_t)length + 2 || at[length] != '=' ||
		    memcmp(at, name, length))
			continue;
		at += length + 1;
		value->offset = (__u16)(at - request->buf);
		value->length = (__u16)(next - at);
		return true;
	}
	return false;
}

uint64_t hash_key(const struct config_hashing *hashing,
		  const struct hash_key_request *request, const uint64_t key[2])
{
	int on = hashing ? hashing->on : CONFIG_HASH_SOURCE;
	bool (*find)(const struct hash_key_request *request, const char *name,
		     uint32_t length, struct sluice_http_slice *value) = NULL;
	struct sluice_http_slice value;

	switch (on) {
	case CONFIG_HASH_URI:
		if (request->path.len)
			return hash_uri(request, key);
		break;
	case CONFIG_HASH_HEADER:
		find = find_header;
		break;
	case CONFIG_HASH_COOKIE:
		find = find_cookie;
		break;
	case CONFIG_HASH_QUERY:
		find = find_parameter;
		break;
	}
	if (find && find(request, hashing->name,
			 (uint32_t)strlen(hashing->name), &value))
		return hash_of(key, KIND_VALUE, request->buf + value.offset,
			       value.length);
	return hash_source(request->source, key);
}
