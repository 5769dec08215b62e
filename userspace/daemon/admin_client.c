// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "admin_client.h"

/* Pieces of a page for one system call, and calls in a turn: then others get theirs. */
#define PIECES 16
#define WRITES 4

enum state {
	/* A head is read. */
	READING,
	/* The page is made. */
	WAITING,
	/* The answer is written. */
	WRITING,
	/* All is said; what still comes is dropped, so that the answer arrives. */
	CLOSING,
};

/*
 * @in has what was read and is not answered yet. An answer is @out and then, if it
 * has one, the page of @reader; @sent counts bytes of both.
 */
struct admin_client {
	struct admin_clients *clients;
	TAILQ_ENTRY(admin_client) entry;
	struct loop_fd fd;
	struct wheel_timer timer;
	struct loop_task again;
	struct admin_reader reader;
	enum state state;
	bool keep;
	bool head_only;
	uint64_t deadline;
	struct sluice_http_head head;
	size_t in_length;
	size_t out_length;
	size_t sent;
	unsigned char in[ADMIN_HEAD_MAX];
	char out[ADMIN_ANSWER_MAX];
};

static void free_client(struct admin_client *client)
{
	struct admin_clients *clients = client->clients;

	TAILQ_REMOVE(&clients->list, client, entry);
	clients->count--;
	admin_pages_put(clients->pages, &client->reader);
	loop_timer_del(clients->loop, &client->timer);
	loop_task_del(clients->loop, &client->again);
	loop_fd_close(clients->loop, &client->fd);
	free(client);
}

static void set_timer(struct admin_client *client, uint64_t ms)
{
	loop_timer_set(client->clients->loop, &client->timer, ms);
}

static void expired(struct wheel_timer *timer)
{
	free_client(loop_owner(timer, struct admin_client, timer));
}

static void cut(struct admin_reader *reader)
{
	free_client(loop_owner(reader, struct admin_client, reader));
}

static const char *phrase(unsigned int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 414:
		return "URI Too Long";
	case 417:
		return "Expectation Failed";
	case 431:
		return "Request Header Fields Too Large";
	case 501:
		return "Not Implemented";
	case 503:
		return "Service Unavailable";
	case 505:
		return "HTTP Version Not Supported";
	default:
		return "Bad Request";
	}
}

/* Fill in @out. @page: of metrics, or NULL: then the body is @text */
static void answer(struct admin_client *client, unsigned int status,
		   const struct metrics *page, const char *text)
{
	size_t length = page ? metrics_size(page) : strlen(text);
	time_t now = time(NULL);
	char date[40];
	struct tm tm;
	int used;

	gmtime_r(&now, &tm);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	used = snprintf(
		client->out, sizeof(client->out),
		"HTTP/1.1 %u %s\r\nDate: %s\r\nContent-Type: %s; charset=utf-8\r\n"
		"Content-Length: %zu\r\nCache-Control: no-store\r\n%s%s\r\n%s",
		status, phrase(status), date,
		page ? "text/plain; version=0.0.4" : "text/plain", length,
		status == 405 ? "Allow: GET, HEAD\r\n" : "",
		client->keep ? "" : "Connection: close\r\n",
		page || client->head_only ? "" : text);
	client->out_length = (size_t)used;
	client->sent = 0;
	client->state = WRITING;
	client->deadline = loop_now(client->clients->loop) +
			   ADMIN_ANSWER_MS * UINT64_C(1000000);
	set_timer(client, ADMIN_STALL_MS);
}

static void answer_page(struct admin_client *client)
{
	const struct metrics *page = client->reader.metrics;

	answer(client, page ? 200 : 503, page,
	       "no memory for this page; try again later\n");
}

/* A head is complete: say what is asked for, or begin to make it. */
static void respond(struct admin_client *client)
{
	const struct sluice_http_head *head = &client->head;
	bool is_get = head->method_id == SLUICE_HTTP_METHOD_GET;
	bool metrics =
		sluice_http_slice_is(client->in, head->path, "/metrics", 8);
	bool health =
		sluice_http_slice_is(client->in, head->path, "/healthz", 8);

	client->head_only = head->method_id == SLUICE_HTTP_METHOD_HEAD;
	/* Content is not read, and so nothing that comes after it either. */
	client->keep = head->keep_alive && head->minor == 1 && !head->chunked &&
		       !(head->has_content_length && head->content_length > 0);
	if (!metrics && !health) {
		answer(client, 404, NULL,
		       "there are /metrics and /healthz here\n");
	} else if (!is_get && !client->head_only) {
		answer(client, 405, NULL, "only GET and HEAD are possible\n");
	} else if (health) {
		answer(client, 200, NULL, "ok\n");
	} else if (admin_pages_get(client->clients->pages, &client->reader)) {
		answer_page(client);
	} else {
		client->state = WAITING;
		loop_timer_del(client->clients->loop, &client->timer);
	}
}

static void refuse(struct admin_client *client)
{
	enum sluice_http_error error = client->head.error;
	char text[100];

	client->keep = false;
	client->head_only = false;
	snprintf(text, sizeof(text), "%s\n", sluice_http_error_name(error));
	answer(client, sluice_http_error_status(error), NULL, text);
}

static void expect_request(struct admin_client *client)
{
	static const struct sluice_http_limits limits = {
		.head = ADMIN_HEAD_MAX,
		.target = 1024,
	};
	struct admin_client_list *list = &client->clients->list;

	sluice_http_head_init(&client->head, &limits);
	client->state = READING;
	set_timer(client, client->in_length ? ADMIN_HEAD_MS : ADMIN_IDLE_MS);
	TAILQ_REMOVE(list, client, entry);
	TAILQ_INSERT_TAIL(list, client, entry);
}

