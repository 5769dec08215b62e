/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is wrong with configurations, and what is said of it: pools, services and routes. */
#ifndef TESTS_CONFIG_OBJECT_CASES_H
#define TESTS_CONFIG_OBJECT_CASES_H

#include "config_case.h"

static const struct config_case object_cases[] = {
	{ "a server without port",
	  "version: 1\n"
	  "pools: {p: {servers: [10.0.0.1]}}\n",
	  45,
	  "t:2:23: pools.p.servers[1].address: '10.0.0.1'; no port, as in 10.0.0.1:80\n" },
	{ "a name without port",
	  "version: 1\n"
	  "pools: {p: {servers: [web.example.com]}}\n",
	  52,
	  "t:2:23: pools.p.servers[1].address: no port, as in web.example.com:80; only 'resolve: srv' needs none\n" },
	{ "a server in IPv6 without brackets",
	  "version: 1\n"
	  "pools: {p: {servers: ['2001:db8::1:80']}}\n",
	  53,
	  "t:2:23: pools.p.servers[1].address: '2001:db8::1:80'; an IPv6 address is written in brackets, as in [2001:db8::1]:80\n" },
	{ "a server with a port that is none",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:http', '10.0.0.1:65536']}}\n",
	  70,
	  "t:2:23: pools.p.servers[1].address: '10.0.0.1:http'; not an address or name and a port, as in 10.0.0.1:80, [2001:db8::1]:80 or web.example.com:80\n"
	  "t:2:40: pools.p.servers[2].address: '10.0.0.1:65536'; not an address or name and a port, as in 10.0.0.1:80, [2001:db8::1]:80 or web.example.com:80\n" },
	{ "a server with an address that is none",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.256:80', '[::g]:80', 'a..b:80', '-:80']}}\n",
	  83,
	  "t:2:23: pools.p.servers[1].address: '10.0.0.256:80'; not an address or name and a port, as in 10.0.0.1:80, [2001:db8::1]:80 or web.example.com:80\n"
	  "t:2:40: pools.p.servers[2].address: '[::g]:80'; not an address or name and a port, as in 10.0.0.1:80, [2001:db8::1]:80 or web.example.com:80\n"
	  "t:2:52: pools.p.servers[3].address: 'a..b:80'; not an address or name and a port, as in 10.0.0.1:80, [2001:db8::1]:80 or web.example.com:80\n" },
	{ "a server that no host is",
	  "version: 1\n"
	  "pools: {p: {servers: ['224.0.0.1:80', '[fe80::1]:80', '0.0.0.0:80', '[::ffff:10.0.0.1]:80', '255.255.255.255:80']}}\n",
	  127,
	  "t:2:23: pools.p.servers[1].address: '224.0.0.1:80'; a multicast or broadcast address; give the unicast address of a host\n"
	  "t:2:39: pools.p.servers[2].address: '[fe80::1]:80'; a link-local address; give the unicast address of a host\n"
	  "t:2:55: pools.p.servers[3].address: '0.0.0.0:80'; the address of no host; give that of a server\n"
	  "t:2:69: pools.p.servers[4].address: '[::ffff:10.0.0.1]:80'; an IPv4 address in IPv6 form; give the unicast address of a host\n"
	  "t:2:93: pools.p.servers[5].address: '255.255.255.255:80'; a multicast or broadcast address; give the unicast address of a host\n" },
	{ "a server without address",
	  "version: 1\n"
	  "pools: {p: {servers: [{weight: 1}]}}\n",
	  48,
	  "t:2:23: pools.p.servers[1].address: missing; give an address or name and a port, as in 10.0.0.1:80, [2001:db8::1]:80 or web.example.com:80\n" },
	{ "a server twice",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80', '10.0.0.2:80', {address: '10.0.0.1:80'}]}}\n",
	  91,
	  "t:2:53: pools.p.servers: a server that is there already, at t:2:23; give it once\n" },
	{ "srv with a port",
	  "version: 1\n"
	  "pools: {p: {servers: [{address: '_http._tcp.a.test:80', resolve: srv}]}}\n",
	  84,
	  "t:2:24: pools.p.servers[1].address: a port, which 'resolve: srv' looks up; leave it out\n" },
	{ "srv with an address",
	  "version: 1\n"
	  "pools: {p: {servers: [{address: '10.0.0.1:80', resolve: srv}]}}\n",
	  75,
	  "t:2:48: pools.p.servers[1].resolve: 'srv' with an address; give a name, such as _http._tcp.example.com\n" },
	{ "a hash without maglev",
	  "version: 1\n"
	  "pools: {p: {hash: source}}\n",
	  38,
	  "t:2:13: pools.p.hash: of no use with this scheduler; give 'scheduler: maglev' or leave it out\n" },
	{ "slow start without weights",
	  "version: 1\n"
	  "pools: {p: {scheduler: lc, slow-start: 10s}}\n",
	  56,
	  "t:2:28: pools.p.slow-start: of no use with this scheduler, which knows no weights; give 'scheduler: wrr' or 'wlc', or leave it out\n" },
	{ "a pool that is named like one of the kernel's",
	  "version: 1\n"
	  "pools: {'p@ipv6': {}}\n",
	  33,
	  "t:2:9: pools.p@ipv6: ends like the kernel's names of pools of IPv6; give another\n" },
	{ "a pool whose name leaves no room",
	  "version: 1\n"
	  "pools: {p2345678901234567890123456789012345678901234567890123456789: {}}\n",
	  84,
	  "t:2:9: pools.p2345678901234567890123456789012345678901234567890123456789: a name of 59 characters; give one of 58 at most\n" },
	{ "a queue at a server that is never full",
	  "version: 1\n"
	  "pools: {p: {servers: [{address: '10.0.0.1:80', queue: 5}]}}\n",
	  71,
	  "t:2:48: pools.p.servers[1].queue: a queue of a server that is never full; give it connections-max\n" },
	{ "a hash without a name",
	  "version: 1\n"
	  "pools: {p: {scheduler: maglev, hash: header}}\n",
	  57,
	  "t:2:32: pools.p.hash.name: missing; give the name of the header field, cookie or parameter\n" },
	{ "a hash with a name for nothing",
	  "version: 1\n"
	  "pools: {p: {scheduler: maglev, hash: {on: source, name: a}}}\n",
	  72,
	  "t:2:51: pools.p.hash.name: of no use with on 'source'; leave it out\n" },
	{ "a check that is not there",
	  "version: 1\n"
	  "pools: {p: {check: web}}\n",
	  36,
	  "t:2:13: pools.p.check: no check is named 'web'; write it below checks\n" },
	{ "a check with nearly this name",
	  "version: 1\n"
	  "checks: {web: {type: tcp}}\n"
	  "pools: {p: {check: wbe}}\n",
	  63,
	  "t:3:13: pools.p.check: no check is named 'wbe'; did you mean 'web'?\n" },
	{ "a certificate that is not there",
	  "version: 1\n"
	  "pools: {p: {tls: {certificate: c}}}\n",
	  47,
	  "t:2:19: pools.p.tls.certificate: no certificate is named 'c'; write it below certificates\n" },
	{ "a service without address",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {pool: p}\n",
	  75,
	  "t:4:3: services.s.address: missing; give an address and port, as in 192.0.2.1:443 or [2001:db8::1]:443\n" },
	{ "a service without port",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1, pool: p}\n",
	  95,
	  "t:4:16: services.s.address[1]: '192.0.2.1'; not an address and port, as in 192.0.2.1:443 or [2001:db8::1]:443\n" },
	{ "a service by name",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 'www.example.com:80', pool: p}\n",
	  106,
	  "t:4:16: services.s.address[1]: 'www.example.com:80'; not an address and port, as in 192.0.2.1:443 or [2001:db8::1]:443\n" },
	{ "a service on multicast",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: '[ff02::1]:80', pool: p}\n",
	  100,
	  "t:4:16: services.s.address[1]: '[ff02::1]:80'; a multicast address; give the unicast address of a host\n" },
	{ "a service that leads nowhere",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80}\n",
	  89, "t:4:3: services.s: nowhere to go; give pool or routes\n" },
	{ "a pool that is not there",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, pool: q2}\n",
	  99,
	  "t:4:30: services.s.pool: no pool is named 'q2'; write it below pools\n" },
	{ "two services of one address",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, pool: p}\n"
	  "  t: {address: ['192.0.2.2:80', '192.0.2.1:80'], pool: p}\n",
	  156,
	  "t:5:7: services.t.address: protocol, address and port of service 's' at t:4:3; each service has its own\n" },
	{ "routes without anything to read",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, routes: [{name: r, pool: p}]}\n",
	  119,
	  "t:4:30: services.s.routes: without anything to read; give 'parse: tls' or 'parse: http'\n" },
	{ "requests of TLS",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: tls, decide: request, pool: p}\n",
	  127,
	  "t:4:42: services.s.decide: 'request' without requests; give 'parse: http' or leave it out\n" },
	{ "UDP that is to be read",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, protocol: udp, parse: http, pool: p}\n",
	  126,
	  "t:4:45: services.s.parse: with UDP; only TCP can be read, leave it out\n" },
	{ "TLS that ends and does not",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: tls, tls: {certificates: c}, pool: p}\n",
	  134,
	  "t:4:42: services.s.tls: with 'parse: tls', which passes TLS through; leave tls out to do that, or parse http to end it here\n"
	  "t:4:48: services.s.tls.certificates: no certificate is named 'c'; write it below certificates\n" },
	{ "a protocol that is not spoken",
	  "version: 1\n"
	  "certificates: {c: {file: /c.pem}}\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, tls: {certificates: c, alpn: [h2, http/1.1]}, pool: p}\n",
	  191,
	  "t:5:43: services.s.tls: with alpn 'h2', which is not spoken in this version; give http/1.1, http/1.0 or leave alpn out\n" },
	{ "http without HTTP",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, http: {}, pool: p}\n",
	  108,
	  "t:4:30: services.s.http: without HTTP; give 'parse: http' or leave it out\n" },
	{ "TLS without certificates",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, tls: {}, pool: p}\n",
	  107, "t:4:30: services.s.tls.certificates: missing; give a name\n" },
	{ "client certificates of anybody",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, tls: {certificates: c, client-certificate: required}, pool: p}\n",
	  152,
	  "t:4:30: services.s.tls.client-ca: missing; client-certificate needs who may have signed it\n"
	  "t:4:36: services.s.tls.certificates: no certificate is named 'c'; write it below certificates\n" },
	{ "an error page for success",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, http: {error-pages: {200: /a}}, pool: p}\n",
	  143,
	  "t:4:64: services.s.http.error-pages.200: not a status from 400 to 599\n" },
	{ "a trusted proxy",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, http: {trusted: [192.0.2.1/24, 10.0.0.0/33, a]}, pool: p}\n",
	  160,
	  "t:4:60: services.s.http.trusted[1]: '192.0.2.1/24'; bits that are not 0 after the first 24; give the first address of the network\n"
	  "t:4:74: services.s.http.trusted[2]: '10.0.0.0/33'; not an address or ADDRESS/BITS, as in 192.0.2.0/24 or 2001:db8::/32\n"
	  "t:4:87: services.s.http.trusted[3]: 'a'; not an address or ADDRESS/BITS, as in 192.0.2.0/24 or 2001:db8::/32\n" },
	{ "a route without name and action",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{}]}\n",
	  136,
	  "t:4:72: services.s.routes[1].name: missing; give a name\n"
	  "t:4:72: services.s.routes[1]: no action; give one of pool, pools, reject, redirect, answer and proxy\n" },
	{ "a route with two actions",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, pool: p, reject: 403}]}\n",
	  165,
	  "t:4:91: services.s.routes[1].reject: together with pool; a route has one action\n" },
	{ "two routes of one name",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, pool: p}, {name: a, pool: p}, {name: r, pool: p}]}\n",
	  192,
	  "t:4:113: services.s.routes[3].name: 'r', as route 1 at t:4:72; give each its own\n" },
	{ "a pool of a route that is not there",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, pools: {p: 1, q2: 2}}]}\n",
	  165,
	  "t:4:96: services.s.routes[1].pools: no pool is named 'q2'; write it below pools\n" },
	{ "more fields of a head than the parser has room for",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, pool: p, http: {headers-max: 101}}\n",
	  137,
	  "t:4:72: services.s.http.headers-max: '101'; not a number from 1 to 100\n" },
	{ "a weight",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, pools: {p: 0}}]}\n",
	  158,
	  "t:4:93: services.s.routes[1].pools.p: '0'; not a number from 1 to 65535\n" },
	{ "a reject",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, reject: 200}]}\n",
	  156,
	  "t:4:82: services.s.routes[1].reject: '200'; not reset or a status from 400 to 599\n" },
	{ "a redirection",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, redirect: {to: 'ftp://a', status: 304}}]}\n",
	  183,
	  "t:4:93: services.s.routes[1].redirect.to: 'ftp://a'; not https, a URL or a path\n"
	  "t:4:108: services.s.routes[1].redirect.status: '304'; not one of 301, 302, 303, 307, 308\n" },
	{ "an answer of two",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, answer: {body: a, file: /b}}]}\n",
	  172,
	  "t:4:100: services.s.routes[1].answer.file: together with body; give one or the other\n" },
	{ "a prefix that replaces nothing",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, pool: p, replace-prefix: /a}]}\n",
	  172,
	  "t:4:91: services.s.routes[1].replace-prefix: without strip-prefix; give what it replaces\n" },
	{ "the port of the service",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, proxy: 80}]}\n",
	  154,
	  "t:4:82: services.s.routes[1].proxy: '80'; the port of the service itself, give another\n" },
	{ "a host",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, pool: p, match: {host: [a.test, 'a.test:80']}}]}\n",
	  190,
	  "t:4:99: services.s.routes[1].match.host: 'a.test:80'; a port, which is a condition of its own\n" },
	{ "a path without a slash",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, pool: p, match: {path: a}}]}\n",
	  170,
	  "t:4:99: services.s.routes[1].match.path: 'a'; no slash at the start\n" },
	{ "a prefix with a query",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, pool: p, match: {prefix: '/a?b'}}]}\n",
	  177,
	  "t:4:99: services.s.routes[1].match.prefix: '/a?b'; a query, which is a condition of its own\n" },
	{ "two paths",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, pool: p, match: {path: /a, prefix: /b}}]}\n",
	  183,
	  "t:4:99: services.s.routes[1].match.path: together with prefix; give one of path, prefix and path-regex\n" },
	{ "a path that is no regular expression",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, pool: p, match: {path-regex: '[a'}}]}\n",
	  179,
	  "t:4:111: services.s.routes[1].match.path-regex: '[a'; not a regular expression: missing terminating ] for character class at character 3\n" },
	{ "a method",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, pool: p, match: {method: [GET, 'P:T']}}]}\n",
	  183,
	  "t:4:113: services.s.routes[1].match.method[2]: 'P:T'; not a method or the name of a header field or cookie\n" },
	{ "a header Host",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, pool: p, match: {header: {X-A: b, Host: a}}}]}\n",
	  188,
	  "t:4:116: services.s.routes[1].match.header.Host: Host, which is a condition of its own\n" },
	{ "a cookie's value",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, pool: p, match: {query: {a: b}, cookie: {c: 'd;e'}}}]}\n",
	  196,
	  "t:4:123: services.s.routes[1].match.cookie.c: a value with ;, which parts cookies\n" },
	{ "a condition",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, pool: p, match: {header: {X-A: {is: b}, X-B: [c], X-C: }}}]}\n",
	  202,
	  "t:4:113: services.s.routes[1].match.header.X-A: not a condition; give a value, or one of {present: true}, {prefix: TEXT}, {regex: TEXT}\n"
	  "t:4:127: services.s.routes[1].match.header.X-B: a list; give a value, or one of {present: true}, {prefix: TEXT}, {regex: TEXT}\n"
	  "t:4:137: services.s.routes[1].match.header.X-C: no value; give a value, or one of {present: true}, {prefix: TEXT}, {regex: TEXT}, or leave the key out\n" },
	{ "an empty prefix of a value",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, pool: p, match: {header: {X-A: {prefix: ''}}}}]}\n",
	  190,
	  "t:4:122: services.s.routes[1].match.header.X-A: an empty text; give a text, or leave the key out\n" },
	{ "conditions without end",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, pool: p, match: {query: {a0: b, a1: b, a2: b, a3: b, a4: b, a5: b, a6: b, a7: b, a8: b, a9: b, a10: b, a11: b, a12: b, a13: b, a14: b, a15: b, a16: b, a17: b, a18: b, a19: b, a20: b, a21: b, a22: b, a23: b, a24: b, a25: b, a26: b, a27: b, a28: b, a29: b, a30: b, a31: b, a32: b, a33: b, a34: b, a35: b, a36: b, a37: b, a38: b, a39: b}, cookie: {a0: b, a1: b, a2: b, a3: b, a4: b, a5: b, a6: b, a7: b, a8: b, a9: b, a10: b, a11: b, a12: b, a13: b, a14: b, a15: b, a16: b, a17: b, a18: b, a19: b, a20: b, a21: b, a22: b, a23: b, a24: b, a25: b, a26: b, a27: b, a28: b, a29: b, a30: b, a31: b, a32: b, a33: b, a34: b, a35: b, a36: b, a37: b, a38: b, a39: b}}}]}\n",
	  800,
	  "t:4:91: services.s.routes[1].match: more than 64 methods, parameters, header fields, cookies and protocols; give fewer\n" },
	{ "a source",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, pool: p, match: {source: [192.0.2.1/24, 'a']}}]}\n",
	  190,
	  "t:4:108: services.s.routes[1].match.source[1]: '192.0.2.1/24'; bits that are not 0 after the first 24; give the first address of the network\n"
	  "t:4:122: services.s.routes[1].match.source[2]: 'a'; not an address or ADDRESS/BITS, as in 192.0.2.0/24 or 2001:db8::/32\n" },
	{ "a share",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, pool: p, match: {share: 101%}}]}\n",
	  174,
	  "t:4:106: services.s.routes[1].match.share: '101%'; not 0% to 100%, as in 5% or 0.25%\n" },
	{ "a server name without TLS",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, pool: p, match: {sni: a.test, alpn: h2}}]}\n",
	  184,
	  "t:4:99: services.s.routes[1].match.sni: not there without TLS; give host\n"
	  "t:4:112: services.s.routes[1].match.alpn: not there without TLS; leave it out\n" },
	{ "what is known of TLS without it",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, routes: [{name: r, pool: p, match: {tls-version: 1.2, client-certificate: {cn: a}}}]}\n"
	  "  t: {address: 192.0.2.2:80, parse: http, tls: {certificates: c}, routes: [{name: r, pool: p, match: {client-certificate: {cn: a}}}]}\n"
	  "certificates: {c: {file: /c.pem}}\n",
	  356,
	  "t:4:79: services.s.routes[1].match.tls-version: not there without TLS; leave it out\n"
	  "t:4:97: services.s.routes[1].match.client-certificate: clients are not asked for one; give tls with client-certificate optional or required\n"
	  "t:5:103: services.t.routes[1].match.client-certificate: clients are not asked for one; give tls with client-certificate optional or required\n" },
	{ "names that no certificate has",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, tls: {certificates: c, client-certificate: optional, client-ca: /ca}, routes: [{name: r, pool: p, match: {tls-version: 1.1, client-certificate: {CN: a, san: {regex: '('}}}}]}\n"
	  "certificates: {c: {file: /c.pem}}\n",
	  311,
	  "t:4:162: services.s.routes[1].match.tls-version: '1.1'; not one of 1.2, 1.3; did you mean '1.2'?\n"
	  "t:4:188: services.s.routes[1].match.client-certificate: 'CN'; not one of subject, cn, san\n"
	  "t:4:208: services.s.routes[1].match.client-certificate.san: '('; not a regular expression: missing closing parenthesis at character 2\n" },
	{ "HTTP in TLS",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:443, parse: tls, routes: [{name: r, pool: p, match: {host: a.test, path: /, header: {a: b}}}]}\n",
	  180,
	  "t:4:79: services.s.routes[1].match.host: not seen in TLS that is passed through; give sni\n"
	  "t:4:93: services.s.routes[1].match.path: not seen in TLS that is passed through; give 'parse: http' and tls to end it here\n"
	  "t:4:102: services.s.routes[1].match.header: not seen in TLS that is passed through; give 'parse: http' and tls to end it here\n" },
	{ "a server name",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:443, parse: tls, routes: [{name: r, pool: p, match: {sni: 'a..b'}}]}\n",
	  154,
	  "t:4:79: services.s.routes[1].match.sni: 'a..b'; an empty label\n" },
	{ "answers in TLS",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:443, parse: tls, routes: [{name: a, reject: 403}, {name: b, redirect: https}, {name: c, answer: {}}]}\n",
	  187,
	  "t:4:62: services.s.routes[1].reject: a status in TLS that is passed through; give reset\n"
	  "t:4:86: services.s.routes[2].redirect: not possible in TLS that is passed through; give pool or reject\n"
	  "t:4:114: services.s.routes[3].answer: not possible in TLS that is passed through; give pool or reject\n" },
	{ "a header field with an end of line",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, pool: p, headers: {request: {set: {X-A: \"a\\r\\nb: c\"}, remove: ['a b']}}}]}\n",
	  216,
	  "t:4:122: services.s.routes[1].headers.request.set.X-A: a text with control characters; leave them out\n"
	  "t:4:145: services.s.routes[1].headers.request.remove[1]: 'a b'; not a method or the name of a header field or cookie\n" },
	{ "header fields that are not the configuration's",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, http: {request-id: Host, headers: {response: {set: {content_length: 1}, remove: [Connection]}}}, routes: [{name: r, pool: p, headers: {request: {set: {Host: a, te: b}, add: {Transfer-Encoding: c, Trailers: d}}}}, {name: q, answer: {headers: {content-length: 1}}}]}\n",
	  387,
	  "t:4:82: services.s.http.request-id: 'Host'; a field that sluiced writes as the message needs it; leave it out\n"
	  "t:4:115: services.s.http.headers.response.set.content_length: a field that sluiced writes as the message needs it; leave it out\n"
	  "t:4:144: services.s.http.headers.response.remove[1]: 'Connection'; a field that sluiced writes as the message needs it; leave it out\n"
	  "t:4:214: services.s.routes[1].headers.request.set.Host: a field that sluiced writes as the message needs it; leave it out\n"
	  "t:4:223: services.s.routes[1].headers.request.set.te: a field that sluiced writes as the message needs it; leave it out\n"
	  "t:4:237: services.s.routes[1].headers.request.add.Transfer-Encoding: a field that sluiced writes as the message needs it; leave it out\n"
	  "t:4:305: services.s.routes[2].answer.headers.content-length: a field that sluiced writes as the message needs it; leave it out\n" },
	{ "prefixes that are not as paths are compared",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, pool: p, strip-prefix: '/a b%7e/../%2f', replace-prefix: '/ü?#%'}, {name: q, pool: p, strip-prefix: a}]}\n",
	  247,
	  "t:4:105: services.s.routes[1].strip-prefix: '/a b%7e/../%2f'; not as it is compared; write '/%2F'\n"
	  "t:4:139: services.s.routes[1].replace-prefix: '/ü?#%'; not as it is compared; write '/%C3%BC%3F%23%25'\n"
	  "t:4:182: services.s.routes[2].strip-prefix: 'a'; not a path, as in /api\n" },
	{ "redirects that are no URLs",
	  "version: 1\n"
	  "pools: {p: {servers: ['10.0.0.1:80']}}\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, decide: connection, routes: [{name: r, redirect: 'https://a/b c'}, {name: q, redirect: '/ä'}]}\n",
	  198,
	  "t:4:82: services.s.routes[1].redirect.to: 'https://a/b c'; a character that no URL has, write it as '%' and two hexadecimal digits\n"
	  "t:4:120: services.s.routes[2].redirect.to: '/ä'; a character that no URL has, write it as '%' and two hexadecimal digits\n" },
	{ "servers without any",
	  "version: 1\n"
	  "pools: {p: {servers: }}\n",
	  35,
	  "t:2:22: pools.p.servers: no value; give some, or leave the key out\n" },
	{ "very many header fields",
	  "version: 1\n"
	  "checks: {c: {type: http, headers: {a0: b, a1: b, a2: b, a3: b, a4: b, a5: b, a6: b, a7: b, a8: b, a9: b, a10: b, a11: b, a12: b, a13: b, a14: b, a15: b, a16: b, a17: b, a18: b, a19: b, a20: b, a21: b, a22: b, a23: b, a24: b, a25: b, a26: b, a27: b, a28: b, a29: b, a30: b, a31: b, a32: b}}}\n",
	  302, "t:2:35: checks.c.headers: 33 of them; at most 32\n" },
	{ "a parameter with a NUL in its name",
	  "version: 1\n"
	  "services:\n"
	  "  s: {address: 192.0.2.1:80, parse: http, routes: [{name: r, match: {query: {\"a\\0b\": c}}, reject: 403}]}\n",
	  126,
	  "t:3:78: services.s.routes[1].match.query.a\\x00b: a name with a NUL; leave it out\n" },
};

#endif /* TESTS_CONFIG_OBJECT_CASES_H */
