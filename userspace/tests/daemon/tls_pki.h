/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates for tests, in a folder of their own below /tmp. */
#ifndef TESTS_TLS_PKI_H
#define TESTS_TLS_PKI_H

#include <dirent.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PKI_DAY 86400L

/* An authority. */
struct pki {
	char folder[64];
	EVP_PKEY *key;
	X509 *cert;
};

/* What a certificate shall be; all zero: ECDSA, valid for a month. */
struct pki_wish {
	const char *names;  /* "DNS:a.test,IP:127.0.0.1", NULL: none */
	const char *common; /* NULL: "test" */
	const char *type;   /* "RSA", NULL: "EC" */
	long from;	    /* 0: a day ago */
	long until;	    /* 0: in a month */
};

static inline void pki_need(bool good, const char *what)
{
	if (good)
		return;
	printf("Bail out! %s\n", what);
	exit(1);
}

static inline const char *pki_path(const struct pki *pki, const char *name)
{
	static _Thread_local char paths[8][384];
	static _Thread_local unsigned int at;
	char *path = paths[at++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", pki->folder, name);
	return path;
}

static inline EVP_PKEY *pki_key(const char *type)
{
	EVP_PKEY *key = type && strcmp(type, "RSA") == 0 ? EVP_RSA_gen(2048) :
							   EVP_EC_gen("P-256");

	pki_need(key, "no key");
	return key;
}

static inline void pki_extend(X509 *cert, X509 *issuer, int nid,
			      const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;

	X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	pki_need(extension && X509_add_ext(cert, extension, -1) == 1,
		 "no extension");
	X509_EXTENSION_free(extension);
}

/* Signed by @signer, or by itself. */
static inline X509 *pki_cert(const struct pki *signer, EVP_PKEY *key,
			     const struct pki_wish *wish)
{
	X509 *cert = X509_new();
	const char *common = wish->common ? wish->common : "test";
	uint64_t serial;

	RAND_bytes((unsigned char *)&serial, sizeof(serial));
	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial >> 2);
	X509_gmtime_adj(X509_getm_notBefore(cert),
			wish->from ? wish->from : -PKI_DAY);
	X509_gmtime_adj(X509_getm_notAfter(cert),
			wish->until ? wish->until : 30 * PKI_DAY);
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN",
				   MBSTRING_ASC, (const unsigned char *)common,
				   -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(signer ? signer->cert :
								  cert));
	if (wish->names)
		pki_extend(cert, cert, NID_subject_alt_name, wish->names);
	if (!signer)
		pki_extend(cert, cert, NID_basic_constraints,
			   "critical,CA:TRUE");
	pki_need(X509_sign(cert, signer ? signer->key : key, EVP_sha256()),
		 "not signed");
	return cert;
}

static inline void pki_write(const struct pki *pki, const char *name,
			     X509 *cert, X509 *issuer, EVP_PKEY *key)
{
	FILE *to = fopen(pki_path(pki, name), "w");

	pki_need(to, name);
	if (cert)
		PEM_write_X509(to, cert);
	if (issuer)
		PEM_write_X509(to, issuer);
	if (key)
		PEM_write_PrivateKey(to, key, NULL, NULL, 0, NULL, NULL);
	fclose(to);
}

static inline void pki_write_text(const struct pki *pki, const char *name,
				  const void *text, size_t size)
{
	FILE *to = fopen(pki_path(pki, name), "w");

	pki_need(to && fwrite(text, 1, size, to) == size && !fclose(to), name);
}

/* NAME.pem with certificate, authority and key. */
static inline void pki_issue(const struct pki *pki, const char *file,
			     struct pki_wish wish)
{
	EVP_PKEY *key = pki_key(wish.type);
	X509 *cert = pki_cert(pki, key, &wish);

	pki_write(pki, file, cert, pki->cert, key);
	X509_free(cert);
	EVP_PKEY_free(key);
}

/* The authority is in "ca", a file that no folder of certificates counts. */
static inline void pki_begin(struct pki *pki, const char *name)
{
	const struct pki_wish wish = { .common = name };

	strcpy(pki->folder, "/tmp/sluice-pki-XXXXXX");
	pki_need(mkdtemp(pki->folder), "no folder");
	pki->key = pki_key(NULL);
	pki->cert = pki_cert(NULL, pki->key, &wish);
	pki_write(pki, "ca", pki->cert, NULL, NULL);
}

static inline void pki_end(struct pki *pki)
{
	DIR *dir = opendir(pki->folder);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			unlink(pki_path(pki, entry->d_name));
	if (dir)
		closedir(dir);
	rmdir(pki->folder);
	X509_free(pki->cert);
	EVP_PKEY_free(pki->key);
}

#endif /* TESTS_TLS_PKI_H */
