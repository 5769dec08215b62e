// SPDX-License-Identifier: GPL-2.0-or-later
/* Which route a request takes. */
#include "route_index.h"

static bool same(const char *a, const char *b, u32 len)
{
	return !len || !memcmp(a, b, len);
}

static bool has_prefix(struct sluice_text text, const char *prefix, u32 len)
{
	return text.len >= len && same(text.data, prefix, len);
}

static bool path_holds(const struct sluice_routes *routes,
		       const struct route_rule *rule, struct sluice_text path)
{
	const char *wanted = route_at(routes, rule->path.offset);
	u32 len = rule->path.len;

	if (rule->path_how == SLUICE_ROUTE_PATH_ANY)
		return true;
	if (!path.len || !has_prefix(path, wanted, len))
		return false;
	if (path.len == len)
		return true;
	/* The prefix "/" has become the empty one. */
	return rule->path_how == SLUICE_ROUTE_PATH_PREFIX &&
	       path.data[len] == '/';
}

/* The same clients for the same hash and salt, and even shares of hashes. */
static bool share_holds(const struct route_rule *rule, u32 hash)
{
	u64 share = route_mix(hash ^ rule->salt);

	return share * SLUICE_ROUTE_SHARE_ALL >> 32 < rule->share;
}

static bool source_holds(const struct sluice_routes *routes,
			 const struct route_rule *rule,
			 const struct sluice_request *req)
{
	const struct sluice_route_source *source =
		route_at(routes, routes->sources);
	u32 i;

	if (!rule->source_count)
		return true;
	source += rule->sources;
	for (i = 0; i < rule->source_count; i++, source++) {
		u8 bytes = source->bits / 8, bits = source->bits % 8;

		if (source->address_len != req->source_len ||
		    memcmp(source->address, req->source, bytes))
			continue;
		if (!bits || !((source->address[bytes] ^ req->source[bytes]) >>
			       (8 - bits)))
			return true;
	}
	return false;
}

static bool value_holds(const struct sluice_routes *routes,
			const struct route_condition *condition,
			struct sluice_text value)
{
	const char *wanted = route_at(routes, condition->value.offset);
	u32 len = condition->value.len;

	switch (condition->how) {
	case SLUICE_ROUTE_PRESENT:
		return true;
	case SLUICE_ROUTE_EXACT:
		return value.len == len && same(value.data, wanted, len);
	default:
		return has_prefix(value, wanted, len);
	}
}

/* Parameters are parted by "&", a name from its value by the first "=". */
static bool query_holds(const struct sluice_routes *routes,
			const struct route_condition *condition,
			struct sluice_text query)
{
	const char *name = route_at(routes, condition->name.offset);
	u32 name_len = condition->name.len, at = 0, len;

	for (; at < query.len; at += len + 1) {
		struct sluice_text part = { query.data + at, 0 };
		const char *end = memchr(part.data, '&', query.len - at);

		len = end ? end - part.data : query.len - at;
		part.len = len;
		if (!has_prefix(part, name, name_len))
			continue;
		if (part.len > name_len && part.data[name_len] != '=')
			continue;
		part.data += name_len;
		part.len -= name_len;
		if (part.len) {
			part.data++;
			part.len--;
		}
		if (value_holds(routes, condition, part))
			return true;
	}
	return false;
}

static bool condition_holds(const struct sluice_routes *routes,
			    const struct route_condition *condition,
			    const struct sluice_request *req)
{
	bool (*next)(const struct sluice_request *req, struct sluice_text name,
		     u32 *pos, struct sluice_text *value) = req->next_header;
	struct sluice_text name, value;
	u32 pos = 0;

	name.data = route_at(routes, condition->name.offset);
	name.len = condition->name.len;

	switch (condition->what) {
	case SLUICE_ROUTE_METHOD:
		return req->method.data &&
		       value_holds(routes, condition, req->method);
	case SLUICE_ROUTE_QUERY:
		return req->query.data &&
		       query_holds(routes, condition, req->query);
	case SLUICE_ROUTE_ALPN:
		value.data = route_at(routes, condition->value.offset);
		value.len = condition->value.len;
		return req->offers && req->offers(req, value);
	case SLUICE_ROUTE_COOKIE:
		next = req->next_cookie;
		break;
	}
	while (next && next(req, name, &pos, &value))
		if (value_holds(routes, condition, value))
			return true;
	return false;
}

