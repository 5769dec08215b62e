/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of a configuration, put together to one tree. */
#ifndef CONFIG_FILES_H
#define CONFIG_FILES_H

#include "node.h"

/* Bytes of one file, and of all. */
#define CONFIG_FILE_MAX (16U << 20)
#define CONFIG_FILES_BYTES_MAX (64U << 20)
/* Files, and files that include each other in a row. */
#define CONFIG_FILES_MAX 1000
#define CONFIG_INCLUDE_DEPTH_MAX 8

/**
 * config_files_read() - read a file and all that it includes
 * @tree: where values go
 * @path: the file
 * @complete: whether everything was read; if not, what is missing may be in what
 *   was not
 *
 * Return: one map with the sections of all files, or NULL after an error.
 */
struct config_node *config_files_read(struct config_tree *tree,
				      const char *path, bool *complete);

/**
 * config_files_parse() - the same for a text in memory, which includes nothing
 * @tree: where values go
 * @name: what to call it
 * @text: bytes
 * @length: how many
 *
 * Return: a map, or NULL after an error.
 */
struct config_node *config_files_parse(struct config_tree *tree,
				       const char *name, const char *text,
				       size_t length);

#endif /* CONFIG_FILES_H */
