// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading what -S wrote: every line is a command line. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "restore.h"

static const char blanks[] = " \t\r\n";

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* What follows a backslash. Return: where it goes on, NULL if it is wrong. */
static const char *unescape(const char *from, char *to)
{
	int high;
	int low;

	if (*from == '"' || *from == '\\') {
		*to = *from;
		return from + 1;
	}
	high = *from == 'x' ? digit(from[1]) : -1;
	low = high < 0 ? -1 : digit(from[2]);
	*to = (char)(high * 16 + low);
	return low < 0 || !*to ? NULL : from + 3;
}

/*
 * Take the quotes off a word, in place. In them, \" and \\ are those characters
 * and \xHH is any. Return: where the word ends in the text, NULL if it is wrong.
 */
static char *unquote(char *word)
{
	const char *from = word + 1;
	char *to = word;

	while (from && *from && *from != '"') {
		if (*from != '\\')
			*to++ = *from++;
		else
			from = unescape(from + 1, to++);
	}
	if (!from || *from != '"' || (from[1] && !strchr(blanks, from[1])))
		return NULL;
	*to = '\0';
	return word + (from - word) + 1;
}

/*
 * Cut a line at blanks; a word that begins with a quote ends with one. Return:
 * number of words, negative if something is wrong.
 */
static int split(char *text, char *words[ADM_WORDS_MAX + 1],
		 struct adm_message *msg)
{
	int count = 0;

	for (char *at = text; *(at += strspn(at, blanks));) {
		/* Inside of a line it may begin the name of a pool. */
		if (count == 0 && *at == '#')
			break;
		if (count == ADM_WORDS_MAX) {
			adm_wrong(msg, "more than %d words", ADM_WORDS_MAX);
			return -1;
		}
		words[count++] = at;
		if (*at == '"')
			at = unquote(at);
		else
			at += strcspn(at, blanks);
		if (!at) {
			adm_wrong(
				msg,
				"word %d: not right in quotes, as in \"a \\\"b\\\" \\\\ \\x09 c\"",
				count);
			return -1;
		}
		if (*at)
			*at++ = '\0';
	}
	words[count] = NULL;
	return count;
}

static struct adm_step *next_step(struct adm_plan *plan)
{
	if (plan->count == plan->room) {
		size_t room = plan->room ? plan->room * 2 : 64;
		struct adm_step *steps =
			reallocarray(plan->steps, room, sizeof(*steps));

		if (!steps)
			return NULL;
		plan->steps = steps;
		plan->room = room;
	}
	return &plan->steps[plan->count];
}

static int read_line(struct adm_plan *plan, char *text, size_t length,
		     unsigned long line, struct adm_message *msg)
{
	char *words[ADM_WORDS_MAX + 1];
	struct adm_step *step;
	char **first = words;
	int count;
	int err;

	if (strlen(text) != length)
		return adm_wrong(msg, "a NUL byte");
	count = split(text, words, msg);
	if (count < 0)
		return ADM_USAGE;
	if (count > 0 && (strcmp(words[0], "sluiceadm") == 0 ||
			  strcmp(words[0], "ipvsadm") == 0)) {
		first++;
		count--;
	}
	if (count == 0)
		return ADM_DONE;
	step = next_step(plan);
	if (!step) {
		adm_wrong(msg, "out of memory");
		return ADM_FAILED;
	}
	err = adm_parse(&step->req, count, first, msg);
	if (err)
		return err;
	if (!step->req.command->change) {
		adm_request_free(&step->req);
		return adm_wrong(msg,
				 "%s: not a command that changes the table",
				 first[0]);
	}
	step->line = line;
	plan->count++;
	return ADM_DONE;
}

/**
 * adm_plan_read() - read and understand all lines
 * @plan: an empty plan, to be freed even on failure
 * @from: where they are read from
 * @line: number of the line that is wrong
 * @msg: says what is wrong
 *
 * Return: an exit status.
 */
int adm_plan_read(struct adm_plan *plan, FILE *from, unsigned long *line,
		  struct adm_message *msg)
{
	int status = ADM_DONE;
	char *text = NULL;
	size_t room = 0;
	ssize_t length;

	*line = 0;
	while (!status && (length = getline(&text, &room, from)) >= 0) {
		++*line;
		status = read_line(plan, text, (size_t)length, *line, msg);
	}
	if (!status && ferror(from)) {
		adm_wrong(msg, "%s", strerror(errno));
		status = ADM_FAILED;
	}
	free(text);
	return status;
}

void adm_plan_free(struct adm_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		adm_request_free(&plan->steps[i].req);
	free(plan->steps);
}
