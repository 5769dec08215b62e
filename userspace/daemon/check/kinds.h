/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of checks, one file each; kinds.c has the table. */
#ifndef DAEMON_CHECK_KINDS_H
#define DAEMON_CHECK_KINDS_H

#include "run.h"

extern const struct check_kind_ops check_tcp;
extern const struct check_kind_ops check_tls;
extern const struct check_kind_ops check_http;
extern const struct check_kind_ops check_https;
extern const struct check_kind_ops check_redis;
extern const struct check_kind_ops check_postgresql;
extern const struct check_kind_ops check_mysql;
extern const struct check_kind_ops check_smtp;
extern const struct check_kind_ops check_dns;
extern const struct check_kind_ops check_udp;
extern const struct check_kind_ops check_sctp;
extern const struct check_kind_ops check_ftp;
extern const struct check_kind_ops check_script;
extern const struct check_kind_ops check_agent;

#endif /* DAEMON_CHECK_KINDS_H */
