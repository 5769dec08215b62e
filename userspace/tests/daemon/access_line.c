// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines of access logs: their forms, hostile bytes, and what is too long. */
#include <jansson.h>
#include <stdlib.h>
#include <time.h>

#include "../ktap.h"
#include "access_case.h"
#include "proxy/access_line.h"
#include "proxy/access_text.h"

static struct access_clock json_clock, combined_clock;

/* Every line of JSON has to be one of the strictest reader's. */
static json_t *read_line(const char *line, size_t length)
{
	json_error_t error;
	json_t *object;

	if (!length || length > ACCESS_LINE_MAX ||
	    memchr(line, '\n', length) != line + length - 1) {
		printf("# %zu bytes, or not one line\n", length);
		return NULL;
	}
	for (size_t i = 0; i < length - 1; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			return NULL;
	object = json_loadb(line, length - 1, JSON_REJECT_DUPLICATES, &error);
	if (!object)
		printf("# %s: %.*s", error.text, (int)length, line);
	return object;
}

static json_t *write_and_read(const struct access_record *record)
{
	char line[ACCESS_LINE_MAX];
	char *end = access_line_json(line, record, &json_clock);

	return read_line(line, (size_t)(end - line));
}

static bool line_is(char *(*write)(char *to, const struct access_record *record,
				   struct access_clock *clock),
		    const struct access_record *record,
		    struct access_clock *clock, const char *wanted)
{
	char line[ACCESS_LINE_MAX];
	size_t length = (size_t)(write(line, record, clock) - line);

	if (length == strlen(wanted) && memcmp(line, wanted, length) == 0)
		return true;
	printf("# %.*s", (int)length, line);
	return false;
}

static bool json_form(void)
{
	struct sluice_endpoint source = endpoint_at("2001:db8::1", 40000);
	struct sluice_endpoint server = endpoint_at("10.0.0.1", 8080);
	struct access_record record = record_of_test(&source, &server);

	record.reason = "why";
	return line_is(
		access_line_json, &record, &json_clock,
		"{\"time\":\"2026-11-22T02:00:00.123Z\",\"service\":\"web\",\"route\":\"api\","
		"\"pool\":\"nodes\",\"server\":\"10.0.0.1:8080\",\"client\":\"[2001:db8::1]:40000\","
		"\"method\":\"GET\",\"host\":\"www.example.com\","
		"\"target\":\"/search?q=load+balancer&page=2\",\"protocol\":\"HTTP/1.1\","
		"\"referer\":\"https://www.example.com/\","
		"\"user_agent\":\"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\","
		"\"request_id\":\"0123456789abcdef0123456789abcdef\",\"tls\":\"TLSv1.3\","
		"\"cipher\":\"TLS_AES_128_GCM_SHA256\",\"sni\":\"www.example.com\","
		"\"status\":200,\"end\":\"done\",\"reason\":\"why\",\"retries\":1,\"reused\":true,"
		"\"received\":0,\"sent\":5120,\"head_us\":12,\"queue_us\":0,\"connect_us\":250,"
		"\"answer_us\":1830,\"total_us\":2101}\n");
}

/* A client that sent nothing that could be understood. */
static bool json_of_little(void)
{
	struct sluice_endpoint source = endpoint_at("192.0.2.1", 1);
	struct access_record record = { .service = &service_of_test,
					.source = &source,
					.end = ACCESS_END_CLIENT_TIMEOUT,
					.time = 999999999 };

	return line_is(
		access_line_json, &record, &json_clock,
		"{\"time\":\"1970-01-01T00:00:00.999Z\",\"service\":\"web\",\"client\":\"192.0.2.1:1\","
		"\"status\":0,\"end\":\"client-timeout\",\"retries\":0,\"received\":0,\"sent\":0,"
		"\"head_us\":0,\"queue_us\":0,\"connect_us\":0,\"answer_us\":0,\"total_us\":0}\n");
}

static bool combined_form(void)
{
	struct sluice_endpoint source = endpoint_at("2001:db8::1", 40000);
	struct access_record record = record_of_test(&source, NULL);
	bool passed;

	passed = line_is(
		access_line_combined, &record, &combined_clock,
		"2001:db8::1 - - [22/Nov/2026:03:00:00 +0100] \"GET /search?q=load+balancer&page=2 HTTP/1.1\" "
		"200 5120 \"https://www.example.com/\" "
		"\"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\"\n");
	record = (struct access_record){ .service = &service_of_test,
					 .source = &source };
	return passed && line_is(access_line_combined, &record, &combined_clock,
				 "2001:db8::1 - - [01/Jan/1970:01:00:00 +0100] "
				 "\"-\" 000 0 \"-\" \"-\"\n");
}

/* Room of the texts below. */
#define LIMIT 100
#define TEN "0123456789"
#define FULL TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct {
	const char *name;
	struct sluice_text text;
	const char *json;
	const char *hex;
} escapes[] = {
	{ "nothing", SLICE(""), "", "" },
	{ "plain", SLICE("abc~!/?&='"), "abc~!/?&='", "abc~!/?&='" },
	{ "as long as there is room", SLICE(FULL), FULL, FULL },
	{ "quotes and backslashes", SLICE("\"12345678\\\"\\"),
	  "\\\"12345678\\\\\\\"\\\\", "\\x2212345678\\x5c\\x22\\x5c" },
	{ "lines and terminals", SLICE("1\r\n2\x1b[2J\x7f"),
	  "1\\u000d\\u000a2\\u001b[2J\\u007f", "1\\x0d\\x0a2\\x1b[2J\\x7f" },
	{ "controls of two bytes", SLICE("\xc2\x9b\xc2\x85"), "\\u009b\\u0085",
	  "\\xc2\\x9b\\xc2\\x85" },
	{ "characters", SLICE("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"),
	  "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
	  "\\xc3\\xa4\\xe2\\x82\\xac\\xf0\\x9f\\x98\\x80" },
	{ "bytes that are none", SLICE("\xff\xc0\xaf\xed\xa0\x80"),
	  "\\\\xff\\\\xc0\\\\xaf\\\\xed\\\\xa0\\\\x80",
	  "\\xff\\xc0\\xaf\\xed\\xa0\\x80" },
	{ "a character that ends too early", SLICE("a\xe2\x82"),
	  "a\\\\xe2\\\\x82", "a\\xe2\\x82" },
	{ "NUL", SLICE("a\0b"), "a\\\\x00b", "a\\x00b" },
};

