#!/bin/bash
# SPDX-License-Identifier: ISC
# check: on files, and against servers on loopback. Paths of cross-signed roots: tests/test_chain.c.
# shellcheck source=tests/whole/peers/lib.sh
. "$(dirname "$0")/peers/lib.sh"

PEERS=$(cd "$(dirname "$0")/peers" && pwd)

check() { run coldspare_pins check --key "$DIR/vault.pub" --domain localhost "$@"; }

# start_mail NAME: a mail server with that key, its port in $port.
start_mail() {
	free_port
	serve python3 "$PEERS/smtp_server.py" "$port" "$TLS/$1.pem" "$TLS/$1.key"
	until_listens "$port"
}
start_saying() {
	free_port
	serve python3 "$PEERS/say.py" "$port" "$@"
	until_listens "$port"
}

test_a_chain_file_is_judged_offline() {
	cat "$TLS/active.pem" "$TLS/ca.pem" >chain.pem
	check --chain chain.pem "$manifest"
	assert_code 0
	assert_out 'path 1 of 1: match'
	assert_out "$(pin_of active)  active"
	assert_out "$(pin_of ca)  not pinned"
	assert_out 'backups outside the chain: 2'
	assert_out 'expires next: '
	check --chain "$TLS/stranger.pem" "$manifest"
	assert_code 78
	assert_out 'path 1 of 1, its root not given: NO PIN MATCHES'
	assert_err 'localhost: no pin matches on 1 of 1 paths'
}

test_json_says_the_same() {
	check --json --chain "$TLS/backup1.pem" "$manifest"
	assert_code 0
	assert_json '.match and .backups_outside == 1 and .domain == "localhost"'
	assert_json ".paths[0].certificates[0].pin == \"$(pin_of backup1)\""
	assert_json '.paths[0].certificates[0].role == "backup" and (.paths[0].complete | not)'
	assert_json '.certificates_until == .paths[0].certificates[0].not_after'
	check --json --chain "$TLS/stranger.pem" "$manifest"
	assert_code 78
	assert_json '(.match | not) and .backups_outside == 2'
}

test_no_backup_left_outside_is_told() {
	make_manifest "$DIR/one.json" '.domains[0].pins |= .[:1]'
	check --chain "$TLS/active.pem" "$DIR/one.json"
	assert_code 0
	assert_out 'backups outside the chain: 0 (RFC 7469 section 2.5 wants one)'
}

test_a_retired_pin_that_is_served_is_told() {
	make_manifest "$DIR/old.json" '.domains[0].pins[1].state = "retired"'
	check --chain "$TLS/backup1.pem" "$DIR/old.json"
	assert_code 0
	assert_out "$(pin_of backup1)  backup, RETIRED: about to leave"
	assert_out 'backups outside the chain: 1'
}

test_a_pinned_root_that_no_server_sends_is_found_among_the_roots() {
	make_manifest "$DIR/ca.json" '.domains[0].pins[0] = ca_pin'
	check --chain "$TLS/active.pem" "$DIR/ca.json"
	assert_code 78
	check --chain "$TLS/active.pem" --roots "$TLS/ca.pem" "$DIR/ca.json"
	assert_code 0
	assert_out "$(pin_of ca)  ca"
}

test_what_has_expired_is_told() {
	make_manifest "$DIR/past.json" '.valid_until = time(-1)'
	check --chain "$TLS/active.pem" "$DIR/past.json"
	assert_code 0
	assert_out 'EXPIRED: '
	assert_out ', the manifest'
}

test_a_served_chain_is_judged_by_its_pins_alone() {
	start_tls -www
	check --connect "127.0.0.1:$(port_of active)" "$manifest"
	assert_code 0
	assert_out "$(pin_of active)  active"
	check --connect "127.0.0.1:$(port_of backup1)" "$manifest"
	assert_code 0
	assert_out 'backups outside the chain: 1'
	check --connect "localhost:$(port_of stranger)" "$manifest"
	assert_code 78
	assert_out 'NO PIN MATCHES'
}

