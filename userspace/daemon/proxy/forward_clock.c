// SPDX-License-Identifier: GPL-2.0-or-later
#include "forward_clock.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

static void put_two(char *to, int number)
{
	to[0] = (char)('0' + number / 10 % 10);
	to[1] = (char)('0' + number % 10);
}

const char *forward_clock_date(struct forward_clock *clock, int64_t second)
{
	/* Of their own: strftime() has those of the locale. */
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t time = (time_t)second;
	char *date = clock->date;
	struct tm tm;

	if (clock->second == second && date[0])
		return date;
	gmtime_r(&time, &tm);
	memcpy(date, "Day, 00 Mon 0000 00:00:00 GMT", FORWARD_DATE_LENGTH + 1);
	memcpy(date, days + (ptrdiff_t)tm.tm_wday * 3, 3);
	put_two(date + 5, tm.tm_mday);
	memcpy(date + 8, months + (ptrdiff_t)tm.tm_mon * 3, 3);
	put_two(date + 12, (tm.tm_year + 1900) / 100);
	put_two(date + 14, tm.tm_year + 1900);
	put_two(date + 17, tm.tm_hour);
	put_two(date + 20, tm.tm_min);
	put_two(date + 23, tm.tm_sec);
	clock->second = second;
	return date;
}
