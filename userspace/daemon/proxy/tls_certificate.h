/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One certificate with its chain, its key and what is stapled to it. */
#ifndef PROXY_TLS_CERTIFICATE_H
#define PROXY_TLS_CERTIFICATE_H

#include <openssl/ssl.h>
#include <stdbool.h>

/* Of each kind, a name may have one certificate. */
enum tls_key_kind {
	TLS_KEY_EC,
	TLS_KEY_ED,
	TLS_KEY_RSA,
	TLS_KEY_OTHER,
	TLS_KEY_KINDS,
};

/**
 * struct tls_certificate - read from files; nothing of it changes
 * @users: who holds it; atomic
 * @leaf: the certificate; a staple hangs on it (tls_staple.h)
 * @chain: what is sent with it
 * @key: its private key
 * @kind: of @key
 * @names: of hosts, in lower case, may begin with "*."
 * @name_count: how many
 */
struct tls_certificate {
	unsigned int users;
	X509 *leaf;
	STACK_OF(X509) * chain;
	EVP_PKEY *key;
	enum tls_key_kind kind;
	char **names;
	size_t name_count;
};

/* Files of a certificate. */
enum tls_certificate_file {
	TLS_FILE_CERTIFICATE,
	TLS_FILE_KEY,
	TLS_FILE_STAPLE,
	TLS_FILES,
};

/**
 * struct tls_certificate_error - why a certificate cannot be used
 * @file: in which file that is
 * @text: one line, with the path
 */
struct tls_certificate_error {
	enum tls_certificate_file file;
	char text[512];
};

/**
 * tls_certificate_read() - read and check one
 * @paths: by enum tls_certificate_file; no key: it is in the certificate's file;
 *	no file of a staple: there is none
 * @error: filled in if it cannot be used
 *
 * What does not keep it from being used is a warning in the log: it has expired, a
 * staple that is not right. Context: main thread.
 *
 * Return: for tls_certificate_put(), or NULL.
 */
struct tls_certificate *
tls_certificate_read(char *const paths[TLS_FILES],
		     struct tls_certificate_error *error);
struct tls_certificate *
tls_certificate_get(struct tls_certificate *certificate);
void tls_certificate_put(struct tls_certificate *certificate);

/**
 * tls_certificate_use() - let a session have it
 * @certificate: one of the kinds that it may choose from
 * @ssl: in its callback for certificates
 *
 * Return: whether that worked.
 */
bool tls_certificate_use(const struct tls_certificate *certificate, SSL *ssl);

#endif /* PROXY_TLS_CERTIFICATE_H */
