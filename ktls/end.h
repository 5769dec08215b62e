/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_KTLS_END_H
#define _SLUICE_KTLS_END_H

#include <linux/net.h>
#include <linux/wait.h>

#include "pieces.h"

struct file;
struct sluice_relay;

/* Bytes that are read at once where they have to be looked at. */
#define SLUICE_END_READ 4096
/* Jiffies until what failed for want of memory is tried again. */
#define SLUICE_END_RETRY (HZ / 20)

/**
 * struct sluice_end - one side of a relayed connection: a socket
 * @sock: the socket; NULL where there is none
 * @file: that keeps @sock, with a reference; NULL for a socket of our own
 * @relay: whose work is started when something happens
 * @wait: in the socket's wait queue while there is a socket
 * @room: where @data is, or none
 * @data: bytes that were read and have to be looked at, or NULL
 * @start: of the first byte in @data that was not used
 * @end: behind the last one
 * @tls: the socket has kTLS in both directions
 * @rekeying: its keys are being changed: nothing is read until that is done
 * @rekeyed: they were, it is said: if kTLS has none, reading says so at once
 * @held: nor is anything sent
 * @eof: the peer has ended what it says
 * @error: what went wrong when it was read, which the socket tells only once; or 0
 * @pushed: jiffies when kTLS was last asked to send what it has
 * @notified: the peer of TLS was told that we end
 * @shut: we have ended what we say
 * @records: TLS records that were no data
 * @parts: reads, records and received buffers that bytes came in: what they have cost
 *
 * Only the work of @relay touches it, but for @wait.
 */
struct sluice_end {
	struct socket *sock;
	struct file *file;
	struct sluice_relay *relay;
	wait_queue_entry_t wait;
	struct bio_vec room;
	u8 *data;
	u32 start;
	u32 end;
	bool tls;
	bool rekeying;
	bool rekeyed;
	bool held;
	bool eof;
	int error;
	unsigned long pushed;
	bool notified;
	bool shut;
	u32 records;
	u32 parts;
};

void sluice_end_init(struct sluice_end *end, struct sluice_relay *relay);
void sluice_end_attach(struct sluice_end *end, struct socket *sock,
		       struct file *file);
void sluice_end_detach(struct sluice_end *end);
void sluice_end_close(struct sluice_end *end, bool reset);

int sluice_end_read(struct sluice_end *end, u32 max);
void sluice_end_hold(struct sluice_end *end, const struct bio_vec *room);
void sluice_end_use(struct sluice_end *end, u32 length);
int sluice_end_take(struct sluice_end *end, struct sluice_pieces *pieces,
		    u64 max);
int sluice_end_discard(struct sluice_end *end);
int sluice_end_write(struct sluice_end *end, struct sluice_pieces *pieces);
bool sluice_end_has_room(struct sluice_end *end);
void sluice_end_push(struct sluice_end *end);
int sluice_end_shutdown(struct sluice_end *end);

/**
 * sluice_end_unused() - how much was read and not used
 * @end: the side
 *
 * Return: bytes at &sluice_end.data + &sluice_end.start.
 */
static inline u32 sluice_end_unused(const struct sluice_end *end)
{
	return end->end - end->start;
}

#endif /* _SLUICE_KTLS_END_H */
