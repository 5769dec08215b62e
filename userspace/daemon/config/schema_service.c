// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys of services. */
#include <netinet/in.h>
#include <sluice/http_head.h>
#include <string.h>

#include "schema.h"

#define DAY 86400000

static const struct schema_word version_words[] = {
	{ "1.2", 12, CONFIG_FLOW },
	{ "1.3", 13, CONFIG_FLOW },
	{ .word = NULL },
};

static const struct schema_word client_words[] = {
	{ "off", CONFIG_CLIENT_OFF, CONFIG_FLOW },
	{ "optional", CONFIG_CLIENT_OPTIONAL, CONFIG_PROXY },
	{ "required", CONFIG_CLIENT_REQUIRED, CONFIG_PROXY },
	{ .word = NULL },
};

static const struct schema_field tls_fields[] = {
	{
		.key = "certificates",
		.kind = &schema_name,
		.many = SCHEMA_LIST,
		.offset = offsetof(struct config_tls, certificates),
		.required = true,
		.most = 4096,
		.doc = "Certificates, chosen by the server name that the client asks for; the first one for those that ask for none.",
	},
	{
		.key = "min-version",
		.kind = &schema_word,
		.offset = offsetof(struct config_tls, min_version),
		.initial = "1.2",
		.words = version_words,
		.doc = "Oldest version of TLS.",
	},
	{
		.key = "alpn",
		.kind = &schema_text,
		.many = SCHEMA_LIST,
		.offset = offsetof(struct config_tls, alpn),
		.most = 16,
		.max = 255,
		.doc = "Protocols to accept, the best first; without it, those that parse implies.",
	},
	{
		.key = "client-certificate",
		.kind = &schema_word,
		.offset = offsetof(struct config_tls, client_certificate),
		.initial = "off",
		.words = client_words,
		.doc = "Whether clients are asked for a certificate. Servers get its subject in the field X-Client-Cert-Subject.",
	},
	{
		.key = "client-ca",
		.kind = &schema_path,
		.offset = offsetof(struct config_tls, client_ca),
		.doc = "Who may have signed clients' certificates, in PEM; read again at a reload.",
	},
	{
		.key = "tickets",
		.kind = &schema_bool,
		.offset = offsetof(struct config_tls, tickets),
		.initial = "true",
		.doc = "Whether clients may resume sessions.",
	},
	{
		.key = "ocsp",
		.kind = &schema_bool,
		.offset = offsetof(struct config_tls, ocsp),
		.initial = "false",
		.doc = "Whether a response of OCSP is stapled: the one in NAME.ocsp (DER) beside a certificate in NAME.pem, as long as it is valid.",
	},
	{ .key = NULL },
};

static void finish_tls(struct config_reader *r, void *object)
{
	const struct config_tls *tls = object;

	if (tls->client_certificate > CONFIG_CLIENT_OFF && !tls->client_ca)
		schema_missing(
			r, tls->at, "client-ca",
			"client-certificate needs who may have signed it");
}

const struct schema_object schema_tls = {
	.name = "tls",
	.doc = "TLS that ends at the balancer.",
	.size = sizeof(struct config_tls),
	.fields = tls_fields,
	.finish = finish_tls,
};

static const struct schema_word forwarded_words[] = {
	{ "x-forwarded", CONFIG_FORWARDED_X, CONFIG_FLOW },
	{ "rfc7239", CONFIG_FORWARDED_RFC7239, CONFIG_FLOW },
	{ "both", CONFIG_FORWARDED_X | CONFIG_FORWARDED_RFC7239, CONFIG_FLOW },
	{ "true", CONFIG_FORWARDED_X, CONFIG_FLOW },
	{ "false", 0, CONFIG_FLOW },
	{ .word = NULL },
};

static const struct schema_word access_words[] = {
	{ "off", CONFIG_ACCESS_OFF, CONFIG_FLOW },
	{ "json", CONFIG_ACCESS_JSON, CONFIG_PROXY },
	{ "combined", CONFIG_ACCESS_COMBINED, CONFIG_PROXY },
	{ .word = NULL },
};

#define TIMEOUT(name, member, default_, doc_)             \
	{ .key = (name),                                  \
	  .kind = &schema_duration,                       \
	  .offset = offsetof(struct config_http, member), \
	  .min = 100,                                     \
	  .max = DAY,                                     \
	  .initial = (default_),                          \
	  .doc = (doc_) }

