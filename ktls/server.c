// SPDX-License-Identifier: GPL-2.0
/* Connections of a client to servers. */

#include <linux/in6.h>
#include <linux/unaligned.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <net/sock.h>

#include "run.h"
#include "server.h"
#include "../kmod/compat.h"
#include "../kmod/relay.h"
#include "../kmod/server.h"

static bool is_sound(const struct sluice_relay_server *s)
{
	const struct sock *sk = s->end.sock->sk;

	return s->connected && !s->end.eof && !READ_ONCE(sk->sk_err) &&
	       !(READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN) &&
	       skb_queue_empty_lockless(&sk->sk_receive_queue) &&
	       !sluice_end_unused(&s->end);
}

/**
 * sluice_relay_server_close() - let go of a server
 * @relay: the client
 * @s: its connection
 * @reset: tell the server that something went wrong
 */
void sluice_relay_server_close(struct sluice_relay *relay,
			       struct sluice_relay_server *s, bool reset)
{
	if (relay->exchange && relay->exchange->server == s) {
		sluice_exchange_uncount(relay);
		relay->exchange->server = NULL;
	}
	list_del(&s->list);
	relay->server_count--;
	sluice_end_close(&s->end, reset);
	sluice_server_put(s->server);
	kfree(s);
}

/**
 * sluice_relay_servers_close() - let go of all servers
 * @relay: the client
 *
 * One that is in use is reset.
 */
void sluice_relay_servers_close(struct sluice_relay *relay)
{
	struct sluice_relay_server *s, *next;

	list_for_each_entry_safe(s, next, &relay->servers, list)
		sluice_relay_server_close(relay, s,
					  relay->exchange &&
						  relay->exchange->server == s);
}

/**
 * sluice_relay_servers_check() - let go of servers that have ended
 * @relay: the client, without a request
 */
void sluice_relay_servers_check(struct sluice_relay *relay)
{
	struct sluice_relay_server *s, *next;

	list_for_each_entry_safe(s, next, &relay->servers, list)
		if (!is_sound(s))
			sluice_relay_server_close(relay, s, false);
}

/**
 * sluice_relay_servers_leave() - let go of servers that connections have to leave
 * @relay: the client
 *
 * Return: whether the one that has its request is among them.
 */
bool sluice_relay_servers_leave(struct sluice_relay *relay)
{
	struct sluice_relay_server *s, *next;
	bool used = false;

	list_for_each_entry_safe(s, next, &relay->servers, list) {
		if (!sluice_relay_leaves(s->server))
			continue;
		if (relay->exchange && relay->exchange->server == s)
			used = true;
		else
			sluice_relay_server_close(relay, s, true);
	}
	return used;
}

static int begin(struct sluice_relay_server *s, struct net *net)
{
	struct sockaddr_storage to = {};
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&to;
	struct sockaddr_in *in = (struct sockaddr_in *)&to;
	int length = sizeof(*in), err;
	struct socket *sock;

	err = sock_create_kern(net, s->family, SOCK_STREAM, IPPROTO_TCP, &sock);
	if (err)
		return err;
	/* It is closed like any other: its last bytes are repeated, if need be. */
	sk_net_refcnt_upgrade(sock->sk);
	tcp_sock_set_nodelay(sock->sk);
	sluice_relay_tally(s->end.relay, SLUICE_RELAY_COUNT_CONNECTS);
	to.ss_family = s->family;
	if (s->family == AF_INET) {
		in->sin_addr.s_addr = s->server->addr.ip;
		in->sin_port = s->server->port;
	} else {
		length = sizeof(*in6);
		in6->sin6_addr = s->server->addr.in6;
		in6->sin6_port = s->server->port;
	}
	sluice_end_attach(&s->end, sock, NULL);
	err = kernel_connect(sock, (SLUICE_SOCKADDR *)&to, length, O_NONBLOCK);
	return err == -EINPROGRESS ? 0 : err;
}

