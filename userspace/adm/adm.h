/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sluiceadm: what its parts share. */
#ifndef ADM_H
#define ADM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "sluice.h"
#include "sluice_relay.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Most words of a command line: a route with all that one may have. */
#define ADM_WORDS_MAX 4096

/* Exit statuses, and what most functions here return. */
enum {
	ADM_DONE = 0,
	ADM_FAILED = 1,
	ADM_USAGE = 2,
};

/* How much of a word that is wrong is shown, so that the reason has room behind it. */
#define ADM_SHOWN 200
static inline int adm_shown(size_t length)
{
	return length < ADM_SHOWN ? (int)length : ADM_SHOWN;
}

/* Options, as numbers of bits. They are converted in this order. */
enum adm_option {
	OPT_TCP_SERVICE,
	OPT_UDP_SERVICE,
	OPT_POOL,
	OPT_FAMILY,
	OPT_SCHEDULER,
	OPT_SLOW_PATH,
	OPT_STRATUM,
	OPT_PARSE,
	OPT_PROXY_PROTOCOL,
	OPT_ON_DOWN,
	OPT_ON_DRAIN,
	OPT_STICKY,
	OPT_SERVER,
	OPT_CLIENT,
	OPT_MASQUERADING,
	OPT_GATEWAYING,
	OPT_IPIP,
	OPT_TUN_TYPE,
	OPT_FORWARD,
	OPT_WEIGHT,
	OPT_STATE,
	OPT_DEADLINE,
	OPT_REASON,
	OPT_NUMERIC,
	OPT_CONNECTION,
	OPT_STATS,
	OPT_RATE,
	OPT_INTERVAL,
	OPT_TIMEOUT,
	OPT_REFUSED,
	OPT_EXACT,
	OPT_SORT,
	OPT_NOSORT,
	OPT_JSON,
	OPT_COUNT,
};

#define BIT(n) ((uint64_t)1 << (n))
#define OPTS_SERVICE (BIT(OPT_TCP_SERVICE) | BIT(OPT_UDP_SERVICE))
#define OPTS_POOL (OPTS_SERVICE | BIT(OPT_POOL))
#define OPTS_FORWARD                                                   \
	(BIT(OPT_MASQUERADING) | BIT(OPT_GATEWAYING) | BIT(OPT_IPIP) | \
	 BIT(OPT_FORWARD))
#define OPTS_STATE (BIT(OPT_STATE) | BIT(OPT_DEADLINE) | BIT(OPT_REASON))
#define OPTS_POOL_PARAMS                                                   \
	(BIT(OPT_SCHEDULER) | BIT(OPT_PROXY_PROTOCOL) | BIT(OPT_ON_DOWN) | \
	 BIT(OPT_ON_DRAIN) | BIT(OPT_STICKY))
#define OPTS_LIST                                               \
	(BIT(OPT_CONNECTION) | BIT(OPT_STATS) | BIT(OPT_RATE) | \
	 BIT(OPT_TIMEOUT) | BIT(OPT_REFUSED))

struct adm_route;

/**
 * struct adm_request - one command line, understood
 * @command: the command
 * @given: bits of the options that were given
 * @service: -t or -u; protocol 0 if neither was given
 * @server: -r
 * @client: --client
 * @pool: --pool, or the operand of the pool commands
 * @family: --family
 * @scheduler: -s
 * @slow_path: --slow-path
 * @stratum: --stratum
 * @parse: --parse
 * @proxy_protocol: --proxy-protocol
 * @on_down: --on-down
 * @on_drain: --on-drain
 * @sticky_cookie: --sticky, empty: off
 * @sticky_pool: likewise, empty: the pool's name
 * @forward: -m, -g, -i or --forward
 * @weight: -w
 * @state: --state
 * @deadline: --deadline in milliseconds
 * @reason: --reason
 * @interval: --interval in seconds
 * @settings: operands of --set and "settings set"
 * @relay: operands of "relay set"
 * @id: operand of "client del"
 * @route: operands of the route commands, or NULL
 * @file: --replace, or NULL
 * @ask: operands of the daemon commands, as it is asked, or NULL
 */
