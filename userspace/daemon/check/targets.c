// SPDX-License-Identifier: GPL-2.0-or-later
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "targets.h"

/* Both families fit; the rest of the storage is always 0. */
#define COMPARED sizeof(struct sockaddr_in6)

static size_t hash(const struct check *check,
		   const struct sockaddr_storage *address)
{
	const unsigned char *bytes = (const void *)address;
	uint64_t sum = (uintptr_t)check;

	/* FNV-1a: addresses come from the administrator. */
	for (size_t i = 0; i < COMPARED; i++)
		sum = (sum ^ bytes[i]) * 1099511628211U;
	return (size_t)(sum ^ sum >> 32);
}

static struct check_target **bucket(const struct check_targets *targets,
				    const struct check *check,
				    const struct sockaddr_storage *address)
{
	size_t i = hash(check, address) & (targets->bucket_count - 1);

	return &targets->buckets[i];
}

static void insert(struct check_targets *targets, struct check_target *target)
{
	struct check_target **head =
		bucket(targets, target->check, &target->address);

	target->next = *head;
	*head = target;
}

static bool grow(struct check_targets *targets)
{
	struct check_targets larger = {
		.bucket_count =
			targets->bucket_count ? 2 * targets->bucket_count : 64,
		.count = targets->count,
	};

	larger.buckets = calloc(larger.bucket_count, sizeof(*larger.buckets));
	if (!larger.buckets)
		return false;
	for (size_t i = 0; i < targets->bucket_count; i++) {
		struct check_target *target = targets->buckets[i], *next;

		for (; target; target = next) {
			next = target->next;
			insert(&larger, target);
		}
	}
	free(targets->buckets);
	*targets = larger;
	return true;
}

bool check_targets_add(struct check_targets *targets,
		       struct check_target *target)
{
	if (targets->count == targets->bucket_count && !grow(targets))
		return false;
	insert(targets, target);
	targets->count++;
	return true;
}

void check_targets_del(struct check_targets *targets,
		       struct check_target *target)
{
	struct check_target **link =
		bucket(targets, target->check, &target->address);

	while (*link != target)
		link = &(*link)->next;
	*link = target->next;
	targets->count--;
}

struct check_target *
check_targets_lookup(const struct check_targets *targets,
		     const struct check *check,
		     const struct sockaddr_storage *address)
{
	struct check_target *target;

	if (!targets->count)
		return NULL;
	target = *bucket(targets, check, address);
	while (target && (target->check != check ||
			  memcmp(&target->address, address, COMPARED) != 0))
		target = target->next;
	return target;
}

void check_targets_exit(struct check_targets *targets)
{
	free(targets->buckets);
}
