// SPDX-License-Identifier: GPL-2.0-or-later
/* Handles, and the exchange of requests and replies. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/genl/ctrl.h>

#include "names.gen.h"
#include "netlink.h"

/* The kernel fills buffers of up to this size when it dumps. */
#define RECEIVE_SIZE 32768

/* No object has an attribute of a higher number. */
#define ATTRS_MAX 31

/* A listing that changes interrupted is started over this many times. */
#define LIST_TRIES 10

/* One request and what has been seen of its answer. */
struct exchange {
	struct sluice *sl;
	struct nl_msg *request;
	const struct sluice_object *kind;
	void *object;
	int (*fn)(void *object, void *arg);
	void *arg;
	bool staged;
	bool answered;
	bool done;
	bool interrupted;
	int result;
};

static int open_socket(struct sluice *sl)
{
	int one = 1;
	int err;
	int fd;

	err = genl_connect(sl->sock);
	if (err < 0)
		return sluice_fail_nl(sl, err, "generic netlink");
	fd = nl_socket_get_fd(sl->sock);
	if (setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one,
		       sizeof(one)))
		return sluice_fail(sl, errno, "netlink socket options: %s",
				   strerror(errno));
	/* Known large enough: no need to ask for the size of each message. */
	nl_socket_disable_msg_peek(sl->sock);
	if (nl_socket_set_msg_buf_size(sl->sock, RECEIVE_SIZE) < 0)
		return sluice_fail(sl, ENOMEM, "out of memory");

	/* This makes the kernel load the module where it may. */
	sl->family = genl_ctrl_resolve(sl->sock, sl->of->name);
	if (sl->family == -NLE_OBJ_NOTFOUND)
		return sluice_fail(
			sl, ENOENT,
			"the %s module is not loaded: run \"modprobe %s\"",
			sl->of->module, sl->of->module);
	if (sl->family < 0)
		return sluice_fail_nl(sl, sl->family, "generic netlink family");
	return 0;
}

int sluice_open_family(struct sluice **slp, const struct sluice_family *family)
{
	struct sluice *sl = calloc(1, sizeof(*sl));

	*slp = sl;
	if (!sl)
		return -ENOMEM;
	sl->of = family;
	sl->sock = nl_socket_alloc();
	if (!sl->sock)
		return sluice_fail(sl, ENOMEM, "out of memory");
	return open_socket(sl);
}

const struct sluice_family sluice_main_family = {
	.name = SLUICE_FAMILY_NAME,
	.module = "sluice",
	.version = SLUICE_FAMILY_VERSION,
	.attr_name = sluice_attr_name,
	.attr_nested = sluice_attr_nested,
	.cmd_attr_set = sluice_cmd_attr_set,
};

int sluice_open(struct sluice **slp)
{
	return sluice_open_family(slp, &sluice_main_family);
}

void sluice_close(struct sluice *sl)
{
	if (!sl)
		return;
	sluice_transaction_end(sl);
	nl_socket_free(sl->sock);
	free(sl);
}

/* Put the headers in. */
static struct nl_msg *begin(struct sluice *sl, struct nl_msg *msg, uint8_t cmd,
			    int flags)
{
	if (msg && !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, sl->family, 0,
				flags, cmd, sl->of->version)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

struct nl_msg *sluice_msg_new(struct sluice *sl, uint8_t cmd, int flags)
{
	return begin(sl, nlmsg_alloc(), cmd, flags);
}

/**
 * sluice_msg_new_sized() - begin a request that may be longer than a page
 * @sl: the handle
 * @cmd: the command
 * @size: bytes that it may have
 *
 * Return: the message, NULL if out of memory.
 */
struct nl_msg *sluice_msg_new_sized(struct sluice *sl, uint8_t cmd, size_t size)
{
	return begin(sl, nlmsg_alloc_size(size), cmd, 0);
}

/**
 * sluice_msg_parse() - read one reply or notification
 * @sl: the handle
 * @hdr: the message
 * @kind: how it is read
 * @object: filled in
 *
 * Return: 0, -EBADMSG or -ENOMEM.
 */
int sluice_msg_parse(struct sluice *sl, struct nlmsghdr *hdr,
		     const struct sluice_object *kind, void *object)
{
	/* What has no policy is as if it were not there. */
	struct nlattr *tb[ATTRS_MAX + 1] = { 0 };
	struct nlattr *attr;
	int err = 0;
	int left;

	memset(object, 0, kind->size);
	if (kind->parse_all)
		err = kind->parse_all(nlmsg_attrdata(hdr, GENL_HDRLEN),
				      nlmsg_attrlen(hdr, GENL_HDRLEN), object);
	else if (genlmsg_parse(hdr, 0, tb, kind->max, kind->policy) < 0 ||
		 kind->parse(tb, object) < 0)
		err = -EBADMSG;
	if (err == -ENOMEM)
		return sluice_fail(sl, ENOMEM, "out of memory");
	if (err)
		return sluice_fail(
			sl, EBADMSG,
			"the module's answer is malformed: module and tools do not belong together");
	if (!kind->parse_each)
		return 0;
	nlmsg_for_each_attr(attr, hdr, GENL_HDRLEN, left)
		kind->parse_each(attr, object);
	return 0;
}

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct exchange *x = arg;

	if (x->result || !x->kind)
		return NL_SKIP;
	x->result = sluice_msg_parse(x->sl, nlmsg_hdr(msg), x->kind, x->object);
	x->answered = true;
	if (!x->result && x->fn)
		x->result = x->fn(x->object, x->arg);
	if (x->result && x->fn) {
		x->done = true;
		return NL_STOP;
	}
	return NL_OK;
}

