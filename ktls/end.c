// SPDX-License-Identifier: GPL-2.0
/*
 * One side of a relayed connection. Both kinds of socket, plain TCP and TCP with
 * kTLS, are read and written by the same calls. Bytes that have to be looked at are
 * copied to a buffer; all others are taken as they are.
 *
 * What happens on a socket is heard by an entry in its wait queue, as epoll does it:
 * the socket's own callbacks stay, of which those of kTLS must not be missed.
 */

#include <linux/file.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <linux/unaligned.h>
#include <net/sock.h>
#include <net/tcp.h>
#include <net/tls.h>

#include "end.h"
#include "rekey.h"
#include "room.h"
#include "run.h"

/* Record types and alerts of RFC 8446. */
#define RECORD_ALERT 21
#define RECORD_DATA 23
#define ALERT_WARNING 1
#define ALERT_CLOSE_NOTIFY 0
#define ALERT_USER_CANCELED 90

/* Bytes of a record that is not wanted, if it is no alert, at a time. */
#define DISCARD 64

/* Records or buffers that are taken at a time, however short they are. */
#define PARTS_MAX 256

/* Records of a peer that bring no data; more have no purpose but to keep us busy. */
#define RECORDS_MAX 64

static int wake(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key)
{
	sluice_relay_run(container_of(wait, struct sluice_end, wait)->relay);
	return 0;
}

/**
 * sluice_end_init() - a side without a socket
 * @end: what to set up
 * @relay: whose it is
 */
void sluice_end_init(struct sluice_end *end, struct sluice_relay *relay)
{
	memset(end, 0, sizeof(*end));
	end->relay = relay;
	end->pushed = jiffies - SLUICE_END_RETRY;
	init_waitqueue_func_entry(&end->wait, wake);
}

/**
 * sluice_end_attach() - listen to a socket
 * @end: a side without one
 * @sock: the socket
 * @file: its file, whose reference is taken over, or NULL where the socket is
 */
void sluice_end_attach(struct sluice_end *end, struct socket *sock,
		       struct file *file)
{
	end->sock = sock;
	end->file = file;
	add_wait_queue(&sock->wq.wait, &end->wait);
	/* Pairs with that in skwq_has_sleeper(): what comes now is heard. */
	smp_mb();
}

/**
 * sluice_end_detach() - do not listen any more
 * @end: a side with a socket, which stays open
 *
 * Nothing of it starts the work afterwards.
 */
void sluice_end_detach(struct sluice_end *end)
{
	remove_wait_queue(&end->sock->wq.wait, &end->wait);
}

/* Whoever had the socket before may have wanted to wait for the end. */
static void linger_not(struct sock *sk)
{
	lock_sock(sk);
	sock_reset_flag(sk, SOCK_LINGER);
	release_sock(sk);
}

/* There is nothing that was read and not used. */
static void drop(struct sluice_end *end)
{
	sluice_room_put(&end->room);
	end->data = NULL;
	end->start = 0;
	end->end = 0;
}

/**
 * sluice_end_close() - let go of the socket and of what was read
 * @end: a side, with a socket or without
 * @reset: tell the peer that something went wrong
 *
 * Context: may sleep.
 */
void sluice_end_close(struct sluice_end *end, bool reset)
{
	drop(end);
	if (!end->sock)
		return;
	sluice_end_detach(end);
	if (reset)
		sock_no_linger(end->sock->sk);
	else
		linger_not(end->sock->sk);
	if (end->file)
		fput(end->file);
	else
		sock_release(end->sock);
	end->sock = NULL;
	end->file = NULL;
}

static int count_record(struct sluice_end *end)
{
	sluice_relay_tally(end->relay, SLUICE_RELAY_COUNT_RECORDS);
	return ++end->records > RECORDS_MAX ? -EPROTO : -EINTR;
}

/* Records that kTLS has decrypted: its number of the next one. */
static u64 decrypted(const struct sluice_end *end)
{
	return end->tls ?
		       get_unaligned_be64(tls_get_ctx(end->sock->sk)->rx.rec_seq) :
		       0;
}

