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

# by_serial: the same PINs for whichever custodian.
by_serial() {
	printf '%s=4711anna\n%s=4711ben\nTEST0000042=648219\n' "$(cat "$DIR/serial-anna")" "$(cat "$DIR/serial-ben")"
}

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


test_a_token_of_another_custodian_is_refused_by_name() {
	new_vault emil
	local args=(generate --domain example.org --algorithm ed25519 --backups 1)
	run with_pins "$(by_serial)" "${args[@]}" --custodian anna="$(soft ben)" --custodian ben=dir:.
	assert_code 78
	# Media are written at the same time: whose comes first differs from run to run.
	grep -qE 'this is the token of (ben, not of anna|anna, not of ben)' "$stderr" || fail 'no name is told'
	run with_pins "$(by_serial)" "${args[@]}" --custodian anna="$(soft ben)"
	assert_code 78
	assert_err 'custodians anna and ben have the same medium'
	run with_pins "$(by_serial)" share list "$(soft anna)"
	assert_not_out example.org
}

# ours LABEL: how many objects of ours are on that token of SoftHSM2's.
ours() { theirs "$1" --list-objects 2>/dev/null | grep -c "application: *'coldspare'"; }

test_a_token_that_is_pulled_in_the_middle_costs_nothing() {
	local n=10 failed=0
	new_vault fay
	while
		insert 0 fay sc-hsm --serial TEST0000042 --die-at "$n"
		run with_pins "$PINS" generate --domain example.org --algorithm ed25519 --backups 1
		[ "$status" != 0 ]
	do
		assert_code 69
		failed=$((failed + 1))
		assert_same "$(ours anna) $(ours ben)" '1 1'
		n=$((n + 20))
	done
	[ "$failed" -ge 3 ] || fail "only $failed failed"
	insert 0 fay sc-hsm --serial TEST0000042
	run with_pins "$(by_serial)" drill --all --from "$(soft anna)" --from "pkcs11:$OPENSC#TEST0000042"
	assert_code 0
}

test_a_small_card_takes_shares_without_their_sealed_keys() {
	rm -rf "$DIR/vault"
	insert 0 gil sc-hsm --serial TEST0000042 --size 300
	mkdir one
	run with_pins "$PINS" init --name 'Token Vault' --threshold 2 --kdf interactive \
		--custodian cleo="pkcs11:$OPENSC" --custodian dora=dir:one
	assert_code 0
	run with_pins "TEST0000042=648219" share list "pkcs11:$OPENSC"
	assert_code 0
	assert_out 'share 1 of key vault-signing-key'
	assert_not_out 'the sealed key is in this share'
	insert 0 hal sc-hsm --serial TEST0000042 --size 200
	rm -rf "$DIR/vault" one
	mkdir one
	run with_pins "$PINS" init --name 'Token Vault' --threshold 2 --kdf interactive \
		--custodian cleo="pkcs11:$OPENSC" --custodian dora=dir:one
	assert_code 69
	assert_err 'the token does not take it'
	assert_err 'hint: it may be full'
	assert_empty_dir one
}

test_what_is_no_token_is_refused() {
	new_vault ida
	rejects() {
		run with_pins "$PINS" share list "$1"
		assert_code "$2"
		assert_err "$3"
	}
	rejects pkcs11:nothing.so 66 'there is no PKCS#11 module nothing.so'
	rejects "pkcs11:$DIR/nothing.so" 66 'there is no PKCS#11 module'
	rejects pkcs11:folder/module.so 64 'absolute path'
	rejects pkcs11:/bin/sh 69 'is no PKCS#11 module'
	rejects "pkcs11:$stdout" 69 'is no PKCS#11 module'
	rejects pkcs11:/usr/lib/x86_64-linux-gnu/libsodium.so.23 69 'it has no C_GetFunctionList'
	rejects "pkcs11:$SOFTHSM" 64 'there are several tokens'
	rejects "pkcs11:$SOFTHSM#0000" 77 'is 0000, and here is'
	rejects "pkcs11:$OPENSC#0000" 77 'and here is TEST0000042'
	eject 0
	rejects "pkcs11:$OPENSC" 69 'there is no token'
	# The environment has no say in where a module comes from.
	cp "$(realpath "$SOFTHSM")" elsewhere.so
	LD_LIBRARY_PATH=$PWD rejects pkcs11:elsewhere.so 66 'there is no PKCS#11 module elsewhere.so'
}

