/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_SCHEDULE_H
#define _SLUICE_SCHEDULE_H

#include "packet.h"

struct sluice_conn;
struct sluice_hold;
struct sluice_net;
struct sluice_pool;
struct sluice_service;

struct sluice_conn *sluice_schedule(struct sluice_net *sn,
				    struct sluice_service *service,
				    const struct sluice_packet *p,
				    unsigned int view);
struct sluice_conn *sluice_schedule_held(struct sluice_net *sn,
					 struct sluice_service *service,
					 const struct sluice_pool *pool,
					 const struct sluice_hold *hold);

#endif /* _SLUICE_SCHEDULE_H */
