// SPDX-License-Identifier: GPL-2.0-or-later
/* Sessions that are resumed: by tickets, in other threads, and with servers. */
#include <pthread.h>

#include "../ktap.h"
#include "proxy/tls_tickets.h"
#include "tls_pair.h"

#define CERTIFICATES "c: {file: %/c.pem}"
#define SERVER "certificates: [c]"

static struct ktap ktap;
static struct pki pki;
static SSL_CTX *plain;
static SSL_SESSION *newest;

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
	(void)ssl;
	SSL_SESSION_free(newest);
	newest = session;
	return 1;
}

struct visit {
	struct tls_server *server;
	SSL_SESSION *session;
	bool done;
	bool resumed;
};

/* A connection of a plain client, in a loop of this thread. */
static void *visit(void *arg)
{
	struct visit *visit = arg;
	struct loop *loop = loop_create(NULL);
	struct tls_facts facts;
	struct pair pair;

	pair_open(&pair, loop, 0);
	tls_server_accept(visit->server, &pair.server);
	pair_plain_client(&pair, plain, "c.test");
	if (visit->session)
		SSL_set_session(pair.client.tls, visit->session);
	visit->done = pair_shake(&pair) &&
		      pair_say(&pair, &pair.server, &pair.client, "hello") &&
		      pair_say(&pair, &pair.client, &pair.server, "hello, too");
	tls_facts(pair.server.tls, &facts);
	visit->resumed = facts.resumed;
	stream_shutdown(&pair.client);
	pair_close(&pair);
	loop_free(loop);
	return NULL;
}

/*
 * The same in another thread, as in another worker. A copy is resumed: OpenSSL
 * gives up a session in whose place it gets another.
 */
static bool resumes(struct tls_server *server, SSL_SESSION *session)
{
	struct visit there = { .server = server,
			       .session = SSL_SESSION_dup(session) };
	pthread_t thread;

	pthread_create(&thread, NULL, visit, &there);
	pthread_join(thread, NULL);
	SSL_SESSION_free(there.session);
	return there.done && there.resumed;
}

static SSL_SESSION *new_session(struct tls_server *server)
{
	struct visit here = { .server = server };
	SSL_SESSION *session;

	SSL_SESSION_free(newest);
	newest = NULL;
	visit(&here);
	session = newest;
	newest = NULL;
	if (here.done && !here.resumed)
		return session;
	SSL_SESSION_free(session);
	return NULL;
}

static void check_version(int version, const char *name)
{
	char text[96], keys[TLS_TICKETS_SIZE];
	struct site site = { 0 }, next = { 0 };
	SSL_SESSION *session;
	ssize_t size;
	bool good;

	SSL_CTX_set_max_proto_version(plain, version);
	site_begin(&site, &pki, CERTIFICATES, SERVER, "verify: false");
	session = new_session(site.server);
	snprintf(text, sizeof(text), "%s: resumed in another thread", name);
	ktap_result(&ktap, session && resumes(site.server, session), text);

	good = true;
	for (int i = 0; i < 3; i++) {
		tls_tickets_rotate(site.tickets);
		good &= resumes(site.server, session);
	}
	snprintf(text, sizeof(text), "%s: resumed after three rotations", name);
	ktap_result(&ktap, good, text);

	/* The next process, with the keys of this one, and with others. */
	site_begin(&next, &pki, CERTIFICATES, SERVER, "verify: false");
	snprintf(text, sizeof(text), "%s: not with other keys", name);
	ktap_result(&ktap, !resumes(next.server, session), text);
	size = tls_tickets_save(site.tickets, keys, sizeof(keys));
	good = tls_tickets_load(next.tickets, keys, (size_t)size) == 0;
	snprintf(text, sizeof(text), "%s: resumed in the next process", name);
	ktap_result(&ktap, good && resumes(next.server, session), text);
	site_end(&next);

	tls_tickets_rotate(site.tickets);
	snprintf(text, sizeof(text), "%s: not after the fourth", name);
	ktap_result(&ktap, !resumes(site.server, session), text);
	SSL_SESSION_free(session);
	site_end(&site);

	site_begin(&site, &pki, CERTIFICATES, SERVER ", tickets: false",
		   "verify: false");
	session = new_session(site.server);
	snprintf(text, sizeof(text), "%s: no tickets where they are off", name);
	ktap_result(&ktap,
		    !session || !SSL_SESSION_is_resumable(session) ||
			    !resumes(site.server, session),
		    text);
	SSL_SESSION_free(session);
	site_end(&site);
}

