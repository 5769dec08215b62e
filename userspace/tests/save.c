// SPDX-License-Identifier: GPL-2.0-or-later
/* What -S writes, -R reads back to the same. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "ktap.h"
#include "restore.h"
#include "route.h"
#include "save.h"

static struct sluice_settings settings = {
	.connections_max = 12345,
	.head_timeout = 5000,
	.connect_timeout = 100,
	.has_connect_retries = true,
	.held_max = 1ull << 40,
	.relay_clients_max = 99,
};

static const struct sluice_pool pools[] = {
	{ .name = "web",
	  .family = AF_INET,
	  .scheduler = "rr",
	  .proxy_protocol = 2,
	  .on_down = SLUICE_FATE_RESET,
	  .on_drain = SLUICE_FATE_RESET,
	  .has_on_drain = true,
	  .has_sticky = true,
	  .sticky_cookie = "a'*b",
	  .sticky_pool = "w:eb",
	  .id = 1 },
	{ .name = "-#six", .family = AF_INET6, .scheduler = "wlc", .id = 2 },
	{ .name = "tcp/192.0.2.2:443",
	  .owned = true,
	  .proxy_protocol = 2,
	  .has_on_drain = true,
	  .on_drain = SLUICE_FATE_REBALANCE,
	  .id = 3 },
};

static const struct sluice_route_condition conditions[] = {
	{ SLUICE_ROUTE_HEADER,
	  SLUICE_ROUTE_PREFIX,
	  { "X-A", 3 },
	  { "a \"b", 4 } },
};

static const struct sluice_route_pool route_pools[] = {
	{ "web", 7 },
	{ "\"q", 1 },
};

static struct sluice_route routes[2];
static struct sluice_service services[2];
static struct sluice_server servers[5];

static struct sluice_endpoint at(const char *address, uint16_t port)
{
	struct sluice_endpoint to = { .port = port };

	to.address.family = strchr(address, ':') ? AF_INET6 : AF_INET;
	inet_pton(to.address.family, address, &to.address.v4);
	return to;
}

/* The servers are ordered by pool, as the table has them. */
static void fill(struct adm_table *table)
{
	for (unsigned int i = 1; i <= SLUICE_A_TIMEOUTS_MAX; i++)
		settings.timeouts[i] = 1000 * i + i;
	services[0].key.protocol = IPPROTO_TCP;
	services[0].key.at = at("192.0.2.2", 443);
	services[0].own_pool = true;
	strcpy(services[0].pool, "tcp/192.0.2.2:443");
	strcpy(services[0].scheduler, "wrr");
	services[0].stratum = SLUICE_STRATUM_SNIFF;
	services[0].parse = SLUICE_PARSE_HTTP;
	services[1].key.protocol = IPPROTO_UDP;
	services[1].key.at = at("2001:db8::53", 53);
	services[1].slow_path = true;
	strcpy(services[1].pool, "-#six");
	strcpy(services[1].scheduler, "wlc");

	servers[0].at = at("2001:db8::1", 5353);
	servers[0].weight = 65535;
	servers[0].forward = SLUICE_FORWARD_DR;
	strcpy(servers[0].pool, "-#six");
	servers[1].at = at("10.0.0.2", 8443);
	servers[1].weight = 0;
	servers[1].state = SLUICE_SERVER_STATE_DRAINING;
	servers[1].has_deadline = true;
	servers[1].deadline = 12345;
	strcpy(servers[1].reason, "a \"new\" disk");
	strcpy(servers[1].pool, "tcp/192.0.2.2:443");
	servers[2].at = at("10.0.0.3", 443);
	servers[2].weight = 1;
	servers[2].forward = SLUICE_FORWARD_TUNNEL;
	strcpy(servers[2].pool, "tcp/192.0.2.2:443");
	/* Beside its service it would get that one's port. */
	servers[3].at = at("10.0.0.3", 8443);
	servers[3].weight = 1;
	servers[3].forward = SLUICE_FORWARD_DR;
	strcpy(servers[3].pool, "tcp/192.0.2.2:443");
	servers[4].at = at("10.0.0.1", 80);
	servers[4].weight = 1;
	servers[4].state = SLUICE_SERVER_STATE_DOWN;
	strcpy(servers[4].reason, "\\");
	strcpy(servers[4].pool, "web");

	strcpy(routes[0].name, "-r");
	routes[0].service = services[0].key;
	routes[0].match.share = 25;
	routes[0].match.conditions = conditions;
	routes[0].match.condition_count = ARRAY_SIZE(conditions);
	routes[0].pools = route_pools;
	routes[0].pools_count = ARRAY_SIZE(route_pools);
	strcpy(routes[1].name, "rest");
	routes[1].service = services[0].key;
	routes[1].match.share = SLUICE_ROUTE_SHARE_ALL;
	routes[1].action = SLUICE_ROUTE_ACTION_PROXY;
	routes[1].proxy_port = 8080;

	*table = (struct adm_table){ services, ARRAY_SIZE(services), servers,
				     ARRAY_SIZE(servers) };
}

