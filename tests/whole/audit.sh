#!/bin/bash
# SPDX-License-Identifier: ISC
# audit: what was done to a vault is found; what a killed command left is explained.
. "$(dirname "$0")/lib.sh"

make_vault "$DIR/sound" 2 anna="$DIR/anna" ben="$DIR/ben" cleo="$DIR/cleo"
run operate "$DIR/sound" generate --domain example.org --algorithm ec:p256 --algorithm rsa:2048 --backups 1
run operate "$DIR/sound" export --to "$DIR/out" --force
run operate "$DIR/sound" export --to "$DIR/out2" --force

fresh() {
	rm -rf v
	cp -a "$DIR/sound" v
}
# flip FILE: one bit of the byte in its middle.
flip() {
	local at byte
	at=$(($(wc -c <"$1") / 2))
	byte=$(od -An -tu1 -j "$at" -N 1 "$1")
	# shellcheck disable=SC2059
	printf "\\$(printf %03o $((byte ^ 1)))" | dd of="$1" bs=1 seek="$at" conv=notrunc status=none
}
# found CODE WHERE WHAT: audit ends with this status and has an error about WHERE that says WHAT.
found() {
	run coldspare --vault v audit
	assert_code "$1"
	grep -F "error: $2: " "$stdout" | grep -qF "$3" || fail "no error about $2 with: $3"
	assert_err 'wrong with the vault v'
}

test_a_sound_vault_passes() {
	fresh
	run coldspare --vault v audit
	assert_code 0
	assert_out 'checked: 15 files, 3 keys, 2 manifests'
	assert_out 'journal: 7 entries, head '
	run coldspare --vault v --json audit
	assert_json '.ok and .findings == [] and .files == 15 and .journal.entries == 7'
}

test_a_flipped_bit_in_any_file_is_found() {
	local file
	fresh
	(cd v && find . -type f | sed 's,^\./,,' | sort) >files
	assert_same "$(wc -l <files)" 16
	while read -r file; do
		cp -a "v/$file" kept
		flip "v/$file"
		run coldspare --vault v audit
		assert_code 77
		assert_out "error: $file"
		mv -f kept "v/$file"
	done <files
	run coldspare --vault v audit
	assert_code 0
}

test_a_removed_file_is_found() {
	local file
	fresh
	(cd v && find . -type f ! -name journal.jsonl | sed 's,^\./,,') >files
	sed -i '/^vault-1\.sec$/d' files # a backup without it is a vault, too: see backup.sh
	while read -r file; do
		mv "v/$file" kept
		found 77 "$file" 'is missing'
		mv kept "v/$file"
	done <files
	mv v/journal.jsonl kept
	run coldspare --vault v audit
	assert_code 66
	assert_err 'has lost its journal'
}

test_a_stray_file_is_found() {
	fresh
	touch v/keys/stray
	found 77 keys/stray 'no line of the journal names it'
	rm v/keys/stray
	ln -s /etc/passwd v/manifests/link
	found 77 manifests/link stray
}

test_lines_removed_or_changed_in_the_middle_are_found() {
	fresh
	sed -i 3d v/journal.jsonl
	found 77 journal.jsonl 'line 3'
	fresh
	sed -i '5s/"subsets":3/"subsets":9/' v/journal.jsonl
	found 77 journal.jsonl 'line 5: was altered'
	run coldspare --vault v --json audit
	assert_code 77
	assert_json '(.ok | not) and (.findings[0] | .severity == "error" and .where == "journal.jsonl")'
}

test_a_torn_tail_is_found_and_the_next_change_sets_it_aside() {
	fresh
	truncate -s -3 v/journal.jsonl
	tail -n 1 v/journal.jsonl >torn
	found 65 journal.jsonl 'torn'
	run coldspare --vault v policy --max-age 61d
	assert_code 0
	cmp torn v/journal.torn-7
	run coldspare --vault v log
	assert_out "a torn tail of $(wc -c <torn) bytes was set aside in journal.torn-7"
	# The line of the second export is gone: its manifest was signed over the journal before it.
	run coldspare --vault v audit
	assert_code 0
	assert_out 'note: manifests/000002.json: '
}

test_a_manifest_whose_signature_fails_is_found() {
	fresh
	cp v/manifests/000001.json.minisig v/manifests/000002.json.minisig
	run coldspare --vault v audit
	assert_code 77
	assert_out 'error: manifests/000002.json: '
	assert_out 'signature'
}

test_a_request_of_another_key_is_found() {
	local keys
	fresh
	keys=(v/keys/example.org-*)
	cp "${keys[0]}/request.csr" "${keys[1]}/request.csr"
	found 77 "${keys[1]#v/}/request.csr" "the CSR's key is not the one of the pin"
}

test_a_journal_cut_at_its_end_is_found_by_the_manifest_that_saw_more() {
	fresh
	head -n 5 v/journal.jsonl >kept
	head -n 4 v/journal.jsonl >v/journal.jsonl.new
	mv v/journal.jsonl.new v/journal.jsonl
	found 77 manifests/000001.json 'its end was cut off'
}

test_what_others_may_read_is_warned_of() {
	fresh
	chmod 644 v/vault-1.sec
	run coldspare --vault v audit
	assert_code 0
	assert_out 'warning: vault-1.sec: others than its owner may use it (mode 644, not 600)'
}

test_a_vault_in_use_is_left_alone() {
	fresh
	exec 8<v
	flock -x 8
	run coldspare --vault v audit
	assert_code 75
	exec 8<&-
}

run_tests
