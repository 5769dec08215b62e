// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Put packets of many flows into two tap devices and measure what the kernel
 * takes for them. Everything a packet causes happens before the write of it
 * returns, so the time of the loop is the time of the packets, and the same
 * loop over a wire is what has to be subtracted.
 *
 *   inject [OPTION]... CLIENT DESTINATION PORT SERVER SERVER-PORT KIND...
 *
 * For each flow in turn one packet of each KIND is sent: udp, syn, ack and data
 * come from CLIENT to DESTINATION PORT on file descriptor 10, udp-reply,
 * syn-ack and data-reply from SERVER SERVER-PORT to CLIENT on descriptor 11.
 * A flow is a port of CLIENT's.
 *
 *   -f N   flows (1000)
 *   -p N   port of the first one (1024)
 *   -w N   rounds over all flows before the measurement (0)
 *   -r N   rounds that are measured (1)
 *   -m     set the marks that the emulator's plugin looks for (mark.h)
 *
 * Prints 'NANOSECONDS PACKETS SENT', the first two of the measured rounds.
 * Packets have 60 bytes without the checksum of the frame (80 for IPv6), SYNs
 * two more.
 */

#include <arpa/inet.h>
#include <getopt.h>
#include <linux/if_ether.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mark.h"

#define FD_CLIENT 10
#define FD_SERVER 11
#define FRAME_MAX 96
#define TCP_PAYLOAD 6

struct kind {
	const char *name;
	bool is_reply;
	bool is_tcp;
	bool has_data;
	uint8_t flags;
};

static const struct kind kinds[] = {
	{ "udp", false, false, true, 0 },
	{ "udp-reply", true, false, true, 0 },
	{ "syn", false, true, false, TH_SYN },
	{ "syn-ack", true, true, false, TH_SYN | TH_ACK },
	{ "ack", false, true, false, TH_ACK },
	{ "data", false, true, true, TH_ACK | TH_PUSH },
	{ "data-reply", true, true, true, TH_ACK | TH_PUSH },
};

struct address {
	int family;
	unsigned char bytes[16];
	unsigned int size;
};

static struct {
	struct address client, destination, server;
	uint16_t port, server_port;
} ends;

/* A frame as it is sent, and where in it a TCP header begins, if it does. */
struct frame {
	unsigned int size;
	unsigned int tcp;
	unsigned char bytes[FRAME_MAX];
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static struct address parse(const char *text)
{
	struct address a = { .family = AF_INET, .size = 4 };

	if (inet_pton(AF_INET, text, a.bytes) == 1)
		return a;
	a.family = AF_INET6;
	a.size = 16;
	if (inet_pton(AF_INET6, text, a.bytes) == 1)
		return a;
	fprintf(stderr, "inject: bad address '%s'\n", text);
	exit(2);
}

static const struct kind *find_kind(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	}
	fprintf(stderr, "inject: no kind '%s'\n", name);
	exit(2);
}

static uint32_t sum(const void *data, size_t size)
{
	const unsigned char *p = data;
	uint32_t total = 0;
	size_t i;

	for (i = 0; i < size; i++)
		total += i % 2 ? p[i] : p[i] << 8;
	return total;
}

static uint16_t fold(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return ~total;
}

/* RFC 1624: what becomes of a checksum when a 32 bit word changes. */
static uint16_t refold(uint16_t check, uint32_t from, uint32_t to)
{
	return fold((uint16_t)~check + (~from >> 16) + (~from & 0xffff) +
		    (to >> 16) + (to & 0xffff));
}

static unsigned int put_ethernet(unsigned char *at, bool is_reply, int family)
{
	/* The device's own address, set by ports.sh, and its neighbour's. */
	unsigned char port = is_reply ? 2 : 1;
	const unsigned char to[] = { 2, 0, 0, 0, port, 1 };
	const unsigned char from[] = { 2, 0, 0, 0, port, 2 };
	uint16_t type = htons(family == AF_INET ? ETH_P_IP : ETH_P_IPV6);

	memcpy(at, to, sizeof(to));
	memcpy(at + 6, from, sizeof(from));
	memcpy(at + 12, &type, sizeof(type));
	return ETH_HLEN;
}

