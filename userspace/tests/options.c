// SPDX-License-Identifier: GPL-2.0-or-later
/* Command lines: what the right ones mean, and what is said of wrong ones. */
#include <arpa/inet.h>
#include <string.h>

#include "adm.h"
#include "ktap.h"

/* Most words of a line below. */
#define WORDS 32

static const struct {
	const char *line;
	const char *text;
} wrong[] = {
	{ "-n",
	  "no command: one of -A -E -D -C -a -e -d -L -Z -S -R --set, see sluiceadm --help" },
	{ "-A -D", "-A and -D: one command at a time" },
	{ "-A", "-A: needs -t or -u" },
	{ "-a -t 192.0.2.1:80", "-a: needs -r" },
	{ "-a -r 10.0.0.1:80", "-a: needs -t, -u or --pool" },
	{ "-E -t 192.0.2.1:80",
	  "-E: needs --pool, -s, --slow-path or --parse" },
	{ "-E -t 192.0.2.1:80 --slow-path yes",
	  "slow-path 'yes': not on or off" },
	{ "-E -t 192.0.2.1:80 --slow-path", "--slow-path: a value is missing" },
	{ "-D -t 192.0.2.1:80 --slow-path on",
	  "--slow-path: of no use with -D" },
	{ "-e -t 192.0.2.1:80 -r 10.0.0.1",
	  "-e: needs -m, -g, -i, --forward, -w, --state, --deadline or --reason" },
	{ "-A -t 192.0.2.1:80 -u 192.0.2.1:80", "-t and -u: not together" },
	{ "-A -t 192.0.2.1:80 -t 192.0.2.1:80", "--tcp-service: given twice" },
	{ "-a -t 192.0.2.1:80 --pool web -r 10.0.0.1",
	  "-t and --pool: not together" },
	{ "-D -t 192.0.2.1:80 -s rr", "--scheduler: of no use with -D" },
	{ "-D -t 192.0.2.1:80 extra", "'extra': nothing more may follow -D" },
	{ "-A -t", "-t: a value is missing" },
	{ "-A --tcp-service", "--tcp-service: a value is missing" },
	{ "-L --numeric=1", "--numeric: takes no value" },
	{ "-L --list=1", "--list: takes no value" },
	{ "-Lq", "-q: no such option, see sluiceadm --help" },
	{ "--lis", "--lis: no such option, see sluiceadm --help" },
	{ "--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	  "--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: no such option, see sluiceadm --help" },
	{ "-A -t 192.0.2.1:80 -g", "--gatewaying: of no use with -A" },
	{ "-a -t 192.0.2.1:80 -r 10.0.0.1 -g -i", "-g and -i: not together" },
	{ "-a -t 192.0.2.1:80 -r 10.0.0.1 -m --forward nat",
	  "-m and --forward: not together" },
	{ "-a -t 192.0.2.1:80 -r 10.0.0.1 --forward Route",
	  "forwarding method 'Route': not nat, dr or tunnel" },
	{ "-a -t 192.0.2.1:80 -r 10.0.0.1 --forward=",
	  "forwarding method '': not nat, dr or tunnel" },
	{ "-a -t 192.0.2.1:80 -r 10.0.0.1 -i --tun-type gue",
	  "tunnel type 'gue': not ipip" },
	{ "-a --pool web -r 10.0.0.1 -g",
	  "server '10.0.0.1': no port, as in 10.0.0.1:80" },
	{ "-A -f 1",
	  "--fwmark-service is not available: only TCP and UDP services (-t, -u)" },
	{ "-A -t 192.0.2.1:80 --persistent",
	  "--persistent is not available: there is no persistence" },
	{ "-A -t 192.0.2.1",
	  "service '192.0.2.1': no port, as in 192.0.2.1:80" },
	{ "-A -t 192.0.2.1:",
	  "port '': not a number from 1 to 65535 nor a tcp service name" },
	{ "-A -t 192.0.2.1:0", "port '0': not a number from 1 to 65535" },
	{ "-A -t 192.0.2.1:65536",
	  "port '65536': not a number from 1 to 65535" },
	{ "-A -t 192.0.2.1:99999999999",
	  "port '99999999999': not a number from 1 to 65535" },
	{ "-A -t 192.0.2.1:-1",
	  "port '-1': not a number from 1 to 65535 nor a tcp service name" },
	{ "-A -u 192.0.2.1:80x",
	  "port '80x': not a number from 1 to 65535 nor a udp service name" },
	{ "-A -t 192.0.2.256:80",
	  "service '192.0.2.256': not an IPv4 address, host name or [IPv6 address]" },
	{ "-A -t 192.0.2:80",
	  "service '192.0.2': not an IPv4 address, host name or [IPv6 address]" },
	{ "-A -t 0x7f000001:80",
	  "service '0x7f000001': not an IPv4 address, host name or [IPv6 address]" },
	{ "-A -t 192.0.2.1x:80",
	  "service '192.0.2.1x': not an IPv4 address, host name or [IPv6 address]" },
	{ "-A -t :80",
	  "service '': not an IPv4 address, host name or [IPv6 address]" },
	{ "-A -t 2001:db8::1:80",
	  "service '2001:db8::1:80': an IPv6 address is written in brackets, as in [2001:db8::1]:80" },
	{ "-A -t [2001:db8::1:80",
	  "service '[2001:db8::1:80': not of the form [address]:port" },
	{ "-A -t [2001:db8::1]80",
	  "service '[2001:db8::1]80': not of the form [address]:port" },
	{ "-A -t [2001:db8::1]",
	  "service '[2001:db8::1]': no port, as in [2001:db8::1]:80" },
	{ "-A -t [2001:db8::g]:80",
	  "service '2001:db8::g': not an IPv6 address" },
	{ "-A -t [fe80::1%eth0]:80",
	  "service 'fe80::1%eth0': not an IPv6 address" },
	{ "-A -t [192.0.2.1]:80", "service '192.0.2.1': not an IPv6 address" },
	{ "-a -t 192.0.2.1:80 -r [2001:db8::1]",
	  "server '2001:db8::1': not an IPv4 address like the service" },
	{ "-a -u [2001:db8::1]:53 -r 10.0.0.1",
	  "server '10.0.0.1': not an IPv6 address like the service" },
	{ "-a --pool web -r 10.0.0.1",
	  "server '10.0.0.1': no port, as in 10.0.0.1:80" },
	{ "-a -t 192.0.2.1:80 -r 10.0.0.1 -w 65536",
	  "weight '65536': not a number from 0 to 65535" },
	{ "-a -t 192.0.2.1:80 -r 10.0.0.1 -w -1",
	  "weight '-1': not a number from 0 to 65535" },
	{ "-a -t 192.0.2.1:80 -r 10.0.0.1 -w 1x",
	  "weight '1x': not a number from 0 to 65535" },
	{ "-a -t 192.0.2.1:80 -r 10.0.0.1 -w 4294967297",
	  "weight '4294967297': not a number from 0 to 65535" },
	{ "-a -t 192.0.2.1:80 -r 10.0.0.1 --weight=",
	  "weight '': not a number from 0 to 65535" },
	{ "-e -t 192.0.2.1:80 -r 10.0.0.1 --state on",
	  "state 'on': not up, draining or down" },
	{ "-e -t 192.0.2.1:80 -r 10.0.0.1 --deadline soon",
	  "deadline 'soon': not 0 to 1000000000 milliseconds, as in 500ms, 30s, 15m or 2h" },
	{ "-e -t 192.0.2.1:80 -r 10.0.0.1 --deadline 278h",
	  "deadline '278h': not 0 to 1000000000 milliseconds, as in 500ms, 30s, 15m or 2h" },
	{ "-e -t 192.0.2.1:80 -r 10.0.0.1 --reason=",
	  "reason '': not 1 to 127 printable ASCII characters" },
	{ "-e -t 192.0.2.1:80 -r 10.0.0.1 --reason a\tb",
	  "reason 'a\tb': not 1 to 127 printable ASCII characters" },
	{ "-D -t 192.0.2.1:80 --deadline 1s", "--deadline: of no use with -D" },
	{ "pool set web --on-down close",
	  "on-down 'close': not keep, reset or rebalance" },
	{ "pool set web --on-drain keep",
	  "on-drain 'keep': not reset or rebalance" },
	{ "-A -t 192.0.2.1:80 --on-down reset",
	  "--on-down: of no use with -A" },
	{ "--set 1 2", "--set: needs TCP TCPFIN UDP" },
	{ "--set 1 2 3 4", "'4': nothing more may follow --set" },
	{ "--set 1 2 3s", "UDP time-out '3s': not a number from 0 to 1000000" },
	{ "--set 1000001 0 0",
	  "TCP time-out '1000001': not a number from 0 to 1000000" },
	{ "-L --stats --rate", "--stats and --rate: not together" },
	{ "-L -c --timeout", "-c and --timeout: not together" },
	{ "-L --sort --nosort", "--sort and --nosort: not together" },
	{ "-L --interval 5", "--interval: only with --rate" },
	{ "-L --rate --interval 0",
	  "interval '0': not a number from 1 to 3600" },
	{ "-L --client 10.0.0.1", "-r and --client: only with -c" },
	{ "-S --json", "--json: of no use with -S" },
	{ "-L --refused --stats", "--stats and --refused: not together" },
	{ "-A -t 192.0.2.1:80 --stratum layer7",
	  "stratum 'layer7': not flow, sniff or relay" },
	{ "-A -t 192.0.2.1:80 --stratum sniff --parse smtp",
	  "parse 'smtp': not tls or http" },
	{ "-E -t 192.0.2.1:80 --stratum sniff",
	  "-E: needs --pool, -s, --slow-path or --parse" },
	{ "pool set web",
	  "pool: needs -s, --proxy-protocol, --on-down, --on-drain or --sticky" },
	{ "pool set web --sticky=",
	  "sticky '': not a cookie of 1 to 255 characters, COOKIE:POOL or off" },
	{ "pool set web --sticky=:web",
	  "sticky ':web': not a cookie of 1 to 255 characters, COOKIE:POOL or off" },
	{ "pool set web --sticky ID:",
	  "pool '': not 1 to 63 printable characters without blanks" },
	{ "-A -t 192.0.2.1:80 --sticky ID", "--sticky: of no use with -A" },
	{ "pool set web --proxy-protocol v1",
	  "proxy-protocol 'v1': not v2 or off" },
	{ "settings set connect-retries=17",
	  "connect-retries '17': not a number from 0 to 16" },
	{ "settings set held-max=1K",
	  "held-max '1K': not 1M to 1024G bytes, as in 67108864 or 64M" },
	{ "settings set held-max=1025G",
	  "held-max '1025G': not 1M to 1024G bytes, as in 67108864 or 64M" },
	{ "settings set held-max=64MB",
	  "held-max '64MB': not 1M to 1024G bytes, as in 67108864 or 64M" },
	{ "settings set held-max=",
	  "held-max '': not 1M to 1024G bytes, as in 67108864 or 64M" },
	{ "frobnicate", "frobnicate: no such command, see sluiceadm --help" },
	{ "pool frobnicate",
	  "pool frobnicate: not one of add, set, del, show" },
	{ "daemon zap",
	  "daemon zap: not one of show, reload, drain, down, up, weight, add, remove, route-add, route-remove, forget" },
	{ "server show -t 10.0.0.1:80 --pool p",
	  "-t and --pool: not together" },
	{ "service zap", "service zap: not one of add, set, del, show" },
	{ "stats", "stats: one of reset has to follow" },
	{ "pool add --family inet", "pool: needs NAME" },
	{ "pool add web", "pool: needs --family" },
	{ "pool add web --family ipv4", "family 'ipv4': not inet or inet6" },
	{ "pool add aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa --family inet",
	  "pool 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa': not 1 to 63 printable characters without blanks" },
	{ "pool add w\xc3\xa9"
	  "b --family inet",
	  "pool 'w\xc3\xa9"
	  "b': not 1 to 63 printable characters without blanks" },
	{ "settings set", "settings: needs KEY=VALUE..." },
	{ "settings set udp",
	  "'udp': not of the form KEY=VALUE, as in udp=30s" },
	{ "settings set udp=99",
	  "time-out '99': not 100 to 1000000000 milliseconds, as in 500ms, 30s, 15m or 2h" },
	{ "settings set udp=278h",
	  "time-out '278h': not 100 to 1000000000 milliseconds, as in 500ms, 30s, 15m or 2h" },
	{ "settings set udp=30sec",
	  "time-out '30sec': not 100 to 1000000000 milliseconds, as in 500ms, 30s, 15m or 2h" },
	{ "settings set ud=30s",
	  "'ud': no such setting, see sluiceadm settings show" },
	{ "settings set =30s",
	  "'': no such setting, see sluiceadm settings show" },
	{ "settings set connections-max=0",
	  "connections-max '0': not a number from 1 to 4294967295" },
	{ "settings set connections-max=4294967296",
	  "connections-max '4294967296': not a number from 1 to 4294967295" },
	{ "settings set relay-clients-max=0",
	  "relay-clients-max '0': not a number from 1 to 4294967295" },
	{ "settings set relay-clients=5",
	  "'relay-clients': no such setting, see sluiceadm settings show" },
};

/* Cut at blanks. Return: number of words. */
static int cut(char *text, char *words[WORDS + 1])
{
	int count = 0;
	char *rest;

	for (char *word = strtok_r(text, " ", &rest); word && count < WORDS;
	     word = strtok_r(NULL, " ", &rest))
		words[count++] = word;
	words[count] = NULL;
	return count;
}

static int parse(const char *line, struct adm_request *req,
		 struct adm_message *msg)
{
	char *words[WORDS + 1];
	char text[512];
	int count;

	snprintf(text, sizeof(text), "%s", line);
	count = cut(text, words);
	msg->text[0] = '\0';
	return adm_parse(req, count, words, msg);
}

static void test_wrong(struct ktap *ktap)
{
	struct adm_message msg;
	struct adm_request req;
	char name[600];
	bool passed;
	int status;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		status = parse(wrong[i].line, &req, &msg);
		passed = status == ADM_USAGE &&
			 strcmp(msg.text, wrong[i].text) == 0;
		if (!passed)
			printf("# status %d, '%s' instead of '%s'\n", status,
			       msg.text, wrong[i].text);
		snprintf(name, sizeof(name), "refused: %s", wrong[i].line);
		ktap_result(ktap, passed, name);
	}
}

