// SPDX-License-Identifier: GPL-2.0-or-later
/* Heads of HTTP/1.x requests: what they mean, however they come in. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "http_cases.h"
#include "http_cut.h"
#include "ktap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void init(void *state, const struct sluice_http_limits *limits)
{
	sluice_http_head_init(state, limits);
}

static enum sluice_http_result parse(void *state, const u8 *buf, u32 len)
{
	return sluice_http_head_parse(state, buf, len);
}

static const struct http_parser parser = {
	sizeof(struct sluice_http_head),
	init,
	parse,
};

static struct sluice_http_head new_head(const struct sluice_http_limits *limits)
{
	struct sluice_http_head head;

	http_begin(&parser, &head, limits);
	return head;
}

static enum sluice_http_result feed(struct sluice_http_head *head,
				    const void *text, size_t length)
{
	return http_feed(&parser, head, text, length);
}

/* In the form of the expectations of a case. */
static void describe(char *out, size_t size,
		     const struct sluice_http_head *head, const char *text)
{
	static const char *const forms[] = { "origin", "absolute", "authority",
					     "asterisk" };
	static const char *const schemes[] = { "", "http://", "https://" };
	static const char *const kinds[] = { "none", "name", "ipv4", "ipv6" };
	FILE *to = fmemopen(out, size, "w");

	if (!to)
		abort();
#define SLICE(slice) (int)(slice).length, text + (slice).offset
	fprintf(to, "%.*s %s %s", SLICE(head->method), forms[head->form],
		schemes[head->scheme]);
	if (head->host.length)
		fprintf(to, "%.*s", SLICE(head->host));
	else
		fprintf(to, "-");
	if (head->port)
		fprintf(to, ":%u", head->port);
	fprintf(to, " %s [%.*s]", kinds[head->host_kind], SLICE(head->path));
	if (head->has_query)
		fprintf(to, "?[%.*s]", SLICE(head->query));
	fprintf(to, " 1.%u%s", head->minor, head->keep_alive ? " keep" : "");
	if (head->has_content_length)
		fprintf(to, " length=%llu", head->content_length);
	fprintf(to, "%s%s%s%s", head->chunked ? " chunked" : "",
		head->upgrade ? " upgrade" : "",
		head->websocket ? " websocket" : "",
		head->expect_continue ? " continue" : "");
#undef SLICE
	fclose(to);
}

static bool as_expected(const struct http_case *test,
			const struct sluice_http_head *head,
			enum sluice_http_result result)
{
	char text[512];

	if (!test->taken) {
		if (result == SLUICE_HTTP_REFUSED && head->error == test->error)
			return true;
		printf("# result %d, %s\n", result,
		       sluice_http_error_name(head->error));
		return false;
	}
	if (result != SLUICE_HTTP_DONE || head->length != test->length) {
		printf("# result %d, length %u, %s\n", result, head->length,
		       sluice_http_error_name(head->error));
		return false;
	}
	describe(text, sizeof(text), head, test->text);
	if (strcmp(text, test->taken) == 0)
		return true;
	printf("# '%s' instead of '%s'\n", text, test->taken);
	return false;
}

static void test_cases(struct ktap *ktap)
{
	/* Others are those of responses and of content. */
	bool seen[SLUICE_HTTP_ERROR_EXPECT + 1] = { [SLUICE_HTTP_ERROR_NONE] =
							    true };
	bool all = true;

	for (size_t i = 0; i < COUNT(http_cases); i++) {
		const struct http_case *test = &http_cases[i];
		struct sluice_http_head head = new_head(&test->limits);
		enum sluice_http_result result;

		result = feed(&head, test->text, test->length);
		ktap_result(ktap,
			    as_expected(test, &head, result) &&
				    http_same_by_parts(&parser, &test->limits,
						       test->text, test->length,
						       test->taken, &head) &&
				    http_same_with_tail(&parser, &test->limits,
							test->text,
							test->length, &head),
			    test->name);
		seen[test->error] = true;
	}
	for (size_t i = 0; i < COUNT(seen); i++) {
		enum sluice_http_error error = (enum sluice_http_error)i;
		u16 status = sluice_http_error_status(error);

		if (!seen[i] || !sluice_http_error_name(error) ||
		    (error ? status < 400 || status > 505 : status != 200)) {
			printf("# error %zu\n", i);
			all = false;
		}
	}
	ktap_result(
		ktap, all,
		"every reason to refuse a head has a case, a name and a status");
}

/*
 * A text of many pages comes in page by page, and only the last one is there when
 * it does: so nothing before is looked at again, and time is linear.
 */
