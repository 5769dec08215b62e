/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_CLIENT_H
#define _SLUICE_CLIENT_H

#include "head.h"
#include "packet.h"

struct sluice_out;
struct sluice_service;

bool sluice_client_expects(const struct sluice_hold *hold, const struct tcphdr *th);
bool sluice_client_segment(struct sluice_hold *hold, struct sluice_out *out,
			   struct sluice_service *service, struct sk_buff *skb,
			   const struct sluice_packet *p, const struct tcphdr *th);
void sluice_client_time(struct sluice_hold *hold, struct sluice_out *out, bool late);
void sluice_client_settle(struct sluice_hold *hold, struct sluice_out *out,
			  enum sluice_judgement judgement);
void sluice_client_refuse(struct sluice_hold *hold, struct sluice_out *out,
			  enum sluice_refusal reason, u16 status);
void sluice_client_reset(struct sluice_hold *hold, struct sluice_out *out);
void sluice_client_closed(const struct sluice_hold *hold);
u32 sluice_client_window(const struct sluice_hold *hold);

#endif /* _SLUICE_CLIENT_H */
