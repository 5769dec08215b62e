// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests through stratum proxy, step by step, between clients and servers. */
#include "proxying.h"

#define SERVICE(more)                                                    \
	"services:\n  web: {address: ['127.0.0.1:%u'], pool: app, " more \
	"}\nversion: 1\npools:\n"
#define ONE "  app: {servers: ['127.0.0.1:%u']}\n"
#define HTTP(more) SERVICE("parse: http, http: {" more "}")
#define PLAIN HTTP("retries: 2") ONE
#define RAW SERVICE("stratum: proxy") ONE
#define UPGRADING                                                                    \
	SERVICE("parse: http, routes: [{name: r, pool: app, upgrade: [websocket]}]") \
	ONE
/* One request at a time, and others wait. */
#define QUEUE                                                    \
	"  app: {queue: 2, servers: [{address: '127.0.0.1:%u', " \
	"connections-max: 1}]}\n"
#define CHECKED                                          \
	SERVICE("parse: http")                           \
	"  app: {check: c, servers: ['127.0.0.1:%u']}\n" \
	"checks:\n  c: {type: tcp, interval: 100ms, "    \
	"timeout: 100ms, rise: 1, fall: 1}\n"
#define FIXED \
	SERVICE("parse: http, routes: [{name: r, answer: {status: 204}}]") ONE
/* To itself by TLS, and from there to the server. */
#define TLS                                                               \
	"services:\n"                                                     \
	"  web: {address: ['127.0.0.1:%1$u'], parse: http, pool: self}\n" \
	"  tls: {address: ['127.0.0.1:%4$u'], parse: http, pool: app,\n"  \
	"    tls: {certificates: [a]}}\n"                                 \
	"version: 1\ncertificates:\n  a: {file: '%5$s/a.pem'}\npools:\n"  \
	"  app: {servers: ['127.0.0.1:%2$u']}\n"                          \
	"  self: {servers: ['127.0.0.1:%4$u'], tls: {ca: '%5$s/ca'}} # %3$u\n"
#define QUEUED HTTP("queue-timeout: 10s") QUEUE

/* Of a client that is bound to the first server by its cookie. */
#define BOUND(first, second)                                          \
	SERVICE("parse: http, http: {queue-timeout: 5s}")             \
	"  app: {sticky: {cookie: ID, mode: application}, servers: [" \
	"{address: '127.0.0.1:%u', " first                            \
	"connections-max: 1}, {address: '127.0.0.1:%u', " second      \
	"connections-max: 1}]}\n"
#define BINDS                                                                \
	"HTTP/1.1 200 OK\r\nset-cookie: ID=one\r\ncontent-length: 2\r\n\r\n" \
	"ok"
#define BY_ID(path) "GET " path " HTTP/1.1\r\n" HOST "cookie: ID=one\r\n\r\n"

/* The first server of two, and what happens to what it has. */
#define TWO(pool, first)                                             \
	SERVICE("parse: http")                                       \
	"  app: {" pool "servers: [{address: '127.0.0.1:%u', " first \
	"weight: 9}, {address: '127.0.0.1:%u', weight: 0}]}\n"
#define TWO_NEXT(pool, first)                                        \
	SERVICE("parse: http")                                       \
	"  app: {" pool "servers: [{address: '127.0.0.1:%u', " first \
	"weight: 9}, {address: '127.0.0.1:%u'}]}\n"
#define RAW_TWO(pool, first)                                         \
	SERVICE("stratum: proxy")                                    \
	"  app: {" pool "servers: [{address: '127.0.0.1:%u', " first \
	"weight: 9}, {address: '127.0.0.1:%u', weight: 0}]}\n"

#define MANY "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HOST "host: a\r\n"
#define GET "GET / HTTP/1.1\r\n" HOST "\r\n"
#define GET2 "GET /2 HTTP/1.1\r\n" HOST "\r\n"
#define POST(fields) "POST / HTTP/1.1\r\n" HOST fields "\r\n"
#define ANSWER(length) "HTTP/1.1 200 OK\r\ncontent-length: " length "\r\n\r\n"
#define OK ANSWER("2") "ok"
#define END "\r\n\r\n"
#define ASKED "s<GET / ", "s<" END
#define GETS(who) #who "<HTTP/1.1 200", #who "<" END, #who "=ok"

