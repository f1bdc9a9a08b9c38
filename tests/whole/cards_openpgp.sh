#!/bin/bash
# SPDX-License-Identifier: ISC
# Shares on OpenPGP cards, from init to recover, and what can go wrong between a card and us.
# shellcheck source=tests/cards/pcscd.bash
. "$(dirname "$0")/../cards/pcscd.bash"

# A custodian is known by name where shares are dealt, and by the card's serial where they are gathered.
PINS=$'anna=123456\nben=123456\ncleo=123456\nFFFE:0000000A=123456\nFFFE:0000000B=123456\nFFFE:0000000C=123456'
card() { printf 'card:%s' "$(reader "$1")"; }

# with_pins LINES COMMAND...: coldspare with the operator's passphrase and these PINs.
with_pins() {
	local pins=$1
	shift
	coldspare --vault "$DIR/vault" --passphrase-fd 9 --pin-fd 8 "$@" 9<<<"$PASSPHRASE" 8<<<"$pins"
}

# cards [OPTION...]: anna's, ben's and cleo's card in the readers 0, 1 and 2.
cards() {
	insert 0 anna openpgp --serial 0000000a --size 4096 "$@"
	insert 1 ben openpgp --serial 0000000b --size 4096 "$@"
	insert 2 cleo openpgp --serial 0000000c --size 4096 "$@"
}

