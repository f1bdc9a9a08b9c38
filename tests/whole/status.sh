#!/bin/bash
# SPDX-License-Identifier: ISC
# status, log and policy: what the vault says of itself.
. "$(dirname "$0")/lib.sh"

fresh() {
	make_vault v 2 anna=a ben=b cleo=c
	run operate v generate --domain example.org --san www.example.org --backups 2
	assert_code 0
}
entries() { wc -l <"$1/journal.jsonl"; }

test_status_shows_every_key_in_80_columns() {
	fresh
	run coldspare --vault v status
	assert_code 0
	assert_out 'vault Test Vault: v'
	assert_out 'example.org: 2 keys, max-age 60d'
	assert_out 'standby     yes    o'
	assert_out '2 of 3'
	for key in v/keys/example.org-*; do
		assert_out "  $(basename "$key")"
	done
	! grep -v '^journal: ' "$stdout" | grep -q '.\{81\}' || fail 'a line is longer than 80'
}

test_status_in_json_has_the_words_of_the_design() {
	fresh
	run coldspare --vault v --json status
	assert_code 0
	assert_json '.vault.name == "Test Vault" and (.vault.key | length == 56)'
	assert_json '.journal.entries == 5 and (.journal.head | length == 64)'
	assert_json '[.domains[].domain] == ["example.org"] and (.domains[0].keys | length == 2)'
	assert_json '.domains[0].keys | all(.proven and (.released | not) and .state == "standby"
		and .algorithm == "ec:p256" and .deployed == null and .ready == null
		and (.pin | length == 44) and .threshold == 2 and .shares == 3)'
	assert_json '.signing_key.key == "vault-signing-key" and .void == []'
}

test_status_warns_of_what_the_operator_should_mind() {
	fresh
	run operate v generate --domain second.example.org --backups 1 --detached
	run operate v export --to out --force
	assert_code 0
	run coldspare --vault v --json status
	assert_json '[.warnings[].id] | contains(["detached", "not-deployed"])'
	assert_json '.warnings[] | select(.id == "detached").message | contains("second.example.org-ec-p256-")'
	run coldspare --vault v deployed 1
	assert_code 0
	run coldspare --vault v --json status
	assert_json '[.warnings[].id] | index("not-deployed") == null'
	assert_json '.domains[0].keys | all(.deployed != null and .ready == .deployed)'
}

test_status_lists_void_batches_with_their_media() {
	fresh
	chmod 500 b
	run powerless "$BUILD/coldspare" --allow-online --allow-swap --vault v --passphrase-fd 9 generate \
		--domain example.org --backups 1 9<<<"$PASSPHRASE"
	[ "$status" != 0 ] || fail 'shares were written to a folder without leave'
	run coldspare --vault v status
	assert_code 0
	assert_out 'void: batch '
	assert_out "dir:$PWD/b"
	run coldspare --vault v --json status
	assert_json '.void | length == 1 and (.[0].keys | length == 1) and (.[0].holders | length == 3)'
	assert_json '[.warnings[].id] | contains(["void"])'
}

test_log_is_one_sentence_a_line() {
	fresh
	run coldspare --vault v log
	assert_code 0
	assert_out 'vault "Test Vault" created, 2 of 3 custodians: anna, ben, cleo'
	assert_out '2 keys proven by 3 combinations each'
	assert_out 'journal: 5 entries, head '
	assert_same "$(wc -l <"$stdout")" 6
}

test_log_in_json_is_the_journal_itself() {
	fresh
	run coldspare --vault v --json log
	assert_code 0
	assert_same "$(jq -c '.[]' "$stdout")" "$(cat v/journal.jsonl)"
}

test_log_reads_on_a_read_only_vault_and_refuses_a_damaged_one() {
	fresh
	chmod -R a-w v
	run powerless "$BUILD/coldspare" --vault v log
	assert_code 0
	run powerless "$BUILD/coldspare" --vault v status
	assert_code 0
	chmod -R u+w v
	sed -i '2s/begin/began/' v/journal.jsonl
	for command in log status; do
		run coldspare --vault v "$command"
		assert_code 77
		assert_err 'line 2'
		assert_no_output
	done
}

# Policy -------------------------------------------------------------------------------------------

