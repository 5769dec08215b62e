// SPDX-License-Identifier: GPL-2.0-or-later
/* Responses of our own, and the files that they are made of. */
#include <errno.h>
#include <ftw.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "forwarding.h"
#include "proxy/forward_pages.h"

#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"
#define PLAIN "Content-Type: text/plain; charset=utf-8\r\n"

static char folder[] = "/tmp/sluice-forward-XXXXXX";

static const char *file_path(const char *name)
{
	static char path[sizeof(folder) + 64];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void make_file(const char *name, size_t size)
{
	FILE *file = fopen(file_path(name), "we");

	if (!file)
		abort();
	for (size_t i = 0; i < size; i++)
		fputc('x', file);
	fclose(file);
}

static ssize_t write_answer(char *to, size_t size, const void *context)
{
	struct sluice_text left;
	ssize_t length = forward_answer_write(to, size, context, &left);

	/* With less room, its body would be left. */
	return length >= 0 && left.data ? -ENOSPC : length;
}

struct answer_case {
	const char *name;
	const char *http;
	const char *route;
	struct forward_answer answer;
	const char *out;
};

static const struct answer_case cases[] = {
	{ "an error",
	  "",
	  "",
	  { .status = 404, .keep_alive = true, .minor = 1 },
	  "HTTP/1.1 404 Not Found\r\n" PLAIN
	  "Content-Length: 14\r\n\r\n404 Not Found\n" },
	{ "an error, to HEAD",
	  "",
	  "",
	  { .status = 404, .head_only = true, .date = DATE, .minor = 1 },
	  "HTTP/1.1 404 Not Found\r\nDate: " DATE "\r\n" PLAIN
	  "Content-Length: 14\r\nConnection: close\r\n\r\n" },
	{ "a status without a name",
	  "",
	  "",
	  { .status = 599, .keep_alive = true },
	  "HTTP/1.1 599 \r\n" PLAIN
	  "Content-Length: 5\r\nConnection: keep-alive\r\n\r\n599 \n" },
	{ "no content",
	  "",
	  "",
	  { .status = 204, .body = { "x", 1 }, .keep_alive = true, .minor = 1 },
	  "HTTP/1.1 204 No Content\r\n\r\n" },
	{ "a body",
	  "",
	  "",
	  { .status = 200,
	    .type = "a/b",
	    .body = { "<x>", 3 },
	    .keep_alive = true,
	    .minor = 1 },
	  "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 3\r\n\r\n<x>" },
	{ "an empty body",
	  "",
	  "",
	  { .status = 200, .body = { "", 0 }, .keep_alive = true, .minor = 1 },
	  "HTTP/1.1 200 OK\r\n" PLAIN "Content-Length: 0\r\n\r\n" },
	{ "a redirect",
	  "request-id: Id",
	  "",
	  { .status = 308,
	    .location = { "https://a/", 10 },
	    .request_id = "0123",
	    .body = { "", 0 },
	    .keep_alive = true,
	    .minor = 1 },
	  "HTTP/1.1 308 Permanent Redirect\r\n" PLAIN
	  "Location: https://a/\r\nId: 0123\r\nContent-Length: 0\r\n\r\n" },
	{ "fields of the answer, changed by the service and the route",
	  "headers: {response: {set: {A: s, B: s}}}",
	  "answer: {status: 200, headers: {content-type: x/y, B: a, C: a, D: a}}, headers: {response: {remove: [c, date]}}",
	  { .status = 200,
	    .body = { "", 0 },
	    .date = DATE,
	    .keep_alive = true,
	    .minor = 1 },
	  "HTTP/1.1 200 OK\r\ncontent-type: x/y\r\nD: a\r\nA: s\r\nB: s\r\n"
	  "Content-Length: 0\r\n\r\n" },
};

static void test_case(struct ktap *ktap, const struct answer_case *c)
{
	struct config *config = forwarding_config(c->http, c->route);
	const struct config_service *service = &config->services.items[0];
	struct forward_answer answer = c->answer;
	struct sluice_text left;
	char room[ROOM], name[200];
	ssize_t length;

	answer.service = service;
	answer.route = service->routes.items;
	if (answer.route->answer)
		answer.headers = &answer.route->answer->headers;
	length = forward_answer_write(room, sizeof(room), &answer, &left);
	forwarding_result(ktap, c->name, room, length, c->out);
	snprintf(name, sizeof(name), "%s: in other memory", c->name);
	ktap_result(ktap,
		    length >= 0 && !left.data &&
			    forwarding_bounded(write_answer, &answer, room,
					       (size_t)length),
		    name);
	config_free(config);
}

static void test_left(struct ktap *ktap)
{
	struct config *config = forwarding_config("", "");
	struct forward_answer answer = {
		.service = &config->services.items[0],
		.status = 200,
		.body = { "body", 4 },
		.keep_alive = true,
		.minor = 1,
	};
	static const char head[] = "HTTP/1.1 200 OK\r\n" PLAIN
				   "Content-Length: 4\r\n\r\n";
	char room[sizeof(head) - 1 + 3];
	struct sluice_text left;
	ssize_t length;

	length = forward_answer_write(room, sizeof(room), &answer, &left);
	forwarding_result(ktap, "a body without room", room, length, head);
	ktap_result(ktap, left.data == answer.body.data && left.len == 4,
		    "a body that is left");
	config_free(config);
}

static bool is_page(const struct forward_page *page, size_t length,
		    const char *type)
{
	return page && page->body.len == length &&
	       strcmp(page->type, type) == 0;
}

static void test_pages(struct ktap *ktap)
{
	char http[400], route[200];
	struct config_errors errors = { 0 };
	const struct config_service *service;
	struct forward_answer answer;
	struct forward_pages *pages;
	struct sluice_text left;
	struct config *config;
	char room[ROOM];

	make_file("5xx.html", 5);
	make_file("empty", 0);
	snprintf(
		http, sizeof(http),
		"error-pages: {502: %s/5xx.html, 503: %s/5xx.html, 404: %s/empty}",
		folder, folder, folder);
	snprintf(route, sizeof(route), "answer: {file: %s/5xx.html}", folder);
	config = forwarding_config(http, route);
	service = &config->services.items[0];
	pages = forward_pages_create(service, &errors);
	if (!pages) {
		config_errors_print(&errors, stderr);
		abort();
	}
	/* What they were is what they are, until a reload. */
	unlink(file_path("5xx.html"));
	ktap_result(ktap,
		    is_page(forward_pages_status(pages, 502), 5,
			    "text/html; charset=utf-8") &&
			    forward_pages_status(pages, 502) ==
				    forward_pages_status(pages, 503),
		    "a page of two statuses");
	ktap_result(ktap,
		    is_page(forward_pages_status(pages, 404), 0,
			    "application/octet-stream"),
		    "an empty page");
	ktap_result(ktap,
		    !forward_pages_status(pages, 504) &&
			    !forward_pages_status(pages, 399) &&
			    !forward_pages_status(pages, 600) &&
			    !forward_pages_status(NULL, 502),
		    "no page");
	ktap_result(ktap,
		    is_page(forward_pages_route(pages, service->routes.items),
			    5, "text/html; charset=utf-8"),
		    "the page of a route");
	answer = (struct forward_answer){ .service = service,
					  .pages = pages,
					  .status = 503,
					  .keep_alive = true,
					  .minor = 1 };
	forwarding_result(
		ktap, "an error with a page", room,
		forward_answer_write(room, sizeof(room), &answer, &left),
		"HTTP/1.1 503 Service Unavailable\r\n"
		"Content-Type: text/html; charset=utf-8\r\nContent-Length: 5\r\n\r\nxxxxx");
	forward_pages_free(pages);
	config_free(config);

	config = forwarding_config("", "answer: {body: hello}");
	service = &config->services.items[0];
	pages = forward_pages_create(service, &errors);
	ktap_result(ktap,
		    is_page(forward_pages_route(pages, service->routes.items),
			    5, "text/plain; charset=utf-8"),
		    "a text of a route");
	forward_pages_free(pages);
	config_free(config);
}

static void test_page_errors(struct ktap *ktap)
{
	char http[1000], route[200], expect[1000], *text = NULL;
	struct config_errors errors = { 0 };
	struct forward_pages *pages;
	struct config *config;
	size_t size;
	FILE *to;

	make_file("large", FORWARD_PAGE_MAX + 1);
	make_file("largest", FORWARD_PAGE_MAX);
	if (mkfifo(file_path("pipe"), 0600) < 0)
		abort();
	snprintf(
		http, sizeof(http),
		"error-pages: {400: %s/none, 403: %s/large, 404: %s/pipe, 405: %s, 500: %s/largest}",
		folder, folder, folder, folder, folder);
	snprintf(route, sizeof(route), "answer: {file: %s/none2}", folder);
	config = forwarding_config(http, route);
	pages = forward_pages_create(&config->services.items[0], &errors);
	ktap_result(ktap, !pages, "pages that cannot be read");
	snprintf(
		expect, sizeof(expect),
		"t:5:35: services.s.http.error-pages.400: %s/none: No such file or directory\n"
		"t:5:35: services.s.http.error-pages.403: %s/large: larger than 1048576 bytes; give a smaller one\n"
		"t:5:35: services.s.http.error-pages.404: %s/pipe: not a regular file\n"
		"t:5:35: services.s.http.error-pages.405: %s: not a regular file\n"
		"t:6:35: services.s.routes[1].answer.file: %s/none2: No such file or directory\n",
		folder, folder, folder, folder, folder);
	to = open_memstream(&text, &size);
	if (!to)
		abort();
	config_errors_print(&errors, to);
	fclose(to);
	forwarding_result(ktap, "what is said of them", text, (ssize_t)size,
			  expect);
	free(text);
	config_errors_free(&errors);
	config_free(config);
}

static void test_pages_sum(struct ktap *ktap)
{
	struct config_errors errors = { 0 };
	struct forward_pages *pages;
	char http[4000], name[32];
	struct config *config;
	size_t used;

	for (int count = 16; count < 18; count++) {
		used = (size_t)snprintf(http, sizeof(http), "error-pages: {");
		for (int i = 0; i < count; i++) {
			snprintf(name, sizeof(name), "page%d", i);
			make_file(name, FORWARD_PAGE_MAX);
			used += (size_t)snprintf(http + used,
						 sizeof(http) - used,
						 "%s%d: %s", i ? ", " : "",
						 500 + i, file_path(name));
		}
		snprintf(http + used, sizeof(http) - used, "}");
		config = forwarding_config(http, "");
		pages = forward_pages_create(&config->services.items[0],
					     &errors);
		ktap_result(
			ktap, !!pages == (count == 16),
			"pages that are as large as they may be, and one more");
		forward_pages_free(pages);
		config_errors_free(&errors);
		config_free(config);
	}
}

static void test_locations(struct ktap *ktap)
{
	static const struct {
		const char *to;
		const char *in;
		const char *out;
	} redirects[] = {
		{ "https",
		  "GET /a/../b?c=%41 HTTP/1.1\r\nHost: X.de:80\r\n\r\n",
		  "https://X.de/b?c=%41" },
		{ "https", "GET /? HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
		  "https://[::1]/?" },
		{ "https", "GET //evil/%2F HTTP/1.0\r\n\r\n",
		  "https://192.0.2.1//evil/%2F" },
		{ "https://b/c?d", "GET /x?y HTTP/1.1\r\nHost: a\r\n\r\n",
		  "https://b/c?d" },
		{ "/here", "GET /x?y HTTP/1.1\r\nHost: a\r\n\r\n", "/here" },
	};
	struct forward_client client = {
		.local = { .address = { .family = AF_INET,
					.v4.s_addr = htonl(0xc0000201) },
			   .port = 80 },
	};
	struct config_redirect redirect = { .status = 308 };
	struct sluice_http_head head;
	char room[ROOM];
	uint8_t path[ROOM];

	for (size_t i = 0; i < sizeof(redirects) / sizeof(redirects[0]); i++) {
		const uint8_t *buf = (const uint8_t *)redirects[i].in;
		struct forward_request request = { .buf = buf,
						   .head = &head,
						   .client = &client };
		ssize_t length;

		sluice_http_head_init(&head, NULL);
		if (sluice_http_head_parse(&head, buf,
					   (u32)strlen(redirects[i].in)) !=
		    SLUICE_HTTP_DONE)
			abort();
		request.path.data = (char *)path;
		request.path.len = sluice_http_path_normalise(
			buf + head.path.offset, head.path.length, path,
			sizeof(path));
		redirect.to = (char *)redirects[i].to;
		length = forward_location(room, sizeof(room), &redirect,
					  &request);
		forwarding_result(ktap, redirects[i].out, room, length,
				  redirects[i].out);
		ktap_result(ktap,
			    forward_location(room, (size_t)length - 1,
					     &redirect, &request) == -ENOSPC,
			    "without room");
	}
}

static int remove_one(const char *path, const struct stat *status, int kind,
		      struct FTW *place)
{
	(void)status;
	(void)kind;
	(void)place;
	return remove(path);
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	if (!mkdtemp(folder))
		abort();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		test_case(&ktap, &cases[i]);
	test_left(&ktap);
	test_pages(&ktap);
	test_page_errors(&ktap);
	test_pages_sum(&ktap);
	test_locations(&ktap);
	nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return ktap_end(&ktap);
}
