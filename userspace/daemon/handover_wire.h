/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What passes between a process and the one that takes over from it, on a connection
 * that began as a request at the control socket: records with descriptors.
 *
 * The two may be of different versions. A record of a kind that is not known is left
 * out with its descriptors; kinds never change their number or their meaning.
 */
#ifndef DAEMON_HANDOVER_WIRE_H
#define DAEMON_HANDOVER_WIRE_H

#include <stddef.h>
#include <stdint.h>

/* Of the request; what could not be understood by another one gets another number. */
#define HANDOVER_VERSION 1
/* In a record. The kernel takes 253 at once. */
#define HANDOVER_FDS_MAX 64
/* Bytes of a record, behind its head. */
#define HANDOVER_SIZE_MAX (64U << 20)

/**
 * enum handover_kind - what a record is
 * @HANDOVER_LOCK: the lock of the network namespace, a descriptor
 * @HANDOVER_SOCKETS: listening sockets of stratum proxy
 * @HANDOVER_ADMIN: the listening socket of the admin address
 * @HANDOVER_TICKETS: tls_tickets_save()
 * @HANDOVER_STATE: a JSON object, see handover_state.h
 * @HANDOVER_END: that was all; what comes next is said by the new process
 * @HANDOVER_IN_FORCE: by the new one: all is ready, let go
 * @HANDOVER_RELEASED: by the old one: it has let go
 * @HANDOVER_KEPT: by the old one: it goes on, and the new one has to give up
 */
enum handover_kind {
	HANDOVER_LOCK = 1,
	HANDOVER_SOCKETS = 2,
	HANDOVER_ADMIN = 3,
	HANDOVER_TICKETS = 4,
	HANDOVER_STATE = 5,
	HANDOVER_END = 6,
	HANDOVER_IN_FORCE = 7,
	HANDOVER_RELEASED = 8,
	HANDOVER_KEPT = 9,
};

/**
 * struct handover_head - how a record begins; of this machine's byte order
 * @kind: enum handover_kind
 * @size: bytes behind this
 * @fds: descriptors, which come with the first byte of the head
 */
struct handover_head {
	uint32_t kind;
	uint32_t size;
	uint32_t fds;
};

/**
 * struct handover_record - a record that was received
 * @head: its head
 * @data: its bytes with a 0 behind, NULL: none
 * @fds: its descriptors
 */
struct handover_record {
	struct handover_head head;
	char *data;
	int fds[HANDOVER_FDS_MAX];
};

/**
 * handover_send() - send a record, or what is left of it
 * @fd: of the connection
 * @bytes: the head and what is behind it
 * @size: bytes of that
 * @fds: sent with it; none with what is left
 * @count: how many
 *
 * Return: bytes that were sent, or a negative errno: -EAGAIN.
 */
ptrdiff_t handover_send(int fd, const void *bytes, size_t size, const int *fds,
			size_t count);

/**
 * handover_receive() - wait for a record
 * @fd: of the connection; it blocks, with a time-out of its own (SO_RCVTIMEO)
 * @record: filled in, for handover_record_free(); all zero on failure
 *
 * Return: 0 or a negative errno: -ENODATA: the connection has ended; -EAGAIN: it
 * took too long; -EPROTO: this is no record; -EMFILE: no room for its descriptors.
 */
int handover_receive(int fd, struct handover_record *record);

/* Close descriptors that were not taken out (-1), and wipe the bytes. */
void handover_record_free(struct handover_record *record);

#endif /* DAEMON_HANDOVER_WIRE_H */
