// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What stratum proxy lets pass only so often, so long or so large, and routes that only
 * it has.
 *
 *	W	a thousand requests of c's are answered with 502 or 503, a quarter of
 *		them with 503
 *	V	a client is served before long, and goes
 */
static _Bool limits_step(const char *step);
#define PROXYING_STEP limits_step
#include "proxying.h"

#define SERVICE(more)                                                    \
	"services:\n  web: {address: ['127.0.0.1:%u'], pool: app, " more \
	"}\nversion: 1\npools:\n"
#define HTTP(more) SERVICE("parse: http, http: {" more "}")
#define ONE "  app: {servers: ['127.0.0.1:%u']}\n"
#define ROUTES(routes) SERVICE("parse: http, routes: [" routes "]") ONE
#define MATCH(name, match, status) \
	"{name: " name ", match: {" match "}, answer: {status: " status "}}"
#define FIXED(more)                                                          \
	SERVICE("parse: http, http: {" more "}, routes: [{name: r, answer: " \
		"{status: 204}}]")                                           \
	ONE
#define UPGRADING(more)                             \
	SERVICE("parse: http, http: {" more         \
		"}, routes: [{name: r, pool: app, " \
		"upgrade: [websocket]}]")           \
	ONE
/* Clients with the cookie belong to the first server, if it has ever had them. */
#define BOUND(budget, second)                                         \
	HTTP("retries: 1, retry-budget: " budget)                     \
	"  app: {sticky: {cookie: ID, mode: application}, servers: [" \
	"'127.0.0.1:%u', {address: '127.0.0.1:%u', weight: " second "}]}\n"

#define HOST "host: a\r\n"
#define END "\r\n\r\n"
#define GET "GET / HTTP/1.1\r\n" HOST "\r\n"
#define WITH(fields) "GET / HTTP/1.1\r\n" HOST fields "\r\n"
#define OK "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
#define ASKED "s<GET / ", ("s<" END)
#define GETS(who) #who "<HTTP/1.1 200", #who "<" END, #who "=ok"
#define BINDS                                                                \
	"HTTP/1.1 200 OK\r\nset-cookie: ID=one\r\ncontent-length: 2\r\n\r\n" \
	"ok"
#define BY_ID WITH("cookie: ID=one\r\n")
#define STATUS(request, status) ("c>" request), "c<HTTP/1.1 " status, "c<" END

/* The first server fails, the second one is asked. */
#define FAILS_OVER \
	"c>" BY_ID, ASKED, "s.", "x<GET / ", "x<" END, "x>" OK, GETS(c)
#define FAILS_OVER_3 FAILS_OVER, FAILS_OVER, FAILS_OVER
#define CHANGED                                                         \
	"HTTP/1.1 101 Yes\r\nconnection: upgrade\r\nupgrade: websocket" \
	"\r\n\r\n"
#define CHANGES                                                              \
	("c>" WITH("connection: upgrade\r\nupgrade: websocket\r\n")), ASKED, \
		("s>" CHANGED), "c<HTTP/1.1 101", ("c<" END)

/* Texts of so many bytes. */
#define A32 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A128 A32 A32 A32 A32
#define A512 A128 A128 A128 A128
#define A2K A512 A512 A512 A512
#define A8K A2K A2K A2K A2K
#define A992 A512 A128 A128 A128 A32 A32 A32

