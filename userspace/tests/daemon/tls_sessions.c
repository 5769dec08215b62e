// SPDX-License-Identifier: GPL-2.0-or-later
/* TLS of the proxy: names, versions, protocols, certificates of both sides. */
#include <openssl/err.h>

#include "../ktap.h"
#include "proxy/tls_context.h"
#include "tls_pair.h"

static struct ktap ktap;
static struct pki pki, other;

#define CERTIFICATES \
	"one: {file: %/one.pem}, wild: {file: %/wild.pem}, rsa: {file: %/rsa.pem}, old: {file: %/old.pem}"
#define ALL "certificates: [one, wild, rsa]"

static SSL_CTX *plain;

static bool subject_is(SSL *ssl, const char *common)
{
	const X509 *cert = SSL_get0_peer_certificate(ssl);
	char name[64] = "";

	if (cert)
		X509_NAME_get_text_by_NID(X509_get_subject_name(cert),
					  NID_commonName, name, sizeof(name));
	if (strcmp(name, common) == 0)
		return true;
	printf("# got '%s' instead of '%s'\n", name, common);
	return false;
}

static void check_name(struct site *site, const char *sni, const char *common,
		       const char *name)
{
	struct pair pair;
	struct tls_facts facts;
	bool good;

	pair_open(&pair, site->loop, 0);
	tls_server_accept(site->server, &pair.server);
	pair_plain_client(&pair, plain, sni);
	good = pair_shake(&pair) && subject_is(pair.client.tls, common);
	if (good) {
		tls_facts(pair.server.tls, &facts);
		good = sni ? facts.sni && strcmp(facts.sni, sni) == 0 :
			     !facts.sni;
	}
	ktap_result(&ktap, good, name);
	pair_close(&pair);
}

static void check_names(void)
{
	struct site site = { 0 };

	site_begin(&site, &pki, CERTIFICATES, ALL, "verify: false");
	ktap_result(&ktap, !site.wrong, "a site with three certificates");
	check_name(&site, NULL, "one", "no name: the first");
	check_name(&site, "one.test", "one", "an exact name");
	check_name(&site, "ONE.Test", "one", "in any case");
	check_name(&site, "b.wild.test", "wild", "a wildcard");
	check_name(&site, "b.c.wild.test", "one",
		   "a wildcard is for one label only");
	check_name(&site, "wild.test", "one", "and not for none");
	check_name(&site, "exact.wild.test", "one",
		   "an exact name before a wildcard");
	check_name(&site, "common.test", "common.test",
		   "the common name where there is no other");
	check_name(&site, "unknown.test", "one", "an unknown name: the first");
	site_end(&site);
}

/* What comes of it on both sides, "" where all is well. */
static void check_shake(const char *tls, const char *pool, const char *host,
			const char *server_why, const char *client_why,
			const char *name)
{
	struct site site = { 0 };
	struct pair pair;
	bool good;

	site_begin(&site, &pki, CERTIFICATES, tls, pool);
	if (site.wrong) {
		printf("# %s", site.wrong);
		ktap_result(&ktap, false, name);
		site_end(&site);
		return;
	}
	pair_open(&pair, site.loop, 0);
	tls_server_accept(site.server, &pair.server);
	good = tls_client_connect(site.client, &pair.client, host, NULL) == 0;
	if (good) {
		pair_shake(&pair);
		/* In TLS 1.3 a client hears of it behind its handshake. */
		if (!pair.client_err && pair.server_err)
			for (int i = 0; i < 10 && !pair.client_err; i++) {
				char byte;
				ssize_t got;

				loop_turn(site.loop, 0);
				got = stream_read(&pair.client, &byte, 1);
				if (got < 0 && got != -EAGAIN) {
					pair.client_err = (int)got;
					snprintf(pair.client_why, 256, "%s",
						 tls_error(pair.client.tls));
				}
			}
		good = strcmp(pair.server_why, server_why) == 0 &&
		       strcmp(pair.client_why, client_why) == 0;
		good = good && (!*server_why == !pair.server_err) &&
		       (!*client_why == !pair.client_err);
	}
	if (!good)
		printf("# server: %d %s\n# client: %d %s\n", pair.server_err,
		       pair.server_why, pair.client_err, pair.client_why);
	ktap_result(&ktap, good && !ERR_peek_error(), name);
	pair_close(&pair);
	site_end(&site);
}

