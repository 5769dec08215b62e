// SPDX-License-Identifier: GPL-2.0-or-later
/* SCRAM-SHA-256: the example of RFC 7677, 3, and what a server must not send. */
#include <string.h>

#include "../ktap.h"
#include "check/scram.h"

#define CLIENT "rOprNGfwEbeRWgbNEkqO"
#define NONCE CLIENT "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define FIRST "r=" NONCE ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
#define PROOF "qvT2SWdEH5Q06albL+hjSYuUhCG7VndFyzIb7CK4n9k="
#define SIGNATURE "v=3HO6Qt1M4MKJrmlKaoOqLAI0/0TV0HZe7J9H3MBtSOg="
/* With the name of the example's user in it. */
#define FINAL "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

static const char *answer(struct scram *scram, const char *first, char *to)
{
	strcpy(scram->nonce, CLIENT);
	return scram_final(scram, "pencil", first, strlen(first), to);
}

/*
 * The example names its user in the client's first message, where ours is empty:
 * so the proof is another, computed with Python's hashlib and hmac.
 */
static bool example(void)
{
	struct scram scram;
	char text[SCRAM_TEXT_SIZE];

	if (answer(&scram, FIRST, text))
		return false;
	return strncmp(text, "c=biws,r=" NONCE ",p=",
		       strlen("c=biws,r=" NONCE ",p=")) == 0 &&
	       strcmp(text + strlen("c=biws,r=" NONCE ",p="), PROOF) == 0 &&
	       scram_verify(&scram, SIGNATURE, strlen(SIGNATURE)) &&
	       !scram_verify(&scram, FINAL, strlen(FINAL)) &&
	       !scram_verify(&scram, "v=", 2) &&
	       !scram_verify(&scram, "e=other-error", 13);
}

static const struct {
	const char *first;
	const char *why;
} cases[] = {
	{ "", "a message of SCRAM without nonce, salt and rounds" },
	{ "r=" NONCE, "a message of SCRAM without nonce, salt and rounds" },
	{ "r=" CLIENT ",s=eHg=,i=4096", "a nonce of SCRAM that is not ours" },
	{ "r=x" NONCE ",s=eHg=,i=4096", "a nonce of SCRAM that is not ours" },
	{ "r=" NONCE ",s=eHg,i=4096", "a salt of SCRAM that is none" },
	{ "r=" NONCE ",s=,i=4096", "a salt of SCRAM that is none" },
	{ "r=" NONCE ",s=====,i=4096", "a salt of SCRAM that is none" },
	{ "r=" NONCE ",s=eHg=,i=0", "no number of rounds of SCRAM" },
	{ "r=" NONCE ",s=eHg=,i=1x", "no number of rounds of SCRAM" },
	{ "r=" NONCE ",s=eHg=,i=99999999999999999999",
	  "more than 20000 rounds of SCRAM" },
};

static bool refused(void)
{
	bool passed = true;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[SCRAM_TEXT_SIZE];
		struct scram scram;
		const char *why = answer(&scram, cases[i].first, text);

		if (!why || strcmp(why, cases[i].why) != 0) {
			printf("# %s: %s\n", cases[i].first,
			       why ? why : "taken");
			passed = false;
		}
	}
	return passed;
}

static bool too_long(void)
{
	char first[SCRAM_TEXT_SIZE + 50], text[SCRAM_TEXT_SIZE];
	struct scram scram;
	bool passed = true;

	/* Of any length it is refused, or answered within the room. */
	for (int length = 1; length < SCRAM_TEXT_SIZE; length++) {
		snprintf(first, sizeof(first), "r=%s%.*d,s=eHg=,i=1", CLIENT,
			 length, 0);
		if (!answer(&scram, first, text))
			passed = passed && strlen(text) < SCRAM_TEXT_SIZE &&
				 strstr(text, ",p=");
		else
			passed = passed && length > 300;
	}
	return passed;
}

static bool nonces(void)
{
	char one[SCRAM_TEXT_SIZE], other[SCRAM_TEXT_SIZE];
	struct scram scram;

	return scram_first(&scram, one) && scram_first(&scram, other) &&
	       strcmp(one, other) != 0 && strlen(one) == 8 + 24 &&
	       strncmp(one, "n,,n=,r=", 8) == 0;
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	ktap_result(&ktap, example(), "the example of RFC 7677");
	ktap_result(&ktap, refused(), "what is refused");
	ktap_result(&ktap, too_long(), "nonces of any length");
	ktap_result(&ktap, nonces(), "a nonce is used once");
	return ktap_end(&ktap);
}
