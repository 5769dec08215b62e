// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../config/address.h"
#include "records.h"

/* Names that stand for another, one after the other. */
#define ALIASES_MAX 16

#define WEIGHT_MAX 65535U

/* Where in a message to look, and for what. */
struct place {
	const ares_dns_record_t *message;
	ares_dns_section_t section;
	const char *owner;
	ares_dns_rec_type_t type;
};

static void put(struct resolver_records *records, enum resolver_trouble trouble,
		const char *format, va_list args)
{
	/* The first of the worst. */
	if (trouble <= records->trouble)
		return;
	records->trouble = trouble;
	vsnprintf(records->problem, sizeof(records->problem), format, args);
}

__attribute__((format(printf, 2, 3))) static void
say(struct resolver_records *records, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put(records, RESOLVER_PART, format, args);
	va_end(args);
}

void resolver_records_fail(struct resolver_records *records,
			   enum resolver_trouble trouble, const char *format,
			   ...)
{
	va_list args;

	va_start(args, format);
	put(records, trouble, format, args);
	va_end(args);
}

static const ares_dns_rr_t *next(const struct place *place, size_t *i)
{
	size_t count = ares_dns_record_rr_cnt(place->message, place->section);

	while (*i < count) {
		const ares_dns_rr_t *rr = ares_dns_record_rr_get_const(
			place->message, place->section, (*i)++);

		if (rr && ares_dns_rr_get_type(rr) == place->type &&
		    ares_dns_rr_get_class(rr) == ARES_CLASS_IN &&
		    !strcasecmp(ares_dns_rr_get_name(rr), place->owner))
			return rr;
	}
	return NULL;
}

static void limit_ttl(struct resolver_records *records, const ares_dns_rr_t *rr)
{
	uint64_t ttl = ares_dns_rr_get_ttl(rr);

	/* RFC 2181 section 8. */
	if (ttl > INT32_MAX)
		ttl = 0;
	if (ttl * 1000 < records->valid_ms)
		records->valid_ms = ttl * 1000;
}

/* Return: whether the owner is found, with the names it stands for behind it */
static bool follow(struct resolver_records *records, struct place *place)
{
	struct place alias = *place;

	alias.type = ARES_REC_TYPE_CNAME;
	for (unsigned int i = 0; i <= ALIASES_MAX; i++) {
		const ares_dns_rr_t *rr;
		size_t at = 0;

		rr = next(&alias, &at);
		if (!rr) {
			place->owner = alias.owner;
			return true;
		}
		limit_ttl(records, rr);
		alias.owner = ares_dns_rr_get_str(rr, ARES_RR_CNAME_CNAME);
		if (!alias.owner)
			break;
	}
	resolver_records_fail(records, RESOLVER_FAILED,
			      "more than %d CNAMEs one after the other",
			      ALIASES_MAX);
	return false;
}

static void read_address(struct sluice_address *address,
			 const ares_dns_rr_t *rr, ares_dns_rec_type_t type)
{
	const void *bytes;

	if (type == ARES_REC_TYPE_A) {
		bytes = ares_dns_rr_get_addr(rr, ARES_RR_A_ADDR);
		address->family = AF_INET;
		memcpy(&address->v4, bytes, sizeof(address->v4));
	} else {
		bytes = ares_dns_rr_get_addr6(rr, ARES_RR_AAAA_ADDR);
		address->family = AF_INET6;
		memcpy(&address->v6, bytes, sizeof(address->v6));
	}
}

static const char *find_fault(const struct sluice_address *address)
{
	return config_address_is_any(address) ? "an unspecified address" :
						config_address_fault(address);
}

/* Those that no server can have do not become one: the DNS is not ours. */
static void refuse(struct resolver_records *records,
		   const struct sluice_address *address, const char *fault)
{
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(address->family,
		  address->family == AF_INET ? (const void *)&address->v4 :
					       (const void *)&address->v6,
		  text, sizeof(text));
	say(records, "%s refused, %s", text, fault);
}

/* For all that there are, @size bytes each. Return: false if there is none */
static bool make_room(struct resolver_records *records,
		      const struct place *place, size_t size, void **room)
{
	size_t total = 0, at = 0;

	while (next(place, &at))
		total++;
	*room = total ? calloc(total, size) : NULL;
	if (total && !*room)
		resolver_records_fail(records, RESOLVER_FAILED,
				      "out of memory");
	return total;
}

/* Return: false if there is none, with nothing said about it */
static bool read_addresses(struct resolver_records *records,
			   const struct place *place)
{
	const ares_dns_rr_t *rr;
	size_t at = 0;
	void *room;

	if (!make_room(records, place, sizeof(*records->addresses), &room))
		return false;
	records->addresses = room;
	if (!room)
		return true;
	while ((rr = next(place, &at))) {
		struct sluice_address *address =
			&records->addresses[records->count].at.address;
		const char *fault;

		limit_ttl(records, rr);
		read_address(address, rr, place->type);
		fault = find_fault(address);
		if (fault)
			refuse(records, address, fault);
		else
			records->count++;
	}
	if (!records->count)
		records->trouble = RESOLVER_FAILED;
	resolver_records_sort(records);
	return true;
}

static int compare_targets(const void *a, const void *b)
{
	const struct resolver_target *x = a, *y = b;
	int order = x->priority - y->priority;

	if (!order)
		order = strcmp(x->name, y->name);
	return order ? order : x->port - y->port;
}

static bool read_target(struct resolver_records *records,
			struct resolver_target *target, const ares_dns_rr_t *rr)
{
	const char *name = ares_dns_rr_get_str(rr, ARES_RR_SRV_TARGET);
	size_t i = 0;

