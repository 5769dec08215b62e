/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules and requests of routes from a line of words:
 *
 *	rule     host=*.a.test port=443 path=/x path^=/x method=GET alpn=h2
 *	         q:name? h:name=value c:name^=value src=192.0.2.0/24 share=500
 *	request  host=a.test port=443 method=GET path=/x query=a=1&b alpn=h2
 *	         h:name=value c:name=value from=192.0.2.1 hash=7
 *
 * Texts point into the line.
 */
#ifndef TESTS_ROUTE_TEXT_H
#define TESTS_ROUTE_TEXT_H

#include <arpa/inet.h>
#include <sluice/route_match.h>
#include <stdio.h>
#include <stdlib.h>

#define ROUTE_WORDS 16

struct text_rule {
	struct sluice_route_rule rule;
	struct sluice_route_condition conditions[ROUTE_WORDS];
	struct sluice_route_source sources[ROUTE_WORDS];
};

struct text_request {
	struct sluice_request req;
	/* Kind 'h', 'c' or 'a', name and value. */
	struct {
		char kind;
		struct sluice_text name;
		struct sluice_text value;
	} fields[ROUTE_WORDS];
	u32 field_count;
};

static inline struct sluice_text text_of(const char *from, const char *to)
{
	struct sluice_text text = { from, (u32)(to - from) };

	return text;
}

/* The word if it starts with @key: what follows. */
static inline bool text_word(const char *word, const char *end, const char *key,
			     struct sluice_text *value)
{
	size_t len = strlen(key);

	if ((size_t)(end - word) < len || memcmp(word, key, len) != 0)
		return false;
	*value = text_of(word + len, end);
	return true;
}

static inline u32 text_number(struct sluice_text text)
{
	u32 number = 0;

	for (u32 i = 0; i < text.len; i++)
		if (text.data[i] >= '0' && text.data[i] <= '9')
			number = number * 10 + (u32)(text.data[i] - '0');
	return number;
}

/* Return: length of the address in bytes. */
static inline u8 text_address(struct sluice_text text, u8 *address)
{
	char copy[64];

	snprintf(copy, sizeof(copy), "%.*s", (int)text.len, text.data);
	if (inet_pton(AF_INET, copy, address) == 1)
		return 4;
	return inet_pton(AF_INET6, copy, address) == 1 ? 16 : 0;
}

static inline void text_condition(struct text_rule *to, u8 what,
				  struct sluice_text text)
{
	struct sluice_route_condition *condition;
	u32 i = 0;

	if (to->rule.condition_count == ROUTE_WORDS)
		return;
	condition = &to->conditions[to->rule.condition_count++];
	condition->what = what;
	while (i < text.len && !strchr("=^?", text.data[i]))
		i++;
	condition->name = text_of(text.data, text.data + i);
	condition->how = SLUICE_ROUTE_PRESENT;
	if (i < text.len && text.data[i] == '=')
		condition->how = SLUICE_ROUTE_EXACT;
	else if (i + 1 < text.len && text.data[i] == '^')
		condition->how = SLUICE_ROUTE_PREFIX;
	i += condition->how == SLUICE_ROUTE_PREFIX ? 2 : 1;
	if (i < text.len)
		condition->value = text_of(text.data + i, text.data + text.len);
}

static inline void text_rule_word(struct text_rule *to, const char *word,
				  const char *end)
{
	struct sluice_route_rule *rule = &to->rule;
	struct sluice_route_source *source;
	struct sluice_text value;

	if (text_word(word, end, "host=", &rule->host))
		return;
	if (text_word(word, end, "path=", &rule->path)) {
		rule->path_how = SLUICE_ROUTE_PATH_EXACT;
	} else if (text_word(word, end, "path^=", &rule->path)) {
		rule->path_how = SLUICE_ROUTE_PATH_PREFIX;
	} else if (text_word(word, end, "port=", &value)) {
		rule->port = (u16)text_number(value);
	} else if (text_word(word, end, "share=", &value)) {
		rule->share = (u16)text_number(value);
	} else if (text_word(word, end, "salt=", &value)) {
		rule->salt = text_number(value);
	} else if (text_word(word, end, "method", &value)) {
		text_condition(to, SLUICE_ROUTE_METHOD, value);
	} else if (text_word(word, end, "alpn", &value)) {
		text_condition(to, SLUICE_ROUTE_ALPN, value);
	} else if (text_word(word, end, "q:", &value)) {
		text_condition(to, SLUICE_ROUTE_QUERY, value);
	} else if (text_word(word, end, "h:", &value)) {
		text_condition(to, SLUICE_ROUTE_HEADER, value);
	} else if (text_word(word, end, "c:", &value)) {
		text_condition(to, SLUICE_ROUTE_COOKIE, value);
	} else if (text_word(word, end, "src=", &value) &&
		   rule->source_count < ROUTE_WORDS) {
		const char *slash =
			value.len ? memchr(value.data, '/', value.len) : NULL;

		source = &to->sources[rule->source_count++];
		if (!slash)
			slash = end;
		source->address_len = text_address(text_of(value.data, slash),
						   source->address);
		source->bits = slash < end ?
				       (u8)text_number(text_of(slash, end)) :
				       (u8)(source->address_len * 8);
	}
}

