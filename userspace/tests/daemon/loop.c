// SPDX-License-Identifier: GPL-2.0-or-later
/* The event loop: what is removed gets no event, and what is free is not touched. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../ktap.h"
#include "child.h"
#include "loop.h"
#include "signals.h"
#include "wakeup.h"

#define PAIRS 50

static struct loop *loop;
static unsigned int events_seen;

struct peer {
	struct loop_fd fd;
	struct wheel_timer timer;
	struct loop_task task;
	int other;
};

static struct peer *peers[PAIRS];

static void free_peer(struct peer *peer)
{
	loop_fd_close(loop, &peer->fd);
	loop_timer_del(loop, &peer->timer);
	loop_task_del(loop, &peer->task);
	close(peer->other);
	free(peer);
}

/* The first that is called frees all, itself included. */
static void free_all(void)
{
	events_seen++;
	for (int i = 0; i < PAIRS; i++) {
		free_peer(peers[i]);
		peers[i] = NULL;
	}
}

static void ready_frees(struct loop_fd *fd, uint32_t events)
{
	(void)fd;
	(void)events;
	free_all();
}

static void timer_frees(struct wheel_timer *timer)
{
	(void)timer;
	free_all();
}

static void task_frees(struct loop_task *task)
{
	(void)task;
	free_all();
}

static void make_peers(void)
{
	for (int i = 0; i < PAIRS; i++) {
		struct peer *peer = calloc(1, sizeof(*peer));
		int pair[2];

		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			   0, pair);
		peer->fd.ready = ready_frees;
		peer->timer.expire = timer_frees;
		peer->task.run = task_frees;
		peer->other = pair[1];
		loop_fd_add(loop, &peer->fd, pair[0],
			    EPOLLIN | EPOLLRDHUP | EPOLLET);
		peers[i] = peer;
	}
	events_seen = 0;
}

static bool all_freed_by_one(int what)
{
	make_peers();
	for (int i = 0; i < PAIRS; i++) {
		if (what == 0 && write(peers[i]->other, "x", 1) != 1)
			return false;
		if (what == 1)
			loop_timer_set(loop, &peers[i]->timer, 1);
		if (what == 2)
			loop_task_add(loop, &peers[i]->task);
	}
	for (int i = 0; i < 3; i++)
		loop_turn(loop, 10);
	return events_seen == 1 && !peers[0];
}

/* The numbers of closed descriptors are in use again before their events come. */
static struct loop_fd second[PAIRS];
static int second_other[PAIRS];

static void never(struct loop_fd *fd, uint32_t events)
{
	(void)fd;
	(void)events;
	events_seen += 100;
}

static void ready_replaces(struct loop_fd *fd, uint32_t events)
{
	(void)fd;
	(void)events;
	events_seen++;
	for (int i = 0; i < PAIRS; i++)
		loop_fd_close(loop, &peers[i]->fd);
	for (int i = 0; i < PAIRS; i++) {
		int pair[2];

		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
		second[i].ready = never;
		second_other[i] = pair[1];
		loop_fd_add(loop, &second[i], pair[0], EPOLLIN);
	}
}

static bool number_used_again(void)
{
	make_peers();
	for (int i = 0; i < PAIRS; i++) {
		peers[i]->fd.ready = ready_replaces;
		if (write(peers[i]->other, "x", 1) != 1)
			return false;
	}
	loop_turn(loop, 10);
	loop_turn(loop, 0);
	for (int i = 0; i < PAIRS; i++) {
		loop_fd_close(loop, &second[i]);
		close(second_other[i]);
		close(peers[i]->other);
		free(peers[i]);
	}
	return events_seen == 1;
}

/* A copy of the socket, as a child before its exec has, keeps events coming. */
static bool closed_but_copied(void)
{
	struct loop_fd fd = { .ready = never };
	int pair[2], copy;

	events_seen = 0;
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
	copy = dup(pair[0]);
	loop_fd_add(loop, &fd, pair[0], EPOLLIN);
	loop_fd_close(loop, &fd);
	if (write(pair[1], "x", 1) != 1)
		return false;
	loop_turn(loop, 10);
	close(copy);
	close(pair[1]);
	return events_seen == 0;
}

static void count_ready(struct loop_fd *fd, uint32_t events)
{
	(void)fd;
	(void)events;
	events_seen++;
}

/* The handler of a parked descriptor, in the turn in which it has an event. */
struct heir {
	struct loop_fd fd;
	struct loop_fd waker;
	int parked;
	unsigned int events;
};

