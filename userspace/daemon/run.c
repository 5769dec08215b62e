// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/node.h"
#include "log.h"
#include "notify.h"
#include "place.h"
#include "privileges.h"
#include "run.h"
#include "trial.h"
#include "upgrade.h"

#define ASK_MS 2000
#define REPAIR_MS 1000
#define ERROR_SIZE 512

static struct daemon *daemon_of(struct site_host *host)
{
	return loop_owner(host, struct daemon, host);
}

/* In the log, what -c would print. */
static void log_errors(struct config_errors *errors)
{
	char *text = NULL, *line, *rest;
	size_t length;
	FILE *to = open_memstream(&text, &length);

	if (!to)
		return;
	config_errors_print(errors, to);
	fclose(to);
	rest = text;
	while ((line = strsep(&rest, "\n")))
		if (*line)
			log_error(NULL, "%s", line);
	free(text);
}

/* Return: whether there is a module; what it has is another question. */
static bool connect_anew(struct daemon *daemon, char *error, size_t size)
{
	struct kernel *kernel = kernel_open(error, size);

	if (!kernel)
		return false;
	kernel_close(daemon->kernel);
	daemon->kernel = kernel;
	kernel_set_key(kernel, daemon->secret);
	daemon->host.built = kernel_built(kernel);
	daemon_watch_relay(daemon);
	return true;
}

void daemon_watch_relay(struct daemon *daemon)
{
	char error[ERROR_SIZE];

	relay_back_close(daemon->back);
	daemon->back = NULL;
	/* Before there is a site, nobody serves them. */
	if (!daemon->site || !kernel_has_relay(daemon->kernel))
		return;
	daemon->back = relay_back_open(daemon->host.loop, daemon->proxy, error,
				       sizeof(error));
	if (!daemon->back)
		log_error(NULL,
			  "clients of stratum relay are not taken back: %s",
			  error);
}

/* 1, 2, 4, 8... tries: often enough to be seen, and no more. */
static bool is_worth_saying(unsigned int tries)
{
	return (tries & (tries - 1)) == 0;
}

/*
 * The module was unloaded, or somebody changed what is ours: connect anew, and
 * tell everything. Until that works, checks and names go on.
 */
static void repair(struct wheel_timer *timer)
{
	struct daemon *daemon = loop_owner(timer, struct daemon, repair);
	const struct config *config = daemon->site->config;
	struct config_errors errors = { 0 };
	char error[ERROR_SIZE];

	daemon->repairs++;
	if (!connect_anew(daemon, error, sizeof(error)))
		config_error_add(&errors, config->at, "%s", error);
	else
		/* It may be another one, that has less. */
		place_check(config, kernel_built(daemon->kernel), &errors);
	if (!config_errors_any(&errors) &&
	    kernel_apply(daemon->kernel, daemon->site, &errors) == 0) {
		log_info(
			NULL,
			"the kernel module has all of the configuration again");
		daemon->repairing = false;
	} else {
		if (is_worth_saying(daemon->repairs))
			log_errors(&errors);
		loop_timer_set(daemon->host.loop, timer, REPAIR_MS);
	}
	config_errors_free(&errors);
}

void daemon_tell_again(struct daemon *daemon)
{
	if (!daemon->kernel)
		return;
	daemon->repairing = true;
	daemon->repairs = 0;
	loop_timer_set(daemon->host.loop, &daemon->repair, 0);
}

void daemon_leave_kernel(struct daemon *daemon)
{
	loop_timer_del(daemon->host.loop, &daemon->repair);
	loop_timer_del(daemon->host.loop, &daemon->ask);
}

void daemon_watch_kernel(struct daemon *daemon)
{
	loop_timer_set(daemon->host.loop, &daemon->ask, ASK_MS);
}

static void lose_kernel(struct daemon *daemon, const char *error)
{
	if (!daemon->repairing) {
		log_error(
			NULL,
			"the kernel module does not take changes, all is told again: %s",
			error);
		daemon->repairs = 0;
	}
	daemon->repairing = true;
	loop_timer_set(daemon->host.loop, &daemon->repair, 0);
}

