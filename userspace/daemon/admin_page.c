// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "admin_page.h"
#include "log.h"
#include "metrics_daemon.h"
#include "metrics_kernel.h"
#include "metrics_proxy.h"
#include "wakeup.h"

LIST_HEAD(admin_readers, admin_reader);

struct admin_page {
	struct metrics *metrics;
	struct admin_readers readers;
	TAILQ_ENTRY(admin_page) entry;
};

/*
 * @all has the oldest page first; the last one is @fresh until @stale expires.
 * While a thread runs, @made and what it points to are its own.
 */
struct admin_pages {
	struct loop *loop;
	const struct admin_source *source;
	struct admin_readers waiting;
	TAILQ_HEAD(, admin_page) all;
	unsigned int count;
	struct admin_page *fresh;
	struct wheel_timer stale;
	struct wakeup done;
	pthread_t thread;
	bool running;
	struct metrics *made;
	bool good;
	char why[200];
};

static void free_page(struct admin_pages *pages, struct admin_page *page)
{
	TAILQ_REMOVE(&pages->all, page, entry);
	pages->count--;
	metrics_free(page->metrics);
	free(page);
}

static void free_unused(struct admin_pages *pages, struct admin_page *page)
{
	if (LIST_EMPTY(&page->readers) && page != pages->fresh)
		free_page(pages, page);
}

/* Nobody who asks from now on gets it. */
static void become_stale(struct admin_pages *pages)
{
	struct admin_page *page = pages->fresh;

	loop_timer_del(pages->loop, &pages->stale);
	pages->fresh = NULL;
	if (page)
		free_unused(pages, page);
}

static void expired(struct wheel_timer *timer)
{
	become_stale(loop_owner(timer, struct admin_pages, stale));
}

/* In a thread of its own: what takes long. */
static void *make(void *arg)
{
	struct admin_pages *pages = arg;
	struct metrics_kernel kernel = { .up = false };

	metrics_kernel_read(&kernel);
	metrics_process_write(pages->made);
	if (pages->source->counts)
		metrics_proxy_write(pages->source->counts,
				    pages->source->access, pages->made);
	metrics_kernel_write(&kernel, pages->made);
	memcpy(pages->why, kernel.why, sizeof(pages->why));
	metrics_kernel_free(&kernel);
	pages->good = metrics_finish(pages->made);
	wakeup_send(&pages->done);
	return NULL;
}

/* Those who wait get the newest page, or none. */
static void serve(struct admin_pages *pages)
{
	struct admin_readers waiting = pages->waiting;
	struct admin_page *page = pages->fresh;
	struct admin_reader *reader;

	/* One that is served may ask again, and let others go. */
	LIST_INIT(&pages->waiting);
	if (!LIST_EMPTY(&waiting))
		LIST_FIRST(&waiting)->entry.le_prev = &waiting.lh_first;
	while ((reader = LIST_FIRST(&waiting))) {
		LIST_REMOVE(reader, entry);
		reader->waiting = false;
		if (page) {
			reader->page = page;
			reader->metrics = page->metrics;
			LIST_INSERT_HEAD(&page->readers, reader, entry);
		}
		reader->ready(reader);
	}
}

/* Whoever reads the oldest page reads slowest. */
static void make_room(struct admin_pages *pages)
{
	struct admin_page *oldest = TAILQ_FIRST(&pages->all);
	struct admin_reader *reader;

	if (pages->count < ADMIN_PAGES_MAX)
		return;
	/* With the last reader the page is gone. */
	for (bool last = false; !last;) {
		reader = LIST_FIRST(&oldest->readers);
		last = !LIST_NEXT(reader, entry);
		reader->cut(reader);
	}
}

static void keep(struct admin_pages *pages, struct metrics *metrics)
{
	struct admin_page *page = calloc(1, sizeof(*page));

	if (!page) {
		metrics_free(metrics);
		return;
	}
	page->metrics = metrics;
	LIST_INIT(&page->readers);
	TAILQ_INSERT_TAIL(&pages->all, page, entry);
	pages->count++;
	pages->fresh = page;
	loop_timer_set(pages->loop, &pages->stale, ADMIN_PAGE_MS);
}

static void finished(struct wakeup *wakeup)
{
	struct admin_pages *pages =
		loop_owner(wakeup, struct admin_pages, done);
	struct metrics *made = pages->made;

	pthread_join(pages->thread, NULL);
	pages->running = false;
	pages->made = NULL;
	if (pages->why[0])
		log_debug(((struct log_field[]){ { "reason", pages->why },
						 { .key = NULL } }),
			  "metrics are without the kernel's");
	if (pages->good) {
		make_room(pages);
		keep(pages, made);
	} else {
		log_error(NULL, "a page of metrics could not be made");
		metrics_free(made);
	}
	serve(pages);
}

/* Return: whether a page will come */
static bool begin(struct admin_pages *pages)
{
	int err;

	pages->made = metrics_create();
	if (!pages->made)
		return false;
	metrics_daemon_write(pages->source, pages->made);
	err = pthread_create(&pages->thread, NULL, make, pages);
	if (err == 0) {
		pages->running = true;
		return true;
	}
	log_error(NULL, "no thread for a page of metrics: %s", strerror(err));
	metrics_free(pages->made);
	pages->made = NULL;
	return false;
}

struct admin_pages *admin_pages_create(struct loop *loop,
				       const struct admin_source *source)
{
	struct admin_pages *pages = calloc(1, sizeof(*pages));
	int err;

	if (!pages)
		return NULL;
	pages->loop = loop;
	pages->source = source;
	pages->done.woken = finished;
	pages->stale.expire = expired;
	LIST_INIT(&pages->waiting);
	TAILQ_INIT(&pages->all);
	err = wakeup_init(loop, &pages->done);
	if (err == 0)
		return pages;
	free(pages);
	errno = -err;
	return NULL;
}

void admin_pages_free(struct admin_pages *pages)
{
	if (pages->running) {
		pthread_join(pages->thread, NULL);
		metrics_free(pages->made);
	}
	become_stale(pages);
	wakeup_exit(&pages->done);
	free(pages);
}

bool admin_pages_get(struct admin_pages *pages, struct admin_reader *reader)
{
	struct admin_page *page = pages->fresh;

	reader->page = page;
	reader->metrics = page ? page->metrics : NULL;
	if (page) {
		LIST_INSERT_HEAD(&page->readers, reader, entry);
		return true;
	}
	if (!pages->running && !begin(pages))
		return true;
	reader->waiting = true;
	LIST_INSERT_HEAD(&pages->waiting, reader, entry);
	return false;
}

void admin_pages_put(struct admin_pages *pages, struct admin_reader *reader)
{
	struct admin_page *page = reader->page;

	if (page || reader->waiting)
		LIST_REMOVE(reader, entry);
	reader->waiting = false;
	reader->page = NULL;
	reader->metrics = NULL;
	if (page)
		free_unused(pages, page);
}
