// SPDX-License-Identifier: GPL-2.0-or-later
/* The requests that a configuration becomes, and where each of them comes from. */
#include <limits.h>

#include "site_fake.h"
#include "place.h"
#include "stage.h"

/* The library, which takes down what it is asked for; one number is refused. */
static char asked[8192];
static unsigned int requests, refuse;

static int take(const char *format, ...)
{
	size_t length = strlen(asked);
	va_list args;

	if (requests == refuse)
		return -EINVAL;
	requests++;
	va_start(args, format);
	vsnprintf(asked + length, sizeof(asked) - length, format, args);
	va_end(args);
	return 0;
}

int sluice_flush(struct sluice *sl)
{
	(void)sl;
	return take("flush\n");
}

int sluice_settings_set(struct sluice *sl,
			const struct sluice_settings *settings)
{
	(void)sl;
	return take("settings %u %u %u %u %llu %u %u\n",
		    settings->connections_max, settings->head_timeout,
		    settings->connect_timeout, settings->connect_retries,
		    (unsigned long long)settings->held_max,
		    settings->relay_clients_max,
		    settings->timeouts[SLUICE_A_TIMEOUTS_TCP_ESTABLISHED]);
}

int sluice_pool_new(struct sluice *sl, const struct sluice_pool *pool)
{
	(void)sl;
	return take("pool %s %s %s%s%s%s%s%s\n", pool->name,
		    pool->family == AF_INET ? "v4" : "v6", pool->scheduler,
		    pool->proxy_protocol ? " proxy" : "",
		    pool->has_sticky ? " sticky " : "", pool->sticky_cookie,
		    pool->has_sticky ? ":" : "", pool->sticky_pool);
}

int sluice_server_new(struct sluice *sl, const struct sluice_server *server)
{
	char at[SLUICE_ENDPOINT_TEXT];

	(void)sl;
	return take("server %s %s %s %u\n", server->pool,
		    sluice_endpoint_print(at, sizeof(at), &server->at),
		    sluice_server_state_name(server->state), server->weight);
}

int sluice_service_new(struct sluice *sl, const struct sluice_service *service)
{
	char at[SLUICE_ENDPOINT_TEXT];

	(void)sl;
	return take("service %s/%s %s %s%s%s\n",
		    service->key.protocol == IPPROTO_UDP ? "udp" : "tcp",
		    sluice_endpoint_print(at, sizeof(at), &service->key.at),
		    place_stratum_name(service->stratum),
		    service->pool[0] ? service->pool : "-",
		    service->slow_path ? " slow" : "",
		    !service->has_parse		       ? "" :
		    service->parse == SLUICE_PARSE_TLS ? " tls" :
							 " http");
}

int sluice_route_new(struct sluice *sl, const struct sluice_route *route)
{
	char to[256] = "";

	(void)sl;
	for (size_t i = 0; i < route->pools_count; i++)
		snprintf(to + strlen(to), sizeof(to) - strlen(to), " %s*%u",
			 route->pools[i].name, route->pools[i].weight);
	if (route->action == SLUICE_ROUTE_ACTION_PROXY)
		snprintf(to, sizeof(to), " back %u", route->proxy_port);
	return take("route %s '%.*s' %u conditions:%s %u\n", route->name,
		    (int)route->match.host.len, route->match.host.data,
		    route->match.condition_count, to, route->status);
}

static struct stage stage;

/* Return: whether these are the requests, after the settings. */
static bool becomes(const char *text, unsigned int built, const char *expect)
{
	const char *rest = asked;
	char wrong[1024] = "";
	bool right;

	asked[0] = '\0';
	requests = 0;
	site = try_site(text, wrong, sizeof(wrong));
	if (!site) {
		printf("# %s", wrong);
		return false;
	}
	if (stage_site(&stage, NULL, site, built))
		return false;
	for (int i = 0; i < 2; i++)
		rest = strchr(rest, '\n') + 1;
	right = strcmp(rest, expect) == 0 && requests == stage.count;
	if (!right)
		printf("# %u, %zu requests:\n%s# instead of:\n%s", requests,
		       stage.count, rest, expect);
	return right;
}

#define POOLS "version: 1\npools: {"
#define SERVICES "}\nservices: {"