/* One that is unloaded, or loaded anew, says nothing by itself. */
static void ask(struct wheel_timer *timer)
{
	struct daemon *daemon = loop_owner(timer, struct daemon, ask);
	char error[ERROR_SIZE];

	if (daemon->kernel && !daemon->repairing &&
	    kernel_ask(daemon->kernel, error, sizeof(error)))
		lose_kernel(daemon, error);
	loop_timer_set(daemon->host.loop, timer, ASK_MS);
}

int daemon_flush(struct daemon *daemon, char *error, size_t size)
{
	int err;

	proxy_refresh(daemon->proxy, daemon->site, daemon->site->built);
	/* The new process tells the module what there is to be, or it is told again. */
	if (daemon->handover)
		return 0;
	if (TAILQ_EMPTY(&daemon->site->pending))
		return 0;
	if (daemon->repairing) {
		snprintf(error, size, "the kernel module is not there");
		return -ENOENT;
	}
	err = kernel_flush(daemon->kernel, daemon->site, error, size);
	if (err)
		lose_kernel(daemon, error);
	return err;
}

static void flush(struct site_host *host, struct site *site)
{
	char error[ERROR_SIZE];

	(void)site;
	daemon_flush(daemon_of(host), error, sizeof(error));
}

static bool is_idle(struct site_host *host, const struct site_server *server)
{
	struct daemon *daemon = daemon_of(host);
	struct sluice_server has;
	int err;

	if (!proxy_is_idle(daemon->proxy, server))
		return false;
	if (!daemon->kernel)
		return true;
	if (daemon->repairing)
		return false;
	/* Whoever cannot be asked is not idle. */
	err = kernel_server(daemon->kernel, server, &has);
	return err ? err == -ENOENT : has.active + has.inactive == 0;
}

struct config *daemon_settle(struct daemon *daemon, struct config *config,
			     struct config_errors *errors)
{
	const struct config_route_change *routes;
	struct config *changed = config;
	char error[ERROR_SIZE];
	size_t count;

	/* Whether it is back is known in a second; an administrator asks now. */
	error[0] = '\0';
	if (daemon->repairing || !kernel_has_relay(daemon->kernel))
		connect_anew(daemon, error, sizeof(error));
	routes = changes_routes(daemon->host.changes, &count);
	if (config && count && !config_errors_any(errors)) {
		changed = config_change(config, routes, count, errors);
		if (changed)
			config_free(config);
		else
			changed = config;
	}
	if (!changed || config_errors_any(errors))
		return changed;
	place_check(changed, kernel_built(daemon->kernel), errors);
	if (config_errors_any(errors) && !daemon->kernel)
		config_error_add(errors, changed->at,
				 "strata flow and sniff are not there: %s",
				 error);
	return changed;
}

int daemon_apply(struct daemon *daemon, struct site *site,
		 struct config_errors *errors)
{
	return daemon->kernel ? kernel_apply(daemon->kernel, site, errors) : 0;
}

/* Put a configuration in place of the one in force. It belongs to the site. */
static bool exchange(struct daemon *daemon, struct config *config,
		     struct config_errors *errors)
{
	struct proxy_change *change;
	struct site *site;
	int err;

	site = site_create(&daemon->host, config, daemon->site, errors);
	if (!site)
		return false;
	change = proxy_prepare(daemon->proxy, site, site->built, errors);
	if (!change) {
		site_free(site);
		return false;
	}
	err = daemon_apply(daemon, site, errors);
	if (err) {
		proxy_abandon(change);
		site_free(site);
		/* What it has now is not known: it may have been told before that. */
		if (err != -EINVAL)
			lose_kernel(daemon, strerror(-err));
		return false;
	}
	proxy_commit(change);
	site_free(daemon->site);
	daemon->site = site;
	daemon->repairing = false;
	loop_timer_del(daemon->host.loop, &daemon->repair);
	site_start(site);
	return true;
}

