// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "notify.h"

#define STATUS_MAX 512

/* How long a manager that is busy may take for what must not get lost. */
#define WAIT_MS 1000

/*
 * Who wants to know. @fd is -1 where nobody does; @watchdog_ms is 0 where nobody
 * waits for signs of life, and @loop is NULL before the first notify_ready().
 */
static struct {
	int fd;
	struct sockaddr_un address;
	socklen_t address_size;
	struct loop *loop;
	struct wheel_timer timer;
	uint64_t watchdog_ms;
} manager = { .fd = -1 };

static bool has_address(void)
{
	const char *name = getenv("NOTIFY_SOCKET");
	size_t length = name ? strlen(name) : 0;

	if (length == 0)
		return false;
	if ((name[0] != '/' && name[0] != '@') || length < 2 ||
	    length >= sizeof(manager.address.sun_path)) {
		log_warning(
			((struct log_field[]){ { "socket", name }, { 0 } }),
			"NOTIFY_SOCKET is neither a path nor '@' and a name: the service manager is not told anything");
		return false;
	}
	manager.address.sun_family = AF_UNIX;
	memcpy(manager.address.sun_path, name, length + 1);
	/* Names without a file begin with a NUL, and have none at the end. */
	if (name[0] == '@')
		manager.address.sun_path[0] = '\0';
	manager.address_size =
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + length +
			    (name[0] == '/'));
	return true;
}

static bool is_number(const char *text, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && !*end && errno == 0;
}

/* Return: milliseconds between signs of life, 0: none */
static uint64_t watchdog_interval(void)
{
	const char *interval = getenv("WATCHDOG_USEC");
	const char *process = getenv("WATCHDOG_PID");
	uint64_t us, pid;

	if (!interval || !is_number(interval, &us) || us == 0)
		return 0;
	if (process && (!is_number(process, &pid) || pid != (uint64_t)getpid()))
		return 0;
	return us / 2000 ? us / 2000 : 1;
}

/* Connected while it is certainly allowed to: root's socket may be for root only. */
static int open_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&manager.address,
		    manager.address_size) == 0)
		return fd;
	close(fd);
	return -1;
}

static bool send_once(const char *text)
{
	return send(manager.fd, text, strlen(text), MSG_NOSIGNAL) >= 0;
}

static bool send_again(const char *text)
{
	int fd = open_socket();

	if (fd < 0)
		return false;
	close(manager.fd);
	manager.fd = fd;
	return send_once(text);
}

/* @wait_ms: how long for, where the manager does not keep up */
static void tell(const char *text, int wait_ms)
{
	struct pollfd poll_fd = { .events = POLLOUT };
	bool sent;

	if (manager.fd < 0)
		return;
	sent = send_once(text);
	if (!sent && errno == EAGAIN && wait_ms) {
		poll_fd.fd = manager.fd;
		poll(&poll_fd, 1, wait_ms);
		sent = send_once(text);
	} else if (!sent && errno != EAGAIN) {
		/* It was started anew. */
		sent = send_again(text);
	}
	if (!sent)
		log_warning(NULL,
			    "the service manager cannot be told '%.*s': %s",
			    (int)strcspn(text, "\n"), text, strerror(errno));
}

static void sign_of_life(struct wheel_timer *timer)
{
	tell("WATCHDOG=1", 0);
	loop_timer_set(manager.loop, timer, manager.watchdog_ms);
}

void notify_init(struct loop *loop)
{
	manager.loop = loop;
	manager.timer.expire = sign_of_life;
	if (has_address()) {
		manager.watchdog_ms = watchdog_interval();
		manager.fd = open_socket();
		if (manager.fd < 0)
			log_warning(NULL,
				    "the service manager cannot be reached: %s",
				    strerror(errno));
	}
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

static void begin_signs(void)
{
	if (manager.fd >= 0 && manager.watchdog_ms &&
	    !wheel_is_set(&manager.timer))
		sign_of_life(&manager.timer);
}

void notify_ready(void)
{
	tell("READY=1", WAIT_MS);
	begin_signs();
}

void notify_taken_over(void)
{
	char text[64];

	snprintf(text, sizeof(text), "READY=1\nMAINPID=%d", getpid());
	tell(text, WAIT_MS);
	begin_signs();
}

uint64_t notify_watchdog(void)
{
	return manager.watchdog_ms;
}

void notify_adopt_watchdog(uint64_t ms)
{
	if (!manager.watchdog_ms)
		manager.watchdog_ms = ms;
}

void notify_reloading(void)
{
	struct timespec now;
	char text[80];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
		 (uint64_t)now.tv_sec * 1000000U +
			 (uint64_t)now.tv_nsec / 1000U);
	tell(text, WAIT_MS);
}

void notify_stopping(void)
{
	tell("STOPPING=1", WAIT_MS);
}

void notify_status(const char *format, ...)
{
	static const char name[] = "STATUS=";
	char text[sizeof(name) + STATUS_MAX];
	va_list args;

	memcpy(text, name, sizeof(name));
	va_start(args, format);
	vsnprintf(text + strlen(name), sizeof(text) - strlen(name), format,
		  args);
	va_end(args);
	/* A new line would begin another message. */
	for (char *at = text; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
	tell(text, 0);
}

void notify_exit(void)
{
	if (wheel_is_set(&manager.timer))
		loop_timer_del(manager.loop, &manager.timer);
	if (manager.fd >= 0)
		close(manager.fd);
	manager.fd = -1;
	manager.watchdog_ms = 0;
}