/**
 * sluice_relay_server_use() - a connection to a server
 * @relay: the client
 * @way: whom to, of SLUICE_RELAY_SERVER; the reference is taken over
 *
 * One that the client has already is used again. Otherwise the server is sent a SYN.
 *
 * Return: the connection, or ERR_PTR(): -ENOMEM, or why there is no way to the server.
 */
struct sluice_relay_server *
sluice_relay_server_use(struct sluice_relay *relay,
			const struct sluice_relay_way *way)
{
	struct sluice_relay_server *s, *last = NULL;
	int err;

	list_for_each_entry(s, &relay->servers, list) {
		last = s;
		if (s->server != way->server || !is_sound(s))
			continue;
		list_move(&s->list, &relay->servers);
		sluice_server_put(way->server);
		return s;
	}
	if (relay->server_count == SLUICE_RELAY_SERVERS_MAX)
		sluice_relay_server_close(relay, last, false);

	s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);
	if (!s) {
		sluice_server_put(way->server);
		return ERR_PTR(-ENOMEM);
	}
	sluice_end_init(&s->end, relay);
	s->server = way->server;
	s->family = way->family;
	s->proxy_protocol = way->proxy_protocol;
	list_add(&s->list, &relay->servers);
	relay->server_count++;
	err = begin(s, relay->rn->net);
	if (err) {
		sluice_relay_server_close(relay, s, true);
		return ERR_PTR(err);
	}
	return s;
}

/**
 * sluice_relay_server_connected() - has a server answered
 * @s: the connection to it
 *
 * Return: 1 if it has, 0 if it has not, or what is wrong.
 */
int sluice_relay_server_connected(struct sluice_relay_server *s)
{
	struct sock *sk = s->end.sock->sk;

	if (s->connected)
		return 1;
	switch (inet_sk_state_load(sk)) {
	case TCP_ESTABLISHED:
	case TCP_CLOSE_WAIT:
		s->connected = true;
		return 1;
	case TCP_SYN_SENT:
		return 0;
	default:
		return sock_error(sk) ?: -ECONNREFUSED;
	}
}

/**
 * sluice_relay_server_again() - connect to the same server once more
 * @relay: the client
 * @s: the connection, which has ended
 *
 * Return: 0, or why there is no way to the server.
 */
int sluice_relay_server_again(struct sluice_relay *relay,
			      struct sluice_relay_server *s)
{
	sluice_end_close(&s->end, false);
	sluice_end_init(&s->end, relay);
	s->connected = false;
	s->used = false;
	return begin(s, relay->rn->net);
}

/* The fixed part of version 2, and its first bytes. */
static const u8 proxy_signature[] = "\r\n\r\n\0\r\nQUIT\n";

/**
 * sluice_relay_server_greet() - tell a server who its client is
 * @relay: the client
 * @s: the connection, just made
 * @pieces: where the header of the PROXY protocol, version 2, is appended, if the
 *	server is to get one
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_relay_server_greet(const struct sluice_relay *relay,
			      const struct sluice_relay_server *s,
			      struct sluice_pieces *pieces)
{
	bool v4 = relay->source_family == AF_INET;
	u32 size = v4 ? 4 : 16, i = 16;
	u8 header[16 + 36];

	if (!s->proxy_protocol)
		return 0;
	/* A client that a proxy named may be of another family than the service. */
	if (relay->source_family != relay->service.family) {
		memcpy(header, proxy_signature, 12);
		header[12] = 0x20;	/* LOCAL */
		memset(header + 13, 0, 3);
		return sluice_pieces_copy(pieces, header, 16);
	}
	memcpy(header, proxy_signature, 12);
	header[12] = 0x21;
	header[13] = v4 ? 0x11 : 0x21;
	put_unaligned_be16(2 * size + 4, header + 14);
	memcpy(header + i, &relay->source, size);
	memcpy(header + i + size, &relay->service.addr, size);
	i += 2 * size;
	memcpy(header + i, &relay->source_port, 2);
	memcpy(header + i + 2, &relay->service.port, 2);
	return sluice_pieces_copy(pieces, header, i + 4);
}
