/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of a site share. */
#ifndef DAEMON_SITE_PARTS_H
#define DAEMON_SITE_PARTS_H

#include "site.h"

/* site_table.c: servers by pool and address. Return: false if memory is out. */
bool site_table_add(struct site *site, struct site_server *server);
void site_table_del(struct site *site, struct site_server *server);

/* site_server.c */
bool site_is_removed(const struct site_pool *pool,
		     const struct sluice_endpoint *at);
void site_server_free(struct site_server *server);
const struct change *site_change_of(const struct site_server *server);
void site_server_note(struct site_server *server);

/* site_drain.c. The time is that of the loop, in nanoseconds; 0: without end. */
uint64_t site_drain_until(const struct site_server *server,
			  const struct change *change);
bool site_drain_left(const struct site_server *server,
		     const struct change *change, uint32_t *left);
void site_drain_note(struct site_server *server, bool drains);
void site_drain_adopt(struct site_server *server, const struct change *change,
		      uint32_t left);

/* site_kernel.c: what the kernel is to be told, and when */
void site_pending_init(struct site *site);
void site_slow_begin(struct site_server *server, uint64_t since);
void site_slow_end(struct site_server *server);

/* site_weight.c: what share of the connections a server is to get */
uint32_t site_weight_now(const struct site_server *server,
			 const struct change *change);

/* site_name.c: servers that are looked up */
bool site_name_add(struct site_pool *pool, const struct config_server *config,
		   struct config_errors *errors);
void site_name_del(struct site_name *name);
void site_gone_begin(struct site_server *server, uint64_t since);
bool site_names_known(const struct site_pool *pool);

#endif /* DAEMON_SITE_PARTS_H */
