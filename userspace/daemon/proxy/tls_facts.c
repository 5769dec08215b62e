// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "sanitizer.h"
#include "tls.h"

/* Texts of a session that OpenSSL does not have in this form, made when asked for. */
enum text {
	TEXT_ALPN,
	TEXT_SUBJECT,
	TEXTS,
};

static pthread_once_t indexes_once = PTHREAD_ONCE_INIT;
static int indexes[TEXTS];

static void free_text(void *parent, void *text, CRYPTO_EX_DATA *data,
		      int number, long arg, void *more)
{
	(void)parent;
	(void)data;
	(void)number;
	(void)arg;
	(void)more;
	free(text);
}

static void make_indexes(void)
{
	for (int i = 0; i < TEXTS; i++)
		indexes[i] =
			SSL_get_ex_new_index(0, NULL, NULL, NULL, free_text);
}

/* @text belongs to the session afterwards. Return: it, or NULL. */
static const char *keep(SSL *session, enum text which, char *text)
{
	if (text && SSL_set_ex_data(session, indexes[which], text) == 1)
		return text;
	free(text);
	return NULL;
}

static const char *alpn_of(SSL *session)
{
	static const char http[] = "http/1.1";
	const unsigned char *name;
	unsigned int length;
	const char *text;

	SSL_get0_alpn_selected(session, &name, &length);
	if (!length)
		return NULL;
	if (length == sizeof(http) - 1 && memcmp(name, http, length) == 0)
		return http;
	text = SSL_get_ex_data(session, indexes[TEXT_ALPN]);
	return text ? text :
		      keep(session, TEXT_ALPN,
			   strndup((const char *)name, length));
}

/* RFC 2253, in ASCII: what is not is escaped. For free(), or NULL. */
static char *print_name(const X509 *certificate)
{
	BIO *to = BIO_new(BIO_s_mem());
	char *data, *text = NULL;
	long size;

	if (to && X509_NAME_print_ex(to, X509_get_subject_name(certificate), 0,
				     XN_FLAG_RFC2253) >= 0) {
		size = BIO_get_mem_data(to, &data);
		text = size > 0 ? strndup(data, (size_t)size) : strdup("");
	}
	BIO_free(to);
	return text;
}

static const char *subject_of(SSL *session)
{
	const X509 *certificate;
	const char *text;

	if (!SSL_is_server(session))
		return NULL;
	certificate = SSL_get0_peer_certificate(session);
	if (!certificate)
		return NULL;
	text = SSL_get_ex_data(session, indexes[TEXT_SUBJECT]);
	return text ? text :
		      keep(session, TEXT_SUBJECT, print_name(certificate));
}

void tls_facts(SSL *session, struct tls_facts *facts)
{
	pthread_once(&indexes_once, make_indexes);
	*facts = (struct tls_facts){
		.version = SSL_get_version(session),
		.cipher = SSL_get_cipher_name(session),
		.sni = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name),
		.alpn = alpn_of(session),
		.subject = subject_of(session),
		.resumed = SSL_session_reused(session),
	};
}

/* What OpenSSL says in a way that only it understands. */
static const char *reason_of(unsigned long error)
{
	static const struct {
		int reason;
		const char *text;
	} known[] = {
		{ SSL_R_HTTP_REQUEST, "HTTP without TLS" },
		{ SSL_R_HTTPS_PROXY_REQUEST, "HTTP without TLS" },
		{ SSL_R_WRONG_VERSION_NUMBER, "not TLS" },
		{ SSL_R_UNEXPECTED_EOF_WHILE_READING,
		  "closed by the peer without notice" },
		{ SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE,
		  "the client has no certificate, and one is required" },
		{ SSL_R_NO_APPLICATION_PROTOCOL,
		  "none of the client's protocols (ALPN) is spoken here" },
		{ SSL_R_TOO_MANY_KEY_UPDATES, "too many records without data" },
		{ SSL_R_UNSUPPORTED_PROTOCOL,
		  "the peer's version of TLS is too old" },
	};
	const char *text;

	if (ERR_SYSTEM_ERROR(error))
		return strerror(ERR_GET_REASON(error));
	for (size_t i = 0; ERR_GET_LIB(error) == ERR_LIB_SSL &&
			   i < sizeof(known) / sizeof(known[0]);
	     i++)
		if (known[i].reason == ERR_GET_REASON(error))
			return known[i].text;
	text = ERR_reason_error_string(error);
	return text ? text : "closed by the peer";
}

const char *tls_error(SSL *session)
{
	static _Thread_local char text[256];
	unsigned long error = ERR_peek_error();

	if (ERR_GET_LIB(error) == ERR_LIB_SSL &&
	    ERR_GET_REASON(error) == SSL_R_CERTIFICATE_VERIFY_FAILED)
		snprintf(text, sizeof(text), "certificate of the peer: %s",
			 X509_verify_cert_error_string(
				 SSL_get_verify_result(session)));
	else
		snprintf(text, sizeof(text), "%s", reason_of(error));
	ERR_clear_error();
	return text;
}

int tls_protect(void)
{
	if (SANITIZER)
		return 0;
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : -errno;
}
