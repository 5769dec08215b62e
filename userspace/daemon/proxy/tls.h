/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLS by OpenSSL: certificates, what sessions are made of, and tickets.
 *
 * Contexts are made by the main thread and used by all workers; they are held by
 * counting (atomic), so that a configuration that is exchanged may end while
 * handshakes of the one before are under way.
 */
#ifndef PROXY_TLS_H
#define PROXY_TLS_H

#include <openssl/ssl.h>

#include "config/config.h"
#include "loop.h"
#include "stream.h"

/* Bytes of tls_tickets_save(). */
#define TLS_TICKETS_SIZE 512

/* Certificates of a configuration by name, watched for changes of their files. */
struct tls_certificates;
/* Keys of session tickets; of the whole daemon, rotated. */
struct tls_tickets;
/* What a service accepts with. */
struct tls_server;
/* What connections to the servers of a pool are made with. */
struct tls_client;

/**
 * tls_protect() - keep keys out of core dumps
 *
 * No core is written of this process, whatever the limits and the handler of cores
 * are, and other processes of its user cannot look into it (PR_SET_DUMPABLE). A
 * limit of 0 (RLIMIT_CORE) would not do: a handler in kernel.core_pattern gets the
 * core all the same. Becoming another user may undo it: privileges_drop() does it
 * again. A build with sanitizers, which look into their own process, is left as it
 * is.
 *
 * Context: at the start, before a key is read, and after exec.
 *
 * Return: 0, or a negative errno.
 */
int tls_protect(void);

/**
 * tls_tickets_create() - begin with a random key
 * @loop: of the main thread: keys are rotated there, each hour; NULL: never
 *
 * A ticket is taken for as long as its key is known: three rotations. All workers
 * know all keys, so that a session is resumed on any of them. Keys are in no core
 * and in no child, and wiped at the end.
 *
 * Return: for tls_tickets_free(), or NULL with errno.
 */
struct tls_tickets *tls_tickets_create(struct loop *loop);

/**
 * tls_tickets_free() - the end of all keys
 * @tickets: or NULL; no session and no server has it any more
 */
void tls_tickets_free(struct tls_tickets *tickets);

/**
 * tls_tickets_rotate() - begin with a new key now
 *
 * Context: main thread. Return: 0, or a negative errno: the keys are as before.
 */
int tls_tickets_rotate(struct tls_tickets *tickets);

/**
 * tls_tickets_save(), tls_tickets_load() - hand keys to the next process
 * @to, @from: bytes of a memfd or a socket, never of a file on disk; to be wiped
 *	by the caller
 * @size: TLS_TICKETS_SIZE is enough
 *
 * Loading takes the place of all keys that were there.
 *
 * Return: bytes, or 0; or a negative errno: -ENOSPC: too small; -EINVAL: these are
 * no keys, or of another version: then nothing has changed.
 */
ssize_t tls_tickets_save(struct tls_tickets *tickets, void *to, size_t size);
int tls_tickets_load(struct tls_tickets *tickets, const void *from,
		     size_t size);

/**
 * tls_certificates_create() - read all certificates of a configuration
 * @config: not needed any more afterwards
 * @loop: of the main thread, where files are watched; NULL: they are read once (-c)
 * @errors: what is wrong, with the place in the configuration: a file that cannot
 *	be read, a certificate that does not fit its key, and so on. That it has
 *	expired is a warning in the log.
 *
 * Folders are read by pairs NAME.pem or NAME.crt with NAME.key, or a .pem with both.
 * A response of OCSP is in NAME.ocsp. All are looked at each second; a change that
 * is wrong is logged, and what was read before holds.
 *
 * Return: certificates for tls_certificates_free(), or NULL with errors.
 */
struct tls_certificates *tls_certificates_create(const struct config *config,
						 struct loop *loop,
						 struct config_errors *errors);

/**
 * tls_certificates_free() - nothing is watched any more
 * @certificates: or NULL. Servers and clients that hold them still have what was
 *	read last. Context: main thread.
 */