unsigned int daemon_extra_privileges(const struct config *config)
{
	unsigned int extra = 0;

	for (size_t i = 0; i < config->checks.count; i++) {
		const struct check_spec *spec = &config->checks.items[i].spec;

		if (spec->netns)
			extra |= PRIVILEGES_NETNS;
		if (spec->kind == CHECK_SCRIPT)
			extra |= PRIVILEGES_SCRIPTS;
	}
	return extra;
}

static bool is_same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* What cannot be exchanged while the daemon runs. */
static void check_fixed(const struct config *now, const struct config *next,
			struct config_errors *errors)
{
	const struct config_settings *a = now->settings, *b = next->settings;

	if (strcmp(a->control, b->control) != 0)
		config_error_add(
			errors, config_place_of_key(b->at, "control"),
			"settings.control: is %s while the daemon runs; restart it",
			a->control);
	if (strcmp(a->user, b->user) != 0)
		config_error_add(
			errors, config_place_of_key(b->at, "user"),
			"settings.user: is %s while the daemon runs; restart it",
			a->user);
	if (!is_same_text(a->cookie_key, b->cookie_key))
		config_error_add(
			errors, config_place_of_key(b->at, "cookie-key"),
			"settings.cookie-key: is another one while the daemon runs; restart it");
	if (a->threads != b->threads)
		config_error_add(
			errors, config_place_of_key(b->at, "threads"),
			"settings.threads: is %u while the daemon runs; restart it",
			a->threads);
	if (!privileges_have(daemon_extra_privileges(next)))
		config_error_add(
			errors, next->at,
			"checks: the first script or netns needs privileges that the daemon has given up; restart it");
}

int daemon_use_settings(struct daemon *daemon, const struct config *config,
			struct config_errors *errors)
{
	const struct config_settings *settings = config->settings;
	char error[ERROR_SIZE];

	if (log_open(settings->log, error, sizeof(error))) {
		config_error_add(errors, settings->log->at, "%s", error);
		return -EINVAL;
	}
	if (resolver_configure(daemon->host.resolver, settings->resolver, error,
			       sizeof(error))) {
		config_error_add(errors, settings->resolver->at,
				 "settings.resolver: %s", error);
		return -EINVAL;
	}
	if (admin_listen(daemon->admin, &settings->admin, error,
			 sizeof(error))) {
		config_error_add(errors,
				 config_place_of_key(settings->at, "admin"),
				 "%s", error);
		return -EINVAL;
	}
	return 0;
}

static bool try_reload(struct daemon *daemon, struct config *config,
		       struct config_errors *errors)
{
	const struct config *before = daemon->site->config;
	struct config_errors ignored = { 0 };

	if (!config || config_errors_any(errors))
		return false;
	check_fixed(before, config, errors);
	if (config_errors_any(errors))
		return false;
	if (daemon_use_settings(daemon, config, errors) == 0 &&
	    exchange(daemon, config_get(config), errors))
		return true;
	daemon_use_settings(daemon, before, &ignored);
	config_errors_free(&ignored);
	return false;
}

void daemon_tell_counts(const struct daemon *daemon, const char *what)
{
	const struct config *config = daemon->site->config;
	char text[128];

	snprintf(text, sizeof(text), "%s: %zu services, %zu pools, %zu servers",
		 what, config->services.count, config->pools.count,
		 daemon->site->server_count);
	log_info(NULL, "%s", text);
	notify_status("%s", text);
}

/* All that is wrong, also where the first of it was enough to refuse it. */
static void find_rest(const struct daemon *daemon, struct config *config,
		      struct config_errors *errors)
{
	struct config_errors found = { 0 };

	if (!config || !config_errors_any(errors))
		return;
	if (config->settings && !config->settings->at.flawed)
		check_fixed(daemon->site->config, config, &found);
	config_errors_merge(errors, &found);
	trial(config, kernel_built(daemon->kernel), daemon->host.engine,
	      errors);
}

