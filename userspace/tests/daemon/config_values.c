// SPDX-License-Identifier: GPL-2.0-or-later
/* What a configuration means: every kind of value, and what is not given. */
#include <arpa/inet.h>

#include "config_text.h"

static const char text[] =
	"version: 1\n"
	"settings:\n"
	"  admin: '[::1]:9110'\n"
	"  log: {to: file, file: /var/log/sluice, format: json}\n"
	"  held-max: 1G\n"
	"  timeouts: {udp: 90s}\n"
	"  resolver: {servers: [192.0.2.53, '[2001:db8::53]:5353']}\n"
	"certificates: {c: {file: /c.pem}, f: {folder: /f}}\n"
	"checks:\n"
	"  all: {type: http, interval: 1m, fast-interval: 500ms, jitter: 50%,\n"
	"    headers: {X-A: a, X-B: 'b c'}, status: [200-299, 304],\n"
	"    body-regex: '^ok$', json-pointer: /a, json-value: 1}\n"
	"  bytes: {type: udp, send: '\\x00\\xfFa\\r\\n\\\\', expect: b}\n"
	"  script: {type: script, command: [/bin/true, -v]}\n"
	"  dns: {type: dns, query: a.test, record: aaaa}\n"
	"pools:\n"
	"  empty: {}\n"
	"  full:\n"
	"    scheduler: maglev\n"
	"    forward: dr\n"
	"    servers:\n"
	"      - 10.0.0.1:80\n"
	"      - {address: '[2001:db8::1]:81', weight: 0, state: draining,\n"
	"         forward: nat, connections-max: 5, queue: 7}\n"
	"      - {address: web.a.test:82, resolve: aaaa}\n"
	"      - {address: _http._tcp.a.test, resolve: srv}\n"
	"    check: all\n"
	"    on-down: rebalance\n"
	"    drain: 5m\n"
	"    slow-start: 10s\n"
	"    proxy-protocol: v2\n"
	"    tls: {certificate: c}\n"
	"    sticky: ID\n"
	"    hash: {on: header, name: X-A, bound: 125%}\n"
	"    outlier: {}\n"
	"services:\n"
	"  plain: {address: 192.0.2.1:53, protocol: udp, pool: empty}\n"
	"  web:\n"
	"    address: [192.0.2.1:80, '[2001:db8::2]:81']\n"
	"    parse: http\n"
	"    tls: {certificates: [c, f], min-version: 1.3}\n"
	"    http: {head-max: 8k, trusted: 10.0.0.0/8}\n"
	"    routes:\n"
	"      - name: one\n"
	"        match:\n"
	"          host: [a.test, '*.b.test']\n"
	"          port: 8080\n"
	"          prefix: /a\n"
	"          method: [GET, HEAD]\n"
	"          query: {q: ''}\n"
	"          header: {X-A: {present: true}, X-B: {prefix: b}}\n"
	"          cookie: {c: {regex: '^a'}}\n"
	"          source: [10.0.0.0/8, '2001:db8::1']\n"
	"          share: 0.25%\n"
	"          salt: 7\n"
	"        pools: {full: 9, empty: 1}\n"
	"      - {name: two, pool: full, upgrade: websocket}\n"
	"      - {name: three, reject: reset}\n"
	"      - {name: four, reject: 404}\n"
	"      - {name: five, redirect: https}\n"
	"      - {name: six, answer: {status: 201, body: \"a\\nb\"}}\n"
	"      - {name: seven, proxy: 8081, headers: {request: {set: {A: b}}}}\n";

static struct ktap ktap;

static void check(bool passed, const char *name)
{
	ktap_result(&ktap, passed, name);
}

static bool is_same(const char *a, const char *b)
{
	return a && strcmp(a, b) == 0;
}

static bool is_address(const struct sluice_address *address, const char *expect)
{
	char shown[INET6_ADDRSTRLEN];

	return inet_ntop(address->family, &address->v6, shown, sizeof(shown)) &&
	       strcmp(shown, expect) == 0;
}

static void test_settings(const struct config *config)
{
	const struct config_settings *settings = config->settings;
	const struct config_resolver *resolver = settings->resolver;

	check(settings->admin.port == 9110 &&
		      is_address(&settings->admin.address, "::1"),
	      "an address in IPv6");
	check(settings->log->to == CONFIG_LOG_FILE &&
		      is_same(settings->log->file, "/var/log/sluice") &&
		      settings->log->format == CONFIG_LOG_JSON &&
		      settings->log->level == CONFIG_LOG_INFO,
	      "where the log goes");
	check(settings->held_max == UINT64_C(1) << 30, "a size");
	check(settings->timeouts->by_attr[SLUICE_A_TIMEOUTS_UDP] == 90000 &&
		      settings->timeouts->by_attr[SLUICE_A_TIMEOUTS_TCP_CLOSE] ==
			      10000,
	      "a time-out that is given and one that is not");
	check(settings->connections_max == 1048576 &&
		      settings->relay_clients_max == 262144 &&
		      settings->connect_retries == 2 &&
		      is_same(settings->user, "sluice"),
	      "settings that are not given");
	check(resolver->servers.count == 2 &&
		      resolver->servers.items[0].port == 53 &&
		      resolver->servers.items[1].port == 5353 &&
		      resolver->ttl_max == 3600000,
	      "name servers");
}

