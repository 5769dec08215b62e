// SPDX-License-Identifier: GPL-2.0-or-later
/* Clients of stratum relay: handed over, taken back, listed and ended. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "netlink.h"
#include "relay_names.gen.h"
#include "sluice_relay.h"

/* Attributes of a request but for the data. */
#define REQUEST_SIZE 512

/* What reads and writes a service of the family sluice does it here, too. */
_Static_assert((int)SLUICE_RELAY_A_SERVICE_PROTOCOL ==
			       (int)SLUICE_A_SERVICE_PROTOCOL &&
		       (int)SLUICE_RELAY_A_SERVICE_ADDRESS ==
			       (int)SLUICE_A_SERVICE_ADDRESS &&
		       (int)SLUICE_RELAY_A_SERVICE_PORT ==
			       (int)SLUICE_A_SERVICE_PORT,
	       "both families name a service alike");

int sluice_relay_open(struct sluice **slp)
{
	static const struct sluice_family family = {
		.name = SLUICE_RELAY_FAMILY_NAME,
		.module = "sluice_ktls",
		.version = SLUICE_RELAY_FAMILY_VERSION,
		.attr_name = sluice_relay_attr_name,
		.attr_nested = sluice_relay_attr_nested,
		.cmd_attr_set = sluice_relay_cmd_attr_set,
	};

	return sluice_open_family(slp, &family);
}

static const struct nla_policy policy[] = {
	[SLUICE_RELAY_A_CLIENT_ID] = SLUICE_UINT_POLICY,
	[SLUICE_RELAY_A_CLIENT_SERVICE] = { .type = NLA_NESTED },
	[SLUICE_RELAY_A_CLIENT_FD] = { .type = NLA_U32 },
	[SLUICE_RELAY_A_CLIENT_SOURCE] = SLUICE_ADDRESS_POLICY,
	[SLUICE_RELAY_A_CLIENT_TLS] = { .type = NLA_U8 },
	[SLUICE_RELAY_A_CLIENT_DATA] = { .maxlen = SLUICE_RELAY_DATA_MAX },
	[SLUICE_RELAY_A_CLIENT_SOURCE_PORT] = { .type = NLA_U16 },
	[SLUICE_RELAY_A_CLIENT_PHASE] = { .type = NLA_U8 },
	[SLUICE_RELAY_A_CLIENT_SERVER_ADDRESS] = SLUICE_ADDRESS_POLICY,
	[SLUICE_RELAY_A_CLIENT_SERVER_PORT] = { .type = NLA_U16 },
	[SLUICE_RELAY_A_CLIENT_REQUESTS] = SLUICE_UINT_POLICY,
	[SLUICE_RELAY_A_CLIENT_BYTES_CLIENT] = SLUICE_UINT_POLICY,
	[SLUICE_RELAY_A_CLIENT_BYTES_SERVER] = SLUICE_UINT_POLICY,
	[SLUICE_RELAY_A_CLIENT_AGE] = SLUICE_UINT_POLICY,
	[SLUICE_RELAY_A_CLIENT_WHY] = { .type = NLA_U8 },
	[SLUICE_RELAY_A_CLIENT_KEYS_PORT] = { .type = NLA_U32 },
	[SLUICE_RELAY_A_CLIENT_KEYS] = SLUICE_UINT_POLICY,
	[SLUICE_RELAY_A_CLIENT_UPDATE_REQUESTED] = { .type = NLA_U8 },
};

static int parse_id(struct nlattr *const *tb, void *object)
{
	uint64_t *id = object;

	*id = sluice_get_uint(tb[SLUICE_RELAY_A_CLIENT_ID]);
	return *id ? 0 : -EBADMSG;
}

static const struct sluice_object id_object = {
	.policy = policy,
	.max = ARRAY_SIZE(policy) - 1,
	.size = sizeof(uint64_t),
	.parse = parse_id,
};

