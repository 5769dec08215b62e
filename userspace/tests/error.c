// SPDX-License-Identifier: GPL-2.0-or-later
/* An extended ACK in one line: names and ranges for what it says in numbers. */
#include <errno.h>
#include <string.h>

#include "ktap.h"
#include "netlink.h"

static struct sluice sl = { .of = &sluice_main_family };

/* A request with a nest: settings-set with two time-outs and a limit. */
static struct nl_msg *request(void)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct nlattr *nest;

	genlmsg_put(msg, 1, 1, 20, 0, 0, SLUICE_CMD_SETTINGS_SET, 1);
	nest = nla_nest_start(msg, SLUICE_A_SETTINGS_TIMEOUTS);
	nla_put_u32(msg, SLUICE_A_TIMEOUTS_TCP_CLOSE, 1);
	nla_put_u32(msg, SLUICE_A_TIMEOUTS_UDP, 2);
	nla_nest_end(msg, nest);
	nla_put_u32(msg, SLUICE_A_SETTINGS_CONNECTIONS_MAX, 0);
	return msg;
}

/* Where its attributes are: header 16, generic header 4, nest 4, 8 each. */
enum {
	AT_NEST = 20,
	AT_CLOSE = 24,
	AT_UDP = 32,
	AT_MAX = 40,
	AT_END = 48,
};

static void put_policy(struct nl_msg *tlvs, uint64_t min, uint64_t max)
{
	struct nlattr *nest = nla_nest_start(tlvs, NLMSGERR_ATTR_POLICY);

	nla_put_u64(tlvs, NL_POLICY_TYPE_ATTR_MIN_VALUE_U, min);
	nla_put_u64(tlvs, NL_POLICY_TYPE_ATTR_MAX_VALUE_U, max);
	nla_nest_end(tlvs, nest);
}

static void check(struct ktap *ktap, const char *name, struct nl_msg *tlvs,
		  int error, const char *text)
{
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];
	struct nl_msg *msg = request();
	bool passed;
	int err;

	nlmsg_parse(nlmsg_hdr(tlvs), 0, tb, NLMSGERR_ATTR_MAX, NULL);
	err = sluice_fail_kernel(&sl, error, nlmsg_hdr(msg), tb);
	passed = err == -error && strcmp(sl.error, text) == 0;
	if (!passed)
		printf("# %d, '%s' instead of '%s'\n", err, sl.error, text);
	ktap_result(ktap, passed, name);
	nlmsg_free(msg);
	nlmsg_free(tlvs);
}

static struct nl_msg *tlvs_with(const char *text)
{
	struct nl_msg *tlvs = nlmsg_alloc_simple(NLMSG_ERROR, 0);

	if (text)
		nla_put_string(tlvs, NLMSGERR_ATTR_MSG, text);
	return tlvs;
}

static void test_attribute(struct ktap *ktap, const char *name, uint32_t offset,
			   const char *text)
{
	struct nl_msg *tlvs = tlvs_with("bad");

	nla_put_u32(tlvs, NLMSGERR_ATTR_OFFS, offset);
	check(ktap, name, tlvs, EINVAL, text);
}

static void test_missing(struct ktap *ktap, const char *name, int nest,
			 uint32_t type, const char *text)
{
	struct nl_msg *tlvs = tlvs_with(NULL);

	nla_put_u32(tlvs, NLMSGERR_ATTR_MISS_TYPE, type);
	if (nest)
		nla_put_u32(tlvs, NLMSGERR_ATTR_MISS_NEST, (uint32_t)nest);
	check(ktap, name, tlvs, EINVAL, text);
}

int main(void)
{
	struct ktap ktap = { 0 };
	struct nl_msg *tlvs;

	ktap_begin();
	check(&ktap, "the kernel's words", tlvs_with("no such pool"), ENOENT,
	      "no such pool");
	check(&ktap, "an error without words", tlvs_with(NULL), EEXIST,
	      "exists already");
	check(&ktap, "no permission", tlvs_with(NULL), EPERM,
	      "permission denied: CAP_NET_ADMIN is needed (run as root)");

	test_attribute(&ktap, "an attribute", AT_MAX, "bad (connections-max)");
	test_attribute(&ktap, "a nest", AT_NEST, "bad (timeouts)");
	test_attribute(&ktap, "the first in a nest", AT_CLOSE,
		       "bad (timeouts.tcp-close)");
	test_attribute(&ktap, "the last in a nest", AT_UDP,
		       "bad (timeouts.udp)");
	test_attribute(&ktap, "an offset before all", 0, "bad");
	test_attribute(&ktap, "an offset after all", AT_END, "bad");
	test_attribute(&ktap, "an absurd offset", UINT32_MAX, "bad");

	test_missing(&ktap, "a missing attribute", 0,
		     SLUICE_A_SETTINGS_CONNECTIONS_MAX,
		     "Invalid argument (connections-max is missing)");
	test_missing(&ktap, "a missing attribute in a nest", AT_NEST,
		     SLUICE_A_TIMEOUTS_UDP,
		     "Invalid argument (timeouts.udp is missing)");
	test_missing(&ktap, "an unknown attribute is missing", 0, 999,
		     "Invalid argument");

	tlvs = tlvs_with("integer out of range");
	nla_put_u32(tlvs, NLMSGERR_ATTR_OFFS, AT_UDP);
	put_policy(tlvs, 100, 1000000000);
	check(&ktap, "the range that is right", tlvs, ERANGE,
	      "integer out of range (timeouts.udp, 100 to 1000000000)");
	return ktap_end(&ktap);
}
