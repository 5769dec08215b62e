// SPDX-License-Identifier: GPL-2.0-or-later
#include <openssl/err.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "tls_context.h"

/* With forward secrecy and authenticated encryption; what is fast first. */
#define CIPHERS_12                       \
	"ECDHE-ECDSA-AES128-GCM-SHA256:" \
	"ECDHE-RSA-AES128-GCM-SHA256:"   \
	"ECDHE-ECDSA-AES256-GCM-SHA384:" \
	"ECDHE-RSA-AES256-GCM-SHA384:"   \
	"ECDHE-ECDSA-CHACHA20-POLY1305:" \
	"ECDHE-RSA-CHACHA20-POLY1305"
#define CIPHERS_13                                       \
	"TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:" \
	"TLS_CHACHA20_POLY1305_SHA256"

/*
 * A client that knows the first is asked for it, even where it costs another round
 * trip: what is recorded today may be broken later. "?": where OpenSSL has it. "*":
 * a client of ours sends a share of it; the second is for servers that do not know
 * the first.
 */
#define GROUPS "?*X25519MLKEM768/*X25519:secp256r1:secp384r1"
/* Before OpenSSL 3.5, which knows neither "*" nor "/". */
#define GROUPS_OLD "X25519:P-256:P-384"

/* ECDSA before RSA, which costs ten times as much. */
#define SIGNATURES                                                    \
	"ecdsa_secp256r1_sha256:ed25519:ecdsa_secp384r1_sha384:"      \
	"ecdsa_secp521r1_sha512:ed448:"                               \
	"rsa_pss_rsae_sha256:rsa_pss_pss_sha256:rsa_pss_rsae_sha384:" \
	"rsa_pss_pss_sha384:rsa_pss_rsae_sha512:rsa_pss_pss_sha512:"  \
	"rsa_pkcs1_sha256:rsa_pkcs1_sha384:rsa_pkcs1_sha512"

/* Two records with one system call. */
#define READ_AHEAD (2 * 16384 + 512)
#define CHAIN_MAX 10

struct owner {
	void *pointer;
	void (*release)(void *pointer);
};

static pthread_once_t index_once = PTHREAD_ONCE_INIT;
static int owner_index = -1;

static void free_owner(void *parent, void *pointer, CRYPTO_EX_DATA *data,
		       int number, long arg, void *more)
{
	struct owner *owner = pointer;

	(void)parent;
	(void)data;
	(void)number;
	(void)arg;
	(void)more;
	if (owner)
		owner->release(owner->pointer);
	free(owner);
}

static void make_index(void)
{
	owner_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, free_owner);
}

static bool set_algorithms(SSL_CTX *context, int min_version)
{
	int version = min_version == 13 ? TLS1_3_VERSION : TLS1_2_VERSION;

	return SSL_CTX_set_min_proto_version(context, version) == 1 &&
	       SSL_CTX_set_cipher_list(context, CIPHERS_12) == 1 &&
	       SSL_CTX_set_ciphersuites(context, CIPHERS_13) == 1 &&
	       (SSL_CTX_set1_groups_list(context, GROUPS) == 1 ||
		SSL_CTX_set1_groups_list(context, GROUPS_OLD) == 1) &&
	       SSL_CTX_set1_sigalgs_list(context, SIGNATURES) == 1;
}

static void set_habits(SSL_CTX *context)
{
	/*
	 * One record a call, so that nobody keeps SSL_read() busy with records
	 * without data; buffers only while there is something in them.
	 */
	SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
					  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					  SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION |
					     SSL_OP_NO_COMPRESSION |
					     SSL_OP_CIPHER_SERVER_PREFERENCE |
					     SSL_OP_PRIORITIZE_CHACHA);
	SSL_CTX_set_read_ahead(context, 1);
	SSL_CTX_set_default_read_buffer_len(context, READ_AHEAD);
	SSL_CTX_set_verify_depth(context, CHAIN_MAX);
	/* Sessions are in tickets, or kept by who resumes them. */
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

SSL_CTX *tls_context_create(const SSL_METHOD *method, int min_version,
			    void *pointer, void (*release)(void *pointer))
{
	struct owner *owner = malloc(sizeof(*owner));
	SSL_CTX *context = SSL_CTX_new(method);

	pthread_once(&index_once, make_index);
	ERR_clear_error();
	if (!owner || !context || !set_algorithms(context, min_version))
		goto err_free;
	set_habits(context);
	*owner = (struct owner){ pointer, release };
	if (SSL_CTX_set_ex_data(context, owner_index, owner) != 1)
		goto err_free;
	return context;

err_free:
	SSL_CTX_free(context);
	free(owner);
	return NULL;
}

void *tls_context_owner(SSL_CTX *context)
{
	const struct owner *owner = SSL_CTX_get_ex_data(context, owner_index);

	return owner->pointer;
}

const char *tls_context_reason(const char *other)
{
	unsigned long error = ERR_peek_error();
	const char *text = NULL;

	if (ERR_SYSTEM_ERROR(error))
		text = strerror(ERR_GET_REASON(error));
	else if (ERR_GET_LIB(error) != ERR_LIB_PEM ||
		 ERR_GET_REASON(error) != PEM_R_NO_START_LINE)
		text = ERR_reason_error_string(error);
	ERR_clear_error();
	return text ? text : other;
}
