// SPDX-License-Identifier: GPL-2.0-or-later
/* dns: the server answers a question over UDP, without an error. */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "datagram.h"
#include "dns_message.h"
#include "kinds.h"

struct question {
	size_t length;
	unsigned char bytes[DNS_QUESTION_MAX];
};

struct state {
	unsigned char question[DNS_QUESTION_MAX];
};

static int prepare(struct check *check, struct check_error *error)
{
	const struct check_spec *spec = check->spec;
	const char *name = spec->query_name ? spec->query_name : ".";
	unsigned int type = spec->query_type;
	struct question *question;

	if (type > 65535)
		return check_refuse(error, "type: 1 to 65535, not %u", type);
	if (!type)
		type = strcmp(name, ".") == 0 ? DNS_NS : DNS_A;
	question = calloc(1, sizeof(*question));
	if (!question)
		return check_refuse(error, "out of memory");
	check->data = question;
	question->length = dns_question(question->bytes, name, type);
	if (!*name || !question->length)
		return check_refuse(
			error,
			"name: %s is not one: labels of 1 to 63 bytes, 253 in all expected",
			name);
	return 0;
}

static void forget(struct check *check)
{
	free(check->data);
}

static void begin(struct check_run *run)
{
	const struct question *question = run->check->data;
	struct state *state = run->state;

	memcpy(state->question, question->bytes, question->length);
	if (getrandom(state->question, 2, GRND_NONBLOCK) != 2) {
		check_break(run, "no random numbers");
		return;
	}
	check_datagram_send(run, state->question, question->length);
}

static const char *code_name(unsigned int code)
{
	static const char *const names[] = { "NOERROR",	 "FORMERR", "SERVFAIL",
					     "NXDOMAIN", "NOTIMP",  "REFUSED" };

	if (code < sizeof(names) / sizeof(names[0]))
		return names[code];
	return "an error";
}

static void received(struct check_run *run, bool end)
{
	const struct question *question = run->check->data;
	struct state *state = run->state;
	char seen[DNS_TEXT_SIZE], quote[CHECK_QUOTE_SIZE];
	unsigned int code;

	(void)end;
	switch (dns_answer(run->in, run->in_length, state->question,
			   question->length, run->check->spec->answer, &code,
			   seen)) {
	case DNS_OTHER:
		/* Late, or forged. */
		break;
	case DNS_BAD:
		check_fail(run, "an answer that is cut off or malformed");
		break;
	case DNS_CODE:
		check_fail(run, "the server says %s (%u)", code_name(code),
			   code);
		break;
	case DNS_MISSING:
		check_fail(run, "the expected record is missing, seen: %s",
			   *seen ? check_quote(quote, seen, strlen(seen)) :
				   "none");
		break;
	case DNS_GOOD:
		check_pass(run, "answered%s%s", *seen ? " " : "",
			   *seen ? check_quote(quote, seen, strlen(seen)) : "");
		break;
	}
}

const struct check_kind_ops check_dns = {
	.name = "dns",
	.state_size = sizeof(struct state),
	.prepare = prepare,
	.forget = forget,
	.start = check_datagram_start,
	.stop = check_datagram_stop,
	.begin = begin,
	.received = received,
};
