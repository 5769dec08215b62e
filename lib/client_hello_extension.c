// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Extensions of a ClientHello. Those that are reported are read, the lists of
 * others that each server reads have to fill them, and the rest is passed over.
 */
#include "client_hello_reader.h"

#define LABEL_MAX 63

enum {
	EXT_SERVER_NAME = 0,
	EXT_SUPPORTED_GROUPS = 10,
	EXT_EC_POINT_FORMATS = 11,
	EXT_SIGNATURE_ALGORITHMS = 13,
	EXT_ALPN = 16,
	EXT_SESSION_TICKET = 35,
	EXT_PRE_SHARED_KEY = 41,
	EXT_EARLY_DATA = 42,
	EXT_SUPPORTED_VERSIONS = 43,
	EXT_COOKIE = 44,
	EXT_PSK_MODES = 45,
	EXT_SIGNATURE_ALGORITHMS_CERT = 50,
	EXT_KEY_SHARE = 51,
	EXT_ECH = 0xfe0d,
	EXT_RENEGOTIATION_INFO = 0xff01,
};

/* RFC 8701: 0x0a0a, 0x1a1a, ... 0xfafa. */
static bool is_grease(u16 value)
{
	return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

/*
 * Lists that fill their extension, but for the first of pre_shared_key: bytes
 * of their length, least length, and what it is a multiple of.
 */
struct list {
	u8 width;
	u8 min;
	u8 unit;
};

static struct list list_of(u16 type)
{
	switch (type) {
	case EXT_SERVER_NAME:
		return (struct list){ 2, 4, 1 };
	case EXT_SUPPORTED_GROUPS:
	case EXT_SIGNATURE_ALGORITHMS:
	case EXT_SIGNATURE_ALGORITHMS_CERT:
		return (struct list){ 2, 2, 2 };
	case EXT_EC_POINT_FORMATS:
	case EXT_PSK_MODES:
		return (struct list){ 1, 1, 1 };
	case EXT_ALPN:
		return (struct list){ 2, 2, 1 };
	case EXT_SUPPORTED_VERSIONS:
		return (struct list){ 1, 2, 2 };
	case EXT_COOKIE:
		return (struct list){ 2, 1, 1 };
	case EXT_KEY_SHARE:
		/* May be empty: the client waits for what the server asks. */
		return (struct list){ 2, 0, 1 };
	case EXT_PRE_SHARED_KEY:
		return (struct list){ 2, 7, 1 };
	case EXT_RENEGOTIATION_INFO:
		return (struct list){ 1, 0, 1 };
	default:
		return (struct list){ 0, 0, 1 };
	}
}

/* Return: whether @type is new; refused if it is not. */
static bool note_type(struct sluice_client_hello *h, u16 type)
{
	unsigned int i;

	if (type < 64) {
		if (h->seen & 1ULL << type)
			goto twice;
		h->seen |= 1ULL << type;
		return true;
	}
	if (is_grease(type)) {
		if (h->seen_grease & 1U << (type >> 12))
			goto twice;
		h->seen_grease |= 1U << (type >> 12);
		return true;
	}
	for (i = 0; i < h->others; i++)
		if (h->other[i] == type)
			goto twice;
	if (h->others == SLUICE_HELLO_OTHERS_MAX) {
		refuse(h, SLUICE_HELLO_EXTENSIONS_MANY);
		return false;
	}
	h->other[h->others++] = type;
	return true;

twice:
	refuse(h, SLUICE_HELLO_EXTENSION_TWICE);
	return false;
}

void sluice_hello_next_extension(struct sluice_client_hello *h)
{
	if (!h->message_left)
		sluice_hello_finish(h);
	else if (h->flags & SLUICE_HELLO_HAS_PSK)
		refuse(h, SLUICE_HELLO_PSK_NOT_LAST);
	else
		collect(h, &h->message_left, 4, IN_EXTENSION_HEADER);
}

static void begin_extension(struct sluice_client_hello *h)
{
	u16 len = get16(h->field + 2);
	u8 width;

	h->type = get16(h->field);
	if (len > h->message_left) {
		refuse(h, SLUICE_HELLO_EXTENSION_LENGTH);
		return;
	}
	if (!note_type(h, h->type))
		return;
	h->message_left -= len;
	h->extension_left = len;

	switch (h->type) {
	case EXT_ECH:
		collect(h, &h->extension_left, 1, IN_ECH_TYPE);
		return;
	case EXT_EARLY_DATA:
		h->flags |= SLUICE_HELLO_HAS_EARLY_DATA;
		if (len)
			refuse(h, SLUICE_HELLO_EXTENSION_LENGTH);
		else
			sluice_hello_next_extension(h);
		return;
	case EXT_SESSION_TICKET:
		if (len)
			h->flags |= SLUICE_HELLO_HAS_TICKET;
		break;
	case EXT_SUPPORTED_VERSIONS:
		h->flags |= SLUICE_HELLO_HAS_VERSIONS;
		break;
	case EXT_PRE_SHARED_KEY:
		h->flags |= SLUICE_HELLO_HAS_PSK;
		break;
	}
	width = list_of(h->type).width;
	if (width)
		collect(h, &h->extension_left, width, IN_LIST_LENGTH);
	else
		skip(h, &h->extension_left, len, IN_EXTENSION);
}

/* Want the next of the list, or what follows its end. */
static void next_element(struct sluice_client_hello *h)
{
	u32 *left = &h->list_left;

	if (!*left && !h->extension_left) {
		sluice_hello_next_extension(h);
		return;
	}
	if (!*left) {
		/* Only identities of pre_shared_key have something after them. */
		collect(h, &h->extension_left, 2, IN_BINDERS_LENGTH);
		return;
	}
	switch (h->type) {
	case EXT_SERVER_NAME:
		collect(h, left, 3, IN_NAME_HEADER);
		break;
	case EXT_ALPN:
		collect(h, left, 1, IN_PROTOCOL_LENGTH);
		break;
	case EXT_SUPPORTED_VERSIONS:
		collect(h, left, 2, IN_OFFERED_VERSION);
		break;
	case EXT_KEY_SHARE:
		collect(h, left, 4, IN_SHARE_HEADER);
		break;
	case EXT_PRE_SHARED_KEY:
		if (h->state == IN_BINDERS_LENGTH || h->state == IN_BINDER)
			collect(h, left, 1, IN_BINDER_LENGTH);
		else
			collect(h, left, 2, IN_IDENTITY_LENGTH);
		break;
	default:
		skip(h, left, *left, IN_LIST);
		break;
	}
}

static void begin_list(struct sluice_client_hello *h)
{
	struct list list = list_of(h->type);
	u32 len = list.width == 1 ? h->field[0] : get16(h->field);
	bool more = h->type == EXT_PRE_SHARED_KEY;

	if (len < list.min || len % list.unit ||
	    (more ? len >= h->extension_left : len != h->extension_left)) {
		refuse(h, SLUICE_HELLO_EXTENSION_LENGTH);
		return;
	}
	h->extension_left -= len;
	h->list_left = len;
	next_element(h);
}

static void begin_binders(struct sluice_client_hello *h)
{
	u32 len = get16(h->field);

	if (!len || len != h->extension_left) {
		refuse(h, SLUICE_HELLO_EXTENSION_LENGTH);
		return;
	}
	h->extension_left = 0;
	h->list_left = len;
	next_element(h);
}

static void begin_name(struct sluice_client_hello *h)
{
	u16 len = get16(h->field + 1);

	/* host_name is the only type, and there is one name of a type. */
	if (h->field[0] || !len || len != h->list_left) {
		refuse(h, SLUICE_HELLO_SERVER_NAME);
		return;
	}
	if (len > SLUICE_HELLO_HOST_MAX) {
		refuse(h, SLUICE_HELLO_HOST_LONG);
		return;
	}
	h->flags |= SLUICE_HELLO_HAS_SERVER_NAME;
	h->host_len = len;
	sluice_hello_claim(h, &h->list_left, len, IN_NAME, COPY_HOST);
}

static void end_name(struct sluice_client_hello *h)
{
	/* Of all characters: only digits, only those of an IPv6 address. */
	bool digits = true, hex = true, colon = false;
	u8 label = 0;
	u16 i;

	for (i = 0; i < h->host_len; i++) {
		char c = h->host[i];

		if (c == '.') {
			if (!label)
				goto err_name;
			label = 0;
			continue;
		}
		if (c >= 'A' && c <= 'Z')
			h->host[i] = c += 'a' - 'A';
		if (c == ':')
			colon = true;
		else if (c >= 'a' && c <= 'z')
			hex = hex && c <= 'f';
		else if (c == '-' || c == '_')
			hex = false;
		else if (c < '0' || c > '9')
			goto err_name;
		digits = digits && c >= '0' && c <= '9';
		if (++label > LABEL_MAX)
			goto err_name;
	}
	h->host[i] = '\0';
	if (!label) {
		refuse(h, SLUICE_HELLO_HOST_DOT);
		return;
	}
	if (colon && !hex)
		goto err_name;
	if (colon || digits) {
		h->flags |= SLUICE_HELLO_HAS_ADDRESS;
		h->host_len = 0;
		h->host[0] = '\0';
	}
	next_element(h);
	return;

err_name:
	refuse(h, SLUICE_HELLO_HOST_NAME);
}

static void begin_protocol(struct sluice_client_hello *h)
{
	u8 len = h->field[0];

	if (!len) {
		refuse(h, SLUICE_HELLO_ALPN);
		return;
	}
	if (len > SLUICE_HELLO_ALPN_MAX - 1 - h->alpn_len) {
		refuse(h, SLUICE_HELLO_ALPN_LONG);
		return;
	}
	h->flags |= SLUICE_HELLO_HAS_ALPN;
	h->alpn[h->alpn_len] = len;
	sluice_hello_claim(h, &h->list_left, len, IN_PROTOCOL, COPY_PROTOCOL);
}

static void end_protocol(struct sluice_client_hello *h)
{
	const u8 *name = h->alpn + h->alpn_len + 1;
	u8 len = name[-1];

	if (len == 2 && !memcmp(name, "h2", 2))
		h->flags |= SLUICE_HELLO_HAS_H2;
	else if (len == 8 && !memcmp(name, "http/1.1", 8))
		h->flags |= SLUICE_HELLO_HAS_HTTP11;
	else if (len == 10 && !memcmp(name, "acme-tls/1", 10))
		h->flags |= SLUICE_HELLO_HAS_ACME;
	/* What is not counted here is overwritten by the next. */
	if (len != 2 || !is_grease(get16(name)))
		h->alpn_len += 1 + len;
	next_element(h);
}

static void read_offered_version(struct sluice_client_hello *h)
{
	u16 version = get16(h->field);

	/* GREASE and drafts are outside of this. */
	if (version >= TLS_1_0 && version <= TLS_MAX && version > h->version)
		h->version = version;
	next_element(h);
}

/* The elements of pre_shared_key and key_share: only their lengths matter. */
static void read_element(struct sluice_client_hello *h)
{
	u32 len, min = 1, after = 0;
	enum state state;

	switch (h->state) {
	case IN_SHARE_HEADER:
		len = get16(h->field + 2);
		state = IN_SHARE;
		break;
	case IN_IDENTITY_LENGTH:
		len = get16(h->field);
		/* The age of the ticket. */
		after = 4;
		state = IN_IDENTITY;
		break;
	default:
		len = h->field[0];
		min = 32;
		state = IN_BINDER;
		break;
	}
	if (len < min)
		refuse(h, SLUICE_HELLO_EXTENSION_LENGTH);
	else
		skip(h, &h->list_left, len + after, state);
}

/* RFC 9849 section 5: an outer one has a suite, a key and the payload. */
static void step_ech(struct sluice_client_hello *h)
{
	u32 *left = &h->extension_left;

	switch (h->state) {
	case IN_ECH_TYPE:
		if (h->field[0] == 0) {
			h->flags |= SLUICE_HELLO_HAS_ECH_OUTER;
			skip(h, left, 5, IN_ECH_SUITE);
		} else if (h->field[0] != 1) {
			refuse(h, SLUICE_HELLO_ECH);
		} else if (*left) {
			refuse(h, SLUICE_HELLO_EXTENSION_LENGTH);
		} else {
			h->flags |= SLUICE_HELLO_HAS_ECH_INNER;
			sluice_hello_next_extension(h);
		}
		break;
	case IN_ECH_SUITE:
		collect(h, left, 2, IN_ECH_KEY_LENGTH);
		break;
	case IN_ECH_KEY_LENGTH:
		skip(h, left, get16(h->field), IN_ECH_KEY);
		break;
	case IN_ECH_KEY:
		collect(h, left, 2, IN_ECH_PAYLOAD_LENGTH);
		break;
	default:
		if (!*left || get16(h->field) != *left)
			refuse(h, SLUICE_HELLO_EXTENSION_LENGTH);
		else
			skip(h, left, *left, IN_EXTENSION);
		break;
	}
}

void sluice_hello_step_extension(struct sluice_client_hello *h)
{
	switch (h->state) {
	case IN_EXTENSION_HEADER:
		begin_extension(h);
		break;
	case IN_EXTENSION:
		sluice_hello_next_extension(h);
		break;
	case IN_LIST_LENGTH:
		begin_list(h);
		break;
	case IN_LIST:
	case IN_SHARE:
	case IN_IDENTITY:
	case IN_BINDER:
		next_element(h);
		break;
	case IN_NAME_HEADER:
		begin_name(h);
		break;
	case IN_NAME:
		end_name(h);
		break;
	case IN_PROTOCOL_LENGTH:
		begin_protocol(h);
		break;
	case IN_PROTOCOL:
		end_protocol(h);
		break;
	case IN_OFFERED_VERSION:
		read_offered_version(h);
		break;
	case IN_BINDERS_LENGTH:
		begin_binders(h);
		break;
	case IN_SHARE_HEADER:
	case IN_IDENTITY_LENGTH:
	case IN_BINDER_LENGTH:
		read_element(h);
		break;
	default:
		step_ech(h);
		break;
	}
}
