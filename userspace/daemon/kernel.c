// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel.h"
#include "place.h"
#include "relay_config.h"
#include "stage.h"

/*
 * Others may change something while a transaction is open, which is then refused.
 * What is told does not depend on what was there, so it is told again.
 */
#define TRIES 100

/* The first interface of the module with the setting relay-clients-max. */
#define ABI_LIMITS_RELAY 10

struct kernel {
	struct sluice *sl;
	/* NULL: stratum relay is not there. */
	struct sluice *relay;
	unsigned int built;
	uint64_t generation;
	/* It may be older than this program, which was replaced while it runs. */
	bool limits_relay;
	/* Of sticky cookies. */
	uint8_t key[SLUICE_STICKY_SECRET_SIZE];
};

_Static_assert(SLUICE_STICKY_SECRET_SIZE == SLUICE_RELAY_STICKY_KEY_LEN,
	       "the kernel takes the same key");

static int fail(const struct kernel *kernel, int err, char *error, size_t size)
{
	snprintf(error, size, "%s", sluice_error(kernel->sl));
	return err;
}

/* Asking loads the kernel's module where there is one. */
static bool has_tls(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool has;

	if (fd < 0)
		return false;
	/* What it lacks is a connection. */
	has = setsockopt(fd, IPPROTO_TCP, TCP_ULP, "tls", sizeof("tls")) < 0 &&
	      errno == ENOTCONN;
	close(fd);
	return has;
}

/* The bits of the two enumerations are the same, as far as both go. */
static unsigned int strata_of(const struct sluice_info *info)
{
	unsigned int built = PLACE_BUILT & ~PLACE_KTLS;
	const unsigned int of_module = 1U << CONFIG_FLOW | 1U << CONFIG_SNIFF |
				       1U << CONFIG_RELAY;

	return built & (info->strata | ~of_module);
}

/* Asking loads its module, too; it is not needed. */
static void open_relay(struct kernel *kernel)
{
	if (sluice_relay_open(&kernel->relay) == 0)
		return;
	sluice_close(kernel->relay);
	kernel->relay = NULL;
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
		open_relay(kernel);
	if (!err)
		err = sluice_info_get(kernel->sl, &info);
	if (err) {
		fail(kernel, err, error, size);
		kernel_close(kernel);
		return NULL;
	}
	kernel->built = strata_of(&info);
	if (!kernel->relay)
		kernel->built &= ~(1U << CONFIG_RELAY);
	else if (has_tls())
		kernel->built |= PLACE_KTLS;
	kernel->generation = info.generation;
	kernel->limits_relay = info.abi >= ABI_LIMITS_RELAY;
	return kernel;
}

void kernel_close(struct kernel *kernel)
{
	if (!kernel)
		return;
	sluice_close(kernel->sl);
	sluice_close(kernel->relay);
	explicit_bzero(kernel->key, sizeof(kernel->key));
	free(kernel);
}

void kernel_set_key(struct kernel *kernel,
		    const uint8_t key[SLUICE_STICKY_SECRET_SIZE])
{
	if (kernel)
		memcpy(kernel->key, key, sizeof(kernel->key));
}

unsigned int kernel_built(const struct kernel *kernel)
{
	return kernel ? kernel->built : PLACE_ALONE;
}

uint64_t kernel_generation(const struct kernel *kernel)
{
	return kernel ? kernel->generation : 0;
}

static int learn_generation(struct kernel *kernel)
{
	struct sluice_info info;
	int err = sluice_info_get(kernel->sl, &info);

	if (!err)
		kernel->generation = info.generation;
	return err;
}

static bool has_relay(const struct kernel *kernel)
{
	return kernel->built & 1U << CONFIG_RELAY;
}

int kernel_ask(struct kernel *kernel, char *error, size_t size)
{
	struct sluice_relay_stats stats;
	int err = learn_generation(kernel);

	/* A module that is loaded anew has another family in generic netlink. */
	if (err)
		return fail(kernel, err, error, size);
	if (has_relay(kernel))
		err = sluice_relay_stats_get(kernel->relay, &stats);
	if (err)
		snprintf(error, size, "stratum relay: %s",
			 sluice_error(kernel->relay));
	return err;
}

bool kernel_has_relay(const struct kernel *kernel)
{
	return kernel && has_relay(kernel);
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
	err = stage_site(stage, kernel->sl, site, kernel->built & site->built);
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

/*
 * After the transaction, as it is about services that are there. Failing means that
 * memory is out or the module gone: all is told again then.
 */
static int apply_relay(struct kernel *kernel, const struct site *site,
		       struct config_errors *errors)
{
	int err = 0;

	if (has_relay(kernel))
		err = relay_config_apply(kernel->relay, site->config,
					 kernel->built & site->built,
					 kernel->key);
	if (err)
		config_error_add(errors, site->config->at, "stratum relay: %s",
				 sluice_error(kernel->relay));
	return err == -EINVAL ? -EPROTO : err;
}

int kernel_apply(struct kernel *kernel, struct site *site,
		 struct config_errors *errors)
{
	struct stage stage = { .limits_relay = kernel->limits_relay };
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
	if (!err)
		err = apply_relay(kernel, site, errors);
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
