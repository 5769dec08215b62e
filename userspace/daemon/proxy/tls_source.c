// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/node.h"
#include "log.h"
#include "tls_folder.h"
#include "tls_source.h"

/* What there is now of the files of a pair. */
static void look(const struct tls_pair *pair,
		 struct tls_file_state states[TLS_FILES])
{
	for (int i = 0; i < TLS_FILES; i++)
		states[i] = pair->paths[i] ? tls_file_look(pair->paths[i]) :
					     (struct tls_file_state){ 0 };
}

static bool same(const struct tls_file_state a[TLS_FILES],
		 const struct tls_file_state b[TLS_FILES])
{
	for (int i = 0; i < TLS_FILES; i++)
		if (!tls_file_same(&a[i], &b[i]))
			return false;
	return true;
}

static bool any_young(const struct tls_file_state states[TLS_FILES])
{
	for (int i = 0; i < TLS_FILES; i++)
		if (tls_file_is_young(&states[i]))
			return true;
	return false;
}

/* Return: whether it is right; then it is in @pair. */
static bool read_pair(struct tls_pair *pair,
		      struct tls_certificate_error *error)
{
	struct tls_certificate *certificate;

	/* Before they are read, so that a change meanwhile is seen. */
	look(pair, pair->states);
	pair->young = any_young(pair->states);
	certificate = tls_certificate_read(pair->paths, error);
	if (!certificate)
		return false;
	tls_certificate_put(pair->certificate);
	pair->certificate = certificate;
	return true;
}

static const char *folder_error(int err)
{
	if (err == -E2BIG)
		return "more than 65536 certificates; that is the limit";
	if (err == -ENOENT)
		return "no such folder";
	if (err == -ENOTDIR)
		return "not a folder; give one, or 'file'";
	return tls_file_error(err);
}

static int list(struct tls_source *source)
{
	source->state = tls_file_look(source->folder);
	return tls_folder_list(source->folder, &source->pairs, &source->count);
}

static bool fill_in(struct tls_source *source,
		    const struct config_certificate *from,
		    struct config_errors *errors)
{
	int err;

	source->name = strdup(from->name);
	if (!source->name)
		goto err_memory;
	if (from->folder) {
		source->folder = strdup(from->folder);
		if (!source->folder)
			goto err_memory;
		err = list(source);
		if (err)
			config_error_add(
				errors, config_place_of_key(from->at, "folder"),
				"certificates.%s.folder: %s: %s", from->name,
				from->folder, folder_error(err));
		return !err;
	}
	source->pairs = calloc(1, sizeof(*source->pairs));
	if (!source->pairs ||
	    tls_pair_paths(source->pairs, from->file, from->key))
		goto err_memory;
	source->count = 1;
	return true;

err_memory:
	config_error_add(errors, from->at, "certificates.%s: out of memory",
			 from->name);
	return false;
}

bool tls_source_read(struct tls_source *source,
		     const struct config_certificate *from,
		     struct config_errors *errors)
{
	bool good = fill_in(source, from, errors);

	for (size_t i = 0; i < source->count; i++) {
		struct tls_certificate_error error;
		const char *key = "file";

		if (read_pair(&source->pairs[i], &error))
			continue;
		good = false;
		if (from->folder)
			key = "folder";
		else if (error.file == TLS_FILE_KEY)
			key = "key";
		config_error_add(errors, config_place_of_key(from->at, key),
				 "certificates.%s.%s: %s", from->name, key,
				 error.text);
	}
	source->next = source->count;
	return good;
}

static void tell(const struct tls_source *source, const char *text)
{
	const struct log_field about[] = { { "certificate", source->name },
					   { NULL, NULL } };

	log_error(about, "%s; what was read before holds", text);
}

/* Return: whether it has a certificate that it had not before. */
static bool look_at(const struct tls_source *source, struct tls_pair *pair)
{
	const struct log_field about[] = {
		{ "certificate", source->name },
		{ "file", pair->paths[TLS_FILE_CERTIFICATE] },
		{ NULL, NULL }
	};
	struct tls_file_state states[TLS_FILES];
	struct tls_certificate_error error;
	bool changed;

	look(pair, states);
	changed = !same(states, pair->states);
	if (changed)
		pair->told = false;
	/* Wrong: once more at once. Right but young: when they no longer are. */
	if (!changed && !(pair->wrong && !pair->told) &&
	    !(pair->young && !any_young(states)))
		return false;
	if (read_pair(pair, &error)) {
		if (changed || pair->wrong)
			log_info(about, "certificate taken up");
		pair->wrong = false;
		pair->told = false;
		return true;
	}
	if (pair->wrong && !changed && !pair->told) {
		tell(source, error.text);
		pair->told = true;
	}
	pair->wrong = true;
	return false;
}

/* A pair that was there before stays as it is. */
static struct tls_pair *find(const struct tls_source *source,
			     const struct tls_pair *like)
{
	for (size_t low = 0, high = source->count; low < high;) {
		size_t middle = (low + high) / 2;
		struct tls_pair *pair = &source->pairs[middle];
		int order = strcmp(like->paths[TLS_FILE_CERTIFICATE],
				   pair->paths[TLS_FILE_CERTIFICATE]);

		if (order == 0)
			return pair;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static void take_over(struct tls_pair *to, struct tls_pair *from)
{
	const char *a = to->paths[TLS_FILE_KEY], *b = from->paths[TLS_FILE_KEY];
	struct tls_pair fresh = *to;

	*to = *from;
	*from = fresh;
	/* Its key has come, or gone: other files, the same certificate. */
	if (!a != !b) {
		char *path = to->paths[TLS_FILE_KEY];

		to->paths[TLS_FILE_KEY] = from->paths[TLS_FILE_KEY];
		from->paths[TLS_FILE_KEY] = path;
	}
}

/* Return: whether one has gone; new ones have no certificate yet. */
static bool list_again(struct tls_source *source)
{
	struct tls_source now = *source;
	bool gone;
	size_t kept = 0;
	int err = list(&now);

	if (err) {
		if (!source->told)
			tell(source, folder_error(err));
		source->told = true;
		return false;
	}
	for (size_t i = 0; i < now.count; i++) {
		struct tls_pair *before = find(source, &now.pairs[i]);

		if (before) {
			take_over(&now.pairs[i], before);
			kept++;
		}
	}
	gone = kept < source->count;
	for (size_t i = 0; i < source->count; i++)
		tls_pair_free(&source->pairs[i]);
	free(source->pairs);
	source->pairs = now.pairs;
	source->count = now.count;
	source->state = now.state;
	source->told = false;
	return gone;
}

bool tls_source_look(struct tls_source *source, bool *changed,
		     bool (*more)(void *arg), void *arg)
{
	if (source->next >= source->count) {
		source->next = 0;
		if (source->folder) {
			struct tls_file_state state =
				tls_file_look(source->folder);

			if (!tls_file_same(&state, &source->state) ||
			    tls_file_is_young(&source->state))
				*changed |= list_again(source);
		}
	}
	while (source->next < source->count) {
		if (!more(arg))
			return false;
		*changed |= look_at(source, &source->pairs[source->next]);
		source->next++;
	}
	return true;
}

void tls_source_free(struct tls_source *source)
{
	for (size_t i = 0; i < source->count; i++)
		tls_pair_free(&source->pairs[i]);
	free(source->pairs);
	free(source->folder);
	free(source->name);
	*source = (struct tls_source){ .name = NULL };
}
