// SPDX-License-Identifier: GPL-2.0-or-later
#include <time.h>

#include "access_line.h"
#include "access_text.h"

/* Bytes that texts may have on a line, so that all of them together fit. */
enum {
	OBJECT_MAX = SLUICE_NAME_LEN,
	END_MAX = 32,
	METHOD_MAX = 32,
	HOST_MAX = 256,
	TARGET_MAX = 1280,
	REFERER_MAX = 500,
	AGENT_MAX = 280,
	ID_MAX = 128,
	REASON_MAX = 256,
	CIPHER_MAX = 48,
	/* Keys, quotes, numbers and words of ours: what is left. */
	FRAME_MAX = 700,
};

_Static_assert(3 * OBJECT_MAX + END_MAX + METHOD_MAX + 2 * HOST_MAX +
			       TARGET_MAX + REFERER_MAX + AGENT_MAX + ID_MAX +
			       REASON_MAX + 2 * CIPHER_MAX + FRAME_MAX <=
		       ACCESS_LINE_MAX,
	       "a line has room for all of its texts");

#define NS_PER_S 1000000000U

/* The text of a second is kept: most requests share it with the one before. */
static char *put_second(char *to, struct access_clock *clock, uint64_t second,
			bool local)
{
	time_t time = (time_t)second;
	struct tm tm;

	if (!clock->length || clock->second != second) {
		if (local)
			localtime_r(&time, &tm);
		else
			gmtime_r(&time, &tm);
		clock->length = strftime(clock->text, sizeof(clock->text),
					 local ? "%d/%b/%Y:%H:%M:%S %z" :
						 "%Y-%m-%dT%H:%M:%S",
					 &tm);
		clock->second = second;
	}
	return mempcpy(to, clock->text, clock->length);
}

/* A line of JSON: where it goes on, and whether a text did not fit. */
struct object {
	char *to;
	bool cut;
};

/* What comes before the value of a member, and how long it is. */
#define KEY(name) ",\"" name "\":", sizeof(",\"" name "\":") - 1

static inline void put_text(struct object *line, const char *key,
			    size_t key_length, size_t limit, const char *text,
			    size_t length)
{
	char *to = mempcpy(line->to, key, key_length);

	*to++ = '"';
	to = access_text_escaped(to, limit, ACCESS_ESCAPE_JSON, text, length,
				 &line->cut);
	*to++ = '"';
	line->to = to;
}

static inline void put_string(struct object *line, const char *key,
			      size_t key_length, size_t limit, const char *text)
{
	if (text)
		put_text(line, key, key_length, limit, text, strlen(text));
}

static inline void put_slice(struct object *line, const char *key,
			     size_t key_length, size_t limit,
			     const struct sluice_text *text)
{
	if (text->data)
		put_text(line, key, key_length, limit, text->data, text->len);
}

static inline void put_number(struct object *line, const char *key,
			      size_t key_length, uint64_t value)
{
	line->to =
		access_text_number(mempcpy(line->to, key, key_length), value);
}

static inline void put_endpoint(struct object *line, const char *key,
				size_t key_length,
				const struct sluice_endpoint *at)
{
	char *to = mempcpy(line->to, key, key_length);

	*to++ = '"';
	to = access_text_endpoint(to, at);
	*to++ = '"';
	line->to = to;
}

static void put_time(struct object *line, uint64_t time,
		     struct access_clock *clock)
{
	unsigned int ms = (unsigned int)(time % NS_PER_S / 1000000);
	char *to = access_text_add(line->to, "{\"time\":\"");

	to = put_second(to, clock, time / NS_PER_S, false);
	*to++ = '.';
	*to++ = (char)('0' + ms / 100);
	*to++ = (char)('0' + ms / 10 % 10);
	*to++ = (char)('0' + ms % 10);
	line->to = access_text_add(to, "Z\"");
}

/* Whom it concerned. */
static void put_objects(struct object *line, const struct access_record *record)
{
	put_string(line, KEY("service"), OBJECT_MAX, record->service->name);
	if (record->route)
		put_string(line, KEY("route"), OBJECT_MAX, record->route->name);
	if (record->pool)
		put_string(line, KEY("pool"), OBJECT_MAX, record->pool->name);
	if (record->server)
		put_endpoint(line, KEY("server"), record->server);
	put_endpoint(line, KEY("client"), record->source);
}

