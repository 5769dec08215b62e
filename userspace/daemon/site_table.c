// SPDX-License-Identifier: GPL-2.0-or-later
/* Servers of a site by pool and address: a hash table with chains. */
#include <stdlib.h>
#include <string.h>

#include "site_parts.h"

#define BUCKETS_MIN 64

static size_t hash(const struct site_pool *pool,
		   const struct sluice_endpoint *at)
{
	const unsigned char *bytes = (const void *)&at->address.v6;
	size_t length = at->address.family == AF_INET ? 4 : 16;
	uint64_t value = (uint64_t)(pool - pool->site->pools) << 16 | at->port;

	/* FNV-1a: nobody outside of the configuration chooses what is in here. */
	for (size_t i = 0; i < length; i++)
		value = (value ^ bytes[i]) * 1099511628211U;
	return (size_t)(value ^ value >> 32);
}

static struct site_server **bucket_of(const struct site *site,
				      const struct site_pool *pool,
				      const struct sluice_endpoint *at)
{
	return &site->buckets[hash(pool, at) & (site->bucket_count - 1)];
}

static bool grow(struct site *site)
{
	size_t count = site->bucket_count;
	struct site_server **old = site->buckets, *server;

	if (site->server_count < count)
		return true;
	site->bucket_count = count ? count * 2 : BUCKETS_MIN;
	site->buckets =
		calloc(site->bucket_count, sizeof(struct site_server *));
	if (!site->buckets) {
		site->bucket_count = count;
		site->buckets = old;
		return false;
	}
	for (size_t i = 0; i < count; i++)
		while ((server = old[i])) {
			struct site_server **bucket =
				bucket_of(site, server->pool, &server->at);

			old[i] = server->next;
			server->next = *bucket;
			*bucket = server;
		}
	free(old);
	return true;
}

bool site_table_add(struct site *site, struct site_server *server)
{
	struct site_server **bucket;

	if (!grow(site))
		return false;
	bucket = bucket_of(site, server->pool, &server->at);
	server->next = *bucket;
	*bucket = server;
	site->server_count++;
	return true;
}

void site_table_del(struct site *site, struct site_server *server)
{
	struct site_server **at = bucket_of(site, server->pool, &server->at);

	while (*at != server)
		at = &(*at)->next;
	*at = server->next;
	site->server_count--;
}

struct site_server *site_server_lookup(const struct site_pool *pool,
				       const struct sluice_endpoint *at)
{
	struct site_server *server;

	if (!pool->site->bucket_count)
		return NULL;
	server = *bucket_of(pool->site, pool, at);
	while (server && (server->pool != pool ||
			  sluice_endpoint_compare(&server->at, at) != 0))
		server = server->next;
	return server;
}
