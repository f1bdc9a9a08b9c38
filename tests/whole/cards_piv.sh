#!/bin/bash
# SPDX-License-Identifier: ISC
# Shares on PIV cards: reading wants the PIN, writing the management key as well.
# shellcheck source=tests/cards/pcscd.bash
. "$(dirname "$0")/../cards/pcscd.bash"

# The factory's key, of 3DES and of AES-256. Anna's card is a YubiKey, Ben's tells next to nothing about itself.
KEY=0102030405060708010203040506070801020304050607080102030405060708
ANNA=195949845 BEN=0000000000000000000000000badcafe
PINS="anna=123456
ben=123456
$ANNA=123456
$BEN=123456
ADMIN-anna=${KEY:0:48}
ADMIN-ben=$KEY"
card() { printf 'card:%s' "$(reader "$1")"; }
with_pins() {
	local pins=$1
	shift
	coldspare --vault "$DIR/vault" --passphrase-fd 9 --pin-fd 8 "$@" 9<<<"$PASSPHRASE" 8<<<"$pins"
}
anna() { insert 0 anna piv --serial 0badf515; }
ben() { insert 1 ben piv --old --algorithm aes256 --serial 0badcafe "$@"; }

# Fresh cards, and a fresh vault on them and on a folder: 2 of 3.
vault_on_cards() {
	rm -rf "$DIR/vault" "$DIR/dora" "${CARDS:?}"/*
	mkdir "$DIR/dora"
	anna
	ben "$@"
	run with_pins "$PINS" init --name 'Card Vault' --threshold 2 --kdf interactive \
		--custodian anna="$(card 0)" --custodian ben="$(card 1)" --custodian dora=dir:"$DIR/dora"
	assert_code 0
}
generate() {
	run with_pins "$PINS" --json generate --domain example.org --backups 1
	assert_code 0
	KEYID=$(jq -r '.keys[0].key' "$stdout") PIN=$(jq -r '.keys[0].pin' "$stdout")
}
recovers() {
	rm -f key.pem
	run with_pins "$PINS" recover "$KEYID" --to key.pem --plaintext --from "$1" --from "$2"
	assert_code 0
	assert_same "$(openssl pkey -in key.pem -pubout -outform der | openssl dgst -sha256 -binary | base64)" \
		"$PIN"
}
# objects CARD: those that were ever written by a user, by number.
objects() { grep -o '^5fc1[0-9a-f]* ' "$CARDS/$1" | tr -d '\n'; }

test_every_pair_of_cards_and_folder_recovers_and_5fc109_is_left_alone() {
	vault_on_cards
	generate
	assert_err "warning: the PIV card $ANNA has its factory PIN"
	assert_err "warning: the PIV card $BEN has its factory management key"
	recovers "$(card 0)" "$(card 1)"
	recovers "$(card 0)" "dir:$DIR/dora"
	recovers "dir:$DIR/dora" "$(card 1)"
	assert_same "$(objects anna)" '5fc103 5fc108 '
	assert_same "$(objects ben)" '5fc102 5fc103 5fc108 '
	# Reading wants the PIN and no more.
	run with_pins "$(grep -v ADMIN <<<"$PINS")" share list "$(card 1)"
	assert_code 0
	assert_not_err 'management key'
}

test_without_the_right_management_key_nothing_is_written() {
	local before
	vault_on_cards
	before=$(cat "$CARDS/anna" "$CARDS/ben")
	for key in "${KEY:0:62}ff" "${KEY:0:48}" 0102; do
		run with_pins "${PINS/ADMIN-ben=$KEY/ADMIN-ben=$key}" generate --domain example.org
		assert_code 77
	done
	assert_err 'a management key is 32, 48 or 64 hexadecimal digits: not tried'
	run with_pins "$(grep -v ADMIN-ben <<<"$PINS")" generate --domain example.org
	assert_code 78
	assert_err "management key of the PIV card $BEN of ben, or \"factory\": there is no terminal to ask on"
	assert_same "$(cat "$CARDS/anna" "$CARDS/ben")" "$before"
	run with_pins "${PINS/ADMIN-ben=$KEY/ADMIN-ben=factory}" generate --domain example.org
	assert_code 0
}

test_what_the_card_refuses_is_written_without_its_sealed_key_or_taken_back() {
	local before
	vault_on_cards --size 380
	generate
	grep -q '"detached":\[2\]' "$DIR/vault/journal.jsonl" || fail 'it is not journalled'
	recovers "$(card 0)" "$(card 1)"
	before=$(cat "$CARDS/ben")
	run with_pins "$PINS" generate --domain example.org
	assert_code 78
	assert_err 'bytes are more than the card takes (6A84)'
	assert_err 'hint: use a card with more room, or lock a folder by the card'
	assert_same "$(cat "$CARDS/ben")" "$before"
}

test_what_is_not_ours_is_never_overwritten() {
	local facial=5fc108 finger=5fc103
	vault_on_cards
	eject 1
	sed -i "/^$finger/d; /^$facial/d" "$CARDS/ben"
	echo "$finger bc0102fe00" >>"$CARDS/ben"
	sort -o "$CARDS/ben" "$CARDS/ben"
	ben
	generate
	grep -qx "$finger bc0102fe00" "$CARDS/ben" || fail 'it was touched'
	recovers "$(card 1)" "$(card 0)"
	eject 1
	sed -i "s/^$facial .*/$facial 0102/" "$CARDS/ben"
	ben
	run with_pins "$PINS" generate --domain example.org
	assert_code 78
	assert_err 'do not fit on the card'
	grep -qx "$facial 0102" "$CARDS/ben" || fail 'it was touched'
}