bool sluice_route_holds(const struct sluice_routes *routes, u32 index,
			const struct sluice_request *req)
{
	const struct route_rule *rule = route_at(routes, routes->rules);
	const struct route_condition *condition =
		route_at(routes, routes->conditions);
	u32 i;

	/* What costs least comes first. */
	rule += index;
	if ((rule->port && rule->port != req->port) ||
	    !share_holds(rule, req->hash) ||
	    !path_holds(routes, rule, req->path) ||
	    !source_holds(routes, rule, req))
		return false;
	condition += rule->conditions;
	for (i = 0; i < rule->condition_count; i++)
		if (!condition_holds(routes, condition + i, req))
			return false;
	return true;
}

const struct route_host *sluice_route_host(const struct sluice_routes *routes,
					   const char *name, u32 len, u32 hash,
					   struct sluice_route_cost *cost)
{
	const u32 *buckets = route_at(routes, routes->buckets);
	const struct route_host *host;
	u32 at = buckets[hash & routes->bucket_mask];

	for (; at; at = host->next) {
		u32 i = 0;

		if (cost)
			cost->hosts++;
		host = route_at(routes, at);
		if (host->hash != hash || host->len != len)
			continue;
		while (i < len && route_lower(name[i]) == host->name[i])
			i++;
		if (i == len)
			return host;
	}
	return NULL;
}

/* Return: where in a list, of rising numbers, those from @from on begin. */
static u32 list_from(const u32 *numbers, u32 count, u32 from)
{
	u32 begin = 0, end = count, middle;

	while (begin < end) {
		middle = begin + (end - begin) / 2;
		if (numbers[middle] < from)
			begin = middle + 1;
		else
			end = middle;
	}
	return begin;
}

/*
 * The first of a list from @from on that holds, if it comes before @best. That the
 * least of all lists is taken makes it the first of all, in whatever order the
 * lists come.
 */
static u32 first_of(const struct sluice_routes *routes,
		    const struct route_list *list,
		    const struct sluice_request *req, u32 from, u32 best,
		    struct sluice_route_cost *cost)
{
	const u32 *numbers = route_at(routes, routes->lists);
	u32 i;

	numbers = list->count == 1 ? &list->at : numbers + list->at;
	i = from ? list_from(numbers, list->count, from) : 0;
	for (; i < list->count && numbers[i] < best; i++) {
		if (cost)
			cost->rules++;
		if (sluice_route_holds(routes, numbers[i], req))
			return numbers[i];
	}
	return best;
}

/* Whether a host of this length has rules for those below it. */
static bool has_length(const struct sluice_routes *routes, u32 len)
{
	return routes->below_lengths[len / 32] & 1U << len % 32;
}

int sluice_routes_match_cost(const struct sluice_routes *routes,
			     const struct sluice_request *req, int after,
			     struct sluice_route_cost *cost)
{
	u32 len = req->host.len, hash = routes->seed, best = ROUTE_NONE, i;
	u32 from = (u32)after + 1;
	const char *name = req->host.data;
	const struct route_host *host;

	if (len && name[len - 1] == '.')
		len--;
	if (!len || len > SLUICE_ROUTE_HOST_MAX || !routes->host_count)
		goto any;

	for (i = len; i; i--) {
		/* What is behind this dot, if there is a name before it. */
		if (name[i - 1] == '.' && i > 1 &&
		    has_length(routes, len - i)) {
			host = sluice_route_host(routes, name + i, len - i,
						 route_hash_end(hash), cost);
			if (host)
				best = first_of(routes, &host->below, req, from,
						best, cost);
		}
		hash = route_hash_add(hash, name[i - 1]);
	}
	host = sluice_route_host(routes, name, len, route_hash_end(hash), cost);
	if (host)
		best = first_of(routes, &host->exact, req, from, best, cost);

any:
	best = first_of(routes, &routes->any, req, from, best, cost);
	return best == ROUTE_NONE ? -1 : (int)best;
}

int sluice_routes_match(const struct sluice_routes *routes,
			const struct sluice_request *req)
{
	return sluice_routes_match_cost(routes, req, -1, NULL);
}

int sluice_routes_match_next(const struct sluice_routes *routes,
			     const struct sluice_request *req, int after)
{
	return sluice_routes_match_cost(routes, req, after, NULL);
}