#define CA "ca: %/ca"

static void check_servers(void)
{
	check_shake(ALL, CA, "one.test", "", "", "a server that is right");
	check_shake(ALL, CA ", sni: b.wild.test", "other.test", "", "",
		    "by the name of the configuration");
	check_shake(ALL, CA, "127.0.0.1", "", "", "by its address");
	check_shake(ALL, CA, "[::1]", "", "", "by its IPv6 address");
	check_shake(ALL, CA, "127.0.0.2", "ssl/tls alert bad certificate",
		    "certificate of the peer: IP address mismatch",
		    "by another address");
	check_shake(ALL, CA, "wrong.test", "ssl/tls alert bad certificate",
		    "certificate of the peer: hostname mismatch",
		    "of another name");
	check_shake(ALL, "verify: false", "wrong.test", "", "",
		    "of another name, and nobody cares");
	check_shake("certificates: [old]", CA, "old.test",
		    "ssl/tls alert certificate expired",
		    "certificate of the peer: certificate has expired",
		    "expired");
	check_shake(
		ALL, "ca: %/other-ca", "one.test", "tlsv1 alert unknown ca",
		"certificate of the peer: self-signed certificate in certificate chain",
		"of an unknown authority");
	check_shake(ALL ", min-version: '1.3'", CA, "one.test", "", "",
		    "TLS 1.3 only");
}

#define WANTED(mode) ALL ", client-certificate: " mode ", client-ca: %/ca"

static void check_clients(void)
{
	check_shake(WANTED("required"), "verify: false, certificate: one", "x",
		    "", "", "a client's certificate that is right");
	check_shake(WANTED("optional"), "verify: false, certificate: one", "x",
		    "", "", "the same, optional");
	check_shake(WANTED("optional"), "verify: false", "x", "", "",
		    "optional, none");
	check_shake(WANTED("required"), "verify: false", "x",
		    "the client has no certificate, and one is required",
		    "tlsv13 alert certificate required", "required, none");
	check_shake(WANTED("optional"), "verify: false, certificate: old", "x",
		    "certificate of the peer: certificate has expired",
		    "ssl/tls alert certificate expired",
		    "optional, but expired");
	check_shake(
		ALL ", client-certificate: required, client-ca: %/other-ca",
		"verify: false, certificate: one", "x",
		"certificate of the peer: self-signed certificate in certificate chain",
		"tlsv1 alert unknown ca", "of another authority");
}

static void check_subject(void)
{
	struct tls_facts facts;
	struct site site = { 0 };
	struct pair pair;

	site_begin(&site, &pki, CERTIFICATES, WANTED("required"),
		   "verify: false, certificate: wild");
	pair_open(&pair, site.loop, 0);
	tls_server_accept(site.server, &pair.server);
	tls_client_connect(site.client, &pair.client, "one.test", NULL);
	pair_shake(&pair);
	tls_facts(pair.server.tls, &facts);
	ktap_result(&ktap, facts.subject && !strcmp(facts.subject, "CN=wild"),
		    "the subject of a client");
	tls_facts(pair.client.tls, &facts);
	ktap_result(&ktap,
		    !facts.subject && !strcmp(facts.version, "TLSv1.3") &&
			    !facts.resumed,
		    "a server has no subject");
	pair_close(&pair);
	site_end(&site);
}

