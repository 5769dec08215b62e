/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Heads of HTTP/1.x requests and what they mean. Those of an RFC have its section
 * in their name.
 */
#ifndef TESTS_HTTP_CASES_H
#define TESTS_HTTP_CASES_H

#include <sluice/http_head.h>

/*
 * Taken if @taken is there: method, form, [scheme://]host, which is "-" if there
 * is none, [:port], its kind, path in brackets, [?query in brackets], version, and
 * what is set of keep, length=, chunked, upgrade, websocket, continue. Else refused
 * for @error.
 */
struct http_case {
	const char *name;
	const char *text;
	size_t length;
	const char *taken;
	enum sluice_http_error error;
	struct sluice_http_limits limits;
};

#define TEXT(text) text, sizeof(text) - 1
#define TAKEN(name, text, taken) { name, TEXT(text), taken, 0, { 0 } }
#define REFUSED(name, text, error) \
	{ name, TEXT(text), NULL, SLUICE_HTTP_ERROR_##error, { 0 } }
#define LIMITED(name, text, head, target, headers, error)          \
	{                                                          \
		name, TEXT(text), NULL, SLUICE_HTTP_ERROR_##error, \
		{                                                  \
			head, target, headers                      \
		}                                                  \
	}
#define FITS(name, text, head, target, headers, taken) \
	{                                              \
		name, TEXT(text), taken, 0,            \
		{                                      \
			head, target, headers          \
		}                                      \
	}

/* Where only one thing matters. */
#define HOST "Host: www.example.com\r\n"
#define GET(fields) "GET / HTTP/1.1\r\n" HOST fields "\r\n"
#define POST(fields) "POST / HTTP/1.1\r\n" HOST fields "\r\n"
#define TARGET(target) "GET " target " HTTP/1.1\r\n" HOST "\r\n"
#define HOST_IS(host) "GET / HTTP/1.1\r\nHost: " host "\r\n\r\n"
#define GET_IS "GET origin www.example.com name [/] 1.1 keep"
#define POST_IS "POST origin www.example.com name [/] 1.1 keep"

#define TEN(text) text text text text text text text text text text

static const struct http_case http_cases[] = {
	/* Examples of RFCs, taken. */
	TAKEN("RFC 9110 3.9",
	      "GET /hello.txt HTTP/1.1\r\n"
	      "User-Agent: curl/7.64.1\r\n"
	      "Host: www.example.com\r\n"
	      "Accept-Language: en, mi\r\n\r\n",
	      "GET origin www.example.com name [/hello.txt] 1.1 keep"),
	TAKEN("RFC 9110 7.2",
	      "GET /pub/WWW/ HTTP/1.1\r\nHost: www.example.org\r\n\r\n",
	      "GET origin www.example.org name [/pub/WWW/] 1.1 keep"),
	TAKEN("RFC 9110 7.8, several protocols",
	      "GET /hello HTTP/1.1\r\n"
	      "Host: www.example.com\r\n"
	      "Connection: upgrade\r\n"
	      "Upgrade: websocket, IRC/6.9, RTA/x11\r\n\r\n",
	      "GET origin www.example.com name [/hello] 1.1 keep upgrade"),
	TAKEN("RFC 9110 9.3.6",
	      "CONNECT server.example.com:80 HTTP/1.1\r\n"
	      "Host: server.example.com\r\n"
	      "Proxy-Authorization: basic aGVsbG86d29ybGQ=\r\n\r\n",
	      "CONNECT authority server.example.com:80 name [] 1.1 keep"),
	TAKEN("RFC 9110 10.1.1",
	      "PUT /somewhere/fun HTTP/1.1\r\n"
	      "Host: origin.example.com\r\n"
	      "Content-Type: video/h264\r\n"
	      "Content-Length: 1234567890987\r\n"
	      "Expect: 100-continue\r\n\r\n",
	      "PUT origin origin.example.com name [/somewhere/fun] 1.1 keep "
	      "length=1234567890987 continue"),
	TAKEN("RFC 9112 2.2, one empty line before",
	      "\r\nGET / HTTP/1.1\r\n" HOST "\r\n", GET_IS),
	TAKEN("RFC 9112 3.2.1",
	      "GET /where?q=now HTTP/1.1\r\nHost: www.example.org\r\n\r\n",
	      "GET origin www.example.org name [/where]?[q=now] 1.1 keep"),
	TAKEN("RFC 9112 3.2.2",
	      "GET http://www.example.org/pub/WWW/TheProject.html HTTP/1.1\r\n"
	      "Host: www.example.org\r\n\r\n",
	      "GET absolute http://www.example.org name "
	      "[/pub/WWW/TheProject.html] 1.1 keep"),
	TAKEN("RFC 9112 3.2.3",
	      "CONNECT www.example.com:80 HTTP/1.1\r\n" HOST "\r\n",
	      "CONNECT authority www.example.com:80 name [] 1.1 keep"),
	TAKEN("RFC 9112 3.2.4",
	      "OPTIONS * HTTP/1.1\r\nHost: www.example.org:8001\r\n\r\n",
	      "OPTIONS asterisk www.example.org:8001 name [] 1.1 keep"),
	TAKEN("RFC 9112 3.2.4, as it was before the proxy",
	      "OPTIONS http://www.example.org:8001 HTTP/1.1\r\n"
	      "Host: www.example.org:8001\r\n\r\n",
	      "OPTIONS absolute http://www.example.org:8001 name [] 1.1 keep"),
	TAKEN("RFC 9112 3.3",
	      "GET /pub/WWW/TheProject.html HTTP/1.1\r\n"
	      "Host: www.example.org:8080\r\n\r\n",
	      "GET origin www.example.org:8080 name "
	      "[/pub/WWW/TheProject.html] 1.1 keep"),
	TAKEN("RFC 9112 7.1.2, trailers",
	      POST("Transfer-Encoding: chunked\r\nTE: trailers\r\n"
		   "Connection: TE\r\nTrailer: Expires\r\n"),
	      POST_IS " chunked"),
	TAKEN("RFC 9112 9.6", GET("Connection: close\r\n"),
	      "GET origin www.example.com name [/] 1.1"),
	TAKEN("RFC 6455 1.2",
	      "GET /chat HTTP/1.1\r\n"
	      "Host: server.example.com\r\n"
	      "Upgrade: websocket\r\n"
	      "Connection: Upgrade\r\n"
	      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	      "Origin: http://example.com\r\n"
	      "Sec-WebSocket-Protocol: chat, superchat\r\n"
	      "Sec-WebSocket-Version: 13\r\n\r\n",
	      "GET origin server.example.com name [/chat] 1.1 keep upgrade "
	      "websocket"),
	TAKEN("RFC 7540 3.2, an upgrade to HTTP/2",
	      "GET / HTTP/1.1\r\n"
	      "Host: server.example.com\r\n"
	      "Connection: Upgrade, HTTP2-Settings\r\n"
	      "Upgrade: h2c\r\n"
	      "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
	      "GET origin server.example.com name [/] 1.1 keep upgrade"),
	TAKEN("RFC 5789 2.1",
	      "PATCH /file.txt HTTP/1.1\r\n" HOST
	      "Content-Type: application/example\r\n"
	      "If-Match: \"e0023aa4e\"\r\n"
	      "Content-Length: 100\r\n\r\n",
	      "PATCH origin www.example.com name [/file.txt] 1.1 keep "
	      "length=100"),
	TAKEN("RFC 4918 9.1.3, a method that has no number",
	      "PROPFIND /file HTTP/1.1\r\n" HOST
	      "Content-type: application/xml; charset=\"utf-8\"\r\n"
	      "Content-Length: 283\r\n\r\n",
	      "PROPFIND origin www.example.com name [/file] 1.1 keep "
	      "length=283"),
	TAKEN("RFC 2616 5.1.2, the 1.0 of old clients",
	      "GET /pub/WWW/TheProject.html HTTP/1.0\r\n\r\n",
	      "GET origin - none [/pub/WWW/TheProject.html] 1.0"),

	/* Examples of RFCs, refused. */
	REFUSED("RFC 9113 3.4", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", HTTP2),
	REFUSED("RFC 9110 8.6, a list", POST("Content-Length: 42, 42\r\n"),
		LENGTH),
	REFUSED("RFC 9112 5.2", GET("Foo: bar\r\n baz\r\n"), FOLDED),
	REFUSED("RFC 9112 6.1, gzip, chunked",
		POST("Transfer-Encoding: gzip, chunked\r\n"), CODING_UNKNOWN),
	REFUSED("RFC 9112 6.3, chunked does not end it",
		POST("Transfer-Encoding: chunked, gzip\r\n"), CODING),
	REFUSED("RFC 3986 7.6, user information",
		"GET ftp://cnn.example.com&story=breaking_news@10.0.0.1/top.htm "
		"HTTP/1.1\r\n" HOST "\r\n",
		TARGET_FORM),

	/* Hosts: RFC 2732 2, RFC 3986 3.2.2 and 6.2.3. */
	TAKEN("RFC 2732 2, first",
	      HOST_IS("[FEDC:BA98:7654:3210:FEDC:BA98:7654:3210]:80"),
	      "GET origin [FEDC:BA98:7654:3210:FEDC:BA98:7654:3210]:80 ipv6 "
	      "[/] 1.1 keep"),
	TAKEN("RFC 2732 2, second", HOST_IS("[1080:0:0:0:8:800:200C:417A]"),
	      "GET origin [1080:0:0:0:8:800:200C:417A] ipv6 [/] 1.1 keep"),
	TAKEN("RFC 2732 2, third", HOST_IS("[3ffe:2a00:100:7031::1]"),
	      "GET origin [3ffe:2a00:100:7031::1] ipv6 [/] 1.1 keep"),
	TAKEN("RFC 2732 2, fifth", HOST_IS("[::192.9.5.5]"),
	      "GET origin [::192.9.5.5] ipv6 [/] 1.1 keep"),
	TAKEN("RFC 2732 2, sixth",
	      "GET http://[::FFFF:129.144.52.38]:80/index.html HTTP/1.1\r\n"
	      "Host: [::ffff:129.144.52.38]\r\n\r\n",
	      "GET absolute http://[::FFFF:129.144.52.38]:80 ipv6 "
	      "[/index.html] 1.1 keep"),
	TAKEN("RFC 3986 6.2.3, an empty port", HOST_IS("example.com:"),
	      "GET origin example.com name [/] 1.1 keep"),
	TAKEN("RFC 3986 6.2.3, an implied port",
	      "GET http://example.com:80/ HTTP/1.1\r\nHost: example.com\r\n\r\n",
	      "GET absolute http://example.com:80 name [/] 1.1 keep"),
	TAKEN("the port that https implies",
	      "GET HTTPS://EXAMPLE.com HTTP/1.1\r\nHost: example.COM:443\r\n\r\n",
	      "GET absolute https://EXAMPLE.com name [] 1.1 keep"),
	TAKEN("RFC 3986 3.2.2, an IPv4 address", HOST_IS("192.0.2.16:80"),
	      "GET origin 192.0.2.16:80 ipv4 [/] 1.1 keep"),
	TAKEN("all zero", HOST_IS("[::]"), "GET origin [::] ipv6 [/] 1.1 keep"),
	TAKEN("a gap at the end", HOST_IS("[1:2:3:4:5:6:7::]"),
	      "GET origin [1:2:3:4:5:6:7::] ipv6 [/] 1.1 keep"),
	TAKEN("the last IPv4 address", HOST_IS("255.255.255.255"),
	      "GET origin 255.255.255.255 ipv4 [/] 1.1 keep"),
	TAKEN("an IPv4 address if 2^32 were 0", HOST_IS("4294967297.0.0.1"),
	      "GET origin 4294967297.0.0.1 name [/] 1.1 keep"),
	TAKEN("five numbers", HOST_IS("1.2.3.4.5"),
	      "GET origin 1.2.3.4.5 name [/] 1.1 keep"),
	TAKEN("not quite an IPv4 address", HOST_IS("1.2.3.256"),
	      "GET origin 1.2.3.256 name [/] 1.1 keep"),
	TAKEN("another", HOST_IS("1.2.3.04"),
	      "GET origin 1.2.3.04 name [/] 1.1 keep"),
	TAKEN("a third", HOST_IS("1.2.3"),
	      "GET origin 1.2.3 name [/] 1.1 keep"),
	TAKEN("a dot at the end", HOST_IS("example.com.:8080"),
	      "GET origin example.com.:8080 name [/] 1.1 keep"),
	TAKEN("an underscore", HOST_IS("_dmarc.ex-ample.com"),
	      "GET origin _dmarc.ex-ample.com name [/] 1.1 keep"),
	TAKEN("RFC 9112 3.2, an empty Host", HOST_IS(""),
	      "GET origin - none [/] 1.1 keep"),
	REFUSED("a host of no length with a port", HOST_IS(":80"), HOST),
	REFUSED("a dot at the begin", HOST_IS(".example.com"), HOST),
	REFUSED("a folder", HOST_IS(".."), HOST),
	REFUSED("an empty label", HOST_IS("www..example.com"), HOST),
	REFUSED("user information in Host", HOST_IS("a@example.com"), HOST),
	REFUSED("a space in Host", HOST_IS("example.com example.org"), HOST),
	REFUSED("a list in Host", HOST_IS("example.com, example.org"), HOST),
	REFUSED("a list in Host without space", HOST_IS("a.example,b.example"),
		HOST),
	REFUSED("a path in Host", HOST_IS("example.com/x"), HOST),
	REFUSED("an encoded letter in Host", HOST_IS("ex%61mple.com"), HOST),
	REFUSED("UTF-8 in Host",
		HOST_IS("b\xc3\xbc"
			"cher.example"),
		HOST),
	REFUSED("a port of letters", HOST_IS("example.com:http"), HOST),
	REFUSED("port 0", HOST_IS("example.com:0"), HOST),
	REFUSED("a port too great", HOST_IS("example.com:65536"), HOST),
	REFUSED("a port too long", HOST_IS("example.com:000080"), HOST),
	REFUSED("a port with a sign", HOST_IS("example.com:+80"), HOST),
	REFUSED("two ports", HOST_IS("example.com:80:80"), HOST),
	REFUSED("IPv6 without brackets", HOST_IS("2001:db8::1"), HOST),
	REFUSED("a bracket too few", HOST_IS("[2001:db8::1"), HOST),
	REFUSED("something behind the bracket", HOST_IS("[2001:db8::1]80"),
		HOST),
	REFUSED("two gaps", HOST_IS("[1::2::3]"), HOST),
	REFUSED("nine groups", HOST_IS("[1:2:3:4:5:6:7:8:9]"), HOST),
	REFUSED("seven groups", HOST_IS("[1:2:3:4:5:6:7]"), HOST),
	REFUSED("a gap for nothing", HOST_IS("[1:2:3:4:5:6:7::8]"), HOST),
	REFUSED("a long group", HOST_IS("[12345::]"), HOST),
	REFUSED("a colon at the end", HOST_IS("[1:2:3:4:5:6:7:]"), HOST),
	REFUSED("a colon at the begin", HOST_IS("[:1:2:3:4:5:6:7]"), HOST),
	REFUSED("three colons", HOST_IS("[:::1]"), HOST),
	REFUSED("no address in the brackets", HOST_IS("[]"), HOST),
	REFUSED("IPv4 in the brackets", HOST_IS("[192.0.2.1]"), HOST),
	REFUSED("IPv4 not at the end", HOST_IS("[::192.0.2.1:1]"), HOST),
	REFUSED("a bad IPv4 tail", HOST_IS("[::192.0.2.256]"), HOST),
	REFUSED("a zone", HOST_IS("[fe80::1%25eth0]"), HOST),
	REFUSED("IPvFuture", HOST_IS("[v1.fe80::a+en1]"), HOST),
	REFUSED("a host too long", HOST_IS(TEN(TEN("ab.")) "example.com"),
		HOST),
	REFUSED("no Host", "GET / HTTP/1.1\r\nAccept: */*\r\n\r\n",
		HOST_MISSING),
	REFUSED("two Hosts", GET("Host: www.example.com\r\n"), HOST_REPEATED),
	REFUSED("two Hosts in 1.0",
		"GET / HTTP/1.0\r\nHost: a\r\nhOST: b\r\n\r\n", HOST_REPEATED),
	REFUSED("an empty Host and another",
		"GET / HTTP/1.1\r\nHost:\r\nHost: a\r\n\r\n", HOST_REPEATED),
	REFUSED("Host is another one than the target's",
		TARGET("http://www.example.org/"), HOST_DIFFERS),
	REFUSED("Host has another port than the target",
		TARGET("http://www.example.com:8080/"), HOST_DIFFERS),
	REFUSED("Host is empty, the target's is not",
		"GET http://a/ HTTP/1.1\r\nHost:\r\n\r\n", HOST_DIFFERS),
	REFUSED("Host has another port than CONNECT",
		"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:80\r\n\r\n",
		HOST_DIFFERS),

	/* What a connection begins with. */
	REFUSED("TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", TLS),
	REFUSED("two empty lines before", "\r\n\r\nGET / HTTP/1.1\r\n", METHOD),
	REFUSED("an LF before", "\nGET / HTTP/1.1\r\n", BARE_LF),
	REFUSED("a CR before", "\rGET / HTTP/1.1\r\n", BARE_CR),
	REFUSED("a space before", " GET / HTTP/1.1\r\n", METHOD),
	REFUSED("no method", "/ HTTP/1.1\r\n", METHOD),
	REFUSED("a method with a bracket", "G(T / HTTP/1.1\r\n", METHOD),
	REFUSED("a tab behind the method", "GET\t/ HTTP/1.1\r\n", METHOD),
	REFUSED("nothing but a method", "GET\r\n", METHOD),
	REFUSED("nothing but a method and LF", "GET\n", BARE_LF),
	REFUSED("a PROXY header", "\r\n\r\n\x00\r\nQUIT\n!\x11", METHOD),
	REFUSED("a long method",
		"ABCDEFGHIJABCDEFGHIJABCDEFGHIJABC / HTTP/1.1\r\n",
		METHOD_LONG),
	TAKEN("a method just not too long",
	      "ABCDEFGHIJABCDEFGHIJABCDEFGHIJAB / HTTP/1.1\r\n" HOST "\r\n",
	      "ABCDEFGHIJABCDEFGHIJABCDEFGHIJAB origin www.example.com name "
	      "[/] 1.1 keep"),
	TAKEN("a method in lower case is another",
	      "connect / HTTP/1.1\r\n" HOST "\r\n",
	      "connect origin www.example.com name [/] 1.1 keep"),

	/* Targets. */
	TAKEN("all that a path may have",
	      TARGET("/az09-._~!$&'()*+,;=:@%2F%c3%A4//[]^|"),
	      "GET origin www.example.com name "
	      "[/az09-._~!$&'()*+,;=:@%2F%c3%A4//[]^|] 1.1 keep"),
	TAKEN("all that a query may have",
	      TARGET("/?az09-._~!$&'()*+,;=:@%2F/?[]^|`{}\\"),
	      "GET origin www.example.com name [/]?"
	      "[az09-._~!$&'()*+,;=:@%2F/?[]^|`{}\\] 1.1 keep"),
	TAKEN("an empty query", TARGET("/?"),
	      "GET origin www.example.com name [/]?[] 1.1 keep"),
	TAKEN("RFC 3986 3.4, no path but a query",
	      TARGET("http://www.example.com?a/b"),
	      "GET absolute http://www.example.com name []?[a/b] 1.1 keep"),
	TAKEN("a path of slashes is no authority", TARGET("//example.org/"),
	      "GET origin www.example.com name [//example.org/] 1.1 keep"),
	TAKEN("dot segments stay", TARGET("/../%2e%2e/x"),
	      "GET origin www.example.com name [/../%2e%2e/x] 1.1 keep"),
	REFUSED("no target", "GET  HTTP/1.1\r\n", TARGET),
	REFUSED("no target, no version", "GET \r\n", VERSION_SYNTAX),
	REFUSED("HTTP/0.9", "GET /\r\n", VERSION_SYNTAX),
	REFUSED("HTTP/0.9 with LF", "GET /\n", BARE_LF),
	REFUSED("two spaces", "GET  / HTTP/1.1\r\n", TARGET),
	REFUSED("a fragment", TARGET("/#top"), TARGET),
	REFUSED("a fragment in the query", TARGET("/?a#top"), TARGET),
	REFUSED("a tab in the target", TARGET("/a\tb"), TARGET),
	REFUSED("NUL in the target", TARGET("/a\0b"), TARGET),
	REFUSED("DEL in the target", TARGET("/a\x7f"), TARGET),
	REFUSED("UTF-8 in the target", TARGET("/\xc3\xa4"), TARGET),
	REFUSED("UTF-8 in the query", TARGET("/?\xc3\xa4"), TARGET),
	REFUSED("a backslash in the path", TARGET("/a\\..\\b"), TARGET),
	REFUSED("a brace in the path", TARGET("/{a}"), TARGET),
	REFUSED("a backquote in the path", TARGET("/`"), TARGET),
	REFUSED("a quote", TARGET("/\"a\""), TARGET),
	REFUSED("a quote in the query", TARGET("/?\"a\""), TARGET),
	REFUSED("markup in the query", TARGET("/?<b>"), TARGET),
	REFUSED("a percent sign", TARGET("/100%"), PERCENT),
	REFUSED("one digit behind the percent sign", TARGET("/%4"), PERCENT),
	REFUSED("no digit behind the percent sign", TARGET("/%g0"), PERCENT),
	REFUSED("no digit behind the one", TARGET("/%0g"), PERCENT),
	REFUSED("a percent sign in the query", TARGET("/?a=%&b"), PERCENT),
	REFUSED("a path without slash", TARGET("index.html"), TARGET_FORM),
	REFUSED("a query without path", TARGET("?a"), TARGET),
	REFUSED("host and port without CONNECT", TARGET("www.example.com:80"),
		TARGET_FORM),
	REFUSED("another scheme", TARGET("ftp://www.example.com/"),
		TARGET_FORM),
	REFUSED("a scheme and no authority", TARGET("http:/a"), TARGET_FORM),
	REFUSED("the asterisk for GET", TARGET("*"), TARGET_FORM),
	REFUSED("more than an asterisk", "OPTIONS *a HTTP/1.1\r\n", TARGET),
	REFUSED("a path for CONNECT", "CONNECT / HTTP/1.1\r\n", TARGET_FORM),
	REFUSED("absolute form for CONNECT",
		"CONNECT http://a.example:80/ HTTP/1.1\r\n", TARGET_FORM),
	REFUSED("no port for CONNECT", "CONNECT a.example HTTP/1.1\r\n",
		AUTHORITY),
	REFUSED("RFC 9110 9.3.6, an empty port",
		"CONNECT a.example: HTTP/1.1\r\n", AUTHORITY),
	REFUSED("no host for CONNECT", "CONNECT :80 HTTP/1.1\r\n", AUTHORITY),
	REFUSED("a query for CONNECT", "CONNECT a:80?b HTTP/1.1\r\n",
		AUTHORITY),
	REFUSED("a port too great for CONNECT",
		"CONNECT a.example:65536 HTTP/1.1\r\n", AUTHORITY),
	REFUSED("RFC 9110 4.2.1, no host", TARGET("http:///a"), AUTHORITY),
	REFUSED("RFC 9110 4.2.4, user information",
		TARGET("http://user:password@www.example.com/"), AUTHORITY),
	REFUSED("an encoded letter in the host",
		TARGET("http://www.ex%61mple.com/"), AUTHORITY),
	REFUSED("a backslash behind the host",
		TARGET("http://www.example.com\\a"), AUTHORITY),
	REFUSED("a fragment behind the host",
		TARGET("http://www.example.com#a"), AUTHORITY),
	REFUSED("UTF-8 in the host", TARGET("http://\xc3\xa4/"), TARGET),
	FITS("a target as long as it may be", TARGET("/345678"), 0, 8, 0,
	     "GET origin www.example.com name [/345678] 1.1 keep"),
	LIMITED("a target longer than it may be", TARGET("/3456789"), 0, 7, 0,
		TARGET_LONG),
	LIMITED("an encoded character across the limit", TARGET("/2345%20"), 0,
		7, 0, TARGET_LONG),
	LIMITED("a query longer than it may be", TARGET("/?45678"), 0, 6, 0,
		TARGET_LONG),
	LIMITED("a host longer than it may be",
		TARGET("http://www.example.com/"), 0, 16, 0, TARGET_LONG),
	LIMITED("a head that ends in the target", TARGET("/3456789"), 10, 0, 0,
		TARGET_LONG),

	/* Versions. */
	REFUSED("HTTP/2.0", "GET / HTTP/2.0\r\n", VERSION),
	REFUSED("HTTP/1.2", "GET / HTTP/1.2\r\n", VERSION),
	REFUSED("HTTP/0.9, said so", "GET / HTTP/0.9\r\n", VERSION),
	REFUSED("HTTP/2", "GET / HTTP/2\r\n", VERSION_SYNTAX),
	REFUSED("HTTP/1.10", "GET / HTTP/1.10\r\n", VERSION_SYNTAX),
	REFUSED("HTTP/01.1", "GET / HTTP/01.1\r\n", VERSION_SYNTAX),
	REFUSED("http/1.1", "GET / http/1.1\r\n", VERSION_SYNTAX),
	REFUSED("HTTP/1,1", "GET / HTTP/1,1\r\n", VERSION_SYNTAX),
	REFUSED("two spaces before the version", "GET /  HTTP/1.1\r\n",
		VERSION_SYNTAX),
	REFUSED("a space behind the version", "GET / HTTP/1.1 \r\n",
		VERSION_SYNTAX),
	REFUSED("LF behind the version", "GET / HTTP/1.1\n", BARE_LF),
	REFUSED("CR behind the version", "GET / HTTP/1.1\rHost: a\r\n",
		BARE_CR),

	/* Lines, names and values. */
	TAKEN("white space around values",
	      "GET / HTTP/1.1\r\nHost:\t  www.example.com \t\r\nA:\r\nB: \r\n"
	      "C:c\r\nD: d\te \x80\xff\r\n\r\n",
	      GET_IS),
	TAKEN("all that a name may have",
	      GET("!#$%&'*+-.^_`|~09azAZ: x\r\nX_Forwarded_For: y\r\n"),
	      GET_IS),
	REFUSED("a space before the colon", GET("Foo : bar\r\n"), NAME_SPACE),
	REFUSED("a tab before the colon", POST("Content-Length\t: 5\r\n"),
		NAME_SPACE),
	REFUSED("a space in a name", GET("Foo bar: baz\r\n"), NAME_SPACE),
	REFUSED("no name", GET(": bar\r\n"), NAME),
	REFUSED("no colon", GET("Foo\r\n"), NAME),
	REFUSED("a bracket in a name", GET("Foo[]: bar\r\n"), NAME),
	REFUSED("NUL in a name", GET("Foo\0: bar\r\n"), NAME),
	REFUSED("UTF-8 in a name", GET("F\xc3\xb6: bar\r\n"), NAME),
	REFUSED("LF in a name", GET("Foo\nBar: baz\r\n"), NAME),
	REFUSED("white space before the first name",
		"GET / HTTP/1.1\r\n Host: a\r\n\r\n", LEADING_SPACE),
	REFUSED("a folded line of a tab", GET("A: b\r\n\tc\r\n"), FOLDED),
	REFUSED("a folded line of nothing", GET("A: b\r\n \r\n"), FOLDED),
	REFUSED("a folded Content-Length", POST("Content-Length:\r\n 5\r\n"),
		LENGTH),
	REFUSED("NUL in a value", GET("A: b\0c\r\n"), VALUE),
	REFUSED("DEL in a value", GET("A: b\x7f\r\n"), VALUE),
	REFUSED("a control in a value",
		GET("A: \x0b"
		    "chunked\r\n"),
		VALUE),
	REFUSED("a control behind eight bytes",
		GET("A: 12345678\x01"
		    "2345678\r\n"),
		VALUE),
	REFUSED("LF at the end of a value", GET("A: b\nC: d\r\n"), BARE_LF),
	REFUSED("CR in a value", GET("A: b\rC: d\r\n"), BARE_CR),
	REFUSED("two CR", GET("A: b\r\r\n"), BARE_CR),
	REFUSED("LF for the empty line",
		"GET / HTTP/1.1\r\nHost: a\r\n\nX: y\r\n\r\n", BARE_LF),
	REFUSED("CR for the empty line",
		"GET / HTTP/1.1\r\nHost: a\r\n\rX: y\r\n\r\n", BARE_CR),
	FITS("as many headers as there may be", GET("A: b\r\nC: d\r\n"), 0, 0,
	     3, GET_IS),
	LIMITED("more headers than there may be", GET("A: b\r\nC: d\r\n"), 0, 0,
		2, HEADERS_MANY),
	REFUSED("101 headers", GET(TEN(TEN("A: b\r\n"))), HEADERS_MANY),
	FITS("a head as long as it may be", GET(""), 41, 0, 0, GET_IS),
	LIMITED("a head longer than it may be", GET(""), 40, 0, 0, HEAD_LONG),
	LIMITED("a head that ends in the method", GET(""), 2, 0, 0, HEAD_LONG),

	/* Where the request ends. */
	TAKEN("a length", POST("content-LENGTH: 005\r\n"), POST_IS " length=5"),
	TAKEN("a length of nothing", POST("Content-Length: 0\r\n"),
	      POST_IS " length=0"),
	TAKEN("the greatest length",
	      POST("Content-Length: 9223372036854775807\r\n"),
	      POST_IS " length=9223372036854775807"),
	TAKEN("chunked", POST("Transfer-Encoding: CHUNKED\r\n"),
	      POST_IS " chunked"),
	REFUSED("a length and chunked",
		POST("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
		LENGTH_AND_CODING),
	REFUSED("chunked and a length",
		POST("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
		LENGTH_AND_CODING),
	REFUSED("lengths that differ",
		POST("Content-Length: 5\r\nContent-Length: 6\r\n"),
		LENGTH_REPEATED),
	REFUSED("equal lengths",
		POST("Content-Length: 5\r\nContent-Length: 5\r\n"),
		LENGTH_REPEATED),
	REFUSED("no length", POST("Content-Length:\r\n"), LENGTH),
	REFUSED("a positive length", POST("Content-Length: +5\r\n"), LENGTH),
	REFUSED("a negative length", POST("Content-Length: -5\r\n"), LENGTH),
	REFUSED("a hexadecimal length", POST("Content-Length: 0x5\r\n"),
		LENGTH),
	REFUSED("an underscore in a length", POST("Content-Length: 1_0\r\n"),
		LENGTH),
	REFUSED("a space in a length", POST("Content-Length: 1 0\r\n"), LENGTH),
	REFUSED("a length in quotes", POST("Content-Length: \"5\"\r\n"),
		LENGTH),
	REFUSED("a length with a point", POST("Content-Length: 5.0\r\n"),
		LENGTH),
	REFUSED("a length of 2^63",
		POST("Content-Length: 9223372036854775808\r\n"), LENGTH),
	REFUSED("a length of 2^64 and more",
		POST("Content-Length: 18446744073709551621\r\n"), LENGTH),
	REFUSED("Content_Length", POST("Content_Length: 5\r\n"), NAME_ALIAS),
	REFUSED("Transfer_Encoding", POST("transfer_encoding: chunked\r\n"),
		NAME_ALIAS),
	REFUSED("chunked twice",
		POST("Transfer-Encoding: chunked, chunked\r\n"), CODING),
	REFUSED("chunked in two fields",
		POST("Transfer-Encoding: chunked\r\n"
		     "Transfer-Encoding: chunked\r\n"),
		CODING),
	REFUSED("chunked and another field",
		POST("Transfer-Encoding: chunked\r\n"
		     "Transfer-Encoding: identity\r\n"),
		CODING),
	REFUSED("gzip and chunked in two fields",
		POST("Transfer-Encoding: gzip\r\n"
		     "Transfer-Encoding: chunked\r\n"),
		CODING_UNKNOWN),
	REFUSED("a coding with a parameter",
		POST("Transfer-Encoding: x; a=\"1, 2\" , chunked\r\n"),
		CODING_UNKNOWN),
	REFUSED("identity", POST("Transfer-Encoding: identity\r\n"), CODING),
	REFUSED("no coding", POST("Transfer-Encoding:\r\n"), CODING),
	REFUSED("an empty coding before",
		POST("Transfer-Encoding: ,chunked\r\n"), CODING),
	REFUSED("an empty coding behind",
		POST("Transfer-Encoding: chunked,\r\n"), CODING),
	REFUSED("xchunked", POST("Transfer-Encoding: xchunked\r\n"), CODING),
	REFUSED("chunked with a parameter",
		POST("Transfer-Encoding: chunked;a=b\r\n"), CODING),
	REFUSED("chunked and a word", POST("Transfer-Encoding: chunked x\r\n"),
		CODING),
	REFUSED("chunked in quotes", POST("Transfer-Encoding: \"chunked\"\r\n"),
		CODING),
	REFUSED("a coding that is no token",
		POST("Transfer-Encoding: a/b, chunked\r\n"), CODING),
	REFUSED("chunked in 1.0",
		"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
		CODING_VERSION),
	REFUSED("CONNECT with a length",
		"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 1\r\n\r\n",
		CONTENT),
	REFUSED("CONNECT with chunks",
		"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n"
		"Transfer-Encoding: chunked\r\n\r\n",
		CONTENT),
	TAKEN("CONNECT with a length of nothing",
	      "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 0\r\n\r\n",
	      "CONNECT authority a:1 name [] 1.1 keep length=0"),

	/* What becomes of the connection. */
	TAKEN("1.0 persists if asked",
	      "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
	      "GET origin - none [/] 1.0 keep"),
	TAKEN("close wins", GET("Connection: keep-alive, , close\r\n"),
	      "GET origin www.example.com name [/] 1.1"),
	TAKEN("close in another field",
	      GET("Connection: foo\r\nConnection: CLOSE\r\n"),
	      "GET origin www.example.com name [/] 1.1"),
	TAKEN("Upgrade without Connection", GET("Upgrade: websocket\r\n"),
	      GET_IS),
	TAKEN("Connection without Upgrade", GET("Connection: upgrade\r\n"),
	      GET_IS),
	TAKEN("RFC 9110 7.8, no upgrade in 1.0",
	      "GET / HTTP/1.0\r\nConnection: upgrade\r\n"
	      "Upgrade: websocket\r\n\r\n",
	      "GET origin - none [/] 1.0"),
	TAKEN("RFC 9110 10.1.1, no expectation in 1.0",
	      "GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n",
	      "GET origin - none [/] 1.0"),
	REFUSED("an unknown expectation", POST("Expect: 200-ok\r\n"), EXPECT),
	REFUSED("one more expectation", POST("Expect: 100-continue, x\r\n"),
		EXPECT),
	REFUSED("no token in Connection", GET("Connection: clo se\r\n"),
		CONNECTION),
	REFUSED("Connection removes Content-Length",
		POST("Content-Length: 5\r\nConnection: close, Content-Length\r\n"),
		CONNECTION),
	REFUSED("Connection removes Transfer-Encoding",
		POST("Connection: transfer-encoding\r\n"), CONNECTION),
	REFUSED("Connection removes Host", GET("Connection: host\r\n"),
		CONNECTION),

	/* What browsers send. */
	TAKEN("a browser",
	      "GET /products/2024/summer?utm_source=newsletter&utm_medium=email "
	      "HTTP/1.1\r\n" HOST
	      "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) "
	      "Gecko/20100101 Firefox/128.0\r\n"
	      "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,"
	      "image/avif,image/webp,*/*;q=0.8\r\n"
	      "Accept-Language: en-US,en;q=0.5\r\n"
	      "Accept-Encoding: gzip, deflate, br, zstd\r\n"
	      "Referer: https://www.example.com/products/index.html\r\n"
	      "Connection: keep-alive\r\n"
	      "Cookie: session=4f2d1c9ab37e4a0d9e6b; theme=dark; "
	      "_ga=GA1.2.1234567890.1700000000\r\n"
	      "Upgrade-Insecure-Requests: 1\r\n"
	      "Sec-Fetch-Dest: document\r\n"
	      "Sec-Fetch-Mode: navigate\r\n"
	      "Sec-Fetch-Site: same-origin\r\n"
	      "Sec-Fetch-User: ?1\r\n"
	      "Priority: u=0, i\r\n\r\n",
	      "GET origin www.example.com name [/products/2024/summer]?"
	      "[utm_source=newsletter&utm_medium=email] 1.1 keep"),
	TAKEN("a browser that sends a form",
	      "POST /api/v1/login?next=%2Faccount HTTP/1.1\r\n" HOST
	      "Connection: keep-alive\r\n"
	      "Content-Length: 48\r\n"
	      "Cache-Control: max-age=0\r\n"
	      "sec-ch-ua: \"Chromium\";v=\"128\", \"Not;A=Brand\";v=\"24\"\r\n"
	      "sec-ch-ua-mobile: ?0\r\n"
	      "sec-ch-ua-platform: \"Linux\"\r\n"
	      "Origin: https://www.example.com\r\n"
	      "Content-Type: application/x-www-form-urlencoded\r\n"
	      "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 "
	      "(KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36\r\n"
	      "Accept: */*\r\n"
	      "Accept-Encoding: gzip, deflate, br, zstd\r\n"
	      "Accept-Language: de-DE,de;q=0.9,en;q=0.8\r\n"
	      "Cookie: a=b; consent={\"ads\":false}; n=\xc3\xa4\r\n\r\n",
	      "POST origin www.example.com name [/api/v1/login]?"
	      "[next=%2Faccount] 1.1 keep length=48"),
};

#endif /* TESTS_HTTP_CASES_H */
