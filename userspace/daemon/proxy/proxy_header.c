// SPDX-License-Identifier: GPL-2.0-or-later
#include "proxy_header.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "crc32c.h"

/* Version 1: a line, by the specification no longer than this with CR LF. */
#define LINE_MAX 107
#define LINE_BEGIN "PROXY "

/* Version 2: signature, version and command, family and transport, length. */
#define FIXED 16
#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define SIGNATURE_SIZE 12
#define VERSION_2 0x20

enum command {
	COMMAND_LOCAL,
	COMMAND_PROXY,
};

/* Family in the upper half, transport in the lower. */
enum family {
	FAMILY_UNSPEC = 0x0,
	FAMILY_IPV4 = 0x1,
	FAMILY_IPV6 = 0x2,
	FAMILY_UNIX = 0x3,
};
#define TRANSPORT_STREAM 0x1
#define TRANSPORT_LAST 0x2

/* Two addresses and two ports. */
#define IPV4_SIZE 12
#define IPV6_SIZE 36
#define UNIX_SIZE 216

/* A TLV: type, length, value. */
#define TLV_HEAD 3
#define TYPE_AUTHORITY 0x02
#define TYPE_CRC32C 0x03
#define TYPE_UNIQUE_ID 0x05
#define TYPE_SSL 0x20
#define UNIQUE_ID_MAX 128
/* In TYPE_SSL: a byte of flags, a number in 4, then TLVs. */
#define SSL_FIXED 5
#define SSL_FLAG_TLS 0x01

#define AUTHORITY_MAX 255

static unsigned int get16(const uint8_t *from)
{
	return (unsigned int)from[0] << 8 | from[1];
}

static void put16(uint8_t *to, unsigned int value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
}

/* Whether @data begins as @whole does, as far as both go. */
static bool agrees(const uint8_t *data, size_t size, const char *whole,
		   size_t length)
{
	return memcmp(data, whole, size < length ? size : length) == 0;
}

/* A word of the line up to @stop, which is passed; it is ended by a 0 in @word. */
static bool take_word(const char **at, const char *end, char stop, char *word,
		      size_t size)
{
	const char *found = memchr(*at, stop, (size_t)(end - *at));
	size_t length = found ? (size_t)(found - *at) : 0;

	if (!length || length >= size || memchr(*at, '\0', length))
		return false;
	memcpy(word, *at, length);
	word[length] = '\0';
	*at = found + 1;
	return true;
}

/* Digits without a zero in front, up to 65535. */
static bool parse_port(const char *word, uint16_t *port)
{
	unsigned int value = 0;

	if (word[0] == '0' && word[1])
		return false;
	for (; *word; word++) {
		if (*word < '0' || *word > '9')
			return false;
		value = value * 10 + (unsigned int)(*word - '0');
		if (value > 65535)
			return false;
	}
	*port = (uint16_t)value;
	return true;
}

static bool parse_endpoints(const char *at, const char *end, sa_family_t family,
			    struct proxy_header *header)
{
	struct sluice_endpoint *source = &header->source;
	struct sluice_endpoint *destination = &header->destination;
	char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN];
	char from_port[6], to_port[6];

	source->address.family = family;
	destination->address.family = family;
	return take_word(&at, end, ' ', from, sizeof(from)) &&
	       take_word(&at, end, ' ', to, sizeof(to)) &&
	       take_word(&at, end, ' ', from_port, sizeof(from_port)) &&
	       take_word(&at, end, '\r', to_port, sizeof(to_port)) &&
	       at == end && inet_pton(family, from, &source->address.v6) == 1 &&
	       inet_pton(family, to, &destination->address.v6) == 1 &&
	       parse_port(from_port, &source->port) &&
	       parse_port(to_port, &destination->port);
}

static ssize_t parse_line(const uint8_t *data, size_t size,
			  struct proxy_header *header)
{
	const char *line = (const char *)data + sizeof(LINE_BEGIN) - 1, *end;
	const uint8_t *feed;
	sa_family_t family;

