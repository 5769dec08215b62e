/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listening sockets: one for each address and worker, by SO_REUSEPORT. They belong
 * to the main thread, and stay open from one configuration to the next.
 */
#ifndef PROXY_LISTENING_H
#define PROXY_LISTENING_H

#include "worker.h"

/**
 * struct listening - the sockets of an address
 * @of_proxy: entry in the list
 * @at: address and port
 * @service: its name in the plan in force, NULL: it has none there
 * @is_new: opened for a plan that is not in force yet
 * @count: of @fds
 * @room: of @fds
 * @fds: one for each worker; more, if it took them over from a process that had more
 *	workers: what clients are in the queue of one that is closed would be lost
 */
struct listening {
	TAILQ_ENTRY(listening) of_proxy;
	struct sluice_endpoint at;
	const char *service;
	bool is_new;
	unsigned int count;
	unsigned int room;
	int *fds;
};

TAILQ_HEAD(listening_list, listening);

/**
 * listening_inherit() - a socket that another process has opened
 * @list: of the proxy
 * @fd: it listens; belongs to the list now, also on failure
 * @error: says what is wrong with it
 * @size: room there
 *
 * It is used by the first plan that has its address, and closed if that has not.
 *
 * Return: 0 or a negative errno.
 */
int listening_inherit(struct listening_list *list, int fd, char *error,
		      size_t size);

/**
 * listening_fds() - all sockets there are
 * @list: of the proxy
 * @count: filled in
 *
 * Return: an array for free(), or NULL if memory is out.
 */
int *listening_fds(const struct listening_list *list, size_t *count);

/**
 * listening_open() - open what a plan needs and is not there
 * @list: of the proxy
 * @plan: to come into force
 * @workers: how many
 * @errors: what cannot be listened on, with its place
 *
 * Return: false with errors; listening_abandon() then.
 */
bool listening_open(struct listening_list *list, const struct plan *plan,
		    unsigned int workers, struct config_errors *errors);
/* Close what was opened. */
void listening_abandon(struct listening_list *list);
/* The plan is in force. */
void listening_commit(struct listening_list *list, const struct plan *plan);

/**
 * listening_for() - what a worker listens on
 * @list: of the proxy
 * @worker: its number
 * @workers: how many there are
 * @count: filled in
 *
 * Return: an array for free(), or NULL.
 */
struct listener *listening_for(const struct listening_list *list,
			       unsigned int worker, unsigned int workers,
			       size_t *count);

/* No worker uses what the plan in force does not have. */
void listening_close_stale(struct listening_list *list);
void listening_close_all(struct listening_list *list);

#endif /* PROXY_LISTENING_H */
