// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "bytes.h"
#include "dns_message.h"

#define HEADER_SIZE 12
#define LABEL_MAX 63
#define FLAG_RESPONSE 0x80
#define FLAG_TRUNCATED 0x02
#define CLASS_IN 1
/* Of a name that points on, before it counts as going in circles. */
#define POINTERS_MAX 64

struct message {
	const unsigned char *data;
	size_t length;
	size_t at;
};

static size_t put_name(unsigned char *to, const char *name)
{
	size_t used = 0;

	if (strcmp(name, ".") == 0)
		name = "";
	while (*name) {
		size_t label = strcspn(name, ".");

		/* One for this length, and one for the root's. */
		if (!label || label > LABEL_MAX ||
		    used + label + 2 > DNS_NAME_MAX)
			return 0;
		to[used++] = (unsigned char)label;
		memcpy(to + used, name, label);
		used += label;
		name += label;
		if (*name)
			name++;
	}
	to[used++] = 0;
	return used;
}

size_t dns_question(unsigned char *to, const char *name, unsigned int type)
{
	static const unsigned char header[HEADER_SIZE] = { 0, 0, 1, 0, 0, 1 };
	size_t size = put_name(to + HEADER_SIZE, name);

	if (!size)
		return 0;
	memcpy(to, header, sizeof(header));
	put_be16(to + HEADER_SIZE + size, type);
	put_be16(to + HEADER_SIZE + size + 2, CLASS_IN);
	return HEADER_SIZE + size + 4;
}

/* A byte of a label, escaped where it would read as something else. */
static size_t put_char(char *to, unsigned char c)
{
	if (c <= ' ' || c >= 0x7f)
		return (size_t)sprintf(to, "\\%03u", c);
	if (c == '.' || c == '\\') {
		*to++ = '\\';
		*to = (char)c;
		return 2;
	}
	*to = (char)c;
	return 1;
}

/*
 * A name at @at, with pointers followed, each to a place before it.
 *
 * Return: where it ends, 0: it is wrong
 */
static size_t get_name(const struct message *message, size_t at, char *text)
{
	size_t end = 0, used = 0, size = 0, limit = at;

	for (int pointers = 0; at < message->length;) {
		unsigned char label = message->data[at++];

		if (label >= 0xc0) {
			if (at == message->length || ++pointers > POINTERS_MAX)
				return 0;
			if (!end)
				end = at + 1;
			at = (label & 0x3fU) << 8 | message->data[at];
			if (at >= limit)
				return 0;
			limit = at;
			continue;
		}
		if (label > LABEL_MAX || label > message->length - at)
			return 0;
		size += 1U + label;
		if (size > DNS_NAME_MAX)
			return 0;
		if (!label) {
			if (!used)
				text[used++] = '.';
			text[used] = '\0';
			return end ? end : at;
		}
		for (; label; label--)
			used += put_char(text + used, message->data[at++]);
		text[used++] = '.';
	}
	return 0;
}

/* Data of TXT: texts, each with its length, one after the other. */
static bool get_texts(const unsigned char *data, size_t length, char *text)
{
	size_t used = 0;

	while (length) {
		size_t size = *data++;

		if (size > --length || used + size >= DNS_TEXT_SIZE)
			return false;
		memcpy(text + used, data, size);
		used += size;
		data += size;
		length -= size;
	}
	text[used] = '\0';
	return true;
}

static void get_hex(const unsigned char *data, size_t length, char *text)
{
	if (length > (DNS_TEXT_SIZE - 1) / 2)
		length = (DNS_TEXT_SIZE - 1) / 2;
	for (size_t i = 0; i < length; i++)
		sprintf(text + 2 * i, "%02x", data[i]);
	text[2 * length] = '\0';
}

