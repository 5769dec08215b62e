// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys of routes. */
#include <string.h>

#include "schema.h"

/* Pools of one route, as in the kernel. */
#define POOLS_MAX 256
/* Hosts, and methods: the kernel gets a route for each pair of them. */
#define ANY_MAX 64

static const struct schema_word version_words[] = {
	{ "1.2", 12, CONFIG_FLOW },
	{ "1.3", 13, CONFIG_FLOW },
	{ .word = NULL },
};

static const struct schema_field match_fields[] = {
	{
		.key = "host",
		.kind = &schema_text,
		.many = SCHEMA_LIST,
		.offset = offsetof(struct config_match, host),
		.most = ANY_MAX,
		.max = SLUICE_ROUTE_HOST_MAX,
		.doc = "Host of the request, in any case; *.example.com is every name below example.com and not that itself. Of several, any may be it.",
	},
	{
		.key = "sni",
		.kind = &schema_text,
		.many = SCHEMA_LIST,
		.offset = offsetof(struct config_match, sni),
		.most = ANY_MAX,
		.max = SLUICE_ROUTE_HOST_MAX,
		.doc = "Server name that the client asks for in TLS, written as host. Of several, any may be it.",
	},
	{
		.key = "port",
		.kind = &schema_number,
		.offset = offsetof(struct config_match, port),
		.min = 1,
		.max = 65535,
		.doc = "Port that the client asked for.",
	},
	{
		.key = "path",
		.kind = &schema_text,
		.offset = offsetof(struct config_match, path),
		.max = SLUICE_ROUTE_TEXT_MAX,
		.doc = "The path is this one.",
	},
	{
		.key = "prefix",
		.kind = &schema_text,
		.offset = offsetof(struct config_match, prefix),
		.max = SLUICE_ROUTE_TEXT_MAX,
		.doc = "The path is this one or continues it after a slash.",
	},
	{
		.key = "path-regex",
		.kind = &schema_regex,
		.offset = offsetof(struct config_match, path_regex),
		.stratum = CONFIG_PROXY,
		.max = SLUICE_ROUTE_TEXT_MAX,
		.doc = "The path matches this regular expression (PCRE2).",
	},
	{
		.key = "method",
		.kind = &schema_token,
		.many = SCHEMA_LIST,
		.offset = offsetof(struct config_match, method),
		.most = ANY_MAX,
		.max = 32,
		.doc = "Method of the request. Of several, any may be it.",
	},
	{
		.key = "query",
		.kind = &schema_condition,
		.many = SCHEMA_MAP,
		.offset = offsetof(struct config_match, query),
		.most = SLUICE_ROUTE_CONDITIONS_MAX,
		.number = SLUICE_ROUTE_QUERY,
		.doc = "Parameters of the query, by name, as they are sent: nothing is decoded.",
	},
	{
		.key = "header",
		.kind = &schema_condition,
		.many = SCHEMA_MAP,
		.offset = offsetof(struct config_match, header),
		.most = SLUICE_ROUTE_CONDITIONS_MAX,
		.number = SLUICE_ROUTE_HEADER,
		.doc = "Header fields of the request, by name.",
	},
	{
		.key = "cookie",
		.kind = &schema_condition,
		.many = SCHEMA_MAP,
		.offset = offsetof(struct config_match, cookie),
		.most = SLUICE_ROUTE_CONDITIONS_MAX,
		.number = SLUICE_ROUTE_COOKIE,
		.doc = "Cookies of the request, by name.",
	},
	{
		.key = "alpn",
		.kind = &schema_text,
		.many = SCHEMA_LIST,
		.offset = offsetof(struct config_match, alpn),
		.most = 16,
		.max = 255,
		.doc = "Protocols that the client offers in TLS: all of these. Where TLS ends here, the one that was chosen.",
	},
	{
		.key = "tls-version",
		.kind = &schema_word,
		.offset = offsetof(struct config_match, tls_version),
		.stratum = CONFIG_PROXY,
		.words = version_words,
		.doc = "Version of TLS that the client speaks, where TLS ends here.",
	},
	{
		.key = "client-certificate",
		.kind = &schema_condition,
		.many = SCHEMA_MAP,
		.offset = offsetof(struct config_match, certificate),
		.stratum = CONFIG_PROXY,
		.most = SLUICE_ROUTE_CONDITIONS_MAX,
		.doc = "What the client's certificate says, which one of client-ca has signed: its subject as in X-Client-Cert-Subject (subject; {present: true} is any certificate), a common name in it (cn), an alternative name with its kind, as in DNS:www.example.com, email:a@example.com, URI:spiffe://example/a or IP:192.0.2.1 (san).",
	},
	{
		.key = "source",
		.kind = &schema_source,
		.many = SCHEMA_LIST,
		.offset = offsetof(struct config_match, source),
		.most = SLUICE_ROUTE_SOURCES_MAX,
		.doc = "Address or network of the client, as its connection has it or, with accept-proxy-protocol, the header in front; X-Forwarded-For is not looked at. Of several, any may be it.",
	},
	{
		.key = "share",
		.kind = &schema_percent,
		.offset = offsetof(struct config_match, share),
		.max = SLUICE_ROUTE_SHARE_ALL,
		.initial = "100%",
		.doc = "This share of all clients, always the same ones.",
	},
	{
		.key = "salt",
		.kind = &schema_number,
		.offset = offsetof(struct config_match, salt),
		.max = UINT32_MAX,
		.initial = "0",
		.doc = "Shares of one salt are part of each other, those of different salts are independent.",
	},
	{ .key = NULL },
};

