#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel's own netlink client, tools/net/ynl/cli.py, drives the module by our specification alone.
# Targets: uml
# Timeout: 60
. "${0%/*}/../lib/lib.sh"

YNL=/usr/src/linux-6.12/tools/net/ynl
SCHEMA=/usr/src/linux-6.12/Documentation/netlink/genetlink.yaml
SPEC=/src/Documentation/netlink/specs/sluice.yaml

# cli.py as it is, but with the fast one of PyYAML's two parsers, and many times in one process: it
# takes less time to answer than to be loaded. What it is to do comes through one pipe, and what it
# says leaves through another, its status first.
start_cli() {
	mkfifo "$TEST_DIR/cli.in" "$TEST_DIR/cli.out"
	in_ns "$N" env PYTHONPATH="$YNL" PYTHONDONTWRITEBYTECODE=1 python3 - "$YNL/cli.py" "$TEST_DIR" \
		2>"$TEST_DIR/cli.err" <<'EOP' &
import contextlib
import io
import runpy
import sys
import traceback
import yaml

yaml.safe_load = lambda stream: yaml.load(stream, Loader=yaml.CSafeLoader)
program, folder = sys.argv[1:]
while True:
    with open(folder + '/cli.in', encoding='utf-8') as requests:
        sys.argv = [program, *requests.read().split('\0')[:-1]]
    said, status = io.StringIO(), 0
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            runpy.run_path(program, run_name='__main__')
        except SystemExit as end:
            status = end.code or 0
        except Exception:
            status = 1
            traceback.print_exc()
    with open(folder + '/cli.out', 'w', encoding='utf-8') as answer:
        print(status, said.getvalue(), sep='\n', end='', file=answer)
EOP
	CLI=$!
	disown
}

# cli ARGUMENT...
cli() {
	local status
	kill -0 "$CLI" || return
	printf '%s\0' --spec "$SPEC" --output-json "$@" >"$TEST_DIR/cli.in"
	{ read -r status && cat; } <"$TEST_DIR/cli.out"
	return "$status"
}

# do_ OPERATION [JSON], dump OPERATION [JSON]: what came back, as JSON.
do_() { cli --no-schema --do "$1" --json "${2:-{\}}"; }
dump() { cli --no-schema --dump "$1" --json "${2:-{\}}"; }

# This client takes addresses in hexadecimal, and shows them as people write them.
VIP4=0a000164 VIP6=fd000001000000000000000000000100 SERVER4=0a00020b
SERVICE4='"protocol": 6, "address": "'$VIP4'", "port": 80'
SERVICE6='"protocol": 17, "address": "'$VIP6'", "port": 53'

if [ ! -e "$YNL/cli.py" ]; then
	skip_all "there is no $YNL/cli.py"
fi
load_sluice
load_ktls
setup_ns N
start_cli
# The kernel has this flag since 4.6, the schema of 6.12 does not list it.
sed 's/enum: \[ admin-perm \]/enum: [ admin-perm, uns-admin-perm ]/' "$SCHEMA" >"$TEST_DIR/schema.yaml"

check_eq "the specification fits the kernel's schema, info-get is decoded" \
	'[11,["flow","relay","sniff"],["rr","wrr","lc","wlc"],0,1048576,0]' \
	"$(cli --schema "$TEST_DIR/schema.yaml" --do info-get --json '{}' |
		jq -c '[.abi, (.strata | sort), .scheduler, .services, ."connections-max", .refusals.limit]')"

check "service-new" do_ service-new "{$SERVICE4, \"scheduler\": \"wrr\"}"
check "pool-new" do_ pool-new '{"name": "web", "family": 10}'
check "service-new with a pool" do_ service-new "{$SERVICE6, \"pool\": \"web\"}"
check "server-new, the pool named by its service, an enum by its name" do_ server-new \
	"{\"service\": {$SERVICE4}, \"address\": \"$SERVER4\", \"port\": 8080, \"weight\": 7, \"state\": \"draining\"}"
check_eq "service-get, one" '["10.0.1.100",80,"wrr",true,{"connections":0,"in-packets":0,"in-bytes":0,"out-packets":0,"out-bytes":0}]' \
	"$(do_ service-get "{$SERVICE4}" | jq -c '[.address, .port, .scheduler, ."own-pool", .stats]')"
