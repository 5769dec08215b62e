/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop: file descriptors, timers, and tasks for the end of a turn. A
 * loop belongs to one thread; nothing in it is locked or shared.
 *
 * What the loop calls back is embedded in what it belongs to, so that an event
 * costs no allocation. A callback may remove and free anything, what it was
 * called for included: an event that is still on its way for what is gone is not
 * delivered.
 *
 * Descriptors are meant to be added once, edge-triggered and for both directions,
 * and closed: no system call in between.
 */
#ifndef DAEMON_LOOP_H
#define DAEMON_LOOP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "wheel.h"

#define loop_owner(member_address, type, member) \
	((type *)(void *)((char *)(member_address) - offsetof(type, member)))

/* For descriptors that are read and written until EAGAIN. */
#define LOOP_STREAM (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)

struct loop;

/**
 * struct loop_fd - a file descriptor in a loop
 * @ready: called with what epoll says of it
 * @fd: the descriptor, filled in by loop_fd_add(); -1 after loop_fd_close()
 */
struct loop_fd {
	void (*ready)(struct loop_fd *fd, uint32_t events);
	int fd;
};

/**
 * struct loop_task - something to do at the end of a turn; all zero: not queued
 * @run: called once
 * @next: in the loop's list
 * @link: what points here, NULL while it is not queued
 */
struct loop_task {
	void (*run)(struct loop_task *task);
	struct loop_task *next;
	struct loop_task **link;
};

/**
 * loop_create() - make a loop for the calling thread
 * @clock: nanoseconds that never go back; NULL: CLOCK_MONOTONIC. Tests have one
 *	of their own.
 *
 * Return: the loop, or NULL with errno set
 */
struct loop *loop_create(uint64_t (*clock)(void));

/**
 * loop_free() - the end of a loop
 * @loop: a loop that does not run, or NULL
 *
 * Descriptors in it are not closed. Tasks that are queued are run before, and
 * those that they queue.
 */
void loop_free(struct loop *loop);

/**
 * loop_run() - turn until loop_stop()
 * @loop: of this thread
 *
 * Return: 0, or a negative errno: epoll itself failed
 */
int loop_run(struct loop *loop);

/**
 * loop_stop() - loop_run() returns at the end of this turn
 * @loop: of this thread
 */
void loop_stop(struct loop *loop);

/**
 * loop_turn() - wait, and call back for what has come
 * @loop: of this thread
 * @wait_ms: at most this long; negative: as long as there is nothing to do
 *
 * In one turn come descriptors, then timers, then tasks: what has arrived in time
 * is seen before the time-out, even if the turn is late.
 *
 * Return: 0, or a negative errno
 */
int loop_turn(struct loop *loop, int wait_ms);

/**
 * loop_now() - the time at which this turn began
 * @loop: of this thread
 *
 * Return: nanoseconds of the loop's clock
 */
uint64_t loop_now(const struct loop *loop);

/**
 * loop_clock() - the time right now
 * @loop: of this thread
 *
 * Return: nanoseconds of the loop's clock
 */
uint64_t loop_clock(const struct loop *loop);

/**
 * loop_fd_add() - have events of a descriptor delivered
 * @loop: of this thread
 * @handler: with @ready filled in, in no loop
 * @fd: the descriptor
 * @events: of epoll
 *
 * Return: 0, or a negative errno
 */
int loop_fd_add(struct loop *loop, struct loop_fd *handler, int fd,
		uint32_t events);

/**
 * loop_fd_mod() - other events from now on
 * @loop: of this thread
 * @handler: in the loop
 * @events: of epoll
 *
 * Return: 0, or a negative errno
 */
int loop_fd_mod(struct loop *loop, struct loop_fd *handler, uint32_t events);

/**
 * loop_fd_del() - take out a descriptor that stays open
 * @loop: of this thread
 * @handler: in the loop
 */
void loop_fd_del(struct loop *loop, struct loop_fd *handler);

/**
 * loop_fd_close() - take a descriptor out by closing it
 * @loop: of this thread
 * @handler: in the loop
 *
 * Saves the system call of loop_fd_del(). A child between fork and exec may hold
 * a copy for a moment, so that epoll still has events of it: they are dropped.
 */
void loop_fd_close(struct loop *loop, struct loop_fd *handler);

/**
 * loop_fd_park() - take a descriptor out that stays open, and in epoll
 * @loop: of this thread
 * @handler: in the loop
 *
 * Its events are dropped. Saves the system calls of loop_fd_del() and of a later
 * loop_fd_add().
 *
 * Return: the descriptor, for loop_fd_resume()
 */
int loop_fd_park(struct loop *loop, struct loop_fd *handler);

/**
 * loop_fd_resume() - have events of a parked descriptor delivered again
 * @loop: of this thread
 * @handler: with @ready filled in, in no loop
 * @fd: that loop_fd_park() returned
 *
 * The events are those that it was added for, from the next turn on: what came
 * before is not told again.
 */
void loop_fd_resume(struct loop *loop, struct loop_fd *handler, int fd);

/**
 * loop_timer_set() - set a timer, or move it
 * @loop: of this thread
 * @timer: with @expire filled in
 * @delay_ms: from the beginning of this turn; it never expires before that
 */
void loop_timer_set(struct loop *loop, struct wheel_timer *timer,
		    uint64_t delay_ms);

/**
 * loop_timer_del() - a timer shall not expire
 * @loop: of this thread
 * @timer: set or not
 */
void loop_timer_del(struct loop *loop, struct wheel_timer *timer);

/**
 * loop_task_add() - have something done at the end of the turn
 * @loop: of this thread
 * @task: with @run filled in; queued already, it stays where it is
 *
 * For what must not be done deep in somebody's callback: to free, or to start the
 * next of a row. One that is added by a task runs in the next turn.
 */
void loop_task_add(struct loop *loop, struct loop_task *task);

/**
 * loop_task_del() - not to be done after all
 * @loop: of this thread
 * @task: queued or not
 */
void loop_task_del(struct loop *loop, struct loop_task *task);

#endif /* DAEMON_LOOP_H */
