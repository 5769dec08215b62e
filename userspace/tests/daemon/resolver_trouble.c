// SPDX-License-Identifier: GPL-2.0-or-later
/* What goes wrong with lookups, and what stays known meanwhile. */
#include "resolving.h"

static void zone_usual(struct name_server *of)
{
	zone_add(of, "a.test", "A", 60, "192.0.2.1");
	zone_add(of, "a.test", "A", 60, "192.0.2.2");
}

#define USUAL "192.0.2.1:80 192.0.2.2:80"

/* Until a lookup is good again; by then it has been told that. */
static bool recovers(struct note *note, unsigned int calls)
{
	for (unsigned int i = 0; i < 100 && note->calls < calls; i++)
		if (!pass(67000))
			return false;
	return told(note, calls, USUAL, "");
}

/* Told once, however long it takes; nothing goes meanwhile, and all is good again. */
static bool outage(void (*begin)(void), void (*end)(void), const char *problem)
{
	struct note note = { 0 }, unknown = { 0 };
	uint64_t before;
	bool passed;

	setup();
	zone_usual(&server);
	zone_add(&server, "unknown.test", "A", 60, "192.0.2.9");
	watch(&note, "a.test", CONFIG_RESOLVE_A, 80);
	passed = told(&note, 1, USUAL, "");
	begin();
	passed = passed && pass(67000) &&
		 told(&note, 2, USUAL, asking(problem));
	watch(&unknown, "unknown.test", CONFIG_RESOLVE_A, 80);
	passed = passed && told(&unknown, 1, "", asking(problem));
	before = lookups();
	for (unsigned int i = 0; i < 5; i++)
		passed = passed && pass(67000);
	passed = passed && until(lookups() >= before + 10) && note.calls == 2 &&
		 resolver_stats(resolver).failures == lookups() - 1;
	end();
	passed = passed && recovers(&note, 3);
	passed = passed && told(&unknown, 2, "192.0.2.9:80", "");
	teardown();
	return passed;
}

static void fall_silent(void)
{
	server.does = SILENT;
	config.timeout = 100;
	config.attempts = 2;
	configure();
}

/* With other time-outs, failed names are looked up at once. */
static void speak_again(void)
{
	server.does = ANSWERS;
	config.timeout = LIMIT_MS;
	configure();
}

static void stop_server(void)
{
	name_server_stop(&server);
}

static void start_server(void)
{
	name_server_start(&server, loop);
}

static void fail(void)
{
	server.does = FAILS;
	server.code = NAME_SERVER_SERVFAIL;
}

static void refuse(void)
{
	server.does = FAILS;
	server.code = NAME_SERVER_REFUSED;
}

/* There is no such name any more: it is a problem, not the end of its servers. */
static void deny(void)
{
	server.does = FAILS;
	server.code = NAME_SERVER_NXDOMAIN;
}

static void send_garbage(void)
{
	server.does = GARBAGE;
}

static void cut_off(void)
{
	server.does = CUT_OFF;
}

static void work_again(void)
{
	server.does = ANSWERS;
}

/* The name is there, but has no such record. */
static bool no_record(void)
{
	struct note note = { 0 };
	bool passed;

	setup();
	zone_usual(&server);
	watch(&note, "a.test", CONFIG_RESOLVE_A, 80);
	passed = told(&note, 1, USUAL, "");
	zone_clear(&server);
	zone_add(&server, "a.test", "AAAA", 60, "2001:db8::1");
	passed = passed && pass(67000) && told(&note, 2, USUAL, "no A record");
	/* Another problem of the same name is told, the same one is not. */
	zone_clear(&server);
	zone_add(&server, "a.test", "CNAME", 60, "b.test");
	passed = passed && pass(67000) && note.calls == 2;
	fail();
	passed = passed && pass(67000) &&
		 told(&note, 3, USUAL, asking("SERVFAIL"));
	teardown();
	return passed;
}

/* Retried soon at first, then less and less often, and at once if it may help. */
static bool backs_off(void)
{
	struct note note = { 0 };
	uint64_t count;
	bool passed;

	setup();
	zone_usual(&server);
	fail();
	watch(&note, "a.test", CONFIG_RESOLVE_A, 80);
	passed = told(&note, 1, "", asking("SERVFAIL"));
	passed = passed && pass(6000) && lookups() == 2;
	for (unsigned int i = 0; i < 20; i++)
		passed = passed && pass(67000);
	count = lookups();
	passed = passed && pass(40000) && lookups() == count;
	work_again();
	config.attempts = 5;
	passed = passed && configure() && told(&note, 2, USUAL, "");
	/* From the beginning again. */
	fail();
	passed = passed && pass(67000) && lookups() == count + 2;
	passed = passed && pass(6000) && lookups() == count + 3;
	teardown();
	return passed;
}

/* Who does not answer, or not well, is not the only one. */
static bool asks_others(void)
{
	static void (*const troubles[])(void) = { fail, refuse, stop_server,
						  fall_silent, send_garbage };
	bool passed = true;

	for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++) {
		struct note note = { 0 };

		setup();
		zone_add(&server, "a.test", "A", 60, "192.0.2.66");
		zone_usual(&second);
		config.servers.count = 2;
		config.attempts = 10;
		passed = configure() && passed;
		troubles[i]();
		config.attempts = 10;
		passed = configure() && passed;
		watch(&note, "a.test", CONFIG_RESOLVE_A, 80);
		passed = passed && told(&note, 1, USUAL, "");
		if (troubles[i] == stop_server)
			start_server();
		teardown();
	}
	return passed;
}

