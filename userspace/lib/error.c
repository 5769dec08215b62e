// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a failure is called. The kernel's own message comes first; what it names
 * by number or by place in the request (the attribute at fault, the range that
 * would be right, what is missing) is added in the words of the specification.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "netlink.h"

int sluice_fail(struct sluice *sl, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(sl->error, sizeof(sl->error), format, args);
	va_end(args);
	return -error;
}

const char *sluice_error(const struct sluice *sl)
{
	return sl ? sl->error : "out of memory";
}

static int errno_of_nl(int nl_error)
{
	switch (nl_error < 0 ? -nl_error : nl_error) {
	case NLE_PERM:
	case NLE_NOACCESS:
		return EPERM;
	case NLE_NOMEM:
		return ENOMEM;
	case NLE_OBJ_NOTFOUND:
		return ENOENT;
	case NLE_INTR:
		return EINTR;
	case NLE_MSGSIZE:
		return EMSGSIZE;
	default:
		return EIO;
	}
}

static const char *describe(int error)
{
	switch (error) {
	case EPERM:
	case EACCES:
		return "permission denied: CAP_NET_ADMIN is needed (run as root)";
	case ENOENT:
		return "no such object";
	case EEXIST:
		return "exists already";
	case EBUSY:
		return "in use";
	case ENOMEM:
	case ENOBUFS:
		return "out of memory in the kernel";
	case EOPNOTSUPP:
		return "the loaded module does not have this command";
	default:
		return strerror(error);
	}
}

int sluice_fail_nl(struct sluice *sl, int nl_error, const char *what)
{
	int error = errno_of_nl(nl_error);

	if (error == EPERM)
		return sluice_fail(sl, error, "%s", describe(error));
	return sluice_fail(sl, error, "%s: %s", what, nl_geterror(nl_error));
}

/*
 * Append the name of the attribute at @offset of @request, nests before it,
 * for instance "timeouts.udp". Return: the set of the attributes in that
 * attribute if it is a nest, otherwise -1.
 */
static int find_attr(const struct sluice_family *of,
		     const struct nlmsghdr *request, uint32_t offset, int set,
		     char *path, size_t size)
{
	const char *base = (const char *)request;
	const struct nlattr *attr =
		(const struct nlattr *)(base + NLMSG_HDRLEN + GENL_HDRLEN);
	int left = (int)request->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;
	size_t used = 0;

	path[0] = '\0';
	while (set >= 0 && nla_ok(attr, left)) {
		uint32_t at = (uint32_t)((const char *)attr - base);
		const char *name;

		if (offset < at)
			break;
		if (offset >= at + nla_total_size(nla_len(attr))) {
			attr = nla_next(attr, &left);
			continue;
		}
		name = of->attr_name(set, (unsigned int)nla_type(attr));
		if (!name)
			break;
		used += (size_t)snprintf(path + used, size - used, "%s%s",
					 used ? "." : "", name);
		set = of->attr_nested(set, (unsigned int)nla_type(attr));
		if (offset == at || used >= size)
			return set;
		left = nla_len(attr);
		attr = nla_data(attr);
	}
	return -1;
}

struct text {
	char *at;
	size_t left;
};

static __attribute__((format(printf, 2, 3))) void
append(struct text *text, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text->at, text->left, format, args);
	va_end(args);
	if (length < 0)
		return;
	if ((size_t)length >= text->left)
		length = (int)text->left - 1;
	text->at += length;
	text->left -= (size_t)length;
}

