// SPDX-License-Identifier: GPL-2.0
/*
 * The routes of a service as packets find them: a set that is never changed. Each
 * change builds a new set, which the commit publishes, and lets the old one go after
 * a grace period.
 *
 * The index of a set has two parts. That of the first routes, the head, is taken
 * over as long as only routes after it change: so many routes that are added one
 * by one do not take time in proportion to the square of their number. A change
 * of a route in the head makes it anew, which takes 2 ms for 10,000 routes.
 */

#include <linux/random.h>
#include <linux/slab.h>

#include "net.h"
#include "service.h"
#include "service_route_set.h"

/* What is at a place after a change. */
static struct sluice_route_slot slot_after(const struct sluice_route_set *old,
					   const struct sluice_routes_change *change,
					   u32 at)
{
	if (at == change->to)
		return (struct sluice_route_slot){
			.route = change->route,
			.name_hash = change->route->name_hash,
		};
	if (at > change->to)
		at--;
	if (at >= change->from)
		at++;
	return old->slot[at];
}

/* Up to so many routes, all of them are indexed anew with each change. */
#define HEAD_MIN 256

static void put_head(struct sluice_route_head *head)
{
	if (refcount_dec_and_test(&head->users))
		kvfree(head);
}

/*
 * The head that a set can go on with: nothing of it changes, and the tail stays
 * short beside it, so that few routes are indexed with each one that is added.
 */
static struct sluice_route_head *kept_head(const struct sluice_route_set *old,
					   const struct sluice_routes_change *change,
					   u32 count)
{
	struct sluice_route_head *head = old ? old->head : NULL;

	if (!head || head->count < HEAD_MIN ||
	    min(change->from, change->to) < head->count ||
	    count - head->count > 64 + count / 64)
		return NULL;
	refcount_inc(&head->users);
	return head;
}

static struct sluice_route_head *
build_head(const struct sluice_route_rule *rules, u32 count)
{
	size_t size = sluice_routes_size(rules, count);
	struct sluice_route_head *head;

	if (!size)
		return ERR_PTR(-E2BIG);
	head = kvmalloc(sizeof(*head) + size, GFP_KERNEL_ACCOUNT);
	if (!head)
		return ERR_PTR(-ENOMEM);
	refcount_set(&head->users, 1);
	head->count = count;
	head->index = sluice_routes_build(head + 1, rules, count,
					  get_random_u32());
	return head;
}

/* A set of so many routes, with the head given and a tail for @rules. */
static struct sluice_route_set *
build_tail(struct sluice_route_head *head, u32 count,
	   const struct sluice_route_rule *rules)
{
	u32 left = count - head->count;
	struct sluice_route_set *set;
	size_t slots, size = 0;

	if (left) {
		size = sluice_routes_size(rules, left);
		if (!size)
			return ERR_PTR(-E2BIG);
	}
	slots = struct_size(set, slot, count);
	set = kvmalloc(slots + size, GFP_KERNEL_ACCOUNT);
	if (!set)
		return ERR_PTR(-ENOMEM);
	set->head = head;
	set->tail = NULL;
	set->count = count;
	if (left)
		set->tail = sluice_routes_build((void *)set + slots, rules,
						left, get_random_u32());
	return set;
}

static struct sluice_route_set *
build_parts(const struct sluice_route_set *old,
	    const struct sluice_routes_change *change, u32 count)
{
	struct sluice_route_head *head = kept_head(old, change, count);
	u32 first = head ? head->count : 0, i;
	struct sluice_route_rule *rules;
	struct sluice_route_set *set;

	rules = kvmalloc_array(count - first + 1, sizeof(*rules),
			       GFP_KERNEL_ACCOUNT);
	set = ERR_PTR(-ENOMEM);
	if (!rules)
		goto err_head;
	for (i = first; i < count; i++)
		rules[i - first] = slot_after(old, change, i).route->rule;
	if (!head)
		head = build_head(rules, count);
	set = ERR_CAST(head);
	if (!IS_ERR(head))
		set = build_tail(head, count, rules);
	kvfree(rules);
	if (IS_ERR(set))
		goto err_head;
	for (i = 0; i < count; i++)
		set->slot[i] = slot_after(old, change, i);
	return set;

err_head:
	if (!IS_ERR_OR_NULL(head))
		put_head(head);
	return set;
}

/* NULL is a set, too: that of no routes. */
static struct sluice_route_set *build_set(const struct sluice_route_set *old,
					  const struct sluice_routes_change *change,
					  struct netlink_ext_ack *extack)
{
	u32 count = old ? old->count : 0;
	struct sluice_route_set *set;

