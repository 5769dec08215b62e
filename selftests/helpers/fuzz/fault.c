// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What can be wrong with a request. Each fault is one that nothing else in the
 * message can make good.
 */

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "message.h"

/* The list to make it in, and which attribute. */
struct list *some_list(struct message *m)
{
	unsigned int which = rnd(3 + m->parts);
	struct list *list = &m->top;

	if (which == 0)
		list = &m->nest;
	else if (which == 1)
		list = &m->match;
	else if (which > 2)
		list = &m->part[which - 3];
	return list->count ? list : &m->top;
}

static struct attr *some_attr(struct message *m)
{
	struct list *list = some_list(m);

	return list->count ? &list->attr[rnd(list->count)] : NULL;
}

static bool is_string(const struct attr *a)
{
	return a->role == POOL || a->role == NEW_POOL || a->role == SCHEDULER ||
	       a->role == ROUTE || a->role == NEW_ROUTE || a->role == HOST ||
	       a->role == PATH || a->role == CONDITION_NAME ||
	       a->role == CONDITION_VALUE || a->role == REASON;
}

static bool is_address(const struct attr *a)
{
	return a->role == ADDRESS || a->role == ANY_ADDRESS ||
	       a->role == NETWORK || a->role == SOURCE;
}

static bool is_fixed(const struct attr *a)
{
	return a->role != NEST && a->role != BINARY && !is_string(a) &&
	       !is_address(a);
}

static bool fault_command(struct message *m)
{
	unsigned int i = rnd(kind->event_count + 1);

	if (rnd(2))
		m->cmd = i ? kind->events[i - 1] : 0;
	else
		m->cmd = kind->last + 1 + rnd(255 - kind->last);
	return true;
}

static bool fault_mode(struct message *m)
{
	if (kind->has_both(m->cmd))
		return false;
	m->dump = !m->dump;
	return true;
}

static bool fault_short(struct message *m)
{
	m->cut = 1 + rnd(GENL_HDRLEN);
	return true;
}

static bool fault_reserved(struct message *m)
{
	m->reserved = 1 + rnd(65535);
	return true;
}

static bool fault_flags(struct message *m)
{
	/* Not one of those that the core gives a meaning to. */
	m->flags = 1 << (m->dump ? 10 + rnd(6) : 8 + rnd(8));
	return true;
}

static bool fault_unknown(struct message *m)
{
	struct list *list = some_list(m);
	struct attr *a, last;
	int i, type = rnd(8) ? list->unknown + rnd(40) : 0;

	if (!rnd(8))
		type = list->unknown + rnd(0x3fff - list->unknown);
	a = add(list, type, OTHER, "", 0);
	a->length = rnd(DATA);
	for (i = 0; i < a->length; i++)
		a->data[i] = rnd(256);
	/* Anywhere. */
	i = rnd(list->count);
	last = *a;
	*a = list->attr[i];
	list->attr[i] = last;
	return true;
}

static bool spoil_length(struct attr *a)
{
	uint16_t length = a->length;
	bool address = is_address(a), number = a->role == CLIENT;

	if (!is_fixed(a) && !address)
		return false;
	do
		a->length = rnd(8) ? rnd(20) : rnd(DATA);
	while (a->length == length || (address && a->length == 4) ||
	       (address && a->length == 16) || (number && a->length == 4) ||
	       (number && a->length == 8));
	return true;
}

static bool fault_length(struct message *m)
{
	struct attr *a = some_attr(m);

	return a && spoil_length(a);
}

static bool fault_string(struct message *m)
{
	struct attr *a = some_attr(m);
	bool any_length;

	if (!a || !is_string(a))
		return false;
	any_length = a->role == CONDITION_NAME || a->role == CONDITION_VALUE;
	memset(a->data, 'a' + rnd(26), DATA);
	switch (any_length ? 2 * rnd(2) : rnd(3)) {
	case 0:
		/* No NUL. */
		a->length = 1 + rnd(SLUICE_NAME_LEN + 1);
		break;
	case 1:
		/* Too long. */
		a->length = 2 + rnd(300) +
			    (a->role == REASON ? SLUICE_REASON_LEN :
						 SLUICE_NAME_LEN);
		a->data[a->length - 1] = 0;
		break;
	case 2:
		a->length = 0;
		break;
	}
	return true;
}

