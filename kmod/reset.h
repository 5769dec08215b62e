/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_RESET_H
#define _SLUICE_RESET_H

#include <linux/tcp.h>

#include "conn.h"
#include "packet.h"
#include "segment.h"

/* Most often that the ends of a connection are asked for their numbers. */
#define SLUICE_ASKED_MAX 4
/*
 * Jiffies between two of these times: all are within a second, and those of one end
 * farther apart than Linux by default answers (net.ipv4.tcp_invalid_ratelimit).
 */
#define SLUICE_ASKED_INTERVAL msecs_to_jiffies(260)

bool sluice_reset_begin(struct sluice_net *sn, struct sluice_conn *conn);
bool sluice_reset_ask(struct sluice_net *sn, struct sluice_conn *conn);
unsigned int sluice_reset_segment(struct sluice_net *sn, struct sk_buff *skb,
				  const struct sluice_packet *p,
				  struct sluice_conn *conn, enum sluice_dir dir);
void sluice_reset_numbers(const struct tcphdr *th, enum sluice_dir dir,
			  const struct sluice_translation *t,
			  struct sluice_segment *client,
			  struct sluice_segment *server);

/**
 * sluice_is_resetting() - are both ends of a connection to be reset
 * @conn: the connection
 *
 * Return: whether they are: then no segment of it is passed on any more.
 */
static inline bool sluice_is_resetting(const struct sluice_conn *conn)
{
	return READ_ONCE(conn->translation.flags) & SLUICE_RESETTING;
}

/**
 * sluice_reset_is_pending() - may the ends have to be asked once more
 * @conn: a connection that is resetting
 *
 * Return: false where the client is known to have no such connection any more, or
 * has been asked often enough.
 */
static inline bool sluice_reset_is_pending(const struct sluice_conn *conn)
{
	return READ_ONCE(conn->translation.asked) < SLUICE_ASKED_MAX;
}

#endif /* _SLUICE_RESET_H */
