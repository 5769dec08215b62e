// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/address.h"
#include "resolver/channel.h"
#include "resolver/pause.h"
#include "resolver/srv.h"

/* Lookups at the same time, each with a socket; what is due then waits. */
#define IN_FLIGHT_MAX 128

/* How often the host's file is looked at, if lookups are due. */
#define HOST_MS 1000

/* A question in flight; c-ares takes none back, so it outlives its name. */
struct resolver_lookup {
	struct resolver *resolver;
	/* NULL: nobody wants to know any more. */
	struct resolver_name *name;
	struct resolver_records records;
	TAILQ_ENTRY(resolver_lookup) entry;
};

struct resolver {
	struct loop *loop;
	/* With servers of its own. */
	struct config_resolver config;
	struct resolver_channel *channel;
	uint64_t host_ms;
	/* Of tsearch(), by name, kind and port. */
	void *tree;
	LIST_HEAD(, resolver_name) names;
	/* Due; first come, first served. */
	TAILQ_HEAD(, resolver_name) waiting;
	TAILQ_HEAD(, resolver_lookup) ended;
	TAILQ_HEAD(, resolver_name) untold;
	/* For all three, outside of everybody's callbacks, c-ares's too. */
	struct loop_task work;
	struct resolver_stats stats;
};

struct loop *resolver_loop(const struct resolver *resolver)
{
	return resolver->loop;
}

static void do_work(struct resolver *r)
{
	loop_task_add(r->loop, &r->work);
}

static void enqueue(struct resolver_name *name)
{
	struct resolver *r = name->resolver;

	if (name->waiting || name->lookup)
		return;
	loop_timer_del(r->loop, &name->timer);
	name->waiting = true;
	TAILQ_INSERT_TAIL(&r->waiting, name, waits);
	do_work(r);
}

static void expire(struct wheel_timer *timer)
{
	enqueue(loop_owner(timer, struct resolver_name, timer));
}

/* Whatever is going on with a name ends without a result. */
static void give_up(struct resolver_name *name)
{
	loop_timer_del(name->resolver->loop, &name->timer);
	if (name->waiting)
		TAILQ_REMOVE(&name->resolver->waiting, name, waits);
	name->waiting = false;
	if (name->lookup)
		name->lookup->name = NULL;
	name->lookup = NULL;
}

void resolver_name_answer(struct resolver_name *name,
			  struct resolver_records *records)
{
	struct resolver_answer *answer = &name->answer;
	bool tell = !name->answered || name->trouble != records->trouble;

	if (records->count) {
		if (!resolver_addresses_equal(answer->addresses, answer->count,
					      records->addresses,
					      records->count)) {
			free((void *)answer->addresses);
			answer->addresses = records->addresses;
			answer->count = records->count;
			records->addresses = NULL;
			tell = true;
		}
		answer->valid_ms = records->valid_ms;
	}
	name->answered = true;
	name->trouble = records->trouble;
	memcpy(name->problem, records->problem, sizeof(name->problem));
	answer->problem = name->trouble == RESOLVER_FINE ? NULL : name->problem;
	resolver_records_exit(records);
	if (tell && !name->untold) {
		name->untold = true;
		TAILQ_INSERT_TAIL(&name->resolver->untold, name, changed);
		do_work(name->resolver);
	}
}

/* What is known of a name, from a lookup or without one. Takes @records over. */
static void learn(struct resolver_name *name, struct resolver_records *records)
{
	struct resolver *r = name->resolver;
	uint64_t pause;

	if (records->trouble >= RESOLVER_ABSENT) {
		name->failures++;
		pause = resolver_pause_failure(&r->config, name->failures);
	} else {
		name->failures = 0;
		if (records->valid_ms < r->config.ttl_min)
			records->valid_ms = r->config.ttl_min;
		if (records->valid_ms > r->config.ttl_max)
			records->valid_ms = r->config.ttl_max;
		pause = resolver_pause_answer(&r->config, records->valid_ms);
	}
	loop_timer_set(r->loop, &name->timer, pause);
	for (size_t i = 0; i < records->count; i++)
		records->addresses[i].at.port = name->port;
	if (name->srv)
		resolver_srv_update(name->srv, records);
	else
		resolver_name_answer(name, records);
}

