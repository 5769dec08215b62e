// SPDX-License-Identifier: GPL-2.0-or-later
/* Where services run: the table, and what is refused. */
#include "config_text.h"
#include "place.h"

#define ALL PLACE_BUILT
#define POOLS                                                              \
	"version: 1\n"                                                     \
	"pools:\n"                                                         \
	"  four: {servers: [10.0.0.1:80]}\n"                               \
	"  both: {servers: [10.0.0.1:80, '[2001:db8::1]:80']}\n"           \
	"  named: {servers: [{address: a.test:80, resolve: aaaa},\n"       \
	"                    a.test:80]}\n"                                \
	"  srv: {servers: [{address: _a._tcp.a.test, resolve: srv}]}\n"    \
	"  direct: {forward: dr, servers: [10.0.0.1:80]}\n"                \
	"  tunnel: {servers: [{address: 10.0.0.1:81, forward: tunnel}]}\n" \
	"  local: {servers: [127.0.0.1:80]}\n"                             \
	"  header: {proxy-protocol: v2, servers: [10.0.0.1:80]}\n"         \
	"  old: {proxy-protocol: v1, servers: [10.0.0.1:80]}\n"            \
	"  sticky: {sticky: ID, servers: [10.0.0.1:80]}\n"                 \
	"  session: {sticky: {cookie: ID, mode: application}}\n"           \
	"  limited: {servers: [{address: 10.0.0.1:80,\n"                   \
	"                       connections-max: 5}]}\n"                   \
	"  empty: {}\n"                                                    \
	"certificates: {c: {file: /c}}\n"                                  \
	"services:\n"                                                      \
	"  s: "

#define HTTP(decide, routes)                                 \
	POOLS "{address: 192.0.2.1:80, parse: http, " decide \
	      "routes: [" routes "]}\n"
/* The strata of the kernel module, without those of the daemon. */
/* Of those that the kernel refuses. */
#define PROXIED 9
#define KERNEL (1U << CONFIG_FLOW | 1U << CONFIG_SNIFF)
#define ONCE "decide: connection, "
#define LONG "a-field-whose-name-has-one-character-more-than-the-kernel-allows"
#define TO(pool) POOLS "{address: 192.0.2.1:80, pool: " pool "}\n"

