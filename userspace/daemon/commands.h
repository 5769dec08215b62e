/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be asked of the daemon over its control socket. */
#ifndef DAEMON_COMMANDS_H
#define DAEMON_COMMANDS_H

#include <jansson.h>

/**
 * commands_answer() - carry out a request
 * @arg: the &struct daemon
 * @request: an object with "command" and what belongs to it
 *
 * Return: an object: what was asked for, {} where nothing was, or
 * {"errors": [...]}, and then nothing has changed. NULL if memory is out.
 */
json_t *commands_answer(void *arg, const json_t *request);

#endif /* DAEMON_COMMANDS_H */
