// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cookies by which clients stay, out of any bytes: none is taken that was not made
 * here, and values of Set-Cookie lie within the response that sets them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/sticky.h"

/* "SID=", and what else goes with the value. */
#define NAME "SID"
#define VALUE_LENGTH 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition)                                           \
	do {                                                       \
		if (!(condition)) {                                \
			fprintf(stderr, "line %d: %s\n", __LINE__, \
				#condition);                       \
			abort();                                   \
		}                                                  \
	} while (0)

static struct config_sticky_cookie sticky = { .cookie = NAME };
static const struct config_pool pool = { .name = "web", .sticky = &sticky };
static const uint8_t secret[STICKY_SECRET_SIZE] = { 1 };

/* From a copy behind which nothing may be read. */
static bool take(const uint8_t *data, size_t size, uint64_t *key)
{
	char *copy = malloc(size ? size : 1);
	bool taken;

	CHECK(copy);
	if (size)
		memcpy(copy, data, size);
	taken = sticky_server(secret, &pool, copy, size, key);
	free(copy);
	return taken;
}

static void check_values(const uint8_t *data, size_t size)
{
	char cookie[STICKY_COOKIE_MAX];
	uint64_t key = 0, again;

	if (take(data, size, &key)) {
		const char *value = cookie + sizeof(NAME "=") - 1;
		bool quoted = data[0] == '"';

		/* Only what we would have written. */
		CHECK(sticky_cookie(cookie, sizeof(cookie), secret, &pool, key,
				    true) > 0);
		CHECK(size == VALUE_LENGTH + (quoted ? 2 : 0) &&
		      memcmp(data + quoted, value, VALUE_LENGTH) == 0);
	}
	if (size < sizeof(key))
		return;
	memcpy(&key, data, sizeof(key));
	CHECK(sticky_cookie(cookie, sizeof(cookie), secret, &pool, key, false) >
	      0);
	CHECK(take((const uint8_t *)cookie + sizeof(NAME "=") - 1, VALUE_LENGTH,
		   &again) &&
	      again == key);
}

static void check_set_cookie(const uint8_t *data, size_t size)
{
	static const char line[] = "HTTP/1.1 200 OK\r\n";
	const size_t length = sizeof(line) - 1 + size;
	struct sluice_http_response head;
	struct sluice_text value;
	uint8_t *buf = malloc(length);

	CHECK(buf);
	memcpy(buf, line, sizeof(line) - 1);
	if (size)
		memcpy(buf + sizeof(line) - 1, data, size);
	sluice_http_response_init(&head, NULL);
	if (sluice_http_response_parse(&head, buf, (u32)length) ==
	    SLUICE_HTTP_DONE) {
		value = sticky_set_cookie(buf, &head, NAME);
		if (value.data) {
			const uint8_t *at = (const uint8_t *)value.data;

			CHECK(at > buf && value.len &&
			      at + value.len <= buf + head.length);
			CHECK(!memchr(at, ';', value.len) &&
			      !memchr(at, '\r', value.len) && *at != ' ' &&
			      at[value.len - 1] != ' ');
		}
	}
	free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_values(data, size);
	check_set_cookie(data, size);
	return 0;
}
