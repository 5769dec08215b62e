/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Services of a configuration. See config.h. */
#ifndef CONFIG_SERVICE_H
#define CONFIG_SERVICE_H

#include "route.h"

/* What a route is looked for with. */
enum config_decide {
	CONFIG_DECIDE_DEFAULT,
	CONFIG_DECIDE_CONNECTION,
	CONFIG_DECIDE_REQUEST,
};

enum config_client_certificate {
	CONFIG_CLIENT_OFF,
	CONFIG_CLIENT_OPTIONAL,
	CONFIG_CLIENT_REQUIRED,
};

/* Fields by which servers learn who the client is. */
enum config_forwarded {
	CONFIG_FORWARDED_X = 1,	      /* X-Forwarded-For, -Proto and -Host */
	CONFIG_FORWARDED_RFC7239 = 2, /* Forwarded, of each client */
};

enum config_access_log {
	CONFIG_ACCESS_OFF,
	CONFIG_ACCESS_JSON,
	CONFIG_ACCESS_COMBINED,
};

/**
 * struct config_tls - TLS that ends here
 * @at: place
 * @certificates: their names, the first for clients that name no server
 * @min_version: 12 or 13
 * @alpn: protocols to accept, the best first
 * @client_certificate: enum config_client_certificate
 * @client_ca: who may have signed those
 * @tickets: sessions may be resumed
 * @ocsp: a response is stapled
 */
struct config_tls {
	struct config_place at;
	struct config_texts certificates;
	int min_version;
	struct config_texts alpn;
	int client_certificate;
	char *client_ca;
	bool tickets;
	bool ocsp;
};

/**
 * struct config_http - limits and habits of a service that speaks HTTP
 * @at: place
 * @head_timeout: for a request's head
 * @body_timeout: between two parts of a body
 * @idle_timeout: between two requests
 * @connect_timeout: for a connection to a server
 * @answer_timeout: for the head of an answer
 * @rate_min: bytes a second that a client has to send or take of a body; 0: any
 * @tunnel_timeout: a tunnel in which nothing moves
 * @queue_timeout: waiting for a server
 * @head_max: bytes of a head
 * @headers_max: fields of a head
 * @requests_max: requests of one connection, 0: any number
 * @connections_max: client connections of the service, 0: any number
 * @retries: servers tried after the first, where nothing was sent back
 * @retry_budget: most retries, hundredths of a percent of all requests
 * @trusted: proxies whose X-Forwarded-... are believed
 * @forwarded: bits of enum config_forwarded
 * @request_id: header field for a number of each request, NULL: none
 * @headers: changes of what is passed on, NULL: none
 * @access_log: enum config_access_log
 * @access_file: where to, NULL: the daemon's own log
 * @error_pages: status and file
 */
struct config_http {
	struct config_place at;
	uint32_t head_timeout;
	uint32_t body_timeout;
	uint32_t idle_timeout;
	uint32_t connect_timeout;
	uint32_t answer_timeout;
	uint32_t tunnel_timeout;
	uint32_t queue_timeout;
	uint64_t rate_min;
	uint64_t head_max;
	uint32_t headers_max;
	uint32_t requests_max;
	uint32_t connections_max;
	uint32_t retries;
	uint32_t retry_budget;
	struct config_sources trusted;
	int forwarded;
	char *request_id;
	struct config_rewrite *headers;
	int access_log;
	char *access_file;
	struct config_pairs error_pages;
};

/**
 * struct config_service - a service
 * @at: place
 * @name: its key
 * @need: what not every stratum can do
 * @protocol: IPPROTO_TCP or IPPROTO_UDP
 * @addresses: where clients connect to
 * @stratum: the stratum that it is to have, -1: the lowest that can serve it
 * @parse: enum sluice_parse
 * @decide: enum config_decide, never CONFIG_DECIDE_DEFAULT
 * @pool_name: the pool of what no route takes, NULL: none
 * @pool: that pool
 * @slow_path: every packet passes the firewall
 * @accept_proxy_protocol: clients send a header of the PROXY protocol
 * @routes: in their order
 * @tls: TLS that ends here, NULL: none
 * @http: always there, with its defaults
 */
struct config_service {
	struct config_place at;
	char *name;
	struct config_need need;
	int protocol;
	struct config_endpoints addresses;
	int stratum;
	int parse;
	int decide;
	char *pool_name;
	const struct config_pool *pool;
	bool slow_path;
	bool accept_proxy_protocol;
	struct config_routes routes;
	struct config_tls *tls;
	struct config_http *http;
};

struct config_services {
	struct config_service *items;
	size_t count;
};

#endif /* CONFIG_SERVICE_H */
