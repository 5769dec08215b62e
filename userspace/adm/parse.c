// SPDX-License-Identifier: GPL-2.0-or-later
/* Words of the command line: numbers, names, addresses. */
#include <arpa/inet.h>
#include <ctype.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adm.h"

/* Longest "host:port" there can be: a DNS name, brackets, a service name. */
#define ENDPOINT_MAX 320

static bool all_digits(const char *word)
{
	return word[0] && word[strspn(word, "0123456789")] == '\0';
}

int adm_parse_number(uint32_t *to, const char *word, uint32_t min, uint32_t max,
		     const char *what, struct adm_message *msg)
{
	unsigned long long value;

	/* Ten digits do not overflow; more cannot be right, zeros aside. */
	if (all_digits(word) && strlen(word) <= 10) {
		value = strtoull(word, NULL, 10);
		if (value >= min && value <= max) {
			*to = (uint32_t)value;
			return ADM_DONE;
		}
	}
	return adm_wrong(msg, "%s '%.200s': not a number from %u to %u", what,
			 word, min, max);
}

/**
 * adm_parse_time() - read a time
 * @to: set to milliseconds
 * @word: "500ms", "30s", "15m", "2h", or a plain number of milliseconds
 * @min: least number of milliseconds
 * @what: what it is called
 * @msg: says what is wrong
 *
 * Return: an exit status.
 */
int adm_parse_time(uint32_t *to, const char *word, uint32_t min,
		   const char *what, struct adm_message *msg)
{
	static const struct {
		const char *name;
		uint32_t milliseconds;
	} units[] = { { "ms", 1 },
		      { "", 1 },
		      { "s", 1000 },
		      { "m", 60000 },
		      { "h", 3600000 } };
	size_t digits = strspn(word, "0123456789");
	unsigned long long value;

	for (size_t i = 0; digits && digits <= 10 && i < ARRAY_SIZE(units);
	     i++) {
		if (strcmp(word + digits, units[i].name) != 0)
			continue;
		value = strtoull(word, NULL, 10) * units[i].milliseconds;
		if (value < min || value > SLUICE_TIMEOUT_MAX)
			break;
		*to = (uint32_t)value;
		return ADM_DONE;
	}
	return adm_wrong(
		msg,
		"%s '%.200s': not %u to %u milliseconds, as in 500ms, 30s, 15m or 2h",
		what, word, min, SLUICE_TIMEOUT_MAX);
}

int adm_parse_name(char to[SLUICE_NAME_LEN + 1], const char *word,
		   const char *what, struct adm_message *msg)
{
	size_t length = strlen(word);

	for (size_t i = 0; i < length; i++)
		if (!isascii(word[i]) || !isgraph(word[i]))
			length = 0;
	if (length == 0 || length > SLUICE_NAME_LEN)
		return adm_wrong(
			msg,
			"%s '%.200s': not 1 to %d printable characters without blanks",
			what, word, SLUICE_NAME_LEN);
	memcpy(to, word, length + 1);
	return ADM_DONE;
}

/* What the resolver would take for a number in a form of its own, is none. */
static bool is_host_name(const char *host)
{
	const char *label = strrchr(host, '.');
	size_t length = strlen(host);

	label = label && label[1] ? label + 1 : host;
	if (length == 0 || length > 253 || !isalpha((unsigned char)label[0]))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)host[i]) && !strchr("-._", host[i]))
			return false;
	return true;
}

