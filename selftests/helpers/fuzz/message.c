// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests that the module accepts, and how they are written. */

#include <string.h>

#include "message.h"

const struct kind *kind = &sluice_kind;
int family;
uint32_t sequence;
static uint64_t state;

void seed(uint64_t value)
{
	state = value * 0x9e3779b97f4a7c15ull | 1;
}

uint32_t rnd(uint32_t below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * 0x2545f4914f6cdd1dull) >> 33) % below;
}

struct attr *add(struct list *list, int type, enum role role, const void *data,
		 int length)
{
	struct attr *a = &list->attr[list->count++];

	memset(a, 0, offsetof(struct attr, data));
	a->type = type;
	a->role = role;
	a->length = length;
	memcpy(a->data, data, length);
	return a;
}

struct attr *add_u8(struct list *list, int type, enum role role, uint8_t v)
{
	return add(list, type, role, &v, sizeof(v));
}

struct attr *add_u32(struct list *list, int type, enum role role, uint32_t v)
{
	return add(list, type, role, &v, sizeof(v));
}

static struct attr *add_u16(struct list *list, int type, enum role role,
			    uint16_t v)
{
	return add(list, type, role, &v, sizeof(v));
}

static struct attr *add_port(struct list *list, int type, enum role role,
			     uint16_t v)
{
	v = htons(v);
	return add(list, type, role, &v, sizeof(v));
}

struct attr *add_address(struct list *list, int type, enum role role,
			 const char *text)
{
	unsigned char data[16];

	if (inet_pton(AF_INET, text, data) == 1)
		return add(list, type, role, data, 4);
	inet_pton(AF_INET6, text, data);
	return add(list, type, role, data, 16);
}

struct attr *add_string(struct list *list, int type, enum role role,
			const char *text)
{
	return add(list, type, role, text, strlen(text) + 1);
}

struct attr *add_nest(struct list *list, int type, struct list *inner)
{
	struct attr *a = add(list, type | NLA_F_NESTED, NEST, "", 0);

	a->inner = inner;
	return a;
}

/* Another nest of its own. */
struct list *add_part(struct message *m, struct list *list, int type)
{
	struct list *part = &m->part[m->parts++];

	part->count = 0;
	part->unknown = 1;
	add_nest(list, type, part);
	return part;
}

void add_key(struct list *list, const char *address)
{
	add_u8(list, SLUICE_A_SERVICE_PROTOCOL, PROTOCOL, IPPROTO_TCP)->needed =
		true;
	add_address(list, SLUICE_A_SERVICE_ADDRESS, ADDRESS, address)->needed =
		true;
	add_port(list, SLUICE_A_SERVICE_PORT, PORT, 80)->needed = true;
	list->unknown = SLUICE_A_SERVICE_PORT + 1;
}

static void add_scheduler(struct list *list, int type)
{
	static const char *const names[] = { "rr", "wrr", "lc", "wlc" };

	add_string(list, type, SCHEDULER, names[rnd(4)]);
}

static void add_fates(struct list *list)
{
	if (rnd(2))
		add_u8(list, SLUICE_A_POOL_ON_DOWN, FATE, rnd(3));
	if (rnd(2))
		add_u8(list, SLUICE_A_POOL_ON_DRAIN, FATE, 1 + rnd(2));
	list->unknown = SLUICE_A_POOL_MAX + 1;
}

/* A server's pool, by name or by service, and its address. */
static void add_server(struct message *m, bool by_service, const char *address)
{
	struct list *list = &m->top;

	if (by_service) {
		add_key(&m->nest, "192.0.2.1");
		add_nest(list, SLUICE_A_SERVER_SERVICE, &m->nest);
	} else {
		add_string(list, SLUICE_A_SERVER_POOL, POOL, "web");
	}
	list->attr[0].needed = !m->dump;
	list->unknown = SLUICE_A_SERVER_SERVICE + 1;
	if (!address)
		return;
	add_address(list, SLUICE_A_SERVER_ADDRESS, ADDRESS, address)->needed =
		true;
	add_port(list, SLUICE_A_SERVER_PORT, PORT, 8080)->needed = true;
	list->unknown = SLUICE_A_SERVER_PORT + 1;
}