/* An older module has no limit of relay, and is not told one. */
static bool settings_of(bool limits_relay, const char *expect)
{
	setup();
	stage.limits_relay = limits_relay;
	return becomes(POOLS SERVICES
		       "}\n"
		       "settings: {connections-max: 5000,\n"
		       "  head-timeout: 7s, connect-timeout: 4s,\n"
		       "  connect-retries: 0, held-max: 8M,\n"
		       "  relay-clients-max: 9,\n"
		       "  timeouts: {tcp-established: 1h}}\n",
		       PLACE_BUILT, "") &&
	       strcmp(asked, expect) == 0;
}

static bool settings(void)
{
	return settings_of(
		true, "flush\nsettings 5000 7000 4000 0 8388608 9 3600000\n");
}

static bool settings_of_old(void)
{
	return settings_of(
		false, "flush\nsettings 5000 7000 4000 0 8388608 0 3600000\n");
}

static bool flow(void)
{
	setup();
	return becomes(
		POOLS
		"web: {scheduler: rr, servers: ['10.0.0.1:80',\n"
		"   {address: 10.0.0.2:80, weight: 5, state: draining}]},\n"
		"dns: {servers: ['10.0.0.3:53']},\n"
		"unused: {servers: ['10.0.0.4:53']}" SERVICES
		"a: {address: ['192.0.2.1:80', '192.0.2.2:80'], pool: web},\n"
		"d: {address: ['192.0.2.1:53'], protocol: udp, pool: dns,\n"
		"    slow-path: true}}\n",
		PLACE_BUILT,
		"pool web v4 rr\n"
		"server web 10.0.0.1:80 up 1\n"
		"server web 10.0.0.2:80 draining 5\n"
		"pool dns v4 wlc\n"
		"server dns 10.0.0.3:53 up 1\n"
		"service tcp/192.0.2.1:80 flow web\n"
		"service tcp/192.0.2.2:80 flow web\n"
		"service udp/192.0.2.1:53 flow dns slow\n");
}

static bool both_families(void)
{
	setup();
	return becomes(
		POOLS
		"web: {servers: ['10.0.0.1:80', '[2001:db8::1]:80']}" SERVICES
		"a: {address: ['192.0.2.1:443', '[2001:db8::9]:443'], parse: tls,\n"
		"    routes: [{name: r, match: {sni: a.test}, pool: web}]}}\n",
		PLACE_BUILT,
		"pool web v4 wlc\n"
		"server web 10.0.0.1:80 up 1\n"
		"pool web@ipv6 v6 wlc\n"
		"server web@ipv6 [2001:db8::1]:80 up 1\n"
		"service tcp/192.0.2.1:443 sniff - tls\n"
		"route r 'a.test' 0 conditions: web*1 0\n"
		"service tcp/[2001:db8::9]:443 sniff - tls\n"
		"route r 'a.test' 0 conditions: web@ipv6*1 0\n");
}

static bool routes(void)
{
	setup();
	return becomes(POOLS
		       "web: {servers: ['10.0.0.1:80']},\n"
		       "api: {servers: ['10.0.0.2:80']}" SERVICES
		       "a: {address: '192.0.2.1:80', parse: http, pool: web,\n"
		       "    decide: connection, routes: [\n"
		       "  {name: many, match: {host: [a.test, b.test],\n"
		       "      method: [GET, HEAD]},\n"
		       "   pools: {web: 9, api: 1}},\n"
		       "  {name: no, match: {path: /x}, reject: 403}]}}\n",
		       PLACE_BUILT,
		       "pool web v4 wlc\n"
		       "server web 10.0.0.1:80 up 1\n"
		       "pool api v4 wlc\n"
		       "server api 10.0.0.2:80 up 1\n"
		       "service tcp/192.0.2.1:80 sniff web http\n"
		       "route many 'a.test' 1 conditions: web*9 api*1 0\n"
		       "route many/2 'a.test' 1 conditions: web*9 api*1 0\n"
		       "route many/3 'b.test' 1 conditions: web*9 api*1 0\n"
		       "route many/4 'b.test' 1 conditions: web*9 api*1 0\n"
		       "route no '' 0 conditions: 403\n");
}

#define LONG "a-name-that-has-just-the-sixty-three-characters-that-are-allowed"

