// SPDX-License-Identifier: GPL-2.0-or-later
/* SRV names: targets, their priorities, and what stays when some of it fails. */
#include "resolving.h"

#define NAME "_http._tcp.a.test"

static void zone_hosts(void)
{
	zone_add(&server, "one.test", "A", 120, "192.0.2.1");
	zone_add(&server, "one.test", "AAAA", 110, "2001:db8::1");
	zone_add(&server, "two.test", "A", 120, "192.0.2.2");
	zone_add(&server, "spare.test", "A", 120, "192.0.2.9");
}

static void zone_usual(void)
{
	zone_add(&server, NAME, "SRV", 600, "10 60 8001 one.test");
	zone_add(&server, NAME, "SRV", 600, "10 40 8002 Two.test");
	zone_add(&server, NAME, "SRV", 600, "20 0 8009 spare.test");
	zone_hosts();
}

#define USUAL "192.0.2.1:8001*60 192.0.2.2:8002*40 2001:db8::1:8001*60"

/* Ports and weights of SRV, all targets of the lowest priority, all in one answer. */
static bool usual(void)
{
	struct note note = { 0 }, same = { 0 };
	bool passed;

	setup();
	zone_usual();
	watch(&note, NAME, CONFIG_RESOLVE_SRV, 0);
	watch(&same, NAME, CONFIG_RESOLVE_SRV, 80);
	passed = told(&note, 1, USUAL, "") && told(&same, 1, USUAL, "") &&
		 note.valid_ms == 110000 && until(lookups() == 7) &&
		 resolver_stats(resolver).names == 7;
	zone_rotate(&server);
	passed = passed && pass(670000) && pass(1000) && lookups() > 7 &&
		 note.calls == 1;
	resolver_watch_del(&note.watch);
	resolver_watch_del(&same.watch);
	passed = passed && resolver_stats(resolver).names == 0;
	teardown();
	return passed;
}

/* Targets that stay are not looked up because the name is. */
static bool kept(void)
{
	struct note note = { 0 };
	bool passed;

	setup();
	zone_add(&server, NAME, "SRV", 60, "10 1 80 one.test");
	zone_add(&server, "one.test", "A", 3000, "192.0.2.1");
	zone_add(&server, "one.test", "AAAA", 3000, "2001:db8::1");
	watch(&note, NAME, CONFIG_RESOLVE_SRV, 0);
	passed = told(&note, 1, "192.0.2.1:80*1 2001:db8::1:80*1", "");
	for (unsigned int i = 0; i < 5; i++)
		passed = passed && pass(67000) && pass(0) && lookups() == 4 + i;
	passed = passed && note.calls == 1;
	teardown();
	return passed;
}

/* What comes along with an answer is not asked for. */
static bool additional(void)
{
	struct note note = { 0 };
	bool passed;

	setup();
	zone_usual();
	server.additional = true;
	watch(&note, NAME, CONFIG_RESOLVE_SRV, 0);
	/* But for AAAA of two that have none. */
	passed = told(&note, 1, USUAL, "") && until(lookups() == 3) &&
		 note.valid_ms == 110000;
	passed = passed && pass(1000) && lookups() == 3;
	/* A wrong one is not taken on trust, nor from elsewhere. */
	zone_add(&server, "two.test", "A", 120, "224.0.0.1");
	passed =
		passed && pass(670000) &&
		told(&note, 2, USUAL,
		     "target two.test: 224.0.0.1 refused, a multicast or broadcast address");
	teardown();
	return passed;
}

/* Each target by its own TTL; those that are gone go, and others come. */
static bool changes(void)
{
	struct note note = { 0 };
	uint64_t before;
	bool passed;

	setup();
	zone_usual();
	watch(&note, NAME, CONFIG_RESOLVE_SRV, 0);
	passed = told(&note, 1, USUAL, "");
	zone_clear(&server);
	zone_add(&server, NAME, "SRV", 600, "10 70 8001 one.test");
	zone_add(&server, NAME, "SRV", 600, "10 40 8003 three.test");
	zone_add(&server, "one.test", "A", 120, "192.0.2.11");
	zone_add(&server, "one.test", "AAAA", 120, "2001:db8::1");
	zone_add(&server, "two.test", "A", 120, "192.0.2.2");
	zone_add(&server, "three.test", "A", 120, "192.0.2.3");
	passed =
		passed && pass(140000) &&
		told(&note, 2,
		     "192.0.2.2:8002*40 192.0.2.11:8001*60 2001:db8::1:8001*60",
		     "");
	before = lookups();
	passed =
		passed && pass(530000) &&
		until(!strcmp(
			note.addresses,
			"192.0.2.3:8003*40 192.0.2.11:8001*70 2001:db8::1:8001*70")) &&
		!note.problem[0] && lookups() > before;
	passed = passed && resolver_stats(resolver).names == 5;
	/* A family that is gone goes if the other one is there. */
	zone_clear(&server);
	zone_add(&server, NAME, "SRV", 600, "10 70 8001 one.test");
	zone_add(&server, "one.test", "AAAA", 120, "2001:db8::1");
	passed = passed && pass(670000) && pass(140000) &&
		 until(!strcmp(note.addresses, "2001:db8::1:8001*70")) &&
		 !note.problem[0];
	teardown();
	return passed;
}