/*
 * Some kernels pass over records without bytes and say nothing of them. Since it was at
 * @before, @got bytes came, of which each of the others has one at least; behind them
 * may be one of another type, which is counted when it is read.
 */
static int count_silent(struct sluice_end *end, u64 before, int got)
{
	u64 others = got > 0 ? got + 1ULL : 0, now = decrypted(end), records;

	/* With new keys numbers begin at 0 again. */
	if ((got <= 0 && got != -EAGAIN) || now < before || now - before <= others)
		return got;
	records = now - before - others;
	sluice_relay_tally_many(end->relay, SLUICE_RELAY_COUNT_RECORDS, records);
	end->records = min_t(u64, end->records + records, RECORDS_MAX + 1);
	if (end->records > RECORDS_MAX)
		end->error = -EPROTO;
	return got > 0 ? got : end->error ?: got;
}

/* As the only message of its record; keys change behind that (RFC 8446 section 5.1). */
static bool is_key_update(u8 type, const u8 *data, int length)
{
	return type == SLUICE_RECORD_HANDSHAKE && length == SLUICE_KEY_UPDATE_SIZE &&
	       data[0] == SLUICE_HANDSHAKE_KEY_UPDATE && !data[1] && !data[2] &&
	       data[3] == 1 && data[4] <= 1;
}

/* A record that is not data, of which there are @length bytes; one more than matter. */
static int control(struct sluice_end *end, u8 type, const u8 *data, int length)
{
	int err;

	if (is_key_update(type, data, length)) {
		/* Others are counted for life, these by time. */
		sluice_relay_tally(end->relay, SLUICE_RELAY_COUNT_RECORDS);
		return sluice_rekey_begin(end->relay, data[4]) ?: -EAGAIN;
	}
	err = count_record(end);
	if (err != -EINTR)
		return err;
	if (type != RECORD_ALERT)
		return -EKEYEXPIRED;
	if (length < 2)
		return -EPROTO;
	if (data[1] == ALERT_USER_CANCELED)
		return -EINTR;
	if (data[1] != ALERT_CLOSE_NOTIFY)
		return -ECONNRESET;
	end->eof = true;
	return 0;
}

/* What went wrong stays so, though the socket says it once and is just closed then. */
static int keep(struct sluice_end *end, int got)
{
	/* What is no record, or cannot be decrypted: nothing is wrong with HTTP. */
	if (got == -EBADMSG || got == -EMSGSIZE)
		got = -ECONNRESET;
	if (got < 0 && got != -EAGAIN && got != -EINTR && got != -EINVAL &&
	    got != -ENOMEM)
		end->error = got;
	return got;
}

/*
 * What came is no record, so kTLS reads nothing any more. It says so once by an error
 * of the socket, which may be taken for something else, or be forgotten where records
 * before it were good.
 */
static bool is_stopped(const struct sluice_end *end)
{
	/* Set for good; whoever sees it late is woken by the error. */
	return end->tls &&
	       tls_sw_ctx_rx(tls_get_ctx(end->sock->sk))->strp.stopped;
}

/* Nothing came, and nothing will: the peer has said that it ended, or it broke. */
static int ended(struct sluice_end *end)
{
	end->eof = sock_flag(end->sock->sk, SOCK_DONE);
	return end->eof ? 0 : -ECONNRESET;
}

/*
 * Could reading bring anything, be it the end? What comes later starts the work again.
 * Bytes of TLS are there when their record is complete.
 */
static bool is_readable(struct sluice_end *end)
{
	struct sock *sk = end->sock->sk;

	if (end->rekeyed) {
		end->rekeyed = false;
		return true;
	}
	if (READ_ONCE(sk->sk_err) || READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN ||
	    READ_ONCE(sk->sk_state) == TCP_CLOSE)
		return true;
	if (end->tls)
		return sk_is_readable(sk) || is_stopped(end);
	return !skb_queue_empty_lockless(&sk->sk_receive_queue);
}

/*
 * A record that is not data is read to its end, or as far as it matters, though there
 * was less room where data were expected. Return: its bytes, as far as they are there.
 */