static unsigned int put_ip(unsigned char *at, const struct address *from,
			   const struct address *to, uint8_t protocol,
			   unsigned int length)
{
	struct ip6_hdr six = { .ip6_hlim = 64, .ip6_nxt = protocol };
	struct iphdr four = { .version = 4, .ihl = 5, .ttl = 64 };

	if (from->family == AF_INET) {
		four.protocol = protocol;
		four.tot_len = htons(sizeof(four) + length);
		memcpy(&four.saddr, from->bytes, 4);
		memcpy(&four.daddr, to->bytes, 4);
		four.check = htons(fold(sum(&four, sizeof(four))));
		memcpy(at, &four, sizeof(four));
		return sizeof(four);
	}
	six.ip6_flow = htonl(6u << 28);
	six.ip6_plen = htons(length);
	memcpy(&six.ip6_src, from->bytes, 16);
	memcpy(&six.ip6_dst, to->bytes, 16);
	memcpy(at, &six, sizeof(six));
	return sizeof(six);
}

static unsigned int put_udp(unsigned char *at, uint16_t from, uint16_t to,
			    uint32_t pseudo)
{
	unsigned int length = sizeof(struct udphdr) + 18;
	struct udphdr udp = { .len = htons(length) };

	udp.source = htons(from);
	udp.dest = htons(to);
	memset(at, 0, length);
	memcpy(at, &udp, sizeof(udp));
	udp.check = htons(fold(pseudo + length + sum(at, length)));
	memcpy(at, &udp, sizeof(udp));
	return length;
}

/* A segment as it follows from a handshake, of which it may be a part. */
static unsigned int put_tcp(unsigned char *at, const struct kind *kind,
			    uint16_t from, uint16_t to, uint32_t pseudo)
{
	static const unsigned char options[] = { 2, 4, 5, 0xb4, 1, 1, 4, 2 };
	uint32_t client = (uint32_t)(kind->is_reply ? to : from) << 12;
	uint32_t server = ~client;
	bool is_syn = kind->flags & TH_SYN;
	struct tcphdr tcp = { .window = htons(65535) };
	unsigned int length = sizeof(tcp);

	tcp.source = htons(from);
	tcp.dest = htons(to);
	tcp.seq = htonl((kind->is_reply ? server : client) + !is_syn);
	tcp.th_flags = kind->flags;
	if (kind->flags & TH_ACK)
		tcp.ack_seq = htonl((kind->is_reply ? client : server) + 1);
	if (is_syn) {
		memcpy(at + length, options, sizeof(options));
		length += sizeof(options);
	}
	tcp.doff = length / 4;
	if (kind->has_data) {
		memset(at + length, 'x', TCP_PAYLOAD);
		length += TCP_PAYLOAD;
	}
	memcpy(at, &tcp, sizeof(tcp));
	tcp.check = htons(fold(pseudo + length + sum(at, length)));
	memcpy(at, &tcp, sizeof(tcp));
	return length;
}

static void make_frame(struct frame *frame, const struct kind *kind,
		       uint16_t client_port)
{
	const struct address *from = &ends.client, *to = &ends.destination;
	uint16_t sport = client_port, dport = ends.port;
	unsigned int transport, length;
	uint8_t protocol = kind->is_tcp ? IPPROTO_TCP : IPPROTO_UDP;
	uint32_t pseudo = protocol;

	if (kind->is_reply) {
		from = &ends.server;
		to = &ends.client;
		sport = ends.server_port;
		dport = client_port;
	}
	pseudo += sum(from->bytes, from->size) + sum(to->bytes, to->size);
	memset(frame, 0, sizeof(*frame));
	transport = ETH_HLEN + (from->family == AF_INET ? 20 : 40);
	if (kind->is_tcp)
		length = put_tcp(frame->bytes + transport, kind, sport, dport,
				 pseudo);
	else
		length =
			put_udp(frame->bytes + transport, sport, dport, pseudo);
	put_ethernet(frame->bytes, kind->is_reply, from->family);
	put_ip(frame->bytes + ETH_HLEN, from, to, protocol, length);
	frame->size = transport + length;
	if (frame->size < ETH_ZLEN)
		frame->size = ETH_ZLEN;
	if (kind->is_tcp && kind->has_data)
		frame->tcp = transport;
}