/* The next priority is for when there is nothing at all before it. */
static bool priorities(void)
{
	struct note note = { 0 };
	bool passed;

	setup();
	zone_add(&server, NAME, "SRV", 600, "10 60 8001 one.test");
	zone_add(&server, NAME, "SRV", 600, "20 1 8009 spare.test");
	zone_add(&server, NAME, "SRV", 600, "20 1 8010 gone.test");
	zone_add(&server, NAME, "SRV", 600, "30 1 8011 last.test");
	zone_add(&server, "spare.test", "A", 120, "192.0.2.9");
	zone_add(&server, "last.test", "A", 120, "192.0.2.10");
	watch(&note, NAME, CONFIG_RESOLVE_SRV, 0);
	passed = until(note.calls == 1) &&
		 !strcmp(note.addresses, "192.0.2.9:8009*1") &&
		 !strncmp(note.problem, "target one.test: NXDOMAIN asking 127",
			  36);
	zone_add(&server, "one.test", "A", 120, "192.0.2.1");
	passed = passed && pass(67000) &&
		 told(&note, 2, "192.0.2.1:8001*60", "");
	/* Known once, an address is not given up for the spare one. */
	server.records[server.count - 1].owner[0] = 'x';
	passed = passed && pass(140000) && until(note.calls == 3) &&
		 !strcmp(note.addresses, "192.0.2.1:8001*60") &&
		 !strncmp(note.problem, "target one.test: NXDOMAIN asking 127",
			  36);
	teardown();
	return passed;
}

/* Whatever fails, of the name or of a target, no address goes; the rest goes on. */
static bool outage(void)
{
	struct note note = { 0 };
	bool passed;

	setup();
	zone_usual();
	watch(&note, NAME, CONFIG_RESOLVE_SRV, 0);
	passed = told(&note, 1, USUAL, "");
	server.does = FAILS;
	server.code = NAME_SERVER_SERVFAIL;
	passed = passed && pass(140000) && until(note.calls == 2) &&
		 !strcmp(note.addresses, USUAL) &&
		 !strncmp(note.problem, "target one.test: SERVFAIL asking", 32);
	for (unsigned int i = 0; i < 12; i++)
		passed = passed && pass(67000) &&
			 !strcmp(note.addresses, USUAL);
	passed = passed && !strcmp(note.problem, asking("SERVFAIL"));
	server.does = ANSWERS;
	for (unsigned int i = 0; i < 3; i++)
		passed = passed && pass(67000);
	passed = passed && until(!note.problem[0]) &&
		 !strcmp(note.addresses, USUAL);
	/* The record itself is gone, and one of its targets has another address. */
	zone_clear(&server);
	zone_add(&server, "one.test", "A", 120, "192.0.2.11");
	zone_add(&server, "one.test", "AAAA", 120, "2001:db8::1");
	zone_add(&server, "two.test", "A", 120, "192.0.2.2");
	zone_add(&server, "spare.test", "A", 120, "192.0.2.9");
	passed =
		passed && pass(670000) && pass(1000) &&
		until(!strcmp(
			note.addresses,
			"192.0.2.2:8002*40 192.0.2.11:8001*60 2001:db8::1:8001*60")) &&
		until(!strcmp(note.problem, asking("NXDOMAIN")));
	teardown();
	return passed;
}

