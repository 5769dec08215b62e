// SPDX-License-Identifier: GPL-2.0
/* Netlink commands about clients: handing sockets over and taking them back. */

#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <net/tcp.h>
#include <net/tcp_states.h>
#include <net/tls.h>

#include "../kmod/netlink/parse.h"
#include "gen.h"
#include "netlink.h"
#include "rekey.h"
#include "relay.h"
#include "room.h"

/* Attributes of a client in a message, but for its data. */
#define CLIENT_SIZE 256

/* Records are written and read by this host's processors only, in both directions. */
static const char *bad_tls(const struct sock *sk)
{
	const struct tls_context *ctx = tls_get_ctx(sk);

	if (!ctx || ctx->tx_conf != TLS_SW || ctx->rx_conf != TLS_SW)
		return "the socket has no kTLS by software in both directions";
	return NULL;
}

static const char *bad_sock(const struct sock *sk, const struct net *net,
			    bool tls)
{
	const struct tcp_ulp_ops *ulp;
	int state;

	if (sk->sk_type != SOCK_STREAM || sk->sk_protocol != IPPROTO_TCP ||
	    (sk->sk_family != AF_INET && sk->sk_family != AF_INET6))
		return "the socket is not one of TCP";
	if (!net_eq(sock_net(sk), net))
		return "the socket is of another network namespace";
	state = inet_sk_state_load(sk);
	if (state != TCP_ESTABLISHED && state != TCP_CLOSE_WAIT)
		return "the socket is not connected, or is closed in this direction";
	/* As of BPF's maps, which would read and write it, too. */
	if (READ_ONCE(sk->sk_user_data))
		return "another part of the kernel uses the socket, too";
	/* Set once, and never changed while the socket is connected. */
	ulp = READ_ONCE(inet_csk(sk)->icsk_ulp_ops);
	if (ulp && strcmp(ulp->name, "tls"))
		return "the socket has another upper layer protocol than tls";
	if (!ulp && tls)
		return "kTLS is not switched on for the socket";
	if (ulp && !tls)
		return "kTLS is switched on for the socket: say so by tls 1";
	return ulp ? bad_tls(sk) : NULL;
}

/* References to a file that only a descriptor refers to, and who has looked it up. */
#define REFS_SOLE 2

/*
 * Take a descriptor out of the table of the process that asks, if @file, which was looked
 * up by it, is open nowhere else: so that nobody but us can lock the socket any more, and
 * stay in a call with it. The number stays reserved: nobody else gets it before
 * put_unused_fd(), and fd_install() undoes it. Return: 0, -EBADF, or -EBUSY.
 *
 * Who refers to the file has a reference: other descriptors, messages on their way, threads
 * that are in a call with it, io_uring. A process of one thread calls without references,
 * but that thread is here, in a call of which no other descriptor than that of its
 * netlink socket is part. Epoll refers to a file without a reference, and only asks what
 * there is to read, which takes no lock.
 */
static int take_out(unsigned int fd, struct file *file)
{
	struct files_struct *files = current->files;
	struct fdtable *table;
	bool same;

	spin_lock(&files->file_lock);
	table = files_fdtable(files);
	/* Another thread may have put something else there. */
	same = fd < table->max_fds && rcu_access_pointer(table->fd[fd]) == file;
	if (same)
		rcu_assign_pointer(table->fd[fd], NULL);
	spin_unlock(&files->file_lock);
	if (!same)
		return -EBADF;
	/*
	 * Pairs with that of fget() between counting and looking again: whoever has found
	 * the file is counted here, or finds that it has gone.
	 */
	smp_mb();
	if (file_count(file) == REFS_SOLE)
		return 0;
	fd_install(fd, file);
	return -EBUSY;
}

/**
 * struct hand - a socket that is being handed over
 * @client: what is told of it; its file has two references, ours and the descriptor's
 * @info: the request
 * @fd: the descriptor, which is taken out of its table, but reserved
 * @msg: the reply, with room for the client's number
 * @header: of @msg
 */
