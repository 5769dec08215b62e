/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Do not edit directly, auto-generated from:
 *	Documentation/netlink/specs/sluice.yaml
 * by tools/gen-names.py
 */

#ifndef SLUICE_NAMES_GEN_H
#define SLUICE_NAMES_GEN_H

/*
 * sluice_<enum>_name() is the name of a value, NULL if it has none.
 * sluice_<enum>_parse() is the value of a name, -1 if there is none.
 * Of flags, a value is one bit.
 */
const char *sluice_forward_name(unsigned int v);
int sluice_forward_parse(const char *s);
const char *sluice_server_state_name(unsigned int v);
int sluice_server_state_parse(const char *s);
const char *sluice_conn_state_name(unsigned int v);
int sluice_conn_state_parse(const char *s);
const char *sluice_strata_name(unsigned int v);
int sluice_strata_parse(const char *s);
const char *sluice_stratum_name(unsigned int v);
int sluice_stratum_parse(const char *s);
const char *sluice_parse_name(unsigned int v);
int sluice_parse_parse(const char *s);
const char *sluice_path_how_name(unsigned int v);
int sluice_path_how_parse(const char *s);
const char *sluice_condition_what_name(unsigned int v);
int sluice_condition_what_parse(const char *s);
const char *sluice_condition_how_name(unsigned int v);
int sluice_condition_how_parse(const char *s);
const char *sluice_route_action_name(unsigned int v);
int sluice_route_action_parse(const char *s);
const char *sluice_fate_name(unsigned int v);
int sluice_fate_parse(const char *s);

/* Attribute sets, as the numbers of the attributes are counted. */
enum sluice_attr_set {
	SLUICE_SET_STATS,
	SLUICE_SET_REFUSALS,
	SLUICE_SET_SERVICE,
	SLUICE_SET_POOL,
	SLUICE_SET_SERVER,
	SLUICE_SET_CONNECTION,
	SLUICE_SET_TIMEOUTS,
	SLUICE_SET_SNIFF,
	SLUICE_SET_SETTINGS,
	SLUICE_SET_ROUTE_CONDITION,
	SLUICE_SET_ROUTE_SOURCE,
	SLUICE_SET_ROUTE_MATCH,
	SLUICE_SET_ROUTE_POOL,
	SLUICE_SET_ROUTE,
	SLUICE_SET_INFO,
	SLUICE_SET_TRANSACTION,
};

/* The name of an attribute, NULL if the set has none of that number. */
const char *sluice_attr_name(int set, unsigned int type);

/* The set of the attributes in a nest, -1 if the attribute is not a nest. */
int sluice_attr_nested(int set, unsigned int type);

/* The name of a command, NULL if there is none of that number. */
const char *sluice_cmd_name(unsigned int cmd);

/* The set of the attributes of a command, -1 if there is no such command. */
int sluice_cmd_attr_set(unsigned int cmd);

#endif /* SLUICE_NAMES_GEN_H */
