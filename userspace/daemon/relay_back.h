/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stratum relay wants: clients that it gives back go to stratum proxy; others get new keys. */
#ifndef DAEMON_RELAY_BACK_H
#define DAEMON_RELAY_BACK_H

#include "loop.h"
#include "proxy/proxy.h"

struct relay_back;

/**
 * relay_back_open() - take clients back from now on, and those that wait already
 * @loop: of the main thread
 * @proxy: gets them
 * @error: says what is wrong
 * @size: room there
 *
 * Return: for relay_back_close(), or NULL.
 */
struct relay_back *relay_back_open(struct loop *loop, struct proxy *proxy,
				   char *error, size_t size);

/**
 * relay_back_close() - take none any more: they wait for another process
 * @back: or NULL
 */
void relay_back_close(struct relay_back *back);

#endif /* DAEMON_RELAY_BACK_H */
