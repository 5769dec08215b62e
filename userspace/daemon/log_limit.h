/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which messages come too often to be written. No clock of its own. */
#ifndef DAEMON_LOG_LIMIT_H
#define DAEMON_LOG_LIMIT_H

#include <stdbool.h>

#include "log.h"

/* Of equal messages so many are written in this time. */
#define LOG_EQUAL_MAX 5
#define LOG_EQUAL_SECONDS 30

/* Of all of a level so many at once, and so many a second in the long run. */
#define LOG_BURST 10000
#define LOG_RATE 100

#define LOG_LIMIT_SLOTS 256

/**
 * struct log_limit - what was written lately; all zero: nothing
 * @slots: messages by their hash; one that another takes the place of is forgotten
 * @used: by level: how much of the burst is used up, in nanoseconds that it takes
 *	to come back
 * @at: by level: time of the last message
 * @too_many: messages of any level that were left out since the last
 *	log_limit_too_many()
 */
struct log_limit {
	struct {
		uint64_t hash;
		uint64_t since;
		uint64_t count;
	} slots[LOG_LIMIT_SLOTS];
	uint64_t used[CONFIG_LOG_DEBUG + 1];
	uint64_t at[CONFIG_LOG_DEBUG + 1];
	uint64_t too_many;
};

/**
 * struct log_verdict - what becomes of a message
 * @write: it is written
 * @last: the next equal ones are not
 * @repeated: equal ones before it that were not
 */
struct log_verdict {
	bool write;
	bool last;
	uint64_t repeated;
};

/**
 * log_limit_judge() - may it be written?
 * @limit: what was written lately
 * @level: of the message
 * @hash: of all that is in it
 * @now: nanoseconds that never go back
 *
 * Return: the answer; what is to be written counts as written
 */
struct log_verdict log_limit_judge(struct log_limit *limit,
				   enum config_log_level level, uint64_t hash,
				   uint64_t now);

/**
 * log_limit_too_many() - take how many were left out because there were too many
 * @limit: what was written lately
 *
 * Return: the number since the last call
 */
uint64_t log_limit_too_many(struct log_limit *limit);

#endif /* DAEMON_LOG_LIMIT_H */
