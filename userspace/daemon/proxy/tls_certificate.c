// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "tls_certificate.h"
#include "tls_file.h"
#include "tls_staple.h"

/* Certificates that are sent with one. */
#define CHAIN_MAX 16

__attribute__((format(printf, 3, 4))) static bool
fail(struct tls_certificate_error *error, enum tls_certificate_file file,
     const char *format, ...)
{
	va_list args;

	ERR_clear_error();
	error->file = file;
	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return false;
}

static void warn(const char *path, const char *what)
{
	const struct log_field about[] = { { "file", path }, { NULL, NULL } };

	log_warning(about, "certificate: %s", what);
}

/* Keys in files with a passphrase are of no use to a daemon. */
static int no_passphrase(char *to, int size, int writing, void *asked)
{
	(void)to;
	(void)size;
	(void)writing;
	*(bool *)asked = true;
	return -1;
}

static bool at_end(void)
{
	unsigned long error = ERR_peek_last_error();
	bool end = ERR_GET_LIB(error) == ERR_LIB_PEM &&
		   ERR_GET_REASON(error) == PEM_R_NO_START_LINE;

	ERR_clear_error();
	return end;
}

static bool read_chain(struct tls_certificate *certificate, BIO *from,
		       const char *path, struct tls_certificate_error *error)
{
	X509 *next;

	certificate->leaf = PEM_read_bio_X509(from, NULL, NULL, NULL);
	if (!certificate->leaf)
		return fail(
			error, TLS_FILE_CERTIFICATE,
			at_end() ? "%s: no certificate in it; PEM is expected" :
				   "%s: a certificate in it is cut or damaged",
			path);
	certificate->chain = sk_X509_new_null();
	while (certificate->chain &&
	       (next = PEM_read_bio_X509(from, NULL, NULL, NULL))) {
		if (sk_X509_num(certificate->chain) == CHAIN_MAX ||
		    !sk_X509_push(certificate->chain, next)) {
			X509_free(next);
			return fail(
				error, TLS_FILE_CERTIFICATE,
				"%s: more than %d certificates behind the first; that is the limit",
				path, CHAIN_MAX);
		}
	}
	if (!certificate->chain || !at_end())
		return fail(error, TLS_FILE_CERTIFICATE,
			    "%s: a certificate in it is cut or damaged", path);
	return true;
}

static bool read_key(struct tls_certificate *certificate,
		     const struct tls_file *file, const char *path,
		     bool separate, struct tls_certificate_error *error)
{
	enum tls_certificate_file which = separate ? TLS_FILE_KEY :
						     TLS_FILE_CERTIFICATE;
	BIO *from = BIO_new_mem_buf(file->data, (int)file->size);
	bool asked = false;

	if (from)
		certificate->key = PEM_read_bio_PrivateKey(
			from, NULL, no_passphrase, &asked);
	BIO_free(from);
	if (certificate->key)
		return true;
	if (asked)
		return fail(error, which,
			    "%s: the key has a passphrase; give it without one",
			    path);
	return fail(
		error, which,
		separate ?
			"%s: no private key in it; PEM is expected" :
			"%s: no private key in it; give it with 'key', or in a folder as NAME.key",
		path);
}

static enum tls_key_kind kind_of(const EVP_PKEY *key)
{
	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_EC:
		return TLS_KEY_EC;
	case EVP_PKEY_ED25519:
	case EVP_PKEY_ED448:
		return TLS_KEY_ED;
	case EVP_PKEY_RSA:
		return TLS_KEY_RSA;
	default:
		return TLS_KEY_OTHER;
	}
}

/*
 * What certificates are tried on, of the main thread: to make one for each would take
 * longer than all the rest. It holds the last one of a kind, until the end.
 */
static SSL_CTX *fitting(void)
{
	static SSL_CTX *context;

	if (!context)
		context = SSL_CTX_new(TLS_server_method());
	return context;
}

/* What TLS itself would not take: a key that is short, a weak signature. */
static bool check_use(const struct tls_certificate *certificate,
		      const char *path, struct tls_certificate_error *error)
{
	SSL_CTX *context = fitting();
	const char *reason;

	ERR_clear_error();
	if (context && SSL_CTX_use_cert_and_key(context, certificate->leaf,
						certificate->key,
						certificate->chain, 1) == 1)
		return true;
	reason = ERR_reason_error_string(ERR_peek_error());
	return fail(error, TLS_FILE_CERTIFICATE, "%s: not fit for TLS: %s",
		    path, reason ? reason : "out of memory");
}

static bool add_name(struct tls_certificate *certificate,
		     const ASN1_STRING *text)
{
	size_t length = (size_t)ASN1_STRING_length(text);
	const unsigned char *from = ASN1_STRING_get0_data(text);
	char **names, *name;

	/* Of no host: empty, too long, or with what no name has. */
	if (!length || length > 253)
		return true;
	for (size_t i = 0; i < length; i++)
		if (from[i] <= ' ' || from[i] >= 0x7f)
			return true;
	names = reallocarray(certificate->names, certificate->name_count + 1,
			     sizeof(*names));
	if (!names)
		return false;
	certificate->names = names;
	name = malloc(length + 1);
	if (!name)
		return false;
	for (size_t i = 0; i < length; i++)
		name[i] = (char)tolower(from[i]);
	name[length] = '\0';
	names[certificate->name_count++] = name;
	return true;
}

