// SPDX-License-Identifier: GPL-2.0-or-later
/* Streams in clear and in TLS: order, ends, little room, hostile peers. */
#include <openssl/err.h>

#include "../ktap.h"
#include "tls_pair.h"

#define TOTAL (3 * 1024 * 1024 + 17)
#define PART 100000

static struct ktap ktap;
static struct pki pki;
static struct site site;
static uint8_t piece[PART];

/* The byte at a place of what is sent. */
static uint8_t byte_at(size_t i)
{
	return (uint8_t)(i * 31 + (i >> 8) * 7 + (i >> 16));
}

struct way {
	struct stream *from;
	struct stream *to;
	size_t sent;
	size_t got;
	bool ended;
	int err;
};

/* Some parts of odd sizes; the same bytes again where they were not taken. */
static void send_some(struct way *way)
{
	struct iovec parts[3];
	size_t used = 0, left = TOTAL - way->sent;
	ssize_t count;

	if (!left) {
		way->err = stream_shutdown(way->from);
		if (way->err == -EAGAIN)
			way->err = 0;
		return;
	}
	if (!way->from->writable)
		return;
	left = left < PART ? left : PART;
	for (size_t i = 0; i < left; i++)
		piece[i] = byte_at(way->sent + i);
	for (int i = 0; i < 3; i++) {
		size_t size = i < 2 ? left / (i ? 2 : 900) : left - used;

		parts[i] = (struct iovec){ piece + used, size };
		used += size;
	}
	count = stream_write(way->from, parts, 3, left == PART);
	if (count > 0)
		way->sent += (size_t)count;
	else if (count != -EAGAIN)
		way->err = (int)count;
}

static void take_some(struct way *way)
{
	static uint8_t to[PART];
	ssize_t count;

	if (!way->to->readable || way->ended)
		return;
	count = stream_read(way->to, to, 1 + (way->got * 7) % PART);
	if (count == -EAGAIN)
		return;
	if (count < 0)
		way->err = (int)count;
	way->ended = count == 0;
	for (ssize_t i = 0; i < count; i++)
		if (to[i] != byte_at(way->got + (size_t)i))
			way->err = -EILSEQ;
	way->got += count > 0 ? (size_t)count : 0;
}

/* Both ways at once, with events as epoll has them. */
static void check_transfer(bool tls, int buffer, const char *name)
{
	struct pair pair;
	struct way ways[2];
	bool good = true;

	pair_open(&pair, site.loop, buffer);
	if (tls) {
		tls_server_accept(site.server, &pair.server);
		tls_client_connect(site.client, &pair.client, "s.test", NULL);
		good = pair_shake(&pair);
	}
	ways[0] = (struct way){ .from = &pair.client, .to = &pair.server };
	ways[1] = (struct way){ .from = &pair.server, .to = &pair.client };
	for (int i = 0;
	     good && i < 2000000 && (!ways[0].ended || !ways[1].ended); i++) {
		loop_turn(site.loop, 0);
		for (int w = 0; w < 2; w++) {
			send_some(&ways[w]);
			/* A slow reader, now and then. */
			if (i % 3 != w)
				take_some(&ways[w]);
			good &= !ways[w].err;
		}
	}
	for (int w = 0; w < 2; w++) {
		if (ways[w].err || ways[w].got != TOTAL || !ways[w].ended)
			printf("# way %d: error %d, %zu of %d bytes\n", w,
			       ways[w].err, ways[w].got, TOTAL);
		good &= ways[w].got == TOTAL && ways[w].ended;
	}
	ktap_result(&ktap, good && !ERR_peek_error(), name);
	pair_close(&pair);
}

static void open_tls(struct pair *pair, int buffer)
{
	pair_open(pair, site.loop, buffer);
	tls_server_accept(site.server, &pair->server);
	tls_client_connect(site.client, &pair->client, "s.test", NULL);
	pki_need(pair_shake(pair), "no handshake");
}

/* A client that does not wait after its part of the handshake. */
static void check_early(void)
{
	const struct iovec part = { "hello", 5 };
	struct pair pair;
	char got[16];
	ssize_t count = 0;

	pair_open(&pair, site.loop, 0);
	tls_server_accept(site.server, &pair.server);
	tls_client_connect(site.client, &pair.client, "s.test", NULL);
	pair.client_err = -EAGAIN;
	pair.server_err = -EAGAIN;
	for (int i = 0; i < 20 && pair.client_err; i++) {
		loop_turn(site.loop, 0);
		pair_step(&pair.server, &pair.server_err, pair.server_why);
		pair_step(&pair.client, &pair.client_err, pair.client_why);
	}
	stream_write(&pair.client, &part, 1, false);
	loop_turn(site.loop, 0);
	pair_step(&pair.server, &pair.server_err, pair.server_why);
	if (!pair.server_err && pair.server.readable)
		count = stream_read(&pair.server, got, sizeof(got));
	ktap_result(&ktap, count == 5 && !memcmp(got, "hello", 5),
		    "bytes that come with the end of the handshake");
	pair_close(&pair);
}

static ssize_t read_until_end(struct stream *stream, size_t *got)
{
	ssize_t count = -EAGAIN;
	char to[4096];

	*got = 0;
	for (int i = 0; i < 100 && (count > 0 || count == -EAGAIN); i++) {
		loop_turn(site.loop, 0);
		count = stream_read(stream, to, sizeof(to));
		*got += count > 0 ? (size_t)count : 0;
	}
	return count;
}

