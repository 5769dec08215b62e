// SPDX-License-Identifier: GPL-2.0-or-later
#include <openssl/ocsp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tls_staple.h"

/* Clocks that differ. */
#define TOLERANCE 300L

struct staple {
	time_t until;
	size_t size;
	uint8_t data[];
};

static pthread_once_t index_once = PTHREAD_ONCE_INIT;
static int staple_index = -1;

static void free_staple(void *parent, void *staple, CRYPTO_EX_DATA *data,
			int number, long arg, void *more)
{
	(void)parent;
	(void)data;
	(void)number;
	(void)arg;
	(void)more;
	free(staple);
}

static void make_index(void)
{
	staple_index = X509_get_ex_new_index(0, NULL, NULL, NULL, free_staple);
}

static const struct staple *staple_of(const X509 *leaf)
{
	pthread_once(&index_once, make_index);
	return leaf ? X509_get_ex_data(leaf, staple_index) : NULL;
}

/* The answer about this certificate, whatever its names are hashed by. */
static OCSP_SINGLERESP *find_answer(OCSP_BASICRESP *basic, X509 *leaf,
				    X509 *issuer)
{
	for (int i = 0; i < OCSP_resp_count(basic); i++) {
		OCSP_SINGLERESP *single = OCSP_resp_get0(basic, i);
		const OCSP_CERTID *id = OCSP_SINGLERESP_get0_id(single);
		ASN1_OBJECT *hash;
		OCSP_CERTID *ours;
		const EVP_MD *md;
		bool same;

		OCSP_id_get0_info(NULL, &hash, NULL, NULL, (OCSP_CERTID *)id);
		md = EVP_get_digestbyobj(hash);
		ours = md ? OCSP_cert_to_id(md, leaf, issuer) : NULL;
		same = ours && OCSP_id_cmp(ours, (OCSP_CERTID *)id) == 0;
		OCSP_CERTID_free(ours);
		if (same)
			return single;
	}
	return NULL;
}

static bool is_signed(OCSP_BASICRESP *basic, STACK_OF(X509) * chain)
{
	X509_STORE *store = X509_STORE_new();
	bool good;

	if (!store)
		return false;
	X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
	good = X509_STORE_add_cert(store, sk_X509_value(chain, 0)) == 1 &&
	       OCSP_basic_verify(basic, chain, store, 0) == 1;
	X509_STORE_free(store);
	return good;
}

static const char *judge(OCSP_BASICRESP *basic, X509 *leaf,
			 STACK_OF(X509) * chain, time_t *until)
{
	ASN1_GENERALIZEDTIME *from, *to;
	OCSP_SINGLERESP *answer;
	struct tm tm;
	int status;

	if (!is_signed(basic, chain))
		return "not signed by who issued the certificate, or for them";
	answer = find_answer(basic, leaf, sk_X509_value(chain, 0));
	if (!answer)
		return "about another certificate";
	status = OCSP_single_get0_status(answer, NULL, NULL, &from, &to);
	if (status != V_OCSP_CERTSTATUS_GOOD)
		return status == V_OCSP_CERTSTATUS_REVOKED ?
			       "says that the certificate is revoked; get a new one" :
			       "does not say that the certificate is good";
	if (!to || ASN1_TIME_to_tm(to, &tm) != 1)
		return "has no end (nextUpdate)";
	*until = timegm(&tm);
	if (OCSP_check_validity(from, to, TOLERANCE, -1) != 1)
		return *until < time(NULL) ? "has expired" : "is not valid yet";
	return NULL;
}

static const char *keep(X509 *leaf, const uint8_t *data, size_t size,
			time_t until)
{
	struct staple *staple = malloc(sizeof(*staple) + size);

	pthread_once(&index_once, make_index);
	if (!staple)
		return "out of memory";
	staple->until = until;
	staple->size = size;
	memcpy(staple->data, data, size);
	if (X509_set_ex_data(leaf, staple_index, staple) == 1)
		return NULL;
	free(staple);
	return "out of memory";
}

const char *tls_staple_set(X509 *leaf, STACK_OF(X509) * chain,
			   const uint8_t *data, size_t size)
{
	const unsigned char *at = data;
	OCSP_BASICRESP *basic = NULL;
	OCSP_RESPONSE *response;
	const char *wrong;
	time_t until;

	if (sk_X509_num(chain) < 1)
		return "cannot be checked: who issued the certificate is not in its file";
	response = d2i_OCSP_RESPONSE(NULL, &at, (long)size);
	if (response &&
	    OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL)
		basic = OCSP_response_get1_basic(response);
	if (basic)
		wrong = judge(basic, leaf, chain, &until);
	else
		wrong = response ? "is an error of the responder" :
				   "no response of OCSP in DER";
	if (!wrong)
		wrong = keep(leaf, data, size, until);
	OCSP_BASICRESP_free(basic);
	OCSP_RESPONSE_free(response);
	return wrong;
}

bool tls_staple_valid(const X509 *leaf)
{
	const struct staple *staple = staple_of(leaf);

	return staple && time(NULL) < staple->until;
}

int tls_staple_send(SSL *ssl, void *arg)
{
	/* In this callback, the one that was chosen. */
	const X509 *leaf = SSL_get_certificate(ssl);
	const struct staple *staple = staple_of(leaf);
	uint8_t *copy;

	(void)arg;
	if (!tls_staple_valid(leaf))
		return SSL_TLSEXT_ERR_NOACK;
	copy = OPENSSL_memdup(staple->data, staple->size);
	if (!copy)
		return SSL_TLSEXT_ERR_NOACK;
	SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)staple->size);
	return SSL_TLSEXT_ERR_OK;
}