struct hand {
	struct sluice_relay_client client;
	struct genl_info *info;
	int fd;
	struct sk_buff *msg;
	void *header;
};

/* The descriptor is as it was. */
static void give_back(struct hand *hand)
{
	fd_install(hand->fd, hand->client.file);
	fput(hand->client.file);
}

/* Take the file of a client's socket from who asks; give_back() undoes it. */
static int take_socket(struct hand *hand)
{
	struct netlink_ext_ack *extack = hand->info->extack;
	struct nlattr *attr = hand->info->attrs[SLUICE_RELAY_A_CLIENT_FD];
	struct sluice_relay_client *client = &hand->client;
	const char *bad;
	int err;

	if (!attr) {
		NL_SET_ERR_MSG(extack, "give the socket's file descriptor");
		return -EINVAL;
	}
	hand->fd = nla_get_s32(attr);
	client->file = fget(hand->fd);
	err = -EBADF;
	bad = "no open file descriptor of the process that asks";
	if (!client->file)
		goto err_attr;
	err = -ENOTSOCK;
	bad = "the file descriptor is not a socket";
	client->sock = sock_from_file(client->file);
	if (!client->sock || !client->sock->sk)
		goto err_file;
	err = take_out(hand->fd, client->file);
	bad = "the file descriptor was closed meanwhile";
	if (err == -EBUSY)
		bad = "the socket is open elsewhere, too: by a descriptor, a message or a call";
	if (err)
		goto err_file;
	err = -EINVAL;
	/* From here on nobody changes it. */
	bad = bad_sock(client->sock->sk, genl_info_net(hand->info), client->tls);
	if (!bad)
		return 0;
	fd_install(hand->fd, client->file);
err_file:
	fput(client->file);
err_attr:
	/* Not by NL_SET_ERR_MSG_ATTR(), which wants a literal. */
	extack->_msg = bad;
	NL_SET_BAD_ATTR(extack, attr);
	return err;
}

/* Who has the secrets that the client's next keys are made of. */
static int get_keys(struct genl_info *info, struct sluice_relay_client *client)
{
	struct nlattr *port = info->attrs[SLUICE_RELAY_A_CLIENT_KEYS_PORT];
	struct nlattr *keys = info->attrs[SLUICE_RELAY_A_CLIENT_KEYS];

	if (!port && !keys)
		return 0;
	if (!port || !keys) {
		NL_SET_ERR_MSG(info->extack, "give keys-port and keys together");
		return -EINVAL;
	}
	if (!client->tls) {
		NL_SET_ERR_MSG_ATTR(info->extack, port,
				    "a client without TLS has no keys");
		return -EINVAL;
	}
	client->keys_port = nla_get_u32(port);
	client->keys = nla_get_uint(keys);
	return 0;
}

/* All but the file. */
static int get_client(struct genl_info *info, struct sluice_relay_client *client)
{
	struct nlattr *source = info->attrs[SLUICE_RELAY_A_CLIENT_SOURCE];
	struct nlattr *data = info->attrs[SLUICE_RELAY_A_CLIENT_DATA];
	struct nlattr *tls = info->attrs[SLUICE_RELAY_A_CLIENT_TLS];
	int err;

	if (!info->attrs[SLUICE_RELAY_A_CLIENT_OWN]) {
		NL_SET_ERR_MSG(info->extack,
			       "say by own 1 that the descriptor is closed by the kernel");
		return -EINVAL;
	}
	err = sluice_relay_nl_get_served(info,
					 info->attrs[SLUICE_RELAY_A_CLIENT_SERVICE],
					 &client->service);
	if (!err && source)
		err = sluice_nl_get_address(source, &client->source,
					    &client->source_family,
					    info->extack);
	if (err)
		return err;
	client->tls = tls && nla_get_u8(tls);
	err = get_keys(info, client);
	if (err)
		return err;
	if (!data)
		return 0;
	client->data = nla_data(data);
	client->length = nla_len(data);
	if (client->length <= SLUICE_RELAY_DATA_MAX)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, data,
			    "more than 16384 bytes: serve the request elsewhere");
	return -EMSGSIZE;
}

