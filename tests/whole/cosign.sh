#!/bin/bash
# SPDX-License-Identifier: ISC
# shellcheck source=tests/whole/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/whole/pins.bash
. "$(dirname "$0")/pins.bash"

# Each test gets the export in a folder of its own.
fresh() {
	cp -r "$DIR/export" out
	cp "$DIR"/{vault,ben}.{pub,sec} .
}
signature() { echo "out/pins.json.$(key_id "$1").minisig"; }

test_two_signatures_count_as_two() {
	fresh
	run coldspare cosign out --secret-key ben.sec --key vault.pub --yes
	assert_code 0
	assert_out 'manifest 1 of the vault Test Vault'
	assert_out 'example.org: 2 pins (0 active, 2 backup, 0 ca)'
	assert_out "    $(sha256sum out/pins.json | sed 's/^\(....\)\(....\).*/\1 \2/')  "
	assert_file "$(signature ben)"
	run coldspare_pins verify --key vault.pub --key ben.pub --need 2 out/pins.json
	assert_code 0
	assert_out 'signed by 2 of 2 given keys'
	run minisign -Vm out/pins.json -x "$(signature ben)" -p ben.pub
	assert_code 0
	assert_out 'Trusted comment: Test Vault serial 1 cosigned 20'
	# One key is one signer, however often it is given.
	run coldspare_pins verify --key ben.pub --key vault.pub --key "$(sed -n 2p ben.pub)" \
		--need 2 out/pins.json
	assert_code 64
}

test_the_vaults_signature_comes_first() {
	fresh
	sed -i s/5184000/5184001/ out/pins.json
	run coldspare cosign out --secret-key ben.sec --key vault.pub --yes
	assert_code 77
	assert_no_output
	assert_no_file "$(signature ben)"
	cp "$DIR/export/pins.json" out
	run coldspare cosign out --secret-key ben.sec --key ben.pub --yes
	assert_code 77
	assert_no_file "$(signature ben)"
	# With nothing to check it against a person has to say yes: --yes is not about that.
	run setsid -w "${OFFLINE[@]}" "$BUILD/coldspare" cosign out --secret-key ben.sec --yes
	assert_code 78
	assert_no_file "$(signature ben)"
	run coldspare --vault "$DIR/vault" cosign out/pins.json --secret-key ben.sec --yes
	assert_code 0
}

test_nobody_signs_twice_and_nothing_is_overwritten() {
	fresh
	run coldspare cosign out --secret-key vault.sec --key vault.pub --yes
	assert_code 78
	assert_err "the vault's own key"
	run coldspare cosign out --secret-key ben.sec --key vault.pub --yes
	assert_code 0
	run coldspare cosign out --secret-key ben.sec --key vault.pub --yes
	assert_code 73
	assert_err 'has signed already'
	# Under another name it is still the same key's.
	mv "$(signature ben)" out/pins.json.0000000000000001.minisig
	run coldspare cosign out --secret-key ben.sec --key vault.pub --yes
	assert_code 73
	assert_err 'pins.json.0000000000000001.minisig'
	rm out/pins.json.0000000000000001.minisig
	echo mine >"$(signature ben)"
	run coldspare cosign out --secret-key ben.sec --key vault.pub --yes
	assert_code 73
	assert_same "$(cat "$(signature ben)")" mine
}

test_a_person_is_asked() {
	fresh
	run typed 'Do you sign it?' no cosign out --secret-key ben.sec --key vault.pub
	assert_code 78
	assert_out 'not confirmed'
	assert_no_file "$(signature ben)"
	run typed 'Do you sign it?' yes cosign out --secret-key ben.sec --key vault.pub
	assert_code 0
	assert_file "$(signature ben)"
}

test_the_secret_key_may_be_under_a_passphrase() {
	fresh
	make_vault other 2 anna="$PWD/a" ben="$PWD/b"
	run coldspare cosign out --secret-key other/vault-1.sec --key vault.pub --yes \
		--input-passphrase-fd 8 8<<<wrong
	assert_code 77
	assert_err 'wrong passphrase'
	run coldspare cosign out --secret-key other/vault-1.sec --key vault.pub --yes \
		--input-passphrase-fd 8 8<<<"$PASSPHRASE"
	assert_code 0
	run coldspare_pins verify --key vault.pub --key other/vault.pub --need 2 out/pins.json
	assert_code 0
}

test_bad_input_is_named() {
	fresh
	run coldspare cosign out --key vault.pub --yes
	assert_code 64
	assert_err '--secret-key is missing'
	run coldspare cosign none --secret-key ben.sec --key vault.pub --yes
	assert_code 66
	run coldspare cosign out --secret-key ben.pub --key vault.pub --yes
	assert_code 65
	assert_err 'ben.pub'
	run coldspare cosign out --secret-key ben.sec --key ben.sec --yes
	assert_code 65
	run coldspare --json cosign out --secret-key ben.sec --key vault.pub --yes
	assert_code 0
	assert_json ".serial == 1 and .key == \"$(sed -n 2p ben.pub)\""
}

make_vault "$DIR/vault" 2 anna="$DIR/anna" ben="$DIR/ben" cleo="$DIR/cleo"
run operate "$DIR/vault" generate --domain example.org
assert_code 0
run operate "$DIR/vault" export --to "$DIR/export" --force
assert_code 0
cp "$DIR/vault/vault.pub" "$DIR/vault.pub"
run coldspare recover vault-signing-key --from "dir:$DIR/anna" --from "dir:$DIR/ben" --format minisign \
	--plaintext --key "$DIR/vault.pub" --to "$DIR/vault.sec"
assert_code 0
make_key "$DIR/ben"
run_tests
