// SPDX-License-Identifier: GPL-2.0-or-later
/* Address and port as text. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sluice.h"

const char *sluice_endpoint_print(char *to, size_t size,
				  const struct sluice_endpoint *at)
{
	char number[INET6_ADDRSTRLEN] = "*";

	if (at->address.family)
		inet_ntop(at->address.family, &at->address.v6, number,
			  sizeof(number));
	snprintf(to, size, at->address.family == AF_INET6 ? "[%s]:%u" : "%s:%u",
		 number, at->port);
	return to;
}

static bool parse_port(const char *text, uint16_t *port)
{
	unsigned long value = 0;

	if (!*text || strlen(text) > 5 ||
	    strspn(text, "0123456789") != strlen(text))
		return false;
	value = strtoul(text, NULL, 10);
	*port = (uint16_t)value;
	return value >= 1 && value <= 65535;
}

bool sluice_endpoint_parse(const char *text, struct sluice_endpoint *at)
{
	bool bracketed = text[0] == '[';
	char host[INET6_ADDRSTRLEN];
	const char *end = strchr(text, bracketed ? ']' : ':');
	size_t length;

	if (!end)
		return false;
	text += bracketed;
	length = (size_t)(end - text);
	if (length >= sizeof(host))
		return false;
	memcpy(host, text, length);
	host[length] = '\0';
	end += bracketed;
	at->address.family = bracketed ? AF_INET6 : AF_INET;
	return *end == ':' && parse_port(end + 1, &at->port) &&
	       inet_pton(at->address.family, host, &at->address.v6) == 1;
}

int sluice_endpoint_compare(const struct sluice_endpoint *a,
			    const struct sluice_endpoint *b)
{
	int order;

	if (a->address.family != b->address.family)
		return a->address.family < b->address.family ? -1 : 1;
	order = memcmp(&a->address.v6, &b->address.v6,
		       a->address.family == AF_INET ? sizeof(a->address.v4) :
						      sizeof(a->address.v6));
	return order ? order : (int)a->port - (int)b->port;
}
