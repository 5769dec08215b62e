// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Header fields that say where the request goes, where it ends and what becomes
 * of the connection: RFC 9110 and RFC 9112.
 */
#include "http.h"

/* Greatest Content-Length, so that a signed number can hold it. */
#define LENGTH_MAX 0x7fffffffffffffffULL

static bool is_text(const u8 *p, const char *text, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		if (to_lower(p[i]) != to_lower((u8)text[i]))
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
	return slice.length == len && is_text(buf + slice.offset, text, len);
}

#define IS(buf, slice, text) \
	sluice_http_slice_is(buf, slice, text, sizeof(text) - 1)

/* For a name, of which every character is one of a token, and lower case @text. */
static bool is_name(const u8 *name, const char *text, u32 len)
{
	u32 i;

	/* Of such characters only letters differ in this bit alone. */
	for (i = 0; i < len; i++)
		if ((name[i] | 0x20) != text[i])
			return false;
	return true;
}

/* The same where '_' stands for '-'. */
static bool is_alias(const u8 *name, const char *text, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		if ((name[i] == '_' ? '-' : name[i] | 0x20) != text[i])
			return false;
	return true;
}

/* Longest of the names below. */
#define KNOWN_MAX 17

/* First letters in either case, as bits of a word; for a token no letter is missed. */
#define FIRST(c) (1u << ((c) & 0x1f))

/*
 * Those of the names below, by length. Almost every field is another one, and this
 * says so without a jump that cannot be foreseen.
 */
static const u32 first_letters[KNOWN_MAX + 1] = {
	[2] = FIRST('t'),
	[4] = FIRST('h'),
	[6] = FIRST('c') | FIRST('e'),
	[7] = FIRST('u'),
	[10] = FIRST('c') | FIRST('k'),
	[14] = FIRST('c'),
	[16] = FIRST('p'),
	[17] = FIRST('t'),
};

#define IS_NAME(name, text) is_name(name, text, sizeof(text) - 1)

/**
 * sluice_http_field_id() - recognise the name of a header field
 * @name: a token
 * @len: its length
 * @alias: set if it is that of a field with '_' for '-' by which a program behind
 *	us could see other bounds of the request than we do
 *
 * Return: which field it is.
 */
enum sluice_http_field sluice_http_field_id(const u8 *name, u32 len, bool *alias)
{
	if (len > KNOWN_MAX || !(first_letters[len] & FIRST(name[0])))
		return SLUICE_HTTP_FIELD_OTHER;
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

/*
 * The next member of a list, empty ones too; @rest is left at the comma behind it,
 * or empty at the end of the list. A comma in quotes parts nothing (RFC 9110
 * 5.6.4).
 */
static struct sluice_http_slice list_member(const u8 *buf,
					    struct sluice_http_slice *rest)
{
	u32 begin = rest->offset, end = begin + rest->length, i;
	bool quoted = false;

	for (i = begin; i < end && (quoted || buf[i] != ','); i++) {
		if (buf[i] == '"')
			quoted = !quoted;
		else if (quoted && buf[i] == '\\' && i + 1 < end)
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
		*item = list_member(buf, rest);
		if (item->length)
			return true;
	}
	return false;
}

static u32 token_length(const u8 *buf, struct sluice_http_slice text)
{
	u32 i = 0;

	while (i < text.length && is_char(buf[text.offset + i], CHAR_TOKEN))
		i++;
	return i;
}

static bool same_host(const u8 *buf, struct sluice_http_slice a,
		      struct sluice_http_slice b)
{
	return sluice_http_slice_is(buf, a, (const char *)buf + b.offset,
				    b.length);
}

/*
 * RFC 9112 3.2.2 has a target's host win over Host. But a server behind us may
 * see it the other way round, so they have to agree; a port that the scheme
 * implies may be left out. In 3.2.3 CONNECT has a port that Host has not.
 */
static bool same_authority(const struct sluice_http_head *head, const u8 *buf,
			   const struct http_authority *host)
{
	u16 implied = head->scheme == SLUICE_HTTP_SCHEME_HTTPS ? 443 : 80;

	if (!same_host(buf, head->host, host->host))
		return false;
	if (head->form == SLUICE_HTTP_FORM_AUTHORITY)
		return !host->has_port || host->port == head->port;
	return (host->has_port ? host->port : implied) ==
	       (head->port ? head->port : implied);
}

static enum sluice_http_error read_host(struct sluice_http_head *head,
					const u8 *buf,
					struct sluice_http_slice value)
{
	struct http_authority authority;

