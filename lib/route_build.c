// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The index of routes: one pass over the rules says how large each array is,
 * another makes the hosts and counts their rules, a third fills the lists.
 */
#include "route_index.h"

/* 1 GB, so that offsets and their sums fit a u32. */
#define INDEX_MAX 0x40000000

struct sizes {
	u64 hosts;
	u64 host_bytes;
	u64 buckets;
	u64 conditions;
	u64 sources;
	u64 texts;
};

/* Where each array begins, and the end of the block. */
struct layout {
	u64 buckets;
	u64 hosts;
	u64 rules;
	u64 conditions;
	u64 lists;
	u64 sources;
	u64 texts;
	u64 end;
};

static bool is_suffix(struct sluice_text host)
{
	return host.len && host.data[0] == '*';
}

/* "*.example.com" is kept as example.com. */
static struct sluice_text host_name(struct sluice_text host)
{
	if (is_suffix(host)) {
		host.data += 2;
		host.len -= 2;
	}
	return host;
}

/* Slashes that a prefix ends with make no difference. */
static struct sluice_text path_of(const struct sluice_route_rule *rule)
{
	struct sluice_text path = rule->path;

	if (rule->path_how == SLUICE_ROUTE_PATH_PREFIX)
		while (path.len && path.data[path.len - 1] == '/')
			path.len--;
	return path;
}

static u64 host_size(u32 len)
{
	/* The next one is aligned for a u32 again. */
	return (sizeof(struct route_host) + len + 3) & ~3ULL;
}

static void measure(const struct sluice_route_rule *rules, u32 count,
		    struct sizes *sizes)
{
	u32 i, j;

	memset(sizes, 0, sizeof(*sizes));
	for (i = 0; i < count; i++) {
		const struct sluice_route_rule *rule = rules + i;

		if (rule->host.len) {
			sizes->hosts++;
			sizes->host_bytes += host_size(rule->host.len);
		}
		sizes->conditions += rule->condition_count;
		sizes->sources += rule->source_count;
		sizes->texts += rule->path.len;
		for (j = 0; j < rule->condition_count; j++) {
			sizes->texts += rule->conditions[j].name.len;
			sizes->texts += rule->conditions[j].value.len;
		}
	}
	for (sizes->buckets = 1; sizes->buckets < sizes->hosts;)
		sizes->buckets *= 2;
}

/* Arrays of u32 and of structs of them come before those of bytes. */
static void lay_out(const struct sizes *sizes, u32 count, struct layout *layout)
{
	u64 at = sizeof(struct sluice_routes);

	layout->buckets = at;
	at += sizes->buckets * sizeof(u32);
	layout->hosts = at;
	at += sizes->host_bytes;
	layout->rules = at;
	at += (u64)count * sizeof(struct route_rule);
	layout->conditions = at;
	at += sizes->conditions * sizeof(struct route_condition);
	layout->lists = at;
	at += (u64)count * sizeof(u32);
	layout->sources = at;
	at += sizes->sources * sizeof(struct sluice_route_source);
	layout->texts = at;
	layout->end = at + sizes->texts;
}

size_t sluice_routes_size(const struct sluice_route_rule *rules, u32 count)
{
	struct sizes sizes;
	struct layout layout;

	if (count > SLUICE_ROUTES_MAX)
		return 0;
	measure(rules, count, &sizes);
	lay_out(&sizes, count, &layout);
	return layout.end > INDEX_MAX ? 0 : layout.end;
}

/* What is being built, with the arrays at hand. */
struct build {
	struct sluice_routes *routes;
	u32 *buckets;
	struct route_rule *rules;
	struct route_condition *conditions;
	struct sluice_route_source *sources;
	u32 *lists;
	u32 condition_count;
	u32 source_count;
	/* Where the next host and text go. */
	u32 host;
	u32 text;
};

static struct route_text add_text(struct build *b, struct sluice_text text)
{
	struct route_text to = { b->text, text.len };

	if (text.len)
		memcpy((char *)b->routes + b->text, text.data, text.len);
	b->text += text.len;
	return to;
}

static u32 hash_of(const struct build *b, struct sluice_text name)
{
	u32 hash = b->routes->seed, i;

	for (i = name.len; i; i--)
		hash = route_hash_add(hash, name.data[i - 1]);
	return route_hash_end(hash);
}

