/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a check is: filled by the configuration, carried out by the engine. */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include <stdbool.h>
#include <stddef.h>

/* What a check speaks; the words of the configuration are in its table. */
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
	CHECK_KIND_COUNT,
};

/**
 * struct check_range - HTTP status codes
 * @first: the lowest
 * @last: the highest, included
 */
struct check_range {
	unsigned int first;
	unsigned int last;
};

/**
 * struct check_header - a header field
 * @name: its name
 * @value: its value
 */
struct check_header {
	char *name;
	char *value;
};

/**
 * struct check_spec - one check of the configuration; pools may share it
 * @name: its key under 'checks'
 * @kind: what it speaks
 * @interval_ms: time between two
 * @fast_interval_ms: the same while the state is changing; 0: @interval_ms
 * @down_interval_ms: the same while the server is down; 0: @interval_ms
 * @jitter_percent: how much an interval varies, 0 to 50
 * @timeout_ms: longest that one may take
 * @rise: successes until a server is up, 1 to 255
 * @fall: failures until it is down, 1 to 255
 * @port: where to, 0: the server's own
 * @source: address to check from, NULL: the kernel chooses
 * @mark: firewall mark, 0: none
 * @netns: name of a network namespace under /run/netns, NULL: the daemon's own
 * @sni: server name in TLS
 * @verify: whether the certificate has to be right
 * @ca_file: who may have signed it, NULL: the system's list
 * @alpn: protocols to offer
 * @alpn_count: how many
 * @method: of an HTTP request
 * @path: of an HTTP request
 * @host: of an HTTP request
 * @headers: more header fields
 * @header_count: how many
 * @statuses: what is right; none: 200 to 399
 * @status_count: how many ranges
 * @body: what the body has to contain, NULL: anything
 * @body_regex: what it has to match (PCRE2), NULL: anything
 * @json_pointer: a value in the body by RFC 6901, NULL: none
 * @json_value: its text
 * @user: redis, postgresql, mysql, smtp, ftp
 * @password: the same
 * @database: the same
 * @helo: name to say to an SMTP server
 * @query_name: dns
 * @query_type: as a number
 * @answer: what one record has to say, NULL: anything
 * @send: udp, tcp: bytes to send
 * @send_length: how many
 * @expect: bytes that have to come back
 * @expect_length: how many
 * @command: program and arguments, NULL at the end
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

#endif /* CHECK_CHECK_H */
