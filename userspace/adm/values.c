// SPDX-License-Identifier: GPL-2.0-or-later
/* Options of the command line: their names, and how their values are understood. */
#include <string.h>

#include "adm.h"
#include "names.gen.h"

static int to_service(struct adm_request *req, const char *value,
		      uint8_t protocol, struct adm_message *msg)
{
	const struct adm_endpoint_rules rules = {
		.what = "service",
		.protocol = protocol,
	};

	req->service.protocol = protocol;
	return adm_parse_endpoint(&req->service.at, value, &rules, msg);
}

static int to_tcp_service(struct adm_request *req, const char *value,
			  struct adm_message *msg)
{
	return to_service(req, value, IPPROTO_TCP, msg);
}

static int to_udp_service(struct adm_request *req, const char *value,
			  struct adm_message *msg)
{
	return to_service(req, value, IPPROTO_UDP, msg);
}

static int to_pool(struct adm_request *req, const char *value,
		   struct adm_message *msg)
{
	return adm_parse_name(req->pool, value, "pool", msg);
}

static int to_family(struct adm_request *req, const char *value,
		     struct adm_message *msg)
{
	if (strcmp(value, "inet") == 0)
		req->family = AF_INET;
	else if (strcmp(value, "inet6") == 0)
		req->family = AF_INET6;
	else
		return adm_wrong(msg, "family '%.200s': not inet or inet6",
				 value);
	return ADM_DONE;
}

static int to_scheduler(struct adm_request *req, const char *value,
			struct adm_message *msg)
{
	return adm_parse_name(req->scheduler, value, "scheduler", msg);
}

static int to_slow_path(struct adm_request *req, const char *value,
			struct adm_message *msg)
{
	req->slow_path = strcmp(value, "on") == 0;
	if (!req->slow_path && strcmp(value, "off") != 0)
		return adm_wrong(msg, "slow-path '%.200s': not on or off",
				 value);
	return ADM_DONE;
}

static int to_stratum(struct adm_request *req, const char *value,
		      struct adm_message *msg)
{
	int stratum = sluice_stratum_parse(value);

	if (stratum < 0)
		return adm_wrong(msg,
				 "stratum '%.200s': not flow, sniff or relay",
				 value);
	req->stratum = (uint8_t)stratum;
	return ADM_DONE;
}

static int to_parse(struct adm_request *req, const char *value,
		    struct adm_message *msg)
{
	int parse = sluice_parse_parse(value);

	if (parse < 0)
		return adm_wrong(msg, "parse '%.200s': not tls or http", value);
	req->parse = (uint8_t)parse;
	return ADM_DONE;
}

static int to_proxy_protocol(struct adm_request *req, const char *value,
			     struct adm_message *msg)
{
	req->proxy_protocol = strcmp(value, "v2") == 0 ? 2 : 0;
	if (!req->proxy_protocol && strcmp(value, "off") != 0)
		return adm_wrong(msg, "proxy-protocol '%.200s': not v2 or off",
				 value);
	return ADM_DONE;
}

static int to_fate(uint8_t *to, const char *name, const char *value,
		   uint8_t min, struct adm_message *msg)
{
	int fate = sluice_fate_parse(value);

	if (fate < min)
		return adm_wrong(msg, "%s '%.200s': not %sreset or rebalance",
				 name, value, min ? "" : "keep, ");
	*to = (uint8_t)fate;
	return ADM_DONE;
}

static int to_on_down(struct adm_request *req, const char *value,
		      struct adm_message *msg)
{
	return to_fate(&req->on_down, "on-down", value, SLUICE_FATE_KEEP, msg);
}

/* What is to be kept needs no deadline. */
static int to_on_drain(struct adm_request *req, const char *value,
		       struct adm_message *msg)
{
	return to_fate(&req->on_drain, "on-drain", value, SLUICE_FATE_RESET,
		       msg);
}

/* COOKIE, COOKIE:POOL or "off"; the module looks at what is in them. */
static int to_sticky(struct adm_request *req, const char *value,
		     struct adm_message *msg)
{
	const char *pool = strchr(value, ':');
	size_t length = pool ? (size_t)(pool - value) : strlen(value);

	req->sticky_cookie[0] = '\0';
	req->sticky_pool[0] = '\0';
	if (strcmp(value, "off") == 0)
		return ADM_DONE;
	if (!length || length > SLUICE_COOKIE_LEN)
		return adm_wrong(
			msg,
			"sticky '%.300s': not a cookie of 1 to %d characters, COOKIE:POOL or off",
			value, SLUICE_COOKIE_LEN);
	memcpy(req->sticky_cookie, value, length);
	req->sticky_cookie[length] = '\0';
	return pool ? adm_parse_name(req->sticky_pool, pool + 1, "pool", msg) :
		      ADM_DONE;
}

static int to_server(struct adm_request *req, const char *value,
		     struct adm_message *msg)
{
	bool filter = adm_has(req, OPT_CONNECTION);
	const struct adm_endpoint_rules rules = {
		.what = "server",
		.protocol = req->service.protocol,
		.family = req->service.at.address.family,
		.port = filter ? 0 : req->service.at.port,
		.port_optional = filter,
	};

