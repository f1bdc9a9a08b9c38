#!/bin/bash
# SPDX-License-Identifier: ISC
# export, deployed, add-pin: the signed manifest over several rounds.
. "$(dirname "$0")/lib.sh"

# A vault ./v with keys for example.org and a live certificate on record.
fresh() {
	make_vault v 2 anna=a ben=b cleo=c
	run operate v generate --domain example.org --san www.example.org
	assert_code 0
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout live.key -out live.pem \
		-subj /CN=example.org -days 30 2>/dev/null
}
live() {
	run operate v add-pin --domain example.org --role active live.pem
	assert_code 0
}
cert_pin() {
	openssl x509 -in "$1" -noout -pubkey | openssl pkey -pubin -outform der |
		openssl dgst -sha256 -binary | base64
}

test_minisign_verifies_the_manifest_and_a_changed_byte_fails() {
	fresh
	live
	run operate v export --to out
	assert_code 0
	assert_out 'manifest 1: 3 pins of 1 domain'
	run minisign -Vm out/pins.json -p out/vault.pub
	assert_code 0
	assert_out 'Trusted comment: Test Vault serial 1 '
	cmp out/vault.pub v/vault.pub
	assert_same "$(cd out && echo *)" 'pins.json pins.json.minisig requests vault.pub'
	assert_same "$(find out/requests -name 'example.org-*.csr' | wc -l)" 2
	sed -i 's/5184000/5184001/' out/pins.json
	run minisign -Vm out/pins.json -p out/vault.pub
	assert_code 1
}

