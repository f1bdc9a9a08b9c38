#!/bin/bash
# SPDX-License-Identifier: ISC
# The rehearsal of `make demo`, and the commands that it prints at its end.
# shellcheck source=tests/whole/lib.sh
. "$(dirname "$0")/lib.sh"

demo() { "${OFFLINE[@]}" "$ROOT/scripts/demo" "$1" "$BUILD"; }

# What stands behind the last step's explanation, as printed.
printed_commands() { sed -n '/See for yourself/,/The rehearsal is over/{/^# /,$p}' "$stdout" | sed '$d'; }

run demo "$DIR/out"
assert_code 0
cp "$stdout" "$DIR/printed"

test_it_ends_well_and_says_so() {
	run cat "$DIR/printed"
	assert_out 'Verified OK'
	assert_out 'The rehearsal is over: everything worked.'
}

test_the_printed_commands_work_as_printed() {
	run cat "$DIR/printed"
	printed_commands >commands
	[ "$(grep -c '^#' commands)" = 4 ] || fail 'there are not four groups of commands'
	run sh -eu commands
	assert_code 0
	assert_out 'Signature and comment signature verified'
	assert_out 'IP Address:192.0.2.10'
	assert_out '"pin"'
	assert_out 'Verified OK'
	assert_same "$(tail -n 1 "$stdout")" "$(openssl pkey -pubin -in "$DIR"/out/vault/keys/example.org-rsa-3072-*/public.pem \
		-outform DER | openssl dgst -sha256 -binary | base64)"
}

test_offline_it_needs_no_override() {
	[ ${#OFFLINE[@]} -gt 0 ] || skip 'no network namespaces here'
	run cat "$DIR/printed"
	assert_out 'This machine is offline'
	assert_not_out '--allow-online'
	run jq -e '.offline and ([.domains[].pins[] | select(.role == "backup").origin] == ["offline", "offline", "offline", "offline"])' \
		"$DIR/out/export/pins.json"
	assert_code 0
}

test_online_it_says_that_it_overrides() {
	run coldspare_here --vault "$DIR/out/vault" drill --all --from "dir:$DIR/out/custodians/anna"
	grep -q 'this machine is online' "$stderr" || skip 'this machine is offline'
	run "$ROOT/scripts/demo" out "$BUILD"
	assert_code 0
	assert_out 'This machine is online.'
	assert_out '--allow-online'
	run jq -e '.offline == false' out/export/pins.json
	assert_code 0
}

test_passphrases_stand_on_no_command_line() {
	run grep -E '^ +\$ .*(the operator of|for the journey of)' "$DIR/printed"
	assert_code 1
}

test_it_is_made_anew() {
	cp -R "$DIR/out" out
	before=$(cat out/vault/vault.pub)
	touch out/stray
	run demo out
	assert_code 0
	assert_no_file out/stray
	[ "$before" != "$(cat out/vault/vault.pub)" ] || fail 'it is the same vault'
}

test_a_folder_of_others_is_left_alone() {
	mkdir other
	echo precious >other/file
	run demo other
	assert_code 1
	assert_err 'no earlier rehearsal of ours'
	assert_same "$(cat other/file)" precious
}

run_tests