static int whole_record(struct sluice_end *end, const u8 *begin, int length,
			bool whole, u8 *record, int size)
{
	u8 space[CMSG_SPACE(sizeof(u8))];
	struct msghdr msg = {
		.msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL,
		.msg_control = space,
		.msg_controllen = sizeof(space),
	};
	struct kvec vec;
	int more;

	length = min(length, size);
	memcpy(record, begin, length);
	if (whole || length == size)
		return length;
	vec = (struct kvec){ record + length, size - length };
	more = kernel_recvmsg(end->sock, &msg, &vec, 1, vec.iov_len, msg.msg_flags);
	return more > 0 ? length + more : length;
}

/* Read a copy: as receive(), but what is wrong may be said only once. */
static int receive_once(struct sluice_end *end, const struct bio_vec *room,
			u32 skip)
{
	u8 space[CMSG_SPACE(sizeof(u8))], record[SLUICE_KEY_UPDATE_SIZE + 1];
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
	u64 before = decrypted(end);
	struct cmsghdr *header;
	u8 type = RECORD_DATA;
	int got;

	if (end->tls) {
		msg.msg_control = space;
		msg.msg_controllen = sizeof(space);
	}
	/* Of pages: with addresses kTLS would not decrypt to where they are wanted. */
	iov_iter_bvec(&msg.msg_iter, ITER_DEST, room, 1, room->bv_len);
	if (skip)
		iov_iter_advance(&msg.msg_iter, skip);
	got = READ_ONCE(end->sock->ops)->recvmsg(end->sock, &msg,
						 msg_data_left(&msg),
						 msg.msg_flags);
	if (got < 0)
		return count_silent(end, before, got);
	if (!end->tls || msg.msg_controllen == sizeof(space))
		return got ?: ended(end);
	header = (struct cmsghdr *)space;
	if (header->cmsg_level == SOL_TLS &&
	    header->cmsg_type == TLS_GET_RECORD_TYPE)
		type = *(u8 *)CMSG_DATA(header);
	/* An empty record, and behind it one of another type. */
	if (type == RECORD_DATA)
		return got ? count_silent(end, before, got) : count_record(end);
	got = whole_record(end, sluice_room_data(room) + skip, got,
			   msg.msg_flags & MSG_EOR, record, sizeof(record));
	return control(end, type, record, got);
}

/*
 * Read a copy to what is behind @skip bytes of @room: bytes, 0 at the end, -EAGAIN, or
 * what is wrong: -EKEYEXPIRED for a record of the handshake that nobody can answer.
 */
static int receive(struct sluice_end *end, const struct bio_vec *room, u32 skip)
{
	u64 before;
	int got;

	if (end->error || end->eof)
		return end->error;
	if (end->rekeying)
		return -EAGAIN;
	before = decrypted(end);
	do {
		got = receive_once(end, room, skip);
	} while (got == -EINTR);
	end->parts += (u32)(decrypted(end) - before);
	if (got == -EINVAL || (got == -EAGAIN && is_stopped(end)))
		got = -ECONNRESET;
	return keep(end, got);
}

/* What take_skb() is told: with neither of the first two, bytes are dropped. */
struct take {
	struct sluice_pieces *pieces;	/* to share them */
	u8 *copy;	/* to copy them */
	u64 left;
	u32 parts;	/* how many came */
	bool empty;	/* a record without bytes, which some kernels pass on */
	int error;
};

static int take_skb(read_descriptor_t *desc, struct sk_buff *skb,
		    unsigned int offset, size_t length)
{
	struct take *take = desc->arg.data;
	u32 want = min_t(u64, length, take->left);
	int got = want;

	/* TCP asks once more where not all was taken. */
	if (!desc->count)
		return 0;
	take->parts++;
	if (!length)
		take->empty = true;
	else if (take->pieces)
		got = sluice_pieces_take(take->pieces, skb, offset, want);
	else if (take->copy)
		got = skb_copy_bits(skb, offset, take->copy, want) ?: (int)want;
	if (got <= 0 && want) {
		take->error = got ?: -ENOMEM;
		got = 0;
	}
	take->left -= got;
	if (take->copy)
		take->copy += got;
	/* Some kernels' kTLS would lose the rest of a record by a further call. */
	if (got < length || !take->left || take->parts == PARTS_MAX ||
	    (take->pieces && sluice_pieces_are_full(take->pieces)))
		desc->count = 0;
	return got;
}

