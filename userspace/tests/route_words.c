// SPDX-License-Identifier: GPL-2.0-or-later
/* Words of routes: what the right ones mean, and what is said of wrong ones. */
#include <stdlib.h>
#include <string.h>

#include "ktap.h"
#include "restore.h"
#include "route.h"

#define SET "route set -t 192.0.2.1:80 r "
#define ADD "route add -t 192.0.2.1:80 r "

/* What is wrong with a line. */
static const struct {
	const char *line;
	const char *text;
} wrong[] = {
	{ "route zap", "route zap: not one of add, set, move, del, show" },
	{ "route add r pool p", "route: needs -t" },
	{ "route add -u 192.0.2.1:53 r pool p",
	  "--udp-service: of no use with route" },
	{ "route add -t 192.0.2.1:80", "route: needs NAME MATCH... ACTION" },
	{ "route del -t 192.0.2.1:80 r extra",
	  "'extra': nothing more may follow route" },
	{ ADD, "route r: needs an action: pool, reject, redirect or proxy" },
	{ ADD "host a.test",
	  "route r: needs an action: pool, reject, redirect or proxy" },
	{ ADD "hots a.test pool p",
	  "'hots': not a word of a route, see sluiceadm(8): host, path, prefix, pool, reject..." },
	{ ADD "pool", "pool: a value is missing" },
	{ ADD "pool p weight", "weight: a value is missing" },
	{ ADD "pool p weight 0", "weight '0': not a number from 1 to 65535" },
	{ ADD "weight 5 pool p", "weight: only after a pool" },
	{ ADD "pool p weight 5 weight 6", "weight: only after a pool" },
	{ ADD "host a.test host b.test pool p", "host: given twice" },
	{ ADD "path /a prefix /b pool p", "path and prefix: not together" },
	{ ADD "pool p reject", "pool and reject: not together" },
	{ ADD "reject pool p", "reject and pool: not together" },
	{ ADD "reject 403 404",
	  "'404': not a word of a route, see sluiceadm(8): host, path, prefix, pool, reject..." },
	{ ADD "reject 99", "status '99': not a number from 100 to 599" },
	{ ADD "proxy 0", "proxy port '0': not a number from 1 to 65535" },
	{ ADD "any host a.test reject", "any and host: not together" },
	{ ADD "host a..test reject", "host 'a..test': an empty label" },
	{ ADD "host a.test:80 reject",
	  "host 'a.test:80': a port, which is a condition of its own" },
	{ ADD "path a reject", "path 'a': no slash at the start" },
	{ ADD "prefix /a?b=c reject",
	  "path '/a?b=c': a query, which is a condition of its own" },
	{ ADD "header Host=a reject",
	  "header 'Host': Host, which is a condition of its own" },
	{ ADD "method GET method G:T reject", "method 'G:T': not a method" },
	{ ADD "query =1 reject", "query '1': no name" },
	{ ADD "header-prefix X-A reject",
	  "header-prefix 'X-A': not of the form NAME=VALUE" },
	{ ADD "cookie-prefix a= reject",
	  "cookie 'a': an empty prefix: ask for presence" },
	{ ADD "source 192.0.2.1/33 reject",
	  "length of the source's prefix '33': not a number from 0 to 32" },
	{ ADD "source 192.0.2.1/24 reject",
	  "source 1: bits that are not 0 after the prefix" },
	{ ADD "source a.test reject",
	  "source 'a.test': not an address or ADDRESS/BITS, as in 192.0.2.0/24 or 2001:db8::/32" },
	{ ADD "share 5 reject",
	  "share '5': not 0% to 100%, as in 5% or 0.25%" },
	{ ADD "share 100.01% reject",
	  "share '100.01%': not 0% to 100%, as in 5% or 0.25%" },
	{ ADD "share 1.234% reject",
	  "share '1.234%': not 0% to 100%, as in 5% or 0.25%" },
	{ ADD "share 1.% reject",
	  "share '1.%': not 0% to 100%, as in 5% or 0.25%" },
	{ ADD "share .5% reject",
	  "share '.5%': not 0% to 100%, as in 5% or 0.25%" },
	{ SET,
	  "route r: nothing to change: give what it matches (or any), or an action" },
	{ SET "reject before s",
	  "before: of no use with route set, see route move" },
	{ "route move -t 192.0.2.1:80 r host a",
	  "host: of no use with route move" },
	{ "route move -t 192.0.2.1:80 r before", "before: a value is missing" },
};

/* What is written the same as it was read. */
static const char *const same[] = {
	ADD "pool p",
	ADD "pool p weight 3 pool q pool weight weight 65535",
	ADD "reject",
	ADD "reject 403",
	ADD "redirect 301",
	ADD "proxy",
	ADD "proxy 8080",
	ADD "host *.example.com port 8443 prefix /api/v1 pool p",
	ADD "path / method GET method POST query a query b= query c=d=e pool p",
	ADD
	"header X-A header-prefix X-A=b cookie s=1 cookie-prefix t=u pool p",
	ADD "alpn h2 alpn http/1.1 proxy 8443",
	ADD
	"source 192.0.2.0/24 source 2001:db8::/32 source 192.0.2.7 source 0.0.0.0/0 pool p",
	ADD "share 0% pool p",
	ADD "share 5% salt 7 pool p",
	ADD "share 0.25% pool p",
	ADD "share 12.5% salt 4294967295 pool p",
	ADD "header \"User-Agent=a b\" pool p",
	ADD "header \"X=\\\"quoted\\\" and \\\\\" header X=\"1\" pool p",
	ADD "header \"X=a\\x09b\" alpn \"\\x01\\x7f\" pool p",
	ADD "header X=#1 pool #p",
	ADD "header X=\xff\xfe pool p",
	ADD "pool \"\\\"p\\\"\"",
};

