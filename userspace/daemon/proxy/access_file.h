/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where lines of access logs go: between the logs of the workers, and log_sink.h. */
#ifndef PROXY_ACCESS_FILE_H
#define PROXY_ACCESS_FILE_H

#include "access.h"

/* Return: the same, for one more access_file_put(). Context: any thread. */
struct access_file *access_file_get(struct access_file *file);

/**
 * access_file_write() - write lines
 * @file: which all workers may write to at the same time
 * @text: whole lines of ACCESS_LINE_MAX bytes at most
 * @length: of all of them, not 0
 * @lines: how many
 *
 * It does not wait for a reader. What is not taken is counted, and said in the
 * daemon's log now and then.
 */
void access_file_write(struct access_file *file, const char *text,
		       size_t length, size_t lines);

/* Count lines that there was no memory for. */
void access_file_lose(struct access_file *file, size_t lines);

#endif /* PROXY_ACCESS_FILE_H */
