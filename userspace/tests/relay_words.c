// SPDX-License-Identifier: GPL-2.0-or-later
/* Words of stratum relay: what the right ones mean, and what is said of wrong ones. */
#include <stdlib.h>
#include <string.h>

#include "adm.h"
#include "ktap.h"
#include "relay.h"

#define SET "relay set -t 192.0.2.1:80 "

static const struct {
	const char *line;
	int status;
	const char *text;
} wrong[] = {
	{ "relay zap", ADM_USAGE,
	  "relay zap: not one of set, del, show, stats" },
	{ "relay set retries=1", ADM_USAGE, "relay: needs -t" },
	{ "relay set -t 192.0.2.1:80", ADM_USAGE, "relay: needs KEY=VALUE..." },
	{ "relay set -u 192.0.2.1:53 retries=1", ADM_USAGE,
	  "--udp-service: of no use with relay" },
	{ "relay del", ADM_USAGE, "relay: needs -t" },
	{ SET "listen", ADM_USAGE,
	  "'listen': not of the form KEY=VALUE, as in timeout-idle=30s" },
	{ SET "idle=1s", ADM_USAGE,
	  "'idle': not said of stratum relay, see sluiceadm relay show" },
	{ SET "service=1", ADM_USAGE,
	  "'service': not said of stratum relay, see sluiceadm relay show" },
	{ SET "=1", ADM_USAGE,
	  "'': not said of stratum relay, see sluiceadm relay show" },
	{ SET "timeout-head=99", ADM_USAGE,
	  "timeout-head '99': not 100 to 1000000000 milliseconds, as in 500ms, 30s, 15m or 2h" },
	{ SET "timeout-tunnel=", ADM_USAGE,
	  "timeout-tunnel '': not 100 to 1000000000 milliseconds, as in 500ms, 30s, 15m or 2h" },
	{ SET "requests-max=-1", ADM_USAGE,
	  "requests-max '-1': not a number from 0 to 4294967295" },
	{ SET "retries=17", ADM_USAGE,
	  "retries '17': not a number from 0 to 16" },
	{ SET "add=", ADM_USAGE,
	  "add '': not x-forwarded, forwarded and request-id with commas between, or none" },
	{ SET "add=forwarded,", ADM_USAGE,
	  "add 'forwarded,': not x-forwarded, forwarded and request-id with commas between, or none" },
	{ SET "add=none,forwarded", ADM_USAGE,
	  "add 'none,forwarded': not x-forwarded, forwarded and request-id with commas between, or none" },
	{ SET "add=a-name-that-is-longer-than-any-there-is", ADM_USAGE,
	  "add 'a-name-that-is-longer-than-any-there-is': not x-forwarded, forwarded and request-id with commas between, or none" },
	{ SET "websocket=1", ADM_USAGE, "websocket '1': not on or off" },
	{ SET "listen=", ADM_USAGE, "listen '': not on or off" },
	{ SET "keyed=1", ADM_USAGE,
	  "'keyed': not said of stratum relay, see sluiceadm relay show" },
	{ SET "request-id=", ADM_USAGE,
	  "request-id '': not the name of a field of 1 to 63 characters" },
	{ SET "sticky-key=/nowhere/key", ADM_FAILED,
	  "sticky-key /nowhere/key: No such file or directory" },
	{ SET "sticky-key=/dev/null", ADM_USAGE,
	  "sticky-key /dev/null: not a file of 32 bytes" },
	{ SET "sticky-key=/dev/zero", ADM_USAGE,
	  "sticky-key /dev/zero: not a file of 32 bytes" },
	{ "client", ADM_DONE, "" },
	{ "client del", ADM_USAGE, "client: needs ID" },
	{ "client del 1x", ADM_USAGE,
	  "client '1x': not the number of one, see sluiceadm client show" },
	{ "client del +1", ADM_USAGE,
	  "client '+1': not the number of one, see sluiceadm client show" },
	{ "client del 18446744073709551616", ADM_USAGE,
	  "client '18446744073709551616': not the number of one, see sluiceadm client show" },
	{ "client del 18446744073709551615", ADM_DONE, "" },
};

/* As it is written, with all keys. */
#define REST                                                               \
	" timeout-response=60000ms timeout-tunnel=3600000ms requests-max=" \
	"0 retries=16 add=x-forwarded,request-id websocket=on listen=off request-id=X-Id"
#define ALL                                                                  \
	"timeout-head=100ms timeout-idle=1000000000ms timeout-body=30000ms " \
	"timeout-connect=500ms" REST

static const struct {
	const char *line;
	const char *text;
} written[] = {
	{ SET ALL, " " ALL },
	{ SET
	  "request-id=X-Id add=request-id,x-forwarded listen=off websocket=on retries=16 "
	  "requests-max=0 timeout-tunnel=1h timeout-response=1m "
	  "timeout-connect=500 timeout-body=30s timeout-idle=1000000s "
	  "timeout-head=100ms",
	  " " ALL },
	{ SET "listen=on add=none",
	  " timeout-head=0ms timeout-idle=0ms timeout-body=0ms timeout-connect=0ms timeout-response=0ms timeout-tunnel=0ms requests-max=0 retries=0 add=none websocket=off listen=on" },
};

static int read_line(const char *line, struct adm_request *req,
		     struct adm_message *msg)
{
	char *words[32];
	char text[512];
	int count = 0;

	snprintf(text, sizeof(text), "%s", line);
	msg->text[0] = '\0';
	for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
		words[count++] = word;
	words[count] = NULL;
	return adm_parse(req, count, words, msg);
}

static void test_wrong(struct ktap *ktap)
{
	struct adm_request req;
	struct adm_message msg;
	char name[600];
	bool passed;
	int status;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		status = read_line(wrong[i].line, &req, &msg);
		passed = status == wrong[i].status &&
			 strcmp(msg.text, wrong[i].text) == 0;
		if (!passed)
			printf("# '%s' instead of '%s'\n", msg.text,
			       wrong[i].text);
		snprintf(name, sizeof(name), "%s", wrong[i].line);
		ktap_result(ktap, passed, name);
		if (!status)
			adm_request_free(&req);
	}
}

static void test_written(struct ktap *ktap)
{
	struct adm_request req;
	struct adm_message msg;
	char name[600];
	bool passed;
	char *text;
	size_t size;
	FILE *to;

	for (size_t i = 0; i < ARRAY_SIZE(written); i++) {
		text = NULL;
		to = open_memstream(&text, &size);
		if (!to)
			abort();
		passed = read_line(written[i].line, &req, &msg) == ADM_DONE;
		if (passed)
			print_relay_config(to, &req.relay);
		fclose(to);
		passed = passed && strcmp(text, written[i].text) == 0;
		if (!passed)
			printf("# '%s' %s\n", text, msg.text);
		snprintf(name, sizeof(name), "understood: %s", written[i].line);
		ktap_result(ktap, passed, name);
		adm_request_free(&req);
		free(text);
	}
}

/* What is not given is not said. */
static void test_given(struct ktap *ktap)
{
	struct adm_request req;
	struct adm_message msg;
	bool passed;

	passed = read_line(SET "retries=0", &req, &msg) == ADM_DONE &&
		 req.relay.has_retries && !req.relay.has_add &&
		 !req.relay.has_listen && !req.relay.has_websocket &&
		 !req.relay.has_requests_max && !req.relay.timeout_head;
	ktap_result(ktap, passed, "what is not given is not said");
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	test_wrong(&ktap);
	test_written(&ktap);
	test_given(&ktap);
	return ktap_end(&ktap);
}