static void add_server_params(struct list *list)
{
	uint8_t state;

	if (rnd(2))
		add_u8(list, SLUICE_A_SERVER_FORWARD, FORWARD, rnd(3));
	if (rnd(2))
		add_u32(list, SLUICE_A_SERVER_WEIGHT, WEIGHT, rnd(65536));
	state = rnd(3);
	if (rnd(2)) {
		add_u8(list, SLUICE_A_SERVER_STATE, STATE, state);
		if (state == SLUICE_SERVER_STATE_DRAINING && rnd(2))
			add_u32(list, SLUICE_A_SERVER_DEADLINE, DEADLINE,
				rnd(2) * rnd(1000));
	}
	if (rnd(2))
		add_string(list, SLUICE_A_SERVER_REASON, REASON, "no answer");
	list->unknown = SLUICE_A_SERVER_REASON + 1;
}

static void add_settings(struct message *m)
{
	int i;

	switch (rnd(3)) {
	case 0:
		add_u32(&m->top,
			rnd(2) ? SLUICE_A_SETTINGS_CONNECTIONS_MAX :
				 SLUICE_A_SETTINGS_RELAY_CLIENTS_MAX,
			CONNECTIONS_MAX, 1 + rnd(1000000))
			->needed = true;
		break;
	case 1:
		add_u32(&m->nest, SLUICE_A_SNIFF_HEAD_TIMEOUT, TIMEOUT,
			100 + rnd(100000));
		add_u32(&m->nest, SLUICE_A_SNIFF_CONNECT_RETRIES, RETRIES,
			rnd(17));
		m->nest.unknown = SLUICE_A_SNIFF_MAX + 1;
		add_nest(&m->top, SLUICE_A_SETTINGS_SNIFF, &m->nest)->needed =
			true;
		break;
	default:
		for (i = 1; i <= SLUICE_A_TIMEOUTS_MAX; i++)
			if (rnd(2))
				add_u32(&m->nest, i, TIMEOUT,
					100 + rnd(100000));
		m->nest.unknown = SLUICE_A_TIMEOUTS_MAX + 1;
		add_nest(&m->top, SLUICE_A_SETTINGS_TIMEOUTS, &m->nest)->needed =
			true;
	}
	m->top.unknown = SLUICE_A_SETTINGS_MAX + 1;
}

static void add_filter(struct list *list)
{
	int i;

	if (rnd(2))
		add_u8(list, SLUICE_A_CONNECTION_PROTOCOL, ANY_PROTOCOL, 6);
	for (i = SLUICE_A_CONNECTION_CLIENT_ADDRESS;
	     i < SLUICE_A_CONNECTION_SERVER_PORT; i += 2) {
		if (rnd(2))
			add_address(list, i, ANY_ADDRESS,
				    rnd(2) ? "10.0.0.1" : "2001:db8::7");
		if (rnd(2))
			add_port(list, i + 1, ANY_PORT, rnd(65536));
	}
	list->unknown = SLUICE_A_CONNECTION_SERVER_PORT + 1;
}

/* The service, and the name of the route. */
static void add_route(struct message *m, enum role role, const char *name)
{
	struct list *list = &m->top;

	add_key(&m->nest, "192.0.2.8");
	add_nest(list, SLUICE_A_ROUTE_SERVICE, &m->nest)->needed = !m->dump;
	list->unknown = SLUICE_A_ROUTE_SERVICE + 1;
	if (m->dump)
		return;
	add_string(list, SLUICE_A_ROUTE_NAME, role, name)->needed = true;
	list->unknown = SLUICE_A_ROUTE_NAME + 1;
}

