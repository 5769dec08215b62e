// SPDX-License-Identifier: GPL-2.0-or-later
/* How a table of Maglev hashing is made. */
#include <sluice/maglev.h>

/*
 * What is random of a server depends on its key alone, so that neither the others
 * nor the order in which they are given change it. @which: another number each.
 */
static u64 draw(u64 key, u64 seed, u64 which)
{
	return sluice_mix(sluice_mix(key ^ seed) + which * 0x9e3779b97f4a7c15ULL);
}

/* As the size is a prime, any skip leads through all entries. */
static void path_init(struct sluice_maglev_path *path, u32 size, u64 key,
		      u64 seed)
{
	path->place = sluice_scale(draw(key, seed, 1), size);
	path->skip = 1 + sluice_scale(draw(key, seed, 2), size - 1);
}

/* Return: the entry that the server takes: the first of its path that is free. */
static u32 path_take(struct sluice_maglev_path *path, const u16 *table,
		     u32 size)
{
	u32 taken;

	do {
		taken = path->place;
		path->place += path->skip;
		if (path->place >= size)
			path->place -= size;
	} while (table[taken] != SLUICE_MAGLEV_NONE);
	return taken;
}

u32 sluice_maglev_build(u16 *table, u32 size,
			const struct sluice_maglev_server *servers, u32 count,
			u64 seed, struct sluice_turn *turns,
			struct sluice_maglev_path *paths)
{
	u32 live = 0, i;
	u64 phase;

	for (i = 0; i < count; i++) {
		if (!servers[i].weight)
			continue;
		path_init(&paths[i], size, servers[i].key, seed);
		phase = draw(servers[i].key, seed, 3);
		turns[live].index = i;
		turns[live].order = phase;
		sluice_turn_init(&turns[live++], servers[i].weight,
				 phase >> 32);
	}
	sluice_turns_arrange(turns, live);
	/* All bytes of SLUICE_MAGLEV_NONE are the same. */
	memset(table, 0xff, size * sizeof(*table));
	for (i = 0; i < size && live; i++) {
		table[path_take(&paths[turns->index], table, size)] =
			turns->index;
		sluice_turn_end(turns);
		sluice_turns_sink(turns, live, 0);
	}
	return live;
}
