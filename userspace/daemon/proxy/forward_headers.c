// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Changes of header fields by the configuration: those of the service, then those
 * of the route, each as if it had the message that the one before has made. Within
 * one, fields are taken out first, then set, then added.
 *
 * They see what we write ourselves, too, so that "remove: [X-Forwarded-For]" does
 * what it says; but not what makes a message end where it ends and a connection
 * last as long as it lasts, which the configuration's tables refuse.
 */
#include "forward_parts.h"

static inline char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* @text has an end, and lengths differ as a rule: no length is needed first. */
static bool is_name(const char *name, size_t length, const char *text)
{
	for (size_t i = 0; i < length; i++)
		if (lower(name[i]) != lower(text[i]))
			return false;
	return !text[length];
}

static uint64_t names_of(const struct config_header_changes *by)
{
	uint64_t named = 0;

	for (size_t i = 0; i < by->remove.count; i++)
		named |= forward_name_bit(by->remove.items[i],
					  strlen(by->remove.items[i]));
	for (size_t i = 0; i < by->set.count; i++)
		named |= forward_name_bit(by->set.items[i].name,
					  strlen(by->set.items[i].name));
	return named;
}

struct forward_changes forward_changes_of(const struct config_service *service,
					  const struct config_route *route,
					  bool response)
{
	const struct config_rewrite *from[2] = {
		service->http ? service->http->headers : NULL,
		route ? route->headers : NULL,
	};
	struct forward_changes changes = { .count = 0 };

	for (unsigned int i = 0; i < 2; i++) {
		const struct config_header_changes *by;

		if (!from[i])
			continue;
		by = response ? from[i]->response : from[i]->request;
		if (!by)
			continue;
		changes.by[changes.count++] = by;
		changes.named |= names_of(by);
	}
	return changes;
}

bool forward_replaces(const struct forward_changes *changes, unsigned int first,
		      const char *name, size_t length)
{
	for (unsigned int i = first; i < changes->count; i++) {
		const struct config_header_changes *by = changes->by[i];

		for (size_t k = 0; k < by->remove.count; k++)
			if (is_name(name, length, by->remove.items[k]))
				return true;
		for (size_t k = 0; k < by->set.count; k++)
			if (is_name(name, length, by->set.items[k].name))
				return true;
	}
	return false;
}

static void write_pairs(struct sluice_http_out *out,
			const struct forward_changes *changes,
			unsigned int first, const struct config_pairs *pairs)
{
	for (size_t i = 0; i < pairs->count; i++) {
		const struct check_header *pair = &pairs->items[i];
		size_t length = strlen(pair->name);

		if (!forward_replaces(changes, first, pair->name, length))
			out_field(out, pair->name, length, pair->value,
				  strlen(pair->value));
	}
}

void forward_changes_write(struct sluice_http_out *out,
			   const struct forward_changes *changes)
{
	for (unsigned int i = 0; i < changes->count; i++) {
		write_pairs(out, changes, i + 1, &changes->by[i]->set);
		write_pairs(out, changes, i + 1, &changes->by[i]->add);
	}
}