static void add_condition(struct message *m)
{
	static const char *const names[] = { "", "q", "X-Test", "session" };
	struct list *list =
		add_part(m, &m->match, SLUICE_A_ROUTE_MATCH_CONDITION);
	int what = rnd(4), how = rnd(3);
	bool method = what == SLUICE_CONDITION_WHAT_METHOD;

	if (method)
		how = SLUICE_CONDITION_HOW_EXACT;
	else
		add_string(list, SLUICE_A_ROUTE_CONDITION_NAME, CONDITION_NAME,
			   names[what])
			->needed = true;
	add_u8(list, SLUICE_A_ROUTE_CONDITION_WHAT, WHAT, what)->needed = true;
	if (how != SLUICE_CONDITION_HOW_EXACT || rnd(2))
		add_u8(list, SLUICE_A_ROUTE_CONDITION_HOW, HOW, how);
	if (how != SLUICE_CONDITION_HOW_PRESENT)
		add_string(list, SLUICE_A_ROUTE_CONDITION_VALUE,
			   CONDITION_VALUE, "GET")
			->needed = method || how == SLUICE_CONDITION_HOW_PREFIX;
	list->unknown = SLUICE_A_ROUTE_CONDITION_MAX + 1;
}

static void add_source(struct message *m)
{
	struct list *list = add_part(m, &m->match, SLUICE_A_ROUTE_MATCH_SOURCE);
	bool bits = rnd(2), six = rnd(2);

	add_address(list, SLUICE_A_ROUTE_SOURCE_ADDRESS,
		    bits ? NETWORK : SOURCE, six ? "2001:db8::" : "10.0.0.0")
		->needed = true;
	if (bits)
		add_u8(list, SLUICE_A_ROUTE_SOURCE_PREFIX_LEN, BITS,
		       six ? 32 + rnd(96) : 8 + rnd(24));
	list->unknown = SLUICE_A_ROUTE_SOURCE_MAX + 1;
}

/* What matches a route: nothing of it has to be there. */
static struct attr *add_match(struct message *m)
{
	struct list *match = &m->match;
	int i;

	if (rnd(2))
		add_string(match, SLUICE_A_ROUTE_MATCH_HOST, HOST,
			   rnd(2) ? "*.example.com" : "www.example.com");
	if (rnd(2))
		add_port(match, SLUICE_A_ROUTE_MATCH_PORT, PORT, 8080);
	if (rnd(2)) {
		add_string(match, SLUICE_A_ROUTE_MATCH_PATH, PATH, "/a");
		if (rnd(2))
			add_u8(match, SLUICE_A_ROUTE_MATCH_PATH_HOW, PATH_HOW,
			       1 + rnd(2));
	}
	if (rnd(2))
		add_u16(match, SLUICE_A_ROUTE_MATCH_SHARE, SHARE, rnd(10001));
	if (rnd(2))
		add_u32(match, SLUICE_A_ROUTE_MATCH_SALT, SALT, rnd(1 << 30));
	for (i = rnd(3); i > 0; i--)
		add_condition(m);
	for (i = rnd(3); i > 0; i--)
		add_source(m);
	match->unknown = SLUICE_A_ROUTE_MATCH_MAX + 1;
	return add_nest(&m->top, SLUICE_A_ROUTE_MATCH, match);
}

static void add_pool(struct message *m, const char *name)
{
	struct list *list = add_part(m, &m->top, SLUICE_A_ROUTE_POOL);

	add_string(list, SLUICE_A_ROUTE_POOL_NAME, POOL, name)->needed = true;
	if (rnd(2))
		add_u32(list, SLUICE_A_ROUTE_POOL_WEIGHT, POOL_WEIGHT,
			1 + rnd(65535));
	list->unknown = SLUICE_A_ROUTE_POOL_MAX + 1;
}

