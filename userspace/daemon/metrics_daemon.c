// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "log.h"
#include "metrics_daemon.h"

static void write_config(const struct admin_source *source, struct metrics *m)
{
	metrics_sample(m, METRICS_CONFIG_GENERATION, source->generation);
	metrics_sample(m, METRICS_CONFIG_RELOADS, source->reloads_applied,
		       "applied");
	metrics_sample(m, METRICS_CONFIG_RELOADS, source->reloads_refused,
		       "refused");
	if (source->last_reload)
		metrics_sample(m, METRICS_CONFIG_LAST_RELOAD,
			       (uint64_t)source->last_reload);
}

static void write_log(struct metrics *m)
{
	static const char *const levels[] = { "error", "warning", "info",
					      "debug" };
	const struct log_counts counts = log_counts();

	for (int i = 0; i <= CONFIG_LOG_DEBUG; i++)
		metrics_sample(m, METRICS_LOG_MESSAGES, counts.written[i],
			       levels[i]);
	metrics_sample(m, METRICS_LOG_LEFT_OUT, counts.left_out);
	metrics_sample(m, METRICS_LOG_LOST, counts.lost);
}

static void write_checks(const struct check_engine *engine, struct metrics *m)
{
	const struct check_stats stats = check_engine_stats(engine);

	metrics_sample(m, METRICS_CHECK_TARGETS, stats.targets);
	metrics_sample(m, METRICS_CHECKS_IN_FLIGHT, stats.in_flight);
	metrics_sample(m, METRICS_CHECKS_WAITING, stats.waiting);
	metrics_sample(m, METRICS_CHECKS, stats.passed, "passed");
	metrics_sample(m, METRICS_CHECKS, stats.failed, "failed");
	metrics_sample(m, METRICS_CHECKS, stats.broken, "broken");
	metrics_sample(m, METRICS_CHECKS_DELAYED, stats.delayed);
}

void metrics_daemon_write(const struct admin_source *source, struct metrics *m)
{
	metrics_sample(m, METRICS_BUILD_INFO, 1, SLUICE_VERSION);
	metrics_sample(m, METRICS_PROCESS_START_TIME,
		       (uint64_t)source->started);
	write_config(source, m);
	write_log(m);
	if (source->checks)
		write_checks(source->checks, m);
	if (source->extra)
		source->extra(m, source->arg);
}

static double seconds(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

static void write_memory(struct metrics *m)
{
	FILE *file = fopen("/proc/self/statm", "re");
	char line[100] = "";
	uint64_t pages;
	char *at;

	if (!file)
		return;
	/* The second number, in pages. */
	if (fgets(line, sizeof(line), file)) {
		strtoull(line, &at, 10);
		pages = strtoull(at, NULL, 10);
		metrics_sample(m, METRICS_PROCESS_MEMORY,
			       pages * (uint64_t)sysconf(_SC_PAGESIZE));
	}
	fclose(file);
}

static void write_fds(struct metrics *m)
{
	struct rlimit limit;
	uint64_t count = 0;
	DIR *folder = opendir("/proc/self/fd");

	if (folder) {
		while (readdir(folder))
			count++;
		closedir(folder);
		/* The folder, itself and above; and what it was read by. */
		metrics_sample(m, METRICS_PROCESS_OPEN_FDS, count - 3);
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		metrics_sample(m, METRICS_PROCESS_MAX_FDS, limit.rlim_cur);
}

void metrics_process_write(struct metrics *m)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	metrics_sample_real(m, METRICS_PROCESS_CPU,
			    seconds(&usage.ru_utime) +
				    seconds(&usage.ru_stime));
	write_memory(m);
	write_fds(m);
}