check_eq "service-get, all" '[[6,"10.0.1.100",80,"tcp/10.0.1.100:80"],[17,"fd00:1::100",53,"web"]]' \
	"$(dump service-get | jq -c '[.[] | [.protocol, .address, .port, .pool]]')"
check_eq "server-get, all of a pool" '[["tcp/10.0.1.100:80","10.0.2.11",8080,"nat",7,"draining"]]' \
	"$(dump server-get "{\"service\": {$SERVICE4}}" |
		jq -c '[.[] | [.pool, .address, .port, .forward, .weight, .state]]')"
check_eq "pool-get, all" '[["tcp/10.0.1.100:80",2,true,1,1],["web",10,null,0,1]]' \
	"$(dump pool-get | jq -c '[.[] | [.name, .family, .owned, .servers, .services]]')"
check "server-set, a deadline and a reason" do_ server-set \
	"{\"service\": {$SERVICE4}, \"address\": \"$SERVER4\", \"port\": 8080, \"state\": \"draining\", \"deadline\": 3600000, \"reason\": \"a b\"}"
check_eq "server-get, what is left" '["draining",true,"a b"]' \
	"$(dump server-get "{\"service\": {$SERVICE4}}" |
		jq -c '.[] | [.state, (.deadline > 3500000 and .deadline <= 3600000), .reason]')"
check "pool-set, what becomes of connections" do_ pool-set '{"name": "web", "on-down": "reset", "on-drain": "rebalance"}'
check_eq "pool-get, what becomes of them" '["reset","rebalance"]' \
	"$(do_ pool-get '{"name": "web"}' | jq -c '[."on-down", ."on-drain"]')"
check "settings-set, nested" do_ settings-set '{"timeouts": {"udp": 123000, "tcp-close": 1500}, "connections-max": 4321, "relay-clients-max": 77}'
check_eq "settings-get" '[123000,1500,900000,4321,77]' \
	"$(do_ settings-get | jq -c '[.timeouts.udp, .timeouts."tcp-close", .timeouts."tcp-established", ."connections-max", ."relay-clients-max"]')"
check_fails "a refusal has its text" 'weight|65535|range' \
	do_ server-set "{\"service\": {$SERVICE4}, \"address\": \"$SERVER4\", \"port\": 8080, \"weight\": 65536}"
check_fails "a refusal names the attribute" 'bad-attr.*protocol|protocol must be' \
	do_ service-get "{\"protocol\": 1, \"address\": \"$VIP4\", \"port\": 80}"

