// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "place.h"
#include "relay_config.h"

static bool allows_websocket(const struct config_route *route)
{
	for (size_t i = 0; i < route->upgrade.count; i++)
		if (strcasecmp(route->upgrade.items[i], "websocket") == 0)
			return true;
	return false;
}

/*
 * The kernel knows it of the service only. Where not all routes agree, whoever asks
 * for an upgrade is given back, and the daemon looks at the route.
 */
static bool all_allow_websocket(const struct config_service *service)
{
	bool any = false;

	if (service->pool)
		return false;
	for (size_t i = 0; i < service->routes.count; i++) {
		const struct config_route *route = &service->routes.items[i];

		if (route->action != CONFIG_ACTION_POOL)
			continue;
		if (!allows_websocket(route))
			return false;
		any = true;
	}
	return any;
}

void relay_config_of(const struct config_service *service,
		     const struct sluice_endpoint *at,
		     const uint8_t key[SLUICE_RELAY_STICKY_KEY_LEN],
		     struct sluice_relay_config *to)
{
	const struct config_http *http = service->http;

	*to = (struct sluice_relay_config){
		.service = { .protocol = IPPROTO_TCP, .at = *at },
		.timeout_head = http->head_timeout,
		.timeout_idle = http->idle_timeout,
		.timeout_body = http->body_timeout,
		.timeout_connect = http->connect_timeout,
		.timeout_response = http->answer_timeout,
		.timeout_tunnel = http->tunnel_timeout,
		.has_requests_max = true,
		.has_retries = true,
		.has_add = true,
		.has_websocket = true,
		.has_listen = true,
		.websocket = all_allow_websocket(service),
		.retries = (uint8_t)http->retries,
		.requests_max = http->requests_max,
		.has_sticky_key = true,
	};
	if (http->forwarded & CONFIG_FORWARDED_X)
		to->add |= SLUICE_RELAY_ADD_X_FORWARDED;
	if (http->forwarded & CONFIG_FORWARDED_RFC7239)
		to->add |= SLUICE_RELAY_ADD_FORWARDED;
	/* Whether it is needed or not: pools change before the kernel is told this. */
	memcpy(to->sticky_key, key, sizeof(to->sticky_key));
	if (!http->request_id)
		return;
	to->add |= SLUICE_RELAY_ADD_REQUEST_ID;
	snprintf(to->request_id, sizeof(to->request_id), "%s",
		 http->request_id);
}

static bool is_relayed(const struct config_service *service, unsigned int built)
{
	struct place place;

	place_service(service, built, &place);
	return place.stratum == CONFIG_RELAY;
}

static bool has_service(const struct config *config, unsigned int built,
			const struct sluice_service_key *key)
{
	for (size_t i = 0; i < config->services.count; i++) {
		const struct config_service *service =
			&config->services.items[i];

		for (size_t j = 0; j < service->addresses.count; j++)
			if (sluice_endpoint_compare(
				    &service->addresses.items[j], &key->at) ==
				    0 &&
			    is_relayed(service, built))
				return true;
	}
	return false;
}

/* What was said of services that are not there any more. */
static int forget_others(struct sluice *sl, const struct config *config,
			 unsigned int built)
{
	struct sluice_relay_config *list;
	size_t count;
	int err = sluice_relay_config_list(sl, &list, &count);

	if (err)
		return err;
	for (size_t i = 0; !err && i < count; i++) {
		if (!has_service(config, built, &list[i].service))
			err = sluice_relay_config_del(sl, &list[i].service);
		/* It went with its service. */
		if (err == -ENOENT)
			err = 0;
	}
	free(list);
	return err;
}

int relay_config_apply(struct sluice *sl, const struct config *config,
		       unsigned int built,
		       const uint8_t key[SLUICE_RELAY_STICKY_KEY_LEN])
{
	struct sluice_relay_config to;
	int err = 0;

	for (size_t i = 0; i < config->services.count; i++) {
		const struct config_service *service =
			&config->services.items[i];

		if (!is_relayed(service, built))
			continue;
		for (size_t j = 0; !err && j < service->addresses.count; j++) {
			relay_config_of(service, &service->addresses.items[j],
					key, &to);
			err = sluice_relay_config_set(sl, &to);
		}
	}
	explicit_bzero(&to, sizeof(to));
	return err ? err : forget_others(sl, config, built);
}
