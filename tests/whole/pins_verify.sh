#!/bin/bash
# SPDX-License-Identifier: ISC
# shellcheck source=tests/whole/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/whole/pins.bash
. "$(dirname "$0")/pins.bash"

test_verify_accepts_what_the_vault_signed() {
	make_key vault
	sample vault
	run coldspare_pins verify --key vault.pub pins.json
	assert_code 0
	assert_out 'pins.json: authentic, signed by 1 of 1 given keys'
	assert_out 'serial       3'
	run coldspare_pins --json verify --key "$(sed -n 2p vault.pub)" pins.json
	assert_code 0
	assert_json '.vault.name == "Example Ops" and .serial == 3 and .pins == 3 and .offline'
	assert_json ".hash == \"$(sha256sum pins.json | cut -d' ' -f1)\""
}

test_verify_wants_to_know_whose_signature_counts() {
	make_key vault
	sample vault
	run coldspare_pins verify pins.json
	assert_code 64
	assert_err '--key is missing'
	assert_no_output
}

test_verify_refuses_a_changed_byte() {
	make_key vault
	sample vault
	sed -i 's/5184000/5184001/' pins.json
	run coldspare_pins verify --key vault.pub pins.json
	assert_code 77
	assert_err 'pins.json'
	assert_no_output
}

test_verify_refuses_another_key_and_no_signature() {
	make_key vault
	make_key stranger
	sample vault
	run coldspare_pins verify --key stranger.pub pins.json
	assert_code 77
	assert_err 'signed by 0 of the 1 given keys'
	rm pins.json.minisig
	run coldspare_pins verify --key vault.pub pins.json
	assert_code 77
	assert_err 'pins.json.minisig'
	run coldspare_pins verify --key vault.pub none.json
	assert_code 66
}

test_verify_counts_cosignatures() {
	make_key vault
	make_key second
	make_key third
	sample vault
	run coldspare_pins verify --key vault.pub --key second.pub pins.json
	assert_code 77
	assert_err 'signed by 1 of the 2 given keys, and 2 must have'
	run coldspare_pins verify --key vault.pub --key second.pub --need 1 pins.json
	assert_code 0
	cosign pins.json second
	run coldspare_pins verify --key second.pub --key vault.pub --need 2 pins.json
	assert_code 0
	assert_out 'signed by 2 of 2'
	run coldspare_pins verify --key second.pub --key vault.pub --key third.pub --need 2 pins.json
	assert_code 0
	run coldspare_pins verify --key second.pub --key vault.pub --key third.pub pins.json
	assert_code 77
	run coldspare_pins verify --key second.pub --key vault.pub --need 3 pins.json
	assert_code 64
}

test_one_key_given_twice_is_one_key() {
	make_key vault
	sample vault
	run coldspare_pins verify --key vault.pub --key "$(sed -n 2p vault.pub)" --need 2 pins.json
	assert_code 64
	assert_err 'the same key twice'
}

test_a_cosigner_alone_does_not_stand_in_for_the_vault() {
	make_key vault
	make_key second
	sample vault
	cosign pins.json second
	run coldspare_pins verify --key second.pub pins.json
	assert_code 77
	assert_err 'not signed by the key of the vault that it names'
}

test_a_bad_cosignature_is_no_missing_one() {
	make_key vault
	make_key second
	sample vault
	cp pins.json kept.json
	echo >>pins.json
	cosign pins.json second
	cp kept.json pins.json
	run coldspare_pins verify --key vault.pub --key second.pub --need 1 pins.json
	assert_code 77
}

test_verify_refuses_a_rollback() {
	make_key vault
	sample vault . old.json
	sample vault ".serial = 4 | .previous = \"$(sha256sum old.json | cut -d' ' -f1)\"" new.json
	run coldspare_pins verify --key vault.pub --newer-than old.json new.json
	assert_code 0
	run coldspare_pins verify --key vault.pub --newer-than new.json old.json
	assert_code 78
	assert_err 'serial 3 is not above 4'
	run coldspare_pins verify --key vault.pub --newer-than old.json old.json
	assert_code 78
}

test_verify_refuses_a_fork_of_the_line() {
	make_key vault
	sample vault . old.json
	sample vault '.serial = 4' new.json
	run coldspare_pins verify --key vault.pub --newer-than old.json new.json
	assert_code 77
	assert_err 'does not follow on old.json'
	sample vault '.serial = 5' later.json
	run coldspare_pins verify --key vault.pub --newer-than old.json later.json
	assert_code 0
}

test_verify_refuses_to_compare_two_vaults() {
	make_key vault
	make_key other
	sample other . old.json
	sample vault '.serial = 4' new.json
	run coldspare_pins verify --key vault.pub --newer-than old.json new.json
	assert_code 78
	assert_err 'another vault'
}

test_verify_refuses_what_has_expired() {
	make_key vault
	sample vault '.valid_until = (now - 1 | floor | todate)'
	run coldspare_pins verify --key vault.pub pins.json
	assert_code 78
	assert_err 'was valid until'
	assert_no_output
	sample vault '.valid_until = null'
	run coldspare_pins verify --key vault.pub pins.json
	assert_code 0
	assert_out 'no end'
}

test_verify_requires_offline_keys_when_told() {
	make_key vault
	sample vault '.offline = false'
	run coldspare_pins verify --key vault.pub --require-offline pins.json
	assert_code 78
	run coldspare_pins verify --key vault.pub pins.json
	assert_code 0
	assert_out 'no: some keys were online'
}

