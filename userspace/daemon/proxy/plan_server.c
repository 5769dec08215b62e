// SPDX-License-Identifier: GPL-2.0-or-later
/* Servers of plans. */
#include <stdlib.h>
#include <string.h>

#include <sluice/sticky.h>

#include "plan.h"

#define NS_PER_MS 1000000U
#define WORD_BITS 64U
/* Of the table of servers, a power of two. */
#define BUCKETS_MIN 64

/* FNV-1a: whoever writes the configuration chooses what is in here. */
static uint64_t hash_bytes(uint64_t hash, const void *data, size_t length)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ bytes[i]) * 1099511628211U;
	return hash;
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
	return text ? hash_bytes(hash, text, strlen(text) + 1) : hash + 1;
}

#define HASH_BEGIN 14695981039346656037U

/* What connections to servers of a pool are made with: none is used for others. */
static uint64_t hash_settings(const struct config_pool *pool)
{
	const struct config_server_tls *tls = pool->tls;
	uint64_t hash = hash_text(HASH_BEGIN, pool->name);

	hash = hash_bytes(hash, &pool->proxy_protocol,
			  sizeof(pool->proxy_protocol));
	if (!tls)
		return hash;
	hash = hash_bytes(hash, &tls->verify, sizeof(tls->verify));
	hash = hash_text(hash, tls->ca);
	hash = hash_text(hash, tls->sni);
	return hash_text(hash, tls->certificate);
}

/* The same on every node: of address and port alone. */
static uint64_t hash_endpoint(const struct sluice_endpoint *at)
{
	return sluice_sticky_server(&at->address.v6,
				    at->address.family == AF_INET ? 4 : 16,
				    at->port);
}

static bool take_slot(struct plan_parts *parts, unsigned int *slot)
{
	size_t words = parts->slot_words, at = 0;
	uint64_t *slots;

	while (at < words && !~parts->slots[at])
		at++;
	if (at == words) {
		words = words ? words * 2 : 4;
		slots = realloc(parts->slots, words * sizeof(*slots));
		if (!slots)
			return false;
		memset(slots + parts->slot_words, 0,
		       (words - parts->slot_words) * sizeof(*slots));
		parts->slots = slots;
		parts->slot_words = words;
	}
	*slot = (unsigned int)__builtin_ctzll(~parts->slots[at]);
	parts->slots[at] |= 1ULL << *slot;
	*slot += (unsigned int)at * WORD_BITS;
	return true;
}

static void set_address(struct plan_server *server)
{
	const struct sluice_endpoint *at = &server->at;

	if (at->address.family == AF_INET) {
		server->address.v4 = (struct sockaddr_in){
			.sin_family = AF_INET,
			.sin_port = htons(at->port),
			.sin_addr = at->address.v4,
		};
		server->address_size = sizeof(server->address.v4);
	} else {
		server->address.v6 = (struct sockaddr_in6){
			.sin6_family = AF_INET6,
			.sin6_port = htons(at->port),
			.sin6_addr = at->address.v6,
		};
		server->address_size = sizeof(server->address.v6);
	}
}

static struct plan_server **bucket(const struct plan_parts *parts,
				   uint64_t settings, uint64_t key)
{
	uint64_t hash = settings ^ key;

	return &parts->servers[(hash ^ hash >> 32) &
			       (parts->server_buckets - 1)];
}

static struct plan_server *find(const struct plan_parts *parts,
				uint64_t settings,
				const struct sluice_endpoint *at)
{
	struct plan_server *server;

	if (!parts->server_buckets)
		return NULL;
	server = *bucket(parts, settings, hash_endpoint(at));
	while (server && (server->settings != settings ||
			  sluice_endpoint_compare(&server->at, at) != 0))
		server = server->next;
	return server;
}

