/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON. Keys are the names of attributes in the netlink specification. Lists
 * are written one object at a time, so that they can be of any length.
 */
#ifndef ADM_JSON_H
#define ADM_JSON_H

#include <jansson.h>

#include "adm.h"

/* Each returns a new reference, NULL if out of memory. */
json_t *json_service(const struct sluice_service *service);
json_t *json_pool(const struct sluice_pool *pool);
json_t *json_route(const struct sluice_route *route);
json_t *json_server(const struct sluice_server *server);
json_t *json_connection(const struct sluice_connection *connection);
json_t *json_settings(const struct sluice_settings *settings);
json_t *json_info(const struct sluice_info *info);
json_t *json_relay_config(const struct sluice_relay_config *config);
json_t *json_relay_stats(const struct sluice_relay_stats *stats);
json_t *json_relay_client(const struct sluice_relay_info *client);
json_t *json_stats(const struct sluice_stats *stats);

/* Sets one key, @value is used up. Does nothing if @object is NULL. */
void json_put(json_t **object, const char *key, json_t *value);

/**
 * struct json_list - a list that is being written: {"name":[...]}
 * @count: objects written
 */
struct json_list {
	unsigned long count;
};

/* Each uses @object up and returns an exit status; NULL is out of memory. */
int json_print(const struct adm *adm, json_t *object);
int json_list_add(const struct adm *adm, struct json_list *list,
		  json_t *object);
void json_list_begin(struct json_list *list, const char *name);
void json_list_end(struct json_list *list);

#endif /* ADM_JSON_H */
