// SPDX-License-Identifier: GPL-2.0-or-later
/* Paths of HTTP targets in their normal form. */
#include <stdlib.h>
#include <string.h>

#include <sluice/http_head.h>

#include "ktap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Those of RFC 3986 5.4 are merged with the path of its base, "/b/c/d;p". */
static const struct {
	const char *name;
	const char *path;
	const char *normal;
} cases[] = {
	{ "RFC 3986 5.2.4", "/a/b/c/./../../g", "/a/g" },
	{ "RFC 3986 5.4.1, g", "/b/c/g", "/b/c/g" },
	{ "RFC 3986 5.4.1, ./g", "/b/c/./g", "/b/c/g" },
	{ "RFC 3986 5.4.1, g/", "/b/c/g/", "/b/c/g/" },
	{ "RFC 3986 5.4.1, ;x", "/b/c/;x", "/b/c/;x" },
	{ "RFC 3986 5.4.1, g;x", "/b/c/g;x", "/b/c/g;x" },
	{ "RFC 3986 5.4.1, .", "/b/c/.", "/b/c/" },
	{ "RFC 3986 5.4.1, ./", "/b/c/./", "/b/c/" },
	{ "RFC 3986 5.4.1, ..", "/b/c/..", "/b/" },
	{ "RFC 3986 5.4.1, ../", "/b/c/../", "/b/" },
	{ "RFC 3986 5.4.1, ../g", "/b/c/../g", "/b/g" },
	{ "RFC 3986 5.4.1, ../..", "/b/c/../..", "/" },
	{ "RFC 3986 5.4.1, ../../", "/b/c/../../", "/" },
	{ "RFC 3986 5.4.1, ../../g", "/b/c/../../g", "/g" },
	{ "RFC 3986 5.4.2, ../../../g", "/b/c/../../../g", "/g" },
	{ "RFC 3986 5.4.2, ../../../../g", "/b/c/../../../../g", "/g" },
	{ "RFC 3986 5.4.2, /./g", "/./g", "/g" },
	{ "RFC 3986 5.4.2, /../g", "/../g", "/g" },
	{ "RFC 3986 5.4.2, g.", "/b/c/g.", "/b/c/g." },
	{ "RFC 3986 5.4.2, .g", "/b/c/.g", "/b/c/.g" },
	{ "RFC 3986 5.4.2, g..", "/b/c/g..", "/b/c/g.." },
	{ "RFC 3986 5.4.2, ..g", "/b/c/..g", "/b/c/..g" },
	{ "RFC 3986 5.4.2, ./../g", "/b/c/./../g", "/b/g" },
	{ "RFC 3986 5.4.2, ./g/.", "/b/c/./g/.", "/b/c/g/" },
	{ "RFC 3986 5.4.2, g/./h", "/b/c/g/./h", "/b/c/g/h" },
	{ "RFC 3986 5.4.2, g/../h", "/b/c/g/../h", "/b/c/h" },
	{ "RFC 3986 5.4.2, g;x=1/./y", "/b/c/g;x=1/./y", "/b/c/g;x=1/y" },
	{ "RFC 3986 5.4.2, g;x=1/../y", "/b/c/g;x=1/../y", "/b/c/y" },
	{ "RFC 3986 6.2.2", "/./b/../b/%63/%7bfoo%7d", "/b/c/%7Bfoo%7D" },
	{ "RFC 3986 6.2.2.1", "/%3a%3A", "/%3A%3A" },
	{ "RFC 3986 6.2.2.2", "/%7Ea%41z%5A-%2D%2e%5f09%30%39",
	  "/~aAzZ--._0909" },
	{ "RFC 3986 6.2.3, no path", "", "/" },
	{ "the root", "/", "/" },
	{ "above the root", "/..", "/" },
	{ "a dot", "/.", "/" },
	{ "three dots", "/.../a", "/.../a" },
	{ "two slashes are not one", "//a//b/", "//a//b/" },
	{ "an empty segment is a segment", "/a//../b", "/a/b" },
	{ "two empty segments", "//..//..", "/" },
	{ "encoded dots are dots", "/a/%2e%2E/%2e/.%2e/b", "/b" },
	{ "an encoded slash is none", "/a%2fb/..%2fc", "/a%2Fb/..%2Fc" },
	{ "an encoded NUL stays", "/a%00/../b%00", "/b%00" },
	{ "an encoded percent sign stays", "/%252e%25", "/%252e%25" },
	{ "what is neither", "/%c3%a4%20%22%5c", "/%C3%A4%20%22%5C" },
	{ "no slash", "a/b", NULL },
	{ "an asterisk", "*", NULL },
	{ "one digit", "/%2", NULL },
	{ "no digits", "/%", NULL },
	{ "a letter that is no digit", "/%2g", NULL },
};

/* With no more room than that, and no more to read than there is. */
static u32 normalise(const char *path, size_t length, u8 *out, u32 size)
{
	u8 *copy = malloc(length + 1), *room = malloc(size + 1);
	u32 written;

	if (!copy || !room)
		abort();
	memcpy(copy + 1, path, length);
	written = sluice_http_path_normalise(copy + 1, (u32)length, room + 1,
					     size);
	memcpy(out, room + 1, written);
	free(copy);
	free(room);
	return written;
}

static bool is_normal(const char *path, const char *normal)
{
	size_t length = strlen(path);
	u32 size = length ? (u32)length : 1, written;
	u8 out[64], again[64];

	written = normalise(path, length, out, size);
	if (!normal)
		return written == 0;
	if (written != strlen(normal) || memcmp(out, normal, written) != 0) {
		printf("# '%.*s' instead of '%s'\n", (int)written, out, normal);
		return false;
	}
	/* A normal form is its own, and room for less is refused. */
	return normalise((char *)out, written, again, written) == written &&
	       memcmp(out, again, written) == 0 &&
	       normalise((char *)out, written, again, written - 1) == 0;
}

/* Up and down again: a path that costs most to reduce. */
static bool is_linear(void)
{
	static char path[65535];
	static u8 out[sizeof(path)];
	size_t half = sizeof(path) / 3 / 2 * 2, at = 0;

	while (at < half)
		at += (size_t)sprintf(path + at, "/a");
	for (size_t i = 0; i < half / 2; i++)
		at += (size_t)sprintf(path + at, "/..");
	return normalise(path, at, out, (u32)at) == 1 && out[0] == '/';
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	for (size_t i = 0; i < COUNT(cases); i++)
		ktap_result(&ktap, is_normal(cases[i].path, cases[i].normal),
			    cases[i].name);
	ktap_result(&ktap, is_linear(), "as far up as down");
	return ktap_end(&ktap);
}
