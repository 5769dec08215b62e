// SPDX-License-Identifier: GPL-2.0-or-later
/* -Z: counters to zero. */
#include "../adm.h"
#include "../print.h"

int cmd_stats_reset(struct adm *adm, const struct adm_request *req)
{
	bool one = req->given & OPTS_SERVICE;
	char text[SERVICE_TEXT];

	if (sluice_stats_reset(adm->sl, one ? &req->service : NULL) == 0)
		return ADM_DONE;
	if (!one)
		return adm_refused(adm, "counters");
	return adm_refused(adm, "counters of service %s",
			   print_service(text, &req->service));
}
