/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_TCP_OPTION_H
#define _SLUICE_TCP_OPTION_H

#include <linux/bits.h>
#include <linux/tcp.h>
#include <linux/types.h>
#include <net/ipv6.h>
#include <net/tcp.h>

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

/**
 * sluice_default_mss() - what a host takes that does not say what it takes
 * @family: AF_INET or AF_INET6
 *
 * Return: bytes of data of a segment (RFC 9293, section 3.7.1).
 */
static inline u16 sluice_default_mss(u8 family)
{
	return family == AF_INET ? TCP_MSS_DEFAULT :
				   IPV6_MIN_MTU - sizeof(struct ipv6hdr) -
					   sizeof(struct tcphdr);
}

void sluice_tcp_options_read(const struct tcphdr *th,
			     struct sluice_tcp_options *options);
unsigned int sluice_tcp_options_write(void *at,
				      const struct sluice_tcp_options *options);

#endif /* _SLUICE_TCP_OPTION_H */
