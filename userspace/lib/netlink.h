/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of the library: requests, replies and their attributes. */
#ifndef SLUICE_NETLINK_H
#define SLUICE_NETLINK_H

#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "sluice.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/**
 * struct sluice_family - a generic netlink family
 * @name: its name
 * @module: the module that has it
 * @version: its version
 * @attr_name: names of its attributes, see names.gen.h
 * @attr_nested: likewise
 * @cmd_attr_set: likewise
 */
struct sluice_family {
	const char *name;
	const char *module;
	uint8_t version;
	const char *(*attr_name)(int set, unsigned int type);
	int (*attr_nested)(int set, unsigned int type);
	int (*cmd_attr_set)(unsigned int cmd);
};

/* The family "sluice". */
extern const struct sluice_family sluice_main_family;

/**
 * struct sluice - a handle
 * @sock: the socket
 * @of: the family that it is for
 * @family: number of that family
 * @in_transaction: requests that change something are staged
 * @staged: copies of them
 * @staged_count: how many
 * @staged_room: how many there is room for
 * @failed: number in @staged of the one that the commit was refused for, or
 *   SLUICE_NO_REQUEST
 * @repeated: what the next request that changes something fails with, without
 *   being sent; 0 if it is sent
 * @lost: a request was sent whose answer could not be received
 * @error: description of the last failure
 */
struct sluice {
	struct nl_sock *sock;
	const struct sluice_family *of;
	int family;
	bool in_transaction;
	struct nlmsghdr **staged;
	size_t staged_count;
	size_t staged_room;
	size_t failed;
	int repeated;
	bool lost;
	char error[512];
};

/* One attribute of an extended ACK that is made here. */
struct sluice_tlv {
	struct nlattr attr;
	uint32_t value;
};

/**
 * struct sluice_object - how replies of one kind are read
 * @policy: of its attributes
 * @max: highest number of an attribute
 * @size: of the struct that @parse fills in
 * @parse: fills in the struct, which is zeroed before; 0 or a negative errno
 * @parse_each: called after @parse for each attribute, for those that come more
 *   than once; may be NULL
 * @parse_all: called in place of @parse, with the attributes as they came; 0 or a
 *   negative errno
 * @release: frees what the struct points to; NULL if it points to nothing
 */
struct sluice_object {
	const struct nla_policy *policy;
	int max;
	size_t size;
	int (*parse)(struct nlattr *const *attrs, void *object);
	void (*parse_each)(const struct nlattr *attr, void *object);
	int (*parse_all)(struct nlattr *attrs, int length, void *object);
	void (*release)(void *object);
};

extern const struct sluice_object sluice_service_object;
extern const struct sluice_object sluice_pool_object;
extern const struct sluice_object sluice_server_object;
extern const struct sluice_object sluice_route_object;
extern const struct sluice_object sluice_settings_object;

/*
 * netlink.c: exchanges. Those that take a message free it, and take NULL for
 * one that could not be made.
 */
struct nl_msg *sluice_msg_new(struct sluice *sl, uint8_t cmd, int flags);
struct nl_msg *sluice_msg_new_sized(struct sluice *sl, uint8_t cmd,
				    size_t size);
int sluice_msg_do(struct sluice *sl, struct nl_msg *msg);
int sluice_msg_control(struct sluice *sl, struct nl_msg *msg);
int sluice_msg_get(struct sluice *sl, struct nl_msg *msg,
		   const struct sluice_object *kind, void *object);
int sluice_msg_dump(struct sluice *sl, struct nl_msg *msg,
		    const struct sluice_object *kind,
		    int (*fn)(void *object, void *arg), void *arg);
int sluice_msg_parse(struct sluice *sl, struct nlmsghdr *hdr,
		     const struct sluice_object *kind, void *object);

/**
 * sluice_msg_list() - collect a dump in an array
 * @sl: the handle
 * @build: makes the request, once for each try
 * @build_arg: passed to @build
 * @kind: how replies are read
 * @list: the array, to be freed by the caller
 * @count: its length
 *
 * Return: 0 or a negative errno value.
 */
int sluice_msg_list(struct sluice *sl,
		    struct nl_msg *(*build)(struct sluice *sl, const void *arg),
		    const void *build_arg, const struct sluice_object *kind,
		    void **list, size_t *count);

/**
 * sluice_open_family() - connect to a generic netlink family
 * @slp: where the handle goes
 * @family: which
 *
 * Return: as sluice_open().
 */
int sluice_open_family(struct sluice **slp, const struct sluice_family *family);

/* event.c */
int sluice_group_join(struct sluice *sl, const char *group);

/**
 * sluice_group_wait() - wait for messages of a multicast group
 * @sl: the handle, which has joined it
 * @fn: called for each message of the handle's family; returns NL_OK, or
 *   NL_STOP to end
 * @arg: passed to @fn
 *
 * Return: 0, -ENOBUFS if messages were lost, or another negative errno value.
 */
int sluice_group_wait(struct sluice *sl,
		      int (*fn)(struct nl_msg *msg, void *arg), void *arg);

/* transaction.c */
int sluice_transaction_keep(struct sluice *sl, const struct nlmsghdr *request);
const struct nlmsghdr *sluice_transaction_failed(struct sluice *sl,
						 struct nlattr **tlvs,
						 struct sluice_tlv *offset);
void sluice_transaction_end(struct sluice *sl);

/* error.c: what these return is -error, what they say is in sl->error. */
int sluice_fail(struct sluice *sl, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int sluice_fail_nl(struct sluice *sl, int nl_error, const char *what);
int sluice_fail_kernel(struct sluice *sl, int error,
		       const struct nlmsghdr *request,
		       struct nlattr *const *tlvs);

/* attr.c: attributes that several objects have */
#define SLUICE_UINT_POLICY { .minlen = 4, .maxlen = 8 }
#define SLUICE_ADDRESS_POLICY { .minlen = 4, .maxlen = 16 }
#define SLUICE_NAME_POLICY { .type = NLA_STRING, .maxlen = SLUICE_NAME_LEN + 1 }

/* What is absent reads as 0: an older module does not know all attributes. */
uint64_t sluice_get_uint(const struct nlattr *attr);
uint32_t sluice_get_u32(const struct nlattr *attr);
uint16_t sluice_get_u16(const struct nlattr *attr);
uint8_t sluice_get_u8(const struct nlattr *attr);
uint16_t sluice_get_port(const struct nlattr *attr);
void sluice_get_name(char *to, size_t size, const struct nlattr *attr);

/* Return: 0 or -EBADMSG. */
int sluice_get_address(struct sluice_address *to, const struct nlattr *attr);
int sluice_get_service(struct sluice_service_key *to, struct nlattr *attr);
int sluice_get_stats(struct sluice_stats *to, struct nlattr *attr);
int sluice_get_refusals(struct sluice_refusals *to, struct nlattr *attr);

/* Nothing is put where nothing is given. Return: 0 or -NLE_NOMEM. */
int sluice_put_name(struct nl_msg *msg, int type, const char *name);
int sluice_put_address(struct nl_msg *msg, int type,
		       const struct sluice_address *address);
int sluice_put_port(struct nl_msg *msg, int type, uint16_t port);
int sluice_put_service_key(struct nl_msg *msg,
			   const struct sluice_service_key *key);
int sluice_put_service(struct nl_msg *msg, int type,
		       const struct sluice_service_key *key);

#endif /* SLUICE_NETLINK_H */
