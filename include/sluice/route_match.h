/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which route a request takes: the first of an ordered list whose conditions all
 * hold. The kernel and the daemon both ask here, so that a service gives the
 * same answer wherever it runs.
 *
 * An index over host names leaves out routes that cannot be the answer; it never
 * changes it. The cost of a match depends on the length of the host and on how
 * many routes have this host, a suffix of it or none, not on how many hosts
 * there are.
 *
 * The index is one block of memory with copies of all it needs and without
 * pointers: it may be moved, and is read by any number of readers at a time.
 */
#ifndef SLUICE_ROUTE_MATCH_H
#define SLUICE_ROUTE_MATCH_H

#include <sluice/types.h>

/* Hosts of rules and requests; a longer host has no route that names a host. */
#define SLUICE_ROUTE_HOST_MAX 255
/* Bytes of any other text of a rule. */
#define SLUICE_ROUTE_TEXT_MAX 4096
#define SLUICE_ROUTE_CONDITIONS_MAX 64
#define SLUICE_ROUTE_SOURCES_MAX 4096
#define SLUICE_ROUTES_MAX 1000000
/* A share of all clients. */
#define SLUICE_ROUTE_SHARE_ALL 10000

/**
 * struct sluice_text - Bytes that somebody else keeps.
 * @data: The first; NULL for a text that is not there.
 * @len: How many.
 */
struct sluice_text {
	const char *data;
	u32 len;
};

/**
 * enum sluice_route_path - How a path is compared.
 * @SLUICE_ROUTE_PATH_ANY: Not at all; a request without a path is right, too.
 * @SLUICE_ROUTE_PATH_EXACT: It is the same, byte by byte.
 * @SLUICE_ROUTE_PATH_PREFIX: It is the same or continues after a slash: /api is
 *	a prefix of /api, /api/ and /api/x, not of /apix. Slashes that the
 *	prefix ends with make no difference.
 */
enum sluice_route_path {
	SLUICE_ROUTE_PATH_ANY,
	SLUICE_ROUTE_PATH_EXACT,
	SLUICE_ROUTE_PATH_PREFIX,
};

/**
 * enum sluice_route_what - What a condition is about.
 * @SLUICE_ROUTE_METHOD: Method of the request, in its case; without a name.
 * @SLUICE_ROUTE_QUERY: A parameter of the query, name and value as they were
 *	sent: nothing is decoded. One without "=" has an empty value.
 * @SLUICE_ROUTE_HEADER: A header field; the case of its name makes no
 *	difference.
 * @SLUICE_ROUTE_COOKIE: A cookie, in its case.
 * @SLUICE_ROUTE_ALPN: A protocol that a TLS client offers; without a name.
 * @SLUICE_ROUTE_WHATS: How many there are.
 *
 * Of several fields, parameters or cookies with one name, any may be right.
 */
enum sluice_route_what {
	SLUICE_ROUTE_METHOD,
	SLUICE_ROUTE_QUERY,
	SLUICE_ROUTE_HEADER,
	SLUICE_ROUTE_COOKIE,
	SLUICE_ROUTE_ALPN,
	SLUICE_ROUTE_WHATS,
};

/**
 * enum sluice_route_how - What a condition asks of a value.
 * @SLUICE_ROUTE_PRESENT: That there is one, even an empty one.
 * @SLUICE_ROUTE_EXACT: That it is the same, byte by byte.
 * @SLUICE_ROUTE_PREFIX: That it starts so.
 * @SLUICE_ROUTE_HOWS: How many there are.
 */
enum sluice_route_how {
	SLUICE_ROUTE_PRESENT,
	SLUICE_ROUTE_EXACT,
	SLUICE_ROUTE_PREFIX,
	SLUICE_ROUTE_HOWS,
};

/**
 * struct sluice_route_condition - One of the conditions of a rule.
 * @what: &enum sluice_route_what.
 * @how: &enum sluice_route_how; always %SLUICE_ROUTE_EXACT for the method and
 *	for ALPN.
 * @name: Of the parameter, the field or the cookie.
 * @value: What @how compares with; empty if it does not.
 */
struct sluice_route_condition {
	u8 what;
	u8 how;
	struct sluice_text name;
	struct sluice_text value;
};

/**
 * struct sluice_route_source - Addresses with the same first bits.
 * @address: In network order; all bits after @bits are 0.
 * @address_len: 4 or 16: IPv4 or IPv6.
 * @bits: 0 to 32, or to 128.
 */
struct sluice_route_source {
	u8 address[16];
	u8 address_len;
	u8 bits;
};

/**
 * struct sluice_route_rule - The conditions of a route: all have to hold.
 * @host: Host name, in any case. "*.example.com" stands for all names below
 *	example.com, at any depth, and not for itself. Empty for every request,
 *	with a host or without.
 * @port: Port that the client asked for; 0 for any.
 * @path_how: &enum sluice_route_path.
 * @share: Hundredths of a percent of clients, 0 to %SLUICE_ROUTE_SHARE_ALL,
 *	which is all of them; 0 is none.
 * @salt: Rules with one salt take the same clients: a share of 500 is part of
 *	one of 1000. With different salts, shares are independent.
 * @path: What @path_how compares with.
 * @conditions: Array, in any order.
 * @condition_count: Its length.
 * @source_count: Length of @sources.
 * @sources: Array, of which any may be right; empty for every client.
 */
