// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "client_relay.h"
#include "log.h"
#include "proxy.h"
#include "relay_secrets.h"
#include "stream_ktls.h"

/* Until the kernel is asked for again that did not answer. */
#define AGAIN_NS 1000000000U

static void count(const struct client *client, enum counts_relay what)
{
	counter_add(&counts_of(client->service->counts, client->worker->number)
			     ->relay[what],
		    1);
}

static int leave(struct worker *worker, int err)
{
	client_relay_exit(worker);
	worker->relay_again = loop_now(worker->loop) + AGAIN_NS;
	return err;
}

static int enter(struct worker *worker)
{
	int err;

	if (worker->relay)
		return 0;
	if (loop_now(worker->loop) < worker->relay_again)
		return -EAGAIN;
	worker->relay_keyless = false;
	err = sluice_relay_open(&worker->relay);
	if (err)
		log_warning(NULL, "stratum relay: %s",
			    worker->relay ? sluice_error(worker->relay) :
					    strerror(-err));
	return err ? leave(worker, err) : 0;
}

void client_relay_exit(struct worker *worker)
{
	sluice_close(worker->relay);
	worker->relay = NULL;
}

static bool address_of(struct sluice_endpoint *at, int fd,
		       int (*name)(int, struct sockaddr *, socklen_t *))
{
	struct sockaddr_in6 from = { .sin6_family = AF_UNSPEC };
	socklen_t size = sizeof(from);

	if (name(fd, (struct sockaddr *)(void *)&from, &size))
		return false;
	client_set_endpoint(at, &from);
	return true;
}

/* The header in front may have named another client than the one that connected. */
static void name_source(struct sluice_relay_client *to,
			const struct client *client)
{
	struct sluice_endpoint peer;

	if (client->service->config->accept_proxy_protocol &&
	    address_of(&peer, to->fd, getpeername) &&
	    sluice_endpoint_compare(&peer, &client->who.source))
		to->source = client->who.source.address;
}

/*
 * With its secrets kept for when it changes its keys, if there are any and the kernel
 * can do it: one before 6.14 cannot, and an older module does not know of it.
 */
static int hand_with(struct worker *worker, struct sluice_relay_client *to,
		     const struct traffic_secrets *secrets)
{
	struct relay_secrets *table = proxy_secrets(worker->proxy);
	uint64_t id;
	int err;

	if (secrets->cipher && !worker->relay_keyless)
		to->keys = relay_secrets_add(table, secrets, &to->keys_port);
	err = sluice_relay_hand(worker->relay, to, &id);
	if (!err || !to->keys)
		return err;
	relay_secrets_drop(table, to->keys);
	if (err != -EOPNOTSUPP && err != -EINVAL)
		return err;
	to->keys = 0;
	err = sluice_relay_hand(worker->relay, to, &id);
	worker->relay_keyless = !err;
	return err;
}

/* A child between fork and exec may have had the socket, or there was no room. */
static bool is_passing(int err)
{
	return err == -EBUSY || err == -ENOSPC;
}

static void log_kept(const struct client *client)
{
	const struct log_field about[] = {
		{ "service", client->service->config->name },
		{ NULL, NULL },
	};

	log_warning(
		about,
		"stratum relay does not take clients, stratum proxy serves them: %s",
		sluice_error(client->worker->relay));
}

/* Return: 0; -ECONNABORTED: nobody can serve it; or why it is to be served here. */
static int hand(struct client *client, const struct traffic_secrets *secrets)
{
	struct worker *worker = client->worker;
	struct sluice_relay_client to = {
		.fd = client->stream.fd.fd,
		.service.protocol = IPPROTO_TCP,
		.tls = client->stream.ktls,
	};
	int err = enter(worker);

	if (err)
		return err;
	if (!address_of(&to.service.at, to.fd, getsockname))
		return -errno;
	name_source(&to, client);
	/* The socket lives on when its descriptor is closed, so epoll would know it still. */
	loop_fd_del(worker->loop, &client->stream.fd);
	err = hand_with(worker, &to, secrets);
	/* The number is not ours any more: another thread may have got it by now. */
	if (!err || err == -ENOTRECOVERABLE)
		client->stream.fd.fd = -1;
	if (!err)
		return 0;
	log_kept(client);
	/* A module that was loaded anew is another one. */
	if (!is_passing(err))
		leave(worker, err);
	if (client->stream.fd.fd < 0 ||
	    loop_fd_add(worker->loop, &client->stream.fd, to.fd, LOOP_STREAM))
		return -ECONNABORTED;
	return err;
}