static void ready_inherits(struct loop_fd *fd, uint32_t events)
{
	struct heir *heir = loop_owner(fd, struct heir, waker);

	(void)events;
	if (heir->fd.fd < 0)
		loop_fd_resume(loop, &heir->fd, heir->parked);
}

static void ready_counts(struct loop_fd *fd, uint32_t events)
{
	(void)events;
	loop_owner(fd, struct heir, fd)->events++;
}

static bool parked(void)
{
	struct heir heir = { .fd.ready = ready_counts,
			     .waker.ready = ready_inherits };
	int wakers[2], pair[2];
	unsigned int while_parked, same_turn, later;
	char byte;

	socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, wakers);
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
	loop_fd_add(loop, &heir.waker, wakers[0], EPOLLIN | EPOLLET);
	loop_fd_add(loop, &heir.fd, pair[0], EPOLLIN | EPOLLET);
	heir.parked = loop_fd_park(loop, &heir.fd);
	if (write(pair[1], "x", 1) != 1)
		return false;
	loop_turn(loop, 0);
	while_parked = heir.events;

	/* Both have an event, and the one that is told first resumes the other. */
	if (write(wakers[1], "x", 1) != 1 || write(pair[1], "x", 1) != 1)
		return false;
	loop_turn(loop, 0);
	same_turn = heir.events;

	if (read(pair[0], &byte, 1) != 1 || write(pair[1], "x", 1) != 1)
		return false;
	loop_turn(loop, 0);
	later = heir.events;
	loop_fd_close(loop, &heir.fd);
	loop_fd_close(loop, &heir.waker);
	close(pair[1]);
	close(wakers[1]);
	return heir.parked == pair[0] && while_parked == 0 && same_turn == 0 &&
	       later == 1;
}

static bool taken_out_and_back(void)
{
	struct loop_fd fd = { .ready = count_ready };
	int pair[2];
	unsigned int in, out, back;

	events_seen = 0;
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
	loop_fd_add(loop, &fd, pair[0], EPOLLIN);
	if (write(pair[1], "x", 1) != 1)
		return false;
	loop_turn(loop, 10);
	in = events_seen;
	loop_fd_del(loop, &fd);
	loop_turn(loop, 0);
	out = events_seen;
	loop_fd_add(loop, &fd, pair[0], EPOLLOUT);
	loop_fd_mod(loop, &fd, EPOLLIN);
	loop_turn(loop, 10);
	back = events_seen;
	loop_fd_close(loop, &fd);
	close(pair[1]);
	return in == 1 && out == 1 && back == 2;
}

static unsigned int order;

static void first_task(struct loop_task *task)
{
	order = order * 10 + 1;
	/* It is due in the next turn. */
	loop_task_add(loop, task);
}

static void other_task(struct loop_task *task)
{
	(void)task;
	order = order * 10 + 2;
}

static bool tasks_in_order(void)
{
	struct loop_task first = { .run = first_task };
	struct loop_task other = { .run = other_task };
	struct loop_task gone = { .run = first_task };

	order = 0;
	loop_task_add(loop, &first);
	loop_task_add(loop, &gone);
	loop_task_del(loop, &gone);
	loop_task_add(loop, &other);
	loop_task_add(loop, &first);
	loop_turn(loop, -1);
	if (order != 12)
		return false;
	loop_turn(loop, -1);
	loop_task_del(loop, &first);
	loop_turn(loop, 0);
	return order == 121;
}

static uint64_t expired_at;

static void note_time(struct wheel_timer *timer)
{
	(void)timer;
	expired_at = loop_now(loop);
}

static bool never_early(void)
{
	struct wheel_timer timer = { .expire = note_time };

	for (int i = 0; i < 30; i++) {
		uint64_t set;

		loop_turn(loop, 0);
		set = loop_now(loop);
		expired_at = 0;
		loop_timer_set(loop, &timer, (uint64_t)i % 4);
		/* Without waiting, which by itself ends late. */
		while (!expired_at)
			loop_turn(loop, 0);
		if (expired_at - set < (uint64_t)(i % 4) * 1000000)
			return false;
	}
	return true;
}

/* What has arrived in time comes before the time-out, even when all is late. */
static void ready_first(struct loop_fd *fd, uint32_t events)
{
	(void)fd;
	(void)events;
	order = order * 10 + 1;
}

static void timer_after(struct wheel_timer *timer)
{
	(void)timer;
	order = order * 10 + 2;
}

