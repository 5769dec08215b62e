// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * First packets of very many connections, nobody waits for an answer.
 *
 *   sl-flood udp ADDRESS PORT FIRST COUNT    one datagram from each of COUNT
 *                                            ports, from FIRST on
 *   sl-flood syn ADDRESS PORT SOURCE COUNT   TCP SYNs from COUNT addresses, from
 *                                            SOURCE on, made by hand
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void parse(union address *a, const char *text, int port)
{
	memset(a, 0, sizeof(*a));
	if (inet_pton(AF_INET, text, &a->in.sin_addr) == 1) {
		a->in.sin_family = AF_INET;
	} else if (inet_pton(AF_INET6, text, &a->in6.sin6_addr) == 1) {
		a->in6.sin6_family = AF_INET6;
	} else {
		fprintf(stderr, "sl-flood: bad address '%s'\n", text);
		exit(2);
	}
	/* The same place in both. */
	a->in.sin_port = htons(port);
}

static socklen_t length(const union address *a)
{
	return a->any.sa_family == AF_INET ? sizeof(a->in) : sizeof(a->in6);
}

static void flood_udp(const union address *to, int first, int count)
{
	union address from;
	int i, fd, on = 1;

	for (i = 0; i < count; i++) {
		fd = socket(to->any.sa_family, SOCK_DGRAM, 0);
		if (fd < 0)
			die("socket");
		memset(&from, 0, sizeof(from));
		from.any.sa_family = to->any.sa_family;
		from.in.sin_port = htons(first + i);
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		if (bind(fd, &from.any, length(&from)))
			die("bind");
		if (sendto(fd, "flood", 5, 0, &to->any, length(to)) < 0 &&
		    errno != EPERM && errno != ENOBUFS)
			die("sendto");
		close(fd);
	}
}

static uint32_t sum(const void *data, size_t size)
{
	const unsigned char *p = data;
	uint32_t total = 0;
	size_t i;

	for (i = 0; i + 1 < size; i += 2)
		total += (uint32_t)p[i] << 8 | p[i + 1];
	return total;
}

static uint16_t fold(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return htons(~total);
}

static void fill_tcp(struct tcphdr *tcp, const union address *to, int i,
		     uint32_t pseudo)
{
	memset(tcp, 0, sizeof(*tcp));
	tcp->source = htons(1024 + i % 60000);
	tcp->dest = to->in.sin_port;
	tcp->seq = htonl(i * 7919u);
	tcp->doff = sizeof(*tcp) / 4;
	tcp->syn = 1;
	tcp->window = htons(65535);
	tcp->check = fold(pseudo + IPPROTO_TCP + sizeof(*tcp) +
			  sum(tcp, sizeof(*tcp)));
}

static size_t syn4(unsigned char *packet, const union address *to,
		   const union address *from, int i)
{
	struct iphdr *ip = (struct iphdr *)packet;
	uint32_t source = htonl(ntohl(from->in.sin_addr.s_addr) + i);

	memset(ip, 0, sizeof(*ip));
	ip->version = 4;
	ip->ihl = sizeof(*ip) / 4;
	ip->ttl = 64;
	ip->protocol = IPPROTO_TCP;
	ip->saddr = source;
	ip->daddr = to->in.sin_addr.s_addr;
	fill_tcp((struct tcphdr *)(ip + 1), to, i,
		 sum(&ip->saddr, 4) + sum(&ip->daddr, 4));
	return sizeof(*ip) + sizeof(struct tcphdr);
}

static size_t syn6(unsigned char *packet, const union address *to,
		   const union address *from, int i)
{
	struct ip6_hdr *ip = (struct ip6_hdr *)packet;

	memset(ip, 0, sizeof(*ip));
	ip->ip6_flow = htonl(6u << 28);
	ip->ip6_plen = htons(sizeof(struct tcphdr));
	ip->ip6_nxt = IPPROTO_TCP;
	ip->ip6_hlim = 64;
	ip->ip6_src = from->in6.sin6_addr;
	ip->ip6_src.s6_addr32[3] = htonl(ntohl(ip->ip6_src.s6_addr32[3]) + i);
	ip->ip6_dst = to->in6.sin6_addr;
	fill_tcp((struct tcphdr *)(ip + 1), to, i,
		 sum(&ip->ip6_src, 16) + sum(&ip->ip6_dst, 16));
	return sizeof(*ip) + sizeof(struct tcphdr);
}

static void flood_syn(const union address *to, const union address *from,
		      int count)
{
	unsigned char packet[64] __attribute__((aligned(8)));
	bool v4 = to->any.sa_family == AF_INET;
	union address where = *to;
	size_t size;
	int i, fd;

	fd = socket(to->any.sa_family, SOCK_RAW, IPPROTO_RAW);
	if (fd < 0)
		die("socket");
	/* What a raw socket takes for the port is a protocol. */
	where.in.sin_port = 0;
	for (i = 0; i < count; i++) {
		size = v4 ? syn4(packet, to, from, i) :
			    syn6(packet, to, from, i);
		if (sendto(fd, packet, size, 0, &where.any, length(&where)) <
			    0 &&
		    errno != ENOBUFS && errno != EPERM)
			die("sendto");
	}
	close(fd);
}

int main(int argc, char **argv)
{
	union address to, from;

	if (argc != 6) {
		fprintf(stderr,
			"usage: sl-flood udp ADDRESS PORT FIRST COUNT\n"
			"       sl-flood syn ADDRESS PORT SOURCE COUNT\n");
		return 2;
	}
	parse(&to, argv[2], atoi(argv[3]));
	if (!strcmp(argv[1], "udp")) {
		flood_udp(&to, atoi(argv[4]), atoi(argv[5]));
	} else {
		parse(&from, argv[4], 0);
		flood_syn(&to, &from, atoi(argv[5]));
	}
	return 0;
}
