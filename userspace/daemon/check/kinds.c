// SPDX-License-Identifier: GPL-2.0-or-later
#include "kinds.h"

const struct check_kind_ops *const check_kinds[CHECK_KIND_COUNT] = {
	[CHECK_TCP] = &check_tcp,	[CHECK_TLS] = &check_tls,
	[CHECK_HTTP] = &check_http,	[CHECK_HTTPS] = &check_https,
	[CHECK_REDIS] = &check_redis,	[CHECK_POSTGRESQL] = &check_postgresql,
	[CHECK_MYSQL] = &check_mysql,	[CHECK_SMTP] = &check_smtp,
	[CHECK_DNS] = &check_dns,	[CHECK_UDP] = &check_udp,
	[CHECK_SCTP] = &check_sctp,	[CHECK_FTP] = &check_ftp,
	[CHECK_SCRIPT] = &check_script, [CHECK_AGENT] = &check_agent,
};
