/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of the DNS (RFC 1035): a question, and what an answer says. Pure. */
#ifndef DAEMON_CHECK_DNS_MESSAGE_H
#define DAEMON_CHECK_DNS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A name in the form of the wire, and as text with a dot at its end. */
#define DNS_NAME_MAX 255
#define DNS_TEXT_SIZE 1025

/* The header, the longest name, type and class. */
#define DNS_QUESTION_MAX (12 + DNS_NAME_MAX + 4)

enum {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
};

/**
 * dns_question() - make a question, recursion desired
 * @to: DNS_QUESTION_MAX bytes; the identifier in its first two is left 0
 * @name: text, with or without the last dot; "." is the root
 * @type: of records
 *
 * Return: bytes, or 0: not a name
 */
size_t dns_question(unsigned char *to, const char *name, unsigned int type);

/**
 * enum dns_verdict - what an answer is
 * @DNS_OTHER: not an answer to the question: to be ignored
 * @DNS_BAD: one, but cut off or with a wrong structure
 * @DNS_CODE: one with a response code other than NOERROR
 * @DNS_MISSING: one without the record that is expected
 * @DNS_GOOD: as expected
 */
enum dns_verdict {
	DNS_OTHER,
	DNS_BAD,
	DNS_CODE,
	DNS_MISSING,
	DNS_GOOD,
};

/**
 * dns_answer() - look at an answer
 * @data: message
 * @length: of @data
 * @question: as sent
 * @question_length: of @question
 * @expected: data of one record of the type asked for, as text: an address, a name
 *	(the case of letters and the last dot do not matter), number and name of MX,
 *	text of TXT, or hexadecimal digits of another type. NULL: any answer.
 * @code: its response code
 * @seen: DNS_TEXT_SIZE bytes: text of the last record of the type
 *
 * Return: what it is
 */
enum dns_verdict dns_answer(const unsigned char *data, size_t length,
			    const unsigned char *question,
			    size_t question_length, const char *expected,
			    unsigned int *code, char *seen);

#endif /* DAEMON_CHECK_DNS_MESSAGE_H */
