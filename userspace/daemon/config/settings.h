/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings of a configuration, and certificates. See config.h. */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include "common.h"

enum config_log {
	CONFIG_LOG_STDOUT,
	CONFIG_LOG_SYSLOG,
	CONFIG_LOG_FILE,
};

enum config_log_format {
	CONFIG_LOG_TEXT,
	CONFIG_LOG_JSON,
};

/* The least important messages that are written. */
enum config_log_level {
	CONFIG_LOG_ERROR,
	CONFIG_LOG_WARNING,
	CONFIG_LOG_INFO,
	CONFIG_LOG_DEBUG,
};

/**
 * struct config_resolver - how names of servers are looked up
 * @at: place
 * @servers: whom to ask, on port 53 where none is given; none: as the host does
 * @timeout: for one answer
 * @attempts: how often one is asked
 * @ttl_min: shortest time until a name is looked up again
 * @ttl_max: longest
 */
struct config_resolver {
	struct config_place at;
	struct config_endpoints servers;
	uint32_t timeout;
	uint32_t attempts;
	uint32_t ttl_min;
	uint32_t ttl_max;
};

/**
 * struct config_logging - where the daemon's own messages go
 * @at: place
 * @to: enum config_log
 * @file: for CONFIG_LOG_FILE
 * @format: enum config_log_format
 * @level: enum config_log_level
 */
struct config_logging {
	struct config_place at;
	int to;
	char *file;
	int format;
	int level;
};

/**
 * struct config_timeouts - of the connections in the kernel, by their state
 * @at: place
 * @by_attr: by number of the attribute (SLUICE_A_TIMEOUTS_...)
 */
struct config_timeouts {
	struct config_place at;
	uint32_t by_attr[SLUICE_A_TIMEOUTS_MAX + 1];
};

/**
 * struct config_settings - what is set for all services
 * @at: place
 * @user: whom the daemon becomes
 * @threads: 0: one for each processor
 * @control: path of the control socket
 * @cookie_key: file of the key of cookies, NULL: next to the control socket
 * @shutdown: how long stratum proxy may finish what it has begun
 * @admin: where metrics are served; no family: nowhere
 * @log: the daemon's own messages
 * @connections_max: most tracked connections
 * @head_timeout: stratum sniff, for a head
 * @connect_timeout: stratum sniff, for a server's answer
 * @connect_retries: stratum sniff, servers tried after the first
 * @held_max: stratum sniff, most bytes held back
 * @relay_clients_max: stratum relay, most clients
 * @timeouts: of tracked connections
 * @resolver: names of servers
 */
struct config_settings {
	struct config_place at;
	char *user;
	uint32_t threads;
	char *control;
	char *cookie_key;
	uint32_t shutdown;
	struct sluice_endpoint admin;
	struct config_logging *log;
	uint32_t connections_max;
	uint32_t head_timeout;
	uint32_t connect_timeout;
	uint32_t connect_retries;
	uint64_t held_max;
	uint32_t relay_clients_max;
	struct config_timeouts *timeouts;
	struct config_resolver *resolver;
};

/**
 * struct config_certificate - a certificate, or a folder of them
 * @at: place
 * @name: its key
 * @file: certificate and chain, PEM
 * @key: private key, PEM; NULL: in @file
 * @folder: all that are in it, in place of @file
 */
struct config_certificate {
	struct config_place at;
	char *name;
	char *file;
	char *key;
	char *folder;
};

struct config_certificates {
	struct config_certificate *items;
	size_t count;
};

#endif /* CONFIG_SETTINGS_H */
