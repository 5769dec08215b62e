/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A name server on loopback, over UDP and TCP, in the loop of whom it serves. It has
 * a zone that a test changes as it likes, and behaves as it is told.
 */
#ifndef TESTS_NAME_SERVER_H
#define TESTS_NAME_SERVER_H

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "config/common.h"
#include "loop.h"

/* What fits into a datagram; the rest is for TCP. */
#define NAME_SERVER_UDP 1232

enum {
	NAME_SERVER_SERVFAIL = 2,
	NAME_SERVER_NXDOMAIN = 3,
	NAME_SERVER_REFUSED = 5,
};

struct zone_record {
	char owner[256];
	unsigned int type;
	uint32_t ttl;
	char data[256];
	/* In each answer, whatever was asked for. */
	bool stray;
};

struct name_server {
	struct loop *loop;
	struct loop_fd udp;
	struct loop_fd tcp;
	struct sluice_endpoint at;
	struct zone_record *records;
	size_t count;
	enum {
		ANSWERS,
		/* Takes questions, and says nothing. */
		SILENT,
		/* Answers with @code. */
		FAILS,
		/* By UDP it says that it does not fit. */
		TRUNCATES,
		/* Bytes that are nothing. */
		GARBAGE,
		/* A record that goes past the end. */
		CUT_OFF,
		/* First the answer of somebody else, to something else. */
		SPOOFED
	} does;
	unsigned int code;
	/* Addresses of SRV targets come along. */
	bool additional;
	unsigned int udp_questions;
	unsigned int tcp_questions;
	/* The source port of the last one, and how often it was that of another. */
	unsigned int last_port;
	unsigned int same_port;
};

struct name_server_client {
	struct loop_fd fd;
	struct name_server *server;
	unsigned char in[2 + 1024];
	size_t length;
};

static inline unsigned int zone_type(const char *type)
{
	return !strcmp(type, "A")     ? 1 :
	       !strcmp(type, "CNAME") ? 5 :
	       !strcmp(type, "AAAA")  ? 28 :
					33;
}

/* TYPE is A, AAAA, CNAME, or SRV: "priority weight port target". */
static inline void zone_add(struct name_server *server, const char *owner,
			    const char *type, uint32_t ttl, const char *data)
{
	size_t size = (server->count + 1) * sizeof(*server->records);
	struct zone_record *records = realloc(server->records, size);
	struct zone_record *record;

	if (!records) {
		printf("Bail out! out of memory\n");
		exit(1);
	}
	server->records = records;
	record = &records[server->count++];
	record->type = zone_type(type);
	record->ttl = ttl;
	record->stray = false;
	snprintf(record->owner, sizeof(record->owner), "%s", owner);
	snprintf(record->data, sizeof(record->data), "%s", data);
}

static inline void zone_add_stray(struct name_server *server, const char *owner,
				  const char *type, const char *data)
{
	zone_add(server, owner, type, 1, data);
	server->records[server->count - 1].stray = true;
}

static inline void zone_clear(struct name_server *server)
{
	server->count = 0;
}

/* The last first: what a server that rotates does. */
static inline void zone_rotate(struct name_server *server)
{
	struct zone_record last = server->records[server->count - 1];

	memmove(&server->records[1], server->records,
		(server->count - 1) * sizeof(last));
	server->records[0] = last;
}

struct dns_reply {
	unsigned char bytes[65535];
	size_t length;
	unsigned int answers;
	unsigned int additional;
};

static inline void put16(struct dns_reply *reply, unsigned int value)
{
	reply->bytes[reply->length++] = (unsigned char)(value >> 8);
	reply->bytes[reply->length++] = (unsigned char)value;
}

static inline void put_name(struct dns_reply *reply, const char *name)
{
	while (*name) {
		size_t label = strcspn(name, ".");

		reply->bytes[reply->length++] = (unsigned char)label;
		memcpy(reply->bytes + reply->length, name, label);
		reply->length += label;
		name += label + (name[label] == '.');
	}
	reply->bytes[reply->length++] = 0;
}

static inline void put_record(struct dns_reply *reply,
			      const struct zone_record *record)
{
	const char *text = record->data;
	char *end;
	size_t at;

	put_name(reply, record->owner);
	put16(reply, record->type);
	put16(reply, 1);
	put16(reply, record->ttl >> 16);
	put16(reply, record->ttl & 0xffff);
	at = reply->length;
	put16(reply, 0);
	switch (record->type) {
	case 1:
		inet_pton(AF_INET, record->data, reply->bytes + reply->length);
		reply->length += 4;
		break;
	case 28:
		inet_pton(AF_INET6, record->data, reply->bytes + reply->length);
		reply->length += 16;
		break;
	case 5:
		put_name(reply, record->data);
		break;
	default:
		for (unsigned int i = 0; i < 3; i++) {
			put16(reply, (unsigned int)strtoul(text, &end, 10));
			text = end;
		}
		text += strspn(text, " ");
		put_name(reply, strcmp(text, ".") ? text : "");
	}
	reply->bytes[at] = (unsigned char)((reply->length - at - 2) >> 8);
	reply->bytes[at + 1] = (unsigned char)(reply->length - at - 2);
}

