// SPDX-License-Identifier: GPL-2.0-or-later
/* From files to a struct config, and what to do with one. */
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "files.h"
#include "schema.h"

/* Numbers of the indices. */
enum {
	BY_CERTIFICATE,
	BY_CHECK,
	BY_POOL,
	BY_SERVICE,
};

/* All objects that are looked up begin so. */
struct named {
	struct config_place at;
	char *name;
};

_Static_assert(offsetof(struct config_certificate, name) ==
		       offsetof(struct named, name),
	       "a certificate has its name after its place");
_Static_assert(offsetof(struct config_check, spec.name) ==
		       offsetof(struct named, name),
	       "a check has its name after its place");
_Static_assert(offsetof(struct config_pool, name) ==
		       offsetof(struct named, name),
	       "a pool has its name after its place");
_Static_assert(offsetof(struct config_service, name) ==
		       offsetof(struct named, name),
	       "a service has its name after its place");

static const char *name_of(const void *object)
{
	const char *name;

	memcpy(&name, (const char *)object + offsetof(struct named, name),
	       sizeof(name));
	/* One whose name is wrong was refused, and stays in its array. */
	return name ? name : "";
}

static int compare_objects(const void *a, const void *b)
{
	const void *x, *y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return strcmp(name_of(x), name_of(y));
}

static int compare_name(const void *name, const void *item)
{
	const void *object;

	memcpy(&object, item, sizeof(object));
	return strcmp(name, name_of(object));
}

static bool make_index(struct config *config, unsigned int which,
		       const void *items, size_t count, size_t size)
{
	struct config_index *index = &config->by_name[which];

	index->sorted = config_arena_alloc(&config->arena,
					   (count + 1) * sizeof(void *));
	if (!index->sorted)
		return false;
	for (size_t i = 0; i < count; i++)
		index->sorted[i] = (const char *)items + i * size;
	index->count = count;
	qsort(index->sorted, count, sizeof(void *), compare_objects);
	return true;
}

static bool make_indices(struct config *config)
{
	return make_index(config, BY_CERTIFICATE, config->certificates.items,
			  config->certificates.count,
			  sizeof(struct config_certificate)) &&
	       make_index(config, BY_CHECK, config->checks.items,
			  config->checks.count, sizeof(struct config_check)) &&
	       make_index(config, BY_POOL, config->pools.items,
			  config->pools.count, sizeof(struct config_pool)) &&
	       make_index(config, BY_SERVICE, config->services.items,
			  config->services.count,
			  sizeof(struct config_service));
}

static const void *lookup(const struct config *config, unsigned int which,
			  const char *name)
{
	const struct config_index *index = &config->by_name[which];
	const void **found;

	if (!index->count)
		return NULL;
	found = bsearch(name, index->sorted, index->count, sizeof(void *),
			compare_name);
	return found ? *found : NULL;
}

const struct config_service *config_service_lookup(const struct config *config,
						   const char *name)
{
	return lookup(config, BY_SERVICE, name);
}

const struct config_pool *config_pool_lookup(const struct config *config,
					     const char *name)
{
	return lookup(config, BY_POOL, name);
}

const struct config_check *config_check_lookup(const struct config *config,
					       const char *name)
{
	return lookup(config, BY_CHECK, name);
}

const struct config_certificate *
config_certificate_lookup(const struct config *config, const char *name)
{
	return lookup(config, BY_CERTIFICATE, name);
}

static struct config *make(const char *name, struct config_errors *errors)
{
	struct config *config = calloc(1, sizeof(*config));

	if (!config)
		config_error_add(errors, (struct config_place){ .file = name },
				 "out of memory");
	return config;
}

void config_read(struct config *config, const struct config_node *root,
		 bool complete, struct config_errors *errors)
{
	struct config_reader r = { .config = config, .errors = errors };

	if (!root)
		return;
	config->root = root;
	schema_read(&r, &schema_root, root, root->at, config);
	if (!make_indices(config))
		config_error_add(errors, root->at, "out of memory");
	/* What seems to be missing may be in a file that could not be read. */
	else if (complete)
		config_resolve_references(config, errors);
	/* Nor is known where they lead to. */
	for (size_t i = 0; !complete && i < config->services.count; i++)
		config->services.items[i].at.flawed = true;
}

struct config *config_load(const char *path, struct config_errors *errors)
{
	struct config *config = make(path, errors);
	struct config_tree tree = { .errors = errors };
	struct config_node *root = NULL;
	bool complete = false;
	const char *name;

	if (!config)
		return NULL;
	tree.arena = &config->arena;
	name = config_arena_copy(&config->arena, path, strlen(path));
	if (name)
		root = config_files_read(&tree, name, &complete);
	else
		config_error_add(errors, (struct config_place){ .file = path },
				 "out of memory");
	config_read(config, root, complete, errors);
	return config;
}

struct config *config_parse(const char *name, const char *text, size_t length,
			    struct config_errors *errors)
{
	struct config *config = make(name, errors);
	struct config_tree tree = { .errors = errors };
	struct config_node *root, *include;

	if (!config)
		return NULL;
	tree.arena = &config->arena;
	root = config_files_parse(&tree, name, text, length);
	include = root ? config_node_find(root, "include") : NULL;
	if (include)
		config_error_add(errors, include->at,
				 "include: not in a text; give a file");
	config_read(config, root, !include, errors);
	return config;
}

/* @to: of the arrays, which are all alike: items, and how many. */
static bool copy_whole(struct config_arena *arena, const void *items,
		       size_t count, size_t size, void *to)
{
	char *kept = config_arena_alloc(arena, (count + 1) * size);
	struct config_place at;
	size_t taken = 0;

	if (!kept)
		return false;
	for (size_t i = 0; i < count; i++) {
		const char *item = (const char *)items + i * size;

		memcpy(&at, item, sizeof(at));
		if (!at.flawed)
			memcpy(kept + taken++ * size, item, size);
	}
	memcpy(to, &kept, sizeof(kept));
	memcpy((char *)to + sizeof(kept), &taken, sizeof(taken));
	return true;
}

struct config *config_whole(struct config *config, struct config_errors *errors)
{
	struct config *whole;

	if (!config->settings)
		return NULL;
	whole = make(config->at.file, errors);
	if (!whole)
		return NULL;
	whole->at = config->at;
	whole->base = config_get(config);
	whole->version = config->version;
	whole->settings = config->settings;
	if (copy_whole(&whole->arena, config->certificates.items,
		       config->certificates.count,
		       sizeof(struct config_certificate),
		       &whole->certificates) &&
	    copy_whole(&whole->arena, config->checks.items,
		       config->checks.count, sizeof(struct config_check),
		       &whole->checks) &&
	    copy_whole(&whole->arena, config->pools.items, config->pools.count,
		       sizeof(struct config_pool), &whole->pools) &&
	    copy_whole(&whole->arena, config->services.items,
		       config->services.count, sizeof(struct config_service),
		       &whole->services) &&
	    make_indices(whole))
		return whole;
	config_error_add(errors, config->at, "out of memory");
	config_free(whole);
	return NULL;
}

struct config *config_get(struct config *config)
{
	config->users++;
	return config;
}

void config_free(struct config *config)
{
	if (!config || config->users--)
		return;
	config_free(config->base);
	config_arena_free(&config->arena);
	free(config);
}
