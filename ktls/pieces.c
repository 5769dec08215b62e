// SPDX-License-Identifier: GPL-2.0
/* Bytes on their way from one socket to another: parts of pages, not copies. */

#include <linux/mm.h>
#include <linux/skbuff.h>
#include <linux/string.h>

#include "pieces.h"
#include "room.h"

/**
 * sluice_pieces_init() - begin without any
 * @pieces: what to set up
 */
void sluice_pieces_init(struct sluice_pieces *pieces)
{
	pieces->first = 0;
	pieces->end = 0;
	pieces->bytes = 0;
}

/**
 * sluice_pieces_free() - forget what was not sent
 * @pieces: what to empty; can be used again
 */
void sluice_pieces_free(struct sluice_pieces *pieces)
{
	u32 i;

	for (i = pieces->first; i < pieces->end; i++)
		put_page(pieces->vec[i].bv_page);
	sluice_pieces_init(pieces);
}

/**
 * sluice_pieces_are_full() - is there enough to be sent
 * @pieces: what waits
 *
 * Return: whether nothing more should be taken. Two more pieces fit always.
 */
bool sluice_pieces_are_full(const struct sluice_pieces *pieces)
{
	return pieces->bytes >= SLUICE_PIECES_BYTES ||
	       pieces->end >= SLUICE_PIECES_MAX - 2;
}

static void append(struct sluice_pieces *pieces, struct page *page, u32 offset,
		   u32 length)
{
	bvec_set_page(&pieces->vec[pieces->end++], page, length, offset);
	pieces->bytes += length;
}

/* Bytes of a page go on where the last piece ends. */
static bool extend(struct sluice_pieces *pieces, const struct page *page,
		   u32 offset, u32 length)
{
	struct bio_vec *last;

	if (pieces->end == pieces->first)
		return false;
	last = &pieces->vec[pieces->end - 1];
	if (last->bv_page != page || last->bv_offset + last->bv_len != offset)
		return false;
	last->bv_len += length;
	pieces->bytes += length;
	return true;
}

/**
 * sluice_pieces_reserve() - room for bytes that are written here
 * @pieces: where they are appended by sluice_pieces_commit()
 * @size: how many there can be, up to 65536
 *
 * Context: may sleep.
 * Return: where to write them, or NULL without memory or where
 * SLUICE_PIECES_MAX are waiting.
 */
u8 *sluice_pieces_reserve(struct sluice_pieces *pieces, u32 size)
{
	struct bio_vec *room = &pieces->vec[pieces->end];

	if (pieces->end == SLUICE_PIECES_MAX || !sluice_room_get(room, size))
		return NULL;
	return sluice_room_data(room);
}

/**
 * sluice_pieces_commit() - append what was written
 * @pieces: after sluice_pieces_reserve(), without any other call between
 * @length: how much was written, at most what was reserved; may be 0
 */
void sluice_pieces_commit(struct sluice_pieces *pieces, u32 length)
{
	struct bio_vec *room = &pieces->vec[pieces->end];

	sluice_room_trim(room, length);
	if (!length)
		return;
	if (extend(pieces, room->bv_page, room->bv_offset, length)) {
		sluice_room_put(room);
		return;
	}
	pieces->end++;
	pieces->bytes += length;
}

/**
 * sluice_pieces_copy() - append a copy of some bytes
 * @pieces: where
 * @data: the bytes
 * @length: how many, up to 65536
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_pieces_copy(struct sluice_pieces *pieces, const void *data,
		       u32 length)
{
	u8 *to = sluice_pieces_reserve(pieces, length);

	if (!to)
		return -ENOMEM;
	memcpy(to, data, length);
	sluice_pieces_commit(pieces, length);
	return 0;
}

/* Part of a page that somebody else has, too: as long as we have a reference. */
static bool share(struct sluice_pieces *pieces, struct page *page, u32 offset,
		  u32 length)
{
	if (extend(pieces, page, offset, length))
		return true;
	if (pieces->end == SLUICE_PIECES_MAX)
		return false;
	get_page(page);
	append(pieces, page, offset, length);
	return true;
}

static int copy(struct sluice_pieces *pieces, struct sk_buff *skb, u32 offset,
		u32 length)
{
	u8 *to = sluice_pieces_reserve(pieces, length);

	if (!to)
		return 0;
	if (skb_copy_bits(skb, offset, to, length))
		length = 0;
	sluice_pieces_commit(pieces, length);
	return length ?: -EFAULT;
}

