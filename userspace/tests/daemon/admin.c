// SPDX-License-Identifier: GPL-2.0-or-later
/* The admin address: answers, hostile and slow clients, pages that are shared. */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../ktap.h"
#include "admin.h"
#include "admin_client.h"
#include "log.h"

static struct loop *loop;
static struct admin *admin;
static uint64_t test_time;
static struct sluice_endpoint at;
static char error[300];

static uint64_t test_clock(void)
{
	return test_time;
}

static void pass_time(uint64_t ms)
{
	test_time += ms * 1000000;
	loop_turn(loop, 0);
	loop_turn(loop, 0);
}

/* What the daemon's own model would write: as much as is wanted. */
static unsigned int pages_made;
static unsigned int samples;

static void extra(struct metrics *m, void *arg)
{
	pages_made++;
	metrics_sample_real(m, METRICS_CHECK_DURATION, 0.5, "web", "s", arg);
	for (unsigned int i = 0; i < samples; i++)
		metrics_sample(m, METRICS_SERVER_SLOW_START, i, "web",
			       "192.0.2.1:80");
}

static struct admin_source source = {
	.started = 1700000000,
	.generation = 3,
	.reloads_applied = 2,
	.reloads_refused = 5,
	.last_reload = 1700000500,
	.extra = extra,
	.arg = (void *)"c",
};

static struct sluice_endpoint loopback(int family, uint16_t port)
{
	struct sluice_endpoint endpoint = { .port = port };

	endpoint.address.family = (sa_family_t)family;
	if (family == AF_INET)
		endpoint.address.v4.s_addr = htonl(INADDR_LOOPBACK);
	else
		endpoint.address.v6 = in6addr_loopback;
	return endpoint;
}

/* A socket at a port that is free, or a client of one. */
static int open_socket(const struct sluice_endpoint *endpoint, bool client,
		       uint16_t *port)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
				    .sin6_port = htons(endpoint->port),
				    .sin6_addr = in6addr_loopback };
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons(endpoint->port) };
	bool six = endpoint->address.family == AF_INET6;
	struct sockaddr *address = six ? (void *)&in6 : (void *)&in;
	socklen_t size = six ? sizeof(in6) : sizeof(in);
	int fd = socket(address->sa_family, SOCK_STREAM, 0), small = 4096;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0)
		return -1;
	/* So that a page does not fit where nobody reads. */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	if ((client ? connect(fd, address, size) : bind(fd, address, size)) !=
	    0) {
		close(fd);
		return -1;
	}
	if (port) {
		getsockname(fd, address, &size);
		*port = ntohs(six ? in6.sin6_port : in.sin_port);
	}
	return fd;
}

static uint16_t free_port(void)
{
	struct sluice_endpoint any = loopback(AF_INET, 0);
	uint16_t port = 0;
	int fd = open_socket(&any, false, &port);

	close(fd);
	return port;
}

static int client(void)
{
	int fd = open_socket(&at, true, NULL);

	loop_turn(loop, 0);
	return fd;
}