void resolver_name_given(struct resolver_name *name,
			 struct resolver_records *records)
{
	give_up(name);
	learn(name, records);
}

static void take_result(struct resolver_name *name,
			struct resolver_records *records)
{
	struct resolver_stats *stats = &name->resolver->stats;

	stats->lookups++;
	stats->failures += records->trouble >= RESOLVER_ABSENT;
	name->lookup = NULL;
	learn(name, records);
}

static const char *status_text(ares_status_t status)
{
	switch ((int)status) {
	case ARES_EFORMERR:
		return "FORMERR";
	case ARES_ESERVFAIL:
		return "SERVFAIL";
	case ARES_ENOTFOUND:
		return "NXDOMAIN";
	case ARES_ENOTIMP:
		return "NOTIMP";
	case ARES_EREFUSED:
		return "REFUSED";
	case ARES_EBADRESP:
		return "garbage for an answer";
	case ARES_ECONNREFUSED:
		return "connection refused";
	case ARES_ETIMEOUT:
		return "time-out";
	default:
		return ares_strerror((int)status);
	}
}

/* c-ares is done with a lookup. */
static void lookup_ended(void *arg, ares_status_t status, size_t timeouts,
			 const ares_dns_record_t *message)
{
	struct resolver_lookup *lookup = arg;
	struct resolver_name *name = lookup->name;
	struct resolver *r = lookup->resolver;

	(void)timeouts;
	r->stats.in_flight--;
	do_work(r);
	if (name && status != ARES_EDESTRUCTION) {
		if (message &&
		    (status == ARES_SUCCESS || status == ARES_ENODATA))
			resolver_records_read(&lookup->records, message,
					      name->text, name->resolve);
		else
			resolver_records_fail(
				&lookup->records,
				status == ARES_ENOTFOUND ? RESOLVER_ABSENT :
							   RESOLVER_FAILED,
				"%s asking %s", status_text(status),
				resolver_channel_servers(r->channel));
		TAILQ_INSERT_TAIL(&r->ended, lookup, entry);
		return;
	}
	free(lookup);
	if (!name)
		return;
	/* The channel is replaced by another. */
	name->lookup = NULL;
	enqueue(name);
}

static ares_dns_rec_type_t record_type(int resolve)
{
	switch (resolve) {
	case CONFIG_RESOLVE_A:
		return ARES_REC_TYPE_A;
	case CONFIG_RESOLVE_AAAA:
		return ARES_REC_TYPE_AAAA;
	default:
		return ARES_REC_TYPE_SRV;
	}
}

static void begin(struct resolver_name *name)
{
	struct resolver *r = name->resolver;
	struct resolver_lookup *lookup = calloc(1, sizeof(*lookup));
	struct resolver_records none = { 0 };

	if (!lookup) {
		resolver_records_fail(&none, RESOLVER_FAILED, "out of memory");
		take_result(name, &none);
		return;
	}
	lookup->resolver = r;
	lookup->name = name;
	name->lookup = lookup;
	r->stats.in_flight++;
	resolver_channel_ask(r->channel, name->text, record_type(name->resolve),
			     lookup_ended, lookup);
}

/* What was asked of the old channel is asked of the new one. */
static int open_channel(struct resolver *r,
			const struct config_resolver *config, char *error,
			size_t size)
{
	struct resolver_channel *old = r->channel;
	struct resolver_channel *channel =
		resolver_channel_open(r->loop, config, error, size);
	struct resolver_name *name;

	if (!channel)
		return -ENOMEM;
	r->channel = channel;
	resolver_channel_close(old);
	LIST_FOREACH(name, &r->names, entry)
		if (name->failures)
			enqueue(name);
	return 0;
}

static void follow_host(struct resolver *r)
{
	uint64_t now = loop_now(r->loop) / 1000000;
	char error[RESOLVER_PROBLEM_SIZE];

	if (now - r->host_ms < HOST_MS)
		return;
	r->host_ms = now;
	/* If there is no memory for it now: at the next lookup. */
	if (resolver_channel_outdated(r->channel))
		open_channel(r, &r->config, error, sizeof(error));
}

