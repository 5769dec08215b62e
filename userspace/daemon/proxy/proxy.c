// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "config/node.h"
#include "client_relay.h"
#include "listening.h"
#include "log.h"
#include "proxy.h"
#include "proxy_parts.h"
#include "relay_secrets.h"
#include "sticky.h"
#include "worker.h"

#define NS_PER_MS 1000000U

TAILQ_HEAD(plan_list, plan);

/**
 * struct proxy - stratum proxy
 * @loop: of the main thread
 * @wakeup: workers call there
 * @threads: how many workers there are to be
 * @workers: started so far: all of them, or none
 * @worker_count: how many
 * @next: worker that gets the next client that is given back
 * @parts: what plans share
 * @plan: in force, or NULL
 * @leaves: &plan_parts.leaves that workers know of
 * @drained: &plan_parts.until has come
 * @retired: plans that workers may still have
 * @listening: sockets
 * @secret: signs cookies
 * @secrets: of clients that stratum relay has
 * @ended: to be called when all workers have ended
 * @ended_arg: for it
 */
struct proxy {
	struct loop *loop;
	struct wakeup wakeup;
	unsigned int threads;
	struct worker *workers;
	unsigned int worker_count;
	unsigned int next;
	struct plan_parts parts;
	struct plan *plan;
	uint32_t leaves;
	struct wheel_timer drained;
	struct plan_list retired;
	struct listening_list listening;
	uint8_t secret[STICKY_SECRET_SIZE];
	struct relay_secrets *secrets;
	void (*ended)(void *arg);
	void *ended_arg;
};

/**
 * struct proxy_change - what is to come into force
 * @proxy: where
 * @plan: the plan
 * @site: what it was made of
 */
struct proxy_change {
	struct proxy *proxy;
	struct plan *plan;
	const struct site *site;
};

void proxy_plan_put(struct proxy *proxy, struct plan *plan)
{
	if (__atomic_sub_fetch(&plan->users, 1, __ATOMIC_ACQ_REL) == 0)
		proxy_notify(proxy);
}

void proxy_notify(struct proxy *proxy)
{
	wakeup_send(&proxy->wakeup);
}

void proxy_wake(struct proxy *proxy)
{
	for (unsigned int i = 0; i < proxy->worker_count; i++)
		worker_order(&proxy->workers[i]);
}

/* A server may be up that was not, or is to be left. */
static void wake_concerned(struct proxy *proxy)
{
	const struct plan *plan = proxy->plan;
	bool concerned = proxy->parts.leaves != proxy->leaves;

	proxy->leaves = proxy->parts.leaves;
	for (size_t i = 0; i < plan->pool_count && !concerned; i++)
		concerned = __atomic_load_n(&plan->pools[i].load->waiting,
					    __ATOMIC_RELAXED);
	if (concerned)
		proxy_wake(proxy);
}

/* The next server has drained, at the earliest, when the timer goes off. */
static void wait_drained(struct proxy *proxy)
{
	uint64_t until = proxy->parts.until, now = loop_now(proxy->loop);

	if (until)
		loop_timer_set(proxy->loop, &proxy->drained,
			       until > now ? (until - now + NS_PER_MS - 1) /
						     NS_PER_MS :
					     0);
	else
		loop_timer_del(proxy->loop, &proxy->drained);
}

static void on_drained(struct wheel_timer *timer)
{
	struct proxy *proxy = loop_owner(timer, struct proxy, drained);

	plan_expire(proxy->plan);
	wait_drained(proxy);
	wake_concerned(proxy);
}

static bool is_unused(const struct plan *plan)
{
	return __atomic_load_n(&plan->users, __ATOMIC_ACQUIRE) == 0;
}

static void free_retired(struct proxy *proxy)
{
	struct plan *plan, *next;

	for (plan = TAILQ_FIRST(&proxy->retired); plan; plan = next) {
		next = TAILQ_NEXT(plan, of_proxy);
		if (!is_unused(plan))
			continue;
		TAILQ_REMOVE(&proxy->retired, plan, of_proxy);
		plan_free(plan);
	}
}

