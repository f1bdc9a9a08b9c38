#!/bin/bash
# SPDX-License-Identifier: ISC
# rebuild: a vault made again from custodians' shares and the last export.
# shellcheck source=tests/whole/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/whole/pins.bash
. "$(dirname "$0")/pins.bash"
# shellcheck source=tests/whole/life.bash
. "$(dirname "$0")/life.bash"

NEW='another passphrase altogether'
anna=dir:$DIR/anna ben=dir:$DIR/ben cleo=dir:$DIR/cleo

certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -days 90 \
		-keyout "$1.key" -out "$1.pem" 2>/dev/null
}
# The vault that is lost: two domains, an active pin, a CA's, a released key, two exports, the first of
# them live for as long as its policy.
(
	cd "$DIR"
	make_vault old 2 anna="$DIR/anna" ben="$DIR/ben" cleo="$DIR/cleo"
	certificate example.org
	run operate old generate --domain example.org --san www.example.org
	run operate old generate --domain other.example.net --algorithm rsa:2048 --backups 1
	run operate old policy --domain other.example.net --max-age 7d --include-subdomains yes \
		--report-uri https://report.example.net/r
	assert_code 0
	run operate old add-pin --domain example.org --role active example.org.pem
	make_ca
	presigned=$(cd old/keys && printf '%s\n' example.org-* | head -n 1)
	issue "old/keys/$presigned/request.csr" leaf.pem
	cat leaf.pem ca/sub.pem >chain.pem
	run coldspare --vault old attach "$presigned" chain.pem
	assert_code 0
	run operate old recover other --from "$anna" --from "$ben" --plaintext --to other.key
	assert_code 0
	run operate old export --to out1 --force
	assert_code 0
	run operate old deployed 1
	run operate old export --to out2 --force
	assert_code 0
	cp old/vault.pub .
)

# rebuild ARGUMENTS...: the vault ./v.
rebuild() {
	run coldspare --vault v --passphrase-fd 9 rebuild --export "$DIR/out2" --key "$DIR/vault.pub" \
		--kdf interactive "$@" 9<<<"$NEW"
}
operate_new() { coldspare --vault v --passphrase-fd 9 "$@" 9<<<"$NEW"; }

test_a_rebuilt_vault_goes_on() {
	rebuild --from "$cleo" --from "$anna"
	assert_code 0
	assert_out 'vault Test Vault rebuilt: v'
	assert_out 'key: vault-signing-key, standby; 2 of its shares were there; combinations that rebuilt it: 1'
	assert_out 'Nothing here tells whether there was a later'
	assert_out ', presigned; 2 of its shares'
	assert_out 'journal: 3 entries'
	run coldspare --vault v audit
	assert_code 0
	assert_out 'checked: 17 files, 4 keys, 1 manifests'
	assert_not_out warning
	run coldspare --vault v log
	assert_out 'rebuilt from manifest 2 and the shares of 4 keys'
	# No private key was written: what the old vault had of each key, the new one has.
	local file
	for file in $(cd "$DIR/old" && find keys -type f); do
		cmp "$DIR/old/$file" "v/$file"
	done
	assert_same "$(find v -type f | wc -l)" 18
	run coldspare --vault v --json status
	jq '[.domains[] | {domain, keys: [.keys[] | {key, pin, algorithm, state, proven, released, origin, deployed, ready}]}]' \
		"$stdout" >new.json
	run coldspare --vault "$DIR/old" --json status
	jq '[.domains[] | {domain, keys: [.keys[] | {key, pin, algorithm, state, proven, released, origin, deployed, ready}]}]' \
		"$stdout" >old.json
	cmp old.json new.json
	# Nobody knew whose the third share is, until it is seen.
	run coldspare --vault v status
	tr -d '\n' <"$stdout" | grep -qF 'unknown-2 (seen never)' || fail 'nothing of the third share'
	run operate_new drill --all --from "$anna" --from "$ben"
	assert_code 0
	run coldspare --vault v status
	assert_not_out unknown
	assert_not_out overdue
	run operate_new generate --domain example.org --backups 1
	assert_code 0
	run operate_new export --to out --force
	assert_code 0
	run coldspare_pins verify --key "$DIR/vault.pub" --newer-than "$DIR/out2/pins.json" out/pins.json
	assert_code 0
	assert_out 'serial       3'
	run coldspare_pins diff "$DIR/out2/pins.json" out/pins.json
	assert_code 0
	assert_same "$(grep -c '^[+-]' "$stdout")" "$(grep -c '^+' "$stdout")"
	# Every member but those of the new key is as it was.
	jq -S '.domains[] | del(.pins)' "$DIR/out2/pins.json" >a
	jq -S '.domains[] | del(.pins)' out/pins.json >b
	cmp a b
	run coldspare --vault v audit
	assert_code 0
	run coldspare --vault v backup --to copy
	assert_code 0
}

# A share made anew before the loss may be with a custodian who was not there: its number is taken.
test_no_number_is_given_twice_across_a_rebuild() {
	cp -r "$DIR"/old "$DIR"/anna "$DIR"/ben .
	mkdir dora emil
	run operate old replace-share --all --from dir:anna --from dir:ben --lost cleo --custodian dora=dir:dora
	assert_code 0
	rebuild --from dir:anna --from dir:ben
	assert_code 0
	key=$(find dora -name "example.org*" -printf "%f\n" -quit)
	key=${key%.*.004.share}
	run operate_new replace-share "$key" --from dir:anna --from dir:ben --lost unknown-3 --custodian emil=dir:emil
	assert_code 78
	assert_err 'the vault was rebuilt'
	assert_empty_dir emil
	run operate_new reshare "$key" --from dir:anna --from dir:dora --custodian anna=dir:anna \
		--custodian ben=dir:ben --custodian dora=dir:dora
	assert_code 0
	rm ben/"$key".*
	run operate_new replace-share "$key" --from dir:anna --from dir:dora --custodian ben=dir:ben
	assert_code 0
}

