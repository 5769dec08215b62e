// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "tls_names.h"
#include "tls_staple.h"

/* Longest name of a host, without a dot at its end. */
#define NAME_MAX_LENGTH 253

/* @name: of one of the certificates; NULL: free */
struct slot {
	const char *name;
	uint32_t hash;
	struct tls_choice choice;
};

/**
 * struct tls_names - certificates by name
 * @users: who holds it; atomic
 * @mask: slots are a power of two
 * @slots: open addressing, at most half full
 * @first: for clients that name none
 * @count: of @certificates
 * @certificates: those that @slots point to
 */
struct tls_names {
	unsigned int users;
	size_t mask;
	struct slot *slots;
	struct tls_choice first;
	size_t count;
	struct tls_certificate *certificates[];
};

/* FNV-1a: names in the table are ours, nobody else can make them collide. */
static uint32_t hash_of(const char *name)
{
	uint32_t hash = 2166136261U;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619U;
	return hash;
}

/* Where a name is, or would be. */
static struct slot *slot_of(const struct tls_names *names, const char *name,
			    uint32_t hash)
{
	size_t i = hash & names->mask;

	while (names->slots[i].name &&
	       (names->slots[i].hash != hash ||
		strcmp(names->slots[i].name, name) != 0))
		i = (i + 1) & names->mask;
	return &names->slots[i];
}

static void choose(struct tls_choice *choice,
		   struct tls_certificate *certificate)
{
	if (!choice->by_kind[certificate->kind])
		choice->by_kind[certificate->kind] = certificate;
}

static void add(struct tls_names *names, struct tls_certificate *certificate)
{
	for (size_t i = 0; i < certificate->name_count; i++) {
		const char *name = certificate->names[i];
		uint32_t hash = hash_of(name);
		struct slot *slot = slot_of(names, name, hash);

		slot->name = slot->name ? slot->name : name;
		slot->hash = hash;
		choose(&slot->choice, certificate);
	}
}

struct tls_names *tls_names_create(struct tls_certificate *const *certificates,
				   size_t count)
{
	struct tls_names *names = calloc(
		1, sizeof(*names) + count * sizeof(names->certificates[0]));
	const struct tls_certificate *first = certificates[0];
	size_t total = 0, size = 4;

	if (!names)
		return NULL;
	for (size_t i = 0; i < count; i++)
		total += certificates[i]->name_count;
	while (size < 2 * total)
		size *= 2;
	names->users = 1;
	names->mask = size - 1;
	names->slots = calloc(size, sizeof(*names->slots));
	if (!names->slots) {
		free(names);
		return NULL;
	}
	names->count = count;
	for (size_t i = 0; i < count; i++) {
		names->certificates[i] = tls_certificate_get(certificates[i]);
		add(names, certificates[i]);
	}
	/* With its siblings of the same name and another kind of key. */
	if (first->name_count)
		names->first = slot_of(names, first->names[0],
				       hash_of(first->names[0]))
				       ->choice;
	names->first.by_kind[first->kind] = names->certificates[0];
	return names;
}

struct tls_names *tls_names_get(struct tls_names *names)
{
	__atomic_fetch_add(&names->users, 1, __ATOMIC_RELAXED);
	return names;
}

void tls_names_put(struct tls_names *names)
{
	if (!names || __atomic_sub_fetch(&names->users, 1, __ATOMIC_ACQ_REL))
		return;
	for (size_t i = 0; i < names->count; i++)
		tls_certificate_put(names->certificates[i]);
	free(names->slots);
	free(names);
}

const struct tls_choice *tls_names_find(const struct tls_names *names,
					const char *host)
{
	char name[NAME_MAX_LENGTH + 1], *dot;
	size_t length = host ? strlen(host) : 0;
	const struct slot *slot;

	if (length && host[length - 1] == '.')
		length--;
	if (!length || length > NAME_MAX_LENGTH)
		return &names->first;
	for (size_t i = 0; i < length; i++)
		name[i] = (char)tolower((unsigned char)host[i]);
	name[length] = '\0';
	/* A client cannot ask for a wildcard as such. */
	slot = name[0] == '*' ? NULL : slot_of(names, name, hash_of(name));
	if (slot && slot->name)
		return &slot->choice;
	dot = strchr(name, '.');
	if (!dot || dot == name || !dot[1])
		return &names->first;
	dot[-1] = '*';
	slot = slot_of(names, dot - 1, hash_of(dot - 1));
	return slot->name ? &slot->choice : &names->first;
}

size_t tls_names_count(const struct tls_names *names, size_t *unstapled)
{
	*unstapled = 0;
	for (size_t i = 0; i < names->count; i++)
		*unstapled += !tls_staple_valid(names->certificates[i]->leaf);
	return names->count;
}