/* A client that offers what is in @context. */
static bool offer(const char *tls, SSL_CTX *context, struct tls_facts *facts,
		  char version[16], char cipher[64], char alpn[64],
		  char why[256])
{
	struct site site = { 0 };
	struct pair pair;
	bool good;

	site_begin(&site, &pki, CERTIFICATES, tls, "verify: false");
	pair_open(&pair, site.loop, 0);
	tls_server_accept(site.server, &pair.server);
	pair_plain_client(&pair, context, NULL);
	good = pair_shake(&pair);
	if (good) {
		tls_facts(pair.server.tls, facts);
		snprintf(version, 16, "%s", facts->version);
		snprintf(cipher, 64, "%s", facts->cipher);
		snprintf(alpn, 64, "%s", facts->alpn ? facts->alpn : "none");
	}
	snprintf(why, 256, "%s", pair.server_why);
	pair_close(&pair);
	site_end(&site);
	return good;
}

struct offer_case {
	const char *name;
	const char *tls;
	int max_version;
	const char *ciphers;
	const char *alpn;    /* in the form of the wire */
	const char *version; /* NULL: refused */
	const char *chosen;
	const char *why;
};

static const struct offer_case offers[] = {
	{ "TLS 1.2", ALL, TLS1_2_VERSION, NULL, NULL, "TLSv1.2", "none", "" },
	{ "TLS 1.3", ALL, 0, NULL, NULL, "TLSv1.3", "none", "" },
	{ "TLS 1.1", ALL, TLS1_1_VERSION, "ALL:@SECLEVEL=0", NULL, NULL, NULL,
	  "the peer's version of TLS is too old" },
	{ "TLS 1.2 where 1.3 is wanted", ALL ", min-version: '1.3'",
	  TLS1_2_VERSION, NULL, NULL, NULL, NULL,
	  "the peer's version of TLS is too old" },
	{ "a cipher without forward secrecy", ALL, TLS1_2_VERSION,
	  "AES128-GCM-SHA256", NULL, NULL, NULL, "no shared cipher" },
	{ "a cipher with CBC", ALL, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256",
	  NULL, NULL, NULL, "no shared cipher" },
	{ "the protocol of HTTP", ALL, 0, NULL, "\2h2\10http/1.1", "TLSv1.3",
	  "http/1.1", "" },
	{ "no protocol of ours", ALL, 0, NULL, "\4smtp", NULL, NULL,
	  "none of the client's protocols (ALPN) is spoken here" },
	{ "protocols of the configuration, in its order",
	  ALL ", alpn: [http/1.0, http/1.1]", 0, NULL, "\10http/1.1\10http/1.0",
	  "TLSv1.3", "http/1.0", "" },
};

static void check_offers(void)
{
	for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
		const struct offer_case *test = &offers[i];
		SSL_CTX *context = SSL_CTX_new(TLS_client_method());
		char version[16], cipher[64], alpn[64], why[256];
		struct tls_facts facts;
		bool good;

		if (test->max_version) {
			SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
			SSL_CTX_set_max_proto_version(context,
						      test->max_version);
		}
		if (test->ciphers)
			SSL_CTX_set_cipher_list(context, test->ciphers);
		if (test->alpn)
			SSL_CTX_set_alpn_protos(
				context, (const unsigned char *)test->alpn,
				(unsigned int)strlen(test->alpn));
		good = offer(test->tls, context, &facts, version, cipher, alpn,
			     why);
		if (test->version)
			good = good && !strcmp(version, test->version) &&
			       !strcmp(alpn, test->chosen);
		else
			good = !good && !strcmp(why, test->why);
		if (!good)
			printf("# %s\n", why);
		ktap_result(&ktap, good, test->name);
		SSL_CTX_free(context);
	}
}

/* Bytes that are no ClientHello, and what is said of them. */
static void check_garbage(struct site *site, const char *bytes, const char *why,
			  const char *name)
{
	struct pair pair;

	pair_open(&pair, site->loop, 0);
	tls_server_accept(site->server, &pair.server);
	send(pair.client.fd.fd, bytes, strlen(bytes), 0);
	shutdown(pair.client.fd.fd, SHUT_WR);
	pair.server_err = -EAGAIN;
	for (int i = 0; i < 10; i++) {
		loop_turn(site->loop, 0);
		pair_step(&pair.server, &pair.server_err, pair.server_why);
	}
	if (strcmp(pair.server_why, why) != 0)
		printf("# %d %s\n", pair.server_err, pair.server_why);
	ktap_result(&ktap,
		    pair.server_err < 0 && pair.server_err != -EAGAIN &&
			    strcmp(pair.server_why, why) == 0 &&
			    stream_handshake(&pair.server) == pair.server_err,
		    name);
	pair_close(&pair);
}

