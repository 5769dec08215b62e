// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"
#include "log.h"
#include "utf8.h"

#define CLIENTS_MAX 64
/* For a request to come, and for an answer to be read. */
#define CLIENT_TIMEOUT_MS 30000
#define BACKLOG 16
/* Until connections are accepted again when descriptors have run out. */
#define PAUSE_MS 500

/**
 * struct client - a connection
 * @control: of which socket
 * @fd: its descriptor
 * @timer: ends it
 * @entry: in the list of all
 * @request: what has come
 * @length: bytes of it
 * @answer: what is to be sent, NULL while there is no request
 * @left: bytes of it that are not sent yet
 */
struct client {
	struct control *control;
	struct loop_fd fd;
	struct wheel_timer timer;
	LIST_ENTRY(client) entry;
	char *request;
	size_t length;
	char *answer;
	size_t left;
};

struct control {
	struct loop *loop;
	struct loop_fd fd;
	/* Accepts what came while that was not possible. */
	struct wheel_timer again;
	char *path;
	/* Where the socket is now, NULL: nowhere that is ours. */
	char *bound;
	control_answer_fn answer;
	void *arg;
	/* Whose request is being answered, NULL: nobody's, or it was taken. */
	struct client *asking;
	LIST_HEAD(, client) clients;
	unsigned int client_count;
};

json_t *control_text(const char *text)
{
	json_t *string = json_string(text);
	char *copy = string ? NULL : strdup(text);

	for (char *at = copy; at && *at;) {
		size_t length = utf8_length(at);

		if (length)
			at += length;
		else
			*at++ = '?';
	}
	if (copy)
		string = json_string(copy);
	free(copy);
	return string;
}

json_t *control_error(const char *format, ...)
{
	json_t *answer = NULL;
	char *text = NULL;
	va_list args;

	/* What is quoted may be cut within a character. */
	va_start(args, format);
	if (vasprintf(&text, format, args) >= 0)
		answer = json_pack("{s:[o]}", "errors", control_text(text));
	else
		text = NULL;
	va_end(args);
	free(text);
	return answer ? answer : json_false();
}

static void client_free(struct client *client)
{
	struct control *control = client->control;

	if (client->fd.fd >= 0)
		loop_fd_close(control->loop, &client->fd);
	loop_timer_del(control->loop, &client->timer);
	LIST_REMOVE(client, entry);
	control->client_count--;
	free(client->request);
	free(client->answer);
	free(client);
}

static void expire(struct wheel_timer *timer)
{
	client_free(loop_owner(timer, struct client, timer));
}

/* Return: whether the client is still there. */
static bool send_answer(struct client *client)
{
	size_t length = strlen(client->answer);

	while (client->left > 0) {
		ssize_t sent = send(client->fd.fd,
				    client->answer + length - client->left,
				    client->left, MSG_NOSIGNAL);

		if (sent < 0 && errno == EAGAIN)
			return true;
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			break;
		client->left -= (size_t)sent;
		loop_timer_set(client->control->loop, &client->timer,
			       CLIENT_TIMEOUT_MS);
	}
	client_free(client);
	return false;
}

/* Uses @answer up. */
static bool begin_answer(struct client *client, json_t *answer)
{
	char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;

	json_decref(answer);
	if (!text || asprintf(&client->answer, "%s\n", text) < 0) {
		free(text);
		client->answer = NULL;
		client_free(client);
		return false;
	}
	free(text);
	client->left = strlen(client->answer);
	return send_answer(client);
}

static json_t *answer_of(struct client *client)
{
	struct control *control = client->control;
	json_error_t wrong;
	json_t *request, *answer;

	request = json_loadb(client->request, client->length,
			     JSON_REJECT_DUPLICATES, &wrong);
	if (!json_is_object(request)) {
		json_decref(request);
		return control_error("not a JSON object in one line: %s",
				     wrong.text);
	}
	control->asking = client;
	answer = control->answer(control->arg, request);
	control->asking = NULL;
	json_decref(request);
	return answer;
}

