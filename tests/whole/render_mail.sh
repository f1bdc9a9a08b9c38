#!/bin/bash
# SPDX-License-Identifier: ISC
# render postfix: postmap finds the policy of each next hop, and Postfix verifies a mail server with the
# active key and with each backup key by it, but no stranger.
# shellcheck source=tests/whole/peers/lib.sh
. "$(dirname "$0")/peers/lib.sh"

# Postfix reads a configuration of its own, not this machine's.
export MAIL_CONFIG=$DIR/postfix
mkdir "$MAIL_CONFIG"
cat >"$MAIL_CONFIG/main.cf" <<-EOF
	compatibility_level = 3.6
	myhostname = localhost
	smtp_tls_fingerprint_digest = sha256
	queue_directory = $DIR/postfix
	data_directory = $DIR/postfix
EOF

policy_of() { postmap -q "$1" hash:"$PWD/tls_policy"; }

# verified NAME: posttls-finger exits 0 for a stranger, too: what counts is the word.
verified() {
	local policy matches
	policy=$(policy_of "[localhost]:$(port_of "$1")") || return 1
	[ "${policy%% *}" = fingerprint ] || return 1
	mapfile -t matches < <(grep -o 'match=[^ ]*' <<<"$policy" | sed 's/^match=//')
	timeout 30 posttls-finger -c -t 20 -T 20 -h native -l fingerprint "[localhost]:$(port_of "$1")" "${matches[@]}" 2>&1 |
		grep 'posttls-finger: Verified TLS connection'
}

start_smtp() {
	local name
	for name in $KEYS; do
		free_port
		echo "$port" >"$TLS/$name.port"
		serve python3 "$ROOT/tests/whole/peers/smtp_server.py" "$port" "$TLS/$name.pem" "$TLS/$name.key"
		until_listens "$port"
	done
}

test_postmap_finds_each_next_hop() {
	local manifest hop match
	make_manifest mail.json '.domains[0] |= (.domain = "example.org" | .include_subdomains = true |
		.names = ["example.org", "mx.example.org", "*.example.net", "IP:192.0.2.1"])'
	manifest=mail.json
	render postfix
	cp "$stdout" tls_policy
	accepts postmap hash:"$PWD/tls_policy"
	match=$(pin_hex_of backup2 | tr '[:lower:]' '[:upper:]' | sed 's/../&:/g; s/:$//')
	for hop in example.org '[example.org]' .example.org mx.example.org '[mx.example.org]' .example.net \
		'[192.0.2.1]'; do
		accepts policy_of "$hop"
		assert_out "match=$match"
	done
	refuses policy_of stranger.example
}

test_postmap_refuses_a_broken_table() {
	render postfix
	# A continuation with nothing before it.
	sed '/^localhost /d' "$stdout" >tls_policy
	run postmap hash:"$PWD/tls_policy"
	assert_err 'warning'
}

test_postfix_enforces_the_pins() {
	local name
	start_smtp
	for name in $KEYS; do
		render postfix --port "$(port_of "$name")"
		cat "$stdout"
	done >tls_policy
	accepts postmap hash:"$PWD/tls_policy"
	for name in active backup1 backup2; do
		accepts verified "$name"
	done
	refuses verified stranger
}

run_tests
