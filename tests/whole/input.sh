#!/bin/bash
# SPDX-License-Identifier: ISC
# Bad input on every command: a message, an exit code, and nothing left behind.
. "$(dirname "$0")/lib.sh"

make_vault "$DIR/sound" 2 anna="$DIR/anna" ben="$DIR/ben" cleo="$DIR/cleo"
run operate "$DIR/sound" generate --domain example.org --backups 1
assert_code 0
KEY=$(basename "$DIR"/sound/keys/example.org-*)
openssl req -x509 -newkey ed25519 -nodes -subj /CN=example.org -keyout "$DIR/live.key" \
	-out "$DIR/live.pem" 2>/dev/null
run operate "$DIR/sound" add-pin --domain example.org --role active "$DIR/live.pem"
assert_code 0

# A copy of the vault and its media, and what no command should swallow.
bad_inputs() {
	cp -a "$DIR/sound" v
	cp -a "$DIR/anna" "$DIR/ben" "$DIR/cleo" "$DIR/live.pem" "$DIR/live.key" .
	mkdir folder
	: >empty
	head -c 64 /dev/urandom >binary
	head -c 2000000 /dev/zero >huge
	head -c 100 live.pem >short
	mkfifo fifo
	ln -s nowhere dangling
}

snapshot() { find . -type f -exec sha256sum {} + -o -printf '%y %p %l\n' | sort; }

test_words_that_cannot_be_shown_reach_nothing() {
	bad_inputs
	before=$(snapshot)
	for bad in $'x\xff' $'x\e[31m' $'x\n' $'x\u202egnp'; do
		mkdir "$bad"
		for words in "policy --contact anna=$bad" "policy --max-age $bad" "generate --domain $bad" \
			"generate --domain a.org --custodian anna=dir:$bad" "export --to $bad/out" \
			"recover $KEY --from dir:anna --from dir:ben --plaintext --to $bad/key" "status $bad" \
			"add-pin --domain example.org --role ca --group $bad live.pem" "share verify $bad" "$bad"; do
			IFS=' ' read -r -d '' -a words <<<"$words" || true
			words[-1]=${words[-1]%$'\n'}
			run operate v --json "${words[@]}"
			assert_code 64
			assert_err 'is not printable UTF-8'
			assert_no_output
			assert_same "$(LC_ALL=C tr -d '\n -~' <"$stderr" | wc -c)" 0
		done
		rmdir "$bad"
	done
	assert_same "$(snapshot)" "$before"
}

test_a_folder_may_hold_names_that_are_not_utf8() {
	bad_inputs
	mkdir stick
	cp "anna/$(ls anna | grep "^$KEY")" stick/$'\xe4nna.share'
	run coldspare share verify stick --json
	assert_code 0
	assert_json '.shares[0].ok and (.shares[0].file | endswith("/?nna.share"))'
	run coldspare --vault v --json recover "$KEY" --from dir:stick --from dir:ben --plaintext --to key.pem
	assert_code 0
	assert_file key.pem
}

test_a_folder_without_shares_is_not_a_good_one() {
	bad_inputs
	for command in 'share verify folder' 'share show folder' 'share list dir:folder'; do
		run coldspare $command
		assert_code 66
		assert_err 'there is no share'
		assert_err 'names end in .share'
	done
	run coldspare --json share verify anna folder
	assert_code 66
	assert_json '[.shares[].ok] == [true, true, false]'
}

test_a_key_that_the_journal_cannot_record_stays_in() {
	[ ${#OFFLINE[@]} -gt 0 ] || skip 'no network namespaces here'
	bad_inputs
	chmod a-w v/journal.jsonl
	run powerless "${OFFLINE[@]}" "$BUILD/coldspare" --vault v recover "$KEY" --from dir:anna --from dir:ben \
		--plaintext --to key.pem
	assert_code 74
	assert_err 'key.pem was not written: opening v/journal.jsonl'
	assert_no_output
	assert_no_file key.pem
	assert_same "$(find . -name '.coldspare*')" ''
}

test_the_vault_takes_no_secrets_in() {
	bad_inputs
	before=$(snapshot)
	for to in v/key.pem v/keys/key.pem ./v/../v/keys/key.pem; do
		run coldspare --vault v recover "$KEY" --from dir:anna --from dir:ben --plaintext --to "$to"
		assert_code 78
		assert_err 'is inside the vault folder'
	done
	run coldspare --vault v share raw --to v/keys anna/*.share
	assert_code 78
	assert_err 'is inside the vault folder'
	run operate v export --to v/keys/out
	assert_code 78
	assert_err 'is inside the vault folder'
	assert_same "$(snapshot)" "$before"
}

test_a_folder_with_shares_is_no_export_folder() {
	bad_inputs
	before=$(snapshot)
	run operate v export --to anna
	assert_code 73
	assert_err 'anna is not empty'
	assert_err 'published'
	assert_same "$(snapshot)" "$before"
	run operate v export --to folder
	assert_code 0
}

test_an_empty_set_is_never_signed() {
	mkdir -p a b
	run operate v init --name X --threshold 2 --kdf interactive --custodian anna=dir:a --custodian ben=dir:b
	assert_code 0
	run operate v export --force --to out
	assert_code 78
	assert_err 'nothing to export'
	assert_no_file out
	assert_no_file v/manifests
}

test_force_says_what_it_lets_pass() {
	bad_inputs
	run operate v generate --domain other.org --backups 1
	assert_code 0
	run operate v export --force --to out
	assert_code 0
	assert_err 'warning: other.org: no pin in the served chain'
}

test_advice_about_an_empty_journal_costs_no_keys() {
	bad_inputs
	: >v/journal.jsonl
	for command in status audit; do
		run coldspare --vault v $command
		assert_code 65
		cat "$stdout" >>"$stderr"
		assert_err 'estore the folder from its backup'
		assert_not_err init
	done
	rm -r v/keys
	run coldspare --vault v status
	assert_err 'move the folder away'
}

test_a_journal_that_is_a_link_is_found() {
	bad_inputs
	mv v/journal.jsonl elsewhere
	ln -s ../elsewhere v/journal.jsonl
	run coldspare --vault v audit
	assert_code 77
	assert_out 'journal.jsonl: is not a regular file any more'
}

test_media_are_found_from_any_folder() {
	mkdir -p a b stick elsewhere/a elsewhere/b
	run operate v init --name X --threshold 2 --kdf interactive --custodian anna=dir:a --custodian ben=dir:./b
	assert_code 0
	assert_out "anna, dir:$PWD/a"
	cd elsewhere
	run operate ../v generate --domain example.org --backups 1
	assert_code 0
	assert_empty_dir a
	assert_empty_dir b
	run operate ../v generate --domain example.org --backups 1 --custodian ben=dir:../stick
	assert_code 0
	assert_same "$(find ../stick -name '*.share' | wc -l)" 1
	run coldspare --vault ../v --json policy --threshold 2 --custodian anna=dir:a --custodian ben=dir:b
	assert_code 0
	assert_json '[.vault.custodians[].medium | ltrimstr("dir:") | startswith("/")] == [true, true]'
}

run_tests
