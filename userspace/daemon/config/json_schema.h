/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The schema for editors (JSON Schema, draft 2020-12). */
#ifndef CONFIG_JSON_SCHEMA_H
#define CONFIG_JSON_SCHEMA_H

#include <stdbool.h>
#include <stdio.h>

/**
 * config_json_schema_print() - write the schema
 * @to: where
 *
 * What JSON Schema has no word for is in keys that begin with x-sluice-: the
 * stratum that a key or word needs (-stratum, -word-strata), the words of the
 * key "type" and the like with which a key is there (-only), the form of a text
 * (-form) and the range of a time, size or percentage (-range).
 *
 * Return: false if it could not be made or written.
 */
bool config_json_schema_print(FILE *to);

#endif /* CONFIG_JSON_SCHEMA_H */
