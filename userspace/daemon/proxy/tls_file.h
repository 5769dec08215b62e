/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files with keys and certificates: read whole, wiped, and seen to change. */
#ifndef PROXY_TLS_FILE_H
#define PROXY_TLS_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* Bytes of one file. */
#define TLS_FILE_MAX (1024UL * 1024)

/**
 * struct tls_file_state - what tells a file from what it was; all zero: not there
 * @device: with @inode, which file
 * @inode: see @device
 * @size: bytes
 * @modified: ns since 1970
 * @changed: the same for owner and rights, too
 */
struct tls_file_state {
	uint64_t device;
	uint64_t inode;
	uint64_t size;
	int64_t modified;
	int64_t changed;
};

/**
 * struct tls_file - a file in memory
 * @data: bytes, with a NUL behind them
 * @size: how many
 */
struct tls_file {
	char *data;
	size_t size;
};

/* What there is at a path now. */
struct tls_file_state tls_file_look(const char *path);
bool tls_file_same(const struct tls_file_state *a,
		   const struct tls_file_state *b);

/* Whether it changed so short ago that another change might not show. */
bool tls_file_is_young(const struct tls_file_state *state);

/**
 * tls_file_read() - read a file
 * @path: of a regular file
 * @file: filled in, for tls_file_free()
 *
 * Return: 0, or a negative errno: -EFBIG: more than TLS_FILE_MAX, -EINVAL: not a
 * regular file.
 */
int tls_file_read(const char *path, struct tls_file *file);

/* Nothing of it stays in memory. */
void tls_file_free(struct tls_file *file);

/* What is wrong, and what would be right, for an error of tls_file_read(). */
const char *tls_file_error(int err);

#endif /* PROXY_TLS_FILE_H */
