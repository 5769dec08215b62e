/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_BIND_H
#define _SLUICE_BIND_H

#include "hold.h"
#include "packet.h"

struct sluice_conn;
struct sluice_out;
struct sluice_pool;
struct sluice_service;

void sluice_bind(struct sluice_hold *hold, struct sluice_out *out,
		 struct sluice_service *service, struct sluice_pool *pool);
void sluice_bind_push(struct sluice_hold *hold, struct sluice_out *out);
s32 sluice_bind_due(const struct sluice_hold *hold);
bool sluice_bind_segment(struct sluice_hold *hold, struct sluice_out *out,
			 struct sluice_conn *conn, struct sk_buff *skb,
			 const struct sluice_packet *p, const struct tcphdr *th);
void sluice_bind_time(struct sluice_hold *hold, struct sluice_out *out, bool late);
void sluice_bind_leave(struct sluice_hold *hold, struct sluice_out *out, bool all);
void sluice_bind_drop(struct sluice_hold *hold, struct sluice_out *out);

#endif /* _SLUICE_BIND_H */