# Routes: nests in nests, and lists of them.
SNIFF='"protocol": 6, "address": "'$VIP4'", "port": 81'
check "service-new, stratum sniff" do_ service-new "{$SNIFF, \"stratum\": \"sniff\", \"parse\": \"http\"}"
check "pool-new, with proxy-protocol" do_ pool-new '{"name": "px", "family": 2, "proxy-protocol": 2}'
check "route-new" do_ route-new "{\"service\": {$SNIFF}, \"name\": \"api\", \"match\": {
	\"host\": \"*.example.com\", \"path\": \"/api\", \"share\": 500, \"condition\": [
		{\"what\": \"header\", \"how\": \"prefix\", \"name\": \"X-Test\", \"value\": \"a b\"},
		{\"what\": \"method\", \"value\": \"GET\"}],
	\"source\": [{\"address\": \"0a000000\", \"prefix-len\": 8}, {\"address\": \"$VIP6\"}]},
	\"action\": \"pool\", \"pool\": [{\"name\": \"px\", \"weight\": 3}]}"
check "route-new, before it" do_ route-new \
	"{\"service\": {$SNIFF}, \"name\": \"no\", \"before\": \"api\", \"action\": \"reject\", \"status\": 403}"
check_eq "route-get, one" '["10.0.1.100",81,2,"*.example.com","/api","prefix",500,[["header","prefix","X-Test","a b"],["method","exact",null,"GET"]],[["10.0.0.0",8],["fd00:1::100",128]],"pool",[{"name":"px","weight":3}],0]' \
	"$(do_ route-get "{\"service\": {$SNIFF}, \"name\": \"api\"}" | jq -c '[.service.address, .service.port, .position,
		.match.host, .match.path, .match."path-how", .match.share,
		[.match.condition[] | [.what, .how, .name, .value]],
		[.match.source[] | [.address, ."prefix-len"]], .action, .pool, .hits]')"
check_eq "route-get, all of a service" '[["no","reject",403],["api","pool",null]]' \
	"$(dump route-get "{\"service\": {$SNIFF}}" | jq -c '[.[] | [.name, .action, .status]]')"
check_fails "a refusal names the nested attribute" 'bad-attr.*match|path: no slash' \
	do_ route-set "{\"service\": {$SNIFF}, \"name\": \"api\", \"match\": {\"path\": \"api\"}}"
check_fails "a pool in use by a route stays" 'in use by 1 route' do_ pool-del '{"name": "px"}'
check "route-move" do_ route-move "{\"service\": {$SNIFF}, \"name\": \"no\"}"
check_eq "route-get, all" '[["api",1],["no",2]]' "$(dump route-get | jq -c '[.[] | [.name, .position]]')"
check "route-del" do_ route-del "{\"service\": {$SNIFF}, \"name\": \"no\"}"
check_eq "service-get and pool-get count routes" '[["sniff","http",1],[2,1]]' \
	"$(jq -nc --argjson s "$(do_ service-get "{$SNIFF}")" --argjson p "$(do_ pool-get '{"name": "px"}')" \
		'[[$s.stratum, $s.parse, $s.routes], [$p."proxy-protocol", $p.routes]]')"
check_fails "a service keeps its stratum" 'cannot change its stratum' \
	do_ service-set "{$SNIFF, \"stratum\": \"flow\"}"
check_fails "what it reads is for its routes" 'delete those first' \
	do_ service-set "{$SNIFF, \"parse\": \"tls\"}"
check "what stays may be given" do_ service-set "{$SNIFF, \"stratum\": \"sniff\", \"parse\": \"http\"}"
check_fails "a match cannot be of a condition about nothing" 'what the condition is about' do_ route-set \
	"{\"service\": {$SNIFF}, \"name\": \"api\", \"match\": {\"condition\": [{\"value\": \"x\"}]}}"
check_fails "pools need their action" 'of no use' \
	do_ route-set "{\"service\": {$SNIFF}, \"name\": \"api\", \"pool\": [{\"name\": \"px\"}], \"match\": {}}"
check "service-del takes its routes" do_ service-del "{$SNIFF}"
check "pool-del, then" do_ pool-del '{"name": "px"}'

# Notifications, in the order of the changes: the client's library, because cli.py takes one that
# comes during its own request for the answer.
events() {
	in_ns "$N" env PYTHONPATH="$YNL" PYTHONDONTWRITEBYTECODE=1 python3 - "$SPEC" <<'EOP'
import json
import sys
import yaml
yaml.safe_load = lambda stream: yaml.load(stream, Loader=yaml.CSafeLoader)
from lib import YnlFamily

listener, changer = YnlFamily(sys.argv[1], ''), YnlFamily(sys.argv[1], '')
listener.ntf_subscribe('events')
service = {'protocol': 6, 'address': '0a000164', 'port': 80}
server = {'service': service, 'address': '0a00020b', 'port': 8080}
changer.do('server-set', {**server, 'weight': 9, 'state': 'up'})
changer.do('server-del', server)
changer.do('service-del', service)
changer.do('flush', {})
listener.check_ntf()
for event in listener.async_msg_queue:
    msg = event['msg']
    print(json.dumps([event['name'], msg.get('address'), msg.get('weight'), msg.get('name')]))
EOP
}
in_ns "$N" sluiceadm -S >"$TEST_DIR/saved"
check_eq "what is told of changes" '["server-ntf", "10.0.2.11", 9, null]
["server-del-ntf", "10.0.2.11", 9, null]
["service-del-ntf", "10.0.1.100", null, null]
["service-del-ntf", "fd00:1::100", null, null]
["pool-del-ntf", null, null, "web"]' "$(events)"
check_eq "everything is gone" '[]' "$(dump service-get | jq -c .)"

# Connections: two UDP flows in the namespace itself, one of which the filter lets through.
in_ns "$N" ip addr add 10.0.1.100/32 dev lo
in_ns "$N" ip addr add 10.0.2.11/32 dev lo
in_ns "$N" sluiceadm -R <"$TEST_DIR/saved"
in_ns "$N" sluiceadm -A -u 10.0.1.100:53
in_ns "$N" sluiceadm -a -u 10.0.1.100:53 -r 10.0.2.11:53
in_ns "$N" bash -c 'echo >/dev/udp/10.0.1.100/53; echo >/dev/udp/10.0.1.100/53'
connections=$(dump connection-get | jq -c .)
check_eq "connection-get" '[[17,"10.0.1.100",53,"10.0.2.11",53,"nat","udp-new","udp/10.0.1.100:53"]]' \
	"$(jq -c '[.[] | [.protocol, ."virtual-address", ."virtual-port", ."server-address", ."server-port",
		.forward, .state, .pool]] | unique' <<<"$connections")"
