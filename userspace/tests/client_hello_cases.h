/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Streams of clients as bytes.h has them, and what is right to say of each. */
#ifndef TESTS_CLIENT_HELLO_CASES_H
#define TESTS_CLIENT_HELLO_CASES_H

#include "client_hello_data.h"

/* A record, and a message in it: what comes between the two is left to name. */
#define RECORD(content) "16 0301 <2 " content ">"
#define HELLO(body) RECORD("01 <3 " body ">")
#define RANDOM "*32*"
#define FIRST "0303 " RANDOM " <1> <2 1301 c02f> <1 00>"
#define EXT(type, body) type " <2 " body "> "
#define WITH(extensions) HELLO(FIRST " <2 " extensions ">")

#define SNI(name) EXT("0000", "<2 00 <2 " name ">>")
#define ALPN(names) EXT("0010", "<2 " names ">")
#define VERSIONS(list) EXT("002b", "<1 " list ">")
#define SHARES(list) EXT("0033", "<2 " list ">")
#define PSK EXT("0029", "<2 <2 *32*> 00000000> <2 <1 *32*>>")
#define GREASE_EXT EXT("3a3a", "00")
#define LONG64 \
	"'0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'"
#define LABEL50 "'0123456789abcdef0123456789abcdef0123456789abcdef.0'"

/* As Chrome sends: GREASE in each list, ML-KEM, ECH; an extension a line. */
/* clang-format off */
#define CHROME(name, share, ech) \
	HELLO("0303 " RANDOM " <1 *32*>" \
	      "<2 0a0a 1301 1302 1303 c02b c02f c02c c030 cca9 cca8 c013>" \
	      "<1 00> <2" \
	      EXT("8a8a", "") \
	      EXT("001b", "<1 0002>") \
	      SNI(name) \
	      EXT("44cd", "<2 <1 'h2'>>") \
	      EXT("fe0d", ech) \
	      EXT("000b", "<1 00>") \
	      EXT("0017", "") \
	      EXT("002d", "<1 01>") \
	      VERSIONS("caca 0304 0303") \
	      EXT("ff01", "<1>") \
	      EXT("000a", "<2 dada 11ec 001d 0017 0018>") \
	      EXT("0023", "") \
	      SHARES("dada <2 00> " share " 001d <2 *32*>") \
	      ALPN("<1 2a2a> <1 'h2'> <1 'http/1.1'>") \
	      EXT("0012", "") \
	      EXT("0005", "01 0000 0000") \
	      EXT("000d", "<2 0403 0804 0401 0503 0805 0501 0806 0601>") \
	      EXT("5a5a", "00") \
	      ">")
/* clang-format on */
#define ECH_OUTER "00 0001 0001 7b <2 *32*> <2 *208*>"

