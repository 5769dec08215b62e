// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel is told of services of stratum relay, and what is forgotten. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "config_text.h"
#include "place.h"
#include "relay_config.h"

static struct ktap ktap;

/* The kernel, which takes down what it is told. */
static char told[2048];
static struct sluice_relay_config had[4];
static size_t had_count;
static int result;

static const uint8_t key[SLUICE_RELAY_STICKY_KEY_LEN] = "secret";

static void note(const char *format, ...)
{
	size_t used = strlen(told);
	va_list args;

	va_start(args, format);
	vsnprintf(told + used, sizeof(told) - used, format, args);
	va_end(args);
}

static const char *at_of(const struct sluice_service_key *key)
{
	static char text[SLUICE_ENDPOINT_TEXT];

	return sluice_endpoint_print(text, sizeof(text), &key->at);
}

int sluice_relay_config_set(struct sluice *sl,
			    const struct sluice_relay_config *config)
{
	(void)sl;
	note("set %s %u %u %u %u %u %u max %u retries %u add %u%s%s%s%s\n",
	     at_of(&config->service), config->timeout_head,
	     config->timeout_idle, config->timeout_body,
	     config->timeout_connect, config->timeout_response,
	     config->timeout_tunnel, config->requests_max, config->retries,
	     config->add, config->websocket ? " websocket" : "",
	     config->request_id[0] ? " id " : "", config->request_id,
	     config->has_sticky_key &&
			     memcmp(config->sticky_key, key, sizeof(key)) == 0 ?
		     "" :
		     " no key");
	return result;
}

int sluice_relay_config_list(struct sluice *sl,
			     struct sluice_relay_config **list, size_t *count)
{
	(void)sl;
	*list = malloc(sizeof(had));
	if (!*list)
		return -ENOMEM;
	memcpy(*list, had, sizeof(had));
	*count = had_count;
	return 0;
}

int sluice_relay_config_del(struct sluice *sl,
			    const struct sluice_service_key *service)
{
	(void)sl;
	note("del %s\n", at_of(service));
	return -ENOENT;
}

static void has_one(const char *address, uint16_t port)
{
	struct sluice_relay_config *one = &had[had_count++];

	memset(one, 0, sizeof(*one));
	one->service.at.address.family = AF_INET;
	inet_pton(AF_INET, address, &one->service.at.address.v4);
	one->service.at.port = port;
}

static void check_told(const char *name, const char *services,
		       unsigned int built, int err, const char *expect)
{
	char text[2048];
	struct config *config;
	bool right;

	snprintf(text, sizeof(text),
		 "version: 1\npools: {p: {servers: [10.0.0.1:80]}}\n"
		 "certificates: {c: {file: /c}}\nservices:\n%s",
		 services);
	config = right_config(&ktap, text);
	told[0] = '\0';
	right = relay_config_apply(NULL, config, built, key) == err &&
		strcmp(told, expect) == 0;
	if (!right)
		printf("# told:\n%s# instead of:\n%s", told, expect);
	ktap_result(&ktap, right, name);
	config_free(config);
}

#define ROUTE(name, more) "{name: " name ", match: {path: /" name "}" more "}"
#define DEFAULTS "10000 60000 30000 3000 60000 3600000 max 0 retries 2 add 1"
#define ON(routes) \
	"  s: {address: 192.0.2.1:80, parse: http, routes: [" routes "]}\n"

int main(void)
{
	ktap_begin();
	check_told("defaults", ON(ROUTE("a", ", pool: p")), PLACE_BUILT, 0,
		   "set 192.0.2.1:80 " DEFAULTS "\n");
	check_told(
		"all that can be said, and each address",
		"  s: {address: [192.0.2.1:443, 192.0.2.2:443], parse: http, pool: p,\n"
		"      tls: {certificates: c}, http: {head-timeout: 1s,\n"
		"      idle-timeout: 2s, body-timeout: 3s, connect-timeout: 4s,\n"
		"      answer-timeout: 5s, tunnel-timeout: 6s, requests-max: 7,\n"
		"      retries: 8, forwarded: false}}\n",
		PLACE_BUILT, 0,
		"set 192.0.2.1:443 1000 2000 3000 4000 5000 6000 max 7 retries 8 add 0\n"
		"set 192.0.2.2:443 1000 2000 3000 4000 5000 6000 max 7 retries 8 add 0\n");
	check_told("where all routes allow WebSocket",
		   ON(ROUTE("a", ", pool: p, upgrade: [WebSocket]") "," ROUTE(
			   "b", ", reject: 403")),
		   PLACE_BUILT, 0, "set 192.0.2.1:80 " DEFAULTS " websocket\n");
	check_told("where one does not",
		   ON(ROUTE("a", ", pool: p, upgrade: [websocket]") "," ROUTE(
			   "b", ", pool: p")),
		   PLACE_BUILT, 0, "set 192.0.2.1:80 " DEFAULTS "\n");
	check_told(
		"a number of each request",
		"  s: {address: 192.0.2.1:80, parse: http, http: {request-id: X-Id},\n"
		"      routes: [" ROUTE("a", ", pool: p") "]}\n",
		PLACE_BUILT, 0,
		"set 192.0.2.1:80 10000 60000 30000 3000 60000 3600000 max 0 retries 2 add 5 id X-Id\n");
	check_told(
		"Forwarded of each client",
		"  s: {address: 192.0.2.1:80, parse: http, http: {forwarded: rfc7239},\n"
		"      routes: [" ROUTE(
			"a",
			", pool: p") "]}\n"
				     "  t: {address: 192.0.2.2:80, parse: http, http: {forwarded: both},\n"
				     "      routes: [" ROUTE(
					     "a", ", pool: p") "]}\n",
		PLACE_BUILT, 0,
		"set 192.0.2.1:80 10000 60000 30000 3000 60000 3600000 max 0 retries 2 add 2\n"
		"set 192.0.2.2:80 10000 60000 30000 3000 60000 3600000 max 0 retries 2 add 3\n");
	check_told("services of other strata",
		   "  s: {address: 192.0.2.1:80, pool: p}\n"
		   "  t: {address: 192.0.2.2:80, parse: http, pool: p,\n"
		   "      http: {access-log: json}}\n",
		   PLACE_BUILT, 0, "");
	check_told("a stratum that is not there", ON(ROUTE("a", ", pool: p")),
		   PLACE_BUILT & ~(1U << CONFIG_RELAY), 0, "");
	has_one("192.0.2.1", 80);
	has_one("192.0.2.1", 81);
	has_one("192.0.2.3", 80);
	check_told("others are forgotten", ON(ROUTE("a", ", pool: p")),
		   PLACE_BUILT, 0,
		   "set 192.0.2.1:80 " DEFAULTS
		   "\ndel 192.0.2.1:81\ndel 192.0.2.3:80\n");
	result = -ENOMEM;
	check_told("a kernel that refuses", ON(ROUTE("a", ", pool: p")),
		   PLACE_BUILT, -ENOMEM, "set 192.0.2.1:80 " DEFAULTS "\n");
	return ktap_end(&ktap);
}