static bool spoil_address(struct attr *a)
{
	static const char *const bad[] = {
		"0.0.0.0",   "127.0.0.1",	"127.255.255.254",
		"224.0.0.1", "239.1.2.3",	"::",
		"::1",	     "ff02::1",		"ff0e::5",
		"fe80::1",   "::ffff:10.0.0.1", "255.255.255.255",
	};
	const char *text = bad[rnd(sizeof(bad) / sizeof(*bad))];

	a->length = strchr(text, ':') ? 16 : 4;
	inet_pton(a->length == 4 ? AF_INET : AF_INET6, text, a->data);
	return true;
}

static bool fault_value(struct message *m)
{
	struct attr *a = some_attr(m);
	uint32_t v;

	if (!a)
		return false;
	switch (a->role) {
	case PROTOCOL:
		do
			a->data[0] = rnd(256);
		while (a->data[0] == IPPROTO_TCP || a->data[0] == IPPROTO_UDP);
		return true;
	case ADDRESS:
		return spoil_address(a);
	case PORT:
		memset(a->data, 0, 2);
		return true;
	case POOL:
	case SCHEDULER:
	case ROUTE:
		v = rnd(SLUICE_NAME_LEN);
		memset(a->data, 'z', v);
		a->data[v] = 0;
		a->length = v + 1;
		return true;
	case NEW_ROUTE:
		a->data[rnd(5)] = " \t\x7f\xff\x80\x01"[rnd(6)];
		return true;
	case HOST:
		a->data[1 + rnd(5)] = " /:*\x7f\xff"[rnd(6)];
		return true;
	case PATH:
		a->data[rnd(2)] = " ?#\x7f\x01"[rnd(5)];
		return true;
	case NEW_POOL:
		a->data[rnd(5)] = "/ \t\x7f\xff\x80\x01"[rnd(7)];
		return true;
	case FAMILY:
		do
			a->data[0] = rnd(256);
		while (a->data[0] == AF_INET || a->data[0] == AF_INET6);
		return true;
	case FORWARD:
	case PATH_HOW:
	case PARSE:
	case HOW:
	case STRATUM:
		a->data[0] = 3 + rnd(253);
		return true;
	case PROXY_PROTOCOL:
		a->data[0] = rnd(2) ? 1 : 3 + rnd(253);
		return true;
	case ACTION:
		a->data[0] = 4 + rnd(252);
		return true;
	case WHAT:
		a->data[0] = rnd(2) ? SLUICE_CONDITION_WHAT_ALPN : 5 + rnd(251);
		return true;
	case CONDITION_NAME:
		a->data[0] = " \t=\x7f\x01"[rnd(5)];
		return true;
	case CONDITION_VALUE:
		a->data[rnd(3)] = "\x7f\x01\x1f"[rnd(3)];
		return true;
	case NETWORK:
		/* After its bits. */
		a->data[a->length - 1] |= 1;
		return true;
	case BITS:
		/* Fewer than 32 are of an IPv4 address, see add_source(). */
		v = a->data[0] < 32 ? 33 : 129;
		a->data[0] = v + rnd(256 - v);
		return true;
	case SHARE:
		a->data[1] = 0x28 + rnd(0x100 - 0x28);
		return true;
	case STATUS:
		a->data[1] = 2 + rnd(254);
		return true;
	case SLOW_PATH:
		a->data[0] = 2 + rnd(254);
		return true;
	case STATE:
		a->data[0] = 3 + rnd(253);
		return true;
	case FATE:
		a->data[0] = 3 + rnd(253);
		return true;
	case REASON:
		a->data[rnd(5)] = "\x7f\x01\x1b\x80\xff"[rnd(5)];
		return true;
	case FLAG:
		a->data[0] = 2 + rnd(254);
		return true;
	case PHASE:
		a->data[0] = 8 + rnd(248);
		return true;
	case FEW:
		a->data[0] = 17 + rnd(239);
		return true;
	case CLIENT:
		a->data[7] = 0x80;
		return true;
	case FD:
		/* None, one that is not open, and one that is no socket. */
		v = rnd(3) ? rnd(2) ? 0x80000000 + rnd(1 << 30) : 5000 : 0;
		break;
	case MASK:
		v = 8u << rnd(29);
		break;
	case DEADLINE:
		v = 1000000001 + rnd(2000000000);
		break;
	case WEIGHT:
		v = rnd(2) ? 65536 : 65536 + rnd(0x7fff0000);
		break;
	case TIMEOUT:
		v = rnd(2) ? rnd(100) : 1000000001 + rnd(2000000000);
		break;
	case CONNECTIONS_MAX:
		v = 0;
		break;
	case POOL_WEIGHT:
		v = rnd(2) ? 0 : 65536 + rnd(0x7fff0000);
		break;
	case RETRIES:
		v = 17 + rnd(1000000);
		break;
	default:
		return false;
	}
	memcpy(a->data, &v, sizeof(v));
	return true;
}

