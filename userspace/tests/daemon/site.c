// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel is told of servers: by configuration, checks and changes, in time. */
#include "site_fake.h"
#include "site_metrics.h"

#define SERVICE(pool) \
	"services: {s: {address: ['192.0.2.1:80'], pool: " pool "}}\n"
#define CHECKS                                                                        \
	"version: 1\n"                                                                \
	"checks:\n"                                                                   \
	"  c: {type: tcp, interval: 100ms, timeout: 100ms, rise: 1, fall: 1}\n"       \
	"  agent: {type: agent, interval: 100ms, timeout: 100ms, rise: 1, fall: 1}\n" \
	"pools:\n"
#define PLAIN SERVICE("web") CHECKS
#define CHECKED PLAIN "  web: {check: c, servers: ['10.0.0.1:80']}\n"
#define SLOW \
	PLAIN "  web: {check: c, slow-start: 10s, servers: ['10.0.0.1:80']}\n"
#define AGENT PLAIN "  web: {check: agent, servers: ['10.0.0.1:80']}\n"
#define A "10.0.0.1:80"

static bool as_configured(void)
{
	setup();
	reload(PLAIN
	       "  web: {servers: [{address: 10.0.0.1:80, weight: 7},\n"
	       "    {address: 10.0.0.2:80, state: draining, forward: dr},\n"
	       "    {address: 10.0.0.3:80, state: down, forward: tunnel}]}\n");
	return was_told("has web 10.0.0.1:80 up 7\n"
			"has web 10.0.0.2:80 draining 1 dr\n"
			"has web 10.0.0.3:80 down 1 tunnel\n");
}

/* A pool of both families is two, each only if a service asks for it. */
static bool families(void)
{
	bool right;

	setup();
	reload(PLAIN "  web: {servers: ['10.0.0.1:80', '[2001:db8::1]:80']}\n");
	right = was_told("has web 10.0.0.1:80 up 1\n");
	reload("services: {s: {address: ['[2001:db8::9]:80'], pool: web}}\n" CHECKS
	       "  web: {check: c, servers: ['10.0.0.1:80', '[2001:db8::1]:80']}\n");
	right &= was_told("has web@ipv6 [2001:db8::1]:80 up 1\n");
	found_of("[2001:db8::1]:80")->down = true;
	found_of(A)->down = true;
	pass_time(300);
	return right & was_told("set web@ipv6 [2001:db8::1]:80 down 1\n");
}

static bool checked(void)
{
	bool right;

	setup();
	reload(CHECKED);
	right = was_told("has web 10.0.0.1:80 up 1\n");
	pass_time(300);
	right &= was_told("");
	found_of(A)->down = true;
	pass_time(300);
	right &= was_told("set web 10.0.0.1:80 down 1\n") &&
		 strcmp(site_server_why(server_at("web", A)), "found down") ==
			 0;
	found_of(A)->down = false;
	pass_time(300);
	return right & was_told("set web 10.0.0.1:80 up 1\n") &&
	       !site_server_why(server_at("web", A));
}

/* Whether the page of metrics has this. */
static bool page_has(const char *line)
{
	struct metrics *m = metrics_create();
	struct iovec part;
	size_t used = 0;
	bool right;
	char *text;

	site_metrics(m, site);
	if (!metrics_finish(m))
		return false;
	text = calloc(1, metrics_size(m) + 1);
	for (; metrics_parts(m, used, &part, 1) == 1; used += part.iov_len)
		memcpy(text + used, part.iov_base, part.iov_len);
	right = strstr(text, line);
	free(text);
	metrics_free(m);
	return right;
}

/* Days that a certificate has left, where a check has seen one. */
static bool days_left(void)
{
	bool right;

	setup();
	reload(CHECKED);
	pass_time(300);
	right = !page_has("certificate_days");
	found_of(A)->days = -3;
	found_of(A)->has_days = true;
	pass_time(300);
	return right &
	       page_has(
		       "\nsluice_check_certificate_days{pool=\"web\",server=\"" A
		       "\",check=\"c\"} -3\n");
}