static inline const struct zone_record *
zone_find(const struct name_server *server, const char *owner,
	  unsigned int type, size_t *from)
{
	while (*from < server->count) {
		const struct zone_record *record = &server->records[(*from)++];

		if (!record->stray && !strcasecmp(record->owner, owner) &&
		    (!type || record->type == type))
			return record;
	}
	return NULL;
}

static inline void put_additional(struct name_server *server,
				  struct dns_reply *reply,
				  const struct zone_record *srv)
{
	static const unsigned int types[] = { 1, 28 };
	const char *target = strrchr(srv->data, ' ') + 1;

	for (unsigned int i = 0; server->additional && i < 2; i++) {
		const struct zone_record *record;
		size_t at = 0;

		while ((record = zone_find(server, target, types[i], &at))) {
			put_record(reply, record);
			reply->additional++;
		}
	}
}

/* Return: the response code */
static inline unsigned int put_answers(struct name_server *server,
				       struct dns_reply *reply,
				       const char *name, unsigned int type)
{
	const struct zone_record *record;
	size_t at = 0;

	for (size_t i = 0; i < server->count; i++) {
		if (server->records[i].stray) {
			put_record(reply, &server->records[i]);
			reply->answers++;
		}
	}
	for (unsigned int i = 0; i < 30; i++) {
		at = 0;
		record = zone_find(server, name, 5, &at);
		if (!record)
			break;
		put_record(reply, record);
		reply->answers++;
		name = record->data;
	}
	at = 0;
	while ((record = zone_find(server, name, type, &at))) {
		put_record(reply, record);
		reply->answers++;
	}
	at = 0;
	while (type == 33 && (record = zone_find(server, name, type, &at)))
		put_additional(server, reply, record);
	at = 0;
	return reply->answers || zone_find(server, name, 0, &at) ?
		       0 :
		       NAME_SERVER_NXDOMAIN;
}

/* The question as text. Return: its length in the message with the header, or 0 */
static inline size_t read_question(const unsigned char *in, size_t length,
				   char *name, unsigned int *type)
{
	size_t at = 12, to = 0;

	while (at < length && in[at] && in[at] < 64 && at + in[at] < length) {
		memcpy(name + to, in + at + 1, in[at]);
		to += in[at];
		name[to++] = '.';
		at += in[at] + 1U;
	}
	name[to ? to - 1 : 0] = '\0';
	if (at + 5 > length)
		return 0;
	*type = (unsigned int)in[at + 1] << 8 | in[at + 2];
	return at + 5;
}

static inline bool make_reply(struct name_server *server,
			      struct dns_reply *reply, const unsigned char *in,
			      size_t length, bool udp)
{
	unsigned int type, code = server->code;
	bool truncated;
	char name[512];
	size_t head;

	if (length > 512)
		return false;
	head = read_question(in, length, name, &type);
	if (server->does == SILENT || !head)
		return false;
	memset(reply, 0, offsetof(struct dns_reply, bytes) + 12);
	reply->answers = 0;
	reply->additional = 0;
	memcpy(reply->bytes, in, head);
	reply->length = head;
	if (server->does != FAILS)
		code = put_answers(server, reply, name, type);
	if (server->does == CUT_OFF && reply->answers)
		reply->length -= 3;
	truncated = udp && (server->does == TRUNCATES ||
			    reply->length > NAME_SERVER_UDP);
	if (truncated) {
		reply->length = head;
		reply->answers = 0;
		reply->additional = 0;
	}
	reply->bytes[2] = truncated ? 0x83 : 0x81;
	reply->bytes[3] = (unsigned char)(0x80 | code);
	memset(reply->bytes + 4, 0, 8);
	reply->bytes[5] = 1;
	reply->bytes[6] = (unsigned char)(reply->answers >> 8);
	reply->bytes[7] = (unsigned char)reply->answers;
	reply->bytes[10] = (unsigned char)(reply->additional >> 8);
	reply->bytes[11] = (unsigned char)reply->additional;
	if (server->does == GARBAGE) {
		memset(reply->bytes + 2, 0xff, 40);
		reply->length = 42;
	}
	return true;
}

