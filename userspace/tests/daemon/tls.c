// SPDX-License-Identifier: GPL-2.0-or-later
/* TLS of checks: certificates that are good, expired, of another, and forged. */
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <signal.h>

#include "../ktap.h"
#include "fake.h"
#include "once.h"

#define DAY 86400L

static char ca_file[] = "/tmp/sluice-ca-XXXXXX";
static EVP_PKEY *ca_key;
static X509 *ca_cert;

static void add_name(X509 *cert, const char *name)
{
	X509_NAME *to = X509_get_subject_name(cert);

	X509_NAME_add_entry_by_txt(to, "CN", MBSTRING_ASC,
				   (const unsigned char *)name, -1, -1, 0);
}

/* @dns may have a NUL in it, as a forged one has. */
static void add_host(X509 *cert, const char *dns, int length)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();

	ASN1_STRING_set(text, dns, length);
	GENERAL_NAME_set0_value(name, GEN_DNS, text);
	sk_GENERAL_NAME_push(names, name);
	name = GENERAL_NAME_new();
	GENERAL_NAME_set0_value(name, GEN_IPADD, a2i_IPADDRESS("127.0.0.1"));
	sk_GENERAL_NAME_push(names, name);
	X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 0, 0);
	GENERAL_NAMES_free(names);
}

/* Signed by the authority, or by itself if that is @key. */
static X509 *make_cert(EVP_PKEY *key, EVP_PKEY *signer, long from, long until)
{
	X509 *cert = X509_new();

	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 17);
	X509_gmtime_adj(X509_getm_notBefore(cert), from);
	X509_gmtime_adj(X509_getm_notAfter(cert), until);
	X509_set_pubkey(cert, key);
	add_name(cert, signer == key ? "self" : "server");
	X509_set_issuer_name(cert, signer == key ?
					   X509_get_subject_name(cert) :
					   X509_get_subject_name(ca_cert));
	return cert;
}

static void make_authority(void)
{
	X509_EXTENSION *ca;
	FILE *to;
	int fd;

	ca_key = EVP_EC_gen("P-256");
	ca_cert = make_cert(ca_key, ca_key, -DAY, 100 * DAY - 100);
	ca = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints,
				 "critical,CA:TRUE");
	X509_add_ext(ca_cert, ca, -1);
	X509_EXTENSION_free(ca);
	X509_sign(ca_cert, ca_key, EVP_sha256());
	fd = mkstemp(ca_file);
	to = fd < 0 ? NULL : fdopen(fd, "w");
	if (!to) {
		printf("Bail out! no file for certificates\n");
		exit(1);
	}
	PEM_write_X509(to, ca_cert);
	fclose(to);
}