static struct attr *add_action(struct message *m)
{
	static const uint16_t statuses[] = { 0, 400, 403, 404, 503 };
	struct list *list = &m->top;
	struct attr *action =
		add_u8(list, SLUICE_A_ROUTE_ACTION, ACTION, rnd(4));

	switch (action->data[0]) {
	case SLUICE_ROUTE_ACTION_POOL:
		add_pool(m, "px");
		if (rnd(2))
			add_pool(m, "py");
		else
			list->attr[list->count - 1].needed = true;
		break;
	case SLUICE_ROUTE_ACTION_PROXY:
		add_port(list, SLUICE_A_ROUTE_PROXY_PORT, PORT, 8080)->needed =
			true;
		break;
	case SLUICE_ROUTE_ACTION_REDIRECT:
		if (rnd(2))
			add_u16(list, SLUICE_A_ROUTE_STATUS, STATUS,
				rnd(2) ? 301 : 308);
		break;
	default:
		if (rnd(2))
			add_u16(list, SLUICE_A_ROUTE_STATUS, STATUS,
				statuses[rnd(5)]);
	}
	return action;
}

static const uint8_t cmds[] = {
	SLUICE_CMD_INFO_GET,
	SLUICE_CMD_SETTINGS_GET,
	SLUICE_CMD_SETTINGS_SET,
	SLUICE_CMD_SERVICE_GET,
	SLUICE_CMD_SERVICE_GET,
	SLUICE_CMD_SERVICE_NEW,
	SLUICE_CMD_SERVICE_SET,
	SLUICE_CMD_POOL_GET,
	SLUICE_CMD_POOL_GET,
	SLUICE_CMD_POOL_NEW,
	SLUICE_CMD_POOL_SET,
	SLUICE_CMD_SERVER_GET,
	SLUICE_CMD_SERVER_GET,
	SLUICE_CMD_SERVER_NEW,
	SLUICE_CMD_SERVER_SET,
	SLUICE_CMD_SERVER_DEL,
	/* From here on staged, and carried out together. */
	SLUICE_CMD_TRANSACTION_BEGIN,
	SLUICE_CMD_ROUTE_GET,
	SLUICE_CMD_ROUTE_GET,
	SLUICE_CMD_ROUTE_NEW,
	SLUICE_CMD_ROUTE_SET,
	SLUICE_CMD_ROUTE_MOVE,
	SLUICE_CMD_ROUTE_DEL,
	SLUICE_CMD_CONNECTION_GET,
	SLUICE_CMD_STATS_RESET,
	SLUICE_CMD_SERVICE_DEL,
	SLUICE_CMD_POOL_DEL,
	SLUICE_CMD_TRANSACTION_COMMIT,
	SLUICE_CMD_FLUSH,
	SLUICE_CMD_TRANSACTION_BEGIN,
	SLUICE_CMD_TRANSACTION_ABORT,
};