/* All of them are named. */
static bool names_all(void)
{
	struct note note = { 0 };
	char expected[128];
	bool passed;

	setup();
	fail();
	second.does = FAILS;
	second.code = NAME_SERVER_SERVFAIL;
	config.servers.count = 2;
	passed = configure();
	watch(&note, "a.test", CONFIG_RESOLVE_A, 80);
	snprintf(expected, sizeof(expected),
		 "SERVFAIL asking 127.0.0.1:%u, 127.0.0.1:%u", server.at.port,
		 second.at.port);
	passed = passed && told(&note, 1, "", expected);
	teardown();
	return passed;
}

/* Answers of others, to other questions, are none. */
static bool spoofed(void)
{
	struct note note = { 0 };
	bool passed;

	setup();
	zone_usual(&server);
	server.does = SPOOFED;
	watch(&note, "a.test", CONFIG_RESOLVE_A, 80);
	passed = told(&note, 1, USUAL, "");
	teardown();
	return passed;
}

/* What no server can have is left out; a name of nothing else is a failure. */
static bool refused(void)
{
	static const struct {
		const char *type;
		const char *address;
		const char *problem;
	} cases[] = {
		{ "A", "0.0.0.0", "0.0.0.0 refused, an unspecified address" },
		{ "A", "0.1.2.3", "0.1.2.3 refused, an unspecified address" },
		{ "A", "224.0.0.1",
		  "224.0.0.1 refused, a multicast or broadcast address" },
		{ "A", "255.255.255.255",
		  "255.255.255.255 refused, a multicast or broadcast address" },
		{ "A", "127.0.0.1", NULL },
		{ "A", "169.254.1.1", NULL },
		{ "AAAA", "::", ":: refused, an unspecified address" },
		{ "AAAA", "ff02::1", "ff02::1 refused, a multicast address" },
		{ "AAAA", "fe80::1", "fe80::1 refused, a link-local address" },
		{ "AAAA", "::ffff:192.0.2.1",
		  "::ffff:192.0.2.1 refused, an IPv4 address in IPv6 form" },
		{ "AAAA", "::1", NULL },
	};
	bool passed = true;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool v6 = cases[i].type[1];
		int resolve = v6 ? CONFIG_RESOLVE_AAAA : CONFIG_RESOLVE_A;
		const char *good = v6 ? "2001:db8::1:80" : "192.0.2.1:80";
		struct note only = { 0 }, among = { 0 };
		char own[64];

		setup();
		snprintf(own, sizeof(own), "%s:80", cases[i].address);
		zone_add(&server, "only.test", cases[i].type, 60,
			 cases[i].address);
		zone_add(&server, "among.test", cases[i].type, 60,
			 cases[i].address);
		zone_add(&server, "among.test", cases[i].type, 60,
			 v6 ? "2001:db8::1" : "192.0.2.1");
		watch(&only, "only.test", resolve, 80);
		watch(&among, "among.test", resolve, 80);
		if (cases[i].problem)
			passed = told(&only, 1, "", cases[i].problem) &&
				 told(&among, 1, good, cases[i].problem) &&
				 resolver_stats(resolver).failures == 1 &&
				 passed;
		else
			passed = told(&only, 1, own, "") &&
				 until(among.calls) && among.count == 2 &&
				 passed;
		teardown();
	}
	return passed;
}

/* CNAMEs that go round, or on and on. */
static bool endless(void)
{
	static const char problem[] = "more than 16 CNAMEs one after the other";
	struct note round = { 0 }, far = { 0 }, near = { 0 };
	char from[32], to[32];
	bool passed;

	setup();
	zone_add(&server, "round.test", "CNAME", 60, "back.test");
	zone_add(&server, "back.test", "CNAME", 60, "round.test");
	for (unsigned int i = 0; i < 17; i++) {
		snprintf(from, sizeof(from), "n%u.test", i);
		snprintf(to, sizeof(to), "n%u.test", i + 1);
		zone_add(&server, from, "CNAME", 60, to);
	}
	zone_add(&server, "n17.test", "A", 60, "192.0.2.1");
	watch(&round, "round.test", CONFIG_RESOLVE_A, 80);
	watch(&far, "n0.test", CONFIG_RESOLVE_A, 80);
	watch(&near, "n1.test", CONFIG_RESOLVE_A, 80);
	passed = told(&round, 1, "", problem) && told(&far, 1, "", problem) &&
		 told(&near, 1, "192.0.2.1:80", "");
	teardown();
	return passed;
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	ktap_result(&ktap, outage(fall_silent, speak_again, "time-out"),
		    "nobody answers");
	ktap_result(&ktap,
		    outage(stop_server, start_server, "connection refused"),
		    "the name server is down");
	ktap_result(&ktap, outage(fail, work_again, "SERVFAIL"), "it fails");
	ktap_result(&ktap, outage(refuse, work_again, "REFUSED"), "it refuses");
	ktap_result(&ktap, outage(deny, work_again, "NXDOMAIN"),
		    "it says that there is no such name");
	ktap_result(&ktap,
		    outage(send_garbage, work_again, "garbage for an answer"),
		    "it sends garbage");
	ktap_result(&ktap, outage(cut_off, work_again, "garbage for an answer"),
		    "it sends half an answer");
	ktap_result(&ktap, no_record(), "there is no such record");
	ktap_result(&ktap, backs_off(), "retried less and less often");
	ktap_result(&ktap, asks_others(), "another name server is asked");
	ktap_result(&ktap, names_all(), "a problem names all of them");
	ktap_result(&ktap, spoofed(), "answers to other questions are ignored");
	ktap_result(&ktap, refused(), "addresses that no server can have");
	ktap_result(&ktap, endless(), "CNAMEs without end");
	return ktap_end(&ktap);
}
