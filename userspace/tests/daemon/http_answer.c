// SPDX-License-Identifier: GPL-2.0-or-later
/* Answers of HTTP, right and wrong; what is read is the same however they are cut. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../ktap.h"
#include "check/http_answer.h"

#define ROOM 70000

/* @answer: status, '!' if not complete, body; or what is wrong. */
static const struct {
	const char *name;
	const char *stream;
	const char *answer;
	bool to_head;
	bool end;
} cases[] = {
	{ "with a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
	  "200 hello", false, false },
	{ "without a reason", "HTTP/1.1 204\r\n\r\n", "204 ", false, false },
	{ "an empty reason", "HTTP/1.1 204 \r\n\r\n", "204 ", false, false },
	{ "HTTP/1.0 to the end", "HTTP/1.0 200 OK\r\n\r\nhello", "200 hello",
	  false, true },
	{ "not to the end yet", "HTTP/1.0 200 OK\r\n\r\nhello", "200 !hello",
	  false, false },
	{ "lines that end with LF alone",
	  "HTTP/1.0 200 OK\nContent-Length: 2\n\nhi", "200 hi", false, false },
	{ "chunks",
	  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	  "5\r\nhello\r\n1\r\n,\r\nA;a=b\r\n0123456789\r\n0\r\n\r\n",
	  "200 hello,0123456789", false, false },
	{ "chunks with trailers",
	  "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
	  "1\r\na\r\n000\r\nx: y\r\n\r\n",
	  "200 a", false, false },
	{ "chunks that are not all",
	  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
	  "200 !hel", false, true },
	{ "no body for HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
	  "200 ", true, false },
	{ "no body of 304", "HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\n",
	  "304 ", false, false },
	{ "after an interim answer",
	  "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 100\r\n\r\n"
	  "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
	  "200 x", false, false },
	{ "the same length twice",
	  "HTTP/1.1 200 OK\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\nx",
	  "200 x", false, false },
	{ "another protocol", "SSH-2.0-OpenSSH_9.9\r\n",
	  "no status line of HTTP/1", false, false },
	{ "HTTP/2", "HTTP/2.0 200 OK\r\n", "no status line of HTTP/1", false,
	  false },
	{ "a status of letters", "HTTP/1.1 2OO OK\r\n",
	  "no status of three digits", false, false },
	{ "a status of four digits", "HTTP/1.1 2000 OK\r\n",
	  "no status line of HTTP/1", false, false },
	{ "a status too low", "HTTP/1.1 099 OK\r\n",
	  "a status that is not 100 to 599", false, false },
	{ "a status too high", "HTTP/1.1 600 OK\r\n",
	  "a status that is not 100 to 599", false, false },
	{ "a field without a colon", "HTTP/1.1 200 OK\r\nhello\r\n",
	  "a header field without a name and ':'", false, false },
	{ "a folded field", "HTTP/1.1 200 OK\r\na: b\r\n c\r\n",
	  "a header field without a name and ':'", false, false },
	{ "a space before the colon", "HTTP/1.1 200 OK\r\nA : b\r\n",
	  "a header field without a name and ':'", false, false },
	{ "a control character", "HTTP/1.1 200 OK\r\na: \001\r\n",
	  "a control character in a header field", false, false },
	{ "a bare CR", "HTTP/1.1 200 OK\r\na: b\rc\r\n",
	  "a control character in a header field", false, false },
	{ "two lengths",
	  "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
	  "Content-Length twice, and different", false, false },
	{ "a length with a sign", "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n",
	  "Content-Length that is no length", false, false },
	{ "a length of 19 digits",
	  "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000000000\r\n",
	  "Content-Length that is no length", false, false },
	{ "another coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n",
	  "a Transfer-Encoding other than chunked", false, false },
	{ "chunked twice",
	  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
	  "Transfer-Encoding: chunked\r\n",
	  "a Transfer-Encoding other than chunked", false, false },
	{ "length and coding",
	  "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n"
	  "Transfer-Encoding: chunked\r\n\r\n",
	  "both Content-Length and Transfer-Encoding", false, false },
	{ "a chunk without a size",
	  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
	  "a chunk without its size", false, false },
	{ "a chunk with a sign",
	  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
	  "a chunk without its size", false, false },
	{ "a chunk with a size that would wrap",
	  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	  "10000000000000001\r\n",
	  "a chunk too long", false, false },
	{ "a chunk longer than its size",
	  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
	  "a chunk longer than its size", false, false },
};

