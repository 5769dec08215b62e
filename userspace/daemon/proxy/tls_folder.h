/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which files of a folder are certificates, and which of their keys. */
#ifndef PROXY_TLS_FOLDER_H
#define PROXY_TLS_FOLDER_H

#include "tls_source.h"

/**
 * tls_pair_paths() - files that belong to a certificate
 * @pair: @paths filled in, for tls_pair_free()
 * @file: of the certificate; NAME.ocsp belongs to NAME.pem
 * @key: NULL: in @file
 *
 * Return: 0, or -ENOMEM: then none are filled in.
 */
int tls_pair_paths(struct tls_pair *pair, const char *file, const char *key);
void tls_pair_free(struct tls_pair *pair);

/**
 * tls_folder_list() - list the certificates of a folder
 * @folder: the path
 * @pairs: NAME.pem and NAME.crt, with NAME.key where it is there, by name; for
 *	tls_pair_free() and free()
 * @count: how many
 *
 * Return: 0, or a negative errno: -E2BIG: more than TLS_FOLDER_MAX.
 */
int tls_folder_list(const char *folder, struct tls_pair **pairs, size_t *count);

#endif /* PROXY_TLS_FOLDER_H */