test_a_rehearsal_never_passes_for_real() {
	make_key vault
	sample vault '.rehearsal = true'
	run coldspare_pins verify --key vault.pub pins.json
	assert_code 78
	assert_err 'rehearsal'
	run coldspare_pins verify --key vault.pub --rehearsal pins.json
	assert_code 0
	assert_out '(a rehearsal)'
}

test_absurd_manifests_are_refused_not_swallowed() {
	make_key vault
	head -c 100000 /dev/zero | tr '\0' '[' >deep.json
	sign deep.json vault
	run coldspare_pins verify --key vault.pub deep.json
	assert_code 65
	truncate -s 65M large.json
	run coldspare_pins verify --key vault.pub large.json
	assert_code 65
	: >empty.json
	sign empty.json vault
	run coldspare_pins verify --key vault.pub empty.json
	assert_code 65
	mkfifo fifo.json
	run coldspare_pins verify --key vault.pub fifo.json
	assert_code 66
	run coldspare_pins verify --key vault.pub .
	assert_code 66
}

# succeed N OLD NEW: the statement by which OLD signs for NEW.
succeed() {
	cp "$3.pub" "rekeyed-$1.pub"
	minisign -S -W -s "$2.sec" -m "rekeyed-$1.pub" -t "coldspare successor $1" >/dev/null
}

test_a_successor_signs_in_the_place_of_the_key_before() {
	make_key vault
	make_key second
	make_key third
	sample third
	run coldspare_pins verify --key vault.pub pins.json
	assert_code 77
	succeed 1 vault second
	succeed 2 second third
	run coldspare_pins verify --key vault.pub pins.json
	assert_code 0
	assert_out "signed by the successor $(sed -n 2p third.pub)"
	assert_out "which $(sed -n 2p vault.pub) signed for"
	run coldspare_pins --json verify --key second.pub pins.json
	assert_json ".succeeds == \"$(sed -n 2p second.pub)\""
	run coldspare_pins render list --key vault.pub pins.json
	assert_code 0
	run coldspare_pins --json verify --key third.pub pins.json
	assert_json '.succeeds == null'
	# No way back.
	sample vault
	run coldspare_pins verify --key third.pub pins.json
	assert_code 77
}

test_a_statement_is_no_second_signer() {
	make_key vault
	make_key second
	make_key other
	sample second
	succeed 1 vault second
	run coldspare_pins verify --key vault.pub --key second.pub --need 2 pins.json
	assert_code 77
	assert_err 'signed by 1 of the 2 given keys'
	run coldspare_pins verify --key vault.pub --key second.pub --need 1 pins.json
	assert_code 0
	# Nor where the key of before signs too: who has the one may have the other.
	cosign pins.json vault
	for pair in 'vault second' 'second vault'; do
		run coldspare_pins verify --key "${pair% *}.pub" --key "${pair#* }.pub" --need 2 pins.json
		assert_code 77
		assert_err 'signed by 1 of the 2 given keys'
	done
	rm pins.json.????????????????.minisig
	cosign pins.json other
	run coldspare_pins verify --key vault.pub --key other.pub --need 2 pins.json
	assert_code 0
	assert_out 'signed by 2 of 2'
}

test_statements_that_do_not_hold_are_refused() {
	make_key vault
	make_key second
	make_key mallory
	sample second
	succeed 1 vault second
	sed -i '1s/$/ /' rekeyed-1.pub
	run coldspare_pins verify --key vault.pub pins.json
	assert_code 77
	assert_err 'rekeyed-1.pub'
	succeed 1 vault second
	rm rekeyed-1.pub.minisig
	run coldspare_pins verify --key vault.pub pins.json
	assert_code 77
	assert_err 'rekeyed-1.pub.minisig'
	succeed 1 mallory second
	run coldspare_pins verify --key vault.pub pins.json
	assert_code 77
	# That a key was signed is not enough: it has to be said what for.
	cp second.pub rekeyed-1.pub
	minisign -S -W -s vault.sec -m rekeyed-1.pub -t 'a colleague' >/dev/null
	run coldspare_pins verify --key vault.pub pins.json
	assert_code 77
	assert_err 'does not speak of a successor'
	succeed 1 vault second
	succeed 2 vault mallory
	run coldspare_pins verify --key vault.pub pins.json
	assert_code 77
	assert_err 'two successors'
	# A ring has no end, and leads nowhere.
	sample mallory
	succeed 1 vault second
	succeed 2 second vault
	run coldspare_pins verify --key vault.pub pins.json
	assert_code 77
	assert_err 'signed by 0 of the 1 given keys'
}

test_a_manifest_of_the_successor_follows_one_of_the_key_before() {
	make_key vault
	make_key second
	make_key mallory
	sample vault .serial=3 old.json
	sample second ".serial=4 | .previous=\"$(sha256sum old.json | cut -d' ' -f1)\""
	run coldspare_pins verify --key second.pub --newer-than old.json pins.json
	assert_code 78
	assert_err 'is of another vault'
	succeed 1 vault second
	run coldspare_pins verify --key second.pub --newer-than old.json pins.json
	assert_code 0
	run coldspare_pins verify --key vault.pub --newer-than old.json pins.json
	assert_code 0
	mkdir live
	run coldspare_pins install --key vault.pub --to live --format list old.json
	run coldspare_pins install --key vault.pub --to live --format list pins.json
	assert_code 0
}

run_tests