static char *save(const struct adm_table *table)
{
	FILE *old = stdout;
	char *text = NULL;
	size_t size;

	stdout = open_memstream(&text, &size);
	if (!stdout)
		abort();
	if (adm_save(&settings, pools, ARRAY_SIZE(pools), table, routes,
		     ARRAY_SIZE(routes)) < 0)
		abort();
	fclose(stdout);
	stdout = old;
	return text;
}

static bool same_endpoint(const struct sluice_endpoint *a,
			  const struct sluice_endpoint *b)
{
	return a->port == b->port && a->address.family == b->address.family &&
	       memcmp(&a->address.v4, &b->address.v4,
		      a->address.family == AF_INET ? 4 : 16) == 0;
}

static bool is_server(const struct adm_request *req,
		      const struct sluice_server *server, const char *pool,
		      const struct sluice_service *service)
{
	return req->command->run == cmd_server_add &&
	       same_endpoint(&req->server, &server->at) &&
	       req->weight == server->weight && req->state == server->state &&
	       adm_has(req, OPT_DEADLINE) == server->has_deadline &&
	       req->deadline == server->deadline &&
	       strcmp(req->reason, server->reason) == 0 &&
	       req->forward == server->forward &&
	       strcmp(req->pool, pool) == 0 &&
	       (!service || same_endpoint(&req->service.at, &service->key.at));
}

static bool is_pool(const struct adm_request *req,
		    const struct sluice_pool *pool)
{
	return req->command->run == cmd_pool_add &&
	       req->family == pool->family &&
	       req->proxy_protocol == pool->proxy_protocol &&
	       req->on_down == pool->on_down &&
	       adm_has(req, OPT_STICKY) == pool->has_sticky &&
	       strcmp(req->sticky_cookie, pool->sticky_cookie) == 0 &&
	       strcmp(req->sticky_pool, pool->sticky_pool) == 0 &&
	       strcmp(req->pool, pool->name) == 0 &&
	       strcmp(req->scheduler, pool->scheduler) == 0;
}

static bool is_service(const struct adm_request *req,
		       const struct sluice_service *service, const char *pool,
		       const char *scheduler)
{
	return req->command->run == cmd_service_add &&
	       req->service.protocol == service->key.protocol &&
	       same_endpoint(&req->service.at, &service->key.at) &&
	       req->slow_path == service->slow_path &&
	       req->stratum == service->stratum &&
	       req->parse == service->parse && strcmp(req->pool, pool) == 0 &&
	       strcmp(req->scheduler, scheduler) == 0;
}

