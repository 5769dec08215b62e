// SPDX-License-Identifier: GPL-2.0-or-later
/* What is made of good answers: TTLs, changes, and who is told. */
#include "resolver/pause.h"
#include "resolving.h"

/* Sorted, with the port; and one name is looked up once, however it is written. */
static bool shared(void)
{
	struct note first = { 0 }, same = { 0 }, other = { 0 }, later = { 0 };
	const struct resolver_answer *answer;
	bool passed;

	setup();
	zone_add(&server, "a.test", "A", 60, "192.0.2.10");
	zone_add(&server, "a.test", "A", 60, "192.0.2.9");
	zone_add(&server, "a.test", "AAAA", 60, "2001:db8::1");
	watch(&first, "a.test", CONFIG_RESOLVE_A, 80);
	watch(&same, "A.Test.", CONFIG_RESOLVE_A, 80);
	watch(&other, "a.test", CONFIG_RESOLVE_AAAA, 80);
	passed = !resolver_watch_answer(&first.watch) &&
		 told(&first, 1, "192.0.2.9:80 192.0.2.10:80", "") &&
		 told(&same, 1, "192.0.2.9:80 192.0.2.10:80", "") &&
		 told(&other, 1, "2001:db8::1:80", "") &&
		 resolver_stats(resolver).names == 2 && lookups() == 2 &&
		 first.valid_ms == 60000;
	watch(&later, "a.test", CONFIG_RESOLVE_A, 80);
	answer = resolver_watch_answer(&later.watch);
	passed = passed && answer && answer->count == 2 && !answer->problem;
	/* The old one goes after the new one came: nothing is looked up. */
	resolver_watch_del(&first.watch);
	resolver_watch_del(&same.watch);
	passed = passed && pass(1000) && lookups() == 2 && !later.calls &&
		 resolver_watch_answer(&later.watch) == answer;
	resolver_watch_del(&later.watch);
	resolver_watch_del(&other.watch);
	passed = passed && resolver_stats(resolver).names == 0;
	passed = passed && pass(100000) && lookups() == 2;
	teardown();
	return passed;
}

/* Not before its TTL, and soon after. */
static bool by_ttl(void)
{
	static const struct {
		uint32_t ttl;
		uint64_t valid_ms;
	} cases[] = {
		{ 1000, 1000000 },   { 1, 300000 },	     { 0, 300000 },
		{ 100000, 3600000 }, { UINT32_MAX, 300000 },
	};
	bool passed = true;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t valid = cases[i].valid_ms;
		struct note note = { 0 };

		setup();
		config.ttl_min = 300000;
		passed = configure() && passed;
		zone_add(&server, "a.test", "A", cases[i].ttl, "192.0.2.1");
		watch(&note, "a.test", CONFIG_RESOLVE_A, 80);
		passed = passed && told(&note, 1, "192.0.2.1:80", "") &&
			 note.valid_ms == valid;
		passed = passed && pass(valid / 10 * 8) && lookups() == 1;
		passed = passed && pass(valid / 10 * 3) &&
			 until(lookups() == 2);
		passed = passed && note.calls == 1;
		teardown();
	}
	return passed;
}

/* Each TTL on the way counts; names are followed, and nothing else is taken. */
static bool aliases(void)
{
	struct note note = { 0 };
	bool passed;

	setup();
	zone_add(&server, "a.test", "CNAME", 900, "B.test");
	zone_add(&server, "b.test", "CNAME", 70, "c.test");
	zone_add(&server, "c.test", "A", 800, "192.0.2.1");
	zone_add(&server, "c.test", "A", 700, "192.0.2.2");
	zone_add_stray(&server, "other.test", "A", "192.0.2.66");
	zone_add_stray(&server, "a.test", "AAAA", "2001:db8::66");
	watch(&note, "a.test", CONFIG_RESOLVE_A, 80);
	passed = told(&note, 1, "192.0.2.1:80 192.0.2.2:80", "") &&
		 note.valid_ms == 70000;
	teardown();
	return passed;
}

static bool rotated(void)
{
	struct note note = { 0 };
	bool passed;

	setup();
	zone_add(&server, "a.test", "A", 60, "192.0.2.1");
	zone_add(&server, "a.test", "A", 60, "192.0.2.2");
	zone_add(&server, "a.test", "A", 60, "192.0.2.3");
	watch(&note, "a.test", CONFIG_RESOLVE_A, 80);
	passed = told(&note, 1, "192.0.2.1:80 192.0.2.2:80 192.0.2.3:80", "");
	for (unsigned int i = 0; i < 5; i++) {
		zone_rotate(&server);
		passed = passed && pass(67000) && until(lookups() == i + 2);
	}
	passed = passed && note.calls == 1;
	/* The same one twice is one. */
	zone_add(&server, "a.test", "A", 60, "192.0.2.2");
	passed = passed && pass(67000) && lookups() == 7 && note.calls == 1;
	teardown();
	return passed;
}

static bool changed(void)
{
	struct note note = { 0 };
	bool passed;

	setup();
	zone_add(&server, "a.test", "A", 60, "192.0.2.1");
	zone_add(&server, "a.test", "A", 60, "192.0.2.2");
	watch(&note, "a.test", CONFIG_RESOLVE_A, 80);
	passed = told(&note, 1, "192.0.2.1:80 192.0.2.2:80", "");
	zone_add(&server, "a.test", "A", 60, "192.0.2.3");
	passed = passed && pass(67000) &&
		 told(&note, 2, "192.0.2.1:80 192.0.2.2:80 192.0.2.3:80", "");
	zone_clear(&server);
	zone_add(&server, "a.test", "A", 60, "192.0.2.2");
	passed = passed && pass(67000) && told(&note, 3, "192.0.2.2:80", "");
	passed = passed && pass(67000) && note.calls == 3;
	teardown();
	return passed;
}