/* Whether a head is there, good or bad; then its answer is on the way. */
static bool parse(struct admin_client *client)
{
	switch (sluice_http_head_parse(&client->head, client->in,
				       (u32)client->in_length)) {
	case SLUICE_HTTP_DONE:
		respond(client);
		return true;
	case SLUICE_HTTP_REFUSED:
		refuse(client);
		return true;
	default:
		return false;
	}
}

/* Return: whether there is something to do at once; @client may be gone else */
static bool read_some(struct admin_client *client)
{
	size_t room = sizeof(client->in) - client->in_length;
	ssize_t count =
		recv(client->fd.fd, client->in + client->in_length, room, 0);

	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (count <= 0) {
		free_client(client);
		return false;
	}
	/* The first byte of a head starts its time. */
	if (client->in_length == 0)
		set_timer(client, ADMIN_HEAD_MS);
	client->in_length += (size_t)count;
	return true;
}

/* Return: what is still to be sent, up to so many pieces */
static int unsent(const struct admin_client *client, struct iovec *parts,
		  int max)
{
	size_t sent = client->sent;
	int count = 0;

	if (sent < client->out_length) {
		parts[count].iov_base = (char *)client->out + sent;
		parts[count++].iov_len = client->out_length - sent;
		sent = client->out_length;
	}
	if (client->reader.metrics && !client->head_only)
		count += metrics_parts(client->reader.metrics,
				       sent - client->out_length, parts + count,
				       max - count);
	return count;
}

/* The answer is sent: on with the next request, or the end. */
static bool end_answer(struct admin_client *client)
{
	size_t length = client->head.length;

	admin_pages_put(client->clients->pages, &client->reader);
	if (!client->keep) {
		shutdown(client->fd.fd, SHUT_WR);
		client->state = CLOSING;
		set_timer(client, ADMIN_CLOSE_MS);
		return true;
	}
	client->in_length -= length;
	memmove(client->in, client->in + length, client->in_length);
	expect_request(client);
	/* Requests in a row do not keep others from theirs. */
	loop_task_add(client->clients->loop, &client->again);
	return false;
}

/* Return: as read_some() */
static bool write_some(struct admin_client *client)
{
	struct iovec parts[PIECES];
	ssize_t count;

	for (int i = 0; i < WRITES; i++) {
		struct msghdr message = { .msg_iov = parts };

		message.msg_iovlen = (size_t)unsent(client, parts, PIECES);
		if (message.msg_iovlen == 0)
			return end_answer(client);
		count = sendmsg(client->fd.fd, &message, MSG_NOSIGNAL);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0 && errno == EAGAIN)
			return false;
		if (count < 0 ||
		    loop_now(client->clients->loop) > client->deadline) {
			free_client(client);
			return false;
		}
		client->sent += (size_t)count;
		set_timer(client, ADMIN_STALL_MS);
	}
	loop_task_add(client->clients->loop, &client->again);
	return false;
}

/* Drop what still comes, for as long as there is time. */
static void drain(struct admin_client *client)
{
	ssize_t count = recv(client->fd.fd, client->in, sizeof(client->in), 0);

	if (count > 0)
		loop_task_add(client->clients->loop, &client->again);
	else if (count == 0 || (errno != EAGAIN && errno != EINTR))
		free_client(client);
}

static void go_on(struct admin_client *client)
{
	bool more = true;

	while (more) {
		switch (client->state) {
		case READING:
			more = parse(client) || read_some(client);
			break;
		case WAITING:
			more = false;
			break;
		case WRITING:
			more = write_some(client);
			break;
		case CLOSING:
			drain(client);
			more = false;
			break;
		}
	}
}

static void ready(struct loop_fd *fd, uint32_t events)
{
	struct admin_client *client = loop_owner(fd, struct admin_client, fd);

	/* Nobody is there to read an answer; one that only ends its half is. */
	if (events & (EPOLLERR | EPOLLHUP))
		free_client(client);
	else
		go_on(client);
}

static void run_again(struct loop_task *task)
{
	go_on(loop_owner(task, struct admin_client, again));
}

static void page_ready(struct admin_reader *reader)
{
	struct admin_client *client =
		loop_owner(reader, struct admin_client, reader);

	answer_page(client);
	go_on(client);
}

/* One that waits for a request, or sends one slowly: whoever does so longest. */
static bool make_room(struct admin_clients *clients)
{
	struct admin_client *client, *slow = NULL;

	TAILQ_FOREACH(client, &clients->list, entry)
	{
		if (client->state == READING && client->in_length == 0)
			break;
		if (!slow &&
		    (client->state == READING || client->state == CLOSING))
			slow = client;
	}
	if (!client)
		client = slow;
	if (client)
		free_client(client);
	return client;
}

void admin_client_add(struct admin_clients *clients, int fd)
{
	struct admin_client *client = NULL;

	if (clients->count < ADMIN_CLIENTS_MAX || make_room(clients))
		client = calloc(1, sizeof(*client));
	if (client) {
		client->clients = clients;
		client->fd.ready = ready;
		client->timer.expire = expired;
		client->again.run = run_again;
		client->reader.ready = page_ready;
		client->reader.cut = cut;
	}
	if (!client ||
	    loop_fd_add(clients->loop, &client->fd, fd, LOOP_STREAM) != 0) {
		free(client);
		close(fd);
		return;
	}
	TAILQ_INSERT_TAIL(&clients->list, client, entry);
	clients->count++;
	expect_request(client);
}

void admin_clients_close(struct admin_clients *clients)
{
	struct admin_client *client = TAILQ_FIRST(&clients->list), *next;

	for (; client; client = next) {
		next = TAILQ_NEXT(client, entry);
		free_client(client);
	}
}
