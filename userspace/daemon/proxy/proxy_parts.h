/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What workers call of the proxy that they are part of. */
#ifndef PROXY_PARTS_H
#define PROXY_PARTS_H

#include "plan.h"

struct proxy;

/* A worker does not have a plan any more. Context: any worker. */
void proxy_plan_put(struct proxy *proxy, struct plan *plan);

/* All workers look whether somebody who waits for a server can go on. */
void proxy_wake(struct proxy *proxy);

/* A worker has done what it was told, or has ended: the main thread may look. */
void proxy_notify(struct proxy *proxy);

#endif /* PROXY_PARTS_H */
