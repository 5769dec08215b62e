/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replies of SMTP (RFC 5321, 4.2) and FTP (RFC 959, 4.2): a code, and lines of text. */
#ifndef DAEMON_CHECK_REPLY_H
#define DAEMON_CHECK_REPLY_H

#include "run.h"

/**
 * check_reply_next() - take a whole reply from what came
 * @run: active; if there is no reply in it, it is over when this returns
 * @begun: code of a reply whose last line has not come, 0: none
 * @text: CHECK_QUOTE_SIZE bytes, for the last line of it
 *
 * Return: its code, 100 to 599, or 0: it is not complete, or the run is over
 */
unsigned int check_reply_next(struct check_run *run, unsigned int *begun,
			      char *text);

/**
 * check_reply_send() - send a command
 * @run: active; if that fails, it is over when this returns
 * @waiting_for: what the server then owes
 * @verb: of the command
 * @argument: without spaces around, or NULL
 */
void check_reply_send(struct check_run *run, const char *waiting_for,
		      const char *verb, const char *argument);

/**
 * check_word() - whether a text can be an argument
 * @text: from the configuration
 *
 * Return: whether it has 1 to 255 printable characters, or is NULL
 */
bool check_word(const char *text);

#endif /* DAEMON_CHECK_REPLY_H */
