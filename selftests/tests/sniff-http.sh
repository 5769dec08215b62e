#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Stratum sniff with real programs: curl, openssl and wrk; nginx behind, with two certificates; each request goes where its route says.
# Targets: uml uml-debug qemu-7
# Timeout: 120
. "${0%/*}/../lib/lib.sh"

load_sluice
setup_balancer 2

# serve_site NS NAME: HTTP and HTTPS with a certificate for NAME.example; all pages say NAME and who asks.
serve_site() {
	local dir=$TEST_DIR/$2
	mkdir "$dir"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/key" -out "$dir/cert" \
		-subj "/CN=$2.example" -addext "subjectAltName=DNS:$2.example" -days 30 2>/dev/null ||
		fatal "no certificate"
	cat >"$dir/conf" <<-EOC
		pid $dir/pid; error_log $dir/error; worker_processes 1;
		events { worker_connections 512; }
		http {
			access_log off; large_client_header_buffers 4 16k; client_body_temp_path $dir; proxy_temp_path $dir; fastcgi_temp_path $dir;
			uwsgi_temp_path $dir; scgi_temp_path $dir; default_type text/plain;
			server {
				listen 80; listen [::]:80; listen 443 ssl; listen [::]:443 ssl;
				ssl_certificate $dir/cert; ssl_certificate_key $dir/key;
				location / { return 200 "$2 \$remote_addr \$request_uri\n"; }
			}
		}
	EOC
	in_ns "$1" nginx -c "$dir/conf" -p "$dir" || fatal "nginx does not start"
}
serve_site "$S1" one
serve_site "$S2" two
cat "$TEST_DIR"/{one,two}/cert >"$TEST_DIR/ca"

for v in 4 6; do
	if [ $v = 4 ]; then vip=10.0.1.100 s=10.0.2.1 family=inet; else vip='[fd00:1::100]' s='[fd00:2::1' family=inet6; fi
	end=${s:0:1}; [ "$end" = '[' ] && end=']' || end=
	in_ns "$B" sluiceadm -R <<-EOR || fatal "cannot configure"
		pool add one$v --family $family
		server add --pool one$v -r ${s}1$end:80
		pool add two$v --family $family
		server add --pool two$v -r ${s}2$end:80
		pool add tls-one$v --family $family
		server add --pool tls-one$v -r ${s}1$end:443
		pool add tls-two$v --family $family
		server add --pool tls-two$v -r ${s}2$end:443
		-A -t $vip:80 --stratum sniff --parse http
		route add -t $vip:80 secret prefix /secret reject 403
		route add -t $vip:80 old host old.example redirect 308
		route add -t $vip:80 canary host one.example cookie beta=yes pool two$v
		route add -t $vip:80 api host one.example prefix /api pool two$v
		route add -t $vip:80 one host one.example pool one$v
		route add -t $vip:80 many host *.two.example pool two$v
		route add -t $vip:80 post method POST pool two$v
		-A -t $vip:443 --stratum sniff --parse tls
		route add -t $vip:443 one host one.example pool tls-one$v
		route add -t $vip:443 two host two.example pool tls-two$v
		route add -t $vip:443 alpn alpn http/1.1 pool tls-two$v
	EOR
done

# get VIP URL ARGUMENT...: what curl says, in one line.
get() {
	local vip=$1
	shift
	in_ns "$C" curl -sS --max-time 10 --cacert "$TEST_DIR/ca" --connect-to "::$vip:" "$@" 2>&1 | tr '\n' ' '
}

for vip in 10.0.1.100 '[fd00:1::100]'; do
	client=10.0.1.2
	[ "$vip" = 10.0.1.100 ] || client=fd00:1::2
	v="IPv4"
	[ "$vip" = 10.0.1.100 ] || v="IPv6"
	check_eq "$v: by host, and the server sees the client" "one $client / " "$(get "$vip" http://one.example/)"
	check_eq "$v: by path" "two $client /api/x?y " "$(get "$vip" 'http://one.example/api/x?y')"
	check_eq "$v: by a whole segment of the path" "one $client /apix " "$(get "$vip" http://one.example/apix)"
	check_eq "$v: by cookie" "two $client / " "$(get "$vip" -b 'a=b; beta=yes' http://one.example/)"
	check_eq "$v: by the end of the host" "two $client / " "$(get "$vip" http://x.y.two.example/)"
	check_eq "$v: by method" "two $client / " "$(get "$vip" -d x=y http://other.example/)"
	check_eq "$v: rejected" "403 Forbidden " "$(get "$vip" http://one.example/a/../secret --path-as-is)"
	check_eq "$v: no route" "404 Not Found " "$(get "$vip" http://other.example/)"
	check_eq "$v: redirected" "308 https://old.example/p?q=1 " \
		"$(get "$vip" -o /dev/null -w '%{http_code} %{redirect_url}\n' 'http://old.example/p?q=1')"
	check_eq "$v: a head of 12 kB in many segments" "one $client / " \
		"$(get "$vip" -H "X-Long: $(printf 'x%.0s' {1..12000})" http://one.example/)"
	check_eq "$v: TLS by name, with a post-quantum key share and the right certificate" "one $client / " \
		"$(get "$vip" https://one.example/)"
	check_eq "$v: the other name, the other certificate" "two $client /z " "$(get "$vip" https://two.example/z)"
	check_eq "$v: TLS 1.2" "two $client / " "$(get "$vip" --tls-max 1.2 https://two.example/)"
	check "$v: a name without a route is reset" grep -q 'reset by peer' <<<"$(get "$vip" --no-alpn https://three.example/)"
	check "$v: by ALPN" grep -q 'CN *= *two.example' <<<"$(in_ns "$C" openssl s_client -connect "$vip:443" \
		-servername three.example -alpn http/1.1 </dev/null 2>&1)"
	check "$v: no TLS at all gets no alert" grep -qi 'reset by peer\|empty reply' \
		<<<"$(get "$vip" http://one.example:443/)"
done

in_ns "$C" wrk -t1 -c10 -d2 -H 'Host: one.example' http://10.0.1.100/ >"$TEST_DIR/wrk" 2>&1
check "wrk: many requests on ten connections" grep -q 'requests in' "$TEST_DIR/wrk"
check "and none fails" eval "! grep -q 'Socket errors\|Non-2xx' $TEST_DIR/wrk"
note "$(grep 'requests in' "$TEST_DIR/wrk")"

hits() {
	in_ns "$B" sluiceadm route show --json | jq -r --arg s "$1" --arg n "$2" \
		'.routes[] | select(.name == $n and (.service | tostring | contains($s))) | .hits'
}
note "$(in_ns "$B" sluiceadm route show)"
check_eq "the listing counts hits: redirects" 1 "$(in_ns "$B" sluiceadm route show -t 10.0.1.100:80 --json | jq '.routes[] | select(.name == "old").hits')"
check_eq "and of a name" 1 "$(in_ns "$B" sluiceadm route show -t 10.0.1.100:443 --json | jq '.routes[] | select(.name == "alpn").hits')"
check_eq "refusals are counted by reason" '{"no-route":2,"rejected":1,"malformed":1}' \
	"$(in_ns "$B" sluiceadm -L --json | jq -c '[.services[] | select(.address == "10.0.1.100").refusals] |
		{"no-route": (map(."no-route") | add), rejected: (map(.rejected) | add), malformed: (map(.malformed) | add)}')"
for dir in one two; do kill "$(cat "$TEST_DIR/$dir/pid")"; done