static void tell(struct resolver_name *name)
{
	struct resolver_watch *watch;

	/* A watch that removes others moves the cursor on. */
	name->cursor = LIST_FIRST(&name->watches);
	while ((watch = name->cursor)) {
		name->cursor = LIST_NEXT(watch, entry);
		watch->changed(watch, &name->answer);
	}
}

static void work(struct loop_task *task)
{
	struct resolver *r = loop_owner(task, struct resolver, work);
	struct resolver_lookup *lookup;
	struct resolver_name *name;

	while ((lookup = TAILQ_FIRST(&r->ended))) {
		TAILQ_REMOVE(&r->ended, lookup, entry);
		if (lookup->name)
			take_result(lookup->name, &lookup->records);
		resolver_records_exit(&lookup->records);
		free(lookup);
	}
	while ((name = TAILQ_FIRST(&r->untold))) {
		TAILQ_REMOVE(&r->untold, name, changed);
		name->untold = false;
		tell(name);
	}
	if (!TAILQ_EMPTY(&r->waiting))
		follow_host(r);
	while (r->stats.in_flight < IN_FLIGHT_MAX &&
	       (name = TAILQ_FIRST(&r->waiting))) {
		TAILQ_REMOVE(&r->waiting, name, waits);
		name->waiting = false;
		begin(name);
	}
}

static int compare_names(const void *a, const void *b)
{
	const struct resolver_name *x = a, *y = b;
	int order = strcmp(x->text, y->text);

	if (!order)
		order = x->resolve - y->resolve;
	return order ? order : x->port - y->port;
}

static void free_name(struct loop_task *task)
{
	struct resolver_name *name =
		loop_owner(task, struct resolver_name, free);

	free((void *)name->answer.addresses);
	free(name);
}

static struct resolver_name *make(struct resolver *r,
				  const struct resolver_name *key)
{
	struct resolver_name *name = calloc(1, sizeof(*name));

	if (!name)
		return NULL;
	name->resolver = r;
	memcpy(name->text, key->text, sizeof(name->text));
	name->resolve = key->resolve;
	name->port = key->port;
	name->timer.expire = expire;
	name->free.run = free_name;
	if (name->resolve == CONFIG_RESOLVE_SRV) {
		name->srv = resolver_srv_create(name);
		if (!name->srv)
			goto err_free;
	}
	if (!tsearch(name, &r->tree, compare_names))
		goto err_srv;
	LIST_INSERT_HEAD(&r->names, name, entry);
	r->stats.names++;
	enqueue(name);
	return name;

err_srv:
	resolver_srv_free(name->srv);
err_free:
	free(name);
	return NULL;
}

/* Nobody watches it any more. What calls it may still be in one of its callbacks. */
static void unmake(struct resolver_name *name)
{
	struct resolver *r = name->resolver;

	give_up(name);
	if (name->untold)
		TAILQ_REMOVE(&r->untold, name, changed);
	resolver_srv_free(name->srv);
	tdelete(name, &r->tree, compare_names);
	LIST_REMOVE(name, entry);
	r->stats.names--;
	loop_task_add(r->loop, &name->free);
}

/* Return: whether it is a name */
static bool set_text(struct resolver_name *key, const char *name)
{
	size_t length = strlen(name);

	if (length && name[length - 1] == '.')
		length--;
	if (length >= sizeof(key->text))
		return false;
	for (size_t i = 0; i < length; i++)
		key->text[i] = (char)tolower((unsigned char)name[i]);
	key->text[length] = '\0';
	return config_is_dns_name(key->text);
}

int resolver_watch_add(struct resolver *r, struct resolver_watch *watch,
		       const char *name, int resolve, uint16_t port)
{
	/* The port that SRV says is none to look for. */
	struct resolver_name key = {
		.resolve = resolve,
		.port = resolve == CONFIG_RESOLVE_SRV ? 0 : port,
	};
	struct resolver_name *const *found;

	watch->name = NULL;
	if (!set_text(&key, name))
		return -EINVAL;
	found = tfind(&key, &r->tree, compare_names);
	watch->name = found ? *found : make(r, &key);
	if (!watch->name)
		return -ENOMEM;
	LIST_INSERT_HEAD(&watch->name->watches, watch, entry);
	return 0;
}

