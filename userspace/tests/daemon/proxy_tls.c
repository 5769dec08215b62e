// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Routes by what is known of a client's TLS, which ends here.
 *
 *	P204 words	a client is answered with that status; 000: it is not. Words:
 *			sni=NAME, alpn=NAME, version=12 or 13, cert=FILE that it
 *			shows; "again": it resumes the session of the last one
 */
#include <openssl/ssl.h>

static _Bool tls_step(const char *step);
#define PROXYING_STEP tls_step
#include "proxying.h"

#define SITE(tls, routes)                                                     \
	"services:\n  web: {address: ['127.0.0.1:%1$u'], parse: http,\n"      \
	"    tls: {certificates: [a], " tls "},\n    routes: [" routes "]}\n" \
	"version: 1\ncertificates:\n"                                         \
	"  a: {file: '%5$s/a.pem'} # %2$u %3$u %4$u\n"
#define ASKED "client-certificate: optional, client-ca: '%5$s/ca'"
#define ROUTE(name, match, status) \
	"{name: " name ", match: {" match "}, answer: {status: " status "}}, "
#define REST "{name: rest, answer: {status: 299}}"
#define CERTIFICATE(condition) \
	SITE(ASKED,            \
	     ROUTE("r", "client-certificate: {" condition "}", "201") REST)
#define STEPS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const struct proxying cases[] = {
	{
		.name = "routes by server name",
		.config = SITE("", ROUTE("a", "sni: [a.test, b.test]", "201")
					   ROUTE("b", "sni: '*.c.test'", "202")
						   REST),
		.steps = STEPS("P201 sni=a.test", "P201 sni=B.test",
			       "P202 sni=x.c.test", "P299 sni=c.test",
			       "P299 sni=xa.test", "P299"),
	},
	{
		.name = "routes by the protocol that was chosen",
		.config = SITE("alpn: [http/1.1, http/1.0]",
			       ROUTE("a", "alpn: http/1.1", "201") ROUTE(
				       "b", "alpn: http/1.0", "202") REST),
		.steps = STEPS("P201 alpn=http/1.1", "P202 alpn=http/1.0",
			       "P299", "P000 alpn=h2"),
	},
	{
		.name = "routes by version",
		.config = SITE("", ROUTE("a", "tls-version: 1.2", "201")
					   ROUTE("b", "tls-version: 1.3", "202")
						   REST),
		.steps = STEPS("P201 version=12", "P202 version=13"),
	},
	{
		.name = "who shows a certificate, and who shows none",
		.config = CERTIFICATE("subject: {present: true}"),
		.steps = STEPS("P201 cert=client.pem", "P201 again", "P299",
			       "P201 version=12 cert=client.pem",
			       "P201 version=12 again"),
	},
	{
		.name = "no route has a client whose certificate nobody knows",
		.config = CERTIFICATE("subject: {present: true}"),
		.steps = STEPS("P000 cert=other.pem",
			       "P000 version=12 cert=other.pem"),
	},
	{
		.name = "routes by subject",
		.config = CERTIFICATE("subject: CN=shop"),
		.steps = STEPS("P201 cert=client.pem", "P299 cert=bare.pem"),
	},
	{
		.name = "routes by common name",
		.config = CERTIFICATE("cn: shop"),
		.steps = STEPS("P201 cert=client.pem", "P299 cert=bare.pem",
			       "P299"),
	},
	{
		.name = "routes by the beginning of a common name",
		.config = CERTIFICATE("cn: {prefix: shopp}"),
		.steps = STEPS("P299 cert=client.pem", "P201 cert=bare.pem"),
	},
	{
		.name = "routes by a regular expression of a common name",
		.config = CERTIFICATE("cn: {regex: '^(shop|bank)$'}"),
		.steps = STEPS("P201 cert=client.pem", "P299 cert=bare.pem"),
	},
	{
		.name = "routes by alternative names of each kind",
		.config = SITE(
			ASKED,
			ROUTE("a",
			      "client-certificate: {san: 'DNS:two.test', cn: shop}",
			      "201") ROUTE("b",
					   "client-certificate: {san: {regex: '^URI:spiffe://x/'}}",
					   "202")
				ROUTE("c",
				      "client-certificate: {san: 'IP:192.0.2.9'}",
				      "203") ROUTE("d",
						   "client-certificate: {san: 'email:a@x.test'}",
						   "204")
					ROUTE("e",
					      "client-certificate: {san: {present: true}}",
					      "205") REST),
		.steps = STEPS("P201 cert=client.pem", "P202 cert=uri.pem",
			       "P203 cert=ip.pem", "P204 cert=mail.pem",
			       "P205 cert=dns.pem", "P299 cert=bare.pem"),
	},
	{
		.name = "all that is given has to hold",
		.config = CERTIFICATE("cn: shop, san: 'DNS:none.test'"),
		.steps = STEPS("P299 cert=client.pem"),
	},
};

