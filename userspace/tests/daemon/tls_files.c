// SPDX-License-Identifier: GPL-2.0-or-later
/* Certificates whose files change: taken up without a restart, if they are right. */
#include <fcntl.h>
#include <openssl/ocsp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <time.h>

#include "../ktap.h"
#include "log.h"
#include "tls_pair.h"

#define MS 1000000UL
#define TIMES 40

static struct ktap ktap;
static struct pki pki;
static SSL_CTX *plain;
static uint64_t now;

static uint64_t clock_of_test(void)
{
	return now;
}

/* The name in the certificate that a client gets, "" none. */
static void shown(struct site *site, const char *sni, char common[64])
{
	struct pair pair;
	const X509 *cert;

	common[0] = '\0';
	pair_open(&pair, site->loop, 0);
	tls_server_accept(site->server, &pair.server);
	pair_plain_client(&pair, plain, sni);
	pair_shake(&pair);
	cert = SSL_get0_peer_certificate(pair.client.tls);
	if (cert)
		X509_NAME_get_text_by_NID(X509_get_subject_name(cert),
					  NID_commonName, common, 64);
	pair_close(&pair);
}

/* The files are looked at so often. */
static void looks(struct site *site, int times)
{
	for (int i = 0; i < times; i++) {
		now += 1001 * MS;
		loop_turn(site->loop, 0);
	}
}

static bool shows(struct site *site, const char *sni, const char *common)
{
	char got[64];

	shown(site, sni, got);
	if (strcmp(got, common) != 0)
		printf("# got '%s' instead of '%s'\n", got, common);
	return strcmp(got, common) == 0;
}

static void check(bool good, const char *name)
{
	ktap_result(&ktap, good, name);
}

static void begin(struct site *site, const char *certificates, const char *tls)
{
	site_begin(site, &pki, certificates, tls, "verify: false");
	if (site->wrong)
		printf("# %s", site->wrong);
	check(!site->wrong, "certificates that are right");
	if (site->wrong)
		exit(1);
}

static void issue(const char *file, const char *common, const char *names)
{
	pki_issue(&pki, file,
		  (struct pki_wish){ .common = common, .names = names });
}

/* All but the key, then the key. */
static void issue_apart(const char *common, bool cert_too)
{
	static EVP_PKEY *key;
	const struct pki_wish wish = { .common = common,
				       .names = "DNS:apart.test" };
	X509 *cert;

	if (cert_too) {
		EVP_PKEY_free(key);
		key = pki_key(NULL);
		cert = pki_cert(&pki, key, &wish);
		pki_write(&pki, "apart.crt", cert, NULL, NULL);
		X509_free(cert);
		return;
	}
	pki_write(&pki, "apart.key", NULL, NULL, key);
	EVP_PKEY_free(key);
	key = NULL;
}

static void check_file(void)
{
	uint64_t errors;
	struct site site = { .clock = clock_of_test };

	issue("a.pem", "first", "DNS:a.test");
	begin(&site, "a: {file: %/a.pem}", "certificates: [a]");
	check(shows(&site, "a.test", "first"), "the certificate that is there");
	issue("a.pem", "second", "DNS:a.test");
	looks(&site, 2);
	check(shows(&site, "a.test", "second"), "a new one is taken up");

	errors = log_counts().written[CONFIG_LOG_ERROR];
	pki_write_text(&pki, "a.pem", "-----BEGIN CERTIFICATE-----\nMIIB", 32);
	looks(&site, 1);
	check(shows(&site, "a.test", "second") &&
		      log_counts().written[CONFIG_LOG_ERROR] == errors,
	      "one that is being written changes nothing");
	looks(&site, 5);
	check(shows(&site, "a.test", "second") &&
		      log_counts().written[CONFIG_LOG_ERROR] == errors + 1,
	      "one that stays wrong is logged, once");
	unlink(pki_path(&pki, "a.pem"));
	looks(&site, 5);
	check(shows(&site, "a.test", "second") &&
		      log_counts().written[CONFIG_LOG_ERROR] == errors + 2,
	      "one that is gone is logged, and used on");
	issue("a.pem", "third", "DNS:a.test");
	looks(&site, 2);
	check(shows(&site, "a.test", "third"), "and taken up when it is back");
	site_end(&site);
}

