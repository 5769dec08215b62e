// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys of checks. */
#include <string.h>

#include "schema.h"

#define SPEC(member) offsetof(struct config_check, spec.member)
#define KIND(name) (1U << CHECK_##name)
#define HTTP (KIND(HTTP) | KIND(HTTPS))
#define WITH_TLS (KIND(TLS) | KIND(HTTPS))
#define WITH_USER \
	(KIND(REDIS) | KIND(POSTGRESQL) | KIND(MYSQL) | KIND(SMTP) | KIND(FTP))
#define INTERVAL_MIN 100
#define INTERVAL_MAX 86400000

static const struct schema_word kind_words[] = {
	{ "tcp", CHECK_TCP, CONFIG_FLOW },
	{ "tls", CHECK_TLS, CONFIG_FLOW },
	{ "http", CHECK_HTTP, CONFIG_FLOW },
	{ "https", CHECK_HTTPS, CONFIG_FLOW },
	{ "redis", CHECK_REDIS, CONFIG_FLOW },
	{ "postgresql", CHECK_POSTGRESQL, CONFIG_FLOW },
	{ "mysql", CHECK_MYSQL, CONFIG_FLOW },
	{ "smtp", CHECK_SMTP, CONFIG_FLOW },
	{ "dns", CHECK_DNS, CONFIG_FLOW },
	{ "udp", CHECK_UDP, CONFIG_FLOW },
	{ "sctp", CHECK_SCTP, CONFIG_FLOW },
	{ "ftp", CHECK_FTP, CONFIG_FLOW },
	{ "script", CHECK_SCRIPT, CONFIG_FLOW },
	{ "agent", CHECK_AGENT, CONFIG_FLOW },
	{ .word = NULL },
};

/* RFC 1035 and its followers: numbers of DNS records. */
static const struct schema_word record_words[] = {
	{ "a", 1, CONFIG_FLOW },     { "ns", 2, CONFIG_FLOW },
	{ "cname", 5, CONFIG_FLOW }, { "soa", 6, CONFIG_FLOW },
	{ "ptr", 12, CONFIG_FLOW },  { "mx", 15, CONFIG_FLOW },
	{ "txt", 16, CONFIG_FLOW },  { "aaaa", 28, CONFIG_FLOW },
	{ "srv", 33, CONFIG_FLOW },  { .word = NULL },
};