static const struct {
	const char *name;
	const char *text;
	unsigned int built;
	/* Of the service s, and why it is not lower. */
	const char *stratum;
	const char *why;
} places[] = {
	{ "addresses and ports", TO("four"), KERNEL, "flow",
	  "it is the lowest" },
	{ "UDP", POOLS "{address: 192.0.2.1:53, protocol: udp, pool: four}\n",
	  KERNEL, "flow", "it is the lowest" },
	{ "both families",
	  POOLS "{address: [192.0.2.1:80, '[2001:db8::9]:80'], pool: both}\n",
	  KERNEL, "flow", "it is the lowest" },
	{ "names of both families",
	  POOLS "{address: [192.0.2.1:80, '[2001:db8::9]:80'], pool: named}\n",
	  KERNEL, "flow", "it is the lowest" },
	{ "a name that may have any family",
	  POOLS "{address: ['[2001:db8::9]:80'], pool: srv}\n", KERNEL, "flow",
	  "it is the lowest" },
	{ "a pool without servers", TO("empty"), KERNEL, "flow",
	  "it is the lowest" },
	{ "nothing is to be read although it could be",
	  POOLS "{address: 192.0.2.1:80, parse: http, pool: four}\n", KERNEL,
	  "flow", "it is the lowest" },
	{ "direct routing", TO("direct"), KERNEL, "flow", "it is the lowest" },
	{ "a route of TLS",
	  POOLS
	  "{address: 192.0.2.1:443, parse: tls, routes: [{name: r, match: {sni: a.test}, pool: both}]}\n",
	  KERNEL, "sniff", "flow: it decides before a route could be read" },
	{ "a route once per connection",
	  HTTP(ONCE, "{name: r, match: {path: /a}, pool: four}"), KERNEL,
	  "sniff", "flow: it decides before a route could be read" },
	{ "answers alone, which end the connection",
	  HTTP("",
	       "{name: a, match: {path: /a}, reject: 403}, {name: b, redirect: https}"),
	  KERNEL, "sniff", "flow: it decides before a route could be read" },
	{ "what is the same for all requests of a connection",
	  HTTP("",
	       "{name: a, match: {source: 10.0.0.0/8}, reject: 403}, {name: b, pool: four}"),
	  KERNEL, "sniff", "flow: it decides before a route could be read" },
	{ "the PROXY protocol",
	  POOLS "{address: 192.0.2.1:443, parse: tls, pool: header}\n", KERNEL,
	  "sniff", "flow: it has no 'proxy-protocol: v2' of pool header" },
	{ "a stratum that is demanded",
	  POOLS
	  "{address: 192.0.2.1:80, parse: http, stratum: sniff, pool: four}\n",
	  KERNEL, "sniff", "flow: another stratum is demanded" },
	{ "a route for each request, with all strata",
	  HTTP("", "{name: r, match: {path: /a}, pool: four}"), ALL, "relay",
	  "flow: it decides before a route could be read; sniff: requests of one connection may take different routes, it decides once ('decide: connection' accepts that)" },
	{ "TLS that ends here, with all strata",
	  POOLS
	  "{address: 192.0.2.1:443, parse: http, tls: {certificates: c}, pool: both}\n",
	  ALL, "relay", "flow: it has no 'tls'; sniff: it has no 'tls'" },
	{ "a regular expression, with all strata",
	  HTTP("", "{name: r, match: {path-regex: ^/a}, pool: four}"), ALL,
	  "proxy",
	  "flow: it decides before a route could be read; sniff: requests of one connection may take different routes, it decides once ('decide: connection' accepts that); relay: it has no 'path-regex' of route r" },
	{ "time-outs of HTTP, with all strata",
	  POOLS
	  "{address: 192.0.2.1:80, parse: http, http: {retries: 5}, pool: four}\n",
	  ALL, "relay", "flow: it has no 'http'; sniff: it has no 'http'" },
	{ "an access log, with all strata",
	  POOLS
	  "{address: 192.0.2.1:80, parse: http, http: {access-log: json}, pool: four}\n",
	  ALL, "proxy",
	  "flow: it has no 'access-log: json'; sniff: it has no 'access-log: json'; relay: it has no 'access-log: json'" },
	{ "certificates of clients, with all strata",
	  POOLS
	  "{address: 192.0.2.1:443, parse: http, tls: {certificates: c, client-certificate: required, client-ca: /a}, pool: four}\n",
	  ALL, "proxy",
	  "flow: it has no 'client-certificate: required'; sniff: it has no 'client-certificate: required'; relay: it has no 'client-certificate: required'" },
	{ "a route by the name of the handshake, with all strata",
	  POOLS
	  "{address: 192.0.2.1:443, parse: http, tls: {certificates: c}, routes: [{name: r, match: {sni: a.test}, pool: four}]}\n",
	  ALL, "proxy",
	  "flow: it has no 'tls'; sniff: it has no 'tls'; relay: it has no 'sni' of route r" },
	{ "sticky clients, with all strata",
	  POOLS
	  "{address: 192.0.2.1:443, parse: http, tls: {certificates: c}, pool: sticky}\n",
	  ALL, "relay", "flow: it has no 'tls'; sniff: it has no 'tls'" },
	{ "clients kept by the application, with all strata",
	  POOLS
	  "{address: 192.0.2.1:443, parse: http, tls: {certificates: c}, pool: session}\n",
	  ALL, "proxy",
	  "flow: it has no 'tls'; sniff: it has no 'tls'; relay: it has no 'mode: application' of pool session" },
	{ "a number of each request, with all strata",
	  POOLS
	  "{address: 192.0.2.1:80, parse: http, http: {request-id: X-Id}, pool: four}\n",
	  ALL, "relay", "flow: it has no 'http'; sniff: it has no 'http'" },
	{ "one in a field of a long name, with all strata",
	  POOLS "{address: 192.0.2.1:80, parse: http, http: {request-id: " LONG
		"}, pool: four}\n",
	  ALL, "proxy",
	  "flow: it has no 'http'; sniff: it has no 'http'; relay: 'request-id' has more than 63 characters" },
	{ "no server of the family of an address, with all strata",
	  POOLS
	  "{address: '[2001:db8::9]:443', parse: http, tls: {certificates: c}, pool: four}\n",
	  ALL, "proxy",
	  "flow: it has no 'tls'; sniff: it has no 'tls'; relay: pool four has no server of IPv6 for an address of it" },
	{ "a header of the PROXY protocol, with all strata",
	  POOLS
	  "{address: 192.0.2.1:80, parse: http, accept-proxy-protocol: true, pool: four}\n",
	  ALL, "relay",
	  "flow: it has no 'accept-proxy-protocol'; sniff: it has no 'accept-proxy-protocol'" },
	{ "one that servers are to get, with all strata",
	  POOLS
	  "{address: 192.0.2.1:80, parse: http, accept-proxy-protocol: true, pool: header}\n",
	  ALL, "proxy",
	  "flow: it has no 'accept-proxy-protocol'; sniff: it has no 'accept-proxy-protocol'; relay: it passes no header of the PROXY protocol on, as pool header needs with 'accept-proxy-protocol'" },
	{ "a program of this host, with all strata",
	  HTTP("", "{name: r, match: {path: /a}, proxy: 8080}, {name: s, "
		   "match: {path-regex: a}, reject: 403}"),
	  KERNEL | 1U << CONFIG_RELAY, "none",
	  "flow: it decides before a route could be read; sniff: requests of one connection may take different routes, it decides once ('decide: connection' accepts that); relay: route r leads to a port of this host; a pool with 127.0.0.1:8080 does the same; proxy: route r leads to a port of this host; a pool with 127.0.0.1:8080 does the same" },
	{ "TLS without a kernel that does it",
	  POOLS
	  "{address: 192.0.2.1:443, parse: http, tls: {certificates: c}, pool: four}\n",
	  ALL & ~PLACE_KTLS, "proxy",
	  "flow: it has no 'tls'; sniff: it has no 'tls'; relay: the kernel has no TLS, load module tls" },
	{ "TLS without the module of relay",
	  POOLS
	  "{address: 192.0.2.1:443, parse: http, tls: {certificates: c}, pool: four}\n",
	  ALL & ~(1U << CONFIG_RELAY), "proxy",
	  "flow: it has no 'tls'; sniff: it has no 'tls'; relay: load module sluice_ktls" },
	{ "HTTP in clear without a kernel that does TLS",
	  HTTP("", "{name: r, match: {path: /a}, pool: four}"),
	  ALL & ~PLACE_KTLS, "relay",
	  "flow: it decides before a route could be read; sniff: requests of one connection may take different routes, it decides once ('decide: connection' accepts that)" },
	{ "relay demanded, for a route that proxy serves",
	  HTTP("stratum: relay, ",
	       "{name: r, match: {path-regex: ^/a}, answer: {status: 200}}, {name: s, pool: four}"),
	  ALL, "relay",
	  "flow: it decides before a route could be read; sniff: requests of one connection may take different routes, it decides once ('decide: connection' accepts that)" },
	{ "a loopback address, with all strata",
	  POOLS "{address: 127.0.0.1:80, parse: http, pool: four}\n", ALL,
	  "proxy",
	  "flow: an address of it is loopback: packets of other hosts never have it; sniff: an address of it is loopback: packets of other hosts never have it; relay: an address of it is loopback: packets of other hosts never have it" },
	{ "a switch that is off",
	  POOLS
	  "{address: 192.0.2.1:80, accept-proxy-protocol: false, pool: four}\n",
	  KERNEL, "flow", "it is the lowest" },
};