static void check_apart(void)
{
	struct site site = { .clock = clock_of_test };

	issue_apart("first", true);
	issue_apart("first", false);
	begin(&site, "a: {file: %/apart.crt, key: %/apart.key}",
	      "certificates: [a]");
	issue_apart("second", true);
	looks(&site, 3);
	check(shows(&site, "apart.test", "first"),
	      "a certificate without its key waits for it");
	issue_apart("second", false);
	looks(&site, 2);
	check(shows(&site, "apart.test", "second"),
	      "and is taken up with the key");
	site_end(&site);
}

static void check_folder(void)
{
	struct pki folder = pki;
	char path[128];
	struct site site = { .clock = clock_of_test };

	snprintf(path, sizeof(path), "%s/folder", pki.folder);
	mkdir(path, 0700);
	snprintf(folder.folder, sizeof(folder.folder), "%.55s/folder",
		 pki.folder);
	pki_issue(&folder, "a.pem",
		  (struct pki_wish){ .common = "a", .names = "DNS:a.test" });
	pki_write_text(&folder, "README", "not one\n", 8);
	pki_write_text(&folder, ".b.pem", "nor this\n", 9);
	begin(&site, "f: {folder: %/folder}", "certificates: [f]");
	check(shows(&site, NULL, "a"), "a folder");
	pki_issue(&folder, "b.pem",
		  (struct pki_wish){ .common = "b", .names = "DNS:*.b.test" });
	looks(&site, 2);
	check(shows(&site, "x.b.test", "b") && shows(&site, NULL, "a"),
	      "one that is put there is taken up");
	unlink(pki_path(&folder, "a.pem"));
	looks(&site, 2);
	check(shows(&site, "a.test", "b"), "one that is taken out is not used");
	unlink(pki_path(&folder, "b.pem"));
	looks(&site, 2);
	check(shows(&site, "x.b.test", "b"), "the last one is, all the same");
	site_end(&site);
	unlink(pki_path(&folder, "README"));
	unlink(pki_path(&folder, ".b.pem"));
	rmdir(path);
}

/* Handshakes in other threads while the file changes. */
static struct site busy = { .clock = clock_of_test };
static atomic_bool over;
static atomic_uint failed;
static atomic_uint shakes;

static void *visit(void *arg)
{
	struct loop *loop = loop_create(NULL);
	struct pair pair;

	while (!over) {
		pair_open(&pair, loop, 0);
		tls_server_accept(busy.server, &pair.server);
		pair_plain_client(&pair, plain, "busy.test");
		failed += !pair_shake(&pair);
		shakes++;
		pair_close(&pair);
	}
	loop_free(loop);
	return arg;
}

static void check_traffic(void)
{
	pthread_t threads[2];
	char name[16];

	issue("busy.pem", "0", "DNS:busy.test");
	begin(&busy, "a: {file: %/busy.pem}", "certificates: [a]");
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, visit, NULL);
	for (int i = 1; i <= TIMES; i++) {
		snprintf(name, sizeof(name), "%d", i);
		issue("busy.pem", name, "DNS:busy.test");
		looks(&busy, 1);
	}
	while (shakes < 20)
		usleep(1000);
	over = true;
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	check(failed == 0, "no handshake fails while a certificate changes");
	snprintf(name, sizeof(name), "%d", TIMES);
	check(shows(&busy, NULL, name), "and the last one is used then");
	site_end(&busy);
}

/* A session outlives its configuration. */
static void check_life(void)
{
	struct site site = { .clock = clock_of_test };
	struct pair pair;
	bool good;

	issue("a.pem", "a", "DNS:a.test");
	begin(&site, "a: {file: %/a.pem}", "certificates: [a]");
	pair_open(&pair, site.loop, 0);
	tls_server_accept(site.server, &pair.server);
	pair_plain_client(&pair, plain, NULL);
	tls_server_put(site.server);
	tls_certificates_free(site.certificates);
	site.server = NULL;
	site.certificates = NULL;
	config_free(site.config);
	site.config = NULL;
	good = pair_shake(&pair) &&
	       pair_say(&pair, &pair.client, &pair.server, "still here");
	check(good, "a session lives longer than its configuration");
	pair_close(&pair);
	site_end(&site);
}

