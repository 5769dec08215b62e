// SPDX-License-Identifier: GPL-2.0-or-later
/* Values that are addresses. Names are not looked up here. */
#include <arpa/inet.h>
#include <string.h>

#include "address.h"
#include "schema.h"

/* Longest "name:port": a DNS name, or an IPv6 address in brackets. */
#define TARGET_MAX 264

/* The parts of "host:port" or "[host]:port". */
struct parts {
	char copy[TARGET_MAX];
	char *host;
	/* NULL where there is none. */
	char *port;
	bool bracketed;
};

static bool split(const char *text, struct parts *parts)
{
	size_t length = strlen(text);
	char *end;

	if (length >= sizeof(parts->copy))
		return false;
	memcpy(parts->copy, text, length + 1);
	parts->bracketed = text[0] == '[';
	parts->host = parts->copy + parts->bracketed;
	end = strchr(parts->copy, parts->bracketed ? ']' : ':');
	parts->port = NULL;
	if (parts->bracketed) {
		if (!end)
			return false;
		*end++ = '\0';
		if (!*end)
			return true;
		if (*end != ':')
			return false;
	}
	if (end) {
		*end = '\0';
		parts->port = end + 1;
	}
	return true;
}

static bool parse_port(const char *text, uint16_t *port)
{
	uint64_t value;

	if (!schema_parse_number(text, &value) || value < 1 || value > 65535)
		return false;
	*port = (uint16_t)value;
	return true;
}

static bool parse_address(const char *text, bool bracketed,
			  struct sluice_address *address)
{
	if (bracketed && inet_pton(AF_INET6, text, &address->v6) == 1)
		address->family = AF_INET6;
	else if (!bracketed && inet_pton(AF_INET, text, &address->v4) == 1)
		address->family = AF_INET;
	else
		return false;
	return true;
}

static bool check_address(struct config_reader *r,
			  const struct config_node *node,
			  const struct sluice_address *address)
{
	const char *fault = config_address_fault(address);

	if (!fault)
		return true;
	return schema_wrong(r, node->at,
			    "'%s'; %s; give the unicast address of a host",
			    config_show(node->text, node->length).text, fault);
}

static bool read_endpoint(struct config_reader *r,
			  const struct config_node *node,
			  const struct schema_field *field, void *to)
{
	struct sluice_endpoint *endpoint = to;
	struct parts parts;

	if (!schema_is_text(r, node, field))
		return false;
	/* Only what is whole is kept. */
	endpoint->address.family = AF_UNSPEC;
	if (!split(node->text, &parts) ||
	    (parts.port && !parse_port(parts.port, &endpoint->port)) ||
	    !(parts.port || field->number) ||
	    !parse_address(parts.host, parts.bracketed, &endpoint->address))
		return schema_wrong(
			r, node->at,
			"'%s'; not an address and port, as in 192.0.2.1:%d or [2001:db8::1]:%d",
			config_show(node->text, node->length).text,
			field->number ? field->number : 443,
			field->number ? field->number : 443);
	if (!parts.port)
		endpoint->port = (uint16_t)field->number;
	if (check_address(r, node, &endpoint->address))
		return true;
	endpoint->address.family = AF_UNSPEC;
	return false;
}

const struct schema_kind schema_endpoint = {
	.name = "address and port",
	.form = "an address and port, as in 192.0.2.1:443 or [2001:db8::1]:443",
	.pattern = "^([0-9.]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5}$",
	.size = sizeof(struct sluice_endpoint),
	.read = read_endpoint,
};

const struct schema_kind schema_resolver = {
	.name = "address",
	.form = "an address and, perhaps, a port, as in 192.0.2.53 or [2001:db8::53]:53",
	.pattern = "^([0-9.]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?$",
	.size = sizeof(struct sluice_endpoint),
	.read = read_endpoint,
};