/*
 * A reply, with its header; there is room for @size more bytes of attributes, so
 * that it can be filled when there is no way back.
 */
static struct sk_buff *begin_reply(struct genl_info *info, size_t size,
				   void **header)
{
	struct sk_buff *msg = genlmsg_new(size, GFP_KERNEL_ACCOUNT);

	if (!msg)
		return NULL;
	*header = genlmsg_iput(msg, info);
	if (*header)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

/* Send a reply that begin_reply() made; @fill_err is how filling it went. */
static int end_reply(struct genl_info *info, struct sk_buff *msg, void *header,
		     int fill_err)
{
	if (WARN_ON_ONCE(fill_err)) {
		nlmsg_free(msg);
		return fill_err;
	}
	genlmsg_end(msg, header);
	return genlmsg_reply(msg, info);
}

/*
 * The client is ours when whoever asked can read so: without room for the answer in its
 * socket nothing has changed.
 */
static int own(const struct sluice_relay_client *client, u64 id)
{
	struct hand *hand = container_of(client, struct hand, client);
	struct sk_buff *msg = hand->msg;
	int err;

	hand->msg = NULL;
	err = end_reply(hand->info, msg, hand->header,
			nla_put_uint(msg, SLUICE_RELAY_A_CLIENT_ID, id));
	if (err)
		return err;
	put_unused_fd(hand->fd);
	/* That of the descriptor. A socket has nothing to flush that we would wait for. */
	filp_close(client->file, current->files);
	return 0;
}

int sluice_relay_nl_client_hand_doit(struct sk_buff *skb,
				     struct genl_info *info)
{
	struct hand hand = { .client.own = own, .info = info };
	int err;

	err = get_client(info, &hand.client);
	if (err)
		return err;
	err = take_socket(&hand);
	if (err)
		return err;
	if (hand.client.keys_port) {
		err = sluice_rekey_can(hand.client.sock, info->extack);
		if (err)
			goto err_file;
	}
	err = -ENOMEM;
	hand.msg = begin_reply(info, CLIENT_SIZE, &hand.header);
	if (!hand.msg)
		goto err_file;
	err = sluice_relay_hand(genl_info_net(info), &hand.client, info->extack);
	if (!err)
		return 0;
	nlmsg_free(hand.msg);
err_file:
	give_back(&hand);
	return err;
}

static int get_id(const struct genl_info *info, u64 *id)
{
	struct nlattr *attr = info->attrs[SLUICE_RELAY_A_CLIENT_ID];

	if (!attr) {
		NL_SET_ERR_MSG(info->extack, "name the client by its id");
		return -EINVAL;
	}
	*id = nla_get_uint(attr);
	return 0;
}

static int refuse_id(const struct genl_info *info, int err)
{
	struct nlattr *attr = info->attrs[SLUICE_RELAY_A_CLIENT_ID];

	if (err == -ENOENT)
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "no client of this number: it ended, or was taken");
	else if (err == -EBUSY)
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "the client does not wait to be taken back");
	return err;
}

static int fill_return(struct sk_buff *msg, u64 id, int fd,
		       const struct sluice_relay_return *back)
{
	if (nla_put_uint(msg, SLUICE_RELAY_A_CLIENT_ID, id) ||
	    sluice_nl_put_service_key(msg, SLUICE_RELAY_A_CLIENT_SERVICE,
				      &back->service) ||
	    nla_put_s32(msg, SLUICE_RELAY_A_CLIENT_FD, fd) ||
	    (back->source_family &&
	     sluice_nl_put_address(msg, SLUICE_RELAY_A_CLIENT_SOURCE,
				   &back->source, back->source_family)) ||
	    nla_put_u8(msg, SLUICE_RELAY_A_CLIENT_TLS, back->tls) ||
	    (back->length && nla_put(msg, SLUICE_RELAY_A_CLIENT_DATA,
				     back->length, back->data)))
		return -EMSGSIZE;
	return 0;
}