/* What an authority says of a certificate; in DER, in a file. */
static void respond(const char *file, X509 *cert, int status, long from,
		    long until)
{
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha256(), cert, pki.cert);
	ASN1_TIME *revoked = ASN1_TIME_adj(NULL, time(NULL), 0, -10);
	ASN1_TIME *begin_at = ASN1_TIME_adj(NULL, time(NULL), 0, from);
	ASN1_TIME *end_at = ASN1_TIME_adj(NULL, time(NULL), 0, until);
	OCSP_RESPONSE *response;
	unsigned char *der = NULL;
	int size;

	OCSP_basic_add1_status(basic, id, status, 0,
			       status == V_OCSP_CERTSTATUS_REVOKED ? revoked :
								     NULL,
			       begin_at, end_at);
	OCSP_basic_sign(basic, pki.cert, pki.key, EVP_sha256(), NULL, 0);
	response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	size = i2d_OCSP_RESPONSE(response, &der);
	pki_write_text(&pki, file, der, (size_t)size);
	OPENSSL_free(der);
	OCSP_RESPONSE_free(response);
	OCSP_BASICRESP_free(basic);
	OCSP_CERTID_free(id);
	ASN1_TIME_free(revoked);
	ASN1_TIME_free(begin_at);
	ASN1_TIME_free(end_at);
}

static bool stapled(struct site *site)
{
	struct pair pair;
	unsigned char *response;
	bool good;

	pair_open(&pair, site->loop, 0);
	tls_server_accept(site->server, &pair.server);
	pair_plain_client(&pair, plain, "o.test");
	SSL_set_tlsext_status_type(pair.client.tls, TLSEXT_STATUSTYPE_ocsp);
	good = pair_shake(&pair) &&
	       SSL_get_tlsext_status_ocsp_resp(pair.client.tls, &response) > 0;
	if (good)
		good = pair_say(&pair, &pair.server, &pair.client, "hello");
	pair_close(&pair);
	return good;
}

static void check_staple(void)
{
	EVP_PKEY *key = pki_key(NULL);
	const struct pki_wish wish = { .names = "DNS:o.test" };
	X509 *cert = pki_cert(&pki, key, &wish);
	X509 *twin = pki_cert(&pki, key, &wish);
	struct site site = { .clock = clock_of_test };

	pki_write(&pki, "o.pem", cert, pki.cert, key);
	begin(&site, "o: {file: %/o.pem}", "certificates: [o], ocsp: true");
	check(!stapled(&site), "nothing is stapled where there is nothing");
	respond("o.ocsp", cert, V_OCSP_CERTSTATUS_GOOD, -60, 3600);
	looks(&site, 2);
	check(stapled(&site), "a response that is put there is stapled");
	respond("o.ocsp", cert, V_OCSP_CERTSTATUS_GOOD, -7200, -3600);
	looks(&site, 2);
	check(!stapled(&site), "not one that has expired");
	respond("o.ocsp", twin, V_OCSP_CERTSTATUS_GOOD, -60, 3600);
	looks(&site, 2);
	check(!stapled(&site), "not one about another certificate");
	respond("o.ocsp", cert, V_OCSP_CERTSTATUS_REVOKED, -60, 3600);
	looks(&site, 2);
	check(!stapled(&site), "not one that says it is revoked");
	pki_write_text(&pki, "o.ocsp", "garbage", 7);
	looks(&site, 2);
	check(!stapled(&site), "not one that is none");
	respond("o.ocsp", cert, V_OCSP_CERTSTATUS_GOOD, -60, 2);
	looks(&site, 2);
	check(stapled(&site), "one that ends soon is stapled until then");
	for (int i = 0; i < 100 && stapled(&site); i++)
		usleep(50000);
	check(!stapled(&site), "and not after it");
	site_end(&site);
	begin(&site, "o: {file: %/o.pem}", "certificates: [o]");
	respond("o.ocsp", cert, V_OCSP_CERTSTATUS_GOOD, -60, 3600);
	looks(&site, 2);
	check(!stapled(&site), "nothing is stapled where it is not wanted");
	site_end(&site);
	X509_free(twin);
	X509_free(cert);
	EVP_PKEY_free(key);
}

int main(void)
{
	ktap_begin();
	pki_begin(&pki, "authority");
	plain = SSL_CTX_new(TLS_client_method());
	check_file();
	check_apart();
	check_folder();
	check_traffic();
	check_life();
	check_staple();
	SSL_CTX_free(plain);
	pki_end(&pki);
	return ktap_end(&ktap);
}