	if (head->seen & SEEN_HOST)
		return SLUICE_HTTP_ERROR_HOST_REPEATED;
	head->seen |= SEEN_HOST;
	if (!sluice_http_authority_parse(buf, value, &authority))
		return SLUICE_HTTP_ERROR_HOST;
	if (head->form == SLUICE_HTTP_FORM_ABSOLUTE ||
	    head->form == SLUICE_HTTP_FORM_AUTHORITY)
		return same_authority(head, buf, &authority) ?
			       SLUICE_HTTP_ERROR_NONE :
			       SLUICE_HTTP_ERROR_HOST_DIFFERS;
	head->host = authority.host;
	head->host_kind = authority.kind;
	head->port = authority.port;
	return SLUICE_HTTP_ERROR_NONE;
}

/*
 * RFC 9110 8.6: digits and nothing else. A list of equal numbers, or the field
 * twice with the same, could be taken for one; nobody needs that.
 */
static enum sluice_http_error read_length(struct sluice_http_head *head,
					  const u8 *buf,
					  struct sluice_http_slice value)
{
	u64 length = 0;
	u32 i;
	u8 c;

	if (head->has_content_length)
		return SLUICE_HTTP_ERROR_LENGTH_REPEATED;
	if (head->seen & SEEN_CODING)
		return SLUICE_HTTP_ERROR_LENGTH_AND_CODING;
	for (i = 0; i < value.length; i++) {
		c = buf[value.offset + i];
		if (!is_digit(c) || length > LENGTH_MAX / 10)
			return SLUICE_HTTP_ERROR_LENGTH;
		length = length * 10 + (c - '0');
	}
	if (!value.length || length > LENGTH_MAX)
		return SLUICE_HTTP_ERROR_LENGTH;
	head->content_length = length;
	head->has_content_length = true;
	return SLUICE_HTTP_ERROR_NONE;
}

/*
 * One member of Transfer-Encoding. Chunked has no parameters and comes last, and
 * once (RFC 9112 6.1, 7.1). Of others the name is enough, since we have none.
 */
static enum sluice_http_error read_coding(struct sluice_http_head *head,
					  const u8 *buf,
					  struct sluice_http_slice coding)
{
	struct sluice_http_slice name = coding;
	u8 c;

	name.length = token_length(buf, coding);
	if (!name.length || (head->seen & SEEN_CODING_CHUNKED))
		return SLUICE_HTTP_ERROR_CODING;
	if (!IS(buf, name, "chunked")) {
		c = name.length < coding.length ?
			    buf[name.offset + name.length] : ';';
		if (c != ';' && !is_space(c))
			return SLUICE_HTTP_ERROR_CODING;
		head->seen |= SEEN_CODING_OTHER;
		return SLUICE_HTTP_ERROR_NONE;
	}
	if (name.length != coding.length)
		return SLUICE_HTTP_ERROR_CODING;
	head->seen |= SEEN_CODING_CHUNKED;
	return SLUICE_HTTP_ERROR_NONE;
}

static enum sluice_http_error read_codings(struct sluice_http_head *head,
					   const u8 *buf,
					   struct sluice_http_slice rest)
{
	enum sluice_http_error error;

	if (!head->minor)
		return SLUICE_HTTP_ERROR_CODING_VERSION;
	if (head->has_content_length)
		return SLUICE_HTTP_ERROR_LENGTH_AND_CODING;
	head->seen |= SEEN_CODING;
	for (;;) {
		error = read_coding(head, buf, list_member(buf, &rest));
		if (error || !rest.length)
			return error;
		/* The comma: even an empty member behind it counts. */
		rest.offset++;
		rest.length--;
	}
}

static enum sluice_http_error read_connection(struct sluice_http_head *head,
					      const u8 *buf,
					      struct sluice_http_slice rest)
{
	struct sluice_http_slice option;

	while (sluice_http_list_next(buf, &rest, &option)) {
		if (token_length(buf, option) != option.length)
			return SLUICE_HTTP_ERROR_CONNECTION;
		if (IS(buf, option, "close"))
			head->seen |= SEEN_CLOSE;
		else if (IS(buf, option, "keep-alive"))
			head->seen |= SEEN_KEEP_ALIVE;
		else if (IS(buf, option, "upgrade"))
			head->seen |= SEEN_UPGRADE_OPTION;
		else if (IS(buf, option, "host") ||
			 IS(buf, option, "content-length") ||
			 IS(buf, option, "transfer-encoding"))
			return SLUICE_HTTP_ERROR_CONNECTION;
	}
	return SLUICE_HTTP_ERROR_NONE;
}

static enum sluice_http_error read_upgrade(struct sluice_http_head *head,
					   const u8 *buf,
					   struct sluice_http_slice rest)
{
	struct sluice_http_slice protocol;