/* The worse of what is asked for and what is found. */
static bool worse_of_both(void)
{
	const struct change drain = { .has_state = true,
				      .state = SLUICE_SERVER_STATE_DRAINING };
	bool right;

	setup();
	reload(CHECKED);
	pass_time(300);
	right = put_change("web", A, drain) && touch("web", A) &&
		was_told("has web 10.0.0.1:80 up 1\n"
			 "set web 10.0.0.1:80 draining 1\n");
	found_of(A)->down = true;
	pass_time(300);
	right &= was_told("set web 10.0.0.1:80 down 1\n");
	found_of(A)->down = false;
	pass_time(300);
	right &= was_told("set web 10.0.0.1:80 draining 1\n");
	right &= put_change("web", A, (struct change){ .has_state = false }) &&
		 touch("web", A);
	return right & was_told("set web 10.0.0.1:80 up 1\n");
}

static bool changed_weight(void)
{
	const struct change weight = { .has_weight = true, .weight = 9 };
	bool right;

	setup();
	reload(CHECKED);
	right = put_change("web", A, weight) && touch("web", A);
	right &= was_told("has web 10.0.0.1:80 up 1\n"
			  "set web 10.0.0.1:80 up 9\n");
	reload(CHECKED);
	return right & was_told("has web 10.0.0.1:80 up 9\n");
}

static bool added_and_removed(void)
{
	const struct change added = { .added = true,
				      .has_weight = true,
				      .weight = 3,
				      .forward = SLUICE_FORWARD_DR };
	const struct change removed = { .removed = true };
	bool right;

	setup();
	right = put_change("web", "10.0.0.9:80", added) &&
		put_change("web", A, removed) &&
		put_change("no-such-pool", A, added);
	reload(CHECKED);
	return right & was_told("has web 10.0.0.9:80 up 3 dr\n");
}

/* Several changes in one turn are one request with what holds at its end. */
static bool once_a_turn(void)
{
	struct change weight = { .has_weight = true, .weight = 2 };
	bool right;

	setup();
	reload(CHECKED);
	told[0] = '\0';
	flushes = 0;
	right = put_change("web", A, weight);
	site_server_touch(server_at("web", A));
	weight.weight = 3;
	right &= put_change("web", A, weight);
	site_server_touch(server_at("web", A));
	loop_turn(host.loop, 0);
	right &= was_told("set web 10.0.0.1:80 up 3\n") && flushes == 1;
	loop_turn(host.loop, 0);
	return right && flushes == 1;
}

static struct site_server *add(const char *at)
{
	struct sluice_endpoint endpoint;

	sluice_endpoint_parse(at, &endpoint);
	return site_server_add(site_pool_lookup(site, "web"), NULL, &endpoint);
}

/* In one turn: in the order in which the kernel can do it. */
static bool added_again(void)
{
	struct change weight = { .has_weight = true, .weight = 2 };
	bool right;

	setup();
	reload(CHECKED);
	told[0] = '\0';
	right = put_change("web", A, weight);
	site_server_touch(server_at("web", A));
	site_server_del(server_at("web", A));
	right &= add(A) != NULL;
	loop_turn(host.loop, 0);
	right &= was_told("del web 10.0.0.1:80\n"
			  "add web 10.0.0.1:80 up 2\n");
	/* One that the kernel never had. */
	site_server_del(add("10.0.0.2:80"));
	loop_turn(host.loop, 0);
	right &= was_told("");
	/* In the end, it is gone. */
	site_server_del(server_at("web", A));
	site_server_del(add(A));
	loop_turn(host.loop, 0);
	return right & was_told("del web 10.0.0.1:80\n");
}