static void finish_match(struct config_reader *r, void *object)
{
	const struct config_match *match = object;
	int paths = !!match->path + !!match->prefix + !!match->path_regex;

	if (paths > 1)
		schema_wrong_in(
			r, match->at, match->path ? "path" : "prefix",
			"together with %s; give one of path, prefix and path-regex",
			match->path && match->prefix ? "prefix" : "path-regex");
}

static const struct schema_object match_object = {
	.name = "match",
	.doc = "What fits a route: all keys that are given have to hold.",
	.size = sizeof(struct config_match),
	.fields = match_fields,
	.finish = finish_match,
};

static const struct schema_field changes_fields[] = {
	{
		.key = "set",
		.kind = &schema_change,
		.many = SCHEMA_MAP,
		.offset = offsetof(struct config_header_changes, set),
		.most = 64,
		.doc = "Fields that are to have this value, whether they are there or not.",
	},
	{
		.key = "add",
		.kind = &schema_change,
		.many = SCHEMA_MAP,
		.offset = offsetof(struct config_header_changes, add),
		.most = 64,
		.doc = "Fields that are added to those there are.",
	},
	{
		.key = "remove",
		.kind = &schema_field_name,
		.many = SCHEMA_LIST,
		.offset = offsetof(struct config_header_changes, remove),
		.most = 64,
		.max = 255,
		.doc = "Names of fields that are taken out.",
	},
	{ .key = NULL },
};

static const struct schema_object changes_object = {
	.name = "header changes",
	.doc = "Changes of header fields.",
	.size = sizeof(struct config_header_changes),
	.fields = changes_fields,
};

static const struct schema_field rewrite_fields[] = {
	{
		.key = "request",
		.kind = &schema_object,
		.offset = offsetof(struct config_rewrite, request),
		.object = &changes_object,
		.doc = "On the way to the server.",
	},
	{
		.key = "response",
		.kind = &schema_object,
		.offset = offsetof(struct config_rewrite, response),
		.object = &changes_object,
		.doc = "On the way to the client.",
	},
	{ .key = NULL },
};

const struct schema_object schema_rewrite = {
	.name = "headers",
	.doc = "Changes of what is passed on.",
	.size = sizeof(struct config_rewrite),
	.fields = rewrite_fields,
};

static const struct schema_field redirect_fields[] = {
	{
		.key = "to",
		.kind = &schema_text,
		.offset = offsetof(struct config_redirect, to),
		.required = true,
		.max = 2048,
		.doc = "https, for the same host, path and query there; a URL; or a path on the same host.",
	},
	{
		.key = "status",
		.kind = &schema_number,
		.offset = offsetof(struct config_redirect, status),
		.min = 301,
		.max = 308,
		.initial = "308",
		.doc = "Status of the answer: 301, 302, 303, 307 or 308.",
	},
	{ .key = NULL },
};