static bool is_endpoint(const struct sluice_endpoint *at, const char *address,
			uint16_t port)
{
	char text[INET6_ADDRSTRLEN];

	return at->address.family && at->port == port &&
	       inet_ntop(at->address.family, &at->address.v4, text,
			 sizeof(text)) &&
	       strcmp(text, address) == 0;
}

static bool empty_line_lists(const struct adm_request *req)
{
	return req->command->run == cmd_service_show && req->given == 0;
}

static bool add_service(const struct adm_request *req)
{
	return req->command->run == cmd_service_add &&
	       req->service.protocol == IPPROTO_TCP &&
	       is_endpoint(&req->service.at, "192.0.2.1", 80) &&
	       strcmp(req->scheduler, "wrr") == 0;
}

static bool add_slow_service(const struct adm_request *req)
{
	return req->command->run == cmd_service_add &&
	       adm_has(req, OPT_SLOW_PATH) && req->slow_path;
}

static bool set_fast_service(const struct adm_request *req)
{
	return req->command->run == cmd_service_set &&
	       req->given == (BIT(OPT_TCP_SERVICE) | BIT(OPT_SLOW_PATH)) &&
	       !req->slow_path;
}

static bool add_service_v6(const struct adm_request *req)
{
	return req->command->run == cmd_service_add &&
	       req->service.protocol == IPPROTO_UDP &&
	       is_endpoint(&req->service.at, "2001:db8::1", 53);
}