	return adm_parse_endpoint(&req->server, value, &rules, msg);
}

static int to_client(struct adm_request *req, const char *value,
		     struct adm_message *msg)
{
	const struct adm_endpoint_rules rules = {
		.what = "client",
		.protocol = req->service.protocol,
		.family = req->service.at.address.family,
		.port_optional = true,
	};

	return adm_parse_endpoint(&req->client, value, &rules, msg);
}

static int to_forward(struct adm_request *req, const char *value,
		      struct adm_message *msg)
{
	int forward = sluice_forward_parse(value);

	if (forward < 0)
		return adm_wrong(
			msg,
			"forwarding method '%.200s': not nat, dr or tunnel",
			value);
	req->forward = (uint8_t)forward;
	return ADM_DONE;
}

/* ipvsadm -S writes it with -i, whose only kind of tunnel it is. */
static int to_tun_type(struct adm_request *req, const char *value,
		       struct adm_message *msg)
{
	(void)req;
	if (strcmp(value, "ipip") != 0)
		return adm_wrong(msg, "tunnel type '%.200s': not ipip", value);
	return ADM_DONE;
}

static int to_weight(struct adm_request *req, const char *value,
		     struct adm_message *msg)
{
	return adm_parse_number(&req->weight, value, 0, SLUICE_WEIGHT_MAX,
				"weight", msg);
}

static int to_state(struct adm_request *req, const char *value,
		    struct adm_message *msg)
{
	int state = sluice_server_state_parse(value);

	if (state < 0)
		return adm_wrong(
			msg, "state '%.200s': not up, draining or down", value);
	req->state = (uint8_t)state;
	return ADM_DONE;
}

static int to_deadline(struct adm_request *req, const char *value,
		       struct adm_message *msg)
{
	return adm_parse_time(&req->deadline, value, 0, "deadline", msg);
}

static int to_reason(struct adm_request *req, const char *value,
		     struct adm_message *msg)
{
	size_t length = strlen(value);

	for (size_t i = 0; i < length; i++)
		if (value[i] < ' ' || value[i] > '~')
			length = 0;
	if (length == 0 || length > SLUICE_REASON_LEN)
		return adm_wrong(
			msg,
			"reason '%.200s': not 1 to %d printable ASCII characters",
			value, SLUICE_REASON_LEN);
	memcpy(req->reason, value, length + 1);
	return ADM_DONE;
}

static int to_interval(struct adm_request *req, const char *value,
		       struct adm_message *msg)
{
	return adm_parse_number(&req->interval, value, 1, 3600, "interval",
				msg);
}

const struct adm_option_kind adm_options[OPT_COUNT] = {
	[OPT_TCP_SERVICE] = { 't', "tcp-service", to_tcp_service },
	[OPT_UDP_SERVICE] = { 'u', "udp-service", to_udp_service },
	[OPT_POOL] = { 0, "pool", to_pool },
	[OPT_FAMILY] = { 0, "family", to_family },
	[OPT_SCHEDULER] = { 's', "scheduler", to_scheduler },
	[OPT_SLOW_PATH] = { 0, "slow-path", to_slow_path },
	[OPT_STRATUM] = { 0, "stratum", to_stratum },
	[OPT_PARSE] = { 0, "parse", to_parse },
	[OPT_PROXY_PROTOCOL] = { 0, "proxy-protocol", to_proxy_protocol },
	[OPT_ON_DOWN] = { 0, "on-down", to_on_down },
	[OPT_ON_DRAIN] = { 0, "on-drain", to_on_drain },
	[OPT_STICKY] = { 0, "sticky", to_sticky },
	[OPT_SERVER] = { 'r', "real-server", to_server },
	[OPT_CLIENT] = { 0, "client", to_client },
	[OPT_MASQUERADING] = { 'm', "masquerading", NULL },
	[OPT_GATEWAYING] = { 'g', "gatewaying", NULL },
	[OPT_IPIP] = { 'i', "ipip", NULL },
	[OPT_TUN_TYPE] = { 0, "tun-type", to_tun_type },
	[OPT_FORWARD] = { 0, "forward", to_forward },
	[OPT_WEIGHT] = { 'w', "weight", to_weight },
	[OPT_STATE] = { 0, "state", to_state },
	[OPT_DEADLINE] = { 0, "deadline", to_deadline },
	[OPT_REASON] = { 0, "reason", to_reason },
	[OPT_NUMERIC] = { 'n', "numeric", NULL },
	[OPT_CONNECTION] = { 'c', "connection", NULL },
	[OPT_STATS] = { 0, "stats", NULL },
	[OPT_RATE] = { 0, "rate", NULL },
	[OPT_INTERVAL] = { 0, "interval", to_interval },
	[OPT_TIMEOUT] = { 0, "timeout", NULL },
	[OPT_REFUSED] = { 0, "refused", NULL },
	[OPT_EXACT] = { 0, "exact", NULL },
	[OPT_SORT] = { 0, "sort", NULL },
	[OPT_NOSORT] = { 0, "nosort", NULL },
	[OPT_JSON] = { 0, "json", NULL },
};
