// SPDX-License-Identifier: GPL-2.0-or-later
/* The head of an HTTP/1.x request, RFC 9112: its lines, and all of it. */
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

/* A header line begins, or the empty line that ends the head. */
static bool parse_line(struct scan *s)
{
	struct sluice_http_head *head = s->head;
	u8 c;

	if (s->pos == s->end)
		return false;
	c = s->buf[s->pos];
	if (c == '\r') {
		if (!line_end(s))
			return false;
		head->length = s->pos;
		head->error = sluice_http_fields_end(head);
		head->state = STATE_DONE;
		return false;
	}
	if (c == '\n')
		return refuse(s, SLUICE_HTTP_ERROR_BARE_LF);
	if (is_space(c))
		return refuse(s, head->header_count ?
					 SLUICE_HTTP_ERROR_FOLDED :
					 SLUICE_HTTP_ERROR_LEADING_SPACE);
	if (head->header_count == head->limits.headers)
		return refuse(s, SLUICE_HTTP_ERROR_HEADERS_MANY);
	head->mark = s->pos;
	head->state = STATE_NAME;
	return true;
}

static bool parse_name(struct scan *s)
{
	struct sluice_http_head *head = s->head;
	struct sluice_http_header *header = &head->header[head->header_count];
	bool alias = false;
	u8 c;

	s->pos = skip_token(s->buf, s->pos, s->end);
	if (s->pos == s->end)
		return false;
	c = s->buf[s->pos];
	if (c != ':' || s->pos == head->mark)
		return refuse(s, is_space(c) ? SLUICE_HTTP_ERROR_NAME_SPACE :
					       SLUICE_HTTP_ERROR_NAME);
	header->name = slice(head->mark, s->pos);
	header->field = sluice_http_field_id(s->buf + head->mark,
					     s->pos - head->mark, &alias);
	if (alias)
		return refuse(s, SLUICE_HTTP_ERROR_NAME_ALIAS);
	s->pos++;
	head->state = STATE_SPACE;
	return true;
}

static bool parse_space(struct scan *s)
{
	while (s->pos < s->end && is_space(s->buf[s->pos]))
		s->pos++;
	if (s->pos == s->end)
		return false;
	s->head->mark = s->pos;
	s->head->state = STATE_VALUE;
	return true;
}

static bool parse_value(struct scan *s)
{
	struct sluice_http_head *head = s->head;
	struct sluice_http_header *header = &head->header[head->header_count];
	u32 end;

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
	end = s->pos;
	if (!line_end(s))
		return false;
	while (end > head->mark && is_space(s->buf[end - 1]))
		end--;
	header->value = slice(head->mark, end);
	head->header_count++;
	head->state = STATE_LINE;
	if (header->field == SLUICE_HTTP_FIELD_OTHER)
		return true;
	head->error = sluice_http_field_read(head, s->buf, header);
	return head->error == SLUICE_HTTP_ERROR_NONE;
}

/*
 * Each step begins where the one before it ended, or where a call before did. They
 * have a copy of @at, which no other file sees, so that it can be in registers.
 *
 * Return: the position that was come to.
 */
static u32 parse_fields(const struct scan *at)
{
	struct sluice_http_head *head = at->head;
	struct scan s = *at;

	for (;;) {
		if (head->state == STATE_LINE && !parse_line(&s))
			break;
		if (head->state == STATE_NAME && !parse_name(&s))
			break;
		if (head->state == STATE_SPACE && !parse_space(&s))
			break;
		if (!parse_value(&s))
			break;
	}
	return s.pos;
}

/**
 * sluice_http_head_init() - begin with a new head
 * @head: what was in it is lost
 * @limits: what it may have, or NULL for SLUICE_HTTP_HEAD_DEFAULT,
 *	SLUICE_HTTP_TARGET_DEFAULT and SLUICE_HTTP_HEADERS_MAX
 */
void sluice_http_head_init(struct sluice_http_head *head,
			   const struct sluice_http_limits *limits)
{
	memset(head, 0, offsetof(struct sluice_http_head, header));
	if (limits)
		head->limits = *limits;
	if (!head->limits.head)
		head->limits.head = SLUICE_HTTP_HEAD_DEFAULT;
	if (!head->limits.target)
		head->limits.target = SLUICE_HTTP_TARGET_DEFAULT;
	if (!head->limits.headers ||
	    head->limits.headers > SLUICE_HTTP_HEADERS_MAX)
		head->limits.headers = SLUICE_HTTP_HEADERS_MAX;
	head->state = STATE_BEGIN;
}

/**
 * sluice_http_head_parse() - go on with a head
 * @head: from sluice_http_head_init(), and kept between calls
 * @buf: all bytes so far, from the first; may be elsewhere than in the last call
 * @len: how many there are, not fewer than in the last call; what is behind the
 *	head is not looked at
 *
 * The time of all calls for a head is linear in the length of the head and the
 * number of calls. What comes out does not depend on how the bytes were cut into
 * calls. After SLUICE_HTTP_DONE and SLUICE_HTTP_REFUSED a call returns the same
 * again.
 *
 * Context: any; neither sleeps nor locks.
 * Return: whether more bytes are needed, or the head is complete or refused.
 */
enum sluice_http_result sluice_http_head_parse(struct sluice_http_head *head,
					       const u8 *buf, u32 len)
{
	u32 limit = head->limits.head;
	struct scan s = { head, buf, head->pos, len < limit ? len : limit };

	if (!head->error && head->state != STATE_DONE && s.end > s.pos) {
		if (head->state >= STATE_LINE || sluice_http_request_line(&s))
			s.pos = parse_fields(&s);
		head->pos = s.pos;
		if (!head->error && head->state != STATE_DONE && len >= limit)
			head->error = head->state >= STATE_TARGET &&
				      head->state <= STATE_TARGET_END ?
					      SLUICE_HTTP_ERROR_TARGET_LONG :
					      SLUICE_HTTP_ERROR_HEAD_LONG;
	}
	if (head->error)
		return SLUICE_HTTP_REFUSED;
	return head->state == STATE_DONE ? SLUICE_HTTP_DONE : SLUICE_HTTP_MORE;
}
