// SPDX-License-Identifier: GPL-2.0-or-later
/* Attributes that several objects have. */
#include <errno.h>
#include <string.h>

#include "netlink.h"

uint64_t sluice_get_uint(const struct nlattr *attr)
{
	if (!attr)
		return 0;
	/* The kernel sends "uint" in 4 bytes where the number fits. */
	if (nla_len(attr) == (int)sizeof(uint64_t))
		return nla_get_u64(attr);
	return nla_get_u32(attr);
}

uint32_t sluice_get_u32(const struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : 0;
}

uint16_t sluice_get_u16(const struct nlattr *attr)
{
	return attr ? nla_get_u16(attr) : 0;
}

uint8_t sluice_get_u8(const struct nlattr *attr)
{
	return attr ? nla_get_u8(attr) : 0;
}

uint16_t sluice_get_port(const struct nlattr *attr)
{
	return attr ? ntohs(nla_get_u16(attr)) : 0;
}

void sluice_get_name(char *to, size_t size, const struct nlattr *attr)
{
	if (attr)
		nla_strlcpy(to, attr, size);
	else
		to[0] = '\0';
}

int sluice_get_address(struct sluice_address *to, const struct nlattr *attr)
{
	memset(to, 0, sizeof(*to));
	if (!attr)
		return 0;
	if (nla_len(attr) == (int)sizeof(to->v4)) {
		to->family = AF_INET;
		memcpy(&to->v4, nla_data(attr), sizeof(to->v4));
		return 0;
	}
	if (nla_len(attr) == (int)sizeof(to->v6)) {
		to->family = AF_INET6;
		memcpy(&to->v6, nla_data(attr), sizeof(to->v6));
		return 0;
	}
	return -EBADMSG;
}

int sluice_get_service(struct sluice_service_key *to, struct nlattr *attr)
{
	static const struct nla_policy policy[] = {
		[SLUICE_A_SERVICE_PROTOCOL] = { .type = NLA_U8 },
		[SLUICE_A_SERVICE_ADDRESS] = SLUICE_ADDRESS_POLICY,
		[SLUICE_A_SERVICE_PORT] = { .type = NLA_U16 },
	};
	struct nlattr *tb[ARRAY_SIZE(policy)];

	memset(to, 0, sizeof(*to));
	if (!attr ||
	    nla_parse_nested(tb, ARRAY_SIZE(policy) - 1, attr, policy) < 0)
		return -EBADMSG;
	to->protocol = sluice_get_u8(tb[SLUICE_A_SERVICE_PROTOCOL]);
	to->at.port = sluice_get_port(tb[SLUICE_A_SERVICE_PORT]);
	return sluice_get_address(&to->at.address,
				  tb[SLUICE_A_SERVICE_ADDRESS]);
}

int sluice_get_stats(struct sluice_stats *to, struct nlattr *attr)
{
	static const struct nla_policy policy[] = {
		[SLUICE_A_STATS_CONNECTIONS] = SLUICE_UINT_POLICY,
		[SLUICE_A_STATS_IN_PACKETS] = SLUICE_UINT_POLICY,
		[SLUICE_A_STATS_IN_BYTES] = SLUICE_UINT_POLICY,
		[SLUICE_A_STATS_OUT_PACKETS] = SLUICE_UINT_POLICY,
		[SLUICE_A_STATS_OUT_BYTES] = SLUICE_UINT_POLICY,
	};
	struct nlattr *tb[ARRAY_SIZE(policy)];

	memset(to, 0, sizeof(*to));
	if (!attr)
		return 0;
	if (nla_parse_nested(tb, ARRAY_SIZE(policy) - 1, attr, policy) < 0)
		return -EBADMSG;
	to->connections = sluice_get_uint(tb[SLUICE_A_STATS_CONNECTIONS]);
	to->in_packets = sluice_get_uint(tb[SLUICE_A_STATS_IN_PACKETS]);
	to->in_bytes = sluice_get_uint(tb[SLUICE_A_STATS_IN_BYTES]);
	to->out_packets = sluice_get_uint(tb[SLUICE_A_STATS_OUT_PACKETS]);
	to->out_bytes = sluice_get_uint(tb[SLUICE_A_STATS_OUT_BYTES]);
	return 0;
}

