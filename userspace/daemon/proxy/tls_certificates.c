// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "config/node.h"
#include "log.h"
#include "tls_source.h"
#include "tls_store.h"

/* Between two looks at all files. */
#define LOOK_MS 1000
/* What a look may take of a turn, and when it goes on. */
#define LOOK_NS 10000000U
#define PAUSE_MS 20

/**
 * struct tls_view - some of the certificates
 * @users: its owner, and the main thread while it makes a new table
 * @next: in the list of @certificates
 * @link: what points here
 * @certificates: held
 * @names: the newest table
 * @made: round of @certificates in which @names was made
 * @count: of @sources
 * @sources: numbers, in the order in which they are preferred
 */
struct tls_view {
	unsigned int users;
	struct tls_view *next;
	struct tls_view **link;
	struct tls_certificates *certificates;
	struct tls_names *names;
	uint64_t made;
	size_t count;
	size_t sources[];
};

/**
 * struct tls_certificates - certificates of a configuration
 * @users: the configuration's, and views
 * @lock: protects @views with their list, and of each @names, @made, @users; held
 *	for counting and linking only
 * @views: all
 * @loop: of the main thread, NULL: nothing is watched
 * @timer: of the next look
 * @started: when the look that is under way began
 * @at: source that is looked at
 * @changed: something is, since the tables were made
 * @round: how often they were made
 * @count: of @sources
 * @sources: by name, of the main thread
 */
struct tls_certificates {
	unsigned int users;
	pthread_mutex_t lock;
	struct tls_view *views;
	struct loop *loop;
	struct wheel_timer timer;
	uint64_t started;
	size_t at;
	bool changed;
	uint64_t round;
	size_t count;
	struct tls_source sources[];
};

static void put(struct tls_certificates *certificates)
{
	if (__atomic_sub_fetch(&certificates->users, 1, __ATOMIC_ACQ_REL))
		return;
	for (size_t i = 0; i < certificates->count; i++)
		tls_source_free(&certificates->sources[i]);
	pthread_mutex_destroy(&certificates->lock);
	free(certificates);
}

/* What the sources of a view have. Return: NULL: nothing, or no memory. */
static struct tls_names *make_names(const struct tls_view *view)
{
	const struct tls_source *sources = view->certificates->sources;
	struct tls_certificate **list;
	struct tls_names *names = NULL;
	size_t total = 0, count = 0;

	for (size_t i = 0; i < view->count; i++)
		total += sources[view->sources[i]].count;
	list = calloc(total + 1, sizeof(struct tls_certificate *));
	for (size_t i = 0; list && i < view->count; i++) {
		const struct tls_source *source = &sources[view->sources[i]];

		for (size_t j = 0; j < source->count; j++)
			if (source->pairs[j].certificate)
				list[count++] = source->pairs[j].certificate;
	}
	if (count)
		names = tls_names_create(list, count);
	free(list);
	return names;
}

/* The next view with an old table, held; or NULL. */
static struct tls_view *next_old(struct tls_certificates *certificates)
{
	struct tls_view *view;

	pthread_mutex_lock(&certificates->lock);
	view = certificates->views;
	while (view && view->made == certificates->round)
		view = view->next;
	if (view) {
		view->made = certificates->round;
		view->users++;
	}
	pthread_mutex_unlock(&certificates->lock);
	return view;
}

static void renew(struct tls_view *view)
{
	struct tls_certificates *certificates = view->certificates;
	struct tls_names *names = make_names(view), *before = names;

	pthread_mutex_lock(&certificates->lock);
	if (names) {
		before = view->names;
		view->names = names;
	}
	pthread_mutex_unlock(&certificates->lock);
	if (!names)
		log_error(
			NULL,
			"a service would be without certificates; what was read before holds");
	tls_names_put(before);
}

static void renew_all(struct tls_certificates *certificates)
{
	struct tls_view *view;

	certificates->round++;
	certificates->changed = false;
	while ((view = next_old(certificates))) {
		renew(view);
		tls_view_free(view);
	}
}

static bool in_time(void *arg)
{
	const struct tls_certificates *certificates = arg;

	return loop_clock(certificates->loop) - certificates->started < LOOK_NS;
}