static const struct schema_field check_fields[] = {
	{
		.key = "type",
		.kind = &schema_word,
		.offset = SPEC(kind),
		.required = true,
		.words = kind_words,
		.doc = "What the check speaks.",
	},
	{
		.key = "interval",
		.kind = &schema_duration,
		.offset = SPEC(interval_ms),
		.min = INTERVAL_MIN,
		.max = INTERVAL_MAX,
		.initial = "2s",
		.doc = "Time from one check of a server to the next.",
	},
	{
		.key = "fast-interval",
		.kind = &schema_duration,
		.offset = SPEC(fast_interval_ms),
		.min = INTERVAL_MIN,
		.max = INTERVAL_MAX,
		.doc = "The same while the state is changing; without it, interval.",
	},
	{
		.key = "down-interval",
		.kind = &schema_duration,
		.offset = SPEC(down_interval_ms),
		.min = INTERVAL_MIN,
		.max = INTERVAL_MAX,
		.doc = "The same while the server is down; without it, interval.",
	},
	{
		.key = "jitter",
		.kind = &schema_percent,
		.offset = SPEC(jitter_percent),
		.max = 5000,
		.number = 100,
		.initial = "10%",
		.doc = "How much an interval varies, so that checks do not come all at once.",
	},
	{
		.key = "timeout",
		.kind = &schema_duration,
		.offset = SPEC(timeout_ms),
		.min = 10,
		.max = 3600000,
		.initial = "1s",
		.doc = "Longest that one check may take.",
	},
	{
		.key = "rise",
		.kind = &schema_number,
		.offset = SPEC(rise),
		.min = 1,
		.max = 255,
		.initial = "2",
		.doc = "Successes in a row after which a server is up.",
	},
	{
		.key = "fall",
		.kind = &schema_number,
		.offset = SPEC(fall),
		.min = 1,
		.max = 255,
		.initial = "3",
		.doc = "Failures in a row after which a server is down.",
	},
	{
		.key = "port",
		.kind = &schema_number,
		.offset = SPEC(port),
		.min = 1,
		.max = 65535,
		.doc = "Port to check; without it, the server's own.",
	},
	{
		.key = "source",
		.kind = &schema_address,
		.offset = SPEC(source),
		.doc = "Address that the check comes from; without it, the kernel chooses.",
	},
	{
		.key = "mark",
		.kind = &schema_number,
		.offset = SPEC(mark),
		.min = 1,
		.max = UINT32_MAX,
		.doc = "Firewall mark of the check's packets.",
	},
	{
		.key = "netns",
		.kind = &schema_name,
		.offset = SPEC(netns),
		.doc = "Network namespace to check from, by its name in /run/netns.",
	},
	{
		.key = "sni",
		.kind = &schema_text,
		.offset = SPEC(sni),
		.max = 253,
		.only = WITH_TLS,
		.doc = "Server name that is asked for in TLS.",
	},
	{
		.key = "verify",
		.kind = &schema_bool,
		.offset = SPEC(verify),
		.only = WITH_TLS,
		.initial = "true",
		.doc = "Whether the certificate has to be valid for sni.",
	},
	{
		.key = "ca",
		.kind = &schema_path,
		.offset = SPEC(ca_file),
		.only = WITH_TLS,
		.doc = "Who may have signed the certificate, in PEM; without it, the system's list.",
	},
	{
		.key = "alpn",
		.kind = &schema_text,
		.many = SCHEMA_LIST,
		.offset = SPEC(alpn),
		.most = 16,
		.max = 255,
		.only = WITH_TLS,
		.doc = "Protocols that are offered in TLS.",
	},
	{
		.key = "method",
		.kind = &schema_token,
		.offset = SPEC(method),
		.only = HTTP,
		.max = 32,
		.initial = "GET",
		.doc = "Method of the request.",
	},
	{
		.key = "path",
		.kind = &schema_path,
		.offset = SPEC(path),
		.only = HTTP,
		.initial = "/",
		.doc = "Path of the request, with its query.",
	},
	{
		.key = "host",
		.kind = &schema_text,
		.offset = SPEC(host),
		.max = 255,
		.only = HTTP,
		.doc = "Host of the request; without it, address and port of the server.",
	},
	{
		.key = "headers",
		.kind = &schema_pair,
		.many = SCHEMA_MAP,
		.offset = SPEC(headers),
		.most = 32,
		.only = HTTP,
		.doc = "More header fields of the request.",
	},
	{
		.key = "status",
		.kind = &schema_statuses,
		.many = SCHEMA_LIST,
		.offset = SPEC(statuses),
		.most = 32,
		.only = HTTP,
		.doc = "Statuses that are right; without it, 200 to 399.",
	},
	{
		.key = "body",
		.kind = &schema_text,
		.offset = SPEC(body),
		.only = HTTP,
		.doc = "What the body has to contain.",
	},
	{
		.key = "body-regex",
		.kind = &schema_regex,
		.offset = SPEC(body_regex),
		.only = HTTP,
		.doc = "What the body has to match (PCRE2).",
	},
	{
		.key = "json-pointer",
		.kind = &schema_path,
		.offset = SPEC(json_pointer),
		.only = HTTP,
		.doc = "A value in the body, which is JSON, by RFC 6901.",
	},
	{
		.key = "json-value",
		.kind = &schema_text,
		.offset = SPEC(json_value),
		.only = HTTP,
		.doc = "What that value has to be.",
	},
	{
		.key = "user",
		.kind = &schema_text,
		.offset = SPEC(user),
		.max = 255,
		.only = WITH_USER,
		.doc = "User to log in as.",
	},
	{
		.key = "password",
		.kind = &schema_text,
		.offset = SPEC(password),
		.max = 255,
		.only = WITH_USER,
		.doc = "Password of that user.",
	},
	{
		.key = "database",
		.kind = &schema_text,
		.offset = SPEC(database),
		.max = 255,
		.only = KIND(REDIS) | KIND(POSTGRESQL) | KIND(MYSQL),
		.doc = "Database to open.",
	},
	{
		.key = "helo",
		.kind = &schema_text,
		.offset = SPEC(helo),
		.max = 255,
		.only = KIND(SMTP),
		.doc = "Name to say to the server; without it, that of this host.",
	},
	{
		.key = "query",
		.kind = &schema_text,
		.offset = SPEC(query_name),
		.max = 253,
		.only = KIND(DNS),
		.doc = "Name to ask for.",
	},
	{
		.key = "record",
		.kind = &schema_word,
		.offset = SPEC(query_type),
		.only = KIND(DNS),
		.words = record_words,
		.initial = "a",
		.doc = "Kind of record to ask for.",
	},
	{
		.key = "answer",
		.kind = &schema_text,
		.offset = SPEC(answer),
		.only = KIND(DNS),
		.doc = "What one of the records has to say; without it, anything.",
	},
	{
		.key = "send",
		.kind = &schema_bytes,
		.offset = SPEC(send),
		.only = KIND(TCP) | KIND(UDP),
		.doc = "Bytes to send. In them \\r, \\n, \\t, \\0, \\\\ and \\xHH stand for one byte; put them in single quotes.",
	},
	{
		.key = "expect",
		.kind = &schema_bytes,
		.offset = SPEC(expect),
		.only = KIND(TCP) | KIND(UDP),
		.doc = "Bytes that have to come back, written in the same way.",
	},
	{
		.key = "command",
		.kind = &schema_text,
		.many = SCHEMA_LIST,
		.offset = offsetof(struct config_check, command),
		.most = 64,
		.only = KIND(SCRIPT),
		.doc = "Program by its full path, and its arguments.",
	},
	{ .key = NULL },
};

