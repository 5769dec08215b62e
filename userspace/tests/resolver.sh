#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The resolver with a real name server, dnsmasq, which is changed, stopped and started. In
# namespaces of its own, as root.

: "${SLUICE_RESOLVE:?}"
. "${0%/*}/lib/command.sh"
unshare=(unshare --net --mount --pid --fork --kill-child --mount-proc)
if [ -z "${SLUICE_RESOLVER_INSIDE:-}" ]; then
	if ! "${unshare[@]}" true 2>/dev/null || ! PATH=$PATH:/usr/sbin command -v dnsmasq >/dev/null; then
		echo "KTAP version 1"
		echo "1..0 # SKIP needs root, to make namespaces, and dnsmasq"
		exit 0
	fi
	SLUICE_RESOLVER_INSIDE=1 exec "${unshare[@]}" "$0" "$@"
fi

DIR=$(mktemp -d /tmp/resolver.XXXXXX)
trap 'rm -rf "$DIR"' EXIT
chmod 755 "$DIR"
PATH=$PATH:/usr/sbin
ip link set lo up
# What the host's name servers are is for this test to say.
cp -a /etc "$DIR/etc"
mount --bind "$DIR/etc" /etc

# expect NAME REGEX: within a minute a line of the resolver matches; those before it do not matter.
expect() {
	local name=$1 regex=$2 line='' last=none
	while read -ru "$OUT" -t 60 line; do
		last=$line
		[[ $line =~ ^$regex$ ]] || continue
		result 0 "$name"
		return
	done
	echo "# last '$last' instead of '$regex'"
	result 1 "$name"
}

# start_dnsmasq ADDRESS: serves $DIR/hosts.ADDRESS; its process is in PID.
start_dnsmasq() {
	dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --port=53 \
		--listen-address="$1" --bind-interfaces --user=root --pid-file= --local=/test/ \
		--addn-hosts="$DIR/hosts.$1" --local-ttl=1 \
		--srv-host=_http._tcp.test,one.test,8001,10,60 \
		--srv-host=_http._tcp.test,two.test,8002,10,40 \
		--srv-host=_http._tcp.test,spare.test,8009,20,1 \
		--cname=alias.test,one.test >"$DIR/dns.$1.log" 2>&1 &
	PID=$!
}

# hosts ADDRESS LINE...: what the one at ADDRESS serves from now on.
hosts() {
	printf '%s\n' "${@:2}" >"$DIR/hosts.$1"
	[ -z "${PID:-}" ] || kill -HUP "$PID"
}

# configure SERVERS TARGET...: the resolver's file.
configure() {
	local servers=$1 targets
	shift
	targets=$(printf '{address: %s}, ' "$@")
	cat >"$DIR/site.yaml" <<-EOC
		version: 1
		settings: {resolver: {servers: [$servers], timeout: 5s, ttl-min: 1s, ttl-max: 2s}}
		pools: {p: {servers: [${targets%, }]}}
	EOC
}

start_resolver() {
	coproc RESOLVER { exec "$SLUICE_RESOLVE" "$DIR/site.yaml" 2>&1; }
	# Subshells have no descriptors of a coprocess.
	exec {OUT}<&"${RESOLVER[0]}"
}

stop_resolver() {
	kill "$RESOLVER_PID"
	wait "$RESOLVER_PID" 2>/dev/null
	exec {OUT}<&-
}

main=("192.0.2.1 one.test" "192.0.2.2 two.test" "2001:db8::1 one.test" "192.0.2.9 spare.test")

echo "KTAP version 1"
hosts 127.0.0.1 "${main[@]}"
start_dnsmasq 127.0.0.1
configure 127.0.0.1 one.test:80
start_resolver
expect "an address" 'one\.test 192\.0\.2\.1:80'
hosts 127.0.0.1 "${main[@]}" "192.0.2.11 one.test"
expect "one more" 'one\.test 192\.0\.2\.1:80 192\.0\.2\.11:80'
hosts 127.0.0.1 "${main[@]}"
expect "it is gone again" 'one\.test 192\.0\.2\.1:80'
hosts 127.0.0.1 "192.0.2.2 two.test"
expect "the name is gone: it stays" \
	'one\.test 192\.0\.2\.1:80 \| NXDOMAIN asking 127\.0\.0\.1:53'
hosts 127.0.0.1 "${main[@]}"
expect "it is there again" 'one\.test 192\.0\.2\.1:80'
kill "$PID"
wait "$PID" 2>/dev/null
expect "no name server: it stays" \
	'one\.test 192\.0\.2\.1:80 \| connection refused asking 127\.0\.0\.1:53'
PID=
hosts 127.0.0.1 "${main[@]}" "192.0.2.12 one.test"
start_dnsmasq 127.0.0.1
expect "back, with another one" 'one\.test 192\.0\.2\.1:80 192\.0\.2\.12:80'

configure 127.0.0.1 "one.test:80" "one.test:81, resolve: aaaa" "_http._tcp.test, resolve: srv" \
	"alias.test:82"
kill -HUP "$RESOLVER_PID"
expect "another file" reloaded
expect "the alias" 'alias\.test 192\.0\.2\.1:82 192\.0\.2\.12:82'
stop_resolver
start_resolver
mapfile -t lines < <(for _ in 1 2 3 4; do read -ru "$OUT" -t 60 line && echo "$line"; done | sort)
want='_http._tcp.test 192.0.2.1:8001*60 192.0.2.2:8002*40 192.0.2.12:8001*60 2001:db8::1:8001*60
alias.test 192.0.2.1:82 192.0.2.12:82
one.test 192.0.2.1:80 192.0.2.12:80
one.test 2001:db8::1:81'
if [ "$(printf '%s\n' "${lines[@]}")" = "$want" ]; then
	result 0 "A, AAAA, SRV and CNAME"
else
	printf '# %s\n' "${lines[@]}"
	result 1 "A, AAAA, SRV and CNAME"
fi

mapfile -t many < <(for i in {1..200}; do echo "10.0.0.$i one.test"; done)
hosts 127.0.0.1 "${many[@]}"
expect "200 addresses, by TCP" 'one\.test( 10\.0\.0\.[0-9]+:80){200}'
stop_resolver

# The servers of the host, and others while it runs.
hosts 127.0.0.1 "${main[@]}"
echo 'nameserver 127.0.0.1' >/etc/resolv.conf
configure '' one.test:80
start_resolver
expect "the host's name server" 'one\.test 192\.0\.2\.1:80'
PID=
hosts ::1 "192.0.2.21 one.test"
start_dnsmasq ::1
echo 'nameserver ::1' >/etc/resolv.conf
expect "another one of the host, by IPv6" 'one\.test 192\.0\.2\.21:80'
echo 'nameserver 127.0.0.1' >/etc/resolv.conf
expect "the first one again" 'one\.test 192\.0\.2\.1:80'
configure "'[::1]:53'" one.test:80
kill -HUP "$RESOLVER_PID"
expect "one of our own, by IPv6" 'one\.test 192\.0\.2\.21:80'
kill "$PID"
expect "which is gone" 'one\.test 192\.0\.2\.21:80 \| connection refused asking \[::1\]:53'
stop_resolver
finish