/* Append the values that the kernel's policy allows. */
static void append_policy(struct text *text, struct nlattr *policy)
{
	static const struct nla_policy types[NL_POLICY_TYPE_ATTR_MAX + 1] = {
		[NL_POLICY_TYPE_ATTR_MIN_VALUE_S] = { .type = NLA_U64 },
		[NL_POLICY_TYPE_ATTR_MAX_VALUE_S] = { .type = NLA_U64 },
		[NL_POLICY_TYPE_ATTR_MIN_VALUE_U] = { .type = NLA_U64 },
		[NL_POLICY_TYPE_ATTR_MAX_VALUE_U] = { .type = NLA_U64 },
		[NL_POLICY_TYPE_ATTR_MIN_LENGTH] = { .type = NLA_U32 },
		[NL_POLICY_TYPE_ATTR_MAX_LENGTH] = { .type = NLA_U32 },
	};
	struct nlattr *tb[NL_POLICY_TYPE_ATTR_MAX + 1];

	if (nla_parse_nested(tb, NL_POLICY_TYPE_ATTR_MAX, policy, types) < 0)
		return;
	if (tb[NL_POLICY_TYPE_ATTR_MIN_VALUE_U] &&
	    tb[NL_POLICY_TYPE_ATTR_MAX_VALUE_U])
		append(text, ", %llu to %llu",
		       (unsigned long long)nla_get_u64(
			       tb[NL_POLICY_TYPE_ATTR_MIN_VALUE_U]),
		       (unsigned long long)nla_get_u64(
			       tb[NL_POLICY_TYPE_ATTR_MAX_VALUE_U]));
	else if (tb[NL_POLICY_TYPE_ATTR_MIN_VALUE_S] &&
		 tb[NL_POLICY_TYPE_ATTR_MAX_VALUE_S])
		append(text, ", %lld to %lld",
		       (long long)nla_get_u64(
			       tb[NL_POLICY_TYPE_ATTR_MIN_VALUE_S]),
		       (long long)nla_get_u64(
			       tb[NL_POLICY_TYPE_ATTR_MAX_VALUE_S]));
	else if (tb[NL_POLICY_TYPE_ATTR_MAX_LENGTH])
		append(text, ", at most %u bytes",
		       nla_get_u32(tb[NL_POLICY_TYPE_ATTR_MAX_LENGTH]));
}

static int request_set(const struct sluice_family *of,
		       const struct nlmsghdr *request)
{
	const struct genlmsghdr *genl =
		(const void *)((const char *)request + NLMSG_HDRLEN);

	return of->cmd_attr_set(genl->cmd);
}

static void append_attr(struct text *text, const struct sluice_family *of,
			const struct nlmsghdr *request,
			struct nlattr *const *tlvs)
{
	char path[128];

	find_attr(of, request, nla_get_u32(tlvs[NLMSGERR_ATTR_OFFS]),
		  request_set(of, request), path, sizeof(path));
	if (!path[0])
		return;
	append(text, " (%s", path);
	if (tlvs[NLMSGERR_ATTR_POLICY])
		append_policy(text, tlvs[NLMSGERR_ATTR_POLICY]);
	append(text, ")");
}

static void append_missing(struct text *text, const struct sluice_family *of,
			   const struct nlmsghdr *request,
			   struct nlattr *const *tlvs)
{
	uint32_t type = nla_get_u32(tlvs[NLMSGERR_ATTR_MISS_TYPE]);
	int set = request_set(of, request);
	const char *name = NULL;
	char path[128] = "";

	if (tlvs[NLMSGERR_ATTR_MISS_NEST])
		set = find_attr(of, request,
				nla_get_u32(tlvs[NLMSGERR_ATTR_MISS_NEST]), set,
				path, sizeof(path));
	if (set >= 0)
		name = of->attr_name(set, type);
	if (name)
		append(text, " (%s%s%s is missing)", path, path[0] ? "." : "",
		       name);
}

/**
 * sluice_fail_kernel() - describe a rejection by the kernel
 * @sl: the handle
 * @error: positive errno value
 * @request: what was sent
 * @tlvs: attributes of the extended ACK by NLMSGERR_ATTR_..., any may be NULL
 *
 * Return: -error.
 */
int sluice_fail_kernel(struct sluice *sl, int error,
		       const struct nlmsghdr *request,
		       struct nlattr *const *tlvs)
{
	struct text text = { sl->error, sizeof(sl->error) };
	const struct nlattr *msg = tlvs[NLMSGERR_ATTR_MSG];

	if (msg && nla_len(msg) > 0)
		append(&text, "%.*s", nla_len(msg),
		       (const char *)nla_data(msg));
	else
		append(&text, "%s", describe(error));
	if (tlvs[NLMSGERR_ATTR_OFFS])
		append_attr(&text, sl->of, request, tlvs);
	if (tlvs[NLMSGERR_ATTR_MISS_TYPE])
		append_missing(&text, sl->of, request, tlvs);
	return -error;
}
