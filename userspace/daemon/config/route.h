/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routes of a configuration. See config.h. */
#ifndef CONFIG_ROUTE_H
#define CONFIG_ROUTE_H

#include "pool.h"

/* How a condition compares; the first ones as enum sluice_route_how. */
enum config_how {
	CONFIG_PRESENT = SLUICE_ROUTE_PRESENT,
	CONFIG_EXACT = SLUICE_ROUTE_EXACT,
	CONFIG_PREFIX = SLUICE_ROUTE_PREFIX,
	CONFIG_REGEX,
};

/**
 * struct config_condition - a condition about a header field and the like
 * @at: place
 * @what: enum sluice_route_what
 * @how: enum config_how
 * @name: of the field, cookie or parameter
 * @value: what @how compares with, NULL if it does not
 */
struct config_condition {
	struct config_place at;
	int what;
	int how;
	char *name;
	char *value;
};

struct config_conditions {
	struct config_condition *items;
	size_t count;
};

/**
 * struct config_match - what fits a route: all that is given has to hold
 * @at: place
 * @host: of these, any
 * @sni: of these, any
 * @port: port that the client asked for, 0: any
 * @path: the path
 * @prefix: what the path begins with
 * @path_regex: what the path matches
 * @method: of these, any
 * @query: all of these
 * @header: all of these
 * @cookie: all of these
 * @alpn: all of these
 * @tls_version: 12 or 13, 0: any
 * @certificate: of the client's, all of these; @name is one of those of
 *	config_claim()
 * @source: of these, any
 * @share: hundredths of a percent of clients
 * @salt: which of them
 */
struct config_match {
	struct config_place at;
	struct config_texts host;
	struct config_texts sni;
	uint32_t port;
	char *path;
	char *prefix;
	char *path_regex;
	struct config_texts method;
	struct config_conditions query;
	struct config_conditions header;
	struct config_conditions cookie;
	struct config_texts alpn;
	int tls_version;
	struct config_conditions certificate;
	struct config_sources source;
	uint32_t share;
	uint32_t salt;
};

/* What a client's certificate says of its owner. */
enum config_claim {
	CONFIG_CLAIM_SUBJECT, /* all of the subject, RFC 2253 */
	CONFIG_CLAIM_CN,      /* common names in it */
	CONFIG_CLAIM_SAN,     /* alternative names, as in DNS:www.example.com */
	CONFIG_CLAIMS,
};

/**
 * config_claim() - what a condition of a certificate is about
 * @name: "subject", "cn" or "san"
 *
 * Return: that, or CONFIG_CLAIMS: another name.
 */
enum config_claim config_claim(const char *name);

/**
 * struct config_header_changes - changes of header fields
 * @at: place
 * @set: replaced, or added
 * @add: added
 * @remove: names of those to take out
 */
struct config_header_changes {
	struct config_place at;
	struct config_pairs set;
	struct config_pairs add;
	struct config_texts remove;
};

/**
 * struct config_rewrite - changes of what is passed on
 * @at: place
 * @request: of requests, NULL: none
 * @response: of responses, NULL: none
 */
struct config_rewrite {
	struct config_place at;
	struct config_header_changes *request;
	struct config_header_changes *response;
};

/**
 * struct config_redirect - an answer that sends the client elsewhere
 * @at: place
 * @to: "https" for the same there, a URL, or a path
 * @status: 301, 302, 303, 307 or 308
 */
struct config_redirect {
	struct config_place at;
	char *to;
	uint32_t status;
};

/**
 * struct config_answer - a fixed answer
 * @at: place
 * @status: 200 to 599
 * @body: text, NULL: none
 * @file: file with the body, in place of @body
 * @headers: header fields
 */
struct config_answer {
	struct config_place at;
	uint32_t status;
	char *body;
	char *file;
	struct config_pairs headers;
};

/**
 * struct config_weighted - one of the pools of a route
 * @at: place
 * @name: its name
 * @pool: the pool
 * @weight: its share
 */
struct config_weighted {
	struct config_place at;
	char *name;
	const struct config_pool *pool;
	uint32_t weight;
};

struct config_weighted_pools {
	struct config_weighted *items;
	size_t count;
};

enum config_action {
	CONFIG_ACTION_NONE,
	CONFIG_ACTION_POOL,
	CONFIG_ACTION_REJECT,
	CONFIG_ACTION_REDIRECT,
	CONFIG_ACTION_ANSWER,
	CONFIG_ACTION_PROXY,
};

/**
 * struct config_route - a route
 * @at: place
 * @name: its name
 * @need: what not every stratum can do
 * @match: what fits it, NULL: everything
 * @action: enum config_action
 * @pool_name: the pool, where there is one
 * @pools: the pools by weight, also where there is one
 * @reject: "reset" or a status
 * @reject_status: that status, 0: a reset
 * @redirect: for CONFIG_ACTION_REDIRECT
 * @answer: for CONFIG_ACTION_ANSWER
 * @proxy_port: port of a program on this host
 * @headers: changes of what is passed on, NULL: none
 * @strip_prefix: taken off the path
 * @replace_prefix: what comes in its place, NULL: nothing
 * @upgrade: protocols to which a connection may change
 */
struct config_route {
	struct config_place at;
	char *name;
	struct config_need need;
	struct config_match *match;
	int action;
	char *pool_name;
	struct config_weighted_pools pools;
	char *reject;
	uint32_t reject_status;
	struct config_redirect *redirect;
	struct config_answer *answer;
	uint32_t proxy_port;
	struct config_rewrite *headers;
	char *strip_prefix;
	char *replace_prefix;
	struct config_texts upgrade;
};

struct config_routes {
	struct config_route *items;
	size_t count;
};

#endif /* CONFIG_ROUTE_H */
