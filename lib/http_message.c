// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What requests and responses have in common: where their content ends and what
 * becomes of the connection, RFC 9110 and RFC 9112.
 */
#include "http.h"

/* Greatest Content-Length, so that a signed number can hold it. */
#define LENGTH_MAX 0x7fffffffffffffffULL

static u32 token_length(const u8 *buf, struct sluice_http_slice text)
{
	u32 i = 0;

	while (i < text.length && is_char(buf[text.offset + i], CHAR_TOKEN))
		i++;
	return i;
}

/*
 * RFC 9110 8.6: digits and nothing else. A list of equal numbers, or the field
 * twice with the same, could be taken for one; nobody needs that.
 */
static enum sluice_http_error read_length(const u8 *buf,
					  struct sluice_http_slice value,
					  u16 *seen, u64 *content_length)
{
	u64 length = 0;
	u32 i;
	u8 c;

	if (*seen & SEEN_LENGTH)
		return SLUICE_HTTP_ERROR_LENGTH_REPEATED;
	if (*seen & SEEN_CODING)
		return SLUICE_HTTP_ERROR_LENGTH_AND_CODING;
	for (i = 0; i < value.length; i++) {
		c = buf[value.offset + i];
		if (!is_digit(c) || length > LENGTH_MAX / 10)
			return SLUICE_HTTP_ERROR_LENGTH;
		length = length * 10 + (c - '0');
	}
	if (!value.length || length > LENGTH_MAX)
		return SLUICE_HTTP_ERROR_LENGTH;
	*content_length = length;
	*seen |= SEEN_LENGTH;
	return SLUICE_HTTP_ERROR_NONE;
}

/*
 * One member of Transfer-Encoding. Chunked has no parameters and comes last, and
 * once (RFC 9112 6.1, 7.1). Of others the name is enough, since we have none.
 */
static enum sluice_http_error
read_coding(const u8 *buf, struct sluice_http_slice coding, u16 *seen)
{
	struct sluice_http_slice name = coding;
	u8 c;

	name.length = token_length(buf, coding);
	if (!name.length || (*seen & SEEN_CODING_CHUNKED))
		return SLUICE_HTTP_ERROR_CODING;
	if (!IS(buf, name, "chunked")) {
		c = name.length < coding.length ?
			    buf[name.offset + name.length] :
			    ';';
		if (c != ';' && !is_space(c))
			return SLUICE_HTTP_ERROR_CODING;
		*seen |= SEEN_CODING_OTHER;
		return SLUICE_HTTP_ERROR_NONE;
	}
	if (name.length != coding.length)
		return SLUICE_HTTP_ERROR_CODING;
	*seen |= SEEN_CODING_CHUNKED;
	return SLUICE_HTTP_ERROR_NONE;
}

static enum sluice_http_error
read_codings(const u8 *buf, struct sluice_http_slice rest, u8 minor, u16 *seen)
{
	enum sluice_http_error error;

	if (!minor)
		return SLUICE_HTTP_ERROR_CODING_VERSION;
	if (*seen & SEEN_LENGTH)
		return SLUICE_HTTP_ERROR_LENGTH_AND_CODING;
	*seen |= SEEN_CODING;
	for (;;) {
		error = read_coding(buf, sluice_http_list_member(buf, &rest),
				    seen);
		if (error || !rest.length)
			return error;
		/* The comma: even an empty member behind it counts. */
		rest.offset++;
		rest.length--;
	}
}

