// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A ClientHello from a stream in pieces. Two machines, one in the other: records
 * are taken apart, and what is in them goes to the reader of the message, which
 * wants a number of bytes at a time, all of one field. Before it wants them it
 * claims them from what they are in (message, extension, list), so that no
 * field can pass the end of what is around it.
 */
#include "client_hello_reader.h"

enum {
	RECORD_ALERT = 21,
	RECORD_HANDSHAKE = 22,
	RECORD_MAX = 16384,
	RECORD_HEADER = 5,
	MESSAGE_CLIENT_HELLO = 1,
	MESSAGE_HEADER = 4,
	RANDOM_SIZE = 32,
	SESSION_ID_MAX = 32,
};

void sluice_hello_claim(struct sluice_client_hello *h, u32 *left, u32 n,
			enum state state, enum kind kind)
{
	if (n > *left) {
		refuse(h, left == &h->message_left ?
		       SLUICE_HELLO_LENGTH : SLUICE_HELLO_EXTENSION_LENGTH);
		return;
	}
	*left -= n;
	h->want = n;
	h->have = 0;
	h->state = state;
	h->kind = kind;
}

void sluice_hello_finish(struct sluice_client_hello *h)
{
	if (!(h->flags & SLUICE_HELLO_HAS_VERSIONS))
		/* RFC 8446 4.2.1: TLS 1.3 is not offered in this field. */
		h->version = h->legacy_version < TLS_1_2 ?
			     h->legacy_version : TLS_1_2;
	if (!h->version)
		refuse(h, SLUICE_HELLO_VERSION);
	else if (h->version >= TLS_1_3 && h->compression_other)
		refuse(h, SLUICE_HELLO_COMPRESSION);
	else if (h->record_left)
		refuse(h, SLUICE_HELLO_TRAILING);
	else
		h->result = SLUICE_HELLO_DONE;
}

static void begin_message(struct sluice_client_hello *h)
{
	if (h->field[0] != MESSAGE_CLIENT_HELLO) {
		refuse(h, SLUICE_HELLO_MESSAGE_TYPE);
		return;
	}
	h->message_left = h->field[1] << 16 | get16(h->field + 2);
	h->size += MESSAGE_HEADER + h->message_left;
	if (h->size > h->limit)
		refuse(h, SLUICE_HELLO_TOO_LONG);
	else
		collect(h, &h->message_left, 2, IN_VERSION);
}

/* The field that was wanted is complete: read it, and want the next. */
static void step(struct sluice_client_hello *h)
{
	u32 *left = &h->message_left;
	u16 len;

	switch (h->state) {
	case IN_MESSAGE_HEADER:
		begin_message(h);
		break;
	case IN_VERSION:
		h->legacy_version = get16(h->field);
		/* RFC 8446 D.5: SSL 3.0 is refused, too. */
		if (h->legacy_version < TLS_1_0)
			refuse(h, SLUICE_HELLO_VERSION);
		else
			skip(h, left, RANDOM_SIZE, IN_RANDOM);
		break;
	case IN_RANDOM:
		collect(h, left, 1, IN_SESSION_ID_LENGTH);
		break;
	case IN_SESSION_ID_LENGTH:
		len = h->field[0];
		if (len)
			h->flags |= SLUICE_HELLO_HAS_SESSION_ID;
		if (len > SESSION_ID_MAX)
			refuse(h, SLUICE_HELLO_SESSION_ID);
		else
			skip(h, left, len, IN_SESSION_ID);
		break;
	case IN_SESSION_ID:
		collect(h, left, 2, IN_SUITES_LENGTH);
		break;
	case IN_SUITES_LENGTH:
		len = get16(h->field);
		if (!len || len % 2)
			refuse(h, SLUICE_HELLO_CIPHER_SUITES);
		else
			skip(h, left, len, IN_SUITES);
		break;
	case IN_SUITES:
		collect(h, left, 1, IN_COMPRESSION_LENGTH);
		break;
	case IN_COMPRESSION_LENGTH:
		h->compression_other = h->field[0] > 1;
		sluice_hello_claim(h, left, h->field[0], IN_COMPRESSION,
				   LOOK_FOR_NULL);
		break;
	case IN_COMPRESSION:
		if (!h->compression_null)
			refuse(h, SLUICE_HELLO_COMPRESSION);
		else if (!*left)
			sluice_hello_finish(h);
		else
			collect(h, left, 2, IN_EXTENSIONS_LENGTH);
		break;
	case IN_EXTENSIONS_LENGTH:
		if (get16(h->field) != *left)
			refuse(h, SLUICE_HELLO_EXTENSIONS_LENGTH);
		else
			sluice_hello_next_extension(h);
		break;
	default:
		sluice_hello_step_extension(h);
		break;
	}
}

