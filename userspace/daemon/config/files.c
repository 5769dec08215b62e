// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"

/**
 * struct seen_file - a file that was read
 * @device: with @inode, which file it is, whatever it was called
 * @inode: see @device
 * @name: what it was called
 * @open: what it includes is being read
 */
struct seen_file {
	dev_t device;
	ino_t inode;
	const char *name;
	bool open;
};

/**
 * struct files - files while they are read
 * @tree: where values go
 * @seen: files that were read
 * @count: how many
 * @bytes: in all of them
 * @depth: files that include each other
 * @merged: one map of all
 * @complete: all could be read
 */
struct files {
	struct config_tree *tree;
	struct seen_file seen[CONFIG_FILES_MAX];
	size_t count;
	size_t bytes;
	unsigned int depth;
	struct config_node *merged;
	bool complete;
};

/* Maps whose entries may come from several files. */
static const char *const sections[] = {
	"settings", "certificates", "checks", "pools", "services",
};

static void read_file(struct files *files, const char *path,
		      const struct config_node *by);

/* About a file: at the place that names it, if there is one. */
static void fail(struct files *files, const char *path,
		 const struct config_node *by, const char *why)
{
	struct config_place at = { .file = path };

	files->complete = false;
	if (by)
		config_error_add(files->tree->errors, by->at, "include: %s: %s",
				 path, why);
	else
		config_error_add(files->tree->errors, at, "%s", why);
}

static bool is_section(const struct config_node *node)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (strcmp(node->key->text, sections[i]) == 0)
			return node->kind == CONFIG_MAP;
	return false;
}

/* Add what a file has to what there is. */
static void merge(struct files *files, struct config_node *root, bool included)
{
	struct config_node *node, *next, *there, *entry, *after;

	for (node = root->first; node; node = next) {
		next = node->next;
		there = config_node_find(files->merged, node->key->text);
		/* The first file has it, or says that it is missing. */
		if (included && strcmp(node->key->text, "version") == 0 &&
		    there && node->kind == CONFIG_TEXT &&
		    there->kind == CONFIG_TEXT &&
		    strcmp(node->text, there->text) == 0)
			continue;
		if (included && strcmp(node->key->text, "include") == 0)
			continue;
		if (!there || !is_section(node) || !is_section(there)) {
			config_node_append(files->merged, node);
			continue;
		}
		for (entry = node->first; entry; entry = after) {
			after = entry->next;
			config_node_append(there, entry);
		}
	}
}

static bool has_wildcard(const char *pattern)
{
	return strpbrk(pattern, "*?[");
}

/* A pattern from the folder of the file that it is in. */
static char *full_pattern(struct files *files, const struct config_node *node)
{
	const char *slash = strrchr(node->at.file, '/');
	size_t folder = slash && node->text[0] != '/' ?
				(size_t)(slash - node->at.file) + 1 :
				0;
	char *pattern = config_arena_alloc(files->tree->arena,
					   folder + node->length + 1);

	if (!pattern)
		return NULL;
	if (folder)
		memcpy(pattern, node->at.file, folder);
	memcpy(pattern + folder, node->text, node->length);
	return pattern;
}

/* A folder that is not there has no files; one that cannot be read may have. */
static int is_fatal(const char *path, int error)
{
	(void)path;
	return error != ENOENT && error != ENOTDIR;
}

static void include_pattern(struct files *files, const struct config_node *node)
{
	glob_t found = { 0 };
	char *pattern;
	int err;

	if (node->kind != CONFIG_TEXT || node->length == 0 ||
	    memchr(node->text, '\0', node->length)) {
		files->complete = false;
		config_error_add(
			files->tree->errors, node->at,
			"include: not a name or pattern, as in conf.d/*.yaml");
		return;
	}
	pattern = full_pattern(files, node);
	if (!pattern) {
		fail(files, node->text, node, "out of memory");
		return;
	}
	err = glob(pattern, 0, is_fatal, &found);
	if (err == GLOB_NOMATCH && !has_wildcard(node->text))
		fail(files, pattern, node,
		     "no such file; give one that is there, or a pattern");
	else if (err && err != GLOB_NOMATCH)
		fail(files, pattern, node,
		     err == GLOB_NOSPACE ? "out of memory" :
					   "the folder cannot be read");
	for (size_t i = 0; !err && i < found.gl_pathc; i++) {
		char *path = config_arena_copy(files->tree->arena,
					       found.gl_pathv[i],
					       strlen(found.gl_pathv[i]));

		if (path)
			read_file(files, path, node);
		else
			fail(files, pattern, node, "out of memory");
	}
	globfree(&found);
}

