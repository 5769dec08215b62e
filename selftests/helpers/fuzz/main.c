// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Netlink messages that the module has to refuse, and others made at random.
 *
 *   sl-fuzz bases                   every request that the faults start from, once:
 *                                   all must be accepted
 *   sl-fuzz invalid COUNT [SEED]    COUNT requests with one certain fault each: all
 *                                   must be refused
 *   sl-fuzz random COUNT [SEED]     COUNT requests with anything in them: all must
 *                                   be answered
 *   sl-fuzz lengths COUNT [SEED]    COUNT requests whose length is a lie, which the
 *                                   kernel cannot answer: it must go on
 *
 * With the word relay in front it is about the family of stratum relay.
 *
 * Before each, the namespace is expected to have what selftests/tests/netlink-fuzz.sh
 * makes. At the end lines of "NAME VALUE"; the exit status is 1 if any answer was wrong.
 */

#include <errno.h>
#include <linux/sluice_relay.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "message.h"

#define BATCH 64
#define BATCH_BYTES (64 * 1024)
#define TLVS 0x200

static int fd;

/* What was sent in one go, and what came back. */
struct sent {
	struct message message;
	const struct fault *fault;
	bool answered, told;
	int error;
};

static struct sent sent[BATCH];
static unsigned char buffer[BATCH_BYTES + MESSAGE_MAX];
static unsigned char answer[1 << 20];
static unsigned long accepted, refused, silent, mute, mute_core;
static unsigned long mute_by[256][32], errors[256];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* One with a fault of each kind as often as of any other that can be made. */
static const struct fault *make_invalid(struct message *m)
{
	const struct fault *fault;
	int i;

	while (1) {
		fault = &faults[rnd(fault_count)];
		for (i = 0; i < 1000; i++) {
			make_base(m, rnd(kind->bases));
			if (fault->make(m))
				return fault;
		}
	}
}

/* A nest of anything, in any list. */
static void add_random_part(struct message *m)
{
	struct list *list = some_list(m), *part;
	unsigned char data[20];
	unsigned int i, n;

	if (m->parts == PARTS || list->count >= ATTRS - 4)
		return;
	part = add_part(m, list, rnd(14));
	for (n = rnd(5); n > 0; n--) {
		for (i = 0; i < sizeof(data); i++)
			data[i] = rnd(3) ? 0 : rnd(256);
		add(part, rnd(10), OTHER, data, rnd(sizeof(data)));
	}
}

/* Anything that has the form of a message. */
static void make_random(struct message *m)
{
	struct list *list;
	struct attr *a;
	int i, n;

	make_base(m, rnd(kind->bases));
	for (n = rnd(4); n > 0; n--) {
		if (!rnd(4)) {
			faults[rnd(fault_count)].make(m);
			continue;
		}
		if (!rnd(4))
			add_random_part(m);
		list = some_list(m);
		if (list->count < ATTRS - 4 && !rnd(3))
			add(list, rnd(14), OTHER, "", 0);
		if (!list->count)
			continue;
		a = &list->attr[rnd(list->count)];
		if (a->inner) {
			/* One kind of nest in the place of another. */
			if (!rnd(4))
				a->type = rnd(14) | NLA_F_NESTED;
			continue;
		}
		switch (rnd(3)) {
		case 0:
			a->length = rnd(20);
			break;
		case 1:
			a->type = rnd(16) | (rnd(8) ? 0 : NLA_F_NESTED);
			break;
		case 2:
			for (i = 0; i < a->length; i++)
				if (!rnd(3))
					a->data[i] = rnd(256);
			break;
		}
	}
	m->version = rnd(4) ? m->version : rnd(256);
	if (!rnd(20))
		m->dump = !m->dump;
	/* Most that is built up stays for a while. */
	if (m->cmd == SLUICE_CMD_FLUSH && rnd(20))
		m->cmd = SLUICE_CMD_SERVER_NEW;
}

/* The socket. */

