// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses, counters and names, as listings show them. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <netdb.h>
#include <string.h>

#include "names.gen.h"
#include "print.h"
#include "route.h"

/* Names that were looked up, as listings repeat a few addresses many times. */
#define CACHE_SIZE 1024

struct cached_name {
	struct sluice_address address;
	char name[NI_MAXHOST];
};

const char *print_protocol(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	default:
		return "unknown";
	}
}

static void number_text(char *to, size_t size,
			const struct sluice_address *address)
{
	if (!address->family ||
	    !inet_ntop(address->family, &address->v4, to, (socklen_t)size))
		snprintf(to, size, "?");
}

static int look_up(const struct sluice_address *address, char *to, size_t size)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	if (address->family == AF_INET) {
		v4.sin_addr = address->v4;
		return getnameinfo((struct sockaddr *)&v4, sizeof(v4), to,
				   (socklen_t)size, NULL, 0, NI_NAMEREQD);
	}
	v6.sin6_addr = address->v6;
	return getnameinfo((struct sockaddr *)&v6, sizeof(v6), to,
			   (socklen_t)size, NULL, 0, NI_NAMEREQD);
}

static size_t hash(const struct sluice_address *address)
{
	const unsigned char *bytes = (const unsigned char *)&address->v4;
	size_t length = address->family == AF_INET ? 4 : 16;
	uint32_t sum = 2166136261u;

	for (size_t i = 0; i < length; i++)
		sum = (sum ^ bytes[i]) * 16777619u;
	return sum % CACHE_SIZE;
}

static bool same_address(const struct sluice_address *a,
			 const struct sluice_address *b)
{
	if (a->family != b->family)
		return false;
	return memcmp(&a->v4, &b->v4, a->family == AF_INET ? 4 : 16) == 0;
}

/* The name of an address, empty if it has none. */
static const char *host_name(const struct sluice_address *address)
{
	static struct cached_name cache[CACHE_SIZE];
	struct cached_name *entry = &cache[hash(address)];

	if (same_address(&entry->address, address))
		return entry->name;
	entry->address = *address;
	if (look_up(address, entry->name, sizeof(entry->name)) != 0)
		entry->name[0] = '\0';
	return entry->name;
}

/**
 * print_endpoint() - "address:port", IPv6 addresses and their names in brackets
 * @to: where it is written
 * @size: room there
 * @at: address and port
 * @protocol: for names of ports
 * @numeric: no names
 *
 * Return: @to.
 */
const char *print_endpoint(char *to, size_t size,
			   const struct sluice_endpoint *at, uint8_t protocol,
			   bool numeric)
{
	const struct servent *entry = NULL;
	const char *name = "";
	char number[INET6_ADDRSTRLEN];
	char port[8];

	if (!numeric && at->address.family) {
		name = host_name(&at->address);
		entry = getservbyport(htons(at->port),
				      print_protocol(protocol));
	}
	number_text(number, sizeof(number), &at->address);
	snprintf(port, sizeof(port), "%u", at->port);
	snprintf(to, size, at->address.family == AF_INET6 ? "[%s]:%s" : "%s:%s",
		 name[0] ? name : number, entry ? entry->s_name : port);
	return to;
}

/* "tcp/192.0.2.1:80", which is also how the pools of services are named. */
const char *print_service(char to[SERVICE_TEXT],
			  const struct sluice_service_key *key)
{
	char at[SERVICE_TEXT - 8];

	print_endpoint(at, sizeof(at), &key->at, key->protocol, true);
	snprintf(to, SERVICE_TEXT, "%s/%s", print_protocol(key->protocol), at);
	return to;
}

/* "pool web" or "service tcp/192.0.2.1:80", whichever a request names. */
const char *print_pool_of(char *to, size_t size, const char *pool,
			  const struct sluice_service_key *service)
{
	char text[SERVICE_TEXT];

	if (pool[0])
		snprintf(to, size, "pool %s", pool);
	else
		snprintf(to, size, "service %s", print_service(text, service));
	return to;
}

/**
 * print_count() - a counter in a column of nine characters
 * @count: the counter
 * @exact: all its digits, however wide
 *
 * The steps are those of ipvsadm: large counters lose digits.
 */
