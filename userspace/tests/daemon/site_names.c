// SPDX-License-Identifier: GPL-2.0-or-later
/* Servers that are given by name: what the kernel is told as names change. */
#include "site_fake.h"

#define SERVICE \
	"services: {s: {address: ['192.0.2.1:80', '[2001:db8::9]:80'], pool: web}}\n"
#define WEB(rest)                                                             \
	SERVICE                                                               \
	"version: 1\n"                                                        \
	"checks: {c: {type: tcp, interval: 100ms, timeout: 100ms, rise: 1,\n" \
	"             fall: 1}}\n"                                            \
	"pools: {web: {servers: [{address: a.test:80, weight: 2},\n"          \
	"    {address: a6.test:80, resolve: aaaa}" rest "}}\n"
#define ONE WEB("]")
#define A "10.0.0.1:80"
#define B "10.0.0.2:80"
#define V6 "[2001:db8::1]:80"

/* Where everything is known, the same as in the names' answers. */
static void know(const char *a)
{
	answer("a.test", a, NULL);
	answer("a6.test", V6, NULL);
	loop_turn(host.loop, 0);
}

static bool come_and_go(void)
{
	bool right;

	setup();
	reload(ONE);
	right = was_told("");
	know(A);
	right &= was_told("add web 10.0.0.1:80 up 2\n"
			  "add web@ipv6 [2001:db8::1]:80 up 1\n");
	know(A " " B);
	right &= was_told("add web 10.0.0.2:80 up 2\n");
	know(B);
	right &= was_told("set web 10.0.0.1:80 draining 2\n") &&
		 strcmp(site_server_why(server_at("web", A)),
			"its name has another address now") == 0;
	/* As long as it has connections. */
	pass_time(20000);
	right &= was_told("");
	strcpy(idle, A);
	pass_time(6000);
	return right & was_told("del web 10.0.0.1:80\n") &&
	       !server_at("web", A) && server_at("web", B);
}

static bool comes_back(void)
{
	bool right;

	setup();
	reload(ONE);
	know(A);
	know(B);
	told[0] = '\0';
	know(A " " B);
	right = was_told("set web 10.0.0.1:80 up 2\n");
	strcpy(idle, A);
	pass_time(20000);
	return right & was_told("");
}

/* It may be gone in the turn in which it came. */
static bool in_one_turn(void)
{
	bool right;

	setup();
	reload(ONE);
	know(A);
	told[0] = '\0';
	answer("a.test", B, NULL);
	answer("a.test", A, NULL);
	loop_turn(host.loop, 0);
	right = was_told("add web 10.0.0.2:80 draining 2\n"
			 "set web 10.0.0.1:80 up 2\n");
	if (!right)
		return false;
	strcpy(idle, B);
	pass_time(6000);
	return was_told("del web 10.0.0.2:80\n");
}

static bool drains_in_time(void)
{
	bool right;

	setup();
	reload(WEB("], drain: 30s"));
	know(A " " B);
	know(B);
	told[0] = '\0';
	pass_time(20000);
	/* From when it was gone, whatever is reloaded meanwhile. */
	reload(WEB("], drain: 30s"));
	right = was_told("has web 10.0.0.2:80 up 2\n"
			 "has web@ipv6 [2001:db8::1]:80 up 1\n"
			 "has web 10.0.0.1:80 draining 2\n");
	pass_time(5000);
	right &= was_told("");
	pass_time(11000);
	return right & was_told("del web 10.0.0.1:80\n");
}

/* With forward dr a server is there at the port of the service, or not at all. */
static bool keeps_port(void)
{
#define DIRECT(port)                                                  \
	"version: 1\n"                                                \
	"services: {s: {address: '192.0.2.1:" port "', pool: web}}\n" \
	"pools: {web: {forward: dr, drain: 30s,\n"                    \
	"    servers: [{address: _w._tcp.test, resolve: srv}]}}\n"
	bool right;

	setup();
	reload(DIRECT("80"));
	answer("_w._tcp.test", A " 10.0.0.2:8080", NULL);
	loop_turn(host.loop, 0);
	right = was_told("add web 10.0.0.1:80 up 1 dr\n") &&
		!server_at("web", "10.0.0.2:8080");
	/* Another port of the service: another one is right. */
	reload(DIRECT("8080"));
	return right & was_told("has web 10.0.0.2:8080 up 1 dr\n");
}

