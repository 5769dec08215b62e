// SPDX-License-Identifier: GPL-2.0-or-later
/* Many names at once, another configuration, and what is removed at a bad moment. */
#include "resolving.h"

#define MANY 1000UL

static bool many(void)
{
	static struct note notes[MANY];
	uint64_t most = 0, half;
	bool passed;

	setup();
	memset(notes, 0, sizeof(notes));
	for (unsigned int i = 0; i < MANY; i++) {
		char name[32], address[32];

		snprintf(name, sizeof(name), "n%u.test", i);
		snprintf(address, sizeof(address), "10.0.%u.%u", i / 256,
			 i % 256);
		zone_add(&server, name, "A", 1000, address);
		watch(&notes[i], name, CONFIG_RESOLVE_A, 80);
	}
	passed = resolver_stats(resolver).names == MANY;
	while (passed && lookups() < MANY) {
		uint64_t in_flight = resolver_stats(resolver).in_flight;

		most = in_flight > most ? in_flight : most;
		loop_turn(loop, 10);
	}
	for (unsigned int i = 0; i < MANY; i++) {
		char address[32];

		snprintf(address, sizeof(address), "10.0.%u.%u:80", i / 256,
			 i % 256);
		passed = told(&notes[i], 1, address, "") && passed;
	}
	printf("# at most %lu in flight\n", most);
	passed = passed && most > 10 && most <= 128 &&
		 resolver_stats(resolver).failures == 0;
	/* They do not come together again. */
	passed = passed && pass(950000) && lookups() == MANY;
	passed = passed && pass(100000);
	for (unsigned int i = 0; i < 100; i++)
		loop_turn(loop, 0);
	passed = passed && until(resolver_stats(resolver).in_flight == 0);
	half = lookups() - MANY;
	printf("# %lu in half of the time\n", half);
	passed = passed && half > MANY / 4 && half < MANY / 4 * 3;
	teardown();
	return passed;
}

/* Lookups in flight are asked of the new servers; what is known stays. */
static bool other_servers(void)
{
	struct note known = { 0 }, waits = { 0 }, failed = { 0 };
	bool passed;

	setup();
	/* Nothing is looked up again by itself. */
	config.ttl_min = 1000000;
	passed = configure();
	zone_add(&server, "a.test", "A", 1000, "192.0.2.1");
	watch(&known, "a.test", CONFIG_RESOLVE_A, 80);
	watch(&failed, "c.test", CONFIG_RESOLVE_A, 80);
	passed = passed && told(&known, 1, "192.0.2.1:80", "") &&
		 told(&failed, 1, "", asking("NXDOMAIN"));
	server.does = SILENT;
	watch(&waits, "b.test", CONFIG_RESOLVE_A, 80);
	passed = passed && until(resolver_stats(resolver).in_flight == 1) &&
		 until(server.udp_questions >= 3);
	/* The same again changes nothing: a reload every moment would stop it all. */
	passed = passed && configure();
	loop_turn(loop, 0);
	passed = passed && resolver_stats(resolver).in_flight == 1 &&
		 lookups() == 2;
	zone_add(&second, "a.test", "A", 1000, "192.0.2.66");
	zone_add(&second, "b.test", "A", 1000, "192.0.2.2");
	zone_add(&second, "c.test", "A", 1000, "192.0.2.3");
	config.servers.items++;
	passed = passed && configure();
	config.servers.items--;
	passed = passed && told(&waits, 1, "192.0.2.2:80", "") &&
		 told(&failed, 2, "192.0.2.3:80", "") && known.calls == 1 &&
		 lookups() == 4 && server.udp_questions >= 3;
	/* A limit that is lower holds for what is known, too. */
	config.servers.items++;
	config.ttl_min = 5000;
	config.ttl_max = 10000;
	passed = passed && configure();
	config.servers.items--;
	passed = passed && pass(11000) && told(&known, 2, "192.0.2.66:80", "");
	teardown();
	return passed;
}

static void remove_other(struct note *note)
{
	resolver_watch_del(&note->other->watch);
}

/* Whoever is told removes itself, or one that is told after or before it. */
static bool removed_while_told(void)
{
	bool passed = true;

	for (unsigned int from = 0; from < 3; from++) {
		for (unsigned int of = 0; of < 3; of++) {
			struct note three[3] = { 0 };
			unsigned int calls = 0;

			setup();
			zone_add(&server, "a.test", "A", 60, "192.0.2.1");
			for (unsigned int i = 0; i < 3; i++)
				watch(&three[i], "a.test", CONFIG_RESOLVE_A,
				      80);
			three[from].then = remove_other;
			three[from].other = &three[of];
			passed = until(three[from].calls == 1) && passed;
			three[from].then = NULL;
			loop_turn(loop, 0);
			zone_clear(&server);
			zone_add(&server, "a.test", "A", 60, "192.0.2.2");
			passed = passed && pass(67000);
			for (unsigned int i = 0; i < 3; i++) {
				calls += three[i].calls;
				passed = passed &&
					 (i == of) == !three[i].watch.name &&
					 (i == of || three[i].calls == 2);
			}
			passed = passed && calls <= 5;
			teardown();
		}
	}
	return passed;
}

