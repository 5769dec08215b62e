/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), without channel binding. */
#ifndef DAEMON_CHECK_SCRAM_H
#define DAEMON_CHECK_SCRAM_H

#include <stdbool.h>
#include <stddef.h>

#define SCRAM_NONCE_SIZE 25
#define SCRAM_KEY_SIZE 32
#define SCRAM_TEXT_SIZE 512

/* Rounds of hashing that a server may ask for: some milliseconds. */
#define SCRAM_ROUNDS_MAX 20000

/**
 * struct scram - one exchange
 * @nonce: the client's
 * @server_signature: what the server has to prove itself with
 */
struct scram {
	char nonce[SCRAM_NONCE_SIZE];
	unsigned char server_signature[SCRAM_KEY_SIZE];
};

/**
 * scram_first() - the client's first message
 * @scram: to be filled in
 * @to: SCRAM_TEXT_SIZE bytes; the name in it is empty, as PostgreSQL wants it
 *
 * Return: whether there was randomness for it
 */
bool scram_first(struct scram *scram, char *to);

/**
 * scram_final() - the client's second message
 * @scram: after scram_first()
 * @password: in UTF-8, normalised
 * @first: the server's first message
 * @length: of @first
 * @to: SCRAM_TEXT_SIZE bytes
 *
 * Return: NULL, or what is wrong with the server's message
 */
const char *scram_final(struct scram *scram, const char *password,
			const char *first, size_t length, char *to);

/**
 * scram_verify() - whether the server knows the password, too
 * @scram: after scram_final()
 * @final: the server's second message
 * @length: of @final
 *
 * Return: whether it does
 */
bool scram_verify(const struct scram *scram, const char *final, size_t length);

#endif /* DAEMON_CHECK_SCRAM_H */