static inline void text_request_word(struct text_request *to, const char *word,
				     const char *end)
{
	struct sluice_request *req = &to->req;
	struct sluice_text value;

	if (text_word(word, end, "host=", &req->host) ||
	    text_word(word, end, "path=", &req->path) ||
	    text_word(word, end, "method=", &req->method) ||
	    text_word(word, end, "query=", &req->query))
		return;
	if (text_word(word, end, "port=", &value)) {
		req->port = (u16)text_number(value);
	} else if (text_word(word, end, "hash=", &value)) {
		req->hash = text_number(value);
	} else if (text_word(word, end, "from=", &value)) {
		req->source_len = text_address(value, req->source);
	} else if (to->field_count < ROUTE_WORDS &&
		   (text_word(word, end, "h:", &value) ||
		    text_word(word, end, "c:", &value) ||
		    text_word(word, end, "alpn=", &value))) {
		const char *equals =
			value.len ? memchr(value.data, '=', value.len) : NULL;

		to->fields[to->field_count].kind = *word;
		to->fields[to->field_count].name =
			text_of(value.data, equals ? equals : end);
		to->fields[to->field_count++].value =
			text_of(equals ? equals + 1 : end, end);
	}
}

static inline const char *text_space(const char *at, const char *end)
{
	while (at < end && *at != ' ')
		at++;
	return at;
}

static inline void text_rule(struct text_rule *to, struct sluice_text line)
{
	const char *at = line.data, *end = line.data + line.len, *next;

	memset(to, 0, sizeof(*to));
	to->rule.share = SLUICE_ROUTE_SHARE_ALL;
	to->rule.conditions = to->conditions;
	to->rule.sources = to->sources;
	for (; at < end; at = next + 1) {
		next = text_space(at, end);
		text_rule_word(to, at, next);
	}
}

static inline bool text_find(const struct sluice_request *req, char kind,
			     struct sluice_text name, u32 *pos,
			     struct sluice_text *value)
{
	const struct text_request *from = req->context;

	while (*pos < from->field_count) {
		u32 i = (*pos)++;
		struct sluice_text other = from->fields[i].name;

		if (from->fields[i].kind != kind || other.len != name.len)
			continue;
		if (name.len &&
		    (kind == 'h' ?
			     strncasecmp(other.data, name.data, name.len) :
			     memcmp(other.data, name.data, name.len)))
			continue;
		*value = from->fields[i].value;
		return true;
	}
	return false;
}

static inline bool text_next_header(const struct sluice_request *req,
				    struct sluice_text name, u32 *pos,
				    struct sluice_text *value)
{
	return text_find(req, 'h', name, pos, value);
}

static inline bool text_next_cookie(const struct sluice_request *req,
				    struct sluice_text name, u32 *pos,
				    struct sluice_text *value)
{
	return text_find(req, 'c', name, pos, value);
}

static inline bool text_offers(const struct sluice_request *req,
			       struct sluice_text protocol)
{
	struct sluice_text value;
	u32 pos = 0;

	return text_find(req, 'a', protocol, &pos, &value);
}

static inline void text_request(struct text_request *to,
				struct sluice_text line)
{
	const char *at = line.data, *end = line.data + line.len, *next;

	memset(to, 0, sizeof(*to));
	to->req.next_header = text_next_header;
	to->req.next_cookie = text_next_cookie;
	to->req.offers = text_offers;
	to->req.context = to;
	for (; at < end; at = next + 1) {
		next = text_space(at, end);
		text_request_word(to, at, next);
	}
}

#endif /* TESTS_ROUTE_TEXT_H */
