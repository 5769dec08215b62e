// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "srv.h"

/* A target as A, or as AAAA. */
struct side {
	struct resolver_watch watch;
	struct resolver_srv *srv;
};

struct target {
	struct resolver_target record;
	struct side sides[2];
};

struct resolver_srv {
	struct resolver_name *name;
	/* Sorted as in the records, by priority first. */
	struct target *targets;
	size_t count;
	/* Of the last lookup of the name itself. */
	enum resolver_trouble trouble;
	char problem[RESOLVER_PROBLEM_SIZE];
	uint64_t valid_ms;
	/* Many targets may change in one turn. */
	struct loop_task compose;
};

static const int kinds[2] = { CONFIG_RESOLVE_A, CONFIG_RESOLVE_AAAA };

/* A target is known or not; tells nobody: the SRV name's watches are told. */
static void target_changed(struct resolver_watch *watch,
			   const struct resolver_answer *answer)
{
	struct resolver_srv *srv = loop_owner(watch, struct side, watch)->srv;

	(void)answer;
	loop_task_add(resolver_loop(srv->name->resolver), &srv->compose);
}

static void watch_target(struct resolver_srv *srv, struct target *target)
{
	for (unsigned int i = 0; i < 2; i++) {
		struct resolver_watch *watch = &target->sides[i].watch;
		struct resolver_records *given = target->record.given[i];

		target->sides[i].srv = srv;
		target->record.given[i] = NULL;
		watch->changed = target_changed;
		/* Without memory it counts as not known, until the next lookup. */
		if (resolver_watch_add(srv->name->resolver, watch,
				       target->record.name, kinds[i], 0) == 0 &&
		    given)
			resolver_name_given(watch->name, given);
	}
}

static void free_targets(struct target *targets, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (unsigned int j = 0; j < 2; j++)
			resolver_watch_del(&targets[i].sides[j].watch);
	free(targets);
}

static const struct resolver_name *side_name(const struct target *target,
					     unsigned int i)
{
	return target->sides[i].watch.name;
}

static bool is_known(const struct target *target)
{
	for (unsigned int i = 0; i < 2; i++)
		if (side_name(target, i) && !side_name(target, i)->answered)
			return false;
	return true;
}

/* No such record, but good ones of the other family: what was, is no more. */
static bool has_moved(const struct target *target, unsigned int i)
{
	const struct resolver_name *name = side_name(target, i);
	const struct resolver_name *other = side_name(target, !i);

	return name && name->trouble == RESOLVER_ABSENT && other &&
	       other->trouble <= RESOLVER_PART && other->answer.count;
}

static size_t count_addresses(const struct target *target)
{
	size_t count = 0;

	for (unsigned int i = 0; i < 2; i++)
		if (side_name(target, i) && !has_moved(target, i))
			count += side_name(target, i)->answer.count;
	return count;
}

static void add_addresses(struct resolver_records *records,
			  const struct target *target, unsigned int i)
{
	const struct resolver_answer *answer = &side_name(target, i)->answer;

	for (size_t j = 0; j < answer->count; j++) {
		struct resolver_address *to =
			&records->addresses[records->count++];

		*to = answer->addresses[j];
		to->at.port = target->record.port;
		to->weight = target->record.weight;
	}
	if (answer->count && answer->valid_ms < records->valid_ms)
		records->valid_ms = answer->valid_ms;
}

static void add_target(struct resolver_records *records,
		       const struct target *target)
{
	for (unsigned int i = 0; i < 2; i++) {
		const struct resolver_name *name = side_name(target, i);

		if (!name) {
			resolver_records_fail(records, RESOLVER_PART,
					      "out of memory");
			continue;
		}
		if (has_moved(target, i))
			continue;
		add_addresses(records, target, i);
		if (name->trouble != RESOLVER_FINE)
			resolver_records_fail(records, RESOLVER_PART,
					      "target %s: %s", name->text,
					      name->problem);
	}
}

/* The targets of one priority: the first of them, and the first after them. */
struct class
{
	size_t begin;
	size_t end;
	size_t addresses;
	bool known;
};

static struct class find_class(const struct resolver_srv *srv, size_t begin)
{
	struct class class = { .begin = begin, .end = begin, .known = true };

	while (class.end < srv->count &&
	       srv->targets[class.end].record.priority ==
		       srv->targets[begin].record.priority) {
		const struct target *target = &srv->targets[class.end++];

		class.known = class.known && is_known(target);
		class.addresses += count_addresses(target);
	}
	return class;
}

static void
answer(struct resolver_srv *srv, const struct class *class)
{
	struct resolver_records records = { .valid_ms = srv->valid_ms };

	if (srv->trouble != RESOLVER_FINE)
		resolver_records_fail(&records, srv->trouble, "%s",
				      srv->problem);
	if (class->addresses)
		records.addresses =
			calloc(class->addresses, sizeof(*records.addresses));
	if (class->addresses && !records.addresses)
		resolver_records_fail(&records, RESOLVER_FAILED,
				      "out of memory");
	else
		for (size_t i = 0; i < class->end; i++)
			add_target(&records, &srv->targets[i]);
	/* The words are those of the first target. */
	if (!records.count && records.trouble < RESOLVER_ABSENT)
		records.trouble = RESOLVER_FAILED;
	resolver_records_sort(&records);
	resolver_name_answer(srv->name, &records);
}

static void compose(struct resolver_srv *srv)
{
	struct class class = { 0 };

	do {
		class = find_class(srv, class.end);
		/* Half of it would be taken for all there is. */
		if (!class.known)
			return;
	} while (!class.addresses && class.end < srv->count);
	answer(srv, &class);
}

static void compose_later(struct loop_task *task)
{
	compose(loop_owner(task, struct resolver_srv, compose));
}

struct resolver_srv *resolver_srv_create(struct resolver_name *name)
{
	struct resolver_srv *srv = calloc(1, sizeof(*srv));

	if (!srv)
		return NULL;
	srv->name = name;
	srv->compose.run = compose_later;
	return srv;
}

void resolver_srv_free(struct resolver_srv *srv)
{
	if (!srv)
		return;
	loop_task_del(resolver_loop(srv->name->resolver), &srv->compose);
	free_targets(srv->targets, srv->count);
	free(srv);
}

/* Those that stay are watched anew before the old ones go, so that they are kept. */
static void replace(struct resolver_srv *srv, struct target *targets,
		    const struct resolver_records *records)
{
	struct target *old = srv->targets;
	size_t old_count = srv->count;

	srv->targets = targets;
	srv->count = records->target_count;
	for (size_t i = 0; i < srv->count; i++) {
		targets[i].record = records->targets[i];
		watch_target(srv, &targets[i]);
	}
	free_targets(old, old_count);
}

void resolver_srv_update(struct resolver_srv *srv,
			 struct resolver_records *records)
{
	struct target *targets = NULL;

	srv->trouble = records->trouble;
	memcpy(srv->problem, records->problem, sizeof(srv->problem));
	if (records->target_count) {
		srv->valid_ms = records->valid_ms;
		targets = calloc(records->target_count, sizeof(*targets));
		if (!targets) {
			srv->trouble = RESOLVER_FAILED;
			snprintf(srv->problem, sizeof(srv->problem),
				 "out of memory");
		}
	}
	if (targets)
		replace(srv, targets, records);
	resolver_records_exit(records);
	compose(srv);
}
