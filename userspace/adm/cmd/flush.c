// SPDX-License-Identifier: GPL-2.0-or-later
/* -C: delete everything but the settings. */
#include "../adm.h"

int cmd_flush(struct adm *adm, const struct adm_request *req)
{
	(void)req;
	if (sluice_flush(adm->sl) < 0)
		return adm_refused(adm, "clear");
	return ADM_DONE;
}