static void test_checks(const struct config *config)
{
	const struct check_spec *all, *bytes, *script;

	all = &config_check_lookup(config, "all")->spec;
	bytes = &config_check_lookup(config, "bytes")->spec;
	script = &config_check_lookup(config, "script")->spec;
	check(all->kind == CHECK_HTTP && is_same(all->name, "all"),
	      "a check's name and type");
	check(all->interval_ms == 60000 && all->fast_interval_ms == 500 &&
		      all->down_interval_ms == 0 && all->jitter_percent == 50 &&
		      all->timeout_ms == 1000 && all->rise == 2 &&
		      all->fall == 3,
	      "a check's times");
	check(all->header_count == 2 && is_same(all->headers[1].name, "X-B") &&
		      is_same(all->headers[1].value, "b c"),
	      "a check's headers");
	check(all->status_count == 2 && all->statuses[0].first == 200 &&
		      all->statuses[0].last == 299 &&
		      all->statuses[1].first == 304 &&
		      all->statuses[1].last == 304,
	      "a check's statuses");
	check(is_same(all->method, "GET") && is_same(all->path, "/") &&
		      !all->host && all->verify,
	      "what is not given of a request");
	check(bytes->send_length == 6 && bytes->expect_length == 1 &&
		      memcmp(bytes->send,
			     "\0\xff"
			     "a\r\n\\",
			     6) == 0,
	      "bytes");
	check(is_same(script->command[0], "/bin/true") &&
		      is_same(script->command[1], "-v") && !script->command[2],
	      "a command");
	check(config_check_lookup(config, "dns")->spec.query_type == 28,
	      "a kind of record");
	check(!config_check_lookup(config, "none"),
	      "a check that is not there");
}

static void test_pools(const struct config *config)
{
	const struct config_pool *full = config_pool_lookup(config, "full");
	const struct config_pool *empty = config_pool_lookup(config, "empty");
	const struct config_server *servers = full->servers.items;

	check(empty->scheduler == CONFIG_WLC &&
		      empty->forward == SLUICE_FORWARD_NAT &&
		      empty->on_down == CONFIG_KEEP && empty->drain == 0 &&
		      empty->need.stratum == CONFIG_FLOW && !empty->check,
	      "a pool of which nothing is given");
	check(full->scheduler == CONFIG_MAGLEV &&
		      full->on_down == CONFIG_REBALANCE &&
		      full->drain == 300000 && full->slow_start == 10000 &&
		      full->proxy_protocol == 2,
	      "a pool of which all is given");
	check(full->check == config_check_lookup(config, "all"),
	      "the check of a pool");
	check(full->servers.count == 4 &&
		      is_address(&servers[0].target.address, "10.0.0.1") &&
		      servers[0].target.port == 80 && servers[0].weight == 1 &&
		      servers[0].state == SLUICE_SERVER_STATE_UP &&
		      servers[0].forward == SLUICE_FORWARD_DR,
	      "a server that is only an address");
	check(is_address(&servers[1].target.address, "2001:db8::1") &&
		      servers[1].weight == 0 &&
		      servers[1].state == SLUICE_SERVER_STATE_DRAINING &&
		      servers[1].forward == SLUICE_FORWARD_NAT &&
		      servers[1].connections_max == 5 &&
		      servers[1].queue == 7 && servers[0].queue == 0,
	      "a server of which all is given");
	check(is_same(servers[2].target.name, "web.a.test") &&
		      servers[2].target.port == 82 &&
		      servers[2].resolve == CONFIG_RESOLVE_AAAA &&
		      is_same(servers[3].target.name, "_http._tcp.a.test") &&
		      servers[3].target.port == 0 &&
		      servers[3].resolve == CONFIG_RESOLVE_SRV,
	      "servers by name");
	check(full->outlier->errors == 5 && full->outlier->latency == 0 &&
		      full->outlier->time == 30000 &&
		      full->outlier->share_max == 1000,
	      "an object of which nothing is given");
	check(full->tls->verify && is_same(full->tls->certificate, "c"),
	      "TLS to servers");
	check(is_same(full->sticky->cookie, "ID") &&
		      full->sticky->mode == CONFIG_STICKY_INSERT,
	      "a text in place of a map");
	check(full->hash->on == CONFIG_HASH_HEADER &&
		      is_same(full->hash->name, "X-A") &&
		      full->hash->bound == 12500,
	      "a hash");
	check(full->need.stratum == CONFIG_PROXY &&
		      is_same(full->need.key, "scheduler: maglev"),
	      "what needs a stratum");
}

