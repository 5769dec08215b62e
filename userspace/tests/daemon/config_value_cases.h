/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is wrong with configurations, and what is said of it: YAML, values, checks and settings. */
#ifndef TESTS_CONFIG_VALUE_CASES_H
#define TESTS_CONFIG_VALUE_CASES_H

#include "config_case.h"

static const struct config_case value_cases[] = {
	{ "nothing", "", 0,
	  "t:1:1: nothing in it; a configuration begins with 'version: 1'\n" },
	{ "a comment alone", "# a\n", 4,
	  "t:1:1: nothing in it; a configuration begins with 'version: 1'\n" },
	{ "nothing but null", "~\n", 2,
	  "t:1:1: nothing in it; a configuration begins with 'version: 1'\n" },
	{ "a list", "[a]\n", 4,
	  "t:1:1: not a map; a configuration has keys such as version, pools and services\n" },
	{ "a text", "a\n", 2,
	  "t:1:1: not a map; a configuration has keys such as version, pools and services\n" },
	{ "two documents",
	  "version: 1\n"
	  "---\n"
	  "version: 1\n",
	  26, "t:2:1: a second document (---); a file has one\n" },
	{ "a tab",
	  "version: 1\n"
	  "pools:\n"
	  "\011a: {}\n",
	  25,
	  "t:3:1: not YAML: found character that cannot start any token while scanning for the next token; indent by spaces, not by tabs\n" },
	{ "an end that is missing",
	  "version: 1\n"
	  "pools: {a: {}\n",
	  25,
	  "t:3:1: not YAML: did not find expected ',' or '}' while parsing a flow mapping\n" },
	{ "a quote that does not end",
	  "version: 1\n"
	  "include: \"a\n",
	  23,
	  "t:3:1: not YAML: found unexpected end of stream while scanning a quoted scalar\n" },
	{ "bytes that are no UTF-8",
	  "version: 1\n"
	  "# \303\203\302\244\n"
	  "# \377\n",
	  22,
	  "t:3:3: not a text: invalid leading UTF-8 octet; the file has to be UTF-8 without control characters\n" },
	{ "a NUL",
	  "version: 1\n"
	  "# \000\n",
	  15,
	  "t:2:3: not a text: control characters are not allowed; the file has to be UTF-8 without control characters\n" },
	{ "a control character",
	  "version: 1\n"
	  "# \033[31m\n",
	  19,
	  "t:2:3: not a text: control characters are not allowed; the file has to be UTF-8 without control characters\n" },
	{ "an anchor",
	  "version: 1\n"
	  "pools: &a {}\n",
	  24,
	  "t:2:8: an anchor (&), which is not taken; name a pool, check or certificate to use it in many places\n" },
	{ "an alias",
	  "version: 1\n"
	  "pools: *a\n",
	  21,
	  "t:2:8: an alias (*), which is not taken; name a pool, check or certificate to use it in many places\n" },
	{ "a merge key",
	  "version: 1\n"
	  "pools: {<<: {}}\n",
	  27,
	  "t:2:9: a merge (<<), which is not taken; write out what is meant\n" },
	{ "a tag",
	  "version: 1\n"
	  "pools: !!map {}\n",
	  27, "t:2:8: a tag (!), which is not taken; write the value alone\n" },
	{ "a key that is a list",
	  "version: 1\n"
	  "? [a]\n"
	  ": b\n",
	  21, "t:2:3: a key that is a list or map; a key is a word\n" },
	{ "a key twice",
	  "version: 1\n"
	  "version: 1\n",
	  22, "t:2:1: version: given twice, first at t:1:1; give it once\n" },
	{ "a key twice, below others",
	  "version: 1\n"
	  "pools:\n"
	  "  a:\n"
	  "    servers:\n"
	  "      - {address: 10.0.0.1:80, weight: 1, weight: 2}\n",
	  89,
	  "t:5:43: pools.a.servers[1].weight: given twice, first at t:5:32; give it once\n" },
	{ "a key three times",
	  "version: 1\n"
	  "pools: {a: {}, a: {}, a: {}}\n",
	  40,
	  "t:2:16: pools.a: given twice, first at t:2:9; give it once\n"
	  "t:2:23: pools.a: given twice, first at t:2:9; give it once\n" },
	{ "a key with a line in it",
	  "version: 1\n"
	  "\"a\\nb\": c\n",
	  21,
	  "t:2:1: a\\x0ab: not a key of a configuration; there are version, include, settings, certificates, checks, pools, services\n" },
	{ "no version", "pools: {}\n", 10,
	  "t:1:1: version: missing; give a number\n" },
	{ "another version", "version: 2\n", 11,
	  "t:1:10: version: '2'; not 1\n" },
	{ "an unknown key",
	  "version: 1\n"
	  "setings: {}\n",
	  23,
	  "t:2:1: setings: not a key of a configuration; did you mean 'settings'?\n" },
	{ "an unknown key like none",
	  "version: 1\n"
	  "zzz: {}\n",
	  19,
	  "t:2:1: zzz: not a key of a configuration; there are version, include, settings, certificates, checks, pools, services\n" },
	{ "a key without a value",
	  "version: 1\n"
	  "pools:\n",
	  18, "t:2:7: pools: not a map; write 'name: value' lines below it\n" },
	{ "a map that is none",
	  "version: 1\n"
	  "pools: [a]\n",
	  22, "t:2:8: pools: not a map; write 'name: value' lines below it\n" },
	{ "an object that is none",
	  "version: 1\n"
	  "pools: {a: b}\n",
	  25,
	  "t:2:12: pools.a: not a map; write the keys of a pool below it\n" },
	{ "a list where a value is meant",
	  "version: 1\n"
	  "settings: {threads: [1]}\n",
	  36, "t:2:21: settings.threads: a list; give a number\n" },
	{ "a map where a value is meant",
	  "version: 1\n"
	  "settings: {user: {a: b}}\n",
	  36, "t:2:18: settings.user: a map; give a name\n" },
	{ "include in a text",
	  "version: 1\n"
	  "include: a\n",
	  22, "t:2:10: include: not in a text; give a file\n" },
	{ "a name with a blank",
	  "version: 1\n"
	  "pools: {a b: {}}\n",
	  28,
	  "t:2:9: pools.a b: 'a b'; not a name of 1 to 63 printable ASCII characters without blank or slash\n" },
	{ "a name with a slash",
	  "version: 1\n"
	  "pools: {a/b: {}}\n",
	  28,
	  "t:2:9: pools.a/b: 'a/b'; not a name of 1 to 63 printable ASCII characters without blank or slash\n" },
	{ "a name that is too long",
	  "version: 1\n"
	  "pools: {aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: {}}\n",
	  89,
	  "t:2:9: pools.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'; not a name of 1 to 63 printable ASCII characters without blank or slash\n" },
	{ "a switch",
	  "version: 1\n"
	  "checks: {c: {type: tls, verify: yes}}\n",
	  49, "t:2:33: checks.c.verify: 'yes'; not true or false\n" },
	{ "a number below its range",
	  "version: 1\n"
	  "checks: {c: {type: tcp, port: 0}}\n",
	  45, "t:2:31: checks.c.port: '0'; not a number from 1 to 65535\n" },
	{ "a number above its range",
	  "version: 1\n"
	  "checks: {c: {type: tcp, port: 65536}}\n",
	  49,
	  "t:2:31: checks.c.port: '65536'; not a number from 1 to 65535\n" },
	{ "a number that is none",
	  "version: 1\n"
	  "checks: {c: {type: tcp, port: http}}\n",
	  48, "t:2:31: checks.c.port: 'http'; not a number from 1 to 65535\n" },
	{ "a negative number",
	  "version: 1\n"
	  "checks: {c: {type: tcp, port: -1}}\n",
	  46, "t:2:31: checks.c.port: '-1'; not a number from 1 to 65535\n" },
	{ "an octal number",
	  "version: 1\n"
	  "checks: {c: {type: tcp, port: 010}}\n",
	  47, "t:2:31: checks.c.port: '010'; not a number from 1 to 65535\n" },
	{ "a number of many digits",
	  "version: 1\n"
	  "checks: {c: {type: tcp, port: 99999999999999999999999999}}\n",
	  70,
	  "t:2:31: checks.c.port: '99999999999999999999999999'; not a number from 1 to 65535\n" },
	{ "a time without a unit",
	  "version: 1\n"
	  "checks: {c: {type: tcp, interval: 5}}\n",
	  49,
	  "t:2:35: checks.c.interval: '5'; not a time from 100ms to 1d, as in 500ms, 10s, 5m, 1h or 2d\n" },
	{ "a time that is too short",
	  "version: 1\n"
	  "checks: {c: {type: tcp, interval: 1ms}}\n",
	  51,
	  "t:2:35: checks.c.interval: '1ms'; not a time from 100ms to 1d, as in 500ms, 10s, 5m, 1h or 2d\n" },
	{ "a time that wraps",
	  "version: 1\n"
	  "checks: {c: {type: tcp, interval: 99999999999999999d}}\n",
	  66,
	  "t:2:35: checks.c.interval: '99999999999999999d'; not a time from 100ms to 1d, as in 500ms, 10s, 5m, 1h or 2d\n" },
	{ "a size",
	  "version: 1\n"
	  "settings: {held-max: 64m}\n",
	  37,
	  "t:2:22: settings.held-max: '64m'; not a size from 1M to 1T, as in 512, 16k, 64M or 1G\n" },
	{ "a size that is too small",
	  "version: 1\n"
	  "settings: {held-max: 1023k}\n",
	  39,
	  "t:2:22: settings.held-max: '1023k'; not a size from 1M to 1T, as in 512, 16k, 64M or 1G\n" },
	{ "a size that wraps",
	  "version: 1\n"
	  "settings: {held-max: 16777216T}\n",
	  43,
	  "t:2:22: settings.held-max: '16777216T'; not a size from 1M to 1T, as in 512, 16k, 64M or 1G\n" },
	{ "a percentage",
	  "version: 1\n"
	  "checks: {c: {type: tcp, jitter: 5}}\n",
	  47, "t:2:33: checks.c.jitter: '5'; not 0% to 50%, as in 5%\n" },
	{ "a percentage above its range",
	  "version: 1\n"
	  "checks: {c: {type: tcp, jitter: 50.01%}}\n",
	  52, "t:2:33: checks.c.jitter: '50.01%'; not 0% to 50%, as in 5%\n" },
	{ "a percentage that is not whole",
	  "version: 1\n"
	  "checks: {c: {type: tcp, jitter: 0.5%}}\n",
	  50, "t:2:33: checks.c.jitter: '0.5%'; not 0% to 50%, as in 5%\n" },
	{ "a word",
	  "version: 1\n"
	  "pools: {p: {scheduler: wllc}}\n",
	  41,
	  "t:2:24: pools.p.scheduler: 'wllc'; not one of rr, wrr, lc, wlc, p2c, random, maglev; did you mean 'wlc'?\n" },
	{ "a word like none",
	  "version: 1\n"
	  "pools: {p: {on-down: explode}}\n",
	  42,
	  "t:2:22: pools.p.on-down: 'explode'; not one of keep, reset, rebalance\n" },
	{ "an empty text",
	  "version: 1\n"
	  "checks: {c: {type: tls, sni: ''}}\n",
	  45,
	  "t:2:30: checks.c.sni: an empty text; give a text, or leave the key out\n" },
	{ "a text that is too long",
	  "version: 1\n"
	  "checks: {c: {type: smtp, helo: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}}\n",
	  301, "t:2:32: checks.c.helo: a text of 256 bytes; at most 255\n" },
	{ "a text with a NUL",
	  "version: 1\n"
	  "checks: {c: {type: smtp, helo: \"a\\0\"}}\n",
	  50, "t:2:32: checks.c.helo: a text with a NUL; give a text\n" },
	{ "a text with a line end",
	  "version: 1\n"
	  "checks: {c: {type: smtp, helo: \"a\\r\\nDATA\"}}\n",
	  56,
	  "t:2:32: checks.c.helo: a text with control characters; leave them out\n" },
	{ "a path that is not full",
	  "version: 1\n"
	  "certificates: {c: {file: a.pem}}\n",
	  44,
	  "t:2:26: certificates.c.file: 'a.pem'; not a full path, as in /etc/sluice/site.pem\n" },
	{ "a regular expression",
	  "version: 1\n"
	  "checks: {c: {type: http, body-regex: '(a'}}\n",
	  55,
	  "t:2:38: checks.c.body-regex: '(a'; not a regular expression: missing closing parenthesis at character 3\n" },
	{ "a regular expression that takes much memory",
	  "version: 1\n"
	  "checks: {c: {type: http, body-regex: '((a{1,999}){1,99}){1,99}'}}\n",
	  77,
	  "t:2:38: checks.c.body-regex: '((a{1,999}){1,99}){1,99}'; not a regular expression: regular expression is too large at character 25\n" },
	{ "a status",
	  "version: 1\n"
	  "checks: {c: {type: http, status: [99, 200-, 300-200, 2000]}}\n",
	  72,
	  "t:2:35: checks.c.status[1]: '99'; not a status or range from 100 to 599, as in 200 or 200-299\n"
	  "t:2:39: checks.c.status[2]: '200-'; not a status or range from 100 to 599, as in 200 or 200-299\n"
	  "t:2:45: checks.c.status[3]: '300-200'; not a status or range from 100 to 599, as in 200 or 200-299\n"
	  "t:2:54: checks.c.status[4]: '2000'; not a status or range from 100 to 599, as in 200 or 200-299\n" },
	{ "a header field's name",
	  "version: 1\n"
	  "checks: {c: {type: http, headers: {'a b': c}}}\n",
	  58,
	  "t:2:36: checks.c.headers.a b: not the name of a header field\n" },
	{ "bytes with an unknown escape",
	  "version: 1\n"
	  "checks: {c: {type: tcp, send: 'a\\qb'}}\n",
	  50,
	  "t:2:31: checks.c.send: a backslash before something unknown; there are \\r, \\n, \\t, \\0, \\\\ and \\xHH\n" },
	{ "bytes with half an escape",
	  "version: 1\n"
	  "checks: {c: {type: tcp, send: '\\x1'}}\n",
	  49,
	  "t:2:31: checks.c.send: a backslash before something unknown; there are \\r, \\n, \\t, \\0, \\\\ and \\xHH\n" },
	{ "bytes that are not ASCII",
	  "version: 1\n"
	  "checks: {c: {type: tcp, send: \"\\xff\"}}\n",
	  50,
	  "t:2:31: checks.c.send: a character that is not ASCII; write its bytes as \\xHH, in single quotes\n" },
	{ "a key for another type",
	  "version: 1\n"
	  "checks: {c: {type: tcp, path: /}}\n",
	  45,
	  "t:2:25: checks.c.path: of no use with type 'tcp'; leave it out\n" },
	{ "a check without type",
	  "version: 1\n"
	  "checks: {c: {interval: 1s}}\n",
	  39,
	  "t:2:10: checks.c.type: missing; give one of tcp, tls, http, https, redis, postgresql, mysql, smtp, dns, udp, sctp, ftp, script, agent\n" },
	{ "a script without command",
	  "version: 1\n"
	  "checks: {c: {type: script}}\n",
	  39,
	  "t:2:10: checks.c.command: missing; type 'script' needs a program and its arguments\n" },
	{ "a script that is not a full path",
	  "version: 1\n"
	  "checks: {c: {type: script, command: [check, -v]}}\n",
	  61,
	  "t:2:28: checks.c.command: 'check'; not the full path of a program\n" },
	{ "dns without query",
	  "version: 1\n"
	  "checks: {c: {type: dns}}\n",
	  36,
	  "t:2:10: checks.c.query: missing; type 'dns' needs a name to ask for\n" },
	{ "udp without expect",
	  "version: 1\n"
	  "checks: {c: {type: udp, send: a}}\n",
	  45,
	  "t:2:10: checks.c.expect: missing; type 'udp' needs send and expect, or no answer tells anything\n" },
	{ "half of JSON",
	  "version: 1\n"
	  "checks: {c: {type: http, json-pointer: /a}}\n",
	  55,
	  "t:2:10: checks.c.json-value: missing; json-pointer and json-value belong together\n" },
	{ "a password without user",
	  "version: 1\n"
	  "checks: {c: {type: mysql, password: a}}\n",
	  51,
	  "t:2:10: checks.c.user: missing; a password belongs to a user\n" },
	{ "a time-out longer than the interval",
	  "version: 1\n"
	  "checks: {c: {type: tcp, interval: 1s, timeout: 2s}}\n",
	  63,
	  "t:2:39: checks.c.timeout: longer than interval; give at most that\n" },
	{ "a source that is no address",
	  "version: 1\n"
	  "checks: {c: {type: tcp, source: localhost}}\n",
	  55,
	  "t:2:33: checks.c.source: 'localhost'; not an address, as in 192.0.2.1 or 2001:db8::1\n" },
	{ "a certificate without file",
	  "version: 1\n"
	  "certificates: {c: {key: /a}}\n",
	  40, "t:2:16: certificates.c.file: missing; give file or folder\n" },
	{ "a certificate with file and folder",
	  "version: 1\n"
	  "certificates: {c: {file: /a, folder: /b}}\n",
	  53,
	  "t:2:30: certificates.c.folder: together with file or key; give one or the other\n" },
	{ "a log file that is missing",
	  "version: 1\n"
	  "settings: {log: file}\n",
	  33,
	  "t:2:12: settings.log.file: missing; 'to: file' needs the path of a file\n" },
	{ "a log file for nothing",
	  "version: 1\n"
	  "settings: {log: {to: stdout, file: /a}}\n",
	  51,
	  "t:2:30: settings.log.file: of no use with to 'stdout'; leave it out\n" },
	{ "a resolver",
	  "version: 1\n"
	  "settings: {resolver: {servers: [a, '10.0.0.1:0'], ttl-min: 2h}}\n",
	  75,
	  "t:2:33: settings.resolver.servers[1]: 'a'; not an address and port, as in 192.0.2.1:53 or [2001:db8::1]:53\n"
	  "t:2:36: settings.resolver.servers[2]: '10.0.0.1:0'; not an address and port, as in 192.0.2.1:53 or [2001:db8::1]:53\n"
	  "t:2:51: settings.resolver.ttl-min: longer than ttl-max; give at most that\n" },
};

#endif /* TESTS_CONFIG_VALUE_CASES_H */
