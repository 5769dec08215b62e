// SPDX-License-Identifier: GPL-2.0-or-later
#include "health.h"

bool check_health_feed(struct check_health *health,
		       const struct check_spec *spec, bool passed)
{
	enum check_state wanted = passed ? CHECK_UP : CHECK_DOWN;
	unsigned int needed = passed ? spec->rise : spec->fall;

	if (health->state == wanted) {
		health->against = 0;
		return false;
	}
	if (health->state != CHECK_UNKNOWN && ++health->against < needed)
		return false;
	health->state = wanted;
	health->against = 0;
	return true;
}

unsigned int check_health_interval(const struct check_health *health,
				   const struct check_spec *spec)
{
	unsigned int interval = spec->interval_ms;

	if (health->state == CHECK_UNKNOWN || health->against > 0) {
		if (spec->fast_interval_ms)
			interval = spec->fast_interval_ms;
	} else if (health->state == CHECK_DOWN && spec->down_interval_ms) {
		interval = spec->down_interval_ms;
	}
	return interval ? interval : 1;
}

unsigned int check_delay_first(unsigned int number, unsigned int interval_ms)
{
	/* The golden ratio's fraction, in 2^-32. */
	uint32_t fraction = number * 2654435769U;

	return (unsigned int)((uint64_t)fraction * interval_ms >> 32);
}

unsigned int check_delay_next(unsigned int interval_ms, uint64_t late_ms,
			      unsigned int jitter_percent, uint32_t random,
			      unsigned int number)
{
	uint64_t range = (uint64_t)interval_ms * jitter_percent / 100;
	uint64_t delay;

	if (late_ms >= 2 * (uint64_t)interval_ms)
		return check_delay_first(number, interval_ms);
	/* From the interval less @range to the interval and @range. */
	delay = interval_ms - range + ((2 * range + 1) * random >> 32);
	return delay > late_ms ? (unsigned int)(delay - late_ms) : 0;
}