/* Of hosts in the extension; the common name only where there are none. */
static bool read_names(struct tls_certificate *certificate)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(
		certificate->leaf, NID_subject_alt_name, NULL, NULL);
	X509_NAME *subject = X509_get_subject_name(certificate->leaf);
	bool any = false, good = true;
	int at;

	for (int i = 0; good && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type != GEN_DNS)
			continue;
		any = true;
		good = add_name(certificate, name->d.dNSName);
	}
	GENERAL_NAMES_free(names);
	if (any || !good)
		return good;
	at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	if (at < 0)
		return true;
	return add_name(certificate, X509_NAME_ENTRY_get_data(
					     X509_NAME_get_entry(subject, at)));
}

static void warn_of_times(const struct tls_certificate *certificate,
			  const char *path)
{
	if (X509_cmp_current_time(X509_get0_notAfter(certificate->leaf)) < 0)
		warn(path, "has expired; renew it");
	else if (X509_cmp_current_time(X509_get0_notBefore(certificate->leaf)) >
		 0)
		warn(path, "is not valid yet; look at the clock");
}

static void read_staple(struct tls_certificate *certificate, const char *path)
{
	struct tls_file file;
	const char *wrong;
	char text[256];
	int err = tls_file_read(path, &file);

	if (err == -ENOENT)
		return;
	if (err)
		wrong = tls_file_error(err);
	else
		wrong = tls_staple_set(certificate->leaf, certificate->chain,
				       (const uint8_t *)file.data, file.size);
	tls_file_free(&file);
	ERR_clear_error();
	if (!wrong)
		return;
	snprintf(text, sizeof(text), "the response of OCSP is not stapled: %s",
		 wrong);
	warn(path, text);
}

static bool read_files(struct tls_certificate *certificate,
		       char *const paths[TLS_FILES],
		       struct tls_certificate_error *error)
{
	const char *path = paths[TLS_FILE_CERTIFICATE];
	const char *key_path = paths[TLS_FILE_KEY];
	struct tls_file file, key = { 0 };
	bool good = false;
	BIO *from;
	int err;

	err = tls_file_read(path, &file);
	if (err)
		return fail(error, TLS_FILE_CERTIFICATE, "%s: %s", path,
			    tls_file_error(err));
	err = key_path ? tls_file_read(key_path, &key) : 0;
	from = BIO_new_mem_buf(file.data, (int)file.size);
	if (err)
		fail(error, TLS_FILE_KEY, "%s: %s", key_path,
		     tls_file_error(err));
	else if (!from)
		fail(error, TLS_FILE_CERTIFICATE, "%s: out of memory", path);
	else
		good = read_chain(certificate, from, path, error) &&
		       read_key(certificate, key_path ? &key : &file,
				key_path ? key_path : path, key_path, error);
	BIO_free(from);
	tls_file_free(&key);
	tls_file_free(&file);
	return good;
}

static bool fill_in(struct tls_certificate *certificate,
		    char *const paths[TLS_FILES],
		    struct tls_certificate_error *error)
{
	const char *path = paths[TLS_FILE_CERTIFICATE];

	if (!read_files(certificate, paths, error))
		return false;
	certificate->kind = kind_of(certificate->key);
	if (X509_check_private_key(certificate->leaf, certificate->key) != 1) {
		if (!paths[TLS_FILE_KEY])
			return fail(
				error, TLS_FILE_CERTIFICATE,
				"%s: the key in it is not that of the first certificate; the server's own comes first",
				path);
		return fail(
			error, TLS_FILE_KEY,
			"%s: not the key of the first certificate in %s; the server's own comes first",
			paths[TLS_FILE_KEY], path);
	}
	if (!check_use(certificate, path, error))
		return false;
	if (!read_names(certificate))
		return fail(error, TLS_FILE_CERTIFICATE, "%s: out of memory",
			    path);
	return true;
}

struct tls_certificate *
tls_certificate_read(char *const paths[TLS_FILES],
		     struct tls_certificate_error *error)
{
	struct tls_certificate *certificate = calloc(1, sizeof(*certificate));
	const char *path = paths[TLS_FILE_CERTIFICATE];

	if (!certificate) {
		fail(error, TLS_FILE_CERTIFICATE, "%s: out of memory", path);
		return NULL;
	}
	certificate->users = 1;
	if (!fill_in(certificate, paths, error)) {
		tls_certificate_put(certificate);
		return NULL;
	}
	warn_of_times(certificate, path);
	if (paths[TLS_FILE_STAPLE])
		read_staple(certificate, paths[TLS_FILE_STAPLE]);
	return certificate;
}

struct tls_certificate *tls_certificate_get(struct tls_certificate *certificate)
{
	__atomic_fetch_add(&certificate->users, 1, __ATOMIC_RELAXED);
	return certificate;
}

void tls_certificate_put(struct tls_certificate *certificate)
{
	if (!certificate ||
	    __atomic_sub_fetch(&certificate->users, 1, __ATOMIC_ACQ_REL))
		return;
	X509_free(certificate->leaf);
	sk_X509_pop_free(certificate->chain, X509_free);
	EVP_PKEY_free(certificate->key);
	for (size_t i = 0; i < certificate->name_count; i++)
		free(certificate->names[i]);
	free(certificate->names);
	free(certificate);
}

bool tls_certificate_use(const struct tls_certificate *certificate, SSL *ssl)
{
	return SSL_use_cert_and_key(ssl, certificate->leaf, certificate->key,
				    certificate->chain, 1) == 1;
}
