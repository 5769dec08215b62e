// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/node.h"
#include "log.h"
#include "stream_tls.h"
#include "tls_context.h"
#include "tls_staple.h"
#include "tls_store.h"
#include "tls_tickets.h"

/* One a handshake: whoever resumes gets another. */
#define TICKETS 1

/**
 * struct tls_server - what a service accepts with
 * @context: holds this and ends it; counts who uses it
 * @view: its certificates
 * @tickets: borrowed, or NULL
 * @alpn: protocols in the form of the wire, the best first
 * @alpn_size: bytes; 0: none is chosen
 */
struct tls_server {
	SSL_CTX *context;
	struct tls_view *view;
	struct tls_tickets *tickets;
	uint8_t *alpn;
	size_t alpn_size;
};

static void release(void *owner)
{
	struct tls_server *server = owner;

	tls_view_free(server->view);
	free(server->alpn);
	free(server);
}

static struct tls_server *server_of(SSL *ssl)
{
	return tls_context_owner(SSL_get_SSL_CTX(ssl));
}

/* That there is a name is acknowledged, so that a session is bound to it. */
static int take_name(SSL *ssl, int *alert, void *arg)
{
	(void)alert;
	(void)arg;
	return SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) ?
		       SSL_TLSEXT_ERR_OK :
		       SSL_TLSEXT_ERR_NOACK;
}