static void describe(const struct http_answer *answer, const unsigned char *buf,
		     char *text, size_t size)
{
	if (answer->state == HTTP_ANSWER_BAD)
		snprintf(text, size, "%s", answer->error);
	else if (!http_answer_has_head(answer))
		snprintf(text, size, "no head yet");
	else
		snprintf(text, size, "%u %s%.*s", answer->status,
			 answer->state == HTTP_ANSWER_DONE ? "" : "!",
			 (int)answer->body_length, buf + answer->body);
}

/* The stream in steps of so many bytes. */
static bool read_in_steps(size_t i, size_t step)
{
	struct http_answer answer = { .to_head = cases[i].to_head };
	size_t all = strlen(cases[i].stream), at = 0, length = 0, n;
	unsigned char *buf = malloc(all);
	char text[200];
	bool passed;

	for (; at < all; at += n) {
		n = all - at < step ? all - at : step;
		memcpy(buf + length, cases[i].stream + at, n);
		length += n;
		http_answer_read(&answer, buf, &length,
				 cases[i].end && at + n == all);
	}
	describe(&answer, buf, text, sizeof(text));
	passed = strcmp(text, cases[i].answer) == 0;
	if (!passed)
		printf("# in steps of %zu: '%s'\n", step, text);
	free(buf);
	return passed;
}

/* However long the head goes on, and in whatever pieces. */
static bool bounded_head(const char *piece, size_t step)
{
	struct http_answer answer = { 0 };
	unsigned char *buf = calloc(1, ROOM);
	size_t length = 0, size = strlen(piece);
	bool passed;

	while (answer.state != HTTP_ANSWER_BAD && length + step < ROOM) {
		for (size_t i = 0; i < step; i++, length++)
			buf[length] = (unsigned char)piece[length % size];
		http_answer_read(&answer, buf, &length, false);
	}
	passed = answer.state == HTTP_ANSWER_BAD &&
		 strcmp(answer.error, "a head of more than 16384 bytes") == 0 &&
		 length <= 16384 + step;
	free(buf);
	return passed;
}

static bool bounded_interim(size_t step)
{
	return bounded_head("HTTP/1.1 100 Continue\r\na: b\r\n\r\n", step);
}

static bool bounded_fields(size_t step)
{
	static char text[20000];
	size_t length = (size_t)sprintf(text, "HTTP/1.1 200 OK\r\n");

	while (length + 7 < sizeof(text))
		length += (size_t)sprintf(text + length, "a: b\r\n");
	return bounded_head(text, step);
}

/* A body in chunks of one byte takes no more room than the body. */
static bool compact(void)
{
	static const char head[] =
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
	struct http_answer answer = { 0 };
	unsigned char buf[1200];
	size_t length = sizeof(head) - 1;

	memcpy(buf, head, length);
	for (int i = 0; i < 1000; i++) {
		for (size_t j = 0; j < 6; j++)
			buf[length++] = (unsigned char)"1\r\nx\r\n"[j];
		http_answer_read(&answer, buf, &length, false);
	}
	for (int i = 0; i < 1000; i++)
		if (buf[answer.body + (size_t)i] != 'x')
			return false;
	return answer.body_length == 1000 && length == sizeof(head) - 1 + 1000;
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool passed = true;

		for (size_t step = 1; step < 120; step++)
			passed = passed && read_in_steps(i, step);
		passed = passed && read_in_steps(i, 1000);
		ktap_result(&ktap, passed, cases[i].name);
	}
	ktap_result(&ktap,
		    bounded_interim(1) && bounded_interim(7) &&
			    bounded_interim(5000),
		    "interim answers without end");
	ktap_result(&ktap,
		    bounded_fields(1) && bounded_fields(7) &&
			    bounded_fields(5000),
		    "fields without end");
	ktap_result(&ktap, bounded_head("x", 1) && bounded_head("x", 3000),
		    "a line without end");
	ktap_result(&ktap, compact(), "small chunks take no room");
	return ktap_end(&ktap);
}