static int resolve(void)
{
	const size_t length = strlen(kind->name) + 1;
	struct {
		struct nlmsghdr nlh;
		struct genlmsghdr genl;
		struct nlattr attr;
		char name[16];
	} request = {
		.nlh = { .nlmsg_len = sizeof(request),
			 .nlmsg_type = GENL_ID_CTRL,
			 .nlmsg_flags = NLM_F_REQUEST },
		.genl = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 },
		.attr = { .nla_len = NLA_HDRLEN + length,
			  .nla_type = CTRL_ATTR_FAMILY_NAME },
	};
	const struct nlmsghdr *nlh = (struct nlmsghdr *)answer;
	const struct nlattr *a;
	ssize_t got;
	size_t at;

	memcpy(request.name, kind->name, length);
	request.nlh.nlmsg_len =
		NLMSG_HDRLEN + GENL_HDRLEN + NLA_HDRLEN + length;
	if (send(fd, &request, NLMSG_ALIGN(request.nlh.nlmsg_len), 0) < 0)
		die("send");
	got = recv(fd, answer, sizeof(answer), 0);
	if (got < (ssize_t)sizeof(request.nlh) ||
	    nlh->nlmsg_type != GENL_ID_CTRL) {
		fprintf(stderr, "sl-fuzz: no family %s\n", kind->name);
		exit(1);
	}
	for (at = NLMSG_HDRLEN + GENL_HDRLEN; at < nlh->nlmsg_len;
	     at += NLA_ALIGN(a->nla_len)) {
		a = (const struct nlattr *)(answer + at);
		if (a->nla_type == CTRL_ATTR_FAMILY_ID)
			return *(const uint16_t *)(a + 1);
	}
	return -1;
}

static void open_socket(void)
{
	int on = 1, size = 16 << 20;

	fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	family = resolve();
}

/* Has the answer a text? OFFSET is where its attributes begin. */
static bool has_text(const struct nlmsghdr *nlh, size_t offset)
{
	const unsigned char *at = (const unsigned char *)nlh;
	const struct nlattr *a;

	if (!(nlh->nlmsg_flags & TLVS))
		return false;
	while (offset + NLA_HDRLEN <= nlh->nlmsg_len) {
		a = (const struct nlattr *)(at + offset);
		if (a->nla_type == NLMSGERR_ATTR_MSG)
			return a->nla_len > NLA_HDRLEN + 1;
		if (a->nla_len < NLA_HDRLEN)
			break;
		offset += NLA_ALIGN(a->nla_len);
	}
	return false;
}

/* The number of a client that was handed over, in the reply. */
static void take_client(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = NLMSG_DATA(nlh);
	const struct nlattr *a = (const struct nlattr *)(genl + 1);

	if (kind != &relay_kind || genl->cmd != SLUICE_RELAY_CMD_CLIENT_HAND)
		return;
	client = 0;
	memcpy(&client, a + 1, a->nla_len - NLA_HDRLEN);
}

/* Return how many of the sent requests this is the last answer to: 0 or 1. */
static int take(const struct nlmsghdr *nlh, uint32_t first, int count)
{
	uint32_t index = nlh->nlmsg_seq - first;
	struct sent *s = &sent[index];
	const int *error = NLMSG_DATA(nlh);
	size_t offset = NLMSG_HDRLEN + sizeof(*error);

	if (index >= (uint32_t)count || s->answered)
		return 0;
	if (nlh->nlmsg_type == NLMSG_ERROR)
		offset += sizeof(struct nlmsghdr);
	else if (nlh->nlmsg_type != NLMSG_DONE) {
		take_client(nlh);
		return 0;
	}
	s->answered = true;
	s->error = -*error;
	s->told = has_text(nlh, offset);
	return 1;
}

static void collect(uint32_t first, int count)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	const struct nlmsghdr *nlh;
	int answered = 0;
	ssize_t got;

	while (answered < count && poll(&p, 1, 10000) > 0) {
		got = recv(fd, answer, sizeof(answer), 0);
		if (got < 0)
			die("recv");
		for (nlh = (struct nlmsghdr *)answer; NLMSG_OK(nlh, got);
		     nlh = NLMSG_NEXT(nlh, got))
			answered += take(nlh, first, count);
	}
}

static void show(const struct sent *s, const char *what)
{
	static int shown;
	size_t size, i;

	if (shown++ >= 20)
		return;
	printf("# %s: command %u%s, fault %s:", what, s->message.cmd,
	       s->message.dump ? " (dump)" : "",
	       s->fault ? s->fault->name : "none");
	size = put_message(buffer, &s->message);
	for (i = NLMSG_HDRLEN; i < size && i < 200; i++)
		printf(" %02x", buffer[i]);
	printf("\n");
}

static void judge(const struct sent *s)
{
	if (!s->answered) {
		silent++;
		show(s, "no answer");
		return;
	}
	errors[s->error & 255]++;
	if (!s->error) {
		accepted++;
		if (s->fault)
			show(s, "accepted");
		return;
	}
	refused++;
	if (s->told || !s->fault)
		return;
	if (s->fault->mute) {
		mute_core++;
		return;
	}
	if (!mute_by[s->message.cmd][s->fault - faults]++)
		show(s, "refused without a text");
	mute++;
}

enum what {
	BASE,
	INVALID,
	RANDOM
};

