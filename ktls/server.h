/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_KTLS_SERVER_H
#define _SLUICE_KTLS_SERVER_H

#include <linux/list.h>

#include "end.h"

struct sluice_relay;
struct sluice_relay_way;
struct sluice_server;

/* Connections to servers that a client keeps between its requests. */
#define SLUICE_RELAY_SERVERS_MAX 4

/**
 * struct sluice_relay_server - a client's connection to a server
 * @list: in &sluice_relay.servers
 * @end: the socket
 * @server: whom it is with, with a reference
 * @family: of its address
 * @proxy_protocol: it gets the PROXY protocol, of this version; or 0
 * @connected: it has answered
 * @used: it has answered a request before
 *
 * Belongs to one client alone: what one says cannot be taken for another's.
 */
struct sluice_relay_server {
	struct list_head list;
	struct sluice_end end;
	struct sluice_server *server;
	u8 family;
	u8 proxy_protocol;
	bool connected;
	bool used;
};

struct sluice_relay_server *
sluice_relay_server_use(struct sluice_relay *relay,
			const struct sluice_relay_way *way);
int sluice_relay_server_again(struct sluice_relay *relay,
			      struct sluice_relay_server *s);
int sluice_relay_server_connected(struct sluice_relay_server *s);
void sluice_relay_server_close(struct sluice_relay *relay,
			       struct sluice_relay_server *s, bool reset);
void sluice_relay_servers_check(struct sluice_relay *relay);
bool sluice_relay_servers_leave(struct sluice_relay *relay);
void sluice_relay_servers_close(struct sluice_relay *relay);
int sluice_relay_server_greet(const struct sluice_relay *relay,
			      const struct sluice_relay_server *s,
			      struct sluice_pieces *pieces);

#endif /* _SLUICE_KTLS_SERVER_H */
