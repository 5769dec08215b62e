// SPDX-License-Identifier: GPL-2.0-or-later
/* Metrics: the format, hostile names, large pages, and what is written of them. */
#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../ktap.h"
#include "metrics.h"
#include "metrics_kernel.h"
#include "metrics_proxy.h"

/* Return: the page in one piece, to be freed; NULL if it cannot be shown */
static char *page_text(struct metrics *m)
{
	struct iovec parts[3];
	size_t used = 0;
	char *text;
	int count;

	if (!metrics_finish(m))
		return NULL;
	text = malloc(metrics_size(m) + 1);
	/* As it is sent: some pieces, of which not all is taken. */
	while (text && (count = metrics_parts(m, used, parts, 3)) > 0) {
		for (int i = 0; i < count; i++) {
			size_t length = parts[i].iov_len;

			if (i == count - 1 && length > 7)
				length -= length / 3;
			memcpy(text + used, parts[i].iov_base, length);
			used += length;
		}
	}
	if (text)
		text[used] = '\0';
	if (used == metrics_size(m))
		return text;
	free(text);
	return NULL;
}

static bool page_is(struct metrics *m, const char *wanted)
{
	char *text = page_text(m);
	bool same = text && strcmp(text, wanted) == 0;

	if (!same)
		printf("# %s\n", text ? text : "no page");
	free(text);
	metrics_free(m);
	return same;
}

/* In any order; together on the page, in the order of the table. */
static bool together(void)
{
	struct metrics *m = metrics_create();

	metrics_sample(m, METRICS_SERVER_UP, 1, "web", "10.0.0.1:80");
	metrics_sample(m, METRICS_CONNECTIONS, 7);
	metrics_sample(m, METRICS_SERVER_UP, 0, "web", "[2001:db8::1]:80");
	return page_is(
		m,
		"# HELP sluice_connections Connections that are tracked now.\n"
		"# TYPE sluice_connections gauge\n"
		"sluice_connections 7\n"
		"# HELP sluice_server_up Whether the kernel sends a server new connections: 1, or 0 where it is draining or down.\n"
		"# TYPE sluice_server_up gauge\n"
		"sluice_server_up{pool=\"web\",server=\"10.0.0.1:80\"} 1\n"
		"sluice_server_up{pool=\"web\",server=\"[2001:db8::1]:80\"} 0\n");
}

static bool hostile_names(void)
{
	struct metrics *m = metrics_create();

	metrics_sample(m, METRICS_POOL_SERVERS, 1, "a\"} 9\n\\b");
	metrics_sample(m, METRICS_POOL_SERVERS, 2, "\xc3\xa4\xff\xc0\xaf");
	metrics_sample(m, METRICS_POOL_SERVERS, 3, "");
	return page_is(m, "# HELP sluice_pool_servers Servers of a pool.\n"
			  "# TYPE sluice_pool_servers gauge\n"
			  "sluice_pool_servers{pool=\"a\\\"} 9\\n\\\\b\"} 1\n"
			  "sluice_pool_servers{pool=\"\xc3\xa4???\"} 2\n"
			  "sluice_pool_servers{pool=\"\"} 3\n");
}

static bool values(void)
{
	struct metrics *m = metrics_create();

	metrics_sample(m, METRICS_CONNECTIONS, 0);
	metrics_sample(m, METRICS_CONNECTIONS, UINT64_MAX);
	metrics_sample_real(m, METRICS_CONNECTIONS, 0.000125);
	metrics_sample_real(m, METRICS_CONNECTIONS, -3);
	metrics_sample_real(m, METRICS_CONNECTIONS, NAN);
	metrics_sample_real(m, METRICS_CONNECTIONS, INFINITY);
	metrics_sample_real(m, METRICS_CONNECTIONS, -INFINITY);
	return page_is(
		m,
		"# HELP sluice_connections Connections that are tracked now.\n"
		"# TYPE sluice_connections gauge\n"
		"sluice_connections 0\n"
		"sluice_connections 18446744073709551615\n"
		"sluice_connections 0.000125\n"
		"sluice_connections -3\n"
		"sluice_connections NaN\n"
		"sluice_connections +Inf\n"
		"sluice_connections -Inf\n");
}

/* A mistake of the program is not half a page. */
static bool wrong_labels(void)
{
	struct metrics *m = metrics_create();
	bool passed;
	char *text;

	metrics_sample(m, METRICS_POOL_SERVERS, 1);
	text = page_text(m);
	metrics_free(m);
	passed = !text;
	free(text);
	m = metrics_create();
	metrics_sample(m, METRICS_POOL_SERVERS, 1, "a", "b");
	text = page_text(m);
	metrics_free(m);
	passed = passed && !text;
	free(text);
	return passed;
}

