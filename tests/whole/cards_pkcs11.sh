#!/bin/bash
# SPDX-License-Identifier: ISC
# Shares on tokens through PKCS#11: SoftHSM2's, and a simulated SmartCard-HSM through OpenSC.
# shellcheck source=tests/cards/pcscd.bash
. "$(dirname "$0")/../cards/pcscd.bash"

OPENSC=opensc-pkcs11.so
# OpenSC keeps a cache in the home folder of whoever calls it.
export HOME=$DIR SOFTHSM2_CONF=$DIR/softhsm2.conf

with_pins() {
	local pins=$1
	shift
	coldspare --vault "$DIR/vault" --passphrase-fd 9 --pin-fd 8 "$@" 9<<<"$PASSPHRASE" 8<<<"$pins"
}

# soft LABEL: the spec of SoftHSM2's token of that label; a new one, with the PIN 4711LABEL, if there is none.
soft() {
	[ -e "$DIR/serial-$1" ] || make_token "$1" "4711$1" >"$DIR/made-$1" 2>&1
	softhsm2-util --show-slots |
		awk -v label="$1" '/Serial number:/ { s = $3 } $1 == "Label:" && $2 == label { print s }' >"$DIR/serial-$1"
	printf 'pkcs11:%s#%s' "$SOFTHSM" "$(cat "$DIR/serial-$1")"
}

# theirs LABEL ARGUMENTS...: what somebody else's program sees on that token, with its PIN.
theirs() {
	pkcs11-tool --module "$SOFTHSM" --token-label "$1" --login --pin "4711$1" --type data "${@:2}"
}

PINS=$(printf '%s\n' anna=4711anna ben=4711ben cleo=648219)

# new_vault: anna and ben on SoftHSM2, cleo on a SmartCard-HSM through OpenSC, 2 of 3.
new_vault() {
	rm -rf "$DIR/vault" "$DIR/softhsm" "$DIR"/serial-*
	insert 0 "$1" sc-hsm --serial TEST0000042
	run with_pins "$PINS" init --name 'Token Vault' --threshold 2 --kdf interactive \
		--custodian anna="$(soft anna)" --custodian ben="$(soft ben)" --custodian cleo="pkcs11:$OPENSC"
	assert_code 0
}

test_every_pair_of_tokens_recovers() {
	local key pin from
	new_vault cleo
	run with_pins "$PINS" --json generate --domain example.org --algorithm rsa:2048 --backups 1
	assert_code 0
	key=$(jq -r '.keys[0].key' "$stdout") pin=$(jq -r '.keys[0].pin' "$stdout")
	local media=("$(soft anna)" "$(soft ben)" "pkcs11:$OPENSC#TEST0000042")
	for from in '0 1' '0 2' '1 2'; do
		rm -f key.pem
		run with_pins "$(printf '%s\n' "$(cat "$DIR/serial-anna")=4711anna" \
			"$(cat "$DIR/serial-ben")=4711ben" TEST0000042=648219)" \
			recover "$key" --to key.pem --plaintext --from "${media[${from% *}]}" --from "${media[${from#* }]}"
		assert_code 0
		assert_same "$(openssl pkey -in key.pem -pubout -outform der | openssl dgst -sha256 -binary | base64)" \
			"$pin"
	done
}

test_others_see_private_objects_with_the_pin_and_none_without() {
	local name
	new_vault dora
	run theirs anna --list-objects
	assert_code 0
	assert_out "application:    'coldspare'"
	assert_out 'flags:           modifiable private'
	name=$(sed -n "s/.*label: *'\(.*\)'/\1/p" "$stdout")
	run theirs anna --read-object --label "$name" --output-file value
	assert_code 0
	assert_same "$(xxd -p -l 4 value)" 43ff5331
	run pkcs11-tool --module "$SOFTHSM" --token-label anna --list-objects --type data
	assert_not_out coldspare
	run pkcs11-tool --module "$OPENSC" --login --pin 648219 --type data --list-objects
	assert_code 0
	assert_out "application:    'coldspare'"
	run pkcs11-tool --module "$OPENSC" --type data --list-objects
	assert_not_out coldspare
}

start_pcscd 1
run_tests
