// SPDX-License-Identifier: GPL-2.0-or-later
/* "settings show", "settings set", --set and -L --timeout. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "names.gen.h"

#include "../adm.h"
#include "../json.h"
#include "../print.h"

#define CONNECTIONS_MAX "connections-max"
#define RELAY_CLIENTS_MAX "relay-clients-max"

/* Most retries and bytes that the module takes. */
#define RETRIES_MAX 16
#define HELD_MIN (1ull << 20)
#define HELD_MAX (1ull << 40)

/* What ipvsadm's three time-outs mean here, the first is the one shown. */
static const uint8_t seconds_for[3][3] = {
	{ SLUICE_A_TIMEOUTS_TCP_ESTABLISHED },
	{ SLUICE_A_TIMEOUTS_TCP_FIN_WAIT, SLUICE_A_TIMEOUTS_TCP_CLOSE_WAIT },
	{ SLUICE_A_TIMEOUTS_UDP, SLUICE_A_TIMEOUTS_UDP_NEW },
};

int cmd_settings_seconds(struct adm_request *req, unsigned int number,
			 const char *word, struct adm_message *msg)
{
	static const char *const names[] = { "TCP time-out", "TCPFIN time-out",
					     "UDP time-out" };
	uint32_t seconds;
	int err;

	err = adm_parse_number(&seconds, word, 0, SLUICE_TIMEOUT_MAX / 1000,
			       names[number], msg);
	if (err)
		return err;
	for (size_t i = 0; i < ARRAY_SIZE(seconds_for[number]); i++)
		if (seconds_for[number][i])
			req->settings.timeouts[seconds_for[number][i]] =
				seconds * 1000;
	return ADM_DONE;
}

static unsigned int find_timeout(const char *key, size_t length)
{
	for (unsigned int i = 1; i <= SLUICE_A_TIMEOUTS_MAX; i++) {
		const char *name = sluice_attr_name(SLUICE_SET_TIMEOUTS, i);

		if (name && strlen(name) == length &&
		    memcmp(name, key, length) == 0)
			return i;
	}
	return 0;
}

static int parse_timeout(uint32_t *to, const char *word,
			 struct adm_message *msg)
{
	return adm_parse_time(to, word, SLUICE_TIMEOUT_MIN, "time-out", msg);
}

/* "64M", "1G", or a plain number of bytes. */
static int parse_bytes(uint64_t *to, const char *word, struct adm_message *msg)
{
	static const char units[] = "KMG";
	size_t digits = strspn(word, "0123456789");
	const char *unit = word[digits] ? strchr(units, word[digits]) : NULL;
	unsigned long long value;

	if (digits && digits <= 13 && (!word[digits] || unit) &&
	    (!unit || !word[digits + 1])) {
		value = strtoull(word, NULL, 10);
		if (unit && value > HELD_MAX >> (10 * (unit - units + 1)))
			value = HELD_MAX + 1;
		else if (unit)
			value <<= 10 * (unit - units + 1);
		if (value >= HELD_MIN && value <= HELD_MAX) {
			*to = value;
			return ADM_DONE;
		}
	}
	return adm_wrong(
		msg,
		"held-max '%.200s': not 1M to 1024G bytes, as in 67108864 or 64M",
		word);
}

static unsigned int find_sniff(const char *key, size_t length)
{
	for (unsigned int i = 1; i <= SLUICE_A_SNIFF_MAX; i++) {
		const char *name = sluice_attr_name(SLUICE_SET_SNIFF, i);

		if (name && strlen(name) == length &&
		    memcmp(name, key, length) == 0)
			return i;
	}
	return 0;
}

static int parse_sniff(struct sluice_settings *to, unsigned int key,
		       const char *value, struct adm_message *msg)
{
	switch (key) {
	case SLUICE_A_SNIFF_HEAD_TIMEOUT:
		return parse_timeout(&to->head_timeout, value, msg);
	case SLUICE_A_SNIFF_CONNECT_TIMEOUT:
		return parse_timeout(&to->connect_timeout, value, msg);
	case SLUICE_A_SNIFF_CONNECT_RETRIES:
		to->has_connect_retries = true;
		return adm_parse_number(&to->connect_retries, value, 0,
					RETRIES_MAX, "connect-retries", msg);
	default:
		return parse_bytes(&to->held_max, value, msg);
	}
}

