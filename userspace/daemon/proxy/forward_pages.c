// SPDX-License-Identifier: GPL-2.0-or-later
#include "forward_pages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/node.h"

/* Error pages begin here. */
#define FIRST_STATUS 400
#define STATUSES 200

/**
 * struct page_file - a file that was read
 * @path: of the configuration
 * @page: what is in it; without data: it could not be read
 * @next: the one that was read before
 */
struct page_file {
	const char *path;
	struct forward_page page;
	struct page_file *next;
};

/**
 * struct forward_pages - see forward_pages.h
 * @service: whose they are
 * @files: read, the last one first
 * @bytes: in all of them
 * @status: by status from FIRST_STATUS
 * @route: by number of the route, without data: none
 */
struct forward_pages {
	const struct config_service *service;
	struct page_file *files;
	size_t bytes;
	const struct forward_page *status[STATUSES];
	struct forward_page *route;
};

static const struct {
	const char *ending;
	const char *type;
} types[] = {
	{ "html", "text/html; charset=utf-8" },
	{ "htm", "text/html; charset=utf-8" },
	{ "txt", "text/plain; charset=utf-8" },
	{ "css", "text/css; charset=utf-8" },
	{ "js", "text/javascript; charset=utf-8" },
	{ "json", "application/json" },
	{ "xml", "application/xml" },
	{ "svg", "image/svg+xml" },
	{ "png", "image/png" },
	{ "jpg", "image/jpeg" },
	{ "gif", "image/gif" },
	{ "ico", "image/x-icon" },
	{ "webp", "image/webp" },
};

/* A key of the configuration, for messages. */
struct key {
	struct config_errors *errors;
	struct config_place at;
	char name[160];
};

static __attribute__((format(printf, 3, 4))) void
refuse(const struct key *key, const char *path, const char *format, ...)
{
	char why[128];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	config_error_add(key->errors, key->at, "%s: %s: %s", key->name,
			 config_show(path, strlen(path)).text, why);
}

static const char *type_of(const char *path)
{
	const char *name = strrchr(path, '/'), *ending;

	ending = strrchr(name ? name : path, '.');
	for (size_t i = 0; ending && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcasecmp(ending + 1, types[i].ending) == 0)
			return types[i].type;
	return "application/octet-stream";
}

/*
 * To the end, whatever its size was: a file may grow meanwhile.
 *
 * Return: bytes for free(), or NULL after an error.
 */
static char *read_all(int fd, const char *path, const struct key *key,
		      size_t *length)
{
	size_t size = FORWARD_PAGE_MAX + 1, used = 0;
	char *bytes = malloc(size), *fit;
	ssize_t got = 1;

	if (!bytes) {
		refuse(key, path, "out of memory");
		return NULL;
	}
	while (got && used < size) {
		got = read(fd, bytes + used, size - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			refuse(key, path, "%s", strerror(errno));
			goto err_free;
		}
		used += (size_t)got;
	}
	if (used > FORWARD_PAGE_MAX) {
		refuse(key, path, "larger than %u bytes; give a smaller one",
		       FORWARD_PAGE_MAX);
		goto err_free;
	}
	*length = used;
	fit = realloc(bytes, used + 1);
	return fit ? fit : bytes;

err_free:
	free(bytes);
	return NULL;
}

