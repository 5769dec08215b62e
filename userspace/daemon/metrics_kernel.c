// SPDX-License-Identifier: GPL-2.0-or-later
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "metrics_kernel.h"
#include "names.gen.h"
#include "relay_names.gen.h"

/* Protocol, slash, address and port: pools of services are named so. */
#define SERVICE_TEXT (SLUICE_ENDPOINT_TEXT + 8)

/* "flow,sniff,relay", and bits that this version does not know. */
#define STRATA_TEXT 64

/* Counts of refusals, by the attributes that name the reasons. */
static const size_t reasons[] = {
#define REASON(attr, field) \
	[SLUICE_A_REFUSALS_##attr] = offsetof(struct sluice_refusals, field)
	REASON(NO_SERVER, no_server), REASON(LIMIT, limit),
	REASON(MEMORY, memory),	      REASON(CLASH, clash),
	REASON(NO_ROUTE, no_route),   REASON(REJECTED, rejected),
	REASON(MALFORMED, malformed), REASON(HEAD_TIMEOUT, head_timeout),
	REASON(CONNECT, connect),     REASON(PRESSURE, pressure),
	REASON(CLOSED, closed),
#undef REASON
};

#define REASONS (sizeof(reasons) / sizeof(reasons[0]))

static uint64_t refusal(const struct sluice_refusals *refusals, size_t reason)
{
	const void *count = (const char *)refusals + reasons[reason];

	return *(const uint64_t *)count;
}

static const char *reason_name(size_t reason)
{
	return sluice_attr_name(SLUICE_SET_REFUSALS, (unsigned int)reason);
}

static int read_all(struct sluice *sl, struct metrics_kernel *kernel)
{
	int err = sluice_info_get(sl, &kernel->info);

	if (!err)
		err = sluice_service_list(sl, &kernel->services,
					  &kernel->service_count);
	if (!err)
		err = sluice_pool_list(sl, &kernel->pools, &kernel->pool_count);
	if (!err)
		err = sluice_server_list(sl, NULL, &kernel->servers,
					 &kernel->server_count);
	if (!err)
		err = sluice_route_list(sl, NULL, &kernel->routes,
					&kernel->route_count);
	return err;
}

/* Where it is there: to ask for it would load its module. */
static void read_relay(struct metrics_kernel *kernel)
{
	struct sluice *sl;

	if (!(kernel->info.strata & 1U << SLUICE_STRATUM_RELAY))
		return;
	kernel->has_relay = sluice_relay_open(&sl) == 0 &&
			    sluice_relay_stats_get(sl, &kernel->relay) == 0;
	sluice_close(sl);
}

void metrics_kernel_read(struct metrics_kernel *kernel)
{
	struct sluice *sl;
	int err = sluice_open(&sl);

	if (!err)
		err = read_all(sl, kernel);
	kernel->up = err == 0;
	if (!err)
		read_relay(kernel);
	if (err)
		snprintf(kernel->why, sizeof(kernel->why), "%s",
			 sluice_error(sl));
	sluice_close(sl);
}

void metrics_kernel_free(struct metrics_kernel *kernel)
{
	free(kernel->services);
	free(kernel->pools);
	free(kernel->servers);
	sluice_route_list_free(kernel->routes, kernel->route_count);
	*kernel = (struct metrics_kernel){ .up = false };
}

static const char *name_or(const char *name)
{
	return name ? name : "unknown";
}

static const char *print_service(char to[SERVICE_TEXT],
				 const struct sluice_service_key *key)
{
	int used = snprintf(to, SERVICE_TEXT, "%s/",
			    key->protocol == IPPROTO_UDP ? "udp" : "tcp");

	sluice_endpoint_print(to + used, SERVICE_TEXT - (size_t)used, &key->at);
	return to;
}

static void print_strata(char to[STRATA_TEXT], uint32_t strata)
{
	size_t used = 0;

	to[0] = '\0';
	for (uint32_t bit = 1; bit && bit <= strata; bit <<= 1)
		if ((strata & bit) && used < STRATA_TEXT - 16)
			used += (size_t)snprintf(
				to + used, STRATA_TEXT - used, "%s%s",
				used ? "," : "",
				name_or(sluice_strata_name(bit)));
}

/* @first: the metric of connections; the others follow it in their order. */
static void write_stats(struct metrics *m, enum metrics_name first,
			const struct sluice_stats *stats,
			const char *const *texts)
{
	const uint64_t counts[] = { stats->connections, stats->in_packets,
				    stats->in_bytes, stats->out_packets,
				    stats->out_bytes };

	for (unsigned int i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		metrics_write(m, (enum metrics_name)(first + i), counts[i],
			      texts);
}

static void write_info(const struct sluice_info *info, struct metrics *m)
{
	char abi[16], strata[STRATA_TEXT];

	snprintf(abi, sizeof(abi), "%u", info->abi);
	print_strata(strata, info->strata);
	metrics_sample(m, METRICS_KERNEL_INFO, 1, info->version, abi, strata);
	metrics_sample(m, METRICS_KERNEL_GENERATION, info->generation);
	metrics_sample(m, METRICS_CONNECTIONS, info->connections);
	metrics_sample(m, METRICS_CONNECTIONS_MAX, info->connections_max);
	metrics_sample(m, METRICS_SERVICES, info->services);
	metrics_sample(m, METRICS_POOLS, info->pools);
	metrics_sample(m, METRICS_SERVERS, info->servers);
	for (size_t i = 1; i < REASONS; i++)
		metrics_sample(m, METRICS_REFUSALS, refusal(&info->refusals, i),
			       reason_name(i));
}

static void write_service(const struct sluice_service *service,
			  struct metrics *m)
{
	char key[SERVICE_TEXT];

	print_service(key, &service->key);
	metrics_sample(m, METRICS_SERVICE_INFO, 1, key, service->pool,
		       service->scheduler,
		       name_or(sluice_stratum_name(service->stratum)),
		       name_or(sluice_parse_name(service->parse)));
	write_stats(m, METRICS_SERVICE_CONNECTIONS, &service->stats,
		    METRICS_TEXTS(key));
	for (size_t i = 1; i < REASONS; i++)
		metrics_sample(m, METRICS_SERVICE_REFUSALS,
			       refusal(&service->refusals, i), key,
			       reason_name(i));
}

static void write_pool(const struct sluice_pool *pool, struct metrics *m)
{
	metrics_sample(m, METRICS_POOL_SERVERS, pool->servers, pool->name);
	write_stats(m, METRICS_POOL_CONNECTIONS, &pool->stats,
		    METRICS_TEXTS(pool->name));
}

static void write_server(const struct sluice_server *server, struct metrics *m)
{
	char at[SLUICE_ENDPOINT_TEXT];
	const char *const *texts;

	sluice_endpoint_print(at, sizeof(at), &server->at);
	texts = METRICS_TEXTS(server->pool, at);
	metrics_write(m, METRICS_SERVER_UP,
		      server->state == SLUICE_SERVER_STATE_UP, texts);
	metrics_write(m, METRICS_SERVER_DRAINING,
		      server->state == SLUICE_SERVER_STATE_DRAINING, texts);
	metrics_write(m, METRICS_SERVER_WEIGHT, server->weight, texts);
	metrics_write(m, METRICS_SERVER_ACTIVE, server->active, texts);
	metrics_write(m, METRICS_SERVER_INACTIVE, server->inactive, texts);
	write_stats(m, METRICS_SERVER_CONNECTIONS, &server->stats, texts);
}

static void write_relay(const struct sluice_relay_stats *stats,
			struct metrics *m)
{
	metrics_sample(m, METRICS_RELAY_CLIENTS, stats->clients);
	metrics_sample(m, METRICS_RELAY_CLIENTS_TOTAL, stats->accepted);
	metrics_sample(m, METRICS_RELAY_REQUESTS, stats->requests);
	metrics_sample(m, METRICS_RELAY_ANSWERS, stats->answers);
	metrics_sample(m, METRICS_RELAY_CONNECTS, stats->connects);
	metrics_sample(m, METRICS_RELAY_RETRIES, stats->retries);
	metrics_sample(m, METRICS_RELAY_TIMEOUTS, stats->timeouts);
	metrics_sample(m, METRICS_RELAY_ERRORS, stats->errors);
	metrics_sample(m, METRICS_RELAY_RECORDS, stats->records);
	metrics_sample(m, METRICS_RELAY_KEY_UPDATES, stats->key_updates);
	metrics_sample(m, METRICS_RELAY_REFUSED, stats->refused);
	for (unsigned int i = 0; i < SLUICE_RELAY_A_RETURNED_MAX; i++)
		metrics_sample(m, METRICS_RELAY_RETURNED, stats->returned[i],
			       name_or(sluice_relay_why_name(i)));
}

void metrics_kernel_write(const struct metrics_kernel *kernel,
			  struct metrics *m)
{
	char key[SERVICE_TEXT];

	metrics_sample(m, METRICS_KERNEL_UP, kernel->up);
	if (!kernel->up)
		return;
	write_info(&kernel->info, m);
	for (size_t i = 0; i < kernel->service_count; i++)
		write_service(&kernel->services[i], m);
	for (size_t i = 0; i < kernel->pool_count; i++)
		write_pool(&kernel->pools[i], m);
	for (size_t i = 0; i < kernel->server_count; i++)
		write_server(&kernel->servers[i], m);
	for (size_t i = 0; i < kernel->route_count; i++)
		metrics_sample(m, METRICS_ROUTE_HITS, kernel->routes[i].hits,
			       print_service(key, &kernel->routes[i].service),
			       kernel->routes[i].name);
	if (kernel->has_relay)
		write_relay(&kernel->relay, m);
}