test_a_wrong_pin_a_blocked_one_and_the_wrong_card_are_told_apart() {
	local wrong=${PINS/ben=123456/ben=654321}
	vault_on_cards
	run with_pins "$wrong" generate --domain example.org
	assert_code 77
	assert_err "wrong PIN for the PIV card $BEN"
	assert_err 'hint: 2 tries are left'
	run with_pins "$PINS" generate --domain example.org --custodian ben="$(card 1)#$ANNA"
	assert_code 77
	assert_err "the card $BEN is not the one of ben, which is $ANNA"
	apdus 1 00A4040005A000000308 0020008008363534333231FFFF 0020008008363534333231FFFF
	run with_pins "$PINS" generate --domain example.org
	assert_code 77
	assert_err "the PIN of the PIV card $BEN is blocked"
}

test_prepare_changes_whatever_is_the_factorys() {
	local key=1122334455667788112233445566778811223344556677aa id=$ANNA secrets
	rm -f "$CARDS/anna"
	anna
	secrets="$id=123456
ADMIN-$id=factory
PUK-$id=12345678
NEW-$id=918273
NEW-ADMIN-$id=$key
NEW-PUK-$id=81726354"
	run with_pins "${secrets/$key/${key:0:32}}" card prepare "$(reader 0)"
	assert_code 77
	assert_err "$(reader 0): a management key of 3DES has 48 hexadecimal digits"
	# Nothing is changed before all was asked for.
	run with_pins "$secrets" card prepare "$(reader 0)"
	assert_code 0
	assert_out "PIV card $id: its management key was changed"
	assert_out "PIV card $id: its PUK was changed"
	run coldspare card info "$(reader 0)"
	assert_out 'management key: one of its own'
	assert_out 'PUK: one of its own'
	# The card says which are its own: those are not asked for.
	run with_pins "$id=918273" card prepare "$(reader 0)"
	assert_code 0
	assert_err_is_only_the_prompt
	run with_pins "ADMIN-$id=factory" card change-pin --admin "$(reader 0)"
	assert_code 77
	assert_err "wrong management key for the PIV card $id"
	run with_pins "PUK-$id=81726355"$'\n'"NEW-PUK-$id=11111111" card change-pin --puk "$(reader 0)"
	assert_code 77
	assert_err "wrong PUK for the PIV card $id"
	run yubico-piv-tool --reader "$(reader 0)" --key="$key" -a verify-pin --pin 918273
	assert_code 0
}
assert_err_is_only_the_prompt() { assert_same "$(grep -vc 'PIN of the PIV card' "$stderr")" 0; }

test_erase_wants_the_typed_serial_and_the_management_key_and_removes_only_ours() {
	vault_on_cards
	eject 1
	echo '5fc109 88020102' >>"$CARDS/ben"
	sort -o "$CARDS/ben" "$CARDS/ben"
	ben
	run with_pins "$PINS" card erase "$(reader 1)"
	assert_code 78
	assert_err 'not confirmed'
	run typed 'to go on:' "$BEN" --pin-fd 8 card erase "$(reader 1)" 8<<<"$BEN=123456"$'\n'"ADMIN-$BEN=${KEY:0:62}00"
	assert_code 77
	assert_out 'wrong management key'
	assert_same "$(objects ben)" '5fc102 5fc103 5fc109 '
	run typed 'to go on:' "$BEN" --pin-fd 8 card erase "$(reader 1)" 8<<<"$BEN=123456"$'\n'"ADMIN-$BEN=$KEY"
	assert_code 0
	assert_out '1 record erased'
	assert_same "$(objects ben)" '5fc102 5fc109 '
	run coldspare card change-pin --admin --puk "$(reader 1)"
	assert_code 64
	run with_pins "$PINS" card prepare nowhere
	assert_code 69
}

test_card_info_says_which_driver_and_why() {
	rm -f "$CARDS/anna"
	anna
	run coldspare card info "$(reader 0)"
	assert_code 0
	assert_out "PIV card $ANNA in"
	assert_out 'driver: piv, the first that the card has an application for'
	assert_out 'room of each: at most 3063 bytes'
	assert_out 'management key: the one it has out of the box'
	run coldspare --json card info "$(reader 0)"
	assert_json '.driver == "piv" and .room_unknown and .factory == {"management key": true, "PUK": true}'
	run coldspare card info "piv@$(reader 0)"
	assert_out 'driver: piv, as asked for'
	run coldspare card info "openpgp@$(reader 0)"
	assert_code 69
	assert_err 'this card cannot keep shares: no OpenPGP card application'
}

start_pcscd 2
run_tests