static const struct {
	const char *text;
	const char *errors;
} refused[] = {
	{ HTTP("", "{name: r, match: {path: /a}, pool: four}"),
	  "t:20:3: services.s: needs stratum relay, which is not there: load module sluice_ktls; flow: it decides before a route could be read; sniff: requests of one connection may take different routes, it decides once ('decide: connection' accepts that)\n" },
	{ HTTP(ONCE, "{name: r, match: {path-regex: ^/a}, pool: four}"),
	  "t:20:3: services.s: needs stratum proxy, which is not there: not in this version; flow: it decides before a route could be read; sniff: it has no 'path-regex' of route r\n" },
	{ HTTP(ONCE, "{name: r, pool: direct}"),
	  "t:20:3: services.s: no stratum can serve it; flow: it decides before a route could be read; sniff: forward dr in pool direct, which only flow can do; relay: forward dr in pool direct, which only flow can do; proxy: forward dr in pool direct, which only flow can do\n" },
	{ HTTP(ONCE, "{name: r, redirect: /b}"),
	  "t:20:3: services.s: needs stratum proxy, which is not there: not in this version; flow: it decides before a route could be read; sniff: it has no 'redirect.to' of route r\n" },
	{ HTTP(ONCE, "{name: r, reject: 429}"),
	  "t:20:3: services.s: needs stratum proxy, which is not there: not in this version; flow: it decides before a route could be read; sniff: it has no 'this status of reject' of route r\n" },
	{ TO("tunnel"),
	  "t:20:3: services.s: no stratum can serve it; flow: port 81 of a server in pool tunnel: forward tunnel keeps port 80; sniff: nothing is to be read (parse); relay: it reads HTTP only; proxy: forward tunnel in pool tunnel, which only flow can do\n" },
	{ TO("local"),
	  "t:20:3: services.s: needs stratum proxy, which is not there: not in this version; flow: a server in pool local has a loopback address; sniff: nothing is to be read (parse)\n" },
	{ TO("sticky"),
	  "t:20:3: services.s: needs stratum proxy, which is not there: not in this version; flow: it has no 'sticky' of pool sticky; sniff: nothing is to be read (parse)\n" },
	{ TO("limited"),
	  "t:20:3: services.s: needs stratum proxy, which is not there: not in this version; flow: it has no 'connections-max' of pool limited; sniff: nothing is to be read (parse)\n" },
	{ TO("old"),
	  "t:20:3: services.s: needs stratum proxy, which is not there: not in this version; flow: it has no 'proxy-protocol: v1' of pool old; sniff: nothing is to be read (parse)\n" },
	{ POOLS "{address: ['[2001:db8::9]:80'], pool: four}\n",
	  "t:20:3: services.s: needs stratum proxy, which is not there: not in this version; flow: pool four has no server of IPv6 for an address of it; sniff: nothing is to be read (parse)\n" },
	{ POOLS "{address: '[2001:db8::9]:53', protocol: udp, pool: four}\n",
	  "t:20:3: services.s: no stratum can serve it; flow: pool four has no server of IPv6 for an address of it; sniff: it reads TCP only; relay: it reads TCP only; proxy: it takes TCP only\n" },
	{ POOLS
	  "{address: 192.0.2.1:80, stratum: flow, parse: http, routes: [{name: r, pool: four}]}\n",
	  "t:20:30: services.s.stratum: flow cannot serve it: it decides before a route could be read; leave stratum out\n" },
	{ POOLS
	  "{address: 127.0.0.1:443, parse: tls, routes: [{name: r, pool: four}]}\n",
	  "t:20:3: services.s: no stratum can serve it; flow: it decides before a route could be read; sniff: an address of it is loopback: packets of other hosts never have it; relay: it reads HTTP only; proxy: it does not pass TLS through\n" },
	{ POOLS "{address: 192.0.2.1:80, stratum: proxy, pool: four}\n",
	  "t:20:30: services.s.stratum: proxy is not there: not in this version, or leave stratum out\n" },
};