# Fresh cards, and a fresh vault on them and on a folder: 2 of 4.
vault_on_cards() {
	rm -rf "$DIR/vault" "$DIR/dora" "${CARDS:?}"/*
	mkdir "$DIR/dora"
	cards "$@"
	run with_pins "$PINS" init --name 'Card Vault' --threshold 2 --kdf interactive \
		--custodian anna="$(card 0)" --custodian ben="$(card 1)" --custodian cleo="$(card 2)" \
		--custodian dora=dir:"$DIR/dora"
	assert_code 0
}
generate() {
	run with_pins "$PINS" --json generate --domain example.org --backups 1
	assert_code 0
	KEY=$(jq -r '.keys[0].key' "$stdout") PIN=$(jq -r '.keys[0].pin' "$stdout")
}
recovers() {
	rm -f key.pem
	run with_pins "$PINS" recover "$KEY" --to key.pem --plaintext "$@"
	assert_code 0
	assert_same "$(openssl pkey -in key.pem -pubout -outform der | openssl dgst -sha256 -binary | base64)" \
		"$PIN"
}

test_every_pair_of_cards_and_folder_recovers() {
	local pair places
	vault_on_cards
	generate
	places=("$(card 0)" "$(card 1)" "$(card 2)" "dir:$DIR/dora")
	for pair in '0 1' '0 2' '0 3' '1 2' '1 3' '2 3'; do
		read -r a b <<<"$pair"
		recovers --from "${places[$a]}" --from "${places[$b]}"
	done
}

# held N: what is on that card, a line for each share, without what was printed before them.
held() {
	run with_pins "$PINS" share list "$(card "$1")"
	grep -o 'card FFFE:.*share' "$stdout" | sed 's/.*: //' || true
}

test_shares_of_several_keys_stand_beside_each_other() {
	local first
	vault_on_cards
	generate
	first=$KEY
	generate
	assert_same "$(held 0 | grep -c .)" 3
	held 0 | grep -q "^$first\." || fail 'the first is gone'
	held 0 | grep -q "^$KEY\." || fail 'the second is not there'
	held 0 | grep -q '^vault-signing-key\.' || fail 'the signing key is gone'
}

test_a_lost_card_is_replaced_and_cards_take_another_set() {
	local pins="$PINS"$'\n''FFFE:0000000D=123456' old
	vault_on_cards
	generate
	# Neither a card with a good share nor another custodian's takes it.
	run with_pins "$pins" replace-share --all --from "$(card 0)" --from "$(card 1)" --custodian cleo="$(card 2)"
	assert_code 78
	assert_err 'has a good share of that set already: number 3 of cleo'
	run with_pins "$pins" replace-share --all --from "$(card 0)" --from "$(card 1)" --custodian cleo="$(card 1)"
	assert_code 78
	insert 2 cleo-too openpgp --serial 0000000d --size 4096
	run with_pins "$pins" replace-share --all --from "$(card 0)" --from "$(card 1)" --custodian cleo="$(card 2)"
	assert_code 0
	assert_out 'in place of number 3 of cleo'
	PINS=$pins recovers --from "$(card 0)" --from "$(card 2)"
	PINS=$pins recovers --from "$(card 2)" --from dir:"$DIR/dora"

	old=$(held 0 | grep "^$KEY\.")
	run with_pins "$pins" reshare "$KEY" --from "$(card 0)" --from "$(card 2)" --custodian anna="$(card 0)" \
		--custodian cleo="$(card 2)"
	assert_code 0
	assert_same "$(held 0 | grep -c "^$KEY\.")" 2
	run with_pins "$pins" recover "$KEY" --to two.pem --plaintext --from "$(card 0)" --from "$(card 2)"
	assert_code 78
	assert_err 'more than one set'
	run typed 'to go on:' FFFE:0000000A --pin-fd 8 card erase "$(card 0 | cut -d: -f2-)" --share "$old" 8<<<"$pins"
	assert_code 0
	PINS=$pins recovers --from "$(card 0)" --from "$(card 2)"
}

# ceremony_of MEDIUM...: `ceremony --check` of a plan with these, and without a PIN.
ceremony_of() {
	printf '%s\n' 'vault = "Card Vault"' 'threshold = 2' 'max-age = "60d"' 'backups = 1' \
		'algorithms = {"ec:p256"}' 'kdf = "interactive"' 'domain "example.org" { }' \
		"export = \"dir:$PWD/public\"" >plan
	for medium; do
		printf 'custodian "c%d" { medium = "%s" }\n' "$(wc -l <plan)" "$medium" >>plan
	done
	run coldspare --allow-swap --json ceremony --check plan
	assert_code 78
}
said() { jq -r --arg c "$1" '.checks[] | select(.id == $c) | .verdict + " " + .message' "$stdout"; }

test_a_ceremonys_check_knows_cards_before_their_pins() {
	cards
	insert 1 ben openpgp --serial 0000000b --size 600
	ceremony_of "$(card 0)" "$(card 1)" "$(card 0)#FFFE:0000000A" "$(card 2)x" \
		"dir:$PWD+$(card 0)" "dir:$PWD+$(card 2)x"
	[[ $(said c8) == 'ok card:'*', OpenPGP card FFFE:0000000A: 4.0 KiB in all, 2 shares take '* ]] ||
		fail 'the card is not known'
	[[ $(said c9) == 'warn '*'hold the 2 shares without their sealed keys'* ]] || fail 'room'
	[[ $(said c10) == 'fail '*'the same medium as that of c8'* ]] || fail 'the same card twice'
	[[ $(said c11) == 'fail '* ]] || fail 'a reader that is not there'
	[[ $(said c12) == 'fail '*'the same medium as that of c8'* ]] || fail 'a card, and a folder locked with it'
	[[ $(said c13) == 'fail '*'no reader is called'* ]] || fail 'a lock that is not there'
	run coldspare card info "$(reader 0)"
	assert_out 'tries of the PIN left: 3'
}

test_cards_are_called_for_one_after_the_other() {
	rm -rf "$DIR/vault" "${CARDS:?}"/*
	cards
	printf '%s\t%s\n' 'READER\): ' "$(card 0)" 'READER\): ' "$(card 0)" 'READER\): ' "$(card 1)" \
		'READER\): ' "$(card 1)" 'READER\): ' "$(card 0)" 'READER\): ' "$(card 1)" \
		'*tries left\): ' 123456 '*of the vault: ' "$PASSPHRASE" '*\(again\): ' "$PASSPHRASE" >answers
	run python3 "$ROOT/tests/whole/typed.py" --answers answers "${OFFLINE[@]}" "$BUILD/coldspare" --vault "$DIR/vault" init \
		--name 'Card Vault' --threshold 2 --kdf interactive --custodian anna=prompt:anna --custodian ben=prompt:ben
	assert_code 0
	assert_out 'that will not do: '
	assert_out 'not the medium that was written to'
	run with_pins "$PINS" drill --all --from "$(card 0)" --from "$(card 1)"
	assert_code 0
}

test_a_factory_pin_is_a_warning_at_every_use() {
	vault_on_cards
	assert_err 'has its factory PIN'
	generate
	assert_err 'FFFE:0000000B has its factory PIN'
}

test_tries_are_shown_and_one_wrong_pin_spends_one() {
	vault_on_cards
	run with_pins "${PINS/ben=123456/ben=654321}" generate --domain example.org
	assert_code 77
	assert_err 'PIN of the OpenPGP card FFFE:0000000B of ben (3 tries left)'
	assert_err 'wrong PIN for the OpenPGP card FFFE:0000000B'
	assert_err 'hint: 2 tries are left'
	run with_pins "${PINS/ben=123456/ben=12}" generate --domain example.org
	assert_code 77
	assert_err 'no try was spent'
	assert_err '(2 tries left)'
}

test_the_last_try_is_not_spent_without_a_yes_and_a_blocked_pin_is_told() {
	local wrong=${PINS/ben=123456/ben=654321}
	vault_on_cards
	run with_pins "$wrong" generate --domain example.org
	run with_pins "$wrong" generate --domain example.org
	assert_err 'hint: 1 tries are left'
	run with_pins "$PINS" generate --domain example.org
	assert_code 78
	assert_err 'not confirmed'
	apdus 1 00A4040006D27600012401 0020008206363534333231
	run with_pins "$PINS" generate --domain example.org
	assert_code 77
	assert_err 'PIN of the OpenPGP card FFFE:0000000B is blocked'
	assert_err "hint: unblock it with the card's own tools"
}

test_a_kdf_is_honoured() {
	vault_on_cards --kdf
	generate
	recovers --from "$(card 0)" --from "$(card 2)"
}

test_two_custodians_do_not_share_a_card() {
	cards
	run with_pins "$PINS" --vault other init --name Other --threshold 2 --kdf interactive \
		--custodian anna="$(card 0)" --custodian ben="$(card 0)"
	assert_code 64
	run coldspare --vault other --passphrase-fd 9 --pin-fd 8 init --name Other --threshold 2 \
		--kdf interactive --custodian anna="$(card 0)" --custodian ben="$(card 0)" \
		9<<<"$PASSPHRASE" 8<<<"$PINS"
	assert_code 78
	assert_err 'custodians anna and ben have the same medium'
	assert_no_file other
}

test_the_wrong_card_is_refused_by_serial_and_by_name() {
	vault_on_cards
	run with_pins "$PINS" generate --domain example.org --custodian ben="$(card 1)#FFFE:0000000A"
	assert_code 77
	assert_err 'the card FFFE:0000000B is not the one of ben, which is FFFE:0000000A'
	run with_pins "$PINS" generate --domain example.org --custodian ben="$(card 2)" \
		--custodian cleo="$(card 1)"
	assert_code 78
	# Media are written at the same time: whose comes first differs from run to run.
	grep -qE 'this is the card of (cleo, not of ben|ben, not of cleo)' "$stderr" || fail 'no name is told'
	assert_same "$(held 1 | grep -c .)" 1
}

test_what_does_not_fit_is_refused_before_anything_is_written() {
	rm -rf "${CARDS:?}"/*
	mkdir dora
	insert 0 anna openpgp --serial 0000000a --size 4096
	insert 1 ben openpgp --serial 0000000b --size 254
	run coldspare --vault vault --passphrase-fd 9 --pin-fd 8 init --name Small --threshold 2 \
		--kdf interactive --custodian anna="$(card 0)" --custodian ben="$(card 1)" \
		--custodian dora=dir:dora 9<<<"$PASSPHRASE" 8<<<"$PINS"
	assert_code 78
	assert_err 'do not fit on the card'
	assert_err 'hint: use a card with more room, or lock a folder by the card'
	assert_no_file vault
	assert_empty_dir dora
	! grep -q '^103 ' "$CARDS/anna" || fail "anna's card was written to"
}

test_a_sealed_key_that_does_not_fit_is_left_out_and_said_until_the_vault_is_backed_up() {
	vault_on_cards
	assert_not_out 'without the sealed key'
	insert 1 ben openpgp --serial 0000000b --size 700
	run with_pins "$PINS" generate --domain example.org --backups 1
	assert_code 0
	assert_out "ben, $(card 1), without the sealed key"
	assert_not_out 'back it up'
	insert 0 anna openpgp --serial 0000000a --size 1250
	insert 1 ben openpgp --serial 0000000b --size 1000
	run with_pins "$PINS" generate --domain second.org --backups 1
	assert_code 0
	assert_out '2 of 4 shares carry the sealed key'
	run coldspare --vault "$DIR/vault" --json status
	assert_json '.warnings[] | select(.id == "detached").message | contains("second.org") and (contains("example.org") | not)'
}

test_what_is_not_ours_is_never_overwritten() {
	vault_on_cards
	insert 1 eve openpgp --serial 0000000b
	apdus 1 00A4040006D27600012401 0020008206313233343536 00DA010305000102FEFF
	run with_pins "$PINS" generate --domain example.org
	assert_code 78
	assert_err "holds something that is not Coldspare's"
	grep -qx '103 000102feff' "$CARDS/eve" || fail 'it was touched'
}

test_no_pcscd_no_reader_and_no_card_are_told_apart() {
	vault_on_cards
	generate
	run with_pins "$PINS" recover "$KEY" --to key.pem --plaintext --from card:nowhere --from card:9
	assert_code 78
	assert_err 'no reader is called "nowhere"'
	assert_err '0: Virtual 0 00 00; 1: Virtual 0 00 01'
	eject 1
	run with_pins "$PINS" generate --domain example.org
	assert_code 69
	assert_err "$(reader 1): there is no card in the reader"
	assert_err "insert ben's card into $(reader 1)"
	stop_pcscd
	run with_pins "$PINS" generate --domain example.org
	assert_code 69
	assert_err 'pcscd does not run'
	start_pcscd 3
	until_true listed 0 Yes
}

start_pcscd 3
run_tests
