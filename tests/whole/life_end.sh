#!/bin/bash
# SPDX-License-Identifier: ISC
# csr and destroy: what else a key is asked for, and its end.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/life.bash"

test_a_request_is_written_again_from_public_data() {
	fresh
	run coldspare --vault v csr "$first"
	assert_code 0
	cmp "$stdout" "v/keys/$first/request.csr"
	run coldspare --vault v csr "$first" --to again.csr
	assert_code 0
	cmp again.csr "v/keys/$first/request.csr"
	refused 73 'exists already' csr "$first" --to again.csr
	refused 64 'make a new request' csr "$first" --san other.org
	refused 64 'has no request' csr vault-signing-key
	refused 78 'inside the vault' csr "$first" --to v/x
}

test_k_custodians_sign_a_request_with_other_names() {
	fresh
	run coldspare --vault v csr "$first" --san www.example.org --san IP:192.0.2.7 --from dir:a --from dir:c --to new.csr
	assert_code 0
	assert_err 'a certificate for *.api.example.org too'
	assert_out "a new request of $first, in keys/$first/request-2.csr"
	openssl req -in new.csr -noout -verify -text >text 2>&1
	grep -q 'verify OK' text
	grep -q 'DNS:example.org, DNS:www.example.org, IP Address:192.0.2.7' text
	cmp new.csr "v/keys/$first/request-2.csr"
	run coldspare --vault v csr "$first" --from dir:b --from dir:c --subject /O=Ops
	assert_code 0
	run coldspare --vault v csr "$first"
	cmp "$stdout" "v/keys/$first/request-3.csr"
	run coldspare --vault v log
	assert_out "new request of $first for example.org, www.example.org, IP:192.0.2.7; shares of anna, cleo"
	run coldspare --vault v --json status
	assert_json '.domains[0].keys | all(.released | not)'
	next_manifest 2
	cmp out2/requests/"$first".csr "v/keys/$first/request-3.csr"
	run coldspare --vault v csr "$second" --from dir:a
	assert_code 78
	assert_no_file "v/keys/$second/request-2.csr"
	audited
}

test_the_names_of_a_domain_can_change_and_requests_follow() {
	fresh
	refused 64 'give --domain' policy --san www.example.org
	refused 64 'given twice' policy --domain example.org --san www.example.org --san WWW.example.org
	run coldspare --vault v policy --domain example.org --san www.example.org --san new.example.org
	assert_code 0
	assert_out 'makes new ones'
	issue "v/keys/$first/request.csr" old.pem
	refused 78 'does not cover the name new.example.org' attach "$first" old.pem
	run coldspare --vault v csr "$first" --from dir:a --from dir:b
	assert_code 0
	issue "v/keys/$first/request-2.csr" new.pem
	run coldspare --vault v attach "$first" new.pem
	assert_code 0
	next_manifest 2
	assert_same "$(jq -c '.domains[].names' out2/pins.json)" '["example.org","www.example.org","new.example.org"]'
	run coldspare --vault v --json policy --domain example.org --san none
	assert_code 0
	assert_json '.domains[0].names == ["example.org"]'
	audited
}

test_the_live_key_taken_in_is_the_active_one() {
	fresh
	run operate v import --domain example.org live.key
	assert_code 0
	run operate v export --to out2
	assert_code 0
	assert_same "$(pins 2 | cut -d' ' -f1,2)" "$(printf 'active active\nbackup standby\nbackup standby')"
	run coldspare --vault v --json status
	assert_json '.domains[0].keys[2] | .state == "active" and .origin == "imported"'
	rm -rf v
	fresh
	run coldspare --vault v compromise "$(pin_of live.pem)"
	run operate v import --domain example.org live.key
	assert_code 78
	assert_err 'was compromised'
}

sealed_of() { echo v/keys/"$1"/sealed-*.txt; }
set_of() { sealed_of "$1" | sed 's/.*sealed-//; s/[.]txt//'; }

test_destroy_spares_what_is_pinned_and_names_who_can_open_it_still() {
	fresh
	refused 78 'last sealed record' destroy "$first" --yes
	refused 78 'what the vault signs with' destroy vault-signing-key --yes
	refused 66 'has no set' destroy "$first" --set 0123456789abcdef --yes
	run coldspare --vault v retire "$first"
	assert_code 0
	refused 78 'nothing was destroyed' destroy "$first"
	assert_file "$(sealed_of "$first")"
	run typed 'sealed record' no --vault v destroy "$first"
	assert_code 78
	assert_file "$(sealed_of "$first")"
	path=$(sealed_of "$first")
	run typed 'sealed record' yes --vault v destroy "$first" --set "$(set_of "$first")"
	assert_code 0
	assert_no_file "$path"
	run coldspare --vault v destroy "$first"
	assert_code 78
	assert_err 'no sealed record of'
	assert_err 'nothing is left to do here'
	# Its holders can still; until they say that they cannot.
	run coldspare --vault v --json status
	assert_json '[.warnings[].id] | index("old-shares") != null'
	for custodian in anna ben; do
		run coldspare --vault v reshare "$first" --destroyed "$custodian" --yes
		assert_code 0
	done
	assert_out 'no old set of shares opens any key any more'
	run operate v destroy "$second" --yes --force
	assert_code 0
	assert_out 'number 2: ben'
	assert_out 'with the sealed key'
	run operate v export --to out2 --force
	assert_code 0
	assert_same "$(pins 2)" 'active active external'
	audited
}

test_a_destruction_that_was_cut_off_is_told_and_finished() {
	fresh
	run coldspare --vault v retire "$first"
	path=$(sealed_of "$first")
	# Killed between the journal and the removal.
	run strace -f -qq -e trace=unlink -e inject=unlink:signal=KILL:when=1 -o trace \
		"$BUILD/coldspare" --vault v destroy "$first" --yes
	[ "$status" != 0 ] || fail 'it was not killed'
	assert_file "$path"
	lines=$(wc -l <v/journal.jsonl)
	audited
	assert_out "finish it with \`coldspare destroy $first\`"
	run coldspare --vault v destroy "$first"
	assert_code 0
	assert_out 'finished: '
	assert_no_file "$path"
	assert_same "$(wc -l <v/journal.jsonl)" "$lines"
	audited
	assert_not_out 'finish it'
}

run_tests
