#!/bin/bash
# SPDX-License-Identifier: ISC
# backup: a verified copy of the vault's folder, that serves as one.
# shellcheck source=tests/whole/lib.sh
. "$(dirname "$0")/lib.sh"

make_vault "$DIR/sound" 2 anna="$DIR/anna" ben="$DIR/ben" cleo="$DIR/cleo"
run operate "$DIR/sound" generate --domain example.org --backups 1 --detached
assert_code 0
run operate "$DIR/sound" export --to "$DIR/out" --force
assert_code 0

fresh() {
	rm -rf v copy
	cp -a "$DIR/sound" v
}
files() { (cd "$1" && find . -type f | sort); }

test_a_backup_is_the_folder_without_the_signing_key() {
	fresh
	run coldspare --vault v backup --to copy
	assert_code 0
	assert_out 'without the signing key'
	assert_out 'journal: 7 entries'
	assert_same "$(files copy)" "$(files v | grep -v vault-1.sec)"
	local file
	for file in $(files copy | grep -v journal); do
		cmp "copy/$file" "v/$file"
	done
	assert_same "$(cat copy/journal.jsonl)" "$(head -n 6 v/journal.jsonl)"
	assert_same "$(stat -c %a copy)" 700
	run coldspare --vault copy audit
	assert_code 0
	assert_out 'warning: vault-1.sec: is not here'
	run coldspare --vault v audit
	assert_code 0
	run coldspare --vault v log
	assert_out "files of this folder copied to $PWD/copy, without the signing key"
}

test_k_shares_and_a_backup_bring_a_key_back() {
	fresh
	run coldspare --vault v backup --to copy
	rm -rf v
	run coldspare --vault copy recover example.org --from "dir:$DIR/anna" --from "dir:$DIR/cleo" \
		--plaintext --to key.pem
	assert_code 0
	assert_file key.pem
	run operate copy export --to again --force
	assert_code 66
	assert_err 'passphrase --from'
	assert_no_file again
	run coldspare --vault copy passphrase --from "dir:$DIR/anna" --from "dir:$DIR/cleo" \
		--new-passphrase-fd 8 8<<<"$PASSPHRASE"
	assert_code 0
	run operate copy export --to again --force
	assert_code 0
	run coldspare --vault copy audit
	assert_code 0
	assert_not_out warning
}

test_the_signing_key_comes_along_when_wanted() {
	fresh
	run coldspare --vault v --json backup --to copy --with-signing-key
	assert_code 0
	assert_json '.signing_key and .files == 11 and .journal.entries == 7'
	run coldspare --vault copy audit
	assert_code 0
	assert_not_out warning
	run operate copy export --to again --force
	assert_code 0
}

test_status_says_when_a_backup_is_stale() {
	fresh
	run coldspare --vault v status
	assert_out 'too few shares carry the sealed key'
	run coldspare --vault v backup --to copy
	run coldspare --vault v status
	assert_not_out 'too few shares'
	assert_not_out 'last backup'
	run operate v generate --domain other.example.org --backups 1
	run coldspare --vault v status
	assert_out 'warning: the last backup of this folder'
	tr -d '\n' <"$stdout" | tr -s ' ' >text
	grep -qF 'is from before other.example.org-ec-p256-' text || fail 'it does not say what is new'
	assert_not_out 'too few shares'
	run coldspare --vault v backup --to copy2
	assert_code 0
	run coldspare --vault v status
	assert_not_out 'last backup'
}

test_a_damaged_vault_is_not_copied() {
	fresh
	chmod u+w v/keys/example*/public.pem
	sed -i '2s/A/B/' v/keys/example*/public.pem
	run coldspare --vault v backup --to copy
	assert_code 77
	assert_err 'is not sound'
	assert_no_file copy
	run coldspare --vault v log
	assert_not_out backup
}

test_bad_places_are_refused() {
	fresh
	mkdir used
	echo mine >used/mine
	run coldspare --vault v backup --to used
	assert_code 73
	assert_same "$(ls used)" mine
	run coldspare --vault v backup --to v/copy
	assert_code 78
	assert_no_file v/copy
	run coldspare --vault v backup --to no/such/copy
	assert_code 66
	run coldspare --vault v backup
	assert_code 64
	ln -s used link
	run coldspare --vault v backup --to link
	assert_code 73
	run coldspare --vault v audit
	assert_code 0
}

# Everything else was read back before it: a copy without its journal is no vault.
test_a_backup_that_is_cut_short_is_no_vault() {
	local n
	fresh
	for n in 2 6 9 13 17; do
		rm -rf copy
		run strace -f -qq -o trace -e trace=linkat -e "inject=linkat:signal=KILL:when=$n" \
			"$BUILD/coldspare" --vault v backup --to copy
		[ "$status" = 137 ] || break
		assert_no_file copy/journal.jsonl
		run coldspare --vault copy status
		assert_code 66
		run coldspare --vault v backup --to copy
		assert_code 73
		assert_err 'journal.jsonl'
	done
	[ "$n" -gt 2 ] || skip 'no strace here'
	run coldspare --vault v audit
	assert_code 0
}

run_tests
