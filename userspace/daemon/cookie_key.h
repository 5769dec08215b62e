/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What cookies are signed with by which clients stay with their server: from a file,
 * so that it outlives the process, and may be the same on several nodes.
 */
#ifndef DAEMON_COOKIE_KEY_H
#define DAEMON_COOKIE_KEY_H

#include "config/config.h"
#include "proxy/sticky.h"

/**
 * cookie_key_read() - read the key; a file that is not there is made
 * @settings: with @cookie_key; NULL: the control socket's path with .key behind it
 * @secret: filled in: SHA-256 of the file
 * @errors: what is wrong, with its place
 *
 * Return: 0 or a negative errno.
 */
int cookie_key_read(const struct config_settings *settings,
		    uint8_t secret[STICKY_SECRET_SIZE],
		    struct config_errors *errors);

/**
 * cookie_key_check() - what would be wrong with it, for -c
 * @settings: as above
 * @errors: what is wrong; nothing is made, and nothing is missed that would be
 */
void cookie_key_check(const struct config_settings *settings,
		      struct config_errors *errors);

#endif /* DAEMON_COOKIE_KEY_H */