/* Return: bytes for free(), or NULL after an error. */
static char *read_file(const char *path, const struct key *key, size_t *length)
{
	struct stat status;
	char *bytes = NULL;
	int fd;

	/* A pipe is not to be waited for. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		refuse(key, path, "%s", strerror(errno));
		return NULL;
	}
	if (fstat(fd, &status) < 0)
		refuse(key, path, "%s", strerror(errno));
	else if (!S_ISREG(status.st_mode))
		refuse(key, path, "not a regular file");
	else
		bytes = read_all(fd, path, key, length);
	close(fd);
	return bytes;
}

/* Return: the page, or NULL after an error, which is noted once for a file. */
static const struct forward_page *
page_of(struct forward_pages *pages, const char *path, const struct key *key)
{
	struct page_file *file = pages->files;
	size_t length = 0;

	while (file && strcmp(file->path, path) != 0)
		file = file->next;
	if (file)
		return file->page.body.data ? &file->page : NULL;
	file = calloc(1, sizeof(*file));
	if (!file) {
		refuse(key, path, "out of memory");
		return NULL;
	}
	file->path = path;
	file->next = pages->files;
	pages->files = file;
	file->page.type = type_of(path);
	file->page.body.data = read_file(path, key, &length);
	file->page.body.len = (u32)length;
	if (!file->page.body.data)
		return NULL;
	if (length > FORWARD_PAGES_MAX - pages->bytes) {
		refuse(key, path,
		       "all files of the service are larger than %u bytes; give smaller ones",
		       FORWARD_PAGES_MAX);
		return NULL;
	}
	pages->bytes += length;
	return &file->page;
}

static void read_error_pages(struct forward_pages *pages,
			     const struct config_http *http,
			     struct config_errors *errors)
{
	struct key key = {
		.errors = errors,
		.at = config_place_of_key(http->at, "error-pages"),
	};

	for (size_t i = 0; i < http->error_pages.count; i++) {
		const struct check_header *pair = &http->error_pages.items[i];
		unsigned long status = strtoul(pair->name, NULL, 10);

		snprintf(key.name, sizeof(key.name),
			 "services.%s.http.error-pages.%s",
			 pages->service->name, pair->name);
		if (status >= FIRST_STATUS && status < FIRST_STATUS + STATUSES)
			pages->status[status - FIRST_STATUS] =
				page_of(pages, pair->value, &key);
	}
}

static void read_answer(struct forward_pages *pages, size_t which,
			struct config_errors *errors)
{
	const struct config_answer *answer =
		pages->service->routes.items[which].answer;
	const struct forward_page *page;
	struct key key = { .errors = errors };

	if (answer->body) {
		pages->route[which] = (struct forward_page){
			{ answer->body, (u32)strlen(answer->body) },
			"text/plain; charset=utf-8",
		};
		return;
	}
	if (!answer->file)
		return;
	key.at = config_place_of_key(answer->at, "file");
	snprintf(key.name, sizeof(key.name),
		 "services.%s.routes[%zu].answer.file", pages->service->name,
		 which + 1);
	page = page_of(pages, answer->file, &key);
	if (page)
		pages->route[which] = *page;
}

struct forward_pages *forward_pages_create(const struct config_service *service,
					   struct config_errors *errors)
{
	struct forward_pages *pages = calloc(1, sizeof(*pages));
	size_t count = service->routes.count, before;

	if (!pages)
		goto err_memory;
	pages->service = service;
	pages->route = calloc(count ? count : 1, sizeof(*pages->route));
	if (!pages->route)
		goto err_memory;
	before = errors->count + errors->more;
	if (service->http)
		read_error_pages(pages, service->http, errors);
	for (size_t i = 0; i < count; i++)
		if (service->routes.items[i].answer)
			read_answer(pages, i, errors);
	if (errors->count + errors->more == before)
		return pages;
	forward_pages_free(pages);
	return NULL;

err_memory:
	config_error_add(errors, service->at, "out of memory");
	forward_pages_free(pages);
	return NULL;
}

void forward_pages_free(struct forward_pages *pages)
{
	struct page_file *file, *next;

	if (!pages)
		return;
	for (file = pages->files; file; file = next) {
		next = file->next;
		free((char *)file->page.body.data);
		free(file);
	}
	free(pages->route);
	free(pages);
}

const struct forward_page *
forward_pages_status(const struct forward_pages *pages, unsigned int status)
{
	if (!pages || status < FIRST_STATUS ||
	    status >= FIRST_STATUS + STATUSES)
		return NULL;
	return pages->status[status - FIRST_STATUS];
}

const struct forward_page *
forward_pages_route(const struct forward_pages *pages,
		    const struct config_route *route)
{
	const struct forward_page *page;

	if (!pages || !route)
		return NULL;
	page = &pages->route[route - pages->service->routes.items];
	return page->body.data ? page : NULL;
}