static enum sluice_http_error
read_connection(const u8 *buf, struct sluice_http_slice rest, u16 *seen)
{
	struct sluice_http_slice option;

	/* What most say. */
	if (IS(buf, rest, "keep-alive")) {
		*seen |= SEEN_KEEP_ALIVE;
		return SLUICE_HTTP_ERROR_NONE;
	}
	while (sluice_http_list_next(buf, &rest, &option)) {
		if (token_length(buf, option) != option.length)
			return SLUICE_HTTP_ERROR_CONNECTION;
		if (IS(buf, option, "host") ||
		    IS(buf, option, "content-length") ||
		    IS(buf, option, "transfer-encoding"))
			return SLUICE_HTTP_ERROR_CONNECTION;
		if (IS(buf, option, "close"))
			*seen |= SEEN_CLOSE;
		else if (IS(buf, option, "keep-alive"))
			*seen |= SEEN_KEEP_ALIVE;
		else if (IS(buf, option, "upgrade"))
			*seen |= SEEN_UPGRADE_OPTION;
		else
			*seen |= SEEN_OPTION;
	}
	return SLUICE_HTTP_ERROR_NONE;
}

static void read_upgrade(const u8 *buf, struct sluice_http_slice rest,
			 u16 *seen)
{
	struct sluice_http_slice protocol;

	while (sluice_http_list_next(buf, &rest, &protocol))
		*seen |= IS(buf, protocol, "websocket") ? SEEN_WEBSOCKET :
							  SEEN_PROTOCOL;
}

/**
 * sluice_http_message_field() - learn what a header field says
 * @buf: the buffer it is in
 * @header: a field, in the order in which they come
 * @minor: of HTTP/1.x
 * @seen: where it is noted
 * @content_length: set if it is Content-Length
 *
 * Return: SLUICE_HTTP_ERROR_NONE, or why the message is refused.
 */
enum sluice_http_error
sluice_http_message_field(const u8 *buf,
			  const struct sluice_http_header *header, u8 minor,
			  u16 *seen, u64 *content_length)
{
	switch (header->field) {
	case SLUICE_HTTP_FIELD_CONTENT_LENGTH:
		return read_length(buf, header->value, seen, content_length);
	case SLUICE_HTTP_FIELD_TRANSFER_ENCODING:
		return read_codings(buf, header->value, minor, seen);
	case SLUICE_HTTP_FIELD_CONNECTION:
		return read_connection(buf, header->value, seen);
	case SLUICE_HTTP_FIELD_UPGRADE:
		read_upgrade(buf, header->value, seen);
		return SLUICE_HTTP_ERROR_NONE;
	default:
		return SLUICE_HTTP_ERROR_NONE;
	}
}

/**
 * sluice_http_codings_end() - learn what all of Transfer-Encoding comes to
 * @seen: by sluice_http_message_field(), of all fields
 *
 * Return: SLUICE_HTTP_ERROR_NONE if there is none or it is chunked, or why the
 * message is refused.
 */
enum sluice_http_error sluice_http_codings_end(u16 seen)
{
	if (!(seen & SEEN_CODING))
		return SLUICE_HTTP_ERROR_NONE;
	if (!(seen & SEEN_CODING_CHUNKED))
		return SLUICE_HTTP_ERROR_CODING;
	if (seen & SEEN_CODING_OTHER)
		return SLUICE_HTTP_ERROR_CODING_UNKNOWN;
	return SLUICE_HTTP_ERROR_NONE;
}

/**
 * sluice_http_named() - is it a header field that Connection names?
 * @buf: the buffer it is in
 * @header: the field
 * @all: the fields of the message
 * @count: how many there are
 * @seen: by sluice_http_message_field(), of all of them
 *
 * Return: whether it is.
 */
bool sluice_http_named(const u8 *buf, const struct sluice_http_header *header,
		       const struct sluice_http_header *all, u32 count,
		       u16 seen)
{
	struct sluice_http_slice rest, option;
	u32 i;

	if (!(seen & SEEN_OPTION))
		return (seen & SEEN_CLOSE) && IS(buf, header->name, "close");
	for (i = 0; i < count; i++) {
		if (all[i].field != SLUICE_HTTP_FIELD_CONNECTION)
			continue;
		rest = all[i].value;
		while (sluice_http_list_next(buf, &rest, &option))
			if (same_text(buf, option, header->name))
				return true;
	}
	return false;
}
