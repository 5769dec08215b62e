// SPDX-License-Identifier: GPL-2.0-or-later
/* Answers of the DNS, right and wrong, and cut off anywhere. */
#include "../bytes.h"
#include "../ktap.h"
#include "check/dns_message.h"

#define QUESTION(type) "01 'a' 04 'test' 00 " type " 0001 "
#define HEAD(flags, count) "1234 " flags " 0001 " count " 0000 0000 "
#define RECORD(type, data) "c00c " type " 0001 00000010 <2 " data "> "

/* @answer: verdict by its first letters, and the record seen. */
static const struct {
	const char *name;
	unsigned int type;
	const char *expected;
	const char *message;
	const char *answer;
} cases[] = {
	{ "A", 1, "192.0.2.1",
	  HEAD("8180", "0001") QUESTION("0001") RECORD("0001", "c0000201"),
	  "good 192.0.2.1" },
	{ "AAAA, written otherwise", 28, "2001:DB8:0::1",
	  HEAD("8180", "0001") QUESTION("001c")
		  RECORD("001c", "20010db8 00000000 00000000 00000001"),
	  "good 2001:db8::1" },
	{ "one of several", 1, "192.0.2.2",
	  HEAD("8180", "0003") QUESTION("0001") RECORD("0001", "c0000201")
		  RECORD("0001", "c0000202") RECORD("0001", "c0000203"),
	  "good 192.0.2.3" },
	{ "behind an alias", 1, "192.0.2.1",
	  HEAD("8180", "0002") QUESTION("0001") RECORD("0005", "01 'b' c00e")
		  RECORD("0001", "c0000201"),
	  "good 192.0.2.1" },
	{ "CNAME", 5, "B.test",
	  HEAD("8180", "0001") QUESTION("0005") RECORD("0005", "01 'b' c00e"),
	  "good b.test." },
	{ "MX", 15, "10 mail.test.",
	  HEAD("8180", "0001") QUESTION("000f")
		  RECORD("000f", "000a 04 'mail' c00e"),
	  "good 10 mail.test." },
	{ "TXT in two parts", 16, "hello world",
	  HEAD("8180", "0001") QUESTION("0010")
		  RECORD("0010", "06 'hello ' 05 'world'"),
	  "good hello world" },
	{ "another type", 99, "0102ff",
	  HEAD("8180", "0001") QUESTION("0063") RECORD("0063", "0102ff"),
	  "good 0102ff" },
	{ "none", 1, NULL, HEAD("8180", "0000") QUESTION("0001"), "good " },
	{ "none, but expected", 1, "192.0.2.1",
	  HEAD("8180", "0000") QUESTION("0001"), "missing " },
	{ "NXDOMAIN", 1, NULL, HEAD("8183", "0000") QUESTION("0001"),
	  "code 3" },
	{ "an error without the question", 1, NULL,
	  "1234 8181 0000 0000 0000 0000", "code 1" },
	{ "another identifier", 1, NULL,
	  "1235 8180 0001 0000 0000 0000" QUESTION("0001"), "other " },
	{ "a question", 1, NULL, HEAD("0100", "0000") QUESTION("0001"),
	  "other " },
	{ "another question", 1, NULL,
	  HEAD("8180", "0000") "01 'b' 04 'test' 00 0001 0001", "other " },
	{ "the question in other letters", 1, NULL,
	  HEAD("8180", "0000") "01 'A' 04 'TEST' 00 0001 0001", "good " },
	{ "cut off, and marked so", 1, NULL,
	  HEAD("8380", "0002") QUESTION("0001") RECORD("0001", "c0000201"),
	  "good 192.0.2.1" },
	{ "cut off", 1, NULL,
	  HEAD("8180", "0002") QUESTION("0001") RECORD("0001", "c0000201"),
	  "bad " },
	{ "an address of 5 bytes", 1, NULL,
	  HEAD("8180", "0001") QUESTION("0001") RECORD("0001", "c000020100"),
	  "bad " },
	{ "a name that points at itself", 5, NULL,
	  HEAD("8180", "0001") QUESTION("0005") RECORD("0005", "c024"),
	  "bad " },
	{ "a name that points ahead", 5, NULL,
	  HEAD("8180", "0001") QUESTION("0005") RECORD("0005", "c026 00"),
	  "bad " },
	{ "a record past the end", 1, NULL,
	  HEAD("8180", "0001")
		  QUESTION("0001") "c00c 0001 0001 00000010 0005 01",
	  "bad " },
	{ "a text past its record", 16, NULL,
	  HEAD("8180", "0001") QUESTION("0010") RECORD("0010", "06 'hello'"),
	  "bad " },
	{ "control characters in a name", 5, NULL,
	  HEAD("8180", "0001") QUESTION("0005") RECORD("0005", "03 012e5c 00"),
	  "good \\001\\.\\\\." },
};

static void describe(const unsigned char *data, size_t length, size_t i,
		     char *text)
{
	static const char *const verdicts[] = { "other", "bad", "code",
						"missing", "good" };
	unsigned char question[DNS_QUESTION_MAX];
	size_t size = dns_question(question, "a.test", cases[i].type);
	enum dns_verdict verdict;
	char seen[DNS_TEXT_SIZE];
	unsigned int code;

	question[0] = 0x12;
	question[1] = 0x34;
	verdict = dns_answer(data, length, question, size, cases[i].expected,
			     &code, seen);
	if (verdict == DNS_CODE)
		sprintf(text, "code %u", code);
	else
		sprintf(text, "%s %s", verdicts[verdict],
			verdict == DNS_BAD ? "" : seen);
}

static bool try(size_t i)
{
	unsigned char data[600] = { 0 };
	size_t length = bytes_make(cases[i].message, data, sizeof(data));
	char text[DNS_TEXT_SIZE + 20];

	describe(data, length, i, text);
	if (strcmp(text, cases[i].answer) != 0) {
		printf("# '%s'\n", text);
		return false;
	}
	/* Cut off anywhere it is not good, and nothing is read past its end. */
	for (size_t cut = 0; cut < length; cut++) {
		unsigned char *copy = malloc(cut + !cut);
		bool good;

		memcpy(copy, data, cut);
		describe(copy, cut, i, text);
		free(copy);
		good = strncmp(text, "good", 4) == 0;
		if (good && !(data[2] & 2) && cases[i].expected) {
			printf("# at %zu: '%s'\n", cut, text);
			return false;
		}
	}
	return true;
}

static bool names(void)
{
	static const char label[] =
		"012345678901234567890123456789012345678901234567890123456789012";
	unsigned char to[DNS_QUESTION_MAX];
	char name[300];
	size_t longest;

	/* 4 * 64 bytes would be with the root's 257; 253 characters are 255. */
	snprintf(name, sizeof(name), "%s.%s.%s.%.61s", label, label, label,
		 label);
	longest = dns_question(to, name, 1);
	snprintf(name, sizeof(name), "%s.%s.%s.%.62s", label, label, label,
		 label);
	return longest == DNS_QUESTION_MAX && dns_question(to, name, 1) == 0 &&
	       dns_question(to, ".", 2) == 17 &&
	       dns_question(to, "a..b", 1) == 0 &&
	       dns_question(to, ".a", 1) == 0 &&
	       dns_question(to, "a.", 1) == 19;
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ktap_result(&ktap, try(i), cases[i].name);
	ktap_result(&ktap, names(), "names of all lengths");
	return ktap_end(&ktap);
}