/* Nothing is taken away for what is wrong with a lookup. */
static bool outage(void)
{
	bool right;

	setup();
	reload(ONE);
	answer("a.test", "", "nobody answers");
	right = was_told("");
	know(A);
	told[0] = '\0';
	answer("a.test", A, "nobody answers");
	loop_turn(host.loop, 0);
	reload(ONE);
	right &= was_told("has web 10.0.0.1:80 up 2\n"
			  "has web@ipv6 [2001:db8::1]:80 up 1\n");
	/* Part of an answer was no use: the rest is. */
	answer("a.test", A " " B, "a record is malformed");
	loop_turn(host.loop, 0);
	return right & was_told("add web 10.0.0.2:80 up 2\n");
}

/* A name may lead to what the pool has already, before and after it is known. */
static bool same_as_address(void)
{
	const char *text = WEB(", {address: '10.0.0.1:80', weight: 5}]");
	bool right;

	setup();
	reload(text);
	right = was_told("has web 10.0.0.1:80 up 5\n");
	know(A);
	right &= was_told("add web@ipv6 [2001:db8::1]:80 up 1\n");
	reload(text);
	right &= was_told("has web 10.0.0.1:80 up 5\n"
			  "has web@ipv6 [2001:db8::1]:80 up 1\n");
	know(B);
	return right & was_told("add web 10.0.0.2:80 up 2\n");
}

/* Of two names that lead to one address, either may go. */
static bool same_as_other_name(void)
{
	bool right;

	setup();
	reload(WEB(", {address: b.test:80, weight: 5}]"));
	know(A);
	answer("b.test", A, NULL);
	loop_turn(host.loop, 0);
	right = was_told("add web 10.0.0.1:80 up 2\n"
			 "add web@ipv6 [2001:db8::1]:80 up 1\n");
	know(B);
	right &= was_told("add web 10.0.0.2:80 up 2\n"
			  "set web 10.0.0.1:80 up 5\n");
	/* One that drains is taken by whoever has it next. */
	answer("b.test", "10.0.0.3:80", NULL);
	loop_turn(host.loop, 0);
	right &= was_told("add web 10.0.0.3:80 up 5\n"
			  "set web 10.0.0.1:80 draining 5\n");
	know(A " " B);
	right &= was_told("set web 10.0.0.1:80 up 2\n");
	return right;
}

static bool removed(void)
{
	bool right;

	setup();
	right = put_change("web", A, (struct change){ .removed = true });
	reload(ONE);
	know(A " " B);
	right &= was_told("add web 10.0.0.2:80 up 2\n"
			  "add web@ipv6 [2001:db8::1]:80 up 1\n");
	/* One that drains, too. */
	know("10.0.0.3:80");
	right &= put_change("web", B, (struct change){ .removed = true });
	told[0] = '\0';
	reload(ONE);
	return right & was_told("has web 10.0.0.3:80 up 2\n"
				"has web@ipv6 [2001:db8::1]:80 up 1\n");
}

/* What was added by hand is there whether a name has it or not. */
static bool added(void)
{
	const struct change change = { .added = true,
				       .has_weight = true,
				       .weight = 7 };
	bool right;

	setup();
	right = put_change("web", A, change);
	reload(ONE);
	right &= was_told("has web 10.0.0.1:80 up 7\n");
	know(A);
	know(B);
	right &= was_told("add web@ipv6 [2001:db8::1]:80 up 1\n"
			  "add web 10.0.0.2:80 up 2\n");
	reload(ONE);
	return right & was_told("has web 10.0.0.2:80 up 2\n"
				"has web@ipv6 [2001:db8::1]:80 up 1\n"
				"has web 10.0.0.1:80 up 7\n");
}