/* What is written in another way. */
static const struct {
	const char *line;
	const char *text;
} other[] = {
	{ ADD "pool p weight 1", ADD "pool p" },
	{ ADD "share 100% salt 0 pool p", ADD "pool p" },
	{ ADD "any pool p", ADD "pool p" },
	{ ADD "pool p alpn h2 host A.test", ADD "host A.test alpn h2 pool p" },
	{ ADD "share 0.50% reject", ADD "share 0.5% reject" },
	{ ADD "source 192.0.2.1/32 reject", ADD "source 192.0.2.1 reject" },
	{ ADD "\"host\" \"a.test\" reject", ADD "host a.test reject" },
};

static int read_line(const char *line, struct adm_plan *plan,
		     struct adm_message *msg)
{
	unsigned long number;
	char text[1024];
	FILE *from;
	int status;

	snprintf(text, sizeof(text), "%s", line);
	from = fmemopen(text, strlen(text), "r");
	if (!from)
		abort();
	*plan = (struct adm_plan){ 0 };
	status = adm_plan_read(plan, from, &number, msg);
	fclose(from);
	return status;
}

static void test_wrong(struct ktap *ktap)
{
	struct adm_message msg;
	struct adm_plan plan;
	char name[600];
	bool passed;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		passed = read_line(wrong[i].line, &plan, &msg) == ADM_USAGE &&
			 strcmp(msg.text, wrong[i].text) == 0;
		if (!passed)
			printf("# '%s' instead of '%s'\n", msg.text,
			       wrong[i].text);
		snprintf(name, sizeof(name), "refused: %s", wrong[i].line);
		ktap_result(ktap, passed, name);
		adm_plan_free(&plan);
	}
}

static void check_written(struct ktap *ktap, const char *line,
			  const char *expect)
{
	char name[600];
	char *text = NULL;
	struct adm_message msg = { "" };
	struct adm_plan plan;
	bool passed = false;
	size_t size;
	FILE *to;

	to = open_memstream(&text, &size);
	if (!to)
		abort();
	if (read_line(line, &plan, &msg) == ADM_DONE && plan.count == 1) {
		fputs("route add -t 192.0.2.1:80 r", to);
		print_route(to, &plan.steps[0].req.route->route);
		fflush(to);
		passed = strcmp(text, expect) == 0;
	}
	fclose(to);
	if (!passed)
		printf("# '%s' %s\n", text, msg.text);
	snprintf(name, sizeof(name), "understood: %s", line);
	ktap_result(ktap, passed, name);
	adm_plan_free(&plan);
	free(text);
}

static void test_quotes(struct ktap *ktap)
{
	static const char *const bad[] = {
		"\"",	     "\"a",	  "\"a\\\"",   "\"a\"b",
		"\"\\",	     "\"\\a\"",	  "\"\\x\"",   "\"\\x0\"",
		"\"\\x00\"", "\"\\xGG\"", "\"\\x1G\"",
	};
	struct adm_message msg;
	struct adm_plan plan;
	char line[64];
	bool passed;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(line, sizeof(line), "-C\n-A %s", bad[i]);
		passed = read_line(line, &plan, &msg) == ADM_USAGE &&
			 strncmp(msg.text, "word 2: not right in quotes", 27) ==
				 0;
		adm_plan_free(&plan);
		ktap_result(ktap, passed, bad[i]);
	}
}

/* Other parts than the words: what names the route, and where it goes. */
static void test_places(struct ktap *ktap)
{
	const struct sluice_route *route;
	struct adm_message msg;
	struct adm_plan plan;
	bool passed;

	passed =
		read_line(
			"route add -t [2001:db8::1]:443 -- -a before -b reject\n"
			"route move -t 192.0.2.1:80 r before s\n"
			"route set -t 192.0.2.1:80 r any\n"
			"route set -t 192.0.2.1:80 r reject 404\n",
			&plan, &msg) == ADM_DONE &&
		plan.count == 4;
	ktap_result(ktap, passed, "four commands");
	if (!passed)
		return;
	route = &plan.steps[0].req.route->route;
	ktap_result(ktap,
		    strcmp(route->name, "-a") == 0 &&
			    strcmp(route->before, "-b") == 0 &&
			    route->service.at.port == 443 &&
			    route->service.at.address.family == AF_INET6 &&
			    route->has_action && !route->has_match,
		    "names that begin with a dash");
	route = &plan.steps[1].req.route->route;
	ktap_result(ktap,
		    strcmp(route->before, "s") == 0 && !route->has_action &&
			    !route->has_match,
		    "a move gives no match and no action");
	route = &plan.steps[2].req.route->route;
	ktap_result(ktap,
		    route->has_match && !route->has_action &&
			    route->match.share == SLUICE_ROUTE_SHARE_ALL,
		    "any is a match");
	route = &plan.steps[3].req.route->route;
	ktap_result(ktap,
		    !route->has_match && route->has_action &&
			    route->status == 404,
		    "an action alone leaves the match");
	adm_plan_free(&plan);
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	test_wrong(&ktap);
	for (size_t i = 0; i < ARRAY_SIZE(same); i++)
		check_written(&ktap, same[i], same[i]);
	for (size_t i = 0; i < ARRAY_SIZE(other); i++)
		check_written(&ktap, other[i].line, other[i].text);
	test_quotes(&ktap);
	test_places(&ktap);
	return ktap_end(&ktap);
}
