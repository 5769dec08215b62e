// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "proxy/relay_secrets.h"
#include "proxy/stream_ktls.h"
#include "relay_back.h"
#include "sluice_relay.h"

/* Clients that are asked for at once. */
#define SOME 64
/* Until those are asked for again whom there was no room for. */
#define AGAIN_MS 200

/**
 * struct relay_back - clients that stratum relay gives back
 * @loop: of the main thread
 * @proxy: gets them
 * @events: says who waits, who wants keys, and who has ended
 * @fd: of that
 * @requests: takes them
 * @again: asks for those who wait
 */
struct relay_back {
	struct loop *loop;
	struct proxy *proxy;
	struct sluice *events;
	struct loop_fd fd;
	struct sluice *requests;
	struct wheel_timer again;
};

/* It may have ended meanwhile, or an event and a list have both named it. */
static int take(struct relay_back *back, uint64_t id)
{
	struct sluice_relay_client client;
	int err = sluice_relay_take(back->requests, id, &client);

	if (!err)
		proxy_adopt(back->proxy, &client);
	if (!err || err == -ENOENT || err == -EBUSY)
		return 0;
	log_error(NULL, "clients of stratum relay have to wait: %s",
		  sluice_error(back->requests));
	loop_timer_set(back->loop, &back->again, AGAIN_MS);
	return err;
}

struct waiting {
	uint64_t ids[SOME];
	size_t count;
};

static int note(const struct sluice_relay_info *info, void *arg)
{
	struct waiting *waiting = arg;

	if (waiting->count < SOME)
		waiting->ids[waiting->count++] = info->id;
	return 0;
}

/* Those of whom no event tells: they waited before, or events were lost. */
static int take_waiting(struct relay_back *back)
{
	struct waiting waiting;
	int err;

	do {
		waiting.count = 0;
		err = sluice_relay_client_dump(back->requests, NULL,
					       SLUICE_RELAY_PHASE_BACK, note,
					       &waiting);
		for (size_t i = 0; !err && i < waiting.count; i++)
			err = take(back, waiting.ids[i]);
	} while (!err && waiting.count == SOME);
	return err;
}

static void take_again(struct wheel_timer *timer)
{
	take_waiting(loop_owner(timer, struct relay_back, again));
}

/* Return: 0: it has new keys; -EKEYEXPIRED: it gets none; or another negative errno. */
static int set_keys(struct relay_back *back,
		    const struct sluice_relay_event *event)
{
	union traffic_keys read, write;
	bool both = event->update_requested;
	int fd, err;

	/* Nobody has them, as after a restart. */
	if (!relay_secrets_update(proxy_secrets(back->proxy), event->keys,
				  &read, both ? &write : NULL))
		return -EKEYEXPIRED;
	err = sluice_relay_lend(back->requests, event->id, &fd);
	if (!err) {
		err = stream_ktls_rekey(fd, &read, both ? &write : NULL);
		close(fd);
	}
	explicit_bzero(&read, sizeof(read));
	explicit_bzero(&write, sizeof(write));
	return err;
}

static void rekey(struct relay_back *back,
		  const struct sluice_relay_event *event)
{
	int err = set_keys(back, event);

	if (!err || err == -EKEYEXPIRED)
		err = sluice_relay_rekey(back->requests, event->id, !err);
	else if (err == -EPIPE)
		/* What the client would read of it is not to be understood. */
		err = sluice_relay_kill(back->requests, event->id);
	/* It may have ended meanwhile, or we were late. */
	if (err && err != -ENOENT && err != -EBUSY)
		log_error(NULL,
			  "a client of stratum relay does not get new keys: %s",
			  sluice_error(back->requests));
}

static int told(const struct sluice_relay_event *event, void *arg)
{
	struct relay_back *back = arg;

	switch (event->cmd) {
	case SLUICE_RELAY_CMD_CLIENT_BACK:
		take(back, event->id);
		break;
	case SLUICE_RELAY_CMD_CLIENT_KEY_UPDATE:
		rekey(back, event);
		break;
	default:
		relay_secrets_drop(proxy_secrets(back->proxy), event->keys);
	}
	return 0;
}

/* Who has ended is not known any more: nobody's secrets may stay for that. */
static int recover(struct relay_back *back)
{
	relay_secrets_clear(proxy_secrets(back->proxy));
	return take_waiting(back);
}

static void ready(struct loop_fd *fd, uint32_t events)
{
	struct relay_back *back = loop_owner(fd, struct relay_back, fd);
	int err = sluice_relay_wait(back->events, told, back);

	(void)events;
	if (err == -ENOBUFS)
		err = recover(back);
	if (!err || err == -EAGAIN || err == -EINTR)
		return;
	/* The module is asked for now and then: all of this is made anew then. */
	log_error(NULL, "clients of stratum relay are not taken back: %s",
		  sluice_error(back->events));
	relay_secrets_listen(proxy_secrets(back->proxy), 0);
	loop_fd_del(back->loop, &back->fd);
	back->fd.fd = -1;
}

static int begin(struct relay_back *back)
{
	int err = sluice_relay_open(&back->events);

	if (!err)
		err = sluice_relay_join(back->events);
	if (err)
		return err;
	if (loop_fd_add(back->loop, &back->fd, sluice_event_fd(back->events),
			EPOLLIN))
		return -errno;
	err = sluice_relay_open(&back->requests);
	if (err)
		return err;
	take_waiting(back);
	relay_secrets_listen(proxy_secrets(back->proxy),
			     sluice_relay_port(back->events));
	return 0;
}

struct relay_back *relay_back_open(struct loop *loop, struct proxy *proxy,
				   char *error, size_t size)
{
	struct relay_back *back = calloc(1, sizeof(*back));
	int err;

	if (!back) {
		snprintf(error, size, "out of memory");
		return NULL;
	}
	back->loop = loop;
	back->proxy = proxy;
	back->fd.ready = ready;
	back->fd.fd = -1;
	back->again.expire = take_again;
	err = begin(back);
	if (!err)
		return back;
	snprintf(error, size, "%s",
		 back->requests ? sluice_error(back->requests) :
		 back->events	? sluice_error(back->events) :
				  strerror(-err));
	relay_back_close(back);
	return NULL;
}

void relay_back_close(struct relay_back *back)
{
	if (!back)
		return;
	relay_secrets_listen(proxy_secrets(back->proxy), 0);
	if (back->fd.fd >= 0)
		loop_fd_del(back->loop, &back->fd);
	loop_timer_del(back->loop, &back->again);
	sluice_close(back->events);
	sluice_close(back->requests);
	free(back);
}