static bool escaped(const struct sluice_text *text, enum access_escape escape,
		    const char *wanted)
{
	/* Nothing lies behind the bytes: the sanitizer sees who looks there. */
	char *copy = malloc(text->len ? text->len : 1), to[LIMIT];
	bool cut = false;
	size_t length;

	memcpy(copy, text->data, text->len);
	length = (size_t)(access_text_escaped(to, LIMIT, escape, copy,
					      text->len, &cut) -
			  to);
	free(copy);
	if (!cut && length == strlen(wanted) && memcmp(to, wanted, length) == 0)
		return true;
	printf("# %.*s\n", (int)length, to);
	return false;
}

/* Every byte at every place of a word, and what is around it. */
static bool every_byte(void)
{
	for (int i = 0; i < 256 * 17; i++) {
		char text[17], to[200], wanted[200] = "", *at = wanted;
		bool cut = false;
		char *end;

		memset(text, 'x', sizeof(text));
		text[i % 17] = (char)(i / 17);
		for (size_t j = 0; j < sizeof(text); j++) {
			unsigned char byte = (unsigned char)text[j];

			if (byte < ' ' || byte >= 0x7f || byte == '"' ||
			    byte == '\\')
				at += sprintf(at, "\\x%02x", byte);
			else
				*at++ = text[j];
		}
		end = access_text_escaped(to, sizeof(to), ACCESS_ESCAPE_HEX,
					  text, sizeof(text), &cut);
		if (cut || end - to != at - wanted ||
		    memcmp(to, wanted, (size_t)(end - to)) != 0)
			return false;
	}
	return true;
}

