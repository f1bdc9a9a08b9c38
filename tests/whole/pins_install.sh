#!/bin/bash
# SPDX-License-Identifier: ISC
# shellcheck source=tests/whole/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/whole/pins.bash
. "$(dirname "$0")/pins.bash"

make_key "$DIR/vault"
NEW_PIN='a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='

install_pins() { run coldspare_pins install --key "$DIR/vault.pub" --to to "$@"; }
# The manifest that follows on FILE, changed by the filter.
follow() {
	sample "$DIR/vault" ".serial = $(jq '.serial + 1' "$1") | .previous = \"$(
		sha256sum "$1" | cut -d' ' -f1)\" | $2" "$3"
}

test_install_writes_a_version_and_points_to_it() {
	sample "$DIR/vault"
	install_pins --format curl --format json pins.json
	assert_code 0
	assert_out 'to/current is 3 now'
	assert_same 3 "$(readlink to/current)"
	grep -q "sha256//$NEW_PIN" to/current/curl-pinnedpubkey
	jq -e . to/current/pins-plain.json >out
	cmp pins.json to/3/pins.json
	cmp pins.json.minisig to/3/pins.json.minisig
	assert_same 644 "$(stat -c %a to/3/pins.json)"
}

test_the_second_run_changes_nothing() {
	sample "$DIR/vault"
	install_pins --format curl --reload 'echo reload >>log' pins.json
	assert_code 0
	assert_out 'the reload command has run'
	find to -printf '%p %i %T@ %l\n' | sort >before
	install_pins --format curl --reload 'echo reload >>log' pins.json
	assert_code 0
	assert_out 'nothing to change'
	find to -printf '%p %i %T@ %l\n' | sort >after
	cmp before after
	assert_same 1 "$(wc -l <log)"
	install_pins --json --format curl pins.json
	assert_json '.switched == false and .written == false and .current == "3" and .serial == 3'
}

test_a_new_manifest_of_the_same_bytes_is_kept_and_not_switched_to() {
	sample "$DIR/vault" . 3.json
	follow 3.json . 4.json
	install_pins --format curl --reload 'echo reload >>log' 3.json
	install_pins --format curl --reload 'echo reload >>log' 4.json
	assert_code 0
	assert_out 'renders to the bytes of 3, which stays current'
	assert_same 3 "$(readlink to/current)"
	assert_same 1 "$(wc -l <log)"
	install_pins --format curl 3.json
	assert_code 78
	assert_err 'serial 3 is below 4'
}

test_other_pins_are_switched_to_and_old_versions_stay() {
	sample "$DIR/vault" . 3.json
	follow 3.json '.domains[0].pins |= .[:2]' 4.json
	install_pins --format curl 3.json
	install_pins --format curl 4.json
	assert_code 0
	assert_same 4 "$(readlink to/current)"
	assert_file to/3/curl-pinnedpubkey
}

test_going_back_is_refused_unless_asked_for() {
	sample "$DIR/vault" . 3.json
	follow 3.json '.domains[0].pins |= .[:2]' 4.json
	install_pins --format curl 3.json
	install_pins --format curl 4.json
	install_pins --format curl 3.json
	assert_code 78
	assert_err '--allow-rollback'
	assert_same 4 "$(readlink to/current)"
	install_pins --format curl --allow-rollback 3.json
	assert_code 0
	assert_same 3 "$(readlink to/current)"
	assert_no_file to/3.1
	# 4 was installed here once: 3 stays below it.
	install_pins --format curl 3.json
	assert_code 78
}

test_another_manifest_of_an_installed_serial_is_refused() {
	sample "$DIR/vault"
	install_pins --format curl pins.json
	sample "$DIR/vault" '.domains[0].max_age = 60'
	install_pins --format curl pins.json
	assert_code 77
	assert_err 'another manifest with the serial 3'
	assert_same 3 "$(readlink to/current)"
}

test_a_fork_and_another_vault_are_refused() {
	sample "$DIR/vault" . 3.json
	install_pins --format curl 3.json
	sample "$DIR/vault" '.serial = 4' 4.json
	install_pins --format curl 4.json
	assert_code 77
	assert_err 'does not follow'
	make_key other
	sample other '.serial = 9' 9.json
	run coldspare_pins install --key other.pub --to to --format curl 9.json
	assert_code 78
	assert_err 'another vault'
	assert_no_file to/4
	assert_no_file to/9
}

test_an_expired_or_unsigned_manifest_installs_nothing() {
	sample "$DIR/vault" '.valid_until = (now - 1 | floor | todate)'
	install_pins --format curl pins.json
	assert_code 78
	assert_no_file to
	sample "$DIR/vault"
	echo >>pins.json
	install_pins --format curl pins.json
	assert_code 77
	assert_no_file to
}

test_what_lint_calls_an_error_for_a_format_is_not_installed() {
	sample "$DIR/vault" '.domains[0].report_only = true'
	install_pins --format curl --format nginx pins.json
	assert_code 78
	assert_err '[report-nowhere]'
	assert_no_file to/current
	assert_no_file to/3
	install_pins --format curl --format nginx --force report-nowhere pins.json
	assert_code 0
	assert_out 'let pass by --force'
}