static const struct schema_field http_fields[] = {
	TIMEOUT("head-timeout", head_timeout, "10s",
		"How long a client has for the head of a request."),
	TIMEOUT("body-timeout", body_timeout, "30s",
		"Longest pause in a body, on its way to a server or to the client."),
	TIMEOUT("idle-timeout", idle_timeout, "60s",
		"How long a client may wait with its next request; the first one has head-timeout."),
	TIMEOUT("connect-timeout", connect_timeout, "3s",
		"How long a server has to accept a connection and, with tls, for the handshake."),
	TIMEOUT("answer-timeout", answer_timeout, "60s",
		"How long a server has for the head of its answer, once it has all of the request."),
	TIMEOUT("tunnel-timeout", tunnel_timeout, "1h",
		"How long a tunnel, as of WebSocket, may be silent."),
	TIMEOUT("queue-timeout", queue_timeout, "10s",
		"How long a request may wait in the queue of a pool."),
	{
		.key = "rate-min",
		.kind = &schema_size,
		.offset = offsetof(struct config_http, rate_min),
		.stratum = CONFIG_PROXY,
		.max = 1 << 30,
		.initial = "240",
		.doc = "Least bytes a second that a client has to send of a request's body, and to take of a response's, of the time in which nothing but the client is waited for, each time that this has been for body-timeout; 0: any. What is waited for a server, and tunnels, do not count. Stratum relay has no such limit.",
	},
	{
		.key = "head-max",
		.kind = &schema_size,
		.offset = offsetof(struct config_http, head_max),
		.stratum = CONFIG_PROXY,
		.min = 1024,
		.max = 65535,
		.initial = "16k",
		.doc = "Most bytes of a request's head; its target has at most 8192 of them.",
	},
	{
		.key = "headers-max",
		.kind = &schema_number,
		.offset = offsetof(struct config_http, headers_max),
		.stratum = CONFIG_PROXY,
		.min = 1,
		.max = SLUICE_HTTP_HEADERS_MAX,
		.initial = "100",
		.doc = "Most fields of a request's head.",
	},
	{
		.key = "requests-max",
		.kind = &schema_number,
		.offset = offsetof(struct config_http, requests_max),
		.max = UINT32_MAX,
		.initial = "0",
		.doc = "Requests of one connection, which is closed after the last; 0: any number.",
	},
	{
		.key = "connections-max",
		.kind = &schema_number,
		.offset = offsetof(struct config_http, connections_max),
		.stratum = CONFIG_PROXY,
		.max = UINT32_MAX,
		.initial = "0",
		.doc = "Connections of clients at once, beyond which new ones are closed; 0: any number.",
	},
	{
		.key = "retries",
		.kind = &schema_number,
		.offset = offsetof(struct config_http, retries),
		.max = 10,
		.initial = "2",
		.doc = "Servers that are tried after the first one, while nothing was sent back to the client: for any request if no connection was made, for one that may be repeated (GET, HEAD, PUT, DELETE, OPTIONS, TRACE) also if no answer came. An end of an idle connection that is used again does not count.",
	},
	{
		.key = "retry-budget",
		.kind = &schema_percent,
		.offset = offsetof(struct config_http, retry_budget),
		.stratum = CONFIG_PROXY,
		.max = 10000,
		.initial = "20%",
		.doc = "Retries that each request adds to what its service may spend, of which a thread keeps 10 at most: with 20%, every fifth request may be tried again, so that servers that are overloaded are not asked even more. A refused connection costs nothing.",
	},
	{
		.key = "trusted",
		.kind = &schema_source,
		.many = SCHEMA_LIST,
		.offset = offsetof(struct config_http, trusted),
		.stratum = CONFIG_PROXY,
		.most = 4096,
		.doc = "Proxies in front, whose X-Forwarded-For, -Proto and -Host, Forwarded, X-Client-Cert-Subject and number of a request are believed and continued. Of all others these are taken out, and so is what else programs take for the word of a proxy: all of X-Forwarded-, X-Real-IP, X-Client-IP, True-Client-IP, X-Original-URL, Client-Cert and the like.",
	},
	{
		.key = "forwarded",
		.kind = &schema_word,
		.offset = offsetof(struct config_http, forwarded),
		.initial = "x-forwarded",
		.words = forwarded_words,
		.doc = "How servers learn of the client: by X-Forwarded-For, -Proto and -Host and, where a trusted proxy sends it, Forwarded (x-forwarded, the same as true); by Forwarded alone, with for, host and proto (rfc7239); by all of these (both); or not at all (false). What is not chosen is passed on of nobody.",
	},
	{
		.key = "request-id",
		.kind = &schema_field_name,
		.offset = offsetof(struct config_http, request_id),
		.stratum = CONFIG_RELAY,
		.max = 255,
		.doc = "Header field for a number of each request, for the server and in the response. A trusted proxy may have given one.",
	},
	{
		.key = "headers",
		.kind = &schema_object,
		.offset = offsetof(struct config_http, headers),
		.stratum = CONFIG_PROXY,
		.object = &schema_rewrite,
		.doc = "Changes of header fields in all routes.",
	},
	{
		.key = "access-log",
		.kind = &schema_word,
		.offset = offsetof(struct config_http, access_log),
		.initial = "off",
		.words = access_words,
		.doc = "Whether each request is logged, and how.",
	},
	{
		.key = "access-file",
		.kind = &schema_path,
		.offset = offsetof(struct config_http, access_file),
		.doc = "File, named pipe or socket of syslog (/dev/log) for it; without it, where the daemon's messages go.",
	},
	{
		.key = "error-pages",
		.kind = &schema_pair,
		.many = SCHEMA_MAP,
		.offset = offsetof(struct config_http, error_pages),
		.stratum = CONFIG_PROXY,
		.most = 200,
		.number = 1,
		.doc = "Files with the bodies of our own errors, by status from 400 to 599; of at most 1 MB, and read when the configuration is.",
	},
	{ .key = NULL },
};

