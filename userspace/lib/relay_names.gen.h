/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Do not edit directly, auto-generated from:
 *	Documentation/netlink/specs/sluice-relay.yaml
 * by tools/gen-names.py
 */

#ifndef SLUICE_RELAY_NAMES_GEN_H
#define SLUICE_RELAY_NAMES_GEN_H

/*
 * sluice_relay_<enum>_name() is the name of a value, NULL if it has none.
 * sluice_relay_<enum>_parse() is the value of a name, -1 if there is none.
 * Of flags, a value is one bit.
 */
const char *sluice_relay_add_name(unsigned int v);
int sluice_relay_add_parse(const char *s);
const char *sluice_relay_why_name(unsigned int v);
int sluice_relay_why_parse(const char *s);
const char *sluice_relay_phase_name(unsigned int v);
int sluice_relay_phase_parse(const char *s);

/* Attribute sets, as the numbers of the attributes are counted. */
enum sluice_relay_attr_set {
	SLUICE_RELAY_SET_SERVICE,
	SLUICE_RELAY_SET_CLIENT,
	SLUICE_RELAY_SET_CONFIG,
	SLUICE_RELAY_SET_RETURNED,
	SLUICE_RELAY_SET_STATS,
};

/* The name of an attribute, NULL if the set has none of that number. */
const char *sluice_relay_attr_name(int set, unsigned int type);

/* The set of the attributes in a nest, -1 if the attribute is not a nest. */
int sluice_relay_attr_nested(int set, unsigned int type);

/* The name of a command, NULL if there is none of that number. */
const char *sluice_relay_cmd_name(unsigned int cmd);

/* The set of the attributes of a command, -1 if there is no such command. */
int sluice_relay_cmd_attr_set(unsigned int cmd);

#endif /* SLUICE_RELAY_NAMES_GEN_H */