test_the_installed_manifest_is_the_one_before_for_lint() {
	sample "$DIR/vault" '.domains[0].pins |= .[1:] | .domains[0].pins[0].role = "active"' 3.json
	follow 3.json '.domains[0].pins[0].ready = null' 4.json
	install_pins --format curl --force one-backup 3.json
	assert_code 0
	install_pins --format curl 4.json
	assert_code 78
	assert_err '[active-too-soon]'
	assert_same 3 "$(readlink to/current)"
}

test_a_failing_reload_brings_the_old_version_back() {
	sample "$DIR/vault" . 3.json
	follow 3.json '.domains[0].pins |= .[:2]' 4.json
	install_pins --format curl 3.json
	install_pins --format curl --reload 'readlink to/current >seen; exit 3' 4.json
	assert_code 74
	assert_err 'exited with 3'
	assert_err 'to/current is 3 again'
	assert_same 4 "$(cat seen)"
	assert_same 3 "$(readlink to/current)"
	install_pins --format curl --reload true 4.json
	assert_code 0
	assert_same 4 "$(readlink to/current)"
	assert_no_file to/4.1
}

test_a_failing_first_reload_leaves_no_current() {
	sample "$DIR/vault"
	install_pins --format curl --reload false pins.json
	assert_code 74
	assert_no_file to/current
}

test_the_same_manifest_in_other_formats_is_another_version() {
	sample "$DIR/vault"
	install_pins --format curl pins.json
	install_pins --format curl --format git pins.json
	assert_code 0
	assert_same 3.1 "$(readlink to/current)"
	install_pins --format curl pins.json
	assert_code 0
	assert_same 3 "$(readlink to/current)"
}

test_formats_of_one_domain_get_a_folder_for_each() {
	sample "$DIR/vault" '.domains += [.domains[0] |
		.domain = "*.example.net" | .names = ["*.example.net"]]'
	install_pins --format curl --format git pins.json
	assert_code 0
	assert_file to/current/example.org/curl-pinnedpubkey
	assert_file to/current/_wildcard.example.net/curl-pinnedpubkey
	assert_file to/current/git-pins.config
	install_pins --format curl --domain example.org pins.json
	assert_code 0
	assert_file to/current/curl-pinnedpubkey
}

test_a_domain_never_leads_out_of_the_folder() {
	sample "$DIR/vault" '.domains += [.domains[0] | .domain = ".." | .names = [".."]]'
	install_pins --format curl --force host-form pins.json
	assert_code 78
	assert_no_file to
}

test_what_install_has_not_made_is_left_alone() {
	sample "$DIR/vault"
	mkdir -p to/current
	echo mine >to/current/file
	install_pins --format curl pins.json
	assert_code 73
	assert_same mine "$(cat to/current/file)"
	rm -r to
	ln -s /etc to
	mkdir real
	ln -sfn ../elsewhere real/current
	run coldspare_pins install --key "$DIR/vault.pub" --to real --format curl pins.json
	assert_code 73
}

test_two_at_once_the_second_is_told_so() {
	sample "$DIR/vault"
	mkdir to
	exec 8<to
	flock 8
	install_pins --format curl pins.json
	assert_code 75
	flock -u 8
	install_pins --format curl pins.json
	assert_code 0
}

test_usage() {
	sample "$DIR/vault"
	install_pins pins.json
	assert_code 64
	install_pins --format nonsense pins.json
	assert_code 64
	install_pins --format curl --format curl pins.json
	assert_code 64
	run coldspare_pins install --key "$DIR/vault.pub" --format curl pins.json
	assert_code 64
	assert_no_file to
}

# `current` leads to one of the two versions, and to all of it.
assert_whole() {
	local at
	at=$(readlink to/current)
	cmp "expected/$at" to/current/curl-pinnedpubkey || fail "current, $at, is not whole"
	cmp "$at.json" to/current/pins.json || fail "current, $at, is not whole"
}

# kill_at CALL N: an install of 4.json over 3, killed as it makes its N-th such call.
kill_at() {
	rm -rf to log
	cp -a kept to
	run strace -o trace -e "trace=$1" -e "inject=$1:signal=KILL:when=$2" \
		"$BUILD/coldspare-pins" install --key "$DIR/vault.pub" --to to --format curl \
		--reload 'echo reload >>log' 4.json
}

# Killed at each call that changes something on disk, one run for each of them.
test_killed_anywhere_current_is_whole_and_the_reload_is_not_lost() {
	local call n killed=0
	sample "$DIR/vault" . 3.json
	follow 3.json '.domains[0].pins |= .[:2]' 4.json
	install_pins --format curl 3.json
	strace -o trace true 2>strace.log || skip 'strace may not trace here'
	mkdir expected
	cp to/3/curl-pinnedpubkey expected/3
	cp -a to kept
	install_pins --format curl 4.json
	cp to/4/curl-pinnedpubkey expected/4

	for call in mkdir linkat rename symlink unlink syncfs fsync write; do
		for ((n = 1; n < 50; n++)); do
			kill_at "$call" "$n"
			assert_whole
			[ "$status" != 0 ] || break
			killed=$((killed + 1))
			install_pins --format curl --reload 'echo reload >>log' 4.json
			assert_code 0
			assert_same 4 "$(readlink to/current)"
			assert_whole
			assert_file log
			[ -z "$(find to -mindepth 1 -maxdepth 1 -name '.*')" ] || fail 'leftovers stay'
		done
		[ "$n" -gt 1 ] || echo "no $call at all" >>missing
	done
	assert_no_file missing
	[ "$killed" -gt 12 ] || fail "killed $killed times only"
}

run_tests