/*
 * Nothing was passed on: because of the end, for ever or for now. At a byte that TCP
 * was told to be urgent read_sock() does not go on; recvmsg() does.
 */
static int nothing(struct sluice_end *end, struct sock *sk)
{
	if (!end->tls && tcp_sk(sk)->urg_data)
		return -EINVAL;
	if (sk->sk_err && !sock_flag(sk, SOCK_DONE))
		return sock_error(sk);
	if (sk->sk_shutdown & RCV_SHUTDOWN || sk->sk_state == TCP_CLOSE)
		return ended(end);
	return -EAGAIN;
}

/* Without a copy: bytes, 0 at the end, or what receive() has to be asked for. */
static int read_sock(struct sluice_end *end, struct take *take)
{
	read_descriptor_t desc = { .arg.data = take, .count = 1 };
	struct sock *sk = end->sock->sk;
	u64 before = decrypted(end);
	int got;

	lock_sock(sk);
	got = READ_ONCE(end->sock->ops)->read_sock(sk, &desc, take_skb);
	if (got == 0 && !take->error && !take->empty)
		got = nothing(end, sk);
	release_sock(sk);
	end->parts += take->parts;
	return keep(end, count_silent(end, before, got));
}

/* As receive(), where there are no records: for heads that is the shorter way. */
static int receive_plain(struct sluice_end *end, const struct bio_vec *room,
			 u32 skip)
{
	struct take take = {
		.copy = (u8 *)sluice_room_data(room) + skip,
		.left = room->bv_len - skip,
	};
	int got = read_sock(end, &take);

	if (got > 0)
		return got;
	return got == -EINVAL || take.error ? receive(end, room, skip) : got;
}

/**
 * sluice_end_read() - read bytes that have to be looked at
 * @end: the side; what is read is appended to what was not used yet
 * @max: bytes that there may be, used or not
 *
 * Return: how many came, 0 at the end, -EAGAIN where there are none now, or there will
 * be new keys first, -EMSGSIZE where there are @max, -ENOMEM, -EKEYEXPIRED for a TLS
 * record that is neither data nor an alert, or where there are no new keys, or what is
 * wrong with the connection.
 */
int sluice_end_read(struct sluice_end *end, u32 max)
{
	u32 unused = sluice_end_unused(end);
	u32 size = unused < SLUICE_END_READ / 2 ? SLUICE_END_READ :
						  unused + SLUICE_END_READ;
	struct bio_vec room;
	int got;

	if (end->error || end->eof)
		return end->error;
	if (unused >= max)
		return -EMSGSIZE;
	if (!is_readable(end))
		return -EAGAIN;
	if (!sluice_room_get(&room, min(size, max)))
		return -ENOMEM;
	got = end->tls ? receive(end, &room, unused) :
			 receive_plain(end, &room, unused);
	if (got <= 0) {
		sluice_room_trim(&room, 0);
		return got;
	}
	if (unused)
		memcpy(sluice_room_data(&room), end->data + end->start, unused);
	sluice_room_trim(&room, unused + got);
	drop(end);
	sluice_end_hold(end, &room);
	end->parts++;
	return got;
}

/**
 * sluice_end_hold() - have bytes that have to be looked at
 * @end: a side without any
 * @room: the bytes, whose reference is taken over
 */
void sluice_end_hold(struct sluice_end *end, const struct bio_vec *room)
{
	end->room = *room;
	end->data = sluice_room_data(room);
	end->end = room->bv_len;
}

/**
 * sluice_end_use() - say that bytes have been used
 * @end: the side
 * @length: how many of those that were not
 *
 * Without any left the memory is given back: a connection that waits has none.
 */
void sluice_end_use(struct sluice_end *end, u32 length)
{
	end->start += length;
	if (end->start == end->end)
		drop(end);
}

