#!/bin/bash
# SPDX-License-Identifier: ISC
# scripts/test-cards, on simulated cards: it asks first, writes to empty cards only, and leaves them empty.
# shellcheck source=tests/cards/pcscd.bash
. "$(dirname "$0")/../cards/pcscd.bash"

# answered LINES MEDIUM: with those lines typed.
answered() { "$ROOT/scripts/test-cards" "$BUILD" "$2" <<<"$1"; }

assert_empty_card() {
	run coldspare --pin-fd 8 card erase "$1" 8<<<"$2"
	assert_code 0
	assert_out "holds nothing of Coldspare's"
}

test_an_openpgp_card_passes_and_stays_empty() {
	insert 0 anna openpgp --serial 0000000a --size 4096
	run answered $'FFFE:0000000A\n123456' 0
	assert_code 0
	assert_out 'ok test_4_the_key_comes_back'
	assert_out '| openpgp | 0.1.0 | passed |'
	assert_not_out SKIP
	assert_empty_card 0 FFFE:0000000A=123456
}

test_a_small_card_is_tried_as_a_lock() {
	insert 0 ben openpgp --serial 0000000b --size 254
	run answered $'FFFE:0000000B\n123456' "card:$(reader 0)"
	assert_code 0
	assert_out 'ok test_5_a_drill_proves_both_keys'
	assert_out 'ok test_6_another_custodian_is_refused # SKIP'
	assert_empty_card 0 FFFE:0000000B=123456
}

test_a_piv_card_is_asked_for_its_management_key() {
	local serial
	insert 0 cleo piv
	run coldspare --json card info 0
	serial=$(jq -r .serial "$stdout")
	run answered "$serial"$'\n123456\nfactory' 0
	assert_code 0
	assert_out "| piv | 0.1.0 | passed |"
}

test_a_token_behind_a_module_passes() {
	local serial
	make_token dora 4711dora >/dev/null
	serial=$(softhsm2-util --show-slots | sed -n 's/ *Serial number: *\([0-9a-f]\)/\1/p' | head -n 1)
	echo theirs >theirs
	pkcs11-tool --module "$SOFTHSM" --login --pin 4711dora --type data --write-object theirs --label theirs \
		--private
	run answered "$serial"$'\n4711dora' "pkcs11:$SOFTHSM"
	assert_code 0
	assert_out '| pkcs11 | 0.1.0 | passed |'
	run pkcs11-tool --module "$SOFTHSM" --login --pin 4711dora --type data --list-objects
	assert_same "$(grep -c label: "$stdout")" 1
	assert_out "'theirs'"
}

test_nothing_is_done_without_the_serial_or_to_a_card_in_use() {
	insert 0 emil sc-hsm --serial TEST0000042
	cp "$CARDS/emil" before
	run answered $'yes\n648219' 0
	assert_code 78
	assert_err 'that is not its serial: nothing was done'
	run answered '' 0
	assert_code 78
	run answered $'TEST0000042\n111111' 0
	assert_code 77
	assert_err 'wrong PIN'
	mkdir one
	run coldspare --vault vault --passphrase-fd 9 --pin-fd 8 init --name V --threshold 2 --kdf interactive \
		--custodian anna=card:0 --custodian ben=dir:one 9<<<"$PASSPHRASE" 8<<<anna=648219
	assert_code 0
	cp "$CARDS/emil" before
	run answered $'TEST0000042\n648219' 0
	assert_code 78
	assert_err 'use an empty one'
	cmp before "$CARDS/emil"
	run "$ROOT/scripts/test-cards" "$BUILD" ''
	assert_code 64
}

test_a_card_that_fails_is_left_empty_all_the_same() {
	insert 0 fay sc-hsm --serial TEST0000043 --room 400
	run answered $'TEST0000043\n648219' 0
	assert_code 1
	assert_out 'not ok test_2_a_key_is_split_and_proven'
	assert_out '| sc-hsm | 0.1.0 | failed |'
	assert_empty_card 0 TEST0000043=648219
}

test_make_hands_the_reader_on() {
	run env -u MAKEFLAGS make -C "$ROOT" -n test-cards READER='Some Reader 00'
	assert_code 0
	grep -q "^scripts/test-cards build/[a-z-]* 'Some Reader 00'" "$stdout" || fail 'it is not handed on'
}

start_pcscd 1
run_tests
