// SPDX-License-Identifier: GPL-2.0-or-later
#include "request_id.h"

#include <errno.h>
#include <sys/random.h>

int request_ids_init(struct request_ids *ids)
{
	ssize_t got;

	ids->next = 0;
	do
		got = getrandom(&ids->key, sizeof(ids->key), 0);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	/* So few bytes come at once or not at all. */
	return (size_t)got == sizeof(ids->key) ? 0 : -EIO;
}

void request_ids_next(struct request_ids *ids, char to[REQUEST_ID_LENGTH + 1])
{
	static const char digits[] = "0123456789abcdef";
	uint64_t hash[2];

	sip_hash(&ids->key, &ids->next, sizeof(ids->next), hash);
	ids->next++;
	for (unsigned int i = 0; i < REQUEST_ID_LENGTH; i++)
		to[i] = digits[hash[i / 16] >> (60 - i % 16 * 4) & 0xf];
	to[REQUEST_ID_LENGTH] = '\0';
}