	while (sluice_http_list_next(buf, &rest, &protocol))
		head->seen |= IS(buf, protocol, "websocket") ? SEEN_WEBSOCKET :
							       SEEN_PROTOCOL;
	return SLUICE_HTTP_ERROR_NONE;
}

/* RFC 9110 10.1.1, by which it means nothing in HTTP/1.0. */
static enum sluice_http_error read_expect(struct sluice_http_head *head,
					  const u8 *buf,
					  struct sluice_http_slice rest)
{
	struct sluice_http_slice item;

	if (!head->minor)
		return SLUICE_HTTP_ERROR_NONE;
	while (sluice_http_list_next(buf, &rest, &item)) {
		if (!IS(buf, item, "100-continue"))
			return SLUICE_HTTP_ERROR_EXPECT;
		head->expect_continue = true;
	}
	return SLUICE_HTTP_ERROR_NONE;
}

/**
 * sluice_http_field_read() - learn what a header field says
 * @head: its request line is complete
 * @buf: the buffer it is in
 * @header: a field of it, in the order in which they come
 *
 * Return: SLUICE_HTTP_ERROR_NONE, or why the head is refused.
 */
enum sluice_http_error sluice_http_field_read(struct sluice_http_head *head,
					      const u8 *buf,
					      const struct sluice_http_header *header)
{
	switch (header->field) {
	case SLUICE_HTTP_FIELD_HOST:
		return read_host(head, buf, header->value);
	case SLUICE_HTTP_FIELD_CONTENT_LENGTH:
		return read_length(head, buf, header->value);
	case SLUICE_HTTP_FIELD_TRANSFER_ENCODING:
		return read_codings(head, buf, header->value);
	case SLUICE_HTTP_FIELD_EXPECT:
		return read_expect(head, buf, header->value);
	case SLUICE_HTTP_FIELD_CONNECTION:
		return read_connection(head, buf, header->value);
	case SLUICE_HTTP_FIELD_UPGRADE:
		return read_upgrade(head, buf, header->value);
	default:
		return SLUICE_HTTP_ERROR_NONE;
	}
}

/**
 * sluice_http_fields_end() - learn what takes all header fields to know
 * @head: all of them have been read
 *
 * Return: SLUICE_HTTP_ERROR_NONE, or why the head is refused.
 */
enum sluice_http_error sluice_http_fields_end(struct sluice_http_head *head)
{
	u16 seen = head->seen;

	if (head->minor && !(seen & SEEN_HOST))
		return SLUICE_HTTP_ERROR_HOST_MISSING;
	if (seen & SEEN_CODING) {
		if (!(seen & SEEN_CODING_CHUNKED))
			return SLUICE_HTTP_ERROR_CODING;
		if (seen & SEEN_CODING_OTHER)
			return SLUICE_HTTP_ERROR_CODING_UNKNOWN;
		head->chunked = true;
	}
	/* RFC 9110 9.3.6: what follows is the tunnel's, if there is one. */
	if (head->method_id == SLUICE_HTTP_METHOD_CONNECT &&
	    (head->chunked || head->content_length))
		return SLUICE_HTTP_ERROR_CONTENT;
	head->keep_alive = !(seen & SEEN_CLOSE) &&
			   (head->minor || (seen & SEEN_KEEP_ALIVE));
	/* RFC 9110 7.8: only together, and not in HTTP/1.0. */
	if (head->minor && (seen & SEEN_UPGRADE_OPTION)) {
		head->upgrade = seen & (SEEN_WEBSOCKET | SEEN_PROTOCOL);
		head->websocket = head->upgrade && !(seen & SEEN_PROTOCOL);
	}
	return SLUICE_HTTP_ERROR_NONE;
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
	const struct sluice_http_header *header = last ? last + 1 : head->header;

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
	struct sluice_http_slice rest, option;
	u32 i;

	if (header->field >= SLUICE_HTTP_FIELD_CONNECTION ||
	    header->field == SLUICE_HTTP_FIELD_TRANSFER_ENCODING)
		return true;
	for (i = 0; i < head->header_count; i++) {
		if (head->header[i].field != SLUICE_HTTP_FIELD_CONNECTION)
			continue;
		rest = head->header[i].value;
		while (sluice_http_list_next(buf, &rest, &option))
			if (same_host(buf, option, header->name))
				return true;
	}
	return false;
}