static void check_groups(void)
{
	char version[16], cipher[64], alpn[64], why[256];
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	struct site site = { 0 };
	struct pair pair;

	site_begin(&site, &pki, CERTIFICATES, ALL, "verify: false");
	pair_open(&pair, site.loop, 0);
	tls_server_accept(site.server, &pair.server);
	tls_client_connect(site.client, &pair.client, "one.test", NULL);
	pair_shake(&pair);
	ktap_result(&ktap,
		    SSL_get_negotiated_group(pair.client.tls) == 0 ||
			    !strcmp(SSL_get0_group_name(pair.client.tls),
				    "X25519MLKEM768"),
		    "the group after quantum computers first");
	pair_close(&pair);
	check_garbage(&site, "GET / HTTP/1.1\r\n\r\n", "HTTP without TLS",
		      "HTTP in clear");
	check_garbage(&site, "\x16\x03\x01\x40\x01 and so on and so forth",
		      "data length too long", "a record that is too long");
	check_garbage(&site, "garbage garbage", "not TLS", "garbage");
	check_garbage(&site, "\x16\x03\x01",
		      "closed by the peer without notice",
		      "cut in the first record");
	check_garbage(&site, "", "closed by the peer without notice",
		      "closed at once");
	site_end(&site);
	SSL_CTX_set1_groups_list(context, "P-256");
	SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
	{
		struct tls_facts facts;

		ktap_result(&ktap,
			    offer(ALL, context, &facts, version, cipher, alpn,
				  why) &&
				    !strcmp(cipher,
					    "ECDHE-ECDSA-AES128-GCM-SHA256"),
			    "a client that knows P-256 only");
	}
	SSL_CTX_free(context);
}

/* Both kinds of key for one name. */
static void check_kinds(void)
{
	struct site site = { 0 };
	struct pair pair;
	EVP_PKEY *key;

	site_begin(&site, &pki,
		   "e: {file: %/both-ec.pem}, r: {file: %/both-rsa.pem}",
		   "certificates: [r, e]", "verify: false");
	for (int i = 0; i < 2; i++) {
		SSL_CTX_set1_sigalgs_list(
			plain,
			i ? "rsa_pss_rsae_sha256:ecdsa_secp256r1_sha256" :
			    "rsa_pss_rsae_sha256");
		pair_open(&pair, site.loop, 0);
		tls_server_accept(site.server, &pair.server);
		pair_plain_client(&pair, plain, i ? NULL : "both.test");
		pair_shake(&pair);
		key = X509_get0_pubkey(
			SSL_get0_peer_certificate(pair.client.tls));
		ktap_result(&ktap, key && EVP_PKEY_is_a(key, i ? "EC" : "RSA"),
			    i ? "ECDSA for who can" : "RSA for who cannot");
		pair_close(&pair);
	}
	site_end(&site);
}

struct error_case {
	const char *name;
	const char *certificates;
	const char *tls;
	const char *wrong;
};

#define ONE "certificates: [c]"
#define AT "t:2:20: certificates.c."