struct config *daemon_reload(struct daemon *daemon,
			     struct config_errors *errors)
{
	struct config *config;

	notify_reloading();
	config = daemon_settle(daemon, config_load(daemon->file, errors),
			       errors);
	daemon->source.last_reload = time(NULL);
	if (try_reload(daemon, config, errors)) {
		daemon->source.reloads_applied++;
		daemon->source.generation++;
		daemon_tell_counts(daemon, "configuration applied");
	} else {
		daemon->source.reloads_refused++;
		find_rest(daemon, config, errors);
		log_errors(errors);
		log_error(
			NULL,
			"configuration refused: the one before stays in force");
		notify_status(
			"configuration refused, the one before stays in force: see the log");
	}
	notify_ready();
	return config;
}

struct config *daemon_rebuild(struct daemon *daemon,
			      struct config_errors *errors)
{
	struct config *now = daemon->site->config;
	struct config *next = daemon_settle(
		daemon, config_get(now->base ? now->base : now), errors);

	if (!config_errors_any(errors))
		exchange(daemon, config_get(next), errors);
	return next;
}

void daemon_stop_drained(struct daemon *daemon)
{
	if (daemon->drained && !daemon->handover)
		loop_stop(daemon->host.loop);
}

static void drained(void *arg)
{
	struct daemon *daemon = arg;

	daemon->drained = true;
	daemon_stop_drained(daemon);
}

static void stop_now(struct wheel_timer *timer)
{
	struct daemon *daemon = loop_owner(timer, struct daemon, shutdown);

	log_warning(NULL, "ends with clients of stratum proxy cut off");
	loop_stop(daemon->host.loop);
}

void daemon_drain(struct daemon *daemon, bool gently)
{
	daemon->shutdown.expire = stop_now;
	loop_timer_set(daemon->host.loop, &daemon->shutdown,
		       daemon->site->config->settings->shutdown);
	proxy_drain(daemon->proxy, gently, drained, daemon);
}

/* Those who are being served by us may come to their end; a second signal is one. */
static void end(struct daemon *daemon)
{
	if (daemon->ending) {
		loop_stop(daemon->host.loop);
		return;
	}
	daemon->ending = true;
	/* It drains already. */
	if (daemon->released)
		return;
	log_info(NULL, "ends: the kernel module goes on with what it has");
	notify_stopping();
	notify_status("ends, when its clients have");
	/* Who is given back now is for the process that comes after this one. */
	relay_back_close(daemon->back);
	daemon->back = NULL;
	daemon_drain(daemon, false);
}

static void reload(struct daemon *daemon)
{
	struct config_errors errors = { 0 };
	struct config *config;

	if (daemon->released || daemon->handover) {
		log_warning(
			NULL,
			"the configuration is not read again: another process takes over, and has read it");
		return;
	}
	config = daemon_reload(daemon, &errors);
	config_errors_free(&errors);
	config_free(config);
}

static void signalled(struct signals *signals,
		      const struct signalfd_siginfo *info)
{
	struct daemon *daemon = loop_owner(signals, struct daemon, signals);

	switch (info->ssi_signo) {
	case SIGHUP:
		reload(daemon);
		break;
	case SIGUSR1:
		log_reopen();
		proxy_reopen(daemon->proxy);
		break;
	default:
		end(daemon);
	}
}

int daemon_watch_signals(struct daemon *daemon)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	daemon->signals.arrived = signalled;
	/* How children end is asked of them; whoever started us may ignore it. */
	signal(SIGCHLD, SIG_DFL);
	/* splice() has no flag for it. */
	signal(SIGPIPE, SIG_IGN);
	return signals_watch(daemon->host.loop, &daemon->signals, &set);
}

void daemon_init(struct daemon *daemon)
{
	daemon->host.flush = flush;
	daemon->host.is_idle = is_idle;
	daemon->repair.expire = repair;
	daemon->ask.expire = ask;
}
