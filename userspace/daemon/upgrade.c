// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "background.h"
#include "handover_state.h"
#include "lock.h"
#include "log.h"
#include "notify.h"
#include "proxy/tls.h"
#include "upgrade.h"

#define ERROR_SIZE 512

/* The new process has all: what is ours alone is to serve those who are here. */
static void let_go(struct daemon *daemon)
{
	log_info(
		NULL,
		"a new process has taken over: this one ends with its clients");
	daemon->released = true;
	notify_exit();
	daemon_leave_kernel(daemon);
	relay_back_close(daemon->back);
	daemon->back = NULL;
	control_leave(daemon->control);
	control_close(daemon->control);
	daemon->control = NULL;
	admin_free(daemon->admin);
	daemon->admin = NULL;
	if (!daemon->ending)
		daemon_drain(daemon, true);
	site_free(daemon->site);
	daemon->site = NULL;
	kernel_close(daemon->kernel);
	daemon->kernel = NULL;
}

static void moved(void *arg, enum handover_event event, const char *why)
{
	struct daemon *daemon = arg;

	switch (event) {
	case HANDOVER_DONE:
		let_go(daemon);
		return;
	case HANDOVER_FAILED:
		log_error(
			NULL,
			"the process that was to take over has given up: %s; this one goes on",
			why);
		daemon->handover = NULL;
		/* What the module has by now is not known. */
		daemon_watch_kernel(daemon);
		daemon_tell_again(daemon);
		break;
	case HANDOVER_OVER:
		daemon->handover = NULL;
		break;
	}
	daemon_stop_drained(daemon);
}

static int add_sockets(struct handover *handover, const struct daemon *daemon)
{
	size_t count;
	int *fds = proxy_sockets(daemon->proxy, &count);
	int admin = admin_socket(daemon->admin);
	int err = fds ? 0 : -ENOMEM;

	if (!err && count)
		err = handover_add(handover, HANDOVER_SOCKETS, fds, count, NULL,
				   0);
	if (!err && admin >= 0)
		err = handover_add(handover, HANDOVER_ADMIN, &admin, 1, NULL,
				   0);
	free(fds);
	return err;
}

static int add_tickets(struct handover *handover, const struct daemon *daemon)
{
	char keys[TLS_TICKETS_SIZE];
	ssize_t size = tls_tickets_save(proxy_tickets(daemon->proxy), keys,
					sizeof(keys));
	int err = size < 0 ? (int)size :
			     handover_add(handover, HANDOVER_TICKETS, NULL, 0,
					  keys, (size_t)size);

	explicit_bzero(keys, sizeof(keys));
	return err;
}

static int add_state(struct handover *handover, const struct daemon *daemon)
{
	json_t *state = handover_state_save(daemon->site, notify_watchdog());
	char *text = state ? json_dumps(state, JSON_COMPACT) : NULL;
	int err = text ? handover_add(handover, HANDOVER_STATE, NULL, 0, text,
				      strlen(text)) :
			 -ENOMEM;

	json_decref(state);
	free(text);
	return err;
}

static int add_all(struct handover *handover, const struct daemon *daemon)
{
	int err = handover_add(handover, HANDOVER_LOCK, &daemon->lock, 1, NULL,
			       0);

	if (!err)
		err = add_sockets(handover, daemon);
	if (!err)
		err = add_tickets(handover, daemon);
	if (!err)
		err = add_state(handover, daemon);
	if (!err)
		err = handover_add(handover, HANDOVER_END, NULL, 0, NULL, 0);
	return err;
}

static json_t *begin(struct daemon *daemon, int fd)
{
	static const char welcome[] = "{\"take-over\":1}\n";
	const struct handover_user user = { .moved = moved, .arg = daemon };
	struct ucred peer = { .pid = 0 };
	socklen_t size = sizeof(peer);
	int err = 0;

	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
	/* The first bytes on it: there is room. */
	if (send(fd, welcome, sizeof(welcome) - 1, MSG_NOSIGNAL) !=
	    (ssize_t)sizeof(welcome) - 1)
		err = -EPIPE;
	if (err)
		close(fd);
	else
		daemon->handover =
			handover_create(daemon->host.loop, fd, &user);
	if (!err && !daemon->handover)
		err = -errno;
	if (!err)
		err = add_all(daemon->handover, daemon);
	if (err) {
		log_error(NULL, "process %d cannot take over: %s", peer.pid,
			  strerror(-err));
		handover_free(daemon->handover);
		daemon->handover = NULL;
		return json_object();
	}
	daemon_leave_kernel(daemon);
	handover_send_all(daemon->handover);
	log_info(NULL, "process %d is about to take over", peer.pid);
	return json_object();
}

json_t *upgrade_hand_over(struct daemon *daemon, json_int_t version)
{
	int fd;

	if (version != HANDOVER_VERSION)
		return control_error(
			"hands over in version %d only; stop it, and start without --take-over",
			HANDOVER_VERSION);
	if (daemon->handover)
		return control_error(
			"another process is taking over already; wait for it");
	if (daemon->ending)
		return control_error("it ends; start without --take-over");
	fd = control_take(daemon->control);
	return fd < 0 ? control_error("not now") : begin(daemon, fd);
}

int upgrade_begin(struct daemon *daemon, const char *control, char *error,
		  size_t size)
{
	int err;

	if (!daemon->takes_over)
		return 0;
	err = takeover_begin(&daemon->takeover, control, error, size);
	if (err == -ENOENT || err == -ECONNREFUSED) {
		/* As after a crash, where a service manager starts it again. */
		log_info(NULL,
			 "nobody is there to take over from: starts anew");
		daemon->takes_over = false;
		return 0;
	}
	if (err)
		return err;
	err = lock_adopt(DAEMON_LOCK_FOLDER, daemon->takeover.lock, error,
			 size);
	if (err)
		return err;
	daemon->lock = daemon->takeover.lock;
	daemon->takeover.lock = -1;
	return 0;
}

int upgrade_inherit(struct daemon *daemon, char *error, size_t size)
{
	struct takeover *from = &daemon->takeover;
	int err = 0;

	for (size_t i = 0; !err && i < from->socket_count; i++) {
		err = proxy_inherit(daemon->proxy, from->sockets[i], error,
				    size);
		from->sockets[i] = -1;
	}
	if (!err && from->admin >= 0) {
		err = admin_inherit(daemon->admin, from->admin);
		from->admin = -1;
		if (err)
			snprintf(error, size, "the admin socket: %s",
				 strerror(-err));
	}
	/* Of another version: sessions begin anew, and nothing is lost but time. */
	if (!err && from->tickets &&
	    tls_tickets_load(proxy_tickets(daemon->proxy), from->tickets,
			     from->tickets_size))
		log_warning(
			NULL,
			"TLS sessions of before are not resumed: the keys of their tickets are of another version");
	return err;
}

void upgrade_adopt(struct daemon *daemon, struct site *site)
{
	handover_state_adopt(daemon->takeover.state, site);
}

void upgrade_end(struct daemon *daemon)
{
	char error[ERROR_SIZE];

	if (control_publish(daemon->control, error, sizeof(error)))
		log_error(NULL, "%s; sluiceadm cannot reach the daemon", error);
	lock_sign(daemon->lock);
	background_ready();
	notify_adopt_watchdog(handover_state_watchdog(daemon->takeover.state));
	notify_taken_over();
	/* From here on the other process may end. */
	takeover_free(&daemon->takeover);
}