struct sluice_route_rule {
	struct sluice_text host;
	u16 port;
	u8 path_how;
	u16 share;
	u32 salt;
	struct sluice_text path;
	const struct sluice_route_condition *conditions;
	u32 condition_count;
	u32 source_count;
	const struct sluice_route_source *sources;
};

/**
 * struct sluice_request - What a route is looked for with.
 * @host: Host that the client asked for, without the port, in any case; a dot
 *	at its end makes no difference. Of TLS alone, its server name.
 * @port: Port that the client asked for.
 * @source_len: 4 or 16, or 0 if @source is not known.
 * @source: Client's address, in network order.
 * @hash: Number of the client, the same each time, of all 32 bits.
 * @method: Method.
 * @path: Path, normalised (RFC 3986 section 6.2.2).
 * @query: What follows the "?" of the target.
 * @next_header: Finds the next field called @name, in any case, from @pos,
 *	which is 0 at first and kept for the next call; false if there is none.
 * @next_cookie: The same for cookies, in their case.
 * @offers: Whether the client offers a protocol by ALPN.
 * @context: For these three, each of which may be NULL: there are none then.
 *
 * What a request does not have is a text without data, and no condition about
 * it holds.
 */
struct sluice_request {
	struct sluice_text host;
	u16 port;
	u8 source_len;
	u8 source[16];
	u32 hash;
	struct sluice_text method;
	struct sluice_text path;
	struct sluice_text query;
	bool (*next_header)(const struct sluice_request *req,
			    struct sluice_text name, u32 *pos,
			    struct sluice_text *value);
	bool (*next_cookie)(const struct sluice_request *req,
			    struct sluice_text name, u32 *pos,
			    struct sluice_text *value);
	bool (*offers)(const struct sluice_request *req,
		       struct sluice_text protocol);
	const void *context;
};

/**
 * struct sluice_route_error - What is wrong with a rule.
 * @field: "host", "path", "condition", "source" or "share".
 * @index: Which condition or source, from 0.
 * @reason: A few words, such as "no name", without a full stop.
 */
struct sluice_route_error {
	const char *field;
	u32 index;
	const char *reason;
};

/**
 * struct sluice_route_cost - What matches have cost, for tests.
 * @hosts: Hosts of the index that were compared with a part of the request's.
 * @rules: Rules whose conditions were looked at.
 */
struct sluice_route_cost {
	u64 hosts;
	u64 rules;
};

/* The index. */
struct sluice_routes;

/**
 * sluice_route_check() - Look whether a rule is right.
 * @rule: The rule, from anywhere.
 * @error: Set if it is not.
 *
 * Context: Any.
 * Return: Whether it is.
 */
bool sluice_route_check(const struct sluice_route_rule *rule,
			struct sluice_route_error *error);

/**
 * sluice_routes_size() - How much memory an index takes.
 * @rules: Array of rules that have been checked.
 * @count: Its length.
 *
 * Return: Bytes; 0 if there are more than %SLUICE_ROUTES_MAX rules or their
 * index is larger than 1 GB.
 */
size_t sluice_routes_size(const struct sluice_route_rule *rules, u32 count);

/**
 * sluice_routes_build() - Make an index.
 * @memory: As many bytes as sluice_routes_size() says, not 0, aligned
 *	for a u32. The caller frees it when no reader is left.
 * @rules: The same array, which is not needed afterwards.
 * @count: Its length.
 * @seed: Any number, for the hashes of host names.
 *
 * Takes time in proportion to the rules.
 *
 * Context: Any.
 * Return: The index, which is @memory.
 */
struct sluice_routes *sluice_routes_build(void *memory,
					  const struct sluice_route_rule *rules,
					  u32 count, u32 seed);

/**
 * sluice_routes_match() - Find the route of a request.
 * @routes: The index.
 * @req: The request.
 *
 * Context: Any; what the functions of @req may need.
 * Return: Index of the first rule whose conditions all hold, or -1.
 */
int sluice_routes_match(const struct sluice_routes *routes,
			const struct sluice_request *req);

/**
 * sluice_routes_match_next() - Find the route of a request behind another one.
 * @routes: The index.
 * @req: The request.
 * @after: Index of a rule, or -1 for none.
 *
 * For who has more conditions than a rule can have: when one of his does not hold,
 * he goes on behind the rule that was found. Rules up to @after cost nothing again.
 *
 * Context: As sluice_routes_match(), which is this with -1.
 * Return: Index of the first rule behind @after whose conditions all hold, or -1.
 */
int sluice_routes_match_next(const struct sluice_routes *routes,
			     const struct sluice_request *req, int after);

/**
 * sluice_routes_match_cost() - The same, and count what it costs.
 * @routes: The index.
 * @req: The request.
 * @after: Index of a rule, or -1 for none.
 * @cost: What it costs is added here, if not NULL.
 *
 * Return: As sluice_routes_match_next().
 */
int sluice_routes_match_cost(const struct sluice_routes *routes,
			     const struct sluice_request *req, int after,
			     struct sluice_route_cost *cost);

/**
 * sluice_route_holds() - Look at one rule alone.
 * @routes: The index.
 * @index: Which rule.
 * @req: The request.
 *
 * Return: Whether all its conditions hold, that of the host left out.
 */
bool sluice_route_holds(const struct sluice_routes *routes, u32 index,
			const struct sluice_request *req);

#endif /* SLUICE_ROUTE_MATCH_H */
