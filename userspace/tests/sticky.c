// SPDX-License-Identifier: GPL-2.0-or-later
/* Cookies of the strata relay and proxy, to the byte: other nodes have made some. */
#include <stdio.h>
#include <string.h>

#include <sluice/sticky.h>

#include "ktap.h"

#define VALUE "_wABAgMEBQagoaKjpKWmp6ipqqusra6v"

static const struct sluice_sticky_mark mark = {
	.server = 0xff00010203040506ULL,
	.signature = { 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8,
		       0xa9, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf },
};

static void test_server(struct ktap *ktap)
{
	static const __u8 v4[4] = { 192, 0, 2, 1 };
	static const __u8 v6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };

	ktap_result(ktap,
		    sluice_sticky_server(v4, 4, 8080) == 0x7fddda3d465c5853ULL,
		    "the number of a server of IPv4");
	ktap_result(ktap,
		    sluice_sticky_server(v6, 16, 443) == 0x53ac8717048216fcULL,
		    "of IPv6");
}

static void test_signed(struct ktap *ktap)
{
	static const char text[] = "sluice sticky cookie 1\0web\0"
				   "\xff\0\1\2\3\4\5\6";
	char name[SLUICE_STICKY_POOL_LEN + 2];
	__u8 to[SLUICE_STICKY_SIGNED_MAX];

	ktap_result(ktap,
		    sluice_sticky_signed(to, "web", mark.server) ==
				    sizeof(text) - 1 &&
			    memcmp(to, text, sizeof(text) - 1) == 0,
		    "what is signed");
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	ktap_result(ktap, !sluice_sticky_signed(to, name, 1),
		    "a name that is too long");
	name[sizeof(name) - 2] = '\0';
	ktap_result(ktap,
		    sluice_sticky_signed(to, name, 1) ==
			    23 + SLUICE_STICKY_POOL_LEN + 1 + 8,
		    "the longest one");
}

static void test_text(struct ktap *ktap)
{
	static const char plain[] = "SID=" VALUE
				    "; Path=/; HttpOnly; SameSite=Lax";
	static const char only_tls[] =
		"SID=" VALUE "; Path=/; HttpOnly; SameSite=Lax; Secure";
	char to[SLUICE_STICKY_TEXT_MAX], name[SLUICE_STICKY_COOKIE_LEN + 2];

	ktap_result(ktap,
		    sluice_sticky_write(to, sizeof(to), "SID", &mark, false) ==
				    strlen(plain) &&
			    strcmp(to, plain) == 0,
		    "a cookie");
	ktap_result(ktap,
		    sluice_sticky_write(to, sizeof(to), "SID", &mark, true) ==
				    strlen(only_tls) &&
			    strcmp(to, only_tls) == 0,
		    "with TLS");
	ktap_result(ktap,
		    !sluice_sticky_write(to, sizeof(only_tls) - 1, "SID", &mark,
					 true) &&
			    sluice_sticky_write(to, sizeof(only_tls), "SID",
						&mark, true),
		    "into just enough room");
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	ktap_result(ktap,
		    !sluice_sticky_write(to, sizeof(to), name, &mark, true),
		    "a name that is too long");
	name[sizeof(name) - 2] = '\0';
	ktap_result(ktap,
		    sluice_sticky_write(to, sizeof(to), name, &mark, true) ==
			    strlen(only_tls) - 3 + SLUICE_STICKY_COOKIE_LEN,
		    "the longest one");
}

static void test_read(struct ktap *ktap)
{
	static const char *const none[] = {
		"",
		VALUE "A",
		"\"" VALUE,
		VALUE "\"",
		"'" VALUE "'",
		"_wABAgMEBQagoaKjpKWmp6ipqqusra6=",
		"_wABAgMEBQagoaKjpKWmp6ipqqusra6+",
		"_wABAgMEBQagoaKjpKWmp6ipqqusra6/",
		"_wABAgMEBQagoaKjpKWmp6ipqqusra6\xff",
		" wABAgMEBQagoaKjpKWmp6ipqqusra6v",
	};
	struct sluice_sticky_mark got;

	ktap_result(ktap,
		    sluice_sticky_read(&got, VALUE, 32) &&
			    got.server == mark.server &&
			    memcmp(got.signature, mark.signature,
				   sizeof(got.signature)) == 0,
		    "a value");
	ktap_result(ktap,
		    sluice_sticky_read(&got, "\"" VALUE "\"", 34) &&
			    got.server == mark.server,
		    "in quotes");
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ktap_result(ktap,
			    !sluice_sticky_read(&got, none[i],
						(__u32)strlen(none[i])),
			    "what is none");
}

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	test_server(&ktap);
	test_signed(&ktap);
	test_text(&ktap);
	test_read(&ktap);
	return ktap_end(&ktap);
}