/* The last one goes while it is told, and with it the name of another one. */
static bool last_removed(void)
{
	struct note self = { 0 }, other = { 0 }, srv = { 0 };
	bool passed;

	setup();
	zone_add(&server, "a.test", "A", 60, "192.0.2.1");
	zone_add(&server, "b.test", "A", 60, "192.0.2.2");
	zone_add(&server, "srv.test", "SRV", 3000, "0 0 80 a.test");
	watch(&self, "a.test", CONFIG_RESOLVE_A, 80);
	self.then = remove_other;
	self.other = &self;
	passed = until(self.calls == 1) &&
		 resolver_stats(resolver).names == 0 && !self.watch.name;
	/* A target tells somebody who removes the name that it is a target of. */
	watch(&srv, "srv.test", CONFIG_RESOLVE_SRV, 0);
	passed = passed && until(srv.calls == 1);
	zone_clear(&server);
	zone_add(&server, "a.test", "A", 60, "192.0.2.3");
	zone_add(&server, "srv.test", "SRV", 3000, "0 0 80 a.test");
	other.then = remove_other;
	other.other = &srv;
	watch(&other, "a.test", CONFIG_RESOLVE_A, 0);
	passed = passed && pass(67000) && until(other.calls == 1) &&
		 resolver_stats(resolver).names == 1 && srv.calls == 1;
	teardown();
	return passed;
}

static struct note added;

static void add_one(struct note *note)
{
	(void)note;
	watch(&added, "b.test", CONFIG_RESOLVE_A, 80);
	config.timeout--;
	configure();
}

/* A watch adds another one, and asks in another way. */
static bool added_while_told(void)
{
	struct note note = { .then = add_one };
	bool passed;

	setup();
	memset(&added, 0, sizeof(added));
	zone_add(&server, "a.test", "A", 60, "192.0.2.1");
	zone_add(&server, "b.test", "A", 60, "192.0.2.2");
	watch(&note, "a.test", CONFIG_RESOLVE_A, 80);
	passed = told(&note, 1, "192.0.2.1:80", "") &&
		 told(&added, 1, "192.0.2.2:80", "");
	teardown();
	return passed;
}

/* A name goes, and comes again, while it is looked up: what comes late is for none. */
static bool removed_in_flight(void)
{
	struct note note = { 0 }, srv = { 0 };
	bool passed = true;

	setup();
	zone_add(&server, "a.test", "A", 60, "192.0.2.1");
	zone_add(&server, "srv.test", "SRV", 60, "0 0 80 a.test");
	for (unsigned int turns = 0; turns < 12; turns++) {
		watch(&note, "a.test", CONFIG_RESOLVE_A, 80);
		watch(&srv, "srv.test", CONFIG_RESOLVE_SRV, 0);
		for (unsigned int i = 0; i < turns; i++)
			loop_turn(loop, 0);
		resolver_watch_del(&note.watch);
		resolver_watch_del(&srv.watch);
		passed = passed && resolver_stats(resolver).names == 0;
	}
	note.calls = 0;
	watch(&note, "a.test", CONFIG_RESOLVE_A, 80);
	passed = passed && told(&note, 1, "192.0.2.1:80", "") &&
		 until(resolver_stats(resolver).in_flight == 0);
	teardown();
	return passed;
}

/* With everything in flight, after any number of turns. */
static bool freed_in_flight(void)
{
	bool passed = true;

	for (unsigned int turns = 0; turns < 12; turns++) {
		struct note notes[200] = { 0 };
		char name[32];

		setup();
		zone_add(&server, "t.test", "A", 60, "192.0.2.1");
		server.does = turns % 2 ? ANSWERS : SILENT;
		for (unsigned int i = 0; i < 200; i++) {
			snprintf(name, sizeof(name), "n%u.test", i);
			zone_add(&server, name, "SRV", 60, "0 0 80 t.test");
			watch(&notes[i], name, CONFIG_RESOLVE_SRV, 0);
		}
		for (unsigned int i = 0; i < turns; i++)
			loop_turn(loop, 0);
		teardown();
		for (unsigned int i = 0; i < 200; i++)
			passed = passed && !notes[i].watch.name;
	}
	return passed;
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	ktap_result(&ktap, many(), "1000 names at once");
	ktap_result(&ktap, other_servers(), "another configuration");
	ktap_result(&ktap, removed_while_told(), "watches removed while told");
	ktap_result(&ktap, last_removed(), "the last watch removed while told");
	ktap_result(&ktap, added_while_told(), "a watch added while told");
	ktap_result(&ktap, removed_in_flight(), "names removed in flight");
	ktap_result(&ktap, freed_in_flight(), "the resolver freed in flight");
	return ktap_end(&ktap);
}