static SSL_SESSION *last;

/* What comes behind a word of a step, or NULL. */
static const char *word(const char *step, const char *name, char to[64])
{
	const char *at = strstr(step, name);

	if (!at)
		return NULL;
	snprintf(to, 64, "%.*s", (int)strcspn(at + strlen(name), " "),
		 at + strlen(name));
	return to;
}

static SSL *prepare(SSL_CTX *context, const char *step)
{
	unsigned char wire[65];
	char text[64];
	SSL *tls;

	if (word(step, "cert=", text) &&
	    (SSL_CTX_use_certificate_file(context, pki_path(&pki, text),
					  SSL_FILETYPE_PEM) != 1 ||
	     SSL_CTX_use_PrivateKey_file(context, pki_path(&pki, text),
					 SSL_FILETYPE_PEM) != 1))
		return NULL;
	tls = SSL_new(context);
	if (!tls)
		return NULL;
	if (word(step, "version=", text))
		SSL_set_max_proto_version(tls, text[1] == '2' ? TLS1_2_VERSION :
								TLS1_3_VERSION);
	if (word(step, "sni=", text))
		SSL_set_tlsext_host_name(tls, text);
	if (word(step, "alpn=", text)) {
		wire[0] = (unsigned char)strlen(text);
		memcpy(wire + 1, text, wire[0]);
		SSL_set_alpn_protos(tls, wire, wire[0] + 1U);
	}
	if (strstr(step, "again"))
		SSL_set_session(tls, last);
	return tls;
}

/* Return: the status, or 0: no answer. */
static long ask(SSL *tls, bool again)
{
	static const char request[] = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
	char answer[4096];
	int got;

	if (SSL_connect(tls) != 1 ||
	    SSL_write(tls, request, sizeof(request) - 1) <= 0)
		return 0;
	got = SSL_read(tls, answer, sizeof(answer) - 1);
	if (got < 12 || (again && !SSL_session_reused(tls)))
		return 0;
	answer[got] = '\0';
	SSL_SESSION_free(last);
	last = SSL_get1_session(tls);
	return strtol(answer + 9, NULL, 10);
}

static bool tls_step(const char *step)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	struct peer *c = peer_of('c');
	struct timeval limit = { .tv_sec = LIMIT_MS / 1000 };
	SSL *tls = context ? prepare(context, step) : NULL;
	long status = -1;

	if (tls && open_peer(c)) {
		setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &limit,
			   sizeof(limit));
		SSL_set_fd(tls, c->fd);
		status = ask(tls, strstr(step, "again"));
	}
	if (tls)
		SSL_shutdown(tls);
	SSL_free(tls);
	SSL_CTX_free(context);
	close_peer(c);
	if (status != strtol(step + 1, NULL, 10))
		printf("# status %ld\n", status);
	return status == strtol(step + 1, NULL, 10);
}

static void issue(const struct pki *by, const char *file, const char *common,
		  const char *names)
{
	pki_issue(by, file,
		  (struct pki_wish){ .names = names, .common = common });
}

int main(void)
{
	struct pki other;
	char from[128];

	signal(SIGPIPE, SIG_IGN);
	ktap_begin();
	pki_begin(&pki, "authority");
	pki_begin(&other, "other");
	issue(&pki, "a.pem", "a", "DNS:a");
	issue(&pki, "client.pem", "shop",
	      "DNS:one.test,DNS:two.test,URI:spiffe://x/a");
	issue(&pki, "bare.pem", "shopping", NULL);
	issue(&pki, "uri.pem", "u", "DNS:u.test,URI:spiffe://x/u");
	issue(&pki, "ip.pem", "i", "IP:192.0.2.9");
	issue(&pki, "mail.pem", "m", "email:a@x.test");
	issue(&pki, "dns.pem", "d", "DNS:d.test");
	issue(&other, "other.pem", "shop", "DNS:two.test");
	snprintf(from, sizeof(from), "%s", pki_path(&other, "other.pem"));
	pki_need(!rename(from, pki_path(&pki, "other.pem")), "no other.pem");
	pki_end(&other);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		proxying(&cases[i]);
	SSL_SESSION_free(last);
	pki_end(&pki);
	rmdir(folder);
	return ktap_end(&ktap);
}
