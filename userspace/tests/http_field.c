// SPDX-License-Identifier: GPL-2.0-or-later
/* Header fields of an HTTP/1.x request: lists, cookies, and what goes no further. */
#include <stdlib.h>
#include <string.h>

#include <sluice/http_head.h>

#include "ktap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define BEGIN "GET / HTTP/1.1\r\nHost: www.example.com\r\n"

static const u8 *bytes(const char *text)
{
	return (const u8 *)text;
}

static struct sluice_http_head parse(const char *text)
{
	struct sluice_http_head head;

	sluice_http_head_init(&head, NULL);
	if (sluice_http_head_parse(&head, bytes(text), (u32)strlen(text)) !=
	    SLUICE_HTTP_DONE) {
		printf("# %s\n", sluice_http_error_name(head.error));
		abort();
	}
	return head;
}

static bool is_slice(const char *text, struct sluice_http_slice slice,
		     const char *expected)
{
	return slice.length == strlen(expected) &&
	       memcmp(text + slice.offset, expected, slice.length) == 0;
}

static bool same(const char *is, const char *expected)
{
	if (strcmp(is, expected) == 0)
		return true;
	printf("# '%s' instead of '%s'\n", is, expected);
	return false;
}

static void add(char *to, const char *text, struct sluice_http_slice slice,
		char end)
{
	size_t length = strlen(to);

	memcpy(to + length, text + slice.offset, slice.length);
	to[length + slice.length] = end;
	to[length + slice.length + 1] = '\0';
}

/* Members with a bar behind each. */
static const struct {
	const char *name;
	const char *value;
	const char *members;
} lists[] = {
	{ "RFC 9110 5.6.1.2, first", "foo,bar", "foo|bar|" },
	{ "RFC 9110 5.6.1.2, second", "foo ,bar,", "foo|bar|" },
	{ "RFC 9110 5.6.1.2, third", "foo , ,bar,charlie", "foo|bar|charlie|" },
	{ "RFC 9110 5.6.1.2, nothing", "", "" },
	{ "RFC 9110 5.6.1.2, a comma", ",", "" },
	{ "RFC 9110 5.6.1.2, commas", ",   ,", "" },
	{ "RFC 9110 5.5, a comma in quotes",
	  "\"http://example.com/a.html,foo\", "
	  "\"http://without-a-comma.example.com/\"",
	  "\"http://example.com/a.html,foo\"|"
	  "\"http://without-a-comma.example.com/\"|" },
	{ "a quote in quotes", "a=\"b\\\",\\\\\",c", "a=\"b\\\",\\\\\"|c|" },
	{ "a quote that does not end", "a, \"b, c", "a|\"b, c|" },
	{ "a quote that ends in a backslash", "\"a\\", "\"a\\|" },
	{ "tabs", "\ta\t,\tb c\t", "a|b c|" },
};

static bool is_list(const char *value, const char *members)
{
	struct sluice_http_slice rest = { 0, (u16)strlen(value) }, item;
	char text[256] = "";

	while (sluice_http_list_next(bytes(value), &rest, &item))
		add(text, value, item, '|');
	return same(text, members);
}

/* Each cookie with an equals sign between name and value and a bar behind. */
static const struct {
	const char *name;
	const char *fields;
	const char *cookies;
} jars[] = {
	{ "RFC 6265 3.1, one cookie", "Cookie: SID=31d4d96e407aad42\r\n",
	  "SID=31d4d96e407aad42|" },
	{ "RFC 6265 3.1, two cookies",
	  "Cookie: SID=31d4d96e407aad42; lang=en-US\r\n",
	  "SID=31d4d96e407aad42|lang=en-US|" },
	{ "RFC 6265 4.2.1, no cookies", "", "" },
	{ "RFC 6265 4.1.1, quotes belong to the value",
	  "Cookie: a=\"b\"; c=\"d;e\"\r\n", "a=\"b\"|c=\"d|" },
	{ "RFC 9113 8.2.3, several fields",
	  "Cookie: a=b\r\ncookie: c=d\r\nX: y=z\r\nCOOKIE: e=f\r\n",
	  "a=b|c=d|e=f|" },
	{ "an equals sign in the value", "Cookie: a=b=c; d==\r\n",
	  "a=b=c|d==|" },
	{ "no equals sign", "Cookie: a; b=c; d\r\n", "b=c|" },
	{ "no name and no value", "Cookie: =a; b=; =\r\n", "=a|b=|=|" },
	{ "white space", "Cookie:   a = b c\t;d=e;\tf=g \r\n",
	  "a=b c|d=e|f=g|" },
	{ "semicolons", "Cookie: ;;a=b;;\r\nCookie: ;\r\nCookie:\r\n", "a=b|" },
};

