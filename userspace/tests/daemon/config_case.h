/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_CONFIG_CASE_H
#define TESTS_CONFIG_CASE_H

#include <stddef.h>

/**
 * struct config_case - a configuration that is wrong
 * @name: of the case
 * @text: the configuration
 * @length: of @text, which may have a NUL in it
 * @errors: all that is printed of it, for a file named t
 */
struct config_case {
	const char *name;
	const char *text;
	size_t length;
	const char *errors;
};

#endif /* TESTS_CONFIG_CASE_H */
