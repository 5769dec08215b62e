/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading what -S wrote, apart from carrying it out. */
#ifndef ADM_RESTORE_H
#define ADM_RESTORE_H

#include <stdio.h>

#include "adm.h"

/**
 * struct adm_step - one line
 * @line: its number
 * @req: the command
 * @end: requests that were staged up to and with it
 */
struct adm_step {
	unsigned long line;
	struct adm_request req;
	size_t end;
};

/**
 * struct adm_plan - lines that were read and understood
 * @steps: one each
 * @count: how many
 * @room: how many there is room for
 */
struct adm_plan {
	struct adm_step *steps;
	size_t count;
	size_t room;
};

int adm_plan_read(struct adm_plan *plan, FILE *from, unsigned long *line,
		  struct adm_message *msg);
void adm_plan_free(struct adm_plan *plan);

#endif /* ADM_RESTORE_H */