/* Describe an error whose extended ACK is the @length bytes at @tlvs. */
static void fail(struct exchange *x, int error, void *tlvs, int length)
{
	static const struct nla_policy policy[NLMSGERR_ATTR_MAX + 1] = {
		[NLMSGERR_ATTR_MSG] = { .type = NLA_STRING },
		[NLMSGERR_ATTR_OFFS] = { .type = NLA_U32 },
		[NLMSGERR_ATTR_COOKIE] = { .minlen = 8 },
		[NLMSGERR_ATTR_POLICY] = { .type = NLA_NESTED },
		[NLMSGERR_ATTR_MISS_TYPE] = { .type = NLA_U32 },
		[NLMSGERR_ATTR_MISS_NEST] = { .type = NLA_U32 },
	};
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1] = { 0 };
	const struct nlmsghdr *request;
	struct sluice_tlv offset;

	if (length > 0 &&
	    nla_parse(tb, NLMSGERR_ATTR_MAX, tlvs, length, policy) < 0)
		memset(tb, 0, sizeof(tb));
	request = sluice_transaction_failed(x->sl, tb, &offset);
	if (!request)
		request = nlmsg_hdr(x->request);
	x->result = sluice_fail_kernel(x->sl, error, request, tb);
	x->done = true;
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *err, void *arg)
{
	struct nlmsghdr *hdr = (struct nlmsghdr *)((char *)err - NLMSG_HDRLEN);
	size_t skip = sizeof(*err);
	size_t length = 0;

	(void)from;
	/* The request is repeated after its header unless this flag is set. */
	if (!(hdr->nlmsg_flags & NLM_F_CAPPED))
		skip += NLMSG_ALIGN(err->msg.nlmsg_len) - NLMSG_HDRLEN;
	if ((hdr->nlmsg_flags & NLM_F_ACK_TLVS) &&
	    hdr->nlmsg_len > NLMSG_HDRLEN + skip)
		length = hdr->nlmsg_len - NLMSG_HDRLEN - skip;
	fail(arg, -err->error, (char *)err + skip, (int)length);
	return NL_STOP;
}

/* A dump that fails on the way says so in its last message. */
static int on_finish(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct exchange *x = arg;
	int error = 0;

	if (nlmsg_datalen(hdr) >= (int)sizeof(error))
		memcpy(&error, nlmsg_data(hdr), sizeof(error));
	if (error < 0 && !x->result)
		fail(x, -error, (char *)nlmsg_data(hdr) + sizeof(error),
		     (hdr->nlmsg_flags & NLM_F_ACK_TLVS) ?
			     nlmsg_datalen(hdr) - (int)sizeof(error) :
			     0);
	x->done = true;
	return NL_OK;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct exchange *x = arg;

	(void)msg;
	x->done = true;
	return NL_STOP;
}

static int on_interrupted(struct nl_msg *msg, void *arg)
{
	struct exchange *x = arg;

	(void)msg;
	x->interrupted = true;
	return NL_OK;
}

static void receive(struct exchange *x, struct nl_cb *cb)
{
	int err;

	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, x);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, x);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, x);
	nl_cb_set(cb, NL_CB_DUMP_INTR, NL_CB_CUSTOM, on_interrupted, x);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, x);
	while (!x->done) {
		err = nl_recvmsgs(x->sl->sock, cb);
		if (err < 0 && !x->done) {
			x->result = sluice_fail_nl(x->sl, err, "netlink");
			x->sl->lost = true;
			return;
		}
	}
}