/* @answer is as describe() says it, or NULL for any that is no refusal. */
static const struct hello_case {
	const char *name;
	const char *stream;
	const char *answer;
} cases[] = {
	{ "RFC 8448, simple", HELLO_RFC8448_SIMPLE,
	  "server 0304 [] sni versions" },
	{ "RFC 8448, resumed", HELLO_RFC8448_RESUMED,
	  "server 0304 [] sni versions early psk" },
	{ "RFC 8448, first of a retry", HELLO_RFC8448_RETRY_FIRST,
	  "server 0304 [] sni versions" },
	{ "RFC 8448, second of a retry", HELLO_RFC8448_RETRY_SECOND,
	  "server 0304 [] sni versions" },
	{ "RFC 8448, compatible", HELLO_RFC8448_COMPATIBLE,
	  "server 0304 [] sni versions session-id" },
	{ "OpenSSL with TLS 1.2", HELLO_OPENSSL_TLS12,
	  "old.example.com 0303 [http/1.1] sni alpn http11" },
	{ "OpenSSL without a name", HELLO_OPENSSL_NONAME,
	  " 0304 [] versions session-id" },
	{ "OpenSSL with ML-KEM", HELLO_OPENSSL_MLKEM,
	  "pq.example.com 0304 [h2 http/1.1] sni alpn h2 http11 versions session-id" },
	{ "Node.js", HELLO_NODE,
	  "node.example.com 0304 [h2 http/1.1] sni alpn h2 http11 versions session-id" },
	{ "curl", HELLO_CURL,
	  "curl.example.com 0304 [h2 http/1.1] sni alpn h2 http11 versions session-id" },
	{ "GREASE, ML-KEM and ECH",
	  CHROME("'Public.Example.NET'", "11ec <2 *1216*>", ECH_OUTER),
	  "public.example.net 0304 [h2 http/1.1] sni alpn h2 http11 versions ech-outer session-id" },
	{ "an inner hello", CHROME("'inner.test'", "", "01"),
	  "inner.test 0304 [h2 http/1.1] sni alpn h2 http11 versions ech-inner session-id" },

	{ "no extensions", HELLO(FIRST), " 0303 []" },
	{ "an empty block of extensions", WITH(""), " 0303 []" },
	{ "TLS 1.0", HELLO("0301 " RANDOM "<1> <2 000a> <1 01 00>"),
	  " 0301 []" },
	{ "TLS 1.3 in the old field is 1.2",
	  HELLO("0304 " RANDOM "<1> <2 000a> <1 00>"), " 0303 []" },
	{ "record versions mean nothing", "16 0300 <2 01 <3 " FIRST ">>",
	  " 0303 []" },
	{ "what follows is not looked at", HELLO(FIRST) " 17 0303 <2 *40*>",
	  " 0303 []" },
	{ "the highest version, in any order",
	  WITH(VERSIONS("7a7a 0301 0304 0302")), " 0304 [] versions" },
	{ "versions of drafts", WITH(VERSIONS("7f1c 0303")),
	  " 0303 [] versions" },
	{ "an unknown version", WITH(VERSIONS("0305 0304")),
	  " 0305 [] versions" },
	{ "upper case, digits, hyphen, underscore",
	  WITH(SNI("'A-1_Z.Ex4mple'")), "a-1_z.ex4mple 0303 [] sni" },
	{ "the longest host",
	  WITH(SNI(LABEL50 LABEL50 LABEL50 LABEL50 LABEL50 "'abcde'")), NULL },
	{ "an IPv4 address", WITH(SNI("'192.0.2.1'")), " 0303 [] sni address" },
	{ "an IPv6 address", WITH(SNI("'2001:DB8::192.0.2.1'")),
	  " 0303 [] sni address" },
	{ "not quite an address", WITH(SNI("'192.0.2.1a'")),
	  "192.0.2.1a 0303 [] sni" },
	{ "ACME", WITH(ALPN("<1 'acme-tls/1'>")),
	  " 0303 [acme-tls/1] alpn acme" },
	{ "protocols in the client's order",
	  WITH(ALPN("<1 'b'> <1 0afa> <1 'H2'> <1 'h2c'> <1 'a'> <1 0a0a>")),
	  " 0303 [b 0afa H2 h2c a] alpn" },
	{ "the longest protocol", WITH(ALPN("<1 *255*>")), NULL },
	{ "a ticket and an empty one apart", WITH(EXT("0023", "*100*")),
	  " 0303 [] ticket" },
	{ "an empty ticket", WITH(EXT("0023", "")), " 0303 []" },
	{ "a key share to come", WITH(SHARES("")), " 0303 []" },
	{ "two keys",
	  WITH(EXT("0029", "<2 <2 *9*> 00000000 <2 *7*> 00000000>"
			   "<2 <1 *32*> <1 *48*>>")),
	  " 0303 [] psk" },
	{ "all values of GREASE",
	  WITH(EXT("0a0a", "") EXT("1a1a", "") EXT("2a2a", "") EXT("3a3a", "")
		       EXT("4a4a", "") EXT("5a5a", "") EXT("6a6a", "") EXT(
			       "7a7a", "") EXT("8a8a", "") EXT("9a9a", "")
			       EXT("aaaa", "") EXT("baba", "") EXT("caca", "")
				       EXT("dada", "") EXT("eaea", "")
					       EXT("fafa", "*50*")),
	  " 0303 []" },

	/* Not TLS. */
	{ "HTTP", "'GET / HTTP/1.1' 0d0a0d0a", "plain HTTP, not TLS" },
	{ "HTTP with a long method", "'OPTIONS * HTTP/1.1'",
	  "plain HTTP, not TLS" },
	{ "HTTP/2", "'PRI * HTTP/2.0'", "plain HTTP, not TLS" },
	{ "SSH", "'SSH-2.0-x'", "not TLS" },
	{ "a letter and a space", "'A bcd'", "not TLS" },
	{ "zeros", "00000000000000", "not TLS" },
	{ "a record of data first", "17 0303 <2 *9*>", "not TLS" },
	{ "PROXY version 1", "'PROXY TCP4 '",
	  "a header of the PROXY protocol, not TLS" },
	{ "PROXY version 2", "0d0a0d0a000d0a515549540a",
	  "a header of the PROXY protocol, not TLS" },
	{ "SSL 2.0", "802e 01 0301 0015 0000 0010 *37*", "a hello of SSL 2.0" },
	{ "an alert first", "15 0301 <2 0228>", "an alert instead of a hello" },

	/* Records. */
	{ "an alert in between", "16 0301 <2 0100> 15 0301 <2 0200>",
	  "an alert instead of a hello" },
	{ "data in between", "16 0301 <2 0100> 17 0301 <2 *4*>",
	  "a record of another type inside the hello" },
	{ "a change of cipher in between", "16 0301 <2 0100> 14 0303 <2 01>",
	  "a record of another type inside the hello" },
	{ "a record of SSL 2", "16 0201 <2 0100>",
	  "a record that is not of TLS 1" },
	{ "a second record of TLS 4", "16 0301 <2 01> 16 0401 <2 00>",
	  "a record that is not of TLS 1" },
	{ "an empty record", "16 0301 0000", "an empty record" },
	{ "an empty record in between", "16 0301 <2 0100> 16 0301 0000",
	  "an empty record" },
	{ "a record too long", "16 0301 4001",
	  "a record of more than 16384 bytes" },
	{ "a second message in the record",
	  RECORD("01 <3 " FIRST "> 01 <3 " FIRST ">"),
	  "more after the hello in its record" },
	{ "a byte after the message", RECORD("01 <3 " FIRST "> 00"),
	  "more after the hello in its record" },

	/* Messages. */
	{ "a server's hello", RECORD("02 <3 " FIRST ">"),
	  "a handshake message that is not a hello" },
	{ "a request for a hello", RECORD("00 <3>"),
	  "a handshake message that is not a hello" },
	{ "a hello past the limit", "16 0301 4000 01 100000",
	  "a hello longer than the limit" },
	{ "an empty message", HELLO(""), "a field past the end of the hello" },
	{ "a message that ends in the random", HELLO("0303 *31*"),
	  "a field past the end of the hello" },
	{ "a message that ends in the session ID",
	  HELLO("0303 " RANDOM "20 *31*"),
	  "a field past the end of the hello" },
	{ "a message that ends in the suites",
	  HELLO("0303 " RANDOM "<1> 0004 1301"),
	  "a field past the end of the hello" },
	{ "a message without compression methods",
	  HELLO("0303 " RANDOM "<1> <2 1301>"),
	  "a field past the end of the hello" },
	{ "a message with half a length", HELLO(FIRST "00"),
	  "a field past the end of the hello" },
	{ "SSL 3.0", HELLO("0300 " RANDOM "<1> <2 000a> <1 00>"),
	  "no version of TLS offered" },
	{ "only unknown versions", WITH(VERSIONS("7a7a 0300 7f1c")),
	  "no version of TLS offered" },
	{ "a session ID too long",
	  HELLO("0303 " RANDOM "<1 *33*> <2 1301> <1 00>"),
	  "a session ID of more than 32 bytes" },
	{ "no suites", HELLO("0303 " RANDOM "<1> <2> <1 00>"),
	  "no cipher suites, or half of one" },
	{ "half a suite", HELLO("0303 " RANDOM "<1> <2 130113> <1 00>"),
	  "no cipher suites, or half of one" },
	{ "no compression methods", HELLO("0303 " RANDOM "<1> <2 1301> <1>"),
	  "compression methods that TLS forbids" },
	{ "only deflate", HELLO("0303 " RANDOM "<1> <2 1301> <1 01>"),
	  "compression methods that TLS forbids" },
	{ "deflate and TLS 1.3",
	  HELLO("0303 " RANDOM "<1> <2 1301> <1 0001> <2" VERSIONS("0304") ">"),
	  "compression methods that TLS forbids" },

	/* Extensions. */
	{ "extensions end early", HELLO(FIRST "<2" GREASE_EXT "> 00"),
	  "extensions that do not end with the hello" },
	{ "extensions end late", HELLO(FIRST "0006" GREASE_EXT),
	  "extensions that do not end with the hello" },
	{ "half a header of an extension", WITH("3a3a00"),
	  "a field past the end of the hello" },
	{ "an extension past the end", WITH("3a3a 0002 00"),
	  "an extension with a wrong length" },
	{ "an extension twice", WITH(EXT("0017", "") EXT("0017", "")),
	  "the same extension twice" },
	{ "an unusual extension twice",
	  WITH(EXT("4469", "") EXT("4468", "") EXT("4469", "")),
	  "the same extension twice" },
	{ "GREASE twice", WITH(GREASE_EXT EXT("fafa", "") GREASE_EXT),
	  "the same extension twice" },
	{ "two names in two extensions", WITH(SNI("'a'") SNI("'b'")),
	  "the same extension twice" },
	{ "a key that is not last", WITH(PSK GREASE_EXT),
	  "an extension after the pre-shared key" },
	{ "a list shorter than its extension", WITH(EXT("000a", "<2 001d> 00")),
	  "an extension with a wrong length" },
	{ "a list, then what looks like binders",
	  WITH(EXT("000a", "<2 001d> <2 00>")),
	  "an extension with a wrong length" },
	{ "a list longer than its extension",
	  WITH(EXT("000a", "0004 001d") GREASE_EXT),
	  "an extension with a wrong length" },
	{ "half a group", WITH(EXT("000a", "<2 001d00>")),
	  "an extension with a wrong length" },
	{ "no groups", WITH(EXT("000a", "<2>")),
	  "an extension with a wrong length" },
	{ "half a length", WITH(EXT("000a", "00")),
	  "an extension with a wrong length" },
	{ "no versions", WITH(VERSIONS("")),
	  "an extension with a wrong length" },
	{ "half a version", WITH(VERSIONS("030403")),
	  "an extension with a wrong length" },
	{ "early data with content", WITH(EXT("002a", "00")),
	  "an extension with a wrong length" },
	{ "a key share past its list", WITH(SHARES("001d 0003 0000")),
	  "an extension with a wrong length" },
	{ "an empty key share", WITH(SHARES("001d <2>")),
	  "an extension with a wrong length" },
	{ "keys without binders", WITH(EXT("0029", "<2 <2 *32*> 00000000>")),
	  "an extension with a wrong length" },
	{ "no binders", WITH(EXT("0029", "<2 <2 *32*> 00000000> <2>")),
	  "an extension with a wrong length" },
	{ "a short binder",
	  WITH(EXT("0029", "<2 <2 *32*> 00000000> <2 <1 *31*>>")),
	  "an extension with a wrong length" },
	{ "a byte after the binders",
	  WITH(EXT("0029", "<2 <2 *32*> 00000000> <2 <1 *32*>> 00")),
	  "an extension with a wrong length" },
	{ "an empty identity",
	  WITH(EXT("0029", "<2 <2> 00000000 <2 00> 00000000> <2 <1 *32*>>")),
	  "an extension with a wrong length" },

	/* Server names. */
	{ "an empty extension for the name", WITH(EXT("0000", "")),
	  "an extension with a wrong length" },
	{ "an empty list of names", WITH(EXT("0000", "<2>")),
	  "an extension with a wrong length" },
	{ "a list past the names", WITH(EXT("0000", "<2 00 <2 'a'>> 00")),
	  "an extension with a wrong length" },
	{ "two names", WITH(EXT("0000", "<2 00 <2 'a'> 00 <2 'b'>>")),
	  "a server name that is not one host name" },
	{ "a name of another type", WITH(EXT("0000", "<2 01 <2 'a'>>")),
	  "a server name that is not one host name" },
	{ "a name past its list", WITH(EXT("0000", "<2 00 0002 'a'>")),
	  "a server name that is not one host name" },
	{ "an empty name", WITH(EXT("0000", "<2 00 <2> 00>")),
	  "a server name that is not one host name" },
	{ "a name of 256 bytes",
	  WITH(SNI(LABEL50 LABEL50 LABEL50 LABEL50 LABEL50 "'abcdef'")),
	  "a host name of more than 255 bytes" },
	{ "NUL in a name", WITH(SNI("'a.test' 00 '.b'")),
	  "a host name that no host can have" },
	{ "a space in a name", WITH(SNI("'a b'")),
	  "a host name that no host can have" },
	{ "a name that is not ASCII", WITH(SNI("'b' c3bc 'cher.test'")),
	  "a host name that no host can have" },
	{ "a wildcard", WITH(SNI("'*.a.test'")),
	  "a host name that no host can have" },
	{ "a port", WITH(SNI("'a.test:443'")),
	  "a host name that no host can have" },
	{ "an address in brackets", WITH(SNI("'[2001:db8::1]'")),
	  "a host name that no host can have" },
	{ "a dot first", WITH(SNI("'.a.test'")),
	  "a host name that no host can have" },
	{ "two dots", WITH(SNI("'a..test'")),
	  "a host name that no host can have" },
	{ "a label of 64", WITH(SNI(LONG64 "'.test'")),
	  "a host name that no host can have" },
	{ "a dot last", WITH(SNI("'a.test.'")),
	  "a host name that ends with a dot" },

	/* Protocols, ECH. */
	{ "an empty list of protocols", WITH(ALPN("")),
	  "an extension with a wrong length" },
	{ "an empty protocol", WITH(ALPN("<1 'h2'> <1>")),
	  "an empty protocol name" },
	{ "a protocol past its list", WITH(ALPN("03 'h2'")),
	  "an extension with a wrong length" },
	{ "too long protocols", WITH(ALPN("<1 'h2'> <1 *253*>")),
	  "protocol names of more than 256 bytes" },
	{ "an unknown ECH", WITH(EXT("fe0d", "02")),
	  "an encrypted hello of an unknown type" },
	{ "an empty ECH", WITH(EXT("fe0d", "")),
	  "an extension with a wrong length" },
	{ "an inner ECH with content", WITH(EXT("fe0d", "0100")),
	  "an extension with a wrong length" },
	{ "an outer ECH without payload",
	  WITH(EXT("fe0d", "00 0001 0001 7b <2 *32*> <2>")),
	  "an extension with a wrong length" },
	{ "an outer ECH that goes on",
	  WITH(EXT("fe0d", "00 0001 0001 7b <2 *32*> <2 *9*> 00")),
	  "an extension with a wrong length" },
	{ "an outer ECH that stops", WITH(EXT("fe0d", "00 0001 0001")),
	  "an extension with a wrong length" },
};

#endif /* TESTS_CLIENT_HELLO_CASES_H */
