// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Host and port of an HTTP request, as in a target and in Host: RFC 3986 3.2 less
 * what enum sluice_http_host_kind says of names, zones of IPv6 addresses, which
 * mean nothing to another machine, and IPvFuture, which has none.
 */
#include "http.h"

/* Longest IPv6 address: eight groups of four, the last two as an IPv4 address. */
#define IPV6_MAX 45

static bool is_ipv4(const u8 *p, u32 len)
{
	u32 i = 0, octets = 0, digits, value;

	/* Most names end otherwise. */
	if (!len || !is_digit(p[len - 1]))
		return false;
	for (;;) {
		value = 0;
		for (digits = 0; i < len && is_digit(p[i]); digits++, i++) {
			if (digits == 3 || (digits && !value))
				return false;
			value = value * 10 + p[i] - '0';
		}
		if (!digits || value > 255)
			return false;
		octets++;
		if (i == len || octets == 4)
			return i == len && octets == 4;
		if (p[i++] != '.')
			return false;
	}
}

static bool is_ipv6(const u8 *p, u32 len)
{
	u32 i = 0, groups = 0, begin;
	bool gap = false;

	if (len > IPV6_MAX)
		return false;
	if (len >= 2 && p[0] == ':' && p[1] == ':') {
		gap = true;
		i = 2;
	}
	while (i < len) {
		begin = i;
		while (i < len && i - begin < 4 && is_char(p[i], CHAR_HEX))
			i++;
		if (i < len && p[i] == '.') {
			if (!is_ipv4(p + begin, len - begin))
				return false;
			groups += 2;
			break;
		}
		if (i == begin)
			return false;
		groups++;
		if (i == len)
			break;
		if (p[i] != ':' || i + 1 == len)
			return false;
		i++;
		if (p[i] == ':') {
			if (gap)
				return false;
			gap = true;
			i++;
		}
	}
	return gap ? groups < 8 : groups == 8;
}

/*
 * Labels of some length, so that no name is a way through folders. Return: where the
 * name ends, at a colon or at @len; 0 if it is none.
 */
static u32 name_length(const u8 *p, u32 len)
{
	u8 before = '.';
	u32 i;

	for (i = 0; i < len && p[i] != ':'; i++) {
		if (!is_char(p[i], CHAR_HOST) || (p[i] == '.' && before == '.'))
			return 0;
		before = p[i];
	}
	return i;
}

/*
 * Digits up to 65535. Nobody can have connected to port 0. Without digits it is
 * as if there were no port (RFC 3986 6.2.3).
 */
static bool parse_port(const u8 *p, u32 len, struct http_authority *authority)
{
	u32 i, port = 0;

	if (len > 5)
		return false;
	for (i = 0; i < len; i++) {
		if (!is_digit(p[i]))
			return false;
		port = port * 10 + p[i] - '0';
	}
	if (len && (!port || port > 65535))
		return false;
	authority->port = port;
	authority->has_port = len;
	return true;
}

/**
 * sluice_http_authority_parse() - take host and port apart
 * @buf: where @text is
 * @text: all of it, without user information
 * @authority: filled in if it is right
 *
 * Return: whether it is right. A text that is empty is right and has no host.
 */
bool sluice_http_authority_parse(const u8 *buf, struct sluice_http_slice text,
				 struct http_authority *authority)
{
	const u8 *p = buf + text.offset;
	u32 len = text.length, end;

	*authority = (struct http_authority){ .host = text };
	if (!len)
		return true;
	if (p[0] == '[') {
		end = 1;
		while (end < len && p[end] != ']')
			end++;
		if (end == len || !is_ipv6(p + 1, end - 1))
			return false;
		end++;
		authority->kind = SLUICE_HTTP_HOST_IPV6;
	} else {
		end = name_length(p, len);
		if (!end || end > SLUICE_HTTP_HOST_MAX)
			return false;
		authority->kind = is_ipv4(p, end) ? SLUICE_HTTP_HOST_IPV4 :
						    SLUICE_HTTP_HOST_NAME;
	}
	authority->host.length = end;
	if (end == len)
		return true;
	return p[end] == ':' &&
	       parse_port(p + end + 1, len - end - 1, authority);
}
