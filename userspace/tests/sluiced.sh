#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sluiced as a process: what it checks and prints, errors and exit statuses.

: "${SLUICED:?}"
. "${0%/*}/lib/command.sh"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
OUTPUT=$folder/output

# printed NAME REGEX: the output of the last command has a line like this.
printed() {
	local passed=0
	if ! grep -Eqx -- "$2" "$OUTPUT"; then
		sed 's/^/# /' "$OUTPUT"
		passed=1
	fi
	result $passed "$1"
}

cat >"$folder/right.yaml" <<'EOC'
version: 1
pools: {p: {servers: [10.0.0.1:80]}}
services: {s: {address: 192.0.2.1:80, pool: p}}
EOC
cat >"$folder/proxy.yaml" <<'EOC'
version: 1
services: {s: {address: 192.0.2.1:80, parse: http, routes: [{name: r, answer: {}}]}}
EOC
printf 'version: 1\npools: {p: {drain: soon}}\n' >"$folder/wrong.yaml"

echo "KTAP version 1"
check "help" 0 "" "$SLUICED" --help
check "version" 0 "" "$SLUICED" -v
printed "what the version is" 'sluiced [0-9.]+'
check "a file to run that is not there" 1 "$folder/none: No such file or directory" "$SLUICED" -f "$folder/none"
check "a file to run that is wrong" 1 "$folder/wrong.yaml:2:20: pools.p.drain: 'soon'; not a time from 0ms to 1d, as in 500ms, 10s, 5m, 1h or 2d" \
	"$SLUICED" -f "$folder/wrong.yaml"
check "run and check" 2 "sluiced: -f and -c: give one of them; try --help" "$SLUICED" -f a -c b
check "an unknown letter" 2 "sluiced: there is no option -x; try --help" "$SLUICED" -x
check "an unknown word" 2 "sluiced: there is no option --nothing; try --help" "$SLUICED" --nothing
check "no file" 2 "sluiced: -c needs a file; try --help" "$SLUICED" -c
check "what is no option" 2 "sluiced: 'file' is no option; try --help" "$SLUICED" file
check "two files" 2 "sluiced: -c is given twice; try --help" "$SLUICED" -c a -c b
check "take over and check" 2 "sluiced: --take-over and -c: give one of them; try --help" "$SLUICED" --take-over -c a
check "in the background" 2 "sluiced: --background needs --take-over; try --help" "$SLUICED" --background
check "nothing to explain" 2 "sluiced: --explain needs -c; try --help" "$SLUICED" --explain
check "a file that is right" 0 "" "$SLUICED" -c "$folder/right.yaml"
check "a file that is wrong" 1 "$folder/wrong.yaml:2:20: pools.p.drain: 'soon'; not a time from 0ms to 1d, as in 500ms, 10s, 5m, 1h or 2d" \
	"$SLUICED" -c "$folder/wrong.yaml" --explain
check "a file that only the daemon can serve" 0 "" "$SLUICED" -c "$folder/proxy.yaml" --explain
printed "the stratum that can" "s +r +proxy +flow: it has no 'answer' of route r; .*"
sed 's/{address: 192/{stratum: relay, address: 192/' "$folder/proxy.yaml" >"$folder/relay.yaml"
check "a service of relay with a route of proxy" 0 "" "$SLUICED" -c "$folder/relay.yaml" --explain
printed "the stratum of the service" "s +- +relay +.*"
sed 's/{address: 192/{stratum: sniff, address: 192/' "$folder/proxy.yaml" >"$folder/sniff.yaml"
check "a stratum that cannot serve it" 1 "$folder/sniff.yaml:2:16: services.s.stratum: sniff cannot serve it: it has no 'answer' of route r; leave stratum out" \
	"$SLUICED" -c "$folder/sniff.yaml"
printf 'version: 1\nchecks: {c: {type: tls, ca: /none/ca.pem}}\n' >"$folder/checks.yaml"
check "a check that cannot be carried out" 1 "$folder/checks.yaml:2:10: checks.c: ca: /none/ca.pem: No such file or directory; a PEM file is expected" \
	"$SLUICED" -c "$folder/checks.yaml"
cat >"$folder/source.yaml" <<'EOC'
version: 1
checks: {c: {type: tcp, source: '2001:db8::9'}}
pools: {p: {check: c, servers: ['10.0.0.1:80', '[2001:db8::1]:80', 'a.test:80', {address: '10.0.0.2:80'}]}}
EOC
check "servers that a check does not reach from its address" 1 "$folder/source.yaml:3:33: pools.p.servers: not of the family of 'source' of check c; give it a check of its own
$folder/source.yaml:3:81: pools.p.servers: not of the family of 'source' of check c; give it a check of its own" \
	"$SLUICED" -c "$folder/source.yaml"
cat >"$folder/files.yaml" <<'EOC'
version: 1
settings: {cookie-key: /dev/null}
certificates: {c: {file: /none/cert.pem}}
services: {s: {address: 192.0.2.1:80, parse: http, routes: [{name: r, answer: {}}]}}
EOC
check "files that cannot be used" 1 "$folder/files.yaml:2:12: settings.cookie-key: /dev/null: it is no file; a file of 32 to 65536 random bytes is expected
$folder/files.yaml:3:20: certificates.c.file: /none/cert.pem: no such file" \
	"$SLUICED" -c "$folder/files.yaml"
# A wrong word hides nothing that is wrong elsewhere, and nothing is said that only follows from another error.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=a.test -days 1 \
	-keyout "$folder/key.pem" -out "$folder/cert.pem" 2>/dev/null
