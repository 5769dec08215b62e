// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink commands about transactions: requests that a socket stages, to be carried
 * out together.
 *
 * A staged request is kept as it came and read again when it is committed, by the
 * same code that carries out one that comes by itself. So what it says is judged
 * by what the requests before it have made.
 */

#include <linux/notifier.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "gen.h"
#include "parse.h"
#include "transaction.h"

/* Attributes of a request have lower numbers. */
#define ATTRS_MAX 32

/**
 * struct staged - one request of a transaction
 * @list: in &struct transaction.requests
 * @fn: carries it out
 * @ops: says what its attributes are
 * @message: as it came, a netlink header first
 */
struct staged {
	struct list_head list;
	sluice_nl_change_fn fn;
	const struct genl_split_ops *ops;
	u8 message[] __aligned(__alignof__(struct nlmsghdr));
};

/**
 * struct transaction - what a socket has staged
 * @list: in &sluice_net.transactions
 * @sk: the socket, only to be compared; it is there at least as long as this
 * @portid: its number
 * @generation: of the namespace when it began
 * @count: length of @requests
 * @bytes: memory that @requests takes
 * @requests: in the order in which they came
 *
 * Protected by &sluice_net.lock.
 */
struct transaction {
	struct list_head list;
	const struct sock *sk;
	u32 portid;
	u64 generation;
	u32 count;
	size_t bytes;
	struct list_head requests;
};

/**
 * struct failed - the cookie that tells which request a commit failed at
 * @sequence: its sequence number
 * @offset: where in it the attribute at fault is, or 0
 *
 * No more fits a cookie of all kernels.
 */
struct failed {
	u32 sequence;
	u32 offset;
};

static const struct nlmsghdr *header(const struct staged *staged)
{
	return (const struct nlmsghdr *)staged->message;
}

static struct transaction *find(struct sluice_net *sn, struct sk_buff *skb)
{
	struct transaction *t;

	lockdep_assert_held(&sn->lock);
	list_for_each_entry(t, &sn->transactions, list)
		if (t->sk == NETLINK_CB(skb).sk)
			return t;
	return NULL;
}

static void drop(struct sluice_net *sn, struct transaction *t)
{
	struct staged *staged, *next;

	lockdep_assert_held(&sn->lock);
	list_for_each_entry_safe(staged, next, &t->requests, list) {
		kvfree(staged);
		cond_resched();
	}
	list_del(&t->list);
	WRITE_ONCE(sn->transaction_count, sn->transaction_count - 1);
	sn->transaction_bytes -= t->bytes;
	kfree(t);
}

static const struct genl_split_ops *find_ops(u8 cmd)
{
	const struct genl_split_ops *ops = sluice_nl_family.split_ops;
	unsigned int i;

	for (i = 0; i < sluice_nl_family.n_split_ops; i++)
		if (ops[i].cmd == cmd && ops[i].flags & GENL_CMD_CAP_DO)
			return &ops[i];
	return NULL;
}

static int stage(struct sluice_net *sn, struct transaction *t,
		 const struct genl_info *info, sluice_nl_change_fn fn)
{
	const struct genl_split_ops *ops = find_ops(info->genlhdr->cmd);
	size_t size = sizeof(struct staged) + info->nlhdr->nlmsg_len;
	struct staged *staged;

	if (WARN_ON_ONCE(!ops || ops->maxattr >= ATTRS_MAX))
		return -EINVAL;
	if (size > SLUICE_TRANSACTION_BYTES_MAX - sn->transaction_bytes) {
		NL_SET_ERR_MSG(info->extack,
			       "open transactions of a namespace take at most 268435456 bytes");
		return -ENOSPC;
	}
	staged = kvmalloc(size, GFP_KERNEL_ACCOUNT);
	if (!staged)
		return -ENOMEM;
	staged->fn = fn;
	staged->ops = ops;
	memcpy(staged->message, info->nlhdr, info->nlhdr->nlmsg_len);
	list_add_tail(&staged->list, &t->requests);
	t->count++;
	t->bytes += size;
	sn->transaction_bytes += size;
	return 0;
}

