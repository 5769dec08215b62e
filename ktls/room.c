// SPDX-License-Identifier: GPL-2.0
/*
 * Memory for bytes that are written here: parts of pages, which sockets send as they
 * are. It is cut from the page that the kernel keeps for what this task sends, so that
 * a few bytes cost neither a page of their own nor one to be cleared.
 */

#include <linux/gfp.h>
#include <linux/sched.h>
#include <net/sock.h>

#include "room.h"

/**
 * sluice_room_get() - get room to write to
 * @room: set to it, with a reference to its page, which sluice_room_trim() and
 *	sluice_room_put() give back
 * @size: bytes, above 0, up to 65536
 *
 * Context: may sleep.
 * Return: false without memory; then @room has none.
 */
bool sluice_room_get(struct bio_vec *room, u32 size)
{
	struct page_frag *frag = &current->task_frag;
	struct page *page;

	room->bv_page = NULL;
	if (size > PAGE_SIZE) {
		page = alloc_pages(GFP_KERNEL | __GFP_COMP | __GFP_NOWARN,
				   get_order(size));
		if (!page)
			return false;
		bvec_set_page(room, page, size, 0);
		return true;
	}
	if (!skb_page_frag_refill(size, frag, GFP_KERNEL | __GFP_NOWARN))
		return false;
	get_page(frag->page);
	bvec_set_page(room, frag->page, size, frag->offset);
	frag->offset += size;
	return true;
}

/**
 * sluice_room_trim() - give back what was not written
 * @room: from sluice_room_get(), in the same task
 * @length: bytes to keep; with 0 there is no room any more
 */
void sluice_room_trim(struct bio_vec *room, u32 length)
{
	struct page_frag *frag = &current->task_frag;

	/* Others may have got some behind it meanwhile. */
	if (frag->page == room->bv_page &&
	    frag->offset == room->bv_offset + room->bv_len)
		frag->offset -= room->bv_len - length;
	room->bv_len = length;
	if (!length)
		sluice_room_put(room);
}

/**
 * sluice_room_put() - be done with it
 * @room: room, or none; there is none afterwards
 */
void sluice_room_put(struct bio_vec *room)
{
	if (room->bv_page)
		put_page(room->bv_page);
	room->bv_page = NULL;
}
