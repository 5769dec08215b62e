/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A request of which everything is known, for tests of access logs and counters. */
#ifndef TESTS_ACCESS_CASE_H
#define TESTS_ACCESS_CASE_H

#include <arpa/inet.h>
#include <string.h>

#include "proxy/access.h"

#define SLICE(text) ((struct sluice_text){ (text), sizeof(text) - 1 })

static struct config_service service_of_test = { .name = (char *)"web" };
static struct config_route route_of_test = { .name = (char *)"api" };
static struct config_pool pool_of_test = { .name = (char *)"nodes" };

static inline struct sluice_endpoint endpoint_at(const char *address,
						 uint16_t port)
{
	struct sluice_endpoint at = { .port = port };

	at.address.family = strchr(address, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(at.address.family, address, &at.address.v6) != 1)
		printf("Bail out! no address: %s\n", address);
	return at;
}

/* 2026-11-22T02:00:00.123Z */
static inline struct access_record
record_of_test(const struct sluice_endpoint *source,
	       const struct sluice_endpoint *server)
{
	return (struct access_record){
		.service = &service_of_test,
		.route = &route_of_test,
		.pool = &pool_of_test,
		.server = server,
		.source = source,
		.method = SLICE("GET"),
		.host = SLICE("www.example.com"),
		.target = SLICE("/search?q=load+balancer&page=2"),
		.minor = 1,
		.referer = SLICE("https://www.example.com/"),
		.agent = SLICE(
			"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
		.request_id = "0123456789abcdef0123456789abcdef",
		.tls_version = "TLSv1.3",
		.tls_cipher = "TLS_AES_128_GCM_SHA256",
		.sni = "www.example.com",
		.status = 200,
		.end = ACCESS_END_DONE,
		.retries = 1,
		.reused = true,
		.received = 0,
		.sent = 5120,
		.time = UINT64_C(1795312800123456789),
		.head_us = 12,
		.queue_us = 0,
		.connect_us = 250,
		.answer_us = 1830,
		.total_us = 2101,
	};
}

#endif /* TESTS_ACCESS_CASE_H */
