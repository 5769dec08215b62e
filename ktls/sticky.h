/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_KTLS_STICKY_H
#define _SLUICE_KTLS_STICKY_H

#include <sluice/route_match.h>

#include "../kmod/sticky.h"

struct sluice_relay;

bool sluice_sticky_kept(const struct sluice_relay *relay,
			const struct sluice_sticky *sticky, u64 *server);
struct sluice_text sluice_sticky_cookie(const struct sluice_relay *relay,
					char to[SLUICE_STICKY_TEXT_MAX]);

#endif /* _SLUICE_KTLS_STICKY_H */