test_wrong_pins_are_told_from_blocked_ones_and_the_last_try_wants_a_yes() {
	local spec="pkcs11:$OPENSC"
	insert 0 jo sc-hsm --serial TEST0000043
	run with_pins TEST0000043=1 share list "$spec"
	assert_code 77
	assert_err 'no try was spent'
	run with_pins TEST0000043=111111 share list "$spec"
	assert_code 77
	assert_err 'wrong PIN'
	run with_pins TEST0000043=111111 share list "$spec"
	assert_err 'one try is left'
	run with_pins TEST0000043=648219 share list "$spec"
	assert_code 78
	assert_err '(1 try left): not confirmed'
	run coldspare card info "$spec"
	assert_out 'one try is left'
	run typed 'to go on:' yes --pin-fd 8 share list "$spec" 8<<<TEST0000043=111111
	assert_code 77
	run with_pins TEST0000043=648219 share list "$spec"
	assert_code 77
	assert_err 'PIN is blocked'
}

test_tokens_are_listed_and_shown_without_a_pin() {
	local serial
	new_vault kim
	serial=$(cat "$DIR/serial-anna")
	run coldspare card list "pkcs11:$SOFTHSM"
	assert_code 0
	assert_out "  $serial anna: PIN: set"
	run coldspare --json card list "pkcs11:$OPENSC"
	assert_json '.tokens | length == 1 and .[0].serial == "TEST0000042" and .[0].pin == "set"'
	run coldspare card info "$(soft anna)"
	assert_code 0
	assert_out "driver: pkcs11, as the operand says: $(realpath "$SOFTHSM")"
	assert_out 'PIN: set; 4 to 255 characters'
	assert_not_out WARNING
	run coldspare --json card info "$(soft anna)"
	assert_json '.driver == "pkcs11" and .visible == 0 and .label == "anna" and .room == null'
	run coldspare card list 0
	assert_code 64
}

test_a_token_that_is_not_set_up_is_left_to_its_own_tools() {
	rm -rf "$DIR/softhsm" "$DIR"/serial-*
	mkdir "$DIR/softhsm"
	run coldspare card list "pkcs11:$SOFTHSM"
	assert_out 'the token is not set up'
	run with_pins '' card prepare "pkcs11:$SOFTHSM"
	assert_code 69
	assert_err 'its token is not set up'
	assert_err 'softhsm2-util --init-token'
	soft anna >/dev/null
	run with_pins "$(cat "$DIR/serial-anna")=4711anna" card prepare "pkcs11:$SOFTHSM"
	assert_code 0
	assert_out 'ready'
	run coldspare card change-pin "pkcs11:$SOFTHSM"
	assert_code 78
	assert_err '--change-pin'
}

test_erase_takes_a_typed_serial_and_leaves_what_is_not_ours() {
	local id
	new_vault lou
	id=$(cat "$DIR/serial-anna")
	echo hello >theirs
	run theirs anna --private --write-object theirs --label theirs --application-label Other
	assert_code 0
	run with_pins "$(by_serial)" card erase "$(soft anna)"
	assert_code 78
	assert_err 'nothing was erased'
	run typed 'to go on:' "$id" --pin-fd 8 card erase "$(soft anna)" 8<<<"$(by_serial)"
	assert_code 0
	run theirs anna --list-objects
	assert_out "label:          'theirs'"
	assert_not_out coldspare
	run with_pins "$(by_serial)" card erase "$(soft anna)"
	assert_code 0
	assert_out "holds nothing of Coldspare's"
}

test_one_share_is_erased_and_the_others_stay() {
	local id name medium
	new_vault moe
	id=$(cat "$DIR/serial-anna")
	for medium in "$(soft anna)" "pkcs11:$OPENSC"; do
		run with_pins "$PINS" generate --domain example.org --algorithm ed25519 --backups 1
		assert_code 0
		run with_pins "$(by_serial)" share list "$medium"
		name=$(sed -n 's/.*: \(.*example.org.*\.share\)$/\1/p' "$stdout" | tail -n 1)
		id=$(sed -n '1s/.*: token \([^:]*\):.*/\1/p' "$stdout")
		run with_pins "$(by_serial)" card erase "$medium" --share nothing.share
		assert_code 66
		assert_err 'the token has no share nothing.share'
		run with_pins "$(by_serial)" card erase "$medium" --share "$name" --share "$name"
		assert_code 64
		run typed 'to go on:' "$id" --pin-fd 8 card erase "$medium" --share "$name" 8<<<"$(by_serial)"
		assert_code 0
		assert_out '1 record erased'
		run with_pins "$(by_serial)" share list "$medium"
		assert_code 0
		assert_not_out "$name"
		assert_out vault-signing-key
	done
}

start_pcscd 1
run_tests
