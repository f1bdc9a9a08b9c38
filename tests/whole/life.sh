#!/bin/bash
# SPDX-License-Identifier: ISC
# The life of a key, against a local CA: attach, promote, retire, compromise, released.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/life.bash"

# attach -------------------------------------------------------------------------------------------

test_a_chain_in_any_order_is_attached_leaf_first() {
	fresh
	issue "v/keys/$first/request.csr" leaf.pem
	cat ca/root.pem leaf.pem ca/sub.pem >shuffled.pem
	run coldspare --vault v attach "$first" shuffled.pem
	assert_code 0
	assert_out "$first is presigned"
	assert_out 'issuer   CN=Test CA'
	assert_out "serial   $(openssl x509 -in leaf.pem -noout -serial | sed 's/.*=//; y/ABCDEF/abcdef/')"
	assert_out 'chain    3 certificates'
	cat leaf.pem ca/sub.pem ca/root.pem | cmp - v/keys/"$first"/certificate-*.pem
	assert_same "$(state_of "$first")" presigned
	run coldspare --vault v --json status
	assert_json '.domains[0].keys[0].certificate | .issuer == "CN=Test CA" and (.not_after | fromdate > now)'
	run coldspare --vault v status
	assert_out "certificate until $(date -ud "$(openssl x509 -in leaf.pem -noout -enddate | cut -d= -f2)" +%F), CN=Test CA"
	refused 73 'attached to' attach "$first" shuffled.pem
	openssl x509 -in leaf.pem -outform der -out leaf.der
	refused 73 'attached to' attach "$first" leaf.der
	# What a command leaves that is killed before its line.
	cp leaf.pem "v/keys/$second/certificate-00.pem"
	audited
	assert_out 'certificate-00.pem: was left by a command that was cut off'
	run coldspare --vault v log
	assert_out "certificate for $first attached: serial"
}

test_attach_refuses_what_would_not_serve() {
	local names='DNS:example.org,DNS:www.example.org,DNS:*.api.example.org'
	fresh
	attach "$second"
	issue "v/keys/$first/request.csr" leaf.pem
	refused 78 "no certificate in it is of the key $first" attach "$first" "chain-$second.pem"
	assert_err "it is the certificate of $second, which is presigned"
	issue "v/keys/$first/request.csr" short.pem DNS:example.org,DNS:www.example.org
	refused 78 'does not cover the name *.api.example.org' attach "$first" short.pem
	issue "v/keys/$first/request.csr" cn.pem email:a@example.org
	refused 78 'does not cover the name example.org' attach "$first" cn.pem
	issue "v/keys/$first/request.csr" wild.pem 'DNS:*.example.org,DNS:*.api.example.org'
	refused 78 'does not cover the name example.org' attach "$first" wild.pem
	issue "v/keys/$first/request.csr" old.pem '' '' -days -1
	refused 78 'it expired at' attach "$first" old.pem
	issue "v/keys/$first/request.csr" ca.pem "$names" basicConstraints=CA:true
	refused 78 'the certificate of a CA' attach "$first" ca.pem
	cat leaf.pem live.pem >stray.pem
	refused 78 'CN=example.org is not above' attach "$first" stray.pem
	cat leaf.pem ca/sub.key >key.pem
	refused 78 'holds a private key' attach "$first" key.pem
	refused 65 'item 1 is a CSR' attach "$first" "v/keys/$first/request.csr"
	refused 66 'nowhere' attach "$first" nowhere.pem
	assert_same "$(state_of "$first")" standby
	audited
}

test_a_wildcard_covers_one_label_and_a_lone_leaf_is_warned_of() {
	fresh
	issue "v/keys/$first/request.csr" leaf.pem \
		'DNS:example.org,DNS:*.example.org,DNS:*.api.example.org,DNS:other.org'
	run coldspare --vault v --json attach "$first" leaf.pem
	assert_code 0
	assert_err 'no certificate of CN=Test CA came with it'
	assert_json '.state == "presigned" and .chain == 1 and (.names | length == 3)'
}

