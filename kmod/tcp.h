/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_TCP_H
#define _SLUICE_TCP_H

#include <linux/tcp.h>
#include <linux/types.h>

#include "tuple.h"

/**
 * enum sluice_state - internal state of a connection
 * @SLUICE_STATE_DEAD: taken out of the table, waiting to be freed
 * @SLUICE_STATE_SYN_SENT: the client's SYN was forwarded
 * @SLUICE_STATE_SYN_RECV: the server answered SYN-ACK
 * @SLUICE_STATE_ESTABLISHED: the handshake is complete
 * @SLUICE_STATE_FIN_CLIENT: the client sent FIN
 * @SLUICE_STATE_FIN_SERVER: the server sent FIN
 * @SLUICE_STATE_CLOSE_CLIENT: the server acknowledged the client's FIN
 * @SLUICE_STATE_CLOSE_SERVER: the client acknowledged the server's FIN
 * @SLUICE_STATE_LAST_ACK: both sides sent FIN
 * @SLUICE_STATE_TIME_WAIT: both sides sent FIN and one acknowledged the last
 * @SLUICE_STATE_RESET_CLIENT: the client sent RST
 * @SLUICE_STATE_RESET_SERVER: the server sent RST
 * @SLUICE_STATE_UDP_NEW: UDP without an answer so far
 * @SLUICE_STATE_UDP: UDP in both directions
 * @SLUICE_STATE_NEW: being entered in the table; whoever meets it there lets it
 *	be
 *
 * Finer than what user space sees (&enum sluice_conn_state), since a half
 * close and a reset have to remember whose they were.
 */
enum sluice_state {
	SLUICE_STATE_DEAD,
	SLUICE_STATE_SYN_SENT,
	SLUICE_STATE_SYN_RECV,
	SLUICE_STATE_ESTABLISHED,
	SLUICE_STATE_FIN_CLIENT,
	SLUICE_STATE_FIN_SERVER,
	SLUICE_STATE_CLOSE_CLIENT,
	SLUICE_STATE_CLOSE_SERVER,
	SLUICE_STATE_LAST_ACK,
	SLUICE_STATE_TIME_WAIT,
	SLUICE_STATE_RESET_CLIENT,
	SLUICE_STATE_RESET_SERVER,
	SLUICE_STATE_UDP_NEW,
	SLUICE_STATE_UDP,
	SLUICE_STATE_NEW,
	/* private: */
	SLUICE_STATE_COUNT,
};

/**
 * enum sluice_tcp_event - what the flags of a segment mean to the tracker
 * @SLUICE_TCP_NONE: nothing valid, no state changes
 * @SLUICE_TCP_SYN: SYN without ACK
 * @SLUICE_TCP_SYNACK: SYN with ACK
 * @SLUICE_TCP_FIN: FIN
 * @SLUICE_TCP_ACK: ACK alone, with or without data
 * @SLUICE_TCP_RST: RST
 */
enum sluice_tcp_event {
	SLUICE_TCP_NONE,
	SLUICE_TCP_SYN,
	SLUICE_TCP_SYNACK,
	SLUICE_TCP_FIN,
	SLUICE_TCP_ACK,
	SLUICE_TCP_RST,
	/* private: */
	SLUICE_TCP_EVENT_COUNT,
};

enum sluice_tcp_event sluice_tcp_event(const struct tcphdr *th);
enum sluice_state sluice_tcp_next(enum sluice_state state, enum sluice_dir dir,
				  enum sluice_tcp_event event);
enum sluice_state sluice_tcp_next_one_way(enum sluice_state state,
					  enum sluice_tcp_event event);

#endif /* _SLUICE_TCP_H */
