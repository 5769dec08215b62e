// SPDX-License-Identifier: GPL-2.0
/* The TCP state table: whole conversations, and what no segment may do. */

#include <kunit/test.h>

#include "../tcp.h"
#include "suites.h"

/* One segment of a conversation and the state it must lead to. */
struct step {
	enum sluice_dir dir;
	enum sluice_tcp_event event;
	enum sluice_state state;
};

#define C(event, state) { SLUICE_DIR_ORIGINAL, SLUICE_TCP_##event, SLUICE_STATE_##state }
#define S(event, state) { SLUICE_DIR_REPLY, SLUICE_TCP_##event, SLUICE_STATE_##state }
#define STEPS_MAX 12

struct conversation {
	const char *name;
	struct step steps[STEPS_MAX];
};

/* Every one begins with a SYN of the client that has been forwarded. */
static const struct conversation conversations[] = {
	{ "client closes first",
	  { S(SYNACK, SYN_RECV), C(ACK, ESTABLISHED), C(ACK, ESTABLISHED),
	    S(ACK, ESTABLISHED), C(FIN, FIN_CLIENT), S(ACK, CLOSE_CLIENT),
	    S(FIN, LAST_ACK), C(ACK, TIME_WAIT) } },
	{ "server closes first",
	  { S(SYNACK, SYN_RECV), C(ACK, ESTABLISHED), S(FIN, FIN_SERVER),
	    C(ACK, CLOSE_SERVER), C(FIN, LAST_ACK), S(ACK, TIME_WAIT) } },
	{ "both close at once",
	  { S(SYNACK, SYN_RECV), C(ACK, ESTABLISHED), C(FIN, FIN_CLIENT),
	    S(FIN, LAST_ACK), C(ACK, TIME_WAIT), S(ACK, TIME_WAIT) } },
	{ "half closed by the client, the server goes on sending",
	  { S(SYNACK, SYN_RECV), C(ACK, ESTABLISHED), C(FIN, FIN_CLIENT),
	    S(ACK, CLOSE_CLIENT), C(ACK, CLOSE_CLIENT), S(ACK, CLOSE_CLIENT),
	    S(FIN, LAST_ACK), C(ACK, TIME_WAIT) } },
	{ "FIN sent again is not the other side's",
	  { S(SYNACK, SYN_RECV), C(ACK, ESTABLISHED), C(FIN, FIN_CLIENT),
	    C(FIN, FIN_CLIENT), S(ACK, CLOSE_CLIENT), C(FIN, CLOSE_CLIENT),
	    S(FIN, LAST_ACK), S(FIN, LAST_ACK), C(ACK, TIME_WAIT),
	    S(FIN, TIME_WAIT) } },
	{ "everything in the handshake sent twice",
	  { C(SYN, SYN_SENT), S(SYNACK, SYN_RECV), C(SYN, SYN_RECV),
	    S(SYNACK, SYN_RECV), C(ACK, ESTABLISHED), S(SYNACK, ESTABLISHED),
	    C(ACK, ESTABLISHED) } },
	{ "refused by the server", { S(RST, RESET_SERVER) } },
	{ "reset by the client",
	  { S(SYNACK, SYN_RECV), C(ACK, ESTABLISHED), C(RST, RESET_CLIENT),
	    S(ACK, RESET_CLIENT), C(RST, RESET_CLIENT) } },
	{ "reset by the server",
	  { S(SYNACK, SYN_RECV), C(ACK, ESTABLISHED), S(RST, RESET_SERVER),
	    C(ACK, RESET_SERVER), S(RST, RESET_SERVER) } },
	{ "forged reset of the client",
	  { S(SYNACK, SYN_RECV), C(ACK, ESTABLISHED), C(RST, RESET_CLIENT),
	    S(ACK, RESET_CLIENT), C(ACK, ESTABLISHED) } },
	{ "forged reset of the server",
	  { S(SYNACK, SYN_RECV), C(ACK, ESTABLISHED), S(RST, RESET_SERVER),
	    C(ACK, RESET_SERVER), S(ACK, ESTABLISHED) } },
	{ "forged SYN in an established connection",
	  { S(SYNACK, SYN_RECV), C(ACK, ESTABLISHED), C(SYN, ESTABLISHED),
	    S(SYN, ESTABLISHED), C(ACK, ESTABLISHED) } },
	{ "nothing but a server's answer makes a connection",
	  { C(SYN, SYN_SENT), C(ACK, SYN_SENT), C(NONE, SYN_SENT),
	    C(FIN, SYN_SENT), C(RST, SYN_SENT), C(ACK, SYN_SENT),
	    S(ACK, SYN_SENT), S(FIN, SYN_SENT) } },
	{ "port used again after a reset",
	  { S(SYNACK, SYN_RECV), C(ACK, ESTABLISHED), C(RST, RESET_CLIENT),
	    C(SYN, RESET_CLIENT), S(SYNACK, SYN_RECV), C(ACK, ESTABLISHED) } },
	{ "tried again after a refusal",
	  { S(RST, RESET_SERVER), C(SYN, RESET_SERVER), S(SYNACK, SYN_RECV),
	    C(ACK, ESTABLISHED) } },
	{ "forged reset and SYN of the client",
	  { S(SYNACK, SYN_RECV), C(ACK, ESTABLISHED), C(RST, RESET_CLIENT),
	    C(SYN, RESET_CLIENT), S(ACK, RESET_CLIENT), C(ACK, ESTABLISHED) } },
};