test_the_manifest_says_what_the_vault_holds() {
	fresh
	live
	run operate v policy --domain example.org --max-age 30d --include-subdomains yes \
		--report-uri https://report.example.net/r
	assert_code 0
	run operate v export --to out --valid-for 90d
	assert_code 0
	cp out/pins.json "$stdout"
	assert_json '.format == "coldspare-pins-1" and .serial == 1 and .previous == null'
	assert_json '.domains[0].names == ["example.org", "www.example.org"]'
	assert_json '.domains[0] | .max_age == 2592000 and .include_subdomains
		and .report_uri == "https://report.example.net/r"'
	assert_json '[.domains[0].pins[].role] == ["active", "backup", "backup"]'
	assert_json ".domains[0].pins[0].pin == \"$(cert_pin live.pem)\" and .domains[0].pins[0].key == null"
	assert_json '(.valid_until | fromdate) - (.created | fromdate) == 90 * 86400'
	[ ${#OFFLINE[@]} -eq 0 ] || assert_json '.offline'
}

test_serial_previous_and_journal_head_follow_over_exports() {
	fresh
	live
	for n in 1 2 3; do
		head=$(tail -n 1 v/journal.jsonl | tr -d '\n' | b2sum -l 256 | cut -d' ' -f1)
		entries=$(wc -l <v/journal.jsonl)
		run operate v export --to "out$n"
		assert_code 0
		cp "out$n/pins.json" "$stdout"
		assert_json ".serial == $n and .journal.head == \"$head\" and .journal.entries == $entries"
		[ "$n" = 1 ] || assert_json ".previous == \"$(sha256sum "out$((n - 1))/pins.json" | cut -d' ' -f1)\""
		run operate v generate --domain example.org --backups 1
		assert_code 0
	done
	run coldspare --vault v audit
	assert_code 0
}

test_an_unsafe_set_is_refused_without_force() {
	fresh
	run operate v export --to out
	assert_code 78
	assert_err 'served chain'
	assert_no_file out
	run operate v export --to out --force
	assert_code 0
	assert_file out/pins.json
}

test_an_empty_vault_exports_nothing() {
	make_vault v 2 anna=a ben=b
	run operate v export --to out
	assert_code 78
	assert_no_file out
}

test_a_failed_export_uses_up_no_serial() {
	fresh
	live
	mkdir -p used
	echo mine >used/pins.json
	run operate v export --to used
	assert_code 73
	assert_same "$(cat used/pins.json)" mine
	run coldspare --vault v --passphrase-fd 9 export --to out 9<<<wrong
	assert_code 77
	assert_no_file out
	run operate v export --to no/such/out
	assert_code 66
	run operate v export --to v/out
	assert_code 78
	assert_no_file v/out
	run operate v export --to out
	assert_code 0
	run jq -e '.serial == 1' out/pins.json
	assert_code 0
}

test_leftovers_of_a_killed_export_do_not_matter() {
	fresh
	live
	mkdir -p v/manifests
	echo half >v/manifests/000001.json
	run operate v export --to out
	assert_code 0
	cmp out/pins.json v/manifests/000001.json
}

test_online_handling_marks_the_manifest_for_good() {
	[ ${#OFFLINE[@]} -gt 0 ] || skip 'no network namespaces here'
	fresh
	live
	run operate v --allow-online generate --domain on.example.org
	assert_code 0
	run operate v --json status
	assert_json '[.domains[] | select(.domain == "on.example.org").keys[].origin] == ["online", "online"]'
	run operate v export --to out --force
	assert_code 0
	run jq -e '.offline == false' out/pins.json
	assert_code 0
}

test_deployment_makes_pins_ready() {
	fresh
	live
	run operate v export --to out1
	assert_code 0
	run coldspare --vault v deployed 1
	assert_code 0
	# Nothing earlier lacked them: ready at once.
	run coldspare --vault v --json status
	assert_json '.domains[0].keys | all(.deployed != null and .ready == .deployed)'
	run operate v generate --domain example.org --backups 1
	assert_code 0
	run operate v export --to out2
	assert_code 0
	run coldspare --vault v --json status
	assert_json '[.domains[0].keys[] | select(.ready == null)] | length == 1'
	run coldspare --vault v deployed 2
	assert_code 0
	# Manifest 1 lacked the third: its max-age has to pass.
	run coldspare --vault v --json status
	assert_json '[.domains[0].keys[] | (.ready | fromdate) - (.deployed | fromdate)] == [0, 0, 5184000]
		or ([.domains[0].keys[] | (.ready | fromdate) - (.deployed | fromdate)] | .[2] == 5184000)'
}

test_a_policy_from_before_the_vault_counts() {
	fresh
	live
	run operate v policy --domain example.org --prior-max-age 10d
	assert_code 0
	run operate v export --to out1
	run coldspare --vault v deployed 1
	assert_code 0
	run coldspare --vault v --json status
	assert_json '.domains[0].keys | all((.ready | fromdate) - (.deployed | fromdate) == 864000)'
}

max_age_of() { jq '.domains[0].max_age' "$1/pins.json"; }

test_a_ramp_grows_with_each_deployed_manifest() {
	fresh
	live
	run operate v policy --domain example.org --ramp 5m,1d,60d
	assert_code 0
	assert_out 'ramp                5m, 1d, 60d'
	run operate v export --to out1
	run operate v export --to out2
	run coldspare --vault v deployed 2
	run operate v export --to out3
	run coldspare --vault v deployed 3
	run operate v export --to out4
	run coldspare --vault v deployed 4
	run operate v export --to out5
	assert_code 0
	assert_same "$(for n in 1 2 3 4 5; do max_age_of "out$n"; done | xargs)" '300 300 86400 5184000 5184000'
}

test_deployed_refuses_what_cannot_be() {
	fresh
	live
	run operate v export --to out
	assert_code 0
	run coldspare --vault v deployed 2
	assert_code 66
	run coldspare --vault v deployed 0
	assert_code 64
	run coldspare --vault v deployed 1 --at 2020-01-01T00:00:00Z
	assert_code 78
	run coldspare --vault v deployed 1 --at 2999-01-01T00:00:00Z
	assert_code 78
	run coldspare --vault v deployed 1 --at yesterday
	assert_code 65
	run coldspare --vault v deployed 1
	assert_code 0
	run coldspare --vault v deployed 1
	assert_code 78
}

test_a_bundle_of_cas_becomes_a_group() {
	fresh
	for n in 1 2; do
		openssl req -x509 -newkey ed25519 -nodes -keyout "ca$n.key" -out "ca$n.pem" -subj "/CN=Root $n" \
			-addext basicConstraints=critical,CA:TRUE -days 30 2>/dev/null
	done
	cat ca1.pem ca2.pem >bundle.pem
	run operate v --json add-pin --domain example.org --role ca bundle.pem
	assert_code 0
	assert_json '.pins | length == 2 and all(.ca == "root" and .algorithm == "ed25519")'
	run operate v export --to out
	assert_code 0
	run jq -e '[.domains[0].pins[] | select(.role == "ca").pin] | length == 2' out/pins.json
	assert_code 0
}

test_add_pin_refuses_what_makes_no_sense() {
	fresh
	live
	run operate v add-pin --domain example.org --role active live.pem
	assert_code 78
	assert_err already
	run operate v add-pin --domain other.org --role active live.pem
	assert_code 66
	run operate v add-pin --domain example.org --role spare live.pem
	assert_code 64
	run operate v add-pin --domain example.org --role backup live.key
	assert_code 65
	run operate v add-pin --domain example.org --role backup "$(echo v/keys/example.org-*/request.csr | cut -d' ' -f1)"
	assert_code 78
}

run_tests
