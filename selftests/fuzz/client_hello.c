// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any stream gives one answer, however it is cut, and a complete hello has only
 * what it may have. The last two bytes of an input say how to cut it.
 */
#include <sluice/client_hello.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* In memory that ends where the piece does. */
static enum sluice_hello_result feed(struct sluice_client_hello *h,
				     const u8 *data, size_t len)
{
	enum sluice_hello_result result;
	u8 byte, *piece;

	if (len == 1) {
		byte = *data;
		return sluice_client_hello_parse(h, &byte, 1);
	}
	piece = malloc(len + !len);
	memcpy(piece, data, len);
	result = sluice_client_hello_parse(h, piece, len);
	free(piece);
	return result;
}

/* Pieces of @first, then of @step bytes. */
static void read_stream(struct sluice_client_hello *h, const u8 *data,
			size_t len, size_t first, size_t step)
{
	size_t n = first < len ? first : len;

	memset(h, (int)step, sizeof(*h));
	sluice_client_hello_init(h, 0);
	for (;;) {
		feed(h, data, n);
		data += n;
		len -= n;
		if (!len)
			return;
		n = step < len ? step : len;
	}
}

static void check_host(const struct sluice_client_hello *h)
{
	must(h->host_len <= SLUICE_HELLO_HOST_MAX);
	must(strlen(h->host) == h->host_len);
	must(strspn(h->host, "abcdefghijklmnopqrstuvwxyz0123456789.-_") ==
	     h->host_len);
	must(!h->host_len ||
	     (h->host[0] != '.' && h->host[h->host_len - 1] != '.'));
	must(!strstr(h->host, ".."));
	if (!(h->flags & SLUICE_HELLO_HAS_SERVER_NAME) ||
	    h->flags & SLUICE_HELLO_HAS_ADDRESS)
		must(!h->host_len);
	else
		must(h->host_len);
}

static void check_protocols(const struct sluice_client_hello *h)
{
	const u8 *name;
	u16 pos = 0;
	u8 len;

	must(h->alpn_len <= SLUICE_HELLO_ALPN_MAX);
	while ((name = sluice_client_hello_protocol(h, &pos, &len))) {
		must(len && name + len <= h->alpn + h->alpn_len);
		must(sluice_client_hello_offers(h, (const char *)name, len));
	}
	must(pos == h->alpn_len);
	must(!(h->flags & SLUICE_HELLO_HAS_H2) ==
	     !sluice_client_hello_offers(h, "h2", 2));
	must(!(h->flags & SLUICE_HELLO_HAS_HTTP11) ==
	     !sluice_client_hello_offers(h, "http/1.1", 8));
	must(!(h->flags & SLUICE_HELLO_HAS_ACME) ==
	     !sluice_client_hello_offers(h, "acme-tls/1", 10));
	must(!h->alpn_len || h->flags & SLUICE_HELLO_HAS_ALPN);
}

static void check_same(const struct sluice_client_hello *a,
		       const struct sluice_client_hello *b)
{
	must(a->result == b->result && a->refusal == b->refusal);
	if (a->result != SLUICE_HELLO_DONE)
		return;
	must(a->flags == b->flags && a->version == b->version &&
	     a->size == b->size);
	must(a->host_len == b->host_len && !strcmp(a->host, b->host));
	must(a->alpn_len == b->alpn_len &&
	     !memcmp(a->alpn, b->alpn, a->alpn_len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sluice_client_hello whole, pieces;
	size_t first, step;

	if (size < 2)
		return 0;
	first = data[--size];
	step = 1 + data[--size] % 64U;

	read_stream(&whole, data, size, size, 1);
	read_stream(&pieces, data, size, first, step);
	check_same(&whole, &pieces);
	read_stream(&pieces, data, size, 0, 1);
	check_same(&whole, &pieces);

	must(!(whole.result == SLUICE_HELLO_REFUSED) ==
	     !sluice_client_hello_refusal(&whole));
	if (whole.result != SLUICE_HELLO_DONE)
		return 0;
	must(whole.size <= size && whole.size <= SLUICE_HELLO_LIMIT);
	must(whole.version >= 0x0301 && whole.version <= 0x03ff);
	check_host(&whole);
	check_protocols(&whole);

	/* Without its last byte it is not complete; what follows is not read. */
	read_stream(&pieces, data, whole.size - 1, whole.size, 1);
	must(pieces.result == SLUICE_HELLO_MORE);
	must(feed(&pieces, data + whole.size - 1, 1) == SLUICE_HELLO_DONE);
	check_same(&whole, &pieces);
	return 0;
}
