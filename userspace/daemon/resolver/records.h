/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an answer of a name server says about a name. Pure. */
#ifndef DAEMON_RESOLVER_RECORDS_H
#define DAEMON_RESOLVER_RECORDS_H

#include <ares.h>

#include "../resolver.h"

/* Bytes of a problem's line, the NUL included. */
#define RESOLVER_PROBLEM_SIZE 512

/* A name as text, the NUL included (RFC 1035). */
#define RESOLVER_NAME_SIZE 254

/**
 * enum resolver_trouble - what is wrong with what is known; the worst comes last
 * @RESOLVER_FINE: nothing
 * @RESOLVER_PART: part of it was refused, or is missing
 * @RESOLVER_ABSENT: there is no such name, or it has no such record
 * @RESOLVER_FAILED: no answer that can be used
 */
enum resolver_trouble {
	RESOLVER_FINE,
	RESOLVER_PART,
	RESOLVER_ABSENT,
	RESOLVER_FAILED,
};

/**
 * struct resolver_target - one SRV record (RFC 2782)
 * @name: of the host, in small letters, without the last dot
 * @priority: the lowest that works is taken
 * @weight: share among those of one priority
 * @port: never 0
 * @given: its A and AAAA records if they came along, else NULL
 */
struct resolver_target {
	char name[RESOLVER_NAME_SIZE];
	uint16_t priority;
	uint16_t weight;
	uint16_t port;
	struct resolver_records *given[2];
};

/**
 * struct resolver_records - what was said; all zero is nothing
 * @trouble: what is wrong with it
 * @problem: the same in one line, of printable characters; empty: nothing
 * @valid_ms: lowest TTL of what leads to @addresses or @targets
 * @addresses: sorted, each once
 * @count: of @addresses
 * @targets: in place of addresses, sorted by priority, name and port
 * @target_count: of @targets
 */
struct resolver_records {
	enum resolver_trouble trouble;
	char problem[RESOLVER_PROBLEM_SIZE];
	uint64_t valid_ms;
	struct resolver_address *addresses;
	size_t count;
	struct resolver_target *targets;
	size_t target_count;
};

/**
 * resolver_records_read() - read an answer
 * @records: filled in; addresses have port and weight 0
 * @message: with response code NOERROR
 * @name: that was asked for, in small letters, without the last dot
 * @resolve: enum config_resolve
 */
void resolver_records_read(struct resolver_records *records,
			   const ares_dns_record_t *message, const char *name,
			   int resolve);

/**
 * resolver_records_fail() - nothing can be read
 * @records: filled in
 * @trouble: what is wrong
 * @format: of the line
 */
void resolver_records_fail(struct resolver_records *records,
			   enum resolver_trouble trouble, const char *format,
			   ...) __attribute__((format(printf, 3, 4)));

/**
 * resolver_records_sort() - addresses in their order, each once
 * @records: with addresses as they came
 *
 * Weights of one address and port are added. Those past RESOLVER_ADDRESSES_MAX
 * are left out, which is trouble.
 */
void resolver_records_sort(struct resolver_records *records);

/**
 * resolver_records_exit() - free what records point to
 * @records: read, or all zero
 */
void resolver_records_exit(struct resolver_records *records);

/**
 * resolver_addresses_equal() - whether two answers are the same
 * @x: addresses, sorted
 * @x_count: how many
 * @y: addresses, sorted
 * @y_count: how many
 *
 * Return: true if they are, weights included
 */
bool resolver_addresses_equal(const struct resolver_address *x, size_t x_count,
			      const struct resolver_address *y, size_t y_count);

#endif /* DAEMON_RESOLVER_RECORDS_H */
