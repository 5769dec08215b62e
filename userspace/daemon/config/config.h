/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration, read and found right: what sluiced is to do.
 *
 * Everything that a struct config points to belongs to it and is freed with it.
 * Every object has its place first, for messages about it. What a text or
 * pointer is NULL for was not given; numbers have their defaults. Times are in
 * milliseconds.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "arena.h"
#include "service.h"
#include "settings.h"

/**
 * struct config_index - objects by name
 * @sorted: pointers to objects that have their name after their place
 * @count: how many
 */
struct config_index {
	const void **sorted;
	size_t count;
};

/**
 * struct config - a configuration
 * @at: place
 * @arena: memory of all of it
 * @users: who holds it besides its owner
 * @root: what it was read from, NULL where that was not to be read
 * @base: what it is a change of, held; NULL where it is from files
 * @version: of the format
 * @include: patterns of other files, whose objects are here
 * @settings: always there
 * @certificates: in the order in which they are written, as what follows
 * @checks: checks
 * @pools: pools
 * @services: services
 * @by_name: of certificates, checks, pools and services, in this order
 */
struct config {
	struct config_place at;
	struct config_arena arena;
	unsigned int users;
	const struct config_node *root;
	struct config *base;
	uint32_t version;
	struct config_texts include;
	struct config_settings *settings;
	struct config_certificates certificates;
	struct config_checks checks;
	struct config_pools pools;
	struct config_services services;
	struct config_index by_name[4];
};

/**
 * config_load() - read a configuration and what it includes
 * @path: the file
 * @errors: what is wrong, all of it; the texts name files of the configuration
 *
 * Return: a configuration for config_free(), also where something is wrong:
 * config_errors_any() says whether it may be used. NULL where memory is short,
 * with an error.
 */
struct config *config_load(const char *path, struct config_errors *errors);

/**
 * config_parse() - read a configuration from memory, which includes nothing
 * @name: what to call it, as long as the configuration lives
 * @text: bytes
 * @length: how many
 * @errors: what is wrong
 *
 * Return: as config_load().
 */
struct config *config_parse(const char *name, const char *text, size_t length,
			    struct config_errors *errors);

/**
 * config_whole() - what of a configuration can be looked at for itself
 * @config: as it was read, with errors or without; held by what is returned
 * @errors: gets one where memory is short
 *
 * Certificates, checks, pools and services that have an error in them are left out, so
 * that nothing is said of them that only follows from it, and services that lead to a
 * pool which is left out. Pools still name certificates and checks, and services
 * certificates, that are not there.
 *
 * Return: for config_free(), or NULL: there is nothing to look at.
 */
struct config *config_whole(struct config *config,
			    struct config_errors *errors);

/**
 * config_get() - keep a configuration from being freed
 * @config: the configuration
 *
 * Return: the same, for one more config_free().
 */
struct config *config_get(struct config *config);

/**
 * config_free() - free a configuration with all that is in it
 * @config: the configuration or NULL; the last one who has it frees it
 */
void config_free(struct config *config);

/**
 * config_service_lookup() - find a service
 * @config: the configuration
 * @name: its name
 *
 * Return: the service or NULL; a borrowed pointer, as of those below.
 */
const struct config_service *config_service_lookup(const struct config *config,
						   const char *name);
const struct config_pool *config_pool_lookup(const struct config *config,
					     const char *name);
const struct config_check *config_check_lookup(const struct config *config,
					       const char *name);
const struct config_certificate *
config_certificate_lookup(const struct config *config, const char *name);

/**
 * config_route_rule() - a route as the kernel matches it
 * @route: the route
 * @parse: enum sluice_parse of its service
 * @host: which of its hosts, or of its server names with SLUICE_PARSE_TLS; 0
 *   where there are none
 * @method: which of its methods, the same way
 * @conditions: room for SLUICE_ROUTE_CONDITIONS_MAX + 1
 * @rule: filled in; points to @conditions and the configuration
 *
 * Where a regular expression is asked for, the rule asks for presence: what has
 * one is not for the kernel.
 */
void config_route_rule(const struct config_route *route, int parse, size_t host,
		       size_t method, struct sluice_route_condition *conditions,
		       struct sluice_route_rule *rule);

/**
 * config_route_size() - what a route takes in a message to the kernel
 * @route: the route
 * @parse: enum sluice_parse of its service
 *
 * Return: bytes at most, whichever of its hosts and methods is taken, as the
 * kernel counts them.
 */
size_t config_route_size(const struct config_route *route, int parse);

#endif /* CONFIG_CONFIG_H */
