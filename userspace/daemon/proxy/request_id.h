/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers of requests: a counter, hashed with a random key of the worker. Two
 * workers, on whatever nodes, have the same number with the probability of two
 * random ones of 128 bits, and who has seen some cannot tell the next.
 */
#ifndef PROXY_REQUEST_ID_H
#define PROXY_REQUEST_ID_H

#include "sip_hash.h"

/* Hexadecimal digits of one, without the 0 behind them. */
#define REQUEST_ID_LENGTH 32

/**
 * struct request_ids - the numbers of one worker
 * @key: from the kernel's random numbers
 * @next: what the next one is made of
 */
struct request_ids {
	struct sip_key key;
	uint64_t next;
};

/**
 * request_ids_init() - begin
 * @ids: of one thread
 *
 * Return: 0, or a negative errno: the kernel has no random numbers.
 */
int request_ids_init(struct request_ids *ids);

/**
 * request_ids_next() - make a number
 * @ids: initialised
 * @to: filled in with digits in lower case, and a 0
 *
 * Context: no system call.
 */
void request_ids_next(struct request_ids *ids, char to[REQUEST_ID_LENGTH + 1]);

#endif /* PROXY_REQUEST_ID_H */
