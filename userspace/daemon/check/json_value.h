/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One value in a JSON text. */
#ifndef DAEMON_CHECK_JSON_VALUE_H
#define DAEMON_CHECK_JSON_VALUE_H

#include <stdbool.h>
#include <stddef.h>

/**
 * json_pointer_valid() - whether a text is a pointer
 * @pointer: by RFC 6901
 *
 * Return: whether it is empty or starts with '/', and each '~' has 0 or 1 behind
 */
bool json_pointer_valid(const char *pointer);

/**
 * json_value_match() - compare a value with a text
 * @data: JSON
 * @length: of @data
 * @pointer: valid; where the value is
 * @text: what it should be: of a string its characters, of a number its value, or
 *	true, false or null. NULL: anything, if it is there.
 * @why: what is not as it should be
 * @size: of @why
 *
 * Return: whether it is
 */
bool json_value_match(const void *data, size_t length, const char *pointer,
		      const char *text, char *why, size_t size);

#endif /* DAEMON_CHECK_JSON_VALUE_H */
