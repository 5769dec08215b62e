// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ClientHellos, right and wrong: what is read from them, and that it is the same
 * however the stream and its records are cut.
 */
#include <sluice/client_hello.h>
#include <time.h>

#include "bytes.h"
#include "client_hello_cases.h"
#include "ktap.h"

#define ROOM 20000
#define TEXT 1024

static const struct {
	u16 flag;
	const char *name;
} flags[] = {
	{ SLUICE_HELLO_HAS_SERVER_NAME, "sni" },
	{ SLUICE_HELLO_HAS_ADDRESS, "address" },
	{ SLUICE_HELLO_HAS_ALPN, "alpn" },
	{ SLUICE_HELLO_HAS_H2, "h2" },
	{ SLUICE_HELLO_HAS_HTTP11, "http11" },
	{ SLUICE_HELLO_HAS_ACME, "acme" },
	{ SLUICE_HELLO_HAS_VERSIONS, "versions" },
	{ SLUICE_HELLO_HAS_ECH_OUTER, "ech-outer" },
	{ SLUICE_HELLO_HAS_ECH_INNER, "ech-inner" },
	{ SLUICE_HELLO_HAS_EARLY_DATA, "early" },
	{ SLUICE_HELLO_HAS_TICKET, "ticket" },
	{ SLUICE_HELLO_HAS_PSK, "psk" },
	{ SLUICE_HELLO_HAS_SESSION_ID, "session-id" },
};

/* What was read, in words: the whole answer but for its size. */
static void describe(const struct sluice_client_hello *h, char *text)
{
	const char *end = text + TEXT;
	const u8 *name;
	u16 pos = 0;
	u8 len;

	if (h->result == SLUICE_HELLO_MORE) {
		snprintf(text, TEXT, "more");
		return;
	}
	if (h->result == SLUICE_HELLO_REFUSED) {
		snprintf(text, TEXT, "%s",
			 sluice_hello_refusal_name(
				 sluice_client_hello_refusal(h)));
		return;
	}
	text += snprintf(text, TEXT, "%s %04x [", h->host, h->version);
	if (strlen(h->host) != h->host_len)
		text += snprintf(text, (size_t)(end - text), "host_len?");
	while ((name = sluice_client_hello_protocol(h, &pos, &len))) {
		if (name != h->alpn + 1)
			*text++ = ' ';
		for (u8 i = 0; i < len; i++)
			text += snprintf(
				text, (size_t)(end - text),
				name[i] > ' ' && name[i] < 0x7f ? "%c" : "%02x",
				name[i]);
	}
	*text++ = ']';
	*text = '\0';
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (h->flags & flags[i].flag)
			text += snprintf(text, (size_t)(end - text), " %s",
					 flags[i].name);
}

/* The answer to a stream whose first bytes come alone, the rest by @step. */
static void answer(const u8 *data, size_t len, size_t first, size_t step,
		   struct sluice_client_hello *h, char *text)
{
	memset(h, 0xa5, sizeof(*h));
	sluice_client_hello_init(h, 1 << 20);
	sluice_client_hello_parse(h, data, first);
	for (size_t n; first < len; first += n) {
		n = len - first < step ? len - first : step;
		sluice_client_hello_parse(h, data + first, n);
	}
	describe(h, text);
}

static bool same(const char *what, size_t at, const char *got,
		 const char *expected)
{
	if (strcmp(got, expected) == 0)
		return true;
	printf("# %s at %zu: '%s' instead of '%s'\n", what, at, got, expected);
	return false;
}

/* The stream in two pieces, and one by one; and whether its start gives MORE. */
static bool split_anywhere(const u8 *data, size_t len, const char *expected)
{
	struct sluice_client_hello h, whole;
	bool passed = true;
	char text[TEXT];

	answer(data, len, len, len, &whole, text);
	for (size_t at = 0; at < len && passed; at++) {
		/* A copy that ends where the piece does. */
		u8 *piece = malloc(at + !at);

		memcpy(piece, data, at);
		answer(piece, at, at, 1, &h, text);
		free(piece);
		if (whole.result == SLUICE_HELLO_DONE && at < whole.size)
			passed = same("cut off", at, text, "more");
		else if (h.result != SLUICE_HELLO_MORE)
			passed = same("cut off", at, text, expected);

		answer(data, len, at, len, &h, text);
		passed = same("split", at, text, expected) && passed &&
			 h.size == whole.size;
	}
	answer(data, len, 0, 1, &h, text);
	return same("byte by byte", 0, text, expected) && passed;
}

