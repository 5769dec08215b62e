// SPDX-License-Identifier: GPL-2.0-or-later
/* What is said of configurations that are wrong, and what bounds them. */
#include "config/node.h"
#include "config_object_cases.h"
#include "config_text.h"
#include "config_value_cases.h"

static void test_cases(struct ktap *ktap, const struct config_case *cases,
		       size_t count)
{
	struct config_errors errors = { 0 };

	for (size_t i = 0; i < count; i++) {
		/* What is read past its end is in nobody's memory. */
		char *copy = malloc(cases[i].length + !cases[i].length);
		struct config *config;

		if (!copy)
			abort();
		memcpy(copy, cases[i].text, cases[i].length);
		config = config_parse("t", copy, cases[i].length, &errors);
		free(copy);
		check_errors(ktap, cases[i].name, config, &errors,
			     cases[i].errors);
	}
}

struct text {
	char *data;
	size_t size;
	FILE *to;
};

static void begin(struct text *text, const char *head)
{
	text->to = open_memstream(&text->data, &text->size);
	if (!text->to || fputs(head, text->to) == EOF)
		abort();
}

static void refused(struct ktap *ktap, struct text *text, const char *name,
		    const char *expect)
{
	struct config_errors errors = { 0 };
	struct config *config;

	fclose(text->to);
	config = config_parse("t", text->data, text->size, &errors);
	check_errors(ktap, name, config, &errors, expect);
	free(text->data);
}

static void test_limits(struct ktap *ktap)
{
	struct text text;

	begin(&text, "version: 1\n");
	fputs("pools: ", text.to);
	for (int i = 0; i < 100000; i++)
		fputc('[', text.to);
	refused(ktap, &text, "depth",
		"t:2:31: nested more than 24 deep; nothing needs to be\n");

	begin(&text, "version: 1\n");
	fputs("pools: [", text.to);
	for (int i = 0; i < CONFIG_NODES_MAX; i++)
		fputs("a,", text.to);
	fputc(']', text.to);
	refused(ktap, &text, "values",
		"t:2:1999999: more than 1000000 values; that is the limit\n");

	begin(&text, "version: 1\n");
	fputs("pools: ", text.to);
	for (int i = 0; i <= CONFIG_TEXT_MAX; i++)
		fputc('a', text.to);
	refused(ktap, &text, "a text",
		"t:2:8: a text of more than 65536 bytes; that is the limit\n");
}

/* All that fit, in the order of their places, and how many there are besides. */
static void test_many(struct ktap *ktap)
{
	struct text text, expect;

	begin(&text, "version: 1\n");
	begin(&expect, "");
	fputs("pools:\n", text.to);
	for (int i = 0; i < 250; i++)
		fprintf(text.to, "  p%d: {drain: 1}\n", i);
	for (int i = 0; i < 100; i++)
		fprintf(expect.to,
			"t:%d:%d: pools.p%d.drain: '1'; not a time from 0ms to 1d, as in 500ms, 10s, 5m, 1h or 2d\n",
			i + 3, i < 10 ? 15 : 16, i);
	fputs("and 150 more\n", expect.to);
	fclose(expect.to);
	refused(ktap, &text, "many errors", expect.data);
	free(expect.data);
}

static void test_show(struct ktap *ktap)
{
	static const struct {
		const char *bytes;
		const char *text;
	} shown[] = {
		{ "", "" },
		{ "a b\xc3\xa4", "a b\xc3\xa4" },
		{ "a\r\n\x1b[0m\x7f", "a\\x0d\\x0a\\x1b[0m\\x7f" },
		{ "\xc2\x9b", "\\xc2\x9b" },
		{ "1234567890123456789012345678901234567890"
		  "1234567890123456789012345678901234567890",
		  "1234567890123456789012345678901234567890"
		  "1234567890123456789012345678901234567890" },
		{ "1234567890123456789012345678901234567890"
		  "123456789012345678901234567890123456789\xe2\x82\xac and more",
		  "1234567890123456789012345678901234567890"
		  "123456789012345678901234567890123456789\xe2\x82\xac..." },
	};
	char name[64];

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		struct config_shown got =
			config_show(shown[i].bytes, strlen(shown[i].bytes));

		if (strcmp(got.text, shown[i].text) != 0)
			printf("# '%s'\n", got.text);
		snprintf(name, sizeof(name), "shown: %zu", i);
		ktap_result(ktap, strcmp(got.text, shown[i].text) == 0, name);
	}
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	test_cases(&ktap, value_cases,
		   sizeof(value_cases) / sizeof(value_cases[0]));
	test_cases(&ktap, object_cases,
		   sizeof(object_cases) / sizeof(object_cases[0]));
	test_limits(&ktap);
	test_many(&ktap);
	test_show(&ktap);
	return ktap_end(&ktap);
}
