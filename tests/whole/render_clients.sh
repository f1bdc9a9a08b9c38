#!/bin/bash
# SPDX-License-Identifier: ISC
# render for clients that enforce: each accepts a server with the active key and with each backup key,
# and refuses a stranger's, though a CA that it trusts has certified all four. The backup keys are a vault's,
# recovered from its shares.
# shellcheck source=tests/whole/peers/lib.sh
. "$(dirname "$0")/peers/lib.sh"

# One nginx, a port for each key; a header of pins where wget2 is to note them.
start_nginx() {
	local name servers=
	for name in $KEYS; do
		free_port
		echo "$port" >"$DIR/$name.port"
		servers+="server { listen 127.0.0.1:$port ssl; root $DIR/www; include $DIR/pins/$name*.conf;
			ssl_certificate $TLS/$name.pem; ssl_certificate_key $TLS/$name.key; }
"
	done
	mkdir -p "$DIR/pins"
	cat >"$DIR/nginx.conf" <<-EOF
		daemon off;
		pid $DIR/nginx.pid;
		error_log $DIR/server.log;
		$([ "$(id -u)" != 0 ] || echo 'user root;')
		events { }
		http {
			access_log off;
			client_body_temp_path $DIR/t1; proxy_temp_path $DIR/t2; fastcgi_temp_path $DIR/t3;
			uwsgi_temp_path $DIR/t4; scgi_temp_path $DIR/t5;
			$servers
		}
	EOF
	mkdir "$DIR/www"
	echo 'hello' >"$DIR/www/index.html"
	git init -q --bare "$DIR/www/repo.git"
	git -C "$DIR/www/repo.git" update-server-info
	render nginx
	cp "$stdout" "$DIR/pins/active.conf"
	serve nginx -c "$DIR/nginx.conf"
	until_listens "$port"
}

url() { echo "https://localhost:$(cat "$DIR/$1.port")/$2"; }

# pinned COMMAND...: the command, given the URL of each server.
pinned() {
	local name
	for name in active backup1 backup2; do
		accepts "$@" "$(url "$name" "$path")"
	done
	refuses "$@" "$(url stranger "$path")"
}
path=

test_curl_enforces_the_pins() {
	render curl
	local pins
	pins=$(cat "$stdout")
	pinned curl -sS -m 20 --cacert "$TLS/ca.pem" --pinnedpubkey "$pins"
	assert_err 'public key does not match pinned public key'
	accepts curl -sS -m 20 --cacert "$TLS/ca.pem" "$(url stranger '')"
	refuses curl -sS -m 20 --cacert "$TLS/ca.pem" --pinnedpubkey "${pins%%;*}" "$(url backup1 '')"
}

test_wget_enforces_the_pins() {
	render wget
	pinned wget -q -T 20 -t 1 --no-hsts --ca-certificate="$TLS/ca.pem" --pinnedpubkey="$(cat "$stdout")" -O /dev/null
	accepts wget -q -T 20 -t 1 --no-hsts --ca-certificate="$TLS/ca.pem" -O /dev/null "$(url stranger '')"
}

test_git_enforces_the_pins() {
	local name
	path=repo.git
	export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=$PWD/config GIT_SSL_CAINFO=$TLS/ca.pem
	for name in $KEYS; do
		render git --port "$(cat "$DIR/$name.port")"
		cat "$stdout" >>config
	done
	pinned git ls-remote
	assert_err 'public key'
	: >config
	accepts git ls-remote "$(url stranger repo.git)"
	# Without its quotes the second pin would be a comment.
	render git --port "$(cat "$DIR/backup1.port")"
	tr -d '"' <"$stdout" | sed 's,\[http \(.*\)\],[http "\1"],' >config
	refuses git ls-remote "$(url backup1 repo.git)"
}

# As git -c takes it: one key, one value.
test_git_takes_the_pins_on_its_command_line() {
	local key value
	render git --port "$(cat "$DIR/active.port")"
	cp "$stdout" config
	key=$(git config -f config --name-only --list | head -n 1)
	value=$(git config -f config --get "$key")
	export GIT_SSL_CAINFO=$TLS/ca.pem
	accepts git -c "http.pinnedPubkey=$value" ls-remote "$(url backup2 repo.git)"
	refuses git -c "http.pinnedPubkey=$value" ls-remote "$(url stranger repo.git)"
}

# It notes the header of the active server, and holds every later one on the same host against it.
test_wget2_enforces_the_header() {
	local w=(wget2 -q -O /dev/null --tries=1 --timeout=20 --no-hsts --no-ocsp --no-ocsp-file
		--no-tls-session-file --ca-certificate="$TLS/ca.pem" --hpkp --hpkp-file="$PWD/known")
	accepts "${w[@]}" "$(url stranger '')"
	accepts "${w[@]}" "$(url active '')"
	grep -q localhost known || fail 'wget2 noted no pins'
	pinned "${w[@]}"
}

test_plain_forms_suit_scripts() {
	render json
	assert_json '.format == "coldspare-plain-1" and .domains[0].pins[0].role == "active"'
	assert_json ".domains[0].pins[0].pin == \"$(pin_of active)\""
	assert_json ".domains[0].pins[2].hex == \"$(pin_hex_of backup2)\""
	cp "$stdout" whole.json
	head -c 200 whole.json >broken.json
	refuses jq . broken.json
	render env
	cp "$stdout" pins.env
	# shellcheck disable=SC2016 # for the inner shell
	accepts sh -eu -c '. ./pins.env; echo "$COLDSPARE_DOMAIN $COLDSPARE_PINS"'
	assert_out "localhost $(pin_of active) $(pin_of backup1) $(pin_of backup2)"
	tr -d "'" <pins.env >broken.env
	refuses sh -eu -c '. ./broken.env'
	render list
	assert_same "$(cat "$stdout")" "$(for name in active backup1 backup2; do pin_of "$name"; done)"
}

test_render_refuses_what_is_not_signed_or_not_safe() {
	minisign -GW -p other.pub -s other.key >/dev/null
	run coldspare_pins render curl --key other.pub "$manifest"
	assert_code 77
	assert_no_output
	make_manifest lone.json '.domains[0].pins |= .[:1]'
	run coldspare_pins render curl --key "$DIR/hand.pub" lone.json
	assert_code 78
	assert_err 'no-backup'
	assert_no_output
	run coldspare_pins render nats --key "$DIR/hand.pub" --force no-backup lone.json
	assert_code 0
	assert_out 'forced: let pass by --force no-backup'
	assert_err 'forced: localhost:'
	run coldspare_pins render curl --key "$DIR/vault.pub" --port 1 "$manifest"
	assert_code 64
	assert_no_output
	make_manifest ca.json '.domains[0].pins |= [ca_pin, .[1] + {role: "ca", ca: "root"}]'
	run coldspare_pins render curl --key "$DIR/hand.pub" --force no-backup ca.json
	assert_code 78
	assert_err 'ca-only'
	assert_no_output
}

vault_keys
start_nginx
run_tests
