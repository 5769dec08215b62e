// SPDX-License-Identifier: GPL-2.0-or-later
#include "metrics_names.h"

#define METRIC(name_, type_, help_, ...) \
	{ .name = "sluice_" name_,       \
	  .type = METRICS_##type_,       \
	  .labels = { __VA_ARGS__ },     \
	  .help = (help_) }

#define PROCESS(name_, type_, help_) \
	{ .name = "process_" name_, .type = METRICS_##type_, .help = (help_) }

/* Counters that services, pools and servers have. */
#define STATS(OBJECT, object, ...)                                         \
	[METRICS_##OBJECT##_CONNECTIONS] =                                 \
		METRIC(object "_connections_total", COUNTER,               \
		       "Connections scheduled.", __VA_ARGS__),             \
	[METRICS_##OBJECT##_IN_PACKETS] =                                  \
		METRIC(object "_in_packets_total", COUNTER,                \
		       "Packets from clients to servers.", __VA_ARGS__),   \
	[METRICS_##OBJECT##_IN_BYTES] = METRIC(                            \
		object "_in_bytes_total", COUNTER,                         \
		"Bytes from clients to servers, network header included.", \
		__VA_ARGS__),                                              \
	[METRICS_##OBJECT##_OUT_PACKETS] =                                 \
		METRIC(object "_out_packets_total", COUNTER,               \
		       "Packets from servers to clients.", __VA_ARGS__),   \
	[METRICS_##OBJECT##_OUT_BYTES] = METRIC(                           \
		object "_out_bytes_total", COUNTER,                        \
		"Bytes from servers to clients, network header included.", \
		__VA_ARGS__)

/* What services, routes, pools and servers of stratum proxy have. */
#define PROXY(OBJECT, object, ...)                                                                              \
	[METRICS_PROXY_##OBJECT##_REQUESTS] = METRIC(                                                           \
		"proxy_" object "_requests_total", COUNTER,                                                     \
		"Requests that are over, by the class of the status that the client got: 1xx to 5xx, or none.", \
		__VA_ARGS__, "class"),                                                                          \
	[METRICS_PROXY_##OBJECT##_ENDS] = METRIC(                                                               \
		"proxy_" object "_ends_total", COUNTER,                                                         \
		"The same by how they ended, as in the access log; absent where none did.",                     \
		__VA_ARGS__, "end"),                                                                            \
	[METRICS_PROXY_##OBJECT##_IN_BYTES] =                                                                   \
		METRIC("proxy_" object "_in_bytes_total", COUNTER,                                              \
		       "Bytes of content from clients.", __VA_ARGS__),                                          \
	[METRICS_PROXY_##OBJECT##_OUT_BYTES] =                                                                  \
		METRIC("proxy_" object "_out_bytes_total", COUNTER,                                             \
		       "Bytes of content to clients.", __VA_ARGS__)

#define PROXY_DURATION(OBJECT, object, ...)                              \
	[METRICS_PROXY_##OBJECT##_DURATION] = METRIC(                    \
		"proxy_" object "_duration_seconds", HISTOGRAM,          \
		"How long requests took, until the last byte was sent.", \
		__VA_ARGS__)

const char *const metrics_types[] = {
	[METRICS_COUNTER] = "counter",
	[METRICS_GAUGE] = "gauge",
	[METRICS_HISTOGRAM] = "histogram",
};

const struct metrics_description metrics_descriptions[METRICS_NAMES] = {
	[METRICS_BUILD_INFO] = METRIC("build_info", GAUGE,
				      "Always 1; what the daemon is.",
				      "version"),
	[METRICS_PROCESS_START_TIME] =
		PROCESS("start_time_seconds", GAUGE,
			"When the daemon was started, in seconds since 1970."),
	[METRICS_PROCESS_CPU] =
		PROCESS("cpu_seconds_total", COUNTER,
			"CPU time of the daemon, user and system."),
	[METRICS_PROCESS_MEMORY] =
		PROCESS("resident_memory_bytes", GAUGE,
			"Memory of the daemon that is resident."),
	[METRICS_PROCESS_OPEN_FDS] =
		PROCESS("open_fds", GAUGE, "Open file descriptors."),
	[METRICS_PROCESS_MAX_FDS] =
		PROCESS("max_fds", GAUGE, "Most file descriptors at once."),
	[METRICS_CONFIG_GENERATION] =
		METRIC("config_generation", GAUGE,
		       "Configurations applied since the start of the daemon."),
	[METRICS_CONFIG_RELOADS] = METRIC(
		"config_reloads_total", COUNTER,
		"Reloads, by what became of them: applied, or refused with nothing changed.",
		"result"),
	[METRICS_CONFIG_LAST_RELOAD] = METRIC(
		"config_last_reload_time_seconds", GAUGE,
		"When the last reload was, in seconds since 1970; absent before the first."),
	[METRICS_LOG_MESSAGES] = METRIC("log_messages_total", COUNTER,
					"Messages written.", "level"),
	[METRICS_LOG_LEFT_OUT] = METRIC(
		"log_left_out_total", COUNTER,
		"Messages not written, as equal ones were, or too many others."),
	[METRICS_LOG_LOST] =
		METRIC("log_lost_total", COUNTER,
		       "Messages that their destination did not take."),
	[METRICS_CHECK_TARGETS] = METRIC(
		"check_targets", GAUGE,
		"Servers under checks; one in several pools with the same check counts once."),
	[METRICS_CHECKS_IN_FLIGHT] =
		METRIC("checks_in_flight", GAUGE, "Checks that run now."),
	[METRICS_CHECKS_WAITING] =
		METRIC("checks_waiting", GAUGE,
		       "Checks that are due, and wait for others to end."),
	[METRICS_CHECKS] = METRIC(
		"checks_total", COUNTER,
		"Checks done, by result: passed, failed (the server's fault), broken (this machine's).",
		"result"),
	[METRICS_CHECKS_DELAYED] =
		METRIC("checks_delayed_total", COUNTER,
		       "Checks that had to wait for others."),
	[METRICS_CHECK_UP] = METRIC(
		"check_up", GAUGE,
		"What the check of a server says: 1 up, 0 down; absent before the first result.",
		"pool", "server", "check"),
	[METRICS_CHECK_DURATION] =
		METRIC("check_duration_seconds", GAUGE,
		       "How long the last check of a server took.", "pool",
		       "server", "check"),
	[METRICS_CHECK_CERTIFICATE_DAYS] = METRIC(
		"check_certificate_days", GAUGE,
		"Days until the first certificate of a server's chain expires; negative if one has.",
		"pool", "server", "check"),
	[METRICS_SERVER_SLOW_START] = METRIC(
		"server_slow_start_ratio", GAUGE,
		"The share of its weight that a server in slow start has, below 1; absent otherwise.",
		"pool", "server"),
	[METRICS_NAME_RESOLVED] = METRIC(
		"name_resolved", GAUGE,
		"Whether the last look-up of a server's name gave an answer: 1, or 0 where the last known addresses stay.",
		"pool", "name"),
	[METRICS_PROXY_ACCESS_LINES] =
		METRIC("proxy_access_lines_total", COUNTER,
		       "Lines of access logs that were written."),
	[METRICS_PROXY_ACCESS_LOST] = METRIC(
		"proxy_access_lost_total", COUNTER,
		"Lines of access logs that their destination did not take."),
	PROXY(SERVICE, "service", "service"),
	[METRICS_PROXY_SERVICE_CONNECTIONS] =
		METRIC("proxy_service_connections_total", COUNTER,
		       "Connections of clients.", "service"),
	[METRICS_PROXY_SERVICE_ACTIVE] =
		METRIC("proxy_service_active_connections", GAUGE,
		       "Connections of clients that are open.", "service"),
	[METRICS_PROXY_SERVICE_HANDSHAKES] = METRIC(
		"proxy_service_handshakes_total", COUNTER,
		"Handshakes of TLS with clients, by result: full, resumed, failed.",
		"service", "result"),
	[METRICS_PROXY_SERVICE_RELAY] = METRIC(
		"proxy_service_relay_total", COUNTER,
		"Clients of a service in stratum relay: handed to the kernel, kept as it did not take them, returned by it; absent where there were none.",
		"service", "result"),
	PROXY(ROUTE, "route", "service", "route"),
	PROXY_DURATION(ROUTE, "route", "service", "route"),
	PROXY(POOL, "pool", "pool"),
	[METRICS_PROXY_POOL_RETRIES] =
		METRIC("proxy_pool_retries_total", COUNTER,
		       "Requests that another server was tried for.", "pool"),
	[METRICS_PROXY_POOL_QUEUED] = METRIC(
		"proxy_pool_queued_requests", GAUGE,
		"Requests that wait for a server, for a certain one or any.",
		"pool"),
	PROXY_DURATION(POOL, "pool", "pool"),
	PROXY(SERVER, "server", "pool", "server"),
	[METRICS_PROXY_SERVER_CONNECTIONS] =
		METRIC("proxy_server_connections_total", COUNTER,
		       "Connections to a server.", "pool", "server"),
	[METRICS_PROXY_SERVER_ACTIVE] = METRIC(
		"proxy_server_active_connections", GAUGE,
		"Connections to a server that are open.", "pool", "server"),
	[METRICS_PROXY_SERVER_RETRIES] = METRIC(
		"proxy_server_retries_total", COUNTER,
		"Requests that another server was tried for after this one.",
		"pool", "server"),
	[METRICS_PROXY_SERVER_QUEUED] = METRIC(
		"proxy_server_queued_requests", GAUGE,
		"Requests that wait for this server alone.", "pool", "server"),
	PROXY_DURATION(SERVER, "server", "pool", "server"),
	[METRICS_PROXY_SERVER_UP] = METRIC(
		"proxy_server_up", GAUGE,
		"Whether a server of services in stratum proxy is up: 1, or 0 where it drains or is down.",
		"pool", "server"),
	[METRICS_PROXY_SERVER_DRAINING] = METRIC("proxy_server_draining", GAUGE,
						 "Whether it drains: 1, or 0.",
						 "pool", "server"),
	[METRICS_PROXY_SERVER_WEIGHT] = METRIC(
		"proxy_server_weight", GAUGE,
		"Its share of new clients, as a weight among those of its pool; 0 unless it is up.",
		"pool", "server"),
	[METRICS_PROXY_SERVER_EJECTED] = METRIC(
		"proxy_server_ejected", GAUGE,
		"Whether it is left out for its failures: 1, or 0; absent where the pool has no outlier.",
		"pool", "server"),
	[METRICS_PROXY_SERVER_EJECTIONS] = METRIC(
		"proxy_server_ejections_total", COUNTER,
		"How often it was left out, since the pool was as it is; absent where the pool has no outlier.",
		"pool", "server"),
	[METRICS_KERNEL_UP] = METRIC(
		"kernel_up", GAUGE,
		"Whether the kernel module answered: 1, or 0 where all that follows is absent."),
	[METRICS_KERNEL_INFO] = METRIC("kernel_info", GAUGE,
				       "Always 1; what the kernel module is.",
				       "version", "abi", "strata"),
	[METRICS_KERNEL_GENERATION] = METRIC(
		"kernel_generation", GAUGE,
		"Changes of what the kernel has configured, by anybody."),
	[METRICS_CONNECTIONS] = METRIC("connections", GAUGE,
				       "Connections that are tracked now."),
	[METRICS_CONNECTIONS_MAX] =
		METRIC("connections_max", GAUGE,
		       "Most connections that are tracked at once."),
	[METRICS_SERVICES] = METRIC("services", GAUGE, "Services."),
	[METRICS_POOLS] = METRIC("pools", GAUGE, "Pools."),
	[METRICS_SERVERS] = METRIC("servers", GAUGE, "Servers of all pools."),
	[METRICS_REFUSALS] = METRIC(
		"refusals_total", COUNTER,
		"New connections that were refused, by reason, also those of services that are gone.",
		"reason"),
	[METRICS_SERVICE_INFO] = METRIC(
		"service_info", GAUGE, "Always 1; how a service is set up.",
		"service", "pool", "scheduler", "stratum", "parse"),
	STATS(SERVICE, "service", "service"),
	[METRICS_SERVICE_REFUSALS] =
		METRIC("service_refusals_total", COUNTER,
		       "New connections that a service refused, by reason.",
		       "service", "reason"),
	[METRICS_ROUTE_HITS] = METRIC("route_hits_total", COUNTER,
				      "Connections that took a route.",
				      "service", "route"),
	[METRICS_POOL_SERVERS] =
		METRIC("pool_servers", GAUGE, "Servers of a pool.", "pool"),
	STATS(POOL, "pool", "pool"),
	[METRICS_SERVER_UP] = METRIC(
		"server_up", GAUGE,
		"Whether the kernel sends a server new connections: 1, or 0 where it is draining or down.",
		"pool", "server"),
	[METRICS_SERVER_DRAINING] = METRIC(
		"server_draining", GAUGE,
		"Whether a server has established connections only: 1, or 0 where it is up or down.",
		"pool", "server"),
	[METRICS_SERVER_WEIGHT] = METRIC("server_weight", GAUGE,
					 "Weight of a server.", "pool",
					 "server"),
	[METRICS_SERVER_ACTIVE] =
		METRIC("server_active_connections", GAUGE,
		       "Connections of a server that are established.", "pool",
		       "server"),
	[METRICS_SERVER_INACTIVE] = METRIC(
		"server_inactive_connections", GAUGE,
		"Connections of a server in other states.", "pool", "server"),
	STATS(SERVER, "server", "pool", "server"),
	[METRICS_RELAY_CLIENTS] = METRIC(
		"relay_clients", GAUGE,
		"Connections of clients in stratum relay; this and what follows is absent where that is not there."),
	[METRICS_RELAY_CLIENTS_TOTAL] =
		METRIC("relay_clients_total", COUNTER,
		       "Connections of clients that stratum relay got."),
	[METRICS_RELAY_REQUESTS] =
		METRIC("relay_requests_total", COUNTER,
		       "Requests that stratum relay has passed on."),
	[METRICS_RELAY_ANSWERS] =
		METRIC("relay_answers_total", COUNTER,
		       "Requests that stratum relay has answered itself."),
	[METRICS_RELAY_CONNECTS] =
		METRIC("relay_connects_total", COUNTER,
		       "Connections that stratum relay has made to servers."),
	[METRICS_RELAY_RETRIES] =
		METRIC("relay_retries_total", COUNTER,
		       "Servers that were tried after another one."),
	[METRICS_RELAY_TIMEOUTS] =
		METRIC("relay_timeouts_total", COUNTER,
		       "Connections of clients that ended by a time-out."),
	[METRICS_RELAY_ERRORS] = METRIC(
		"relay_errors_total", COUNTER,
		"Connections of clients that ended by an error of a server."),
	[METRICS_RELAY_RECORDS] =
		METRIC("relay_records_total", COUNTER,
		       "Records of TLS from clients that were no data."),
	[METRICS_RELAY_KEY_UPDATES] =
		METRIC("relay_key_updates_total", COUNTER,
		       "Times that clients of TLS have got new keys."),
	[METRICS_RELAY_REFUSED] = METRIC(
		"relay_refused_total", COUNTER,
		"Clients that stratum relay did not take, as there were as many as relay-clients-max."),
	[METRICS_RELAY_RETURNED] = METRIC(
		"relay_returned_total", COUNTER,
		"Clients that stratum relay has given back to stratum proxy, by reason.",
		"reason"),
};
