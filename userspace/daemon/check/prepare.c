// SPDX-License-Identifier: GPL-2.0-or-later
/* A check of the configuration is made ready to run, or refused. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"
#include "tls_session.h"

/* A day: nothing in the arithmetic of times gets near its limits. */
#define MS_MAX 86400000U

int check_refuse(struct check_error *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return -EINVAL;
}

static int check_numbers(const struct check_spec *spec,
			 struct check_error *error)
{
	if (spec->interval_ms < 1 || spec->interval_ms > MS_MAX ||
	    spec->fast_interval_ms > MS_MAX || spec->down_interval_ms > MS_MAX)
		return check_refuse(error, "intervals are 1 ms to 1 day");
	if (spec->timeout_ms < 1 || spec->timeout_ms > MS_MAX)
		return check_refuse(error, "timeout is 1 ms to 1 day");
	if (spec->jitter_percent > 50)
		return check_refuse(error, "jitter is 0 to 50 percent, not %u",
				    spec->jitter_percent);
	if (spec->rise < 1 || spec->rise > 255 || spec->fall < 1 ||
	    spec->fall > 255)
		return check_refuse(error, "rise and fall are 1 to 255");
	if (spec->port > 65535)
		return check_refuse(error, "port is 1 to 65535, not %u",
				    spec->port);
	return 0;
}

static int set_source(struct check *check, struct check_error *error)
{
	const char *text = check->spec->source;
	struct sockaddr_in6 *in6 = (void *)&check->source;
	struct sockaddr_in *in = (void *)&check->source;

	check->source.ss_family = AF_UNSPEC;
	if (!text)
		return 0;
	if (inet_pton(AF_INET, text, &in->sin_addr) == 1)
		check->source.ss_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &in6->sin6_addr) == 1)
		check->source.ss_family = AF_INET6;
	else
		return check_refuse(error,
				    "source: %s is not an IPv4 or IPv6 address",
				    text);
	return 0;
}

static int set_netns(struct check *check, struct check_error *error)
{
	const char *name = check->spec->netns;

	if (name && (!*name || strchr(name, '/') || name[0] == '.'))
		return check_refuse(
			error,
			"netns: %s is not the name of a file in /run/netns",
			name);
	if (check_netns_init(&check->netns, name) != 0)
		return check_refuse(error, "out of memory");
	return 0;
}

static int prepare(struct check *check, struct check_error *error)
{
	int err;

	err = check_numbers(check->spec, error);
	if (!err)
		err = set_source(check, error);
	if (!err)
		err = set_netns(check, error);
	if (!err && check->kind->tls)
		err = check_tls_prepare(check, error);
	if (!err && check->kind->prepare)
		err = check->kind->prepare(check, error);
	return err;
}

struct check *check_create(struct check_engine *engine,
			   const struct check_spec *spec,
			   struct check_error *error)
{
	struct check *check = calloc(1, sizeof(*check));

	if (!check) {
		check_refuse(error, "out of memory");
		return NULL;
	}
	check->engine = engine;
	check->spec = spec;
	check->kind = check_engine_options(engine)->kinds[spec->kind];
	check_netns_init(&check->netns, NULL);
	if (prepare(check, error) != 0) {
		check_free(check);
		return NULL;
	}
	return check;
}

void check_free(struct check *check)
{
	if (!check)
		return;
	if (check->kind->forget)
		check->kind->forget(check);
	SSL_CTX_free(check->tls);
	check_netns_exit(&check->netns);
	free(check);
}