KUNIT_ARRAY_PARAM_DESC(conversation, conversations, name);

static void tcp_conversation(struct kunit *test)
{
	const struct conversation *conversation = test->param_value;
	enum sluice_state state = SLUICE_STATE_SYN_SENT;
	int i;

	for (i = 0; i < STEPS_MAX; i++) {
		const struct step *step = &conversation->steps[i];

		if (step->state == SLUICE_STATE_DEAD)
			break;
		state = sluice_tcp_next(state, step->dir, step->event);
		KUNIT_ASSERT_EQ_MSG(test, state, step->state, "step %d", i);
	}
}

static void tcp_dead_stays_dead(struct kunit *test)
{
	int dir, event;

	for (dir = 0; dir < SLUICE_DIR_COUNT; dir++)
		for (event = 0; event < SLUICE_TCP_EVENT_COUNT; event++)
			KUNIT_EXPECT_EQ(test,
					sluice_tcp_next(SLUICE_STATE_DEAD, dir,
							event),
					SLUICE_STATE_DEAD);
}

/* No segment revives what both sides closed, or makes one dead. */
static void tcp_table_is_closed(struct kunit *test)
{
	int dir, event, state, next;

	for (dir = 0; dir < SLUICE_DIR_COUNT; dir++) {
		for (event = 0; event < SLUICE_TCP_EVENT_COUNT; event++) {
			for (state = SLUICE_STATE_SYN_SENT;
			     state <= SLUICE_STATE_RESET_SERVER; state++) {
				next = sluice_tcp_next(state, dir, event);
				KUNIT_EXPECT_NE(test, next, SLUICE_STATE_DEAD);
				KUNIT_EXPECT_LE(test, next,
						SLUICE_STATE_RESET_SERVER);
				if (state == SLUICE_STATE_TIME_WAIT)
					KUNIT_EXPECT_NE(test, next,
							SLUICE_STATE_ESTABLISHED);
			}
		}
	}
}

static void tcp_events(struct kunit *test)
{
	struct tcphdr th = {};

	KUNIT_EXPECT_EQ(test, sluice_tcp_event(&th), SLUICE_TCP_NONE);
	th.ack = 1;
	KUNIT_EXPECT_EQ(test, sluice_tcp_event(&th), SLUICE_TCP_ACK);
	th.fin = 1;
	KUNIT_EXPECT_EQ(test, sluice_tcp_event(&th), SLUICE_TCP_FIN);
	th.fin = 0;
	th.syn = 1;
	KUNIT_EXPECT_EQ(test, sluice_tcp_event(&th), SLUICE_TCP_SYNACK);
	th.ack = 0;
	KUNIT_EXPECT_EQ(test, sluice_tcp_event(&th), SLUICE_TCP_SYN);
	/* A reset is a reset whatever else is set. */
	th.rst = 1;
	th.fin = 1;
	KUNIT_EXPECT_EQ(test, sluice_tcp_event(&th), SLUICE_TCP_RST);
}

static struct kunit_case tcp_cases[] = {
	KUNIT_CASE_PARAM(tcp_conversation, conversation_gen_params),
	KUNIT_CASE(tcp_dead_stays_dead),
	KUNIT_CASE(tcp_table_is_closed),
	KUNIT_CASE(tcp_events),
	{}
};

struct kunit_suite sluice_tcp_suite = {
	.name = "sluice_tcp",
	.test_cases = tcp_cases,
};