static bool add_server(const struct adm_request *req)
{
	return req->command->run == cmd_server_add &&
	       is_endpoint(&req->service.at, "192.0.2.1", 80) &&
	       is_endpoint(&req->server, "10.0.0.1", 80) && req->weight == 5 &&
	       adm_has(req, OPT_WEIGHT) && adm_has(req, OPT_MASQUERADING) &&
	       req->forward == SLUICE_FORWARD_NAT && !adm_has(req, OPT_STATE);
}

/* Beside a service, the port is the service's. */
static bool add_server_dr(const struct adm_request *req)
{
	return req->command->run == cmd_server_add &&
	       is_endpoint(&req->server, "10.0.0.1", 80) &&
	       (req->given & OPTS_FORWARD) && req->forward == SLUICE_FORWARD_DR;
}

static bool add_server_tunnel(const struct adm_request *req)
{
	return req->command->run == cmd_server_add &&
	       is_endpoint(&req->server, "2001:db8::2", 53) &&
	       (req->given & OPTS_FORWARD) &&
	       req->forward == SLUICE_FORWARD_TUNNEL;
}

static bool set_pool_dr(const struct adm_request *req)
{
	return req->command->run == cmd_server_set &&
	       is_endpoint(&req->server, "10.0.0.1", 8080) &&
	       (req->given & OPTS_FORWARD) && req->forward == SLUICE_FORWARD_DR;
}

