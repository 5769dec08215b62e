/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A certificate of the configuration, or a folder of them: read at first, then seen
 * to change. Of the main thread.
 *
 * What is wrong after a change is told apart from what is being written: it is
 * tried again at the next look, then logged, once, and what was read before holds.
 */
#ifndef PROXY_TLS_SOURCE_H
#define PROXY_TLS_SOURCE_H

#include "config/config.h"
#include "tls_certificate.h"
#include "tls_file.h"

/* Certificates of one folder. */
#define TLS_FOLDER_MAX 65536

/**
 * struct tls_pair - files of one certificate
 * @paths: as tls_certificate_read() takes them
 * @states: as they were at the last try
 * @certificate: what was read; NULL: nothing right yet
 * @young: they had just changed then: to be read once more
 * @wrong: the last try failed
 * @told: and the log says so
 */
struct tls_pair {
	char *paths[TLS_FILES];
	struct tls_file_state states[TLS_FILES];
	struct tls_certificate *certificate;
	bool young;
	bool wrong;
	bool told;
};

/**
 * struct tls_source - a certificate of the configuration
 * @name: in the configuration
 * @folder: NULL: one file
 * @state: of the folder when it was listed
 * @told: the log says that the folder cannot be read
 * @pairs: by name of the file
 * @count: how many
 * @next: pair that is looked at next; @count: the round is over
 */
struct tls_source {
	char *name;
	char *folder;
	struct tls_file_state state;
	bool told;
	struct tls_pair *pairs;
	size_t count;
	size_t next;
};

/**
 * tls_source_read() - read all of it
 * @source: all zero
 * @from: the configuration; not needed any more afterwards
 * @errors: what is wrong
 *
 * Return: whether all is right; tls_source_free() is needed after both.
 */
bool tls_source_read(struct tls_source *source,
		     const struct config_certificate *from,
		     struct config_errors *errors);

/**
 * tls_source_look() - take up what has changed
 * @source: was read
 * @changed: set if a certificate is another one, new, or gone
 * @more: asked before each file: whether to go on
 * @arg: for @more
 *
 * Return: whether the round is over; else the next call goes on with it.
 */
bool tls_source_look(struct tls_source *source, bool *changed,
		     bool (*more)(void *arg), void *arg);

void tls_source_free(struct tls_source *source);

#endif /* PROXY_TLS_SOURCE_H */