/* What is in the head of a buffer; it may be in memory that knows no pages. */
static int take_linear(struct sluice_pieces *pieces, struct sk_buff *skb,
		       u32 offset, u32 length)
{
	u8 *data = skb->data + offset;
	struct page *page;

	if (length < SLUICE_PIECES_SMALL || skb_head_is_locked(skb))
		return copy(pieces, skb, offset, length);
	page = virt_to_head_page(data);
	return share(pieces, page, data - (u8 *)page_address(page), length) ?
		       length : 0;
}

/* @start: where in @skb the part @frag begins. */
static int take_frag(struct sluice_pieces *pieces, struct sk_buff *skb,
		     const skb_frag_t *frag, u32 start, u32 offset, u32 length)
{
	struct page *page = skb_frag_page(frag);

	if (!page)
		return -EFAULT;	/* memory of a device */
	if (length < SLUICE_PIECES_SMALL)
		return copy(pieces, skb, offset, length);
	return share(pieces, page, skb_frag_off(frag) + offset - start, length) ?
		       length : 0;
}

/**
 * sluice_pieces_take() - append bytes of a received buffer
 * @pieces: where
 * @skb: the buffer, whose pages are shared from now on
 * @offset: of the first byte
 * @length: how many
 *
 * Context: the socket's lock is held; may sleep.
 * Return: how many were appended, which are less where there is no more room or
 * memory, or -EFAULT where the first of them cannot be read by this host.
 */
int sluice_pieces_take(struct sluice_pieces *pieces, struct sk_buff *skb,
		       u32 offset, u32 length)
{
	u32 start = skb_headlen(skb), size, part;
	struct sk_buff *next;
	int i, got, sum = 0;

	if (offset < start && length) {
		part = min(length, start - offset);
		got = take_linear(pieces, skb, offset, part);
		if (got < (int)part)
			return got;
		sum += got;
		offset += part;
		length -= part;
	}
	for (i = 0; i < skb_shinfo(skb)->nr_frags && length; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];

		size = skb_frag_size(frag);
		if (offset < start + size) {
			part = min(length, start + size - offset);
			got = take_frag(pieces, skb, frag, start, offset, part);
			if (got < (int)part)
				return sum ?: got;
			sum += got;
			offset += part;
			length -= part;
		}
		start += size;
	}
	skb_walk_frags(skb, next) {
		if (!length)
			break;
		if (offset < start + next->len) {
			part = min(length, start + next->len - offset);
			got = sluice_pieces_take(pieces, next, offset - start,
						 part);
			if (got < (int)part)
				return got < 0 ? sum ?: got : sum + got;
			sum += got;
			offset += part;
			length -= part;
		}
		start += next->len;
	}
	return sum;
}

/**
 * sluice_pieces_share() - have what is going to be sent, too
 * @pieces: what waits: one piece
 * @piece: set to it, with a reference to its page, which sluice_room_put() and
 *	sluice_pieces_add() give back
 */
void sluice_pieces_share(const struct sluice_pieces *pieces,
			 struct bio_vec *piece)
{
	*piece = pieces->vec[pieces->first];
	get_page(piece->bv_page);
}

/**
 * sluice_pieces_add() - append what is in a page
 * @pieces: where
 * @piece: from sluice_pieces_share(); with success there is none afterwards
 *
 * Return: 0, or -ENOMEM where SLUICE_PIECES_MAX are waiting.
 */
int sluice_pieces_add(struct sluice_pieces *pieces, struct bio_vec *piece)
{
	if (!share(pieces, piece->bv_page, piece->bv_offset, piece->bv_len))
		return -ENOMEM;
	sluice_room_put(piece);
	return 0;
}

/**
 * sluice_pieces_sent() - let go of what was sent
 * @pieces: what waits
 * @bytes: how much of it is with the socket now
 */
void sluice_pieces_sent(struct sluice_pieces *pieces, u32 bytes)
{
	struct bio_vec *vec;

	pieces->bytes -= bytes;
	while (bytes) {
		vec = &pieces->vec[pieces->first];
		if (bytes < vec->bv_len) {
			vec->bv_offset += bytes;
			vec->bv_len -= bytes;
			return;
		}
		bytes -= vec->bv_len;
		put_page(vec->bv_page);
		pieces->first++;
	}
	if (pieces->first == pieces->end)
		sluice_pieces_init(pieces);
}
