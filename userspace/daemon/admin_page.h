/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages of metrics, made in a thread and shared by those who read them. See admin.h. */
#ifndef DAEMON_ADMIN_PAGE_H
#define DAEMON_ADMIN_PAGE_H

#include <sys/queue.h>

#include "admin.h"

/* A page serves all who ask for one within this time. */
#define ADMIN_PAGE_MS 1000

/* Pages that are held at once, for readers of several speeds. */
#define ADMIN_PAGES_MAX 4

struct admin_page;
struct admin_pages;

/**
 * struct admin_reader - somebody who wants a page; all zero: nobody
 * @ready: called when there is one, with @metrics NULL where none could be made
 * @cut: called when it has to let go of its page, which it does in this call
 * @metrics: the page
 * @page: whose it is, for admin_page.c
 * @waiting: it waits for one
 * @entry: in a list of those who wait, or who read
 */
struct admin_reader {
	void (*ready)(struct admin_reader *reader);
	void (*cut)(struct admin_reader *reader);
	const struct metrics *metrics;
	struct admin_page *page;
	bool waiting;
	LIST_ENTRY(admin_reader) entry;
};

/**
 * admin_pages_create() - nothing is made before somebody asks
 * @loop: of this thread
 * @source: of the daemon
 *
 * Return: for admin_pages_free(), or NULL with errno set
 */
struct admin_pages *admin_pages_create(struct loop *loop,
				       const struct admin_source *source);

/**
 * admin_pages_free() - the end
 * @pages: without readers
 *
 * Waits for the thread, if a page is being made.
 */
void admin_pages_free(struct admin_pages *pages);

/**
 * admin_pages_get() - ask for a page
 * @pages: where
 * @reader: with @ready and @cut filled in, without a page
 *
 * Return: whether it is there, in @reader; else @ready is called in a later turn
 */
bool admin_pages_get(struct admin_pages *pages, struct admin_reader *reader);

/**
 * admin_pages_put() - let go of a page, or do not wait any longer
 * @pages: where
 * @reader: with a page, waiting, or neither
 */
void admin_pages_put(struct admin_pages *pages, struct admin_reader *reader);

#endif /* DAEMON_ADMIN_PAGE_H */
