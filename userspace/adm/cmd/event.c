// SPDX-License-Identifier: GPL-2.0-or-later
/* "monitor": events, one line each. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "names.gen.h"

#include "../adm.h"
#include "../json.h"
#include "../print.h"
#include "../route.h"

struct monitor {
	struct adm *adm;
	bool json;
	bool numeric;
};

/* Time of day with microseconds; in JSON with the date, in UTC. */
static void print_now(char *to, size_t size, bool json)
{
	struct timeval now;
	struct tm tm;
	size_t used;

	gettimeofday(&now, NULL);
	if (json)
		gmtime_r(&now.tv_sec, &tm);
	else
		localtime_r(&now.tv_sec, &tm);
	used = strftime(to, size, json ? "%Y-%m-%dT%H:%M:%S" : "%H:%M:%S", &tm);
	snprintf(to + used, size - used, ".%06ld%s", (long)now.tv_usec,
		 json ? "Z" : "");
}

static void print_service_text(const struct monitor *monitor,
			       const struct sluice_service *service,
			       const char *what)
{
	char at[ENDPOINT_TEXT];

	print_endpoint(at, sizeof(at), &service->key.at, service->key.protocol,
		       monitor->numeric);
	printf("service %s%s/%s pool %s scheduler %s slow-path %s", what,
	       print_protocol(service->key.protocol), at, service->pool,
	       service->scheduler, service->slow_path ? "on" : "off");
	if (service->stratum != SLUICE_STRATUM_FLOW)
		printf(" stratum %s parse %s", print_stratum(service->stratum),
		       print_parse(service->parse));
	putchar('\n');
}

static void print_route_text(const struct monitor *monitor,
			     const struct sluice_route *route, const char *what)
{
	char at[ENDPOINT_TEXT];

	print_endpoint(at, sizeof(at), &route->service.at,
		       route->service.protocol, monitor->numeric);
	printf("route %s%s of %s/%s position %u", what, route->name,
	       print_protocol(route->service.protocol), at, route->position);
	print_route(stdout, route);
	putchar('\n');
}

static void print_server_text(const struct monitor *monitor,
			      const struct sluice_server *server,
			      const char *what)
{
	char at[ENDPOINT_TEXT];

	print_endpoint(at, sizeof(at), &server->at, 0, monitor->numeric);
	printf("server %s%s pool %s forward %s weight %u state %s", what, at,
	       server->pool, print_forward_name(server->forward),
	       server->weight, print_state(server->state));
	print_why(stdout, server);
	putchar('\n');
}

static void print_settings_text(const struct sluice_settings *settings)
{
	printf("settings connections-max=%u", settings->connections_max);
	for (unsigned int i = 1; i <= SLUICE_A_TIMEOUTS_MAX; i++)
		printf(" %s=%u", sluice_attr_name(SLUICE_SET_TIMEOUTS, i),
		       settings->timeouts[i]);
	printf(" head-timeout=%u connect-timeout=%u connect-retries=%u held-max=%" PRIu64
	       " relay-clients-max=%u\n",
	       settings->head_timeout, settings->connect_timeout,
	       settings->connect_retries, settings->held_max,
	       settings->relay_clients_max);
}

static void print_text(const struct monitor *monitor,
		       const struct sluice_event *event)
{
	const char *what = "";

	switch (event->cmd) {
	case SLUICE_CMD_SERVICE_DEL_NTF:
		what = "deleted ";
		/* fall through */
	case SLUICE_CMD_SERVICE_NTF:
		print_service_text(monitor, &event->service, what);
		break;
	case SLUICE_CMD_POOL_DEL_NTF:
		what = "deleted ";
		/* fall through */
	case SLUICE_CMD_POOL_NTF:
		printf("pool %s%s scheduler %s%s", what, event->pool.name,
		       event->pool.scheduler,
		       event->pool.proxy_protocol ? " proxy-protocol v2" : "");
		print_fates(&event->pool, " on-down ", " on-drain ");
		if (event->pool.has_sticky)
			printf(" sticky %s", event->pool.sticky_cookie);
		putchar('\n');
		break;
	case SLUICE_CMD_SERVER_DEL_NTF:
		what = "deleted ";
		/* fall through */
	case SLUICE_CMD_SERVER_NTF:
		print_server_text(monitor, &event->server, what);
		break;
	case SLUICE_CMD_ROUTE_DEL_NTF:
		what = "deleted ";
		/* fall through */
	case SLUICE_CMD_ROUTE_NTF:
		print_route_text(monitor, &event->route, what);
		break;
	default:
		print_settings_text(&event->settings);
	}
}

/* The object under the name of its kind, as the listings have it. */
static void put_object(json_t **to, const struct sluice_event *event)
{
	switch (event->cmd) {
	case SLUICE_CMD_SERVICE_NTF:
	case SLUICE_CMD_SERVICE_DEL_NTF:
		json_put(to, "service", json_service(&event->service));
		break;
	case SLUICE_CMD_POOL_NTF:
	case SLUICE_CMD_POOL_DEL_NTF:
		json_put(to, "pool", json_pool(&event->pool));
		break;
	case SLUICE_CMD_SERVER_NTF:
	case SLUICE_CMD_SERVER_DEL_NTF:
		json_put(to, "server", json_server(&event->server));
		break;
	case SLUICE_CMD_ROUTE_NTF:
	case SLUICE_CMD_ROUTE_DEL_NTF:
		json_put(to, "route", json_route(&event->route));
		break;
	default:
		json_put(to, "settings", json_settings(&event->settings));
	}
}

/* One object with the time and a name; @event NULL: only those. */
static int print_json(struct adm *adm, const char *time, const char *name,
		      const struct sluice_event *event)
{
	json_t *object = json_object();

	json_put(&object, "time", json_string(time));
	json_put(&object, "event", json_string(name));
	if (event)
		put_object(&object, event);
	return json_print(adm, object);
}

/* Whoever reads along sees each line at once. */
static int flush(struct adm *adm)
{
	if (fflush(stdout) == 0)
		return ADM_DONE;
	return adm_fail(adm, "standard output: %s", strerror(errno));
}

static int print_event(const struct sluice_event *event, void *arg)
{
	const struct monitor *monitor = arg;
	char time[40];
	int status;

	print_now(time, sizeof(time), monitor->json);
	if (monitor->json) {
		status = print_json(monitor->adm, time,
				    sluice_cmd_name(event->cmd), event);
		return status ? status : flush(monitor->adm);
	}
	printf("%s ", time);
	print_text(monitor, event);
	return flush(monitor->adm);
}

/* What was missed can be listed, so the show goes on. */
static int print_lost(const struct monitor *monitor)
{
	char time[40];
	int status = ADM_DONE;

	print_now(time, sizeof(time), monitor->json);
	if (monitor->json)
		status = print_json(monitor->adm, time, "lost", NULL);
	else
		printf("%s events were lost: more came than could be read\n",
		       time);
	return status ? status : flush(monitor->adm);
}

int cmd_monitor(struct adm *adm, const struct adm_request *req)
{
	struct monitor monitor = {
		.adm = adm,
		.json = adm_has(req, OPT_JSON),
		.numeric = adm_has(req, OPT_NUMERIC),
	};
	int status = ADM_DONE;

	if (sluice_event_join(adm->sl) < 0)
		return adm_refused(adm, "monitor");
	while (!status) {
		status = sluice_event_wait(adm->sl, print_event, &monitor);
		if (status == -ENOBUFS)
			status = print_lost(&monitor);
	}
	return status < 0 ? adm_refused(adm, "monitor") : status;
}