/* What gives no method leaves the one there is. */
static bool set_weight(const struct adm_request *req)
{
	return req->command->run == cmd_server_set &&
	       is_endpoint(&req->server, "10.0.0.1", 8080) &&
	       !(req->given & OPTS_FORWARD);
}

static bool del_server(const struct adm_request *req)
{
	return req->command->run == cmd_server_del &&
	       is_endpoint(&req->server, "10.0.0.1", 8080);
}

static bool set_deadline(const struct adm_request *req)
{
	return adm_has(req, OPT_DEADLINE) && req->deadline == 30000 &&
	       strcmp(req->reason, "upgrade") == 0;
}

static bool set_fates(const struct adm_request *req)
{
	return req->command->run == cmd_pool_set &&
	       req->on_down == SLUICE_FATE_REBALANCE &&
	       req->on_drain == SLUICE_FATE_RESET;
}

static bool set_state(const struct adm_request *req)
{
	return req->command->run == cmd_server_set &&
	       strcmp(req->pool, "web") == 0 &&
	       is_endpoint(&req->server, "10.0.0.1", 8080) &&
	       adm_has(req, OPT_STATE) &&
	       req->state == SLUICE_SERVER_STATE_DRAINING;
}

static bool list_numeric(const struct adm_request *req)
{
	return req->command->run == cmd_service_show &&
	       req->given == (BIT(OPT_NUMERIC) | BIT(OPT_STATS));
}