/* Nobody accepts any more. */
static bool all_deaf(const struct proxy *proxy)
{
	for (unsigned int i = 0; i < proxy->worker_count; i++)
		if (!__atomic_load_n(&proxy->workers[i].deaf, __ATOMIC_ACQUIRE))
			return false;
	return true;
}

static bool all_ended(const struct proxy *proxy)
{
	for (unsigned int i = 0; i < proxy->worker_count; i++)
		if (!__atomic_load_n(&proxy->workers[i].ended,
				     __ATOMIC_ACQUIRE))
			return false;
	return true;
}

/* Whether all workers have taken over what they were told last. */
static bool all_told(const struct proxy *proxy)
{
	for (unsigned int i = 0; i < proxy->worker_count; i++) {
		struct worker *worker = &proxy->workers[i];
		bool waits;

		pthread_mutex_lock(&worker->lock);
		waits = worker->order.plan;
		pthread_mutex_unlock(&worker->lock);
		if (waits || __atomic_load_n(&worker->taken,
					     __ATOMIC_ACQUIRE) != proxy->plan)
			return false;
	}
	return true;
}

static void woken(struct wakeup *wakeup)
{
	struct proxy *proxy = loop_owner(wakeup, struct proxy, wakeup);

	if (all_told(proxy))
		listening_close_stale(&proxy->listening);
	/* Who connects now is told so at once, or is served by our successor. */
	if (proxy->ended && all_deaf(proxy))
		listening_close_all(&proxy->listening);
	free_retired(proxy);
	if (proxy->ended && all_ended(proxy)) {
		void (*ended)(void *arg) = proxy->ended;

		proxy->ended = NULL;
		ended(proxy->ended_arg);
	}
}

static unsigned int processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	return (unsigned int)CPU_COUNT(&set);
}

struct proxy *proxy_create(struct loop *loop, unsigned int threads)
{
	struct proxy *proxy = calloc(1, sizeof(*proxy));
	int err;

	if (!proxy)
		return NULL;
	proxy->loop = loop;
	proxy->threads = threads ? threads : processors();
	TAILQ_INIT(&proxy->retired);
	TAILQ_INIT(&proxy->parts.services);
	TAILQ_INIT(&proxy->parts.pools);
	TAILQ_INIT(&proxy->listening);
	proxy->parts.loop = loop;
	proxy->drained.expire = on_drained;
	proxy->wakeup.woken = woken;
	err = wakeup_init(loop, &proxy->wakeup);
	if (err) {
		free(proxy);
		errno = -err;
		return NULL;
	}
	proxy->parts.tickets = tls_tickets_create(loop);
	proxy->parts.files = access_files_create();
	proxy->parts.counts = counts_create(proxy->threads);
	proxy->secrets = relay_secrets_create();
	if (!proxy->parts.tickets || !proxy->parts.counts ||
	    !proxy->parts.files || !proxy->secrets ||
	    getrandom(proxy->secret, sizeof(proxy->secret), 0) < 0) {
		proxy_free(proxy);
		return NULL;
	}
	return proxy;
}

enum last_order {
	STOP,
	DRAIN,
	DRAIN_GENTLY,
};

static void order_all(struct proxy *proxy, enum last_order last)
{
	for (unsigned int i = 0; i < proxy->worker_count; i++) {
		struct worker *worker = &proxy->workers[i];

		pthread_mutex_lock(&worker->lock);
		if (last == STOP)
			worker->order.stop = true;
		else
			worker->order.drain = true;
		worker->order.gently = last == DRAIN_GENTLY;
		pthread_mutex_unlock(&worker->lock);
		worker_order(worker);
	}
}