void client_relay_prepare(struct client *client)
{
	if (client->service->relay)
		stream_ktls_prepare(&client->stream);
}

bool client_relay_hand(struct client *client)
{
	struct traffic_secrets secrets = { .cipher = 0 };
	bool is_tls = client->stream.tls;
	int err = 0;

	/* What the header in front says of TLS can be told to servers from here only. */
	if (client->who.tls == is_tls && is_tls) {
		err = stream_ktls_begin(&client->stream, &secrets);
		client->who.tls_subject = NULL;
		if (err && err != -EOPNOTSUPP) {
			client_close(client);
			return true;
		}
	}
	if (client->who.tls == is_tls && !err)
		err = hand(client, &secrets);
	else
		err = -EOPNOTSUPP;
	explicit_bzero(&secrets, sizeof(secrets));
	count(client, err ? COUNTS_RELAY_KEPT : COUNTS_RELAY_HANDED);
	if (err && err != -ECONNABORTED)
		return false;
	client_close(client);
	return true;
}

void client_return_free(struct client_return *returned)
{
	if (returned->relay.fd >= 0)
		close(returned->relay.fd);
	free(returned->relay.data);
	free(returned);
}

static const struct plan_service *service_at(const struct plan *plan,
					     const struct sluice_endpoint *at)
{
	for (size_t i = 0; i < plan->service_count; i++) {
		const struct config_service *service = plan->services[i].config;

		for (size_t j = 0; j < service->addresses.count; j++)
			if (sluice_endpoint_compare(
				    &service->addresses.items[j], at) == 0)
				return &plan->services[i];
	}
	return NULL;
}

/* Whether a connection that came to the kernel so could have come to the service. */
static bool may_serve(const struct plan_service *service,
		      const struct sluice_relay_client *relay)
{
	return service && !service->tls == !relay->tls &&
	       service->config->parse == SLUICE_PARSE_HTTP &&
	       !(relay->tls && service->asks_handshake);
}

static bool take_bytes(struct client *client,
		       const struct sluice_relay_client *relay)
{
	size_t size = relay->length > BUFFER_SIZE ? relay->length : BUFFER_SIZE;

	if (!relay->length)
		return true;
	client->in = buffer_get_large(&client->worker->buffers, size);
	if (!client->in)
		return false;
	memcpy(client->in->data, relay->data, relay->length);
	client->in->end = (uint32_t)relay->length;
	return true;
}

static struct client *make(struct worker *worker,
			   const struct plan_service *service,
			   struct client_return *returned)
{
	struct sluice_relay_client *relay = &returned->relay;
	struct sluice_endpoint source, local;
	struct client *client;

	if (!address_of(&source, relay->fd, getpeername) ||
	    !address_of(&local, relay->fd, getsockname))
		return NULL;
	/* The port of whom a header in front has named is not known any more. */
	if (relay->source.family)
		source = (struct sluice_endpoint){ .address = relay->source };
	__atomic_add_fetch(&service->load->connections, 1, __ATOMIC_RELAXED);
	client = client_create(worker, service, relay->fd, &source, &local);
	if (!client) {
		__atomic_sub_fetch(&service->load->connections, 1,
				   __ATOMIC_RELAXED);
		return NULL;
	}
	relay->fd = -1;
	return client;
}

void client_relay_adopt(struct worker *worker, struct client_return *returned)
{
	const struct plan_service *service =
		worker->view ? service_at(worker->view->plan,
					  &returned->relay.service.at) :
			       NULL;
	struct client *client = NULL;
	bool whole = false;

	if (may_serve(service, &returned->relay))
		client = make(worker, service, returned);
	if (client) {
		whole = take_bytes(client, &returned->relay);
		if (returned->relay.tls)
			stream_ktls_adopt(&client->stream);
		client->who.tls = returned->relay.tls;
		count(client, COUNTS_RELAY_RETURNED);
	}
	client_return_free(returned);
	if (client && whole)
		client_resume(client);
	else if (client)
		client_close(client);
}