static bool list_connections(const struct adm_request *req)
{
	return adm_has(req, OPT_CONNECTION) &&
	       is_endpoint(&req->server, "10.0.0.1", 0) &&
	       is_endpoint(&req->client, "10.9.9.9", 5) &&
	       req->service.protocol == IPPROTO_TCP;
}

static bool set_timeouts(const struct adm_request *req)
{
	const uint32_t *timeouts = req->settings.timeouts;

	return req->command->run == cmd_settings_set &&
	       timeouts[SLUICE_A_TIMEOUTS_TCP_ESTABLISHED] == 900000 &&
	       timeouts[SLUICE_A_TIMEOUTS_TCP_FIN_WAIT] == 0 &&
	       timeouts[SLUICE_A_TIMEOUTS_TCP_CLOSE_WAIT] == 0 &&
	       timeouts[SLUICE_A_TIMEOUTS_UDP] == 30000 &&
	       timeouts[SLUICE_A_TIMEOUTS_UDP_NEW] == 30000;
}

static bool set_settings(const struct adm_request *req)
{
	const uint32_t *timeouts = req->settings.timeouts;

	return timeouts[SLUICE_A_TIMEOUTS_UDP] == 90000 &&
	       timeouts[SLUICE_A_TIMEOUTS_TCP_CLOSE] == 100 &&
	       timeouts[SLUICE_A_TIMEOUTS_TCP_ESTABLISHED] == 2 * 3600000 &&
	       timeouts[SLUICE_A_TIMEOUTS_UDP_NEW] == 1000000000 &&
	       req->settings.connections_max == UINT32_MAX &&
	       req->settings.relay_clients_max == 7;
}

