// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "handover_wire.h"

#define FDS_SIZE CMSG_SPACE(HANDOVER_FDS_MAX * sizeof(int))

/* Descriptors of a message, aligned. */
union control {
	struct cmsghdr head;
	char bytes[FDS_SIZE];
};

ptrdiff_t handover_send(int fd, const void *bytes, size_t size, const int *fds,
			size_t count)
{
	struct iovec piece = { .iov_base = (void *)bytes, .iov_len = size };
	struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };
	union control control = { .bytes = { 0 } };
	ssize_t sent;

	if (count > HANDOVER_FDS_MAX)
		return -E2BIG;
	if (count) {
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(&control.head), fds, count * sizeof(int));
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
	}
	do
		sent = sendmsg(fd, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : sent;
}

/* Descriptors that have come are ours, whatever is wrong with the rest. */
static size_t take_fds(struct msghdr *message, int fds[HANDOVER_FDS_MAX])
{
	size_t count = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c;
	     c = CMSG_NXTHDR(message, c)) {
		size_t bytes = c->cmsg_len - CMSG_LEN(0);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		memcpy(&fds[count], CMSG_DATA(c), bytes);
		count += bytes / sizeof(int);
	}
	return count;
}

static int receive_some(int fd, void *to, size_t size, size_t *got)
{
	ssize_t bytes;

	while (*got < size) {
		bytes = recv(fd, (char *)to + *got, size - *got, 0);
		if (bytes < 0 && errno == EINTR)
			continue;
		if (bytes < 0)
			return -errno;
		if (bytes == 0)
			return -ENODATA;
		*got += (size_t)bytes;
	}
	return 0;
}

/* Return: 0 or a negative errno; @count descriptors are in the record in any case. */
static int receive_head(int fd, struct handover_record *record, size_t *count)
{
	struct iovec piece = { .iov_base = &record->head,
			       .iov_len = sizeof(record->head) };
	union control control;
	struct msghdr message = {
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t bytes;
	size_t got;

	*count = 0;
	do
		bytes = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	while (bytes < 0 && errno == EINTR);
	if (bytes < 0)
		return -errno;
	if (bytes == 0)
		return -ENODATA;
	*count = take_fds(&message, record->fds);
	/* As many as there was room for in the process have come. */
	if (message.msg_flags & MSG_CTRUNC)
		return -EMFILE;
	got = (size_t)bytes;
	return receive_some(fd, &record->head, sizeof(record->head), &got);
}

int handover_receive(int fd, struct handover_record *record)
{
	size_t count, got = 0;
	int err;

	memset(record, 0, sizeof(*record));
	err = receive_head(fd, record, &count);
	if (!err && (record->head.fds != count ||
		     record->head.size > HANDOVER_SIZE_MAX))
		err = -EPROTO;
	record->head.fds = (uint32_t)count;
	if (!err) {
		record->data = calloc(1, (size_t)record->head.size + 1);
		err = record->data ? receive_some(fd, record->data,
						  record->head.size, &got) :
				     -ENOMEM;
	} else {
		record->head.size = 0;
	}
	if (err)
		handover_record_free(record);
	return err;
}

void handover_record_free(struct handover_record *record)
{
	for (uint32_t i = 0; i < record->head.fds; i++)
		if (record->fds[i] >= 0)
			close(record->fds[i]);
	if (record->data)
		explicit_bzero(record->data, record->head.size);
	free(record->data);
	memset(record, 0, sizeof(*record));
}
