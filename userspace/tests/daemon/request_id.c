// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbers of requests, and the hash that they are made by. */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <string.h>

#include "../ktap.h"
#include "proxy/request_id.h"

/* What OpenSSL says that the hash is. */
static bool hash_by_openssl(const struct sip_key *key, const void *data,
			    size_t size, uint64_t hash[2])
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
	EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
	unsigned int bytes = 16;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_SIZE, &bytes),
		OSSL_PARAM_construct_end(),
	};
	size_t length = 0;
	bool right;

	right = EVP_MAC_init(context, (const unsigned char *)key, sizeof(*key),
			     params) == 1 &&
		EVP_MAC_update(context, data, size) == 1 &&
		EVP_MAC_final(context, (unsigned char *)hash, &length, 16) ==
			1 &&
		length == 16;
	EVP_MAC_CTX_free(context);
	EVP_MAC_free(mac);
	return right;
}

static void test_hash(struct ktap *ktap)
{
	struct sip_key key = { { UINT64_C(0x0706050403020100),
				 UINT64_C(0x0f0e0d0c0b0a0908) } };
	uint64_t hash[2], expect[2];
	unsigned char data[100];
	size_t wrong = 0;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * 7);
	for (size_t size = 0; size <= sizeof(data); size++) {
		sip_hash(&key, data, size, hash);
		wrong += !hash_by_openssl(&key, data, size, expect) ||
			 memcmp(hash, expect, sizeof(hash)) != 0;
		key.words[0] += hash[0];
	}
	ktap_result(ktap, !wrong, "the hash of texts of any length");
}

static void test_numbers(struct ktap *ktap)
{
	static char ids[1000][REQUEST_ID_LENGTH + 1];
	struct request_ids one, other;
	char id[REQUEST_ID_LENGTH + 1];
	size_t same = 0, wrong = 0;

	ktap_result(ktap, !request_ids_init(&one) && !request_ids_init(&other),
		    "two workers begin");
	for (size_t i = 0; i < 1000; i++) {
		request_ids_next(&one, ids[i]);
		wrong += strlen(ids[i]) != REQUEST_ID_LENGTH ||
			 strspn(ids[i], "0123456789abcdef") !=
				 REQUEST_ID_LENGTH;
		for (size_t k = 0; k < i; k++)
			same += strcmp(ids[i], ids[k]) == 0;
	}
	ktap_result(ktap, !wrong, "32 hexadecimal digits");
	ktap_result(ktap, !same, "no number twice");
	for (size_t i = 0; i < 1000; i++) {
		request_ids_next(&other, id);
		for (size_t k = 0; k < 1000; k++)
			same += strcmp(id, ids[k]) == 0;
	}
	ktap_result(ktap, !same, "no number of another worker");
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	test_hash(&ktap);
	test_numbers(&ktap);
	return ktap_end(&ktap);
}