static void check_ends(void)
{
	const struct iovec part = { "hello", 5 };
	struct pair pair;
	size_t got;
	bool good;

	open_tls(&pair, 0);
	/* With something unread a socket would be reset. */
	good = pair_say(&pair, &pair.server, &pair.client, "hello") &&
	       stream_write(&pair.client, &part, 1, false) == 5;
	stream_close(&pair.client, site.loop);
	good &= read_until_end(&pair.server, &got) == -EPIPE && got == 5;
	ktap_result(&ktap, good && pair.server.ended,
		    "an end without notice is none");
	ktap_result(&ktap,
		    stream_read(&pair.server, &got, 1) == -EPIPE &&
			    stream_write(&pair.server, &part, 1, false) ==
				    -EPIPE,
		    "and stays none");
	pair_close(&pair);

	open_tls(&pair, 0);
	good = stream_write(&pair.client, &part, 1, false) == 5 &&
	       stream_shutdown(&pair.client) == 0 && pair.client.shut;
	good &= read_until_end(&pair.server, &got) == 0 && got == 5;
	good &= stream_read(&pair.server, &got, 1) == 0;
	ktap_result(&ktap, good, "an end with notice");
	ktap_result(&ktap,
		    pair_say(&pair, &pair.server, &pair.client, "answer"),
		    "after which the other side may still send");
	pair_close(&pair);
}

/* Records that were changed on their way. */
static void check_damage(void)
{
	const struct iovec part = { "hello", 5 };
	struct pair pair;
	size_t got;

	open_tls(&pair, 0);
	send(pair.client.fd.fd, "\x17\x03\x03\x00\x20", 5, 0);
	send(pair.client.fd.fd, "0123456789abcdef0123456789abcdef", 32, 0);
	ktap_result(&ktap,
		    read_until_end(&pair.server, &got) == -EPROTO && got == 0,
		    "a record that is forged");
	ktap_result(&ktap,
		    !strcmp(tls_error(pair.server.tls),
			    "decryption failed or bad record mac"),
		    "and what is said of it");
	ktap_result(&ktap,
		    stream_write(&pair.server, &part, 1, false) == -EPROTO &&
			    stream_shutdown(&pair.server) == -EPROTO,
		    "nothing is sent after it");
	pair_close(&pair);
}

/* One session's errors say nothing of another's. */
static void check_queue(void)
{
	struct pair bad, good;

	open_tls(&good, 0);
	open_tls(&bad, 0);
	ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
	ktap_result(&ktap, pair_say(&good, &good.client, &good.server, "hello"),
		    "errors of others are not ours");
	ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
	ktap_result(&ktap,
		    stream_read(&good.server, &(char){ 0 }, 1) == -EAGAIN,
		    "where nothing is to be read, too");
	ERR_clear_error();
	pair_close(&bad);
	pair_close(&good);
}

/* New keys again and again, without a byte of data. */
static void check_updates(void)
{
	struct pair pair;
	const char *why;
	ssize_t count;
	size_t got;

	open_tls(&pair, 0);
	for (int i = 0; i < 10; i++) {
		SSL_key_update(pair.client.tls, SSL_KEY_UPDATE_REQUESTED);
		if (!pair_say(&pair, &pair.client, &pair.server, "hello"))
			break;
		if (!pair_say(&pair, &pair.server, &pair.client, "hello"))
			break;
		if (i == 9)
			ktap_result(&ktap, true, "new keys now and then");
	}
	for (int i = 0; i < 100; i++) {
		SSL_key_update(pair.client.tls, SSL_KEY_UPDATE_NOT_REQUESTED);
		SSL_do_handshake(pair.client.tls);
	}
	stream_write(&pair.client, &(struct iovec){ "x", 1 }, 1, false);
	count = read_until_end(&pair.server, &got);
	why = tls_error(pair.server.tls);
	if (count != -EPROTO)
		printf("# %zd after %zu bytes: %s\n", count, got, why);
	ktap_result(&ktap,
		    count == -EPROTO &&
			    !strcmp(why, "too many records without data"),
		    "new keys without end are refused");
	pair_close(&pair);
}

/* What is not taken is said so, and no byte is lost or doubled by it. */
static void check_back_pressure(void)
{
	static uint8_t data[256 * 1024];
	const struct iovec part = { data, sizeof(data) };
	struct pair pair;
	ssize_t count, more;

	open_tls(&pair, 4096);
	count = stream_write(&pair.client, &part, 1, false);
	more = stream_write(&pair.client, &part, 1, false);
	ktap_result(&ktap,
		    count < (ssize_t)sizeof(data) && more == -EAGAIN &&
			    !pair.client.writable,
		    "a peer that does not read is waited for");
	ktap_result(&ktap, stream_shutdown(&pair.client) == -EAGAIN,
		    "and so is the end");
	pair_close(&pair);
}

int main(void)
{
	ktap_begin();
	pki_begin(&pki, "authority");
	pki_issue(&pki, "s.pem", (struct pki_wish){ .names = "DNS:s.test" });
	site_begin(&site, &pki, "s: {file: %/s.pem}", "certificates: [s]",
		   "ca: %/ca");
	check_transfer(false, 0, "in clear, both ways");
	check_transfer(false, 4096, "in clear, with little room");
	check_transfer(true, 0, "in TLS, both ways");
	check_transfer(true, 4096, "in TLS, with little room");
	check_early();
	check_ends();
	check_damage();
	check_queue();
	check_updates();
	check_back_pressure();
	site_end(&site);
	pki_end(&pki);
	return ktap_end(&ktap);
}
