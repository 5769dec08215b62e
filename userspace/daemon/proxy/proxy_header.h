/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The header of the PROXY protocol, versions 1 and 2 (HAProxy's
 * doc/proxy-protocol.txt): who the client of a proxy is.
 */
#ifndef PROXY_PROXY_HEADER_H
#define PROXY_PROXY_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "sluice.h"

/* What a header has at most: version 2 with as many TLVs as are taken. */
#define PROXY_HEADER_MAX 4096
/* What proxy_header_write() needs at most. */
#define PROXY_HEADER_ROOM 512

/**
 * struct proxy_header - what a header says
 * @local: the proxy speaks for itself (LOCAL, UNKNOWN): addresses are not given
 * @source: client
 * @destination: where it connected to
 * @authority: server name of TLS (PP2_TYPE_AUTHORITY), in the bytes that were
 *	parsed; without data: not given
 * @tls: the client's connection to the proxy is TLS (PP2_TYPE_SSL)
 */
struct proxy_header {
	bool local;
	struct sluice_endpoint source;
	struct sluice_endpoint destination;
	struct {
		const char *data;
		uint32_t len;
	} authority;
	bool tls;
};

/**
 * proxy_header_parse() - read a header from the begin of a connection
 * @data: bytes so far
 * @size: how many
 * @header: filled in when it is complete
 *
 * In version 2 TLVs have to fill what the length leaves, and a checksum has to be
 * right. Of what is neither TCP over IPv4 nor over IPv6 no addresses are known, and
 * &proxy_header.local is set.
 *
 * Return: bytes of the header; -EAGAIN: more are needed; -EPROTO: this is none,
 * or a wrong one (checksum, lengths, family, ports). What is wrong is said as soon
 * as it is there, so that nobody waits for the rest of it.
 */
ssize_t proxy_header_parse(const uint8_t *data, size_t size,
			   struct proxy_header *header);

/**
 * proxy_header_write() - write a header
 * @to: where to
 * @size: at least PROXY_HEADER_ROOM
 * @version: 1 or 2
 * @header: what it says; version 2 has @authority and @tls
 *
 * Addresses of two families: IPv4 is written as mapped IPv6. Where an address is
 * missing, the header says that it is not known. An authority of more than 255 bytes
 * is left out.
 *
 * Return: bytes.
 */
size_t proxy_header_write(uint8_t *to, size_t size, int version,
			  const struct proxy_header *header);

#endif /* PROXY_PROXY_HEADER_H */