static bool bytes_before_time(void)
{
	struct wheel_timer timer = { .expire = timer_after };
	struct loop_fd fd = { .ready = ready_first };
	int pair[2];

	order = 0;
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
	loop_fd_add(loop, &fd, pair[0], EPOLLIN | EPOLLET);
	loop_turn(loop, 0);
	loop_timer_set(loop, &timer, 1);
	if (write(pair[1], "x", 1) != 1)
		return false;
	usleep(5000);
	loop_turn(loop, -1);
	loop_fd_close(loop, &fd);
	close(pair[1]);
	return order == 12;
}

static unsigned int woken_count;

static void woken(struct wakeup *wakeup)
{
	(void)wakeup;
	woken_count++;
	loop_stop(loop);
}

static void *wake(void *wakeup)
{
	for (int i = 0; i < 1000; i++)
		wakeup_send(wakeup);
	return NULL;
}

static bool woken_by_threads(void)
{
	struct wakeup wakeup = { .woken = woken };
	pthread_t thread[2];

	woken_count = 0;
	if (wakeup_init(loop, &wakeup) != 0)
		return false;
	for (int i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, wake, &wakeup);
	loop_run(loop);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	/* After the last one comes another turn, not 2000. */
	wakeup_send(&wakeup);
	loop_turn(loop, 1000);
	wakeup_exit(&wakeup);
	return woken_count >= 2 && woken_count < 2000;
}

static int arrived_signal;

static void arrived(struct signals *signals,
		    const struct signalfd_siginfo *info)
{
	(void)signals;
	arrived_signal = (int)info->ssi_signo;
}

static bool signal_arrives(void)
{
	struct signals signals = { .arrived = arrived };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	if (signals_watch(loop, &signals, &set) != 0)
		return false;
	raise(SIGUSR1);
	loop_turn(loop, 1000);
	signals_forget(&signals);
	return arrived_signal == SIGUSR1;
}

static int exit_code, exit_status;

static void exited(struct child *child, int code, int status)
{
	(void)child;
	exit_code = code;
	exit_status = status;
	loop_stop(loop);
}

static pid_t start_child(struct child *child, bool hangs)
{
	pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		if (hangs)
			pause();
		_exit(7);
	}
	setpgid(pid, pid);
	child->exited = exited;
	return child_watch(loop, child, pid) == 0 ? pid : -1;
}

static bool child_ends(void)
{
	struct child child;

	if (start_child(&child, false) < 0)
		return false;
	loop_run(loop);
	if (exit_code != CLD_EXITED || exit_status != 7)
		return false;
	if (start_child(&child, true) < 0)
		return false;
	child_kill(&child);
	loop_run(loop);
	return exit_code == CLD_KILLED && exit_status == SIGKILL &&
	       waitpid(-1, NULL, WNOHANG) == -1;
}

/* As many as a busy proxy has, all moved on again and again. */
static bool many_timers(void)
{
	enum {
		MANY = 100000
	};
	struct wheel_timer *many = calloc(MANY, sizeof(*many));
	bool passed = true;

	for (int i = 0; i < MANY; i++)
		many[i].expire = timer_after;
	for (int round = 0; round < 20; round++)
		for (int i = 0; i < MANY; i++)
			loop_timer_set(loop, &many[i],
				       10000 + (unsigned int)(i + round));
	for (int i = 0; i < MANY; i++) {
		passed = passed && wheel_is_set(&many[i]);
		loop_timer_del(loop, &many[i]);
	}
	free(many);
	order = 0;
	loop_turn(loop, 0);
	return passed && order == 0;
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	signal(SIGPIPE, SIG_IGN);
	loop = loop_create(NULL);
	ktap_result(&ktap, all_freed_by_one(0),
		    "an event frees all that have one");
	ktap_result(&ktap, all_freed_by_one(1), "a timer frees all timers");
	ktap_result(&ktap, all_freed_by_one(2), "a task frees all tasks");
	ktap_result(&ktap, number_used_again(),
		    "an event is not for who has the number next");
	ktap_result(&ktap, closed_but_copied(),
		    "no event of what is closed, though there is a copy");
	ktap_result(&ktap, taken_out_and_back(), "taken out, and back");
	ktap_result(&ktap, parked(),
		    "parked, and no event of before for who is next");
	ktap_result(&ktap, tasks_in_order(), "tasks in order, once a turn");
	ktap_result(&ktap, never_early(), "timers are never early");
	ktap_result(&ktap, bytes_before_time(), "bytes come before time-outs");
	ktap_result(&ktap, woken_by_threads(), "woken up by other threads");
	ktap_result(&ktap, signal_arrives(), "a signal arrives");
	ktap_result(&ktap, child_ends(), "a child ends, and is killed");
	ktap_result(&ktap, many_timers(), "100000 timers, moved 20 times");
	loop_free(loop);
	return ktap_end(&ktap);
}