static void make(struct message *m, int base)
{
	struct list *top = &m->top;
	bool by_service = rnd(2);

	m->cmd = cmds[base];
	m->version = SLUICE_FAMILY_VERSION;
	/* The second of two neighbours is the dump; all of connections are. */
	m->dump = m->cmd == SLUICE_CMD_CONNECTION_GET ||
		  (base && cmds[base - 1] == m->cmd);
	top->unknown = 1;
	switch (m->cmd) {
	case SLUICE_CMD_SETTINGS_SET:
		add_settings(m);
		break;
	case SLUICE_CMD_SERVICE_GET:
		if (m->dump)
			break;
		/* fallthrough */
	case SLUICE_CMD_STATS_RESET:
	case SLUICE_CMD_SERVICE_DEL:
		add_key(top, "192.0.2.1");
		break;
	case SLUICE_CMD_SERVICE_NEW:
		add_key(top, "192.0.2.9");
		if (rnd(2))
			add_scheduler(top, SLUICE_A_SERVICE_SCHEDULER);
		if (rnd(2)) {
			add_u8(top, SLUICE_A_SERVICE_STRATUM, STRATUM,
			       SLUICE_STRATUM_SNIFF)
				->needed = true;
			add_u8(top, SLUICE_A_SERVICE_PARSE, PARSE, 1 + rnd(2))
				->needed = true;
		}
		top->unknown = SLUICE_A_SERVICE_PARSE + 1;
		break;
	case SLUICE_CMD_SERVICE_SET:
		add_key(top, "192.0.2.1");
		if (rnd(2))
			add_scheduler(top, SLUICE_A_SERVICE_SCHEDULER);
		else
			add_u8(top, SLUICE_A_SERVICE_SLOW_PATH, SLOW_PATH,
			       rnd(2));
		top->attr[3].needed = true;
		top->unknown = SLUICE_A_SERVICE_PARSE + 1;
		break;
	case SLUICE_CMD_POOL_GET:
		if (m->dump)
			break;
		/* fallthrough */
	case SLUICE_CMD_POOL_DEL:
		add_string(top, SLUICE_A_POOL_NAME, POOL, "web")->needed = true;
		top->unknown = SLUICE_A_POOL_NAME + 1;
		break;
	case SLUICE_CMD_POOL_NEW:
		add_string(top, SLUICE_A_POOL_NAME, NEW_POOL, "fresh")->needed =
			true;
		add_u8(top, SLUICE_A_POOL_FAMILY, FAMILY, AF_INET)->needed =
			true;
		if (rnd(2))
			add_scheduler(top, SLUICE_A_POOL_SCHEDULER);
		if (rnd(2))
			add_u8(top, SLUICE_A_POOL_PROXY_PROTOCOL,
			       PROXY_PROTOCOL, 2 * rnd(2));
		add_fates(top);
		break;
	case SLUICE_CMD_POOL_SET:
		add_string(top, SLUICE_A_POOL_NAME, POOL, "web")->needed = true;
		if (rnd(2)) {
			add_scheduler(top, SLUICE_A_POOL_SCHEDULER);
			top->attr[1].needed = true;
			top->unknown = SLUICE_A_POOL_MAX + 1;
			break;
		}
		add_u8(top, SLUICE_A_POOL_ON_DOWN, FATE, rnd(3))->needed = true;
		top->unknown = SLUICE_A_POOL_MAX + 1;
		break;
	case SLUICE_CMD_SERVER_GET:
		add_server(m, by_service, m->dump ? NULL : "198.51.100.1");
		break;
	case SLUICE_CMD_SERVER_NEW:
		/* The next three are about the server that this one makes. */
		add_server(m, false, "198.51.100.9");
		add_server_params(top);
		break;
	case SLUICE_CMD_SERVER_SET:
		add_server(m, by_service, "198.51.100.1");
		add_server_params(top);
		break;
	case SLUICE_CMD_SERVER_DEL:
		add_server(m, false, "198.51.100.1");
		break;
	case SLUICE_CMD_CONNECTION_GET:
		add_filter(top);
		break;
	case SLUICE_CMD_ROUTE_GET:
		add_route(m, ROUTE, "old");
		break;
	case SLUICE_CMD_ROUTE_NEW:
		add_route(m, NEW_ROUTE, "fresh");
		if (rnd(2))
			add_string(top, SLUICE_A_ROUTE_BEFORE, ROUTE, "old");
		if (rnd(2))
			add_match(m);
		add_action(m)->needed = true;
		top->unknown = SLUICE_A_ROUTE_PROXY_PORT + 1;
		break;
	case SLUICE_CMD_ROUTE_SET:
		add_route(m, ROUTE, "old");
		if (rnd(2))
			add_match(m)->needed = true;
		else
			add_action(m)->needed = true;
		top->unknown = SLUICE_A_ROUTE_PROXY_PORT + 1;
		break;
	case SLUICE_CMD_ROUTE_MOVE:
		add_route(m, ROUTE, "old");
		if (rnd(2))
			add_string(top, SLUICE_A_ROUTE_BEFORE, ROUTE, "other");
		top->unknown = SLUICE_A_ROUTE_BEFORE + 1;
		break;
	case SLUICE_CMD_ROUTE_DEL:
		add_route(m, ROUTE, "other");
		break;
	case SLUICE_CMD_TRANSACTION_BEGIN:
		top->unknown = SLUICE_A_TRANSACTION_GENERATION + 1;
		break;
	case SLUICE_CMD_TRANSACTION_COMMIT:
		top->unknown = SLUICE_A_TRANSACTION_REQUESTS + 1;
		break;
	}
}

