// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "config/node.h"
#include "lock.h"
#include "log.h"
#include "notify.h"
#include "place.h"
#include "privileges.h"
#include "run.h"
#include "site_metrics.h"
#include "syscall_filter.h"

#define LOCK_FOLDER "/run/sluice"
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
	return true;
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

	if (!daemon->repairing &&
	    kernel_ask(daemon->kernel, error, sizeof(error)))
		lose_kernel(daemon, error);
	loop_timer_set(daemon->host.loop, timer, ASK_MS);
}

int daemon_flush(struct daemon *daemon, char *error, size_t size)
{
	int err;

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

	if (daemon->repairing)
		return false;
	/* Whoever cannot be asked is not idle. */
	err = kernel_server(daemon->kernel, server, &has);
	return err ? err == -ENOENT : has.active + has.inactive == 0;
}

/*
 * A configuration from files, with the routes that were changed at run time, placed.
 * It is used up. Return: what holds now; it may be used if there are no errors.
 */
static struct config *settle(struct daemon *daemon, struct config *config,
			     struct config_errors *errors)
{
	const struct config_route_change *routes;
	struct config *changed = config;
	char error[ERROR_SIZE];
	size_t count;

	/* Whether it is back is known in a second; an administrator asks now. */
	if (daemon->repairing)
		connect_anew(daemon, error, sizeof(error));
	routes = changes_routes(daemon->host.changes, &count);
	if (config && count && !config_errors_any(errors)) {
		changed = config_change(config, routes, count, errors);
		if (changed)
			config_free(config);
		else
			changed = config;
	}
	if (changed && !config_errors_any(errors))
		place_check(changed, kernel_built(daemon->kernel), errors);
	return changed;
}

/* Put a configuration in place of the one in force. It belongs to the site. */
static bool exchange(struct daemon *daemon, struct config *config,
		     struct config_errors *errors)
{
	struct site *site;
	int err;

	site = site_create(&daemon->host, config, daemon->site, errors);
	if (!site)
		return false;
	err = kernel_apply(daemon->kernel, site, errors);
	if (err) {
		site_free(site);
		/* What it has now is not known: it may have been told before that. */
		if (err != -EINVAL)
			lose_kernel(daemon, strerror(-err));
		return false;
	}
	site_free(daemon->site);
	daemon->site = site;
	daemon->repairing = false;
	loop_timer_del(daemon->host.loop, &daemon->repair);
	site_start(site);
	return true;
}

/* What checks need besides the usual. */
static unsigned int extra_privileges(const struct config *config)
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
	if (!privileges_have(extra_privileges(next)))
		config_error_add(
			errors, next->at,
			"checks: the first script or netns needs privileges that the daemon has given up; restart it");
}

/* Return: 0; what is wrong is in @errors. */
static int use_settings(struct daemon *daemon, const struct config *config,
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
	if (use_settings(daemon, config, errors) == 0 &&
	    exchange(daemon, config_get(config), errors))
		return true;
	use_settings(daemon, before, &ignored);
	config_errors_free(&ignored);
	return false;
}

struct config *daemon_reload(struct daemon *daemon,
			     struct config_errors *errors)
{
	struct config *config;

	notify_reloading();
	config = settle(daemon, config_load(daemon->file, errors), errors);
	daemon->source.last_reload = time(NULL);
	if (try_reload(daemon, config, errors)) {
		daemon->source.reloads_applied++;
		daemon->source.generation++;
		log_info(
			NULL,
			"configuration applied: %zu services, %zu pools, %zu servers",
			config->services.count, config->pools.count,
			daemon->site->server_count);
	} else {
		daemon->source.reloads_refused++;
		log_errors(errors);
		log_error(
			NULL,
			"configuration refused: the one before stays in force");
	}
	notify_ready();
	return config;
}

struct config *daemon_rebuild(struct daemon *daemon,
			      struct config_errors *errors)
{
	struct config *now = daemon->site->config;
	struct config *next =
		settle(daemon, config_get(now->base ? now->base : now), errors);

	if (!config_errors_any(errors))
		exchange(daemon, config_get(next), errors);
	return next;
}

static void signalled(struct signals *signals,
		      const struct signalfd_siginfo *info)
{
	struct daemon *daemon = loop_owner(signals, struct daemon, signals);
	struct config_errors errors = { 0 };
	struct config *config;

	switch (info->ssi_signo) {
	case SIGHUP:
		config = daemon_reload(daemon, &errors);
		config_errors_free(&errors);
		config_free(config);
		break;
	case SIGUSR1:
		log_reopen();
		break;
	default:
		log_info(NULL,
			 "ends: the kernel module goes on with what it has");
		notify_stopping();
		loop_stop(daemon->host.loop);
	}
}

static int watch_signals(struct daemon *daemon)
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
	return signals_watch(daemon->host.loop, &daemon->signals, &set);
}

static void add_metrics(struct metrics *m, void *arg)
{
	const struct daemon *daemon = arg;

	if (daemon->site)
		site_metrics(m, daemon->site);
}

