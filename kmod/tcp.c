// SPDX-License-Identifier: GPL-2.0
/*
 * TCP as a balancer sees it: which state a segment leads to (RFC 9293, section
 * 3.3.2, for both ends at once). Sequence numbers are not followed, so that
 * data segments need nothing but a look at their flags.
 */

#include <kunit/visibility.h>

#include "tcp.h"

/* Short names for the table alone. */
#define xx SLUICE_STATE_DEAD
#define ss SLUICE_STATE_SYN_SENT
#define sr SLUICE_STATE_SYN_RECV
#define es SLUICE_STATE_ESTABLISHED
#define fc SLUICE_STATE_FIN_CLIENT
#define fs SLUICE_STATE_FIN_SERVER
#define cc SLUICE_STATE_CLOSE_CLIENT
#define cs SLUICE_STATE_CLOSE_SERVER
#define la SLUICE_STATE_LAST_ACK
#define tw SLUICE_STATE_TIME_WAIT
#define rc SLUICE_STATE_RESET_CLIENT
#define rs SLUICE_STATE_RESET_SERVER

/*
 * Rows are events, columns the state before.
 *
 * A reset leads to rc or rs, by its sender, and a forged one must not cost the
 * connection: whoever really reset sends nothing but resets from then on, so
 * data from that side shows that the reset was forged, and the connection is
 * established again. A SYN after a reset stays with its server, which alone can
 * tell whether it is the client's.
 *
 * Until the server has answered, nothing that a client sends makes the entry
 * live longer than its first SYN did.
 */
static const u8 next[SLUICE_DIR_COUNT][SLUICE_TCP_EVENT_COUNT][rs + 1] = {
	[SLUICE_DIR_ORIGINAL] = {
		[SLUICE_TCP_NONE] = { xx, ss, sr, es, fc, fs, cc, cs, la, tw, rc, rs },
		[SLUICE_TCP_SYN] = { xx, ss, sr, es, fc, fs, cc, cs, la, tw, rc, rs },
		[SLUICE_TCP_SYNACK] = { xx, ss, sr, es, fc, fs, cc, cs, la, tw, rc, rs },
		[SLUICE_TCP_FIN] = { xx, ss, fc, fc, fc, la, cc, la, la, tw, fc, rs },
		[SLUICE_TCP_ACK] = { xx, ss, es, es, fc, cs, cc, cs, tw, tw, es, rs },
		[SLUICE_TCP_RST] = { xx, ss, rc, rc, rc, rc, rc, rc, rc, rc, rc, rs },
	},
	[SLUICE_DIR_REPLY] = {
		[SLUICE_TCP_NONE] = { xx, ss, sr, es, fc, fs, cc, cs, la, tw, rc, rs },
		[SLUICE_TCP_SYN] = { xx, sr, sr, es, fc, fs, cc, cs, la, tw, rc, rs },
		[SLUICE_TCP_SYNACK] = { xx, sr, sr, es, fc, fs, cc, cs, la, tw, sr, sr },
		[SLUICE_TCP_FIN] = { xx, ss, fs, fs, la, fs, la, cs, la, tw, rc, fs },
		[SLUICE_TCP_ACK] = { xx, ss, sr, es, cc, fs, cc, cs, tw, tw, rc, es },
		[SLUICE_TCP_RST] = { xx, rs, rs, rs, rs, rs, rs, rs, rs, rs, rc, rs },
	},
};

/**
 * sluice_tcp_event() - classify a segment by its flags
 * @th: TCP header
 *
 * Return: the event for sluice_tcp_next().
 */
enum sluice_tcp_event sluice_tcp_event(const struct tcphdr *th)
{
	if (th->rst)
		return SLUICE_TCP_RST;
	if (th->syn)
		return th->ack ? SLUICE_TCP_SYNACK : SLUICE_TCP_SYN;
	if (th->fin)
		return SLUICE_TCP_FIN;
	if (th->ack)
		return SLUICE_TCP_ACK;
	return SLUICE_TCP_NONE;
}
EXPORT_SYMBOL_IF_KUNIT(sluice_tcp_event);

/**
 * sluice_tcp_next() - the state that a segment leads to
 * @state: state before; one of TCP's, or SLUICE_STATE_DEAD, which stays
 * @dir: direction of the segment
 * @event: what it is
 *
 * Return: the state after; the same where the segment changes nothing.
 */
enum sluice_state sluice_tcp_next(enum sluice_state state, enum sluice_dir dir,
				  enum sluice_tcp_event event)
{
	if (WARN_ON_ONCE(state > SLUICE_STATE_RESET_SERVER))
		return state;
	return next[dir][event][state];
}
EXPORT_SYMBOL_IF_KUNIT(sluice_tcp_next);

/**
 * sluice_tcp_next_one_way() - the same where only the client's side is seen
 * @state: state before, one of TCP's
 * @event: what the client's segment is
 *
 * The server answers the client directly, so its SYN-ACK, FIN and RST are not
 * known. A client that acknowledges anything has had a SYN-ACK; one that has
 * sent FIN may go on receiving for as long as it goes on acknowledging.
 *
 * Return: the state after.
 */
enum sluice_state sluice_tcp_next_one_way(enum sluice_state state,
					  enum sluice_tcp_event event)
{
	switch (event) {
	case SLUICE_TCP_ACK:
		return state == SLUICE_STATE_FIN_CLIENT ?
			       state :
			       SLUICE_STATE_ESTABLISHED;
	case SLUICE_TCP_FIN:
		return SLUICE_STATE_FIN_CLIENT;
	case SLUICE_TCP_RST:
		return SLUICE_STATE_RESET_CLIENT;
	default:
		return state;
	}
}
EXPORT_SYMBOL_IF_KUNIT(sluice_tcp_next_one_way);