int control_take(struct control *control)
{
	struct client *client = control->asking;
	int fd;

	if (!client)
		return -EINVAL;
	control->asking = NULL;
	fd = client->fd.fd;
	loop_fd_del(control->loop, &client->fd);
	client->fd.fd = -1;
	return fd;
}

static void answer_request(struct client *client)
{
	json_t *answer = answer_of(client);

	if (client->fd.fd >= 0) {
		begin_answer(client, answer);
		return;
	}
	json_decref(answer);
	client_free(client);
}

/* Return: whether more has to come. */
static bool take(struct client *client)
{
	char *end = memchr(client->request, '\n', client->length);

	if (end)
		client->length = (size_t)(end - client->request);
	if (!end && client->length < CONTROL_REQUEST_MAX)
		return true;
	if (end)
		answer_request(client);
	else
		begin_answer(client,
			     control_error("a request of more than %d bytes",
					   CONTROL_REQUEST_MAX));
	return false;
}

static void ready(struct loop_fd *fd, uint32_t events)
{
	struct client *client = loop_owner(fd, struct client, fd);
	ssize_t got;

	if (client->answer) {
		if (events & (EPOLLERR | EPOLLHUP))
			client_free(client);
		else
			send_answer(client);
		return;
	}
	for (;;) {
		got = recv(client->fd.fd, client->request + client->length,
			   CONTROL_REQUEST_MAX - client->length, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return;
		if (got <= 0)
			break;
		client->length += (size_t)got;
		if (!take(client))
			return;
	}
	if (got == 0 && client->length)
		begin_answer(
			client,
			control_error("a request that its line does not end"));
	else
		client_free(client);
}

static bool is_allowed(int fd, uid_t *uid)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	*uid = (uid_t)-1;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return false;
	*uid = peer.uid;
	return peer.uid == 0 || peer.uid == geteuid();
}

static struct client *client_new(struct control *control)
{
	struct client *client = calloc(1, sizeof(*client));

	if (client)
		client->request = malloc(CONTROL_REQUEST_MAX);
	if (!client || !client->request) {
		free(client);
		return NULL;
	}
	client->control = control;
	client->fd.ready = ready;
	client->timer.expire = expire;
	return client;
}

static void welcome(struct control *control, int fd)
{
	static const char busy[] =
		"{\"errors\":[\"too many ask at once; try again\"]}\n";
	struct client *client = NULL;
	uid_t uid;

	if (control->client_count < CLIENTS_MAX)
		client = client_new(control);
	else
		send(fd, busy, sizeof(busy) - 1, MSG_NOSIGNAL);
	if (!client ||
	    loop_fd_add(control->loop, &client->fd, fd, LOOP_STREAM)) {
		if (client)
			free(client->request);
		free(client);
		close(fd);
		return;
	}
	LIST_INSERT_HEAD(&control->clients, client, entry);
	control->client_count++;
	loop_timer_set(control->loop, &client->timer, CLIENT_TIMEOUT_MS);
	if (is_allowed(fd, &uid))
		return;
	log_warning(NULL, "user %u is not allowed to use the control socket",
		    uid);
	begin_answer(
		client,
		control_error("user %u may not control the daemon; be root",
			      uid));
}

static void accept_all(struct control *control)
{
	for (;;) {
		int fd = accept4(control->fd.fd, NULL, NULL,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			welcome(control, fd);
			continue;
		}
		if (errno == EINTR || errno == ECONNABORTED)
			continue;
		if (errno == EAGAIN)
			return;
		/* Out of descriptors or memory: those that wait are not said again. */
		loop_timer_set(control->loop, &control->again, PAUSE_MS);
		return;
	}
}

static void ready_to_accept(struct loop_fd *fd, uint32_t events)
{
	(void)events;
	accept_all(loop_owner(fd, struct control, fd));
}