static void put_request(struct object *line, const struct access_record *record)
{
	if (record->method.data) {
		put_slice(line, KEY("method"), METHOD_MAX, &record->method);
		put_slice(line, KEY("host"), HOST_MAX, &record->host);
		put_slice(line, KEY("target"), TARGET_MAX, &record->target);
		line->to = access_text_add(line->to, ",\"protocol\":\"HTTP/1.");
		*line->to++ = (char)('0' + record->minor % 10);
		*line->to++ = '"';
	}
	put_slice(line, KEY("referer"), REFERER_MAX, &record->referer);
	put_slice(line, KEY("user_agent"), AGENT_MAX, &record->agent);
	put_string(line, KEY("request_id"), ID_MAX, record->request_id);
	put_string(line, KEY("tls"), CIPHER_MAX, record->tls_version);
	put_string(line, KEY("cipher"), CIPHER_MAX, record->tls_cipher);
	put_string(line, KEY("sni"), HOST_MAX, record->sni);
}

static void put_result(struct object *line, const struct access_record *record)
{
	put_number(line, KEY("status"), record->status);
	put_string(line, KEY("end"), END_MAX, access_end_name(record->end));
	put_string(line, KEY("reason"), REASON_MAX, record->reason);
	put_number(line, KEY("retries"), record->retries);
	if (record->server && record->reused)
		line->to = access_text_add(line->to, ",\"reused\":true");
	else if (record->server)
		line->to = access_text_add(line->to, ",\"reused\":false");
	put_number(line, KEY("received"), record->received);
	put_number(line, KEY("sent"), record->sent);
	put_number(line, KEY("head_us"), record->head_us);
	put_number(line, KEY("queue_us"), record->queue_us);
	put_number(line, KEY("connect_us"), record->connect_us);
	put_number(line, KEY("answer_us"), record->answer_us);
	put_number(line, KEY("total_us"), record->total_us);
}

char *access_line_json(char *to, const struct access_record *record,
		       struct access_clock *clock)
{
	struct object line = { .to = to };

	put_time(&line, record->time, clock);
	put_objects(&line, record);
	put_request(&line, record);
	put_result(&line, record);
	if (line.cut)
		line.to = access_text_add(line.to, ",\"truncated\":true");
	return access_text_add(line.to, "}\n");
}

/* Within quotes; "-" where there is nothing. */
static char *put_quoted(char *to, size_t limit, const struct sluice_text *text)
{
	bool cut = false;

	*to++ = '"';
	if (text->data)
		to = access_text_escaped(to, limit, ACCESS_ESCAPE_HEX,
					 text->data, text->len, &cut);
	else
		*to++ = '-';
	*to++ = '"';
	return to;
}

static char *put_request_line(char *to, const struct access_record *record)
{
	bool cut = false;

	if (!record->method.data)
		return access_text_add(to, "\"-\"");
	*to++ = '"';
	to = access_text_escaped(to, METHOD_MAX, ACCESS_ESCAPE_HEX,
				 record->method.data, record->method.len, &cut);
	*to++ = ' ';
	to = access_text_escaped(to, TARGET_MAX, ACCESS_ESCAPE_HEX,
				 record->target.data, record->target.len, &cut);
	to = access_text_add(to, " HTTP/1.");
	*to++ = (char)('0' + record->minor % 10);
	*to++ = '"';
	return to;
}

char *access_line_combined(char *to, const struct access_record *record,
			   struct access_clock *clock)
{
	to = access_text_address(to, &record->source->address);
	to = access_text_add(to, " - - [");
	to = put_second(to, clock, record->time / NS_PER_S, true);
	to = access_text_add(to, "] ");
	to = put_request_line(to, record);
	*to++ = ' ';
	if (record->status)
		to = access_text_number(to, record->status);
	else
		to = access_text_add(to, "000");
	*to++ = ' ';
	to = access_text_number(to, record->sent);
	*to++ = ' ';
	to = put_quoted(to, REFERER_MAX, &record->referer);
	*to++ = ' ';
	to = put_quoted(to, AGENT_MAX, &record->agent);
	*to++ = '\n';
	return to;
}
