// SPDX-License-Identifier: GPL-2.0-or-later
/* What routes are looked for with, out of heads of HTTP/1.x requests. */
#include <stdlib.h>
#include <string.h>

#include <sluice/http_describe.h>

#include "ktap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* All fields and cookies called x, with a space behind each; services are at 8080. */
static const struct {
	const char *name;
	const char *in;
	const char *expect;
} cases[] = {
	{ "all that there may be",
	  "GET /a/../b?c=d HTTP/1.1\r\nHost: E.example:81\r\nX: 1\r\nY: 2\r\n"
	  "x: 3\r\nCookie: y=4; x=5\r\nCookie: x=\"6\"; x\r\n\r\n",
	  "GET E.example 81 /b c=d fields 1 3  cookies 5 \"6\" " },
	{ "no port, no query, no fields",
	  "GET / HTTP/1.1\r\nHost: [::1]\r\n\r\n",
	  "GET [::1] 8080 / none fields  cookies " },
	{ "a query of nothing", "GET /? HTTP/1.1\r\nHost: a\r\n\r\n",
	  "GET a 8080 /  fields  cookies " },
	{ "absolute form without a path",
	  "GET http://a:82 HTTP/1.1\r\nHost: a:82\r\n\r\n",
	  "GET a 82 / none fields  cookies " },
	{ "an asterisk has no path",
	  "OPTIONS * HTTP/1.1\r\nHost: a\r\nX:\r\n\r\n",
	  "OPTIONS a 8080 none none fields   cookies " },
	{ "nor has CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
	  "CONNECT a 443 none none fields  cookies " },
	{ "the case of a cookie's name counts",
	  "GET / HTTP/1.1\r\nHost: a\r\nCookie: X=1; x=2\r\n\r\n",
	  "GET a 8080 / none fields  cookies 2 " },
};

static void put(FILE *to, struct sluice_text text)
{
	fprintf(to, "%.*s ", text.data ? (int)text.len : 4,
		text.data ? text.data : "none");
}

static void describe(char *out, size_t size, const struct sluice_request *req)
{
	const struct sluice_text name = { "x", 1 };
	FILE *to = fmemopen(out, size, "w");
	struct sluice_text value;
	u32 pos;

	if (!to)
		abort();
	put(to, req->method);
	put(to, req->host);
	fprintf(to, "%u ", req->port);
	put(to, req->path);
	put(to, req->query);
	fputs("fields ", to);
	for (pos = 0; req->next_header(req, name, &pos, &value);)
		put(to, value);
	fputs(" cookies ", to);
	for (pos = 0; req->next_cookie(req, name, &pos, &value);)
		put(to, value);
	fclose(to);
}

static void test_case(struct ktap *ktap, const char *name, const char *in,
		      const char *expect)
{
	static u8 path[SLUICE_HTTP_TARGET_DEFAULT];
	struct sluice_http_request request = { .req = { .port = 8080 } };
	struct sluice_http_head head;
	char text[256];
	bool right;

	sluice_http_head_init(&head, NULL);
	if (sluice_http_head_parse(&head, (const u8 *)in, (u32)strlen(in)) !=
	    SLUICE_HTTP_DONE)
		abort();
	sluice_http_describe(&request, &head, (const u8 *)in);
	right = sluice_http_describe_path(&request, path, sizeof(path));
	describe(text, sizeof(text), &request.req);
	right = right && strcmp(text, expect) == 0;
	ktap_result(ktap, right, name);
	if (!right)
		printf("# '%s' instead of '%s'\n", text, expect);
	/* Where there is a path at all, no room is not enough for it. */
	if (sluice_http_describe_path(&request, path, 0) !=
	    !request.req.path.data)
		ktap_result(ktap, false, "a path without room");
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	for (size_t i = 0; i < COUNT(cases); i++)
		test_case(&ktap, cases[i].name, cases[i].in, cases[i].expect);
	return ktap_end(&ktap);
}