	feed = memchr(data, '\n', size < LINE_MAX ? size : LINE_MAX);
	if (!feed)
		return size < LINE_MAX ? -EAGAIN : -EPROTO;
	if (feed[-1] != '\r')
		return -EPROTO;
	end = (const char *)feed;
	/* Whatever follows UNKNOWN is not to be looked at. */
	if (end - line >= 8 && memcmp(line, "UNKNOWN", 7) == 0 &&
	    (line[7] == ' ' || line[7] == '\r')) {
		header->local = true;
		return feed + 1 - data;
	}
	if (end - line < 5 ||
	    (memcmp(line, "TCP4 ", 5) != 0 && memcmp(line, "TCP6 ", 5) != 0))
		return -EPROTO;
	family = line[3] == '4' ? AF_INET : AF_INET6;
	if (!parse_endpoints(line + 5, end, family, header))
		return -EPROTO;
	return feed + 1 - data;
}

/* Return: bytes of addresses, or -EPROTO: there is not room for them. */
static int parse_addresses(const uint8_t *data, size_t size, unsigned int which,
			   struct proxy_header *header)
{
	static const uint8_t sizes[] = {
		[FAMILY_UNSPEC] = 0,
		[FAMILY_IPV4] = IPV4_SIZE,
		[FAMILY_IPV6] = IPV6_SIZE,
		[FAMILY_UNIX] = UNIX_SIZE,
	};
	unsigned int family = which >> 4, transport = which & 0xf;
	struct sluice_address *from = &header->source.address;
	struct sluice_address *to = &header->destination.address;
	size_t one = family == FAMILY_IPV4 ? 4 : 16;

	if (family > FAMILY_UNIX || transport > TRANSPORT_LAST ||
	    size < sizes[family])
		return -EPROTO;
	/* What is no TCP connection is one without addresses (its section 2.2). */
	if (transport != TRANSPORT_STREAM ||
	    (family != FAMILY_IPV4 && family != FAMILY_IPV6)) {
		header->local = true;
		return sizes[family];
	}
	from->family = family == FAMILY_IPV4 ? AF_INET : AF_INET6;
	to->family = from->family;
	memcpy(&from->v6, data, one);
	memcpy(&to->v6, data + one, one);
	header->source.port = (uint16_t)get16(data + 2 * one);
	header->destination.port = (uint16_t)get16(data + 2 * one + 2);
	return sizes[family];
}

/* The sum is that of the whole header with zeros in its place. */
static bool is_sum_right(const uint8_t *data, size_t size, const uint8_t *sum)
{
	static const uint8_t zeros[4];
	size_t before = (size_t)(sum - data);
	uint32_t crc;

	crc = crc32c(0, data, before);
	crc = crc32c(crc, zeros, sizeof(zeros));
	crc = crc32c(crc, sum + 4, size - before - 4);
	return crc == ((uint32_t)get16(sum) << 16 | get16(sum + 2));
}

/* Whether values of known types have what they need; TLVs in them fill them. */
static bool check_ssl(const uint8_t *value, size_t length)
{
	size_t at = SSL_FIXED;

	if (length < SSL_FIXED)
		return false;
	while (at < length) {
		if (length - at < TLV_HEAD ||
		    length - at - TLV_HEAD < get16(value + at + 1))
			return false;
		at += TLV_HEAD + get16(value + at + 1);
	}
	return true;
}

static bool check_authority(const uint8_t *value, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (value[i] <= ' ' || value[i] >= 0x7f)
			return false;
	return length && length <= AUTHORITY_MAX;
}

