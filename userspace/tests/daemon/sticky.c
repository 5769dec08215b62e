// SPDX-License-Identifier: GPL-2.0-or-later
/* Clients that stay: cookies that nobody else can make, and a table of values. */
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../ktap.h"
#include "proxy/sticky.h"

static const uint8_t secret[STICKY_SECRET_SIZE] =
	"0123456789abcdef0123456789abcde";
static const uint8_t other_secret[STICKY_SECRET_SIZE] = "x";

static struct config_sticky_cookie sticky = { .cookie = "SRV" };
static const struct config_pool pool = { .name = "web", .sticky = &sticky };
static const struct config_pool other_pool = { .name = "we",
					       .sticky = &sticky };

static const uint64_t keys[] = { 0, 1, UINT64_MAX,
				 UINT64_C(0x0123456789abcdef) };

/* The value of a cookie for a key. */
static void value_of(char *value, uint64_t key)
{
	char text[STICKY_COOKIE_MAX];

	if (sticky_cookie(text, sizeof(text), secret, &pool, key, false) < 0)
		abort();
	memcpy(value, text + 4, 32);
	value[32] = '\0';
}

static void test_cookie(struct ktap *ktap)
{
	char text[STICKY_COOKIE_MAX], value[33], quoted[35], expect[100];
	uint64_t key;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		int length = sticky_cookie(text, sizeof(text), secret, &pool,
					   keys[i], i % 2);

		value_of(value, keys[i]);
		snprintf(expect, sizeof(expect),
			 "SRV=%s; Path=/; HttpOnly; SameSite=Lax%s", value,
			 i % 2 ? "; Secure" : "");
		ktap_result(ktap,
			    length == (int)strlen(expect) &&
				    strcmp(text, expect) == 0,
			    "a cookie");
		ktap_result(ktap,
			    sticky_server(secret, &pool, value, 32, &key) &&
				    key == keys[i],
			    "names its server");
		snprintf(quoted, sizeof(quoted), "\"%s\"", value);
		ktap_result(ktap,
			    sticky_server(secret, &pool, quoted, 34, &key) &&
				    key == keys[i],
			    "in quotes, too");
		ktap_result(ktap,
			    !sticky_server(other_secret, &pool, value, 32,
					   &key),
			    "not with another secret");
		ktap_result(ktap,
			    !sticky_server(secret, &other_pool, value, 32,
					   &key),
			    "not in another pool");
	}
	for (size_t size = 0; size <= strlen(expect); size++)
		if (sticky_cookie(text, size, secret, &pool, 1, true) !=
		    -ENOSPC)
			size = 1000;
	ktap_result(ktap,
		    sticky_cookie(text, strlen(expect), secret, &pool, 1,
				  true) == -ENOSPC &&
			    sticky_cookie(text, strlen(expect) + 1, secret,
					  &pool, 1,
					  true) == (int)strlen(expect),
		    "a cookie without room");
}

/* Whatever bit is another one, and however it is cut. */
static void test_forged(struct ktap *ktap)
{
	char value[40] = "", forged[40];
	size_t taken = 0;
	uint64_t key;

	value_of(value, 7);
	for (size_t length = 0; length < 40; length++)
		taken += length != 32 &&
			 sticky_server(secret, &pool, value, length, &key);
	for (size_t i = 0; i < 32; i++)
		for (int c = 0; c < 256; c++) {
			memcpy(forged, value, sizeof(forged));
			forged[i] = (char)c;
			taken += forged[i] != value[i] &&
				 sticky_server(secret, &pool, forged, 32, &key);
		}
	ktap_result(ktap, !taken, "a cookie that was changed");
}

