#!/bin/bash
# SPDX-License-Identifier: ISC
# runbook: what to do when a key is compromised, with the names of this very vault, and its commands.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pages.bash"

make() {
	mkdir "$DIR/made"
	cd "$DIR/made"
	make_vault v 2 anna=a ben=b cleo=c
	run operate v generate --domain example.org
	assert_code 0
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout live.key -out live.pem \
		-subj /CN=example.org -days 30 2>/dev/null
	run operate v add-pin --domain example.org --role active live.pem
	assert_code 0
	run operate v policy --contact 'anna=room 12, +00 555 0100' --location 'anna=safe A' \
		--issuer 'Fast CA=by ACME, minutes' --issuer 'Slow CA=two working days'
	assert_code 0
}
fresh() {
	cp -r "$DIR/made/." .
	live=$(jq -r '.domains[0].pins[0].pin' <(coldspare --vault v --json status))
}

test_the_runbook_names_people_authorities_and_the_backup() {
	fresh
	run operate v export --to out
	run coldspare --vault v deployed 1
	run coldspare --vault v --json runbook "$live"
	assert_code 0
	assert_json '.runbooks | length == 1'
	assert_json '.runbooks[0] | .needed and (.recorded | not) and .threshold == 2'
	assert_json '[.runbooks[0].custodians[].name] == ["anna", "ben", "cleo"]'
	assert_json '.runbooks[0].custodians[0] | .contact == "room 12, +00 555 0100" and .location == "safe A"'
	assert_json '.runbooks[0].issuers == {"Fast CA": "by ACME, minutes", "Slow CA": "two working days"}'
	assert_json '(.runbooks[0].forgotten | fromdate) - now | . > 59.9 * 86400 and . < 60.1 * 86400'
	run coldspare --vault v runbook "$live"
	assert_out 'contact: room 12, +00 555 0100'
	assert_out '- Fast CA: by ACME, minutes'
	assert_out "clients may trust it until $(date -u -d '+60 days' +%F)"
	# Nothing is changed by planning.
	assert_same "$(wc -l <v/journal.jsonl)" 9
}

# commands_of_vault: those that the runbook shows for the vault, in their order.
commands_of_vault() { sed -n -E 's/^     (export|coldspare) /\1 /p' "$1"; }

# What the CA does with the request.
sign() {
	openssl x509 -req -in "$1" -CA live.pem -CAkey live.key -days 20 -copy_extensions copy -out "$2" 2>/dev/null
}

test_its_commands_run_as_they_stand() {
	fresh
	run operate v export --to out
	run coldspare --vault v deployed 1
	run coldspare --vault v compromise "$live"
	assert_code 0
	assert_out 'is compromised: its pin leaves with the next export'
	commands_of_vault "$stdout" >commands
	sed -i 's/^coldspare attach \([^ ]*\) CERTIFICATE/sign \1.csr CERTIFICATE; &/' commands
	sed -i 's/$/ || exit/' commands
	(
		coldspare() { page_coldspare "$@"; }
		# shellcheck source=/dev/null
		. ./commands
	) >done.txt 2>&1 || fail "the runbook does not run: $(cat done.txt)"
	key=$(sed -n 's/^coldspare promote \([^ ]*\).*/\1/p' commands)
	assert_same "$(openssl pkey -in "$key.pem" -passin pass:transport -pubout)" "$(cat "v/keys/$key/public.pem")"
	run coldspare --vault v --json status
	assert_json ".domains[0].keys[] | select(.key == \"$key\").state == \"active\""
	run coldspare_pins verify --key export-2/vault.pub export-2/pins.json
	assert_code 0
	! grep -qF "$live" export-2/pins.json || fail 'the lost pin is published'
}

test_a_key_that_serves_nobody_needs_no_custodian() {
	fresh
	run coldspare --vault v runbook "$(basename v/keys/example.org-* | head -n 1)"
	assert_code 0
	assert_out 'No server has to change'
	assert_not_out 'Call the custodians'
	run coldspare --vault v runbook vault-signing-key
	assert_code 78
	run coldspare --vault v runbook nobody
	assert_code 66
}

# `render` and `install` refuse a set without a backup: the runbook says so before they do, and only then.
test_it_says_when_no_backup_will_be_left() {
	fresh
	run operate v export --to out
	run coldspare --vault v deployed 1
	run coldspare --vault v runbook "$live"
	assert_not_out '--force no-backup'
	run coldspare --vault v compromise "$(basename "$(printf '%s\n' v/keys/example.org-* | head -n 1)")"
	assert_code 0
	run coldspare --vault v compromise "$live"
	assert_code 0
	assert_out '--force no-backup'
	key=$(sed -n 's/^     coldspare promote \([^ ]*\).*/\1/p' "$stdout")
	run coldspare --vault v promote "$key"
	assert_code 0
	run operate v export --to out2
	assert_code 0
	run coldspare_pins render nginx --key out2/vault.pub out2/pins.json
	assert_code 78
	run coldspare_pins render nginx --key out2/vault.pub --force no-backup out2/pins.json
	assert_code 0
	run coldspare_pins render trustkit --key out2/vault.pub --force no-backup --force two-pins out2/pins.json
	assert_code 0
}

test_without_a_backup_it_says_so() {
	fresh
	for key in v/keys/example.org-*; do
		run coldspare --vault v compromise "$(basename "$key")"
		assert_code 0
	done
	run coldspare --vault v runbook "$live"
	assert_code 0
	assert_out 'no proven backup of example.org is left'
	assert_out 'its pin is not known to have been in production'
}

make
run_tests
