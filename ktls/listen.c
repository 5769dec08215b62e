// SPDX-License-Identifier: GPL-2.0
/* Clients of a service without TLS, accepted by the kernel itself. */

#include <linux/in6.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <net/sock.h>

#include "listen.h"
#include "run.h"
#include "../kmod/compat.h"
#include "../kmod/relay.h"

/* Clients that wait to be accepted, and that are accepted in one go. */
#define BACKLOG 4096
#define ACCEPTS_MAX 64

/* After an accept that failed for want of memory. */
#define RETRY_TIME (HZ / 10)

/**
 * struct sluice_listener - a socket that clients connect to
 * @rn: its namespace
 * @service: whose clients they are
 * @sock: the socket
 * @wait: in its wait queue
 * @work: accepts
 */
struct sluice_listener {
	struct sluice_relay_net *rn;
	struct sluice_service_key service;
	struct socket *sock;
	wait_queue_entry_t wait;
	struct delayed_work work;
};

static int wake(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key)
{
	struct sluice_listener *listener =
		container_of(wait, struct sluice_listener, wait);

	mod_delayed_work(sluice_relay_queue, &listener->work, 0);
	return 0;
}

/* One client: 0, or why there is none. */
static int accept_one(struct sluice_listener *listener)
{
	struct sluice_relay_client client = { .service = listener->service };
	struct sluice_relay_config config;
	int err;

	err = kernel_accept(listener->sock, &client.sock, O_NONBLOCK);
	if (err)
		return err;
	/*
	 * Like any other socket, it keeps its namespace until it is closed; unless that
	 * is going already.
	 */
	if (!maybe_get_net(listener->rn->net)) {
		/* Without that its FIN would wait for ever: it has no timers then. */
		sock_no_linger(client.sock->sk);
		sock_release(client.sock);
		return -ESHUTDOWN;
	}
	sk_net_refcnt_upgrade(client.sock->sk);
	put_net(listener->rn->net);
	tcp_sock_set_nodelay(client.sock->sk);
	sluice_relay_config_read(listener->rn, &listener->service, &config);
	err = sluice_relay_serves(listener->rn->net, &listener->service) ?
		      sluice_relay_add(listener->rn, &client, &config) :
		      -ENOENT;
	if (err == -ENOSPC)
		sluice_relay_refused(listener->rn->net, &listener->service,
				     SLUICE_REFUSAL_LIMIT);
	if (err) {
		sock_no_linger(client.sock->sk);
		sock_release(client.sock);
	}
	/* The next one may have more luck. */
	return 0;
}

static void work(struct work_struct *work)
{
	struct sluice_listener *listener =
		container_of(to_delayed_work(work), struct sluice_listener, work);
	int err = 0, i;

	for (i = 0; !err && i < ACCEPTS_MAX; i++)
		err = accept_one(listener);
	if (!err)
		mod_delayed_work(sluice_relay_queue, &listener->work, 0);
	else if (err == -ENOMEM || err == -ENOBUFS)
		mod_delayed_work(sluice_relay_queue, &listener->work, RETRY_TIME);
}

static int bind(struct socket *sock, const struct sluice_service_key *service)
{
	struct sockaddr_storage at = { .ss_family = service->family };
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&at;
	struct sockaddr_in *in = (struct sockaddr_in *)&at;
	int length = sizeof(*in);

	if (service->family == AF_INET) {
		in->sin_addr.s_addr = service->addr.ip;
		in->sin_port = service->port;
	} else {
		length = sizeof(*in6);
		in6->sin6_addr = service->addr.in6;
		in6->sin6_port = service->port;
	}
	return kernel_bind(sock, (SLUICE_SOCKADDR *)&at, length);
}

/**
 * sluice_listen() - accept the clients of a service
 * @rn: its namespace
 * @service: the service, whose address is one of the host
 * @extack: what is wrong
 *
 * Context: may sleep.
 * Return: the listener, to be ended by sluice_listen_end(), or ERR_PTR().
 */
struct sluice_listener *sluice_listen(struct sluice_relay_net *rn,
				      const struct sluice_service_key *service,
				      struct netlink_ext_ack *extack)
{
	struct sluice_listener *listener;
	int err;

	listener = kzalloc(sizeof(*listener), GFP_KERNEL_ACCOUNT);
	if (!listener)
		return ERR_PTR(-ENOMEM);
	listener->rn = rn;
	listener->service = *service;
	INIT_DELAYED_WORK(&listener->work, work);
	init_waitqueue_func_entry(&listener->wait, wake);
	/* Without a reference to the namespace, whose end is to close it. */
	err = sock_create_kern(rn->net, service->family, SOCK_STREAM, IPPROTO_TCP,
			       &listener->sock);
	if (err)
		goto err_listener;
	sock_set_reuseaddr(listener->sock->sk);
	err = bind(listener->sock, service);
	if (err == -EADDRINUSE)
		NL_SET_ERR_MSG(extack, "another socket listens there");
	else if (err == -EADDRNOTAVAIL)
		NL_SET_ERR_MSG(extack,
			       "the address of the service is not one of this host");
	if (err)
		goto err_sock;
	add_wait_queue(&listener->sock->wq.wait, &listener->wait);
	err = kernel_listen(listener->sock, BACKLOG);
	if (err)
		goto err_wait;
	return listener;

err_wait:
	remove_wait_queue(&listener->sock->wq.wait, &listener->wait);
	cancel_delayed_work_sync(&listener->work);
err_sock:
	sock_release(listener->sock);
err_listener:
	kfree(listener);
	return ERR_PTR(err);
}

/**
 * sluice_listen_end() - accept no more clients
 * @listener: the listener; those that it has accepted stay
 *
 * Context: may sleep.
 */
void sluice_listen_end(struct sluice_listener *listener)
{
	remove_wait_queue(&listener->sock->wq.wait, &listener->wait);
	cancel_delayed_work_sync(&listener->work);
	sock_release(listener->sock);
	kfree(listener);
}