static void say(int fd, const char *text)
{
	if (fd < 0 || send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		printf("# send: %s\n", strerror(errno));
}

/* What has come by now is in @reply, ended by a NUL. */
static char reply[8000000];
static size_t reply_length;
static bool closed;

static void hear(int fd)
{
	ssize_t count;

	do {
		count = recv(fd, reply + reply_length,
			     sizeof(reply) - 1 - reply_length, MSG_DONTWAIT);
		if (count > 0)
			reply_length += (size_t)count;
	} while (count > 0);
	reply[reply_length] = '\0';
	closed = count == 0 || errno == ECONNRESET;
}

static size_t answers(void)
{
	size_t count = 0;

	for (const char *text = reply; (text = strstr(text, "HTTP/1.1 "));
	     text++)
		count++;
	return count;
}

/* Whether the last answer is complete. */
static bool complete(size_t wanted)
{
	const char *last = reply, *next, *body, *length;

	if (answers() < wanted)
		return false;
	while ((next = strstr(last + 1, "HTTP/1.1 ")))
		last = next;
	body = strstr(last, "\r\n\r\n");
	length = strstr(last, "Content-Length: ");
	return body && length &&
	       strlen(body + 4) >= strtoul(length + 16, NULL, 10);
}

/* Turn until so many answers are there, or the connection is closed. */
static void wait_for(int fd, size_t wanted)
{
	time_t end = time(NULL) + 60;

	reply_length = 0;
	closed = false;
	hear(fd);
	while (!closed && !(wanted && complete(wanted)) && time(NULL) < end) {
		loop_turn(loop, 5);
		hear(fd);
	}
}

static bool begins(const char *text)
{
	if (strncmp(reply, text, strlen(text)) == 0)
		return true;
	printf("# %.300s\n", reply);
	return false;
}

static bool has(const char *text)
{
	if (strstr(reply, text))
		return true;
	printf("# no '%s' in %.300s\n", text, reply);
	return false;
}

/* Ask in one go, and wait until the server closes. */
static void ask(const char *request)
{
	int fd = client();

	say(fd, request);
	if (fd >= 0)
		shutdown(fd, SHUT_WR);
	wait_for(fd, 0);
	close(fd);
}

#define HOST "Host: a\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" HOST "\r\n"

static bool healthy(void)
{
	ask(GET("/healthz"));
	return begins("HTTP/1.1 200 OK\r\nDate: ") && has("\r\n\r\nok\n") &&
	       has("\r\nContent-Length: 3\r\n") &&
	       has("\r\nContent-Type: text/plain; charset=utf-8\r\n") && closed;
}

static bool head(void)
{
	ask("HEAD /healthz HTTP/1.1\r\n" HOST "\r\n");
	return begins("HTTP/1.1 200 OK\r\n") &&
	       has("\r\nContent-Length: 3\r\n") &&
	       strcmp(reply + reply_length - 4, "\r\n\r\n") == 0;
}

static bool other_paths(void)
{
	ask(GET("/metricsx"));
	if (!begins("HTTP/1.1 404 Not Found\r\n"))
		return false;
	ask(GET("/"));
	if (!begins("HTTP/1.1 404 Not Found\r\n"))
		return false;
	ask("OPTIONS * HTTP/1.1\r\n" HOST "\r\n");
	if (!begins("HTTP/1.1 404 Not Found\r\n"))
		return false;
	/* A question after it makes no difference, nor does a full address. */
	ask("GET http://a/healthz?x=1 HTTP/1.1\r\n" HOST "\r\n");
	return begins("HTTP/1.1 200 OK\r\n");
}

static bool other_methods(void)
{
	ask("POST /metrics HTTP/1.1\r\n" HOST
	    "Content-Length: 3\r\n\r\nGET /healthz HTTP/1.1\r\n" HOST "\r\n");
	return begins("HTTP/1.1 405 Method Not Allowed\r\n") &&
	       has("\r\nAllow: GET, HEAD\r\n") &&
	       has("\r\nConnection: close\r\n") && answers() == 1;
}

static bool metrics(void)
{
	const char *body;

	pass_time(2000);
	ask(GET("/metrics"));
	body = strstr(reply, "\r\n\r\n");
	return begins("HTTP/1.1 200 OK\r\n") && body &&
	       has("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n") &&
	       has("\nsluice_build_info{version=\"" SLUICE_VERSION "\"} 1\n") &&
	       has("\nprocess_start_time_seconds 1700000000\n") &&
	       has("\nsluice_config_generation 3\n") &&
	       has("\nsluice_config_reloads_total{result=\"applied\"} 2\n") &&
	       has("\nsluice_config_reloads_total{result=\"refused\"} 5\n") &&
	       has("\nsluice_config_last_reload_time_seconds 1700000500\n") &&
	       has("\nsluice_check_duration_seconds{pool=\"web\",server=\"s\",check=\"c\"} 0.5\n") &&
	       has("\nsluice_kernel_up ") && has("\nprocess_open_fds ") &&
	       has("\nprocess_resident_memory_bytes ") &&
	       has("\nsluice_log_lost_total 0\n") &&
	       reply[reply_length - 1] == '\n' &&
	       strlen(body + 4) ==
		       strtoul(strstr(reply, "Content-Length: ") + 16, NULL,
			       10);
}

static bool several_requests(void)
{
	int fd = client();
	bool passed;

	say(fd, GET("/healthz"));
	wait_for(fd, 1);
	passed = begins("HTTP/1.1 200 OK") && !closed &&
		 !strstr(reply, "Connection:");
	/* And in one go. */
	say(fd, GET("/healthz") GET("/none") GET("/metrics") GET("/healthz"));
	wait_for(fd, 4);
	passed = passed && answers() == 4 && has("HTTP/1.1 404 ") &&
		 has("sluice_build_info") && !closed &&
		 strcmp(reply + reply_length - 3, "ok\n") == 0;
	close(fd);
	return passed;
}

static bool old_version(void)
{
	int fd = client();

	say(fd, "GET /healthz HTTP/1.0\r\n\r\n");
	wait_for(fd, 0);
	close(fd);
	return begins("HTTP/1.1 200 OK") && has("\r\nConnection: close\r\n") &&
	       closed;
}

static bool byte_by_byte(void)
{
	static const char request[] = GET("/healthz");
	int fd = client();

	for (const char *byte = request; *byte; byte++) {
		if (send(fd, byte, 1, MSG_NOSIGNAL) != 1)
			return false;
		loop_turn(loop, 0);
	}
	wait_for(fd, 1);
	close(fd);
	return begins("HTTP/1.1 200 OK");
}

static bool refused(const char *request, const char *status)
{
	int fd = client();

	say(fd, request);
	/* The answer arrives, though not all that was sent was read. */
	wait_for(fd, 0);
	close(fd);
	return begins(status) && has("\r\nConnection: close\r\n");
}

static bool too_long(size_t length, const char *status)
{
	static char request[200000];

	memset(request, 'x', length);
	memcpy(request, "GET /healthz HTTP/1.1\r\nX: ", 26);
	request[length] = '\0';
	return refused(request, status);
}

/* Whether the server has closed it, which it may do in a later turn. */
static bool is_closed(int fd)
{
	loop_turn(loop, 0);
	loop_turn(loop, 0);
	hear(fd);
	return closed;
}

static bool too_many(void)
{
	int fds[ADMIN_CLIENTS_MAX + 1];
	bool passed = true;

	for (int i = 0; i < ADMIN_CLIENTS_MAX; i++)
		fds[i] = client();
	/* The first sends half a head, the third has been served since. */
	say(fds[0], "GET /hea");
	say(fds[2], GET("/healthz"));
	wait_for(fds[2], 1);
	fds[ADMIN_CLIENTS_MAX] = client();
	say(fds[ADMIN_CLIENTS_MAX], GET("/healthz"));
	wait_for(fds[ADMIN_CLIENTS_MAX], 1);
	passed = begins("HTTP/1.1 200 OK") && !is_closed(fds[0]) &&
		 is_closed(fds[1]) && !is_closed(fds[2]) && !is_closed(fds[3]);
	for (int i = 0; i <= ADMIN_CLIENTS_MAX; i++)
		close(fds[i]);
	pass_time(0);
	return passed;
}

static bool all_slow(void)
{
	int fds[ADMIN_CLIENTS_MAX], fd;
	bool passed;

	for (int i = 0; i < ADMIN_CLIENTS_MAX; i++) {
		fds[i] = client();
		say(fds[i], "GET /hea");
		loop_turn(loop, 0);
	}
	fd = client();
	say(fd, GET("/healthz"));
	wait_for(fd, 1);
	passed = begins("HTTP/1.1 200 OK") && is_closed(fds[0]) &&
		 !is_closed(fds[1]);
	for (int i = 0; i < ADMIN_CLIENTS_MAX; i++)
		close(fds[i]);
	close(fd);
	pass_time(0);
	return passed;
}

static bool closed_after(const char *begun, uint64_t ms)
{
	int fd = client();
	bool before;

	say(fd, begun);
	if (*begun == 'G' && strstr(begun, "\r\n\r\n"))
		wait_for(fd, 1);
	loop_turn(loop, 5);
	pass_time(ms - 100);
	before = is_closed(fd);
	pass_time(200);
	loop_turn(loop, 5);
	if (!before && is_closed(fd)) {
		close(fd);
		return true;
	}
	printf("# %s\n", before ? "too early" : "still open");
	close(fd);
	return false;
}

/* One byte now and then does not hold it longer. */
static bool slow_head(void)
{
	int fd = client();
	bool passed;

	for (int i = 0; i < 9; i++) {
		if (send(fd, "GET /heal" + i, 1, MSG_NOSIGNAL) != 1)
			break;
		loop_turn(loop, 5);
		pass_time(1000);
	}
	passed = !is_closed(fd);
	pass_time(1100);
	passed = passed && is_closed(fd);
	close(fd);
	return passed;
}

static bool wait_pages(unsigned int wanted)
{
	time_t end = time(NULL) + 60;

	while (pages_made < wanted && time(NULL) < end)
		loop_turn(loop, 5);
	return pages_made == wanted;
}

static bool shared(void)
{
	int fds[10];
	unsigned int before;
	bool passed = true;

	pass_time(2000);
	before = pages_made;
	for (int i = 0; i < 10; i++) {
		fds[i] = client();
		say(fds[i], GET("/metrics"));
	}
	for (int i = 0; i < 10; i++) {
		wait_for(fds[i], 1);
		passed = passed && has("sluice_build_info");
	}
	passed = passed && pages_made == before + 1;
	pass_time(ADMIN_PAGE_MS / 2);
	say(fds[0], GET("/metrics"));
	wait_for(fds[0], 1);
	passed = passed && pages_made == before + 1;
	pass_time(ADMIN_PAGE_MS);
	say(fds[0], GET("/metrics"));
	wait_for(fds[0], 1);
	passed = passed && pages_made == before + 2;
	for (int i = 0; i < 10; i++)
		close(fds[i]);
	return passed;
}

/* A page that is larger than all buffers on the way. */
static bool large_page(void)
{
	const char *body;
	size_t length;
	bool passed;

	pass_time(2000);
	samples = 80000;
	ask(GET("/metrics"));
	samples = 0;
	body = strstr(reply, "\r\n\r\n");
	length = strtoul(strstr(reply, "Content-Length: ") + 16, NULL, 10);
	passed = length > 5000000 && strlen(body + 4) == length &&
		 has(" 0\nsluice_server_slow_start_ratio") && has(" 79999\n");
	return passed;
}

static int slow_reader(void)
{
	unsigned int before;
	int fd;

	pass_time(2000);
	before = pages_made;
	samples = 80000;
	fd = client();
	say(fd, GET("/metrics"));
	wait_pages(before + 1);
	samples = 0;
	/* Until it is made, and all on the way is full. */
	for (int i = 0; i < 40; i++)
		loop_turn(loop, 20);
	return fd;
}

static bool does_not_read(void)
{
	int fd = slow_reader();
	bool passed;

	pass_time(ADMIN_STALL_MS + 100);
	reply_length = 0;
	wait_for(fd, 0);
	passed = closed && begins("HTTP/1.1 200 OK") && !complete(1);
	close(fd);
	return passed;
}

/* Return: bytes that were read, up to 300,000; 0 once it is closed */
static size_t read_a_little(int fd)
{
	time_t end = time(NULL) + 10;
	static char some[65536];
	size_t sum = 0;

	while (sum < 300000 && time(NULL) < end) {
		ssize_t count = recv(fd, some, sizeof(some), MSG_DONTWAIT);

		if (count == 0 || (count < 0 && errno != EAGAIN))
			break;
		sum += count > 0 ? (size_t)count : 0;
		loop_turn(loop, 1);
	}
	return sum;
}

/* It always takes a little in time: that has an end, too. */
static bool reads_slowly(void)
{
	int fd = slow_reader(), steps = 0;
	size_t sum = 0, count;

	while ((count = read_a_little(fd)) > 0 && steps < 100) {
		sum += count;
		steps++;
		pass_time(ADMIN_STALL_MS / 2);
	}
	close(fd);
	if (sum > 1000000 && sum < 5000000 && steps > 10)
		return true;
	printf("# %zu bytes in %d steps\n", sum, steps);
	return false;
}

/* Each holds a page of its own: whoever has the oldest has to go. */
static bool many_pages(void)
{
	int fds[ADMIN_PAGES_MAX], fd;
	bool passed;

	for (int i = 0; i < ADMIN_PAGES_MAX; i++)
		fds[i] = slow_reader();
	pass_time(2000);
	fd = client();
	say(fd, GET("/metrics"));
	wait_for(fd, 1);
	passed = begins("HTTP/1.1 200 OK") && complete(1);
	reply_length = 0;
	wait_for(fds[0], 0);
	passed = passed && closed && !complete(1);
	for (int i = 0; i < ADMIN_PAGES_MAX; i++)
		close(fds[i]);
	close(fd);
	pass_time(0);
	return passed;
}

static bool leaves_early(void)
{
	int fd;

	pass_time(2000);
	fd = client();
	say(fd, GET("/metrics"));
	loop_turn(loop, 5);
	close(fd);
	pass_time(0);
	/* Others are served as always. */
	ask(GET("/metrics"));
	return begins("HTTP/1.1 200 OK") && has("sluice_build_info");
}

static bool ends_while_a_page_is_made(void)
{
	int fd;

	pass_time(2000);
	samples = 80000;
	fd = client();
	say(fd, GET("/metrics"));
	loop_turn(loop, 5);
	loop_turn(loop, 0);
	admin_free(admin);
	samples = 0;
	close(fd);
	admin = admin_create(loop, &source);
	return admin_listen(admin, &at, error, sizeof(error)) == 0;
}

static bool listens(const struct sluice_endpoint *endpoint)
{
	int fd = open_socket(endpoint, true, NULL);
	bool passed;

	if (fd < 0)
		return false;
	say(fd, GET("/healthz"));
	wait_for(fd, 1);
	passed = strncmp(reply, "HTTP/1.1 200 OK", 15) == 0;
	close(fd);
	return passed;
}

static bool another_address(void)
{
	struct sluice_endpoint before = at;
	struct sluice_endpoint next = loopback(AF_INET6, free_port());
	int fd = client();
	bool passed;

	if (admin_listen(admin, &next, error, sizeof(error)) != 0) {
		printf("# %s\n", error);
		return errno == EADDRNOTAVAIL;
	}
	passed = listens(&next) && !listens(&before);
	/* Who was there before stays. */
	say(fd, GET("/healthz"));
	wait_for(fd, 1);
	passed = passed && begins("HTTP/1.1 200 OK");
	close(fd);
	return admin_listen(admin, &before, error, sizeof(error)) == 0 &&
	       passed && listens(&before) && !listens(&next);
}

static bool address_in_the_way(void)
{
	struct sluice_endpoint all = at, own = at;
	bool passed;

	all.address.v4.s_addr = htonl(INADDR_ANY);
	passed = admin_listen(admin, &all, error, sizeof(error)) == 0 &&
		 listens(&at) &&
		 admin_listen(admin, &own, error, sizeof(error)) == 0 &&
		 listens(&at);
	/* The same port, and not an address of this host: back to what was. */
	own.address.v4.s_addr = htonl(0xc0000201);
	return passed &&
	       admin_listen(admin, &own, error, sizeof(error)) ==
		       -EADDRNOTAVAIL &&
	       listens(&at);
}

static bool address_of_others(void)
{
	struct sluice_endpoint other = loopback(AF_INET, 0);
	int fd = open_socket(&other, false, &other.port);
	char wanted[300];
	bool passed;

	listen(fd, 1);
	snprintf(
		wanted, sizeof(wanted),
		"settings.admin: 127.0.0.1:%u: Address already in use; an address of this host and a port that is free are expected",
		other.port);
	passed = admin_listen(admin, &other, error, sizeof(error)) ==
			 -EADDRINUSE &&
		 strcmp(error, wanted) == 0 && listens(&at);
	close(fd);
	return passed;
}

static bool nowhere(void)
{
	const struct sluice_endpoint none = { .port = 0 };
	bool passed = admin_listen(admin, &none, error, sizeof(error)) == 0 &&
		      !listens(&at);

	return admin_listen(admin, &at, error, sizeof(error)) == 0 && passed &&
	       listens(&at);
}

int main(void)
{
	const struct config_logging quiet = { .to = CONFIG_LOG_FILE,
					      .file = (char *)"/dev/null" };
	struct ktap ktap = { 0 };

	ktap_begin();
	signal(SIGPIPE, SIG_IGN);
	log_open(&quiet, error, sizeof(error));
	loop = loop_create(test_clock);
	admin = admin_create(loop, &source);
	at = loopback(AF_INET, free_port());
	if (admin_listen(admin, &at, error, sizeof(error)) != 0) {
		printf("Bail out! %s\n", error);
		return 1;
	}
	ktap_result(&ktap, healthy(), "healthz");
	ktap_result(&ktap, head(), "HEAD");
	ktap_result(&ktap, other_paths(), "other paths");
	ktap_result(&ktap, other_methods(), "other methods, with content");
	ktap_result(&ktap, metrics(), "metrics");
	ktap_result(&ktap, several_requests(), "several requests");
	ktap_result(&ktap, old_version(), "HTTP/1.0");
	ktap_result(&ktap, byte_by_byte(), "byte by byte");
	ktap_result(&ktap,
		    refused("GET /healthz HTTP/1.1\r\n\r\n",
			    "HTTP/1.1 400 Bad Request\r\n"),
		    "no host");
	ktap_result(&ktap,
		    refused("\x16\x03\x01\x02", "HTTP/1.1 400 Bad Request\r\n"),
		    "TLS");
	ktap_result(&ktap,
		    refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
			    "HTTP/1.1 505 HTTP Version Not Supported\r\n"),
		    "HTTP/2");
	ktap_result(
		&ktap,
		too_long(ADMIN_HEAD_MAX,
			 "HTTP/1.1 431 Request Header Fields Too Large\r\n"),
		"a head that just does not fit");
	ktap_result(
		&ktap,
		too_long(100000,
			 "HTTP/1.1 431 Request Header Fields Too Large\r\n"),
		"a head that is much too long");
	ktap_result(&ktap, too_many(), "too many clients: an idle one goes");
	ktap_result(&ktap, all_slow(), "too many clients: a slow one goes");
	ktap_result(&ktap, closed_after("", ADMIN_IDLE_MS), "nothing is asked");
	ktap_result(&ktap, closed_after(GET("/healthz"), ADMIN_IDLE_MS),
		    "nothing more is asked");
	ktap_result(&ktap, closed_after("GET /hea", ADMIN_HEAD_MS),
		    "half a head");
	ktap_result(&ktap, slow_head(), "a head byte by byte");
	ktap_result(&ktap, shared(), "a page serves all for a second");
	ktap_result(&ktap, large_page(), "a large page");
	ktap_result(&ktap, does_not_read(), "a client that does not read");
	ktap_result(&ktap, reads_slowly(), "one that reads slowly");
	ktap_result(&ktap, many_pages(), "readers of very many pages");
	ktap_result(&ktap, leaves_early(), "one that does not wait");
	ktap_result(&ktap, ends_while_a_page_is_made(),
		    "the end while a page is made");
	ktap_result(&ktap, another_address(), "another address");
	ktap_result(&ktap, address_in_the_way(),
		    "an address that the old one is in the way of");
	ktap_result(&ktap, address_of_others(), "an address of others");
	ktap_result(&ktap, nowhere(), "nowhere, and back");
	admin_free(admin);
	loop_free(loop);
	return ktap_end(&ktap);
}