const struct schema_object schema_http = {
	.name = "http",
	.doc = "Limits and habits of a service that speaks HTTP in stratum relay or proxy.",
	.size = sizeof(struct config_http),
	.fields = http_fields,
};

static const struct schema_word protocol_words[] = {
	{ "tcp", IPPROTO_TCP, CONFIG_FLOW },
	{ "udp", IPPROTO_UDP, CONFIG_FLOW },
	{ .word = NULL },
};

static const struct schema_word stratum_words[] = {
	{ "lowest", -1, CONFIG_FLOW },
	{ "flow", CONFIG_FLOW, CONFIG_FLOW },
	{ "sniff", CONFIG_SNIFF, CONFIG_FLOW },
	{ "relay", CONFIG_RELAY, CONFIG_FLOW },
	{ "proxy", CONFIG_PROXY, CONFIG_FLOW },
	{ .word = NULL },
};

static const struct schema_word parse_words[] = {
	{ "none", SLUICE_PARSE_NONE, CONFIG_FLOW },
	{ "tls", SLUICE_PARSE_TLS, CONFIG_FLOW },
	{ "http", SLUICE_PARSE_HTTP, CONFIG_FLOW },
	{ .word = NULL },
};

static const struct schema_word decide_words[] = {
	{ "default", CONFIG_DECIDE_DEFAULT, CONFIG_FLOW },
	{ "connection", CONFIG_DECIDE_CONNECTION, CONFIG_FLOW },
	{ "request", CONFIG_DECIDE_REQUEST, CONFIG_FLOW },
	{ .word = NULL },
};

