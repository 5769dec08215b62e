// SPDX-License-Identifier: GPL-2.0-or-later
/* Events: what is changed, by whomever. */
#include <errno.h>

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

static void grow_buffer(struct sluice *sl)
{
	int fd = nl_socket_get_fd(sl->sock);
	int size = EVENT_BUFFER;

	/* The first needs a privilege; the second stops at a system limit. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

int sluice_event_join(struct sluice *sl)
{
	int group;
	int err;

	group = genl_ctrl_resolve_grp(sl->sock, SLUICE_FAMILY_NAME,
				      SLUICE_MCGRP_EVENTS);
	if (group < 0)
		return sluice_fail_nl(sl, group, "multicast group events");
	grow_buffer(sl);
	err = nl_socket_add_membership(sl->sock, group);
	if (err < 0)
		return sluice_fail_nl(sl, err, "multicast group events");
	return 0;
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

	if (hdr->nlmsg_type != receiver->sl->family || receiver->result ||
	    !genlmsg_valid_hdr(hdr, 0))
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

int sluice_event_wait(struct sluice *sl, sluice_event_fn fn, void *arg)
{
	struct receiver receiver = { .sl = sl, .fn = fn, .arg = arg };
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int err;

	if (!cb)
		return sluice_fail(sl, ENOMEM, "out of memory");
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_event, &receiver);
	nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, any_sequence, NULL);
	errno = 0;
	err = nl_recvmsgs(sl->sock, cb);
	nl_cb_put(cb);
	if (receiver.result)
		return receiver.result;
	/* libnl has one number for "no memory" and "messages were lost". */
	if (err < 0 && errno == ENOBUFS)
		return sluice_fail(sl, ENOBUFS, "events were lost");
	if (err < 0)
		return sluice_fail_nl(sl, err, "netlink");
	return 0;
}
