// SPDX-License-Identifier: GPL-2.0-or-later
/* From the first line of the configuration to the loop, and what comes after it. */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "config/node.h"
#include "cookie_key.h"
#include "lock.h"
#include "log.h"
#include "metrics_proxy.h"
#include "notify.h"
#include "place.h"
#include "privileges.h"
#include "proxy/tls.h"
#include "run.h"
#include "site_metrics.h"
#include "syscall_filter.h"
#include "trial.h"
#include "upgrade.h"

#define ERROR_SIZE 512

static void add_metrics(struct metrics *m, void *arg)
{
	const struct daemon *daemon = arg;
	const struct plan *plan = proxy_plan(daemon->proxy);

	if (daemon->site)
		site_metrics(m, daemon->site);
	if (plan)
		metrics_proxy_write_states(plan, loop_now(daemon->host.loop),
					   m);
}

static int make_host(struct daemon *daemon, const struct config *config,
		     char *error, size_t size)
{
	struct site_host *host = &daemon->host;
	char path[PATH_MAX];

	daemon_init(daemon);
	host->built = kernel_built(daemon->kernel);
	host->loop = loop_create(NULL);
	if (host->loop)
		daemon->proxy =
			proxy_create(host->loop, config->settings->threads);
	if (daemon->proxy)
		host->engine = check_engine_create(host->loop, NULL);
	if (!host->loop || !daemon->proxy || !host->engine ||
	    daemon_watch_signals(daemon)) {
		snprintf(error, size, "%s", strerror(errno));
		return -errno;
	}
	daemon->source.checks = host->engine;
	daemon->source.counts = proxy_counts(daemon->proxy);
	daemon->source.access = proxy_access(daemon->proxy);
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
	    (geteuid() == 0 && user &&
	     strcmp(folder, DAEMON_LOCK_FOLDER) == 0 &&
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
	unsigned int extra = daemon_extra_privileges(config);
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

/*
 * All is ready, and nothing can fail any more: who ran until now lets go. Not one
 * client is accepted before that, so that none is lost if this process has to give up.
 */
static bool release_other(struct daemon *daemon, const struct config *config,
			  struct config_errors *errors)
{
	char error[ERROR_SIZE];

	if (!daemon->takes_over ||
	    takeover_confirm(&daemon->takeover, error, sizeof(error)) == 0)
		return true;
	config_error_add(errors, config->at, "%s", error);
	return false;
}

/* What the module has is taken over, then exchanged for what there is to be. */
static bool start_site(struct daemon *daemon, struct config *config,
		       struct config_errors *errors)
{
	struct proxy_change *change;
	char error[ERROR_SIZE];
	struct site *site;

	site = site_create(&daemon->host, config_get(config), NULL, errors);
	if (!site)
		return false;
	if (!daemon->kernel)
		upgrade_adopt(daemon, site);
	else if (kernel_adopt(daemon->kernel, site, error, sizeof(error))) {
		config_error_add(errors, config->at, "%s", error);
		site_free(site);
		return false;
	}
	change = proxy_prepare(daemon->proxy, site, site->built, errors);
	if (!change || daemon_apply(daemon, site, errors) ||
	    !release_other(daemon, config, errors)) {
		if (change)
			proxy_abandon(change);
		site_free(site);
		return false;
	}
	proxy_commit(change);
	daemon->site = site;
	site_start(site);
	return true;
}

/* All that a configuration needs to be put in force. */
static int prepare(struct daemon *daemon, const struct config *config,
		   char *error, size_t size)
{
	int err;

	if (make_folder(config, error, size))
		return -EINVAL;
	err = upgrade_begin(daemon, config->settings->control, error, size);
	if (!daemon->takes_over)
		err = daemon->lock = lock_take(DAEMON_LOCK_FOLDER, error, size);
	if (err < 0)
		return -EBUSY;
	/* Whether it is missed is known once all is placed. */
	daemon->kernel = kernel_open(error, size);
	error[0] = '\0';
	err = make_host(daemon, config, error, size);
	return err ? err : upgrade_inherit(daemon, error, size);
}

static struct control *open_control(struct daemon *daemon, const char *path,
				    char *error, size_t size)
{
	return daemon->takes_over ?
		       control_open_beside(daemon->host.loop, path,
					   commands_answer, daemon, error,
					   size) :
		       control_open(daemon->host.loop, path, commands_answer,
				    daemon, error, size);
}

static int read_cookie_key(struct daemon *daemon, const struct config *config,
			   struct config_errors *errors)
{
	int err = cookie_key_read(config->settings, daemon->secret, errors);

	if (!err) {
		proxy_set_secret(daemon->proxy, daemon->secret);
		kernel_set_key(daemon->kernel, daemon->secret);
	}
	return err;
}

/* Each client has a descriptor, and its server, too. */
static void raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void warn_raised(const struct daemon *daemon, unsigned int strata,
			const char *text)
{
	size_t count;
	const struct config_service *first = place_raised(
		daemon->site->config, daemon->site->built, strata, &count);
	char number[24];

	if (!first)
		return;
	snprintf(number, sizeof(number), "%zu", count);
	log_warning(((struct log_field[]){ { "services", number },
					   { "first", first->name },
					   { NULL, NULL } }),
		    "%s", text);
}

/* Somebody should know: servers may see this host in place of the client then. */
static void warn_of_missing(const struct daemon *daemon)
{
	warn_raised(
		daemon, 1U << CONFIG_FLOW | 1U << CONFIG_SNIFF,
		"the kernel module is not there: services that it could serve run in stratum proxy until a reload with it");
	warn_raised(
		daemon, 1U << CONFIG_RELAY,
		"stratum relay is not there, or not for TLS: services that it could serve run in stratum proxy until a reload with module sluice_ktls, and tls");
}

static int start(struct daemon *daemon, struct config *config,
		 struct config_errors *errors, char *error, size_t size)
{
	notify_init(daemon->host.loop);
	/* Sockets and files are those of the user who has to open them again. */
	if (give_up_privileges(config, error, size))
		return -EPERM;
	daemon->control =
		open_control(daemon, config->settings->control, error, size);
	if (!daemon->control || read_cookie_key(daemon, config, errors) ||
	    daemon_use_settings(daemon, config, errors) ||
	    !start_site(daemon, config, errors))
		return -EINVAL;
	daemon_watch_kernel(daemon);
	daemon_watch_relay(daemon);
	daemon->source.started = time(NULL);
	daemon->source.generation = 1;
	daemon_tell_counts(daemon, "runs");
	warn_of_missing(daemon);
	if (daemon->takes_over)
		upgrade_end(daemon);
	else
		notify_ready();
	return 0;
}

static void finish(struct daemon *daemon)
{
	takeover_free(&daemon->takeover);
	admin_free(daemon->admin);
	relay_back_close(daemon->back);
	proxy_free(daemon->proxy);
	site_free(daemon->site);
	control_close(daemon->control);
	changes_free(daemon->host.changes);
	resolver_free(daemon->host.resolver);
	check_engine_free(daemon->host.engine);
	if (daemon->host.loop) {
		loop_timer_del(daemon->host.loop, &daemon->repair);
		loop_timer_del(daemon->host.loop, &daemon->ask);
		loop_timer_del(daemon->host.loop, &daemon->shutdown);
		if (daemon->signals.loop)
			signals_forget(&daemon->signals);
	}
	handover_free(daemon->handover);
	notify_exit();
	loop_free(daemon->host.loop);
	kernel_close(daemon->kernel);
	explicit_bzero(daemon->secret, sizeof(daemon->secret));
	if (daemon->lock >= 0)
		close(daemon->lock);
	log_close();
}

/* What is wrong besides, so that a second start does not fail for that. */
static void find_rest(const struct daemon *daemon, struct config *config,
		      struct config_errors *errors)
{
	const struct site_host *host = &daemon->host;

	/* Before a module was asked for, all that there may be. */
	if (config)
		trial(config, host->built ? host->built : PLACE_BUILT,
		      host->engine, errors);
}

int daemon_run(const char *file, bool takes_over)
{
	struct daemon daemon = {
		.file = file,
		.lock = -1,
		.takes_over = takes_over,
		.takeover = TAKEOVER_NONE,
	};
	struct config_errors errors = { 0 };
	struct config *config = config_load(file, &errors);
	char error[ERROR_SIZE] = "";
	int err;

	raise_limits();
	/* Before a key is read. */
	err = tls_protect();
	if (err)
		log_warning(NULL, "core dumps cannot be switched off: %s",
			    strerror(-err));
	err = -EINVAL;
	if (config && !config_errors_any(&errors))
		err = prepare(&daemon, config, error, sizeof(error));
	if (!err)
		config = daemon_settle(&daemon, config, &errors);
	if (!err && !config_errors_any(&errors))
		err = start(&daemon, config, &errors, error, sizeof(error));
	if (config_errors_any(&errors)) {
		err = -EINVAL;
		find_rest(&daemon, config, &errors);
	}
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
