/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the HTTP/1.x parser have from each other. */
#ifndef LIB_HTTP_H
#define LIB_HTTP_H

#include <sluice/http_head.h>

/* Classes of characters, bits of sluice_http_chars. */
#define CHAR_TOKEN	0x01	/* tchar, RFC 9110 5.6.2 */
#define CHAR_PATH	0x02	/* of a path, '/' with it, '%' not */
#define CHAR_QUERY	0x04	/* of a query, '%' not */
#define CHAR_HOST	0x08	/* unreserved, RFC 3986 2.3 */
#define CHAR_AUTHORITY	0x10	/* of host and port */
#define CHAR_HEX	0x20	/* hexadecimal digit */

extern const u8 sluice_http_chars[256];

static inline bool is_char(u8 c, u8 classes)
{
	return sluice_http_chars[c] & classes;
}

static inline bool is_digit(u8 c)
{
	return c >= '0' && c <= '9';
}

static inline bool is_space(u8 c)
{
	return c == ' ' || c == '\t';
}

static inline u8 to_lower(u8 c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/*
 * What has been seen, bits of &sluice_http_head.seen and its like, where it takes
 * more than one header field to know what it means.
 */
#define SEEN_HOST		0x0001
#define SEEN_CODING		0x0002	/* Transfer-Encoding */
#define SEEN_CODING_CHUNKED	0x0004
#define SEEN_CODING_OTHER	0x0008
#define SEEN_CLOSE		0x0010	/* options of Connection */
#define SEEN_KEEP_ALIVE		0x0020
#define SEEN_UPGRADE_OPTION	0x0040
#define SEEN_WEBSOCKET		0x0080	/* members of Upgrade */
#define SEEN_PROTOCOL		0x0100
#define SEEN_LENGTH		0x0200	/* Content-Length */
#define SEEN_OPTION		0x0400	/* another option of Connection */

/* RFC 9112 9.3. */
static inline bool keeps_alive(u16 seen, u8 minor)
{
	return !(seen & SEEN_CLOSE) && (minor || (seen & SEEN_KEEP_ALIVE));
}

/* RFC 9110 7.8: Upgrade and the option only together, and not in HTTP/1.0. */
static inline bool has_upgrade(u16 seen, u8 minor)
{
	return minor && (seen & SEEN_UPGRADE_OPTION) &&
	       (seen & (SEEN_WEBSOCKET | SEEN_PROTOCOL));
}

/* A text against one that is known when this is compiled: mostly its length differs. */
static inline bool is_literal(const u8 *buf, struct sluice_http_slice slice,
			      const char *text, u32 len)
{
	return slice.length == len &&
	       sluice_http_slice_is(buf, slice, text, len);
}

#define IS(buf, slice, text) is_literal(buf, slice, text, sizeof(text) - 1)

/*
 * A token, of which @len bytes are there, against @text, known when this is compiled: no
 * capitals, nor '@', '[', '\\', ']', '^' or '_'. Of the characters of a token only
 * letters differ in bit 0x20 alone from those.
 */
static inline bool is_folded(const u8 *token, const char *text, size_t len)
{
	u64 a, b, fold = 0x2020202020202020ULL;
	size_t i;

	if (len >= 8 && len <= 16) {
		memcpy(&a, token, 8);
		memcpy(&b, text, 8);
		if ((a | fold) != b)
			return false;
		memcpy(&a, token + len - 8, 8);
		memcpy(&b, text + len - 8, 8);
		return (a | fold) == b;
	}
	for (i = 0; i < len; i++)
		if ((token[i] | 0x20) != (u8)text[i])
			return false;
	return true;
}

#define IS_NAME(token, text) is_folded(token, text, sizeof(text) - 1)

static inline bool same_text(const u8 *buf, struct sluice_http_slice a,
			     struct sluice_http_slice b)
{
	return sluice_http_slice_is(buf, a, (const char *)buf + b.offset,
				    b.length);
}

/* A host with its port, 0 if there is none. */
struct http_authority {
	struct sluice_http_slice host;
	enum sluice_http_host_kind kind;
	u16 port;
	bool has_port;
};

bool sluice_http_authority_parse(const u8 *buf, struct sluice_http_slice text,
				 struct http_authority *authority);

/* Longest name of a field that has a number. */
#define HTTP_FIELD_MAX 17

/* First letters in either case, as bits of a word; for a token no letter is missed. */
#define HTTP_FIRST(c) (1u << ((c) & 0x1f))

/* Those of the names of fields that have a number, by length. */
extern const u32 sluice_http_first_letters[HTTP_FIELD_MAX + 1];

enum sluice_http_field sluice_http_field_id(const u8 *name, u32 len,
					    bool *alias);

/* sluice_http_field_id(); almost every field is one without a number. */
static inline enum sluice_http_field http_field(const u8 *name, u32 len,
						bool *alias)
{
	if (len > HTTP_FIELD_MAX ||
	    !(sluice_http_first_letters[len] & HTTP_FIRST(name[0])))
		return SLUICE_HTTP_FIELD_OTHER;
	return sluice_http_field_id(name, len, alias);
}

struct sluice_http_slice
sluice_http_list_member(const u8 *buf, struct sluice_http_slice *rest);

enum sluice_http_error
sluice_http_message_field(const u8 *buf,
			  const struct sluice_http_header *header, u8 minor,
			  u16 *seen, u64 *content_length);
enum sluice_http_error sluice_http_codings_end(u16 seen);
bool sluice_http_named(const u8 *buf, const struct sluice_http_header *header,
		       const struct sluice_http_header *all, u32 count,
		       u16 seen);

/*
 * Is a header field, one of the @count of @all, for this connection only? RFC 9110 7.6.1
 * names it, or Connection does. @seen: by sluice_http_message_field(), of all of them.
 */
static inline bool is_hop(const u8 *buf,
			  const struct sluice_http_header *header,
			  const struct sluice_http_header *all, u32 count,
			  u16 seen)
{
	if (header->field >= SLUICE_HTTP_FIELD_CONNECTION ||
	    header->field == SLUICE_HTTP_FIELD_TRANSFER_ENCODING)
		return true;
	/* "keep-alive" and "upgrade" name fields that have just been told. */
	return (seen & (SEEN_OPTION | SEEN_CLOSE)) &&
	       sluice_http_named(buf, header, all, count, seen);
}

#endif /* LIB_HTTP_H */
