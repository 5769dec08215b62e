// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Transactions: requests that the module stages and carries out together. A copy of
 * each is kept, to describe the one that it refuses in the end.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "netlink.h"

/* What the cookie of a commit's extended ACK says of the request at fault. */
struct cookie {
	uint32_t sequence;
	uint32_t offset;
};

static void forget(struct sluice *sl)
{
	while (sl->staged_count > 0)
		free(sl->staged[--sl->staged_count]);
	free(sl->staged);
	sl->staged = NULL;
	sl->staged_room = 0;
	sl->in_transaction = false;
}

/**
 * sluice_transaction_end() - forget a transaction that is open
 * @sl: the handle
 */
void sluice_transaction_end(struct sluice *sl)
{
	forget(sl);
}

/**
 * sluice_transaction_keep() - keep a copy of a request that was staged
 * @sl: the handle
 * @request: the request
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_transaction_keep(struct sluice *sl, const struct nlmsghdr *request)
{
	struct nlmsghdr *copy = malloc(request->nlmsg_len);

	if (copy && sl->staged_count == sl->staged_room) {
		size_t room = sl->staged_room ? sl->staged_room * 2 : 64;
		struct nlmsghdr **staged =
			reallocarray(sl->staged, room, sizeof(*staged));

		if (staged) {
			sl->staged = staged;
			sl->staged_room = room;
		}
	}
	if (!copy || sl->staged_count == sl->staged_room) {
		free(copy);
		return sluice_fail(sl, ENOMEM, "out of memory");
	}
	memcpy(copy, request, request->nlmsg_len);
	sl->staged[sl->staged_count++] = copy;
	return 0;
}

/**
 * sluice_transaction_failed() - find the request that a commit was refused for
 * @sl: the handle
 * @tlvs: attributes of the commit's extended ACK; changed to those of the request
 * @offset: what they point to then
 *
 * Return: the request, or NULL if it was not refused for one.
 */
const struct nlmsghdr *sluice_transaction_failed(struct sluice *sl,
						 struct nlattr **tlvs,
						 struct sluice_tlv *offset)
{
	struct cookie cookie;

	if (!tlvs[NLMSGERR_ATTR_COOKIE])
		return NULL;
	memcpy(&cookie, nla_data(tlvs[NLMSGERR_ATTR_COOKIE]), sizeof(cookie));
	for (size_t i = 0; i < sl->staged_count; i++) {
		if (sl->staged[i]->nlmsg_seq != cookie.sequence)
			continue;
		sl->failed = i;
		offset->attr.nla_type = NLMSGERR_ATTR_OFFS;
		offset->attr.nla_len = sizeof(*offset);
		offset->value = cookie.offset;
		if (cookie.offset)
			tlvs[NLMSGERR_ATTR_OFFS] = &offset->attr;
		return sl->staged[i];
	}
	return NULL;
}

int sluice_transaction_begin(struct sluice *sl, const uint64_t *generation)
{
	struct nl_msg *msg =
		sluice_msg_new(sl, SLUICE_CMD_TRANSACTION_BEGIN, 0);
	int err;

	if (msg && generation &&
	    nla_put_u64(msg, SLUICE_A_TRANSACTION_GENERATION, *generation) <
		    0) {
		nlmsg_free(msg);
		msg = NULL;
	}
	err = sluice_msg_control(sl, msg);
	sl->in_transaction = !err;
	return err;
}

size_t sluice_transaction_count(const struct sluice *sl)
{
	return sl->staged_count;
}

int sluice_transaction_commit(struct sluice *sl, size_t *failed)
{
	struct nl_msg *msg =
		sluice_msg_new(sl, SLUICE_CMD_TRANSACTION_COMMIT, 0);
	int err;

	if (msg && nla_put_u32(msg, SLUICE_A_TRANSACTION_REQUESTS,
			       (uint32_t)sl->staged_count) < 0) {
		nlmsg_free(msg);
		msg = NULL;
	}
	sl->failed = SLUICE_NO_REQUEST;
	err = sluice_msg_control(sl, msg);
	*failed = sl->failed;
	if (sl->failed != SLUICE_NO_REQUEST)
		sl->repeated = err;
	forget(sl);
	return err;
}

int sluice_transaction_abort(struct sluice *sl)
{
	forget(sl);
	return sluice_msg_control(
		sl, sluice_msg_new(sl, SLUICE_CMD_TRANSACTION_ABORT, 0));
}