struct adm_request {
	const struct adm_command *command;
	uint64_t given;
	struct sluice_service_key service;
	struct sluice_endpoint server;
	struct sluice_endpoint client;
	char pool[SLUICE_NAME_LEN + 1];
	sa_family_t family;
	char scheduler[SLUICE_NAME_LEN + 1];
	bool slow_path;
	uint8_t stratum;
	uint8_t parse;
	uint8_t proxy_protocol;
	uint8_t on_down;
	uint8_t on_drain;
	char sticky_cookie[SLUICE_COOKIE_LEN + 1];
	char sticky_pool[SLUICE_NAME_LEN + 1];
	uint8_t forward;
	uint32_t weight;
	uint8_t state;
	uint32_t deadline;
	char reason[SLUICE_REASON_LEN + 1];
	uint32_t interval;
	struct sluice_settings settings;
	struct sluice_relay_config relay;
	uint64_t id;
	struct adm_route *route;
	char *file;
	json_t *ask;
};

/**
 * struct adm - the state of one run
 * @sl: the handle, NULL for commands that do not need one
 * @relay: the handle of stratum relay, likewise
 * @source: name of the file that lines are read from
 * @line: number of the line that is carried out, otherwise 0
 */
struct adm {
	struct sluice *sl;
	struct sluice *relay;
	const char *source;
	unsigned long line;
};

/**
 * struct adm_message - what is wrong with a command line
 * @text: one line
 */
struct adm_message {
	char text[512];
};

/**
 * struct adm_option_kind - an option
 * @letter: for instance 'w'; 0 if there is none
 * @name: for instance "weight"
 * @convert: understands its value, and returns an exit status; NULL if it takes none
 */
struct adm_option_kind {
	char letter;
	const char *name;
	int (*convert)(struct adm_request *req, const char *value,
		       struct adm_message *msg);
};

/**
 * struct adm_command - a command, in its letter and its word form
 * @letter: for instance 'A'; 0 if there is none
 * @option: for instance "add-service"; NULL if there is none
 * @object: for instance "service"; NULL if there is no word form
 * @verb: for instance "add"; NULL if the object is the whole command
 * @needs: bits of options; one of each group has to be given, groups end at 0
 * @may: bits of further options
 * @implies: bits of options that need not be given
 * @operands: what follows, for the help; NULL if nothing may
 * @operand: takes one operand
 * @operands_min: how many there have to be
 * @operands_max: how many there may be
 * @finish: looks at all operands once they were taken; may be NULL
 * @offline: does without the module
 * @relay: is about stratum relay, by its own handle; in no transaction
 * @change: may stand in a saved table
 * @run: carries it out, returns an exit status
 * @help: what it does
 */
struct adm_command {
	char letter;
	const char *option;
	const char *object;
	const char *verb;
	uint64_t needs[4];
	uint64_t may;
	uint64_t implies;
	const char *operands;
	int (*operand)(struct adm_request *req, unsigned int number,
		       const char *word, struct adm_message *msg);
	unsigned int operands_min;
	unsigned int operands_max;
	int (*finish)(struct adm_request *req, struct adm_message *msg);
	bool offline;
	bool relay;
	bool change;
	int (*run)(struct adm *adm, const struct adm_request *req);
	const char *help;
};

/* commands.c */
extern const struct adm_command adm_commands[];
extern const size_t adm_commands_count;

/* values.c */
extern const struct adm_option_kind adm_options[OPT_COUNT];

/* options.c */
int adm_parse(struct adm_request *req, int argc, char *const argv[],
	      struct adm_message *msg);