static int put_client(struct nl_msg *msg,
		      const struct sluice_relay_client *client)
{
	if (sluice_put_service(msg, SLUICE_RELAY_A_CLIENT_SERVICE,
			       &client->service) < 0 ||
	    nla_put_s32(msg, SLUICE_RELAY_A_CLIENT_FD, client->fd) < 0 ||
	    sluice_put_address(msg, SLUICE_RELAY_A_CLIENT_SOURCE,
			       &client->source) < 0 ||
	    nla_put_u8(msg, SLUICE_RELAY_A_CLIENT_TLS, client->tls) < 0 ||
	    nla_put_u8(msg, SLUICE_RELAY_A_CLIENT_OWN, 1) < 0)
		return -NLE_NOMEM;
	if (client->keys &&
	    (nla_put_u32(msg, SLUICE_RELAY_A_CLIENT_KEYS_PORT,
			 client->keys_port) < 0 ||
	     nla_put_u64(msg, SLUICE_RELAY_A_CLIENT_KEYS, client->keys) < 0))
		return -NLE_NOMEM;
	if (!client->length)
		return 0;
	return nla_put(msg, SLUICE_RELAY_A_CLIENT_DATA, (int)client->length,
		       client->data);
}

int sluice_relay_hand(struct sluice *sl,
		      const struct sluice_relay_client *client, uint64_t *id)
{
	struct nl_msg *msg;
	int err;

	/* What does not fit a message at all the kernel cannot refuse. */
	if (client->length > SLUICE_RELAY_DATA_MAX)
		return sluice_fail(
			sl, EMSGSIZE,
			"%zu bytes were read of the client, the kernel takes %d at most",
			client->length, SLUICE_RELAY_DATA_MAX);
	msg = sluice_msg_new_sized(sl, SLUICE_RELAY_CMD_CLIENT_HAND,
				   REQUEST_SIZE + client->length);
	if (msg && put_client(msg, client) < 0) {
		nlmsg_free(msg);
		msg = NULL;
	}
	sl->lost = false;
	err = sluice_msg_get(sl, msg, &id_object, id);
	/* Only who is refused still has the descriptor. */
	return err == -EBADMSG || sl->lost ? -ENOTRECOVERABLE : err;
}

static struct nl_msg *id_msg(struct sluice *sl, uint8_t cmd, uint64_t id)
{
	struct nl_msg *msg = sluice_msg_new(sl, cmd, 0);

	if (msg && nla_put_u64(msg, SLUICE_RELAY_A_CLIENT_ID, id) < 0) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

/*
 * A client that is taken back, with room for all that it may have sent: when the
 * kernel has given it away nothing may fail any more.
 */
struct taken {
	uint8_t data[SLUICE_RELAY_DATA_MAX];
	struct sluice_relay_client client;
};

static int parse_taken(struct nlattr *const *tb, void *object)
{
	const struct nlattr *data = tb[SLUICE_RELAY_A_CLIENT_DATA];
	struct taken *taken = object;
	struct sluice_relay_client *client = &taken->client;

	client->fd = -1;
	if (tb[SLUICE_RELAY_A_CLIENT_FD])
		client->fd = nla_get_s32(tb[SLUICE_RELAY_A_CLIENT_FD]);
	client->tls = sluice_get_u8(tb[SLUICE_RELAY_A_CLIENT_TLS]);
	if (data) {
		client->length = (size_t)nla_len(data);
		memcpy(taken->data, nla_data(data), client->length);
	}
	if (client->fd < 0 ||
	    sluice_get_service(&client->service,
			       tb[SLUICE_RELAY_A_CLIENT_SERVICE]) < 0 ||
	    sluice_get_address(&client->source,
			       tb[SLUICE_RELAY_A_CLIENT_SOURCE]) < 0)
		return -EBADMSG;
	return 0;
}

static const struct sluice_object taken_object = {
	.policy = policy,
	.max = ARRAY_SIZE(policy) - 1,
	.size = sizeof(struct taken),
	.parse = parse_taken,
};

int sluice_relay_take(struct sluice *sl, uint64_t id,
		      struct sluice_relay_client *client)
{
	struct taken *taken = malloc(sizeof(*taken));
	int err;

