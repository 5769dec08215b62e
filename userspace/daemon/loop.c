// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "loop.h"

#define NS_PER_MS 1000000U

/* Events of one system call, and timers of one turn: then others get theirs. */
#define EVENTS 256
#define TIMERS 1024

/*
 * Who has a descriptor. What epoll reports carries the generation that the slot
 * had when the descriptor was added; a handler that was taken out since, even if
 * the number is in use again, has another one. A descriptor that was parked keeps
 * its generation: what epoll said in the turn @since is not for its new handler.
 * 0, which is no turn: it was not parked.
 */
struct slot {
	struct loop_fd *handler;
	uint32_t generation;
	uint32_t since;
};

struct loop {
	int epoll;
	bool stopped;
	uint32_t turn;
	uint64_t now;
	uint64_t (*clock)(void);
	/* By descriptor. */
	struct slot *slots;
	size_t slot_count;
	struct loop_task *tasks;
	struct loop_task **tasks_end;
	/* Those of this turn. */
	struct loop_task *running;
	struct wheel wheel;
	struct epoll_event events[EVENTS];
};

static uint64_t monotonic(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec;
}

struct loop *loop_create(uint64_t (*clock)(void))
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return NULL;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll < 0) {
		free(loop);
		return NULL;
	}
	loop->clock = clock ? clock : monotonic;
	loop->now = loop->clock();
	loop->tasks_end = &loop->tasks;
	wheel_init(&loop->wheel, loop->now / NS_PER_MS);
	return loop;
}

static void run_tasks(struct loop *loop)
{
	struct loop_task *task;

	loop->running = loop->tasks;
	loop->tasks = NULL;
	loop->tasks_end = &loop->tasks;
	if (loop->running)
		loop->running->link = &loop->running;
	while ((task = loop->running)) {
		loop_task_del(loop, task);
		task->run(task);
	}
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	while (loop->tasks)
		run_tasks(loop);
	close(loop->epoll);
	free(loop->slots);
	free(loop);
}

uint64_t loop_now(const struct loop *loop)
{
	return loop->now;
}

uint64_t loop_clock(const struct loop *loop)
{
	return loop->clock();
}

void loop_stop(struct loop *loop)
{
	loop->stopped = true;
}

int loop_run(struct loop *loop)
{
	int err = 0;

	loop->stopped = false;
	while (!err && !loop->stopped)
		err = loop_turn(loop, -1);
	return err;
}

/* How long epoll may wait, in milliseconds; it wakes up late, never early. */
static int wait_time(struct loop *loop, int wait_ms)
{
	uint64_t next, now;

	if (loop->tasks || wait_ms == 0)
		return 0;
	next = wheel_next(&loop->wheel);
	if (next == WHEEL_NEVER)
		return wait_ms;
	now = loop->clock() / NS_PER_MS;
	if (next <= now)
		return 0;
	next -= now;
	if (wait_ms > 0 && next > (uint64_t)wait_ms)
		return wait_ms;
	return next > INT32_MAX ? INT32_MAX : (int)next;
}

static void deliver(struct loop *loop, const struct epoll_event *event)
{
	size_t fd = (uint32_t)event->data.u64;
	const struct slot *slot = &loop->slots[fd];

	if (slot->handler && slot->since != loop->turn &&
	    slot->generation == event->data.u64 >> 32)
		slot->handler->ready(slot->handler, event->events);
}

int loop_turn(struct loop *loop, int wait_ms)
{
	struct wheel_timer *timer;
	int count;

	count = epoll_wait(loop->epoll, loop->events, EVENTS,
			   wait_time(loop, wait_ms));
	if (count < 0 && errno != EINTR)
		return -errno;
	loop->now = loop->clock();
	if (++loop->turn == 0)
		loop->turn = 1;
	for (int i = 0; i < count; i++)
		deliver(loop, &loop->events[i]);

	wheel_advance(&loop->wheel, loop->now / NS_PER_MS);
	for (int i = 0; i < TIMERS && (timer = wheel_pop(&loop->wheel)); i++)
		timer->expire(timer);
	run_tasks(loop);
	return 0;
}

/* Room for @fd in the table. */
static int grow(struct loop *loop, size_t fd)
{
	size_t count = loop->slot_count ? loop->slot_count : 64;
	struct slot *slots;

	if (fd < loop->slot_count)
		return 0;
	while (count <= fd)
		count *= 2;
	slots = realloc(loop->slots, count * sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	for (size_t i = loop->slot_count; i < count; i++)
		slots[i] = (struct slot){ 0 };
	loop->slots = slots;
	loop->slot_count = count;
	return 0;
}

static int control(struct loop *loop, int op, int fd, uint32_t events)
{
	struct epoll_event event = {
		.events = events,
		.data.u64 = (uint64_t)loop->slots[fd].generation << 32 |
			    (uint32_t)fd,
	};

	return epoll_ctl(loop->epoll, op, fd, &event) ? -errno : 0;
}

int loop_fd_add(struct loop *loop, struct loop_fd *handler, int fd,
		uint32_t events)
{
	int err;

	if (fd < 0)
		return -EBADF;
	err = grow(loop, (size_t)fd);
	if (!err)
		err = control(loop, EPOLL_CTL_ADD, fd, events);
	if (err)
		return err;
	handler->fd = fd;
	loop->slots[fd].handler = handler;
	loop->slots[fd].since = 0;
	return 0;
}

int loop_fd_mod(struct loop *loop, struct loop_fd *handler, uint32_t events)
{
	return control(loop, EPOLL_CTL_MOD, handler->fd, events);
}

static void forget(struct loop *loop, int fd)
{
	loop->slots[fd].handler = NULL;
	loop->slots[fd].generation++;
}

void loop_fd_del(struct loop *loop, struct loop_fd *handler)
{
	control(loop, EPOLL_CTL_DEL, handler->fd, 0);
	forget(loop, handler->fd);
}

void loop_fd_close(struct loop *loop, struct loop_fd *handler)
{
	forget(loop, handler->fd);
	close(handler->fd);
	handler->fd = -1;
}

int loop_fd_park(struct loop *loop, struct loop_fd *handler)
{
	int fd = handler->fd;

	loop->slots[fd].handler = NULL;
	handler->fd = -1;
	return fd;
}

void loop_fd_resume(struct loop *loop, struct loop_fd *handler, int fd)
{
	handler->fd = fd;
	loop->slots[fd].handler = handler;
	loop->slots[fd].since = loop->turn;
}

void loop_timer_set(struct loop *loop, struct wheel_timer *timer,
		    uint64_t delay_ms)
{
	/* Rounded up: the time of this turn has parts of a millisecond. */
	uint64_t now = (loop->now + NS_PER_MS - 1) / NS_PER_MS;

	wheel_set(&loop->wheel, timer, now + delay_ms);
}

void loop_timer_del(struct loop *loop, struct wheel_timer *timer)
{
	wheel_del(&loop->wheel, timer);
}

void loop_task_add(struct loop *loop, struct loop_task *task)
{
	if (task->link)
		return;
	task->next = NULL;
	task->link = loop->tasks_end;
	*loop->tasks_end = task;
	loop->tasks_end = &task->next;
}

void loop_task_del(struct loop *loop, struct loop_task *task)
{
	if (!task->link)
		return;
	if (loop->tasks_end == &task->next)
		loop->tasks_end = task->link;
	*task->link = task->next;
	if (task->next)
		task->next->link = task->link;
	task->link = NULL;
}