/* Return: whether the data of @length at @at is right for its type */
static bool get_data(const struct message *message, size_t at, size_t length,
		     unsigned int type, char *text)
{
	const unsigned char *data = message->data + at;
	size_t used = 0;

	*text = '\0';
	switch (type) {
	case DNS_A:
		return length == 4 &&
		       inet_ntop(AF_INET, data, text, DNS_TEXT_SIZE);
	case DNS_AAAA:
		return length == 16 &&
		       inet_ntop(AF_INET6, data, text, DNS_TEXT_SIZE);
	case DNS_TXT:
		return get_texts(data, length, text);
	case DNS_MX:
		if (length < 3)
			return false;
		used = (size_t)sprintf(text, "%u ", get_be16(data));
		at += 2;
		length -= 2;
		/* fallthrough */
	case DNS_NS:
	case DNS_CNAME:
	case DNS_PTR:
		return get_name(message, at, text + used) == at + length;
	default:
		get_hex(data, length, text);
		return true;
	}
}

static bool is_same(unsigned int type, const char *text, const char *expected)
{
	unsigned char a[16], b[16];
	size_t length = strlen(expected), full = strlen(text);

	if (type == DNS_TXT)
		return strcmp(text, expected) == 0;
	if (type == DNS_AAAA)
		return inet_pton(AF_INET6, text, a) == 1 &&
		       inet_pton(AF_INET6, expected, b) == 1 &&
		       memcmp(a, b, 16) == 0;
	if (strcasecmp(text, expected) == 0)
		return true;
	return full == length + 1 && text[length] == '.' &&
	       strncasecmp(text, expected, length) == 0;
}

/* Return: whether there is a sound record; then it is read */
static bool get_record(struct message *message, unsigned int *type,
		       unsigned int wanted, char *text)
{
	char name[DNS_TEXT_SIZE];
	size_t at = get_name(message, message->at, name), length;

	if (!at || message->length - at < 10)
		return false;
	*type = get_be16(message->data + at);
	length = get_be16(message->data + at + 8);
	at += 10;
	if (length > message->length - at)
		return false;
	message->at = at + length;
	return *type != wanted || get_data(message, at, length, *type, text);
}

static bool is_answer(const unsigned char *data, size_t length,
		      const unsigned char *question, size_t question_length)
{
	size_t name = question_length - HEADER_SIZE;

	if (length < HEADER_SIZE || memcmp(data, question, 2) != 0 ||
	    !(data[2] & FLAG_RESPONSE))
		return false;
	/* Some errors come without the question. */
	if (get_be16(data + 4) == 0)
		return data[3] & 0x0f;
	/* A server may change the case of letters, or not. */
	return get_be16(data + 4) == 1 && length >= question_length &&
	       strncasecmp((const char *)data + HEADER_SIZE,
			   (const char *)question + HEADER_SIZE, name) == 0 &&
	       memcmp(data + question_length - 4,
		      question + question_length - 4, 4) == 0;
}

enum dns_verdict dns_answer(const unsigned char *data, size_t length,
			    const unsigned char *question,
			    size_t question_length, const char *expected,
			    unsigned int *code, char *seen)
{
	struct message message = { data, length, question_length };
	unsigned int wanted = get_be16(question + question_length - 4), type;
	bool found = false;

	*seen = '\0';
	*code = 0;
	if (!is_answer(data, length, question, question_length))
		return DNS_OTHER;
	*code = data[3] & 0x0f;
	if (*code)
		return DNS_CODE;
	for (unsigned int i = get_be16(data + 6); i > 0; i--) {
		char text[DNS_TEXT_SIZE];

		if (!get_record(&message, &type, wanted, text)) {
			/* Where it is marked as cut off, that is the cut. */
			if (data[2] & FLAG_TRUNCATED)
				break;
			return DNS_BAD;
		}
		if (type != wanted)
			continue;
		memcpy(seen, text, sizeof(text));
		found = found || (expected && is_same(type, text, expected));
	}
	return found || !expected ? DNS_GOOD : DNS_MISSING;
}
