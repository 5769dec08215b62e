// SPDX-License-Identifier: GPL-2.0-or-later
/* What is said where the module refuses, and where it takes a part only. */
#include "site_fake.h"
#include "kernel.h"
#include "place.h"
#include "relay_config.h"
#include "stage.h"

/* What the library is told, and what comes back. */
static int commit_says, relay_says;
static size_t commits, aborts;
static struct ktap ktap;

int sluice_open(struct sluice **sl)
{
	*sl = NULL;
	return 0;
}

void sluice_close(struct sluice *sl)
{
	(void)sl;
}

const char *sluice_error(const struct sluice *sl)
{
	(void)sl;
	return "too much of it";
}

int sluice_relay_open(struct sluice **sl)
{
	*sl = (struct sluice *)&relay_says;
	return 0;
}

int sluice_relay_stats_get(struct sluice *sl, struct sluice_relay_stats *stats)
{
	(void)sl;
	(void)stats;
	return 0;
}

int sluice_info_get(struct sluice *sl, struct sluice_info *info)
{
	(void)sl;
	*info = (struct sluice_info){ .strata = PLACE_BUILT, .generation = 1 };
	return 0;
}

int sluice_transaction_begin(struct sluice *sl, const uint64_t *generation)
{
	(void)sl;
	(void)generation;
	return 0;
}

int sluice_transaction_commit(struct sluice *sl, size_t *failed)
{
	(void)sl;
	commits++;
	if (commit_says && commit_says != -ESTALE)
		*failed = 1;
	return commit_says;
}

int sluice_transaction_abort(struct sluice *sl)
{
	(void)sl;
	aborts++;
	return 0;
}

size_t sluice_transaction_count(const struct sluice *sl)
{
	(void)sl;
	return 1;
}

/* Servers are not told here one by one. */
int sluice_server_list(struct sluice *sl, const struct sluice_server *of,
		       struct sluice_server **servers, size_t *count)
{
	(void)sl;
	(void)of;
	*servers = NULL;
	*count = 0;
	return 0;
}

int sluice_server_get(struct sluice *sl, const struct sluice_server *key,
		      struct sluice_server *server)
{
	(void)sl;
	(void)key;
	(void)server;
	return -ENOENT;
}

int sluice_server_new(struct sluice *sl, const struct sluice_server *server)
{
	(void)sl;
	(void)server;
	return -ENOENT;
}

int sluice_server_set(struct sluice *sl, const struct sluice_server *server)
{
	(void)sl;
	(void)server;
	return -ENOENT;
}

int sluice_server_del(struct sluice *sl, const struct sluice_server *server)
{
	(void)sl;
	(void)server;
	return -ENOENT;
}

int stage_site(struct stage *stage, struct sluice *sl, const struct site *of,
	       unsigned int built)
{
	(void)stage;
	(void)sl;
	(void)of;
	(void)built;
	return 0;
}

void stage_locate(const struct stage *stage, size_t number,
		  char to[STAGE_PATH_MAX], struct config_place *at)
{
	(void)stage;
	snprintf(to, STAGE_PATH_MAX, "pools.web%zu", number);
	*at = (struct config_place){ .file = "t", .line = 3, .column = 4 };
}

void stage_free(struct stage *stage)
{
	(void)stage;
}

int relay_config_apply(struct sluice *sl, const struct config *config,
		       unsigned int built,
		       const uint8_t key[SLUICE_RELAY_STICKY_KEY_LEN])
{
	(void)sl;
	(void)config;
	(void)built;
	(void)key;
	return relay_says;
}

/* Whether applying ends so, with this to say. */
static bool ends(struct kernel *kernel, struct site *of, int expect,
		 const char *says)
{
	struct config_errors errors = { 0 };
	int err = kernel_apply(kernel, of, &errors);
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	bool right;

	if (!to)
		exit(1);
	config_errors_print(&errors, to);
	fclose(to);
	config_errors_free(&errors);
	right = err == expect && strcmp(text, says) == 0;
	if (!right)
		printf("# %d, %s", err, text);
	free(text);
	return right;
}

int main(void)
{
	char wrong[256], error[256];
	struct kernel *kernel;
	struct site *of;

	ktap_begin();
	setup();
	kernel = kernel_open(error, sizeof(error));
	of = try_site("version: 1\n"
		      "pools: {web: {servers: ['10.0.0.1:80']}}\n"
		      "services: {s: {address: '192.0.2.1:80', pool: web}}\n",
		      wrong, sizeof(wrong));
	if (!kernel || !of)
		exit(1);
	ktap_result(&ktap, ends(kernel, of, 0, ""), "what is taken");

	commit_says = -EEXIST;
	ktap_result(
		&ktap,
		ends(kernel, of, -EINVAL,
		     "t:3:4: pools.web1: the kernel module refuses it: too much of it\n"),
		"what is refused, with its place");

	/* Others change something all the time. */
	commit_says = -ESTALE;
	commits = 0;
	ktap_result(
		&ktap,
		ends(kernel, of, -ESTALE,
		     "t:3:4: pools.web0: the kernel module refuses it: too much of it\n") &&
			commits == 100,
		"what is refused again and again");

	/* The table is there: nobody may take that for nothing having changed. */
	commit_says = 0;
	relay_says = -ENOMEM;
	ktap_result(&ktap,
		    ends(kernel, of, -ENOMEM,
			 "t:1:1: stratum relay: too much of it\n"),
		    "the table is taken, and nothing of stratum relay");
	relay_says = -EINVAL;
	ktap_result(&ktap,
		    ends(kernel, of, -EPROTO,
			 "t:1:1: stratum relay: too much of it\n"),
		    "which is not as if all were refused");
	relay_says = 0;
	ktap_result(&ktap, ends(kernel, of, 0, "") && aborts == 0,
		    "told again, it is taken");
	site_free(of);
	kernel_close(kernel);
	teardown();
	rmdir(folder);
	return ktap_end(&ktap);
}