/* Names of rules stay different, and within what the kernel takes. */
static bool long_names(void)
{
	/* 58 characters, so that it has a name for IPv6, too. */
	const char *pool = LONG + 5;
	char text[2048], name[64];

	setup();
	snprintf(name, sizeof(name), "%.63s", LONG);
	snprintf(
		text, sizeof(text),
		POOLS
		"%.58s: {servers: ['[2001:db8::1]:80']}" SERVICES
		"a: {address: '[2001:db8::9]:80', parse: http,\n"
		"  decide: connection, routes: [\n"
		"  {name: x, match: {path: /}, reject: 404},\n"
		"  {name: %s, match: {host: [a.test, b.test]}, pool: %.58s},\n"
		"  {name: %.62s, match: {host: [a.test, b.test]}, pool: %.58s}]}}\n",
		pool, name, pool, name, pool);
	return becomes(
		text, PLACE_BUILT,
		"pool e-that-has-just-the-sixty-three-characters-that-are-allowe@ipv6 v6 wlc\n"
		"server e-that-has-just-the-sixty-three-characters-that-are-allowe@ipv6 [2001:db8::1]:80 up 1\n"
		"service tcp/[2001:db8::9]:80 sniff - http\n"
		"route x '' 0 conditions: 404\n"
		"route a-name-that-has-just-the-sixty-three-characters-that-are-allowe 'a.test' 0 conditions: e-that-has-just-the-sixty-three-characters-that-are-allowe@ipv6*1 0\n"
		"route a-name-that-has-just.../2/2 'b.test' 0 conditions: e-that-has-just-the-sixty-three-characters-that-are-allowe@ipv6*1 0\n"
		"route a-name-that-has-just-the-sixty-three-characters-that-are-allow 'a.test' 0 conditions: e-that-has-just-the-sixty-three-characters-that-are-allowe@ipv6*1 0\n"
		"route a-name-that-has-just.../3/2 'b.test' 0 conditions: e-that-has-just-the-sixty-three-characters-that-are-allowe@ipv6*1 0\n");
}

/* What is in no stratum of the kernel is nothing for it. */
static bool not_for_the_kernel(void)
{
	setup();
	return becomes(POOLS
		       "web: {servers: ['10.0.0.1:80']}" SERVICES
		       "a: {address: '192.0.2.1:80', parse: http, pool: web,\n"
		       "    http: {access-log: json}},\n"
		       "b: {address: '192.0.2.1:81', pool: web}}\n",
		       PLACE_BUILT,
		       "pool web v4 wlc\n"
		       "server web 10.0.0.1:80 up 1\n"
		       "service tcp/192.0.2.1:81 flow web\n");
}

/* What relay cannot do of a service is given back, and its pools are not told. */
static bool relay(void)
{
	setup();
	host.built = PLACE_BUILT;
	return becomes(
		POOLS
		"web: {servers: ['10.0.0.1:80']},\n"
		"own: {sticky: {cookie: ID, mode: application}, servers: ['10.0.0.2:80']}" SERVICES
		"a: {address: '192.0.2.1:80', parse: http, pool: web,\n"
		"    stratum: relay, routes: [\n"
		"  {name: r, match: {path: /, header: {x: {regex: a}}}, pool: web},\n"
		"  {name: s, match: {path: /s}, pool: own},\n"
		"  {name: no, match: {path: /x}, reject: 403}]}}\n",
		PLACE_BUILT,
		"pool web v4 wlc\n"
		"server web 10.0.0.1:80 up 1\n"
		"service tcp/192.0.2.1:80 relay web http\n"
		"route r '' 1 conditions: back 0 0\n"
		"route s '' 0 conditions: back 0 0\n"
		"route no '' 0 conditions: 403\n");
}

/* Cookies of both families are those of stratum proxy. */
static bool sticky(void)
{
	setup();
	host.built = PLACE_BUILT;
	return becomes(
		POOLS
		"web: {sticky: ID, servers: ['10.0.0.1:80', '[2001:db8::1]:80']}" SERVICES
		"a: {address: ['192.0.2.1:80', '[2001:db8::9]:80'],\n"
		"    parse: http, pool: web}}\n",
		PLACE_BUILT,
		"pool web v4 wlc sticky ID:web\n"
		"server web 10.0.0.1:80 up 1\n"
		"pool web@ipv6 v6 wlc sticky ID:web\n"
		"server web@ipv6 [2001:db8::1]:80 up 1\n"
		"service tcp/192.0.2.1:80 relay web http\n"
		"service tcp/[2001:db8::9]:80 relay web@ipv6 http\n");
}

