// SPDX-License-Identifier: GPL-2.0-or-later
/* The two sides of a hand-over, each against the other, and against what is wrong. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "../ktap.h"
#include "handover.h"
#include "takeover.h"

#define SOCKETS 200
#define STATE_SIZE 300000

static uint64_t now_ns;
static struct loop *loop;
static struct handover *handover;
/* Of the old process, and of the new one. */
static int old_end, new_end;
static int failures, dones, overs;
static char last_why[100];

/* What the thread of the new process does, and what came of it. */
static struct takeover takeover;
static char error[256];
static int begun, confirmed;
static bool confirms;

static uint64_t fake_clock(void)
{
	return now_ns;
}

static void moved(void *arg, enum handover_event event, const char *why)
{
	(void)arg;
	failures += event == HANDOVER_FAILED;
	dones += event == HANDOVER_DONE;
	overs += event == HANDOVER_OVER;
	if (event != HANDOVER_DONE)
		handover = NULL;
	if (event == HANDOVER_FAILED)
		snprintf(last_why, sizeof(last_why), "%s", why);
}

static void setup(void)
{
	const struct handover_user user = { .moved = moved };
	const struct timeval wait = { .tv_sec = 20 };
	int pair[2];

	now_ns = 1000000000000;
	failures = dones = overs = 0;
	last_why[0] = error[0] = '\0';
	begun = confirmed = -1;
	confirms = true;
	takeover = TAKEOVER_NONE;
	loop = loop_create(fake_clock);
	if (!loop ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		exit(1);
	old_end = pair[0];
	new_end = pair[1];
	fcntl(old_end, F_SETFL, O_NONBLOCK);
	setsockopt(new_end, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	handover = handover_create(loop, old_end, &user);
	if (!handover)
		exit(1);
}

static void teardown(void)
{
	handover_free(handover);
	handover = NULL;
	takeover_free(&takeover);
	loop_free(loop);
}

static void *take_over(void *arg)
{
	begun = takeover_begin_at(&takeover, new_end, error, sizeof(error));
	if (!begun && confirms)
		confirmed = takeover_confirm(&takeover, error, sizeof(error));
	return arg;
}

/* The line that answers the request, which is left unread. */
static void welcome(const char *line)
{
	char request[200];

	while (recv(old_end, request, sizeof(request), 0) < 0 &&
	       errno == EAGAIN)
		;
	send(old_end, line, strlen(line), MSG_NOSIGNAL);
}

static void turn_until(const int *what, int wanted)
{
	for (int i = 0; *what != wanted && i < 20000; i++)
		loop_turn(loop, 1);
}

static bool same_file(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/* Open descriptors of this process. */
static unsigned int count_fds(void)
{
	unsigned int count = 0;

	for (int fd = 0; fd < 4096; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static bool add(enum handover_kind kind, const int *fds, size_t count,
		const void *data, size_t size)
{
	return handover_add(handover, kind, fds, count, data, size) == 0;
}

static char *long_state(void)
{
	char *text = malloc(STATE_SIZE + 1);

	memset(text, ' ', STATE_SIZE);
	memcpy(text, "{\"watchdog-ms\":7", 16);
	text[STATE_SIZE - 1] = '}';
	text[STATE_SIZE] = '\0';
	return text;
}

/* Everything arrives, in order; descriptors are what was given. */
static bool whole(void)
{
	int fds[SOCKETS], lock = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int admin = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	char *state = long_state();
	pthread_t thread;
	bool right = true;

	for (int i = 0; i < SOCKETS; i++)
		fds[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	right &= add(HANDOVER_LOCK, &lock, 1, NULL, 0) &&
		 add(HANDOVER_SOCKETS, fds, SOCKETS, NULL, 0) &&
		 add(HANDOVER_ADMIN, &admin, 1, NULL, 0) &&
		 add(HANDOVER_TICKETS, NULL, 0, "keys\0keys", 9) &&
		 add(HANDOVER_STATE, NULL, 0, state, STATE_SIZE) &&
		 add(HANDOVER_END, NULL, 0, NULL, 0);
	pthread_create(&thread, NULL, take_over, NULL);
	welcome("{\"take-over\":1}\n");
	handover_send_all(handover);
	turn_until(&dones, 1);
	pthread_join(thread, NULL);
	right &= begun == 0 && confirmed == 0 && dones == 1 && !failures &&
		 !overs && takeover.socket_count == SOCKETS &&
		 same_file(takeover.lock, lock) &&
		 same_file(takeover.admin, admin) &&
		 takeover.tickets_size == 9 &&
		 memcmp(takeover.tickets, "keys\0keys", 9) == 0 &&
		 json_integer_value(
			 json_object_get(takeover.state, "watchdog-ms")) == 7;
	for (size_t i = 0; right && i < SOCKETS; i++)
		right = same_file(takeover.sockets[i], fds[i]) &&
			fcntl(takeover.sockets[i], F_GETFD) == FD_CLOEXEC;
	/* The old one is told that the new one needs it no more. */
	takeover_free(&takeover);
	turn_until(&overs, 1);
	right &= overs == 1 && !failures && !handover;
	for (int i = 0; i < SOCKETS; i++)
		close(fds[i]);
	close(lock);
	close(admin);
	free(state);
	return right;
}

static void begin_small(void)
{
	int lock = open("/dev/null", O_RDONLY | O_CLOEXEC);

	/* It stays open until it was sent. */
	add(HANDOVER_LOCK, &lock, 1, NULL, 0);
	add(HANDOVER_END, NULL, 0, NULL, 0);
	handover_send_all(handover);
	loop_turn(loop, 0);
	close(lock);
}

static bool gone_before(void)
{
	begin_small();
	close(new_end);
	turn_until(&failures, 1);
	return failures == 1 && !dones && !overs &&
	       strcmp(last_why, "it has ended") == 0;
}

/* It said that it is in force, and was killed before it heard that we let go. */
static bool gone_at_the_end(void)
{
	const struct handover_head ready = { .kind = HANDOVER_IN_FORCE };

	begin_small();
	send(new_end, &ready, sizeof(ready), 0);
	close(new_end);
	turn_until(&failures, 1);
	return failures == 1 && !dones && strcmp(last_why, "it is gone") == 0;
}

static bool in_pieces(void)
{
	const struct handover_head ready = { .kind = HANDOVER_IN_FORCE };

	begin_small();
	for (size_t i = 0; i < sizeof(ready); i++) {
		if (dones)
			return false;
		send(new_end, (const char *)&ready + i, 1, 0);
		loop_turn(loop, 0);
	}
	close(new_end);
	turn_until(&overs, 1);
	return dones == 1 && overs == 1 && !failures;
}

static bool nonsense(void)
{
	static const struct handover_head wrong[] = {
		{ .kind = HANDOVER_RELEASED },
		{ .kind = HANDOVER_IN_FORCE, .size = 1 },
		{ .kind = 99 },
	};
	bool right = true;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (i) {
			close(new_end);
			teardown();
			setup();
		}
		begin_small();
		send(new_end, &wrong[i], sizeof(wrong[i]), 0);
		turn_until(&failures, 1);
		right &= failures == 1 && !dones;
	}
	close(new_end);
	return right;
}

/* Too early is wrong, too: not all was sent. */
static bool too_early(void)
{
	const struct handover_head ready = { .kind = HANDOVER_IN_FORCE };
	char *state = long_state();
	bool right;

	add(HANDOVER_STATE, NULL, 0, state, STATE_SIZE);
	add(HANDOVER_STATE, NULL, 0, state, STATE_SIZE);
	add(HANDOVER_STATE, NULL, 0, state, STATE_SIZE);
	send(new_end, &ready, sizeof(ready), 0);
	handover_send_all(handover);
	turn_until(&failures, 1);
	right = failures == 1 && !dones;
	close(new_end);
	free(state);
	return right;
}

/* One that hangs is not waited for; when it goes on it hears that it is too late. */
static bool too_slow(void)
{
	pthread_t thread;

	confirms = false;
	pthread_create(&thread, NULL, take_over, NULL);
	welcome("{\"take-over\":1}\n");
	begin_small();
	pthread_join(thread, NULL);
	now_ns += (HANDOVER_MS - 1) * UINT64_C(1000000);
	loop_turn(loop, 0);
	if (failures)
		return false;
	now_ns += UINT64_C(2000000);
	turn_until(&failures, 1);
	return begun == 0 && failures == 1 && !dones &&
	       takeover_confirm(&takeover, error, sizeof(error)) == -EBUSY &&
	       strstr(error, "it goes on");
}

/* The old one is killed: before it has said all, or after. */
static bool old_gone_before(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, take_over, NULL);
	welcome("{\"take-over\":1}\n");
	handover_free(handover);
	handover = NULL;
	pthread_join(thread, NULL);
	return begun == -ENODATA && strstr(error, "has ended the hand-over");
}

static bool old_gone_after(void)
{
	pthread_t thread;

	confirms = false;
	pthread_create(&thread, NULL, take_over, NULL);
	welcome("{\"take-over\":1}\n");
	begin_small();
	pthread_join(thread, NULL);
	handover_free(handover);
	handover = NULL;
	return begun == 0 &&
	       takeover_confirm(&takeover, error, sizeof(error)) == 0;
}

static bool refused(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, take_over, NULL);
	welcome("{\"errors\":[\"no way\"]}\n");
	pthread_join(thread, NULL);
	return begun == -EBUSY &&
	       strcmp(error, "the sluiced that runs: no way") == 0;
}

/* What the old one may say, and what becomes of it. */
static const struct {
	const char *name;
	uint32_t kinds[4];
	uint32_t fds[4];
	const char *data;
	int err;
} said[] = {
	{ "a kind of a later version",
	  { HANDOVER_LOCK, 77, HANDOVER_END },
	  { 1, 3, 0 },
	  NULL,
	  0 },
	{ "no lock", { HANDOVER_END }, { 0 }, NULL, -EPROTO },
	{ "two locks",
	  { HANDOVER_LOCK, HANDOVER_LOCK, HANDOVER_END },
	  { 1, 1 },
	  NULL,
	  -EPROTO },
	{ "a lock of two",
	  { HANDOVER_LOCK, HANDOVER_END },
	  { 2 },
	  NULL,
	  -EPROTO },
	{ "a lock without any",
	  { HANDOVER_LOCK, HANDOVER_END },
	  { 0 },
	  NULL,
	  -EPROTO },
	{ "a state that is no JSON",
	  { HANDOVER_LOCK, HANDOVER_STATE, HANDOVER_END },
	  { 1 },
	  "{x",
	  -EPROTO },
	{ "a state that is no object",
	  { HANDOVER_LOCK, HANDOVER_STATE, HANDOVER_END },
	  { 1 },
	  "[]",
	  -EPROTO },
	{ "two times keys",
	  { HANDOVER_LOCK, HANDOVER_TICKETS, HANDOVER_TICKETS, HANDOVER_END },
	  { 1 },
	  "x",
	  -EPROTO },
};

static void say(size_t i)
{
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	int fds[3] = { zero, zero, zero };

	for (size_t j = 0; j < 4 && said[i].kinds[j]; j++) {
		const char *data = j ? said[i].data : NULL;

		add(said[i].kinds[j], fds, said[i].fds[j], data,
		    data && said[i].kinds[j] != HANDOVER_END ? strlen(data) :
							       0);
	}
	handover_send_all(handover);
	loop_turn(loop, 0);
	close(zero);
}

static bool others(void)
{
	bool right = true;

	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		unsigned int before;
		pthread_t thread;

		if (i) {
			teardown();
			setup();
		}
		before = count_fds();
		confirms = false;
		pthread_create(&thread, NULL, take_over, NULL);
		welcome("{\"take-over\":1}\n");
		say(i);
		pthread_join(thread, NULL);
		takeover_free(&takeover);
		/* The connection was closed with the rest, and nothing is left. */
		if (begun != said[i].err || count_fds() != before - 1) {
			printf("# %s: %d, '%s', %u descriptors of %u\n",
			       said[i].name, begun, error, count_fds(), before);
			right = false;
		}
	}
	return right;
}

/* Heads that lie. */
static bool lies(void)
{
	static const struct handover_head heads[] = {
		{ .kind = HANDOVER_TICKETS, .size = HANDOVER_SIZE_MAX + 1 },
		{ .kind = HANDOVER_TICKETS, .size = UINT32_MAX },
		{ .kind = HANDOVER_SOCKETS, .fds = 1 },
	};
	struct handover_record record;
	bool right = true;

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		send(old_end, &heads[i], sizeof(heads[i]), 0);
		right &= handover_receive(new_end, &record) == -EPROTO &&
			 !record.data && !record.head.fds;
	}
	/* A head, and not all of what is behind it. */
	send(old_end, &(struct handover_head){ .kind = 4, .size = 10 }, 12, 0);
	send(old_end, "123", 3, 0);
	shutdown(old_end, SHUT_WR);
	right &= handover_receive(new_end, &record) == -ENODATA;
	close(new_end);
	return right;
}

static const struct {
	const char *name;
	bool (*run)(void);
} tests[] = {
	{ "all of it", whole },
	{ "the new one ends before it is in force", gone_before },
	{ "the new one ends when it is in force", gone_at_the_end },
	{ "a byte at a time", in_pieces },
	{ "the new one says what is wrong", nonsense },
	{ "the new one is in force before it has all", too_early },
	{ "the new one hangs", too_slow },
	{ "the old one ends before it has said all", old_gone_before },
	{ "the old one ends before it lets go", old_gone_after },
	{ "the old one refuses", refused },
	{ "the old one says what is wrong, or not known", others },
	{ "heads that lie", lies },
};

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		setup();
		ktap_result(&ktap, tests[i].run(), tests[i].name);
		teardown();
	}
	return ktap_end(&ktap);
}