int sluice_relay_nl_client_take_doit(struct sk_buff *skb,
				     struct genl_info *info)
{
	struct sluice_relay_return back = {};
	struct sk_buff *msg;
	void *header;
	int fd, err;
	u64 id;

	err = get_id(info, &id);
	if (err)
		return err;
	/* What can fail comes first: then the client is still there. */
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		NL_SET_ERR_MSG(info->extack,
			       "the process that asks can open no more files");
		return fd;
	}
	err = -ENOMEM;
	msg = begin_reply(info, CLIENT_SIZE + SLUICE_RELAY_DATA_MAX, &header);
	if (!msg)
		goto err_fd;
	err = sluice_relay_take(genl_info_net(info), id, &back);
	if (err) {
		refuse_id(info, err);
		goto err_msg;
	}
	err = end_reply(info, msg, header, fill_return(msg, id, fd, &back));
	sluice_room_put(&back.room);
	if (err)
		goto err_back;
	fd_install(fd, back.file);
	return 0;

err_back:
	/* Its number is known to nobody: the connection ends. */
	fput(back.file);
	put_unused_fd(fd);
	return err;
err_msg:
	nlmsg_free(msg);
err_fd:
	put_unused_fd(fd);
	return err;
}

int sluice_relay_nl_client_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err;
	u64 id;

	err = get_id(info, &id);
	if (err)
		return err;
	return refuse_id(info, sluice_relay_kill(genl_info_net(info), id));
}

static int refuse_keys(const struct genl_info *info, int err)
{
	if (err != -EBUSY)
		return refuse_id(info, err);
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[SLUICE_RELAY_A_CLIENT_ID],
			    "the client does not wait for that");
	return err;
}

int sluice_relay_nl_client_lend_doit(struct sk_buff *skb,
				     struct genl_info *info)
{
	struct sk_buff *msg;
	struct file *file;
	void *header;
	int fd, err;
	u64 id;

	err = get_id(info, &id);
	if (err)
		return err;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		NL_SET_ERR_MSG(info->extack,
			       "the process that asks can open no more files");
		return fd;
	}
	err = -ENOMEM;
	msg = begin_reply(info, CLIENT_SIZE, &header);
	if (!msg)
		goto err_fd;
	file = sluice_relay_lend(genl_info_net(info), id);
	if (IS_ERR(file)) {
		err = refuse_keys(info, PTR_ERR(file));
		goto err_msg;
	}
	err = nla_put_uint(msg, SLUICE_RELAY_A_CLIENT_ID, id) ?:
	      nla_put_s32(msg, SLUICE_RELAY_A_CLIENT_FD, fd);
	err = end_reply(info, msg, header, err);
	if (err)
		goto err_file;
	fd_install(fd, file);
	return 0;

err_file:
	/* Nobody has it, and nobody else gets it. */
	fput(file);
	put_unused_fd(fd);
	sluice_relay_rekeyed(genl_info_net(info), id, false);
	return err;
err_msg:
	nlmsg_free(msg);
err_fd:
	put_unused_fd(fd);
	return err;
}

int sluice_relay_nl_client_rekey_doit(struct sk_buff *skb,
				      struct genl_info *info)
{
	struct nlattr *rekeyed = info->attrs[SLUICE_RELAY_A_CLIENT_REKEYED];
	int err;
	u64 id;

	err = get_id(info, &id);
	if (err)
		return err;
	if (!rekeyed) {
		NL_SET_ERR_MSG(info->extack, "say by rekeyed what came of it");
		return -EINVAL;
	}
	err = sluice_relay_rekeyed(genl_info_net(info), id, nla_get_u8(rekeyed));
	return refuse_keys(info, err);
}

/**
 * struct client_dump - which clients a dump reports, in &netlink_callback.ctx
 * @last: number of the last one that it has come to
 * @service: those of this one, where its family is not 0
 * @phase: those in this one
 * @all_phases: those in every phase
 */
