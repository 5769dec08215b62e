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

#define IS(buf, slice, text) \
	sluice_http_slice_is(buf, slice, text, sizeof(text) - 1)

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

enum sluice_http_field sluice_http_field_id(const u8 *name, u32 len,
					    bool *alias);
struct sluice_http_slice
sluice_http_list_member(const u8 *buf, struct sluice_http_slice *rest);

enum sluice_http_error
sluice_http_message_field(const u8 *buf,
			  const struct sluice_http_header *header, u8 minor,
			  u16 *seen, u64 *content_length);
enum sluice_http_error sluice_http_codings_end(u16 seen);
bool sluice_http_hop(const u8 *buf, const struct sluice_http_header *header,
		     const struct sluice_http_header *all, u32 count, u16 seen);

#endif /* LIB_HTTP_H */