static bool read_target(struct config_reader *r, const struct config_node *node,
			const struct schema_field *field, void *to)
{
	struct config_target *target = to;
	struct config_node host;
	struct parts parts;

	if (!schema_is_text(r, node, field))
		return false;
	if (node->text[0] != '[' &&
	    strchr(node->text, ':') != strrchr(node->text, ':'))
		return schema_wrong(
			r, node->at,
			"'%s'; an IPv6 address is written in brackets, as in [2001:db8::1]:80",
			config_show(node->text, node->length).text);
	if (!split(node->text, &parts) ||
	    (parts.port && !parse_port(parts.port, &target->port)))
		return schema_wrong(
			r, node->at,
			"'%s'; not an address or name and a port, as in 10.0.0.1:80, [2001:db8::1]:80 or web.example.com:80",
			config_show(node->text, node->length).text);
	if (parse_address(parts.host, parts.bracketed, &target->address)) {
		if (!parts.port)
			return schema_wrong(
				r, node->at, "'%s'; no port, as in %s:80",
				config_show(node->text, node->length).text,
				config_show(node->text, node->length).text);
		if (config_address_is_any(&target->address))
			return schema_wrong(
				r, node->at,
				"'%s'; the address of no host; give that of a server",
				config_show(node->text, node->length).text);
		return check_address(r, node, &target->address);
	}
	if (parts.bracketed || !config_is_dns_name(parts.host))
		return schema_wrong(
			r, node->at,
			"'%s'; not an address or name and a port, as in 10.0.0.1:80, [2001:db8::1]:80 or web.example.com:80",
			config_show(node->text, node->length).text);
	host = *node;
	host.text = parts.host;
	host.length = strlen(parts.host);
	target->name = schema_keep(r, &host);
	return target->name;
}

const struct schema_kind schema_target = {
	.name = "address or name, and port",
	.form = "an address or name and a port, as in 10.0.0.1:80, [2001:db8::1]:80 or web.example.com:80",
	.size = sizeof(struct config_target),
	.read = read_target,
};

static bool read_source(struct config_reader *r, const struct config_node *node,
			const struct schema_field *field, void *to)
{
	struct sluice_route_source *source = to;
	char address[INET6_ADDRSTRLEN];
	const char *slash;
	uint64_t bits = 0;
	size_t length;

	if (!schema_is_text(r, node, field))
		return false;
	slash = strchr(node->text, '/');
	length = slash ? (size_t)(slash - node->text) : node->length;
	if (length < sizeof(address)) {
		memcpy(address, node->text, length);
		address[length] = '\0';
		if (inet_pton(AF_INET, address, source->address) == 1)
			source->address_len = 4;
		else if (inet_pton(AF_INET6, address, source->address) == 1)
			source->address_len = 16;
	}
	source->bits = (uint8_t)(source->address_len * 8);
	if (!source->address_len ||
	    (slash &&
	     (!schema_parse_number(slash + 1, &bits) || bits > source->bits)))
		return schema_wrong(
			r, node->at,
			"'%s'; not an address or ADDRESS/BITS, as in 192.0.2.0/24 or 2001:db8::/32",
			config_show(node->text, node->length).text);
	if (slash)
		source->bits = (uint8_t)bits;
	for (unsigned int bit = source->bits; bit < source->address_len * 8U;
	     bit++)
		if (source->address[bit / 8] & 0x80 >> bit % 8)
			return schema_wrong(
				r, node->at,
				"'%s'; bits that are not 0 after the first %u; give the first address of the network",
				config_show(node->text, node->length).text,
				source->bits);
	return true;
}

const struct schema_kind schema_source = {
	.name = "network",
	.form = "an address or network, as in 192.0.2.0/24 or 2001:db8::/32",
	.pattern = "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$",
	.size = sizeof(struct sluice_route_source),
	.read = read_source,
};

static bool read_address(struct config_reader *r,
			 const struct config_node *node,
			 const struct schema_field *field, void *to)
{
	struct sluice_address address;
	char **text = to;

	if (!schema_is_text(r, node, field))
		return false;
	if (!parse_address(node->text, strchr(node->text, ':'), &address))
		return schema_wrong(
			r, node->at,
			"'%s'; not an address, as in 192.0.2.1 or 2001:db8::1",
			config_show(node->text, node->length).text);
	*text = schema_keep(r, node);
	return *text && check_address(r, node, &address);
}

const struct schema_kind schema_address = {
	.name = "address",
	.form = "an address, as in 192.0.2.1 or 2001:db8::1",
	.pattern = "^[0-9A-Fa-f:.]+$",
	.size = sizeof(char *),
	.read = read_address,
};
