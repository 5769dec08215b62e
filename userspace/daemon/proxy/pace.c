// SPDX-License-Identifier: GPL-2.0-or-later
#include "pace.h"

#define US_PER_SEC 1000000U
#define NS_PER_US 1000U

bool pace_is_kept(struct pace *pace, int64_t bytes, uint64_t rate)
{
	/* A rate of 2^32 takes 68 years to make one of these too large. */
	uint64_t us = pace->waited / NS_PER_US;
	int64_t due = (int64_t)(us / US_PER_SEC * rate +
				us % US_PER_SEC * rate / US_PER_SEC);
	bool kept = !rate || bytes - pace->bytes >= due;

	pace->bytes = bytes;
	pace->waited = 0;
	return kept;
}