static bool reads_once(const char *begin, u8 fill)
{
	const struct sluice_http_limits limits = { .head = 65535,
						   .target = 65535 };
	struct sluice_http_head head = new_head(&limits);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t length = 65535 / page * page, at = strlen(begin);
	bool passed = true;
	u8 *text = mmap(NULL, length, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (text == MAP_FAILED)
		abort();
	memset(text, fill, length);
	memcpy(text, begin, at);
	for (; passed && at < length; at++) {
		if (at % page == 0 && mprotect(text, at, PROT_NONE) != 0)
			abort();
		passed = sluice_http_head_parse(&head, text, (u32)at + 1) ==
			 SLUICE_HTTP_MORE;
	}
	munmap(text, length);
	return passed;
}

/* Fields that are complete are not looked at again either. */
static bool reads_fields_once(void)
{
	const struct sluice_http_limits limits = { .head = 65535 };
	struct sluice_http_head head = new_head(&limits);
	size_t page = (size_t)sysconf(_SC_PAGESIZE), at, line = 0;
	static char text[65536];
	u8 *copy;

	at = (size_t)sprintf(text,
			     "POST / HTTP/1.1\r\nHost: a\r\n"
			     "Transfer-Encoding: chunked\r\nConnection: ");
	while (at < 60000)
		at += (size_t)sprintf(text + at, "%s%c: %0*d\r\n",
				      at < 100 ? "close\r\n" : "",
				      'a' + (int)(at / 1000 % 26), 1000, 0);
	at += (size_t)sprintf(text + at, "\r\n");
	copy = mmap(NULL, sizeof(text), PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (copy == MAP_FAILED)
		abort();
	memcpy(copy, text, at);
	for (size_t i = 1; i < at; i++) {
		if (sluice_http_head_parse(&head, copy, (u32)i) !=
		    SLUICE_HTTP_MORE)
			return false;
		if (text[i - 1] == '\n') {
			line = i / page * page;
			if (line && mprotect(copy, line, PROT_NONE) != 0)
				abort();
		}
	}
	if (sluice_http_head_parse(&head, copy, (u32)at) != SLUICE_HTTP_DONE)
		return false;
	munmap(copy, sizeof(text));
	return head.chunked && !head.keep_alive && head.length == at;
}

static void test_linear(struct ktap *ktap)
{
	ktap_result(ktap, reads_once("GET /", 'a'), "a path is read once");
	ktap_result(ktap, reads_once("GET /?", '?'), "a query is read once");
	ktap_result(ktap, reads_once("GET http://", 'a'),
		    "a host is read once before its end comes");
	ktap_result(ktap, reads_once("CONNECT ", 'a'),
		    "so is the target of CONNECT");
	ktap_result(ktap, reads_once("GET / HTTP/1.1\r\n", 'a'), "and a name");
	ktap_result(ktap, reads_once("GET / HTTP/1.1\r\nA:", ' '),
		    "and white space before a value");
	ktap_result(ktap, reads_once("GET / HTTP/1.1\r\nCookie: ", ';'),
		    "and a value");
	ktap_result(ktap, reads_once("GET / HTTP/1.1\r\nA: b", '\t'),
		    "and white space behind a value");
	ktap_result(ktap, reads_fields_once(),
		    "lines that are complete are not read again");
}

static void test_limits(struct ktap *ktap)
{
	const struct sluice_http_limits many = { .headers = 65535 };
	struct sluice_http_head head = new_head(NULL);
	static char text[70000];
	size_t at;

	ktap_result(ktap,
		    head.limits.head == SLUICE_HTTP_HEAD_DEFAULT &&
			    head.limits.target == SLUICE_HTTP_TARGET_DEFAULT &&
			    head.limits.headers == SLUICE_HTTP_HEADERS_MAX,
		    "limits where none are given");
	memset(text, 'a', sizeof(text));
	at = (size_t)sprintf(text, "GET /");
	text[at] = 'a';
	ktap_result(ktap,
		    feed(&head, text, sizeof(text)) == SLUICE_HTTP_REFUSED &&
			    head.error == SLUICE_HTTP_ERROR_TARGET_LONG &&
			    sluice_http_error_status(head.error) == 414,
		    "a target without end");
	head = new_head(NULL);
	at = (size_t)sprintf(text, "GET / HTTP/1.1\r\nHost: ");
	text[at] = 'a';
	ktap_result(ktap,
		    feed(&head, text, sizeof(text)) == SLUICE_HTTP_REFUSED &&
			    head.error == SLUICE_HTTP_ERROR_HEAD_LONG &&
			    sluice_http_error_status(head.error) == 431,
		    "a head without end");
	ktap_result(ktap, feed(&head, text, 5) == SLUICE_HTTP_REFUSED,
		    "what is refused stays refused");
	head = new_head(&many);
	at = (size_t)sprintf(text, "GET / HTTP/1.1\r\nHost: a\r\n");
	for (int i = 0; i < SLUICE_HTTP_HEADERS_MAX - 1; i++)
		at += (size_t)sprintf(text + at, "a: b\r\n");
	at += (size_t)sprintf(text + at, "\r\n");
	ktap_result(ktap,
		    feed(&head, text, at) == SLUICE_HTTP_DONE &&
			    head.header_count == SLUICE_HTTP_HEADERS_MAX,
		    "as many headers as there can be");
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	test_cases(&ktap);
	test_linear(&ktap);
	test_limits(&ktap);
	return ktap_end(&ktap);
}
