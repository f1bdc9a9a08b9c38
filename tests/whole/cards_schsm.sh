#!/bin/bash
# SPDX-License-Identifier: ISC
# Shares on SmartCard-HSMs, and the commands for cards.
# shellcheck source=tests/cards/pcscd.bash
. "$(dirname "$0")/../cards/pcscd.bash"

card() { printf 'card:%s' "$(reader "$1")"; }
with_pins() {
	local pins=$1
	shift
	coldspare --vault "$DIR/vault" --passphrase-fd 9 --pin-fd 8 "$@" 9<<<"$PASSPHRASE" 8<<<"$pins"
}
# serial N: as `card info` tells it.
serial() {
	run coldspare --json card info "$(reader "$1")"
	jq -r .serial "$stdout"
}

test_shares_on_a_folder_a_smartcard_hsm_and_an_openpgp_card_recover() {
	local key pin pins hsm
	rm -rf "$DIR/vault"
	insert 0 alf sc-hsm
	insert 1 bob openpgp --size 4096
	hsm=$(serial 0)
	pins=$(printf '%s=648219\n%s=123456\nanna=648219\nben=123456\n' "$hsm" "$(serial 1)")
	mkdir "$DIR/dora"
	run with_pins "$pins" init --name 'Card Vault' --threshold 2 --kdf interactive \
		--custodian anna="$(card 0)" --custodian ben="$(card 1)" --custodian dora=dir:"$DIR/dora"
	assert_code 0
	run with_pins "$pins" --json generate --domain example.org --algorithm rsa:4096 --backups 2
	assert_code 0
	key=$(jq -r '.keys[1].key' "$stdout") pin=$(jq -r '.keys[1].pin' "$stdout")
	run with_pins "$pins" share list "$(card 0)"
	assert_code 0
	assert_same "$(grep -c "card $hsm: .*share$" "$stdout")" 3
	for from in "$(card 1)" dir:"$DIR/dora"; do
		rm -f key.pem
		run with_pins "$pins" recover "$key" --to key.pem --plaintext --from "$(card 0)" --from "$from"
		assert_code 0
		assert_same "$(openssl pkey -in key.pem -pubout -outform der | openssl dgst -sha256 -binary | base64)" \
			"$pin"
	done
}

test_cards_are_listed_and_shown_without_a_pin() {
	local id
	insert 0 anna sc-hsm
	eject 1
	id=$(serial 0)
	run coldspare card list
	assert_code 0
	assert_out "0: $(reader 0)"
	assert_out "  SmartCard-HSM $id (sc-hsm)"
	run coldspare --json card list
	assert_json '.readers[0].card and .readers[0].driver == "sc-hsm" and (.readers[1].card | not)'
	run coldspare card info "$(reader 0)"
	assert_code 0
	assert_out 'driver: sc-hsm'
	assert_out 'tries of the PIN left: 3'
	run coldspare --json card info "$(reader 0)"
	assert_json '.tries == 3 and .pinpad == false'
	run coldspare card info nowhere
	assert_code 69
	assert_err 'no reader is called "nowhere"'
}

test_factory_pins_are_changed_and_others_stay() {
	local id new
	insert 1 eve openpgp --serial 0000000e
	id=$(serial 1)
	new="$id=24681357"$'\n'"ADMIN-$id=13572468"
	run with_pins "$id=123456"$'\n'"NEW-$id=123456" card prepare "$(reader 1)"
	assert_code 78
	assert_err 'that is the factory PIN'
	# Nothing is changed before all was asked for.
	run with_pins "$id=123456"$'\n'"NEW-$id=24681357" card prepare "$(reader 1)"
	assert_code 78
	assert_err "administrator's PIN of the OpenPGP card $id, or \"factory\" (3 tries left): there is no terminal"
	run with_pins "$id=123456"$'\n'"NEW-$id=24681357"$'\n'"ADMIN-$id=factory"$'\n'"NEW-ADMIN-$id=13572468" \
		card prepare "$(reader 1)"
	assert_code 0
	assert_err "has its factory administrator's PIN"
	assert_out 'its PIN was changed'
	assert_out "its administrator's PIN was changed"
	run with_pins "$new" card prepare "$(reader 1)"
	assert_code 0
	assert_out 'its PIN is one of its own'
	assert_out "its administrator's PIN is one of its own"
	assert_not_err 'factory PIN'
	run with_pins "$id=24681357"$'\n'"NEW-$id=13572468" card change-pin "$(reader 1)"
	assert_code 0
	run with_pins "$id=24681357" card prepare "$(reader 1)"
	assert_code 77
	assert_err 'wrong PIN'
	run with_pins "ADMIN-$id=12345678"$'\n'"NEW-ADMIN-$id=87654321" card change-pin --admin "$(reader 1)"
	assert_code 77
	assert_err "wrong administrator's PIN"
	assert_err 'hint: 2 tries are left'
	run with_pins "$id=1" card change-pin --puk "$(reader 1)"
	assert_code 64
	# The SO-PIN is another matter.
	insert 0 eva sc-hsm
	id=$(serial 0)
	run with_pins "$id=648219"$'\n'"NEW-$id=918273" card prepare "$(reader 0)"
	assert_code 0
	assert_out 'the SO-PIN is the one of sc-hsm-tool --initialize'
}

