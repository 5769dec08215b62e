/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_KTLS_PIECES_H
#define _SLUICE_KTLS_PIECES_H

#include <linux/bvec.h>
#include <linux/types.h>

struct sk_buff;

/* Parts of pages that wait at most, and bytes after which no more are taken. */
#define SLUICE_PIECES_MAX 40
#define SLUICE_PIECES_BYTES 65536

/*
 * Parts shorter than this are copied: a few bytes would keep a whole page, which the
 * socket that sends them does not account for.
 */
#define SLUICE_PIECES_SMALL 512

/**
 * struct sluice_pieces - bytes on their way to a socket
 * @first: index in @vec of the next piece
 * @end: index behind the last one
 * @bytes: in all pieces
 * @vec: parts of pages, each with a reference
 *
 * Bytes of a body are where the kernel received them, and never move. Touched only by
 * the work of their connection.
 */
struct sluice_pieces {
	u16 first;
	u16 end;
	u32 bytes;
	struct bio_vec vec[SLUICE_PIECES_MAX];
};

void sluice_pieces_init(struct sluice_pieces *pieces);
void sluice_pieces_free(struct sluice_pieces *pieces);
bool sluice_pieces_are_full(const struct sluice_pieces *pieces);
u8 *sluice_pieces_reserve(struct sluice_pieces *pieces, u32 size);
void sluice_pieces_commit(struct sluice_pieces *pieces, u32 length);
int sluice_pieces_copy(struct sluice_pieces *pieces, const void *data,
		       u32 length);
int sluice_pieces_take(struct sluice_pieces *pieces, struct sk_buff *skb,
		       u32 offset, u32 length);
void sluice_pieces_share(const struct sluice_pieces *pieces,
			 struct bio_vec *piece);
int sluice_pieces_add(struct sluice_pieces *pieces, struct bio_vec *piece);
void sluice_pieces_sent(struct sluice_pieces *pieces, u32 bytes);

#endif /* _SLUICE_KTLS_PIECES_H */
