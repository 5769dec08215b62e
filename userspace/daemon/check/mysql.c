// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mysql: the server (MySQL, MariaDB) lets a user in, without TLS. Without a user,
 * one that it does not know is tried, and to be refused by name is good: a server
 * counts connections that end before the login, and blocks an address that has too
 * many of them.
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "kinds.h"
#include "stream.h"

#define PACKET_MAX 8192
#define TEXT_MAX 255
#define SCRAMBLE_SIZE 20
#define HASH_MAX EVP_MAX_MD_SIZE

/* Capability flags, as the protocol calls them. */
#define LONG_PASSWORD 0x1U
#define CONNECT_WITH_DB 0x8U
#define PROTOCOL_41 0x200U
#define SECURE_CONNECTION 0x8000U
#define PLUGIN_AUTH 0x80000U

#define UTF8MB4_GENERAL_CI 45
#define COM_QUIT 1
#define UNKNOWN_USER "sluiced"

#define ER_DBACCESS_DENIED 1044
#define ER_ACCESS_DENIED 1045
#define ER_ACCESS_DENIED_NO_PASSWORD 1698

static const char native[] = "mysql_native_password";
static const char sha2[] = "caching_sha2_password";

struct state {
	bool greeted;
	unsigned char sequence;
};

static int prepare(struct check *check, struct check_error *error)
{
	const struct check_spec *spec = check->spec;
	const char *const texts[] = { spec->user, spec->password,
				      spec->database };

	for (size_t i = 0; i < 3; i++)
		if (texts[i] && (!*texts[i] || strlen(texts[i]) > TEXT_MAX))
			return check_refuse(
				error,
				"user, password and database: 1 to 255 bytes expected");
	if ((spec->password || spec->database) && !spec->user)
		return check_refuse(error,
				    "password and database: without a user");
	return 0;
}

static void begin(struct check_run *run)
{
	run->waiting_for = "the greeting";
}

/* @length of @packet is that of its payload, which starts at byte 4. */
static void send_packet(struct check_run *run, unsigned char *packet,
			size_t length)
{
	struct state *state = run->state;

	packet[0] = (unsigned char)length;
	packet[1] = (unsigned char)(length >> 8);
	packet[2] = (unsigned char)(length >> 16);
	packet[3] = ++state->sequence;
	check_stream_send(run, packet, length + 4);
}

static bool digest(const EVP_MD *md, const void *a, size_t a_length,
		   const void *b, size_t b_length, unsigned char *to)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool done;

	done = ctx && EVP_DigestInit_ex(ctx, md, NULL) == 1 &&
	       EVP_DigestUpdate(ctx, a, a_length) == 1 &&
	       EVP_DigestUpdate(ctx, b, b_length) == 1 &&
	       EVP_DigestFinal_ex(ctx, to, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return done;
}

/*
 * H(p) ^ H(x + y), where x and y are the scramble and H(H(p)): in this order with
 * SHA-1 (native), in the other with SHA-256.
 *
 * Return: bytes, 0: without a password
 */
static size_t answer_scramble(const char *password,
			      const unsigned char *scramble, bool is_native,
			      unsigned char *to)
{
	const EVP_MD *md = is_native ? EVP_sha1() : EVP_sha256();
	size_t size = is_native ? 20 : 32;
	unsigned char once[HASH_MAX], twice[HASH_MAX], mixed[HASH_MAX];
	bool done;

	if (!password)
		return 0;
	done = digest(md, password, strlen(password), "", 0, once) &&
	       digest(md, once, size, "", 0, twice);
	if (is_native)
		done = done &&
		       digest(md, scramble, SCRAMBLE_SIZE, twice, size, mixed);
	else
		done = done &&
		       digest(md, twice, size, scramble, SCRAMBLE_SIZE, mixed);
	if (!done)
		return 0;
	for (size_t i = 0; i < size; i++)
		to[i] = once[i] ^ mixed[i];
	return size;
}

static size_t put_text(unsigned char *to, const char *text)
{
	size_t size = strlen(text) + 1;

	memcpy(to, text, size);
	return size;
}

/* HandshakeResponse41 */
static void log_in(struct check_run *run, const unsigned char *scramble,
		   bool is_native)
{
	const struct check_spec *spec = run->check->spec;
	unsigned char packet[4 + 32 + 3 * (TEXT_MAX + 1) + HASH_MAX] = { 0 };
	unsigned char *payload = packet + 4;
	uint32_t flags = LONG_PASSWORD | PROTOCOL_41 | SECURE_CONNECTION |
			 PLUGIN_AUTH;
	size_t size = 32, answer;

	if (spec->database)
		flags |= CONNECT_WITH_DB;
	for (int i = 0; i < 4; i++)
		payload[i] = (unsigned char)(flags >> (8 * i));
	payload[7] = 1; /* packets of up to 16 MB */
	payload[8] = UTF8MB4_GENERAL_CI;
	size += put_text(payload + size,
			 spec->user ? spec->user : UNKNOWN_USER);
	answer = answer_scramble(spec->password, scramble, is_native,
				 payload + size + 1);
	payload[size] = (unsigned char)answer;
	size += 1 + answer;
	if (spec->database)
		size += put_text(payload + size, spec->database);
	size += put_text(payload + size, is_native ? native : sha2);
	run->waiting_for = "the answer to the login";
	send_packet(run, packet, size);
}

