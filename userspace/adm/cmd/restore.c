// SPDX-License-Identifier: GPL-2.0-or-later
/* -R and --replace: carry out lines that were saved, all of them or none. */
#include <errno.h>
#include <string.h>

#include "../restore.h"

/*
 * Others may change something while a transaction is open, which is then refused.
 * What the lines say does not depend on what was there before, so it is begun
 * again, but not for ever.
 */
#define TRIES 100

static int stage(struct adm *adm, struct adm_plan *plan, bool replace)
{
	int status = ADM_DONE;

	if (sluice_transaction_begin(adm->sl, NULL) < 0)
		return adm_refused(adm, "%s", adm->source);
	if (replace && sluice_flush(adm->sl) < 0)
		status = adm_refused(adm, "%s", adm->source);
	for (size_t i = 0; !status && i < plan->count; i++) {
		adm->line = plan->steps[i].line;
		status = adm_run(adm, &plan->steps[i].req);
		plan->steps[i].end = sluice_transaction_count(adm->sl);
	}
	adm->line = 0;
	if (status)
		sluice_transaction_abort(adm->sl);
	return status;
}

/* Return: an exit status, or negative where it is to be begun again. */
static int commit(struct adm *adm, const struct adm_plan *plan, bool is_last)
{
	size_t failed;
	int err = sluice_transaction_commit(adm->sl, &failed);

	if (err == 0)
		return ADM_DONE;
	if (err == -ESTALE && !is_last)
		return err;
	for (size_t i = 0; failed != SLUICE_NO_REQUEST && i < plan->count;
	     i++) {
		if (failed >= plan->steps[i].end)
			continue;
		/* Its command knows what it is about, and says that. */
		adm->line = plan->steps[i].line;
		adm_run(adm, &plan->steps[i].req);
		adm->line = 0;
		return ADM_FAILED;
	}
	return adm_refused(adm, "%s", adm->source);
}

static int run(struct adm *adm, struct adm_plan *plan, bool replace)
{
	int status = adm_open(adm);

	if (status)
		return status;
	for (int left = TRIES - 1;; left--) {
		status = stage(adm, plan, replace);
		if (!status)
			status = commit(adm, plan, left == 0);
		if (status >= 0)
			return status;
	}
}

static int carry_out(struct adm *adm, FILE *from, bool replace)
{
	struct adm_plan plan = { 0 };
	struct adm_message msg;
	int status;

	status = adm_plan_read(&plan, from, &adm->line, &msg);
	if (status)
		adm_fail(adm, "%s", msg.text);
	adm->line = 0;
	if (!status && (replace || plan.count > 0))
		status = run(adm, &plan, replace);
	adm_plan_free(&plan);
	/* The command line is right, what it was to read is not. */
	return status ? ADM_FAILED : ADM_DONE;
}

int cmd_restore(struct adm *adm, const struct adm_request *req)
{
	(void)req;
	adm->source = "standard input";
	return carry_out(adm, stdin, false);
}

int cmd_replace_operand(struct adm_request *req, unsigned int number,
			const char *word, struct adm_message *msg)
{
	(void)number;
	req->file = strdup(word);
	if (req->file)
		return ADM_DONE;
	adm_wrong(msg, "out of memory");
	return ADM_FAILED;
}

int cmd_replace(struct adm *adm, const struct adm_request *req)
{
	FILE *from;
	int status;

	if (strcmp(req->file, "-") == 0) {
		adm->source = "standard input";
		return carry_out(adm, stdin, true);
	}
	adm->source = req->file;
	from = fopen(req->file, "re");
	if (!from)
		return adm_fail(adm, "%s: %s", req->file, strerror(errno));
	status = carry_out(adm, from, true);
	fclose(from);
	return status;
}