check_eq "there are two" 2 "$(jq length <<<"$connections")"
check_eq "one passes the filter" 1 "$(dump connection-get \
	"{\"protocol\": 17, \"client-port\": $(jq '.[0]."client-port"' <<<"$connections")}" | jq length)"
check_eq "none passes another filter" 0 "$(dump connection-get '{"protocol": 6}' | jq length)"
port=$(jq '.[0]."client-port"' <<<"$connections")
flow="\"protocol\": 17, \"client-address\": \"$VIP4\", \"virtual-address\": \"$VIP4\", \"virtual-port\": 53"
check_eq "one by its tuple, as it is listed" "$(jq -cS '.[0] | del(.expires)' <<<"$connections")" \
	"$(do_ connection-get "{$flow, \"client-port\": $port}" | jq -cS 'del(.expires)')"
check_fails "none of another client" 'no such connection' do_ connection-get "{$flow, \"client-port\": 9}"
check_fails "none of another protocol" 'no such connection' \
	do_ connection-get "{${flow/17/6}, \"client-port\": $port}"
check_fails "none by what the server sends" 'no such connection' do_ connection-get "{\"protocol\": 17,
	\"client-address\": \"$SERVER4\", \"client-port\": 53, \"virtual-address\": \"$VIP4\", \"virtual-port\": $port}"
check_fails "a tuple is of one family" 'different address families' \
	do_ connection-get "{${flow/virtual-address\": \"$VIP4/virtual-address\": \"$VIP6}, \"client-port\": $port}"
check_fails "a tuple is whole" 'is named by protocol, and address and port of client and service' \
	do_ connection-get "{$flow}"

# The family of stratum relay, by a specification of its own.
SPEC=/src/Documentation/netlink/specs/sluice-relay.yaml
RELAY='"service": {"protocol": 6, "address": "'$VIP4'", "port": 82}'
in_ns "$N" sluiceadm -A -t 10.0.1.100:82 --stratum relay
check_eq "stratum relay: its specification fits the schema, stats-get is decoded" '[0,0,0,[0,0,0,0,0,0,0]]' \
	"$(cli --schema "$TEST_DIR/schema.yaml" --do stats-get --json '{}' | jq -c '[.clients, .accepted, .requests, [.returned[]]]')"
check "stratum relay: config-set, with flags by their names" do_ config-set \
	"{$RELAY, \"timeout-head\": 2500, \"requests-max\": 7, \"add\": [\"forwarded\", \"request-id\"], \"listen\": 1}"
check_eq "stratum relay: config-get, all" '[[6,"10.0.1.100",82,2500,7,["forwarded","request-id"],1,0]]' \
	"$(dump config-get | jq -c '[.[] | [.service.protocol, .service.address, .service.port, ."timeout-head", ."requests-max", (.add | sort),
		.listen, .websocket]]')"
in_ns "$N" bash -c 'exec 3<>/dev/tcp/10.0.1.100/82; printf "GET / HT" >&3; exec sleep 60' &
client=$!
clients() { dump client-get "{$RELAY, \"phase\": \"head\"}" | jq -c '[.[] | [.service.port, .source, .tls, .phase, .requests]]'; }
waits() { [ "$(clients)" = '[[82,"10.0.1.100",0,"head",0]]' ]; }
check "stratum relay: client-get, one in a phase" busywait 20000 waits
check_fails "stratum relay: a refusal has its text" 'does not wait to be taken back' \
	do_ client-take "{\"id\": $(dump client-get | jq '.[0].id')}"
check "stratum relay: client-del" do_ client-del "{\"id\": $(dump client-get | jq '.[0].id')}"
none() { [ "$(dump client-get | jq -c .)" = '[]' ]; }
check "stratum relay: it is gone" busywait 20000 none
kill $client
check "stratum relay: config-del" do_ config-del "{$RELAY}"
check_eq "stratum relay: nothing is said any more" '[]' "$(dump config-get | jq -c .)"