static void accept_again(struct wheel_timer *timer)
{
	accept_all(loop_owner(timer, struct control, again));
}

/* A socket that a daemon left which was killed; one that is in use stays. */
static bool is_left_over(const struct sockaddr_un *address)
{
	/* Whoever listens may be slow to accept. */
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct stat stat_;
	bool refused;

	if (fd < 0)
		return false;
	refused = connect(fd, (const struct sockaddr *)address,
			  sizeof(*address)) < 0 &&
		  errno == ECONNREFUSED;
	close(fd);
	return refused && lstat(address->sun_path, &stat_) == 0 &&
	       S_ISSOCK(stat_.st_mode);
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct sockaddr *generic = (const struct sockaddr *)&address;
	mode_t mask;
	int fd, err;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	/* Its mode, from its first moment. */
	mask = umask(0177);
	err = bind(fd, generic, sizeof(address)) < 0 ? -errno : 0;
	if (err == -EADDRINUSE && is_left_over(&address)) {
		unlink(path);
		err = bind(fd, generic, sizeof(address)) < 0 ? -errno : 0;
	}
	umask(mask);
	if (!err && listen(fd, BACKLOG) < 0)
		err = -errno;
	if (!err)
		return fd;
	close(fd);
	return err;
}

static void free_all(struct control *control)
{
	if (!control)
		return;
	free(control->path);
	free(control->bound);
	free(control);
}

/* @bound: where it is for now; belongs to it. */
static struct control *open_at(struct loop *loop, const char *path, char *bound,
			       control_answer_fn answer, void *arg, char *error,
			       size_t size)
{
	struct control *control = calloc(1, sizeof(*control));
	int fd = -ENOMEM, err;

	if (control) {
		control->path = strdup(path);
		control->bound = bound;
	} else {
		free(bound);
	}
	if (control && control->path && control->bound)
		fd = listen_at(control->bound);
	err = fd < 0 ? fd : 0;
	if (!err) {
		control->loop = loop;
		control->answer = answer;
		control->arg = arg;
		control->fd.ready = ready_to_accept;
		control->again.expire = accept_again;
		err = loop_fd_add(loop, &control->fd, fd, EPOLLIN | EPOLLET);
		if (err)
			close(fd);
	}
	if (!err)
		return control;
	snprintf(error, size, "control socket %s: %s",
		 control && control->bound ? control->bound : path,
		 strerror(-err));
	free_all(control);
	return NULL;
}

struct control *control_open(struct loop *loop, const char *path,
			     control_answer_fn answer, void *arg, char *error,
			     size_t size)
{
	return open_at(loop, path, strdup(path), answer, arg, error, size);
}

struct control *control_open_beside(struct loop *loop, const char *path,
				    control_answer_fn answer, void *arg,
				    char *error, size_t size)
{
	char *bound;

	if (asprintf(&bound, "%s.new", path) < 0)
		bound = NULL;
	return open_at(loop, path, bound, answer, arg, error, size);
}

int control_publish(struct control *control, char *error, size_t size)
{
	char *path = strdup(control->path);
	int err = 0;

	if (!path)
		err = -ENOMEM;
	else if (rename(control->bound, path) < 0)
		err = -errno;
	if (err) {
		snprintf(error, size, "control socket %s: %s", control->path,
			 strerror(-err));
		free(path);
		return err;
	}
	free(control->bound);
	control->bound = path;
	return 0;
}

void control_leave(struct control *control)
{
	free(control->bound);
	control->bound = NULL;
}

void control_close(struct control *control)
{
	struct client *client, *next;

	if (!control)
		return;
	for (client = LIST_FIRST(&control->clients); client; client = next) {
		next = LIST_NEXT(client, entry);
		client_free(client);
	}
	loop_timer_del(control->loop, &control->again);
	loop_fd_close(control->loop, &control->fd);
	if (control->bound)
		unlink(control->bound);
	free_all(control);
}