/* Room for one more. Return: false: there is no table at all. */
static bool grow(struct plan_parts *parts)
{
	struct plan_parts larger = {
		.server_buckets = parts->server_buckets ?
					  parts->server_buckets * 2 :
					  BUCKETS_MIN,
	};
	struct plan_server *server, **at;

	if (parts->server_count < parts->server_buckets)
		return true;
	larger.servers =
		calloc(larger.server_buckets, sizeof(struct plan_server *));
	if (!larger.servers)
		return parts->server_buckets;
	for (size_t i = 0; i < parts->server_buckets; i++)
		while ((server = parts->servers[i])) {
			parts->servers[i] = server->next;
			at = bucket(&larger, server->settings,
				    server->load.key);
			server->next = *at;
			*at = server;
		}
	free(parts->servers);
	parts->servers = larger.servers;
	parts->server_buckets = larger.server_buckets;
	return true;
}

static struct plan_server *create(struct plan_parts *parts, const char *pool,
				  uint64_t settings,
				  const struct sluice_endpoint *at)
{
	struct plan_server *server, **to;

	if (!grow(parts))
		return NULL;
	server = calloc(1, sizeof(*server));
	if (!server)
		return NULL;
	server->at = *at;
	server->settings = settings;
	server->load.key = hash_endpoint(at);
	set_address(server);
	server->counts = counts_get_server(parts->counts, pool, at);
	if (!server->counts || !take_slot(parts, &server->slot)) {
		counts_put(server->counts);
		free(server);
		return NULL;
	}
	to = bucket(parts, settings, server->load.key);
	server->next = *to;
	*to = server;
	parts->server_count++;
	return server;
}

static void put(struct plan_parts *parts, struct plan_server *server)
{
	struct plan_server **at;

	if (--server->users)
		return;
	at = bucket(parts, server->settings, server->load.key);
	while (*at != server)
		at = &(*at)->next;
	*at = server->next;
	parts->server_count--;
	parts->slots[server->slot / WORD_BITS] &=
		~(1ULL << server->slot % WORD_BITS);
	counts_put(server->counts);
	free(server);
}

static void set_leave(struct plan_parts *parts, struct plan_server *server,
		      bool leave)
{
	if (leave == server->leave)
		return;
	__atomic_store_n(&server->leave, leave, __ATOMIC_RELAXED);
	if (leave)
		__atomic_add_fetch(&parts->leaves, 1, __ATOMIC_RELEASE);
}

/* It drains until then; look again when the first of all has drained. */
static void set_until(struct plan_parts *parts, struct plan_server *server,
		      uint64_t until)
{
	server->until = until;
	if (until && (!parts->until || until < parts->until))
		parts->until = until;
}

/* What becomes of what it has. */
static void refresh_leave(struct plan_parts *parts, struct plan_server *server,
			  const struct config_pool *config,
			  const struct sluice_server *wanted)
{
	uint64_t until = 0;
	bool leave = false;

	if (wanted->state == SLUICE_SERVER_STATE_DOWN)
		leave = config->on_down != CONFIG_KEEP;
	else if (wanted->state == SLUICE_SERVER_STATE_DRAINING &&
		 wanted->has_deadline && !wanted->deadline)
		leave = true;
	else if (wanted->state == SLUICE_SERVER_STATE_DRAINING &&
		 wanted->has_deadline)
		until = loop_now(parts->loop) +
			wanted->deadline * (uint64_t)NS_PER_MS;
	set_until(parts, server, until);
	set_leave(parts, server, leave);
}

/* Return: whether something is other than it was. */
static bool refresh(struct plan_parts *parts, struct plan_server *server,
		    const struct site_server *from)
{
	struct sluice_server wanted;
	uint32_t weight;

	site_server_wanted(from, &wanted);
	refresh_leave(parts, server, from->pool->config, &wanted);
	weight = wanted.state == SLUICE_SERVER_STATE_UP ? wanted.weight : 0;
	if (weight == server->load.weight && wanted.state == server->state)
		return false;
	__atomic_store_n(&server->load.weight, weight, __ATOMIC_RELAXED);
	__atomic_store_n(&server->state, wanted.state, __ATOMIC_RELAXED);
	return true;
}

static void settle(struct plan_parts *parts, struct plan_server *server,
		   const struct site_server *from)
{
	const struct config_server *config = from->config;

	__atomic_store_n(&server->connections_max,
			 config ? config->connections_max : 0,
			 __ATOMIC_RELAXED);
	__atomic_store_n(&server->queue, config ? config->queue : 0,
			 __ATOMIC_RELAXED);
	refresh(parts, server, from);
}

