// SPDX-License-Identifier: GPL-2.0-or-later
/* Names and values of header fields: which field it is, and lists: RFC 9110 5. */
#include "http.h"

static bool same_bytes(const u8 *p, const char *text, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		if (p[i] != (u8)text[i] &&
		    to_lower(p[i]) != to_lower((u8)text[i]))
			return false;
	return true;
}

/**
 * sluice_http_slice_is() - compare without regard to case
 * @buf: the buffer @slice is in
 * @slice: one text
 * @text: the other
 * @len: length of @text
 *
 * Only the case of ASCII letters makes no difference.
 *
 * Return: whether they are equal.
 */
bool sluice_http_slice_is(const u8 *buf, struct sluice_http_slice slice,
			  const char *text, u32 len)
{
	return slice.length == len && same_bytes(buf + slice.offset, text, len);
}

/* Is it lower case @text, where '_' stands for '-'? For a token. */
static bool is_alias(const u8 *name, const char *text, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		if ((name[i] == '_' ? '-' : name[i] | 0x20) != text[i])
			return false;
	return true;
}

#define FIRST(c) HTTP_FIRST(c)

/* Of the names below. */
const u32 sluice_http_first_letters[HTTP_FIELD_MAX + 1] = {
	[2] = FIRST('t'),
	[4] = FIRST('h'),
	[6] = FIRST('c') | FIRST('e'),
	[7] = FIRST('u'),
	[10] = FIRST('c') | FIRST('k'),
	[14] = FIRST('c'),
	[16] = FIRST('p'),
	[17] = FIRST('t'),
};

/**
 * sluice_http_field_id() - recognise the name of a header field
 * @name: a token
 * @len: its length
 * @alias: set if it is that of a field with '_' for '-' by which a program behind
 *	us could see other bounds of the message than we do
 *
 * Return: which field it is.
 */
enum sluice_http_field sluice_http_field_id(const u8 *name, u32 len,
					    bool *alias)
{
	switch (len) {
	case 2:
		if (IS_NAME(name, "te"))
			return SLUICE_HTTP_FIELD_TE;
		break;
	case 4:
		if (IS_NAME(name, "host"))
			return SLUICE_HTTP_FIELD_HOST;
		break;
	case 6:
		if (IS_NAME(name, "cookie"))
			return SLUICE_HTTP_FIELD_COOKIE;
		if (IS_NAME(name, "expect"))
			return SLUICE_HTTP_FIELD_EXPECT;
		break;
	case 7:
		if (IS_NAME(name, "upgrade"))
			return SLUICE_HTTP_FIELD_UPGRADE;
		break;
	case 10:
		if (IS_NAME(name, "connection"))
			return SLUICE_HTTP_FIELD_CONNECTION;
		if (IS_NAME(name, "keep-alive"))
			return SLUICE_HTTP_FIELD_KEEP_ALIVE;
		break;
	case 14:
		if (IS_NAME(name, "content-length"))
			return SLUICE_HTTP_FIELD_CONTENT_LENGTH;
		*alias = is_alias(name, "content-length", len);
		break;
	case 16:
		if (IS_NAME(name, "proxy-connection"))
			return SLUICE_HTTP_FIELD_PROXY_CONNECTION;
		break;
	case 17:
		if (IS_NAME(name, "transfer-encoding"))
			return SLUICE_HTTP_FIELD_TRANSFER_ENCODING;
		*alias = is_alias(name, "transfer-encoding", len);
		break;
	}
	return SLUICE_HTTP_FIELD_OTHER;
}

/**
 * sluice_http_list_member() - the next member of a list, empty ones too
 * @buf: the buffer it is in
 * @rest: what is left of it; left at the comma behind the member, or empty at the
 *	end of the list
 *
 * A comma in quotes parts nothing (RFC 9110 5.6.4).
 *
 * Return: the member, without white space around it.
 */
struct sluice_http_slice sluice_http_list_member(const u8 *buf,
						 struct sluice_http_slice *rest)
{
	u32 begin = rest->offset, end = begin + rest->length, i;
	bool quoted = false;

	for (i = begin; i < end; i++) {
		if (buf[i] == '"')
			quoted = !quoted;
		else if (buf[i] == ',' && !quoted)
			break;
		else if (buf[i] == '\\' && quoted && i + 1 < end)
			i++;
	}
	rest->offset = i;
	rest->length = end - i;
	while (begin < i && is_space(buf[begin]))
		begin++;
	while (begin < i && is_space(buf[i - 1]))
		i--;
	return (struct sluice_http_slice){ begin, i - begin };
}

/**
 * sluice_http_list_next() - go through a list with commas
 * @buf: the buffer it is in
 * @rest: what is left of it: at first all of the value
 * @item: filled in with the next member, without white space around it
 *
 * Members that are empty are passed over (RFC 9110 5.6.1.2).
 *
 * Return: false if there is none any more.
 */
bool sluice_http_list_next(const u8 *buf, struct sluice_http_slice *rest,
			   struct sluice_http_slice *item)
{
	while (rest->length) {
		if (buf[rest->offset] == ',') {
			rest->offset++;
			rest->length--;
			continue;
		}
		*item = sluice_http_list_member(buf, rest);
		if (item->length)
			return true;
	}
	return false;
}

/**
 * sluice_http_header_next() - go through header fields with one name
 * @head: complete
 * @buf: the buffer it is in
 * @name: the name; its case makes no difference
 * @len: length of @name
 * @last: what the last call returned, NULL at first
 *
 * Return: the next one, or NULL if there is none any more.
 */
const struct sluice_http_header *
sluice_http_header_next(const struct sluice_http_head *head, const u8 *buf,
			const char *name, u32 len,
			const struct sluice_http_header *last)
{
	const struct sluice_http_header *header = last ? last + 1 :
							 head->header;

	for (; header < head->header + head->header_count; header++)
		if (sluice_http_slice_is(buf, header->name, name, len))
			return header;
	return NULL;
}

/**
 * sluice_http_header_hop() - is it a header field for this connection only?
 * @head: complete
 * @buf: the buffer it is in
 * @header: one of its fields
 *
 * Those that RFC 9110 7.6.1 names, and those that Connection names. They are not
 * to be sent on; who forwards the request writes his own.
 *
 * Return: whether it is.
 */
bool sluice_http_header_hop(const struct sluice_http_head *head, const u8 *buf,
			    const struct sluice_http_header *header)
{
	return is_hop(buf, header, head->header, head->header_count,
		      head->seen);
}
