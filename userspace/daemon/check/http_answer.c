// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <strings.h>

#include "http_answer.h"

/* A line of the answer, without its end. */
struct line {
	const char *text;
	size_t length;
};

static void bad(struct http_answer *answer, const char *error)
{
	answer->state = HTTP_ANSWER_BAD;
	answer->error = error;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* tchar, RFC 9110 5.6.2 */
static bool is_token(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') ||
	       (c && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

/* The next line, if all of it is there; then it counts as read. */
static bool next_line(struct http_answer *answer, const unsigned char *buf,
		      size_t length, struct line *line)
{
	const unsigned char *end = NULL;

	if (answer->scanned < answer->at)
		answer->scanned = answer->at;
	if (answer->scanned < length)
		end = memchr(buf + answer->scanned, '\n',
			     length - answer->scanned);
	if (!end) {
		answer->scanned = length;
		return false;
	}
	line->text = (const char *)buf + answer->at;
	line->length = (size_t)(end - buf) - answer->at;
	answer->at += line->length + 1;
	/* LF alone ends a line, too: RFC 9112, 2.2. */
	if (line->length && line->text[line->length - 1] == '\r')
		line->length--;
	return true;
}

static void read_status(struct http_answer *answer, struct line line)
{
	const char *text = line.text;

	if (line.length < 12 || memcmp(text, "HTTP/1.", 7) != 0 ||
	    !is_digit(text[7]) || text[8] != ' ' ||
	    (line.length > 12 && text[12] != ' ')) {
		bad(answer, "no status line of HTTP/1");
		return;
	}
	for (int i = 9; i < 12; i++) {
		if (!is_digit(text[i])) {
			bad(answer, "no status of three digits");
			return;
		}
	}
	answer->status = (unsigned int)(text[9] - '0') * 100 +
			 (unsigned int)(text[10] - '0') * 10 +
			 (unsigned int)(text[11] - '0');
	if (answer->status < 100 || answer->status > 599) {
		bad(answer, "a status that is not 100 to 599");
		return;
	}
	answer->state = HTTP_ANSWER_FIELDS;
}

static void read_length(struct http_answer *answer, struct line value)
{
	uint64_t number = 0;

	if (!value.length || value.length > 18) {
		bad(answer, "Content-Length that is no length");
		return;
	}
	for (size_t i = 0; i < value.length; i++) {
		if (!is_digit(value.text[i])) {
			bad(answer, "Content-Length that is no length");
			return;
		}
		number = number * 10 + (uint64_t)(value.text[i] - '0');
	}
	if (answer->has_length && answer->left != number) {
		bad(answer, "Content-Length twice, and different");
		return;
	}
	answer->has_length = true;
	answer->left = number;
}

static bool is_name(struct line name, const char *other)
{
	return name.length == strlen(other) &&
	       strncasecmp(name.text, other, name.length) == 0;
}

static void read_field(struct http_answer *answer, struct line line)
{
	struct line name = { line.text, 0 }, value;

	while (name.length < line.length && is_token(name.text[name.length]))
		name.length++;
	if (!name.length || name.length == line.length ||
	    line.text[name.length] != ':') {
		bad(answer, "a header field without a name and ':'");
		return;
	}
	value.text = line.text + name.length + 1;
	value.length = line.length - name.length - 1;
	for (size_t i = 0; i < value.length; i++) {
		char c = value.text[i];

		if ((unsigned char)c < ' ' && c != '\t') {
			bad(answer, "a control character in a header field");
			return;
		}
	}
	while (value.length && is_space(value.text[0])) {
		value.text++;
		value.length--;
	}
	while (value.length && is_space(value.text[value.length - 1]))
		value.length--;

	if (is_name(name, "content-length")) {
		read_length(answer, value);
	} else if (is_name(name, "transfer-encoding")) {
		if (answer->chunked || !is_name(value, "chunked"))
			bad(answer, "a Transfer-Encoding other than chunked");
		answer->chunked = true;
	}
}

/* RFC 9112, 6.3 */
static void end_head(struct http_answer *answer)
{
	if (answer->chunked && answer->has_length) {
		bad(answer, "both Content-Length and Transfer-Encoding");
		return;
	}
	if (answer->status < 200 && answer->status != 101) {
		/* An interim answer: the one that counts comes after it. */
		answer->state = HTTP_ANSWER_STATUS;
		answer->has_length = false;
		answer->chunked = false;
		return;
	}
	answer->body = answer->at;
	if (answer->to_head || answer->status < 200 || answer->status == 204 ||
	    answer->status == 304)
		answer->state = HTTP_ANSWER_DONE;
	else if (answer->chunked)
		answer->state = HTTP_ANSWER_CHUNK;
	else if (!answer->has_length)
		answer->state = HTTP_ANSWER_REST;
	else
		answer->state = answer->left ? HTTP_ANSWER_BODY :
					       HTTP_ANSWER_DONE;
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void read_chunk_size(struct http_answer *answer, struct line line)
{
	size_t i = 0;

	answer->left = 0;
	for (; i < line.length && hex_digit(line.text[i]) >= 0; i++) {
		if (i == 15) {
			bad(answer, "a chunk too long");
			return;
		}
		answer->left = answer->left << 4 |
			       (unsigned int)hex_digit(line.text[i]);
	}
	/* Extensions after it, and spaces before those, say nothing to us. */
	if (!i || (i < line.length && line.text[i] != ';' &&
		   !is_space(line.text[i]))) {
		bad(answer, "a chunk without its size");
		return;
	}
	answer->state = answer->left ? HTTP_ANSWER_BODY : HTTP_ANSWER_TRAILERS;
}

static void read_line(struct http_answer *answer, struct line line)
{
	switch (answer->state) {
	case HTTP_ANSWER_STATUS:
		read_status(answer, line);
		break;
	case HTTP_ANSWER_FIELDS:
		if (line.length)
			read_field(answer, line);
		else
			end_head(answer);
		break;
	case HTTP_ANSWER_CHUNK:
		read_chunk_size(answer, line);
		break;
	case HTTP_ANSWER_CHUNK_END:
		if (line.length)
			bad(answer, "a chunk longer than its size");
		else
			answer->state = HTTP_ANSWER_CHUNK;
		break;
	default:
		if (!line.length)
			answer->state = HTTP_ANSWER_DONE;
	}
}

static void read_body(struct http_answer *answer, unsigned char *buf,
		      size_t length)
{
	size_t count = length - answer->at;

	if (answer->state == HTTP_ANSWER_BODY && count > answer->left)
		count = (size_t)answer->left;
	/* What was between two chunks goes. */
	memmove(buf + answer->body + answer->body_length, buf + answer->at,
		count);
	answer->body_length += count;
	answer->at += count;
	if (answer->state == HTTP_ANSWER_REST)
		return;
	answer->left -= count;
	if (!answer->left)
		answer->state = answer->chunked ? HTTP_ANSWER_CHUNK_END :
						  HTTP_ANSWER_DONE;
}

static bool is_body(const struct http_answer *answer)
{
	return answer->state == HTTP_ANSWER_BODY ||
	       answer->state == HTTP_ANSWER_REST;
}

static bool is_over(const struct http_answer *answer)
{
	return answer->state == HTTP_ANSWER_DONE ||
	       answer->state == HTTP_ANSWER_BAD;
}

static void count_head(struct http_answer *answer, size_t before,
		       size_t pending)
{
	answer->head_size += answer->at - before;
	if (answer->head_size + pending > HTTP_ANSWER_HEAD_MAX)
		bad(answer, "a head of more than 16384 bytes");
}

/* Bytes that are read, and are not body, make room. */
static void compact(struct http_answer *answer, unsigned char *buf,
		    size_t *length)
{
	size_t kept = answer->body + answer->body_length;
	size_t gone = answer->at - kept;

	if (!http_answer_has_head(answer) || !gone)
		return;
	memmove(buf + kept, buf + answer->at, *length - answer->at);
	*length -= gone;
	answer->at -= gone;
	answer->scanned -= answer->scanned > gone ? gone : answer->scanned;
}

void http_answer_read(struct http_answer *answer, unsigned char *buf,
		      size_t *length, bool end)
{
	struct line line;

	while (!is_over(answer)) {
		bool head = answer->state <= HTTP_ANSWER_FIELDS;
		size_t before = answer->at;

		if (is_body(answer)) {
			if (answer->at == *length)
				break;
			read_body(answer, buf, *length);
			continue;
		}
		if (!next_line(answer, buf, *length, &line)) {
			if (head)
				count_head(answer, before, *length - before);
			break;
		}
		read_line(answer, line);
		if (head && !is_over(answer))
			count_head(answer, before, 0);
	}
	if (end && answer->state == HTTP_ANSWER_REST)
		answer->state = HTTP_ANSWER_DONE;
	compact(answer, buf, length);
}