/* What is pending when a site is replaced or ends is let go of. */
static bool ends_with_pending(void)
{
	struct change weight = { .has_weight = true, .weight = 2 };
	bool right;

	setup();
	reload(CHECKED);
	told[0] = '\0';
	right = put_change("web", A, weight);
	site_server_touch(server_at("web", A));
	site_server_del(add("10.0.0.2:80"));
	right &= add("10.0.0.3:80") != NULL;
	reload(CHECKED);
	right &= was_told("has web 10.0.0.1:80 up 2\n");
	site_server_del(server_at("web", A));
	return right;
}

static bool agent(void)
{
	bool right;

	setup();
	found_of(A)->weight_percent = 50;
	reload(AGENT);
	pass_time(300);
	right = was_told("has web 10.0.0.1:80 up 100\n"
			 "set web 10.0.0.1:80 up 50\n");
	found_of(A)->weight_percent = CHECK_NO_WEIGHT;
	found_of(A)->advice = CHECK_ADVICE_DRAIN;
	pass_time(300);
	/* What it said holds until it says something else. */
	found_of(A)->advice = CHECK_ADVICE_NONE;
	pass_time(300);
	right &= was_told("set web 10.0.0.1:80 draining 50\n");
	found_of(A)->advice = CHECK_ADVICE_MAINT;
	pass_time(300);
	right &= was_told("set web 10.0.0.1:80 down 50\n");
	found_of(A)->advice = CHECK_ADVICE_READY;
	pass_time(300);
	return right & was_told("set web 10.0.0.1:80 up 50\n");
}

/* Nobody would ever take that back. */
static bool agent_leaves(void)
{
	bool right;

	setup();
	found_of(A)->weight_percent = 50;
	found_of(A)->advice = CHECK_ADVICE_MAINT;
	reload(AGENT);
	pass_time(300);
	told[0] = '\0';
	reload(AGENT);
	right = was_told("has web 10.0.0.1:80 down 50\n");
	found_of(A)->weight_percent = CHECK_NO_WEIGHT;
	found_of(A)->advice = CHECK_ADVICE_NONE;
	reload(CHECKED);
	pass_time(300);
	return right & was_told("has web 10.0.0.1:80 up 1\n");
}

static uint32_t weight_of(const char *at)
{
	return server_at("web", at)->told.weight;
}

static bool slow_start(void)
{
	uint32_t early, later;
	bool right;

	setup();
	found_of(A)->down = true;
	reload(SLOW);
	pass_time(300);
	right = was_told("has web 10.0.0.1:80 up 100\n"
			 "set web 10.0.0.1:80 down 100\n");
	found_of(A)->down = false;
	pass_time(2000);
	early = weight_of(A);
	pass_time(5000);
	later = weight_of(A);
	right &= early > 0 && early < 30 && later > 50 && later < 80;
	pass_time(4000);
	return right && weight_of(A) == 100 && TAILQ_EMPTY(&site->slow);
}

/* Through reloads, also of a pool without check, and without slow start by now. */
static bool slow_start_reloaded(void)
{
	uint32_t before;
	bool right;

	setup();
	found_of(A)->down = true;
	reload(SLOW);
	pass_time(300);
	found_of(A)->down = false;
	pass_time(5000);
	before = weight_of(A);
	reload(SLOW);
	right = before > 30 && before < 60 && weight_of(A) >= before &&
		weight_of(A) < 60;
	reload(PLAIN "  web: {slow-start: 10s, servers: ['10.0.0.1:80']}\n");
	right &= weight_of(A) >= before && weight_of(A) < 60;
	/* Its time is over by now. */
	reload(PLAIN "  web: {slow-start: 1s, servers: ['10.0.0.1:80']}\n");
	right &= weight_of(A) == 100;
	reload(CHECKED);
	right &= weight_of(A) == 1 && TAILQ_EMPTY(&site->slow);
	reload(SLOW);
	return right && weight_of(A) == 100;
}

