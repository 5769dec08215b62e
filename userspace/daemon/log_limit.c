// SPDX-License-Identifier: GPL-2.0-or-later
#include "log_limit.h"

#define NS_PER_S UINT64_C(1000000000)

/* Every message takes so long to be forgotten, and the burst is so long. */
#define COST (NS_PER_S / LOG_RATE)
#define BURST (COST * LOG_BURST)

static bool is_too_many(struct log_limit *limit, enum config_log_level level,
			uint64_t now)
{
	uint64_t passed = now - limit->at[level];
	uint64_t *used = &limit->used[level];

	*used -= passed < *used ? passed : *used;
	limit->at[level] = now;
	if (*used + COST > BURST)
		return true;
	*used += COST;
	return false;
}

struct log_verdict log_limit_judge(struct log_limit *limit,
				   enum config_log_level level, uint64_t hash,
				   uint64_t now)
{
	typeof(limit->slots[0]) *slot = &limit->slots[hash % LOG_LIMIT_SLOTS];
	struct log_verdict verdict = { .write = false };

	if (slot->hash != hash || slot->count == 0) {
		slot->hash = hash;
		slot->since = now;
		slot->count = 0;
	} else if (now - slot->since >= LOG_EQUAL_SECONDS * NS_PER_S) {
		if (slot->count > LOG_EQUAL_MAX)
			verdict.repeated = slot->count - LOG_EQUAL_MAX;
		slot->since = now;
		slot->count = 0;
	}
	slot->count++;
	if (slot->count > LOG_EQUAL_MAX)
		return verdict;
	if (is_too_many(limit, level, now)) {
		limit->too_many++;
		return verdict;
	}
	verdict.write = true;
	verdict.last = slot->count == LOG_EQUAL_MAX;
	return verdict;
}

uint64_t log_limit_too_many(struct log_limit *limit)
{
	uint64_t count = limit->too_many;

	limit->too_many = 0;
	return count;
}