static bool has_both(uint8_t cmd)
{
	return cmd == SLUICE_CMD_SERVICE_GET || cmd == SLUICE_CMD_POOL_GET ||
	       cmd == SLUICE_CMD_SERVER_GET || cmd == SLUICE_CMD_ROUTE_GET;
}

static const uint8_t events[] = {
	SLUICE_CMD_SETTINGS_NTF,    SLUICE_CMD_SERVICE_NTF,
	SLUICE_CMD_SERVICE_DEL_NTF, SLUICE_CMD_POOL_NTF,
	SLUICE_CMD_POOL_DEL_NTF,    SLUICE_CMD_SERVER_NTF,
	SLUICE_CMD_SERVER_DEL_NTF,  SLUICE_CMD_ROUTE_NTF,
	SLUICE_CMD_ROUTE_DEL_NTF,
};

const struct kind sluice_kind = {
	.name = SLUICE_FAMILY_NAME,
	.bases = sizeof(cmds),
	.make = make,
	.events = events,
	.event_count = sizeof(events),
	.last = SLUICE_CMD_MAX,
	.has_both = has_both,
	.spoil_state = spoil_state,
};

/* Requests that would be accepted, one after the other in this order. */
void make_base(struct message *m, int base)
{
	memset(m, 0, offsetof(struct message, top));
	m->top.count = 0;
	m->nest.count = 0;
	m->match.count = 0;
	kind->make(m, base);
}

static size_t put_list(unsigned char *to, const struct list *list)
{
	size_t at = 0, length;
	struct nlattr header;
	const struct attr *a;
	int i;

	for (i = 0; i < list->count; i++) {
		a = &list->attr[i];
		length = a->length;
		if (a->inner)
			length = put_list(to + at + NLA_HDRLEN, a->inner);
		else
			memcpy(to + at + NLA_HDRLEN, a->data, length);
		header.nla_type = a->type;
		header.nla_len = NLA_HDRLEN + length + a->lie;
		memcpy(to + at, &header, sizeof(header));
		memset(to + at + NLA_HDRLEN + length, 0,
		       NLA_ALIGN(length) - length);
		at += NLA_HDRLEN + NLA_ALIGN(length);
	}
	return at;
}

/* Return the aligned length. */
size_t put_message(unsigned char *to, const struct message *m)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)to;
	struct genlmsghdr *genl = NLMSG_DATA(nlh);
	size_t length = NLMSG_HDRLEN + GENL_HDRLEN;
	unsigned int i;

	memset(to, 0, length);
	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | m->flags |
			   (m->dump ? NLM_F_DUMP : 0);
	nlh->nlmsg_seq = ++sequence;
	genl->cmd = m->cmd;
	genl->version = m->version;
	genl->reserved = m->reserved;
	length += put_list(to + length, &m->top);
	for (i = 0; i < m->trailing; i++)
		to[length++] = rnd(256);
	if (m->cut)
		length = NLMSG_HDRLEN + m->cut - 1;
	nlh->nlmsg_len = length;
	memset(to + length, 0, NLMSG_ALIGN(length) - length);
	return NLMSG_ALIGN(length);
}