/* Shares of large weights stay shares. */
static bool large_weights(void)
{
	setup();
	reload(PLAIN
	       "  web: {slow-start: 10s, servers: [{address: 10.0.0.1:80,\n"
	       "    weight: 65535}, {address: 10.0.0.2:80, weight: 1}]}\n");
	return was_told("has web 10.0.0.1:80 up 65535\n"
			"has web 10.0.0.2:80 up 1\n");
}

/* Whatever comes together, the heaviest is the largest that the kernel takes. */
static bool heavier_later(void)
{
	struct change change = { .has_weight = true, .weight = 6553 };
	bool right;

	setup();
	reload(PLAIN
	       "  web: {slow-start: 10s, servers: ['10.0.0.1:80', '10.0.0.2:80']}\n");
	told[0] = '\0';
	right = site_pool_scale(site_pool_lookup(site, "web")) == 100 &&
		put_change("web", A, change);
	site_pool_weigh(site_pool_lookup(site, "web"));
	loop_turn(host.loop, 0);
	right &= was_told("set web 10.0.0.1:80 up 65535\n"
			  "set web 10.0.0.2:80 up 10\n") &&
		 site_pool_scale(site_pool_lookup(site, "web")) == 10;
	change.has_weight = false;
	right &= put_change("web", A, change);
	site_pool_weigh(site_pool_lookup(site, "web"));
	loop_turn(host.loop, 0);
	return right & was_told("set web 10.0.0.1:80 up 100\n"
				"set web 10.0.0.2:80 up 100\n");
}

static struct sluice_server of_kernel(const char *pool, const char *at,
				      uint8_t state)
{
	struct sluice_server server = { .state = state,
					.weight = 40,
					.forward = SLUICE_FORWARD_TUNNEL };

	snprintf(server.pool, sizeof(server.pool), "%s", pool);
	sluice_endpoint_parse(at, &server.at);
	return server;
}

#define SHARED                                               \
	"services:\n"                                        \
	"  a: {address: ['192.0.2.1:80'], pool: a}\n"        \
	"  b: {address: ['192.0.2.1:81'], pool: b}\n" CHECKS \
	"  a: {check: c, servers: ['10.0.0.1:80']}\n"        \
	"  b: {check: c, servers: ['10.0.0.1:80']}\n"

/* Down before a restart: until a check says otherwise, in all pools that share it. */
static bool adopted(void)
{
	struct sluice_server has;
	char wrong[256] = "";
	struct site *next;
	bool right;

	setup();
	found_of(A)->down = true;
	next = try_site(SHARED, wrong, sizeof(wrong));
	has = of_kernel("a", A, SLUICE_SERVER_STATE_DOWN);
	site_adopt(next, &has);
	has = of_kernel("b", A, SLUICE_SERVER_STATE_DOWN);
	site_adopt(next, &has);
	has = of_kernel("b", "10.0.0.2:80", SLUICE_SERVER_STATE_UP);
	site_adopt(next, &has);
	has = of_kernel("nobody", A, SLUICE_SERVER_STATE_UP);
	site_adopt(next, &has);
	use_site(next);
	right = was_told("has a 10.0.0.1:80 down 1\n"
			 "has b 10.0.0.1:80 down 1\n") &&
		strcmp(site_server_why(server_at("a", A)),
		       "found before a restart") == 0;
	pass_time(300);
	right &= was_told("");
	found_of(A)->down = false;
	pass_time(300);
	return right & was_told("set b 10.0.0.1:80 up 1\n"
				"set a 10.0.0.1:80 up 1\n");
}

/* That somebody asked for it says nothing about what the check found. */
static bool adopted_as_asked(void)
{
	const struct change down = { .has_state = true,
				     .state = SLUICE_SERVER_STATE_DOWN };
	struct sluice_server has = of_kernel("web", A, down.state);
	char wrong[256] = "";
	struct site *next;
	bool right;

	setup();
	right = put_change("web", A, down);
	next = try_site(CHECKED, wrong, sizeof(wrong));
	site_adopt(next, &has);
	use_site(next);
	right &= was_told("has web 10.0.0.1:80 down 1\n") &&
		 put_change("web", A, (struct change){ .added = false }) &&
		 touch("web", A);
	return right & was_told("set web 10.0.0.1:80 up 1\n");
}

