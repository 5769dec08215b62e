// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading what -S wrote: every line is a command line. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "restore.h"

/* Most words of a line; the longest that -S writes has fewer. */
#define WORDS_MAX 64

/* Cut a line at blanks. Return: number of words, negative if too many. */
static int split(char *text, char *words[WORDS_MAX + 1])
{
	static const char blanks[] = " \t\r\n";
	int count = 0;
	char *rest;

	for (char *word = strtok_r(text, blanks, &rest); word;
	     word = strtok_r(NULL, blanks, &rest)) {
		/* Inside of a line it may begin the name of a pool. */
		if (count == 0 && word[0] == '#')
			break;
		if (count == WORDS_MAX)
			return -1;
		words[count++] = word;
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
	char *words[WORDS_MAX + 1];
	struct adm_step *step;
	char **first = words;
	int count;
	int err;

	if (strlen(text) != length)
		return adm_wrong(msg, "a NUL byte");
	count = split(text, words);
	if (count < 0)
		return adm_wrong(msg, "more than %d words", WORDS_MAX);
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
	if (!step->req.command->change)
		return adm_wrong(msg,
				 "%s: not a command that changes the table",
				 first[0]);
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
	free(plan->steps);
}
