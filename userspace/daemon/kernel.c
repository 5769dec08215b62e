// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "place.h"
#include "stage.h"

/*
 * Others may change something while a transaction is open, which is then refused.
 * What is told does not depend on what was there, so it is told again.
 */
#define TRIES 100

struct kernel {
	struct sluice *sl;
	unsigned int built;
	uint64_t generation;
};

static int fail(const struct kernel *kernel, int err, char *error, size_t size)
{
	snprintf(error, size, "%s", sluice_error(kernel->sl));
	return err;
}

/* The bits of the two enumerations are the same, as far as both go. */
static unsigned int strata_of(const struct sluice_info *info)
{
	unsigned int built = PLACE_BUILT;
	const unsigned int of_module = 1U << CONFIG_FLOW | 1U << CONFIG_SNIFF |
				       1U << CONFIG_RELAY;

	return built & (info->strata | ~of_module);
}

struct kernel *kernel_open(char *error, size_t size)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));
	struct sluice_info info;
	int err;

	if (!kernel) {
		snprintf(error, size, "out of memory");
		return NULL;
	}
	err = sluice_open(&kernel->sl);
	if (!err)
		err = sluice_info_get(kernel->sl, &info);
	if (err) {
		fail(kernel, err, error, size);
		kernel_close(kernel);
		return NULL;
	}
	kernel->built = strata_of(&info);
	kernel->generation = info.generation;
	return kernel;
}

void kernel_close(struct kernel *kernel)
{
	if (!kernel)
		return;
	sluice_close(kernel->sl);
	free(kernel);
}

unsigned int kernel_built(const struct kernel *kernel)
{
	return kernel->built;
}

uint64_t kernel_generation(const struct kernel *kernel)
{
	return kernel->generation;
}

static int learn_generation(struct kernel *kernel)
{
	struct sluice_info info;
	int err = sluice_info_get(kernel->sl, &info);

	if (!err)
		kernel->generation = info.generation;
	return err;
}

int kernel_ask(struct kernel *kernel, char *error, size_t size)
{
	int err = learn_generation(kernel);

	/* A module that is loaded anew has another family in generic netlink. */
	return err ? fail(kernel, err, error, size) : 0;
}

int kernel_adopt(struct kernel *kernel, struct site *site, char *error,
		 size_t size)
{
	const struct sluice_server all = { .at.port = 0 };
	struct sluice_server *servers;
	size_t count;
	int err;

	err = sluice_server_list(kernel->sl, &all, &servers, &count);
	if (err)
		return fail(kernel, err, error, size);
	for (size_t i = 0; i < count; i++)
		site_adopt(site, &servers[i]);
	free(servers);
	return 0;
}

/* What the module has now is what the servers were told. */
static void settle(struct site *site)
{
	struct site_server *server;

	while ((server = TAILQ_FIRST(&site->pending)))
		site_server_settled(server);
	for (size_t i = 0; i < site->pool_count; i++) {
		struct site_pool *pool = &site->pools[i];

		TAILQ_FOREACH(server, &pool->servers, of_pool)
		if (pool->families & site_family(server->at.address.family))
			site_server_told(server);
	}
}

static void refused(const struct kernel *kernel, const struct stage *stage,
		    size_t number, struct config_errors *errors)
{
	char path[STAGE_PATH_MAX];
	struct config_place at;

	stage_locate(stage, number, path, &at);
	config_error_add(errors, at, "%s: the kernel module refuses it: %s",
			 path, sluice_error(kernel->sl));
}

static int try_apply(struct kernel *kernel, struct site *site,
		     struct stage *stage, struct config_errors *errors,
		     bool is_last)
{
	size_t failed = SLUICE_NO_REQUEST;
	int err;

	err = sluice_transaction_begin(kernel->sl, NULL);
	if (err)
		return err;
	err = stage_site(stage, kernel->sl, site, kernel->built);
	if (err) {
		refused(kernel, stage, sluice_transaction_count(kernel->sl),
			errors);
		sluice_transaction_abort(kernel->sl);
		return -EINVAL;
	}
	err = sluice_transaction_commit(kernel->sl, &failed);
	if (err == -ESTALE && is_last)
		refused(kernel, stage, 0, errors);
	if (!err || failed == SLUICE_NO_REQUEST)
		return err;
	refused(kernel, stage, failed, errors);
	return -EINVAL;
}

int kernel_apply(struct kernel *kernel, struct site *site,
		 struct config_errors *errors)
{
	struct stage stage = { 0 };
	int err;

	for (int left = TRIES - 1;; left--) {
		stage.count = 0;
		err = try_apply(kernel, site, &stage, errors, left == 0);
		if (err != -ESTALE || left == 0)
			break;
	}
	stage_free(&stage);
	if (err && !config_errors_any(errors))
		config_error_add(errors, site->config->at, "%s",
				 sluice_error(kernel->sl));
	if (err)
		return err;
	settle(site);
	learn_generation(kernel);
	return 0;
}

static int tell(struct sluice *sl, const struct site_server *server)
{
	struct sluice_server wanted;

	site_server_wanted(server, &wanted);
	switch (server->pending) {
	case SITE_ADD:
		return sluice_server_new(sl, &wanted);
	case SITE_SET:
		return sluice_server_set(sl, &wanted);
	case SITE_DELETE:
		return sluice_server_del(sl, &wanted);
	default:
		return 0;
	}
}

static int try_flush(struct kernel *kernel, const struct site *site)
{
	const struct site_server *server;
	size_t failed;
	int err;

	err = sluice_transaction_begin(kernel->sl, NULL);
	if (err)
		return err;
	TAILQ_FOREACH(server, &site->pending, of_pending)
	if (!err)
		err = tell(kernel->sl, server);
	if (!err)
		return sluice_transaction_commit(kernel->sl, &failed);
	sluice_transaction_abort(kernel->sl);
	return err;
}

int kernel_flush(struct kernel *kernel, struct site *site, char *error,
		 size_t size)
{
	struct site_server *server;
	int err = -ESTALE;

	if (TAILQ_EMPTY(&site->pending))
		return 0;
	for (int left = TRIES; err == -ESTALE && left > 0; left--)
		err = try_flush(kernel, site);
	if (err)
		return fail(kernel, err, error, size);
	while ((server = TAILQ_FIRST(&site->pending))) {
		site_server_told(server);
		site_server_settled(server);
	}
	learn_generation(kernel);
	return 0;
}

int kernel_server(struct kernel *kernel, const struct site_server *server,
		  struct sluice_server *has)
{
	struct sluice_server key = { .at = server->at };

	site_pool_name(key.pool, server->pool->config,
		       server->at.address.family);
	return sluice_server_get(kernel->sl, &key, has);
}