void adm_request_free(struct adm_request *req);
int adm_wrong(struct adm_message *msg, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static inline bool adm_has(const struct adm_request *req, enum adm_option opt)
{
	return req->given & BIT(opt);
}

/* parse.c: each returns an exit status, and describes what is wrong in msg. */
int adm_parse_number(uint32_t *to, const char *word, uint32_t min, uint32_t max,
		     const char *what, struct adm_message *msg);
int adm_parse_name(char to[SLUICE_NAME_LEN + 1], const char *word,
		   const char *what, struct adm_message *msg);
int adm_parse_time(uint32_t *to, const char *word, uint32_t min,
		   const char *what, struct adm_message *msg);

/* What an address may leave out, and what it has to fit. */
struct adm_endpoint_rules {
	const char *what;
	uint8_t protocol;
	sa_family_t family;
	uint16_t port;
	bool port_optional;
};

int adm_parse_endpoint(struct sluice_endpoint *to, const char *word,
		       const struct adm_endpoint_rules *rules,
		       struct adm_message *msg);

/* run.c */
int adm_fail(const struct adm *adm, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int adm_refused(const struct adm *adm, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int adm_relay_refused(const struct adm *adm, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int adm_open(struct adm *adm);
int adm_open_relay(struct adm *adm);
int adm_open_relay_if_there(struct adm *adm);
int adm_run(struct adm *adm, const struct adm_request *req);

/* cmd/: one function for each command, and the operands that some take */
int cmd_service_add(struct adm *adm, const struct adm_request *req);
int cmd_service_set(struct adm *adm, const struct adm_request *req);
int cmd_service_del(struct adm *adm, const struct adm_request *req);
int cmd_service_show(struct adm *adm, const struct adm_request *req);
int cmd_server_add(struct adm *adm, const struct adm_request *req);
int cmd_server_set(struct adm *adm, const struct adm_request *req);
int cmd_server_del(struct adm *adm, const struct adm_request *req);
int cmd_server_show(struct adm *adm, const struct adm_request *req);
int cmd_pool_add(struct adm *adm, const struct adm_request *req);
int cmd_pool_set(struct adm *adm, const struct adm_request *req);
int cmd_pool_del(struct adm *adm, const struct adm_request *req);
int cmd_pool_show(struct adm *adm, const struct adm_request *req);
int cmd_pool_operand(struct adm_request *req, unsigned int number,
		     const char *word, struct adm_message *msg);
int cmd_route_add(struct adm *adm, const struct adm_request *req);
int cmd_route_set(struct adm *adm, const struct adm_request *req);
int cmd_route_move(struct adm *adm, const struct adm_request *req);
int cmd_route_del(struct adm *adm, const struct adm_request *req);
int cmd_route_show(struct adm *adm, const struct adm_request *req);
int cmd_route_operand(struct adm_request *req, unsigned int number,
		      const char *word, struct adm_message *msg);
int cmd_route_finish(struct adm_request *req, struct adm_message *msg);
int cmd_connection_show(struct adm *adm, const struct adm_request *req);
int cmd_settings_show(struct adm *adm, const struct adm_request *req);
int cmd_settings_set(struct adm *adm, const struct adm_request *req);
int cmd_settings_operand(struct adm_request *req, unsigned int number,
			 const char *word, struct adm_message *msg);
int cmd_settings_timeouts(struct adm *adm, const struct adm_request *req);
int cmd_settings_seconds(struct adm_request *req, unsigned int number,
			 const char *word, struct adm_message *msg);
int cmd_client_show(struct adm *adm, const struct adm_request *req);
int cmd_client_del(struct adm *adm, const struct adm_request *req);
int cmd_client_operand(struct adm_request *req, unsigned int number,
		       const char *word, struct adm_message *msg);
int cmd_relay_set(struct adm *adm, const struct adm_request *req);
int cmd_relay_operand(struct adm_request *req, unsigned int number,
		      const char *word, struct adm_message *msg);
int cmd_relay_del(struct adm *adm, const struct adm_request *req);
int cmd_relay_show(struct adm *adm, const struct adm_request *req);
int cmd_relay_stats(struct adm *adm, const struct adm_request *req);
int cmd_stats_reset(struct adm *adm, const struct adm_request *req);
int cmd_flush(struct adm *adm, const struct adm_request *req);
int cmd_info(struct adm *adm, const struct adm_request *req);
int cmd_monitor(struct adm *adm, const struct adm_request *req);
int cmd_save(struct adm *adm, const struct adm_request *req);
int cmd_restore(struct adm *adm, const struct adm_request *req);
int cmd_replace(struct adm *adm, const struct adm_request *req);
int cmd_replace_operand(struct adm_request *req, unsigned int number,
			const char *word, struct adm_message *msg);
int cmd_daemon(struct adm *adm, const struct adm_request *req);
int cmd_daemon_operand(struct adm_request *req, unsigned int number,
		       const char *word, struct adm_message *msg);
int cmd_daemon_route_operand(struct adm_request *req, unsigned int number,
			     const char *word, struct adm_message *msg);
int cmd_help(struct adm *adm, const struct adm_request *req);
int cmd_version(struct adm *adm, const struct adm_request *req);

#endif /* ADM_H */