/* A check that says the same goes on with what it knows; another begins anew. */
static bool reload_keeps(void)
{
	bool right;

	setup();
	found_of(A)->down = true;
	reload(CHECKED);
	right = checks_made == 2;
	pass_time(300);
	told[0] = '\0';
	reload(CHECKED);
	right &= checks_made == 2 && was_told("has web 10.0.0.1:80 down 1\n") &&
		 check_engine_stats(host.engine).targets == 1 &&
		 strcmp(site_server_why(server_at("web", A)), "found down") ==
			 0;
	reload(SERVICE(
		"web") "version: 1\n"
		       "checks: {c: {type: tcp, interval: 200ms, timeout: 100ms}}\n"
		       "pools: {web: {check: c, servers: ['10.0.0.1:80']}}\n");
	return right & was_told("has web 10.0.0.1:80 down 1\n") &&
	       checks_made == 3;
}

/* Nothing of one that is not put in force is left, and nothing else has changed. */
static bool refused(void)
{
	char wrong[1024] = "";
	struct site *next;
	bool right;

	setup();
	found_of(A)->down = true;
	reload(CHECKED);
	pass_time(300);
	told[0] = '\0';
	next = try_site(
		PLAIN
		"  web: {check: c, servers: ['10.0.0.1:80', '10.0.0.2:80', 'a.test:80', 'refused.test:80']}\n",
		wrong, sizeof(wrong));
	right = !next && watched == 0 &&
		strstr(wrong,
		       "pools.web.servers: 'refused.test': Invalid argument\n");
	if (!right)
		printf("# %s", wrong);
	next = try_site(
		SERVICE("web") "version: 1\n"
			       "checks: {c: {type: tcp, source: '2001:db8::9'}}\n"
			       "pools:\n"
			       "  web: {check: c, servers: ['[2001:db8::1]:80', '10.0.0.2:80']}\n",
		wrong, sizeof(wrong));
	right &=
		!next && watched == 0 &&
		strstr(wrong,
		       "pools.web.servers: not of the family of 'source' of check c; give it a check of its own\n");
	if (!right)
		printf("# %s", wrong);
	/* One that was made, but that the kernel refuses. */
	next = try_site(
		PLAIN
		"  web: {check: c, slow-start: 1s, servers: ['10.0.0.1:80', '10.0.0.2:80', 'a.test:80']}\n",
		wrong, sizeof(wrong));
	right &= next && watched == 1;
	site_free(next);
	pass_time(300);
	return right && was_told("") && watched == 0 &&
	       check_engine_stats(host.engine).targets == 1;
}

static const struct {
	const char *name;
	bool (*run)(void);
} tests[] = {
	{ "states, weights and forwarding as configured", as_configured },
	{ "a pool for each family that a service has", families },
	{ "a check takes a server out and in again", checked },
	{ "days of certificates as metrics", days_left },
	{ "the worse of what is asked for and what is found", worse_of_both },
	{ "a weight that was changed holds through a reload", changed_weight },
	{ "servers added and removed at run time", added_and_removed },
	{ "the kernel is told once a turn, of what holds then", once_a_turn },
	{ "deleted and added in one turn", added_again },
	{ "a site ends with changes that were not told", ends_with_pending },
	{ "shares and states by an agent", agent },
	{ "what an agent said goes with it", agent_leaves },
	{ "slow start", slow_start },
	{ "slow start through reloads", slow_start_reloaded },
	{ "large weights are not multiplied", large_weights },
	{ "weights that grow are made to fit together", heavier_later },
	{ "servers that were down before a restart", adopted },
	{ "servers that were set down before a restart", adopted_as_asked },
	{ "a reload keeps what is known", reload_keeps },
	{ "a site that is refused leaves nothing", refused },
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