/* What a TLV says, which is not said twice. */
static bool take_tlv(struct proxy_header *header, unsigned int *seen,
		     unsigned int type, const uint8_t *value, size_t length)
{
	unsigned int once = type == TYPE_AUTHORITY ? 1 :
			    type == TYPE_CRC32C	   ? 2 :
			    type == TYPE_SSL	   ? 4 :
						     0;

	if (*seen & once)
		return false;
	*seen |= once;
	switch (type) {
	case TYPE_AUTHORITY:
		if (!check_authority(value, length))
			return false;
		header->authority.data = (const char *)value;
		header->authority.len = (uint32_t)length;
		return true;
	case TYPE_SSL:
		if (!check_ssl(value, length))
			return false;
		header->tls = value[0] & SSL_FLAG_TLS;
		return true;
	case TYPE_CRC32C:
		return length == 4;
	case TYPE_UNIQUE_ID:
		return length <= UNIQUE_ID_MAX;
	default:
		return true;
	}
}

static bool parse_tlvs(const uint8_t *data, size_t size, size_t at,
		       struct proxy_header *header)
{
	const uint8_t *sum = NULL;
	unsigned int seen = 0;

	while (at < size) {
		size_t length;

		if (size - at < TLV_HEAD)
			return false;
		length = get16(data + at + 1);
		if (size - at - TLV_HEAD < length ||
		    !take_tlv(header, &seen, data[at], data + at + TLV_HEAD,
			      length))
			return false;
		if (data[at] == TYPE_CRC32C)
			sum = data + at + TLV_HEAD;
		at += TLV_HEAD + length;
	}
	return !sum || is_sum_right(data, size, sum);
}

static ssize_t parse_binary(const uint8_t *data, size_t size,
			    struct proxy_header *header)
{
	unsigned int command;
	size_t whole;
	int addresses;

	/* What is wrong already need not be waited for. */
	if (size > 12 && (data[12] & 0xf0) != VERSION_2)
		return -EPROTO;
	command = size > 12 ? data[12] & 0xf : COMMAND_LOCAL;
	if (command > COMMAND_PROXY)
		return -EPROTO;
	if (size < FIXED)
		return -EAGAIN;
	whole = FIXED + get16(data + 14);
	if (whole > PROXY_HEADER_MAX)
		return -EPROTO;
	if (size < whole)
		return -EAGAIN;
	/* A proxy that speaks for itself may put anything behind. */
	if (command == COMMAND_LOCAL) {
		header->local = true;
		return (ssize_t)whole;
	}
	addresses =
		parse_addresses(data + FIXED, whole - FIXED, data[13], header);
	if (addresses < 0 ||
	    !parse_tlvs(data, whole, FIXED + (size_t)addresses, header))
		return -EPROTO;
	return (ssize_t)whole;
}

ssize_t proxy_header_parse(const uint8_t *data, size_t size,
			   struct proxy_header *header)
{
	memset(header, 0, sizeof(*header));
	if (!size)
		return -EAGAIN;
	if (agrees(data, size, SIGNATURE, SIGNATURE_SIZE))
		return parse_binary(data, size, header);
	if (!agrees(data, size, LINE_BEGIN, sizeof(LINE_BEGIN) - 1))
		return -EPROTO;
	if (size < sizeof(LINE_BEGIN) - 1)
		return -EAGAIN;
	return parse_line(data, size, header);
}

/* The address as IPv6. */
static void to_ipv6(struct sluice_address *address)
{
	struct in_addr v4 = address->v4;

	if (address->family == AF_INET6)
		return;
	address->family = AF_INET6;
	memset(&address->v6, 0, sizeof(address->v6));
	memset(&address->v6.s6_addr[10], 0xff, 2);
	memcpy(&address->v6.s6_addr[12], &v4, sizeof(v4));
}

/* Both in one family; of what has no address, none. Return: that family. */
static sa_family_t one_family(const struct proxy_header *header,
			      struct sluice_address *from,
			      struct sluice_address *to)
{
	*from = header->source.address;
	*to = header->destination.address;
	if (header->local || from->family == AF_UNSPEC ||
	    to->family == AF_UNSPEC)
		return AF_UNSPEC;
	if (from->family != to->family) {
		to_ipv6(from);
		to_ipv6(to);
	}
	return from->family;
}