void proxy_free(struct proxy *proxy)
{
	if (!proxy)
		return;
	loop_timer_del(proxy->loop, &proxy->drained);
	order_all(proxy, STOP);
	for (unsigned int i = 0; i < proxy->worker_count; i++)
		worker_join(&proxy->workers[i]);
	for (unsigned int i = 0; i < proxy->worker_count; i++)
		worker_exit(&proxy->workers[i]);
	free(proxy->workers);
	if (proxy->plan)
		TAILQ_INSERT_TAIL(&proxy->retired, proxy->plan, of_proxy);
	free_retired(proxy);
	listening_close_all(&proxy->listening);
	free(proxy->parts.slots);
	free(proxy->parts.servers);
	if (proxy->parts.tickets)
		tls_tickets_free(proxy->parts.tickets);
	if (proxy->parts.files)
		access_files_free(proxy->parts.files);
	counts_free(proxy->parts.counts);
	relay_secrets_free(proxy->secrets);
	wakeup_exit(&proxy->wakeup);
	explicit_bzero(proxy->secret, sizeof(proxy->secret));
	free(proxy);
}

static bool start_workers(struct proxy *proxy, const struct config *config,
			  struct config_errors *errors)
{
	int err = 0;

	if (proxy->worker_count)
		return true;
	proxy->workers = calloc(proxy->threads, sizeof(*proxy->workers));
	if (!proxy->workers)
		err = -ENOMEM;
	for (unsigned int i = 0; !err && i < proxy->threads; i++) {
		struct worker *worker = &proxy->workers[i];

		worker->proxy = proxy;
		worker->number = i;
		worker->secret = proxy->secret;
		err = worker_start(worker);
		if (!err)
			proxy->worker_count++;
	}
	if (!proxy->worker_count) {
		free(proxy->workers);
		proxy->workers = NULL;
	}
	if (err)
		config_error_add(errors,
				 config_place_of_key(config->settings->at,
						     "threads"),
				 "settings.threads: cannot start %u: %s",
				 proxy->threads, strerror(-err));
	return !err;
}

struct proxy_change *proxy_prepare(struct proxy *proxy, const struct site *site,
				   unsigned int built,
				   struct config_errors *errors)
{
	struct proxy_change *change = calloc(1, sizeof(*change));

	if (!change) {
		config_error_add(errors, site->config->at, "out of memory");
		return NULL;
	}
	change->proxy = proxy;
	change->site = site;
	change->plan = plan_create(&proxy->parts, site, built, errors);
	if (!change->plan ||
	    (change->plan->service_count &&
	     !start_workers(proxy, site->config, errors)) ||
	    !listening_open(&proxy->listening, change->plan,
			    proxy->worker_count, errors)) {
		proxy_abandon(change);
		return NULL;
	}
	return change;
}

void proxy_abandon(struct proxy_change *change)
{
	listening_abandon(&change->proxy->listening);
	plan_free(change->plan);
	free(change);
}

static void tell(struct proxy *proxy, struct worker *worker)
{
	struct plan *old;
	struct listener *listeners;
	size_t count;

	listeners = listening_for(&proxy->listening, worker->number,
				  proxy->worker_count, &count);
	pthread_mutex_lock(&worker->lock);
	old = worker->order.plan;
	free(worker->order.listeners);
	worker->order.plan = proxy->plan;
	worker->order.listeners = listeners;
	worker->order.listener_count = count;
	pthread_mutex_unlock(&worker->lock);
	/* One that it never came to. */
	if (old)
		proxy_plan_put(proxy, old);
	worker_order(worker);
}

static void retire(struct proxy *proxy, struct plan *plan)
{
	/* Requests still have it, and servers have other weights now. */
	for (size_t i = 0; i < plan->pool_count; i++)
		plan_pool_changed(&plan->pools[i]);
	TAILQ_INSERT_TAIL(&proxy->retired, plan, of_proxy);
}

static void use(struct proxy *proxy, struct plan *plan, const struct site *site)
{
	plan_settle(plan, site);
	wait_drained(proxy);
	if (proxy->plan)
		retire(proxy, proxy->plan);
	proxy->plan = plan;
	proxy->parts.plan = plan;
	plan->users = proxy->worker_count;
	for (unsigned int i = 0; i < proxy->worker_count; i++)
		tell(proxy, &proxy->workers[i]);
	free_retired(proxy);
}

