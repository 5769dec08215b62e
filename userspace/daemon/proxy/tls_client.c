// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/node.h"
#include "tls_context.h"
#include "tls_store.h"

/* Longest name of a host. */
#define HOST_MAX 253
/* What tells sessions of one client from those of another. */
#define ID_SIZE 16

/**
 * struct tls_client - what connections to servers are made with
 * @context: holds this and ends it; counts who uses it
 * @view: of our own certificate, NULL: none
 * @verify: certificates of servers have to be right
 * @sni: name of all servers, NULL: the host of the request
 * @id: random: sessions of a client with other demands are not resumed
 */
struct tls_client {
	SSL_CTX *context;
	struct tls_view *view;
	bool verify;
	char *sni;
	uint8_t id[ID_SIZE];
};

static void release(void *owner)
{
	struct tls_client *client = owner;

	tls_view_free(client->view);
	free(client->sni);
	free(client);
}

static int show_certificate(SSL *ssl, void *arg)
{
	const struct tls_client *client =
		tls_context_owner(SSL_get_SSL_CTX(ssl));

	(void)arg;
	return tls_view_use(client->view, ssl, NULL);
}

static bool set_authorities(struct tls_client *client,
			    const struct config_pool *pool,
			    struct config_errors *errors)
{
	const char *file = pool->tls->ca;

	if (!pool->tls->verify)
		return true;
	client->verify = true;
	SSL_CTX_set_verify(client->context, SSL_VERIFY_PEER, NULL);
	ERR_clear_error();
	if (file && SSL_CTX_load_verify_file(client->context, file) == 1)
		return true;
	if (!file && SSL_CTX_set_default_verify_paths(client->context) == 1)
		return true;
	config_error_add(
		errors, config_place_of_key(pool->tls->at, "ca"),
		"pools.%s.tls.ca: %s: %s; certificates in PEM are expected",
		pool->name, file ? file : "the system's list",
		tls_context_reason("no certificate in it"));
	return false;
}

static bool is_address(const char *host)
{
	struct in6_addr address;

	return inet_pton(AF_INET, host, &address) == 1 ||
	       inet_pton(AF_INET6, host, &address) == 1;
}

static bool fill_in(struct tls_client *client, const struct config_pool *pool,
		    struct tls_certificates *certificates,
		    struct config_errors *errors)
{
	const struct config_server_tls *tls = pool->tls;
	char path[512];

	if (!set_authorities(client, pool, errors))
		return false;
	if (tls->certificate) {
		snprintf(path, sizeof(path), "pools.%s.tls.certificate",
			 pool->name);
		client->view = tls_view_create(
			certificates, &pool->tls->certificate, 1,
			config_place_of_key(tls->at, "certificate"), path,
			errors);
		if (!client->view)
			return false;
		SSL_CTX_set_cert_cb(client->context, show_certificate, NULL);
	}
	client->sni = tls->sni ? strdup(tls->sni) : NULL;
	if ((!tls->sni || client->sni) &&
	    RAND_bytes(client->id, sizeof(client->id)) == 1 &&
	    SSL_CTX_set_session_id_context(client->context, client->id,
					   sizeof(client->id)) == 1)
		return true;
	config_error_add(errors, tls->at, "pools.%s.tls: out of memory",
			 pool->name);
	return false;
}

struct tls_client *tls_client_create(const struct config_pool *pool,
				     struct tls_certificates *certificates,
				     struct config_errors *errors)
{
	struct tls_client *client = calloc(1, sizeof(*client));

	if (client)
		client->context = tls_context_create(TLS_client_method(), 12,
						     client, release);
	if (!client || !client->context) {
		free(client);
		config_error_add(errors, pool->tls->at,
				 "pools.%s.tls: OpenSSL: %s", pool->name,
				 tls_context_reason("out of memory"));
		return NULL;
	}
	if (fill_in(client, pool, certificates, errors))
		return client;
	tls_client_put(client);
	return NULL;
}

struct tls_client *tls_client_get(struct tls_client *client)
{
	SSL_CTX_up_ref(client->context);
	return client;
}

void tls_client_put(struct tls_client *client)
{
	if (client)
		SSL_CTX_free(client->context);
}

/* Without the brackets of an IPv6 address. Return: NULL: too long, or empty. */
static const char *bare(const char *host, char *to, size_t size)
{
	size_t length = strlen(host);

	if (length > 2 && host[0] == '[' && host[length - 1] == ']') {
		host++;
		length -= 2;
	}
	if (!length || length > HOST_MAX || length >= size)
		return NULL;
	memcpy(to, host, length);
	to[length] = '\0';
	return to;
}

/* Whom we ask for, and whose certificate it has to be. */
static bool set_name(const struct tls_client *client, SSL *tls,
		     const char *name)
{
	if (is_address(name))
		return !client->verify ||
		       X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls),
						     name) == 1;
	if (SSL_set_tlsext_host_name(tls, name) != 1)
		return false;
	if (!client->verify)
		return true;
	SSL_set_hostflags(tls, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(tls, name) == 1;
}

/*
 * What was verified when the session was made is not verified again: it has to be
 * of the same client and for the same name.
 */
static void resume(const struct tls_client *client, SSL *tls, const char *name,
		   SSL_SESSION *session)
{
	const char *made_for = SSL_SESSION_get0_hostname(session);
	const unsigned char *id;
	unsigned int size;

	id = SSL_SESSION_get0_id_context(session, &size);
	if (size != ID_SIZE || memcmp(id, client->id, ID_SIZE) != 0)
		return;
	if (!made_for || !name || strcmp(made_for, name) != 0)
		return;
	if (SSL_set_session(tls, session) != 1)
		ERR_clear_error();
}

int tls_client_connect(struct tls_client *client, struct stream *stream,
		       const char *host, SSL_SESSION *session)
{
	const char *name = client->sni ? client->sni : host;
	char text[HOST_MAX + 1];
	SSL *tls;
	int err;

	if (name)
		name = bare(name, text, sizeof(text));
	if (!name && (client->verify || host))
		return -EINVAL;
	tls = SSL_new(client->context);
	if (!tls) {
		ERR_clear_error();
		return -ENOMEM;
	}
	if (name && !set_name(client, tls, name)) {
		ERR_clear_error();
		SSL_free(tls);
		return -EINVAL;
	}
	if (session)
		resume(client, tls, name, session);
	SSL_set_connect_state(tls);
	err = stream_secure(stream, tls);
	stream->secured = false;
	return err;
}

SSL_SESSION *tls_client_session(SSL *tls)
{
	SSL_SESSION *session = SSL_get0_session(tls);
	const char *name = SSL_get_servername(tls, TLSEXT_NAMETYPE_host_name);

	if (!session || !name || !SSL_SESSION_is_resumable(session))
		return NULL;
	if (!SSL_SESSION_get0_hostname(session) &&
	    SSL_SESSION_set1_hostname(session, name) != 1)
		return NULL;
	return SSL_get1_session(tls);
}