test_chain_and_name_are_verified_when_asked() {
	start_tls -www
	local address
	address=localhost:$(port_of active)
	check --connect "$address" --verify "$manifest"
	assert_code 77
	assert_err 'unable to get local issuer certificate'
	assert_no_output
	check --connect "$address" --verify --roots "$TLS/ca.pem" "$manifest"
	assert_code 0
	check --connect "$address" --verify --roots "$TLS/ca.pem" --name example.org "$manifest"
	assert_code 77
	assert_err 'ostname mismatch'
	check --connect "127.0.0.1:$(port_of active)" --verify --roots "$TLS/ca.pem" "$manifest"
	assert_code 0
}

test_the_name_is_sent() {
	free_port
	serve openssl s_server -accept "127.0.0.1:$port" -cert "$TLS/stranger.pem" \
		-key "$TLS/stranger.key" -servername localhost -cert2 "$TLS/active.pem" \
		-key2 "$TLS/active.key" -www
	until_listens "$port"
	check --connect "127.0.0.1:$port" "$manifest"
	assert_code 78
	check --connect "127.0.0.1:$port" --name localhost "$manifest"
	assert_code 0
	check --connect "localhost:$port" "$manifest"
	assert_code 0
}

test_a_mail_server_is_asked_to_start_tls() {
	start_mail active
	check --connect "127.0.0.1:$port" --starttls smtp "$manifest"
	assert_code 0
	start_mail stranger
	check --connect "127.0.0.1:$port" --starttls smtp "$manifest"
	assert_code 78
}

test_an_odd_mail_server_is_refused() {
	start_saying '554 no\r\n'
	check --connect "127.0.0.1:$port" --starttls smtp "$manifest"
	assert_code 74
	assert_err 'the mail server answers: 554 no'
	start_saying '220 hello\r\n' '250 plain only\r\n'
	check --connect "127.0.0.1:$port" --starttls smtp "$manifest"
	assert_code 74
	assert_err 'does not offer STARTTLS'
	start_saying '220 hello\r\n' '250-x\r\n250 STARTTLS\r\n' '220 go\r\n250 injected\r\n'
	check --connect "127.0.0.1:$port" --starttls smtp "$manifest"
	assert_code 74
	assert_err 'goes on in plain text'
	start_saying '220 a\033[2Jb\r\n' '5\033[2J\r\n'
	check --connect "127.0.0.1:$port" --starttls smtp "$manifest"
	assert_code 74
	! grep -q "$(printf '\033')" "$stderr" || fail 'an escape sequence reaches the terminal'
}

test_a_server_that_says_nothing_is_given_up() {
	start_saying hang
	check --connect "127.0.0.1:$port" --timeout 1s "$manifest"
	assert_code 74
	assert_err 'no TLS handshake within 1 seconds'
	check --connect "127.0.0.1:$port" --starttls smtp --timeout 1s "$manifest"
	assert_code 74
}

test_what_is_no_server_is_told_so() {
	free_port
	check --connect "127.0.0.1:$port" "$manifest"
	assert_code 74
	assert_err 'Connection refused'
	local bad
	for bad in localhost 127.0.0.1: :443 ::1:443 '[::1]' localhost:https localhost:1234567890; do
		check --connect "$bad" "$manifest"
		assert_code 64
		assert_err 'is no HOST:PORT'
	done
	start_saying 'no TLS here\r\n'
	check --connect "127.0.0.1:$port" "$manifest"
	assert_code 74
	assert_no_output
}

test_usage() {
	run coldspare_pins check --key "$DIR/vault.pub" --chain "$TLS/active.pem" "$manifest"
	assert_code 64
	assert_err '--domain is missing'
	check "$manifest"
	assert_code 64
	check --chain "$TLS/active.pem" --connect localhost:1 "$manifest"
	assert_code 64
	check --chain "$TLS/active.pem" --verify "$manifest"
	assert_code 64
	check --connect localhost:1 --starttls imap "$manifest"
	assert_code 64
	check --chain "$TLS/active.key" "$manifest"
	assert_code 65
	assert_err 'no certificate'
	run coldspare_pins check --domain localhost --chain "$TLS/active.pem" "$manifest"
	assert_code 64
	run coldspare_pins check --key "$DIR/vault.pub" --domain example.org \
		--chain "$TLS/active.pem" "$manifest"
	assert_code 64
}

run_tests