/* Take what is there of the field, out of the record. */
static size_t take(struct sluice_client_hello *h, const u8 *data, size_t len)
{
	if (len > h->record_left)
		len = h->record_left;
	if (len > h->want)
		len = h->want;

	switch (h->kind) {
	case COLLECT:
		memcpy(h->field + h->have, data, len);
		h->have += len;
		break;
	case COPY_HOST:
		memcpy(h->host + h->host_len - h->want, data, len);
		break;
	case COPY_PROTOCOL:
		memcpy(h->alpn + h->alpn_len + 1 + h->alpn[h->alpn_len] -
		       h->want, data, len);
		break;
	case LOOK_FOR_NULL:
		if (memchr(data, 0, len))
			h->compression_null = true;
		break;
	}
	h->want -= len;
	h->record_left -= len;
	return len;
}

/* The first record header is none of TLS, or of no use: say what it is. */
static enum sluice_hello_refusal other_protocol(const u8 *p)
{
	static const u8 proxy_v2[RECORD_HEADER] = "\r\n\r\n";
	unsigned int i;

	if (!memcmp(p, "PROXY", RECORD_HEADER) ||
	    !memcmp(p, proxy_v2, RECORD_HEADER))
		return SLUICE_HELLO_PROXY_HEADER;
	/* A length with its highest bit set, the type, and the version. */
	if (p[0] & 0x80 && p[2] == MESSAGE_CLIENT_HELLO)
		return SLUICE_HELLO_SSLV2;
	for (i = 0; i < RECORD_HEADER && p[i] >= 'A' && p[i] <= 'Z'; i++)
		;
	if (i >= 3 && (i == RECORD_HEADER || p[i] == ' '))
		return SLUICE_HELLO_PLAIN_HTTP;
	return SLUICE_HELLO_NOT_TLS;
}

static void begin_record(struct sluice_client_hello *h)
{
	bool first = !h->size;
	const u8 *p = h->header;
	u16 len = get16(p + 3);

	if (p[0] == RECORD_ALERT && p[1] == 3)
		refuse(h, SLUICE_HELLO_ALERT);
	else if (p[0] != RECORD_HANDSHAKE)
		refuse(h, first ? other_protocol(p) : SLUICE_HELLO_RECORD_TYPE);
	else if (p[1] != 3)
		/* The minor version means nothing: RFC 5246 E.1, 8446 5.1. */
		refuse(h, SLUICE_HELLO_RECORD_VERSION);
	else if (!len)
		refuse(h, SLUICE_HELLO_RECORD_EMPTY);
	else if (len > RECORD_MAX)
		refuse(h, SLUICE_HELLO_RECORD_LONG);
	h->record_left = len;
	h->record_have = 0;
	h->size += RECORD_HEADER;
	if (h->result == SLUICE_HELLO_MORE && h->size > h->limit)
		refuse(h, SLUICE_HELLO_TOO_LONG);
}

void sluice_client_hello_init(struct sluice_client_hello *h, u32 limit)
{
	memset(h, 0, offsetof(struct sluice_client_hello, host));
	h->host[0] = '\0';
	h->limit = limit ? limit : SLUICE_HELLO_LIMIT;
	h->state = IN_MESSAGE_HEADER;
	h->kind = COLLECT;
	h->want = MESSAGE_HEADER;
}

enum sluice_hello_result
sluice_client_hello_parse(struct sluice_client_hello *h, const u8 *data,
			  size_t len)
{
	size_t n;

	for (; len && h->result == SLUICE_HELLO_MORE; data += n, len -= n) {
		if (!h->record_left) {
			n = RECORD_HEADER - h->record_have;
			if (n > len)
				n = len;
			memcpy(h->header + h->record_have, data, n);
			h->record_have += n;
			if (h->record_have == RECORD_HEADER)
				begin_record(h);
			continue;
		}
		n = take(h, data, len);
		/* Fields of no bytes need no data. */
		while (!h->want && h->result == SLUICE_HELLO_MORE)
			step(h);
	}
	return h->result;
}

const u8 *sluice_client_hello_protocol(const struct sluice_client_hello *h,
				       u16 *pos, u8 *len)
{
	const u8 *name;

	if (*pos >= h->alpn_len)
		return NULL;
	name = h->alpn + *pos + 1;
	*len = name[-1];
	*pos += 1 + *len;
	return name;
}

bool sluice_client_hello_offers(const struct sluice_client_hello *h,
				const char *name, size_t len)
{
	const u8 *offered;
	u16 pos = 0;
	u8 n;

	while ((offered = sluice_client_hello_protocol(h, &pos, &n)))
		if (n == len && !memcmp(offered, name, len))
			return true;
	return false;
}

enum sluice_hello_refusal
sluice_client_hello_refusal(const struct sluice_client_hello *h)
{
	return h->refusal;
}
