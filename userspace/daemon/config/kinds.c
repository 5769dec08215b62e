// SPDX-License-Identifier: GPL-2.0-or-later
/* Values: numbers, times, sizes, words, texts. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "schema.h"

/* Bytes of a text where its key says nothing else. */
#define TEXT_MAX 4096

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit times[] = {
	{ "ms", 1 },	  { "s", 1000 },     { "m", 60000 },
	{ "h", 3600000 }, { "d", 86400000 },
};

static const struct unit sizes[] = {
	{ "", 1 },
	{ "k", UINT64_C(1) << 10 },
	{ "M", UINT64_C(1) << 20 },
	{ "G", UINT64_C(1) << 30 },
	{ "T", UINT64_C(1) << 40 },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Digits, as far as they go. Return: what follows them, NULL without any. */
static const char *parse_digits(const char *text, uint64_t *value)
{
	const char *at = text;

	*value = 0;
	for (; isdigit((unsigned char)*at); at++) {
		if (*value > (UINT64_MAX - 9) / 10)
			return NULL;
		*value = *value * 10 + (uint64_t)(*at - '0');
	}
	/* A zero in front is octal to some readers of YAML. */
	if (at == text || (text[0] == '0' && at > text + 1))
		return NULL;
	return at;
}

bool schema_parse_number(const char *text, uint64_t *value)
{
	const char *end = parse_digits(text, value);

	return end && !*end;
}

static bool parse_units(const char *text, const struct unit *units,
			size_t count, uint64_t *value)
{
	const char *unit = parse_digits(text, value);

	for (size_t i = 0; unit && i < count; i++) {
		if (strcmp(unit, units[i].name) != 0)
			continue;
		if (*value > UINT64_MAX / units[i].factor)
			return false;
		*value *= units[i].factor;
		return true;
	}
	return false;
}

/* A value in the largest unit in which it is whole. */
static const char *write_units(uint64_t value, const struct unit *units,
			       size_t count, char *to, size_t size)
{
	size_t best = 0;

	for (size_t i = 0; value && i < count; i++)
		if (value % units[i].factor == 0)
			best = i;
	snprintf(to, size, "%" PRIu64 "%s", value / units[best].factor,
		 units[best].name);
	return to;
}

bool schema_write_range(const struct schema_field *field, char *to, size_t size)
{
	char min[32], max[32];

	if (field->kind == &schema_percent) {
		snprintf(to, size, "%" PRIu64 "%% to %" PRIu64 "%%",
			 field->min / 100, field->max / 100);
		return true;
	}
	if (field->kind == &schema_duration) {
		write_units(field->min, times, COUNT(times), min, sizeof(min));
		write_units(field->max, times, COUNT(times), max, sizeof(max));
	} else if (field->kind == &schema_size) {
		write_units(field->min, sizes, COUNT(sizes), min, sizeof(min));
		write_units(field->max, sizes, COUNT(sizes), max, sizeof(max));
	} else {
		return false;
	}
	snprintf(to, size, "%s to %s", min, max);
	return true;
}

bool schema_is_text(struct config_reader *r, const struct config_node *node,
		    const struct schema_field *field)
{
	if (node->kind != CONFIG_TEXT)
		return schema_wrong(r, node->at, "a %s; give %s",
				    node->kind == CONFIG_LIST ? "list" : "map",
				    field->kind->form);
	if (node->empty)
		return schema_wrong(r, node->at,
				    "no value; give %s, or leave the key out",
				    field->kind->form);
	if (memchr(node->text, '\0', node->length))
		return schema_wrong(r, node->at, "a text with a NUL; give %s",
				    field->kind->form);
	return true;
}

static bool read_bool(struct config_reader *r, const struct config_node *node,
		      const struct schema_field *field, void *to)
{
	bool *value = to;

	if (!schema_is_text(r, node, field))
		return false;
	*value = strcmp(node->text, "true") == 0;
	if (*value || strcmp(node->text, "false") == 0)
		return true;
	return schema_wrong(r, node->at, "'%s'; not true or false",
			    config_show(node->text, node->length).text);
}

const struct schema_kind schema_bool = {
	.name = "switch",
	.form = "true or false",
	.json = "boolean",
	.size = sizeof(bool),
	.read = read_bool,
};

static bool read_number(struct config_reader *r, const struct config_node *node,
			const struct schema_field *field, void *to)
{
	uint32_t *number = to;
	uint64_t value;

	if (!schema_is_text(r, node, field))
		return false;
	if (!schema_parse_number(node->text, &value) || value < field->min ||
	    value > field->max)
		return field->min == field->max ?
			       schema_wrong(r, node->at, "'%s'; not %" PRIu64,
					    config_show(node->text,
							node->length)
						    .text,
					    field->min) :
			       schema_wrong(r, node->at,
					    "'%s'; not a number from %" PRIu64
					    " to %" PRIu64,
					    config_show(node->text,
							node->length)
						    .text,
					    field->min, field->max);
	*number = (uint32_t)value;
	return true;
}

const struct schema_kind schema_number = {
	.name = "number",
	.form = "a number",
	.json = "integer",
	.size = sizeof(uint32_t),
	.read = read_number,
};

static bool read_duration(struct config_reader *r,
			  const struct config_node *node,
			  const struct schema_field *field, void *to)
{
	uint32_t *duration = to;
	char range[80];
	uint64_t value;

	if (!schema_is_text(r, node, field))
		return false;
	/* No unit is needed to say that there is none. */
	if (strcmp(node->text, "0") == 0 && field->min == 0) {
		*duration = 0;
		return true;
	}
	if (!parse_units(node->text, times, COUNT(times), &value) ||
	    value < field->min || value > field->max) {
		schema_write_range(field, range, sizeof(range));
		return schema_wrong(
			r, node->at,
			"'%s'; not a time from %s, as in 500ms, 10s, 5m, 1h or 2d",
			config_show(node->text, node->length).text, range);
	}
	*duration = (uint32_t)value;
	return true;
}

const struct schema_kind schema_duration = {
	.name = "time",
	.form = "a time, as in 500ms, 10s, 5m, 1h or 2d",
	.pattern = "^(0|(0|[1-9][0-9]*)(ms|s|m|h|d))$",
	.size = sizeof(uint32_t),
	.read = read_duration,
};

static bool read_size(struct config_reader *r, const struct config_node *node,
		      const struct schema_field *field, void *to)
{
	char range[80];
	uint64_t value;

	if (!schema_is_text(r, node, field))
		return false;
	if (!parse_units(node->text, sizes, COUNT(sizes), &value) ||
	    value < field->min || value > field->max) {
		schema_write_range(field, range, sizeof(range));
		return schema_wrong(
			r, node->at,
			"'%s'; not a size from %s, as in 512, 16k, 64M or 1G",
			config_show(node->text, node->length).text, range);
	}
	memcpy(to, &value, sizeof(value));
	return true;
}

const struct schema_kind schema_size = {
	.name = "size",
	.form = "a size in bytes, as in 512, 16k, 64M or 1G",
	.pattern = "^(0|[1-9][0-9]*)[kMGT]?$",
	.json = "integer",
	.size = sizeof(uint64_t),
	.read = read_size,
};

/* "5%", "0.25%" in hundredths of a percent; at most six digits. */
static bool parse_percent(const char *text, uint32_t *value)
{
	size_t whole = strspn(text, "0123456789"), part = 0;
	uint32_t number = 0;
	const char *at;

	if (text[whole] == '.')
		part = strspn(text + whole + 1, "0123456789");
	at = text + whole + (part ? part + 1 : 0);
	if (whole < 1 || whole > 4 || part > 2 || strcmp(at, "%") != 0)
		return false;
	for (at = text; *at != '%'; at++)
		if (*at != '.')
			number = number * 10 + (uint32_t)(*at - '0');
	*value = part == 0 ? number * 100 : part == 1 ? number * 10 : number;
	return true;
}

/* A key may keep whole percents, by its number 100. */
static bool read_percent(struct config_reader *r,
			 const struct config_node *node,
			 const struct schema_field *field, void *to)
{
	uint32_t *percent = to, unit = field->number ? 100 : 1, value;
	char range[80];

	if (!schema_is_text(r, node, field))
		return false;
	if (!parse_percent(node->text, &value) || value % unit ||
	    value < field->min || value > field->max) {
		schema_write_range(field, range, sizeof(range));
		return schema_wrong(r, node->at, "'%s'; not %s, as in %s",
				    config_show(node->text, node->length).text,
				    range, unit == 1 ? "5% or 0.25%" : "5%");
	}
	*percent = value / unit;
	return true;
}

const struct schema_kind schema_percent = {
	.name = "percentage",
	.form = "a percentage, as in 5%",
	.pattern = "^[0-9]{1,4}(\\.[0-9]{1,2})?%$",
	.size = sizeof(uint32_t),
	.read = read_percent,
};

/* "scheduler: maglev" is what needs a stratum, not every scheduler. */
static bool need_word(struct config_reader *r, const struct config_node *node,
		      const struct schema_field *field,
		      const struct schema_word *word)
{
	char *both;
	int length;

	if (word->stratum == CONFIG_FLOW)
		return true;
	length = snprintf(NULL, 0, "%s: %s", field->key, word->word);
	both = config_arena_alloc(&r->config->arena, (size_t)length + 1);
	if (!both)
		return schema_wrong(r, node->at, "out of memory");
	snprintf(both, (size_t)length + 1, "%s: %s", field->key, word->word);
	schema_need(r, word->stratum, both);
	return true;
}

void schema_list_words(const struct schema_field *field, char *to, size_t size)
{
	size_t used = 0;

	for (const struct schema_word *word = field->words;
	     word->word && used < size; word++)
		used += (size_t)snprintf(to + used, size - used, "%s%s",
					 used ? ", " : "", word->word);
}

static bool read_word(struct config_reader *r, const struct config_node *node,
		      const struct schema_field *field, void *to)
{
	const struct schema_word *word;
	const char *guess = NULL;
	unsigned int distance = 0;
	char words[300] = "";
	int *value = to;

	*value = -1;
	if (!schema_is_text(r, node, field))
		return false;
	for (word = field->words; word->word; word++) {
		if (strcmp(node->text, word->word) == 0) {
			*value = word->value;
			return need_word(r, node, field, word);
		}
		config_guess(&guess, &distance, node->text, word->word);
	}
	schema_list_words(field, words, sizeof(words));
	return schema_wrong(r, node->at, "'%s'; not one of %s%s%s%s",
			    config_show(node->text, node->length).text, words,
			    guess ? "; did you mean '" : "", guess ? guess : "",
			    guess ? "'?" : "");
}

const struct schema_kind schema_word = {
	.name = "word",
	.form = "one of its words",
	.size = sizeof(int),
	.read = read_word,
};

/* The number of a key says whether it may have many lines. */
static bool has_control(const struct config_node *node, bool lines)
{
	for (size_t i = 0; i < node->length; i++) {
		unsigned char c = (unsigned char)node->text[i];

		if (lines && (c == '\n' || c == '\t' || c == '\r'))
			continue;
		if (c < ' ' || c == 0x7f)
			return true;
	}
	return false;
}

static bool read_text(struct config_reader *r, const struct config_node *node,
		      const struct schema_field *field, void *to)
{
	size_t max = field->max ? (size_t)field->max : TEXT_MAX;
	char **text = to;

	if (!schema_is_text(r, node, field))
		return false;
	if (node->length == 0)
		return schema_wrong(
			r, node->at,
			"an empty text; give %s, or leave the key out",
			field->kind->form);
	if (node->length > max)
		return schema_wrong(r, node->at,
				    "a text of %zu bytes; at most %zu",
				    node->length, max);
	if (has_control(node, field->number))
		return schema_wrong(
			r, node->at,
			"a text with control characters; leave them out");
	*text = schema_keep(r, node);
	return *text;
}

const struct schema_kind schema_text = {
	.name = "text",
	.form = "a text",
	.size = sizeof(char *),
	.read = read_text,
};

static bool read_path(struct config_reader *r, const struct config_node *node,
		      const struct schema_field *field, void *to)
{
	if (schema_is_text(r, node, field) && node->text[0] != '/')
		return schema_wrong(
			r, node->at,
			"'%s'; not a full path, as in /etc/sluice/site.pem",
			config_show(node->text, node->length).text);
	return read_text(r, node, field, to);
}

const struct schema_kind schema_path = {
	.name = "path",
	.form = "a full path",
	.pattern = "^/",
	.size = sizeof(char *),
	.read = read_path,
};

static bool read_name(struct config_reader *r, const struct config_node *node,
		      const struct schema_field *field, void *to)
{
	bool right = node->length >= 1 && node->length <= SLUICE_NAME_LEN;
	char **name = to;

	if (!schema_is_text(r, node, field))
		return false;
	for (size_t i = 0; i < node->length; i++)
		right = right && isascii(node->text[i]) &&
			isgraph((unsigned char)node->text[i]) &&
			node->text[i] != '/';
	if (!right)
		return schema_wrong(
			r, node->at,
			"'%s'; not a name of 1 to %d printable ASCII characters without blank or slash",
			config_show(node->text, node->length).text,
			SLUICE_NAME_LEN);
	*name = schema_keep(r, node);
	return *name;
}

const struct schema_kind schema_name = {
	.name = "name",
	.form = "a name",
	.pattern = "^[!-.0-~]{1,63}$",
	.size = sizeof(char *),
	.read = read_name,
};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What stands for a byte after a backslash. Return: its length, 0 if nothing. */
static size_t parse_escape(const char *text, unsigned char *byte)
{
	static const char letters[] = "rnt\\0", bytes[] = "\r\n\t\\";
	const char *letter = *text ? strchr(letters, *text) : NULL;
	int high, low;

	if (letter) {
		*byte = (unsigned char)bytes[letter - letters];
		return 1;
	}
	high = *text == 'x' ? hex_digit(text[1]) : -1;
	low = high >= 0 ? hex_digit(text[2]) : -1;
	if (low < 0)
		return 0;
	*byte = (unsigned char)(high << 4 | low);
	return 3;
}

/*
 * Bytes with escapes of our own: what "\xff" stands for in YAML is a character
 * of two bytes.
 */
static bool read_bytes(struct config_reader *r, const struct config_node *node,
		       const struct schema_field *field, void *to)
{
	size_t length = 0, escape;
	unsigned char *bytes;

	if (!schema_is_text(r, node, field))
		return false;
	bytes = config_arena_alloc(&r->config->arena, node->length + 1);
	if (!bytes)
		return schema_wrong(r, node->at, "out of memory");
	for (size_t i = 0; i < node->length; i++) {
		if (!isascii(node->text[i]))
			return schema_wrong(
				r, node->at,
				"a character that is not ASCII; write its bytes as \\xHH, in single quotes");
		bytes[length] = (unsigned char)node->text[i];
		if (node->text[i] == '\\') {
			escape = parse_escape(node->text + i + 1,
					      &bytes[length]);
			if (!escape)
				return schema_wrong(
					r, node->at,
					"a backslash before something unknown; there are \\r, \\n, \\t, \\0, \\\\ and \\xHH");
			i += escape;
		}
		length++;
	}
	memcpy(to, &bytes, sizeof(bytes));
	memcpy((char *)to + sizeof(bytes), &length, sizeof(length));
	return true;
}

const struct schema_kind schema_bytes = {
	.name = "bytes",
	.form = "bytes, as in 'PING\\r\\n'",
	.size = sizeof(void *) + sizeof(size_t),
	.read = read_bytes,
};

static bool read_weighted(struct config_reader *r,
			  const struct config_node *node,
			  const struct schema_field *field, void *to)
{
	struct config_weighted *weighted = to;

	weighted->at = node->key->at;
	return read_number(r, node, field, &weighted->weight) &&
	       read_name(r, node->key, field, &weighted->name);
}

const struct schema_kind schema_weighted = {
	.name = "weight",
	.form = "a weight",
	.json = "integer",
	.size = sizeof(struct config_weighted),
	.read = read_weighted,
};
