// SPDX-License-Identifier: GPL-2.0-or-later
/* JSON forms of the objects, and how they are written. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "names.gen.h"
#include "print.h"
#include "relay.h"
#include "relay_names.gen.h"

void json_put(json_t **object, const char *key, json_t *value)
{
	if (*object && json_object_set_new(*object, key, value) == 0)
		return;
	if (!*object)
		json_decref(value);
	json_decref(*object);
	*object = NULL;
}

/* JSON numbers end at 2^63 - 1 here: no counter gets there in a lifetime. */
static json_t *number(uint64_t value)
{
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

static void put_number(json_t **object, const char *key, uint64_t value)
{
	json_put(object, key, number(value));
}

static void put_text(json_t **object, const char *key, const char *text)
{
	json_put(object, key, json_string(text));
}

/* The name of an enumerated value, or its number if it is a newer one. */
static void put_name(json_t **object, const char *key, const char *name,
		     unsigned int value)
{
	json_put(object, key, name ? json_string(name) : number(value));
}

static void put_address(json_t **object, const char *key,
			const struct sluice_address *address)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (address->family)
		inet_ntop(address->family, &address->v4, text, sizeof(text));
	put_text(object, key, text);
}

static void put_endpoint(json_t **object, const char *address_key,
			 const char *port_key, const struct sluice_endpoint *at)
{
	put_address(object, address_key, &at->address);
	put_number(object, port_key, at->port);
}

json_t *json_stats(const struct sluice_stats *stats)
{
	json_t *object = json_object();

	put_number(&object, "connections", stats->connections);
	put_number(&object, "in-packets", stats->in_packets);
	put_number(&object, "in-bytes", stats->in_bytes);
	put_number(&object, "out-packets", stats->out_packets);
	put_number(&object, "out-bytes", stats->out_bytes);
	return object;
}

static json_t *refusals(const struct sluice_refusals *from)
{
	json_t *object = json_object();

	for (unsigned int i = 1; i <= SLUICE_A_REFUSALS_MAX; i++)
		put_number(&object, sluice_attr_name(SLUICE_SET_REFUSALS, i),
			   print_refusal(from, i));
	return object;
}

json_t *json_service(const struct sluice_service *service)
{
	json_t *object = json_object();

	put_text(&object, "protocol", print_protocol(service->key.protocol));
	put_endpoint(&object, "address", "port", &service->key.at);
	put_text(&object, "pool", service->pool);
	put_text(&object, "scheduler", service->scheduler);
	json_put(&object, "own-pool", json_boolean(service->own_pool));
	json_put(&object, "slow-path", json_boolean(service->slow_path));
	put_name(&object, "stratum", sluice_stratum_name(service->stratum),
		 service->stratum);
	put_name(&object, "parse", sluice_parse_name(service->parse),
		 service->parse);
	put_number(&object, "routes", service->routes);
	put_number(&object, "id", service->id);
	json_put(&object, "stats", json_stats(&service->stats));
	json_put(&object, "refusals", refusals(&service->refusals));
	return object;
}

json_t *json_pool(const struct sluice_pool *pool)
{
	json_t *object = json_object();

	put_text(&object, "name", pool->name);
	put_text(&object, "family",
		 pool->family == AF_INET6 ? "inet6" : "inet");
	put_text(&object, "scheduler", pool->scheduler);
	json_put(&object, "owned", json_boolean(pool->owned));
	put_number(&object, "id", pool->id);
	put_number(&object, "servers", pool->servers);
	put_number(&object, "services", pool->services);
	put_number(&object, "routes", pool->routes);
	put_number(&object, "proxy-protocol", pool->proxy_protocol);
	put_name(&object, "on-down", sluice_fate_name(pool->on_down),
		 pool->on_down);
	put_name(&object, "on-drain", sluice_fate_name(pool->on_drain),
		 pool->on_drain);
	if (pool->has_sticky) {
		put_text(&object, "sticky-cookie", pool->sticky_cookie);
		put_text(&object, "sticky-pool", pool->sticky_pool);
	}
	json_put(&object, "stats", json_stats(&pool->stats));
	return object;
}

/* JSON has no bytes that are not UTF-8: those are written as in C. */
static json_t *text(struct sluice_text from)
{
	json_t *value = json_stringn(from.len ? from.data : "", from.len);
	char *escaped;
	size_t used = 0;

	if (value)
		return value;
	escaped = malloc((size_t)from.len * 4 + 1);
	if (!escaped)
		return NULL;
	for (u32 i = 0; i < from.len; i++) {
		unsigned char byte = (unsigned char)from.data[i];

		if (byte < 0x80)
			escaped[used++] = (char)byte;
		else
			used += (size_t)sprintf(escaped + used, "\\x%02x",
						byte);
	}
	value = json_stringn(escaped, used);
	free(escaped);
	return value;
}