	target->priority = ares_dns_rr_get_u16(rr, ARES_RR_SRV_PRIORITY);
	target->weight = ares_dns_rr_get_u16(rr, ARES_RR_SRV_WEIGHT);
	target->port = ares_dns_rr_get_u16(rr, ARES_RR_SRV_PORT);
	if (!name || !name[0] || !strcmp(name, ".")) {
		say(records, "an SRV record says the service is not offered");
		return false;
	}
	if (!config_is_dns_name(name)) {
		say(records, "a target of SRV refused, not the name of a host");
		return false;
	}
	for (; name[i]; i++)
		target->name[i] = (char)tolower((unsigned char)name[i]);
	target->name[i] = '\0';
	if (!target->port)
		say(records, "target %s refused, with port 0", target->name);
	return target->port;
}

/* Only what is whole and right is taken on trust; the rest is asked for. */
static struct resolver_records *read_given(const struct place *place)
{
	struct resolver_records *given = calloc(1, sizeof(*given));

	if (!given)
		return NULL;
	given->valid_ms = UINT64_MAX;
	if (read_addresses(given, place) && given->trouble == RESOLVER_FINE)
		return given;
	resolver_records_exit(given);
	free(given);
	return NULL;
}

static void add_given(struct resolver_target *target,
		      const ares_dns_record_t *message)
{
	struct place place = {
		.message = message,
		.section = ARES_SECTION_ADDITIONAL,
		.owner = target->name,
		.type = ARES_REC_TYPE_A,
	};

	target->given[0] = read_given(&place);
	place.type = ARES_REC_TYPE_AAAA;
	target->given[1] = read_given(&place);
}

static bool read_targets(struct resolver_records *records,
			 const struct place *place)
{
	const ares_dns_rr_t *rr;
	size_t at = 0;
	void *room;

	if (!make_room(records, place, sizeof(*records->targets), &room))
		return false;
	records->targets = room;
	if (!room)
		return true;
	while ((rr = next(place, &at))) {
		limit_ttl(records, rr);
		if (read_target(records,
				&records->targets[records->target_count], rr))
			records->target_count++;
	}
	if (!records->target_count)
		records->trouble = RESOLVER_FAILED;
	qsort(records->targets, records->target_count,
	      sizeof(*records->targets), compare_targets);
	if (records->target_count > RESOLVER_TARGETS_MAX) {
		say(records, "%zu targets, the first %d are used",
		    records->target_count, RESOLVER_TARGETS_MAX);
		records->target_count = RESOLVER_TARGETS_MAX;
	}
	for (size_t i = 0; i < records->target_count; i++)
		add_given(&records->targets[i], place->message);
	return true;
}

void resolver_records_read(struct resolver_records *records,
			   const ares_dns_record_t *message, const char *name,
			   int resolve)
{
	struct place place = {
		.message = message,
		.section = ARES_SECTION_ANSWER,
		.owner = name,
	};
	bool found;

	memset(records, 0, sizeof(*records));
	records->valid_ms = UINT64_MAX;
	if (!follow(records, &place))
		return;
	if (resolve == CONFIG_RESOLVE_SRV) {
		place.type = ARES_REC_TYPE_SRV;
		found = read_targets(records, &place);
	} else {
		place.type = resolve == CONFIG_RESOLVE_A ? ARES_REC_TYPE_A :
							   ARES_REC_TYPE_AAAA;
		found = read_addresses(records, &place);
	}
	if (!found)
		resolver_records_fail(records, RESOLVER_ABSENT, "no %s record",
				      ares_dns_rec_type_tostr(place.type));
}

static int compare_addresses(const void *a, const void *b)
{
	const struct resolver_address *x = a, *y = b;
	const struct sluice_address *xa = &x->at.address, *ya = &y->at.address;
	int order = xa->family - ya->family;

	if (!order && xa->family == AF_INET)
		order = memcmp(&xa->v4, &ya->v4, sizeof(xa->v4));
	else if (!order)
		order = memcmp(&xa->v6, &ya->v6, sizeof(xa->v6));
	return order ? order : x->at.port - y->at.port;
}

void resolver_records_sort(struct resolver_records *records)
{
	struct resolver_address *addresses = records->addresses;
	size_t count = 0;

	if (!records->count)
		return;
	qsort(addresses, records->count, sizeof(*addresses), compare_addresses);
	for (size_t i = 1; i < records->count; i++) {
		struct resolver_address *last = &addresses[count];

		if (compare_addresses(last, &addresses[i]) != 0)
			addresses[++count] = addresses[i];
		else if (addresses[i].weight > WEIGHT_MAX - last->weight)
			last->weight = WEIGHT_MAX;
		else
			last->weight += addresses[i].weight;
	}
	records->count = count + 1;
	if (records->count > RESOLVER_ADDRESSES_MAX) {
		say(records, "%zu addresses, the first %d are used",
		    records->count, RESOLVER_ADDRESSES_MAX);
		records->count = RESOLVER_ADDRESSES_MAX;
	}
}

bool resolver_addresses_equal(const struct resolver_address *x, size_t x_count,
			      const struct resolver_address *y, size_t y_count)
{
	if (x_count != y_count)
		return false;
	for (size_t i = 0; i < x_count; i++)
		if (compare_addresses(&x[i], &y[i]) != 0 ||
		    x[i].weight != y[i].weight)
			return false;
	return true;
}

void resolver_records_exit(struct resolver_records *records)
{
	for (size_t i = 0; i < records->target_count; i++) {
		for (unsigned int j = 0; j < 2; j++) {
			struct resolver_records *given =
				records->targets[i].given[j];

			if (given)
				free(given->addresses);
			free(given);
		}
	}
	free(records->targets);
	free(records->addresses);
	memset(records, 0, sizeof(*records));
}