static int make_host(struct daemon *daemon, const struct config *config,
		     char *error, size_t size)
{
	struct site_host *host = &daemon->host;
	char path[PATH_MAX];

	host->flush = flush;
	host->is_idle = is_idle;
	daemon->repair.expire = repair;
	daemon->ask.expire = ask;
	host->loop = loop_create(NULL);
	if (host->loop)
		host->engine = check_engine_create(host->loop, NULL);
	if (!host->loop || !host->engine || watch_signals(daemon)) {
		snprintf(error, size, "%s", strerror(errno));
		return -errno;
	}
	daemon->source.checks = host->engine;
	daemon->source.extra = add_metrics;
	daemon->source.arg = daemon;
	daemon->admin = admin_create(host->loop, &daemon->source);
	if (!daemon->admin) {
		snprintf(error, size, "%s", strerror(errno));
		return -ENOMEM;
	}
	host->resolver = resolver_create(host->loop, config->settings->resolver,
					 error, size);
	snprintf(path, sizeof(path), "%s.changes", config->settings->control);
	if (host->resolver)
		host->changes = changes_open(path, error, size);
	return host->changes ? 0 : -EINVAL;
}

/* The folder of the control socket, where the daemon writes down changes, too. */
static int make_folder(const struct config *config, char *error, size_t size)
{
	const struct passwd *user = getpwnam(config->settings->user);
	char *copy = strdup(config->settings->control);
	const char *folder;
	int err = 0;

	if (!copy) {
		snprintf(error, size, "out of memory");
		return -ENOMEM;
	}
	folder = dirname(copy);
	if ((mkdir(folder, 0755) < 0 && errno != EEXIST) ||
	    (geteuid() == 0 && user && strcmp(folder, LOCK_FOLDER) == 0 &&
	     chown(folder, user->pw_uid, user->pw_gid) < 0))
		err = -errno;
	if (err)
		snprintf(error, size, "%s: %s", folder, strerror(-err));
	free(copy);
	return err;
}

/* From here on it can do what it has to, and little else. */
static int give_up_privileges(const struct config *config, char *error,
			      size_t size)
{
	unsigned int extra = extra_privileges(config);
	int err;

	err = privileges_drop(config->settings->user, extra, error, size);
	if (err)
		return err;
	err = syscall_filter_install(extra & PRIVILEGES_SCRIPTS, error, size);
	if (err != -ENOSYS)
		return err;
	/* The rest of what protects is there. */
	log_warning(NULL, "%s", error);
	error[0] = '\0';
	return 0;
}

/* What the module has is taken over, then exchanged for what there is to be. */
static bool start_site(struct daemon *daemon, struct config *config,
		       struct config_errors *errors)
{
	char error[ERROR_SIZE];
	struct site *site;

	site = site_create(&daemon->host, config_get(config), NULL, errors);
	if (!site)
		return false;
	if (kernel_adopt(daemon->kernel, site, error, sizeof(error))) {
		config_error_add(errors, config->at, "%s", error);
		site_free(site);
		return false;
	}
	if (kernel_apply(daemon->kernel, site, errors)) {
		site_free(site);
		return false;
	}
	daemon->site = site;
	site_start(site);
	return true;
}

/* All that a configuration needs to be put in force. */
static int prepare(struct daemon *daemon, const struct config *config,
		   char *error, size_t size)
{
	if (make_folder(config, error, size))
		return -EINVAL;
	daemon->lock = lock_take(LOCK_FOLDER, error, size);
	if (daemon->lock < 0)
		return -EBUSY;
	daemon->kernel = kernel_open(error, size);
	if (!daemon->kernel)
		return -ENOENT;
	return make_host(daemon, config, error, size);
}

static int start(struct daemon *daemon, struct config *config,
		 struct config_errors *errors, char *error, size_t size)
{
	notify_init(daemon->host.loop);
	/* Sockets and files are those of the user who has to open them again. */
	if (give_up_privileges(config, error, size))
		return -EPERM;
	daemon->control = control_open(daemon->host.loop,
				       config->settings->control,
				       commands_answer, daemon, error, size);
	if (!daemon->control || use_settings(daemon, config, errors) ||
	    !start_site(daemon, config, errors))
		return -EINVAL;
	loop_timer_set(daemon->host.loop, &daemon->ask, ASK_MS);
	daemon->source.started = time(NULL);
	daemon->source.generation = 1;
	log_info(NULL, "runs: %zu services, %zu pools, %zu servers",
		 config->services.count, config->pools.count,
		 daemon->site->server_count);
	notify_ready();
	return 0;
}

static void finish(struct daemon *daemon)
{
	admin_free(daemon->admin);
	site_free(daemon->site);
	control_close(daemon->control);
	changes_free(daemon->host.changes);
	resolver_free(daemon->host.resolver);
	check_engine_free(daemon->host.engine);
	if (daemon->host.loop) {
		loop_timer_del(daemon->host.loop, &daemon->repair);
		loop_timer_del(daemon->host.loop, &daemon->ask);
		if (daemon->signals.loop)
			signals_forget(&daemon->signals);
	}
	notify_exit();
	loop_free(daemon->host.loop);
	kernel_close(daemon->kernel);
	if (daemon->lock >= 0)
		close(daemon->lock);
	log_close();
}

int daemon_run(const char *file)
{
	struct daemon daemon = { .file = file, .lock = -1 };
	struct config_errors errors = { 0 };
	struct config *config = config_load(file, &errors);
	char error[ERROR_SIZE] = "";
	int err = -EINVAL;

	if (config && !config_errors_any(&errors))
		err = prepare(&daemon, config, error, sizeof(error));
	if (!err)
		config = settle(&daemon, config, &errors);
	if (!err && !config_errors_any(&errors))
		err = start(&daemon, config, &errors, error, sizeof(error));
	if (config_errors_any(&errors))
		err = -EINVAL;
	config_errors_print(&errors, stderr);
	if (error[0])
		fprintf(stderr, "sluiced: %s\n", error);
	config_errors_free(&errors);
	config_free(config);
	if (!err)
		err = loop_run(daemon.host.loop);
	finish(&daemon);
	return err ? 1 : 0;
}
