// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * postgresql: the server takes sessions (protocol 3.0, without TLS). With a user,
 * one that it lets in and is ready for queries; without, it is enough that it asks
 * who is there or says that it does not know.
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "kinds.h"
#include "scram.h"
#include "stream.h"

#define VERSION 0x00030000
/* Of a message that is read; those of a login are some hundred bytes. */
#define MESSAGE_MAX 8192
#define NAME_MAX_LENGTH 255

/* Codes of AuthenticationRequest. */
enum {
	AUTH_OK = 0,
	AUTH_CLEARTEXT = 3,
	AUTH_MD5 = 5,
	AUTH_SASL = 10,
	AUTH_SASL_CONTINUE = 11,
	AUTH_SASL_FINAL = 12,
};

struct state {
	struct scram scram;
};

static int prepare(struct check *check, struct check_error *error)
{
	const struct check_spec *spec = check->spec;
	const char *const texts[] = { spec->user, spec->password,
				      spec->database };

	for (size_t i = 0; i < 3; i++)
		if (texts[i] &&
		    (!*texts[i] || strlen(texts[i]) > NAME_MAX_LENGTH))
			return check_refuse(
				error,
				"user, password and database: 1 to 255 bytes expected");
	if ((spec->password || spec->database) && !spec->user)
		return check_refuse(error,
				    "password and database: without a user");
	return 0;
}

static size_t put_text(unsigned char *to, const char *text)
{
	size_t size = strlen(text) + 1;

	memcpy(to, text, size);
	return size;
}

static void begin(struct check_run *run)
{
	const struct check_spec *spec = run->check->spec;
	unsigned char message[3 * NAME_MAX_LENGTH];
	size_t size = 8;

	put_be32(message + 4, VERSION);
	size += put_text(message + size, "user");
	size += put_text(message + size, spec->user ? spec->user : "sluiced");
	if (spec->database) {
		size += put_text(message + size, "database");
		size += put_text(message + size, spec->database);
	}
	size += put_text(message + size, "application_name");
	size += put_text(message + size, "sluiced");
	message[size++] = '\0';
	put_be32(message, (uint32_t)size);
	run->waiting_for = "the answer to the login";
	check_stream_send(run, message, size);
}

/* A message of type 'p'. */
static void send_answer(struct check_run *run, const void *data, size_t length)
{
	unsigned char message[SCRAM_TEXT_SIZE + 64];

	message[0] = 'p';
	put_be32(message + 1, (uint32_t)length + 4);
	memcpy(message + 5, data, length);
	check_stream_send(run, message, length + 5);
}

static void hex_md5(const void *a, size_t a_length, const void *b,
		    size_t b_length, char *to)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	memset(sum, 0, sizeof(sum));
	if (ctx && EVP_DigestInit_ex(ctx, EVP_md5(), NULL) == 1) {
		EVP_DigestUpdate(ctx, a, a_length);
		EVP_DigestUpdate(ctx, b, b_length);
		EVP_DigestFinal_ex(ctx, sum, NULL);
	}
	EVP_MD_CTX_free(ctx);
	for (int i = 0; i < 16; i++)
		sprintf(to + (size_t)2 * i, "%02x", sum[i]);
}

static void send_md5(struct check_run *run, const unsigned char *salt)
{
	const struct check_spec *spec = run->check->spec;
	char text[3 + 32 + 1] = "md5", inner[33];

	hex_md5(spec->password, strlen(spec->password), spec->user,
		strlen(spec->user), inner);
	hex_md5(inner, 32, salt, 4, text + 3);
	send_answer(run, text, sizeof(text));
}

/* Whether @name is in a list of texts that an empty one ends. */
static bool has_mechanism(const unsigned char *list, size_t length,
			  const char *name)
{
	size_t size = strlen(name) + 1;

	while (length && *list) {
		const unsigned char *end = memchr(list, '\0', length);

		if (!end)
			return false;
		if ((size_t)(end - list) + 1 == size &&
		    memcmp(list, name, size) == 0)
			return true;
		length -= (size_t)(end - list) + 1;
		list = end + 1;
	}
	return false;
}

static void begin_scram(struct check_run *run, const unsigned char *list,
			size_t length)
{
	static const char mechanism[] = "SCRAM-SHA-256";
	unsigned char answer[SCRAM_TEXT_SIZE];
	struct state *state = run->state;
	char text[SCRAM_TEXT_SIZE];
	size_t size, length_of_text;

	if (!has_mechanism(list, length, mechanism)) {
		check_fail(run,
			   "the server has no SCRAM-SHA-256 to log in with");
		return;
	}
	if (!scram_first(&state->scram, text)) {
		check_break(run, "no random numbers");
		return;
	}
	/* The text comes without its NUL, but with its length. */
	size = put_text(answer, mechanism);
	length_of_text = put_text(answer + size + 4, text) - 1;
	put_be32(answer + size, (uint32_t)length_of_text);
	send_answer(run, answer, size + 4 + length_of_text);
}