/* What a record can say, and must not. */
static bool refused(void)
{
	static const struct {
		const char *data;
		const char *problem;
	} cases[] = {
		{ "0 0 0 .", "an SRV record says the service is not offered" },
		{ "0 0 0 one.test", "target one.test refused, with port 0" },
		{ "0 0 80 a;b.test",
		  "a target of SRV refused, not the name of a host" },
		{ "0 0 80 192.0.2.1",
		  "a target of SRV refused, not the name of a host" },
	};
	bool passed = true;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct note only = { 0 }, among = { 0 };

		setup();
		zone_add(&server, "only.test", "SRV", 60, cases[i].data);
		zone_add(&server, "among.test", "SRV", 60, cases[i].data);
		zone_add(&server, "among.test", "SRV", 60, "0 3 80 two.test");
		zone_hosts();
		watch(&only, "only.test", CONFIG_RESOLVE_SRV, 0);
		watch(&among, "among.test", CONFIG_RESOLVE_SRV, 0);
		passed = told(&only, 1, "", cases[i].problem) &&
			 told(&among, 1, "192.0.2.2:80*3", cases[i].problem) &&
			 passed;
		teardown();
	}
	return passed;
}

/* Weights of one address, an alias, and more targets than are used. */
static bool limits(void)
{
	struct note sum = { 0 }, alias = { 0 }, many = { 0 };
	char data[64], name[32];
	bool passed;

	setup();
	zone_add(&server, "sum.test", "SRV", 60, "0 40000 80 one.test");
	zone_add(&server, "sum.test", "SRV", 60, "0 40000 80 same.test");
	zone_add(&server, "sum.test", "SRV", 60, "0 65535 81 one.test");
	zone_add(&server, "one.test", "A", 60, "192.0.2.1");
	zone_add(&server, "same.test", "A", 60, "192.0.2.1");
	zone_add(&server, "alias.test", "CNAME", 10, "real.test");
	zone_add(&server, "real.test", "SRV", 60, "0 1 80 one.test");
	for (unsigned int i = 0; i < 65; i++) {
		snprintf(data, sizeof(data), "0 1 80 m%02u.test", i);
		zone_add(&server, "many.test", "SRV", 60, data);
		snprintf(name, sizeof(name), "m%02u.test", i);
		snprintf(data, sizeof(data), "10.0.0.%u", i);
		zone_add(&server, name, "A", 60, data);
	}
	watch(&sum, "sum.test", CONFIG_RESOLVE_SRV, 0);
	watch(&alias, "alias.test", CONFIG_RESOLVE_SRV, 0);
	watch(&many, "many.test", CONFIG_RESOLVE_SRV, 0);
	passed = told(&sum, 1, "192.0.2.1:80*65535 192.0.2.1:81*65535", "") &&
		 told(&alias, 1, "192.0.2.1:80*1", "") &&
		 alias.valid_ms == 10000 && until(many.calls == 1) &&
		 many.count == 64 &&
		 !strcmp(many.problem, "65 targets, the first 64 are used");
	teardown();
	return passed;
}

/* A target of two names is looked up once, and is there for whoever stays. */
static bool shared(void)
{
	struct note first = { 0 }, next = { 0 }, host = { 0 };
	bool passed;

	setup();
	zone_usual();
	zone_add(&server, "other.test", "SRV", 600, "0 1 80 one.test");
	watch(&first, NAME, CONFIG_RESOLVE_SRV, 0);
	watch(&next, "other.test", CONFIG_RESOLVE_SRV, 0);
	watch(&host, "one.test", CONFIG_RESOLVE_A, 0);
	passed = told(&first, 1, USUAL, "") &&
		 told(&next, 1, "192.0.2.1:80*1 2001:db8::1:80*1", "") &&
		 told(&host, 1, "192.0.2.1:0", "") && until(lookups() == 8);
	resolver_watch_del(&first.watch);
	passed = passed && resolver_stats(resolver).names == 3 &&
		 resolver_watch_answer(&next.watch)->count == 2;
	resolver_watch_del(&next.watch);
	passed = passed && resolver_stats(resolver).names == 1;
	teardown();
	return passed;
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	ktap_result(&ktap, usual(), "targets of the lowest priority");
	ktap_result(&ktap, kept(), "targets that stay are kept");
	ktap_result(&ktap, additional(), "addresses that come along");
	ktap_result(&ktap, changes(), "targets and their addresses change");
	ktap_result(&ktap, priorities(), "the next priority, and back");
	ktap_result(&ktap, outage(), "targets or the name cannot be looked up");
	ktap_result(&ktap, refused(), "records that are refused");
	ktap_result(&ktap, limits(), "weights, aliases and many targets");
	ktap_result(&ktap, shared(), "targets are shared");
	return ktap_end(&ktap);
}
