// SPDX-License-Identifier: GPL-2.0-or-later
/* Words of the command line to a route. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "route.h"

#define SHARE_PERCENT 100

enum keyword {
	KEY_HOST,
	KEY_PORT,
	KEY_PATH,
	KEY_PREFIX,
	KEY_METHOD,
	KEY_QUERY,
	KEY_QUERY_PREFIX,
	KEY_HEADER,
	KEY_HEADER_PREFIX,
	KEY_COOKIE,
	KEY_COOKIE_PREFIX,
	KEY_ALPN,
	KEY_SOURCE,
	KEY_SHARE,
	KEY_SALT,
	KEY_ANY,
	KEY_POOL,
	KEY_WEIGHT,
	KEY_REJECT,
	KEY_REDIRECT,
	KEY_PROXY,
	KEY_BEFORE,
	KEY_COUNT,
};

#define KEYS_MATCH (BIT(KEY_ANY + 1) - 1)
#define KEYS_ACTION \
	(BIT(KEY_POOL) | BIT(KEY_REJECT) | BIT(KEY_REDIRECT) | BIT(KEY_PROXY))
/* Those that may come again. */
#define KEYS_MANY                                                     \
	(BIT(KEY_METHOD) | BIT(KEY_QUERY) | BIT(KEY_QUERY_PREFIX) |   \
	 BIT(KEY_HEADER) | BIT(KEY_HEADER_PREFIX) | BIT(KEY_COOKIE) | \
	 BIT(KEY_COOKIE_PREFIX) | BIT(KEY_ALPN) | BIT(KEY_SOURCE) |   \
	 BIT(KEY_POOL) | BIT(KEY_WEIGHT))

struct adm_keyword {
	const char *name;
	int (*take)(struct adm_route *to, const char *word,
		    struct adm_message *msg);
	/* enum sluice_route_what and _how of a condition. */
	uint8_t what;
	uint8_t how;
};

static int no_memory(struct adm_message *msg)
{
	adm_wrong(msg, "out of memory");
	return ADM_FAILED;
}

/* A copy that lives as long as the route. */
static int keep(struct adm_route *to, const char *word,
		struct sluice_text *text, struct adm_message *msg)
{
	char **words =
		reallocarray(to->words, to->words_count + 1, sizeof(*words));

	if (!words)
		return no_memory(msg);
	to->words = words;
	words[to->words_count] = strdup(word);
	if (!words[to->words_count])
		return no_memory(msg);
	text->data = words[to->words_count++];
	text->len = (u32)strlen(word);
	return ADM_DONE;
}

/* Room for one more, doubled when a power of two is full. */
static void *grow(void *array, size_t count, size_t size)
{
	if (count & (count - 1))
		return array;
	return reallocarray(array, count ? 2 * count : 1, size);
}

static int take_host(struct adm_route *to, const char *word,
		     struct adm_message *msg)
{
	return keep(to, word, &to->route.match.host, msg);
}

static int take_port(struct adm_route *to, const char *word,
		     struct adm_message *msg)
{
	uint32_t port = 0;
	int err = adm_parse_number(&port, word, 1, 65535, "port", msg);

	to->route.match.port = (uint16_t)port;
	return err;
}

static int take_path(struct adm_route *to, const char *word,
		     struct adm_message *msg)
{
	to->route.match.path_how = SLUICE_ROUTE_PATH_EXACT;
	return keep(to, word, &to->route.match.path, msg);
}

static int take_prefix(struct adm_route *to, const char *word,
		       struct adm_message *msg)
{
	to->route.match.path_how = SLUICE_ROUTE_PATH_PREFIX;
	return keep(to, word, &to->route.match.path, msg);
}

/* "name=value", "name", or of a method and a protocol the value alone. */
static int take_condition(struct adm_route *to, const char *word,
			  struct adm_message *msg)
{
	struct sluice_route_rule *rule = &to->route.match;
	uint8_t what = to->keyword->what;
	struct sluice_route_condition *condition;
	struct sluice_text text;
	const char *value;
	int err;