static void test_places(struct ktap *ktap)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct config *config = right_config(ktap, places[i].text);
		char expect[1024], *text = NULL, *line;
		struct place place;
		size_t size;
		FILE *to = open_memstream(&text, &size);
		bool passed;

		if (!to)
			abort();
		place_explain(config, places[i].built, to);
		fclose(to);
		snprintf(expect, sizeof(expect), "s        -      %-12s  %s\n",
			 places[i].stratum, places[i].why);
		place_service(&config->services.items[0], places[i].built,
			      &place);
		line = strchr(text, '\n') + 1;
		passed = strncmp(line, expect, strlen(expect)) == 0 &&
			 strcmp(place.stratum < 0 ?
					"none" :
					place_stratum_name(place.stratum),
				places[i].stratum) == 0;
		if (!passed)
			printf("# got %s# instead of %s", line, expect);
		ktap_result(ktap, passed, places[i].name);
		free(text);
		config_free(config);
	}
}

/* What the kernel cannot do is for the daemon. */
static void test_proxied(struct ktap *ktap)
{
	size_t served = 0;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct config *config = right_config(ktap, refused[i].text);
		struct place place;

		place_service(&config->services.items[0], PLACE_BUILT, &place);
		served += place.stratum == CONFIG_PROXY;
		config_free(config);
	}
	ktap_result(ktap, served == PROXIED,
		    "what the kernel cannot do and the proxy can");
	if (served != PROXIED)
		printf("# %zu of %zu\n", served,
		       sizeof(refused) / sizeof(refused[0]));
}

