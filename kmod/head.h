/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_HEAD_H
#define _SLUICE_HEAD_H

#include "hold.h"

struct sluice_pool;
struct sluice_service;

/**
 * enum sluice_judgement - what becomes of a client by its head
 * @SLUICE_JUDGEMENT_MORE: that is not known yet
 * @SLUICE_JUDGEMENT_POOL: a server of a pool gets it
 * @SLUICE_JUDGEMENT_RESET: it is reset
 * @SLUICE_JUDGEMENT_ANSWER: it gets the answer that &sluice_hold.data has now
 */
enum sluice_judgement {
	SLUICE_JUDGEMENT_MORE,
	SLUICE_JUDGEMENT_POOL,
	SLUICE_JUDGEMENT_RESET,
	SLUICE_JUDGEMENT_ANSWER,
};

int sluice_heads_init(void);
void sluice_heads_exit(void);
enum sluice_judgement sluice_head_judge(struct sluice_hold *hold,
					struct sluice_service *service,
					struct sluice_pool **pool);
enum sluice_judgement sluice_head_refuse(struct sluice_hold *hold,
					 struct sluice_service *service,
					 enum sluice_refusal reason, u16 status);

#endif /* _SLUICE_HEAD_H */