/* 'up' at run time is in place of what is configured, not of what a name says. */
static bool gone_though_up(void)
{
	const struct change up = { .has_state = true,
				   .state = SLUICE_SERVER_STATE_UP };
	bool right;

	setup();
	reload(WEB("]"));
	know(A " " B);
	right = put_change("web", A, up);
	told[0] = '\0';
	know(B);
	return right & was_told("set web 10.0.0.1:80 draining 2\n");
}

/* What the kernel would refuse, and with it all else. */
static bool no_address(void)
{
	setup();
	reload(ONE);
	answer("a6.test",
	       "[::1]:80 [ff02::1]:80 [fe80::1]:80 [::]:80 [::ffff:10.0.0.1]:80 " V6,
	       NULL);
	answer("a.test",
	       "noport 0.0.0.0:80 127.0.0.1:80 224.0.0.1:80 255.255.255.255:80 " A,
	       NULL);
	loop_turn(host.loop, 0);
	return was_told("add web@ipv6 [2001:db8::1]:80 up 1\n"
			"add web 10.0.0.1:80 up 2\n");
}

static bool weights(void)
{
	bool right;

	setup();
	reload(ONE);
	answer("a.test", A "*3 " B "*0", NULL);
	loop_turn(host.loop, 0);
	right = was_told("add web 10.0.0.1:80 up 6\n"
			 "add web 10.0.0.2:80 up 2\n");
	/* More than the kernel takes: 2 to 1 they stay. */
	answer("a.test", A "*60000 " B "*30000", NULL);
	loop_turn(host.loop, 0);
	right &= was_told("set web 10.0.0.1:80 up 65535\n"
			  "set web 10.0.0.2:80 up 32767\n");
	answer("a.test", A "*60000 " B "*1", NULL);
	loop_turn(host.loop, 0);
	right &= was_told("set web 10.0.0.2:80 up 1\n");
	/* A share that is less than 1 is not none. */
	reload(WEB(", '10.0.0.7:80']"));
	told[0] = '\0';
	answer("a.test", A "*65535", NULL);
	loop_turn(host.loop, 0);
	return right && server_at("web", A)->told.weight == 65535 &&
	       server_at("web", "10.0.0.7:80")->told.weight == 1;
}

/* One that a name has newly begins slowly, with or without a check. */
static bool slow_start(void)
{
	bool right;

	setup();
	reload(WEB("], slow-start: 10s"));
	know(A);
	right = was_told("add web 10.0.0.1:80 up 1\n"
			 "add web@ipv6 [2001:db8::1]:80 up 1\n");
	pass_time(11000);
	told[0] = '\0';
	touch("web", A);
	right &= server_at("web", A)->told.weight == 200;
	return right;
}

static struct sluice_server of_kernel(const char *pool, const char *at)
{
	struct sluice_server server = { .weight = 40,
					.forward = SLUICE_FORWARD_DR };

	snprintf(server.pool, sizeof(server.pool), "%s", pool);
	sluice_endpoint_parse(at, &server.at);
	return server;
}

static void restart(void)
{
	struct sluice_server has;
	char wrong[1024] = "";
	struct site *next = try_site(ONE, wrong, sizeof(wrong));

	has = of_kernel("web", A);
	site_adopt(next, &has);
	has = of_kernel("web", B);
	site_adopt(next, &has);
	has = of_kernel("web@ipv6", V6);
	site_adopt(next, &has);
	/* An address of IPv6 in the pool of IPv4 is none of ours. */
	has = of_kernel("web", "[2001:db8::2]:80");
	site_adopt(next, &has);
	use_site(next);
}

