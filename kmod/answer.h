/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_ANSWER_H
#define _SLUICE_ANSWER_H

#include <sluice/http_head.h>

#include "hold.h"

bool sluice_answer_status(struct sluice_hold *hold, u16 status);
bool sluice_answer_redirect(struct sluice_hold *hold, u16 status,
			    const struct sluice_http_head *http);
bool sluice_answer_alert(struct sluice_hold *hold, u8 alert);

#endif /* _SLUICE_ANSWER_H */