static bool nothing_written(void)
{
	return page_is(metrics_create(), "");
}

static struct sluice_endpoint endpoint(uint32_t address, uint16_t port)
{
	struct sluice_endpoint at = { .address.family = AF_INET, .port = port };

	at.address.v4.s_addr = htonl(address);
	return at;
}

static bool has_line(const char *text, const char *line)
{
	size_t length = strlen(line);

	for (const char *at = text; (at = strstr(at, line)); at += length)
		if ((at == text || at[-1] == '\n') && at[length] == '\n')
			return true;
	printf("# no '%s'\n", line);
	return false;
}

static bool what_the_kernel_counts(void)
{
	static const char *const lines[] = {
		"sluice_kernel_up 1",
		"sluice_kernel_info{version=\"0.1.0\",abi=\"7\",strata=\"flow,sniff\"} 1",
		"sluice_kernel_generation 12",
		"sluice_connections_max 1000",
		"sluice_refusals_total{reason=\"no-server\"} 5",
		"sluice_refusals_total{reason=\"closed\"} 6",
		"sluice_service_info{service=\"udp/192.0.2.1:53\",pool=\"web\",scheduler=\"rr\",stratum=\"sniff\",parse=\"tls\"} 1",
		"sluice_service_connections_total{service=\"udp/192.0.2.1:53\"} 1",
		"sluice_service_out_bytes_total{service=\"udp/192.0.2.1:53\"} 50",
		"sluice_service_refusals_total{service=\"udp/192.0.2.1:53\",reason=\"head-timeout\"} 9",
		"sluice_route_hits_total{service=\"udp/192.0.2.1:53\",route=\"shop\"} 77",
		"sluice_pool_servers{pool=\"web\"} 2",
		"sluice_pool_in_packets_total{pool=\"web\"} 20",
		"sluice_server_up{pool=\"web\",server=\"10.0.0.1:80\"} 0",
		"sluice_server_draining{pool=\"web\",server=\"10.0.0.1:80\"} 1",
		"sluice_server_weight{pool=\"web\",server=\"10.0.0.1:80\"} 3",
		"sluice_server_active_connections{pool=\"web\",server=\"10.0.0.1:80\"} 4",
		"sluice_server_out_packets_total{pool=\"web\",server=\"10.0.0.1:80\"} 40",
	};
	static const char *const of_relay[] = {
		"sluice_relay_clients 11",
		"sluice_relay_clients_total 22",
		"sluice_relay_requests_total 33",
		"sluice_relay_records_total 44",
		"sluice_relay_key_updates_total 66",
		"sluice_relay_refused_total 67",
		"sluice_relay_returned_total{reason=\"route\"} 0",
		"sluice_relay_returned_total{reason=\"record\"} 55",
	};
	const struct sluice_stats stats = { 1, 20, 30, 40, 50 };
	struct sluice_service service = {
		.key = { IPPROTO_UDP, endpoint(0xc0000201, 53) },
		.pool = "web",
		.scheduler = "rr",
		.stratum = SLUICE_STRATUM_SNIFF,
		.parse = SLUICE_PARSE_TLS,
		.stats = stats,
		.refusals = { .head_timeout = 9 },
	};
	struct sluice_pool pool = { .name = "web",
				    .servers = 2,
				    .stats = stats };
	struct sluice_server server = { .pool = "web",
					.at = endpoint(0x0a000001, 80),
					.state = SLUICE_SERVER_STATE_DRAINING,
					.weight = 3,
					.active = 4,
					.stats = stats };
	struct sluice_route route = { .service = service.key,
				      .name = "shop",
				      .hits = 77 };
	const struct metrics_kernel kernel = {
		.up = true,
		.info = { .abi = 7,
			  .version = "0.1.0",
			  .strata = SLUICE_STRATA_FLOW | SLUICE_STRATA_SNIFF,
			  .connections_max = 1000,
			  .refusals = { .no_server = 5, .closed = 6 },
			  .generation = 12 },
		.services = &service,
		.service_count = 1,
		.pools = &pool,
		.pool_count = 1,
		.servers = &server,
		.server_count = 1,
		.routes = &route,
		.route_count = 1,
		.has_relay = true,
		.relay = { .clients = 11,
			   .accepted = 22,
			   .requests = 33,
			   .records = 44,
			   .key_updates = 66,
			   .refused = 67,
			   .returned = { [SLUICE_RELAY_WHY_RECORD] = 55 } },
	};
	struct metrics *m = metrics_create();
	bool passed = true;
	char *text;

	metrics_kernel_write(&kernel, m);
	text = page_text(m);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		passed = text && has_line(text, lines[i]) && passed;
	for (size_t i = 0; i < sizeof(of_relay) / sizeof(of_relay[0]); i++)
		passed = text && has_line(text, of_relay[i]) && passed;
	free(text);
	metrics_free(m);
	return passed;
}