static void test_refused(struct ktap *ktap)
{
	char name[64];

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct config *config = right_config(ktap, refused[i].text);
		struct config_errors errors = { 0 };

		place_check(config, KERNEL, &errors);
		snprintf(name, sizeof(name), "refused: %zu", i);
		check_errors(ktap, name, config, &errors, refused[i].errors);
	}
}

/* A route alone may need less than its service. */
static void test_routes(struct ktap *ktap)
{
	struct config *config = right_config(
		ktap,
		HTTP(ONCE,
		     "{name: a, pool: four}, {name: b, match: {path-regex: a}, pool: four}"));
	const struct config_service *service = &config->services.items[0];
	struct place place;

	place_route(service, &service->routes.items[0], KERNEL, &place);
	ktap_result(ktap, place.stratum == CONFIG_SNIFF,
		    "a route that sniff can take");
	place_route(service, &service->routes.items[1], KERNEL, &place);
	ktap_result(ktap, place.stratum < 0 && place.could == CONFIG_PROXY,
		    "a route that it cannot");
	config_free(config);
}

/* One service for each stratum, two for relay, of which one with TLS. */
#define OF_EACH                                                                     \
	"version: 1\n"                                                              \
	"pools: {p: {servers: [10.0.0.1:80]}}\n"                                    \
	"certificates: {c: {file: /c}}\n"                                           \
	"services:\n"                                                               \
	"  flow: {address: 192.0.2.1:80, pool: p}\n"                                \
	"  sniff: {address: 192.0.2.1:443, parse: tls,\n"                           \
	"    routes: [{name: r, match: {sni: a.test}, pool: p}]}\n"                 \
	"  relay: {address: 192.0.2.1:81, parse: http, http: {}, pool: p}\n"        \
	"  tls: {address: 192.0.2.1:82, parse: http, tls: {certificates: c},\n"     \
	"    pool: p}\n"                                                            \
	"  proxy: {address: 192.0.2.1:83, parse: http, http: {access-log: json},\n" \
	"    pool: p}\n"

static const struct {
	unsigned int loaded;
	const char *remark;
	/* Which of flow and sniff, and of relay, are raised. */
	const char *raised;
} missing[] = {
	{ ALL, "", "0 - 0 -" },
	{ ALL & ~PLACE_KTLS,
	  "Stratum relay is not there now: the kernel has no TLS, load module tls; services in it above: 1\n",
	  "0 - 1 tls" },
	{ ALL & ~(1U << CONFIG_RELAY),
	  "Stratum relay is not there now: load module sluice_ktls; services in it above: 2\n",
	  "0 - 2 relay" },
	{ PLACE_ALONE,
	  "Stratum flow is not there now: load module sluice; services in it above: 1\n"
	  "Stratum sniff is not there now: load module sluice; services in it above: 1\n"
	  "Stratum relay is not there now: load module sluice_ktls; services in it above: 2\n",
	  "1 flow 2 relay" },
};