test_a_wrong_pin_is_tried_once_in_a_command() {
	local id
	insert 0 una sc-hsm
	id=$(serial 0)
	rm -rf "$DIR/vault"
	mkdir bea
	run with_pins anna=648219 init --name 'Card Vault' --threshold 2 --kdf interactive \
		--custodian anna="$(card 0)" --custodian bea=dir:bea
	assert_code 0
	run with_pins "anna=111111
$id=111111
$(card 0)=111111" reshare vault-signing-key --from "$(card 0)" --from "$(card 0)" --from "$(card 0)" --from dir:bea
	assert_code 77
	assert_err "PIN of the SmartCard-HSM $id: refused a moment ago, and not tried a second time"
	run coldspare card info "$(reader 0)"
	assert_out 'tries of the PIN left: 2'
}

test_erase_wants_a_typed_serial() {
	local pins id
	rm -rf "$DIR/vault"
	insert 0 kim sc-hsm
	insert 1 lou openpgp --size 4096
	pins=$(printf '%s=123456\nanna=648219\nben=123456\n' "$(serial 1)")
	id=$(serial 1)
	run with_pins "$pins" init --name 'Card Vault' --threshold 2 --kdf interactive \
		--custodian anna="$(card 0)" --custodian ben="$(card 1)"
	assert_code 0
	run with_pins "$pins" card erase "$(reader 1)"
	assert_code 78
	assert_err 'not confirmed'
	run with_pins "$pins" share list "$(card 1)"
	assert_out 'vault-signing-key'
	run typed 'to go on:' "$id" --pin-fd 8 card erase "$(reader 1)" 8<<<"$pins"
	assert_code 0
	run with_pins "$pins" share list "$(card 1)"
	assert_not_out 'vault-signing-key'
}

# Of several in one object, and of several in files of their own.
test_one_share_is_erased_and_the_others_stay() {
	local pins slot id name
	rm -rf "$DIR/vault"
	insert 0 moe sc-hsm
	insert 1 ned openpgp --size 4096
	pins=$(printf '%s=648219\n%s=123456\nanna=648219\nben=123456\n' "$(serial 0)" "$(serial 1)")
	run with_pins "$pins" init --name 'Card Vault' --threshold 2 --kdf interactive \
		--custodian anna="$(card 0)" --custodian ben="$(card 1)"
	assert_code 0
	run with_pins "$pins" generate --domain example.org --algorithm ed25519 --backups 2
	assert_code 0
	for slot in 0 1; do
		id=$(serial "$slot")
		run with_pins "$pins" share list "$(card "$slot")"
		name=$(sed -n 's/.*: \(example.org.*\.share\)$/\1/p' "$stdout" | head -n 1)
		run with_pins "$pins" card erase "$(reader "$slot")" --share nothing.share
		assert_code 66
		assert_err 'the card has no share nothing.share'
		run typed 'to go on:' "$id" --pin-fd 8 card erase "$(reader "$slot")" --share "$name" 8<<<"$pins"
		assert_code 0
		assert_out '1 record erased'
		run with_pins "$pins" share list "$(card "$slot")"
		assert_code 0
		assert_not_out "$name"
		assert_same "$(grep -c '\.share$' "$stdout")" 2
	done
}

start_pcscd 2
run_tests