/* The next segment of the same flow. */
static void advance(struct frame *frame)
{
	struct tcphdr tcp;
	uint32_t seq;

	memcpy(&tcp, frame->bytes + frame->tcp, sizeof(tcp));
	seq = ntohl(tcp.seq);
	tcp.seq = htonl(seq + TCP_PAYLOAD);
	tcp.check = htons(refold(ntohs(tcp.check), seq, seq + TCP_PAYLOAD));
	memcpy(frame->bytes + frame->tcp, &tcp, sizeof(tcp));
}

static void send_all(struct frame *frames, size_t flows,
		     const struct kind **wanted, size_t n, int rounds)
{
	struct frame *frame, *last = frames + flows * n;
	size_t kind;
	int fd;

	while (rounds-- > 0) {
		for (frame = frames, kind = 0; frame < last; frame++) {
			fd = wanted[kind]->is_reply ? FD_SERVER : FD_CLIENT;
			if (write(fd, frame->bytes, frame->size) < 0)
				die("write");
			if (frame->tcp)
				advance(frame);
			kind = kind + 1 < n ? kind + 1 : 0;
		}
	}
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static int usage(void)
{
	fprintf(stderr, "usage: inject [-f FLOWS] [-p PORT] [-w ROUNDS] "
			"[-r ROUNDS] [-m] CLIENT DESTINATION PORT SERVER "
			"SERVER-PORT KIND...\n");
	return 2;
}

int main(int argc, char **argv)
{
	/* What the kernel hands to its workers is done before we go on. */
	struct sched_param param = { 0 };
	int option, flows = 1000, first = 1024, warm = 0, rounds = 1;
	const struct kind *wanted[16];
	struct frame *frames;
	bool marks = false;
	size_t n = 0, i, j;
	int64_t start, end;

	while ((option = getopt(argc, argv, "f:p:w:r:m")) != -1) {
		switch (option) {
		case 'f':
			flows = atoi(optarg);
			break;
		case 'p':
			first = atoi(optarg);
			break;
		case 'w':
			warm = atoi(optarg);
			break;
		case 'r':
			rounds = atoi(optarg);
			break;
		case 'm':
			marks = true;
			break;
		default:
			return usage();
		}
	}
	argv += optind;
	argc -= optind;
	if (argc < 6 || argc > 5 + 16)
		return usage();
	ends.client = parse(argv[0]);
	ends.destination = parse(argv[1]);
	ends.port = atoi(argv[2]);
	ends.server = parse(argv[3]);
	ends.server_port = atoi(argv[4]);
	for (i = 5; i < (size_t)argc; i++)
		wanted[n++] = find_kind(argv[i]);

	frames = calloc(flows * n, sizeof(*frames));
	if (!frames)
		die("calloc");
	for (i = 0; i < (size_t)flows; i++) {
		for (j = 0; j < n; j++)
			make_frame(&frames[i * n + j], wanted[j], first + i);
	}
	sched_setscheduler(0, SCHED_IDLE, &param);
	send_all(frames, flows, wanted, n, warm);
	if (marks)
		mark_begin();
	start = now();
	send_all(frames, flows, wanted, n, rounds);
	end = now();
	if (marks)
		mark_end();
	n *= flows;
	printf("%lld %zu %zu\n", (long long)(end - start), n * rounds,
	       n * (rounds + warm));
	return 0;
}
