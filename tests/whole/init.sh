#!/bin/bash
# SPDX-License-Identifier: ISC
# init: a vault is made whole or not at all.
. "$(dirname "$0")/lib.sh"

# init ARGUMENTS...: of the vault ./v, with three custodians' folders at hand.
init() {
	mkdir -p a b c
	run operate v init --name 'Test Vault' --kdf interactive "$@"
}
three=(--threshold 2 --custodian anna=dir:a --custodian ben=dir:b --custodian cleo=dir:c)

test_init_makes_a_vault_with_a_split_signing_key() {
	init "${three[@]}"
	assert_code 0
	assert_out 'any 2 of 3 custodians'
	assert_out 'journal: 3 entries, head '
	assert_file v/vault.json
	assert_same "$(stat -c %a v/vault-1.sec)" 600
	for folder in a b c; do
		assert_same "$(find "$folder" -name 'vault-signing-key.*.share' | wc -l)" 1
	done
	run coldspare --vault v audit
	assert_code 0
}

test_init_speaks_json() {
	init "${three[@]}" --json
	assert_code 0
	assert_json '.vault.name == "Test Vault" and .journal.entries == 3'
}

test_minisign_takes_the_secret_key_of_either_cost() {
	for cost in interactive sensitive; do
		rm -rf v a b c
		mkdir a b c
		run operate v init --name X "${three[@]}" --kdf "$cost"
		assert_code 0
		echo text >"file-$cost"
		run minisign -Sm "file-$cost" -s v/vault-1.sec <<<"$PASSPHRASE"
		assert_code 0
		run minisign -Vm "file-$cost" -p v/vault.pub
		assert_code 0
	done
}

refused() {
	local code=$1 text=$2
	shift 2
	init "$@"
	assert_code "$code"
	assert_err "$text"
	assert_no_output
	assert_no_file v
	for folder in a b c; do
		assert_empty_dir "$folder"
	done
}

test_thresholds_that_gfshare_would_narrow_are_refused() {
	for k in 0 1 4 257 -1 2x 99999999999999999999; do
		refused 64 threshold "${three[@]/#2/$k}"
	done
}

test_custodians_must_be_distinct() {
	refused 64 anna --threshold 2 --custodian anna=dir:a --custodian anna=dir:b
	refused 64 custodian --threshold 2 --custodian anna --custodian ben=dir:b
	refused 64 custodian --threshold 2 --custodian 'an/na=dir:a' --custodian ben=dir:b
}

test_two_custodians_on_one_folder_are_refused() {
	refused 78 'same medium' --threshold 2 --custodian anna=dir:a --custodian ben=dir:./a
	ln -s a link
	refused 78 'same medium' --threshold 2 --custodian anna=dir:a --custodian ben=dir:link
}

test_a_missing_medium_is_not_made() {
	refused 66 gone --threshold 2 --custodian anna=dir:a --custodian ben=dir:gone
	assert_no_file gone
	refused 64 floppy --threshold 2 --custodian anna=dir:a --custodian ben=floppy:b
}

test_a_medium_inside_the_vault_is_refused() {
	mkdir -p v/in
	init --threshold 2 --custodian anna=dir:a --custodian ben=dir:v/in
	assert_code 78
	assert_err 'inside the vault'
	assert_empty_dir v/in
}

test_a_folder_that_holds_something_is_left_alone() {
	mkdir v
	echo mine >v/file
	init "${three[@]}"
	assert_code 73
	assert_same "$(ls v)" file
}

test_a_second_init_changes_nothing() {
	init "${three[@]}"
	assert_code 0
	before=$(cat v/journal.jsonl)
	init "${three[@]}"
	assert_code 73
	assert_same "$(cat v/journal.jsonl)" "$before"
}

test_a_share_that_cannot_be_written_takes_everything_back() {
	[ ${#OFFLINE[@]} -gt 0 ] || skip 'no network namespaces here'
	mkdir -p a b c
	chmod 500 b
	run powerless "${OFFLINE[@]}" "$BUILD/coldspare" --vault v --passphrase-fd 9 init --name X \
		--kdf interactive "${three[@]}" 9<<<"$PASSPHRASE"
	assert_code 74
	assert_err ben
	assert_no_file v
	assert_empty_dir a
}

test_names_of_vaults_are_checked() {
	mkdir -p a b c
	for name in '' ' x' 'x ' 'ä' 'a/b' "$(printf 'x%.0s' {1..33})"; do
		run operate v init --name "$name" --kdf interactive "${three[@]}"
		assert_code 64
		assert_no_file v
	done
}

test_an_empty_passphrase_is_refused() {
	mkdir -p a b c
	run coldspare --vault v --passphrase-fd 9 init --name X --kdf interactive "${three[@]}" 9</dev/null
	assert_code 77
	assert_no_file v
}

run_tests