static bool fault_missing(struct message *m)
{
	struct list *list = some_list(m);
	int i;

	if (!list->count)
		return false;
	i = rnd(list->count);
	if (!list->attr[i].needed)
		return false;
	list->attr[i] = list->attr[--list->count];
	return true;
}

static bool fault_nested_bit(struct message *m)
{
	struct attr *a = some_attr(m);

	if (!a)
		return false;
	a->type ^= NLA_F_NESTED;
	return true;
}

/* The last one goes on past the end of its list. */
static bool fault_overrun(struct message *m)
{
	struct list *list = some_list(m);

	if (!list->count)
		return false;
	list->attr[list->count - 1].lie = 4 + rnd(rnd(2) ? 16 : 30000);
	return true;
}

/* One that ends before it has begun, and behind it nothing counts. */
static bool fault_underrun(struct message *m)
{
	struct attr *a = some_attr(m);

	if (!a || a->inner)
		return false;
	a->lie = -(int)a->length - 1 - rnd(NLA_HDRLEN);
	return true;
}

static bool fault_trailing(struct message *m)
{
	m->trailing = 1 + rnd(3);
	return true;
}

/* Of two with the same type the last counts, but both must be right. */
static bool fault_duplicate(struct message *m)
{
	struct list *list = some_list(m);
	struct attr *a, copy;
	int i;

	if (!list->count)
		return false;
	i = rnd(list->count);
	if (is_fixed(&list->attr[i])) {
		copy = list->attr[i];
		a = add(list, 0, OTHER, "", 0);
		*a = copy;
		return spoil_length(rnd(2) ? a : &list->attr[i]);
	}
	return false;
}

/* A pool that is there, and is no pool for a route of this service; or one twice. */
static bool wrong_pool(struct message *m)
{
	struct list *top = &m->top, *pool = NULL;
	int i;

	for (i = 0; i < top->count; i++)
		if (top->attr[i].type == (SLUICE_A_ROUTE_POOL | NLA_F_NESTED))
			pool = top->attr[i].inner;
	if (!pool)
		return false;
	switch (rnd(3)) {
	case 0:
		add_nest(top, SLUICE_A_ROUTE_POOL, pool);
		return true;
	case 1:
		pool->count = 0;
		add_string(pool, SLUICE_A_ROUTE_POOL_NAME, POOL, "six");
		return true;
	default:
		pool->count = 0;
		add_string(pool, SLUICE_A_ROUTE_POOL_NAME, POOL,
			   "tcp/192.0.2.1:80");
		return true;
	}
}