static void finish_redirect(struct config_reader *r, void *object)
{
	const struct config_redirect *redirect = object;
	const char *to = redirect->to;

	if (to && strcmp(to, "https") != 0 && to[0] != '/' &&
	    strncmp(to, "https://", 8) != 0 && strncmp(to, "http://", 7) != 0)
		schema_wrong_in(r, redirect->at, "to",
				"'%s'; not https, a URL or a path",
				config_show(to, strlen(to)).text);
	for (const char *c = to; c && *c; c++)
		if (*c <= ' ' || *c >= 0x7f || strchr("\"<>\\", *c)) {
			schema_wrong_in(
				r, redirect->at, "to",
				"'%s'; a character that no URL has, write it as '%%' and two hexadecimal digits",
				config_show(to, strlen(to)).text);
			break;
		}
	if (to && strcmp(to, "https") != 0)
		schema_need(r, CONFIG_PROXY, "redirect.to");
	switch (redirect->status) {
	case 301:
	case 308:
		return;
	case 302:
	case 303:
	case 307:
		schema_need(r, CONFIG_PROXY, "redirect.status");
		return;
	default:
		schema_wrong_in(r, redirect->at, "status",
				"'%u'; not one of 301, 302, 303, 307, 308",
				redirect->status);
	}
}

static const struct schema_object redirect_object = {
	.name = "redirect",
	.doc = "An answer that sends the client elsewhere. A text in place of the map is to.",
	.size = sizeof(struct config_redirect),
	.fields = redirect_fields,
	.scalar = "to",
	.finish = finish_redirect,
};

static const struct schema_field answer_fields[] = {
	{
		.key = "status",
		.kind = &schema_number,
		.offset = offsetof(struct config_answer, status),
		.min = 200,
		.max = 599,
		.initial = "200",
		.doc = "Status of the answer.",
	},
	{
		.key = "body",
		.kind = &schema_text,
		.offset = offsetof(struct config_answer, body),
		.max = CONFIG_TEXT_MAX,
		.number = 1,
		.doc = "Body of the answer.",
	},
	{
		.key = "file",
		.kind = &schema_path,
		.offset = offsetof(struct config_answer, file),
		.doc = "In place of body: a file that has it.",
	},
	{
		.key = "headers",
		.kind = &schema_change,
		.many = SCHEMA_MAP,
		.offset = offsetof(struct config_answer, headers),
		.most = 64,
		.doc = "Header fields of the answer.",
	},
	{ .key = NULL },
};

static void finish_answer(struct config_reader *r, void *object)
{
	const struct config_answer *answer = object;

	if (answer->body && answer->file)
		schema_wrong_in(r, answer->at, "file",
				"together with body; give one or the other");
}

static const struct schema_object answer_object = {
	.name = "answer",
	.doc = "A fixed answer.",
	.size = sizeof(struct config_answer),
	.fields = answer_fields,
	.finish = finish_answer,
};

static const struct schema_field route_fields[] = {
	{
		.key = "name",
		.kind = &schema_name,
		.offset = offsetof(struct config_route, name),
		.required = true,
		.doc = "Name of the route, one of its kind in the service.",
	},
	{
		.key = "match",
		.kind = &schema_object,
		.offset = offsetof(struct config_route, match),
		.object = &match_object,
		.doc = "What fits the route; without it, everything.",
	},
	{
		.key = "pool",
		.kind = &schema_name,
		.offset = offsetof(struct config_route, pool_name),
		.doc = "Action: a server of this pool.",
	},
	{
		.key = "pools",
		.kind = &schema_weighted,
		.many = SCHEMA_MAP,
		.offset = offsetof(struct config_route, pools),
		.most = POOLS_MAX,
		.min = 1,
		.max = SLUICE_WEIGHT_MAX,
		.doc = "Action: a server of one of these pools, by their weights.",
	},
	{
		.key = "reject",
		.kind = &schema_text,
		.offset = offsetof(struct config_route, reject),
		.max = 16,
		.doc = "Action: reset, or a status from 400 to 599 with which a request is answered; in stratum sniff the connection is closed then.",
	},
	{
		.key = "redirect",
		.kind = &schema_object,
		.offset = offsetof(struct config_route, redirect),
		.object = &redirect_object,
		.doc = "Action: an answer that sends the client elsewhere.",
	},
	{
		.key = "answer",
		.kind = &schema_object,
		.offset = offsetof(struct config_route, answer),
		.stratum = CONFIG_PROXY,
		.object = &answer_object,
		.doc = "Action: a fixed answer.",
	},
	{
		.key = "proxy",
		.kind = &schema_number,
		.offset = offsetof(struct config_route, proxy_port),
		.min = 1,
		.max = 65535,
		.doc = "Action: the program on this host that listens on the service's address and this port.",
	},
	{
		.key = "headers",
		.kind = &schema_object,
		.offset = offsetof(struct config_route, headers),
		.stratum = CONFIG_PROXY,
		.object = &schema_rewrite,
		.doc = "Changes of header fields.",
	},
	{
		.key = "strip-prefix",
		.kind = &schema_url_path,
		.offset = offsetof(struct config_route, strip_prefix),
		.stratum = CONFIG_PROXY,
		.doc = "Taken off the path, where that is it or continues it after a slash; encoded as in the path's normal form.",
	},
	{
		.key = "replace-prefix",
		.kind = &schema_url_path,
		.offset = offsetof(struct config_route, replace_prefix),
		.stratum = CONFIG_PROXY,
		.doc = "What comes in place of strip-prefix.",
	},
	{
		.key = "upgrade",
		.kind = &schema_token,
		.many = SCHEMA_LIST,
		.offset = offsetof(struct config_route, upgrade),
		.stratum = CONFIG_RELAY,
		.most = 8,
		.max = 64,
		.doc = "Protocols that a connection may change to, such as websocket. Without it, none.",
	},
	{ .key = NULL },
};