static int take_certificate(SSL *ssl, void *arg)
{
	(void)arg;
	return tls_view_use(server_of(ssl)->view, ssl,
			    SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
}

/* RFC 7301, section 3.2: without a common protocol there is no session. */
static int take_protocol(SSL *ssl, const unsigned char **out,
			 unsigned char *length, const unsigned char *in,
			 unsigned int in_length, void *arg)
{
	const struct tls_server *server = server_of(ssl);
	unsigned char *to;

	(void)arg;
	if (SSL_select_next_proto(&to, length, server->alpn,
				  (unsigned int)server->alpn_size, in,
				  in_length) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = to;
	return SSL_TLSEXT_ERR_OK;
}

static int ticket_key(SSL *ssl, unsigned char *name, unsigned char *iv,
		      EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int encrypt)
{
	int result = tls_tickets_callback(server_of(ssl)->tickets, name, iv,
					  cipher, mac, encrypt);

	/* In TLS 1.3 a ticket is for one use (RFC 8446 C.4): another one follows. */
	return !encrypt && result == 1 && SSL_version(ssl) == TLS1_3_VERSION ?
		       2 :
		       result;
}

static bool set_protocols(struct tls_server *server,
			  const struct config_service *service)
{
	static char *http[] = { (char *)"http/1.1", (char *)"http/1.0" };
	struct config_texts texts = service->tls->alpn;
	size_t size = 0;

	if (!texts.count && service->parse == SLUICE_PARSE_HTTP)
		texts = (struct config_texts){ http, 2 };
	if (!texts.count)
		return true;
	for (size_t i = 0; i < texts.count; i++)
		size += 1 + strlen(texts.items[i]);
	server->alpn = malloc(size);
	if (!server->alpn)
		return false;
	for (size_t i = 0; i < texts.count; i++) {
		size_t length = strlen(texts.items[i]);

		server->alpn[server->alpn_size++] = (uint8_t)length;
		memcpy(server->alpn + server->alpn_size, texts.items[i],
		       length);
		server->alpn_size += length;
	}
	SSL_CTX_set_alpn_select_cb(server->context, take_protocol, NULL);
	return true;
}

/*
 * A session may be resumed only where it would be made alike: at the same service,
 * and with the same demands on clients.
 */
static bool set_session_id(struct tls_server *server,
			   const struct config_service *service)
{
	STACK_OF(X509_NAME) *names =
		SSL_CTX_get_client_CA_list(server->context);
	uint8_t digest[SHA256_DIGEST_LENGTH];
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	int mode = service->tls->client_certificate;
	bool good = hash && EVP_DigestInit(hash, EVP_sha256()) == 1 &&
		    EVP_DigestUpdate(hash, service->name,
				     strlen(service->name) + 1) == 1 &&
		    EVP_DigestUpdate(hash, &mode, sizeof(mode)) == 1;

	for (int i = 0; good && i < sk_X509_NAME_num(names); i++) {
		uint8_t name[SHA256_DIGEST_LENGTH];
		unsigned int size;

		good = X509_NAME_digest(sk_X509_NAME_value(names, i),
					EVP_sha256(), name, &size) == 1 &&
		       EVP_DigestUpdate(hash, name, size) == 1;
	}
	good = good && EVP_DigestFinal(hash, digest, NULL) == 1 &&
	       SSL_CTX_set_session_id_context(server->context, digest,
					      sizeof(digest)) == 1;
	EVP_MD_CTX_free(hash);
	return good;
}

static bool set_clients(struct tls_server *server,
			const struct config_service *service,
			struct config_errors *errors)
{
	const struct config_tls *tls = service->tls;
	STACK_OF(X509_NAME) * names;

	if (tls->client_certificate == CONFIG_CLIENT_OFF)
		return true;
	ERR_clear_error();
	names = SSL_load_client_CA_file(tls->client_ca);
	if (!names ||
	    SSL_CTX_load_verify_file(server->context, tls->client_ca) != 1) {
		sk_X509_NAME_pop_free(names, X509_NAME_free);
		config_error_add(
			errors, config_place_of_key(tls->at, "client-ca"),
			"services.%s.tls.client-ca: %s: %s; certificates in PEM are expected",
			service->name, tls->client_ca,
			tls_context_reason("no certificate in it"));
		return false;
	}
	SSL_CTX_set_client_CA_list(server->context, names);
	SSL_CTX_set_verify(server->context,
			   SSL_VERIFY_PEER |
				   (tls->client_certificate ==
						    CONFIG_CLIENT_REQUIRED ?
					    SSL_VERIFY_FAIL_IF_NO_PEER_CERT :
					    0),
			   NULL);
	return true;
}

static void set_tickets(struct tls_server *server, const struct config_tls *tls)
{
	if (!tls->tickets || !server->tickets) {
		SSL_CTX_set_options(server->context, SSL_OP_NO_TICKET);
		SSL_CTX_set_num_tickets(server->context, 0);
		return;
	}
	SSL_CTX_set_timeout(server->context, TLS_SESSION_SECONDS);
	SSL_CTX_set_num_tickets(server->context, TICKETS);
	SSL_CTX_set_tlsext_ticket_key_evp_cb(server->context, ticket_key);
}

/* Nobody sees it otherwise: clients are content without. */
static void warn_unstapled(const struct tls_server *server,
			   const struct config_service *service)
{
	const struct log_field about[] = { { "service", service->name },
					   { NULL, NULL } };
	struct tls_names *names = tls_view_names(server->view);
	size_t unstapled, count = tls_names_count(names, &unstapled);

	tls_names_put(names);
	if (unstapled)
		log_warning(
			about,
			"%zu of %zu certificates have no valid response of OCSP to be stapled; it is expected in NAME.ocsp beside NAME.pem",
			unstapled, count);
}

static bool fill_in(struct tls_server *server,
		    const struct config_service *service,
		    struct tls_certificates *certificates,
		    struct config_errors *errors)
{
	const struct config_tls *tls = service->tls;
	char path[512];

	snprintf(path, sizeof(path), "services.%s.tls.certificates",
		 service->name);
	server->view = tls_view_create(
		certificates, tls->certificates.items, tls->certificates.count,
		config_place_of_key(tls->at, "certificates"), path, errors);
	if (!server->view || !set_clients(server, service, errors))
		return false;
	SSL_CTX_set_tlsext_servername_callback(server->context, take_name);
	SSL_CTX_set_cert_cb(server->context, take_certificate, NULL);
	if (tls->ocsp) {
		SSL_CTX_set_tlsext_status_cb(server->context, tls_staple_send);
		warn_unstapled(server, service);
	}
	set_tickets(server, tls);
	SSL_CTX_set_keylog_callback(server->context, stream_tls_secret);
	if (set_protocols(server, service) && set_session_id(server, service))
		return true;
	config_error_add(errors, tls->at, "services.%s.tls: out of memory",
			 service->name);
	return false;
}

struct tls_server *tls_server_create(const struct config_service *service,
				     struct tls_certificates *certificates,
				     struct tls_tickets *tickets,
				     struct config_errors *errors)
{
	struct tls_server *server = calloc(1, sizeof(*server));

	if (server) {
		server->tickets = tickets;
		server->context = tls_context_create(TLS_server_method(),
						     service->tls->min_version,
						     server, release);
	}
	if (!server || !server->context) {
		free(server);
		config_error_add(errors, service->tls->at,
				 "services.%s.tls: OpenSSL: %s", service->name,
				 tls_context_reason("out of memory"));
		return NULL;
	}
	if (fill_in(server, service, certificates, errors))
		return server;
	tls_server_put(server);
	return NULL;
}

struct tls_server *tls_server_get(struct tls_server *server)
{
	SSL_CTX_up_ref(server->context);
	return server;
}

void tls_server_put(struct tls_server *server)
{
	if (server)
		SSL_CTX_free(server->context);
}

int tls_server_accept(struct tls_server *server, struct stream *stream)
{
	SSL *tls = SSL_new(server->context);
	int err;

	if (!tls) {
		ERR_clear_error();
		return -ENOMEM;
	}
	SSL_set_accept_state(tls);
	err = stream_secure(stream, tls);
	stream->secured = false;
	return err;
}