static void test_services(const struct config *config)
{
	const struct config_service *web = config_service_lookup(config, "web");
	const struct config_service *plain =
		config_service_lookup(config, "plain");

	check(plain->protocol == IPPROTO_UDP && plain->addresses.count == 1 &&
		      plain->stratum == -1 &&
		      plain->parse == SLUICE_PARSE_NONE &&
		      plain->decide == CONFIG_DECIDE_CONNECTION &&
		      plain->pool == config_pool_lookup(config, "empty") &&
		      !plain->tls && plain->http->head_max == 16384 &&
		      !plain->http->at.written,
	      "a service of which little is given");
	check(web->protocol == IPPROTO_TCP && web->addresses.count == 2 &&
		      is_address(&web->addresses.items[1].address,
				 "2001:db8::2") &&
		      web->addresses.items[1].port == 81 &&
		      web->parse == SLUICE_PARSE_HTTP &&
		      web->decide == CONFIG_DECIDE_REQUEST && !web->pool,
	      "a service of which more is given");
	check(web->tls->certificates.count == 2 &&
		      web->tls->min_version == 13 && web->tls->tickets,
	      "TLS that ends here");
	check(web->http->head_max == 8192 && web->http->retries == 2 &&
		      web->http->retry_budget == 2000 &&
		      web->http->trusted.count == 1 &&
		      web->http->trusted.items[0].bits == 8,
	      "limits of HTTP");
}

static void test_match(const struct config *config)
{
	const struct config_service *web = config_service_lookup(config, "web");
	struct sluice_route_condition
		conditions[SLUICE_ROUTE_CONDITIONS_MAX + 1];
	struct sluice_route_rule rule;

	config_route_rule(&web->routes.items[0], web->parse, 1, 1, conditions,
			  &rule);
	check(rule.host.len == 8 &&
		      memcmp(rule.host.data, "*.b.test", 8) == 0 &&
		      rule.port == 8080 && rule.share == 25 && rule.salt == 7,
	      "host, port and share of a rule");
	check(rule.path_how == SLUICE_ROUTE_PATH_PREFIX && rule.path.len == 2,
	      "path of a rule");
	check(rule.source_count == 2 && rule.sources[0].bits == 8 &&
		      rule.sources[1].address_len == 16 &&
		      rule.sources[1].bits == 128,
	      "sources of a rule");
	check(rule.condition_count == 5 &&
		      conditions[0].what == SLUICE_ROUTE_METHOD &&
		      memcmp(conditions[0].value.data, "HEAD", 4) == 0 &&
		      conditions[1].what == SLUICE_ROUTE_QUERY &&
		      conditions[1].how == SLUICE_ROUTE_EXACT &&
		      conditions[1].value.len == 0 &&
		      conditions[2].what == SLUICE_ROUTE_HEADER &&
		      conditions[2].how == SLUICE_ROUTE_PRESENT &&
		      conditions[3].how == SLUICE_ROUTE_PREFIX &&
		      conditions[4].what == SLUICE_ROUTE_COOKIE,
	      "conditions of a rule");
	config_route_rule(&web->routes.items[1], web->parse, 0, 0, conditions,
			  &rule);
	check(!rule.host.len && rule.share == SLUICE_ROUTE_SHARE_ALL &&
		      !rule.condition_count && !rule.source_count,
	      "a rule of a route that fits everything");
}

static void test_actions(const struct config *config)
{
	const struct config_routes *routes =
		&config_service_lookup(config, "web")->routes;
	const struct config_route *route = routes->items;

	check(routes->count == 7, "routes");
	check(route[0].action == CONFIG_ACTION_POOL &&
		      route[0].pools.count == 2 &&
		      route[0].pools.items[0].weight == 9 &&
		      route[0].pools.items[1].pool ==
			      config_pool_lookup(config, "empty"),
	      "pools by weight");
	check(route[1].action == CONFIG_ACTION_POOL &&
		      route[1].pools.count == 1 &&
		      route[1].pools.items[0].weight == 1 &&
		      route[1].need.stratum == CONFIG_RELAY,
	      "one pool");
	check(route[2].action == CONFIG_ACTION_REJECT &&
		      route[2].reject_status == 0 &&
		      route[3].reject_status == 404,
	      "rejections");
	check(route[4].action == CONFIG_ACTION_REDIRECT &&
		      is_same(route[4].redirect->to, "https") &&
		      route[4].redirect->status == 308 &&
		      route[4].need.stratum == CONFIG_FLOW,
	      "a redirection");
	check(route[5].action == CONFIG_ACTION_ANSWER &&
		      route[5].answer->status == 201 &&
		      is_same(route[5].answer->body, "a\nb"),
	      "an answer");
	check(route[6].action == CONFIG_ACTION_PROXY &&
		      route[6].proxy_port == 8081 &&
		      route[6].headers->request->set.count == 1 &&
		      route[6].need.stratum == CONFIG_PROXY,
	      "a program on this host");
}

int main(void)
{
	struct config *config;

	ktap_begin();
	config = right_config(&ktap, text);
	test_settings(config);
	test_checks(config);
	test_pools(config);
	test_services(config);
	test_match(config);
	test_actions(config);
	config_free(config);
	return ktap_end(&ktap);
}