static struct route_host *get_host(struct build *b, struct sluice_text name)
{
	u32 hash = hash_of(b, name), i;
	u32 *bucket = b->buckets + (hash & b->routes->bucket_mask);
	struct route_host *host = (struct route_host *)
		sluice_route_host(b->routes, name.data, name.len, hash, NULL);

	if (host)
		return host;
	host = (void *)b->routes + b->host;
	memset(host, 0, sizeof(*host));
	host->hash = hash;
	host->next = *bucket;
	host->len = name.len;
	for (i = 0; i < name.len; i++)
		host->name[i] = route_lower(name.data[i]);
	*bucket = b->host;
	b->host += host_size(name.len);
	b->routes->host_count++;
	return host;
}

static struct route_list *list_of(struct build *b,
				  const struct sluice_route_rule *rule)
{
	struct sluice_text name = host_name(rule->host);
	struct route_host *host;

	if (!name.len)
		return &b->routes->any;
	host = get_host(b, name);
	if (!is_suffix(rule->host))
		return &host->exact;
	b->routes->below_lengths[name.len / 32] |= 1U << name.len % 32;
	return &host->below;
}

static void add_rule(struct build *b, const struct sluice_route_rule *from,
		     struct route_rule *rule)
{
	u32 i;

	memset(rule, 0, sizeof(*rule));
	rule->port = from->port;
	rule->share = from->share;
	rule->salt = from->salt;
	rule->path_how = from->path_how;
	rule->path = add_text(b, path_of(from));
	rule->conditions = b->condition_count;
	rule->condition_count = from->condition_count;
	for (i = 0; i < from->condition_count; i++) {
		const struct sluice_route_condition *condition =
			from->conditions + i;
		struct route_condition *to =
			b->conditions + b->condition_count++;

		memset(to, 0, sizeof(*to));
		to->what = condition->what;
		to->how = condition->how;
		to->name = add_text(b, condition->name);
		to->value = add_text(b, condition->value);
	}
	rule->sources = b->source_count;
	rule->source_count = from->source_count;
	if (from->source_count)
		memcpy(b->sources + b->source_count, from->sources,
		       from->source_count * sizeof(*from->sources));
	b->source_count += from->source_count;
}

/* Give a list its place, at the end of it: it is filled from there. */
static u32 place(struct route_list *list, u32 at)
{
	if (list->count < 2)
		return at;
	list->at = at + list->count;
	return list->at;
}

struct sluice_routes *sluice_routes_build(void *memory,
					  const struct sluice_route_rule *rules,
					  u32 count, u32 seed)
{
	struct sluice_routes *routes = memory;
	struct build b = { .routes = routes };
	struct layout layout;
	struct sizes sizes;
	struct route_host *host;
	u32 i, at;

	measure(rules, count, &sizes);
	lay_out(&sizes, count, &layout);
	memset(routes, 0, sizeof(*routes));
	routes->count = count;
	routes->seed = seed;
	routes->bucket_mask = sizes.buckets - 1;
	routes->buckets = layout.buckets;
	routes->rules = layout.rules;
	routes->conditions = layout.conditions;
	routes->lists = layout.lists;
	routes->sources = layout.sources;
	b.buckets = memory + layout.buckets;
	b.host = layout.hosts;
	b.rules = memory + layout.rules;
	b.conditions = memory + layout.conditions;
	b.lists = memory + layout.lists;
	b.sources = memory + layout.sources;
	b.text = layout.texts;

	memset(b.buckets, 0, sizes.buckets * sizeof(u32));
	for (i = 0; i < count; i++) {
		struct route_list *list = list_of(&b, rules + i);

		if (!list->count++)
			list->at = i;
		add_rule(&b, rules + i, b.rules + i);
	}
	i = place(&routes->any, 0);
	for (at = layout.hosts; at < b.host; at += host_size(host->len)) {
		host = memory + at;
		i = place(&host->exact, i);
		i = place(&host->below, i);
	}
	for (i = count; i--;) {
		struct route_list *list = list_of(&b, rules + i);

		if (list->count > 1)
			b.lists[--list->at] = i;
	}
	return routes;
}
