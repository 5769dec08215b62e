/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a request looks like in an access log. Pure but for the time zone. */
#ifndef PROXY_ACCESS_LINE_H
#define PROXY_ACCESS_LINE_H

#include "access.h"
#include "log_line.h"
#include "log_sink.h"

/* With its end: as long as a pipe takes it whole, and syslog with its header. */
#define ACCESS_LINE_MAX (LOG_LINE_MAX - LOG_HEADER_MAX)

/**
 * struct access_clock - a time that was written last; all zero: none
 * @second: since 1970
 * @length: of the text, 0: none
 * @text: how it was written, without parts of a second
 */
struct access_clock {
	uint64_t second;
	size_t length;
	char text[40];
};

/**
 * access_line_json() - an object of JSON
 * @to: room for ACCESS_LINE_MAX
 * @record: the request; what is not there is left out
 * @clock: of lines of this form
 *
 * Return: the end of the line, behind its line feed.
 */
char *access_line_json(char *to, const struct access_record *record,
		       struct access_clock *clock);

/**
 * access_line_combined() - the combined format of Apache and nginx
 *
 * In local time. No status is written as 000, what else is not there as "-".
 */
char *access_line_combined(char *to, const struct access_record *record,
			   struct access_clock *clock);

#endif /* PROXY_ACCESS_LINE_H */
