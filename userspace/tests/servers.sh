#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Checks against the real servers of each kind, and each way in which they can fail. In a network
# namespace of its own, as root; a server that is not installed is skipped.
# shellcheck disable=SC2317  # functions are called by name

: "${SLUICE_CHECK:?}"
unshare=(unshare --net --pid --fork --kill-child --mount-proc)
if [ -z "${SLUICE_SERVERS_INSIDE:-}" ]; then
	if ! "${unshare[@]}" true 2>/dev/null; then
		echo "KTAP version 1"
		echo "1..0 # SKIP needs root, and to make namespaces"
		exit 0
	fi
	SLUICE_SERVERS_INSIDE=1 exec "${unshare[@]}" "$0" "$@"
fi

DIR=$(mktemp -d /tmp/servers.XXXXXX)
trap 'rm -rf "$DIR"' EXIT
chmod 755 "$DIR"
ip link set lo up
ip route add blackhole 192.0.2.0/24
# Where nothing is refused and nothing answers.
SILENT=127.0.0.2
PATH=$PATH:/usr/sbin:$(printf '%s:' /usr/lib/postgresql/*/bin)

count=0 failed=0
result() {
	count=$((count + 1))
	echo "$1 $count $2"
	[ "$1" = ok ] || failed=$((failed + 1))
}

# expect NAME REGEX ARGUMENTS...: the line of sluice-check with these has to match.
expect() {
	local name=$1 regex=$2 line
	shift 2
	line=$("$SLUICE_CHECK" "$@" 2>&1)
	if [[ $line =~ ^$regex$ ]]; then
		result ok "$name"
	else
		echo "# '$line' instead of '$regex'"
		result 'not ok' "$name"
	fi
}

# poll COMMAND...: until it succeeds, for 60 s.
poll() {
	local end=$((SECONDS + 60))
	while ! "$@"; do
		[ $SECONDS -lt $end ] || return 1
		read -rt 0.1 <> <(:) || true
	done
}

# ready KIND ADDRESS PORT...: wait until the check passes.
ready() { poll "$SLUICE_CHECK" "$@" timeout=5000 >/dev/null 2>&1; }

# late NAME REGEX ARGUMENTS...: the check has to time out at what REGEX says, given the time for what
# comes before that.
late() {
	local name=$1 regex=$2 line ms
	shift 2
	for ms in 300 3000 30000; do
		line=$("$SLUICE_CHECK" "$@" timeout=$ms 2>&1)
		[[ $line =~ ^"failed - - timed out after $ms ms, "$regex$ ]] || continue
		result ok "$name"
		return
	done
	echo "# '$line' instead of '$regex'"
	result 'not ok' "$name"
}

have() {
	command -v "$1" >/dev/null && return
	result ok "$1 # SKIP not installed"
	return 1
}

as() { setpriv --reuid "$1" --regid "$1" --clear-groups "${@:2}"; }

# common KIND [ARGUMENT]...: what is the same for all that are connected to.
common() {
	expect "$1: refused" "failed - - Connection refused, waiting for the connection" \
		"$1" 127.0.0.1 9 "${@:2}"
	expect "$1: no answer to the connection" \
		"failed - - timed out after 200 ms, waiting for the connection" \
		"$1" $SILENT 9 timeout=200 "${@:2}"
	expect "$1: unreachable" "failed - - Network is unreachable, waiting for the connection" \
		"$1" 203.0.113.1 9 "${@:2}"
}

certificates() {
	local days name
	cd "$DIR" || exit
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 100 -subj /CN=ca \
		-keyout ca.key -out ca.pem 2>/dev/null
	for name in good expired; do
		days=30
		[ $name = good ] || days=-1
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" \
			-keyout $name.key -out $name.csr 2>/dev/null
		printf 'subjectAltName=DNS:www.test,IP:127.0.0.1,IP:::1' >$name.ext
		if [ $days -gt 0 ]; then
			set -- -days $days
		else
			set -- -not_before 20200101000000Z -not_after 20200201000000Z
		fi
		openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial "$@" \
			-extfile $name.ext -out $name.pem 2>/dev/null
	done
}

start_nginx() {
	cat >"$DIR/nginx.conf" <<-EOC
		pid $DIR/nginx.pid;
		error_log $DIR/nginx.log;
		events { }
		http {
			access_log off;
			client_body_temp_path $DIR/body; proxy_temp_path $DIR/proxy; fastcgi_temp_path $DIR/fastcgi;
			uwsgi_temp_path $DIR/uwsgi; scgi_temp_path $DIR/scgi;
			server {
				listen 127.0.0.1:8080; listen [::1]:8080; listen 127.0.0.1:80;
				default_type text/plain;
				location / { return 200 "I am \$server_addr, host \$http_host, \$http_x_check \$request_method"; }
				location = /json { return 200 '{"db": {"up": true, "lag": 1.5}, "nodes": ["a"]}'; }
				location = /gone { return 503; }
				location = /moved { return 302 /; }
				location /files { root $DIR; }
				location = /large { alias $DIR/large; }
				location = /slow { limit_rate 10; limit_rate_after 1000; alias $DIR/large; }
			}
			server {
				listen 127.0.0.1:8443 ssl; listen [::1]:8443 ssl;
				ssl_certificate $DIR/good.pem; ssl_certificate_key $DIR/good.key;
				location / { return 200 secure; }
			}
			server {
				listen 127.0.0.1:8444 ssl; http2 on;
				ssl_certificate $DIR/expired.pem; ssl_certificate_key $DIR/expired.key;
			}
			server {
				listen 127.0.0.1:8445 ssl; ssl_verify_client on; ssl_client_certificate $DIR/ca.pem;
				ssl_certificate $DIR/good.pem; ssl_certificate_key $DIR/good.key;
			}
		}
	EOC
	{ head -c 300000 /dev/zero | tr '\0' x; echo last; } >"$DIR/large"
	nginx -e "$DIR/nginx.log" -c "$DIR/nginx.conf"
}

http() {
	ready http 127.0.0.1 8080 || { result 'not ok' "nginx does not start"; return; }
	expect "tcp: connected" "passed - - connected" tcp ::1 8080
	expect "http: good" "passed - - status 200" http 127.0.0.1 8080
	expect "http: the host is the address" "passed .*" \
		http ::1 8080 "body=I am ::1, host [::1]:8080,"
	expect "http: the port that is usual is not named" "passed .*" \
		http 127.0.0.1 80 "body=host 127.0.0.1,"
	expect "http: host, field and method" "passed .*" http 127.0.0.1 8080 host=www.test \
		"header=X-Check: yes" method=POST "body_regex=^I am \S+, host www\.test, yes POST$"
	expect "http: HEAD" "passed .*" http 127.0.0.1 8080 method=HEAD
	expect "http: moved is good" "passed - - status 302" http 127.0.0.1 8080 path=/moved
	expect "http: moved is not good" "failed - - status 302" \
		http 127.0.0.1 8080 path=/moved status=200-299
	expect "http: 503" "failed - - status 503" http 127.0.0.1 8080 path=/gone
	expect "http: 404" "failed - - status 404" http 127.0.0.1 8080 path=/files/none
	expect "http: JSON" "passed .*" \
		http 127.0.0.1 8080 path=/json json_pointer=/db/up json_value=true
	expect "http: another value in JSON" "failed - - status 200, JSON has '1\.5' at '/db/lag'" \
		http 127.0.0.1 8080 path=/json json_pointer=/db/lag json_value=0
	expect "http: the text comes too late" \
		"failed - - status 200, the first 65536 bytes of the body do not have the text" \
		http 127.0.0.1 8080 path=/large body=last
	late "http: the body takes too long" "waiting for the body" \
		http 127.0.0.1 8080 path=/slow body=last
	expect "http: to a port of TLS" "failed - - status 400" http 127.0.0.1 8443
	expect "http: again and again" $'passed - - status 200\npassed - - status 200' \
		2 http 127.0.0.1 8080
	common http
	common tcp
}

tls() {
	local ca=ca_file=$DIR/ca.pem
	expect "tls: good" "passed (29|30) - handshake done.*" \
		tls 127.0.0.1 8443 sni=www.test verify=yes "$ca"
	expect "tls: good by address, IPv6" "passed (29|30) - .*" tls ::1 8443 verify=yes "$ca"
	expect "tls: the name is wrong" "failed - - certificate: hostname mismatch" \
		tls 127.0.0.1 8443 sni=other.test verify=yes "$ca"
	expect "tls: the name is wrong, unverified" "passed .*" tls 127.0.0.1 8443 sni=other.test
	expect "tls: expired" "failed - - certificate: certificate has expired" \
		tls 127.0.0.1 8444 sni=www.test verify=yes "$ca"
	expect "tls: expired, unverified" "passed -[0-9]+ - .*certificate expired" \
		tls 127.0.0.1 8444 sni=www.test
	expect "tls: of no authority" "failed - - certificate: unable to get local issuer certificate" \
		tls 127.0.0.1 8443 sni=www.test verify=yes ca_file="$DIR/expired.pem"
	expect "tls: takes h2" "passed .*" tls 127.0.0.1 8444 alpn=h2 alpn=http/1.1
	expect "tls: takes no protocol" \
		"failed .* (the server took no protocol of alpn|TLS: .*no application protocol.*)" \
		tls 127.0.0.1 8443 alpn=smtp
	expect "tls: to a port without it" "failed - - TLS: (wrong version number|packet length too long|record layer failure).*" \
		tls 127.0.0.1 8080
	expect "https: good" "passed (29|30) - status 200, body as expected" \
		https 127.0.0.1 8443 sni=www.test verify=yes "$ca" body=secure
	expect "https: the name is wrong" "failed - - certificate: hostname mismatch" \
		https 127.0.0.1 8443 sni=other.test verify=yes "$ca"
	expect "https: no certificate of ours" "failed .* status 400" https 127.0.0.1 8445
	common tls
	common https
}

start_postgresql() {
	install -d -o postgres -m 700 "$DIR/pg"
	install -o postgres -m 600 /dev/stdin "$DIR/pg.pw" <<<secret
	as postgres initdb -D "$DIR/pg" -N -A scram-sha-256 --pwfile="$DIR/pg.pw" >"$DIR/pg.log" 2>&1
	cat >"$DIR/pg/pg_hba.conf" <<-EOC
		host all trusted 127.0.0.1/32 trust
		host all plain 127.0.0.1/32 password
		host all old 127.0.0.1/32 md5
		host all nobody 127.0.0.1/32 reject
		host all all 127.0.0.1/32 scram-sha-256
	EOC
	as postgres postgres --single -D "$DIR/pg" postgres >>"$DIR/pg.log" 2>&1 <<-EOC
		create role trusted login
		create role plain login password 'secret'
		create role one login password 'secret' connection limit 0
		set password_encryption = 'md5'; create role old login password 'secret'
	EOC
	as postgres postgres -D "$DIR/pg" -c listen_addresses='127.0.0.1' -c fsync=off \
		-c unix_socket_directories= -c shared_buffers=1MB >>"$DIR/pg.log" 2>&1 &
}

postgresql() {
	local at=(postgresql 127.0.0.1 5432)
	ready "${at[@]}" || { result 'not ok' "postgres does not start"; return; }
	expect "postgresql: takes sessions" "passed - - takes sessions" "${at[@]}"
	expect "postgresql: SCRAM" "passed - - logged in" "${at[@]}" user=postgres password=secret
	expect "postgresql: SCRAM, wrong password" \
		"failed - - the server says 'password authentication failed .*" \
		"${at[@]}" user=postgres password=wrong
	expect "postgresql: MD5" "passed - - logged in" \
		"${at[@]}" user=old password=secret database=postgres
	expect "postgresql: password in clear" "passed - - logged in" \
		"${at[@]}" user=plain password=secret database=postgres
	expect "postgresql: trust" "passed - - logged in" "${at[@]}" user=trusted database=postgres
	expect "postgresql: no password given" "failed - - the server wants a password" \
		"${at[@]}" user=postgres
	expect "postgresql: no such database" "failed - - the server says 'database .*does not exist'" \
		"${at[@]}" user=trusted database=none
	expect "postgresql: not let in" "failed - - the server says 'pg_hba.conf rejects .*" \
		"${at[@]}" user=nobody password=secret
	expect "postgresql: too many connections" "failed - - the server says 'too many connections for role .*" \
		"${at[@]}" user=one password=secret database=postgres
	expect "postgresql: another server" "failed - - .*" postgresql 127.0.0.1 8080 timeout=300
	common postgresql
}

start_redis() {
	redis-server --port 6379 --bind 127.0.0.1 ::1 --save '' --daemonize no --dir "$DIR" \
		>"$DIR/redis.log" 2>&1 &
	printf '%s\n' 'port 6380' 'bind 127.0.0.1' 'save ""' 'requirepass "se cret"' "dir $DIR" \
		'user watch on >other +ping' >"$DIR/redis.conf"
	redis-server "$DIR/redis.conf" >"$DIR/redis2.log" 2>&1 &
}

redis() {
	ready redis 127.0.0.1 6379 && ready redis 127.0.0.1 6380 "password=se cret" ||
		{ sed 's/^/# /' "$DIR"/redis*.log; result 'not ok' "redis does not start"; return; }
	expect "redis: good" "passed - - answered PING" redis ::1 6379
	expect "redis: with a password" "passed .*" redis 127.0.0.1 6380 "password=se cret"
	expect "redis: with a user" "passed .*" redis 127.0.0.1 6380 user=watch password=other
	expect "redis: the password is wrong" "failed - - '-WRONGPASS .*" \
		redis 127.0.0.1 6380 password=wrong
	expect "redis: a password is wanted" "failed - - '-NOAUTH .*" redis 127.0.0.1 6380
	expect "redis: another server" "failed - - 'HTTP/1.1 400 Bad Request'.*" redis 127.0.0.1 8080
	common redis
}

start_mariadb() {
	install -d -o mysql -m 700 "$DIR/my"
	mariadb-install-db --no-defaults --user=mysql --datadir="$DIR/my" --skip-test-db \
		--auth-root-authentication-method=normal --skip-name-resolve >"$DIR/my.log" 2>&1
	cat >"$DIR/my.sql" <<-EOC
		create user 'watch'@'127.0.0.1' identified by 'secret';
		create user 'empty'@'127.0.0.1';
		create user 'local'@'127.0.0.1' identified via unix_socket;
		create user 'locked'@'127.0.0.1' identified by 'secret' account lock;
		create user 'once'@'127.0.0.1' identified by 'secret' with max_connections_per_hour 1;
		create user 'other'@'127.0.0.1' identified by 'secret';
		create database app;
		grant all on app.* to 'watch'@'127.0.0.1';
	EOC
	chmod 644 "$DIR/my.sql"
	mariadbd --no-defaults --user=mysql --datadir="$DIR/my" --socket="$DIR/my/sock" --port=3306 \
		--bind-address=127.0.0.1 --skip-name-resolve --max-connect-errors=3 \
		--init-file="$DIR/my.sql" --pid-file="$DIR/my/pid" >>"$DIR/my.log" 2>&1 &
}

mysql() {
	local at=(mysql 127.0.0.1 3306) i
	ready "${at[@]}" user=watch password=secret || { result 'not ok' "mariadb does not start"; return; }
	expect "mysql: logged in" "passed - - logged in" "${at[@]}" user=watch password=secret
	expect "mysql: with a database" "passed - - logged in" \
		"${at[@]}" user=watch password=secret database=app
	expect "mysql: without a password" "passed - - logged in" "${at[@]}" user=empty
	expect "mysql: the password is wrong" "failed - - the server says 'Access denied .* \(1045\)" \
		"${at[@]}" user=watch password=wrong
	expect "mysql: no such database" "failed - - the server says '.* \(104[49]\)" \
		"${at[@]}" user=watch password=secret database=none
	expect "mysql: a login that is not ours" "failed - - .*" "${at[@]}" user=local password=x
	expect "mysql: takes logins" "passed - - takes logins, not ours: 'Access denied .*" "${at[@]}"
	for i in 1 2 3 4 5 6; do
		"$SLUICE_CHECK" "${at[@]}" >/dev/null
	done
	expect "mysql: not blocked after many of those" "passed - - takes logins, .*" "${at[@]}"
	expect "mysql: not allowed to use the database" "failed - - the server says 'Access denied .* \(1044\)" \
		"${at[@]}" user=other password=secret database=app
	expect "mysql: the account is locked" "failed - - the server says 'Access denied, this account is locked' \(4151\)" \
		"${at[@]}" user=locked password=secret
	expect "mysql: too many logins" \
		$'passed - - logged in\nfailed - - the server says \'User .*once.* has exceeded .*\' \(1226\)' \
		2 "${at[@]}" user=once password=secret
	expect "mysql: not from this host" "failed - - the server says 'Host .* is not allowed to connect .* \(1130\)" \
		"${at[@]}" user=watch password=secret source=127.0.0.9
	expect "mysql: another server" "failed - - .*, not an answer of MySQL" mysql 127.0.0.1 2525
	kill -STOP "$(cat "$DIR/my/pid")"
	late "mysql: it hangs" "waiting for the greeting" "${at[@]}" user=watch password=secret
	kill -CONT "$(cat "$DIR/my/pid")"
	ready "${at[@]}" user=watch password=secret || result 'not ok' "mysql: it goes on"
	common mysql
}

start_postfix() {
	local etc=$DIR/postfix/etc
	mkdir -p "$etc" "$DIR/postfix/queue"
	install -d -o postfix "$DIR/postfix/data"
	cat >"$etc/main.cf" <<-EOC
		compatibility_level = 3.6
		queue_directory = $DIR/postfix/queue
		data_directory = $DIR/postfix/data
		maillog_file = $DIR/postfix/log
		maillog_file_prefixes = /tmp
		inet_interfaces = loopback-only
		myhostname = mail.test
		mydestination =
		smtpd_helo_required = yes
		smtpd_helo_restrictions = reject_invalid_helo_hostname
		smtpd_delay_reject = no
		alias_maps =
		alias_database =
	EOC
	cat >"$etc/master.cf" <<-EOC
		2525 inet n - n - - smtpd
		2526 inet n - n - - smtpd -o smtpd_client_restrictions=reject
		postlog unix-dgram n - n - 1 postlogd
		anvil unix - - n - 1 anvil
		rewrite unix - - n - - trivial-rewrite
		proxymap unix - - n - - proxymap
	EOC
	postfix -c "$etc" start >"$DIR/postfix.log" 2>&1
}

smtp() {
	ready smtp 127.0.0.1 2525 helo=lb.test ||
		{ cat "$DIR/postfix.log" "$DIR/postfix/log" | sed 's/^/# /'; result 'not ok' "postfix does not start"; return; }
	expect "smtp: good" "passed - - took EHLO" smtp ::1 2525 helo=lb.test
	expect "smtp: EHLO refused" "failed - - '501 .*' instead of 250, waiting for the answer to EHLO" \
		smtp 127.0.0.1 2525 helo=-
	expect "smtp: refused in words" "failed - - '554 .*' instead of 220, waiting for the greeting" \
		smtp 127.0.0.1 2526 helo=lb.test
	expect "smtp: another server" "failed - - timed out .* the greeting" \
		smtp 127.0.0.1 8080 timeout=300
	common smtp
}

start_vsftpd() {
	mkdir -p "$DIR/ftp" "$DIR/empty"
	cat >"$DIR/vsftpd.conf" <<-EOC
		listen=YES
		listen_port=2121
		listen_address=127.0.0.1
		background=NO
		anonymous_enable=YES
		local_enable=NO
		anon_root=$DIR/ftp
		secure_chroot_dir=$DIR/empty
		seccomp_sandbox=NO
		isolate_network=NO
		isolate=NO
		max_clients=20
	EOC
	vsftpd "$DIR/vsftpd.conf" >"$DIR/vsftpd.log" 2>&1 &
	sed 's/2121/2122/; s/max_clients=20/max_clients=1/' "$DIR/vsftpd.conf" >"$DIR/vsftpd1.conf"
	vsftpd "$DIR/vsftpd1.conf" >>"$DIR/vsftpd.log" 2>&1 &
}

# The descriptor 5 gets the one that there is.
take_only_session() {
	local line
	exec 5<>/dev/tcp/127.0.0.1/2122 && read -ru 5 -t 10 line && [[ $line == 220* ]]
}

ftp() {
	ready ftp 127.0.0.1 2121 || { result 'not ok' "vsftpd does not start"; return; }
	expect "ftp: greeted" "passed - - greeted" ftp 127.0.0.1 2121
	expect "ftp: logged in" "passed - - logged in" \
		ftp 127.0.0.1 2121 user=anonymous password=lb@test
	expect "ftp: not let in" "failed - - '530 .*', waiting for the answer to .*" \
		ftp 127.0.0.1 2121 user=other password=x
	expect "ftp: another server" "failed - - '220 mail.test .*|passed - - greeted" ftp 127.0.0.1 2525
	poll take_only_session 2>/dev/null || result 'not ok' "vsftpd with one client does not start"
	expect "ftp: too many clients" "failed - - '421 .*', waiting for the greeting" \
		ftp 127.0.0.1 2122
	exec 5>&-
	common ftp
}

start_dnsmasq() {
	dnsmasq --keep-in-foreground --no-resolv --no-hosts --port=5353 --listen-address=127.0.0.1,::1 \
		--bind-interfaces --user=root --pid-file= --conf-file=/dev/null \
		--address=/www.test/192.0.2.7 --address=/www.test/2001:db8::7 --txt-record=t.test,"v=1 ok" \
		--mx-host=test,mail.test,10 --local=/test/ >"$DIR/dns.log" 2>&1 &
}

dns() {
	local at=(dns 127.0.0.1 5353)
	ready "${at[@]}" query_name=www.test || { result 'not ok' "dnsmasq does not start"; return; }
	expect "dns: answered" "passed - - answered '192\.0\.2\.7'" "${at[@]}" query_name=www.test
	expect "dns: as expected, IPv6" "passed .*" \
		dns ::1 5353 query_name=www.test query_type=28 answer=2001:DB8:0:0::7
	expect "dns: MX" "passed .*" "${at[@]}" query_name=test query_type=15 "answer=10 mail.test"
	expect "dns: TXT" "passed .*" "${at[@]}" query_name=t.test query_type=16 "answer=v=1 ok"
	expect "dns: another answer" "failed - - the expected record is missing, seen: '192\.0\.2\.7'" \
		"${at[@]}" query_name=www.test answer=192.0.2.8
	expect "dns: no such name" "failed - - the server says NXDOMAIN \(3\)" "${at[@]}" query_name=none.test
	expect "dns: refused in words" "failed - - the server says REFUSED \(5\)" \
		"${at[@]}" query_name=example.org
	expect "dns: refused" "failed - - Connection refused, waiting for an answer" dns 127.0.0.1 9
	expect "dns: silent" "failed - - timed out after 200 ms, waiting for an answer" \
		dns $SILENT 53 timeout=200
	expect "udp: answered" "passed - - answered" udp 127.0.0.1 7 send=hello
	expect "udp: as expected" "passed - - answered as expected" \
		udp 127.0.0.1 7 send=hello expect=ell
	expect "udp: something else" "failed - - 'hello' without the expected bytes" \
		udp 127.0.0.1 7 send=hello expect=low
	expect "udp: refused" "failed - - Connection refused, waiting for an answer" udp ::1 9
	expect "udp: silent" "passed - - not refused" udp $SILENT 9 timeout=200
	expect "udp: silent instead of an answer" "failed - - timed out .*" \
		udp $SILENT 9 timeout=200 expect=x
}

# An echo, and sockets that take nothing: a queue of connections that is full, and datagrams unread.
start_python() {
	python3 -c '
import socket
echo, silent, dns, full = [socket.socket(socket.AF_INET, kind) for kind in
                           3 * [socket.SOCK_DGRAM] + [socket.SOCK_STREAM]]
echo.bind(("127.0.0.1", 7))
silent.bind(("127.0.0.2", 9))
dns.bind(("127.0.0.2", 53))
full.bind(("127.0.0.2", 9))
full.listen(0)
others = [socket.socket() for _ in range(4)]
for other in others:
    other.setblocking(False)
    other.connect_ex(("127.0.0.2", 9))
while True:
    data, client = echo.recvfrom(2048)
    echo.sendto(data, client)' >"$DIR/python.log" 2>&1 &
	ready udp 127.0.0.1 7 send=x expect=x
}

start_sctp() {
	python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132)
s.bind(("127.0.0.1", 9899)); s.listen(5)
while True: s.accept()' >"$DIR/sctp.log" 2>&1 &
}

sctp() {
	if ! python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132)' 2>/dev/null; then
		expect "sctp: not in this kernel" "broken - - socket: Protocol not supported" sctp 127.0.0.1 9
		result ok "sctp # SKIP not in this kernel"
		return
	fi
	ready sctp 127.0.0.1 9899
	expect "sctp: associated" "passed - - associated" sctp 127.0.0.1 9899
	common sctp
}

# A server of its own namespace is only seen from there; packets have the mark and source wanted.
places() {
	local ns=sluice-$$
	expect "source: of ours" "passed .*" http 127.0.0.1 8080 source=127.0.0.9
	expect "source: of nobody" "broken - - source address: Cannot assign requested address" \
		http 127.0.0.1 8080 source=203.0.113.9
	ip rule add fwmark 7 lookup 77 && ip route add unreachable default table 77
	ip rule del lookup local && ip rule add lookup local priority 40000
	expect "mark: routed elsewhere" "failed - - No route to host, .*" tcp 127.0.0.1 8080 mark=7
	expect "blackhole" "failed - - Invalid argument, .*" tcp 192.0.2.1 9
	expect "mark: another" "passed .*" tcp 127.0.0.1 8080 mark=8
	mkdir -p /run/netns
	if ! ip netns add $ns 2>/dev/null; then
		result ok "netns # SKIP cannot be made here"
		return
	fi
	ip -n $ns link set lo up
	expect "netns: not there" "failed - - Connection refused, .*" tcp 127.0.0.1 8080 netns=$ns
	sed "s,$DIR/nginx.pid,$DIR/ns.pid," "$DIR/nginx.conf" >"$DIR/ns.conf"
	ip netns exec $ns nginx -e "$DIR/nginx.log" -c "$DIR/ns.conf"
	expect "netns: there" "passed .*" http 127.0.0.1 8080 netns=$ns
	expect "netns: of a script" "passed .*" \
		script 127.0.0.1 8080 netns=$ns "command=/usr/bin/curl" -sf http://127.0.0.1:8080/
	ip netns del $ns
	expect "netns: gone" "broken - - socket in network namespace $ns: No such file or directory" \
		tcp 127.0.0.1 8080 netns=$ns
}

echo "KTAP version 1"
certificates
start_python || result 'not ok' "the echo does not start"
starts=() run=()
for pair in nginx:http nginx:tls initdb:postgresql redis-server:redis mariadbd:mysql postfix:smtp \
	vsftpd:ftp dnsmasq:dns python3:sctp; do
	have "${pair%:*}" || continue
	case $pair in
	nginx:http) start_nginx ;;
	nginx:*) ;;
	initdb:*) start_postgresql & starts+=($!) ;;
	redis*) start_redis ;;
	mariadbd:*) start_mariadb & starts+=($!) ;;
	postfix:*) start_postfix ;;
	vsftpd:*) start_vsftpd ;;
	dnsmasq:*) start_dnsmasq ;;
	python3:*) start_sctp ;;
	esac
	run+=("${pair#*:}")
done
# Those that are ready first go first.
for kind in http tls redis dns ftp smtp sctp; do
	[[ " ${run[*]} " != *" $kind "* ]] || "$kind"
done
wait "${starts[@]}"
for kind in postgresql mysql; do
	[[ " ${run[*]} " != *" $kind "* ]] || "$kind"
done
[[ " ${run[*]} " != *" http "* ]] || places
echo "1..$count"
[ "$failed" -eq 0 ]