/**
 * sluice_nl_change() - carry out a request that changes something, or stage it
 * @skb: message
 * @info: the request
 * @fn: carries it out
 *
 * Context: &sluice_net.lock is held.
 * Return: 0 or a negative error.
 */
int sluice_nl_change(struct sk_buff *skb, struct genl_info *info,
		     sluice_nl_change_fn fn)
{
	struct sluice_net *sn = sluice_nl_net(info);
	struct transaction *t = find(sn, skb);
	int err;

	if (t)
		return stage(sn, t, info, fn);
	sluice_commit_begin(sn);
	err = fn(info);
	if (!err)
		return sluice_commit_end(sn, SLUICE_COMMIT_QUICK, info->extack);
	sluice_commit_abort(sn);
	return err;
}

static int fill_transaction(struct sk_buff *skb, struct sluice_net *sn,
			    const void *object)
{
	const struct transaction *t = object;

	return nla_put_uint(skb, SLUICE_A_TRANSACTION_GENERATION,
			    t->generation);
}

int sluice_nl_transaction_begin_doit(struct sk_buff *skb,
				     struct genl_info *info)
{
	struct nlattr *expected = info->attrs[SLUICE_A_TRANSACTION_GENERATION];
	struct sluice_net *sn = sluice_nl_net(info);
	struct transaction *t;
	int err;

	if (find(sn, skb)) {
		NL_SET_ERR_MSG(info->extack,
			       "this socket has an open transaction: commit or abort that first");
		return -EBUSY;
	}
	if (sn->transaction_count >= SLUICE_TRANSACTIONS_MAX) {
		NL_SET_ERR_MSG(info->extack,
			       "too many open transactions in this namespace");
		return -ENOSPC;
	}
	if (expected && nla_get_uint(expected) != sn->generation) {
		NL_SET_ERR_MSG_ATTR_FMT(info->extack, expected,
					"somebody else made a change: the generation is %llu now",
					sn->generation);
		return -ESTALE;
	}
	t = kzalloc(sizeof(*t), GFP_KERNEL_ACCOUNT);
	if (!t)
		return -ENOMEM;
	t->sk = NETLINK_CB(skb).sk;
	t->portid = info->snd_portid;
	t->generation = sn->generation;
	INIT_LIST_HEAD(&t->requests);
	err = sluice_nl_reply(info, fill_transaction, t);
	if (err) {
		kfree(t);
		return err;
	}
	list_add_tail(&t->list, &sn->transactions);
	WRITE_ONCE(sn->transaction_count, sn->transaction_count + 1);
	return 0;
}

static int run(const struct staged *staged, const struct genl_info *commit,
	       struct netlink_ext_ack *extack)
{
	struct nlattr *attrs[ATTRS_MAX];
	struct genl_info info = *commit;
	int err;

	err = nlmsg_parse(header(staged), GENL_HDRLEN, attrs,
			  staged->ops->maxattr, staged->ops->policy, extack);
	if (err)
		return err;
	info.snd_seq = header(staged)->nlmsg_seq;
	info.nlhdr = header(staged);
	info.genlhdr = nlmsg_data(header(staged));
	info.attrs = attrs;
	info.extack = extack;
	return staged->fn(&info);
}

/* Tell the sender of the commit what is wrong with a request before it. */
static void pass_on(struct netlink_ext_ack *to, const struct staged *staged,
		    const struct netlink_ext_ack *from)
{
	struct failed failed = { .sequence = header(staged)->nlmsg_seq };

	if (from->bad_attr)
		failed.offset = (const u8 *)from->bad_attr -
				staged->message;
	BUILD_BUG_ON(sizeof(failed) > sizeof(to->cookie));
	memcpy(to->cookie, &failed, sizeof(failed));
	to->cookie_len = sizeof(failed);
	to->_msg = from->_msg;
	if (from->_msg != from->_msg_buf)
		return;
	memcpy(to->_msg_buf, from->_msg_buf, sizeof(to->_msg_buf));
	to->_msg = to->_msg_buf;
}