static bool no_kernel(void)
{
	const struct metrics_kernel kernel = { .up = false };
	struct metrics *m = metrics_create();

	metrics_kernel_write(&kernel, m);
	return page_is(
		m,
		"# HELP sluice_kernel_up Whether the kernel module answered: 1, or 0 where all that follows is absent.\n"
		"# TYPE sluice_kernel_up gauge\n"
		"sluice_kernel_up 0\n");
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* As many as there can be; the CPU time is said, and decides nothing. */
static bool many_servers(void)
{
	enum {
		MANY = 60000
	};
	struct metrics_kernel kernel = { .up = true, .server_count = MANY };
	struct metrics *m = metrics_create();
	size_t lines = 0;
	double begun;
	char *text;

	kernel.servers = calloc(MANY, sizeof(*kernel.servers));
	for (uint32_t i = 0; i < MANY; i++) {
		struct sluice_server *server = &kernel.servers[i];

		snprintf(server->pool, sizeof(server->pool), "pool-%u",
			 i / 256);
		server->at = endpoint(0x0a000000 + i, 8080);
		server->stats = (struct sluice_stats){ i, i, i, i, i };
	}
	begun = seconds();
	metrics_kernel_write(&kernel, m);
	printf("# %d servers: %.0f ms, ", MANY, (seconds() - begun) * 1000);
	text = page_text(m);
	printf("%zu bytes\n", metrics_size(m));
	for (const char *at = text; at && (at = strchr(at, '\n')); at++)
		lines += strncmp(at + 1, "sluice_server_", 14) == 0;
	free(text);
	free(kernel.servers);
	metrics_free(m);
	return lines == (size_t)10 * MANY;
}

/* Names as the format wants them, and as they are used. */
static bool names(void)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz_";
	bool passed = true;

	for (int i = 0; i < METRICS_NAMES; i++) {
		const struct metrics_description *about =
			&metrics_descriptions[i];
		const char *name = about->name ? about->name : "";
		size_t length = strlen(name);
		bool total = length > 6 &&
			     strcmp(name + length - 6, "_total") == 0;

		if (length > 0 && !name[strspn(name, letters)] &&
		    total == (about->type == METRICS_COUNTER) &&
		    !strpbrk(about->help, "\n\\|") &&
		    about->help[strlen(about->help) - 1] == '.')
			continue;
		printf("# %d: %s\n", i, name);
		passed = false;
	}
	return passed;
}

/* Return: the text of the file from one place or the other, to be freed */
static char *read_document(void)
{
	FILE *file = fopen("../Documentation/metrics.md", "r");
	char *text = calloc(1, 100000);

	if (!file)
		file = fopen("Documentation/metrics.md", "r");
	if (!file || !text || fread(text, 1, 99999, file) == 0) {
		free(text);
		text = NULL;
	}
	if (file)
		fclose(file);
	return text;
}

static bool documented(void)
{
	char *text = read_document(), line[600];
	bool passed = text != NULL;
	int rows = 0;

	for (int i = 0; text && i < METRICS_NAMES; i++) {
		const struct metrics_description *about =
			&metrics_descriptions[i];
		int used = snprintf(line, sizeof(line), "| `%s` | %s | ",
				    about->name, metrics_types[about->type]);

		for (int j = 0; about->labels[j]; j++)
			used += snprintf(line + used,
					 sizeof(line) - (size_t)used, "%s`%s`",
					 j ? ", " : "", about->labels[j]);
		snprintf(line + used, sizeof(line) - (size_t)used, "%s| %s |",
			 about->labels[0] ? " " : "", about->help);
		passed = has_line(text, line) && passed;
	}
	for (const char *at = text; at && (at = strstr(at, "\n| `")); at++)
		rows++;
	free(text);
	if (rows != METRICS_NAMES)
		printf("# %d rows for %d metrics\n", rows, METRICS_NAMES);
	return passed && rows == METRICS_NAMES;
}

#define STATES(name, help, type, values)                 \
	"# HELP sluice_proxy_server_" name " " help "\n" \
	"# TYPE sluice_proxy_server_" name " " type "\n" values