static void finish_command(struct config_reader *r, struct config_check *check)
{
	size_t count = check->command.count;

	if (!count) {
		schema_missing(
			r, check->at, "command",
			"type 'script' needs a program and its arguments");
		return;
	}
	if (check->command.items[0][0] != '/')
		schema_wrong_in(r, check->at, "command",
				"'%s'; not the full path of a program",
				config_show(check->command.items[0],
					    strlen(check->command.items[0]))
					.text);
	check->spec.command = config_arena_alloc(
		&r->config->arena, (count + 1) * sizeof(*check->spec.command));
	if (!check->spec.command) {
		schema_wrong(r, check->at, "out of memory");
		return;
	}
	memcpy(check->spec.command, check->command.items,
	       count * sizeof(*check->spec.command));
}

static void finish_check(struct config_reader *r, void *object)
{
	struct config_check *check = object;
	const struct check_spec *spec = &check->spec;

	if (spec->kind == CHECK_SCRIPT)
		finish_command(r, check);
	if (spec->kind == CHECK_DNS && !spec->query_name)
		schema_missing(r, check->at, "query",
			       "type 'dns' needs a name to ask for");
	if (spec->kind == CHECK_UDP && (!spec->send || !spec->expect))
		schema_missing(
			r, check->at, spec->send ? "expect" : "send",
			"type 'udp' needs send and expect, or no answer tells anything");
	if (!spec->json_pointer != !spec->json_value)
		schema_missing(r, check->at,
			       spec->json_pointer ? "json-value" :
						    "json-pointer",
			       "json-pointer and json-value belong together");
	if (spec->password && !spec->user && spec->kind != CHECK_REDIS)
		schema_missing(r, check->at, "user",
			       "a password belongs to a user");
	if (spec->interval_ms && spec->timeout_ms > spec->interval_ms)
		schema_wrong_in(r, check->at, "timeout",
				"longer than interval; give at most that");
}

const struct schema_object schema_check = {
	.name = "check",
	.doc = "A health check: what is done to learn whether a server is up.",
	.size = sizeof(struct config_check),
	.name_offset = SPEC(name),
	.fields = check_fields,
	.selector = "type",
	.finish = finish_check,
};