static size_t put_number(char *to, unsigned int number)
{
	char digits[5];
	size_t count = 0;

	do
		digits[count++] = (char)('0' + number % 10);
	while (number /= 10);
	for (size_t i = 0; i < count; i++)
		to[i] = digits[count - 1 - i];
	return count;
}

static char *put_text(char *to, const char *text, size_t length)
{
	memcpy(to, text, length);
	return to + length;
}

static size_t write_line(char *to, const struct proxy_header *header)
{
	struct sluice_address from, destination;
	sa_family_t family = one_family(header, &from, &destination);
	char *at = to;

	if (family == AF_UNSPEC)
		return (size_t)(put_text(to, "PROXY UNKNOWN\r\n", 15) - to);
	at = put_text(at, family == AF_INET ? "PROXY TCP4 " : "PROXY TCP6 ",
		      11);
	inet_ntop(family, &from.v6, at, INET6_ADDRSTRLEN);
	at += strlen(at);
	*at++ = ' ';
	inet_ntop(family, &destination.v6, at, INET6_ADDRSTRLEN);
	at += strlen(at);
	*at++ = ' ';
	at += put_number(at, header->source.port);
	*at++ = ' ';
	at += put_number(at, header->destination.port);
	*at++ = '\r';
	*at++ = '\n';
	return (size_t)(at - to);
}

static uint8_t *put_addresses(uint8_t *at, uint8_t *which,
			      const struct proxy_header *header)
{
	struct sluice_address from, to;
	sa_family_t family = one_family(header, &from, &to);
	size_t one = family == AF_INET ? 4 : 16;

	*which = 0;
	if (family == AF_UNSPEC)
		return at;
	*which =
		(uint8_t)((family == AF_INET ? FAMILY_IPV4 : FAMILY_IPV6) << 4 |
			  TRANSPORT_STREAM);
	memcpy(at, &from.v6, one);
	memcpy(at + one, &to.v6, one);
	put16(at + 2 * one, header->source.port);
	put16(at + 2 * one + 2, header->destination.port);
	return at + 2 * one + 4;
}

static size_t write_binary(uint8_t *to, const struct proxy_header *header)
{
	uint8_t *at = to + FIXED;
	size_t length = header->authority.len;

	put_text((char *)to, SIGNATURE, SIGNATURE_SIZE);
	to[12] = (uint8_t)(VERSION_2 |
			   (header->local ? COMMAND_LOCAL : COMMAND_PROXY));
	at = put_addresses(at, &to[13], header);
	if (header->authority.data && length && length <= AUTHORITY_MAX) {
		*at = TYPE_AUTHORITY;
		put16(at + 1, (unsigned int)length);
		memcpy(at + TLV_HEAD, header->authority.data, length);
		at += TLV_HEAD + length;
	}
	if (header->tls) {
		/* No certificate of a client, which is what the number is about. */
		static const uint8_t ssl[] = {
			TYPE_SSL, 0, SSL_FIXED, SSL_FLAG_TLS, 0, 0, 0, 1
		};

		memcpy(at, ssl, sizeof(ssl));
		at += sizeof(ssl);
	}
	put16(to + 14, (unsigned int)(at - to - FIXED));
	return (size_t)(at - to);
}

static_assert(PROXY_HEADER_ROOM >= FIXED + IPV6_SIZE + TLV_HEAD +
					   AUTHORITY_MAX + TLV_HEAD + SSL_FIXED,
	      "a header of version 2 fits");
static_assert(PROXY_HEADER_ROOM >= LINE_MAX + 1, "a line fits");

size_t proxy_header_write(uint8_t *to, size_t size, int version,
			  const struct proxy_header *header)
{
	assert(size >= PROXY_HEADER_ROOM);
	return version == 1 ? write_line((char *)to, header) :
			      write_binary(to, header);
}