static json_t *conditions(const struct sluice_route_rule *rule)
{
	json_t *array = json_array();

	for (u32 i = 0; i < rule->condition_count; i++) {
		const struct sluice_route_condition *from =
			&rule->conditions[i];
		json_t *object = json_object();

		put_name(&object, "what",
			 sluice_condition_what_name(from->what), from->what);
		put_name(&object, "how", sluice_condition_how_name(from->how),
			 from->how);
		if (from->name.len)
			json_put(&object, "name", text(from->name));
		if (from->value.len)
			json_put(&object, "value", text(from->value));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *sources(const struct sluice_route_rule *rule)
{
	json_t *array = json_array();

	for (u32 i = 0; i < rule->source_count; i++) {
		const struct sluice_route_source *from = &rule->sources[i];
		struct sluice_address address = {
			.family = from->address_len == 4 ? AF_INET : AF_INET6,
		};
		json_t *object = json_object();

		memcpy(&address.v4, from->address, from->address_len);
		put_address(&object, "address", &address);
		put_number(&object, "prefix-len", from->bits);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *match(const struct sluice_route_rule *rule)
{
	json_t *object = json_object();

	if (rule->host.len)
		json_put(&object, "host", text(rule->host));
	if (rule->port)
		put_number(&object, "port", rule->port);
	if (rule->path.len)
		json_put(&object, "path", text(rule->path));
	put_name(&object, "path-how", sluice_path_how_name(rule->path_how),
		 rule->path_how);
	json_put(&object, "condition", conditions(rule));
	json_put(&object, "source", sources(rule));
	put_number(&object, "share", rule->share);
	put_number(&object, "salt", rule->salt);
	return object;
}

static json_t *route_pools(const struct sluice_route *route)
{
	json_t *array = json_array();

	for (size_t i = 0; i < route->pools_count; i++) {
		json_t *object = json_object();

		put_text(&object, "name", route->pools[i].name);
		put_number(&object, "weight", route->pools[i].weight);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *service_key(const struct sluice_service_key *key)
{
	json_t *object = json_object();

	put_text(&object, "protocol", print_protocol(key->protocol));
	put_endpoint(&object, "address", "port", &key->at);
	return object;
}

json_t *json_route(const struct sluice_route *route)
{
	json_t *object = json_object();

	json_put(&object, "service", service_key(&route->service));
	put_text(&object, "name", route->name);
	put_number(&object, "id", route->id);
	put_number(&object, "position", route->position);
	json_put(&object, "match", match(&route->match));
	put_name(&object, "action", sluice_route_action_name(route->action),
		 route->action);
	switch (route->action) {
	case SLUICE_ROUTE_ACTION_POOL:
		json_put(&object, "pool", route_pools(route));
		break;
	case SLUICE_ROUTE_ACTION_PROXY:
		if (route->proxy_port)
			put_number(&object, "proxy-port", route->proxy_port);
		break;
	default:
		put_number(&object, "status", route->status);
	}
	put_number(&object, "hits", route->hits);
	return object;
}

json_t *json_server(const struct sluice_server *server)
{
	json_t *object = json_object();

	put_text(&object, "pool", server->pool);
	put_endpoint(&object, "address", "port", &server->at);
	put_name(&object, "forward", sluice_forward_name(server->forward),
		 server->forward);
	put_number(&object, "weight", server->weight);
	put_name(&object, "state", sluice_server_state_name(server->state),
		 server->state);
	if (server->has_deadline)
		put_number(&object, "deadline", server->deadline);
	if (server->reason[0])
		put_text(&object, "reason", server->reason);
	put_number(&object, "id", server->id);
	put_number(&object, "active", server->active);
	put_number(&object, "inactive", server->inactive);
	json_put(&object, "stats", json_stats(&server->stats));
	return object;
}

json_t *json_connection(const struct sluice_connection *connection)
{
	json_t *object = json_object();

	put_text(&object, "protocol", print_protocol(connection->protocol));
	put_endpoint(&object, "client-address", "client-port",
		     &connection->client);
	put_endpoint(&object, "virtual-address", "virtual-port",
		     &connection->virtual_at);
	put_endpoint(&object, "server-address", "server-port",
		     &connection->server);
	put_name(&object, "forward", sluice_forward_name(connection->forward),
		 connection->forward);
	put_name(&object, "state", sluice_conn_state_name(connection->state),
		 connection->state);
	put_number(&object, "expires", connection->expires);
	if (connection->pool[0])
		put_text(&object, "pool", connection->pool);
	return object;
}

json_t *json_settings(const struct sluice_settings *settings)
{
	json_t *timeouts = json_object();
	json_t *object = json_object();
	json_t *sniff = json_object();

	for (unsigned int i = 1; i <= SLUICE_A_TIMEOUTS_MAX; i++)
		put_number(&timeouts, sluice_attr_name(SLUICE_SET_TIMEOUTS, i),
			   settings->timeouts[i]);
	json_put(&object, "timeouts", timeouts);
	put_number(&object, "connections-max", settings->connections_max);
	put_number(&object, "relay-clients-max", settings->relay_clients_max);
	put_number(&sniff, "head-timeout", settings->head_timeout);
	put_number(&sniff, "connect-timeout", settings->connect_timeout);
	put_number(&sniff, "connect-retries", settings->connect_retries);
	put_number(&sniff, "held-max", settings->held_max);
	json_put(&object, "sniff", sniff);
	return object;
}

static json_t *strata_names(uint32_t strata)
{
	json_t *array = json_array();

	for (unsigned int bit = 0; bit < 32; bit++) {
		const char *name = sluice_strata_name(BIT(bit));

		if ((strata & BIT(bit)) && name)
			json_array_append_new(array, json_string(name));
	}
	return array;
}

json_t *json_info(const struct sluice_info *info)
{
	json_t *schedulers = json_array();
	json_t *object = json_object();

	for (size_t i = 0; i < info->schedulers_count; i++)
		json_array_append_new(schedulers,
				      json_string(info->schedulers[i]));
	put_number(&object, "abi", info->abi);
	put_text(&object, "version", info->version);
	json_put(&object, "strata", strata_names(info->strata));
	json_put(&object, "scheduler", schedulers);
	put_number(&object, "services", info->services);
	put_number(&object, "pools", info->pools);
	put_number(&object, "servers", info->servers);
	put_number(&object, "generation", info->generation);
	put_number(&object, "connections", info->connections);
	put_number(&object, "connections-max", info->connections_max);
	json_put(&object, "refusals", refusals(&info->refusals));
	return object;
}

json_t *json_relay_config(const struct sluice_relay_config *config)
{
	struct sluice_relay_config copy = *config;
	json_t *object = json_object();
	json_t *add = json_array();

	json_put(&object, "service", service_key(&config->service));
	for (unsigned int i = 1; i <= SLUICE_RELAY_A_CONFIG_MAX; i++) {
		const uint32_t *timeout = adm_relay_timeout(&copy, i);

		if (timeout)
			put_number(&object,
				   sluice_relay_attr_name(
					   SLUICE_RELAY_SET_CONFIG, i),
				   *timeout);
	}
	put_number(&object, "requests-max", config->requests_max);
	put_number(&object, "retries", config->retries);
	for (unsigned int bit = 0; bit < 32; bit++) {
		const char *name = sluice_relay_add_name(BIT(bit));

		if ((config->add & BIT(bit)) && name)
			json_array_append_new(add, json_string(name));
	}
	json_put(&object, "add", add);
	json_put(&object, "websocket", json_boolean(config->websocket));
	json_put(&object, "listen", json_boolean(config->listen));
	put_text(&object, "request-id", config->request_id);
	json_put(&object, "keyed", json_boolean(config->keyed));
	return object;
}

json_t *json_relay_stats(const struct sluice_relay_stats *stats)
{
	json_t *returned = json_object();
	json_t *object = json_object();

	put_number(&object, "clients", stats->clients);
	put_number(&object, "accepted", stats->accepted);
	put_number(&object, "requests", stats->requests);
	put_number(&object, "answers", stats->answers);
	put_number(&object, "connects", stats->connects);
	put_number(&object, "retries", stats->retries);
	put_number(&object, "timeouts", stats->timeouts);
	put_number(&object, "errors", stats->errors);
	put_number(&object, "records", stats->records);
	put_number(&object, "key-updates", stats->key_updates);
	put_number(&object, "refused", stats->refused);
	for (unsigned int i = 0; i < ARRAY_SIZE(stats->returned); i++)
		put_number(&returned, sluice_relay_why_name(i),
			   stats->returned[i]);
	json_put(&object, "returned", returned);
	return object;
}

json_t *json_relay_client(const struct sluice_relay_info *client)
{
	json_t *object = json_object();

	put_number(&object, "id", client->id);
	json_put(&object, "service", service_key(&client->service));
	put_endpoint(&object, "source", "source-port", &client->source);
	json_put(&object, "tls", json_boolean(client->tls));
	put_name(&object, "phase", sluice_relay_phase_name(client->phase),
		 client->phase);
	if (client->server.address.family)
		put_endpoint(&object, "server-address", "server-port",
			     &client->server);
	put_number(&object, "requests", client->requests);
	put_number(&object, "bytes-client", client->bytes_client);
	put_number(&object, "bytes-server", client->bytes_server);
	put_number(&object, "age", client->age);
	return object;
}

static int print_object(const struct adm *adm, json_t *object)
{
	int err;

	if (!object)
		return adm_fail(adm, "out of memory");
	errno = 0;
	err = json_dumpf(object, stdout, JSON_COMPACT);
	json_decref(object);
	if (err || ferror(stdout))
		return adm_fail(adm, "standard output: %s",
				errno ? strerror(errno) : "write error");
	return ADM_DONE;
}

int json_print(const struct adm *adm, json_t *object)
{
	int status = print_object(adm, object);

	if (status == ADM_DONE)
		putchar('\n');
	return status;
}

void json_list_begin(struct json_list *list, const char *name)
{
	list->count = 0;
	printf("{\"%s\":[", name);
}

int json_list_add(const struct adm *adm, struct json_list *list, json_t *object)
{
	fputs(list->count++ ? ",\n" : "\n", stdout);
	return print_object(adm, object);
}

void json_list_end(struct json_list *list)
{
	fputs(list->count ? "\n]}\n" : "]}\n", stdout);
}
