// SPDX-License-Identifier: GPL-2.0-or-later
/* Headers of the PROXY protocol, right and wrong; however they are cut. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../ktap.h"
#include "proxy/crc32c.h"
#include "proxy/proxy_header.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define MORE (-EAGAIN)
#define WRONG (-EPROTO)

/* IPv4: 192.0.2.7:1000 to 192.0.2.1:443. */
#define V4 "\xc0\0\2\7\xc0\0\2\1\x03\xe8\x01\xbb"
/* IPv6: the same of 2001:db8::. */
#define V6                                         \
	"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\7" \
	"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1" \
	"\x03\xe8\x01\xbb"
#define U10 "uuuuuuuuuu"
#define U100 U10 U10 U10 U10 U10 U10 U10 U10 U10 U10
#define UNIX U100 U100 U10 "uuuuuu"
#define BYTES(text) text, sizeof(text) - 1

/* @says: "SOURCE DESTINATION", "local", then "authority=..." and "tls". */
static const struct {
	const char *name;
	const char *data;
	size_t size;
	ssize_t result;
	const char *says;
} cases[] = {
	{ "nothing", BYTES(""), MORE, NULL },
	{ "IPv4", BYTES("PROXY TCP4 192.0.2.7 192.0.2.1 1000 443\r\nGET"), 41,
	  "192.0.2.7:1000 192.0.2.1:443" },
	{ "IPv6", BYTES("PROXY TCP6 2001:db8::7 2001:db8::1 1000 443\r\n"), 45,
	  "[2001:db8::7]:1000 [2001:db8::1]:443" },
	{ "the longest line",
	  BYTES("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"),
	  107, "local" },
	{ "a line that is longer",
	  BYTES("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535 \r\n"),
	  WRONG, NULL },
	{ "an unknown client", BYTES("PROXY UNKNOWN\r\n"), 15, "local" },
	{ "a word like UNKNOWN", BYTES("PROXY UNKNOWNS\r\n"), WRONG, NULL },
	{ "UDP", BYTES("PROXY UDP4 192.0.2.7 192.0.2.1 1000 443\r\n"), WRONG,
	  NULL },
	{ "IPv6 as IPv4", BYTES("PROXY TCP4 ::7 ::1 1000 443\r\n"), WRONG,
	  NULL },
	{ "two blanks", BYTES("PROXY TCP4  192.0.2.7 192.0.2.1 1000 443\r\n"),
	  WRONG, NULL },
	{ "a blank at the end",
	  BYTES("PROXY TCP4 192.0.2.7 192.0.2.1 1000 443 \r\n"), WRONG, NULL },
	{ "a port too few", BYTES("PROXY TCP4 192.0.2.7 192.0.2.1 1000\r\n"),
	  WRONG, NULL },
	{ "a port too large",
	  BYTES("PROXY TCP4 192.0.2.7 192.0.2.1 1000 65536\r\n"), WRONG, NULL },
	{ "a port with a zero in front",
	  BYTES("PROXY TCP4 192.0.2.7 192.0.2.1 01 1\r\n"), WRONG, NULL },
	{ "a port with a sign",
	  BYTES("PROXY TCP4 192.0.2.7 192.0.2.1 +1 1\r\n"), WRONG, NULL },
	{ "an address with a zero in front",
	  BYTES("PROXY TCP4 192.0.2.07 192.0.2.1 1 1\r\n"), WRONG, NULL },
	{ "a NUL", BYTES("PROXY TCP4 192.0.2.7\0 192.0.2.1 1 1\r\n"), WRONG,
	  NULL },
	{ "LF alone", BYTES("PROXY TCP4 192.0.2.7 192.0.2.1 1 1\n"), WRONG,
	  NULL },
	{ "CR inside", BYTES("PROXY TCP4 192.0.2.7 192.0.2.1 1 1\r1\r\n"),
	  WRONG, NULL },
	{ "another protocol", BYTES("PRI * HTTP/2.0"), WRONG, NULL },
	{ "lower case", BYTES("proxy"), WRONG, NULL },
	{ "TLS", BYTES("\x16\x03\x01"), WRONG, NULL },

	{ "binary IPv4", BYTES(SIGNATURE "\x21\x11\0\x0c" V4 "GET"), 28,
	  "192.0.2.7:1000 192.0.2.1:443" },
	{ "binary IPv6", BYTES(SIGNATURE "\x21\x21\0\x24" V6), 52,
	  "[2001:db8::7]:1000 [2001:db8::1]:443" },
	{ "binary UNIX", BYTES(SIGNATURE "\x21\x31\0\xd8" UNIX), 232, "local" },
	{ "binary UDP", BYTES(SIGNATURE "\x21\x12\0\x0c" V4), 28, "local" },
	{ "binary, unspecified", BYTES(SIGNATURE "\x21\0\0\0"), 16, "local" },
	{ "the proxy itself, with anything", BYTES(SIGNATURE "\x20\xff\0\2xy"),
	  18, "local" },
	{ "addresses without room", BYTES(SIGNATURE "\x21\x11\0\x0b" V4), WRONG,
	  NULL },
	{ "binary UNIX without room", BYTES(SIGNATURE "\x21\x31\0\xd7" UNIX),
	  WRONG, NULL },
	{ "another version", BYTES(SIGNATURE "\x31"), WRONG, NULL },
	{ "another command", BYTES(SIGNATURE "\x22"), WRONG, NULL },
	{ "another family", BYTES(SIGNATURE "\x21\x41\0\0"), WRONG, NULL },
	{ "another transport", BYTES(SIGNATURE "\x21\x13\0\x0c" V4), WRONG,
	  NULL },
	{ "more than is taken", BYTES(SIGNATURE "\x21\x11\x10\0"), WRONG,
	  NULL },
	{ "as much as is taken, not all of it",
	  BYTES(SIGNATURE "\x21\x11\x0f\xf0"), MORE, NULL },
	{ "an authority",
	  BYTES(SIGNATURE "\x21\x11\0\x16" V4 "\2\0\3a.b\4\0\1x"), 38,
	  "192.0.2.7:1000 192.0.2.1:443 authority=a.b" },
	{ "an authority twice",
	  BYTES(SIGNATURE "\x21\x11\0\x14" V4 "\2\0\1a\2\0\1a"), WRONG, NULL },
	{ "an authority with an end of line",
	  BYTES(SIGNATURE "\x21\x11\0\x11" V4 "\2\0\2a\n"), WRONG, NULL },
	{ "an authority of nothing",
	  BYTES(SIGNATURE "\x21\x11\0\x0f" V4 "\2\0\0"), WRONG, NULL },
	{ "a TLV that goes on behind the end",
	  BYTES(SIGNATURE "\x21\x11\0\x10" V4 "\2\0\2a\0\0\0"), WRONG, NULL },
	{ "a TLV that is cut", BYTES(SIGNATURE "\x21\x11\0\x0e" V4 "\2\0"),
	  WRONG, NULL },
	{ "a unique number that is too long",
	  BYTES(SIGNATURE "\x21\x11\0\x90" V4 "\5\0\x81" U100 U10 U10
			  "uuuuuuuuu"),
	  WRONG, NULL },
	{ "TLS of the client",
	  BYTES(SIGNATURE "\x21\x11\0\x1e" V4
			  "\x20\0\x0f\1\0\0\0\0\x21\0\7TLSv1.3"),
	  46, "192.0.2.7:1000 192.0.2.1:443 tls" },
	{ "no TLS of the client",
	  BYTES(SIGNATURE "\x21\x11\0\x14" V4 "\x20\0\5\0\0\0\0\0"), 36,
	  "192.0.2.7:1000 192.0.2.1:443" },
	{ "TLS that is cut",
	  BYTES(SIGNATURE "\x21\x11\0\x13" V4 "\x20\0\4\1\0\0\0"), WRONG,
	  NULL },
	{ "TLS whose TLVs are cut",
	  BYTES(SIGNATURE "\x21\x11\0\x17" V4 "\x20\0\x08\1\0\0\0\0\x21\0\1"),
	  WRONG, NULL },
	{ "a checksum",
	  BYTES(SIGNATURE "\x21\x11\0\x13" V4 "\3\0\4\021\266\341\021"), 35,
	  "192.0.2.7:1000 192.0.2.1:443" },
	{ "a checksum that is wrong",
	  BYTES(SIGNATURE "\x21\x11\0\x13" V4 "\3\0\4\0\0\0\0"), WRONG, NULL },
	{ "a checksum of five bytes",
	  BYTES(SIGNATURE "\x21\x11\0\x14" V4 "\3\0\5\0\0\0\0\0"), WRONG,
	  NULL },
};

