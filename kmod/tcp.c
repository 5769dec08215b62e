// SPDX-License-Identifier: GPL-2.0
/*
 * TCP as a balancer sees it: which state a segment leads to (RFC 9293, section
 * 3.3.2, for both ends at once). Sequence numbers are not followed, so that
 * data segments need nothing but a look at their flags.
 */

#include <kunit/visibility.h>

#include "tcp.h"

/* Short names for the table alone. */
#define sXX SLUICE_STATE_DEAD
#define sSS SLUICE_STATE_SYN_SENT
#define sSR SLUICE_STATE_SYN_RECV
#define sES SLUICE_STATE_ESTABLISHED
#define sFC SLUICE_STATE_FIN_CLIENT
#define sFS SLUICE_STATE_FIN_SERVER
#define sCC SLUICE_STATE_CLOSE_CLIENT
#define sCS SLUICE_STATE_CLOSE_SERVER
#define sLA SLUICE_STATE_LAST_ACK
#define sTW SLUICE_STATE_TIME_WAIT
#define sRC SLUICE_STATE_RESET_CLIENT
#define sRS SLUICE_STATE_RESET_SERVER

/*
 * Rows are events, columns the state before.
 *
 * A reset leads to sRC or sRS, by its sender, and a blind one must not cost the
 * connection: whoever really reset sends nothing but resets from then on, so
 * data from that side shows that the reset was forged, and the connection is
 * established again.
 */
static const u8 next[SLUICE_DIR_COUNT][SLUICE_TCP_EVENT_COUNT][sRS + 1] = {
	[SLUICE_DIR_ORIGINAL] = {
		/* before: XX  SS   SR   ES   FC   FS   CC   CS   LA   TW   RC   RS */
		[SLUICE_TCP_NONE] = {
			sXX, sSS, sSR, sES, sFC, sFS, sCC, sCS, sLA, sTW, sRC, sRS,
		},
		[SLUICE_TCP_SYN] = {
			sXX, sSS, sSR, sES, sFC, sFS, sCC, sCS, sLA, sTW, sRC, sRS,
		},
		[SLUICE_TCP_SYNACK] = {
			sXX, sSS, sSR, sES, sFC, sFS, sCC, sCS, sLA, sTW, sRC, sRS,
		},
		[SLUICE_TCP_FIN] = {
			sXX, sFC, sFC, sFC, sFC, sLA, sCC, sLA, sLA, sTW, sFC, sRS,
		},
		[SLUICE_TCP_ACK] = {
			sXX, sSS, sES, sES, sFC, sCS, sCC, sCS, sTW, sTW, sES, sRS,
		},
		[SLUICE_TCP_RST] = {
			sXX, sRC, sRC, sRC, sRC, sRC, sRC, sRC, sRC, sRC, sRC, sRS,
		},
	},
	[SLUICE_DIR_REPLY] = {
		/* before: XX  SS   SR   ES   FC   FS   CC   CS   LA   TW   RC   RS */
		[SLUICE_TCP_NONE] = {
			sXX, sSS, sSR, sES, sFC, sFS, sCC, sCS, sLA, sTW, sRC, sRS,
		},
		[SLUICE_TCP_SYN] = {
			sXX, sSR, sSR, sES, sFC, sFS, sCC, sCS, sLA, sTW, sRC, sRS,
		},
		[SLUICE_TCP_SYNACK] = {
			sXX, sSR, sSR, sES, sFC, sFS, sCC, sCS, sLA, sTW, sRC, sRS,
		},
		[SLUICE_TCP_FIN] = {
			sXX, sFS, sFS, sFS, sLA, sFS, sLA, sCS, sLA, sTW, sRC, sFS,
		},
		[SLUICE_TCP_ACK] = {
			sXX, sSS, sSR, sES, sCC, sFS, sCC, sCS, sTW, sTW, sRC, sES,
		},
		[SLUICE_TCP_RST] = {
			sXX, sRS, sRS, sRS, sRS, sRS, sRS, sRS, sRS, sRS, sRC, sRS,
		},
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
