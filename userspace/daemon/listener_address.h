/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a socket listens that another process has opened. */
#ifndef DAEMON_LISTENER_ADDRESS_H
#define DAEMON_LISTENER_ADDRESS_H

#include "sluice.h"

/**
 * listener_address() - ask a socket
 * @fd: the socket
 * @at: filled in
 *
 * Return: 0 or a negative errno: -EINVAL: it does not listen for TCP.
 */
int listener_address(int fd, struct sluice_endpoint *at);

#endif /* DAEMON_LISTENER_ADDRESS_H */
