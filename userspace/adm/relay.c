// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is said of a service of stratum relay, as words: KEY=VALUE, where the keys
 * are names of attributes.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "relay.h"
#include "relay_names.gen.h"

/* Most retries that the module takes. */
#define RETRIES_MAX 16

#define NONE "none"

uint32_t *adm_relay_timeout(struct sluice_relay_config *config,
			    unsigned int attr)
{
	switch (attr) {
	case SLUICE_RELAY_A_CONFIG_TIMEOUT_HEAD:
		return &config->timeout_head;
	case SLUICE_RELAY_A_CONFIG_TIMEOUT_IDLE:
		return &config->timeout_idle;
	case SLUICE_RELAY_A_CONFIG_TIMEOUT_BODY:
		return &config->timeout_body;
	case SLUICE_RELAY_A_CONFIG_TIMEOUT_CONNECT:
		return &config->timeout_connect;
	case SLUICE_RELAY_A_CONFIG_TIMEOUT_RESPONSE:
		return &config->timeout_response;
	case SLUICE_RELAY_A_CONFIG_TIMEOUT_TUNNEL:
		return &config->timeout_tunnel;
	default:
		return NULL;
	}
}

static const char *key_name(unsigned int attr)
{
	return sluice_relay_attr_name(SLUICE_RELAY_SET_CONFIG, attr);
}

static unsigned int find_key(const char *key, size_t length)
{
	for (unsigned int i = SLUICE_RELAY_A_CONFIG_SERVICE + 1;
	     i <= SLUICE_RELAY_A_CONFIG_MAX; i++) {
		const char *name = key_name(i);

		/* Which is only told. */
		if (i == SLUICE_RELAY_A_CONFIG_KEYED)
			continue;
		if (strlen(name) == length && memcmp(name, key, length) == 0)
			return i;
	}
	return 0;
}

/* "x-forwarded,request-id", or "none". */
static int take_add(struct sluice_relay_config *to, const char *value,
		    struct adm_message *msg)
{
	const char *at = value;
	char name[32];
	size_t length;
	int bit;

	to->has_add = true;
	to->add = 0;
	if (strcmp(value, NONE) == 0)
		return ADM_DONE;
	for (;; at += length + 1) {
		length = strcspn(at, ",");
		bit = -1;
		if (length < sizeof(name)) {
			memcpy(name, at, length);
			name[length] = '\0';
			bit = sluice_relay_add_parse(name);
		}
		if (bit < 0)
			return adm_wrong(
				msg,
				"add '%.200s': not x-forwarded, forwarded and request-id with commas between, or none",
				value);
		to->add |= (uint32_t)bit;
		if (!at[length])
			return ADM_DONE;
	}
}

static int take_switch(bool *to, const char *value, const char *key,
		       struct adm_message *msg)
{
	*to = strcmp(value, "on") == 0;
	if (*to || strcmp(value, "off") == 0)
		return ADM_DONE;
	return adm_wrong(msg, "%s '%.200s': not on or off", key, value);
}

static int take_request_id(struct sluice_relay_config *to, const char *value,
			   struct adm_message *msg)
{
	size_t length = strlen(value);

	if (!length || length > SLUICE_RELAY_FIELD_LEN)
		return adm_wrong(
			msg,
			"request-id '%.100s': not the name of a field of 1 to %d characters",
			value, SLUICE_RELAY_FIELD_LEN);
	memcpy(to->request_id, value, length + 1);
	return ADM_DONE;
}