#define STEPS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const struct proxying cases[] = {
	{
		.name = "no more retries than are in store, where none are earned",
		.config = BOUND("0%%", "0"),
		.next = BOUND("0%%", "1"),
		.steps = STEPS("c>" GET, ASKED, "s>" BINDS, GETS(c), "s.", "R",
			       "-", FAILS_OVER_3, FAILS_OVER_3, FAILS_OVER_3,
			       FAILS_OVER, "c>" BY_ID, ASKED, "s.",
			       "c<HTTP/1.1 502", "c<" END),
	},
	{
		.name = "each request earns its retry with a budget of 100%%",
		.config = BOUND("100%%", "0"),
		.next = BOUND("100%%", "1"),
		.steps = STEPS("c>" GET, ASKED, "s>" BINDS, GETS(c), "s.", "R",
			       "-", FAILS_OVER_3, FAILS_OVER_3, FAILS_OVER_3,
			       FAILS_OVER_3),
	},
	{
		.name = "no more clients than may be, and others once there is room",
		.config = FIXED("connections-max: 2"),
		.steps = STEPS(STATUS(GET, "204"), "d>" GET, "d<HTTP/1.1 204",
			       "e+", "e!", "e.", STATUS(GET, "204"), "d.", "V"),
	},
	{
		.name = "a connection ends with the last request that it may have",
		.config = HTTP("requests-max: 2") ONE,
		.steps = STEPS("c>" GET GET GET, ASKED, "s>" OK, GETS(c), ASKED,
			       "s>" OK, "c<HTTP/1.1 200", "c<Connection: close",
			       "c<" END, "c=ok", "c$", "s-"),
	},
	{
		.name = "a head as long as it may be",
		.config = FIXED("head-max: 1k"),
		.steps = STEPS(STATUS(WITH("x: " A992 "\r\n"), "204")),
	},
	{
		.name = "and one byte longer",
		.config = FIXED("head-max: 1k"),
		.steps = STEPS(STATUS(WITH("x: " A992 "a\r\n"), "431"), "c!"),
	},
	{
		.name = "a head that is longer than a buffer",
		.config = HTTP("head-max: 60k") ONE,
		.steps = STEPS(("c>" WITH("x: " A8K A8K A8K A8K A8K A8K
					  "\r\ny: last\r\n")),
			       "s<GET / ",
			       "s<x: " A8K A8K A8K A8K A8K A8K "\r\n",
			       "s<y: last\r\n", "s<" END, "s>" OK, GETS(c),
			       "c>" GET, ASKED, "s>" OK, GETS(c)),
	},
	{
		.name = "as many fields as there may be, and one more",
		.config = FIXED("headers-max: 3"),
		.steps = STEPS(STATUS(WITH("x: 1\r\ny: 2\r\n"), "204"),
			       STATUS(WITH("x: 1\r\ny: 2\r\nz: 3\r\n"), "431"),
			       "c!"),
	},
	{
		.name = "a tunnel that is silent for too long",
		.config = UPGRADING("tunnel-timeout: 300ms"),
		.steps = STEPS(CHANGES, "c!", "s!"),
	},
	{
		.name = "a tunnel has its own time, and no least rate",
		.config = UPGRADING("body-timeout: 100ms, idle-timeout: 100ms, "
				    "rate-min: 1G"),
		.steps = STEPS(CHANGES, "c>a", "s=a", "-", "-", "c>b", "s=b",
			       "-", "s>c", "c=c", "-", "c-", "s-"),
	},
	{
		.name = "connections to servers that are never used again",
		.config = HTTP("") "  app: {reuse: never, servers: "
				   "['127.0.0.1:%u']}\n",
		.steps = STEPS("c>" GET, "s<GET / ", "s<Connection: close",
			       "s<" END, "s>" OK, GETS(c), "s$", "c>" GET,
			       "t<GET / ", "t<" END, "t>" OK, GETS(c), "t$"),
	},
	{
		.name = "pools by weight",
		/* Nobody listens at the one, the other has no server that is up. */
		.config = "services:\n"
			  "  web: {address: ['127.0.0.1:%1$u'], parse: http,\n"
			  "    http: {retries: 0},\n"
			  "    routes: [{name: r, pools: {a: 3, b: 1}}]}\n"
			  "version: 1\npools:\n"
			  "  a: {servers: ['127.0.0.1:%4$u']}\n"
			  "  b: {servers: [{address: '127.0.0.1:%2$u', "
			  "state: down}]} # %3$u\n",
		.steps = STEPS("W"),
	},
	{
		.name = "routes by regular expressions of fields",
		.config = ROUTES(MATCH(
			"a", "header: {X-A: {regex: '^b+$'}}",
			"201") ", " MATCH("b",
					  "header: {X-B: {regex: '^(?i)q'}}",
					  "202")),
		.steps = STEPS(STATUS(WITH("x-a: bbb\r\n"), "201"),
			       STATUS(WITH("x-a: abb\r\nX-A: b\r\n"), "201"),
			       STATUS(WITH("x-b: Quite\r\n"), "202"),
			       "c>" WITH("x-a: bbbc\r\nx-b: a q\r\n"), ASKED,
			       "s>" OK, GETS(c), "c>" GET, ASKED, "s>" OK,
			       GETS(c)),
	},
	{
		.name = "routes by regular expressions of cookies",
		.config = ROUTES(
			MATCH("a", "cookie: {k: {regex: '^[0-9]+$'}}", "201")),
		.steps = STEPS(STATUS(WITH("cookie: a=b; k=12\r\n"), "201"),
			       STATUS(WITH("cookie: k=x\r\ncookie: k=1\r\n"),
				      "201"),
			       "c>" WITH("cookie: k=1x; K=1; kk=1\r\n"), ASKED,
			       "s>" OK, GETS(c)),
	},
	{
		.name = "routes by regular expressions of parameters",
		.config = ROUTES(MATCH(
			"a", "query: {k: {regex: '^[0-9]+$'}}",
			"201") ", " MATCH("b", "query: {e: {regex: '^$'}}",
					  "202")),
		.steps = STEPS(
			STATUS("GET /?a=b&k=12 HTTP/1.1\r\n" HOST "\r\n", "201"),
			STATUS("GET /?k=x&k=1 HTTP/1.1\r\n" HOST "\r\n", "201"),
			STATUS("GET /?e HTTP/1.1\r\n" HOST "\r\n", "202"),
			"c>GET /?k=1x&kk=1&K=1&e=f HTTP/1.1\r\n" HOST "\r\n",
			"s<GET /?k=1x", "s<" END, "s>" OK, GETS(c)),
	},
};

static bool answered_by_weight(void)
{
	struct peer *c = peer_of('c');
	unsigned int second = 0;

	if (!open_peer(c))
		return false;
	for (unsigned int i = 0; i < 1000; i++) {
		if (!send_all(c, GET) || !expect(c, "HTTP/1.1 50", false) ||
		    (!c->held && take_more(c, LIMIT_MS) <= 0) ||
		    (c->data[0] != '2' && c->data[0] != '3'))
			return false;
		second += c->data[0] == '3';
		if (!expect(c, END, false))
			return false;
	}
	printf("# %u of 1000\n", second);
	/* Eleven times the standard deviation away: never, if it is by chance. */
	return second > 100 && second < 400;
}

static bool is_served(void)
{
	struct peer *e = peer_of('e');
	bool served = false;

	for (int ms = 0; !served && ms < LIMIT_MS; ms += 10) {
		served = open_peer(e) && send_all(e, GET) &&
			 take_more(e, LIMIT_MS) > 0;
		close_peer(e);
		if (!served)
			usleep(10000);
	}
	return served;
}

static bool limits_step(const char *step)
{
	return *step == 'W' ? answered_by_weight() :
	       *step == 'V' ? is_served() :
			      false;
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	ktap_begin();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		proxying(&cases[i]);
	rmdir(folder);
	return ktap_end(&ktap);
}
