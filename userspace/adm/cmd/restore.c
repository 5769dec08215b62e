// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * -R and --replace: carry out lines that were saved, all of them or none; but for
 * those about stratum relay, which are in no transaction: they follow one by one.
 */
#include <errno.h>
#include <stdlib.h>
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
		if (!plan->steps[i].req.command->relay)
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

static bool has_relay(const struct adm_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->steps[i].req.command->relay)
			return true;
	return false;
}

/* What is said of stratum relay. One that is refused does not stop the others. */
static int say(struct adm *adm, const struct adm_plan *plan)
{
	int status = ADM_DONE;

	for (size_t i = 0; i < plan->count; i++) {
		adm->line = plan->steps[i].line;
		if (plan->steps[i].req.command->relay &&
		    adm_run(adm, &plan->steps[i].req))
			status = ADM_FAILED;
	}
	adm->line = 0;
	return status;
}

static bool is_said(const struct adm_plan *plan,
		    const struct sluice_service_key *service)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct adm_request *req = &plan->steps[i].req;

		if (req->command->run == cmd_relay_set &&
		    sluice_endpoint_compare(&req->service.at, &service->at) ==
			    0)
			return true;
	}
	return false;
}

/* Services that were there before, and of which the plan says nothing. */
static int forget_others(struct adm *adm, const struct adm_plan *plan)
{
	struct sluice_relay_config *configs = NULL;
	int status = adm_open_relay_if_there(adm);
	size_t count = 0;

	if (status || !adm->relay)
		return status;
	if (sluice_relay_config_list(adm->relay, &configs, &count) < 0)
		return adm_relay_refused(adm, "relay");
	for (size_t i = 0; !status && i < count; i++) {
		int err = 0;

		if (!is_said(plan, &configs[i].service))
			err = sluice_relay_config_del(adm->relay,
						      &configs[i].service);
		/* With its service it may be gone meanwhile. */
		if (err < 0 && err != -ENOENT)
			status = adm_relay_refused(adm, "relay");
	}
	free(configs);
	return status;
}

static int run(struct adm *adm, struct adm_plan *plan, bool replace)
{
	int status = adm_open(adm);

	/* Before anything is done: it may not be there. */
	if (!status && has_relay(plan))
		status = adm_open_relay(adm);
	if (status)
		return status;
	for (int left = TRIES - 1;; left--) {
		status = stage(adm, plan, replace);
		if (!status)
			status = commit(adm, plan, left == 0);
		if (status >= 0)
			break;
	}
	if (status)
		return status;
	status = say(adm, plan);
	if (replace && forget_others(adm, plan))
		status = ADM_FAILED;
	return status;
}

static int carry_out(struct adm *adm, FILE *from, bool replace)
{
	struct adm_plan plan = { 0 };
	struct adm_message msg;
	int status;

	status = adm_plan_read(&plan, from, &adm->line, &msg);
	if (status && adm->line)
		adm_fail(adm, "%s", msg.text);
	else if (status)
		adm_fail(adm, "%s: %s", adm->source, msg.text);
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