void tls_certificates_free(struct tls_certificates *certificates);

/**
 * tls_server_create() - what a service accepts with
 * @service: with &config_service.tls; not needed any more afterwards
 * @certificates: of its configuration; held by what is made here
 * @tickets: borrowed, longer than anything else; NULL: no session is resumed (-c)
 * @errors: what is wrong
 *
 * Return: for tls_server_put(), or NULL with errors.
 */
struct tls_server *tls_server_create(const struct config_service *service,
				     struct tls_certificates *certificates,
				     struct tls_tickets *tickets,
				     struct config_errors *errors);
/* Context: any thread. */
struct tls_server *tls_server_get(struct tls_server *server);
void tls_server_put(struct tls_server *server);

/**
 * tls_server_accept() - a session with a client
 * @server: held by the session
 * @stream: connected; has the session afterwards, until stream_close()
 *
 * Context: any worker. Return: 0, or -ENOMEM.
 */
int tls_server_accept(struct tls_server *server, struct stream *stream);

/* The same for servers of a pool, with &config_pool.tls. */
struct tls_client *tls_client_create(const struct config_pool *pool,
				     struct tls_certificates *certificates,
				     struct config_errors *errors);
struct tls_client *tls_client_get(struct tls_client *client);
void tls_client_put(struct tls_client *client);

/**
 * tls_client_connect() - a session with a server
 * @client: held by the session
 * @stream: connected, or being connected; has the session afterwards
 * @host: of the request, without port, which is the server name where the
 *	configuration gives none; NULL: none. Its certificate has to be for that
 *	name, or for that address.
 * @session: to be resumed, of tls_client_session(), or NULL. One that was made for
 *	another name, or by another client, is not used.
 *
 * Context: any worker. Return: 0; -ENOMEM; -EINVAL: there is no name that the
 * server's certificate could be compared with, or it is none.
 */
int tls_client_connect(struct tls_client *client, struct stream *stream,
		       const char *host, SSL_SESSION *session);

/**
 * tls_client_session() - what the next connection to this server may resume
 * @tls: of tls_client_connect(), after an answer was read: in TLS 1.3 tickets come
 *	behind the handshake
 *
 * Context: the worker of the session. It may be kept and used in any.
 *
 * Return: for SSL_SESSION_free(), or NULL: nothing that can be resumed, as with
 * servers that are asked for by address.
 */
SSL_SESSION *tls_client_session(SSL *tls);

/**
 * struct tls_facts - what is known of a session after its handshake
 * @version: "TLSv1.3"
 * @cipher: name
 * @sni: NULL: none
 * @alpn: NULL: none
 * @subject: of the client's certificate, RFC 2253; NULL: it has none
 * @resumed: from a ticket
 *
 * Texts live as long as the session.
 */
struct tls_facts {
	const char *version;
	const char *cipher;
	const char *sni;
	const char *alpn;
	const char *subject;
	bool resumed;
};

void tls_facts(SSL *session, struct tls_facts *facts);

/**
 * tls_claims() - what the certificate of a client says of its owner
 * @session: after its handshake
 * @what: of it
 * @look: called with each of them, which is in UTF-8 and not ended by a NUL, but may
 *	have one in it; true: no more are wanted
 * @arg: for it
 *
 * Alternative names are written with their kind, as in DNS:www.example.com; those of
 * other kinds than DNS, email, URI and IP are left out. A certificate has been verified
 * in the handshake. Context: the worker of the session.
 */
void tls_claims(SSL *session, enum config_claim what,
		bool (*look)(void *arg, const char *text, size_t length),
		void *arg);

/**
 * tls_error() - why the last call for a session failed, in one line
 * @session: the session
 *
 * "certificate of the peer: certificate has expired" and the like. To
 * be called at once, by the same thread.
 *
 * Return: a static text or one of the calling thread's, valid until the next call.
 */
const char *tls_error(SSL *session);

#endif /* PROXY_TLS_H */