# promote, retire ----------------------------------------------------------------------------------

test_promote_refuses_what_is_not_ready_and_force_is_on_record() {
	fresh
	run operate v generate --domain example.org --backups 1
	assert_code 0
	third=$(coldspare --vault v --json status | jq -r '.domains[0].keys[2].key')
	refused 78 'not known to be deployed' promote "$third"
	next_manifest 2
	refused 78 'ready only from' promote "$third"
	refused 66 'no key' promote example.net
	refused 64 'no backup key' promote vault-signing-key
	run coldspare --vault v promote "$third" --force
	assert_code 0
	assert_err 'by force: ready only from'
	assert_out "coldspare retire $(pin_of live.pem)"
	run coldspare --vault v log
	assert_out "$third is active for example.org, by force: ready only from"
	refused 78 'active already' promote "$third"
}

test_the_last_backup_and_the_last_served_pin_stay() {
	fresh
	refused 78 'last pin in the served chain' retire "$(pin_of live.pem)"
	run coldspare --vault v retire "$first"
	assert_code 0
	refused 78 "$second is the last usable backup" retire "$second"
	refused 78 'retired already' retire "$first"
	refused 78 'retired for good' promote "$first"
	refused 78 'is retired' attach "$first" live.pem
	# One that left the vault is no backup to count on, so it may go.
	run coldspare --vault v released "$second"
	assert_code 0
	refused 78 'released already' released "$second"
	run coldspare --vault v retire "$second"
	assert_code 0
	# What another key took over from is no backup either.
	run operate v --json generate --domain example.org --backups 1
	assert_code 0
	third=$(jq -r '.keys[0].key' "$stdout")
	run coldspare --vault v promote "$third" --force
	assert_code 0
	run operate v export --to out2
	assert_code 78
	assert_err 'no backup pin outside the served chain'
	run coldspare --vault v retire "$(pin_of live.pem)"
	assert_code 0
	refused 78 'already' retire "$(pin_of live.pem)"
	refused 78 'pinned nowhere' retire vault-signing-key
	audited
}

# compromise ---------------------------------------------------------------------------------------

test_the_live_certificate_can_be_compromised() {
	fresh
	attach "$second"
	run coldspare --vault v compromise "$(pin_of live.pem)"
	assert_code 0
	assert_out "Use $second: presigned until "
	assert_out "coldspare recover $second --from "
	run operate v export --to out2
	assert_code 0
	assert_err 'no pin in the served chain'
	assert_same "$(pins 2 | cut -d' ' -f1 | sort -u)" backup
	refused 78 'already' compromise "$(pin_of live.pem)"
	run operate v add-pin --domain example.org --role active live.pem
	assert_code 78
	assert_err 'was compromised'
	# Once a manifest is safe again, the next unsafe one is refused again.
	run coldspare --vault v promote "$second"
	assert_code 0
	run operate v export --to out3
	assert_code 0
	assert_not_err warning
	run coldspare --vault v retire "$first" --force
	assert_code 0
	run operate v export --to out4
	assert_code 78
}

test_a_compromised_backup_leaves_and_the_chosen_one_is_the_best() {
	fresh
	run coldspare --vault v compromise "$first"
	assert_code 0
	assert_out 'No server has to change'
	refused 78 'compromised already' compromise "$first"
	refused 78 'compromised for good' promote "$first"
	run coldspare --vault v --json compromise "$(pin_of live.pem)"
	assert_code 0
	assert_json ".domains[0].use == \"$second\""
	run coldspare --vault v compromise "$second"
	assert_code 0
	run operate v export --to out2
	assert_code 78
	assert_err 'no pin is left to publish'
	assert_no_file out2
}

