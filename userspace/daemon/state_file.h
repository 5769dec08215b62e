/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small file that outlives the daemon: the old one or the new one, whatever happens. */
#ifndef DAEMON_STATE_FILE_H
#define DAEMON_STATE_FILE_H

#include <stdio.h>

/**
 * state_file_open() - open a file to read it
 * @path: in a folder that others may write to
 *
 * Nothing but a regular file of at most 64 MiB: opening waits for nobody.
 *
 * Return: the file, or NULL with errno: ENOENT if there is none
 */
FILE *state_file_open(const char *path);

/**
 * state_file_write() - write a file anew
 * @path: of the file; it is written beside that, with .new behind its name
 * @text: all that is to be in it
 *
 * Return: 0, or a negative errno: then the file is as it was
 */
int state_file_write(const char *path, const char *text);

#endif /* DAEMON_STATE_FILE_H */
