/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors as text, for tests. */
#ifndef TESTS_CONFIG_TEXT_H
#define TESTS_CONFIG_TEXT_H

#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "../ktap.h"

/* What is printed of errors, which are forgotten; for free(). */
static inline char *text_of_errors(struct config_errors *errors)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		abort();
	config_errors_print(errors, to);
	fclose(to);
	config_errors_free(errors);
	return text;
}

/* Whether these are the errors; the configuration is freed. */
static inline void check_errors(struct ktap *ktap, const char *name,
				struct config *config,
				struct config_errors *errors,
				const char *expect)
{
	char *text = text_of_errors(errors);
	bool passed = strcmp(text, expect) == 0;

	if (!passed)
		printf("# got:\n%s# instead of:\n%s", text, expect);
	ktap_result(ktap, passed, name);
	free(text);
	config_free(config);
}

/* A configuration that has to be right. */
static inline struct config *right_config(struct ktap *ktap, const char *text)
{
	struct config_errors errors = { 0 };
	struct config *config = config_parse("t", text, strlen(text), &errors);
	char *wrong = text_of_errors(&errors);

	if (wrong[0])
		printf("# %s", wrong);
	ktap_result(ktap, !wrong[0], "a configuration that is right");
	if (wrong[0])
		exit(1);
	free(wrong);
	return config;
}

#endif /* TESTS_CONFIG_TEXT_H */