/* One record that read_sock() did not pass on, or bytes that it could not. */
static int take_copy(struct sluice_end *end, struct sluice_pieces *pieces,
		     u64 max)
{
	u32 size = min_t(u64, max, SLUICE_END_READ);
	int got;

	if (!sluice_pieces_reserve(pieces, size))
		return -ENOMEM;
	got = receive(end, &pieces->vec[pieces->end], 0);
	sluice_pieces_commit(pieces, max(got, 0));
	return got;
}

/**
 * sluice_end_take() - take bytes that need not be looked at
 * @end: the side; what was read and not used comes first
 * @pieces: where they are appended, not full
 * @max: how many at most, above 0
 *
 * Return: as sluice_end_read(), without -EMSGSIZE.
 */
int sluice_end_take(struct sluice_end *end, struct sluice_pieces *pieces,
		    u64 max)
{
	struct take take = { .pieces = pieces, .left = max };
	u32 unused = min_t(u64, sluice_end_unused(end), max);
	int got;

	if (unused) {
		unused = min(unused, SLUICE_PIECES_BYTES);
		if (sluice_pieces_copy(pieces, end->data + end->start, unused))
			return -ENOMEM;
		end->parts++;
		sluice_end_use(end, unused);
		return unused;
	}
	if (end->error || end->eof)
		return end->error;
	if (end->rekeying || !is_readable(end))
		return -EAGAIN;
	got = read_sock(end, &take);
	if (got > 0 || got == -EAGAIN)
		return got;
	/* The end; a record that is no data, or one that has none. */
	if (got != -EINVAL && !take.empty && !take.error)
		return got;
	return take_copy(end, pieces, max);
}

/**
 * sluice_end_discard() - read what nobody wants any more
 * @end: the side
 *
 * Return: as sluice_end_read().
 */
int sluice_end_discard(struct sluice_end *end)
{
	struct take take = { .left = SLUICE_PIECES_BYTES };
	struct bio_vec room;
	int got;

	sluice_end_use(end, sluice_end_unused(end));
	if (end->error || end->eof)
		return end->error;
	if (end->rekeying)
		return -EAGAIN;
	got = read_sock(end, &take);
	if (got != -EINVAL && !take.empty)
		return got;
	if (!sluice_room_get(&room, DISCARD))
		return -ENOMEM;
	got = receive(end, &room, 0);
	sluice_room_trim(&room, 0);
	return got;
}

/*
 * Has kTLS sent all that it took? It says that it took bytes whose records still wait
 * for room in the socket. Without the socket's lock the answer may be late.
 */
static bool is_flushed(const struct sluice_end *end)
{
	const struct tls_context *tls;

	if (!end->tls)
		return true;
	tls = tls_get_ctx(end->sock->sk);
	return !READ_ONCE(tls->partially_sent_record) &&
	       list_empty_careful(&tls_sw_ctx_tx(tls)->tx_list);
}

/*
 * The socket took nothing, or kTLS has kept it: where TCP has nothing on its way, that
 * was for want of memory, and no acknowledgment will tell when to go on.
 */
static int try_later(struct sluice_end *end)
{
	if (tcp_rtx_and_write_queues_empty(end->sock->sk))
		end->relay->soon = true;
	return -EAGAIN;
}

/**
 * sluice_end_push() - have kTLS send what it could not for want of memory
 * @end: the side of the client; nothing happens where nothing is left to be sent, or
 *	where an acknowledgment will have it sent
 *
 * Context: the work of its client; may sleep.
 */
void sluice_end_push(struct sluice_end *end)
{
	struct sock *sk = end->sock->sk;

	if (is_flushed(end) || !tcp_rtx_and_write_queues_empty(sk))
		return;
	try_later(end);
	/* This wakes us, too. */
	if (time_before(jiffies, end->pushed + SLUICE_END_RETRY))
		return;
	end->pushed = jiffies;
	lock_sock(sk);
	/* As if there were room again: so kTLS has its own work done. */
	sk->sk_write_space(sk);
	release_sock(sk);
}

/**
 * sluice_end_write() - send what waits
 * @end: the side
 * @pieces: what waits; what the socket took is let go of
 *
 * Return: 0 if all of it was taken, -EAGAIN if the socket has no more room or has to
 * get new keys first, or what is wrong with the connection.
 */
