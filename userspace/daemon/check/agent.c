// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent: a program beside the server says what it wants, in a line of words as
 * HAProxy's agent-check takes them:
 *
 *	75%                      weight, of the configured one
 *	up, down, stopped, fail  up, or down; what follows # is the reason
 *	ready, drain, maint      what new connections are to do
 *
 *	maxconn:100              taken, and not used
 *
 * Words are parted by spaces, tabs and commas. 'failed' is taken for fail, as well.
 * An agent that does not answer is a failure, like that of any other check.
 */
#include <ctype.h>
#include <string.h>

#include "kinds.h"
#include "stream.h"

#define WEIGHT_MAX 256

struct answer {
	bool down;
	bool understood;
};

static bool is_word(const char *word, size_t length, const char *name)
{
	return length == strlen(name) && strncasecmp(word, name, length) == 0;
}

static bool is_number(const char *word, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isdigit((unsigned char)word[i]))
			return false;
	return length > 0;
}

/* A word of HAProxy's for a limit that the configuration sets here. */
static bool is_maxconn(const char *word, size_t length)
{
	static const char name[] = "maxconn:";
	size_t size = sizeof(name) - 1;

	return length > size && strncasecmp(word, name, size) == 0 &&
	       is_number(word + size, length - size);
}

/* Return: whether it is a weight in percent that can be */
static bool take_weight(struct check_report *report, const char *word,
			size_t length)
{
	int weight = 0;

	if (length > 4 || word[length - 1] != '%' ||
	    !is_number(word, length - 1))
		return false;
	for (size_t i = 0; i < length - 1; i++)
		weight = weight * 10 + (word[i] - '0');
	if (weight > WEIGHT_MAX)
		return false;
	report->weight_percent = weight;
	return true;
}

static bool take_word(struct check_report *report, struct answer *answer,
		      const char *word, size_t length)
{
	if (is_word(word, length, "up")) {
		answer->down = false;
	} else if (is_word(word, length, "down") ||
		   is_word(word, length, "stopped") ||
		   is_word(word, length, "fail") ||
		   is_word(word, length, "failed")) {
		answer->down = true;
	} else if (is_word(word, length, "ready")) {
		report->advice = CHECK_ADVICE_READY;
	} else if (is_word(word, length, "drain")) {
		report->advice = CHECK_ADVICE_DRAIN;
	} else if (is_word(word, length, "maint")) {
		report->advice = CHECK_ADVICE_MAINT;
	} else if (!is_maxconn(word, length)) {
		return take_weight(report, word, length);
	}
	return true;
}

static bool is_separator(char c)
{
	return c == ' ' || c == '\t' || c == ',';
}

static size_t span(const char *line, size_t length, bool separators)
{
	size_t i = 0;

	while (i < length && is_separator(line[i]) == separators)
		i++;
	return i;
}

static void take_line(struct check_run *run, const char *line, size_t length)
{
	const char *comment = memchr(line, '#', length);
	size_t words = comment ? (size_t)(comment - line) : length, n;
	struct answer answer = { 0 };
	char quote[CHECK_QUOTE_SIZE];

	check_quote(quote, line, length);
	for (;;) {
		n = span(line, words, true);
		line += n;
		words -= n;
		if (!words)
			break;
		n = span(line, words, false);
		if (!take_word(&run->report, &answer, line, n)) {
			run->report.advice = CHECK_ADVICE_NONE;
			run->report.weight_percent = CHECK_NO_WEIGHT;
			check_fail(run, "%s: not what an agent says", quote);
			return;
		}
		answer.understood = true;
		line += n;
		words -= n;
	}
	if (!answer.understood || answer.down)
		check_fail(run, "agent says %s", quote);
	else
		check_pass(run, "agent says %s", quote);
}

static void begin(struct check_run *run)
{
	const struct check_spec *spec = run->check->spec;

	run->waiting_for = "a line of the agent";
	if (spec->send_length)
		check_stream_send(run, spec->send, spec->send_length);
}

static void received(struct check_run *run, bool end)
{
	size_t length = run->in_length, size;
	const char *line = check_stream_line(run, &length, &size);

	/* The end of the connection ends a line, too. */
	if (!line && end && run->in_length)
		line = (const char *)run->in;
	if (line)
		take_line(run, line, length);
}

const struct check_kind_ops check_agent = {
	.name = "agent",
	.answer_max = 1024,
	.start = check_stream_start,
	.stop = check_stream_stop,
	.begin = begin,
	.received = received,
};