static const struct error_case errors[] = {
	{ "no such file", "c: {file: /nowhere/a.pem}", ONE,
	  "t:2:20: certificates.c.file: /nowhere/a.pem: no such file\n" },
	{ "no PEM", "c: {file: %/text.txt}", ONE,
	  "certificates.c.file: %/text.txt: no certificate in it; PEM is expected\n" },
	{ "no key", "c: {file: %/ca}", ONE,
	  "certificates.c.file: %/ca: no private key in it; give it with 'key', or in a folder as NAME.key\n" },
	{ "the key of another", "c: {file: %/one.pem, key: %/wild.pem}", ONE,
	  "certificates.c.key: %/wild.pem: not the key of the first certificate in %/one.pem; the server's own comes first\n" },
	{ "a key that is none", "c: {file: %/one.pem, key: %/ca}", ONE,
	  "certificates.c.key: %/ca: no private key in it; PEM is expected\n" },
	{ "no such folder", "c: {folder: /nowhere}", ONE,
	  "t:2:20: certificates.c.folder: /nowhere: no such folder\n" },
	{ "no folder", "c: {folder: %/ca}", ONE,
	  "certificates.c.folder: %/ca: not a folder; give one, or 'file'\n" },
	{ "a folder as a file", "c: {file: %}", ONE,
	  "certificates.c.file: %: not a regular file; give one\n" },
	{ "a short key", "c: {file: %/short.pem}", ONE,
	  "certificates.c.file: %/short.pem: not fit for TLS: ee key too small\n" },
	{ "no authority of clients", "c: {file: %/one.pem}",
	  ONE ", client-certificate: required, client-ca: %/text.txt",
	  "services.s.tls.client-ca: %/text.txt: no certificate in it; certificates in PEM are expected\n" },
};

static void check_errors_said(void)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		const struct error_case *test = &errors[i];
		char wrong[1024];
		size_t used = 0;
		struct site site = { 0 };
		bool good;

		for (const char *at = test->wrong; *at; at++) {
			if (*at == '%')
				used += (size_t)sprintf(wrong + used, "%s",
							pki.folder);
			else
				wrong[used++] = *at;
		}
		wrong[used] = '\0';
		site_begin(&site, &pki, test->certificates, test->tls,
			   "verify: false");
		good = site.wrong && strstr(site.wrong, wrong);
		if (!good)
			printf("# %s# instead of %s", site.wrong, wrong);
		ktap_result(&ktap, good && !site.server, test->name);
		site_end(&site);
	}
}

static void make_short(void)
{
	EVP_PKEY *key = EVP_RSA_gen(1024);
	const struct pki_wish wish = { .names = "DNS:short.test" };
	X509 *cert = pki_cert(&pki, key, &wish);

	pki_write(&pki, "short.pem", cert, NULL, key);
	X509_free(cert);
	EVP_PKEY_free(key);
}

int main(void)
{
	ktap_begin();
	pki_begin(&pki, "authority");
	pki_begin(&other, "other authority");
	pki_issue(
		&pki, "one.pem",
		(struct pki_wish){
			.common = "one",
			.names =
				"DNS:one.test,DNS:exact.wild.test,IP:127.0.0.1,IP:::1" });
	pki_issue(&pki, "wild.pem",
		  (struct pki_wish){ .common = "wild",
				     .names = "DNS:*.wild.test" });
	pki_issue(&pki, "rsa.pem",
		  (struct pki_wish){ .common = "common.test", .type = "RSA" });
	pki_issue(&pki, "old.pem",
		  (struct pki_wish){ .common = "old",
				     .names = "DNS:old.test",
				     .from = -9 * PKI_DAY,
				     .until = -PKI_DAY });
	pki_issue(&pki, "both-ec.pem",
		  (struct pki_wish){ .names = "DNS:both.test" });
	pki_issue(&pki, "both-rsa.pem",
		  (struct pki_wish){ .names = "DNS:both.test", .type = "RSA" });
	pki_write(&pki, "other-ca", other.cert, NULL, NULL);
	pki_write_text(&pki, "text.txt", "no PEM\n", 7);
	make_short();
	plain = SSL_CTX_new(TLS_client_method());
	check_names();
	check_servers();
	check_clients();
	check_subject();
	check_offers();
	check_groups();
	check_kinds();
	check_errors_said();
	SSL_CTX_free(plain);
	pki_end(&other);
	pki_end(&pki);
	return ktap_end(&ktap);
}