/* What is said where a stratum is not there, by -c and at the start. */
static void test_missing(struct ktap *ktap)
{
	struct config *config = right_config(ktap, OF_EACH);
	const struct config_service *first, *second;
	char name[64], raised[64];
	size_t count, relayed;

	for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++) {
		char *text = NULL;
		size_t size;
		FILE *to = open_memstream(&text, &size);

		if (!to)
			abort();
		place_remark(config, missing[i].loaded, to);
		fclose(to);
		if (strcmp(text, missing[i].remark) != 0)
			printf("# got:\n%s# instead of:\n%s", text,
			       missing[i].remark);
		snprintf(name, sizeof(name), "remarks: %zu", i);
		ktap_result(ktap, strcmp(text, missing[i].remark) == 0, name);
		free(text);
		first = place_raised(config, missing[i].loaded, KERNEL, &count);
		second = place_raised(config, missing[i].loaded,
				      1U << CONFIG_RELAY, &relayed);
		snprintf(raised, sizeof(raised), "%zu %s %zu %s", count,
			 first ? first->name : "-", relayed,
			 second ? second->name : "-");
		if (strcmp(raised, missing[i].raised) != 0)
			printf("# %s\n", raised);
		snprintf(name, sizeof(name), "raised: %zu", i);
		ktap_result(ktap, strcmp(raised, missing[i].raised) == 0, name);
	}
	config_free(config);
}

/* Which routes of a service in relay are served by the daemon. */
static void test_returned(struct ktap *ktap)
{
	struct config *config = right_config(
		ktap,
		HTTP("stratum: relay, ",
		     "{name: a, match: {path-regex: a}, pool: four}, {name: b, pool: four}, {name: c, pool: session}, {name: d, answer: {status: 200}}, {name: e, match: {path: /}, reject: 404}"));
	const struct config_service *service = &config->services.items[0];
	const bool expect[] = { true, false, true, true, false };
	bool right = true;

	for (size_t i = 0; i < service->routes.count; i++)
		right &=
			place_is_returned(service, &service->routes.items[i]) ==
			expect[i];
	ktap_result(ktap, right, "routes of relay that are for the daemon");
	config_free(config);
	config = right_config(
		ktap,
		HTTP("",
		     "{name: a, match: {path-regex: a}, pool: four}, {name: b, pool: four}"));
	service = &config->services.items[0];
	ktap_result(ktap,
		    !place_is_returned(service, &service->routes.items[0]),
		    "none, where relay is not demanded");
	config_free(config);
}

/* As many sources as a message to the kernel holds, and one more. */
static void test_size(struct ktap *ktap)
{
	for (unsigned int count = 800; count <= 801; count++) {
		struct config *config;
		struct place place;
		char *text = NULL;
		size_t size;
		FILE *to = open_memstream(&text, &size);

		if (!to)
			abort();
		fputs("version: 1\npools: {p: {}}\nservices:\n"
		      "  s: {address: 192.0.2.1:443, parse: tls, routes: [{\n"
		      "    name: r, pool: p, match: {source: [10.0.0.0",
		      to);
		for (unsigned int i = 1; i < count; i++)
			fprintf(to, ", 10.0.%u.%u", i / 256, i % 256);
		fputs("]}}]}\n", to);
		fclose(to);
		config = right_config(ktap, text);
		place_service(&config->services.items[0], KERNEL, &place);
		ktap_result(ktap,
			    place.stratum == (count == 800 ? CONFIG_SNIFF : -1),
			    "a route as large as a message, and a larger one");
		ktap_result(
			ktap,
			count == 800 ||
				strcmp(place.why[CONFIG_SNIFF],
				       "route r takes more than 16384 bytes in a message to the kernel") ==
					0,
			"and why");
		config_free(config);
		free(text);
	}
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	test_places(&ktap);
	test_refused(&ktap);
	test_proxied(&ktap);
	test_routes(&ktap);
	test_returned(&ktap);
	test_missing(&ktap);
	test_size(&ktap);
	return ktap_end(&ktap);
}