	if (!taken)
		return sluice_fail(sl, ENOMEM, "out of memory");
	taken->client.fd = -1;
	err = sluice_msg_get(sl, id_msg(sl, SLUICE_RELAY_CMD_CLIENT_TAKE, id),
			     &taken_object, taken);
	if (err) {
		/* Of an answer that was not understood. */
		if (taken->client.fd >= 0)
			close(taken->client.fd);
		free(taken);
		return err;
	}
	*client = taken->client;
	if (client->length) {
		void *data = realloc(taken, client->length);

		client->data = data ? data : taken->data;
	} else {
		free(taken);
		client->data = NULL;
	}
	return 0;
}

int sluice_relay_kill(struct sluice *sl, uint64_t id)
{
	return sluice_msg_do(sl, id_msg(sl, SLUICE_RELAY_CMD_CLIENT_DEL, id));
}

static int parse_lent(struct nlattr *const *tb, void *object)
{
	int *fd = object;

	*fd = -1;
	if (tb[SLUICE_RELAY_A_CLIENT_FD])
		*fd = nla_get_s32(tb[SLUICE_RELAY_A_CLIENT_FD]);
	return *fd < 0 ? -EBADMSG : 0;
}

static const struct sluice_object lent_object = {
	.policy = policy,
	.max = ARRAY_SIZE(policy) - 1,
	.size = sizeof(int),
	.parse = parse_lent,
};

int sluice_relay_lend(struct sluice *sl, uint64_t id, int *fd)
{
	return sluice_msg_get(sl, id_msg(sl, SLUICE_RELAY_CMD_CLIENT_LEND, id),
			      &lent_object, fd);
}

int sluice_relay_rekey(struct sluice *sl, uint64_t id, bool set)
{
	struct nl_msg *msg = id_msg(sl, SLUICE_RELAY_CMD_CLIENT_REKEY, id);

	if (msg && nla_put_u8(msg, SLUICE_RELAY_A_CLIENT_REKEYED, set) < 0) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return sluice_msg_do(sl, msg);
}

static int parse_info(struct nlattr *const *tb, void *object)
{
	struct sluice_relay_info *info = object;

	info->id = sluice_get_uint(tb[SLUICE_RELAY_A_CLIENT_ID]);
	info->source.port =
		sluice_get_port(tb[SLUICE_RELAY_A_CLIENT_SOURCE_PORT]);
	info->tls = sluice_get_u8(tb[SLUICE_RELAY_A_CLIENT_TLS]);
	info->phase = sluice_get_u8(tb[SLUICE_RELAY_A_CLIENT_PHASE]);
	info->server.port =
		sluice_get_port(tb[SLUICE_RELAY_A_CLIENT_SERVER_PORT]);
	info->requests = sluice_get_uint(tb[SLUICE_RELAY_A_CLIENT_REQUESTS]);
	info->bytes_client =
		sluice_get_uint(tb[SLUICE_RELAY_A_CLIENT_BYTES_CLIENT]);
	info->bytes_server =
		sluice_get_uint(tb[SLUICE_RELAY_A_CLIENT_BYTES_SERVER]);
	info->age = sluice_get_uint(tb[SLUICE_RELAY_A_CLIENT_AGE]);
	if (sluice_get_service(&info->service,
			       tb[SLUICE_RELAY_A_CLIENT_SERVICE]) < 0 ||
	    sluice_get_address(&info->source.address,
			       tb[SLUICE_RELAY_A_CLIENT_SOURCE]) < 0 ||
	    sluice_get_address(&info->server.address,
			       tb[SLUICE_RELAY_A_CLIENT_SERVER_ADDRESS]) < 0)
		return -EBADMSG;
	return 0;
}

static const struct sluice_object info_object = {
	.policy = policy,
	.max = ARRAY_SIZE(policy) - 1,
	.size = sizeof(struct sluice_relay_info),
	.parse = parse_info,
};

struct consumer {
	sluice_relay_client_fn fn;
	void *arg;
};

static int pass_on(void *object, void *arg)
{
	const struct consumer *consumer = arg;

	return consumer->fn(object, consumer->arg);
}

static int put_filter(struct nl_msg *msg, const struct sluice_service_key *of,
		      int phase)
{
	if (of &&
	    sluice_put_service(msg, SLUICE_RELAY_A_CLIENT_SERVICE, of) < 0)
		return -NLE_NOMEM;
	if (phase < 0)
		return 0;
	return nla_put_u8(msg, SLUICE_RELAY_A_CLIENT_PHASE, (uint8_t)phase);
}

int sluice_relay_client_dump(struct sluice *sl,
			     const struct sluice_service_key *of, int phase,
			     sluice_relay_client_fn fn, void *arg)
{
	struct consumer consumer = { fn, arg };
	struct nl_msg *msg =
		sluice_msg_new(sl, SLUICE_RELAY_CMD_CLIENT_GET, NLM_F_DUMP);

	if (msg && put_filter(msg, of, phase) < 0) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return sluice_msg_dump(sl, msg, &info_object, pass_on, &consumer);
}

static int parse_event(struct nlattr *const *tb, void *object)
{
	struct sluice_relay_event *event = object;

	event->id = sluice_get_uint(tb[SLUICE_RELAY_A_CLIENT_ID]);
	event->why = sluice_get_u8(tb[SLUICE_RELAY_A_CLIENT_WHY]);
	event->keys = sluice_get_uint(tb[SLUICE_RELAY_A_CLIENT_KEYS]);
	event->update_requested =
		sluice_get_u8(tb[SLUICE_RELAY_A_CLIENT_UPDATE_REQUESTED]);
	if (!tb[SLUICE_RELAY_A_CLIENT_SERVICE])
		return 0;
	return sluice_get_service(&event->service,
				  tb[SLUICE_RELAY_A_CLIENT_SERVICE]);
}

static const struct sluice_object event_object = {
	.policy = policy,
	.max = ARRAY_SIZE(policy) - 1,
	.size = sizeof(struct sluice_relay_event),
	.parse = parse_event,
};

struct receiver {
	struct sluice *sl;
	sluice_relay_event_fn fn;
	void *arg;
	int result;
};

static bool is_event(uint8_t cmd)
{
	return cmd == SLUICE_RELAY_CMD_CLIENT_BACK ||
	       cmd == SLUICE_RELAY_CMD_CLIENT_KEY_UPDATE ||
	       cmd == SLUICE_RELAY_CMD_CLIENT_GONE;
}

static int on_event(struct nl_msg *msg, void *arg)
{
	const struct genlmsghdr *genl = nlmsg_data(nlmsg_hdr(msg));
	struct receiver *receiver = arg;
	struct sluice_relay_event event;

	if (receiver->result || !is_event(genl->cmd))
		return NL_SKIP;
	receiver->result = sluice_msg_parse(receiver->sl, nlmsg_hdr(msg),
					    &event_object, &event);
	event.cmd = genl->cmd;
	if (!receiver->result)
		receiver->result = receiver->fn(&event, receiver->arg);
	return receiver->result ? NL_STOP : NL_OK;
}

int sluice_relay_join(struct sluice *sl)
{
	return sluice_group_join(sl, SLUICE_RELAY_MCGRP_BACK);
}

uint32_t sluice_relay_port(const struct sluice *sl)
{
	return nl_socket_get_local_port(sl->sock);
}

int sluice_relay_wait(struct sluice *sl, sluice_relay_event_fn fn, void *arg)
{
	struct receiver receiver = { .sl = sl, .fn = fn, .arg = arg };
	int err = sluice_group_wait(sl, on_event, &receiver);

	return receiver.result ? receiver.result : err;
}