static void run(enum what what, unsigned long count)
{
	unsigned long done = 0;
	uint32_t first;
	size_t size;
	int n, i;

	while (done < count) {
		first = sequence + 1;
		size = 0;
		for (n = 0; n < BATCH && done < count && size < BATCH_BYTES;
		     n++) {
			memset(&sent[n], 0, offsetof(struct sent, message.top));
			sent[n].fault = NULL;
			sent[n].answered = false;
			if (what == INVALID)
				sent[n].fault = make_invalid(&sent[n].message);
			else if (what == RANDOM)
				make_random(&sent[n].message);
			else
				make_base(&sent[n].message, done);
			size += put_message(buffer + size, &sent[n].message);
			done++;
			/*
			 * One dump at a time on a socket; and what is said of a
			 * client follows from what was answered.
			 */
			if (what != INVALID &&
			    (sent[n].message.dump || kind == &relay_kind)) {
				n++;
				break;
			}
		}
		if (send(fd, buffer, size, 0) < 0)
			die("send");
		collect(first, n);
		for (i = 0; i < n; i++) {
			if (what == BASE && sent[i].error)
				show(&sent[i], strerror(sent[i].error));
			judge(&sent[i]);
		}
	}
}

/* Lengths that are no length: the kernel drops these and all behind them. */
static void run_lengths(unsigned long count)
{
	struct message m;
	struct nlmsghdr *nlh = (struct nlmsghdr *)buffer;
	unsigned long done;
	size_t size;

	for (done = 0; done < count; done++) {
		make_base(&m, rnd(kind->bases - 1));
		size = put_message(buffer, &m);
		nlh->nlmsg_len = rnd(2) ?
					 rnd(NLMSG_HDRLEN) :
					 size + 1 + rnd(rnd(2) ? 100 : 1 << 30);
		if (send(fd, buffer, size - rnd(size), 0) < 0 &&
		    errno != EINVAL)
			die("send");
		if (done % 100 == 99)
			run(BASE, 1);
	}
}

static void report(void)
{
	unsigned int cmd, i;

	printf("accepted %lu\nrefused %lu\nunanswered %lu\n", accepted, refused,
	       silent);
	printf("without-text %lu\nwithout-text-by-core %lu\n", mute, mute_core);
	for (cmd = 0; cmd < 256; cmd++)
		for (i = 0; i < fault_count; i++)
			if (mute_by[cmd][i])
				printf("# without a text: command %u, %s: %lu\n",
				       cmd, faults[i].name, mute_by[cmd][i]);
	for (i = 0; i < 256; i++)
		if (errors[i])
			printf("# %lu x %s\n", errors[i], strerror(i));
}

/* A client that faults can be about. */
static void hand_client(void)
{
	struct message m;
	size_t size;

	do
		make_base(&m, rnd(kind->bases));
	while (m.cmd != SLUICE_RELAY_CMD_CLIENT_HAND);
	size = put_message(buffer, &m);
	memset(&sent[0], 0, offsetof(struct sent, message.top));
	sent[0].answered = false;
	if (send(fd, buffer, size, 0) < 0)
		die("send");
	collect(sequence, 1);
	if (!client) {
		fprintf(stderr, "sl-fuzz: a client is not taken: %s\n",
			strerror(sent[0].error));
		exit(1);
	}
}

int main(int argc, char **argv)
{
	const char *what = "";
	unsigned long count;
	uint64_t start;

	if (argc > 1 && !strcmp(argv[1], "relay")) {
		kind = &relay_kind;
		argc--;
		argv++;
	}
	if (argc > 1)
		what = argv[1];
	if (argc < (!strcmp(what, "bases") ? 2 : 3)) {
		fprintf(stderr,
			"usage: sl-fuzz [relay] bases|invalid|random|lengths COUNT [SEED]\n");
		return 2;
	}
	count = argc > 2 ? strtoul(argv[2], NULL, 0) : 0;
	start = argc > 3 ? strtoull(argv[3], NULL, 0) :
			   (uint64_t)time(NULL) << 20 ^ getpid();
	printf("# seed %llu\n", (unsigned long long)start);
	seed(start);
	open_socket();
	if (!strcmp(what, "bases")) {
		count = kind->bases - kind->more;
		run(BASE, count);
		report();
		return accepted == count ? 0 : 1;
	}
	/* What is random is sent while others change the service: there may be none. */
	if (kind == &relay_kind && strcmp(what, "random") != 0)
		hand_client();
	if (!strcmp(what, "invalid")) {
		run(INVALID, count);
		report();
		return refused == count ? 0 : 1;
	}
	if (!strcmp(what, "random")) {
		run(RANDOM, count);
		report();
		return silent ? 1 : 0;
	}
	run_lengths(count);
	report();
	return silent || refused ? 1 : 0;
}