static ssize_t parse_copy(const char *data, size_t size,
			  struct proxy_header *header)
{
	uint8_t *copy = malloc(size ? size : 1);
	ssize_t result;

	if (!copy)
		abort();
	memcpy(copy, data, size);
	result = proxy_header_parse(copy, size, header);
	/* Its name is in the copy. */
	if (header->authority.data)
		header->authority.data =
			data + (header->authority.data - (char *)copy);
	free(copy);
	return result;
}

static void describe(const struct proxy_header *header, char *text, size_t size)
{
	char source[64], destination[64];

	sluice_endpoint_print(source, sizeof(source), &header->source);
	sluice_endpoint_print(destination, sizeof(destination),
			      &header->destination);
	snprintf(text, size, "%s%s%s%s%.*s%s", header->local ? "local" : source,
		 header->local ? "" : " ", header->local ? "" : destination,
		 header->authority.data ? " authority=" : "",
		 (int)header->authority.len,
		 header->authority.data ? header->authority.data : "",
		 header->tls ? " tls" : "");
}

static void test_cases(struct ktap *ktap)
{
	struct proxy_header header;
	char text[400];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ssize_t result =
			parse_copy(cases[i].data, cases[i].size, &header);
		bool right = result == cases[i].result;

		if (right && result > 0) {
			describe(&header, text, sizeof(text));
			right = strcmp(text, cases[i].says) == 0;
			if (!right)
				printf("# %s\n", text);
		}
		/* What begins it is not refused; what is wrong stays so. */
		for (size_t size = 0; size < cases[i].size; size++) {
			ssize_t part = parse_copy(cases[i].data, size, &header);

			if (part != result && part != MORE)
				right = false;
			if (result > 0 && (ssize_t)size < result &&
			    part != MORE)
				right = false;
		}
		ktap_result(ktap, right, cases[i].name);
		if (!right)
			printf("# %zd, not %zd\n", result, cases[i].result);
	}
}