static const struct schema_field service_fields[] = {
	{
		.key = "address",
		.kind = &schema_endpoint,
		.many = SCHEMA_LIST,
		.offset = offsetof(struct config_service, addresses),
		.required = true,
		.most = 256,
		.doc = "Where clients connect to: one address and port, or several, of IPv4 and IPv6.",
	},
	{
		.key = "protocol",
		.kind = &schema_word,
		.offset = offsetof(struct config_service, protocol),
		.initial = "tcp",
		.words = protocol_words,
		.doc = "Transport protocol.",
	},
	{
		.key = "stratum",
		.kind = &schema_word,
		.offset = offsetof(struct config_service, stratum),
		.initial = "lowest",
		.words = stratum_words,
		.doc = "The stratum that the service has to run in; by default the lowest one that can serve it.",
	},
	{
		.key = "parse",
		.kind = &schema_word,
		.offset = offsetof(struct config_service, parse),
		.initial = "none",
		.words = parse_words,
		.doc = "What routes read: the ClientHello of TLS that is passed through (tls), or heads of HTTP requests (http), in clear or, with tls, decrypted.",
	},
	{
		.key = "decide",
		.kind = &schema_word,
		.offset = offsetof(struct config_service, decide),
		.initial = "default",
		.words = decide_words,
		.doc = "When a route has to be looked for: for each request, or once per connection, which accepts that later requests of it go where the first one went, as they do in stratum sniff; strata that see each request look for its own all the same. By default per request with parse http, per connection otherwise.",
	},
	{
		.key = "pool",
		.kind = &schema_name,
		.offset = offsetof(struct config_service, pool_name),
		.doc = "The pool of what no route takes; without it, that is refused.",
	},
	{
		.key = "routes",
		.kind = &schema_object,
		.many = SCHEMA_LIST,
		.offset = offsetof(struct config_service, routes),
		.most = 65536,
		.object = &schema_route,
		.doc = "Routes, in their order.",
	},
	{
		.key = "slow-path",
		.kind = &schema_bool,
		.offset = offsetof(struct config_service, slow_path),
		.initial = "false",
		.doc = "Strata flow and sniff: whether the host's firewall sees every packet.",
	},
	{
		.key = "accept-proxy-protocol",
		.kind = &schema_bool,
		.offset =
			offsetof(struct config_service, accept_proxy_protocol),
		.stratum = CONFIG_RELAY,
		.initial = "false",
		.doc = "Whether clients send a header of the PROXY protocol in front, version 1 or 2.",
	},
	{
		.key = "tls",
		.kind = &schema_object,
		.offset = offsetof(struct config_service, tls),
		.stratum = CONFIG_RELAY,
		.object = &schema_tls,
		.doc = "TLS that ends here; without it, what clients send is read as it comes.",
	},
	{
		.key = "http",
		.kind = &schema_object,
		.offset = offsetof(struct config_service, http),
		.stratum = CONFIG_RELAY,
		.object = &schema_http,
		.always = true,
		.doc = "Limits and habits of strata relay and proxy.",
	},
	{ .key = NULL },
};

/* A client that chose another protocol would not be understood. */
static void check_alpn(struct config_reader *r,
		       const struct config_service *service)
{
	const struct config_texts *alpn = &service->tls->alpn;

	for (size_t i = 0; i < alpn->count; i++)
		if (strcmp(alpn->items[i], "http/1.1") != 0 &&
		    strcmp(alpn->items[i], "http/1.0") != 0)
			schema_wrong_in(
				r, service->at, "tls",
				"with alpn '%s', which is not spoken in this version; give http/1.1, http/1.0 or leave alpn out",
				alpn->items[i]);
}

static void finish_service(struct config_reader *r, void *object)
{
	struct config_service *service = object;
	bool routed = service->routes.count;

	if (service->decide == CONFIG_DECIDE_REQUEST &&
	    service->parse != SLUICE_PARSE_HTTP)
		schema_wrong_in(
			r, service->at, "decide",
			"'request' without requests; give 'parse: http' or leave it out");
	if (service->decide == CONFIG_DECIDE_DEFAULT)
		service->decide = service->parse == SLUICE_PARSE_HTTP ?
					  CONFIG_DECIDE_REQUEST :
					  CONFIG_DECIDE_CONNECTION;
	if (!routed && !service->pool_name)
		schema_wrong_in(r, service->at, NULL,
				"nowhere to go; give pool or routes");
	if (routed && service->parse == SLUICE_PARSE_NONE)
		schema_wrong_in(
			r, service->at, "routes",
			"without anything to read; give 'parse: tls' or 'parse: http'");
	if (service->protocol == IPPROTO_UDP &&
	    (service->parse > SLUICE_PARSE_NONE || service->tls))
		schema_wrong_in(r, service->at, service->tls ? "tls" : "parse",
				"with UDP; only TCP can be read, leave it out");
	if (service->tls && service->parse == SLUICE_PARSE_TLS)
		schema_wrong_in(
			r, service->at, "tls",
			"with 'parse: tls', which passes TLS through; leave tls out to do that, or parse http to end it here");
	if (service->tls && service->parse == SLUICE_PARSE_HTTP)
		check_alpn(r, service);
	if (service->http->at.written && service->parse != SLUICE_PARSE_HTTP)
		schema_wrong_in(
			r, service->at, "http",
			"without HTTP; give 'parse: http' or leave it out");
}

const struct schema_object schema_service = {
	.name = "service",
	.doc = "What clients connect to.",
	.size = sizeof(struct config_service),
	.name_offset = offsetof(struct config_service, name),
	.need_offset = offsetof(struct config_service, need),
	.fields = service_fields,
	.finish = finish_service,
};
