// SPDX-License-Identifier: GPL-2.0-or-later
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http_body.h"
#include "json_value.h"

/* Steps, and kB of memory, that an expression may take on a body. */
#define REGEX_STEPS 200000
#define REGEX_KB 1024

struct http_body {
	const struct check_spec *spec;
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *context;
};

bool http_body_wanted(const struct check_spec *spec)
{
	return spec->body || spec->body_regex || spec->json_pointer;
}

static int compile(struct http_body *body, struct check_error *error)
{
	const char *regex = body->spec->body_regex;
	PCRE2_SIZE offset;
	PCRE2_UCHAR text[128];
	int number;

	body->code = pcre2_compile((PCRE2_SPTR)regex, PCRE2_ZERO_TERMINATED,
				   PCRE2_NEVER_BACKSLASH_C, &number, &offset,
				   NULL);
	if (!body->code) {
		pcre2_get_error_message(number, text, sizeof(text));
		return check_refuse(error, "body_regex: %s at character %zu",
				    (const char *)text, offset + 1);
	}
	body->match = pcre2_match_data_create(1, NULL);
	body->context = pcre2_match_context_create(NULL);
	if (!body->match || !body->context)
		return check_refuse(error, "out of memory");
	pcre2_set_match_limit(body->context, REGEX_STEPS);
	pcre2_set_heap_limit(body->context, REGEX_KB);
	return 0;
}

struct http_body *http_body_create(const struct check_spec *spec,
				   struct check_error *error)
{
	struct http_body *body = calloc(1, sizeof(*body));
	int err = 0;

	if (!body) {
		check_refuse(error, "out of memory");
		return NULL;
	}
	body->spec = spec;
	if (spec->body && !*spec->body)
		err = check_refuse(error, "body: an empty text is in any body");
	else if (spec->json_pointer && !json_pointer_valid(spec->json_pointer))
		err = check_refuse(
			error,
			"json_pointer: %s is no pointer of RFC 6901, such as /status or /nodes/0/ok",
			spec->json_pointer);
	else if (spec->json_value && !spec->json_pointer)
		err = check_refuse(error, "json_value: without a json_pointer");
	else if (spec->body_regex)
		err = compile(body, error);
	if (err) {
		http_body_free(body);
		return NULL;
	}
	return body;
}

void http_body_free(struct http_body *body)
{
	if (!body)
		return;
	pcre2_match_context_free(body->context);
	pcre2_match_data_free(body->match);
	pcre2_code_free(body->code);
	free(body);
}

static bool match_regex(const struct http_body *body, const void *data,
			size_t length, char *why)
{
	int result = pcre2_match(body->code, data, length, 0, 0, body->match,
				 body->context);

	if (result >= 0)
		return true;
	if (result == PCRE2_ERROR_NOMATCH)
		snprintf(why, CHECK_REASON_SIZE,
			 "the body does not match body_regex");
	else
		snprintf(why, CHECK_REASON_SIZE,
			 "body_regex takes too long on this body");
	return false;
}

bool http_body_match(const struct http_body *body, const void *data,
		     size_t length, bool whole, char *why)
{
	const struct check_spec *spec = body->spec;

	if (spec->body &&
	    !memmem(data, length, spec->body, strlen(spec->body))) {
		snprintf(why, CHECK_REASON_SIZE, "the %s not have the text",
			 whole ? "body does" :
				 "first 65536 bytes of the body do");
		return false;
	}
	if (spec->body_regex && !match_regex(body, data, length, why))
		return false;
	if (!spec->json_pointer)
		return true;
	if (!whole) {
		snprintf(why, CHECK_REASON_SIZE,
			 "JSON of more than 65536 bytes");
		return false;
	}
	return json_value_match(data, length, spec->json_pointer,
				spec->json_value, why, CHECK_REASON_SIZE);
}
