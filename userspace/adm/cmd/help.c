// SPDX-License-Identifier: GPL-2.0-or-later
/* -h and -v. */
#include <stdio.h>

#include "../adm.h"

static void print_command(const struct adm_command *command)
{
	char form[64];
	int used = 0;

	form[0] = '\0';
	if (command->letter)
		used = snprintf(form, sizeof(form), "-%c, ", command->letter);
	if (command->option)
		used += snprintf(form + used, sizeof(form) - (size_t)used,
				 "--%s", command->option);
	if (!command->option)
		used += snprintf(form + used, sizeof(form) - (size_t)used,
				 "%s%s%s", command->object,
				 command->verb ? " " : "",
				 command->verb ? command->verb : "");
	if (command->operands)
		snprintf(form + used, sizeof(form) - (size_t)used, " %s",
			 command->operands);
	printf("  %-30s %s\n", form, command->help);
}

int cmd_help(struct adm *adm, const struct adm_request *req)
{
	(void)adm;
	(void)req;
	printf("usage: sluiceadm COMMAND [OPTION]...\n\n");
	for (size_t i = 0; i < adm_commands_count; i++)
		print_command(&adm_commands[i]);
	printf("\n"
	       "  -t, --tcp-service HOST:PORT    the service, [IPv6]:port as well\n"
	       "  -u, --udp-service HOST:PORT\n"
	       "  -r, --real-server HOST[:PORT]  the server, by default on the service's port\n"
	       "      --pool NAME                a named pool, for -A, -E and in place of -t, -u\n"
	       "  -s, --scheduler NAME           by default wlc; sluiceadm info lists them\n"
	       "      --slow-path on|off         on: the firewall sees all packets of the service\n"
	       "      --stratum flow|sniff|relay where the service decides, by default flow\n"
	       "      --parse tls|http           what one of stratum sniff or relay reads\n"
	       "      --proxy-protocol v2|off    of a pool: what its servers get in front\n"
	       "      --sticky COOKIE[:POOL]|off of a pool: stratum relay keeps clients at a server\n"
	       "  -w, --weight N                 0 to 65535, by default 1; 0: no new connections\n"
	       "  -m, --masquerading             forward by NAT, the default\n"
	       "  -g, --gatewaying               forward by direct routing\n"
	       "  -i, --ipip                     forward by IP-in-IP tunnel\n"
	       "      --forward METHOD           the same as words: nat, dr or tunnel\n"
	       "      --state STATE              up, draining or down\n"
	       "      --family FAMILY            inet or inet6\n"
	       "  -n, --numeric                  do not look up names\n"
	       "  -c, --connection               with -L: connections, filtered by -t, -u, -r\n"
	       "      --client HOST[:PORT]       with -L -c: those of this client\n"
	       "      --stats, --rate, --timeout with -L: counters, counts per second, time-outs\n"
	       "      --refused                  with -L: refused connections, by reason\n"
	       "      --interval SECONDS         with --rate: how long to measure, by default 1\n"
	       "      --exact, --sort, --nosort  with -L\n"
	       "      --json                     with every listing: JSON\n"
	       "\n"
	       "MATCH: host NAME, path PATH, prefix PATH, method M, query|header|cookie N[=V]\n"
	       "(or query-prefix N=V...), alpn PROTOCOL, source ADDRESS[/BITS], port N, share N%%, salt N,\n"
	       "any. ACTION: pool NAME [weight N]..., reject [STATUS], redirect [STATUS],\n"
	       "proxy PORT. With route add also: before NAME.\n"
	       "\n"
	       "Letters also have words: sluiceadm service|server add|set|del|show OPTION...\n"
	       "See sluiceadm(8).\n");
	return ADM_DONE;
}

int cmd_version(struct adm *adm, const struct adm_request *req)
{
	(void)adm;
	(void)req;
	printf("sluiceadm %s (abi %d)\n", SLUICE_VERSION, SLUICE_ABI);
	return ADM_DONE;
}
