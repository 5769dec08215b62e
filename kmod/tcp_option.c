// SPDX-License-Identifier: GPL-2.0
/* TCP options of a handshake, read and written (RFC 9293 section 3.2, RFC 7323, RFC 2018). */

#include <kunit/visibility.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <net/tcp.h>

#include "tcp_option.h"

static void read_option(const u8 *at, struct sluice_tcp_options *options)
{
	switch (at[0]) {
	case TCPOPT_MSS:
		if (at[1] != TCPOLEN_MSS || !get_unaligned_be16(at + 2))
			return;
		options->mss = get_unaligned_be16(at + 2);
		options->flags |= SLUICE_OPTION_MSS;
		break;
	case TCPOPT_WINDOW:
		if (at[1] != TCPOLEN_WINDOW)
			return;
		options->window_scale = min(at[2], SLUICE_WINDOW_SCALE_MAX);
		options->flags |= SLUICE_OPTION_WINDOW_SCALE;
		break;
	case TCPOPT_SACK_PERM:
		if (at[1] == TCPOLEN_SACK_PERM)
			options->flags |= SLUICE_OPTION_SACK;
		break;
	case TCPOPT_TIMESTAMP:
		if (at[1] != TCPOLEN_TIMESTAMP)
			return;
		options->timestamp = get_unaligned_be32(at + 2);
		options->echo = get_unaligned_be32(at + 6);
		options->flags |= SLUICE_OPTION_TIMESTAMP;
		break;
	}
}

/**
 * sluice_tcp_options_read() - read the options of a segment
 * @th: TCP header, of which all is in one piece of memory
 * @options: overwritten; what is not there, or not of the right length, is zero
 *
 * As in the kernel's own reader, what follows an option of an impossible length
 * is not read.
 */
void sluice_tcp_options_read(const struct tcphdr *th,
			     struct sluice_tcp_options *options)
{
	const u8 *at = (const u8 *)(th + 1);
	int left = th->doff * 4 - (int)sizeof(*th);

	memset(options, 0, sizeof(*options));
	while (left > 0 && *at != TCPOPT_EOL) {
		if (*at == TCPOPT_NOP) {
			at++;
			left--;
			continue;
		}
		if (left < 2 || at[1] < 2 || at[1] > left)
			return;
		read_option(at, options);
		left -= at[1];
		at += at[1];
	}
}
EXPORT_SYMBOL_IF_KUNIT(sluice_tcp_options_read);

/**
 * sluice_tcp_options_write() - write the options of a segment
 * @at: SLUICE_OPTIONS_MAX bytes
 * @options: what is to be there
 *
 * Each takes whole words, the timestamp in the order that most receivers read
 * fastest.
 *
 * Return: bytes written, a multiple of four.
 */
unsigned int sluice_tcp_options_write(void *at,
				      const struct sluice_tcp_options *options)
{
	__be32 *p = at;

	if (options->flags & SLUICE_OPTION_MSS)
		*p++ = htonl(TCPOPT_MSS << 24 | TCPOLEN_MSS << 16 | options->mss);
	if (options->flags & SLUICE_OPTION_TIMESTAMP) {
		*p++ = htonl((options->flags & SLUICE_OPTION_SACK ?
				      TCPOPT_SACK_PERM << 24 |
					      TCPOLEN_SACK_PERM << 16 :
				      TCPOPT_NOP << 24 | TCPOPT_NOP << 16) |
			     TCPOPT_TIMESTAMP << 8 | TCPOLEN_TIMESTAMP);
		*p++ = htonl(options->timestamp);
		*p++ = htonl(options->echo);
	} else if (options->flags & SLUICE_OPTION_SACK) {
		*p++ = htonl(TCPOPT_NOP << 24 | TCPOPT_NOP << 16 |
			     TCPOPT_SACK_PERM << 8 | TCPOLEN_SACK_PERM);
	}
	if (options->flags & SLUICE_OPTION_WINDOW_SCALE)
		*p++ = htonl(TCPOPT_NOP << 24 | TCPOPT_WINDOW << 16 |
			     TCPOLEN_WINDOW << 8 | options->window_scale);
	return (u8 *)p - (u8 *)at;
}
EXPORT_SYMBOL_IF_KUNIT(sluice_tcp_options_write);