void print_count(uint64_t count, bool exact)
{
	if (exact || count < 100000000u)
		printf(" %8" PRIu64, count);
	else if (count < 1000000000u)
		printf(" %7" PRIu64 "K", count / 1000);
	else if (count < 100000000000u)
		printf(" %7" PRIu64 "M", count / 1000000);
	else if (count < 100000000000000u)
		printf(" %7" PRIu64 "G", count / 1000000000u);
	else
		printf(" %7" PRIu64 "T", count / 1000000000000u);
}

/* ipvsadm's words for the forwarding methods. */
const char *print_forward(uint8_t forward)
{
	switch (forward) {
	case SLUICE_FORWARD_NAT:
		return "Masq";
	case SLUICE_FORWARD_DR:
		return "Route";
	case SLUICE_FORWARD_TUNNEL:
		return "Tunnel";
	default:
		return "?";
	}
}

/* Our own. */
const char *print_forward_name(uint8_t forward)
{
	const char *name = sluice_forward_name(forward);

	return name ? name : "?";
}

const char *print_state(uint8_t state)
{
	const char *name = sluice_server_state_name(state);

	return name ? name : "?";
}

/**
 * print_why() - write what belongs to the state of a server, as options are written
 * @to: where
 * @server: the server; nothing is written where it has no deadline and no reason
 */
void print_why(FILE *to, const struct sluice_server *server)
{
	if (server->has_deadline && server->deadline)
		fprintf(to, " deadline %us",
			server->deadline / 1000 +
				(server->deadline % 1000 > 0));
	else if (server->has_deadline)
		fputs(" deadline over", to);
	if (!server->reason[0])
		return;
	fputs(" reason ", to);
	print_word(to, server->reason, strlen(server->reason));
}

static const char *fate(uint8_t fate)
{
	const char *name = sluice_fate_name(fate);

	return name ? name : "?";
}

/**
 * print_fates() - write what becomes of connections, where it is not the default
 * @pool: the pool
 * @on_down: written ahead of the one
 * @on_drain: written ahead of the other
 */
void print_fates(const struct sluice_pool *pool, const char *on_down,
		 const char *on_drain)
{
	if (pool->on_down != SLUICE_FATE_KEEP)
		printf("%s%s", on_down, fate(pool->on_down));
	/* An older module knows none of these. */
	if (pool->has_on_drain && pool->on_drain != SLUICE_FATE_RESET)
		printf("%s%s", on_drain, fate(pool->on_drain));
}

const char *print_stratum(uint8_t stratum)
{
	const char *name = sluice_stratum_name(stratum);

	return name ? name : "?";
}

const char *print_parse(uint8_t parse)
{
	const char *name = sluice_parse_name(parse);

	return name ? name : "?";
}

/**
 * print_refusal() - connections that were refused for one reason
 * @refusals: all
 * @reason: number of its attribute, 1 to SLUICE_A_REFUSALS_MAX
 *
 * Return: how many.
 */
uint64_t print_refusal(const struct sluice_refusals *refusals,
		       unsigned int reason)
{
	const uint64_t counts[] = {
		[SLUICE_A_REFUSALS_NO_SERVER] = refusals->no_server,
		[SLUICE_A_REFUSALS_LIMIT] = refusals->limit,
		[SLUICE_A_REFUSALS_MEMORY] = refusals->memory,
		[SLUICE_A_REFUSALS_CLASH] = refusals->clash,
		[SLUICE_A_REFUSALS_NO_ROUTE] = refusals->no_route,
		[SLUICE_A_REFUSALS_REJECTED] = refusals->rejected,
		[SLUICE_A_REFUSALS_MALFORMED] = refusals->malformed,
		[SLUICE_A_REFUSALS_HEAD_TIMEOUT] = refusals->head_timeout,
		[SLUICE_A_REFUSALS_CONNECT] = refusals->connect,
		[SLUICE_A_REFUSALS_PRESSURE] = refusals->pressure,
		[SLUICE_A_REFUSALS_CLOSED] = refusals->closed,
	};

	return counts[reason];
}
