/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_KTLS_ROOM_H
#define _SLUICE_KTLS_ROOM_H

#include <linux/bvec.h>
#include <linux/mm.h>
#include <linux/types.h>

bool sluice_room_get(struct bio_vec *room, u32 size);
void sluice_room_trim(struct bio_vec *room, u32 length);
void sluice_room_put(struct bio_vec *room);

/**
 * sluice_room_data() - where it begins
 * @room: some room
 *
 * Return: its address; NULL where there is none.
 */
static inline u8 *sluice_room_data(const struct bio_vec *room)
{
	return room->bv_page ? page_address(room->bv_page) + room->bv_offset :
			       NULL;
}

#endif /* _SLUICE_KTLS_ROOM_H */