/* As they were, until all names are known; through reloads, too. */
static bool adopted(void)
{
	const char *as_before = "has web 10.0.0.1:80 up 40 dr\n"
				"has web 10.0.0.2:80 up 40 dr\n"
				"has web@ipv6 [2001:db8::1]:80 up 40 dr\n";
	bool right;

	setup();
	restart();
	right = was_told(as_before);
	answer("a.test", "", "nobody answers");
	loop_turn(host.loop, 0);
	reload(ONE);
	right &= was_told(as_before);
	answer("a.test", A, NULL);
	loop_turn(host.loop, 0);
	right &= was_told("set web 10.0.0.1:80 up 2\n");
	answer("a6.test", V6, NULL);
	loop_turn(host.loop, 0);
	return right & was_told("set web@ipv6 [2001:db8::1]:80 up 1\n"
				"set web 10.0.0.2:80 draining 40 dr\n");
}

static bool adopted_but_removed(void)
{
	bool right;

	setup();
	right = put_change("web", A, (struct change){ .removed = true });
	restart();
	return right & was_told("has web 10.0.0.2:80 up 40 dr\n"
				"has web@ipv6 [2001:db8::1]:80 up 40 dr\n");
}

/* Names that go from the configuration take with them what was waiting for them. */
static bool names_are_gone(void)
{
	setup();
	restart();
	told[0] = '\0';
	reload(SERVICE
	       "version: 1\n"
	       "pools: {web: {servers: ['10.0.0.9:80', '[2001:db8::9]:80']}}\n");
	return was_told("has web 10.0.0.9:80 up 1\n"
			"has web@ipv6 [2001:db8::9]:80 up 1\n") &&
	       watched == 0;
}

/* A name in place of another: the servers of that stay until it is known. */
static bool name_is_replaced(void)
{
	bool right;

	setup();
	reload(WEB("]"));
	know(A);
	told[0] = '\0';
	reload(SERVICE
	       "version: 1\n"
	       "pools: {web: {servers: [{address: b.test:80, weight: 3},\n"
	       "  {address: a6.test:80, resolve: aaaa}]}}\n");
	right = was_told("has web@ipv6 [2001:db8::1]:80 up 1\n"
			 "has web 10.0.0.1:80 up 2\n");
	answer("b.test", B, NULL);
	loop_turn(host.loop, 0);
	return right & was_told("add web 10.0.0.2:80 up 3\n"
				"set web 10.0.0.1:80 draining 2\n");
}

/* A reload looks nothing up that is known, and checks nobody twice. */
static bool reload_keeps(void)
{
	const char *text = WEB("], check: c");
	bool right;

	setup();
	reload(text);
	know(A " " B);
	found_of(A)->down = true;
	pass_time(300);
	told[0] = '\0';
	know(B);
	right = was_told("");
	reload(text);
	told[0] = '\0';
	right &= watched == 2 && check_engine_stats(host.engine).targets == 3 &&
		 server_at("web", A)->gone &&
		 server_at("web", A)->health.state == CHECK_DOWN;
	return right;
}

static const struct {
	const char *name;
	bool (*run)(void);
} tests[] = {
	{ "addresses come in, drain and go", come_and_go },
	{ "one that drains comes back", comes_back },
	{ "another address for one turn", in_one_turn },
	{ "draining ends in time, through a reload", drains_in_time },
	{ "lookups that fail, or in part", outage },
	{ "a name that leads to an address of the pool", same_as_address },
	{ "two names that lead to one address", same_as_other_name },
	{ "an address that was removed at run time", removed },
	{ "an address that was added at run time", added },
	{ "an address that is gone, and was set up at run time",
	  gone_though_up },
	{ "a port that forward dr does not lead to", keeps_port },
	{ "addresses that are none", no_address },
	{ "weights of records", weights },
	{ "slow start of new addresses", slow_start },
	{ "a restart, before names are known", adopted },
	{ "a restart, after one was removed", adopted_but_removed },
	{ "a configuration without the names", names_are_gone },
	{ "a configuration with another name", name_is_replaced },
	{ "a reload keeps what is known", reload_keeps },
};

int main(void)
{
	ktap_begin();
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		ktap_result(&ktap, tests[i].run(), tests[i].name);
		teardown();
	}
	rmdir(folder);
	return ktap_end(&ktap);
}