static void finish_reject(struct config_reader *r, struct config_route *route)
{
	uint64_t status;

	if (strcmp(route->reject, "reset") == 0)
		return;
	if (!schema_parse_number(route->reject, &status) || status < 400 ||
	    status > 599) {
		schema_wrong_in(
			r, route->at, "reject",
			"'%s'; not reset or a status from 400 to 599",
			config_show(route->reject, strlen(route->reject)).text);
		return;
	}
	route->reject_status = (uint32_t)status;
	/* What the kernel has an answer for. */
	if (status != 400 && status != 403 && status != 404 && status != 503)
		schema_need(r, CONFIG_PROXY, "this status of reject");
}

/* One pool is an array of one. */
static void finish_pool(struct config_reader *r, struct config_route *route)
{
	struct config_weighted *only;

	only = config_arena_alloc(&r->config->arena, sizeof(*only));
	if (!only) {
		schema_wrong(r, route->at, "out of memory");
		return;
	}
	only->at = config_place_of_key(route->at, "pool");
	only->name = route->pool_name;
	only->weight = 1;
	route->pools.items = only;
	route->pools.count = 1;
}

static void finish_route(struct config_reader *r, void *object)
{
	struct config_route *route = object;
	const struct {
		const char *key;
		bool given;
		enum config_action action;
	} actions[] = {
		{ "pool", route->pool_name, CONFIG_ACTION_POOL },
		{ "pools", route->pools.count, CONFIG_ACTION_POOL },
		{ "reject", route->reject, CONFIG_ACTION_REJECT },
		{ "redirect", route->redirect, CONFIG_ACTION_REDIRECT },
		{ "answer", route->answer, CONFIG_ACTION_ANSWER },
		{ "proxy", route->proxy_port, CONFIG_ACTION_PROXY },
	};
	const char *first = NULL;
	bool wrong = false;

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		wrong = wrong || config_is_written(route->at, actions[i].key);
		if (!actions[i].given)
			continue;
		if (first)
			schema_wrong_in(
				r, route->at, actions[i].key,
				"together with %s; a route has one action",
				first);
		else
			route->action = (int)actions[i].action;
		first = first ? first : actions[i].key;
	}
	/* One that could not be read was meant to be there. */
	if (!first && !wrong)
		schema_wrong_in(
			r, route->at, NULL,
			"no action; give one of pool, pools, reject, redirect, answer and proxy");
	if (route->reject)
		finish_reject(r, route);
	if (route->pool_name)
		finish_pool(r, route);
	if (route->replace_prefix && !route->strip_prefix)
		schema_wrong_in(r, route->at, "replace-prefix",
				"without strip-prefix; give what it replaces");
}

const struct schema_object schema_route = {
	.name = "route",
	.doc = "Where a connection or request goes that has what match says. The first route that fits is taken.",
	.size = sizeof(struct config_route),
	.need_offset = offsetof(struct config_route, need),
	.fields = route_fields,
	.finish = finish_route,
};
