/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clients of the admin address: HTTP/1.1 as far as it is needed. See admin.h. */
#ifndef DAEMON_ADMIN_CLIENT_H
#define DAEMON_ADMIN_CLIENT_H

#include <sluice/http_head.h>

#include "admin_page.h"

#define ADMIN_CLIENTS_MAX 64
#define ADMIN_HEAD_MAX 8192
#define ADMIN_ANSWER_MAX 1024

/* For the next request; for the rest of a head; between two bytes of an answer; for
 * all of it; and for the client to close after us. In milliseconds. */
#define ADMIN_IDLE_MS 60000
#define ADMIN_HEAD_MS 10000
#define ADMIN_STALL_MS 10000
#define ADMIN_ANSWER_MS 60000
#define ADMIN_CLOSE_MS 2000

TAILQ_HEAD(admin_client_list, admin_client);

/**
 * struct admin_clients - all clients
 * @loop: of this thread
 * @pages: of metrics
 * @list: the one that has waited longest for a request, or has been read longest,
 *	first
 * @count: how many
 */
struct admin_clients {
	struct loop *loop;
	struct admin_pages *pages;
	struct admin_client_list list;
	unsigned int count;
};

/**
 * admin_client_add() - a client has come
 * @clients: all
 * @fd: its socket, which does not block; closed here, if it cannot be served
 *
 * Where there are too many, one that waits makes room.
 */
void admin_client_add(struct admin_clients *clients, int fd);

/**
 * admin_clients_close() - all have to go
 * @clients: all
 */
void admin_clients_close(struct admin_clients *clients);

#endif /* DAEMON_ADMIN_CLIENT_H */