/* The message of a single record cut in records of @step after the first. */
static size_t recut(const u8 *data, size_t len, size_t first, size_t step,
		    u8 *to)
{
	size_t at = 0, n = first, out = 0;

	data += 5;
	for (len -= 5; at < len; at += n, n = step) {
		if (n > len - at)
			n = len - at;
		to[out] = 0x16;
		to[out + 1] = 3;
		to[out + 2] = 3;
		to[out + 3] = (u8)(n >> 8);
		to[out + 4] = (u8)n;
		memcpy(to + out + 5, data + at, n);
		out += 5 + n;
	}
	return out;
}

static bool records_anywhere(const u8 *data, size_t len, const char *expected)
{
	static u8 cut[6 * ROOM];
	struct sluice_client_hello h;
	bool passed = true;
	char text[TEXT];
	size_t n;

	/* Not one record with one message and no more. */
	if (len < 9 || data[0] != 22 ||
	    (size_t)(data[3] << 8 | data[4]) != len - 5 ||
	    (size_t)(data[6] << 16 | data[7] << 8 | data[8]) != len - 9)
		return true;
	for (size_t at = 1; at < len - 5 && passed; at++) {
		n = recut(data, len, at, len, cut);
		answer(cut, n, n, n, &h, text);
		passed = same("records", at, text, expected);
		if (h.result == SLUICE_HELLO_DONE && h.size != n)
			passed = same("size of records", at, "", "the length");
	}
	n = recut(data, len, 1, 1, cut);
	answer(cut, n, n, n, &h, text);
	passed = same("records of a byte", 0, text, expected) && passed;
	answer(cut, n, 0, 1, &h, text);
	return same("records byte by byte", 0, text, expected) && passed;
}

static void test_case(struct ktap *ktap, const struct hello_case *test,
		      bool *refused)
{
	char text[TEXT], name[128];
	struct sluice_client_hello h;
	static u8 data[ROOM];
	size_t len = bytes_make(test->stream, data, sizeof(data));
	bool passed;

	answer(data, len, len, len, &h, text);
	passed = same("whole", 0, text, test->answer ? test->answer : text) &&
		 (test->answer || h.result == SLUICE_HELLO_DONE);
	if (h.result == SLUICE_HELLO_REFUSED)
		refused[h.refusal] = true;
	ktap_result(ktap, passed, test->name);

	snprintf(name, sizeof(name), "%s: in pieces", test->name);
	ktap_result(ktap, split_anywhere(data, len, text), name);
	snprintf(name, sizeof(name), "%s: in records", test->name);
	ktap_result(ktap, records_anywhere(data, len, text), name);
}

/* A hello of @total bytes of message, by padding. */
static size_t padded(u8 *to, size_t total)
{
	char text[256];

	snprintf(text, sizeof(text), WITH(EXT("0015", "*%zu*")), total - 53);
	return bytes_make(text, to, ROOM);
}

static void test_limits(struct ktap *ktap)
{
	struct sluice_client_hello h;
	static u8 data[ROOM], cut[6 * ROOM];
	size_t len = padded(data, 16384);

	sluice_client_hello_init(&h, 0);
	ktap_result(ktap,
		    len == 16389 &&
			    sluice_client_hello_parse(&h, data, len) ==
				    SLUICE_HELLO_DONE &&
			    h.size == len,
		    "16 kB within the limit");
	sluice_client_hello_init(&h, 16389);
	ktap_result(ktap,
		    sluice_client_hello_parse(&h, data, len) ==
			    SLUICE_HELLO_DONE,
		    "a limit that is just met");
	sluice_client_hello_init(&h, 16388);
	ktap_result(ktap,
		    sluice_client_hello_parse(&h, data, 9) ==
				    SLUICE_HELLO_REFUSED &&
			    sluice_client_hello_refusal(&h) ==
				    SLUICE_HELLO_TOO_LONG,
		    "a limit passed is known from the header");

	/* Record headers count, too: they are what holds the memory. */
	len = padded(data, 4000);
	len = recut(data, len, 1, 1, cut);
	sluice_client_hello_init(&h, 0);
	ktap_result(ktap,
		    sluice_client_hello_parse(&h, cut, len) ==
				    SLUICE_HELLO_REFUSED &&
			    sluice_client_hello_refusal(&h) ==
				    SLUICE_HELLO_TOO_LONG,
		    "records of a byte pass the limit");
}

