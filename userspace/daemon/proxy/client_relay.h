/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clients and stratum relay: who has connected, and made a handshake, is handed to
 * the kernel if its service runs there; what the kernel gives back is served here. So is
 * everybody whom the kernel does not take: nothing depends on it but speed.
 */
#ifndef PROXY_CLIENT_RELAY_H
#define PROXY_CLIENT_RELAY_H

#include "sluice_relay.h"
#include "worker.h"

struct client;

/**
 * struct client_return - a client that was given back, on its way to a worker
 * @next: that came after it
 * @relay: as the kernel gave it
 */
struct client_return {
	struct client_return *next;
	struct sluice_relay_client relay;
};

/**
 * client_relay_prepare() - the kernel may go on after the handshake
 * @client: whose handshake is about to begin
 */
void client_relay_prepare(struct client *client);

/**
 * client_relay_hand() - hand a client to the kernel
 * @client: of a service in stratum relay, whose request is the next to be read
 *
 * Return: whether it is gone; if not, it is to be served here.
 */
bool client_relay_hand(struct client *client);

/**
 * client_relay_adopt() - serve a client that was given back
 * @worker: of this thread
 * @returned: used up
 */
void client_relay_adopt(struct worker *worker, struct client_return *returned);

/* Nobody serves it: its connection is closed. */
void client_return_free(struct client_return *returned);

/* The end of a worker's connection to the kernel. */
void client_relay_exit(struct worker *worker);

#endif /* PROXY_CLIENT_RELAY_H */
