// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Header sections, RFC 9112 5: of requests, of responses and behind the last chunk.
 * Lines are taken apart here; what a field means is for those who ask.
 */
#include "http_scan.h"

/* A word that has one in each byte. */
#define ONES ((size_t)-1 / 0xff)

/*
 * The top bit of each byte that is a control character, in a word of them; other
 * bits are 0. No sum carries from byte to byte, so that this is exact and bytes
 * may be in either order.
 */
static size_t controls(size_t word)
{
	size_t low = word & (ONES * 0x7f);

	return (~(low + ONES * 0x60) | (low + ONES)) & ~word & (ONES * 0x80);
}

/* The same for what is neither a letter nor '-', as almost all names are made of. */
static size_t unusual(size_t word)
{
	size_t low = word & (ONES * 0x7f), letter = low | (ONES * 0x20);
	size_t no_letter = ~(letter + ONES * (0x80 - 'a')) |
			   (letter + ONES * (0x7f - 'z'));
	size_t no_hyphen = (low ^ (ONES * '-')) + ONES * 0x7f;

	return ((no_letter & no_hyphen) | word) & (ONES * 0x80);
}

static u32 first_marked(size_t marks)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return __builtin_ctzl(marks) / 8;
#else
	return __builtin_clzl(marks) / 8;
#endif
}

/* Without those of the first @count bytes, which are fewer than a word has. */
static size_t drop_first(size_t marks, size_t count)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return marks >> (8 * count);
#else
	return marks << (8 * count);
#endif
}

/* Return: the first from @pos on that is a control character, or @end. */
static u32 skip_text(const u8 *buf, u32 pos, u32 end)
{
	size_t word, marks;

	while (end - pos >= sizeof(word)) {
		memcpy(&word, buf + pos, sizeof(word));
		marks = controls(word);
		if (marks)
			return pos + first_marked(marks);
		pos += sizeof(word);
	}
	while (pos < end && buf[pos] >= 0x20 && buf[pos] != 0x7f)
		pos++;
	return pos;
}

/* Return: the first from @pos on that is not of a token, or @end. */
static u32 skip_token(const u8 *buf, u32 pos, u32 end)
{
	size_t word, marks;

	while (end - pos >= sizeof(word)) {
		memcpy(&word, buf + pos, sizeof(word));
		marks = unusual(word);
		if (marks) {
			pos += first_marked(marks);
			break;
		}
		pos += sizeof(word);
	}
	return skip_class(buf, pos, end, CHAR_TOKEN);
}

/*
 * Return: from @p on, the first byte that @mark has marked, or the end. @last is where
 * the last word begins, and @p before its end: what would go beyond is read from there.
 */
static inline const u8 *find_marked(const u8 *p, const u8 *last,
				    size_t (*mark)(size_t word))
{
	size_t word, marks;

	while (p < last) {
		memcpy(&word, p, sizeof(word));
		marks = mark(word);
		if (marks)
			return p + first_marked(marks);
		p += sizeof(word);
	}
	memcpy(&word, last, sizeof(word));
	marks = drop_first(mark(word), (size_t)(p - last));
	return marks ? p + first_marked(marks) : last + sizeof(word);
}

/* Fields that say something of the message they are in, as bits of a word. */
#define MEANT                                                                  \
	(1u << SLUICE_HTTP_FIELD_HOST |                                        \
	 1u << SLUICE_HTTP_FIELD_CONTENT_LENGTH |                              \
	 1u << SLUICE_HTTP_FIELD_TRANSFER_ENCODING |                           \
	 1u << SLUICE_HTTP_FIELD_EXPECT | 1u << SLUICE_HTTP_FIELD_CONNECTION | \
	 1u << SLUICE_HTTP_FIELD_UPGRADE)

static bool is_meant(const struct sluice_http_header *header)
{
	return 1u << header->field & MEANT;
}

/*
 * Header lines as almost all are, and all of them there: a name of letters and '-', a
 * colon and one space, text that neither begins nor ends with white space and has no
 * tab. What is left behind is what the steps below would leave. Of another line nothing
 * is taken: it is for them, and it is there that it may be refused.
 *
 * Return: whether the last one may say something of the message.
 */
static bool take_lines(struct scan *s)
{
	const u8 *buf = s->buf, *stop = buf + s->end, *line = buf + s->pos;
	const u8 *last = stop - sizeof(size_t), *colon, *value, *end;
	struct sluice_http_header *header;
	u32 count = s->header_count;
	bool meant = false, alias = false;

	while (!meant && stop - line >= (ptrdiff_t)sizeof(size_t) &&
	       count < s->header_max) {
		colon = find_marked(line, last, unusual);
		if (colon == line || stop - colon < 3 || colon[0] != ':' ||
		    colon[1] != ' ' || colon[2] <= ' ')
			break;
		value = colon + 2;
		end = find_marked(value, last, controls);
		if (stop - end < 2 || end[0] != '\r' || end[1] != '\n' ||
		    end[-1] == ' ')
			break;
		header = &s->header[count];
		header->name = slice((u32)(line - buf), (u32)(colon - buf));
		header->value = slice((u32)(value - buf), (u32)(end - buf));
		header->field = http_field(line, header->name.length, &alias);
		if (alias)
			break;
		s->mark = (u32)(value - buf);
		meant = is_meant(header);
		count++;
		line = end + 2;
	}
	s->header_count = count;
	s->pos = (u32)(line - buf);
	return meant;
}