static bool same_text(struct sluice_text a, struct sluice_text b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static bool is_route(const struct adm_request *req,
		     const struct sluice_route *route)
{
	const struct sluice_route *read;
	bool same;

	if (req->command->run != cmd_route_add)
		return false;
	read = &req->route->route;
	same = strcmp(read->name, route->name) == 0 && !read->before[0] &&
	       same_endpoint(&read->service.at, &route->service.at) &&
	       read->match.share == route->match.share &&
	       read->match.condition_count == route->match.condition_count &&
	       read->action == route->action &&
	       read->proxy_port == route->proxy_port &&
	       read->pools_count == route->pools_count;
	for (size_t i = 0; same && i < read->pools_count; i++)
		same = strcmp(read->pools[i].name, route->pools[i].name) == 0 &&
		       read->pools[i].weight == route->pools[i].weight;
	for (u32 i = 0; same && i < read->match.condition_count; i++)
		same = same_text(read->match.conditions[i].name,
				 route->match.conditions[i].name) &&
		       same_text(read->match.conditions[i].value,
				 route->match.conditions[i].value) &&
		       read->match.conditions[i].how ==
			       route->match.conditions[i].how;
	return same;
}

static bool is_settings(const struct adm_request *req)
{
	return req->command->run == cmd_settings_set &&
	       memcmp(req->settings.timeouts, settings.timeouts,
		      sizeof(settings.timeouts)) == 0 &&
	       req->settings.connections_max == settings.connections_max &&
	       req->settings.head_timeout == settings.head_timeout &&
	       req->settings.connect_timeout == settings.connect_timeout &&
	       req->settings.has_connect_retries &&
	       req->settings.connect_retries == settings.connect_retries &&
	       req->settings.held_max == settings.held_max &&
	       req->settings.relay_clients_max == settings.relay_clients_max;
}

static int read_text(struct adm_plan *plan, char *text, size_t length,
		     unsigned long *line, struct adm_message *msg)
{
	FILE *from = fmemopen(text, length, "r");
	int status;

	if (!from)
		abort();
	*plan = (struct adm_plan){ 0 };
	status = adm_plan_read(plan, from, line, msg);
	fclose(from);
	return status;
}

static void test_round_trip(struct ktap *ktap)
{
	const struct adm_step *steps;
	struct adm_message msg;
	struct adm_table table;
	struct adm_plan plan;
	unsigned long line;
	bool complete;
	char *text;

	fill(&table);
	text = save(&table);
	if (read_text(&plan, text, strlen(text), &line, &msg))
		printf("# line %lu: %s\n", line, msg.text);
	steps = plan.steps;
	complete = plan.count == 13;
	ktap_result(ktap, complete, "as many lines as there are objects");
	ktap_result(ktap, complete && is_settings(&steps[0].req),
		    "settings come back");
	ktap_result(ktap,
		    complete && is_pool(&steps[1].req, &pools[0]) &&
			    is_pool(&steps[3].req, &pools[1]),
		    "named pools come back");
	ktap_result(
		ktap,
		complete &&
			is_server(&steps[2].req, &servers[4], "web", NULL) &&
			is_server(&steps[4].req, &servers[0], "-#six", NULL),
		"servers of named pools come back");
	ktap_result(
		ktap,
		complete &&
			is_service(&steps[5].req, &services[0], "", "wrr") &&
			is_service(&steps[9].req, &services[1], "-#six", ""),
		"services come back");
	ktap_result(ktap,
		    complete &&
			    is_server(&steps[6].req, &servers[1], "",
				      &services[0]) &&
			    is_server(&steps[7].req, &servers[2], "",
				      &services[0]),
		    "servers of services come back");
	ktap_result(ktap,
		    complete && is_server(&steps[8].req, &servers[3],
					  "tcp/192.0.2.2:443", NULL),
		    "a port that packets do not get comes back");
	ktap_result(ktap,
		    complete && steps[10].req.command->run == cmd_pool_set &&
			    steps[10].req.proxy_protocol == 2 &&
			    steps[10].req.on_drain == SLUICE_FATE_REBALANCE &&
			    strcmp(steps[10].req.pool, "tcp/192.0.2.2:443") ==
				    0,
		    "what a service's own pool has besides comes back");
	ktap_result(ktap,
		    complete && is_route(&steps[11].req, &routes[0]) &&
			    is_route(&steps[12].req, &routes[1]),
		    "routes come back");
	adm_plan_free(&plan);
	free(text);
}

static void expect(struct ktap *ktap, const char *name, const char *text,
		   size_t length, unsigned long line, const char *message)
{
	struct adm_message msg = { "" };
	struct adm_plan plan;
	char copy[16384];
	unsigned long at_line;
	bool passed;
	int status;

	memcpy(copy, text, length);
	status = read_text(&plan, copy, length, &at_line, &msg);
	passed = (status != 0) == (message[0] != '\0') && at_line == line &&
		 strcmp(msg.text, message) == 0;
	if (!passed)
		printf("# status %d at line %lu: '%s'\n", status, at_line,
		       msg.text);
	ktap_result(ktap, passed, name);
	adm_plan_free(&plan);
}

static void test_lines(struct ktap *ktap)
{
	static const char first[] = "-A -t 192.0.2.1:80\n";
	static char many[sizeof(first) + 2ul * (ADM_WORDS_MAX + 1)];
	static const char nul[] = "\n\n-C\0 -A\n";

#define EXPECT(name, text, line, message) \
	expect(ktap, name, text, strlen(text), line, message)
	EXPECT("comments, blanks and prefixes",
	       "# x\n\n  \t\n-C\r\nsluiceadm -Z\nipvsadm -C\n  # -Q", 7, "");
	EXPECT("the wrong line is named", "-C\n-A -t 192.0.2.1:80\n-A\n-C\n", 3,
	       "-A: needs -t or -u");
	EXPECT("listing is no change", "-C\n-L\n", 2,
	       "-L: not a command that changes the table");
	EXPECT("a restore does not restore", "-R\n", 1,
	       "-R: not a command that changes the table");
	memcpy(many, first, sizeof(first));
	for (size_t i = 0; i <= ADM_WORDS_MAX; i++)
		memcpy(many + sizeof(first) - 1 + 2 * i, "x ", 3);
	EXPECT("words without end", many, 2, "more than 4096 words");
#undef EXPECT
	expect(ktap, "a NUL byte", nul, sizeof(nul) - 1, 3, "a NUL byte");
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	test_round_trip(&ktap);
	test_lines(&ktap);
	return ktap_end(&ktap);
}