# Her share was lost, made anew, and found again: two of k, and the vault comes back.
test_two_shares_of_one_custodian_rebuild_a_vault() {
	cp -r "$DIR"/old "$DIR"/anna "$DIR"/ben .
	mkdir new
	run operate old replace-share --all --from dir:anna --from dir:ben --custodian anna=dir:new
	assert_code 0
	rebuild --from dir:anna --from dir:new
	assert_code 0
	assert_out 'custodians known: anna ('
	assert_out ' unknown-4 ('
	run coldspare --vault v audit
	assert_code 0
	run operate_new drill --all --from dir:anna --from dir:new
	assert_code 0
}

test_a_key_made_later_waits_for_the_policy_before() {
	rebuild --from "$ben" --from "$anna"
	run operate_new generate --domain example.org --backups 1
	run operate_new export --to out --force
	run coldspare --vault v deployed 3
	assert_code 0
	run coldspare --vault v --json status
	# Clients hold manifest 2 for 60 days, live or not: nobody told when.
	jq -e '.domains[0].keys | [.[] | .ready == .deployed] == [true, true, false]' "$stdout" ||
		fail 'ready is not as the old policy has it'
	run coldspare --vault v deployed 2
	assert_code 0
}

test_all_given_shares_count_and_bad_ones_stop_nobody() {
	cp -r "$DIR/anna" .
	sed -i 's/^threshold: 2/threshold: 3/' anna/*
	rebuild --from dir:anna --from "$ben" --from "$cleo"
	assert_code 0
	assert_err 'anna/'
	run coldspare --vault v audit
	assert_code 0
	rm -rf v
	rebuild --from "$anna" --from "$ben" --from "$cleo"
	assert_out '3 of its shares were there; combinations that rebuilt it: 3'
}

test_too_few_shares_rebuild_nothing() {
	rebuild --from "$anna"
	assert_code 78
	assert_no_file v
	cp -r "$DIR/anna" .
	rm anna/other*
	rebuild --from dir:anna --from "$ben"
	assert_code 78
	assert_err 'other.example.net-rsa-2048-'
	assert_err '--partial'
	assert_no_file v
	rebuild --from dir:anna --from "$ben" --partial
	assert_code 0
	assert_out 'NOT BROUGHT BACK: other.example.net-rsa-2048-'
	run coldspare --vault v audit
	assert_code 0
	run operate_new export --to out --force
	assert_code 78
	assert_err 'other.example.net: no pin is left to publish'
}

test_detached_shares_cannot_bring_a_key_back() {
	cp -r "$DIR/anna" "$DIR/ben" .
	sed -i '/^sealed-[nd]/d' {anna,ben}/other*
	rebuild --from dir:anna --from dir:ben
	assert_code 78
	assert_err 'do not carry the sealed key'
	assert_no_file v
}

test_what_is_not_authentic_is_refused() {
	make_key mallory
	run coldspare --vault v --passphrase-fd 9 rebuild --export "$DIR/out2" --key mallory.pub \
		--from "$anna" --from "$ben" 9<<<"$NEW"
	assert_code 77
	assert_no_file v
	cp -r "$DIR/out2" out2
	sed -i s/5184000/5184001/ out2/pins.json
	rebuild --from "$anna" --from "$ben" --export out2
	assert_code 64
	run coldspare --vault v --passphrase-fd 9 rebuild --export out2 --key "$DIR/vault.pub" \
		--from "$anna" --from "$ben" 9<<<"$NEW"
	assert_code 77
	assert_no_file v
	cp "$DIR/out2/pins.json" out2
	cp "$DIR"/out2/requests/other*.csr out2/requests/"$(basename "$DIR"/out2/requests/example*0*.csr)"
	for request in out2/requests/example*; do
		cp "$DIR"/out2/requests/other*.csr "$request"
	done
	run coldspare --vault v --passphrase-fd 9 rebuild --export out2 --key "$DIR/vault.pub" \
		--from "$anna" --from "$ben" 9<<<"$NEW"
	assert_code 78
	assert_err 'is no request of that key'
	assert_no_file v
}

test_bad_places_are_refused() {
	mkdir v
	touch v/mine
	rebuild --from "$anna" --from "$ben"
	assert_code 73
	assert_same "$(ls v)" mine
	rm -rf v
	run coldspare --vault v rebuild --export "$DIR/out2" --from "$anna"
	assert_code 64
	assert_err '--key is missing'
	run coldspare --vault v rebuild --key "$DIR/vault.pub" --from "$anna"
	assert_code 64
	cp -r "$DIR/out2" out2
	run coldspare --vault out2/v rebuild --export out2 --key "$DIR/vault.pub" --from "$anna" --from "$ben"
	assert_code 78
	assert_no_file out2/v
}

# Until the second line stands there is no vault, and it is said how to make one.
test_a_rebuild_that_is_cut_short_is_no_vault() {
	rebuild --from "$anna" --from "$ben"
	head -n 1 v/journal.jsonl >line
	mv line v/journal.jsonl
	run coldspare --vault v audit
	assert_code 77
	assert_out 'run `coldspare rebuild` again'
	run operate_new export --to out
	assert_code 78
	assert_err 'coldspare rebuild'
}

run_tests
