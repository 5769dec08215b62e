// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <string.h>

#include "address.h"

#define DNS_NAME_MAX 253
#define DNS_LABEL_MAX 63

const char *config_address_fault(const struct sluice_address *address)
{
	uint32_t v4 = ntohl(address->v4.s_addr);

	if (address->family == AF_INET && (v4 >> 28 == 14 || v4 == UINT32_MAX))
		return "a multicast or broadcast address";
	if (address->family == AF_INET)
		return NULL;
	if (IN6_IS_ADDR_MULTICAST(&address->v6))
		return "a multicast address";
	if (IN6_IS_ADDR_LINKLOCAL(&address->v6))
		return "a link-local address";
	if (IN6_IS_ADDR_V4MAPPED(&address->v6))
		return "an IPv4 address in IPv6 form";
	return NULL;
}

const char *config_address_local(const struct sluice_address *address)
{
	uint32_t v4 = ntohl(address->v4.s_addr);

	if (address->family == AF_INET && v4 >> 24 == 127)
		return "loopback";
	if (address->family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&address->v6))
		return "loopback";
	return config_address_is_any(address) ? "unspecified" : NULL;
}

bool config_address_is_any(const struct sluice_address *address)
{
	if (address->family == AF_INET)
		return ntohl(address->v4.s_addr) >> 24 == 0;
	return IN6_IS_ADDR_UNSPECIFIED(&address->v6);
}

bool config_is_dns_name(const char *name)
{
	size_t label = 0, length = strlen(name);
	const char *last = strrchr(name, '.');
	bool digits = true;

	if (length == 0 || length > DNS_NAME_MAX)
		return false;
	for (const char *c = name; *c; c++) {
		if (*c != '.' && *c != '-' && *c != '_' &&
		    !isalnum((unsigned char)*c))
			return false;
		if (*c == '.' && label == 0)
			return false;
		label = *c == '.' ? 0 : label + 1;
		if (label > DNS_LABEL_MAX)
			return false;
	}
	/* A wrong IPv4 address is no name. */
	for (const char *c = last && last[1] ? last + 1 : name; *c; c++)
		digits = digits && (isdigit((unsigned char)*c) || *c == '.');
	return !digits && label > 0;
}
