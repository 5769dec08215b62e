// SPDX-License-Identifier: GPL-2.0-or-later
/* What the service manager hears, and when it is not there, or does not listen. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "../ktap.h"
#include "log.h"
#include "notify.h"

static struct loop *loop;
/* Of a socket without a file; others run this test, too. */
static char name[64];
static uint64_t test_time = 1000000000;

static uint64_t test_clock(void)
{
	return test_time;
}

/* Listens at @path, which begins with '@' for a name without a file. */
static int manager_open(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				     strlen(path));
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	if (path[0] == '@')
		un.sun_path[0] = '\0';
	else
		unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&un, size) != 0) {
		printf("Bail out! no socket for the manager\n");
		exit(1);
	}
	return fd;
}

static const char *heard(int fd)
{
	static char text[2000];
	ssize_t count = recv(fd, text, sizeof(text) - 1, 0);

	text[count > 0 ? count : 0] = '\0';
	return text;
}

static bool hears(int fd, const char *wanted)
{
	const char *text = heard(fd);

	if (strcmp(text, wanted) == 0)
		return true;
	printf("# '%s'\n", text);
	return false;
}

static void begin(const char *path, const char *watchdog, const char *pid)
{
	loop = loop_create(test_clock);
	if (path)
		setenv("NOTIFY_SOCKET", path, 1);
	if (watchdog)
		setenv("WATCHDOG_USEC", watchdog, 1);
	if (pid)
		setenv("WATCHDOG_PID", pid, 1);
	notify_init(loop);
}

static void end(void)
{
	notify_exit();
	loop_free(loop);
}

static bool states(const char *path)
{
	struct timespec now;
	static const char reloading[] = "RELOADING=1\nMONOTONIC_USEC=";
	int fd = manager_open(path);
	const char *text;
	uint64_t said;
	bool passed;

	begin(path, NULL, NULL);
	passed = !getenv("NOTIFY_SOCKET");
	notify_status("%d servers\nREADY=1", 3);
	notify_ready();
	notify_reloading();
	passed = passed && hears(fd, "STATUS=3 servers?READY=1") &&
		 hears(fd, "READY=1");
	clock_gettime(CLOCK_MONOTONIC, &now);
	text = heard(fd);
	passed = passed && strncmp(text, reloading, strlen(reloading)) == 0;
	said = passed ? strtoull(text + strlen(reloading), NULL, 10) : 0;
	/* In microseconds of the right clock. */
	passed = passed && said / 1000000 + 600 > (uint64_t)now.tv_sec &&
		 said / 1000000 <= (uint64_t)now.tv_sec;
	notify_stopping();
	passed = passed && hears(fd, "STOPPING=1") && hears(fd, "");
	end();
	close(fd);
	return passed;
}

static bool nobody(const char *path)
{
	int fd = manager_open(name);

	begin(path, "1000000", NULL);
	notify_ready();
	notify_status("all is well");
	test_time += 2000000000;
	loop_turn(loop, 0);
	notify_stopping();
	end();
	close(fd);
	return !getenv("NOTIFY_SOCKET") && !getenv("WATCHDOG_USEC");
}

static void turn_after(uint64_t ms)
{
	test_time += ms * 1000000;
	loop_turn(loop, 0);
}

static bool watchdog(const char *interval, const char *pid, bool ours)
{
	const char *sign = ours ? "WATCHDOG=1" : "";
	int fd = manager_open(name);
	bool passed;

	begin(name, interval, pid);
	passed = !getenv("WATCHDOG_USEC") && !getenv("WATCHDOG_PID");
	/* The start may take longer. */
	turn_after(5000);
	passed = passed && hears(fd, "");
	notify_ready();
	passed = passed && hears(fd, "READY=1") && hears(fd, sign);
	turn_after(900);
	passed = passed && hears(fd, "");
	turn_after(101);
	passed = passed && hears(fd, sign) && hears(fd, "");
	turn_after(1001);
	passed = passed && hears(fd, sign) && hears(fd, "");
	/* After a reload they go on as before. */
	notify_ready();
	turn_after(500);
	passed = passed && hears(fd, "READY=1") && hears(fd, "");
	end();
	close(fd);
	return passed;
}

static bool started_anew(const char *path)
{
	int fd = manager_open(path);
	bool passed;

	begin(path, NULL, NULL);
	close(fd);
	/* There is nobody, which is no reason to end. */
	notify_status("lost");
	fd = manager_open(path);
	notify_status("found");
	passed = hears(fd, "STATUS=found");
	end();
	close(fd);
	return passed;
}

/* It is there, and does not read: signs of life do not wait. */
static bool does_not_read(void)
{
	int fd = manager_open(name);
	unsigned int count = 0;

	begin(name, NULL, NULL);
	for (int i = 0; i < 2000; i++)
		notify_status("%d", i);
	while (strncmp(heard(fd), "STATUS=", 7) == 0)
		count++;
	end();
	close(fd);
	return count > 0 && count < 2000;
}

int main(void)
{
	static char folder[] = "/tmp/sluice-notify-XXXXXX";
	const struct config_logging quiet = { .to = CONFIG_LOG_FILE,
					      .file = (char *)"/dev/null" };
	char path[100], own[16], other[16], error[100];
	struct ktap ktap = { 0 };

	ktap_begin();
	if (!mkdtemp(folder) || log_open(&quiet, error, sizeof(error)) != 0)
		return 1;
	snprintf(path, sizeof(path), "%s/notify", folder);
	snprintf(name, sizeof(name), "@sluice-notify-%d", (int)getpid());
	snprintf(own, sizeof(own), "%d", (int)getpid());
	snprintf(other, sizeof(other), "%d", (int)getppid());
	ktap_result(&ktap, states(path), "states, by a path");
	ktap_result(&ktap, states(name), "states, by a name without a file");
	ktap_result(&ktap, nobody(NULL), "nobody wants to know");
	ktap_result(&ktap, nobody("/none/at/all"), "nobody is there");
	ktap_result(&ktap, nobody("vsock:2:1"), "somewhere else");
	ktap_result(&ktap, watchdog("2000000", NULL, true), "a watchdog");
	ktap_result(&ktap, watchdog("2000000", own, true), "of this process");
	ktap_result(&ktap, watchdog("2000000", other, false), "of another");
	ktap_result(&ktap, watchdog("soon", NULL, false), "without a time");
	ktap_result(&ktap, started_anew(path),
		    "a manager that is started anew");
	ktap_result(&ktap, does_not_read(), "one that does not read");
	unlink(path);
	rmdir(folder);
	return ktap_end(&ktap);
}
