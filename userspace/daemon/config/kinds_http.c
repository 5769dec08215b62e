// SPDX-License-Identifier: GPL-2.0-or-later
/* Values of HTTP: methods, header fields, statuses, conditions, regular expressions. */
#include <ctype.h>
#include <string.h>

#include <sluice/http_claim.h>
#include <sluice/http_head.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "schema.h"

/* Bytes of compiled regular expressions: repeats of repeats take many. */
#define REGEX_COMPILED_MAX 262144

/* RFC 9110 section 5.6.2. */
static bool is_token(const struct config_node *node)
{
	static const char characters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~";

	return node->length && !memchr(node->text, '\0', node->length) &&
	       strspn(node->text, characters) == node->length;
}

static bool read_token(struct config_reader *r, const struct config_node *node,
		       const struct schema_field *field, void *to)
{
	if (schema_is_text(r, node, field) && !is_token(node))
		return schema_wrong(
			r, node->at,
			"'%s'; not a method or the name of a header field or cookie",
			config_show(node->text, node->length).text);
	return schema_text.read(r, node, field, to);
}

const struct schema_kind schema_token = {
	.name = "token",
	.form = "a word of HTTP, such as GET or X-Request-Id",
	.pattern = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
	.size = sizeof(char *),
	.read = read_token,
};

/* A field that cannot be given: see there. */
static bool is_ours(const struct config_node *name)
{
	return sluice_http_name_is_ours((const uint8_t *)name->text,
					(uint32_t)name->length);
}

static bool read_field_name(struct config_reader *r,
			    const struct config_node *node,
			    const struct schema_field *field, void *to)
{
	if (node->kind == CONFIG_TEXT && is_ours(node))
		return schema_wrong(
			r, node->at,
			"'%s'; a field that sluiced writes as the message needs it; leave it out",
			config_show(node->text, node->length).text);
	return read_token(r, node, field, to);
}

const struct schema_kind schema_field_name = {
	.name = "token",
	.form = "the name of a header field, such as X-Request-Id",
	.pattern = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
	.size = sizeof(char *),
	.read = read_field_name,
};

static bool compile_regex(struct config_reader *r,
			  const struct config_node *node)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	unsigned char message[128] = "";
	PCRE2_SIZE offset = 0;
	pcre2_code *code;
	int error = 0;

	if (!context)
		return schema_wrong(r, node->at, "out of memory");
	pcre2_set_max_pattern_length(context, SLUICE_ROUTE_TEXT_MAX);
#if PCRE2_MAJOR > 10 || PCRE2_MINOR >= 44
	pcre2_set_max_pattern_compiled_length(context, REGEX_COMPILED_MAX);
#endif
	code = pcre2_compile((PCRE2_SPTR)node->text, node->length,
			     PCRE2_NEVER_BACKSLASH_C, &error, &offset, context);
	pcre2_compile_context_free(context);
	if (code) {
		pcre2_code_free(code);
		return true;
	}
	pcre2_get_error_message(error, message, sizeof(message));
	return schema_wrong(
		r, node->at,
		"'%s'; not a regular expression: %s at character %zu",
		config_show(node->text, node->length).text, message,
		(size_t)offset + 1);
}

static bool read_regex(struct config_reader *r, const struct config_node *node,
		       const struct schema_field *field, void *to)
{
	return schema_text.read(r, node, field, to) && compile_regex(r, node);
}

const struct schema_kind schema_regex = {
	.name = "regex",
	.form = "a regular expression (PCRE2)",
	.size = sizeof(char *),
	.read = read_regex,
};

/* A header field and its value, or a status and a file: by the key's number. */
static bool read_pair(struct config_reader *r, const struct config_node *node,
		      const struct schema_field *field, void *to)
{
	struct check_header *pair = to;
	uint64_t status;

	if (field->number) {
		if (!schema_parse_number(node->key->text, &status) ||
		    status < 400 || status > 599)
			return schema_wrong(r, node->key->at,
					    "not a status from 400 to 599");
		pair->name = schema_keep(r, node->key);
		return pair->name &&
		       schema_path.read(r, node, field, &pair->value);
	}
	if (!is_token(node->key))
		return schema_wrong(r, node->key->at,
				    "not the name of a header field");
	pair->name = schema_keep(r, node->key);
	return pair->name && schema_text.read(r, node, field, &pair->value);
}

const struct schema_kind schema_pair = {
	.name = "text",
	.form = "a text",
	.size = sizeof(struct check_header),
	.read = read_pair,
};

static bool read_change(struct config_reader *r, const struct config_node *node,
			const struct schema_field *field, void *to)
{
	if (is_ours(node->key))
		return schema_wrong(
			r, node->key->at,
			"a field that sluiced writes as the message needs it; leave it out");
	return read_pair(r, node, field, to);
}

const struct schema_kind schema_change = {
	.name = "text",
	.form = "a text",
	.size = sizeof(struct check_header),
	.read = read_change,
};

