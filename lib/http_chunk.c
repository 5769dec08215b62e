// SPDX-License-Identifier: GPL-2.0-or-later
/* Chunked transfer coding, RFC 9112 7.1: the lines between the data. */
#include <sluice/http_chunk.h>

#include "http.h"

/* More digits would be zeros before others, or a number that nobody has. */
#define DIGITS_MAX 16

/*
 * What the next byte belongs to. An extension is
 * *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] ), where BWS is white
 * space that means nothing.
 */
enum state {
	STATE_SIZE,
	STATE_SPACE,	 /* a semicolon comes, nothing else */
	STATE_SEMICOLON, /* a name comes */
	STATE_NAME,
	STATE_NAME_SPACE, /* '=' comes, or a semicolon */
	STATE_EQUALS,	  /* a value comes */
	STATE_TOKEN,
	STATE_QUOTED,
	STATE_ESCAPED,
	STATE_VALUE_END,
	STATE_LINE_FEED,
	STATE_DATA,
	STATE_DATA_LINE_FEED,
	STATE_TRAILERS,
};

static bool is_text(u8 c)
{
	return (c >= ' ' && c != 0x7f) || c == '\t';
}

static u8 digit_value(u8 c)
{
	return is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* The end of a name or of a value in an extension, or of the digits. */
static int after_word(u8 c)
{
	if (c == ';')
		return STATE_SEMICOLON;
	return c == '\r' ? STATE_LINE_FEED : -1;
}

/* Return: the state behind a byte of an extension, or -1 if it cannot be there. */
static int extension_next(u8 state, u8 c)
{
	switch (state) {
	case STATE_SPACE:
		if (is_space(c))
			return STATE_SPACE;
		return c == ';' ? STATE_SEMICOLON : -1;
	case STATE_SEMICOLON:
		if (is_space(c))
			return STATE_SEMICOLON;
		return is_char(c, CHAR_TOKEN) ? STATE_NAME : -1;
	case STATE_NAME:
		if (is_char(c, CHAR_TOKEN))
			return STATE_NAME;
		if (c == '=')
			return STATE_EQUALS;
		return is_space(c) ? STATE_NAME_SPACE : after_word(c);
	case STATE_NAME_SPACE:
		if (is_space(c))
			return STATE_NAME_SPACE;
		if (c == '=')
			return STATE_EQUALS;
		return c == ';' ? STATE_SEMICOLON : -1;
	case STATE_EQUALS:
		if (is_space(c))
			return STATE_EQUALS;
		if (c == '"')
			return STATE_QUOTED;
		return is_char(c, CHAR_TOKEN) ? STATE_TOKEN : -1;
	case STATE_TOKEN:
		if (is_char(c, CHAR_TOKEN))
			return STATE_TOKEN;
		return is_space(c) ? STATE_SPACE : after_word(c);
	case STATE_QUOTED:
		if (c == '"')
			return STATE_VALUE_END;
		if (c == '\\')
			return STATE_ESCAPED;
		return is_text(c) ? STATE_QUOTED : -1;
	case STATE_ESCAPED:
		return is_text(c) ? STATE_QUOTED : -1;
	default:
		return is_space(c) ? STATE_SPACE : after_word(c);
	}
}

static bool refuse(struct sluice_http_chunks *chunks, u8 c,
		   enum sluice_http_error error)
{
	chunks->error = c == '\n' ? SLUICE_HTTP_ERROR_BARE_LF : error;
	return false;
}

static bool read_extension(struct sluice_http_chunks *chunks, u8 c)
{
	int next = extension_next(chunks->state, c);

	if (next < 0)
		return refuse(chunks, c, SLUICE_HTTP_ERROR_CHUNK_EXTENSION);
	chunks->state = next;
	if (next == STATE_LINE_FEED)
		return true;
	if (chunks->extensions == SLUICE_HTTP_EXTENSIONS_MAX)
		return refuse(chunks, c,
			      SLUICE_HTTP_ERROR_CHUNK_EXTENSIONS_LONG);
	chunks->extensions++;
	return true;
}

/* A digit of the size, or what ends it. */
static bool read_size(struct sluice_http_chunks *chunks, u8 c)
{
	if (!is_char(c, CHAR_HEX)) {
		if (!chunks->digits || (c != '\r' && c != ';' && !is_space(c)))
			return refuse(chunks, c, SLUICE_HTTP_ERROR_CHUNK_SIZE);
		/* As white space: what may come is the same. */
		chunks->state = STATE_VALUE_END;
		return read_extension(chunks, c);
	}
	if (chunks->digits == DIGITS_MAX || chunks->left >> 59)
		return refuse(chunks, c, SLUICE_HTTP_ERROR_CHUNK_SIZE);
	chunks->digits++;
	chunks->left = chunks->left << 4 | digit_value(c);
	return true;
}

/* Return: whether the byte may be there. */
static bool read_byte(struct sluice_http_chunks *chunks, u8 c)
{
	switch (chunks->state) {
	case STATE_SIZE:
		return read_size(chunks, c);
	case STATE_LINE_FEED:
		if (c != '\n')
			return refuse(chunks, c, SLUICE_HTTP_ERROR_BARE_CR);
		chunks->state = chunks->left ? STATE_DATA : STATE_TRAILERS;
		return true;
	case STATE_DATA:
		if (c != '\r')
			return refuse(chunks, c, SLUICE_HTTP_ERROR_CHUNK_END);
		chunks->state = STATE_DATA_LINE_FEED;
		return true;
	case STATE_DATA_LINE_FEED:
		if (c != '\n')
			return refuse(chunks, c, SLUICE_HTTP_ERROR_CHUNK_END);
		chunks->digits = 0;
		chunks->state = STATE_SIZE;
		return true;
	default:
		return read_extension(chunks, c);
	}
}

/* What comes next is not framing. */
static inline bool at_stop(const struct sluice_http_chunks *chunks)
{
	return chunks->error || chunks->state == STATE_TRAILERS ||
	       (chunks->state == STATE_DATA && chunks->left);
}

/**
 * sluice_http_chunks_init() - begin with a new message
 * @chunks: what was in it is lost
 */
void sluice_http_chunks_init(struct sluice_http_chunks *chunks)
{
	*chunks = (struct sluice_http_chunks){ .state = STATE_SIZE };
}

/**
 * sluice_http_chunks_scan() - go on to data or to the end of chunks
 * @chunks: from sluice_http_chunks_init(), and kept between calls; @left less what
 *	was moved of the data
 * @buf: the bytes behind those that were used or moved
 * @len: how many there are, may be 0
 * @used: set to how many of them are framing and done with
 *
 * While @left is not 0 nothing is used, and the result is SLUICE_HTTP_CHUNKS_DATA.
 * After SLUICE_HTTP_CHUNKS_TRAILERS and SLUICE_HTTP_CHUNKS_REFUSED a call uses
 * nothing and returns the same again.
 *
 * Context: any; neither sleeps nor locks.
 * Return: what comes next.
 */
enum sluice_http_chunks_result
sluice_http_chunks_scan(struct sluice_http_chunks *chunks, const u8 *buf,
			u32 len, u32 *used)
{
	struct sluice_http_chunks c = *chunks;
	u32 i = 0;

	while (i < len && !at_stop(&c) && read_byte(&c, buf[i]))
		i++;
	*chunks = c;
	*used = i;
	if (c.error)
		return SLUICE_HTTP_CHUNKS_REFUSED;
	if (c.state == STATE_TRAILERS)
		return SLUICE_HTTP_CHUNKS_TRAILERS;
	return at_stop(&c) ? SLUICE_HTTP_CHUNKS_DATA : SLUICE_HTTP_CHUNKS_MORE;
}
