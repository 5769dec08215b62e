/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two streams that talk to each other, and what they are made with. */
#ifndef TESTS_TLS_PAIR_H
#define TESTS_TLS_PAIR_H

#include <errno.h>
#include <sys/socket.h>

#include "config_text.h"
#include "proxy/tls.h"
#include "tls_pki.h"

/* A service, a pool and all that belongs to them. */
struct site {
	struct loop *loop;
	struct config *config;
	struct tls_certificates *certificates;
	struct tls_tickets *tickets;
	struct tls_server *server;
	struct tls_client *client;
	/* Of the loop; NULL: real. Kept by site_begin(). */
	uint64_t (*clock)(void);
	/* What was wrong, NULL: nothing. */
	char *wrong;
};

/*
 * @certificates: of the configuration; @tls, @pool: keys of services.s.tls and
 * pools.p.tls. "%" stands for the folder of @pki.
 */
static inline void site_begin(struct site *site, const struct pki *pki,
			      const char *certificates, const char *tls,
			      const char *pool)
{
	struct config_errors errors = { 0 };
	char pattern[4096], text[8192];
	size_t used = 0;

	*site = (struct site){ .clock = site->clock };
	snprintf(
		pattern, sizeof(pattern),
		"version: 1\ncertificates: {%s}\n"
		"pools: {p: {servers: [10.0.0.1:80], tls: {%s}}}\n"
		"services: {s: {address: 10.0.0.2:443, parse: http, pool: p, tls: {%s}}}\n",
		certificates, pool, tls);
	for (const char *at = pattern; *at; at++) {
		if (*at == '%')
			used += (size_t)sprintf(text + used, "%s", pki->folder);
		else
			text[used++] = *at;
	}
	site->loop = loop_create(site->clock);
	site->config = config_parse("t", text, used, &errors);
	site->tickets = tls_tickets_create(NULL);
	if (!config_errors_any(&errors))
		site->certificates = tls_certificates_create(
			site->config, site->loop, &errors);
	if (site->certificates) {
		site->server = tls_server_create(
			&site->config->services.items[0], site->certificates,
			site->tickets, &errors);
		site->client = tls_client_create(&site->config->pools.items[0],
						 site->certificates, &errors);
	}
	if (config_errors_any(&errors))
		site->wrong = text_of_errors(&errors);
}

static inline void site_end(struct site *site)
{
	tls_certificates_free(site->certificates);
	tls_server_put(site->server);
	tls_client_put(site->client);
	tls_tickets_free(site->tickets);
	config_free(site->config);
	loop_free(site->loop);
	free(site->wrong);
}

struct pair {
	struct loop *loop;
	struct stream client;
	struct stream server;
	/* What came of the handshake on each side. */
	int client_err;
	int server_err;
	char client_why[256];
	char server_why[256];
};

static inline void pair_ready(struct loop_fd *fd, uint32_t events)
{
	stream_event(loop_owner(fd, struct stream, fd), events);
}

/* In clear; tls_server_accept() and the like come next. */
static inline void pair_open(struct pair *pair, struct loop *loop, int buffer)
{
	int ends[2];

	memset(pair, 0, sizeof(*pair));
	pair->loop = loop;
	pki_need(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			    0, ends) == 0,
		 "no socketpair");
	for (int i = 0; buffer && i < 2; i++)
		setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &buffer,
			   sizeof(buffer));
	pair->client.fd.ready = pair_ready;
	pair->server.fd.ready = pair_ready;
	loop_fd_add(loop, &pair->client.fd, ends[0], LOOP_STREAM);
	loop_fd_add(loop, &pair->server.fd, ends[1], LOOP_STREAM);
}

/* A plain client of OpenSSL, in which the caller has set something. */
static inline void pair_plain_client(struct pair *pair, SSL_CTX *context,
				     const char *sni)
{
	SSL *ssl = SSL_new(context);

	SSL_set_connect_state(ssl);
	if (sni)
		SSL_set_tlsext_host_name(ssl, sni);
	pki_need(stream_secure(&pair->client, ssl) == 0, "no memory");
}

/* As an owner does: only after an event, and until that is used up. */
static inline void pair_step(struct stream *stream, int *err, char why[256])
{
	if (*err != -EAGAIN ||
	    (!stream->readable && !SSL_in_before(stream->tls) &&
	     !(stream->unsent && stream->writable)))
		return;
	*err = stream_handshake(stream);
	if (*err && *err != -EAGAIN) {
		snprintf(why, 256, "%s", tls_error(stream->tls));
		shutdown(stream->fd.fd, SHUT_WR);
	}
}

/* Return: whether both sides are done. */
static inline bool pair_shake(struct pair *pair)
{
	pair->client_err = -EAGAIN;
	pair->server_err = -EAGAIN;
	for (int i = 0; i < 10000 && (pair->client_err == -EAGAIN ||
				      pair->server_err == -EAGAIN);
	     i++) {
		loop_turn(pair->loop, 0);
		pair_step(&pair->client, &pair->client_err, pair->client_why);
		loop_turn(pair->loop, 0);
		pair_step(&pair->server, &pair->server_err, pair->server_why);
	}
	return !pair->client_err && !pair->server_err;
}

static inline void pair_close(struct pair *pair)
{
	stream_close(&pair->client, pair->loop);
	stream_close(&pair->server, pair->loop);
}

/* A few bytes from one to the other, and all that is to be read with them. */
static inline bool pair_say(struct pair *pair, struct stream *from,
			    struct stream *to, const char *text)
{
	const struct iovec part = { (void *)text, strlen(text) };
	char got[256];
	size_t count = 0;

	for (int i = 0; i < 100; i++) {
		loop_turn(pair->loop, 0);
		if (i == 0 && stream_write(from, &part, 1, false) !=
				      (ssize_t)part.iov_len)
			return false;
		if (to->readable) {
			ssize_t some = stream_read(to, got + count,
						   sizeof(got) - count);

			if (some > 0)
				count += (size_t)some;
			else if (some != -EAGAIN)
				return false;
		}
		if (count >= part.iov_len)
			return memcmp(got, text, part.iov_len) == 0;
	}
	return false;
}

#endif /* TESTS_TLS_PAIR_H */
