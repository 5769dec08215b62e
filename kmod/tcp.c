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
#define SS SLUICE_STATE_SYN_SENT
#define SR SLUICE_STATE_SYN_RECV
#define ES SLUICE_STATE_ESTABLISHED
#define FC SLUICE_STATE_FIN_CLIENT
#define FS SLUICE_STATE_FIN_SERVER
#define CC SLUICE_STATE_CLOSE_CLIENT
#define CS SLUICE_STATE_CLOSE_SERVER
#define LA SLUICE_STATE_LAST_ACK
#define TW SLUICE_STATE_TIME_WAIT
#define RC SLUICE_STATE_RESET_CLIENT
#define RS SLUICE_STATE_RESET_SERVER

/*
 * Rows are events, columns the state before.
 *
 * A reset leads to RC or RS, by its sender, and a blind one must not cost the
 * connection: whoever really reset sends nothing but resets from then on, so
 * data from that side shows that the reset was forged, and the connection is
 * established again.
 */
static const u8 next[SLUICE_DIR_COUNT][SLUICE_TCP_EVENT_COUNT][RS + 1] = {
	[SLUICE_DIR_ORIGINAL] = {
		/*                      xx  SS  SR  ES  FC  FS  CC  CS  LA  TW  RC  RS */
		[SLUICE_TCP_NONE]   = { xx, SS, SR, ES, FC, FS, CC, CS, LA, TW, RC, RS },
		[SLUICE_TCP_SYN]    = { xx, SS, SR, ES, FC, FS, CC, CS, LA, TW, RC, RS },
		[SLUICE_TCP_SYNACK] = { xx, SS, SR, ES, FC, FS, CC, CS, LA, TW, RC, RS },
		[SLUICE_TCP_FIN]    = { xx, FC, FC, FC, FC, LA, CC, LA, LA, TW, FC, RS },
		[SLUICE_TCP_ACK]    = { xx, SS, ES, ES, FC, CS, CC, CS, TW, TW, ES, RS },
		[SLUICE_TCP_RST]    = { xx, RC, RC, RC, RC, RC, RC, RC, RC, RC, RC, RS },
	},
	[SLUICE_DIR_REPLY] = {
		/*                      xx  SS  SR  ES  FC  FS  CC  CS  LA  TW  RC  RS */
		[SLUICE_TCP_NONE]   = { xx, SS, SR, ES, FC, FS, CC, CS, LA, TW, RC, RS },
		[SLUICE_TCP_SYN]    = { xx, SR, SR, ES, FC, FS, CC, CS, LA, TW, RC, RS },
		[SLUICE_TCP_SYNACK] = { xx, SR, SR, ES, FC, FS, CC, CS, LA, TW, RC, RS },
		[SLUICE_TCP_FIN]    = { xx, FS, FS, FS, LA, FS, LA, CS, LA, TW, RC, FS },
		[SLUICE_TCP_ACK]    = { xx, SS, SR, ES, CC, FS, CC, CS, TW, TW, RC, ES },
		[SLUICE_TCP_RST]    = { xx, RS, RS, RS, RS, RS, RS, RS, RS, RS, RC, RS },
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
