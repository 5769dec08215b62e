/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAEMON_UTF8_H
#define DAEMON_UTF8_H

#include <stddef.h>

/**
 * utf8_length() - how long the character is that a text begins with
 * @text: ended by a NUL
 *
 * Return: 1 to 4 bytes; 0 for bytes that are no character, by RFC 3629, and at the
 * end
 */
size_t utf8_length(const char *text);

#endif /* DAEMON_UTF8_H */