int sluice_get_refusals(struct sluice_refusals *to, struct nlattr *attr)
{
	static const struct nla_policy policy[] = {
		[SLUICE_A_REFUSALS_NO_SERVER] = SLUICE_UINT_POLICY,
		[SLUICE_A_REFUSALS_LIMIT] = SLUICE_UINT_POLICY,
		[SLUICE_A_REFUSALS_MEMORY] = SLUICE_UINT_POLICY,
		[SLUICE_A_REFUSALS_CLASH] = SLUICE_UINT_POLICY,
		[SLUICE_A_REFUSALS_NO_ROUTE] = SLUICE_UINT_POLICY,
		[SLUICE_A_REFUSALS_REJECTED] = SLUICE_UINT_POLICY,
		[SLUICE_A_REFUSALS_MALFORMED] = SLUICE_UINT_POLICY,
		[SLUICE_A_REFUSALS_HEAD_TIMEOUT] = SLUICE_UINT_POLICY,
		[SLUICE_A_REFUSALS_CONNECT] = SLUICE_UINT_POLICY,
		[SLUICE_A_REFUSALS_PRESSURE] = SLUICE_UINT_POLICY,
		[SLUICE_A_REFUSALS_CLOSED] = SLUICE_UINT_POLICY,
	};
	struct nlattr *tb[ARRAY_SIZE(policy)];

	memset(to, 0, sizeof(*to));
	if (!attr)
		return 0;
	if (nla_parse_nested(tb, ARRAY_SIZE(policy) - 1, attr, policy) < 0)
		return -EBADMSG;
	to->no_server = sluice_get_uint(tb[SLUICE_A_REFUSALS_NO_SERVER]);
	to->limit = sluice_get_uint(tb[SLUICE_A_REFUSALS_LIMIT]);
	to->memory = sluice_get_uint(tb[SLUICE_A_REFUSALS_MEMORY]);
	to->clash = sluice_get_uint(tb[SLUICE_A_REFUSALS_CLASH]);
	to->no_route = sluice_get_uint(tb[SLUICE_A_REFUSALS_NO_ROUTE]);
	to->rejected = sluice_get_uint(tb[SLUICE_A_REFUSALS_REJECTED]);
	to->malformed = sluice_get_uint(tb[SLUICE_A_REFUSALS_MALFORMED]);
	to->head_timeout = sluice_get_uint(tb[SLUICE_A_REFUSALS_HEAD_TIMEOUT]);
	to->connect = sluice_get_uint(tb[SLUICE_A_REFUSALS_CONNECT]);
	to->pressure = sluice_get_uint(tb[SLUICE_A_REFUSALS_PRESSURE]);
	to->closed = sluice_get_uint(tb[SLUICE_A_REFUSALS_CLOSED]);
	return 0;
}

int sluice_put_name(struct nl_msg *msg, int type, const char *name)
{
	return name[0] ? nla_put_string(msg, type, name) : 0;
}

int sluice_put_address(struct nl_msg *msg, int type,
		       const struct sluice_address *address)
{
	switch (address->family) {
	case AF_INET:
		return nla_put(msg, type, sizeof(address->v4), &address->v4);
	case AF_INET6:
		return nla_put(msg, type, sizeof(address->v6), &address->v6);
	default:
		return 0;
	}
}

int sluice_put_port(struct nl_msg *msg, int type, uint16_t port)
{
	return port ? nla_put_u16(msg, type, htons(port)) : 0;
}

int sluice_put_service_key(struct nl_msg *msg,
			   const struct sluice_service_key *key)
{
	if (nla_put_u8(msg, SLUICE_A_SERVICE_PROTOCOL, key->protocol) < 0 ||
	    sluice_put_address(msg, SLUICE_A_SERVICE_ADDRESS,
			       &key->at.address) < 0 ||
	    sluice_put_port(msg, SLUICE_A_SERVICE_PORT, key->at.port) < 0)
		return -NLE_NOMEM;
	return 0;
}

int sluice_put_service(struct nl_msg *msg, int type,
		       const struct sluice_service_key *key)
{
	struct nlattr *nest = nla_nest_start(msg, type);

	if (!nest || sluice_put_service_key(msg, key) < 0)
		return -NLE_NOMEM;
	return nla_nest_end(msg, nest);
}