/* Computed another way: on any node the same secret makes the same cookie. */
static void test_signature(struct ktap *ktap)
{
	static const char text[] = "sluice sticky cookie 1\0web\0"
				   "\0\0\0\0\0\0\0\7";
	uint8_t bytes[24] = { 0, 0, 0, 0, 0, 0, 0, 7 }, mac[32];
	char value[33], expect[33];
	unsigned int length = sizeof(mac);

	HMAC(EVP_sha256(), secret, sizeof(secret), (const uint8_t *)text,
	     sizeof(text) - 1, mac, &length);
	memcpy(bytes + 8, mac, 16);
	EVP_EncodeBlock((unsigned char *)expect, bytes, sizeof(bytes));
	for (size_t i = 0; i < 32; i++)
		expect[i] = (char)(expect[i] == '+' ? '-' :
				   expect[i] == '/' ? '_' :
						      expect[i]);
	value_of(value, 7);
	ktap_result(ktap, strcmp(value, expect) == 0, "the signature");
}

static void test_table(struct ktap *ktap)
{
	struct sticky_table *table = sticky_table_create(3);
	uint64_t key;

	if (!table)
		abort();
	ktap_result(ktap, !sticky_table_find(table, "a", 1, &key),
		    "nothing is known");
	sticky_table_set(table, "a", 1, 1);
	sticky_table_set(table, "b", 1, 2);
	sticky_table_set(table, "", 0, 3);
	ktap_result(ktap,
		    sticky_table_find(table, "a", 1, &key) && key == 1 &&
			    sticky_table_find(table, "b", 1, &key) &&
			    key == 2 && sticky_table_find(table, "", 0, &key) &&
			    key == 3,
		    "values are found");
	sticky_table_set(table, "a", 1, 4);
	ktap_result(ktap, sticky_table_find(table, "a", 1, &key) && key == 4,
		    "a value gets another server");
	/* Now b is the one that was used least recently. */
	sticky_table_set(table, "c", 1, 5);
	ktap_result(ktap,
		    !sticky_table_find(table, "b", 1, &key) &&
			    sticky_table_find(table, "", 0, &key) &&
			    sticky_table_find(table, "a", 1, &key) &&
			    sticky_table_find(table, "c", 1, &key),
		    "the one least recently used gives way");
	sticky_table_free(table);
	sticky_table_free(NULL);
	errno = 0;
	ktap_result(ktap, !sticky_table_create(0) && errno == EINVAL,
		    "no table");
}

#define MANY 20000

/* Against a list of what was used, for a table of one part and its order. */
static void test_order(struct ktap *ktap)
{
	enum {
		MAX = 50,
		VALUES = 100
	};
	struct sticky_table *table = sticky_table_create(MAX);
	unsigned int seed = 1, last[VALUES] = { 0 }, wrong = 0;
	uint64_t key, server[VALUES] = { 0 };
	char value[16];

	for (unsigned int step = 1; step <= MANY; step++) {
		unsigned int v, newer = 0;
		bool there;

		seed = seed * 1103515245 + 12345;
		v = (seed >> 16 & 0x7fff) % VALUES;
		snprintf(value, sizeof(value), "%u", v);
		for (unsigned int i = 0; i < VALUES; i++)
			newer += last[i] > last[v];
		there = last[v] && newer < MAX;
		if (seed >> 31) {
			sticky_table_set(table, value, strlen(value), step);
			server[v] = step;
			last[v] = step;
		} else {
			wrong += sticky_table_find(table, value, strlen(value),
						   &key) != there ||
				 (there && key != server[v]);
			if (there)
				last[v] = step;
		}
	}
	ktap_result(ktap, !wrong, "values come and go in their order");
	sticky_table_free(table);
}

static void *use_table(void *data)
{
	struct sticky_table *table = data;
	size_t wrong = 0;
	char value[16];
	uint64_t key;

	for (unsigned int i = 0; i < MANY; i++) {
		unsigned int v = i * 2654435761U % 8000;

		snprintf(value, sizeof(value), "%u", v);
		if (sticky_table_find(table, value, strlen(value), &key))
			wrong += key != v;
		sticky_table_set(table, value, strlen(value), v);
	}
	return wrong ? data : NULL;
}