static bool add_pool(const struct adm_request *req)
{
	return req->command->run == cmd_pool_add &&
	       strcmp(req->pool, "-web") == 0 && req->family == AF_INET6 &&
	       !adm_has(req, OPT_PROXY_PROTOCOL);
}

static bool add_proxied_pool(const struct adm_request *req)
{
	return req->command->run == cmd_pool_add && req->proxy_protocol == 2;
}

static bool set_unproxied_pool(const struct adm_request *req)
{
	return req->command->run == cmd_pool_set &&
	       req->given == BIT(OPT_PROXY_PROTOCOL) && !req->proxy_protocol;
}

static bool add_sticky_pool(const struct adm_request *req)
{
	return req->command->run == cmd_pool_add && adm_has(req, OPT_STICKY) &&
	       strcmp(req->sticky_cookie, "ID") == 0 && !req->sticky_pool[0];
}

static bool set_sticky_pool(const struct adm_request *req)
{
	return req->command->run == cmd_pool_set &&
	       req->given == BIT(OPT_STICKY) &&
	       strcmp(req->sticky_cookie, "off") == 0 &&
	       strcmp(req->sticky_pool, "other") == 0;
}

static bool set_plain_pool(const struct adm_request *req)
{
	return req->command->run == cmd_pool_set &&
	       req->given == BIT(OPT_STICKY) && !req->sticky_cookie[0];
}

static bool add_sniff_service(const struct adm_request *req)
{
	return req->command->run == cmd_service_add &&
	       adm_has(req, OPT_STRATUM) && adm_has(req, OPT_PARSE) &&
	       req->stratum == SLUICE_STRATUM_SNIFF &&
	       req->parse == SLUICE_PARSE_TLS;
}

static bool set_sniff_settings(const struct adm_request *req)
{
	const struct sluice_settings *s = &req->settings;

	return s->head_timeout == 5000 && s->connect_timeout == 250 &&
	       s->has_connect_retries && s->connect_retries == 0 &&
	       s->held_max == 128 << 20;
}