static void include(struct files *files, const struct config_node *node)
{
	const struct config_node *item;

	if (!node)
		return;
	if (node->kind != CONFIG_LIST) {
		include_pattern(files, node);
		return;
	}
	for (item = node->first; item; item = item->next)
		include_pattern(files, item);
}

/* What a file may not be. Return: NULL if it is right. */
static const char *check_file(struct files *files, const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "not a regular file; give one";
	if ((unsigned long long)st->st_size > CONFIG_FILE_MAX)
		return "larger than 16 MB; that is the limit";
	if ((unsigned long long)st->st_size >
	    CONFIG_FILES_BYTES_MAX - files->bytes)
		return "larger than 64 MB with the files before it; that is the limit";
	if (files->count == CONFIG_FILES_MAX)
		return "the 1001st file; 1000 is the limit";
	for (size_t i = 0; i < files->count; i++) {
		const struct seen_file *seen = &files->seen[i];

		if (seen->device != st->st_dev || seen->inode != st->st_ino)
			continue;
		return seen->open ? "includes itself; take it out" :
				    "included already; include it once";
	}
	return NULL;
}

/* Up to the size that was seen: a file that grows meanwhile is cut. */
static ssize_t read_whole(int fd, char *to, size_t size)
{
	size_t used = 0;
	ssize_t got;

	while (used < size) {
		got = read(fd, to + used, size - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		used += (size_t)got;
	}
	return (ssize_t)used;
}

/* The root of a file. Return: NULL after an error. */
static struct config_node *parse_file(struct files *files, const char *path,
				      const struct config_node *by)
{
	struct config_node *root = NULL;
	const char *fault;
	struct stat st;
	char *text;
	ssize_t got;
	int fd;

	/* Not waiting for the writer of a pipe. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0) {
		fail(files, path, by, strerror(errno));
		goto err_close;
	}
	fault = check_file(files, &st);
	if (fault) {
		fail(files, path, by, fault);
		goto err_close;
	}
	text = malloc((size_t)st.st_size + 1);
	got = text ? read_whole(fd, text, (size_t)st.st_size) : -1;
	if (got < 0) {
		fail(files, path, by, strerror(errno));
		goto err_free;
	}
	files->bytes += (size_t)got;
	files->seen[files->count].device = st.st_dev;
	files->seen[files->count].inode = st.st_ino;
	files->seen[files->count].name = path;
	files->seen[files->count].open = true;
	files->count++;
	root = config_files_parse(files->tree, path, text, (size_t)got);
	if (!root)
		files->complete = false;
err_free:
	free(text);
err_close:
	if (fd >= 0)
		close(fd);
	return root;
}

static void read_file(struct files *files, const char *path,
		      const struct config_node *by)
{
	size_t number = files->count;
	struct config_node *root, *patterns;

	if (files->depth == CONFIG_INCLUDE_DEPTH_MAX) {
		fail(files, path, by,
		     "the 9th file that includes another; 8 is the limit");
		return;
	}
	root = parse_file(files, path, by);
	if (!root)
		return;
	files->depth++;
	/* Merging takes the map apart. */
	patterns = config_node_find(root, "include");
	if (!files->merged)
		files->merged = root;
	else
		merge(files, root, true);
	include(files, patterns);
	files->depth--;
	files->seen[number].open = false;
}

/* What two files have, each of its own. */
static void refuse_twins(struct config_tree *tree, struct config_node *merged)
{
	char path[32];

	config_node_refuse_twins(tree, merged, "");
	for (struct config_node *node = merged->first; node;
	     node = node->next) {
		if (!is_section(node))
			continue;
		snprintf(path, sizeof(path), "%s.", node->key->text);
		config_node_refuse_twins(tree, node, path);
	}
}

struct config_node *config_files_read(struct config_tree *tree,
				      const char *path, bool *complete)
{
	struct files *files = calloc(1, sizeof(*files));
	struct config_node *merged;

	*complete = false;
	if (!files) {
		config_error_add(tree->errors,
				 (struct config_place){ .file = path },
				 "out of memory");
		return NULL;
	}
	files->tree = tree;
	files->complete = true;
	read_file(files, path, NULL);
	merged = files->merged;
	if (merged)
		refuse_twins(tree, merged);
	*complete = files->complete;
	free(files);
	return merged;
}

struct config_node *config_files_parse(struct config_tree *tree,
				       const char *name, const char *text,
				       size_t length)
{
	struct config_node *root = config_yaml_parse(tree, name, text, length);

	if (!root || root->kind == CONFIG_MAP)
		return root;
	config_error_add(
		tree->errors, root->at,
		"not a map; a configuration has keys such as version, pools and services");
	return NULL;
}