static int take_protocol(SSL *ssl, const unsigned char **out,
			 unsigned char *length, const unsigned char *in,
			 unsigned int in_length, void *wanted)
{
	static const unsigned char http[] = "\10http/1.1";
	unsigned char *to;

	(void)ssl;
	(void)wanted;
	if (SSL_select_next_proto(&to, length, http, sizeof(http) - 1, in,
				  in_length) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	*out = to;
	return SSL_TLSEXT_ERR_OK;
}

struct tls_case {
	const char *name;
	struct check_spec spec;
	/* Of the server's certificate. */
	long until;
	const char *host;
	int host_length;
	bool self_signed;
	const char *steps[6];
	enum check_verdict verdict;
	const char *reason;
	int days;
};

#define TLS .kind = CHECK_TLS
#define HTTPS .kind = CHECK_HTTPS
#define VERIFY .verify = true, .ca_file = ca_file
#define GOOD 30 * DAY + 100, "a.test", 6, false
#define ALPN(name) .alpn = (char *[]){ name }, .alpn_count = 1
#define PASSED CHECK_PASSED
#define FAILED CHECK_FAILED

#define HELLO "hello hello hello hello hello hello hello hello hello hello "

static const struct tls_case cases[] = {
	{ "good",
	  { TLS, VERIFY, .sni = "a.test" },
	  GOOD,
	  { "_" },
	  PASSED,
	  "handshake done, certificate for 30 days",
	  30 },
	{ "good, by its address",
	  { TLS, VERIFY },
	  GOOD,
	  { "_" },
	  PASSED,
	  "handshake done, certificate for 30 days",
	  30 },
	{ "the authority expires first",
	  { TLS, VERIFY, .sni = "a.test" },
	  200 * DAY,
	  "a.test",
	  6,
	  false,
	  { "_" },
	  PASSED,
	  "handshake done, certificate for 99 days",
	  99 },
	{ "of another host",
	  { TLS, VERIFY, .sni = "b.test" },
	  GOOD,
	  { "_" },
	  FAILED,
	  "certificate: hostname mismatch",
	  CHECK_NO_DAYS },
	{ "expired",
	  { TLS, VERIFY, .sni = "a.test" },
	  -DAY - 100,
	  "a.test",
	  6,
	  false,
	  { "_" },
	  FAILED,
	  "certificate: certificate has expired",
	  CHECK_NO_DAYS },
	{ "expired, and nobody cares",
	  { TLS, .sni = "a.test" },
	  -DAY - 100,
	  "a.test",
	  6,
	  false,
	  { "_" },
	  PASSED,
	  "handshake done, certificate expired",
	  -2 },
	{ "signed by itself",
	  { TLS, VERIFY, .sni = "a.test" },
	  30 * DAY,
	  "a.test",
	  6,
	  true,
	  { "_" },
	  FAILED,
	  "certificate: self-signed certificate",
	  CHECK_NO_DAYS },
	{ "a host with a NUL in it",
	  { TLS, VERIFY, .sni = "a.test" },
	  30 * DAY,
	  "a.test\0.evil.test",
	  17,
	  false,
	  { "_" },
	  FAILED,
	  "certificate: hostname mismatch",
	  CHECK_NO_DAYS },
	{ "takes the protocol",
	  { TLS, ALPN("http/1.1") },
	  GOOD,
	  { "_" },
	  PASSED,
	  "handshake done, certificate for 30 days",
	  30 },
	{ "takes no protocol",
	  { TLS, ALPN("smtp") },
	  GOOD,
	  { "_" },
	  FAILED,
	  "the server took no protocol of alpn",
	  30 },
	{ "https",
	  { HTTPS, VERIFY, .sni = "a.test", .body = "hello" },
	  GOOD,
	  { "<", ">HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", ">lo",
	    "_" },
	  PASSED,
	  "status 200, body as expected",
	  30 },
	{ "https to the end, without notice",
	  { HTTPS, VERIFY, .sni = "a.test", .body_regex = "^hello$" },
	  GOOD,
	  { "<", ">HTTP/1.1 200 OK\r\n\r\nhello" },
	  PASSED,
	  "status 200, body as expected",
	  30 },
	{ "https, endless",
	  { HTTPS, .body_regex = "^hello$" },
	  GOOD,
	  { "<", ">HTTP/1.1 200 OK\r\n\r\n", "~" HELLO HELLO HELLO HELLO },
	  FAILED,
	  "status 200, the body does not match body_regex",
	  30 },
	{ "https, a byte now and then",
	  { HTTPS },
	  GOOD,
	  { "<", ".HTTP/1.1 200 OK and so on and so forth" },
	  FAILED,
	  "timed out after 500 ms, waiting for the head of an answer",
	  30 },
	{ "https, closed",
	  { HTTPS },
	  GOOD,
	  { "<" },
	  FAILED,
	  "closed by the server, waiting for the head of an answer",
	  30 },
};

static bool try(const struct tls_case *test)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	EVP_PKEY *signer = test->self_signed ? key : ca_key;
	X509 *cert = make_cert(key, signer, -3L * DAY, test->until);
	struct fake fake = { .steps = test->steps };
	struct check_spec spec = test->spec;
	bool passed, late;
	struct once once;

	add_host(cert, test->host, test->host_length);
	X509_sign(cert, signer, EVP_sha256());
	fake.tls = SSL_CTX_new(TLS_server_method());
	SSL_CTX_use_certificate(fake.tls, cert);
	SSL_CTX_use_PrivateKey(fake.tls, key);
	SSL_CTX_set_alpn_select_cb(fake.tls, take_protocol, NULL);
	fake_start(&fake);
	late = strstr(test->reason, "timed out");
	spec.timeout_ms = late ? 500 : 20000;
	once_run(&once, spec, &fake.address, late ? &fake.waits : NULL);
	fake_stop(&fake);
	SSL_CTX_free(fake.tls);
	X509_free(cert);
	EVP_PKEY_free(key);
	passed = once.done && once.report.verdict == test->verdict &&
		 strcmp(once.reason, test->reason) == 0 &&
		 once.report.days_left == test->days;
	if (!passed)
		printf("# %d, %d days: %s\n", once.report.verdict,
		       once.report.days_left, once.reason);
	return passed;
}

/* Without TLS at the other end. */
static bool try_clear(const char *const *steps, const char *reason)
{
	const bool late = strstr(reason, "timed out");
	const struct check_spec spec = { TLS,
					 .timeout_ms = late ? 500 : 20000 };
	struct fake fake = { .steps = steps };
	struct once once;

	fake_start(&fake);
	once_run(&once, spec, &fake.address, late ? &fake.waits : NULL);
	fake_stop(&fake);
	if (strcmp(once.reason, reason) != 0)
		printf("# %s\n", once.reason);
	return once.report.verdict == CHECK_FAILED &&
	       strcmp(once.reason, reason) == 0;
}

int main(void)
{
	static const char *const http[] = { "<", ">HTTP/1.1 400 No\r\n\r\n",
					    "_", NULL };
	static const char *const closes[] = { "<", NULL };
	static const char *const hangs[] = { "_", NULL };
	static const char *const drips[] = { ".\26\3\3\40", NULL };
	static const char *const floods[] = { "~\27\3\3\1xxxxx", NULL };
	struct ktap ktap = { 0 };

	ktap_begin();
	signal(SIGPIPE, SIG_IGN);
	make_authority();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ktap_result(&ktap, try(&cases[i]), cases[i].name);
	ktap_result(
		&ktap,
		try_clear(
			http,
			"TLS: wrong version number, waiting for the TLS handshake"),
		"not TLS");
	ktap_result(
		&ktap,
		try_clear(closes,
			  "closed by the server, waiting for the TLS handshake"),
		"closed in the handshake");
	ktap_result(
		&ktap,
		try_clear(
			hangs,
			"timed out after 500 ms, waiting for the TLS handshake"),
		"no answer in the handshake");
	ktap_result(
		&ktap,
		try_clear(
			drips,
			"timed out after 500 ms, waiting for the TLS handshake"),
		"a byte now and then in the handshake");
	ktap_result(
		&ktap,
		try_clear(
			floods,
			"TLS: unexpected message, waiting for the TLS handshake"),
		"records of another kind without end");
	unlink(ca_file);
	X509_free(ca_cert);
	EVP_PKEY_free(ca_key);
	return ktap_end(&ktap);
}