/* At every length and limit: never more than there is room for, never half an escape. */
static bool cuts(const char *unit)
{
	char text[400], to[200];
	size_t length = 0;

	while (length + strlen(unit) < sizeof(text))
		length = (size_t)(stpcpy(text + length, unit) - text);
	for (size_t limit = 16; limit < sizeof(to) - 2; limit++)
		for (size_t part = 0; part <= length; part++) {
			bool cut = false;
			char *end;
			json_t *value;

			to[0] = '"';
			end = access_text_escaped(to + 1, limit,
						  ACCESS_ESCAPE_JSON, text,
						  part, &cut);
			if (end - to - 1 > (ptrdiff_t)limit)
				return false;
			if (cut && memcmp(end - 3, "...", 3) != 0)
				return false;
			*end++ = '"';
			value = json_loadb(to, (size_t)(end - to),
					   JSON_DECODE_ANY, NULL);
			json_decref(value);
			/* A character of @text may be half at its end. */
			if (!value)
				return false;
		}
	return true;
}

/* All texts as long and as bad as they get. */
static bool long_texts(unsigned char byte)
{
	static char text[70000], name[SLUICE_NAME_LEN + 1];
	struct config_service service = { .name = name };
	struct config_route route = { .name = name };
	struct config_pool pool = { .name = name };
	struct sluice_endpoint at =
		endpoint_at("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535);
	struct access_record record;
	char line[ACCESS_LINE_MAX];
	const char *end;
	json_t *object;
	bool passed;

	/* Numbers of 19 digits: more, jansson does not read. */
	memset(&record, 0x7f, sizeof(record));
	memset(text, byte, sizeof(text) - 1);
	memset(name, byte, sizeof(name) - 1);
	record.service = &service;
	record.route = &route;
	record.pool = &pool;
	record.server = &at;
	record.source = &at;
	record.method = (struct sluice_text){ text, sizeof(text) - 1 };
	record.host = record.method;
	record.target = record.method;
	record.referer = record.method;
	record.agent = record.method;
	record.request_id = text;
	record.tls_version = text;
	record.tls_cipher = text;
	record.sni = text;
	record.end = ACCESS_END_TUNNEL_TIMEOUT;
	record.reason = text;
	record.reused = false;
	record.time = UINT64_C(1795312800123456789);
	object = write_and_read(&record);
	passed = object && json_is_true(json_object_get(object, "truncated"));
	json_decref(object);
	end = access_line_combined(line, &record, &combined_clock);
	return passed && end <= line + sizeof(line) &&
	       memchr(line, '\n', sizeof(line)) == end - 1;
}

static bool numbers(void)
{
	static const uint64_t values[] = { 0,	       9,	  10,
					   99,	       100,	  4294967295,
					   1ULL << 63, UINT64_MAX };

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		char to[ACCESS_NUMBER_MAX + 1], wanted[ACCESS_NUMBER_MAX + 1];

		*access_text_number(to, values[i]) = '\0';
		snprintf(wanted, sizeof(wanted), "%lu",
			 (unsigned long)values[i]);
		if (strcmp(to, wanted) != 0)
			return false;
	}
	return true;
}