test_a_certificate_of_two_domains_leaves_both() {
	fresh
	run operate v generate --domain example.net --backups 1
	assert_code 0
	run operate v add-pin --domain example.net --role backup live.pem
	assert_code 0
	# What was held elsewhere goes into production there.
	run operate v add-pin --domain example.net --role active live.pem
	assert_code 0
	run operate v export --to out2
	assert_code 0
	assert_same "$(jq -r '.domains[1].pins[0] | "\(.role) \(.state)"' out2/pins.json)" 'active active'
	run coldspare --vault v --json compromise "$(pin_of live.pem)"
	assert_code 0
	assert_json '[.domains[].domain] == ["example.org", "example.net"]'
	assert_json '.domains[0].use != .domains[1].use and .domains[1].use != null'
	run coldspare --vault v --json status
	assert_json '.domains | all(.pins == [])'
}

# Recorded for two domains, then taken in as a key of the one: it is one pin, and leaves both.
test_a_key_that_another_domain_pins_from_outside_leaves_both() {
	fresh
	run operate v generate --domain example.net --backups 1
	run operate v add-pin --domain example.net --role active live.pem
	assert_code 0
	run operate v import --domain example.org live.key
	assert_code 0
	pin=$(pin_of live.pem)
	live=$(coldspare --vault v --json status | jq -r --arg pin "$pin" '.domains[].keys[] | select(.pin == $pin).key')
	cp -r v w
	refused 78 'recorded for example.org already' add-pin --domain example.org --role backup live.pem
	run coldspare --vault v --json compromise "$live"
	assert_code 0
	assert_json '[.domains[] | [.domain, .key]] == [["example.org", "'"$live"'"], ["example.net", null]]'
	run coldspare --vault w --json compromise "$pin"
	assert_code 0
	assert_json '[.domains[].domain] == ["example.org", "example.net"]'
	for vault in v w; do
		run operate "$vault" export --to "out-$vault"
		assert_code 0
		grep -q -F "$pin" "out-$vault/pins.json" && fail 'a compromised pin is published'
		for domain in example.org example.net third.example.org; do
			run operate "$vault" add-pin --domain "$domain" --role backup live.pem
			[ "$status" != 0 ] || fail 'a compromised pin came back'
		done
		run coldspare --vault "$vault" audit
		assert_code 0
	done
	refused 78 'compromised already' compromise "$live"
	mkdir x y
	# What became of it is no reason to keep it from other custodians.
	run operate v reshare --all --from dir:"$DIR/made/a" --from dir:"$DIR/made/b" \
		--custodian xenia=dir:x --custodian yan=dir:y
	assert_code 0
}

test_retiring_a_key_takes_its_pin_from_every_domain() {
	fresh
	run operate v generate --domain example.net --backups 1
	run operate v add-pin --domain example.net --role active live.pem
	run operate v import --domain example.org live.key
	assert_code 0
	run operate v retire --force "$(pin_of live.pem)"
	assert_code 0
	assert_out 'example.org:'
	assert_out 'example.net:'
	refused 78 'is retired already' retire "$(pin_of live.pem)"
}

# The whole life -----------------------------------------------------------------------------------

# after N: what production sees of manifest N: signed, linted (the rules named may be broken), and what
# changed.
after() {
	run minisign -Vm "out$1/pins.json" -p "out$1/vault.pub"
	assert_code 0
	run coldspare_pins --json lint "out$1/pins.json"
	assert_same "$(jq -c '[.findings[].rule] - ["no-expiry", "wildcard-name"] | unique' "$stdout")" "$2"
	[ "$1" = 1 ] || run coldspare_pins --json diff "out$(($1 - 1))/pins.json" "out$1/pins.json"
}
# changed KEY FIELD: "from to" by the diff; of a pin that came or went: how.
changed() {
	jq -r --arg key "$1" --arg field "$2" '.changes[] | select(.key == $key) |
		if .fields == [] then .change else .fields[] | select(.field == $field) | "\(.from) \(.to)" end' "$stdout"
}
check() { run coldspare_pins check --key out1/vault.pub --domain example.org --chain "$1" "out$2/pins.json"; }