struct client_dump {
	u64 last;
	struct sluice_service_key service;
	u8 phase;
	bool all_phases;
};

static struct client_dump *client_dump(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct client_dump) >
		     sizeof_field(struct netlink_callback, ctx));
	return (struct client_dump *)cb->ctx;
}

/**
 * sluice_relay_nl_client_get_start() - begin a dump of clients
 * @cb: the dump
 *
 * Return: 0 or a negative error.
 */
int sluice_relay_nl_client_get_start(struct netlink_callback *cb)
{
	const struct genl_info *info = genl_info_dump(cb);
	struct nlattr *service = info->attrs[SLUICE_RELAY_A_CLIENT_SERVICE];
	struct nlattr *phase = info->attrs[SLUICE_RELAY_A_CLIENT_PHASE];
	struct client_dump *dump = client_dump(cb);

	dump->all_phases = !phase;
	if (phase)
		dump->phase = nla_get_u8(phase);
	if (!service)
		return 0;
	return sluice_relay_nl_get_service(service, &dump->service,
					   info->extack);
}

static bool is_meant(const struct client_dump *dump,
		     const struct sluice_relay_info *client)
{
	if (!dump->all_phases && client->phase != dump->phase)
		return false;
	return !dump->service.family ||
	       !memcmp(&dump->service, &client->service,
		       sizeof(dump->service));
}

static int fill_server(struct sk_buff *skb,
		       const struct sluice_relay_info *client)
{
	if (!client->server_family)
		return 0;
	if (sluice_nl_put_address(skb, SLUICE_RELAY_A_CLIENT_SERVER_ADDRESS,
				  &client->server, client->server_family))
		return -EMSGSIZE;
	return nla_put_be16(skb, SLUICE_RELAY_A_CLIENT_SERVER_PORT,
			    client->server_port);
}

static int fill_client(struct sk_buff *skb,
		       const struct sluice_relay_info *client)
{
	if (nla_put_uint(skb, SLUICE_RELAY_A_CLIENT_ID, client->id) ||
	    sluice_nl_put_service_key(skb, SLUICE_RELAY_A_CLIENT_SERVICE,
				      &client->service) ||
	    sluice_nl_put_address(skb, SLUICE_RELAY_A_CLIENT_SOURCE,
				  &client->source, client->source_family) ||
	    nla_put_be16(skb, SLUICE_RELAY_A_CLIENT_SOURCE_PORT,
			 client->source_port) ||
	    nla_put_u8(skb, SLUICE_RELAY_A_CLIENT_TLS, client->tls) ||
	    nla_put_u8(skb, SLUICE_RELAY_A_CLIENT_PHASE, client->phase) ||
	    fill_server(skb, client) ||
	    nla_put_uint(skb, SLUICE_RELAY_A_CLIENT_REQUESTS,
			 client->requests) ||
	    nla_put_uint(skb, SLUICE_RELAY_A_CLIENT_BYTES_CLIENT,
			 client->bytes_client) ||
	    nla_put_uint(skb, SLUICE_RELAY_A_CLIENT_BYTES_SERVER,
			 client->bytes_server) ||
	    nla_put_uint(skb, SLUICE_RELAY_A_CLIENT_AGE, client->age))
		return -EMSGSIZE;
	return 0;
}

int sluice_relay_nl_client_get_dumpit(struct sk_buff *skb,
				      struct netlink_callback *cb)
{
	const struct genl_info *info = genl_info_dump(cb);
	struct client_dump *dump = client_dump(cb);
	struct sluice_relay_info client;
	void *header;

	while (sluice_relay_next(genl_info_net(info), dump->last, &client)) {
		cond_resched();
		if (is_meant(dump, &client)) {
			header = __genlmsg_iput(skb, info, NLM_F_MULTI);
			if (!header)
				return -EMSGSIZE;
			if (fill_client(skb, &client)) {
				genlmsg_cancel(skb, header);
				return -EMSGSIZE;
			}
			genlmsg_end(skb, header);
		}
		dump->last = client.id;
	}
	return 0;
}
