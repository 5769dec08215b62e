/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which addresses and names a server may have, wherever they come from. Pure. */
#ifndef CONFIG_ADDRESS_H
#define CONFIG_ADDRESS_H

#include <stdbool.h>

#include "sluice.h"

/**
 * config_address_fault() - what no host has, whatever the stratum
 * @address: of IPv4 or IPv6
 *
 * Return: what it is instead of the address of a host, or NULL
 */
const char *config_address_fault(const struct sluice_address *address);

/**
 * config_address_local() - whether packets of other hosts can have an address
 * @address: of IPv4 or IPv6
 *
 * Return: NULL, or "loopback" or "unspecified": not for the kernel's strata
 */
const char *config_address_local(const struct sluice_address *address);

/**
 * config_address_is_any() - 0.0.0.0/8 and ::, which mean any
 * @address: of IPv4 or IPv6
 *
 * Return: whether it is one of them
 */
bool config_address_is_any(const struct sluice_address *address);

/**
 * config_is_dns_name() - RFC 1035 section 2.3.4, and underscores, which names of
 * SRV records have
 * @name: text, without a dot at its end
 *
 * Return: whether it is one; what looks like an IPv4 address is none
 */
bool config_is_dns_name(const char *name);

#endif /* CONFIG_ADDRESS_H */