/* What needs to be encoded is; room for three times the length. */
static size_t encode_path(const char *path, size_t length, char *to)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t used = 0;

	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)path[i];
		bool right =
			isascii(c) &&
			(isalnum(c) || strchr("-._~!$&'()*+,;=:@/[]^|", c));

		if (c == '%')
			right = i + 2 < length &&
				isxdigit((unsigned char)path[i + 1]) &&
				isxdigit((unsigned char)path[i + 2]);
		if (right) {
			to[used++] = (char)c;
			continue;
		}
		to[used++] = '%';
		to[used++] = digits[c >> 4];
		to[used++] = digits[c & 0xf];
	}
	return used;
}

/* It is compared with paths in their normal form, and becomes a part of them. */
static bool read_url_path(struct config_reader *r,
			  const struct config_node *node,
			  const struct schema_field *field, void *to)
{
	char *encoded, *normal;
	size_t length;

	if (!schema_is_text(r, node, field))
		return false;
	if (node->text[0] != '/')
		return schema_wrong(r, node->at, "'%s'; not a path, as in /api",
				    config_show(node->text, node->length).text);
	if (!schema_text.read(r, node, field, to))
		return false;
	encoded = config_arena_alloc(&r->config->arena, node->length * 6);
	if (!encoded)
		return schema_wrong(r, node->at, "out of memory");
	normal = encoded + node->length * 3;
	length = encode_path(node->text, node->length, encoded);
	length = sluice_http_path_normalise((const u8 *)encoded, (u32)length,
					    (u8 *)normal, (u32)length);
	if (length == node->length && memcmp(normal, node->text, length) == 0)
		return true;
	return schema_wrong(r, node->at,
			    "'%s'; not as it is compared; write '%s'",
			    config_show(node->text, node->length).text,
			    config_show(normal, length).text);
}

const struct schema_kind schema_url_path = {
	.name = "path of a URL",
	.form = "a path, as in /api",
	.pattern = "^/",
	.size = sizeof(char *),
	.read = read_url_path,
};

static bool parse_statuses(const char *text, struct check_range *range)
{
	size_t length = strlen(text);

	if ((length != 3 && length != 7) || strspn(text, "0123456789") != 3 ||
	    (length == 7 &&
	     (text[3] != '-' || strspn(text + 4, "0123456789") != 3)))
		return false;
	range->first = (unsigned int)(text[0] - '0') * 100 +
		       (unsigned int)(text[1] - '0') * 10 +
		       (unsigned int)(text[2] - '0');
	text += length - 3;
	range->last = (unsigned int)(text[0] - '0') * 100 +
		      (unsigned int)(text[1] - '0') * 10 +
		      (unsigned int)(text[2] - '0');
	return range->first >= 100 && range->first <= range->last &&
	       range->last <= 599;
}

static bool read_statuses(struct config_reader *r,
			  const struct config_node *node,
			  const struct schema_field *field, void *to)
{
	if (!schema_is_text(r, node, field))
		return false;
	if (parse_statuses(node->text, to))
		return true;
	return schema_wrong(
		r, node->at,
		"'%s'; not a status or range from 100 to 599, as in 200 or 200-299",
		config_show(node->text, node->length).text);
}

const struct schema_kind schema_statuses = {
	.name = "statuses",
	.form = "a status or range of them, as in 200 or 200-299",
	.pattern = "^[1-5][0-9][0-9](-[1-5][0-9][0-9])?$",
	.json = "integer",
	.size = sizeof(struct check_range),
	.read = read_statuses,
};

/* What a map in place of a value asks for. */
static bool read_how(struct config_reader *r, const struct config_node *node,
		     struct config_condition *condition)
{
	static const struct schema_field text = { .kind = &schema_text };
	static const struct schema_field regex = { .kind = &schema_regex };
	const struct config_node *how = node->first;

	if (node->count == 1 && strcmp(how->key->text, "present") == 0 &&
	    how->kind == CONFIG_TEXT && strcmp(how->text, "true") == 0) {
		condition->how = CONFIG_PRESENT;
		return true;
	}
	if (node->count == 1 && strcmp(how->key->text, "prefix") == 0) {
		condition->how = CONFIG_PREFIX;
		return schema_text.read(r, how, &text, &condition->value);
	}
	if (node->count == 1 && strcmp(how->key->text, "regex") == 0) {
		condition->how = CONFIG_REGEX;
		schema_need(r, CONFIG_PROXY, "regex");
		return schema_regex.read(r, how, &regex, &condition->value);
	}
	return schema_wrong(
		r, node->at,
		"not a condition; give a value, or one of {present: true}, {prefix: TEXT}, {regex: TEXT}");
}

static bool read_condition(struct config_reader *r,
			   const struct config_node *node,
			   const struct schema_field *field, void *to)
{
	struct config_condition *condition = to;

	condition->at = node->key->at;
	condition->what = field->number;
	condition->name = schema_keep(r, node->key);
	if (!condition->name)
		return false;
	if (memchr(node->key->text, '\0', node->key->length))
		return schema_wrong(r, node->key->at,
				    "a name with a NUL; leave it out");
	if (node->kind == CONFIG_MAP)
		return read_how(r, node, condition);
	condition->how = CONFIG_EXACT;
	if (!schema_is_text(r, node, field))
		return false;
	condition->value = schema_keep(r, node);
	return condition->value;
}

const struct schema_kind schema_condition = {
	.name = "condition",
	.form = "a value, or one of {present: true}, {prefix: TEXT}, {regex: TEXT}",
	.size = sizeof(struct config_condition),
	.read = read_condition,
};