/* A file, so that other users do not see the key among the words of a process. */
static int take_sticky_key(struct sluice_relay_config *to, const char *path,
			   struct adm_message *msg)
{
	uint8_t bytes[SLUICE_RELAY_STICKY_KEY_LEN + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));
	int err = errno;

	if (fd >= 0)
		close(fd);
	to->has_sticky_key = got == SLUICE_RELAY_STICKY_KEY_LEN;
	if (to->has_sticky_key)
		memcpy(to->sticky_key, bytes, SLUICE_RELAY_STICKY_KEY_LEN);
	explicit_bzero(bytes, sizeof(bytes));
	if (got < 0) {
		adm_wrong(msg, "sticky-key %.200s: %s", path, strerror(err));
		return ADM_FAILED;
	}
	if (!to->has_sticky_key)
		return adm_wrong(msg,
				 "sticky-key %.200s: not a file of %d bytes",
				 path, SLUICE_RELAY_STICKY_KEY_LEN);
	return ADM_DONE;
}

static int take_value(struct sluice_relay_config *to, unsigned int attr,
		      const char *value, struct adm_message *msg)
{
	uint32_t retries = 0;
	int err;

	switch (attr) {
	case SLUICE_RELAY_A_CONFIG_REQUESTS_MAX:
		to->has_requests_max = true;
		return adm_parse_number(&to->requests_max, value, 0, UINT32_MAX,
					key_name(attr), msg);
	case SLUICE_RELAY_A_CONFIG_RETRIES:
		err = adm_parse_number(&retries, value, 0, RETRIES_MAX,
				       key_name(attr), msg);
		to->has_retries = true;
		to->retries = (uint8_t)retries;
		return err;
	case SLUICE_RELAY_A_CONFIG_ADD:
		return take_add(to, value, msg);
	case SLUICE_RELAY_A_CONFIG_WEBSOCKET:
		to->has_websocket = true;
		return take_switch(&to->websocket, value, key_name(attr), msg);
	case SLUICE_RELAY_A_CONFIG_LISTEN:
		to->has_listen = true;
		return take_switch(&to->listen, value, key_name(attr), msg);
	case SLUICE_RELAY_A_CONFIG_REQUEST_ID:
		return take_request_id(to, value, msg);
	case SLUICE_RELAY_A_CONFIG_STICKY_KEY:
		return take_sticky_key(to, value, msg);
	default:
		return adm_parse_time(adm_relay_timeout(to, attr), value,
				      SLUICE_RELAY_TIMEOUT_MIN, key_name(attr),
				      msg);
	}
}

int adm_relay_take(struct sluice_relay_config *to, const char *word,
		   struct adm_message *msg)
{
	const char *value = strchr(word, '=');
	size_t length = value ? (size_t)(value - word) : 0;
	unsigned int attr;

	if (!value)
		return adm_wrong(
			msg,
			"'%.200s': not of the form KEY=VALUE, as in timeout-idle=30s",
			word);
	attr = find_key(word, length);
	if (!attr)
		return adm_wrong(
			msg,
			"'%.*s': not said of stratum relay, see sluiceadm relay show",
			adm_shown(length), word);
	return take_value(to, attr, value + 1, msg);
}

static void print_add(FILE *to, uint32_t add)
{
	const char *between = "";

	fputs(" add=", to);
	for (unsigned int bit = 0; bit < 32; bit++) {
		const char *name = sluice_relay_add_name(BIT(bit));

		if (!(add & BIT(bit)) || !name)
			continue;
		fprintf(to, "%s%s", between, name);
		between = ",";
	}
	if (!between[0])
		fputs(NONE, to);
}

void print_relay_config(FILE *to, const struct sluice_relay_config *config)
{
	struct sluice_relay_config copy = *config;

	for (unsigned int i = 1; i <= SLUICE_RELAY_A_CONFIG_MAX; i++) {
		const uint32_t *timeout = adm_relay_timeout(&copy, i);

		if (timeout)
			fprintf(to, " %s=%ums", key_name(i), *timeout);
	}
	fprintf(to, " requests-max=%u retries=%u", config->requests_max,
		config->retries);
	print_add(to, config->add);
	fprintf(to, " websocket=%s listen=%s", config->websocket ? "on" : "off",
		config->listen ? "on" : "off");
	if (config->request_id[0])
		fprintf(to, " request-id=%s", config->request_id);
}
