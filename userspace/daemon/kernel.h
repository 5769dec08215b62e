/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel module: what a site asks of it, told in transactions. The module keeps
 * what there is; nothing of it is kept here. What is equal stays as it was, with
 * its connections and counters.
 */
#ifndef DAEMON_KERNEL_H
#define DAEMON_KERNEL_H

#include <sluice/sticky.h>

#include "site.h"

struct kernel;

/**
 * kernel_open() - connect to the module
 * @error: says what is wrong
 * @size: room there
 *
 * Return: the connection, or NULL: the module is not loaded, or too old.
 */
struct kernel *kernel_open(char *error, size_t size);

/**
 * kernel_close() - leave the module as it is
 * @kernel: the connection, or NULL
 */
void kernel_close(struct kernel *kernel);

/**
 * kernel_built() - strata that this version and the module have
 * @kernel: the connection; NULL: there is no module
 *
 * Return: bits by enum config_stratum, and PLACE_KTLS.
 */
unsigned int kernel_built(const struct kernel *kernel);

/**
 * kernel_set_key() - what stratum relay signs cookies with
 * @kernel: the connection, or NULL
 * @key: the same as stratum proxy; told with what is applied from now on
 */
void kernel_set_key(struct kernel *kernel,
		    const uint8_t key[SLUICE_STICKY_SECRET_SIZE]);

/* Whether stratum relay is there. @kernel: the connection, or NULL */
bool kernel_has_relay(const struct kernel *kernel);

/**
 * kernel_generation() - number of the configuration in the module
 * @kernel: the connection
 *
 * Return: that of the last time it was told something, or 0.
 */
uint64_t kernel_generation(const struct kernel *kernel);

/**
 * kernel_ask() - whether the module is there, and learn its generation
 * @kernel: the connection
 * @error: says what is wrong
 * @size: room there
 *
 * One that was loaded anew since kernel_open() is not: it knows nothing. The same
 * holds for stratum relay, where it was there.
 *
 * Return: 0 or a negative errno.
 */
int kernel_ask(struct kernel *kernel, char *error, size_t size);

/**
 * kernel_adopt() - have a site take over the servers that there are
 * @kernel: the connection
 * @site: one that has not started
 * @error: says what is wrong
 * @size: room there
 *
 * Return: 0 or a negative errno.
 */
int kernel_adopt(struct kernel *kernel, struct site *site, char *error,
		 size_t size);

/**
 * kernel_apply() - let there be what a site asks for, and nothing else
 * @kernel: the connection
 * @site: placed without errors
 * @errors: what was refused, with its place in the configuration
 *
 * One transaction, and after it what there is to be said of services of stratum relay.
 *
 * Return: 0; -EINVAL if something was refused: the module is as it was; or another
 * negative errno: the module cannot be reached, or took the transaction and not all of
 * what is after it. Then all is to be told again.
 */
int kernel_apply(struct kernel *kernel, struct site *site,
		 struct config_errors *errors);

/**
 * kernel_flush() - tell what is pending in a site
 * @kernel: the connection
 * @site: in force
 * @error: says what is wrong
 * @size: room there
 *
 * Return: 0, or a negative errno: then all of it is to be told with kernel_apply().
 */
int kernel_flush(struct kernel *kernel, struct site *site, char *error,
		 size_t size);

/**
 * kernel_server() - what the module has of a server
 * @kernel: the connection
 * @server: the server
 * @has: filled in
 *
 * Return: 0, -ENOENT if it has no such server, or another negative errno.
 */
int kernel_server(struct kernel *kernel, const struct site_server *server,
		  struct sluice_server *has);

#endif /* DAEMON_KERNEL_H */