static void test_many(struct ktap *ktap)
{
	char text[2048];
	struct sluice_client_hello h;
	static u8 data[ROOM];
	size_t len, done;

	for (int more = 0; more < 2; more++) {
		done = (size_t)snprintf(text, sizeof(text),
					"16 0301 <2 01 <3 " FIRST "<2 ");
		/* The last twelve types of those that are not counted. */
		for (int i = 52; i < 64; i++)
			done += (size_t)snprintf(text + done,
						 sizeof(text) - done,
						 EXT("%04x", ""), i);
		for (int i = 0; i < SLUICE_HELLO_OTHERS_MAX + more; i++)
			done += (size_t)snprintf(text + done,
						 sizeof(text) - done,
						 EXT("%04x", ""), 0x1000 + i);
		snprintf(text + done, sizeof(text) - done, ">>>");
		len = bytes_make(text, data, sizeof(data));
		sluice_client_hello_init(&h, 0);
		sluice_client_hello_parse(&h, data, len);
		ktap_result(ktap,
			    sluice_client_hello_refusal(&h) ==
				    (more ? SLUICE_HELLO_EXTENSIONS_MANY :
					    SLUICE_HELLO_FINE),
			    more ? "too many unusual extensions" :
				   "many unusual extensions");
	}
}

static void test_questions(struct ktap *ktap)
{
	struct sluice_client_hello h;
	static u8 data[ROOM];
	size_t len = bytes_make(HELLO_CURL, data, sizeof(data));

	sluice_client_hello_init(&h, 0);
	sluice_client_hello_parse(&h, data, len);
	ktap_result(ktap,
		    sluice_client_hello_offers(&h, "h2", 2) &&
			    sluice_client_hello_offers(&h, "http/1.1", 8) &&
			    !sluice_client_hello_offers(&h, "http/1.0", 8) &&
			    !sluice_client_hello_offers(&h, "h", 1) &&
			    !sluice_client_hello_offers(&h, "", 0),
		    "which protocols are offered");
	ktap_result(ktap,
		    sluice_client_hello_parse(&h, (const u8 *)"GET /", 5) ==
			    SLUICE_HELLO_DONE,
		    "a result stays");
}

/* Each reason is met, has words of its own, and an alert or none. */
static void test_refusals(struct ktap *ktap, const bool *met)
{
	bool passed = true;

	for (int i = SLUICE_HELLO_NOT_TLS; i < SLUICE_HELLO_REFUSALS; i++) {
		u8 alert = sluice_hello_refusal_alert(i);

		if (!met[i] && i != SLUICE_HELLO_EXTENSIONS_MANY)
			passed = same("not met", (size_t)i, "",
				      sluice_hello_refusal_name(i));
		if (!sluice_hello_refusal_name(i) ||
		    !alert != (i <= SLUICE_HELLO_ALERT))
			passed = same("alert", (size_t)i, "", "another");
		for (int j = 0; j < i; j++)
			passed = strcmp(sluice_hello_refusal_name(i),
					sluice_hello_refusal_name(j)) &&
				 passed;
	}
	ktap_result(ktap, passed, "every reason is met and named");
	ktap_result(
		ktap,
		sluice_hello_refusal_alert(SLUICE_HELLO_RECORD_LONG) == 22 &&
			sluice_hello_refusal_alert(SLUICE_HELLO_LENGTH) == 50 &&
			sluice_hello_refusal_alert(
				SLUICE_HELLO_EXTENSION_TWICE) == 47 &&
			sluice_hello_refusal_alert(SLUICE_HELLO_VERSION) ==
				70 &&
			sluice_hello_refusal_alert(SLUICE_HELLO_RECORD_TYPE) ==
				10,
		"alerts are those of RFC 8446");
}

/* Figures, which decide nothing. */
static void print_time(const char *name, const char *stream)
{
	enum {
		ROUNDS = 20000
	};
	struct sluice_client_hello h;
	static u8 data[ROOM];
	size_t len = bytes_make(stream, data, sizeof(data));
	struct timespec from, to;

	clock_gettime(CLOCK_MONOTONIC, &from);
	for (int i = 0; i < ROUNDS; i++) {
		sluice_client_hello_init(&h, 0);
		sluice_client_hello_parse(&h, data, len);
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	printf("# %s, %zu bytes: %lld ns\n", name, len,
	       ((to.tv_sec - from.tv_sec) * 1000000000LL + to.tv_nsec -
		from.tv_nsec) /
		       ROUNDS);
}

int main(void)
{
	bool refused[SLUICE_HELLO_REFUSALS] = { false };
	struct ktap ktap = { 0 };

	ktap_begin();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		test_case(&ktap, &cases[i], refused);
	test_limits(&ktap);
	test_many(&ktap);
	test_questions(&ktap);
	test_refusals(&ktap, refused);
	printf("# struct sluice_client_hello: %zu bytes\n",
	       sizeof(struct sluice_client_hello));
	print_time("RFC 8448", HELLO_RFC8448_SIMPLE);
	print_time("curl with ML-KEM", HELLO_CURL);
	return ktap_end(&ktap);
}