/* Send the request, take its answer, free it. Return: 0 or an error. */
static int run(struct exchange *x)
{
	struct nl_cb *cb;
	int err;

	if (!x->request)
		return sluice_fail(x->sl, ENOMEM, "out of memory");
	cb = nl_cb_alloc(NL_CB_DEFAULT);
	if (!cb) {
		nlmsg_free(x->request);
		return sluice_fail(x->sl, ENOMEM, "out of memory");
	}
	err = nl_send_auto(x->sl->sock, x->request);
	if (err < 0)
		x->result = sluice_fail_nl(x->sl, err, "netlink");
	else
		receive(x, cb);
	nl_cb_put(cb);
	if (x->staged && !x->result)
		x->result =
			sluice_transaction_keep(x->sl, nlmsg_hdr(x->request));
	nlmsg_free(x->request);
	return x->result;
}

/**
 * sluice_msg_do() - a request that changes something, and is only acknowledged
 * @sl: the handle
 * @msg: the request
 *
 * Return: 0 or a negative errno value.
 */
int sluice_msg_do(struct sluice *sl, struct nl_msg *msg)
{
	struct exchange x = { .sl = sl,
			      .request = msg,
			      .staged = sl->in_transaction };
	int repeated = sl->repeated;

	sl->repeated = 0;
	if (!repeated)
		return run(&x);
	nlmsg_free(msg);
	return repeated;
}

/**
 * sluice_msg_control() - a request about a transaction, which is never staged
 * @sl: the handle
 * @msg: the request
 *
 * Return: 0 or a negative errno value.
 */
int sluice_msg_control(struct sluice *sl, struct nl_msg *msg)
{
	struct exchange x = { .sl = sl, .request = msg };

	sl->repeated = 0;
	return run(&x);
}

/**
 * sluice_msg_get() - a request that is answered with one object
 * @sl: the handle
 * @msg: the request
 * @kind: how the answer is read
 * @object: filled in
 *
 * Return: 0 or a negative errno value.
 */
int sluice_msg_get(struct sluice *sl, struct nl_msg *msg,
		   const struct sluice_object *kind, void *object)
{
	struct exchange x = {
		.sl = sl, .request = msg, .kind = kind, .object = object
	};
	int err = run(&x);

	if (!err && !x.answered)
		return sluice_fail(sl, EBADMSG, "the module gave no answer");
	return err;
}

/**
 * sluice_msg_dump() - a request that is answered with many objects
 * @sl: the handle
 * @msg: the request
 * @kind: how the answers are read
 * @fn: called for each; what is not 0 ends the dump
 * @arg: passed to @fn
 *
 * Return: 0, what @fn returned, -EINTR if changes meanwhile can have made the
 * answer incomplete, or another negative errno value.
 */
int sluice_msg_dump(struct sluice *sl, struct nl_msg *msg,
		    const struct sluice_object *kind,
		    int (*fn)(void *object, void *arg), void *arg)
{
	struct exchange x = {
		.sl = sl, .request = msg, .kind = kind, .fn = fn, .arg = arg
	};
	int err;

	x.object = malloc(kind->size);
	if (!x.object) {
		nlmsg_free(msg);
		return sluice_fail(sl, ENOMEM, "out of memory");
	}
	err = run(&x);
	free(x.object);
	if (!err && x.interrupted)
		return sluice_fail(
			sl, EINTR,
			"the table changed while it was listed: try again");
	return err;
}

struct collection {
	const struct sluice_object *kind;
	size_t count;
	size_t room;
	char *items;
};

static void release(const struct sluice_object *kind, void *object)
{
	if (kind->release)
		kind->release(object);
}

static int collect(void *object, void *arg)
{
	struct collection *c = arg;

	if (c->count == c->room) {
		size_t room = c->room ? c->room * 2 : 64;
		char *items = reallocarray(c->items, room, c->kind->size);

		if (!items) {
			release(c->kind, object);
			return -ENOMEM;
		}
		c->items = items;
		c->room = room;
	}
	memcpy(c->items + c->count++ * c->kind->size, object, c->kind->size);
	return 0;
}

static void empty(struct collection *c)
{
	while (c->count > 0)
		release(c->kind, c->items + --c->count * c->kind->size);
}

int sluice_msg_list(struct sluice *sl,
		    struct nl_msg *(*build)(struct sluice *sl, const void *arg),
		    const void *build_arg, const struct sluice_object *kind,
		    void **list, size_t *count)
{
	struct collection c = { .kind = kind };
	int err = -EINTR;

	for (int try = 0; try < LIST_TRIES && err == -EINTR; try++) {
		empty(&c);
		err = sluice_msg_dump(sl, build(sl, build_arg), kind, collect,
				      &c);
	}
	if (err == -ENOMEM)
		sluice_fail(sl, ENOMEM, "out of memory");
	if (err) {
		empty(&c);
		free(c.items);
		c.items = NULL;
	}
	*list = c.items;
	*count = c.count;
	return err;
}
