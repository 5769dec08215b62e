// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "checks.h"

/**
 * struct shared_check - a check, and who has it
 * @check: the check
 * @config: what its description belongs to, held
 * @of: that description
 * @authorities: of the file that it read, when it did
 * @users: configurations that have it
 */
struct shared_check {
	struct check *check;
	struct config *config;
	const struct config_check *of;
	struct stat authorities;
	unsigned int users;
};

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_bytes(const void *a, size_t a_length, const void *b,
		       size_t b_length)
{
	return a_length == b_length &&
	       (!a_length || memcmp(a, b, a_length) == 0);
}

static bool same_texts(char *const *a, size_t a_count, char *const *b,
		       size_t b_count)
{
	bool same = a_count == b_count;

	for (size_t i = 0; same && i < a_count; i++)
		same = same_text(a[i], b[i]);
	return same;
}

static bool same_headers(const struct check_spec *a, const struct check_spec *b)
{
	bool same = a->header_count == b->header_count;

	for (size_t i = 0; same && i < a->header_count; i++)
		same = same_text(a->headers[i].name, b->headers[i].name) &&
		       same_text(a->headers[i].value, b->headers[i].value);
	return same;
}

static bool same_times(const struct check_spec *a, const struct check_spec *b)
{
	return a->interval_ms == b->interval_ms &&
	       a->fast_interval_ms == b->fast_interval_ms &&
	       a->down_interval_ms == b->down_interval_ms &&
	       a->jitter_percent == b->jitter_percent &&
	       a->timeout_ms == b->timeout_ms && a->rise == b->rise &&
	       a->fall == b->fall;
}

static bool same_way(const struct check_spec *a, const struct check_spec *b)
{
	return a->kind == b->kind && a->port == b->port && a->mark == b->mark &&
	       same_text(a->source, b->source) && same_text(a->netns, b->netns);
}

static bool same_tls(const struct check_spec *a, const struct check_spec *b)
{
	return same_text(a->sni, b->sni) && a->verify == b->verify &&
	       same_text(a->ca_file, b->ca_file) &&
	       same_texts(a->alpn, a->alpn_count, b->alpn, b->alpn_count);
}

static bool same_http(const struct check_spec *a, const struct check_spec *b)
{
	return same_text(a->method, b->method) && same_text(a->path, b->path) &&
	       same_text(a->host, b->host) && same_headers(a, b) &&
	       same_bytes(a->statuses, a->status_count * sizeof(*a->statuses),
			  b->statuses,
			  b->status_count * sizeof(*b->statuses)) &&
	       same_text(a->body, b->body) &&
	       same_text(a->body_regex, b->body_regex) &&
	       same_text(a->json_pointer, b->json_pointer) &&
	       same_text(a->json_value, b->json_value);
}

static bool same_others(const struct check_spec *a, const struct check_spec *b)
{
	return same_text(a->user, b->user) &&
	       same_text(a->password, b->password) &&
	       same_text(a->database, b->database) &&
	       same_text(a->helo, b->helo) &&
	       same_text(a->query_name, b->query_name) &&
	       a->query_type == b->query_type &&
	       same_text(a->answer, b->answer) &&
	       same_bytes(a->send, a->send_length, b->send, b->send_length) &&
	       same_bytes(a->expect, a->expect_length, b->expect,
			  b->expect_length);
}

static bool same_check(const struct config_check *a,
		       const struct config_check *b)
{
	return same_way(&a->spec, &b->spec) && same_times(&a->spec, &b->spec) &&
	       same_tls(&a->spec, &b->spec) && same_http(&a->spec, &b->spec) &&
	       same_others(&a->spec, &b->spec) &&
	       same_texts(a->command.items, a->command.count, b->command.items,
			  b->command.count);
}

/* A file that was written anew is to be read anew. */
static struct stat look_at(const struct config_check *of)
{
	struct stat stat_;

	if (!of->spec.ca_file || stat(of->spec.ca_file, &stat_) < 0)
		memset(&stat_, 0, sizeof(stat_));
	return stat_;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev &&
	       a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static struct shared_check *find(const struct checks *before,
				 const struct config_check *of)
{
	struct stat authorities = look_at(of);

	for (size_t i = 0; i < before->count; i++) {
		struct shared_check *shared = before->items[i];

		if (shared && strcmp(shared->of->spec.name, of->spec.name) == 0)
			return same_check(shared->of, of) &&
					       same_file(&shared->authorities,
							 &authorities) ?
				       shared :
				       NULL;
	}
	return NULL;
}

static struct shared_check *make(struct check_engine *engine,
				 struct config *config,
				 const struct config_check *of,
				 struct config_errors *errors)
{
	struct shared_check *shared = calloc(1, sizeof(*shared));
	struct check_error error = { "out of memory" };

	if (shared) {
		shared->authorities = look_at(of);
		shared->check = check_create(engine, &of->spec, &error);
	}
	if (!shared || !shared->check) {
		config_error_add(errors, of->at, "checks.%s: %s", of->spec.name,
				 error.text);
		free(shared);
		return NULL;
	}
	shared->config = config_get(config);
	shared->of = of;
	return shared;
}

bool checks_init(struct checks *checks, struct check_engine *engine,
		 struct config *config, const struct checks *before,
		 struct config_errors *errors)
{
	size_t count = config->checks.count;
	bool right = true;

	checks->count = 0;
	checks->items = calloc(count + 1, sizeof(struct shared_check *));
	if (!checks->items) {
		config_error_add(errors, config->at, "out of memory");
		return false;
	}
	checks->count = count;
	for (size_t i = 0; i < count; i++) {
		const struct config_check *of = &config->checks.items[i];
		struct shared_check *shared = before ? find(before, of) : NULL;

		if (!shared)
			shared = make(engine, config, of, errors);
		if (shared)
			shared->users++;
		checks->items[i] = shared;
		right = right && shared;
	}
	return right;
}

void checks_exit(struct checks *checks)
{
	for (size_t i = 0; i < checks->count; i++) {
		struct shared_check *shared = checks->items[i];

		if (!shared || --shared->users)
			continue;
		check_free(shared->check);
		config_free(shared->config);
		free(shared);
	}
	free(checks->items);
}

struct check *checks_lookup(const struct checks *checks,
			    const struct config *config,
			    const struct config_check *of)
{
	return of ? checks->items[of - config->checks.items]->check : NULL;
}