/* With the wrong number, then with another question, and an address ending in 66. */
static inline void spoof(struct dns_reply reply, int fd,
			 const struct sockaddr *client, socklen_t size)
{
	reply.bytes[reply.length - 1] = 66;
	reply.bytes[0] ^= 1;
	sendto(fd, reply.bytes, reply.length, 0, client, size);
	reply.bytes[0] ^= 1;
	reply.bytes[13] ^= 1;
	sendto(fd, reply.bytes, reply.length, 0, client, size);
}

static inline void udp_question(struct loop_fd *fd, uint32_t events)
{
	struct name_server *server = loop_owner(fd, struct name_server, udp);
	static struct dns_reply reply;
	unsigned char in[2048];
	struct sockaddr_in client;
	socklen_t size = sizeof(client);
	ssize_t length;

	(void)events;
	while ((length = recvfrom(fd->fd, in, sizeof(in), 0,
				  (struct sockaddr *)&client, &size)) >= 0) {
		server->udp_questions++;
		server->same_port += server->last_port == client.sin_port;
		server->last_port = client.sin_port;
		if (!make_reply(server, &reply, in, (size_t)length, true))
			continue;
		if (server->does == SPOOFED)
			spoof(reply, fd->fd, (struct sockaddr *)&client, size);
		sendto(fd->fd, reply.bytes, reply.length, 0,
		       (struct sockaddr *)&client, size);
	}
}

static inline void end_client(struct name_server_client *client)
{
	loop_fd_close(client->server->loop, &client->fd);
	free(client);
}

static inline void tcp_question(struct loop_fd *fd, uint32_t events)
{
	struct name_server_client *client =
		loop_owner(fd, struct name_server_client, fd);
	static struct dns_reply reply;
	unsigned char head[2];
	ssize_t count;
	size_t length;

	(void)events;
	count = recv(fd->fd, client->in + client->length,
		     sizeof(client->in) - client->length, 0);
	if (count <= 0) {
		end_client(client);
		return;
	}
	client->length += (size_t)count;
	if (client->length < 2)
		return;
	length = (size_t)client->in[0] << 8 | client->in[1];
	if (client->length < 2 + length)
		return;
	client->server->tcp_questions++;
	client->length = 0;
	if (!make_reply(client->server, &reply, client->in + 2, length, false))
		return;
	head[0] = (unsigned char)(reply.length >> 8);
	head[1] = (unsigned char)reply.length;
	send(fd->fd, head, 2, MSG_NOSIGNAL);
	send(fd->fd, reply.bytes, reply.length, MSG_NOSIGNAL);
}

static inline void tcp_client(struct loop_fd *fd, uint32_t events)
{
	struct name_server *server = loop_owner(fd, struct name_server, tcp);
	struct name_server_client *client;
	int one = accept4(fd->fd, NULL, NULL, SOCK_CLOEXEC);

	(void)events;
	if (one < 0)
		return;
	client = calloc(1, sizeof(*client));
	client->server = server;
	client->fd.ready = tcp_question;
	loop_fd_add(server->loop, &client->fd, one, EPOLLIN);
}

/* Return: whether both sockets have one port; it may be somebody else's for TCP */
static inline bool try_listen(struct name_server *server)
{
	const int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons(server->at.port) };
	int udp = socket(AF_INET, SOCK_DGRAM | flags, 0);
	int tcp = socket(AF_INET, SOCK_STREAM | flags, 0);
	socklen_t size = sizeof(at);
	const int one = 1;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (udp < 0 || tcp < 0) {
		printf("Bail out! no sockets\n");
		exit(1);
	}
	if (bind(udp, (struct sockaddr *)&at, size) != 0 ||
	    getsockname(udp, (struct sockaddr *)&at, &size) != 0 ||
	    bind(tcp, (struct sockaddr *)&at, size) != 0 ||
	    listen(tcp, 16) != 0) {
		close(udp);
		close(tcp);
		return false;
	}
	server->at.address.family = AF_INET;
	server->at.address.v4 = at.sin_addr;
	server->at.port = ntohs(at.sin_port);
	loop_fd_add(server->loop, &server->udp, udp, EPOLLIN);
	loop_fd_add(server->loop, &server->tcp, tcp, EPOLLIN);
	return true;
}

/* All zero it gets a port, later it has the one it had. */
static inline void name_server_start(struct name_server *server,
				     struct loop *loop)
{
	server->loop = loop;
	server->udp.ready = udp_question;
	server->tcp.ready = tcp_client;
	for (unsigned int i = 0; i < 100; i++)
		if (try_listen(server))
			return;
	printf("Bail out! no sockets to listen on\n");
	exit(1);
}

/* From now on it is refused. */
static inline void name_server_stop(struct name_server *server)
{
	loop_fd_close(server->loop, &server->udp);
	loop_fd_close(server->loop, &server->tcp);
}

#endif /* TESTS_NAME_SERVER_H */
