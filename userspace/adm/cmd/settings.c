// SPDX-License-Identifier: GPL-2.0-or-later
/* "settings show", "settings set", --set and -L --timeout. */
#include <stdlib.h>
#include <string.h>

#include "names.gen.h"

#include "../adm.h"
#include "../json.h"
#include "../print.h"

#define CONNECTIONS_MAX "connections-max"

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

/* "500ms", "30s", "15m", "2h", or a plain number of milliseconds. */
static int parse_time(uint32_t *to, const char *word, struct adm_message *msg)
{
	static const struct {
		const char *name;
		uint32_t milliseconds;
	} units[] = { { "ms", 1 },
		      { "", 1 },
		      { "s", 1000 },
		      { "m", 60000 },
		      { "h", 3600000 } };
	size_t digits = strspn(word, "0123456789");
	unsigned long long value;

	for (size_t i = 0; digits && digits <= 10 && i < ARRAY_SIZE(units);
	     i++) {
		if (strcmp(word + digits, units[i].name) != 0)
			continue;
		value = strtoull(word, NULL, 10) * units[i].milliseconds;
		if (value < SLUICE_TIMEOUT_MIN || value > SLUICE_TIMEOUT_MAX)
			break;
		*to = (uint32_t)value;
		return ADM_DONE;
	}
	return adm_wrong(
		msg,
		"time-out '%s': not %u to %u milliseconds, as in 500ms, 30s, 15m or 2h",
		word, SLUICE_TIMEOUT_MIN, SLUICE_TIMEOUT_MAX);
}

int cmd_settings_operand(struct adm_request *req, unsigned int number,
			 const char *word, struct adm_message *msg)
{
	const char *value = strchr(word, '=');
	size_t length = value ? (size_t)(value - word) : 0;
	unsigned int timeout;

	(void)number;
	if (!value)
		return adm_wrong(
			msg, "'%s': not of the form KEY=VALUE, as in udp=30s",
			word);
	if (length == strlen(CONNECTIONS_MAX) &&
	    memcmp(word, CONNECTIONS_MAX, length) == 0)
		return adm_parse_number(&req->settings.connections_max,
					value + 1, 1, UINT32_MAX,
					CONNECTIONS_MAX, msg);
	timeout = find_timeout(word, length);
	if (timeout)
		return parse_time(&req->settings.timeouts[timeout], value + 1,
				  msg);
	return adm_wrong(msg,
			 "'%.*s': no such setting, see sluiceadm settings show",
			 (int)length, word);
}

static bool nothing_to_set(const struct sluice_settings *settings)
{
	static const struct sluice_settings nothing;

	return memcmp(settings, &nothing, sizeof(nothing)) == 0;
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

int cmd_settings_timeouts(struct adm *adm, const struct adm_request *req)
{
	struct sluice_settings settings;

	if (adm_has(req, OPT_JSON))
		return cmd_settings_show(adm, req);
	if (sluice_settings_get(adm->sl, &settings) < 0)
		return adm_refused(adm, "settings");
	printf("Timeout (tcp tcpfin udp): %u %u %u\n",
	       settings.timeouts[seconds_for[0][0]] / 1000,
	       settings.timeouts[seconds_for[1][0]] / 1000,
	       settings.timeouts[seconds_for[2][0]] / 1000);
	return ADM_DONE;
}