cat "$folder/key.pem" >>"$folder/cert.pem"
cat >"$folder/all.yaml" <<EOC
version: 1
settings: {threads: many, cookie-key: /dev/null}
certificates: {c: {file: /none/cert.pem}, d: {file: /none/cert.pem, kye: /none/key.pem}, e: {file: $folder/cert.pem}}
checks: {c: {type: tls, ca: /none/ca.pem}, d: {type: tls, ca: /none/ca.pem, fall: none}}
pools:
  p: {servers: [10.0.0.1:80]}
  flawed: {drain: soon}
  tls: {servers: [10.0.0.1:443], tls: {certificate: d, ca: /none/ca.pem}}
services:
  right: {address: 192.0.2.1:80, stratum: sniff, pool: p}
  flawed: {address: 192.0.2.2:80, stratum: sniff, pool: p, decide: twice}
  leads: {address: 192.0.2.3:80, stratum: sniff, pool: flawed}
  route: {address: 192.0.2.3:81, parse: http, stratum: flow, routes: [{name: r, pool: flawed}]}
  pages: {address: 192.0.2.4:80, parse: http, http: {error-pages: {503: /none/503}}, pool: p}
  authority: {address: 192.0.2.5:80, parse: http, tls: {certificates: [e], client-certificate: required, client-ca: /none/ca.pem}, pool: p}
  certificate: {address: 192.0.2.6:80, parse: http, tls: {certificates: [c, d]}, pool: p}
EOC
errors=$(sed "s,^,$folder/," <<'EOC'
all.yaml:2:21: settings.threads: 'many'; not a number from 0 to 1024
all.yaml:2:27: settings.cookie-key: /dev/null: it is no file; a file of 32 to 65536 random bytes is expected
all.yaml:3:20: certificates.c.file: /none/cert.pem: no such file
all.yaml:3:69: certificates.d.kye: not a key of a certificate; did you mean 'key'?
all.yaml:4:10: checks.c: ca: /none/ca.pem: No such file or directory; a PEM file is expected
all.yaml:4:83: checks.d.fall: 'none'; not a number from 1 to 255
all.yaml:7:19: pools.flawed.drain: 'soon'; not a time from 0ms to 1d, as in 500ms, 10s, 5m, 1h or 2d
all.yaml:10:34: services.right.stratum: sniff cannot serve it: nothing is to be read (parse); leave stratum out
all.yaml:11:68: services.flawed.decide: 'twice'; not one of default, connection, request
all.yaml:14:54: services.pages.http.error-pages.503: /none/503: No such file or directory
all.yaml:15:106: services.authority.tls.client-ca: /none/ca.pem: No such file or directory; certificates in PEM are expected
EOC
)
check "all that is wrong at once" 1 "$errors" "$SLUICED" -c "$folder/all.yaml" --explain
check "at a start, too" 1 "$errors" "$SLUICED" -f "$folder/all.yaml"
sed -i "1i include: none.yaml" "$folder/all.yaml"
check "with a file that cannot be read" 1 "$(sed "1i $folder/all.yaml:1:10: include: $folder/none.yaml: no such file; give one that is there, or a pattern
	/services.[rpa]/d; s/yaml:11:/yaml:12:/; s/yaml:7:/yaml:8:/; s/yaml:4:/yaml:5:/; s/yaml:3:/yaml:4:/; s/yaml:2:/yaml:3:/" <<<"$errors")" \
	"$SLUICED" -c "$folder/all.yaml"
mkdir "$folder/empty"
cat >"$folder/empty.yaml" <<EOC
version: 1
certificates: {e: {folder: $folder/empty}}
services: {s: {address: 192.0.2.1:443, parse: http, tls: {certificates: e}, routes: [{name: r, reject: 403}]}}
EOC
check "a folder without certificates" 1 "$folder/empty.yaml:3:59: services.s.tls.certificates: no certificate in the folders; put NAME.pem with NAME.key there" \
	"$SLUICED" -c "$folder/empty.yaml"
pages=
for i in {500..516}; do pages+="$i: $folder/$i.html, "; done
truncate -s 1M "$folder/"{500..516}.html
cat >"$folder/pages.yaml" <<EOC
version: 1
pools: {p: {}}
services:
  s: {address: 192.0.2.1:80, parse: http, pool: p, http: {error-pages: {$pages}}}
EOC
check "error pages that are too large together" 1 "$folder/pages.yaml:4:59: services.s.http.error-pages.516: $folder/516.html: all files of the service are larger than 16777216 bytes; give smaller ones" \
	"$SLUICED" -c "$folder/pages.yaml"
check "no such file" 1 "$folder/none: No such file or directory" "$SLUICED" -c "$folder/none"
check "an explanation" 0 "" "$SLUICED" -c "$folder/right.yaml" --explain
printed "the stratum, and why" 's +- +flow +it is the lowest'
[ -e /sys/module/sluice ] ||
	printed "that it is not there" 'Stratum flow is not there now: load module sluice; services in it above: 1'
check "the schema" 0 "" "$SLUICED" --schema
printed "the schema is one" '  "\$schema": "https://json-schema.org/draft/2020-12/schema",'
check "a full disk" 1 "sluiced: standard output: No space left on device" to_full "$SLUICED" --help
example=${0%/*}/../../Documentation/examples/site.yaml
# All is right but for its files, which are not here.
check "the example" 1 "$example:23:5: certificates.example.com.file: /etc/sluice/certificates/example.com.pem: no such file
$example:26:5: certificates.customers.folder: /etc/sluice/certificates/customers: no such folder" \
	"$SLUICED" -c "$example" --explain
printed "the example has Layer 4" 'database +- +flow +it is the lowest'
printed "the example has names of TLS" 'shop +shop +sniff +flow: .*'
printed "the example has a proxy" "web +versions +proxy +flow: it has no 'path-regex' of route versions; .*"
finish
