/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What listings have in common. */
#ifndef ADM_PRINT_H
#define ADM_PRINT_H

#include <stdio.h>

#include "adm.h"

/* Room for a host name in brackets, a colon and a service name. */
#define ENDPOINT_TEXT 320

/* Room for protocol, slash, address and port in numbers. */
#define SERVICE_TEXT 64

const char *print_protocol(uint8_t protocol);
const char *print_endpoint(char *to, size_t size,
			   const struct sluice_endpoint *at, uint8_t protocol,
			   bool numeric);
const char *print_service(char to[SERVICE_TEXT],
			  const struct sluice_service_key *key);
const char *print_pool_of(char *to, size_t size, const char *pool,
			  const struct sluice_service_key *service);
void print_count(uint64_t count, bool exact);
const char *print_forward(uint8_t forward);
const char *print_forward_name(uint8_t forward);
const char *print_state(uint8_t state);
void print_why(FILE *to, const struct sluice_server *server);
void print_fates(const struct sluice_pool *pool, const char *on_down,
		 const char *on_drain);
const char *print_stratum(uint8_t stratum);
const char *print_parse(uint8_t parse);
uint64_t print_refusal(const struct sluice_refusals *refusals,
		       unsigned int reason);

#endif /* ADM_PRINT_H */