	condition =
		grow(to->conditions, rule->condition_count, sizeof(*condition));
	if (!condition)
		return no_memory(msg);
	to->conditions = condition;
	rule->conditions = condition;
	err = keep(to, word, &text, msg);
	if (err)
		return err;
	condition += rule->condition_count++;
	memset(condition, 0, sizeof(*condition));
	condition->what = what;
	condition->how = to->keyword->how;
	if (what == SLUICE_ROUTE_METHOD || what == SLUICE_ROUTE_ALPN) {
		condition->value = text;
		return ADM_DONE;
	}
	value = strchr(text.data, '=');
	condition->name = text;
	if (!value && condition->how == SLUICE_ROUTE_PREFIX)
		return adm_wrong(msg, "%s '%.200s': not of the form NAME=VALUE",
				 to->keyword->name, word);
	if (!value) {
		condition->how = SLUICE_ROUTE_PRESENT;
		return ADM_DONE;
	}
	condition->name.len = (u32)(value - text.data);
	condition->value.data = value + 1;
	condition->value.len = text.len - condition->name.len - 1;
	return ADM_DONE;
}

static int take_source(struct adm_route *to, const char *word,
		       struct adm_message *msg)
{
	struct sluice_route_rule *rule = &to->route.match;
	const char *slash = strchr(word, '/');
	size_t length = slash ? (size_t)(slash - word) : strlen(word);
	struct sluice_route_source *source;
	char address[INET6_ADDRSTRLEN];
	uint32_t bits = 0;

	source = grow(to->sources, rule->source_count, sizeof(*source));
	if (!source)
		return no_memory(msg);
	to->sources = source;
	rule->sources = source;
	source += rule->source_count++;
	memset(source, 0, sizeof(*source));
	if (length < sizeof(address)) {
		memcpy(address, word, length);
		address[length] = '\0';
		if (inet_pton(AF_INET, address, source->address) == 1)
			source->address_len = 4;
		else if (inet_pton(AF_INET6, address, source->address) == 1)
			source->address_len = 16;
	}
	if (!source->address_len)
		return adm_wrong(
			msg,
			"source '%.200s': not an address or ADDRESS/BITS, as in 192.0.2.0/24 or 2001:db8::/32",
			word);
	source->bits = (u8)(source->address_len * 8);
	if (!slash)
		return ADM_DONE;
	if (adm_parse_number(&bits, slash + 1, 0, source->bits,
			     "length of the source's prefix", msg))
		return ADM_USAGE;
	source->bits = (u8)bits;
	return ADM_DONE;
}

/* "5%", "0.25%": hundredths of a percent. */
static int take_share(struct adm_route *to, const char *word,
		      struct adm_message *msg)
{
	size_t whole = strspn(word, "0123456789");
	size_t part =
		word[whole] == '.' ? strspn(word + whole + 1, "0123456789") : 0;
	const char *end = word + whole + (part ? part + 1 : 0);
	uint32_t share;

	if (whole >= 1 && whole <= 3 && part <= 2 && strcmp(end, "%") == 0) {
		share = (uint32_t)strtoul(word, NULL, 10) * SHARE_PERCENT;
		if (part)
			share += (uint32_t)strtoul(word + whole + 1, NULL, 10) *
				 (part == 1 ? 10 : 1);
		if (share <= SLUICE_ROUTE_SHARE_ALL) {
			to->route.match.share = (u16)share;
			return ADM_DONE;
		}
	}
	return adm_wrong(
		msg, "share '%.200s': not 0%% to 100%%, as in 5%% or 0.25%%",
		word);
}

static int take_salt(struct adm_route *to, const char *word,
		     struct adm_message *msg)
{
	return adm_parse_number(&to->route.match.salt, word, 0, UINT32_MAX,
				"salt", msg);
}

static int take_pool(struct adm_route *to, const char *word,
		     struct adm_message *msg)
{
	struct sluice_route_pool *pool =
		grow(to->pools, to->route.pools_count, sizeof(*pool));

	if (!pool)
		return no_memory(msg);
	to->pools = pool;
	to->route.pools = pool;
	pool += to->route.pools_count++;
	pool->weight = 1;
	return adm_parse_name(pool->name, word, "pool", msg);
}

static int take_weight(struct adm_route *to, const char *word,
		       struct adm_message *msg)
{
	return adm_parse_number(&to->pools[to->route.pools_count - 1].weight,
				word, 1, SLUICE_WEIGHT_MAX, "weight", msg);
}

/* Which statuses there are, the module says. */
static int take_status(struct adm_route *to, const char *word,
		       struct adm_message *msg)
{
	uint32_t status = 0;
	int err = adm_parse_number(&status, word, 100, 599, "status", msg);

	to->route.status = (uint16_t)status;
	return err;
}

static int take_proxy(struct adm_route *to, const char *word,
		      struct adm_message *msg)
{
	uint32_t port = 0;
	int err = adm_parse_number(&port, word, 1, 65535, "proxy port", msg);

	to->route.proxy_port = (uint16_t)port;
	return err;
}