	count -= change->from != SLUICE_ROUTE_NOWHERE;
	count += change->to != SLUICE_ROUTE_NOWHERE;
	if (!count)
		return NULL;
	set = build_parts(old, change, count);
	if (set == ERR_PTR(-ENOMEM))
		NL_SET_ERR_MSG(extack, "no memory for the routes of the service");
	else if (IS_ERR(set))
		NL_SET_ERR_MSG(extack, "the routes of this service take more than 1 GB");
	return set;
}

static struct sluice_route_set *set_of(struct sluice_net *sn,
				       const struct sluice_service_view *view)
{
	return rcu_dereference_protected(view->routes,
					 lockdep_is_held(&sn->lock));
}

/* The set that those who configure see. */
static struct sluice_route_set *service_set(struct sluice_net *sn,
					    const struct sluice_service *service)
{
	return set_of(sn, &service->view[sluice_edit(sn)]);
}

static void set_free(struct sluice_route_set *set)
{
	put_head(set->head);
	kvfree(set);
}

/*
 * Not by kvfree_rcu(), which may wait for seconds: megabytes a change of many
 * would pile up.
 */
static void set_free_rcu(struct rcu_head *rcu)
{
	set_free(container_of(rcu, struct sluice_route_set, rcu));
}

/* What the commit has made before packets never saw. */
static void replace_set(struct sluice_net *sn, struct sluice_service *service,
			struct sluice_route_set *set)
{
	unsigned int edit = sluice_edit(sn);
	struct sluice_route_set *old = set_of(sn, &service->view[edit]);

	sluice_service_touch(sn, service);
	rcu_assign_pointer(service->view[edit].routes, set);
	if (old && old != set_of(sn, &service->view[!edit]))
		set_free(old);
}

/**
 * sluice_service_routes_settle() - let the routes of one view be those of the other
 * @sn: namespace
 * @from: what is right
 * @to: what becomes the same
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_service_routes_settle(struct sluice_net *sn,
				  struct sluice_service_view *from,
				  struct sluice_service_view *to)
{
	struct sluice_route_set *right = set_of(sn, from);
	struct sluice_route_set *old = set_of(sn, to);

	lockdep_assert_held(&sn->lock);
	if (old == right)
		return;
	rcu_assign_pointer(to->routes, right);
	if (old)
		call_rcu(&old->rcu, set_free_rcu);
}

/**
 * sluice_routes_change() - change which routes a service has, or their order
 * @sn: namespace
 * @service: the service
 * @change: what is to be done
 * @extack: gets the reason of a failure
 *
 * Context: &sluice_net.lock is held, in a commit.
 * Return: 0, -E2BIG or -ENOMEM.
 */
int sluice_routes_change(struct sluice_net *sn, struct sluice_service *service,
			 const struct sluice_routes_change *change,
			 struct netlink_ext_ack *extack)
{
	struct sluice_route_set *set;

	set = build_set(service_set(sn, service), change, extack);
	if (IS_ERR(set))
		return PTR_ERR(set);
	replace_set(sn, service, set);
	return 0;
}

/**
 * sluice_service_routes() - the routes of a service, for those who configure
 * @sn: namespace
 * @service: the service
 *
 * Context: &sluice_net.lock is held.
 * Return: the routes in their order; NULL if there are none.
 */
const struct sluice_route_set *
sluice_service_routes(struct sluice_net *sn,
		      const struct sluice_service *service)
{
	return service_set(sn, service);
}

/**
 * sluice_routes_before() - the routes of a service before the commit
 * @sn: namespace
 * @service: the service
 *
 * Context: &sluice_net.lock is held, in a commit.
 * Return: the routes in their order; NULL if there were none.
 */
const struct sluice_route_set *
sluice_routes_before(struct sluice_net *sn,
		     const struct sluice_service *service)
{
	return set_of(sn, &service->view[sn->view]);
}

/**
 * sluice_routes_clear() - let a service have no routes
 * @sn: namespace
 * @service: the service
 *
 * Context: &sluice_net.lock is held, in a commit.
 */
void sluice_routes_clear(struct sluice_net *sn, struct sluice_service *service)
{
	replace_set(sn, service, NULL);
}

/**
 * sluice_service_route_find() - find the route of a connection, or of a request
 * @service: the service
 * @req: what its client asked for
 * @view: what the packet goes by, of sluice_view()
 *
 * Context: RCU read side.
 * Return: the first route that fits, or NULL.
 */
const struct sluice_service_route *
sluice_service_route_find(const struct sluice_service *service,
			  const struct sluice_request *req, unsigned int view)
{
	const struct sluice_route_set *set;
	int at;

	set = rcu_dereference(service->view[view].routes);
	if (!set)
		return NULL;
	at = sluice_routes_match(set->head->index, req);
	if (at < 0 && set->tail) {
		at = sluice_routes_match(set->tail, req);
		at += at < 0 ? 0 : set->head->count;
	}
	return at < 0 ? NULL : set->slot[at].route;
}