/* Where relay is not there, its services are in proxy. */
static bool no_relay(void)
{
	setup();
	host.built = PLACE_BUILT;
	return becomes(
		POOLS
		"web: {servers: ['10.0.0.1:80']}" SERVICES
		"a: {address: '192.0.2.1:80', parse: http, pool: web,\n"
		"    routes: [{name: r, match: {path: /}, pool: web}]}}\n",
		PLACE_BUILT & ~(1U << CONFIG_RELAY),
		"pool web v4 wlc\nserver web 10.0.0.1:80 up 1\n");
}

static bool is_at(size_t number, const char *expect)
{
	char path[STAGE_PATH_MAX], text[STAGE_PATH_MAX + 16];
	struct config_place at;

	stage_locate(&stage, number, path, &at);
	snprintf(text, sizeof(text), "%s at %u", path, at.line);
	if (strcmp(text, expect) == 0)
		return true;
	printf("# %s instead of %s\n", text, expect);
	return false;
}

static bool places(void)
{
	bool right;

	setup();
	right = put_change("web", "10.0.0.9:80",
			   (struct change){ .added = true });
	right &= becomes(
		POOLS
		"\nweb: {servers: ['10.0.0.1:80',\n"
		"  '10.0.0.2:80']}" SERVICES
		"\na: {address: '192.0.2.1:80', parse: http, pool: web,\n"
		"    decide: connection, routes: [\n"
		"  {name: no, match: {host: [a.test, b.test]}, reject: 403}]}}\n",
		PLACE_BUILT,
		"pool web v4 wlc\n"
		"server web 10.0.0.1:80 up 1\n"
		"server web 10.0.0.2:80 up 1\n"
		"server web 10.0.0.9:80 up 1\n"
		"service tcp/192.0.2.1:80 sniff web http\n"
		"route no 'a.test' 0 conditions: 403\n"
		"route no/2 'b.test' 0 conditions: 403\n");
	return right && is_at(1, "settings at 1") &&
	       is_at(2, "pools.web at 3") &&
	       is_at(3, "pools.web.servers: 10.0.0.1:80 at 3") &&
	       is_at(4, "pools.web.servers: 10.0.0.2:80 at 4") &&
	       is_at(5, "pools.web.servers: 10.0.0.9:80 at 3") &&
	       is_at(6, "services.a at 6") &&
	       is_at(7, "services.a.routes.no at 8") &&
	       is_at(8, "services.a.routes.no at 8") &&
	       is_at(9, "settings at 1") && is_at(SIZE_MAX, "settings at 1");
}

/* Whichever request cannot be made: it is the last that was noted. */
static bool refused(void)
{
	const char *text = POOLS
		"web: {servers: ['10.0.0.1:80']}" SERVICES
		"a: {address: '192.0.2.1:443', parse: tls,\n"
		"    routes: [{name: r, match: {sni: [a.test, b.test]},\n"
		"    pool: web}]}}\n";
	char wrong[1024] = "";
	bool right = true;

	setup();
	site = try_site(text, wrong, sizeof(wrong));
	for (unsigned int i = 0; i < 7; i++) {
		stage.count = 0;
		requests = 0;
		asked[0] = '\0';
		refuse = i;
		right &= stage_site(&stage, NULL, site, PLACE_BUILT) ==
				 -EINVAL &&
			 stage.count == i + 1 && requests == i;
	}
	refuse = UINT_MAX;
	stage.count = 0;
	return right && stage_site(&stage, NULL, site, PLACE_BUILT) == 0 &&
	       stage.count == 7;
}

static const struct {
	const char *name;
	bool (*run)(void);
} tests[] = {
	{ "settings", settings },
	{ "settings of an older module", settings_of_old },
	{ "services of stratum flow", flow },
	{ "both families", both_families },
	{ "routes", routes },
	{ "long names", long_names },
	{ "a service that is not for the kernel", not_for_the_kernel },
	{ "a service of stratum relay", relay },
	{ "clients that are kept", sticky },
	{ "one where that is not there", no_relay },
	{ "where requests come from", places },
	{ "requests that are refused", refused },
};

int main(void)
{
	ktap_begin();
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		refuse = UINT_MAX;
		ktap_result(&ktap, tests[i].run(), tests[i].name);
		stage_free(&stage);
		teardown();
	}
	rmdir(folder);
	return ktap_end(&ktap);
}