static bool is_key(const char *key, const char *word, size_t length)
{
	return length == strlen(key) && memcmp(word, key, length) == 0;
}

int cmd_settings_operand(struct adm_request *req, unsigned int number,
			 const char *word, struct adm_message *msg)
{
	const char *value = strchr(word, '=');
	size_t length = value ? (size_t)(value - word) : 0;
	unsigned int timeout;
	unsigned int sniff;

	(void)number;
	if (!value)
		return adm_wrong(
			msg,
			"'%.200s': not of the form KEY=VALUE, as in udp=30s",
			word);
	if (is_key(CONNECTIONS_MAX, word, length))
		return adm_parse_number(&req->settings.connections_max,
					value + 1, 1, UINT32_MAX,
					CONNECTIONS_MAX, msg);
	if (is_key(RELAY_CLIENTS_MAX, word, length))
		return adm_parse_number(&req->settings.relay_clients_max,
					value + 1, 1, UINT32_MAX,
					RELAY_CLIENTS_MAX, msg);
	timeout = find_timeout(word, length);
	if (timeout)
		return parse_timeout(&req->settings.timeouts[timeout],
				     value + 1, msg);
	sniff = find_sniff(word, length);
	if (sniff)
		return parse_sniff(&req->settings, sniff, value + 1, msg);
	return adm_wrong(msg,
			 "'%.*s': no such setting, see sluiceadm settings show",
			 adm_shown(length), word);
}

static bool nothing_to_set(const struct sluice_settings *settings)
{
	for (unsigned int i = 1; i <= SLUICE_A_TIMEOUTS_MAX; i++)
		if (settings->timeouts[i])
			return false;
	return !settings->connections_max && !settings->head_timeout &&
	       !settings->connect_timeout && !settings->has_connect_retries &&
	       !settings->held_max && !settings->relay_clients_max;
}

int cmd_settings_set(struct adm *adm, const struct adm_request *req)
{
	if (nothing_to_set(&req->settings))
		return ADM_DONE;
	if (sluice_settings_set(adm->sl, &req->settings) < 0)
		return adm_refused(adm, "settings");
	return ADM_DONE;
}

/* In the form that "settings set" takes. */
static void print_text(const struct sluice_settings *settings)
{
	printf("%s=%u\n", CONNECTIONS_MAX, settings->connections_max);
	for (unsigned int i = 1; i <= SLUICE_A_TIMEOUTS_MAX; i++)
		printf("%s=%ums\n", sluice_attr_name(SLUICE_SET_TIMEOUTS, i),
		       settings->timeouts[i]);
	printf("head-timeout=%ums\nconnect-timeout=%ums\nconnect-retries=%u\nheld-max=%" PRIu64
	       "\n",
	       settings->head_timeout, settings->connect_timeout,
	       settings->connect_retries, settings->held_max);
	printf("%s=%u\n", RELAY_CLIENTS_MAX, settings->relay_clients_max);
}

int cmd_settings_show(struct adm *adm, const struct adm_request *req)
{
	struct sluice_settings settings;

	if (sluice_settings_get(adm->sl, &settings) < 0)
		return adm_refused(adm, "settings");
	if (adm_has(req, OPT_JSON))
		return json_print(adm, json_settings(&settings));
	print_text(&settings);
	return ADM_DONE;
}

/* Rounded up: 0 is none. */
static uint32_t shown_seconds(const struct sluice_settings *settings,
			      size_t which)
{
	return (settings->timeouts[seconds_for[which][0]] + 999) / 1000;
}

int cmd_settings_timeouts(struct adm *adm, const struct adm_request *req)
{
	struct sluice_settings settings;

	if (adm_has(req, OPT_JSON))
		return cmd_settings_show(adm, req);
	if (sluice_settings_get(adm->sl, &settings) < 0)
		return adm_refused(adm, "settings");
	printf("Timeout (tcp tcpfin udp): %u %u %u\n",
	       shown_seconds(&settings, 0), shown_seconds(&settings, 1),
	       shown_seconds(&settings, 2));
	return ADM_DONE;
}