void proxy_commit(struct proxy_change *change)
{
	listening_commit(&change->proxy->listening, change->plan);
	use(change->proxy, change->plan, change->site);
	/* What was inherited, and nobody wants. */
	if (!change->proxy->worker_count)
		listening_close_stale(&change->proxy->listening);
	free(change);
}

/* A plan is made of files, too, which may have become wrong. */
static void log_kept(struct config_errors *errors)
{
	char text[512] = "out of memory";
	FILE *to = fmemopen(text, sizeof(text), "w");

	if (to) {
		config_errors_print(errors, to);
		fclose(to);
	}
	text[sizeof(text) - 1] = '\0';
	text[strcspn(text, "\n")] = '\0';
	log_error(NULL, "servers of stratum proxy stay as they were: %s", text);
}

void proxy_refresh(struct proxy *proxy, const struct site *site,
		   unsigned int built)
{
	struct config_errors errors = { 0 };
	struct plan *plan;

	if (!proxy->plan)
		return;
	if (!plan_refresh(proxy->plan, site)) {
		wait_drained(proxy);
		wake_concerned(proxy);
		return;
	}
	/* Other servers: the same services with another list. */
	plan = plan_create(&proxy->parts, site, built, &errors);
	if (plan) {
		listening_commit(&proxy->listening, plan);
		use(proxy, plan, site);
	} else {
		log_kept(&errors);
	}
	config_errors_free(&errors);
}

bool proxy_is_idle(const struct proxy *proxy, const struct site_server *server)
{
	const struct plan_server *of = plan_server_lookup(
		&proxy->parts, server->pool->config, &server->at);

	return !of || __atomic_load_n(&of->load.active, __ATOMIC_RELAXED) == 0;
}

void proxy_drain(struct proxy *proxy, bool gently, void (*ended)(void *arg),
		 void *arg)
{
	if (!proxy->worker_count) {
		listening_close_all(&proxy->listening);
		ended(arg);
		return;
	}
	proxy->ended = ended;
	proxy->ended_arg = arg;
	order_all(proxy, gently ? DRAIN_GENTLY : DRAIN);
}

void proxy_set_secret(struct proxy *proxy,
		      const uint8_t secret[STICKY_SECRET_SIZE])
{
	memcpy(proxy->secret, secret, STICKY_SECRET_SIZE);
}

void proxy_adopt(struct proxy *proxy, const struct sluice_relay_client *client)
{
	struct client_return *returned = malloc(sizeof(*returned)), **last;
	struct worker *worker;

	if (!returned) {
		close(client->fd);
		free(client->data);
		return;
	}
	*returned = (struct client_return){ .relay = *client };
	if (!proxy->worker_count) {
		client_return_free(returned);
		return;
	}
	worker = &proxy->workers[proxy->next++ % proxy->worker_count];
	pthread_mutex_lock(&worker->lock);
	last = &worker->order.returned;
	while (*last)
		last = &(*last)->next;
	*last = returned;
	pthread_mutex_unlock(&worker->lock);
	worker_order(worker);
}

int proxy_inherit(struct proxy *proxy, int fd, char *error, size_t size)
{
	return listening_inherit(&proxy->listening, fd, error, size);
}

int *proxy_sockets(const struct proxy *proxy, size_t *count)
{
	return listening_fds(&proxy->listening, count);
}

struct tls_tickets *proxy_tickets(const struct proxy *proxy)
{
	return proxy->parts.tickets;
}

struct relay_secrets *proxy_secrets(const struct proxy *proxy)
{
	return proxy->secrets;
}

const struct plan *proxy_plan(const struct proxy *proxy)
{
	return proxy->plan;
}

struct counts_table *proxy_counts(const struct proxy *proxy)
{
	return proxy->parts.counts;
}

const struct access_files *proxy_access(const struct proxy *proxy)
{
	return proxy->parts.files;
}

void proxy_reopen(struct proxy *proxy)
{
	access_files_reopen(proxy->parts.files);
}
