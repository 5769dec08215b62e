/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a check of the configuration says. */
#ifndef DAEMON_CHECK_CHECK_H
#define DAEMON_CHECK_CHECK_H

#include <stdbool.h>
#include <stddef.h>

/* In the order of the table in kinds.c. */
enum check_kind {
	CHECK_TCP,
	CHECK_TLS,
	CHECK_HTTP,
	CHECK_HTTPS,
	CHECK_REDIS,
	CHECK_POSTGRESQL,
	CHECK_MYSQL,
	CHECK_SMTP,
	CHECK_DNS,
	CHECK_UDP,
	CHECK_SCTP,
	CHECK_FTP,
	CHECK_SCRIPT,
	CHECK_AGENT,
	CHECK_KIND_COUNT
};

/**
 * struct check_range - status codes of HTTP
 * @first: lowest
 * @last: highest, included
 */
struct check_range {
	unsigned int first;
	unsigned int last;
};

/**
 * struct check_header - a header field to send
 * @name: without the colon
 * @value: without spaces around
 */
struct check_header {
	char *name;
	char *value;
};

/**
 * struct check_spec - one check of the configuration, which pools may share
 * @name: its key under 'checks:'
 * @kind: what is spoken to the server
 * @interval_ms: from the beginning of one check to that of the next
 * @fast_interval_ms: the same while the state is about to change; 0: as interval
 * @down_interval_ms: the same while the server is down; 0: as interval
 * @jitter_percent: 0 to 50: the interval is so much shorter or longer, at random
 * @timeout_ms: for the whole of one check
 * @rise: checks in a row, 1 to 255, that bring a server up
 * @fall: checks in a row, 1 to 255, that take it down
 * @port: 0: the server's own
 * @source: address to connect from, NULL: the kernel chooses
 * @mark: of the packets, for policy routing; 0: none
 * @netns: name under /run/netns, NULL: the daemon's own
 * @sni: tls, https: server name to ask for and to find in the certificate. NULL:
 *	none, and the certificate is to have the server's address
 * @verify: tls, https: whether the certificate has to be valid
 * @ca_file: tls, https: PEM of the authorities, NULL: the system's
 * @alpn: tls, https: protocols to offer, of which the server has to take one
 * @alpn_count: how many
 * @method: http, https: NULL: GET
 * @path: http, https: with the query; NULL: /
 * @host: http, https: Host field; NULL: @sni, or else the server's address
 * @headers: http, https: more fields to send
 * @header_count: how many
 * @statuses: http, https: those that are good
 * @status_count: how many; 0: 200 to 399 are
 * @body: http, https: text that the body has to contain, NULL: any
 * @body_regex: http, https: expression (PCRE2) that the body has to match
 * @json_pointer: http, https: a place in the body (RFC 6901)
 * @json_value: http, https: text of the value at @json_pointer
 * @user: redis, postgresql, mysql: who logs in
 * @password: redis, postgresql, mysql: and with what
 * @database: postgresql, mysql: to log in to
 * @helo: smtp: name that the checker calls itself
 * @query_name: dns: what to ask for; NULL: the root
 * @query_type: dns: type of the record, as a number; 0: NS for the root, else A
 * @answer: dns: what one of the records has to be, NULL: any
 * @send: tcp, udp, agent: bytes to send first
 * @send_length: how many
 * @expect: tcp, udp: bytes that have to be in the answer
 * @expect_length: how many
 * @command: script: argv, ended by NULL; a path with '/' first
 */
struct check_spec {
	char *name;
	enum check_kind kind;
	unsigned int interval_ms;
	unsigned int fast_interval_ms;
	unsigned int down_interval_ms;
	unsigned int jitter_percent;
	unsigned int timeout_ms;
	unsigned int rise;
	unsigned int fall;
	unsigned int port;
	char *source;
	unsigned int mark;
	char *netns;
	char *sni;
	bool verify;
	char *ca_file;
	char **alpn;
	size_t alpn_count;
	char *method;
	char *path;
	char *host;
	struct check_header *headers;
	size_t header_count;
	struct check_range *statuses;
	size_t status_count;
	char *body;
	char *body_regex;
	char *json_pointer;
	char *json_value;
	char *user;
	char *password;
	char *database;
	char *helo;
	char *query_name;
	unsigned int query_type;
	char *answer;
	void *send;
	size_t send_length;
	void *expect;
	size_t expect_length;
	char **command;
};

#endif /* DAEMON_CHECK_CHECK_H */
