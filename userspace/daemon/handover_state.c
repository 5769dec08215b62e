// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "control.h"
#include "handover_state.h"
#include "names.gen.h"

static json_t *save_server(const struct site_server *server)
{
	char at[SLUICE_ENDPOINT_TEXT];
	struct sluice_server wanted;
	json_t *object;

	site_server_wanted(server, &wanted);
	sluice_endpoint_print(at, sizeof(at), &wanted.at);
	object = json_pack("{s:s, s:s, s:s}", "pool", wanted.pool, "server", at,
			   "state", sluice_server_state_name(wanted.state));
	if (object && wanted.reason[0])
		json_object_set_new(object, "reason",
				    control_text(wanted.reason));
	return object;
}

json_t *handover_state_save(const struct site *site, uint64_t watchdog_ms)
{
	const struct site_server *server;
	json_t *servers = json_array();

	for (size_t i = 0; i < site->pool_count; i++)
		TAILQ_FOREACH(server, &site->pools[i].servers, of_pool)
	json_array_append_new(servers, save_server(server));
	return json_pack("{s:I, s:o}", "watchdog-ms", (json_int_t)watchdog_ms,
			 "servers", servers);
}

static void adopt(const json_t *object, struct site *site)
{
	const char *pool = json_string_value(json_object_get(object, "pool"));
	const char *at = json_string_value(json_object_get(object, "server"));
	const char *state = json_string_value(json_object_get(object, "state"));
	const char *reason =
		json_string_value(json_object_get(object, "reason"));
	struct sluice_server server = { .has_state = true };
	int number = state ? sluice_server_state_parse(state) : -1;

	if (!pool || strlen(pool) >= sizeof(server.pool) || !at || number < 0 ||
	    !sluice_endpoint_parse(at, &server.at))
		return;
	memcpy(server.pool, pool, strlen(pool) + 1);
	server.state = (uint8_t)number;
	if (reason && strlen(reason) < sizeof(server.reason))
		memcpy(server.reason, reason, strlen(reason) + 1);
	site_adopt(site, &server);
}

void handover_state_adopt(const json_t *state, struct site *site)
{
	const json_t *server;
	size_t i;

	json_array_foreach(json_object_get(state, "servers"), i, server)
		adopt(server, site);
}

uint64_t handover_state_watchdog(const json_t *state)
{
	json_int_t ms =
		json_integer_value(json_object_get(state, "watchdog-ms"));

	return ms > 0 ? (uint64_t)ms : 0;
}