#define TAKES_SOME "s/1000000", "c#20000000"

#define STEPS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* Its content begins. */
static const char post_of_9[] = "c>" POST("content-length: 9\r\n") "a";
static const char head_and_a[] = "s<" END "a";
static const char answer_ok[] = "s>" OK;
static const char rest_of_head[] = "c<" END;

static const struct proxying cases[] = {
	{
		.name = "a request, and the next on the same connections",
		.config = PLAIN,
		.steps = STEPS("c>" GET, ASKED, "s>" OK, GETS(c), "c>" GET2,
			       "s=GET /2 ", "s<" END, "s>" OK, GETS(c)),
	},
	{
		.name = "requests that come together are answered in order",
		.config = PLAIN,
		.steps = STEPS("c>" GET GET2, ASKED, "s-", "s>" OK, "s=GET /2 ",
			       "s<" END, "s>" ANSWER("3") "two", GETS(c),
			       "c=HTTP/1.1 200", "c<" END, "c=two"),
	},
	{
		.name = "content of both sides, by length",
		.config = PLAIN,
		.steps = STEPS("c>" POST("content-length: 4\r\n") "ab",
			       "s<Content-Length: 4", "s<" END "ab", "c>cd",
			       "s=cd", "s>" OK, GETS(c), "c>" GET, ASKED,
			       "s>" OK, GETS(c)),
	},
	{
		.name = "content of both sides, in chunks",
		.config = PLAIN,
		.steps = STEPS(
			"c>" POST("transfer-encoding: chunked\r\n") "2\r\n"
								    "ab\r"
								    "\n",
			"s<Transfer-Encoding: chunked", "s<" END "2\r\nab\r\n",
			"c>0\r\n\r\n", "s=0\r\n\r\n",
			"s>HTTP/1.1 200 OK\r\ntransfer-encoding: chunked"
			"\r\n\r\n3\r\nabc\r\n",
			"c<" END "3\r\nabc\r\n", "s>0\r\n\r\n", "c=0\r\n\r\n",
			"c>" GET, ASKED, "s>" OK, GETS(c)),
	},
	{
		.name = "much content of both sides",
		.config = PLAIN,
		.steps = STEPS("c>" POST("content-length: 9000000\r\n"),
			       "s<" END, "c*s9000000", "s>" ANSWER("9000000"),
			       "c<" END, "s*c9000000", "c>" GET, ASKED, "s>" OK,
			       GETS(c)),
	},
	{
		.name = "HEAD has no content, whatever its length",
		.config = PLAIN,
		.steps = STEPS("c>HEAD / HTTP/1.1\r\n" HOST "\r\n", "s<HEAD / ",
			       "s<" END, "s>" ANSWER("5"),
			       "c<Content-Length: 5", "c<" END, "c-", "c>" GET,
			       "s=GET / ", "s<" END, "s>" OK, GETS(c)),
	},
	{
		.name = "HTTP/1.0 gets chunks as what ends with the connection",
		.config = PLAIN,
		.steps = STEPS("c>GET / HTTP/1.0\r\n" HOST "\r\n", ASKED,
			       "s>HTTP/1.1 200 OK\r\ntransfer-encoding: chunked"
			       "\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
			       "c<" END "abc", "c$"),
	},
	{
		.name = "content that ends with the server's connection",
		.config = PLAIN,
		.steps = STEPS("c>" GET, ASKED, "s>HTTP/1.1 200 OK\r\n\r\nabc",
			       "c<" END "3\r\nabc\r\n", "s.", "c=0\r\n\r\n",
			       "c>" GET, "t<GET / ", "t<" END, "t>" OK,
			       GETS(c)),
	},
	{
		.name = "bytes behind a response are nobody's",
		.config = PLAIN,
		.steps = STEPS("c>" GET, ASKED, "s>" OK OK, GETS(c), "c-",
			       "c>" GET2, "t<GET /2 ", "t<" END, "t>" OK,
			       GETS(c), "s$"),
	},
	{
		.name = "a response that nobody asked for",
		.config = PLAIN,
		.steps = STEPS("c>" GET, ASKED, "s>" OK, GETS(c), "s>" OK, "s!",
			       "c>" GET2, "t<GET /2 ", "t<" END, "t>" OK,
			       GETS(c)),
	},
	{
		.name = "a response that ends too early is seen to",
		.config = PLAIN,
		.steps = STEPS("c>" GET, ASKED, "s>" ANSWER("9") "abc",
			       "c<" END "abc", "s.", "c!"),
	},
	{
		.name = "a server that says nothing and closes is tried again",
		.config = PLAIN,
		.steps = STEPS("c>" GET, ASKED, "s>" OK, GETS(c), "c>" GET2,
			       "s<GET /2", "s<" END, "s.", "t<GET /2", "t<" END,
			       "t>" OK, GETS(c)),
	},
	{
		.name = "and not with one idle connection after the other",
		.config = PLAIN,
		.steps = STEPS("c>" GET, ASKED, "d>" GET, "t<GET / ", "t<" END,
			       "s>" OK, GETS(c), "t>" OK, GETS(d), "c>" GET2,
			       "t<GET /2", "t<" END, "t.", "u<GET /2", "s-",
			       "u<" END, "u>" OK, GETS(c)),
	},
	{
		.name = "not with a request that is not to be done twice",
		.config = HTTP("retries: 2") "  app: {reuse: always, servers: "
					     "['127.0.0.1:%u']}\n",
		.steps = STEPS("c>" GET, ASKED, "s>" OK, GETS(c),
			       "c>" POST("content-length: 2\r\n") "ab",
			       "s<POST / ", "s<ab", "s.", "c<HTTP/1.1 502"),
	},
	{
		.name = "content is sent once more to the next server",
		.config = PLAIN,
		.steps = STEPS("c>" GET, ASKED, "s>" OK, GETS(c),
			       "c>PUT / HTTP/1.1\r\n" HOST
			       "content-length: 4\r\n\r\nab",
			       "s<PUT / ", "s<" END "ab", "s.", "t<PUT / ",
			       "t<" END "ab", "c>cd", "t=cd", "t>" OK, GETS(c),
			       "c>" GET, "t=GET / ", "t<" END, "t>" OK,
			       GETS(c)),
	},
	{
		.name = "100 Continue, asked for",
		.config = PLAIN,
		.steps = STEPS(
			"c>" POST("expect: 100-continue\r\n"
				  "content-length: 2\r\n"),
			"s<100-continue\r\n", "s>HTTP/1.1 100 Continue\r\n\r\n",
			"c=HTTP/1.1 100", "c<" END, "c>ab", "s<" END "ab",
			"s>" OK, GETS(c), "c>" GET, ASKED, "s>" OK, GETS(c)),
	},
	{
		.name = "an answer before the content has come",
		.config = PLAIN,
		.steps = STEPS("c>" POST("content-length: 200000\r\n") "ab",
			       "s<" END "ab",
			       "s>HTTP/1.1 413 No\r\ncontent-length: 0\r\n\r\n",
			       "c<HTTP/1.1 413", "c<Connection: close",
			       "c<" END, "c#100000", "c$"),
	},
	{
		.name = "a change of protocol, with bytes behind both heads",
		.config = UPGRADING,
		.steps = STEPS("c>GET / HTTP/1.1\r\n" HOST
			       "connection: upgrade\r\nupgrade: websocket\r\n"
			       "\r\nfirst",
			       "s<GET / ", "s<" END, "s-",
			       "s>HTTP/1.1 101 Yes\r\nconnection: upgrade\r\n"
			       "upgrade: websocket\r\n\r\nhello",
			       "s=first", "c<HTTP/1.1 101", "c<" END "hello",
			       "c>more", "s=more", "c|", "s$", "s>last",
			       "c=last", "s.", "c$"),
	},
	{
		.name = "a tunnel that was cut off is no connection for others",
		.config = UPGRADING,
		.steps = STEPS("c>GET / HTTP/1.1\r\n" HOST
			       "connection: upgrade\r\nupgrade: websocket\r\n"
			       "\r\n",
			       ASKED,
			       "s>HTTP/1.1 101 Yes\r\nconnection: upgrade\r\n"
			       "upgrade: websocket\r\n\r\n",
			       "c<HTTP/1.1 101", "c<" END, "c^", "s!",
			       "d>" GET2, "t<GET /2", "t<" END, "t>" OK,
			       GETS(d)),
	},
	{
		.name = "a change of protocol that nobody asked for",
		.config = PLAIN,
		.steps = STEPS("c>" GET, ASKED,
			       "s>HTTP/1.1 101 Yes\r\nconnection: upgrade\r\n"
			       "upgrade: x\r\n\r\n",
			       "c<HTTP/1.1 502", "s!"),
	},
	{
		.name = "what is refused is seen by clients that still send",
		.config = PLAIN,
		.steps = STEPS("c>" POST("content-length: 5\r\n"
					 "content-length: 6\r\n"),
			       "-", "c#100000", "c<HTTP/1.1 400", ("c<" END),
			       "c<\n", "-", "c#100000", "c$"),
	},
	{
		.name = "a response that comes in parts takes as long as it likes",
		.config = HTTP("body-timeout: 1s, rate-min: 1M") ONE,
		.steps = STEPS("c>" GET, ASKED, "s>" ANSWER("9") "a",
			       "c<" END "a", "-", "s>b", "c=b", "-", "s>c",
			       "c=c", "-", "s>d", "c=d", "-", "s>e", "c=e", "-",
			       "s>f", "c=f", "-", "s>g", "c=g", "-", "s>h",
			       "c=h", "-", "s>i", "c=i", "c>" GET, ASKED,
			       "s>" OK, GETS(c)),
	},
	{
		.name = "one that stops does not",
		.config = HTTP("body-timeout: 200ms") ONE,
		.steps = STEPS("c>" GET, ASKED, "s>" ANSWER("7") "a", "c!",
			       "s!"),
	},
	{
		.name = "content that comes in parts takes as long as it likes",
		.config = HTTP("body-timeout: 1s, rate-min: 0") ONE,
		.steps = STEPS(post_of_9, head_and_a, "-", "c>b", "s=b", "-",
			       "c>c", "s=c", "-", "c>d", "s=d", "-", "c>e",
			       "s=e", "-", "c>f", "s=f", "-", "c>g", "s=g", "-",
			       "c>h", "s=h", "-", "c>i", "s=i", answer_ok,
			       "c<HTTP/1.1 200", rest_of_head, "c=ok"),
	},
	{
		.name = "content that stops is refused",
		.config = HTTP("body-timeout: 200ms") ONE,
		.steps = STEPS("c>" POST("content-length: 7\r\n") "a",
			       "s<" END "a", "c<HTTP/1.1 408", "s!"),
	},
	{
		.name = "content that comes byte by byte is refused",
		.config = HTTP("body-timeout: 500ms") ONE,
		/* Also where nobody takes it any more. */
		.steps = STEPS(post_of_9, head_and_a, "-", "c#1", "-", "c#1",
			       "-", "c#1", "-", "c#1", "-", "c#1", "-", "c#1",
			       "-", "c#1", "-", "c#1", "c<HTTP/1.1 408",
			       rest_of_head, "s!"),
	},
	{
		.name = "a server that takes its time is not its client's fault",
		.config = HTTP("body-timeout: 2s, rate-min: 1G") ONE,
		.steps = STEPS("c>" POST("content-length: 900000000\r\n"),
			       ("s<" END), "c#20000000", TAKES_SOME, TAKES_SOME,
			       TAKES_SOME, TAKES_SOME, TAKES_SOME, TAKES_SOME,
			       TAKES_SOME, TAKES_SOME, TAKES_SOME, TAKES_SOME,
			       TAKES_SOME, TAKES_SOME, TAKES_SOME, TAKES_SOME,
			       TAKES_SOME, "c-"),
	},
	{
		.name = "the answer has its own time",
		.config = HTTP("body-timeout: 200ms, answer-timeout: 5s") ONE,
		.steps =
			STEPS("c>" GET, ASKED, "-", "-", "-", "s>" OK, GETS(c)),
	},
	{
		.name = "and no more",
		.config = HTTP("body-timeout: 10s, answer-timeout: 200ms, "
			       "retries: 0") ONE,
		.steps = STEPS("c>" GET, ASKED, "c<HTTP/1.1 504", "s!"),
	},
	{
		.name = "a head that does not come is asked for no longer",
		.config = HTTP("head-timeout: 300ms") ONE,
		.steps = STEPS("c>GET / HT", "-", "c>TP", "c<HTTP/1.1 408",
			       ("c<" END)),
	},
	{
		.name = "a client that says nothing more is let go",
		.config = HTTP("idle-timeout: 200ms") ONE,
		.steps = STEPS("c>" GET, ASKED, "s>" OK, GETS(c), "c$"),
	},
	{
		.name = "a server that has enough: others wait",
		.config = QUEUED,
		.steps = STEPS("c>" GET, ASKED, "d>" GET2, "e>" GET2, "-",
			       "s>" OK, GETS(c), "s=GET /2 ", "s<" END, "s>" OK,
			       "s=GET /2 ", "s<" END, "s>" OK, GETS(d),
			       GETS(e)),
	},
	{
		.name = "others wait on any worker",
		.config = QUEUED,
		.threads = 4,
		.steps = STEPS("c>" GET, ASKED, "d>" GET2, "e>" GET2, "-",
			       "s>HTTP/1.1 200 OK\r\nconnection: close\r\n"
			       "content-length: 2\r\n\r\nok",
			       GETS(c), "t<GET /2 ", "t<" END,
			       "t>HTTP/1.1 200 OK\r\nconnection: close\r\n"
			       "content-length: 2\r\n\r\nok",
			       "u<GET /2 ", "u<" END, "u>" OK, GETS(d),
			       GETS(e)),
	},
	{
		.name = "others still wait when the configuration is exchanged",
		.config = QUEUED,
		.next = QUEUED,
		.threads = 2,
		.steps = STEPS("c>" GET, ASKED, "d>" GET2, "-", "R", "-",
			       "s>HTTP/1.1 200 OK\r\nconnection: close\r\n"
			       "content-length: 2\r\n\r\nok",
			       GETS(c), "t<GET /2 ", "t<" END, "t>" OK,
			       GETS(d)),
	},
	{
		.name = "a new configuration's requests make room for old ones",
		.config = QUEUED,
		.next = QUEUED,
		.threads = 2,
		.steps = STEPS("c>" GET, ASKED, "d>" GET2, "-", "R", "-",
			       "e>" GET2, "-",
			       "s>HTTP/1.1 200 OK\r\nconnection: close\r\n"
			       "content-length: 2\r\n\r\nok",
			       GETS(c), "t<GET /2 ", "t<" END,
			       "t>HTTP/1.1 200 OK\r\nconnection: close\r\n"
			       "content-length: 2\r\n\r\nok",
			       "u<GET /2 ", "u<" END, "u>" OK, GETS(d),
			       GETS(e)),
	},
	{
		.name = "not more than may wait, and not for ever",
		.config = HTTP("queue-timeout: 300ms") QUEUE,
		.steps = STEPS("c>" GET, ASKED, "d>" GET2, "e>" GET2, "-",
			       "d<HTTP/1.1 503", "e<HTTP/1.1 503", "s>" OK,
			       GETS(c)),
	},
	{
		.name = "who belongs to a server waits for it, others go elsewhere",
		.config = BOUND("queue: 1, ", "weight: 0, "),
		.next = BOUND("queue: 1, ", ""),
		.steps = STEPS("c>" GET, ASKED, "s>" BINDS, GETS(c), "R", "-",
			       "c>" BY_ID("/"), ASKED, "d>" BY_ID("/2"), "-",
			       "e>" GET, "x<GET / ", "x<" END, "x>" OK, GETS(e),
			       "x-", "s>" OK, GETS(c), "s=GET /2 ", "s<" END,
			       "s>" OK, GETS(d)),
	},
	{
		.name = "no more wait for a server than may: another one has them",
		.config = BOUND("queue: 1, ", "weight: 0, "),
		.next = BOUND("queue: 1, ", ""),
		.steps = STEPS("c>" GET, ASKED, "s>" BINDS, GETS(c), "R", "-",
			       "c>" BY_ID("/"), ASKED, "d>" BY_ID("/2"), "-",
			       "e>" BY_ID("/3"), "x<GET /3 ", "x<" END, "x>" OK,
			       GETS(e), "s>" OK, GETS(c), "s=GET /2 ", "s<" END,
			       "s>" OK, GETS(d)),
	},
	{
		.name = "without a queue of its server nobody waits for it",
		.config = BOUND("", "weight: 0, "),
		.next = BOUND("", ""),
		.steps = STEPS("c>" GET, ASKED, "s>" BINDS, GETS(c), "R", "-",
			       "c>" BY_ID("/"), ASKED, "d>" BY_ID("/2"),
			       "x<GET /2 ", "x<" END, "x>" OK, GETS(d), "s>" OK,
			       GETS(c)),
	},
	{
		.name = "who waits for a server that goes down gets another one",
		.config = BOUND("queue: 1, ", "weight: 0, "),
		.next = BOUND("queue: 1, state: down, ", ""),
		.steps = STEPS("c>" GET, ASKED, "s>" BINDS, GETS(c),
			       "c>" BY_ID("/"), ASKED, "d>" BY_ID("/2"), "-",
			       "R", "x<GET /2 ", "x<" END, "x>" OK, GETS(d),
			       "s>" OK, GETS(c)),
	},
	{
		.name = "who waits for one server is not served for ever either",
		.config = BOUND("queue: 1, ", "weight: 0, "),
		.threads = 2,
		.steps = STEPS("c>" GET, ASKED, "s>" BINDS, GETS(c),
			       "c>" BY_ID("/"), ASKED, "d>" BY_ID("/2"),
			       "d<HTTP/1.1 503", "s>" OK, GETS(c)),
	},
	{
		.name = "those who wait for one server come first, on any worker",
		.config = BOUND("queue: 2, ", "weight: 0, "),
		.threads = 4,
		.steps = STEPS("c>" GET, ASKED, "s>" BINDS, GETS(c),
			       "c>" BY_ID("/"), ASKED, "d>" BY_ID("/2"),
			       "e>" BY_ID("/2"), "-",
			       "s>HTTP/1.1 200 OK\r\nconnection: close\r\n"
			       "content-length: 2\r\n\r\nok",
			       GETS(c), "t<GET /2 ", "t<" END,
			       "t>HTTP/1.1 200 OK\r\nconnection: close\r\n"
			       "content-length: 2\r\n\r\nok",
			       "u<GET /2 ", "u<" END, "u>" OK, GETS(d),
			       GETS(e)),
	},
	{
		.name = "who belongs to a server by a hash waits for it",
		.config = SERVICE(
			"parse: http") "  app: {scheduler: maglev, servers: ["
				       "{address: '127.0.0.1:%u', weight: 65535, queue: 1, "
				       "connections-max: 1}, {address: '127.0.0.1:%u'}]}\n",
		.steps = STEPS("c>" GET, ASKED, "d>" GET2, "-", "s>" OK,
			       GETS(c), "s=GET /2 ", "s<" END, "s>" OK,
			       GETS(d)),
	},
	{
		.name = "who waits for one server and goes makes room",
		.config = BOUND("queue: 1, ", "weight: 0, "),
		.steps = STEPS("c>" GET, ASKED, "s>" BINDS, GETS(c),
			       "c>" BY_ID("/"), ASKED, "d>" BY_ID("/2"), "-",
			       "d^", "-", "e>" BY_ID("/3"), "-", "s>" OK,
			       GETS(c), "s=GET /3 ", "s<" END, "s>" OK,
			       GETS(e)),
	},
	{
		.name = "who waits and goes is not served",
		.config = QUEUED,
		.steps = STEPS("c>" GET, ASKED, "d>" GET, "-", "d^", "e>" GET2,
			       "-", "s>" OK, GETS(c), "s=GET /2 ", "s<" END,
			       "s>" OK, GETS(e)),
	},
	{
		.name = "a server is used as its check finds it",
		.config = CHECKED,
		.steps = STEPS("U", "c>" GET, ASKED, "s>" OK, GETS(c), "F",
			       "c>" GET, "c<HTTP/1.1 503", "c<" END, "U",
			       "d>" GET2, "s<GET /2", "s<" END, "s>" OK,
			       GETS(d)),
	},
	{
		.name = "a route by a regular expression",
		.config = SERVICE("parse: http, routes: [{name: r, match: "
				  "{path-regex: '^/(2|3)$'}, answer: "
				  "{status: 204}}]") ONE,
		.steps = STEPS("c>" GET2, "c<HTTP/1.1 204", "c<" END, "c>" GET,
			       ASKED, "s>" OK, GETS(c)),
	},
	{
		.name = "an expression that takes too long lets nobody past it",
		.config = SERVICE("parse: http, routes: [{name: no, match: "
				  "{path-regex: '^/(a+)+$'}, reject: 403}, "
				  "{name: all, answer: {status: 204}}]") ONE,
		.steps = STEPS("c>GET /aa HTTP/1.1\r\n" HOST "\r\n",
			       "c<HTTP/1.1 403", "c<" END, "c=403 Forbidden\n",
			       "c>GET /b HTTP/1.1\r\n" HOST "\r\n",
			       "c<HTTP/1.1 204", "c<" END,
			       "c>GET /" MANY "! HTTP/1.1\r\n" HOST "\r\n",
			       "c<HTTP/1.1 400"),
	},
	{
		.name = "a client whose service is another one by now is let go",
		.config = PLAIN,
		.next = RAW,
		.steps = STEPS("c>" GET, ASKED, "s>" OK, GETS(c), "R", "c$"),
	},
	{
		.name = "what clients are trusted in is as it is configured now",
		.config = HTTP("trusted: ['127.0.0.1/32']") ONE,
		.next = PLAIN,
		.steps = STEPS("c>GET / HTTP/1.1\r\n" HOST
			       "x-forwarded-for: 192.0.2.1\r\n\r\n",
			       "s<192.0.2.1", "s<" END, "s>" OK, GETS(c), "R",
			       "-",
			       "c>GET / HTTP/1.1\r\n" HOST
			       "x-forwarded-for: 192.0.2.1\r\n\r\n",
			       "s<X-Forwarded-For: 127.0.0.1\r\n", "s<" END,
			       "s>" OK, GETS(c)),
	},
	{
		.name = "TLS on both sides",
		.config = TLS,
		.steps = STEPS("c>" GET, ASKED, "s>" OK, GETS(c),
			       "c>" POST("content-length: 900000\r\n"),
			       "t<" END, "c*t900000", "t>" ANSWER("9000000"),
			       "c<" END, "t*c9000000", "c>" GET, "t=GET / ",
			       "t<" END, "t>" OK, GETS(c)),
	},
	{
		.name = "TLS: content that stops, and what nobody takes",
		.config = TLS,
		.steps = STEPS("c>" GET, ASKED, "s>" ANSWER("9000000"),
			       "c<" END, "s#9000000", "c.", "s!", "d>" GET,
			       "t<GET /", "t<" END, "t>" ANSWER("9") "abc",
			       "d<" END "abc", "t.", "d!"),
	},
	{
		.name = "TLS: a certificate is for the host of each request",
		.config = TLS,
		.steps = STEPS("c>" GET, ASKED, "s>" OK, GETS(c),
			       "c>GET / HTTP/1.1\r\nhost: b\r\n\r\n",
			       "c<HTTP/1.1 502", "c<" END),
	},
	{
		.name = "a configuration that is refused changes nothing",
		.config = PLAIN,
		/* The server listens there. */
		.next = "services:\n  web: {address: ['127.0.0.1:%1$u', "
			"'127.0.0.1:%2$u'], pool: app, parse: http}\n"
			"version: 1\npools:\n  app: {servers: "
			"[{address: '127.0.0.1:%2$u', state: down}]}\n",
		.steps = STEPS("c>" GET, ASKED, "s>" OK, GETS(c), "B",
			       "c>" GET2, "s=GET /2 ", "s<" END, "s>" OK,
			       GETS(c)),
	},
	{
		.name = "requests outlive the configuration that they came with",
		.config = PLAIN,
		.next = PLAIN,
		.steps = STEPS("c>" GET, ASKED, "R", "-", "s>" OK, GETS(c),
			       "c>" GET2, "s<GET /2", "s<" END, "s>" OK,
			       GETS(c)),
	},
	{
		.name = "a server that goes down keeps what it has, by default",
		.config = TWO("", ""),
		.next = TWO_NEXT("", "state: down, "),
		.steps = STEPS("c>" GET, ASKED, "R", "-", "s>" OK, GETS(c),
			       "c>" GET2, "x<GET /2 ", "x<" END, "x>" OK,
			       GETS(c)),
	},
	{
		.name = "where the pool says so, another one is asked",
		.config = TWO("on-down: reset, ", ""),
		.next = TWO_NEXT("on-down: reset, ", "state: down, "),
		.threads = 2,
		.steps = STEPS("c>" GET, ASKED, "R", "x<GET / ", "x<" END,
			       "x>" OK, GETS(c), "s!"),
	},
	{
		.name = "and what cannot be repeated is answered 502",
		.config = TWO("on-down: reset, ", ""),
		.next = TWO_NEXT("on-down: reset, ", "state: down, "),
		.steps = STEPS("c>" POST("content-length: 1\r\n") "a",
			       "s<" END "a", "R", "c<HTTP/1.1 502", "s!"),
	},
	{
		.name = "a response on its way is cut off",
		.config = TWO("on-down: reset, ", ""),
		.next = TWO_NEXT("on-down: reset, ", "state: down, "),
		.steps = STEPS("c>" GET, ASKED, "s>" ANSWER("9") "some",
			       "c<" END "some", "R", "c!", "s!"),
	},
	{
		.name = "a tunnel of a server that goes down is cut off",
		.config = RAW_TWO("on-down: reset, ", ""),
		.next = RAW_TWO("on-down: reset, ", "state: down, "),
		.steps = STEPS("c>hello", "s=hello", "R", "c!", "s!"),
	},
	{
		.name = "or goes on",
		.config = RAW_TWO("", ""),
		.next = RAW_TWO("", "state: down, "),
		.steps = STEPS("c>hello", "s=hello", "R", "-", "s>bye", "c=bye",
			       "c>more", "s=more"),
	},
	{
		.name = "a tunnel outlives a server that drains, for its time",
		.config = RAW_TWO("drain: 700ms, ", ""),
		.next = RAW_TWO("drain: 700ms, ", "state: draining, "),
		.threads = 2,
		.steps = STEPS("c>hello", "s=hello", "R", "-", "s>bye", "c=bye",
			       "T", "c!", "s!"),
	},
	{
		.name = "a tunnel, with an end of each side by itself",
		.config = RAW,
		.steps = STEPS("c>hello", "s=hello", "s>bye", "c=bye", "c|",
			       "s$", "s>more", "c=more", "s.", "c$"),
	},
	{
		.name = "what a server sent before it closed arrives",
		.config = RAW,
		.steps = STEPS("c>hello", "s=hello", "s#300000", "s.", "-",
			       "c>x", "-", "c>x", "-", "c>x", "-", "c/300000"),
	},
	{
		.name = "draining: an exchange of the configuration changes nothing",
		.config = FIXED,
		.next = FIXED,
		.steps = STEPS("c>GET / HT", "-", "D", "-", "R", "-", "d?",
			       ("c>TP/1.1\r\n" HOST "\r\n"), "c<HTTP/1.1 204",
			       ("c<" END), "c$"),
	},
	{
		.name = "clients wait while there are no descriptors",
		.config = PLAIN,
		.steps = STEPS("c>" GET, ASKED, "d+", "L", "d>" GET2, "-",
			       "s>" OK, GETS(c), "-", "l", "s<GET /2", "s<" END,
			       "s>" OK, GETS(d)),
	},
	{
		.name = "draining: requests come to their end, and no others",
		.config = PLAIN,
		.steps = STEPS("d>" GET, ASKED, "s>" OK, GETS(d), "c>" GET,
			       "s<GET / ", "s<" END, "D", "-", "d$", "d.", "d?",
			       "s>" OK, "c<HTTP/1.1 200", "c<" END, "c=ok",
			       "c$"),
	},
};

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	ktap_begin();
	pki_begin(&pki, "authority");
	pki_issue(&pki, "a.pem", (struct pki_wish){ .names = "DNS:a" });
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		proxying(&cases[i]);
	pki_end(&pki);
	rmdir(folder);
	return ktap_end(&ktap);
}