static bool add(struct plan *plan, struct plan_pool *pool, uint64_t settings,
		const struct site_server *from)
{
	struct plan_server *server = find(plan->parts, settings, &from->at);

	if (!server) {
		server = create(plan->parts, pool->config->name, settings,
				&from->at);
		if (server)
			settle(plan->parts, server, from);
	}
	if (!server)
		return false;
	server->users++;
	pool->servers[pool->count] = server;
	pool->loads[pool->count] = &server->load;
	pool->count++;
	if (server->slot >= plan->slots)
		plan->slots = server->slot + 1;
	return true;
}

bool plan_servers_init(struct plan *plan, struct plan_pool *pool,
		       const struct site_pool *from,
		       struct config_errors *errors)
{
	uint64_t settings = hash_settings(from->config);
	const struct site_server *server;
	bool right;

	pool->servers = calloc(from->count + 1, sizeof(struct plan_server *));
	pool->loads = calloc(from->count + 1, sizeof(struct balance_load *));
	right = pool->servers && pool->loads;
	TAILQ_FOREACH(server, &from->servers, of_pool)
	right = right && add(plan, pool, settings, server);
	if (!right)
		config_error_add(errors, from->config->at, "out of memory");
	return right;
}

void plan_servers_exit(struct plan *plan, struct plan_pool *pool)
{
	for (size_t i = 0; i < pool->count; i++)
		put(plan->parts, pool->servers[i]);
	free(pool->servers);
	free(pool->loads);
}

void plan_pool_count(struct plan_pool *pool)
{
	size_t up = 0;

	if (!pool->outlier)
		return;
	for (size_t i = 0; i < pool->count; i++)
		up += pool->loads[i]->weight > 0;
	outlier_set_up(pool->outlier, up);
}

void plan_pool_changed(struct plan_pool *pool)
{
	plan_pool_count(pool);
	__atomic_add_fetch(&pool->changes, 1, __ATOMIC_RELEASE);
}

void plan_servers_settle(struct plan *plan, struct plan_pool *pool,
			 const struct site_pool *from)
{
	const struct site_server *server;
	size_t i = 0;

	TAILQ_FOREACH(server, &from->servers, of_pool)
	if (i < pool->count)
		settle(plan->parts, pool->servers[i++], server);
	plan_pool_changed(pool);
}

void plan_servers_expire(struct plan *plan, struct plan_pool *pool)
{
	struct plan_parts *parts = plan->parts;
	uint64_t now = loop_now(parts->loop);

	for (size_t i = 0; i < pool->count; i++) {
		struct plan_server *server = pool->servers[i];

		if (!server->until)
			continue;
		if (server->until > now) {
			set_until(parts, server, server->until);
			continue;
		}
		server->until = 0;
		set_leave(parts, server, true);
	}
}

bool plan_servers_refresh(struct plan *plan, struct plan_pool *pool,
			  struct site_pool *from)
{
	struct site_server *server;
	bool changed = false, fits;
	size_t i = 0;

	/* One of a great many has changed: no more is asked of the others. */
	if (!from->touched)
		return true;
	TAILQ_FOREACH(server, &from->servers, of_pool)
	{
		/* New servers are at the end, so that the order is the same. */
		if (i == pool->count ||
		    sluice_endpoint_compare(&pool->servers[i]->at,
					    &server->at) != 0)
			break;
		if (server->touched &&
		    refresh(plan->parts, pool->servers[i], server))
			changed = true;
		server->touched = false;
		i++;
	}
	fits = !server && i == pool->count;
	/* Where another plan cannot be made it is tried with the next change. */
	from->touched = !fits;
	if (changed)
		plan_pool_changed(pool);
	return fits;
}

const struct plan_server *plan_server_lookup(const struct plan_parts *parts,
					     const struct config_pool *pool,
					     const struct sluice_endpoint *at)
{
	return find(parts, hash_settings(pool), at);
}
