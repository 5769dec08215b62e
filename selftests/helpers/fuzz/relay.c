// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests to the family of stratum relay. */

#include <errno.h>
#include <linux/sluice_relay.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "message.h"

uint64_t client;

/* Both ends; what is handed over is the first. */
static int ends[2] = { -1, -1 };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void connect_ends(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t length = sizeof(at);
	int listening = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ends[1] = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listening, (struct sockaddr *)&at, length) ||
	    listen(listening, 1) ||
	    getsockname(listening, (struct sockaddr *)&at, &length) ||
	    connect(ends[1], (struct sockaddr *)&at, length))
		die("loopback");
	ends[0] = accept(listening, NULL, NULL);
	if (ends[0] < 0)
		die("accept");
	close(listening);
}

/* The kernel has closed what it was given before, or ended it. */
int client_socket(void)
{
	struct tcp_info info;
	socklen_t length = sizeof(info);

	if (ends[0] >= 0 &&
	    !getsockopt(ends[0], IPPROTO_TCP, TCP_INFO, &info, &length) &&
	    info.tcpi_state == TCP_ESTABLISHED)
		return ends[0];
	if (ends[0] >= 0) {
		close(ends[0]);
		close(ends[1]);
	}
	connect_ends();
	return ends[0];
}

static const uint8_t cmds[] = {
	SLUICE_RELAY_CMD_STATS_GET,
	SLUICE_RELAY_CMD_CONFIG_SET,
	SLUICE_RELAY_CMD_CONFIG_GET,
	SLUICE_RELAY_CMD_CLIENT_HAND,
	SLUICE_RELAY_CMD_CLIENT_GET,
	SLUICE_RELAY_CMD_CLIENT_DEL,
	SLUICE_RELAY_CMD_CONFIG_DEL,
	/* Only of a client that waits, which is soon over. */
	SLUICE_RELAY_CMD_CLIENT_TAKE,
};

static void add_service(struct message *m, int type)
{
	add_key(&m->nest, "192.0.2.7");
	add_nest(&m->top, type, &m->nest)->needed = true;
	m->top.unknown = type + 1;
}

static void add_config(struct list *list)
{
	int i, count = list->count;

	for (i = SLUICE_RELAY_A_CONFIG_TIMEOUT_HEAD;
	     i <= SLUICE_RELAY_A_CONFIG_TIMEOUT_TUNNEL; i++)
		if (!rnd(3))
			add_u32(list, i, TIMEOUT, 1000000 + rnd(100000));
	if (rnd(2))
		add_u32(list, SLUICE_RELAY_A_CONFIG_REQUESTS_MAX, OTHER,
			rnd(100));
	if (rnd(2))
		add_u8(list, SLUICE_RELAY_A_CONFIG_RETRIES, FEW, rnd(17));
	if (rnd(2))
		add_u32(list, SLUICE_RELAY_A_CONFIG_ADD, MASK, rnd(8));
	if (rnd(2))
		add_u8(list, SLUICE_RELAY_A_CONFIG_WEBSOCKET, FLAG, rnd(2));
	/* The address of the service is not one of this host. */
	if (rnd(2) || list->count == count)
		add_u8(list, SLUICE_RELAY_A_CONFIG_LISTEN, FLAG, 0);
	if (list->count == count + 1)
		list->attr[count].needed = true;
	list->unknown = SLUICE_RELAY_A_CONFIG_MAX + 1;
}

static void add_client(struct list *list)
{
	static const char half[] = "GET / HTTP/1.1\r\nHost: a.test\r\nX: y";

	add_u32(list, SLUICE_RELAY_A_CLIENT_FD, FD, client_socket())->needed =
		true;
	add_u8(list, SLUICE_RELAY_A_CLIENT_OWN, FLAG, 1)->needed = true;
	if (rnd(2))
		add_address(list, SLUICE_RELAY_A_CLIENT_SOURCE, SOURCE,
			    rnd(2) ? "198.51.100.7" : "2001:db8::7");
	if (rnd(2))
		add_u8(list, SLUICE_RELAY_A_CLIENT_TLS, FLAG, 0);
	if (rnd(2))
		add(list, SLUICE_RELAY_A_CLIENT_DATA, BINARY, half,
		    rnd(sizeof(half)));
	list->unknown = SLUICE_RELAY_A_CLIENT_MAX + 1;
}

static void make(struct message *m, int base)
{
	struct list *top = &m->top;

	m->cmd = cmds[base];
	m->version = SLUICE_RELAY_FAMILY_VERSION;
	m->dump = m->cmd == SLUICE_RELAY_CMD_CLIENT_GET ||
		  m->cmd == SLUICE_RELAY_CMD_CONFIG_GET;
	top->unknown = 1;
	switch (m->cmd) {
	case SLUICE_RELAY_CMD_CONFIG_SET:
		add_service(m, SLUICE_RELAY_A_CONFIG_SERVICE);
		add_config(top);
		break;
	case SLUICE_RELAY_CMD_CONFIG_DEL:
		add_service(m, SLUICE_RELAY_A_CONFIG_SERVICE);
		break;
	case SLUICE_RELAY_CMD_CLIENT_HAND:
		add_service(m, SLUICE_RELAY_A_CLIENT_SERVICE);
		add_client(top);
		break;
	case SLUICE_RELAY_CMD_CLIENT_GET:
		if (rnd(2)) {
			add_service(m, SLUICE_RELAY_A_CLIENT_SERVICE);
			top->attr[0].needed = false;
		}
		if (rnd(2))
			add_u8(top, SLUICE_RELAY_A_CLIENT_PHASE, PHASE, rnd(8));
		top->unknown = SLUICE_RELAY_A_CLIENT_PHASE + 1;
		break;
	case SLUICE_RELAY_CMD_CLIENT_DEL:
	case SLUICE_RELAY_CMD_CLIENT_TAKE:
		add(top, SLUICE_RELAY_A_CLIENT_ID, CLIENT, &client,
		    sizeof(client))
			->needed = true;
		top->unknown = SLUICE_RELAY_A_CLIENT_ID + 1;
		break;
	}
}

static bool has_both(uint8_t cmd)
{
	(void)cmd;
	return false;
}

static bool spoil(struct message *m)
{
	struct list *top = &m->top;

	switch (m->cmd) {
	case SLUICE_RELAY_CMD_CLIENT_HAND:
		if (!rnd(3)) {
			/* There is no kTLS. */
			add_u8(top, SLUICE_RELAY_A_CLIENT_TLS, FLAG, 1);
			return true;
		}
		/* fallthrough */
	case SLUICE_RELAY_CMD_CONFIG_SET:
	case SLUICE_RELAY_CMD_CONFIG_DEL:
		/* None, or one of another stratum. */
		m->nest.attr[1].data[3] = rnd(2) ? 77 : 1;
		return true;
	case SLUICE_RELAY_CMD_CLIENT_DEL:
	case SLUICE_RELAY_CMD_CLIENT_TAKE:
		top->attr[0].data[6] = 1;
		return true;
	default:
		return false;
	}
}

static const uint8_t events[] = { SLUICE_RELAY_CMD_CLIENT_BACK };

const struct kind relay_kind = {
	.name = SLUICE_RELAY_FAMILY_NAME,
	.bases = sizeof(cmds),
	.more = 1,
	.make = make,
	.events = events,
	.event_count = sizeof(events),
	.last = SLUICE_RELAY_CMD_MAX,
	.has_both = has_both,
	.spoil_state = spoil,
};
