#!/bin/bash
# SPDX-License-Identifier: ISC
# render for web servers: each checks its configuration, refuses a broken one, is started on loopback,
# and all of them send the same header.
# shellcheck source=tests/whole/peers/lib.sh
. "$(dirname "$0")/peers/lib.sh"

# conf_SERVER PORT FILE: a whole configuration around what was rendered.
conf_nginx() {
	cat <<-EOF
		daemon off;
		pid $PWD/nginx.pid;
		error_log $DIR/server.log;
		$([ "$(id -u)" != 0 ] || echo 'user root;')
		events { }
		http {
			access_log off;
			client_body_temp_path $DIR/t1; proxy_temp_path $DIR/t2; fastcgi_temp_path $DIR/t3;
			uwsgi_temp_path $DIR/t4; scgi_temp_path $DIR/t5;
			server {
				listen 127.0.0.1:$1 ssl;
				ssl_certificate $TLS/active.pem;
				ssl_certificate_key $TLS/active.key;
				include $2;
				location / { return 404; }
			}
		}
	EOF
}
conf_apache() {
	cat <<-EOF
		ServerRoot $DIR
		ServerName localhost
		PidFile $PWD/apache.pid
		DefaultRuntimeDir $DIR
		ErrorLog $DIR/server.log
		Listen 127.0.0.1:$1 https
		LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
		LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
		LoadModule headers_module /usr/lib/apache2/modules/mod_headers.so
		LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so
		Mutex file:$DIR default
		User www-data
		Group www-data
		SSLEngine on
		SSLCertificateFile $TLS/active.pem
		SSLCertificateKeyFile $TLS/active.key
		DocumentRoot $TLS
		Include $2
	EOF
}
conf_haproxy() {
	cat <<-EOF
		defaults
			mode http
			timeout client 20s
			timeout connect 20s
			timeout server 20s
		frontend here
			bind 127.0.0.1:$1 ssl crt $TLS/active.both
			$(grep -v '^#' "$2")
			http-request return status 404
	EOF
}
conf_caddy() {
	cat <<-EOF
		{
			admin off
			auto_https off
			storage file_system $DIR/caddy
		}
		https://localhost:$1 {
			bind 127.0.0.1
			tls $TLS/active.pem $TLS/active.key
			import $2
			respond 404
		}
	EOF
}

# check_SERVER CONF, start_SERVER CONF.
check_nginx() { nginx -t -c "$1"; }
check_apache() { apache2 -t -f "$1"; }
check_haproxy() { haproxy -c -f "$1"; }
check_caddy() { XDG_CONFIG_HOME=$DIR caddy validate --adapter caddyfile --config "$1"; }
start_nginx() { serve nginx -c "$1"; }
start_apache() { serve apache2 -DFOREGROUND -f "$1"; }
start_haproxy() { serve haproxy -db -f "$1"; }
start_caddy() { XDG_CONFIG_HOME=$DIR serve caddy run --adapter caddyfile --config "$1"; }

# header SERVER: as it is served, without its name.
header() {
	curl -sS -m 20 -o /dev/null -D - --cacert "$TLS/ca.pem" "https://localhost:$(cat "$1.port")/" |
		tr -d '\r' | sed -n 's/^[Pp]ublic-[Kk]ey-[Pp]ins\(-[Rr]eport-[Oo]nly\)\{0,1\}: //p'
}
header_name() {
	curl -sS -m 20 -o /dev/null -D - --cacert "$TLS/ca.pem" "https://localhost:$(cat "$1.port")/" |
		sed -n 's/^\(public-key-pins[a-z-]*\): .*/\1/Ip' | tr '[:upper:]' '[:lower:]'
}

SERVERS_UNDER_TEST='nginx apache haproxy caddy'

# start_all MANIFEST [OPTION...]: each server with what is rendered for it, in the current folder.
start_all() {
	local server manifest=$1
	shift
	for server in $SERVERS_UNDER_TEST; do
		render "$server" "$@"
		cp "$stdout" "$PWD/$server.part"
		free_port
		echo "$port" >"$server.port"
		"conf_$server" "$port" "$PWD/$server.part" >"$PWD/$server.conf"
		accepts "check_$server" "$PWD/$server.conf"
		"start_$server" "$PWD/$server.conf"
	done
	for server in $SERVERS_UNDER_TEST; do
		until_listens "$(cat "$server.port")"
	done
}

test_each_server_refuses_a_broken_configuration() {
	local server
	for server in $SERVERS_UNDER_TEST; do
		render "$server"
		cp "$stdout" rendered
		sed 's/eader/aeder/' rendered >"$server.part"
		"conf_$server" 1 "$PWD/$server.part" >"$PWD/$server.conf"
		refuses "check_$server" "$PWD/$server.conf"
		# Without its opening quote: Caddy alone puts up with that.
		[ "$server" != caddy ] || continue
		sed 's/\(Public-Key-Pins \)./\1/' rendered >"$server.part"
		"conf_$server" 1 "$PWD/$server.part" >"$PWD/$server.conf"
		refuses "check_$server" "$PWD/$server.conf"
	done
}

test_all_four_send_the_same_bytes() {
	local server value
	value="pin-sha256=\"$(pin_of active)\"; pin-sha256=\"$(pin_of backup1)\";"
	value+=" pin-sha256=\"$(pin_of backup2)\"; max-age=5184000"
	start_all "$manifest"
	for server in $SERVERS_UNDER_TEST; do
		assert_same "$(header "$server")" "$value"
		assert_same "$(header_name "$server")" public-key-pins
	done
}

# A report-uri with all that one of the four would take as its own.
test_all_four_send_the_same_report_only_header() {
	local server value uri="https://reports.example/a%20b?c='d'&e=%7Bf%7D#g;h"
	make_manifest reports.json ".domains[0] |= (.report_uri = \"$uri\" | .include_subdomains = true)"
	start_all reports.json --report-only --force public-suffix
	value="pin-sha256=\"$(pin_of active)\"; pin-sha256=\"$(pin_of backup1)\";"
	value+=" pin-sha256=\"$(pin_of backup2)\"; max-age=5184000; includeSubDomains;"
	value+=" report-uri=\"$uri\""
	for server in $SERVERS_UNDER_TEST; do
		assert_same "$(header "$server")" "$value"
		assert_same "$(header_name "$server")" public-key-pins-report-only
	done
}

test_report_only_wants_somewhere_to_report_to() {
	run coldspare_pins render nginx --key "$DIR/vault.pub" --report-only "$manifest"
	assert_code 78
	assert_err 'report-nowhere'
	assert_no_output
}

# nginx itself says no; so does render, before it.
test_seventy_pins_are_too_many_for_nginx() {
	local i pins=()
	for ((i = 0; i < 70; i++)); do
		pins+=("pin(\"$(echo "$i" | openssl dgst -sha256 -binary | base64)\"; \"backup\"; \"standby\")")
	done
	make_manifest many.json ".domains[0].pins += [$(IFS=,; echo "${pins[*]}")]"
	run coldspare_pins render nginx --key "$DIR/vault.pub" many.json
	assert_code 78
	assert_err 'nginx-value'
	assert_no_output
	run coldspare_pins render nginx --key "$DIR/vault.pub" --force nginx-value many.json
	assert_code 0
	cp "$stdout" nginx.part
	conf_nginx 1 "$PWD/nginx.part" >nginx.conf
	refuses check_nginx "$PWD/nginx.conf"
	assert_err 'too long parameter'
}

run_tests