static const struct {
	const char *line;
	bool (*right)(const struct adm_request *req);
} right[] = {
	{ "", empty_line_lists },
	{ "-A -t 192.0.2.1:80 -s wrr", add_service },
	{ "-A -t 192.0.2.1:80 -swrr", add_service },
	{ "-s wrr -At 192.0.2.1:80", add_service },
	{ "--add-service --tcp-service=192.0.2.1:80 --scheduler wrr",
	  add_service },
	{ "service add -t 192.0.2.1:80 -s wrr", add_service },
	{ "-A -t 192.0.2.1:80 --slow-path on", add_slow_service },
	{ "service add -u 192.0.2.1:80 --pool web --slow-path=on",
	  add_slow_service },
	{ "-E -t 192.0.2.1:80 --slow-path off", set_fast_service },
	{ "service set -t 192.0.2.1:80 --slow-path off", set_fast_service },
	{ "-A -u [2001:db8::1]:53", add_service_v6 },
	{ "-A -u [2001:0DB8:0:0::1]:53", add_service_v6 },
	{ "-a -t 192.0.2.1:80 -r 10.0.0.1 -m -w 5", add_server },
	{ "-r 10.0.0.1 -w 0005 -ma -t 192.0.2.1:80", add_server },
	{ "server add --real-server 10.0.0.1:80 --masquerading --weight=5 -t 192.0.2.1:80",
	  add_server },
	{ "-a -t 192.0.2.1:80 -r 10.0.0.1 -g", add_server_dr },
	{ "-a -t 192.0.2.1:80 -r 10.0.0.1:8080 --gatewaying", add_server_dr },
	{ "server add -t 192.0.2.1:80 -r 10.0.0.1:8080 --forward dr",
	  add_server_dr },
	{ "-ia -u [2001:db8::1]:53 -r [2001:db8::2]", add_server_tunnel },
	{ "-a -u [2001:db8::1]:53 -r [2001:db8::2]:5353 --ipip",
	  add_server_tunnel },
	{ "-a -u [2001:db8::1]:53 -r [2001:db8::2]:53 -i -w 1 --tun-type ipip",
	  add_server_tunnel },
	{ "-a -u [2001:db8::1]:53 -r [2001:db8::2] --forward=tunnel",
	  add_server_tunnel },
	{ "-e --pool web -r 10.0.0.1:8080 -g", set_pool_dr },
	{ "server set --pool web -r 10.0.0.1:8080 --forward dr", set_pool_dr },
	{ "-e -t 192.0.2.1:80 -r 10.0.0.1:8080 -w 3", set_weight },
	{ "-d -t 192.0.2.1:80 -r 10.0.0.1:8080", del_server },
	{ "-e --pool web -r 10.0.0.1:8080 --state draining", set_state },
	{ "server set --pool=web -r10.0.0.1:8080 --state=draining", set_state },
	{ "-e --pool web -r 10.0.0.1:80 --state draining --deadline 30s --reason upgrade",
	  set_deadline },
	{ "-a --pool web -r 10.0.0.1:80 --reason=upgrade --deadline=30000",
	  set_deadline },
	{ "pool set web --on-down rebalance --on-drain reset", set_fates },
	{ "-Ln --stats", list_numeric },
	{ "-ln --stats", list_numeric },
	{ "service show -n --stats", list_numeric },
	{ "service -n --stats", list_numeric },
	{ "-Lc -t 192.0.2.1:80 -r 10.0.0.1 --client 10.9.9.9:5",
	  list_connections },
	{ "connection show -t 192.0.2.1:80 -r 10.0.0.1 --client 10.9.9.9:5",
	  list_connections },
	{ "--set 900 0 30", set_timeouts },
	{ "settings set udp=90s tcp-close=100 tcp-established=2h udp-new=1000000000ms connections-max=4294967295 relay-clients-max=7",
	  set_settings },
	{ "pool add --family inet6 -- -web", add_pool },
	{ "pool add web --family inet --proxy-protocol v2", add_proxied_pool },
	{ "pool set web --proxy-protocol=off", set_unproxied_pool },
	{ "pool add web --family inet --sticky ID", add_sticky_pool },
	{ "pool set web --sticky off:other", set_sticky_pool },
	{ "pool set web --sticky off", set_plain_pool },
	{ "-A -t 192.0.2.1:443 --stratum sniff --parse tls",
	  add_sniff_service },
	{ "service add --parse=tls --stratum=sniff -t [2001:db8::1]:443 -s rr",
	  add_sniff_service },
	{ "settings set head-timeout=5s connect-timeout=250ms connect-retries=0 held-max=128M",
	  set_sniff_settings },
	{ "settings set connect-retries=0 held-max=134217728 head-timeout=5000 connect-timeout=250",
	  set_sniff_settings },
};

static void test_right(struct ktap *ktap)
{
	struct adm_message msg;
	struct adm_request req;
	char name[600];
	bool passed;
	int status;

	for (size_t i = 0; i < ARRAY_SIZE(right); i++) {
		status = parse(right[i].line, &req, &msg);
		if (status)
			printf("# status %d, %s\n", status, msg.text);
		passed = !status && right[i].right(&req);
		if (!status)
			adm_request_free(&req);
		snprintf(name, sizeof(name), "understood: %s", right[i].line);
		ktap_result(ktap, passed, name);
	}
}

/* No word may be a name to the parser that it is not, nor end its reading. */
static void test_any_bytes(struct ktap *ktap)
{
	static const char *const starts[] = { "",   "-",  "--", "-t",
					      "-A", "-r", "-w", "pool" };
	struct adm_message msg;
	struct adm_request req;
	char word[8];
	char other[] = "-";
	char *words[] = { word, other, NULL };
	bool passed = true;

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		for (int byte = 1; byte < 256; byte++) {
			snprintf(word, sizeof(word), "%s%c%c", starts[i], byte,
				 byte);
			passed &= adm_parse(&req, 2, words, &msg) == ADM_USAGE;
		}
	ktap_result(ktap, passed, "any bytes are refused");
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	test_wrong(&ktap);
	test_right(&ktap);
	test_any_bytes(&ktap);
	return ktap_end(&ktap);
}