static bool is_jar(const char *fields, const char *cookies)
{
	struct sluice_http_cursor cursor = { 0 };
	struct sluice_http_pair cookie;
	struct sluice_http_head head;
	char text[512], found[256] = "";

	snprintf(text, sizeof(text), BEGIN "%s\r\n", fields);
	head = parse(text);
	while (sluice_http_cookie_next(&head, bytes(text), &cursor, &cookie)) {
		add(found, text, cookie.name, '=');
		add(found, text, cookie.value, '|');
	}
	return same(found, cookies) &&
	       !sluice_http_cookie_next(&head, bytes(text), &cursor, &cookie);
}

static void test_find(struct ktap *ktap)
{
	static const char text[] = BEGIN "Cookie: lang=en; SID=1; sid=2\r\n"
					 "Cookie: SID=3\r\n\r\n";
	struct sluice_http_head head = parse(text);
	struct sluice_http_slice value;

	ktap_result(ktap,
		    sluice_http_cookie_find(&head, bytes(text), "SID", 3,
					    &value) &&
			    is_slice(text, value, "1"),
		    "the first cookie of a name is found");
	ktap_result(ktap,
		    sluice_http_cookie_find(&head, bytes(text), "sid", 3,
					    &value) &&
			    is_slice(text, value, "2"),
		    "case counts in names of cookies");
	ktap_result(ktap,
		    !sluice_http_cookie_find(&head, bytes(text), "SI", 2,
					     &value) &&
			    !sluice_http_cookie_find(&head, bytes(text), "", 0,
						     &value),
		    "no cookie is no cookie");
}

static void test_headers(struct ktap *ktap)
{
	static const char text[] = BEGIN
		"Via: a\r\nvia:\tb \r\nVia-x: c\r\nViA:\r\nX: \x80\xff\r\n\r\n";
	const struct sluice_http_header *header = NULL;
	struct sluice_http_head head = parse(text);
	char found[64] = "";

	while ((header = sluice_http_header_next(&head, bytes(text), "VIA", 3,
						 header)))
		add(found, text, header->value, '|');
	ktap_result(ktap, same(found, "a|b||"), "all fields of a name");
	header = sluice_http_header_next(&head, bytes(text), "x", 1, NULL);
	ktap_result(ktap,
		    header && is_slice(text, header->name, "X") &&
			    is_slice(text, header->value, "\x80\xff"),
		    "a field by its name");
	ktap_result(ktap,
		    !sluice_http_header_next(&head, bytes(text), "Vi", 2,
					     NULL) &&
			    !sluice_http_header_next(&head, bytes(text), "X", 1,
						     header),
		    "no field is no field");
}

/* RFC 9110 7.6.1. */
static void test_hop(struct ktap *ktap)
{
	static const char text[] = BEGIN
		"Connection: close, X-Foo\r\nKeep-Alive: 5\r\nTE: trailers\r\n"
		"Upgrade: a/1\r\nProxy-Connection: close\r\n"
		"Transfer-Encoding: chunked\r\nx-foo: 1\r\nConnection: bar\r\n"
		"Bar: 1\r\nX-Fo: 1\r\nX-Fooo: 1\r\nTrailer: x\r\nTo: x\r\n"
		"Expect: 100-continue\r\nCookie: a=b\r\nKeep_Alive: 5\r\n\r\n";
	struct sluice_http_head head = parse(text);
	char found[512] = "";

	for (u32 i = 0; i < head.header_count; i++)
		if (!sluice_http_header_hop(&head, bytes(text),
					    &head.header[i]))
			add(found, text, head.header[i].name, '|');
	ktap_result(ktap,
		    same(found, "Host|X-Fo|X-Fooo|Trailer|To|Expect|Cookie|"
				"Keep_Alive|"),
		    "fields that are not for one connection");
}

static void test_texts(struct ktap *ktap)
{
	const struct sluice_http_slice slice = { 1, 5 };
	const u8 *text = bytes("xAz@[`y");

	ktap_result(ktap,
		    sluice_http_slice_is(text, slice, "aZ@[`", 5) &&
			    !sluice_http_slice_is(text, slice, "aZ`[`", 5) &&
			    !sluice_http_slice_is(text, slice, "aZ@{`", 5) &&
			    !sluice_http_slice_is(text, slice, "aZ@[", 4) &&
			    !sluice_http_slice_is(text, slice, "aZ@[`y", 6),
		    "only letters have a case");
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	for (size_t i = 0; i < COUNT(lists); i++)
		ktap_result(&ktap, is_list(lists[i].value, lists[i].members),
			    lists[i].name);
	for (size_t i = 0; i < COUNT(jars); i++)
		ktap_result(&ktap, is_jar(jars[i].fields, jars[i].cookies),
			    jars[i].name);
	test_find(&ktap);
	test_headers(&ktap);
	test_hop(&ktap);
	test_texts(&ktap);
	return ktap_end(&ktap);
}