#define VALUE(name, at, value)                                                \
	"sluice_proxy_server_" name "{pool=\"web\",server=\"" at "\"} " value \
	"\n"
#define A "10.0.0.1:80"
#define B "10.0.0.2:80"
#define C "10.0.0.3:80"

/* What servers of stratum proxy get: one is up, one drains, one is down and left out. */
static bool states_of_proxy(void)
{
	struct plan_server servers[] = {
		{ .load.weight = 3, .state = SLUICE_SERVER_STATE_UP },
		{ .state = SLUICE_SERVER_STATE_DRAINING },
		{ .state = SLUICE_SERVER_STATE_DOWN },
	};
	struct plan_server *list[3];
	struct outlier *outlier =
		calloc(1, sizeof(*outlier) + 3 * sizeof(outlier->servers[0]));
	struct config_pool config = { .name = "web" };
	struct plan_pool pool = { .config = &config,
				  .servers = list,
				  .count = 3,
				  .outlier = outlier };
	const struct plan plan = { .pools = &pool, .pool_count = 1 };
	struct metrics *m = metrics_create();
	bool right;

	for (size_t i = 0; i < 3; i++) {
		list[i] = &servers[i];
		servers[i].at = (struct sluice_endpoint){
			.address.family = AF_INET,
			.address.v4.s_addr = htonl(0x0a000001 + (uint32_t)i),
			.port = 80,
		};
	}
	if (!outlier)
		return false;
	/* It is back; the other one is at the very last moment before that. */
	outlier->servers[0].ejections = 1;
	outlier->servers[0].until = 100;
	outlier->servers[2].ejections = 4;
	outlier->servers[2].until = 101;
	metrics_proxy_write_states(&plan, 100, m);
	right = page_is(
		m,
		STATES("up",
		       "Whether a server of services in stratum proxy is up: 1, or 0 where it drains or is down.",
		       "gauge",
		       VALUE("up", A, "1") VALUE("up", B, "0") VALUE(
			       "up", C,
			       "0")) STATES("draining",
					    "Whether it drains: 1, or 0.",
					    "gauge",
					    VALUE("draining", A,
						  "0") VALUE("draining", B, "1")
						    VALUE("draining", C, "0"))
			STATES("weight",
			       "Its share of new clients, as a weight among those of its pool; 0 unless it is up.",
			       "gauge",
			       VALUE("weight", A, "3") VALUE("weight", B, "0")
				       VALUE("weight", C, "0"))
				STATES("ejected",
				       "Whether it is left out for its failures: 1, or 0; absent where the pool has no outlier.",
				       "gauge",
				       VALUE("ejected", A, "0")
					       VALUE("ejected", B, "0")
						       VALUE("ejected", C, "1"))
					STATES("ejections_total",
					       "How often it was left out, since the pool was as it is; absent where the pool has no outlier.",
					       "counter",
					       VALUE("ejections_total", A,
						     "1") VALUE("ejections_total",
								B, "0")
						       VALUE("ejections_total",
							     C, "4")));
	free(outlier);
	pool.outlier = NULL;
	pool.count = 1;
	m = metrics_create();
	metrics_proxy_write_states(&plan, 100, m);
	return page_is(m,
		       STATES("up",
			      "Whether a server of services in stratum proxy is up: 1, or 0 where it drains or is down.",
			      "gauge",
			      VALUE("up", A,
				    "1")) STATES("draining",
						 "Whether it drains: 1, or 0.",
						 "gauge",
						 VALUE("draining", A, "0"))
			       STATES("weight",
				      "Its share of new clients, as a weight among those of its pool; 0 unless it is up.",
				      "gauge", VALUE("weight", A, "3"))) &&
	       right;
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	ktap_result(&ktap, together(), "samples of a metric come together");
	ktap_result(&ktap, hostile_names(), "names that look like something");
	ktap_result(&ktap, values(), "values");
	ktap_result(&ktap, wrong_labels(), "a sample with other labels");
	ktap_result(&ktap, nothing_written(), "nothing");
	ktap_result(&ktap, what_the_kernel_counts(), "what the kernel counts");
	ktap_result(&ktap, no_kernel(), "without the kernel module");
	ktap_result(&ktap, many_servers(), "as many servers as there can be");
	ktap_result(&ktap, states_of_proxy(), "servers of stratum proxy");
	ktap_result(&ktap, names(), "names");
	ktap_result(&ktap, documented(), "all are in Documentation/metrics.md");
	return ktap_end(&ktap);
}