static int commit(struct sluice_net *sn, const struct transaction *t,
		  const struct genl_info *info)
{
	struct netlink_ext_ack extack = {};
	const struct staged *staged;
	int err;

	sluice_commit_begin(sn);
	list_for_each_entry(staged, &t->requests, list) {
		err = run(staged, info, &extack);
		if (err) {
			pass_on(info->extack, staged, &extack);
			sluice_commit_abort(sn);
			return err;
		}
		cond_resched();
	}
	return sluice_commit_end(sn, SLUICE_COMMIT_AT_ONCE, info->extack);
}

static struct transaction *get_transaction(struct sk_buff *skb,
					   struct genl_info *info)
{
	struct transaction *t = find(sluice_nl_net(info), skb);

	if (!t)
		NL_SET_ERR_MSG(info->extack,
			       "this socket has no open transaction");
	return t;
}

static int check_commit(const struct sluice_net *sn,
			const struct transaction *t, struct genl_info *info)
{
	struct nlattr *count = info->attrs[SLUICE_A_TRANSACTION_REQUESTS];

	if (t->generation != sn->generation) {
		NL_SET_ERR_MSG(info->extack,
			       "somebody else made a change since the transaction began");
		return -ESTALE;
	}
	if (!count || nla_get_u32(count) == t->count)
		return 0;
	NL_SET_ERR_MSG_ATTR_FMT(info->extack, count,
				"%u requests are staged, others were refused",
				t->count);
	return -EINVAL;
}

int sluice_nl_transaction_commit_doit(struct sk_buff *skb,
				      struct genl_info *info)
{
	struct transaction *t = get_transaction(skb, info);
	struct sluice_net *sn = sluice_nl_net(info);
	int err;

	if (!t)
		return -ENOENT;
	err = check_commit(sn, t, info) ?: commit(sn, t, info);
	drop(sn, t);
	return err;
}

int sluice_nl_transaction_abort_doit(struct sk_buff *skb,
				     struct genl_info *info)
{
	struct transaction *t = get_transaction(skb, info);

	if (!t)
		return -ENOENT;
	drop(sluice_nl_net(info), t);
	return 0;
}

/*
 * A socket was closed. Its number may have been given to another one already,
 * which is not dead.
 */
static int socket_closed(struct notifier_block *nb, unsigned long event,
			 void *data)
{
	const struct netlink_notify *closed = data;
	struct transaction *t, *next;
	struct sluice_net *sn;

	if (event != NETLINK_URELEASE || closed->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;
	sn = sluice_net(closed->net);
	if (!READ_ONCE(sn->transaction_count))
		return NOTIFY_DONE;
	mutex_lock(&sn->lock);
	list_for_each_entry_safe(t, next, &sn->transactions, list)
		if (t->portid == closed->portid && sock_flag(t->sk, SOCK_DEAD))
			drop(sn, t);
	mutex_unlock(&sn->lock);
	return NOTIFY_DONE;
}

static struct notifier_block notifier = {
	.notifier_call = socket_closed,
};

/**
 * sluice_nl_transactions_register() - begin to notice closed sockets
 *
 * Return: 0 or a negative error.
 */
int sluice_nl_transactions_register(void)
{
	return netlink_register_notifier(&notifier);
}

/**
 * sluice_nl_transactions_unregister() - undo sluice_nl_transactions_register()
 */
void sluice_nl_transactions_unregister(void)
{
	netlink_unregister_notifier(&notifier);
}

/**
 * sluice_nl_transactions_init() - prepare a namespace for transactions
 * @sn: namespace
 */
void sluice_nl_transactions_init(struct sluice_net *sn)
{
	INIT_LIST_HEAD(&sn->transactions);
}

/**
 * sluice_nl_transactions_exit() - drop all that are open
 * @sn: namespace
 *
 * Context: &sluice_net.lock is held.
 */
void sluice_nl_transactions_exit(struct sluice_net *sn)
{
	struct transaction *t, *next;

	list_for_each_entry_safe(t, next, &sn->transactions, list)
		drop(sn, t);
}