/* A session without certificate is none where one is required. */
static void check_contexts(void)
{
	char keys[TLS_TICKETS_SIZE];
	struct site site = { 0 }, strict = { 0 };
	SSL_SESSION *session;
	ssize_t size;
	struct visit visitor;

	site_begin(&site, &pki, CERTIFICATES, SERVER, "verify: false");
	site_begin(&strict, &pki, CERTIFICATES,
		   SERVER ", client-certificate: optional, client-ca: %/ca",
		   "verify: false");
	size = tls_tickets_save(site.tickets, keys, sizeof(keys));
	tls_tickets_load(strict.tickets, keys, (size_t)size);
	session = new_session(site.server);
	visitor = (struct visit){ .server = strict.server, .session = session };
	visit(&visitor);
	ktap_result(&ktap, visitor.done && !visitor.resumed,
		    "no session of a service that asks for less");
	SSL_SESSION_free(session);
	site_end(&strict);
	site_end(&site);
}

static void check_keys(void)
{
	char keys[TLS_TICKETS_SIZE] = "";
	struct tls_tickets *tickets = tls_tickets_create(NULL);
	ssize_t size = tls_tickets_save(tickets, keys, sizeof(keys));

	ktap_result(&ktap, size > 0 && tls_tickets_save(tickets, keys, 20) < 0,
		    "keys need room");
	ktap_result(&ktap,
		    tls_tickets_load(tickets, keys, (size_t)size - 1) ==
				    -EINVAL &&
			    tls_tickets_load(tickets, keys, 0) == -EINVAL,
		    "keys that are cut are refused");
	keys[8] = 77;
	ktap_result(&ktap,
		    tls_tickets_load(tickets, keys, (size_t)size) == -EINVAL,
		    "more keys than there can be are refused");
	tls_tickets_free(tickets);
}

/* Whether our client resumes with our server. */
static bool connects(struct site *site, const char *host, SSL_SESSION **session)
{
	struct tls_facts facts = { NULL };
	struct pair pair;

	pair_open(&pair, site->loop, 0);
	tls_server_accept(site->server, &pair.server);
	tls_client_connect(site->client, &pair.client, host, *session);
	if (pair_shake(&pair) &&
	    pair_say(&pair, &pair.server, &pair.client, "hello")) {
		SSL_SESSION_free(*session);
		*session = tls_client_session(pair.client.tls);
		tls_facts(pair.client.tls, &facts);
	}
	pair_close(&pair);
	return facts.resumed;
}

static void check_client(const char *tls, const char *name)
{
	struct site site = { 0 }, other = { 0 };
	SSL_SESSION *session = NULL;
	char text[96];
	bool good;

	site_begin(&site, &pki, CERTIFICATES, tls, "ca: %/ca");
	good = !connects(&site, "c.test", &session) && session &&
	       connects(&site, "c.test", &session) && session &&
	       connects(&site, "c.test", &session);
	snprintf(text, sizeof(text), "%s: resumed with a server", name);
	ktap_result(&ktap, good, text);
	snprintf(text, sizeof(text), "%s: not for another name", name);
	ktap_result(&ktap, !connects(&site, "d.test", &session) && session,
		    text);
	site_begin(&other, &pki, CERTIFICATES, tls, "ca: %/ca");
	tls_server_put(other.server);
	other.server = tls_server_get(site.server);
	snprintf(text, sizeof(text), "%s: not with other demands", name);
	ktap_result(&ktap, !connects(&other, "d.test", &session) && session,
		    text);
	site_end(&other);
	SSL_SESSION_free(session);
	site_end(&site);
}

int main(void)
{
	ktap_begin();
	pki_begin(&pki, "authority");
	pki_issue(&pki, "c.pem",
		  (struct pki_wish){ .names = "DNS:c.test,DNS:d.test" });
	plain = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_session_cache_mode(
		plain, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(plain, keep_session);
	check_version(TLS1_2_VERSION, "TLS 1.2");
	check_version(TLS1_3_VERSION, "TLS 1.3");
	check_contexts();
	check_keys();
	check_client(SERVER ", min-version: '1.3'", "TLS 1.3");
	check_client(SERVER, "TLS");
	SSL_SESSION_free(newest);
	SSL_CTX_free(plain);
	pki_end(&pki);
	return ktap_end(&ktap);
}
