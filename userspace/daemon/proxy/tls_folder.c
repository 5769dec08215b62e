// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tls_folder.h"

/* Where the ending of a file's name begins, with its dot; its end if it has none. */
static size_t stem(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');

	return dot && dot != name ? (size_t)(dot - path) : strlen(path);
}

/* The same name with another ending. */
static char *sibling(const char *path, const char *ending)
{
	char *text;

	if (asprintf(&text, "%.*s%s", (int)stem(path), path, ending) < 0)
		return NULL;
	return text;
}

int tls_pair_paths(struct tls_pair *pair, const char *file, const char *key)
{
	pair->paths[TLS_FILE_CERTIFICATE] = strdup(file);
	pair->paths[TLS_FILE_KEY] = key ? strdup(key) : NULL;
	pair->paths[TLS_FILE_STAPLE] = sibling(file, ".ocsp");
	if (pair->paths[TLS_FILE_CERTIFICATE] && pair->paths[TLS_FILE_STAPLE] &&
	    (!key || pair->paths[TLS_FILE_KEY]))
		return 0;
	tls_pair_free(pair);
	return -ENOMEM;
}

void tls_pair_free(struct tls_pair *pair)
{
	for (int i = 0; i < TLS_FILES; i++)
		free(pair->paths[i]);
	tls_certificate_put(pair->certificate);
	*pair = (struct tls_pair){ .certificate = NULL };
}

static bool is_certificate(const char *name)
{
	const char *ending = name + stem(name);

	return name[0] != '.' &&
	       (strcmp(ending, ".pem") == 0 || strcmp(ending, ".crt") == 0);
}

static int add(struct tls_pair *pair, const char *folder, const char *name)
{
	char *file = NULL, *key = NULL;
	int err = -ENOMEM;

	if (asprintf(&file, "%s/%s", folder, name) < 0)
		return err;
	key = sibling(file, ".key");
	if (key)
		err = tls_pair_paths(pair, file,
				     access(key, F_OK) == 0 ? key : NULL);
	free(key);
	free(file);
	return err;
}

static int by_path(const void *a, const void *b)
{
	const struct tls_pair *x = a, *y = b;

	return strcmp(x->paths[TLS_FILE_CERTIFICATE],
		      y->paths[TLS_FILE_CERTIFICATE]);
}

static int list(DIR *dir, const char *folder, struct tls_pair **pairs,
		size_t *count)
{
	const struct dirent *entry;
	size_t room = 0;
	int err = 0;

	while (errno = 0, !err && (entry = readdir(dir))) {
		if (!is_certificate(entry->d_name))
			continue;
		if (*count == TLS_FOLDER_MAX)
			return -E2BIG;
		if (*count == room) {
			struct tls_pair *grown;

			room = room ? 2 * room : 16;
			grown = reallocarray(*pairs, room, sizeof(*grown));
			if (!grown)
				return -ENOMEM;
			*pairs = grown;
		}
		(*pairs)[*count] = (struct tls_pair){ .certificate = NULL };
		err = add(&(*pairs)[*count], folder, entry->d_name);
		*count += !err;
	}
	return err ? err : -errno;
}

int tls_folder_list(const char *folder, struct tls_pair **pairs, size_t *count)
{
	DIR *dir = opendir(folder);
	int err;

	*pairs = NULL;
	*count = 0;
	if (!dir)
		return -errno;
	err = list(dir, folder, pairs, count);
	closedir(dir);
	if (err) {
		for (size_t i = 0; i < *count; i++)
			tls_pair_free(&(*pairs)[i]);
		free(*pairs);
		*pairs = NULL;
		*count = 0;
	} else if (*count) {
		qsort(*pairs, *count, sizeof(**pairs), by_path);
	}
	return err;
}
