/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes of scripts, and who owns them. */
#ifndef DAEMON_CHECK_SCRIPT_H
#define DAEMON_CHECK_SCRIPT_H

#include "run.h"

/* Those that run, and those that were killed and are not gone yet. */
LIST_HEAD(check_processes, check_process);

/**
 * check_engine_processes() - of an engine
 * @engine: whose
 *
 * Return: the list
 */
struct check_processes *check_engine_processes(struct check_engine *engine);

/**
 * check_processes_forget() - the loop ends: those that are not gone are not waited
 * for
 * @processes: of killed ones
 */
void check_processes_forget(struct check_processes *processes);

#endif /* DAEMON_CHECK_SCRIPT_H */