/* Handshake of protocol 10. */
static void take_greeting(struct check_run *run, const unsigned char *data,
			  size_t length)
{
	struct state *state = run->state;
	const unsigned char *end = data + length, *at;
	unsigned char scramble[SCRAMBLE_SIZE];
	bool is_native = true;

	at = length && data[0] == 10 ? memchr(data, '\0', length) : NULL;
	/* Connection id, 8 bytes, 0, flags, character set, state, flags, length, 10 */
	if (at)
		at++;
	if (!at || end - at < 4 + 8 + 1 + 2 + 1 + 2 + 2 + 1 + 10 + 12) {
		check_fail(run, "a greeting that is not of protocol 10");
		return;
	}
	memcpy(scramble, at + 4, 8);
	at += 4 + 8 + 1 + 2 + 1 + 2 + 2 + 1 + 10;
	memcpy(scramble + 8, at, 12);
	at += 12;
	/* The 0 after it, and the plugin that the server would like. */
	if (end - at > (ptrdiff_t)sizeof(sha2) &&
	    memcmp(at + 1, sha2, sizeof(sha2)) == 0)
		is_native = false;
	state->greeted = true;
	log_in(run, scramble, is_native);
}

static void take_error(struct check_run *run, const unsigned char *data,
		       size_t length)
{
	char quote[CHECK_QUOTE_SIZE];
	unsigned int code;

	if (length < 3) {
		check_fail(run, "an error without a number");
		return;
	}
	code = data[1] | (unsigned int)data[2] << 8;
	data += 3;
	length -= 3;
	/* '#' and a state of SQL come before the text, once there is a login. */
	if (length >= 6 && data[0] == '#') {
		data += 6;
		length -= 6;
	}
	check_quote(quote, data, length);
	if (!run->check->spec->user &&
	    (code == ER_ACCESS_DENIED || code == ER_DBACCESS_DENIED ||
	     code == ER_ACCESS_DENIED_NO_PASSWORD))
		check_pass(run, "takes logins, not ours: %s", quote);
	else
		check_fail(run, "the server says %s (%u)", quote, code);
}

static void quit(struct check_run *run)
{
	static const unsigned char packet[] = { 1, 0, 0, 0, COM_QUIT };

	check_stream_send(run, packet, sizeof(packet));
	run->goodbye = true;
	check_pass(run, "logged in");
}

/* AuthSwitchRequest: another plugin, and a scramble for it. */
static void switch_plugin(struct check_run *run, const unsigned char *data,
			  size_t length)
{
	const char *password = run->check->spec->password;
	unsigned char packet[4 + HASH_MAX];
	const char *name = (const char *)data + 1;
	const unsigned char *end = memchr(data, '\0', length);
	char quote[CHECK_QUOTE_SIZE];
	bool is_native;
	size_t left;

	if (!end) {
		check_fail(run, "a request for another login cut off");
		return;
	}
	left = length - (size_t)(end + 1 - data);
	is_native = strcmp(name, native) == 0;
	if (!is_native && strcmp(name, sha2) != 0) {
		/* Not ours to say; without a user nobody is to be let in. */
		if (!run->check->spec->user) {
			send_packet(run, packet, 0);
			return;
		}
		check_fail(
			run,
			"the server wants a login by %s, of which there are %s and %s",
			check_quote(quote, name, strlen(name)), native, sha2);
		return;
	}
	if (left < SCRAMBLE_SIZE) {
		check_fail(run, "a request for another login cut off");
		return;
	}
	send_packet(run, packet,
		    answer_scramble(password, end + 1, is_native, packet + 4));
}

static void take_packet(struct check_run *run, const unsigned char *data,
			size_t length)
{
	struct state *state = run->state;

	if (length && data[0] == 0xff)
		take_error(run, data, length);
	else if (!state->greeted)
		take_greeting(run, data, length);
	else if (length && data[0] == 0x00)
		quit(run);
	else if (length && data[0] == 0xfe)
		switch_plugin(run, data, length);
	else if (length >= 2 && data[0] == 0x01 && data[1] == 0x04)
		check_fail(
			run,
			"the server has this user's password not in its cache: log in with TLS once, or use mysql_native_password");
	else if (length < 2 || data[0] != 0x01 || data[1] != 0x03)
		check_fail(run, "an answer to the login that is none");
}

static void received(struct check_run *run, bool end)
{
	struct state *state = run->state;
	char quote[CHECK_QUOTE_SIZE];
	size_t length;

	(void)end;
	while (run->active && run->in_length >= 4) {
		length = get_le24(run->in);
		if (length > PACKET_MAX) {
			check_fail(run, "%s, not an answer of MySQL",
				   check_quote(quote, run->in, run->in_length));
			return;
		}
		if (run->in_length < length + 4)
			return;
		state->sequence = run->in[3];
		take_packet(run, run->in + 4, length);
		if (run->active)
			check_stream_consume(run, length + 4);
	}
}

const struct check_kind_ops check_mysql = {
	.name = "mysql",
	.state_size = sizeof(struct state),
	.answer_max = 32768,
	.prepare = prepare,
	.start = check_stream_start,
	.stop = check_stream_stop,
	.begin = begin,
	.received = received,
};
