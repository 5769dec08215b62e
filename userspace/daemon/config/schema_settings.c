// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys of the whole, of settings and of certificates. */
#include "schema.h"

#define DAY 86400000

#define TIMEOUT(name, attr, default_, doc_)                      \
	{ .key = (name),                                         \
	  .kind = &schema_duration,                              \
	  .offset = offsetof(struct config_timeouts,             \
			     by_attr[SLUICE_A_TIMEOUTS_##attr]), \
	  .min = SLUICE_TIMEOUT_MIN,                             \
	  .max = SLUICE_TIMEOUT_MAX,                             \
	  .initial = (default_),                                 \
	  .doc = "How long a connection is kept "                \
		 "after its last packet, " doc_ }

static const struct schema_field timeouts_fields[] = {
	TIMEOUT("tcp-syn-sent", TCP_SYN_SENT, "30s",
		"while the client's SYN is unanswered."),
	TIMEOUT("tcp-syn-recv", TCP_SYN_RECV, "60s",
		"until the handshake is complete."),
	TIMEOUT("tcp-established", TCP_ESTABLISHED, "15m",
		"while it is established."),
	TIMEOUT("tcp-fin-wait", TCP_FIN_WAIT, "2m", "when one side has ended."),
	TIMEOUT("tcp-close-wait", TCP_CLOSE_WAIT, "2m",
		"when that end was acknowledged."),
	TIMEOUT("tcp-last-ack", TCP_LAST_ACK, "30s",
		"when both sides have ended."),
	TIMEOUT("tcp-time-wait", TCP_TIME_WAIT, "60s",
		"when both ends were acknowledged."),
	TIMEOUT("tcp-close", TCP_CLOSE, "10s", "after a reset."),
	TIMEOUT("udp-new", UDP_NEW, "30s", "of UDP without an answer."),
	TIMEOUT("udp", UDP, "5m", "of UDP in both directions."),
	{ .key = NULL },
};

static const struct schema_object timeouts_object = {
	.name = "timeouts",
	.doc = "Time-outs of tracked connections, by their state, in strata flow and sniff.",
	.size = sizeof(struct config_timeouts),
	.fields = timeouts_fields,
};

static const struct schema_field resolver_fields[] = {
	{
		.key = "servers",
		.kind = &schema_resolver,
		.many = SCHEMA_LIST,
		.offset = offsetof(struct config_resolver, servers),
		.most = 8,
		.number = 53,
		.doc = "Name servers, on port 53 where none is given. Without any, those of the host are asked.",
	},
	{
		.key = "timeout",
		.kind = &schema_duration,
		.offset = offsetof(struct config_resolver, timeout),
		.min = 100,
		.max = 60000,
		.initial = "2s",
		.doc = "How long an answer is waited for at most; less where a name server has always been quicker.",
	},
	{
		.key = "attempts",
		.kind = &schema_number,
		.offset = offsetof(struct config_resolver, attempts),
		.min = 1,
		.max = 10,
		.initial = "3",
		.doc = "How often each name server is asked.",
	},
	{
		.key = "ttl-min",
		.kind = &schema_duration,
		.offset = offsetof(struct config_resolver, ttl_min),
		.min = 1000,
		.max = DAY,
		.initial = "5s",
		.doc = "A name is not looked up again sooner, whatever its TTL, and after a failure.",
	},
	{
		.key = "ttl-max",
		.kind = &schema_duration,
		.offset = offsetof(struct config_resolver, ttl_max),
		.min = 1000,
		.max = DAY,
		.initial = "1h",
		.doc = "A name is not looked up again later, whatever its TTL.",
	},
	{ .key = NULL },
};

static void finish_resolver(struct config_reader *r, void *object)
{
	const struct config_resolver *resolver = object;

	if (resolver->ttl_min > resolver->ttl_max)
		schema_wrong_in(r, resolver->at, "ttl-min",
				"longer than ttl-max; give at most that");
}

static const struct schema_object resolver_object = {
	.name = "resolver",
	.doc = "How names of servers are looked up.",
	.size = sizeof(struct config_resolver),
	.fields = resolver_fields,
	.finish = finish_resolver,
};

static const struct schema_word log_words[] = {
	{ "stdout", CONFIG_LOG_STDOUT, CONFIG_FLOW },
	{ "syslog", CONFIG_LOG_SYSLOG, CONFIG_FLOW },
	{ "file", CONFIG_LOG_FILE, CONFIG_FLOW },
	{ .word = NULL },
};

static const struct schema_word format_words[] = {
	{ "text", CONFIG_LOG_TEXT, CONFIG_FLOW },
	{ "json", CONFIG_LOG_JSON, CONFIG_FLOW },
	{ .word = NULL },
};

static const struct schema_word level_words[] = {
	{ "error", CONFIG_LOG_ERROR, CONFIG_FLOW },
	{ "warning", CONFIG_LOG_WARNING, CONFIG_FLOW },
	{ "info", CONFIG_LOG_INFO, CONFIG_FLOW },
	{ "debug", CONFIG_LOG_DEBUG, CONFIG_FLOW },
	{ .word = NULL },
};

static const struct schema_field log_fields[] = {
	{
		.key = "to",
		.kind = &schema_word,
		.offset = offsetof(struct config_logging, to),
		.initial = "stdout",
		.words = log_words,
		.doc = "Where messages go.",
	},
	{
		.key = "file",
		.kind = &schema_path,
		.offset = offsetof(struct config_logging, file),
		.only = 1U << CONFIG_LOG_FILE,
		.doc = "The file.",
	},
	{
		.key = "format",
		.kind = &schema_word,
		.offset = offsetof(struct config_logging, format),
		.initial = "text",
		.words = format_words,
		.doc = "A line of text for each message, or an object of JSON.",
	},
	{
		.key = "level",
		.kind = &schema_word,
		.offset = offsetof(struct config_logging, level),
		.initial = "info",
		.words = level_words,
		.doc = "The least important messages that are written.",
	},
	{ .key = NULL },
};

static void finish_log(struct config_reader *r, void *object)
{
	const struct config_logging *log = object;

	if (log->to == CONFIG_LOG_FILE && !log->file)
		schema_missing(r, log->at, "file",
			       "'to: file' needs the path of a file");
}

static const struct schema_object log_object = {
	.name = "log",
	.doc = "The daemon's own messages.",
	.size = sizeof(struct config_logging),
	.fields = log_fields,
	.scalar = "to",
	.selector = "to",
	.finish = finish_log,
};

static const struct schema_field settings_fields[] = {
	{
		.key = "user",
		.kind = &schema_name,
		.offset = offsetof(struct config_settings, user),
		.initial = "sluice",
		.doc = "The user that the daemon becomes.",
	},
	{
		.key = "threads",
		.kind = &schema_number,
		.offset = offsetof(struct config_settings, threads),
		.max = 1024,
		.initial = "0",
		.doc = "Threads of stratum proxy; 0 is one for each processor that the daemon may use.",
	},
	{
		.key = "control",
		.kind = &schema_path,
		.offset = offsetof(struct config_settings, control),
		.max = 103,
		.initial = "/run/sluice/control",
		.doc = "The socket for sluiceadm.",
	},
	{
		.key = "cookie-key",
		.kind = &schema_path,
		.offset = offsetof(struct config_settings, cookie_key),
		.max = 4000,
		.doc = "Strata relay and proxy: a file of 32 or more random bytes, by which cookies are signed that keep clients with their server ('sticky'). It is made if it is not there; without this key it is next to the control socket, in CONTROL.key, which a machine that is started anew has forgotten. Nodes that share clients need the same.",
	},
	{
		.key = "shutdown",
		.kind = &schema_duration,
		.offset = offsetof(struct config_settings, shutdown),
		.max = DAY,
		.initial = "30s",
		.doc = "Stratum proxy: how long requests and tunnels may go on when the daemon ends; then they are cut off.",
	},
	{
		.key = "admin",
		.kind = &schema_endpoint,
		.offset = offsetof(struct config_settings, admin),
		.doc = "Where metrics are served over HTTP; nowhere if not given.",
	},
	{
		.key = "log",
		.kind = &schema_object,
		.offset = offsetof(struct config_settings, log),
		.always = true,
		.object = &log_object,
		.doc = "The daemon's own messages.",
	},
	{
		.key = "connections-max",
		.kind = &schema_number,
		.offset = offsetof(struct config_settings, connections_max),
		.min = 1,
		.max = UINT32_MAX,
		.initial = "1048576",
		.doc = "Most connections that strata flow and sniff track at once.",
	},
	{
		.key = "head-timeout",
		.kind = &schema_duration,
		.offset = offsetof(struct config_settings, head_timeout),
		.min = SLUICE_TIMEOUT_MIN,
		.max = SLUICE_TIMEOUT_MAX,
		.initial = "10s",
		.doc = "Stratum sniff: how long a client has to complete what is read of it.",
	},
	{
		.key = "connect-timeout",
		.kind = &schema_duration,
		.offset = offsetof(struct config_settings, connect_timeout),
		.min = SLUICE_TIMEOUT_MIN,
		.max = SLUICE_TIMEOUT_MAX,
		.initial = "3s",
		.doc = "Stratum sniff: how long a server has to answer before another is tried.",
	},
	{
		.key = "connect-retries",
		.kind = &schema_number,
		.offset = offsetof(struct config_settings, connect_retries),
		.max = 16,
		.initial = "2",
		.doc = "Stratum sniff: servers that are tried after the first one.",
	},
	{
		.key = "held-max",
		.kind = &schema_size,
		.offset = offsetof(struct config_settings, held_max),
		.min = UINT64_C(1) << 20,
		.max = UINT64_C(1) << 40,
		.initial = "64M",
		.doc = "Stratum sniff: most bytes that are held back of all clients.",
	},
	{
		.key = "relay-clients-max",
		.kind = &schema_number,
		.offset = offsetof(struct config_settings, relay_clients_max),
		.min = 1,
		.max = UINT32_MAX,
		.initial = "262144",
		.doc = "Most clients that stratum relay has at once; stratum proxy serves those beyond.",
	},
	{
		.key = "timeouts",
		.kind = &schema_object,
		.offset = offsetof(struct config_settings, timeouts),
		.always = true,
		.object = &timeouts_object,
		.doc = "Time-outs of tracked connections.",
	},
	{
		.key = "resolver",
		.kind = &schema_object,
		.offset = offsetof(struct config_settings, resolver),
		.always = true,
		.object = &resolver_object,
		.doc = "How names of servers are looked up.",
	},
	{ .key = NULL },
};

const struct schema_object schema_settings = {
	.name = "settings",
	.doc = "What is set for all services.",
	.size = sizeof(struct config_settings),
	.fields = settings_fields,
};

static const struct schema_field certificate_fields[] = {
	{
		.key = "file",
		.kind = &schema_path,
		.offset = offsetof(struct config_certificate, file),
		.doc = "Certificate and chain, in PEM.",
	},
	{
		.key = "key",
		.kind = &schema_path,
		.offset = offsetof(struct config_certificate, key),
		.doc = "Private key, in PEM; without it, the key is in file.",
	},
	{
		.key = "folder",
		.kind = &schema_path,
		.offset = offsetof(struct config_certificate, folder),
		.doc = "In place of file: every certificate in this folder, NAME.pem or NAME.crt, each with its key, in the same file or in NAME.key.",
	},
	{ .key = NULL },
};

static void finish_certificate(struct config_reader *r, void *object)
{
	const struct config_certificate *certificate = object;

	if (!certificate->file && !certificate->folder)
		schema_missing(r, certificate->at, "file",
			       "give file or folder");
	else if (certificate->folder && (certificate->file || certificate->key))
		schema_wrong_in(
			r, certificate->at, "folder",
			"together with file or key; give one or the other");
}

const struct schema_object schema_certificate = {
	.name = "certificate",
	.doc = "A certificate for TLS, or a folder of them. All are taken up again when they change.",
	.size = sizeof(struct config_certificate),
	.name_offset = offsetof(struct config_certificate, name),
	.fields = certificate_fields,
	.finish = finish_certificate,
};

static const struct schema_field root_fields[] = {
	{
		.key = "version",
		.kind = &schema_number,
		.offset = offsetof(struct config, version),
		.required = true,
		.min = 1,
		.max = 1,
		.doc = "Version of this format: 1. Files that are included may leave it out.",
	},
	{
		.key = "include",
		.kind = &schema_text,
		.many = SCHEMA_LIST,
		.offset = offsetof(struct config, include),
		.most = 100,
		.doc = "Other files, by name or pattern (glob(7)), from the folder of this file on. What they have below settings, certificates, checks, pools and services is put together.",
	},
	{
		.key = "settings",
		.kind = &schema_object,
		.offset = offsetof(struct config, settings),
		.always = true,
		.object = &schema_settings,
		.doc = "What is set for all services.",
	},
	{
		.key = "certificates",
		.kind = &schema_object,
		.many = SCHEMA_MAP,
		.offset = offsetof(struct config, certificates),
		.most = 65536,
		.object = &schema_certificate,
		.doc = "Certificates, by name.",
	},
	{
		.key = "checks",
		.kind = &schema_object,
		.many = SCHEMA_MAP,
		.offset = offsetof(struct config, checks),
		.most = 65536,
		.object = &schema_check,
		.doc = "Health checks, by name. Pools may share them.",
	},
	{
		.key = "pools",
		.kind = &schema_object,
		.many = SCHEMA_MAP,
		.offset = offsetof(struct config, pools),
		.most = 65536,
		.object = &schema_pool,
		.doc = "Pools of servers, by name.",
	},
	{
		.key = "services",
		.kind = &schema_object,
		.many = SCHEMA_MAP,
		.offset = offsetof(struct config, services),
		.most = 65536,
		.object = &schema_service,
		.doc = "Services, by name.",
	},
	{ .key = NULL },
};

const struct schema_object schema_root = {
	.name = "configuration",
	.doc = "The whole file.",
	.size = sizeof(struct config),
	.fields = root_fields,
};
