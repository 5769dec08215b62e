// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "reply.h"
#include "stream.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Return: 100 to 599, or 0: not the beginning of a reply */
static unsigned int code_of(const char *line, size_t length)
{
	if (length < 3 || line[0] < '1' || line[0] > '5' ||
	    !is_digit(line[1]) || !is_digit(line[2]))
		return 0;
	if (length > 3 && line[3] != ' ' && line[3] != '-')
		return 0;
	return (unsigned int)(line[0] - '0') * 100 +
	       (unsigned int)(line[1] - '0') * 10 +
	       (unsigned int)(line[2] - '0');
}

unsigned int check_reply_next(struct check_run *run, unsigned int *begun,
			      char *text)
{
	const char *line;
	size_t length, size;

	/*
	 * Each line is looked at by itself: FTP lets those between the first and
	 * the last be anything, so what does not end a reply is passed over once
	 * one has begun.
	 */
	while ((line = check_stream_line(run, &length, &size))) {
		unsigned int code = code_of(line, length);
		bool last = code && (length == 3 || line[3] == ' ');

		check_quote(text, line, length);
		if (!*begun && !code) {
			check_fail(run, "%s instead of %s", text,
				   run->waiting_for);
			return 0;
		}
		if (!*begun)
			*begun = code;
		last = last && code == *begun;
		check_stream_consume(run, size);
		if (last) {
			*begun = 0;
			return code;
		}
	}
	return 0;
}

void check_reply_send(struct check_run *run, const char *waiting_for,
		      const char *verb, const char *argument)
{
	char line[300];
	int length;

	length = snprintf(line, sizeof(line), "%s%s%s\r\n", verb,
			  argument ? " " : "", argument ? argument : "");
	run->waiting_for = waiting_for;
	check_stream_send(run, line, (size_t)length);
}

bool check_word(const char *text)
{
	if (!text)
		return true;
	if (!*text || strlen(text) > 255)
		return false;
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}