int sluice_end_write(struct sluice_end *end, struct sluice_pieces *pieces)
{
	struct msghdr msg = {};
	int sent;

	if (pieces->bytes && end->held)
		return -EAGAIN;
	while (pieces->bytes) {
		msg.msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL;
		/* What is short TCP copies sooner than it shares its pages; kTLS does not. */
		if (end->tls || pieces->bytes > SLUICE_PIECES_SMALL)
			msg.msg_flags |= MSG_SPLICE_PAGES;
		iov_iter_bvec(&msg.msg_iter, ITER_SOURCE,
			      &pieces->vec[pieces->first],
			      pieces->end - pieces->first, pieces->bytes);
		/* Not sock_sendmsg(): security modules judge who sends; it is nobody. */
		sent = READ_ONCE(end->sock->ops)->sendmsg(end->sock, &msg,
							  pieces->bytes);
		if (!sent || sent == -EAGAIN)
			return try_later(end);
		if (sent < 0)
			return sent;
		sluice_pieces_sent(pieces, sent);
	}
	if (!is_flushed(end))
		try_later(end);
	return 0;
}

/* What is closed while kTLS still has records loses them: if it has, be told. */
static bool is_done(struct sluice_end *end)
{
	struct sock *sk = end->sock->sk;
	bool flushed;

	if (!end->tls)
		return true;
	lock_sock(sk);
	/* A socket that is closed sends nothing; its error may have been told elsewhere. */
	flushed = is_flushed(end) || sk->sk_state == TCP_CLOSE;
	if (!flushed)
		set_bit(SOCK_NOSPACE, &end->sock->flags);
	release_sock(sk);
	return flushed;
}

/**
 * sluice_end_has_room() - can a record be sent at once?
 * @end: a side with TLS
 *
 * With nothing else sent meanwhile it stays so. Otherwise the work is started when
 * there may be room.
 *
 * Return: whether all before it is with TCP, and there is room for more.
 */
bool sluice_end_has_room(struct sluice_end *end)
{
	struct sock *sk = end->sock->sk;
	bool room;

	if (!is_done(end))
		return false;
	lock_sock(sk);
	room = sk_stream_memory_free(sk);
	if (!room)
		set_bit(SOCK_NOSPACE, &end->sock->flags);
	release_sock(sk);
	return room;
}

static int close_notify(struct sluice_end *end)
{
	u8 space[CMSG_SPACE(sizeof(u8))] = {};
	u8 alert[] = { ALERT_WARNING, ALERT_CLOSE_NOTIFY };
	struct kvec vec = { .iov_base = alert, .iov_len = sizeof(alert) };
	struct msghdr msg = {
		.msg_control = space,
		.msg_controllen = sizeof(space),
		.msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL,
	};
	struct cmsghdr *header = (struct cmsghdr *)space;

	header->cmsg_level = SOL_TLS;
	header->cmsg_type = TLS_SET_RECORD_TYPE;
	header->cmsg_len = CMSG_LEN(sizeof(u8));
	*(u8 *)CMSG_DATA(header) = RECORD_ALERT;
	return kernel_sendmsg(end->sock, &msg, &vec, 1, sizeof(alert));
}

/**
 * sluice_end_shutdown() - end what we say
 * @end: the side, all of whose bytes are with the socket
 *
 * With TLS the peer is told so by an alert first (RFC 8446 section 6.1), and
 * nothing is said before the last record has left kTLS.
 *
 * Return: 0 when it is done, -EAGAIN where the socket has no room for it now, or has to
 * get new keys first.
 */
int sluice_end_shutdown(struct sluice_end *end)
{
	int err;

	if (end->shut)
		return 0;
	if (end->held)
		return -EAGAIN;
	if (end->tls && !end->notified) {
		err = close_notify(end);
		if (err == -EAGAIN)
			return try_later(end);
		end->notified = true;
	}
	if (!is_done(end))
		return try_later(end);
	end->shut = true;
	kernel_sock_shutdown(end->sock, SHUT_WR);
	return 0;
}