test_policy_shows_and_changes_what_applies() {
	fresh
	run coldspare --vault v policy
	assert_code 0
	assert_out 'max-age             60d'
	assert_out "anna, dir:$PWD/a"
	run coldspare --vault v policy --max-age 90d --report-uri https://r.example.org/hpkp
	assert_code 0
	assert_out 'journal: 6 entries, head '
	run coldspare --vault v policy --domain EXAMPLE.org --max-age 30d --include-subdomains yes
	assert_code 0
	run coldspare --vault v --json policy
	assert_json '.vault.max_age == 7776000 and (.vault.include_subdomains | not)'
	assert_json '.domains[0] | .max_age == 2592000 and .include_subdomains
		and .report_uri == "https://r.example.org/hpkp" and .names == ["example.org", "www.example.org"]'
	run coldspare --vault v --json policy --domain example.org --max-age none
	assert_code 0
	assert_json '.domains[0].max_age == 7776000 and .journal.entries == 8'
	run coldspare --vault v log
	assert_out 'policy of example.org: max_age 30d, include_subdomains yes'
}

test_policy_changes_the_custodians_of_keys_to_come() {
	fresh
	mkdir z
	run coldspare --vault v policy --threshold 2 --custodian anna=dir:a --custodian zoe=dir:z \
		--contact 'zoe=+33 1 23' --location 'anna=safe 4'
	assert_code 0
	run operate v generate --domain example.org --backups 1
	assert_code 0
	assert_same "$(find z -name '*.share' | wc -l)" 1
	run coldspare --vault v --json policy
	assert_json '[.vault.custodians[] | .medium |= sub("/.*/"; "")] == [
		{"name": "anna", "medium": "dir:a", "contact": null, "location": "safe 4"},
		{"name": "zoe", "medium": "dir:z", "contact": "+33 1 23", "location": null}]'
	run coldspare --vault v --json status
	assert_json '[.domains[0].keys[].shares] == [3, 3, 2]'
	# Notes are private: no export has them.
	run operate v export --to out --force
	assert_code 0
	! grep -rq -e '+33 1 23' -e 'safe 4' out || fail 'a note was exported'
}

test_policy_refuses_what_cannot_be() {
	local before
	fresh
	before=$(cat v/journal.jsonl)
	while IFS='|' read -r code message arguments; do
		eval "run coldspare --vault v policy $arguments"
		assert_code "$code"
		assert_err "$message"
		assert_no_output
	done <<-'END'
	66|no domain other.example.org|--domain other.example.org
	66|no domain other.example.org|--domain other.example.org --max-age 3d
	64|expected yes or no|--include-subdomains maybe
	64|https:// or http://|--report-uri ftp://x/
	64|https:// or http://|--report-uri 'https://x/"; evil'
	64|https:// or http://|--report-uri https://
	64|nothing is valid for no time|--valid-for 0s
	64|is of the whole vault|--domain example.org --valid-for 3d
	64|is of the whole vault|--domain example.org --contact anna=x
	64|go together|--threshold 2
	64|go together|--custodian anna=dir:a
	64|twice|--threshold 2 --custodian anna=dir:a --custodian anna=dir:b
	78|the same medium|--threshold 2 --custodian anna=dir:a --custodian ben=dir:a
	66|no custodian|--contact zoe=x
	66|no custodian|--threshold 2 --custodian anna=dir:a --custodian ben=dir:b --contact cleo=x
	64|given twice|--contact anna=x --contact anna=y
	64|expected NAME=TEXT|--contact anna
	64|printable|--location $'anna=\033[2J'
	64|printable|--location $'anna=\377'
	64|more than 200 bytes|--location anna=$(printf '%0201d' 0)
	END
	for threshold in 0 1 3 257 258 4294967298; do
		run coldspare --vault v policy --threshold "$threshold" --custodian anna=dir:a --custodian ben=dir:b
		assert_code 64
	done
	assert_same "$(cat v/journal.jsonl)" "$before"
}

test_which_vault_must_be_said() {
	fresh
	for command in status log policy audit; do
		run coldspare "$command"
		assert_code 64
		assert_err COLDSPARE_VAULT
		run coldspare --vault nowhere "$command"
		assert_code 66
		run env COLDSPARE_VAULT=v "$BUILD/coldspare" "$command"
		assert_code 0
	done
}

run_tests