/* As the library has it, of addresses with all kinds of zeros. */
static bool endpoints(void)
{
	for (unsigned int i = 0; i < 100000; i++) {
		struct sluice_endpoint at = { .port = (uint16_t)random() };
		char to[ACCESS_ENDPOINT_MAX + 1], wanted[100];
		char *end;

		at.address.family = i % 8 ? AF_INET6 : AF_INET;
		for (int j = 0; j < 8; j++) {
			long bits = random();
			uint16_t word = (uint16_t)(bits >> 4);

			if (bits & 3)
				word = bits & 4 ? 0 : word >> (bits & 12);
			if (i % 16 == 1 && j == 5)
				word = 0xffff;
			if (i % 16 < 3 && j < 5)
				word = 0;
			at.address.v6.s6_addr16[j] = htons(word);
		}
		end = access_text_endpoint(to, &at);
		*end = '\0';
		sluice_endpoint_print(wanted, sizeof(wanted), &at);
		if (end - to > ACCESS_ENDPOINT_MAX || strcmp(to, wanted) != 0) {
			printf("# %s instead of %s\n", to, wanted);
			return false;
		}
	}
	return true;
}

/* Times go back and forth: requests end in another order than they begin. */
static bool times(void)
{
	static const uint64_t seconds[] = { 1795312800, 1795312801, 1795312800,
					    0, 1795312800 };
	struct access_clock clock = { 0 };
	struct sluice_endpoint source = endpoint_at("192.0.2.1", 1);
	struct access_record record = record_of_test(&source, NULL);

	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
		char line[ACCESS_LINE_MAX], wanted[100];
		time_t second = (time_t)seconds[i];
		struct tm tm;

		record.time = seconds[i] * 1000000000 + 7000000;
		access_line_json(line, &record, &clock);
		strftime(wanted, sizeof(wanted),
			 "{\"time\":\"%Y-%m-%dT%H:%M:%S.007Z\"",
			 gmtime_r(&second, &tm));
		if (strncmp(line, wanted, strlen(wanted)) != 0)
			return false;
	}
	return true;
}

/* How long a line takes; nothing depends on it. */
static void measure(void)
{
	struct sluice_endpoint source = endpoint_at("2001:db8::1", 40000);
	struct sluice_endpoint server = endpoint_at("10.0.0.1", 8080);
	struct access_record record = record_of_test(&source, &server);
	const long count = 1000000;
	char line[ACCESS_LINE_MAX];
	struct timespec from, to;
	size_t length = 0;

	clock_gettime(CLOCK_MONOTONIC, &from);
	for (long i = 0; i < count; i++) {
		record.time += 1000000;
		record.total_us++;
		length +=
			(size_t)(access_line_json(line, &record, &json_clock) -
				 line);
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	printf("# JSON: %ld ns for a line of %zu bytes\n",
	       ((to.tv_sec - from.tv_sec) * 1000000000 + to.tv_nsec -
		from.tv_nsec) /
		       count,
	       length / (size_t)count);
}

int main(int argc, char *argv[])
{
	struct ktap ktap = { 0 };

	(void)argv;
	setenv("TZ", "CET-1", 1);
	if (argc > 1) {
		measure();
		return 0;
	}
	ktap_begin();
	ktap_result(&ktap, json_form(), "JSON");
	ktap_result(&ktap, json_of_little(), "JSON of little");
	ktap_result(&ktap, combined_form(), "combined");
	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++)
		ktap_result(&ktap,
			    escaped(&escapes[i].text, ACCESS_ESCAPE_JSON,
				    escapes[i].json) &&
				    escaped(&escapes[i].text, ACCESS_ESCAPE_HEX,
					    escapes[i].hex),
			    escapes[i].name);
	ktap_result(&ktap, every_byte(), "every byte at every place");
	ktap_result(&ktap,
		    cuts("a") && cuts("\n") && cuts("\xff") && cuts("ab\"") &&
			    cuts("a\xe2\x82\xac"),
		    "texts are cut between characters");
	ktap_result(&ktap,
		    long_texts('a') && long_texts('\n') && long_texts(0xff) &&
			    long_texts('"') && long_texts(0xc2),
		    "long texts: one line, and marked as cut");
	ktap_result(&ktap, numbers(), "numbers");
	ktap_result(&ktap, endpoints(), "addresses and ports");
	ktap_result(&ktap, times(), "times");
	return ktap_end(&ktap);
}