static void test_threads(struct ktap *ktap)
{
	struct sticky_table *table = sticky_table_create(4096);
	pthread_t threads[4];
	size_t wrong = 0;
	size_t known = 0;
	char value[16];
	uint64_t key;
	void *result;

	for (size_t i = 0; i < 4; i++)
		if (pthread_create(&threads[i], NULL, use_table, table) != 0)
			abort();
	for (size_t i = 0; i < 4; i++) {
		pthread_join(threads[i], &result);
		wrong += result != NULL;
	}
	for (unsigned int v = 0; v < 8000; v++) {
		snprintf(value, sizeof(value), "%u", v);
		known += sticky_table_find(table, value, strlen(value), &key);
	}
	ktap_result(ktap, !wrong, "several threads, one table");
	ktap_result(ktap, known <= 4096 && known > 3000,
		    "as many values as there may be");
	sticky_table_free(table);
}

static void *use_cookie(void *data)
{
	char value[33];
	uint64_t key;

	value_of(value, 9);
	*(bool *)data = sticky_server(secret, &pool, value, 32, &key);
	return NULL;
}

/* What a thread had for its signatures goes with it (LeakSanitizer). */
static void test_cookie_thread(struct ktap *ktap)
{
	bool right = false;
	pthread_t thread;

	if (pthread_create(&thread, NULL, use_cookie, &right) != 0)
		abort();
	pthread_join(thread, NULL);
	ktap_result(ktap, right, "a cookie in another thread");
}

static void test_set_cookie(struct ktap *ktap)
{
	static const struct {
		const char *head;
		const char *value;
	} cases[] = {
		{ "A: b\r\n", NULL },
		{ "Set-Cookie: SID=abc\r\n", "abc" },
		{ "set-cookie: SID = a b ; Path=/; HttpOnly\r\n", "a b" },
		{ "Set-Cookie: SID=\"a=b\"\r\n", "\"a=b\"" },
		{ "Set-Cookie: sid=abc\r\n", NULL },
		{ "Set-Cookie: SIDE=abc\r\nSet-Cookie: XSID=abc\r\n", NULL },
		{ "Set-Cookie: SID\r\nSet-Cookie: =SID\r\nSet-Cookie:\r\n",
		  NULL },
		{ "Set-Cookie: a=b; SID=abc\r\n", NULL },
		{ "Set-Cookie: SID=a\r\nSet-Cookie: x=y\r\nSet-Cookie: SID=b\r\n",
		  "b" },
		{ "Set-Cookie: SID=a\r\nSet-Cookie: SID=; Max-Age=0\r\n",
		  NULL },
		{ "Cookie: SID=abc\r\n", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sluice_http_response head;
		struct sluice_text value;
		char text[300];
		bool right;

		snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\n%s\r\n",
			 cases[i].head);
		sluice_http_response_init(&head, NULL);
		if (sluice_http_response_parse(&head, (const uint8_t *)text,
					       (u32)strlen(text)) !=
		    SLUICE_HTTP_DONE)
			abort();
		value = sticky_set_cookie((const uint8_t *)text, &head, "SID");
		right = cases[i].value ?
				value.data &&
					value.len == strlen(cases[i].value) &&
					memcmp(value.data, cases[i].value,
					       value.len) == 0 :
				!value.data;
		ktap_result(ktap, right, "a cookie that is set, or is not");
		if (!right)
			printf("# %s# %.*s\n", cases[i].head, (int)value.len,
			       value.data ? value.data : "");
	}
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	test_cookie(&ktap);
	test_forged(&ktap);
	test_signature(&ktap);
	test_cookie_thread(&ktap);
	test_table(&ktap);
	test_order(&ktap);
	test_threads(&ktap);
	test_set_cookie(&ktap);
	return ktap_end(&ktap);
}