/* Nothing is wrong with the message itself: it does not fit what is there. */
static bool fault_state(struct message *m)
{
	return kind->spoil_state(m);
}

/* Of the family sluice. */
bool spoil_state(struct message *m)
{
	struct list *top = &m->top;
	bool by_service = m->nest.count;

	switch (m->cmd) {
	case SLUICE_CMD_SERVICE_GET:
	case SLUICE_CMD_SERVICE_SET:
	case SLUICE_CMD_SERVICE_DEL:
	case SLUICE_CMD_STATS_RESET:
		if (m->dump)
			return false;
		/* There is none. */
		top->attr[rnd(2) ? 1 : 2].data[1] = 77;
		return true;
	case SLUICE_CMD_SERVICE_NEW:
		if (top->count == 3 && rnd(2)) {
			add_string(top, SLUICE_A_SERVICE_POOL, POOL,
				   rnd(2) ? "six" : "tcp/192.0.2.1:80");
			return true;
		}
		if (top->count == 4 && rnd(2)) {
			add_string(top, SLUICE_A_SERVICE_POOL, POOL, "web");
			return true;
		}
		top->attr[1].data[3] = 1;
		return true;
	case SLUICE_CMD_POOL_NEW:
		strcpy((char *)top->attr[0].data, "web");
		top->attr[0].length = 4;
		return true;
	case SLUICE_CMD_POOL_DEL:
		/* In use, or of one service. */
		top->count = 0;
		add_string(top, SLUICE_A_POOL_NAME, POOL,
			   rnd(2) ? "six" : "tcp/192.0.2.1:80");
		return true;
	case SLUICE_CMD_SERVER_GET:
	case SLUICE_CMD_SERVER_SET:
	case SLUICE_CMD_SERVER_DEL:
	case SLUICE_CMD_SERVER_NEW:
		if (m->dump)
			return false;
		switch (rnd(3)) {
		case 0:
			/* Named twice over. */
			if (by_service)
				add_string(top, SLUICE_A_SERVER_POOL, POOL,
					   "web");
			else
				return false;
			return true;
		case 1:
			memcpy(top->attr[1].data, "\x20\x01\xd\xb8", 4);
			memset(top->attr[1].data + 4, 9, 12);
			top->attr[1].length = 16;
			return true;
		default:
			top->attr[1].data[3] =
				m->cmd == SLUICE_CMD_SERVER_NEW ? 1 : 77;
			return true;
		}
	case SLUICE_CMD_ROUTE_GET:
	case SLUICE_CMD_ROUTE_SET:
	case SLUICE_CMD_ROUTE_DEL:
	case SLUICE_CMD_ROUTE_MOVE:
	case SLUICE_CMD_ROUTE_NEW:
		if (m->dump)
			return false;
		if (rnd(2) && wrong_pool(m))
			return true;
		/* Of a service of stratum flow, and one that is there or not. */
		if (rnd(2))
			m->nest.attr[1].data[3] = 1;
		else
			top->attr[1].length =
				1 + sprintf((char *)top->attr[1].data,
					    m->cmd == SLUICE_CMD_ROUTE_NEW ?
						    "old" :
						    "none");
		return true;
	default:
		return false;
	}
}

const struct fault faults[] = {
	{ "command", fault_command, true },
	{ "mode", fault_mode, true },
	{ "short", fault_short, true },
	{ "reserved", fault_reserved, false },
	{ "flags", fault_flags, false },
	{ "unknown", fault_unknown, false },
	{ "length", fault_length, false },
	{ "string", fault_string, false },
	{ "value", fault_value, false },
	{ "missing", fault_missing, false },
	{ "nested-bit", fault_nested_bit, false },
	{ "overrun", fault_overrun, false },
	{ "underrun", fault_underrun, false },
	{ "trailing", fault_trailing, false },
	{ "duplicate", fault_duplicate, false },
	{ "state", fault_state, false },
};

const unsigned int fault_count = sizeof(faults) / sizeof(*faults);