void resolver_watch_del(struct resolver_watch *watch)
{
	struct resolver_name *name = watch->name;

	if (!name)
		return;
	if (name->cursor == watch)
		name->cursor = LIST_NEXT(watch, entry);
	LIST_REMOVE(watch, entry);
	watch->name = NULL;
	if (LIST_EMPTY(&name->watches))
		unmake(name);
}

const struct resolver_answer *
resolver_watch_answer(const struct resolver_watch *watch)
{
	return watch->name->answered ? &watch->name->answer : NULL;
}

static bool copy(struct config_resolver *to, const struct config_resolver *from)
{
	size_t size = from->servers.count * sizeof(*from->servers.items);

	*to = *from;
	/* The rest belongs to the configuration. */
	to->at = (struct config_place){ 0 };
	to->servers.items = NULL;
	if (!size)
		return true;
	to->servers.items = malloc(size);
	if (to->servers.items)
		memcpy(to->servers.items, from->servers.items, size);
	return to->servers.items;
}

static bool same_endpoint(const struct sluice_endpoint *x,
			  const struct sluice_endpoint *y)
{
	if (x->address.family != y->address.family || x->port != y->port)
		return false;
	if (x->address.family == AF_INET)
		return x->address.v4.s_addr == y->address.v4.s_addr;
	return IN6_ARE_ADDR_EQUAL(&x->address.v6, &y->address.v6);
}

/* Whether questions are asked in the same way. */
static bool asks_alike(const struct config_resolver *x,
		       const struct config_resolver *y)
{
	if (x->timeout != y->timeout || x->attempts != y->attempts ||
	    x->servers.count != y->servers.count)
		return false;
	for (size_t i = 0; i < x->servers.count; i++)
		if (!same_endpoint(&x->servers.items[i], &y->servers.items[i]))
			return false;
	return true;
}

static int out_of_memory(char *error, size_t size)
{
	snprintf(error, size, "resolver: out of memory");
	return -ENOMEM;
}

struct resolver *resolver_create(struct loop *loop,
				 const struct config_resolver *config,
				 char *error, size_t size)
{
	struct resolver *r = calloc(1, sizeof(*r));

	if (!r || !copy(&r->config, config)) {
		out_of_memory(error, size);
		goto err_free;
	}
	r->loop = loop;
	r->work.run = work;
	TAILQ_INIT(&r->waiting);
	TAILQ_INIT(&r->ended);
	TAILQ_INIT(&r->untold);
	r->host_ms = loop_now(loop) / 1000000;
	if (open_channel(r, config, error, size) != 0)
		goto err_config;
	return r;

err_config:
	free(r->config.servers.items);
err_free:
	free(r);
	return NULL;
}

int resolver_configure(struct resolver *r, const struct config_resolver *config,
		       char *error, size_t size)
{
	uint64_t last = loop_now(r->loop) / 1000000 + config->ttl_max;
	struct config_resolver ours;
	struct resolver_name *name;
	int err;

	if (!copy(&ours, config))
		return out_of_memory(error, size);
	if (!asks_alike(&r->config, config)) {
		err = open_channel(r, config, error, size);
		if (err) {
			free(ours.servers.items);
			return err;
		}
	}
	free(r->config.servers.items);
	r->config = ours;
	/* Not later than they may be now. */
	LIST_FOREACH(name, &r->names, entry)
		if (wheel_is_set(&name->timer) && name->timer.at > last)
			loop_timer_set(r->loop, &name->timer,
				       resolver_pause_answer(&r->config,
							     config->ttl_max));
	return 0;
}

void resolver_free(struct resolver *r)
{
	struct resolver_lookup *lookup;
	struct resolver_name *name;

	if (!r)
		return;
	while ((name = LIST_FIRST(&r->names)))
		resolver_watch_del(LIST_FIRST(&name->watches));
	resolver_channel_close(r->channel);
	while ((lookup = TAILQ_FIRST(&r->ended))) {
		TAILQ_REMOVE(&r->ended, lookup, entry);
		resolver_records_exit(&lookup->records);
		free(lookup);
	}
	loop_task_del(r->loop, &r->work);
	free(r->config.servers.items);
	free(r);
}

struct resolver_stats resolver_stats(const struct resolver *r)
{
	return r->stats;
}
