/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cookie that keeps a client at its server: number of the server and the first
 * half of a HMAC-SHA256 (RFC 2104) of pool and number, in base64url (RFC 4648 5).
 * Nobody without the secret can make one, and one of another pool is none. It says
 * nothing of the server's address, and lasts as long as the client's session.
 *
 * Strata relay and proxy take and make the same cookies, so that a client may change
 * between them. The HMAC is computed by each with what it has for that.
 */
#ifndef SLUICE_STICKY_H
#define SLUICE_STICKY_H

#include <sluice/types.h>

/* Bytes of the secret. */
#define SLUICE_STICKY_SECRET_SIZE 32

/* Bytes of the signature, 128 bits: as hard to guess as a key of that length. */
#define SLUICE_STICKY_SIGNATURE_SIZE 16

/* Longest name of a cookie, and of a pool, without the 0. */
#define SLUICE_STICKY_COOKIE_LEN 255
#define SLUICE_STICKY_POOL_LEN 63

/* Most bytes that sluice_sticky_signed() writes. */
#define SLUICE_STICKY_SIGNED_MAX 128

/* Most bytes that sluice_sticky_write() writes, with the 0. */
#define SLUICE_STICKY_TEXT_MAX 512

/**
 * struct sluice_sticky_mark - what a cookie says
 * @server: of sluice_sticky_server()
 * @signature: first bytes of the HMAC of sluice_sticky_signed()
 */
struct sluice_sticky_mark {
	u64 server;
	u8 signature[SLUICE_STICKY_SIGNATURE_SIZE];
};

u64 sluice_sticky_server(const void *address, u32 size, u16 port);
u32 sluice_sticky_signed(u8 to[SLUICE_STICKY_SIGNED_MAX], const char *pool,
			 u64 server);
bool sluice_sticky_read(struct sluice_sticky_mark *mark, const char *value,
			u32 length);
u32 sluice_sticky_write(char *to, u32 size, const char *cookie,
			const struct sluice_sticky_mark *mark, bool secure);

#endif /* SLUICE_STICKY_H */
