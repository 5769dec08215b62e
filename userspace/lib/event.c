// SPDX-License-Identifier: GPL-2.0-or-later
/* Events: what is changed, by whomever. */
#include <errno.h>
#include <stdio.h>

#include <netlink/genl/ctrl.h>

#include "netlink.h"

/* Room for bursts, such as a restored table of thousands of servers. */
#define EVENT_BUFFER (4 << 20)

struct receiver {
	struct sluice *sl;
	sluice_event_fn fn;
	void *arg;
	int result;
};

/* Whose messages are passed on. */
struct group {
	int family;
	int (*fn)(struct nl_msg *msg, void *arg);
	void *arg;
};

static void grow_buffer(struct sluice *sl)
{
	int fd = nl_socket_get_fd(sl->sock);
	int size = EVENT_BUFFER;

	/* The first needs a privilege; the second stops at a system limit. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

/**
 * sluice_group_join() - receive what is sent to a multicast group
 * @sl: the handle
 * @group: of its family
 *
 * Return: 0 or a negative errno value.
 */
int sluice_group_join(struct sluice *sl, const char *group)
{
	char what[64];
	int number;
	int err;

	snprintf(what, sizeof(what), "multicast group %s", group);
	number = genl_ctrl_resolve_grp(sl->sock, sl->of->name, group);
	if (number < 0)
		return sluice_fail_nl(sl, number, what);
	grow_buffer(sl);
	err = nl_socket_add_membership(sl->sock, number);
	if (err < 0)
		return sluice_fail_nl(sl, err, what);
	return 0;
}

int sluice_event_join(struct sluice *sl)
{
	return sluice_group_join(sl, SLUICE_MCGRP_EVENTS);
}

int sluice_event_fd(const struct sluice *sl)
{
	return nl_socket_get_fd(sl->sock);
}

static const struct sluice_object *kind_of(uint8_t cmd)
{
	switch (cmd) {
	case SLUICE_CMD_SERVICE_NTF:
	case SLUICE_CMD_SERVICE_DEL_NTF:
		return &sluice_service_object;
	case SLUICE_CMD_POOL_NTF:
	case SLUICE_CMD_POOL_DEL_NTF:
		return &sluice_pool_object;
	case SLUICE_CMD_SERVER_NTF:
	case SLUICE_CMD_SERVER_DEL_NTF:
		return &sluice_server_object;
	case SLUICE_CMD_ROUTE_NTF:
	case SLUICE_CMD_ROUTE_DEL_NTF:
		return &sluice_route_object;
	case SLUICE_CMD_SETTINGS_NTF:
		return &sluice_settings_object;
	default:
		return NULL;
	}
}

static int on_event(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	const struct genlmsghdr *genl = nlmsg_data(hdr);
	struct receiver *receiver = arg;
	struct sluice_event event = { 0 };
	const struct sluice_object *kind;

	if (receiver->result)
		return NL_SKIP;
	event.cmd = genl->cmd;
	kind = kind_of(event.cmd);
	if (!kind)
		return NL_SKIP;
	/* All members of the union begin where it does. */
	receiver->result =
		sluice_msg_parse(receiver->sl, hdr, kind, &event.service);
	if (!receiver->result) {
		receiver->result = receiver->fn(&event, receiver->arg);
		if (kind->release)
			kind->release(&event.service);
	}
	return receiver->result ? NL_STOP : NL_OK;
}

/* Events answer no request, so their sequence numbers say nothing. */
static int any_sequence(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	return NL_OK;
}

static int on_message(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	const struct group *group = arg;

	if (hdr->nlmsg_type != group->family || !genlmsg_valid_hdr(hdr, 0))
		return NL_SKIP;
	return group->fn(msg, group->arg);
}

int sluice_group_wait(struct sluice *sl,
		      int (*fn)(struct nl_msg *msg, void *arg), void *arg)
{
	struct group group = { .family = sl->family, .fn = fn, .arg = arg };
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int err;

	if (!cb)
		return sluice_fail(sl, ENOMEM, "out of memory");
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_message, &group);
	nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, any_sequence, NULL);
	errno = 0;
	err = nl_recvmsgs(sl->sock, cb);
	nl_cb_put(cb);
	/* libnl has one number for "no memory" and "messages were lost". */
	if (err < 0 && errno == ENOBUFS)
		return sluice_fail(sl, ENOBUFS, "events were lost");
	if (err < 0)
		return sluice_fail_nl(sl, err, "netlink");
	return 0;
}

int sluice_event_wait(struct sluice *sl, sluice_event_fn fn, void *arg)
{
	struct receiver receiver = { .sl = sl, .fn = fn, .arg = arg };
	int err = sluice_group_wait(sl, on_event, &receiver);

	return receiver.result ? receiver.result : err;
}