static const char *const written[] = {
	"192.0.2.7:1000 192.0.2.1:443",
	"[2001:db8::7]:1000 [2001:db8::1]:443",
	"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535 [ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe]:65534",
	"192.0.2.7:1000 [2001:db8::1]:443",
};

static void test_write(struct ktap *ktap)
{
	struct proxy_header header, again;
	uint8_t *room = malloc(PROXY_HEADER_ROOM);
	char name[200], one[200], two[400], text[600], authority[256];

	if (!room)
		abort();
	memset(authority, 'a', sizeof(authority));
	for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++)
		for (int version = 1; version <= 2; version++) {
			ssize_t length;

			memset(&header, 0, sizeof(header));
			if (sscanf(written[i], "%199s %199s", one, two) != 2 ||
			    !sluice_endpoint_parse(one, &header.source) ||
			    !sluice_endpoint_parse(two, &header.destination))
				abort();
			header.authority.data = authority;
			header.authority.len = 255;
			header.tls = true;
			length = (ssize_t)proxy_header_write(
				room, PROXY_HEADER_ROOM, version, &header);
			ktap_result(ktap,
				    proxy_header_parse(room, (size_t)length,
						       &again) == length,
				    "what is written is parsed");
			again.authority.len -= version == 2 ? 254 : 0;
			describe(&again, text, sizeof(text));
			snprintf(
				name, sizeof(name), "%s%s",
				i == 3 ?
					"[::ffff:192.0.2.7]:1000 [2001:db8::1]:443" :
					written[i],
				version == 2 ? " authority=a tls" : "");
			ktap_result(ktap, strcmp(text, name) == 0, name);
		}
	header.authority.len = 256;
	header.local = true;
	for (int version = 1; version <= 2; version++) {
		ssize_t length = (ssize_t)proxy_header_write(
			room, PROXY_HEADER_ROOM, version, &header);

		ktap_result(ktap,
			    proxy_header_parse(room, (size_t)length, &again) ==
					    length &&
				    again.local && !again.authority.data,
			    "nobody's connection");
	}
	free(room);
}

static void test_sum(struct ktap *ktap)
{
	/* Of RFC 3720 B.4. */
	uint8_t bytes[32] = { 0 };
	bool right = crc32c(0, bytes, 32) == 0x8a9136aa;

	memset(bytes, 0xff, 32);
	right = right && crc32c(0, bytes, 32) == 0x62a8ab43;
	for (uint8_t i = 0; i < 32; i++)
		bytes[i] = i;
	right = right &&
		crc32c(crc32c(0, bytes, 7), bytes + 7, 25) == 0x46dd794e;
	ktap_result(ktap, right, "the sums of RFC 3720");
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	test_cases(&ktap);
	test_write(&ktap);
	test_sum(&ktap);
	return ktap_end(&ktap);
}
