/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_TCP_OPTION_H
#define _SLUICE_TCP_OPTION_H

#include <linux/bits.h>
#include <linux/tcp.h>
#include <linux/types.h>

/* Largest shift of a window (RFC 7323, section 2.3). */
#define SLUICE_WINDOW_SCALE_MAX 14

/* What &sluice_tcp_options.flags says is there. */
#define SLUICE_OPTION_MSS BIT(0)
#define SLUICE_OPTION_WINDOW_SCALE BIT(1)
#define SLUICE_OPTION_SACK BIT(2)
#define SLUICE_OPTION_TIMESTAMP BIT(3)

/**
 * struct sluice_tcp_options - the options of a segment that two ends agree on
 * @timestamp: the sender's clock
 * @echo: the clock of the other end, as the sender last saw it
 * @mss: largest segment that the sender takes, in bytes of data
 * @window_scale: shift of the sender's windows, 0 to SLUICE_WINDOW_SCALE_MAX
 * @flags: which of these are there, and SLUICE_OPTION_SACK where selective
 *	acknowledgements are permitted
 */
struct sluice_tcp_options {
	u32 timestamp;
	u32 echo;
	u16 mss;
	u8 window_scale;
	u8 flags;
};

/* Most bytes that sluice_tcp_options_write() writes. */
#define SLUICE_OPTIONS_MAX 20

void sluice_tcp_options_read(const struct tcphdr *th,
			     struct sluice_tcp_options *options);
unsigned int sluice_tcp_options_write(void *at,
				      const struct sluice_tcp_options *options);

#endif /* _SLUICE_TCP_OPTION_H */