static void look(struct wheel_timer *timer)
{
	struct tls_certificates *certificates =
		loop_owner(timer, struct tls_certificates, timer);
	bool done = true;

	certificates->started = loop_clock(certificates->loop);
	while (certificates->at < certificates->count) {
		done = tls_source_look(&certificates->sources[certificates->at],
				       &certificates->changed, in_time,
				       certificates);
		if (!done)
			break;
		certificates->at++;
	}
	if (done)
		certificates->at = 0;
	/* Large folders that change are not put in order for each file. */
	if (done && certificates->changed)
		renew_all(certificates);
	loop_timer_set(certificates->loop, timer, done ? LOOK_MS : PAUSE_MS);
}

struct tls_certificates *tls_certificates_create(const struct config *config,
						 struct loop *loop,
						 struct config_errors *errors)
{
	size_t count = config->certificates.count;
	struct tls_certificates *certificates =
		calloc(1, sizeof(*certificates) +
				  count * sizeof(certificates->sources[0]));
	bool good = true;

	if (!certificates) {
		config_error_add(errors, config->at,
				 "certificates: out of memory");
		return NULL;
	}
	pthread_mutex_init(&certificates->lock, NULL);
	certificates->users = 1;
	certificates->count = count;
	for (size_t i = 0; i < count; i++)
		good &= tls_source_read(&certificates->sources[i],
					&config->certificates.items[i], errors);
	if (!good) {
		put(certificates);
		return NULL;
	}
	certificates->loop = loop;
	certificates->timer.expire = look;
	if (loop && count)
		loop_timer_set(loop, &certificates->timer, LOOK_MS);
	return certificates;
}

void tls_certificates_free(struct tls_certificates *certificates)
{
	if (!certificates)
		return;
	if (certificates->loop)
		loop_timer_del(certificates->loop, &certificates->timer);
	put(certificates);
}

static bool find_source(const struct tls_certificates *certificates,
			const char *name, size_t *number)
{
	for (size_t i = 0; i < certificates->count; i++) {
		if (strcmp(certificates->sources[i].name, name) == 0) {
			*number = i;
			return true;
		}
	}
	return false;
}

static void link_view(struct tls_view *view)
{
	struct tls_certificates *certificates = view->certificates;

	pthread_mutex_lock(&certificates->lock);
	view->made = certificates->round;
	view->next = certificates->views;
	view->link = &certificates->views;
	if (view->next)
		view->next->link = &view->next;
	certificates->views = view;
	pthread_mutex_unlock(&certificates->lock);
}

struct tls_view *tls_view_create(struct tls_certificates *certificates,
				 char *const *names, size_t count,
				 struct config_place at, const char *path,
				 struct config_errors *errors)
{
	struct tls_view *view =
		calloc(1, sizeof(*view) + count * sizeof(view->sources[0]));

	if (!view) {
		config_error_add(errors, at, "%s: out of memory", path);
		return NULL;
	}
	view->users = 1;
	view->count = count;
	view->certificates = certificates;
	for (size_t i = 0; i < count; i++) {
		if (find_source(certificates, names[i], &view->sources[i]))
			continue;
		config_error_add(
			errors, at,
			"%s: no certificate '%s'; give one of 'certificates'",
			path, names[i]);
		goto err_free;
	}
	view->names = make_names(view);
	if (!view->names) {
		config_error_add(
			errors, at,
			"%s: no certificate in the folders; put NAME.pem with NAME.key there",
			path);
		goto err_free;
	}
	__atomic_fetch_add(&certificates->users, 1, __ATOMIC_RELAXED);
	link_view(view);
	return view;

err_free:
	free(view);
	return NULL;
}

void tls_view_free(struct tls_view *view)
{
	struct tls_certificates *certificates;
	bool last;

	if (!view)
		return;
	certificates = view->certificates;
	pthread_mutex_lock(&certificates->lock);
	last = --view->users == 0;
	if (last) {
		*view->link = view->next;
		if (view->next)
			view->next->link = view->link;
	}
	pthread_mutex_unlock(&certificates->lock);
	if (!last)
		return;
	tls_names_put(view->names);
	free(view);
	put(certificates);
}

struct tls_names *tls_view_names(struct tls_view *view)
{
	struct tls_names *names;

	pthread_mutex_lock(&view->certificates->lock);
	names = tls_names_get(view->names);
	pthread_mutex_unlock(&view->certificates->lock);
	return names;
}

bool tls_view_use(struct tls_view *view, SSL *ssl, const char *host)
{
	struct tls_names *names = tls_view_names(view);
	const struct tls_choice *choice = tls_names_find(names, host);
	bool good = true;

	for (int i = 0; good && i < TLS_KEY_KINDS; i++)
		if (choice->by_kind[i])
			good = tls_certificate_use(choice->by_kind[i], ssl);
	tls_names_put(names);
	return good;
}