/* By UDP it does not fit: by TCP it does. */
static bool truncated(void)
{
	struct note small = { 0 }, large = { 0 };
	char address[32];
	bool passed;

	setup();
	server.does = TRUNCATES;
	zone_add(&server, "small.test", "A", 60, "192.0.2.1");
	for (unsigned int i = 0; i < 256; i++) {
		snprintf(address, sizeof(address), "10.0.0.%u", i);
		zone_add(&server, "large.test", "A", 60, address);
	}
	watch(&small, "small.test", CONFIG_RESOLVE_A, 80);
	passed = told(&small, 1, "192.0.2.1:80", "") &&
		 server.tcp_questions == 1 && server.udp_questions == 1;
	server.does = ANSWERS;
	watch(&large, "large.test", CONFIG_RESOLVE_A, 80);
	passed = passed && until(large.calls) && large.count == 256 &&
		 !large.problem[0] && server.tcp_questions == 2;
	/* The 257th is one too many: the first are used, and it is said. */
	zone_add(&server, "large.test", "A", 60, "10.0.1.0");
	zone_rotate(&server);
	passed = passed && pass(67000) && until(large.calls == 2) &&
		 large.count == 256 &&
		 strncmp(large.addresses, "10.0.0.0:80 ", 12) == 0 &&
		 !strcmp(large.problem,
			 "257 addresses, the first 256 are used") &&
		 resolver_stats(resolver).failures == 0;
	teardown();
	return passed;
}

/* Where questions come from is not to be guessed; chance may repeat one. */
static bool ports(void)
{
	struct note notes[50] = { 0 };
	char name[32];
	bool passed = true;

	setup();
	for (unsigned int i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "n%u.test", i);
		zone_add(&server, name, "A", 60, "192.0.2.1");
		watch(&notes[i], name, CONFIG_RESOLVE_A, 80);
	}
	for (unsigned int i = 0; i < 50; i++)
		passed = passed && told(&notes[i], 1, "192.0.2.1:80", "");
	passed = passed && server.udp_questions >= 50 && server.same_port < 3;
	teardown();
	return passed;
}

/* Pauses are in their limits, and not all the same. */
static bool pauses(void)
{
	static const struct {
		uint32_t ttl_min;
		uint32_t ttl_max;
		uint64_t valid_ms;
		unsigned int failures;
		uint64_t least;
		uint64_t most;
	} cases[] = {
		{ 5000, 3600000, 100000, 0, 100000, 110000 },
		{ 5000, 3600000, 3600000, 0, 3240000, 3600000 },
		{ 5000, 3600000, 5000, 0, 5000, 5500 },
		{ 5000, 5000, 5000, 0, 5000, 5000 },
		{ 5000, 5100, 5000, 0, 5000, 5100 },
		{ 5000, 3600000, 0, 1, 5000, 5500 },
		{ 5000, 3600000, 0, 2, 10000, 11000 },
		{ 5000, 3600000, 0, 4, 40000, 44000 },
		{ 5000, 3600000, 0, 5, 60000, 66000 },
		{ 5000, 3600000, 0, 4000000000U, 60000, 66000 },
		{ 300000, 3600000, 0, 9, 300000, 306000 },
		{ 1000, 3000, 0, 9, 2700, 3000 },
	};
	bool passed = true;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct config_resolver limits = {
			.ttl_min = cases[i].ttl_min,
			.ttl_max = cases[i].ttl_max,
		};
		uint64_t least = UINT64_MAX, most = 0, span;

		for (unsigned int j = 0; j < 1000; j++) {
			uint64_t pause =
				cases[i].failures ?
					resolver_pause_failure(
						&limits, cases[i].failures) :
					resolver_pause_answer(
						&limits, cases[i].valid_ms);

			least = pause < least ? pause : least;
			most = pause > most ? pause : most;
		}
		span = cases[i].most - cases[i].least;
		if (least >= cases[i].least && most <= cases[i].most &&
		    most - least >= span / 2)
			continue;
		printf("# case %zu: %lu to %lu\n", i, least, most);
		passed = false;
	}
	return passed;
}

static bool no_names(void)
{
	static const char *const bad[] = {
		"",
		".",
		"a..test",
		".test",
		"a b.test",
		"a/b",
		"192.0.2.1",
		"a.test..",
		"0123456789012345678901234567890123456789012345678901234567890123.test",
	};
	struct resolver_watch one = { .changed = note_changed };
	bool passed = true;

	setup();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		passed = resolver_watch_add(resolver, &one, bad[i],
					    CONFIG_RESOLVE_A, 80) == -EINVAL &&
			 passed;
	resolver_watch_del(&one);
	passed = passed && resolver_stats(resolver).names == 0;
	teardown();
	return passed;
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	ktap_result(&ktap, shared(), "one name is looked up once for all");
	ktap_result(&ktap, by_ttl(), "looked up again by TTL, in its limits");
	ktap_result(&ktap, aliases(), "CNAMEs, the lowest TTL, and strays");
	ktap_result(&ktap, rotated(), "another order is no change");
	ktap_result(&ktap, changed(), "addresses come and go");
	ktap_result(&ktap, truncated(), "what is too long comes by TCP");
	ktap_result(&ktap, ports(), "each question has a port of its own");
	ktap_result(&ktap, pauses(), "pauses and their limits");
	ktap_result(&ktap, no_names(), "what is not a name is refused");
	return ktap_end(&ktap);
}