static int take_before(struct adm_route *to, const char *word,
		       struct adm_message *msg)
{
	return adm_parse_name(to->route.before, word, "route", msg);
}

#define CONDITION(name, what, how) \
	{ name, take_condition, SLUICE_ROUTE_##what, SLUICE_ROUTE_##how }

static const struct adm_keyword keywords[KEY_COUNT] = {
	[KEY_HOST] = { "host", take_host, 0, 0 },
	[KEY_PORT] = { "port", take_port, 0, 0 },
	[KEY_PATH] = { "path", take_path, 0, 0 },
	[KEY_PREFIX] = { "prefix", take_prefix, 0, 0 },
	[KEY_METHOD] = CONDITION("method", METHOD, EXACT),
	[KEY_QUERY] = CONDITION("query", QUERY, EXACT),
	[KEY_QUERY_PREFIX] = CONDITION("query-prefix", QUERY, PREFIX),
	[KEY_HEADER] = CONDITION("header", HEADER, EXACT),
	[KEY_HEADER_PREFIX] = CONDITION("header-prefix", HEADER, PREFIX),
	[KEY_COOKIE] = CONDITION("cookie", COOKIE, EXACT),
	[KEY_COOKIE_PREFIX] = CONDITION("cookie-prefix", COOKIE, PREFIX),
	[KEY_ALPN] = CONDITION("alpn", ALPN, EXACT),
	[KEY_SOURCE] = { "source", take_source, 0, 0 },
	[KEY_SHARE] = { "share", take_share, 0, 0 },
	[KEY_SALT] = { "salt", take_salt, 0, 0 },
	[KEY_ANY] = { "any", NULL, 0, 0 },
	[KEY_POOL] = { "pool", take_pool, 0, 0 },
	[KEY_WEIGHT] = { "weight", take_weight, 0, 0 },
	[KEY_REJECT] = { "reject", take_status, 0, 0 },
	[KEY_REDIRECT] = { "redirect", take_status, 0, 0 },
	[KEY_PROXY] = { "proxy", take_proxy, 0, 0 },
	[KEY_BEFORE] = { "before", take_before, 0, 0 },
};

static const uint8_t action_of[KEY_COUNT] = {
	[KEY_POOL] = SLUICE_ROUTE_ACTION_POOL,
	[KEY_REJECT] = SLUICE_ROUTE_ACTION_REJECT,
	[KEY_REDIRECT] = SLUICE_ROUTE_ACTION_REDIRECT,
	[KEY_PROXY] = SLUICE_ROUTE_ACTION_PROXY,
};

static unsigned int find_keyword(const char *word)
{
	unsigned int key;

	for (key = 0; key < KEY_COUNT; key++)
		if (strcmp(keywords[key].name, word) == 0)
			break;
	return key;
}

/* The name of the one keyword of a set that was given. */
static const char *name_given(uint32_t set)
{
	return keywords[__builtin_ctz(set)].name;
}

static int check_keyword(const struct adm_route *to, unsigned int key,
			 const char *word, struct adm_message *msg)
{
	uint32_t bit = BIT(key);

	if ((to->given & bit) && !(bit & KEYS_MANY))
		return adm_wrong(msg, "%s: given twice", word);
	if (key == KEY_WEIGHT && to->keyword != &keywords[KEY_POOL])
		return adm_wrong(msg, "weight: only after a pool");
	if ((bit & KEYS_ACTION) && (to->given & KEYS_ACTION & ~bit))
		return adm_wrong(msg, "%s and %s: not together",
				 name_given(to->given & KEYS_ACTION), word);
	if ((bit | to->given) & BIT(KEY_PATH) &&
	    (bit | to->given) & BIT(KEY_PREFIX))
		return adm_wrong(msg, "path and prefix: not together");
	return ADM_DONE;
}

static int take_keyword(struct adm_route *to, const char *word,
			struct adm_message *msg)
{
	unsigned int key = find_keyword(word);
	int err;

	if (key == KEY_COUNT)
		return adm_wrong(
			msg,
			"'%.200s': not a word of a route, see sluiceadm(8): host, path, prefix, pool, reject...",
			word);
	err = check_keyword(to, key, word, msg);
	if (err)
		return err;
	to->given |= BIT(key);
	to->keyword = &keywords[key];
	to->waits = to->keyword->take != NULL;
	if (BIT(key) & KEYS_ACTION)
		to->route.action = action_of[key];
	return ADM_DONE;
}

/* A status may be left out, and with stratum relay there is no port of proxy. */
static bool needs_value(const struct adm_keyword *keyword)
{
	return keyword->take != take_status && keyword->take != take_proxy;
}

static bool is_value(const struct adm_route *to, const char *word)
{
	return needs_value(to->keyword) ||
	       (word[0] && word[strspn(word, "0123456789")] == '\0');
}

int cmd_route_operand(struct adm_request *req, unsigned int number,
		      const char *word, struct adm_message *msg)
{
	struct adm_route *to = req->route;

	if (number == 0) {
		to = calloc(1, sizeof(*to));
		if (!to)
			return no_memory(msg);
		req->route = to;
		to->route.service = req->service;
		to->route.match.share = SLUICE_ROUTE_SHARE_ALL;
		return adm_parse_name(to->route.name, word, "route", msg);
	}
	if (!to->waits || !is_value(to, word))
		return take_keyword(to, word, msg);
	to->waits = false;
	return to->keyword->take(to, word, msg);
}

static int refuse_condition(const struct adm_route *route,
			    const struct sluice_route_error *error,
			    struct adm_message *msg)
{
	const struct sluice_route_condition *condition =
		&route->route.match.conditions[error->index];
	static const char *const names[SLUICE_ROUTE_WHATS] = {
		[SLUICE_ROUTE_METHOD] = "method",
		[SLUICE_ROUTE_QUERY] = "query",
		[SLUICE_ROUTE_HEADER] = "header",
		[SLUICE_ROUTE_COOKIE] = "cookie",
		[SLUICE_ROUTE_ALPN] = "alpn",
	};
	struct sluice_text shown = condition->name.len ? condition->name :
							 condition->value;

	return adm_wrong(msg, "%s '%.*s': %s", names[condition->what],
			 adm_shown(shown.len), shown.len ? shown.data : "",
			 error->reason);
}

/* What the module would refuse whatever it has. */
static int check_match(const struct adm_route *route, struct adm_message *msg)
{
	const struct sluice_route_rule *rule = &route->route.match;
	struct sluice_route_error error;

	if (sluice_route_check(rule, &error))
		return ADM_DONE;
	if (strcmp(error.field, "condition") == 0 &&
	    error.index < rule->condition_count)
		return refuse_condition(route, &error, msg);
	if (strcmp(error.field, "host") == 0)
		return adm_wrong(msg, "host '%.200s': %s", rule->host.data,
				 error.reason);
	if (strcmp(error.field, "path") == 0)
		return adm_wrong(msg, "path '%.200s': %s", rule->path.data,
				 error.reason);
	return adm_wrong(msg, "%s %u: %s", error.field, error.index + 1,
			 error.reason);
}

int cmd_route_finish(struct adm_request *req, struct adm_message *msg)
{
	struct adm_route *route = req->route;
	uint32_t given = route ? route->given : 0;

	if (!route)
		return ADM_DONE;
	if (req->command->run == cmd_route_show && !req->service.protocol)
		return adm_wrong(msg, "route show %s: needs -t",
				 route->route.name);
	if (route->waits && needs_value(route->keyword))
		return adm_wrong(msg, "%s: a value is missing",
				 route->keyword->name);
	route->route.has_match = given & KEYS_MATCH;
	route->route.has_action = given & KEYS_ACTION;
	if (req->command->run == cmd_route_move && (given & ~BIT(KEY_BEFORE)))
		return adm_wrong(msg, "%s: of no use with route move",
				 name_given(given & ~BIT(KEY_BEFORE)));
	if (req->command->run == cmd_route_set && (given & BIT(KEY_BEFORE)))
		return adm_wrong(
			msg,
			"before: of no use with route set, see route move");
	if (req->command->run == cmd_route_add && !route->route.has_action)
		return adm_wrong(
			msg,
			"route %s: needs an action: pool, reject, redirect or proxy",
			route->route.name);
	if (req->command->run == cmd_route_set && !(given))
		return adm_wrong(
			msg,
			"route %s: nothing to change: give what it matches (or any), or an action",
			route->route.name);
	if ((given & BIT(KEY_ANY)) && (given & KEYS_MATCH & ~BIT(KEY_ANY)))
		return adm_wrong(msg, "any and %s: not together",
				 name_given(given & KEYS_MATCH &
					    ~BIT(KEY_ANY)));
	return check_match(route, msg);
}

void adm_route_free(struct adm_route *route)
{
	if (!route)
		return;
	for (size_t i = 0; i < route->words_count; i++)
		free(route->words[i]);
	free(route->words);
	free(route->conditions);
	free(route->sources);
	free(route->pools);
	free(route);
}
