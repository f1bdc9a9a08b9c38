#!/bin/bash
# SPDX-License-Identifier: ISC
# Share files that are locked with a card: worth nothing without it, nor it without them.
# shellcheck source=tests/cards/pcscd.bash
. "$(dirname "$0")/../cards/pcscd.bash"

PINS=$'anna=123456\nben=123456\ncleo=123456\nFFFE:0000000A=123456\nFFFE:0000000B=123456'
card() { printf 'card:%s' "$(reader "$1")"; }
A=$DIR/media/anna B=$DIR/media/ben C=$DIR/media/cleo

# with_pins COMMAND...: coldspare with the operator's passphrase and everybody's PIN.
with_pins() { coldspare --vault "$DIR/vault" --passphrase-fd 9 --pin-fd 8 "$@" 9<<<"$PASSPHRASE" 8<<<"$PINS"; }
anna() { insert 0 anna openpgp --serial 0000000a --size 254 "$@"; }
ben() { insert 1 ben openpgp --serial 0000000b --size 254; }

# A vault of 2 of 3, anna's shares locked with her card of 254 bytes.
fresh() {
	rm -rf "${DIR:?}/vault" "${DIR:?}/media" "${CARDS:?}"/*
	mkdir -p "$A" "$B" "$C"
	anna
	run with_pins init --name 'Locked Vault' --threshold 2 --kdf interactive \
		--custodian anna="dir:$A+$(card 0)" --custodian ben=dir:"$B" --custodian cleo=dir:"$C"
	assert_code 0
}
generate() {
	run with_pins --json generate --domain example.org "${@:---backups=1}"
	assert_code 0
	KEY=$(jq -r '.keys[0].key' "$stdout") PIN=$(jq -r '.keys[0].pin' "$stdout")
}
# share_of FOLDER KEY: its file.
share_of() { echo "$1/$2".*.share; }

test_fifty_keys_on_a_card_of_254_bytes() {
	local first
	fresh
	generate --backups 50
	assert_same "$(grep -l '^locked: card FFFE:0000000A ' "$A"/*.share | wc -l)" 51
	assert_same "$(grep -l '^data:' "$A"/*.share | wc -l)" 0
	first=$KEY
	run with_pins drill --all --from "dir:$A+$(card 0)" --from dir:"$B"
	assert_code 0
	assert_same "$(grep -c '^good: ' "$stdout")" 51
	assert_err 'the card FFFE:0000000A is that of anna'
	run with_pins recover "$first" --to key.pem --plaintext --from dir:"$C" --from "dir:$A+$(card 0)"
	assert_code 0
	assert_same "$(openssl pkey -in key.pem -pubout -outform der | openssl dgst -sha256 -binary | base64)" \
		"$PIN"
	generate
	run with_pins drill "$KEY" --from "dir:$A+$(card 0)" --from dir:"$B" --from dir:"$C"
	assert_code 0
	assert_out '3 combinations'
}

test_the_file_without_the_card_and_the_card_without_the_file_are_worth_nothing() {
	fresh
	generate
	run with_pins recover "$KEY" --to key.pem --plaintext --from dir:"$A" --from dir:"$B"
	assert_code 78
	assert_err 'locked with the smartcard FFFE:0000000A: it cannot be used without'
	assert_err 'hint: with that card in a reader, give the folder as dir:PATH+card:READER'
	assert_no_file key.pem
	run with_pins share list "$(card 0)"
	assert_code 66
	assert_out 'there is no share'
	run with_pins recover "$KEY" --to key.pem --plaintext --from "$(card 0)" --from dir:"$B"
	assert_code 78
	assert_no_file key.pem
}

test_shares_are_looked_at_with_and_without_the_card() {
	local file
	fresh
	generate
	file=$(share_of "$A" "$KEY")
	run with_pins share show "$file"
	assert_code 0
	assert_out 'locked      with the smartcard FFFE:0000000A'
	assert_not_out "$(grep ^locked: "$file" | grep -o '[^ ]*$')"
	run with_pins share verify "$file"
	assert_code 0
	assert_out 'locked, signature good; its payload can be checked with --unlock only'
	run with_pins share verify "$file" --unlock "$(card 0)"
	assert_code 0
	assert_out 'locked, signature good; payload checked with the smartcard FFFE:0000000A'
	run with_pins --json share verify "$file" --unlock "$(card 0)"
	assert_json '.shares[0] | .ok and .locked and .unlocked'
	run with_pins share list "dir:$A+$(card 0)"
	assert_code 0
	assert_same "$(grep -c 'which opened it' "$stdout")" 2
	run with_pins share raw "$file" --to .
	assert_code 78
	assert_err 'is locked with the smartcard FFFE:0000000A'
	run with_pins share raw "$file" --to . --unlock "$(card 0)"
	assert_code 0
	run coldspare --vault "$DIR/vault" share raw "$(share_of "$B" "$KEY")" --to .
	gfcombine -o kek "$KEY".*.001 "$KEY".*.002
	assert_same "$(stat -c %s kek)" 32
}

# altered SED: anna's share with that done to it is refused with 77.
altered() {
	local file
	file=$(share_of "$A" "$KEY")
	sed "$1" "$file" >altered.share
	! cmp -s "$file" altered.share || fail "nothing altered by $1"
	run with_pins share verify altered.share --unlock "$(card 0)"
	assert_code 77
	run with_pins recover "$KEY" --to key.pem --plaintext --from "dir:altered.share+$(card 0)" --from dir:"$B"
	assert_code 78
	assert_no_file key.pem
}

test_a_new_set_is_locked_with_the_secret_that_the_card_has() {
	fresh
	generate
	cp "$CARDS/anna" card
	mkdir new
	run with_pins reshare "$KEY" --from "dir:$A+$(card 0)" --from dir:"$B" \
		--custodian anna="dir:$PWD/new+$(card 0)" --custodian ben=dir:"$B" --custodian cleo=dir:"$C"
	assert_code 0
	cmp "$CARDS/anna" card || fail 'the card was written to'
	assert_same "$(grep -l '^locked: card FFFE:0000000A ' new/*.share | wc -l)" 1
	run with_pins drill "$KEY" --from "dir:$PWD/new+$(card 0)" --from dir:"$C"
	assert_code 0
}

test_an_altered_lock_is_refused() {
	local nonce sealed
	fresh
	generate
	read -r _ _ _ nonce sealed <<<"$(grep '^locked: ' "$(share_of "$A" "$KEY")")"
	altered "/^locked/s/$nonce/$(tr 0-9a-f 1-9a-f0 <<<"$nonce")/"
	assert_err 'its lock does not open: it was altered'
	altered "/^locked/s| ${sealed:0:8}| $(tr A-Za-z0-9+/ B-Za-z0-9+/A <<<"${sealed:0:8}")|"
	assert_err 'its lock does not open: it was altered'
	altered '/^locked/s/FFFE:0000000A/FFFE:0000000B/'
	assert_err 'the card FFFE:0000000A is not the one of that custodian, which is FFFE:0000000B'
	altered '/^created/s/20../2020/'
}

test_the_wrong_card_is_refused_by_serial_and_by_name() {
	fresh
	generate
	ben
	run with_pins recover "$KEY" --to key.pem --plaintext --from "dir:$A+$(card 1)" --from dir:"$B"
	assert_code 78
	assert_err 'the card FFFE:0000000B is not the one of that custodian, which is FFFE:0000000A'
	run with_pins share verify "$(share_of "$A" "$KEY")" --unlock "$(card 1)#FFFE:0000000B"
	assert_code 77
	assert_err 'locked with the smartcard FFFE:0000000A: the one in'
	run with_pins generate --domain example.org --custodian anna="dir:$A+$(card 1)"
	assert_code 77
	assert_err 'FFFE:0000000B is not the one of anna, which is FFFE:0000000A'
	mkdir d e
	generate --custodian ben="dir:$PWD/d+$(card 1)"
	run with_pins generate --domain example.org --custodian anna="dir:$PWD/e+$(card 1)"
	assert_code 78
	assert_err 'this is the card of ben, not of anna'
	assert_empty_dir e
	run with_pins drill "$KEY" --from "dir:$A+$(card 0)" --from "dir:$PWD/d+$(card 1)"
	assert_code 0
}

test_two_custodians_share_neither_card_nor_folder() {
	local ben
	fresh
	for ben in "dir:$B+$(card 0)" "dir:$A" "$(card 0)"; do
		run coldspare --vault other --passphrase-fd 9 --pin-fd 8 init --name Other --threshold 2 \
			--kdf interactive --custodian anna="dir:$A+$(card 0)" --custodian ben="$ben" \
			9<<<"$PASSPHRASE" 8<<<"$PINS"
		assert_code 78
		assert_err 'custodians anna and ben have the same medium'
		assert_no_file other
	done
}

test_a_card_pulled_while_it_gets_its_secret_leaves_nothing() {
	local n=1
	while fresh_pulled "$n"; do n=$((n + 2)); done
	[ "$n" -gt 12 ] || fail "only $n APDUs"
}
# fresh_pulled N: whether the making of a vault got to the N-th APDU, where anna's card was pulled.
fresh_pulled() {
	rm -rf "${DIR:?}/vault" "${DIR:?}/media" "${CARDS:?}"/*
	mkdir -p "$A" "$B"
	anna --die-at "$1"
	run with_pins init --name 'Locked Vault' --threshold 2 --kdf interactive \
		--custodian anna="dir:$A+$(card 0)" --custodian ben=dir:"$B"
	[ "$status" != 0 ] || return 1
	assert_code 69
	assert_empty_dir "$A"
	assert_empty_dir "$B"
	assert_no_file "$DIR/vault"
}

test_a_run_that_fails_takes_the_secret_back() {
	rm -rf "${DIR:?}/vault" "${DIR:?}/media" "${CARDS:?}"/*
	mkdir -p "$A" "$B"
	anna
	insert 1 ben openpgp --serial 0000000b --size 4096 --tear 1
	run with_pins init --name 'Locked Vault' --threshold 2 --kdf interactive \
		--custodian anna="dir:$A+$(card 0)" --custodian ben="$(card 1)"
	assert_code 69
	assert_no_file "$DIR/vault"
	assert_empty_dir "$A"
	run with_pins card erase "$(reader 0)"
	assert_code 0
	assert_out "holds nothing of Coldspare's"
}

test_a_card_without_room_and_an_erased_one_are_told() {
	fresh
	generate
	ben
	apdus 1 00A4040006D27600012401 0020008206313233343536 00DA010305000102FEFF
	mkdir d
	run with_pins generate --domain example.org --custodian ben="dir:$PWD/d+$(card 1)"
	assert_code 78
	assert_err "holds something that is not Coldspare's"
	assert_empty_dir d
	run typed 'to go on:' FFFE:0000000A --pin-fd 8 card erase "$(reader 0)" 8<<<"$PINS"
	assert_code 0
	assert_out '1 lock secret is among them: what it locked stays closed for good.'
	run with_pins recover "$KEY" --to key.pem --plaintext --from "dir:$A+$(card 0)" --from dir:"$B"
	assert_code 78
	assert_err 'the smartcard FFFE:0000000A has no secret for anna in this vault'
}

start_pcscd 2
run_tests