test_a_key_lives_from_generation_to_its_successor() {
	fresh
	assert_same "$(pins 1)" "$(printf 'active active external\nbackup standby %s\nbackup standby %s' "$first" "$second")"
	check live.pem 1
	assert_code 0
	assert_out 'backups outside the chain: 2'

	# A CA signs: presigned.
	attach "$first"
	next_manifest 2
	after 2 '[]'
	assert_same "$(changed "$first" state)" 'standby presigned'
	assert_same "$(pins 2 | sed -n 2p)" "backup presigned $first"
	cmp out2/certificates/"$first".pem "chain-$first.pem"
	check "chain-$first.pem" 2
	assert_code 0
	assert_out 'backups outside the chain: 1'

	# It goes into production; what was there stays pinned, as nobody's backup.
	run coldspare --vault v promote "$first"
	assert_code 0
	next_manifest 3
	after 3 '["one-backup"]'
	assert_same "$(changed "$first" state)" 'presigned active'
	assert_same "$(changed "$first" role)" 'backup active'
	assert_json '.warnings == []'
	assert_same "$(pins 3)" "$(printf 'active active %s\nbackup standby %s\nbackup retired external' "$first" "$second")"
	check live.pem 3
	assert_code 0
	assert_out 'RETIRED: about to leave'
	assert_out 'backups outside the chain: 1'
	run coldspare --vault v retire "$(pin_of live.pem)"
	assert_code 0
	next_manifest 4
	assert_same "$(pins 4)" "$(printf 'active active %s\nbackup standby %s' "$first" "$second")"
	check live.pem 4
	assert_code 78

	# Renewal with the same key.
	issue "v/keys/$first/request.csr" renewed.pem
	run coldspare --vault v attach "$first" renewed.pem
	assert_code 0
	assert_out "$first is active"

	# Compromised: k custodians bring the other one back, in one file with what the CA issued for it.
	attach "$second"
	run coldspare --vault v compromise "$first"
	assert_code 0
	assert_out "Use $second: presigned"
	run coldspare --vault v recover "$second" --from dir:a --from dir:c --to new.pem --format bundle --plaintext
	assert_code 0
	cmp <(sed '/PRIVATE KEY/,$d' new.pem) "chain-$second.pem"
	run coldspare --vault v promote "$second"
	assert_code 0
	next_manifest 5
	grep -q 'no backup pin' warnings
	after 5 '["no-backup","two-pins"]'
	assert_same "$(changed "$first" state)" removed
	assert_same "$(changed "$second" state)" 'standby active'
	assert_same "$(pins 5)" "active active $second"
	check "chain-$first.pem" 5
	assert_code 78
	check "chain-$second.pem" 5
	assert_code 0
	assert_out 'backups outside the chain: 0'

	# Replaced.
	run operate v generate --domain example.org
	assert_code 0
	next_manifest 6
	[ ! -s warnings ] || fail 'a warning over a safe manifest'
	after 6 '["backup-not-ready"]'
	assert_same "$(pins 6 | cut -d' ' -f1,2)" "$(printf 'active active\nbackup standby\nbackup standby')"
	audited
}

test_a_certificate_that_ends_is_said_in_time() {
	fresh
	issue "v/keys/$first/request.csr" soon.pem '' '' -days 29
	issue "v/keys/$first/request.csr" later.pem '' '' -days 300
	cat soon.pem ca/sub.pem >soon-chain.pem
	cat later.pem ca/sub.pem >later-chain.pem
	run coldspare --vault v attach "$first" soon-chain.pem
	assert_code 0
	run coldspare --vault v --json status
	assert_json ".warnings[] | select(.id == \"certificate-ends\").message | endswith(\": $first\")"
	run coldspare --vault v attach "$first" later-chain.pem
	assert_code 0
	run coldspare --vault v --json status
	assert_json '[.warnings[].id] | index("certificate-ends") == null'
}

run_tests
