// SPDX-License-Identifier: GPL-2.0-or-later
/* -R: carry out the lines of standard input, once all are understood. */
#include "../restore.h"

int cmd_restore(struct adm *adm, const struct adm_request *req)
{
	struct adm_plan plan = { 0 };
	struct adm_message msg;
	int status;

	(void)req;
	status = adm_plan_read(&plan, stdin, &adm->line, &msg);
	if (status) {
		adm_fail(adm, "%s", msg.text);
		/* The command line is right, what it was to read is not. */
		status = ADM_FAILED;
	}
	for (size_t i = 0; !status && i < plan.count; i++) {
		adm->line = plan.steps[i].line;
		status = adm_run(adm, &plan.steps[i].req);
	}
	adm->line = 0;
	adm_plan_free(&plan);
	return status;
}