static void go_on_scram(struct check_run *run, const unsigned char *data,
			size_t length)
{
	struct state *state = run->state;
	char text[SCRAM_TEXT_SIZE];
	const char *why;

	if (!state->scram.nonce[0])
		why = "SCRAM out of turn";
	else
		why = scram_final(&state->scram, run->check->spec->password,
				  (const char *)data, length, text);
	if (why)
		check_fail(run, "the server sent %s", why);
	else
		send_answer(run, text, strlen(text));
}

static void take_auth(struct check_run *run, const unsigned char *data,
		      size_t length)
{
	const struct check_spec *spec = run->check->spec;
	struct state *state = run->state;
	uint32_t code;

	if (length < 4) {
		check_fail(run, "a request for authentication cut off");
		return;
	}
	code = get_be32(data);
	data += 4;
	length -= 4;
	if (!spec->user) {
		run->goodbye = true;
		check_pass(run, "takes sessions");
	} else if (code == AUTH_OK) {
		run->waiting_for = "readiness for queries";
	} else if (!spec->password) {
		check_fail(run, "the server wants a password");
	} else if (code == AUTH_CLEARTEXT) {
		send_answer(run, spec->password, strlen(spec->password) + 1);
	} else if (code == AUTH_MD5 && length == 4) {
		send_md5(run, data);
	} else if (code == AUTH_SASL) {
		begin_scram(run, data, length);
	} else if (code == AUTH_SASL_CONTINUE) {
		go_on_scram(run, data, length);
	} else if (code == AUTH_SASL_FINAL) {
		if (!scram_verify(&state->scram, (const char *)data, length))
			check_fail(run,
				   "the server does not know the password");
	} else {
		check_fail(
			run,
			"the server wants authentication of kind %u, of which there are 3, 5 and 10",
			code);
	}
}

/* A field of an error, ended by NUL, or NULL. */
static const char *field(const unsigned char *data, size_t length, char type)
{
	while (length > 1 && *data) {
		const unsigned char *end = memchr(data, '\0', length);

		if (!end)
			return NULL;
		if (*data == (unsigned char)type)
			return (const char *)data + 1;
		length -= (size_t)(end - data) + 1;
		data = end + 1;
	}
	return NULL;
}

static void take_error(struct check_run *run, const unsigned char *data,
		       size_t length)
{
	const char *code = field(data, length, 'C');
	const char *text = field(data, length, 'M');
	char quote[CHECK_QUOTE_SIZE];

	if (!code || !text) {
		check_fail(run, "an error without code and text");
		return;
	}
	check_quote(quote, text, strlen(text));
	/*
	 * Class 28 is who may log in, 3D000 a database that is not there: the
	 * server works, and nobody was named that it would have to let in.
	 */
	if (!run->check->spec->user &&
	    (strncmp(code, "28", 2) == 0 || strcmp(code, "3D000") == 0))
		check_pass(run, "takes sessions, not ours: %s", quote);
	else
		check_fail(run, "the server says %s", quote);
}

static void take_message(struct check_run *run, unsigned char type,
			 const unsigned char *data, size_t length)
{
	static const unsigned char terminate[] = { 'X', 0, 0, 0, 4 };
	char quote[CHECK_QUOTE_SIZE];

	switch (type) {
	case 'R':
		take_auth(run, data, length);
		break;
	case 'E':
		take_error(run, data, length);
		break;
	case 'Z':
		check_stream_send(run, terminate, sizeof(terminate));
		run->goodbye = true;
		check_pass(run, "logged in");
		break;
	case 'S': /* ParameterStatus */
	case 'K': /* BackendKeyData */
	case 'N': /* NoticeResponse */
	case 'v': /* NegotiateProtocolVersion */
		break;
	default:
		check_fail(run, "a message of type %s, not of PostgreSQL",
			   check_quote(quote, &type, 1));
	}
}

static void received(struct check_run *run, bool end)
{
	size_t length;

	(void)end;
	while (run->active && run->in_length >= 1) {
		if (!strchr("RESKNZv", run->in[0]) || !run->in[0]) {
			char quote[CHECK_QUOTE_SIZE];

			check_fail(run, "%s, not an answer of PostgreSQL",
				   check_quote(quote, run->in, run->in_length));
			return;
		}
		if (run->in_length < 5)
			return;
		length = get_be32(run->in + 1);
		if (length < 4 || length > MESSAGE_MAX) {
			check_fail(run,
				   "a message of %zu bytes, 4 to %d expected",
				   length, MESSAGE_MAX);
			return;
		}
		if (run->in_length < length + 1)
			return;
		take_message(run, run->in[0], run->in + 5, length - 4);
		if (run->active)
			check_stream_consume(run, length + 1);
	}
}

const struct check_kind_ops check_postgresql = {
	.name = "postgresql",
	.state_size = sizeof(struct state),
	.answer_max = 32768,
	.prepare = prepare,
	.start = check_stream_start,
	.stop = check_stream_stop,
	.begin = begin,
	.received = received,
};