static bool resolve_as(struct sluice_address *to, const char *host,
		       sa_family_t family)
{
	const struct addrinfo hints = {
		.ai_family = family,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *list;

	if (getaddrinfo(host, NULL, &hints, &list) != 0)
		return false;
	to->family = family;
	if (family == AF_INET)
		to->v4 =
			((struct sockaddr_in *)(void *)list->ai_addr)->sin_addr;
	else
		to->v6 = ((struct sockaddr_in6 *)(void *)list->ai_addr)
				 ->sin6_addr;
	freeaddrinfo(list);
	return true;
}

/* A name in brackets stands for an IPv6 address, as ipvsadm -S writes it. */
static bool resolve(struct sluice_address *to, const char *host, bool bracketed,
		    sa_family_t family)
{
	if (bracketed)
		return resolve_as(to, host, AF_INET6);
	return (family != AF_INET6 && resolve_as(to, host, AF_INET)) ||
	       (family != AF_INET && resolve_as(to, host, AF_INET6));
}

static const char *family_name(sa_family_t family)
{
	return family == AF_INET ? "IPv4" : "IPv6";
}

static int parse_host(struct sluice_address *to, const char *host,
		      bool bracketed, const struct adm_endpoint_rules *rules,
		      struct adm_message *msg)
{
	if (bracketed && inet_pton(AF_INET6, host, &to->v6) == 1)
		to->family = AF_INET6;
	else if (!bracketed && inet_pton(AF_INET, host, &to->v4) == 1)
		to->family = AF_INET;
	else if (!is_host_name(host))
		return adm_wrong(msg, "%s '%.200s': not an %s", rules->what,
				 host,
				 bracketed ? "IPv6 address" :
					     "IPv4 address, host name or "
					     "[IPv6 address]");
	else if (!resolve(to, host, bracketed, rules->family)) {
		adm_wrong(msg,
			  "%s '%.200s': no %s address is known for this name",
			  rules->what, host,
			  bracketed	? "IPv6" :
			  rules->family ? family_name(rules->family) :
					  "IP");
		return ADM_FAILED;
	}
	if (rules->family && to->family != rules->family)
		return adm_wrong(
			msg, "%s '%.200s': not an %s address like the service",
			rules->what, host, family_name(rules->family));
	return ADM_DONE;
}

static int parse_port(uint16_t *to, const char *port,
		      const struct adm_endpoint_rules *rules,
		      struct adm_message *msg)
{
	const char *protocol = rules->protocol == IPPROTO_UDP ? "udp" : "tcp";
	const struct servent *entry;
	uint32_t number = 0;

	if (all_digits(port)) {
		if (adm_parse_number(&number, port, 1, 65535, "port", msg))
			return ADM_USAGE;
		*to = (uint16_t)number;
		return ADM_DONE;
	}
	entry = isalpha((unsigned char)port[0]) ?
			getservbyname(port, protocol) :
			NULL;
	if (!entry)
		return adm_wrong(
			msg,
			"port '%.200s': not a number from 1 to 65535 nor a %s service name",
			port, protocol);
	*to = ntohs((uint16_t)entry->s_port);
	return ADM_DONE;
}

/* Cut "host:port" or "[host]:port" in two. Return: false if it is neither. */
static bool split(char *word, char **host, char **port, bool *bracketed)
{
	char *end;

	*bracketed = word[0] == '[';
	if (*bracketed) {
		*host = word + 1;
		end = strchr(word, ']');
		if (!end || (end[1] != '\0' && end[1] != ':'))
			return false;
		*port = end[1] ? end + 2 : NULL;
		*end = '\0';
		return true;
	}
	*host = word;
	end = strchr(word, ':');
	*port = end ? end + 1 : NULL;
	if (end)
		*end = '\0';
	return true;
}

/**
 * adm_parse_endpoint() - read "host:port"
 * @to: filled in
 * @word: IPv4 address or name, or an IPv6 address or name of one in brackets;
 *   then a colon and a port by number or name
 * @rules: what it is called, and what it has to fit
 * @msg: says what is wrong
 *
 * Return: an exit status.
 */
int adm_parse_endpoint(struct sluice_endpoint *to, const char *word,
		       const struct adm_endpoint_rules *rules,
		       struct adm_message *msg)
{
	char copy[ENDPOINT_MAX];
	char *host;
	char *port;
	bool bracketed;
	int err;

	if (strlen(word) >= sizeof(copy))
		return adm_wrong(msg, "%s: longer than any address",
				 rules->what);
	memcpy(copy, word, strlen(word) + 1);
	if (word[0] != '[' && strchr(word, ':') != strrchr(word, ':'))
		return adm_wrong(
			msg,
			"%s '%.200s': an IPv6 address is written in brackets, as in [2001:db8::1]:80",
			rules->what, word);
	if (!split(copy, &host, &port, &bracketed))
		return adm_wrong(msg,
				 "%s '%.200s': not of the form [address]:port",
				 rules->what, word);
	to->port = rules->port;
	if (port) {
		err = parse_port(&to->port, port, rules, msg);
		if (err)
			return err;
	} else if (!to->port && !rules->port_optional) {
		return adm_wrong(msg, "%s '%.200s': no port, as in %.200s:80",
				 rules->what, word, word);
	}
	return parse_host(&to->address, host, bracketed, rules, msg);
}
