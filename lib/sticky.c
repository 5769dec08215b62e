// SPDX-License-Identifier: GPL-2.0-or-later
/* Cookies that keep clients at their servers: what they look like. */
#include <sluice/http_out.h>
#include <sluice/sticky.h>

#define SIGNED_SIZE (8 + SLUICE_STICKY_SIGNATURE_SIZE)
/* In base64, without bits that are not used: one text for one value. */
#define VALUE_LENGTH (SIGNED_SIZE / 3 * 4)

/* Signatures for something else by the same secret are none for this. */
static const char purpose[] = "sluice sticky cookie 1";

static void put_number(u8 *to, u64 number)
{
	u32 i;

	for (i = 0; i < 8; i++)
		to[i] = (u8)(number >> (56 - 8 * i));
}

static u64 get_number(const u8 *from)
{
	u64 number = 0;
	u32 i;

	for (i = 0; i < 8; i++)
		number = number << 8 | from[i];
	return number;
}

static u64 hash_byte(u64 hash, u8 byte)
{
	return (hash ^ byte) * 1099511628211ULL;
}

/**
 * sluice_sticky_server() - the number of a server
 * @address: in network byte order
 * @size: bytes of it, 4 or 16
 * @port: in host byte order
 *
 * FNV-1a of address and port alone: on every node and after every restart the same.
 * Whoever writes the configuration chooses what goes in.
 *
 * Return: the number.
 */
u64 sluice_sticky_server(const void *address, u32 size, u16 port)
{
	u64 hash = 14695981039346656037ULL;
	const u8 *bytes = address;
	u32 i;

	for (i = 0; i < size; i++)
		hash = hash_byte(hash, bytes[i]);
	return hash_byte(hash_byte(hash, (u8)(port >> 8)), (u8)port);
}

/**
 * sluice_sticky_signed() - what the signature is of
 * @to: filled in
 * @pool: name of the pool, SLUICE_STICKY_POOL_LEN bytes at most
 * @server: of sluice_sticky_server()
 *
 * Return: bytes; 0 where the name is too long.
 */
u32 sluice_sticky_signed(u8 to[SLUICE_STICKY_SIGNED_MAX], const char *pool,
			 u64 server)
{
	/* The 0 behind the name ends it. */
	u32 length = (u32)strlen(pool) + 1;

	if (length > SLUICE_STICKY_POOL_LEN + 1)
		return 0;
	memcpy(to, purpose, sizeof(purpose));
	memcpy(to + sizeof(purpose), pool, length);
	put_number(to + sizeof(purpose) + length, server);
	return (u32)sizeof(purpose) + length + 8;
}

static void encode(char *to, const u8 *bytes, u32 size)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	u32 i, word;

	for (i = 0; i < size; i += 3) {
		word = (u32)bytes[i] << 16 | (u32)bytes[i + 1] << 8 |
		       bytes[i + 2];
		*to++ = digits[word >> 18];
		*to++ = digits[word >> 12 & 63];
		*to++ = digits[word >> 6 & 63];
		*to++ = digits[word & 63];
	}
}

/* Return: 0 to 63, or -1. */
static int decode_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

static bool decode(u8 *to, const char *text, u32 length)
{
	u32 i, k, word;
	int digit;

	for (i = 0; i < length; i += 4) {
		word = 0;
		for (k = 0; k < 4; k++) {
			digit = decode_digit(text[i + k]);
			if (digit < 0)
				return false;
			word = word << 6 | (u32)digit;
		}
		*to++ = (u8)(word >> 16);
		*to++ = (u8)(word >> 8);
		*to++ = (u8)word;
	}
	return true;
}

/**
 * sluice_sticky_read() - what the value of a cookie says
 * @mark: filled in; the signature is still to be compared, in constant time
 * @value: any bytes; a value in quotes is taken, too
 * @length: how many
 *
 * Return: whether it has the form of one of ours.
 */
bool sluice_sticky_read(struct sluice_sticky_mark *mark, const char *value,
			u32 length)
{
	u8 bytes[SIGNED_SIZE];

	/* A client may have put it in quotes. */
	if (length == VALUE_LENGTH + 2 && value[0] == '"' &&
	    value[length - 1] == '"') {
		value++;
		length -= 2;
	}
	if (length != VALUE_LENGTH || !decode(bytes, value, length))
		return false;
	mark->server = get_number(bytes);
	memcpy(mark->signature, bytes + 8, sizeof(mark->signature));
	return true;
}

/**
 * sluice_sticky_write() - write the value of Set-Cookie
 * @to: NAME=VALUE; Path=/; HttpOnly; SameSite=Lax[; Secure], and a 0
 * @size: room there, SLUICE_STICKY_TEXT_MAX is always enough
 * @cookie: its name, SLUICE_STICKY_COOKIE_LEN bytes at most
 * @mark: what it says
 * @secure: the client's connection is TLS
 *
 * The session of the client is how long it lasts; nothing says when it ends.
 *
 * Return: bytes without the 0; 0 where there is not enough room.
 */
u32 sluice_sticky_write(char *to, u32 size, const char *cookie,
			const struct sluice_sticky_mark *mark, bool secure)
{
	struct sluice_http_out out = { to, to + size, false };
	size_t length = strlen(cookie);
	char value[VALUE_LENGTH];
	u8 bytes[SIGNED_SIZE];

	if (length > SLUICE_STICKY_COOKIE_LEN)
		return 0;
	put_number(bytes, mark->server);
	memcpy(bytes + 8, mark->signature, sizeof(mark->signature));
	encode(value, bytes, sizeof(bytes));
	out_put(&out, cookie, length);
	out_literal(&out, "=");
	out_put(&out, value, sizeof(value));
	out_literal(&out, "; Path=/; HttpOnly; SameSite=Lax");
	if (secure)
		out_literal(&out, "; Secure");
	out_put(&out, "", 1);
	return out.full ? 0 : (u32)(out.at - to) - 1;
}