/* A header line begins, or the empty line that ends the section. */
static bool parse_line(struct scan *s)
{
	u8 c;

	if (s->pos == s->end)
		return false;
	c = s->buf[s->pos];
	if (c == '\r') {
		if (line_end(s))
			s->state = STATE_DONE;
		return false;
	}
	if (c == '\n')
		return refuse(s, SLUICE_HTTP_ERROR_BARE_LF);
	if (is_space(c))
		return refuse(s, s->header_count ?
					 SLUICE_HTTP_ERROR_FOLDED :
					 SLUICE_HTTP_ERROR_LEADING_SPACE);
	if (s->header_count == s->header_max)
		return refuse(s, SLUICE_HTTP_ERROR_HEADERS_MANY);
	s->mark = s->pos;
	s->state = STATE_NAME;
	return true;
}

static bool parse_name(struct scan *s)
{
	struct sluice_http_header *header = &s->header[s->header_count];
	bool alias = false;
	u8 c;

	s->pos = skip_token(s->buf, s->pos, s->end);
	if (s->pos == s->end)
		return false;
	c = s->buf[s->pos];
	if (c != ':' || s->pos == s->mark)
		return refuse(s, is_space(c) ? SLUICE_HTTP_ERROR_NAME_SPACE :
					       SLUICE_HTTP_ERROR_NAME);
	header->name = slice(s->mark, s->pos);
	header->field = http_field(s->buf + s->mark, s->pos - s->mark, &alias);
	if (alias)
		return refuse(s, SLUICE_HTTP_ERROR_NAME_ALIAS);
	s->pos++;
	s->state = STATE_SPACE;
	return true;
}

static bool parse_space(struct scan *s)
{
	while (s->pos < s->end && is_space(s->buf[s->pos]))
		s->pos++;
	if (s->pos == s->end)
		return false;
	s->mark = s->pos;
	s->state = STATE_VALUE;
	return true;
}

/* To the end of the line, which is passed; @end is set to where its text ends. */
static inline bool read_text(struct scan *s, u32 *end)
{
	for (;;) {
		s->pos = skip_text(s->buf, s->pos, s->end);
		if (s->pos == s->end)
			return false;
		if (s->buf[s->pos] != '\t')
			break;
		s->pos++;
	}
	if (s->buf[s->pos] != '\r')
		return refuse(s, s->buf[s->pos] == '\n' ?
					 SLUICE_HTTP_ERROR_BARE_LF :
					 SLUICE_HTTP_ERROR_VALUE);
	*end = s->pos;
	return line_end(s);
}

/**
 * sluice_http_text_read() - go to the end of a line
 * @s: where the parser is, in a line of any characters but controls
 * @end: set to where its text ends
 *
 * Return: whether it has come; the line's end is passed then. If not, the line is
 * refused or there are no more bytes.
 */
bool sluice_http_text_read(struct scan *s, u32 *end)
{
	return read_text(s, end);
}

static bool parse_value(struct scan *s)
{
	struct sluice_http_header *header = &s->header[s->header_count];
	u32 end;

	if (!read_text(s, &end))
		return false;
	while (end > s->mark && is_space(s->buf[end - 1]))
		end--;
	header->value = slice(s->mark, end);
	s->header_count++;
	s->state = STATE_LINE;
	return !is_meant(header);
}

/**
 * sluice_http_section_scan() - go on with a header section
 * @s: where the parser is, in one of the states from STATE_LINE on
 *
 * Each step begins where the one before it ended, or where a call before did.
 *
 * Return: true if the last of &scan.header has become complete and is one that may
 * say something of the message. False if the section is complete (STATE_DONE) or
 * refused, or there are no more bytes.
 */
bool sluice_http_section_scan(struct scan *s)
{
	for (;;) {
		if (s->state == STATE_LINE && take_lines(s))
			return true;
		if (s->state == STATE_LINE && !parse_line(s))
			return false;
		if (s->state == STATE_NAME && !parse_name(s))
			return false;
		if (s->state == STATE_SPACE && !parse_space(s))
			return false;
		if (!parse_value(s))
			return s->state == STATE_LINE;
	}
}

/**
 * sluice_http_limits_complete() - limits with a default where none is given
 * @limits: what was given, or NULL
 *
 * Return: all of them.
 */
struct sluice_http_limits
sluice_http_limits_complete(const struct sluice_http_limits *limits)
{
	struct sluice_http_limits all = { 0 };

	if (limits)
		all = *limits;
	if (!all.head)
		all.head = SLUICE_HTTP_HEAD_DEFAULT;
	if (!all.target)
		all.target = SLUICE_HTTP_TARGET_DEFAULT;
	if (!all.headers || all.headers > SLUICE_HTTP_HEADERS_MAX)
		all.headers = SLUICE_HTTP_HEADERS_MAX;
	return all;
}
