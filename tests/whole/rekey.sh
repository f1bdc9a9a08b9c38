#!/bin/bash
# SPDX-License-Identifier: ISC
# rekey: another signing key for the vault, which production accepts by the one it has.
# shellcheck source=tests/whole/lib.sh
. "$(dirname "$0")/lib.sh"

anna=$DIR/media/anna ben=$DIR/media/ben cleo=$DIR/media/cleo
make_vault "$DIR/sound" 2 anna="$anna" ben="$ben" cleo="$cleo"
run operate "$DIR/sound" generate --domain example.org --backups 1
assert_code 0
run operate "$DIR/sound" export --to "$DIR/out1" --force
assert_code 0
cp "$DIR/sound/vault.pub" "$DIR"

# The vault ./v, its custodians' media in ./m.
fresh() {
	cp -a "$DIR/sound" v
	cp -a "$DIR/media" m
	custodians=(--custodian anna=dir:m/anna --custodian ben=dir:m/ben --custodian cleo=dir:m/cleo)
	from=(--from dir:m/anna --from dir:m/ben --from dir:m/cleo)
}
rekey() { run operate v rekey --yes "${custodians[@]}"; }

test_the_successor_signs_and_production_follows() {
	fresh
	rekey
	assert_code 0
	assert_out 'the vault'"'"'s key is now RW'
	assert_out 'vault-signing-key-2: 2 of 3 shares, 3 combinations'
	assert_file v/vault-2.sec
	assert_no_file v/vault-1.sec
	run coldspare --vault v audit
	assert_code 0
	assert_not_out warning
	assert_not_out note
	run minisign -Vm v/rekeyed-1.pub -p "$DIR/vault.pub"
	assert_code 0
	assert_out 'Trusted comment: coldspare successor 1 of '
	run operate v export --to out2 --force
	assert_code 0
	cmp out2/vault.pub v/rekeyed-1.pub
	run coldspare_pins verify --key "$DIR/vault.pub" --newer-than "$DIR/out1/pins.json" out2/pins.json
	assert_code 0
	assert_out 'signed by the successor'
	run coldspare_pins verify --key out2/vault.pub out2/pins.json
	assert_code 0
	assert_not_out successor
	run minisign -Vm out2/pins.json -p out2/vault.pub
	assert_code 0
	rm out2/rekeyed-1.pub
	run coldspare_pins verify --key "$DIR/vault.pub" out2/pins.json
	assert_code 77
	run coldspare --vault v audit
	assert_code 0
	run operate v log
	assert_out "vault's key is now"
}

test_shares_from_before_stay_good() {
	fresh
	rekey
	run operate v generate --domain other.example.org --backups 1 "${custodians[@]}"
	assert_code 0
	run operate v drill --all "${from[@]}"
	assert_code 0
	assert_out 'good: example.org'
	assert_out 'good: other.example.org'
	assert_out 'good: vault-signing-key-2'
	! grep -qx 'good: vault-signing-key' "$stdout" || fail 'a key that signs no more is drilled'
	run coldspare --vault v recover example.org "${from[@]}" --plaintext --to key.pem
	assert_code 0
	# The key of before is not the beginning of its successor's name.
	run coldspare --vault v recover vault-signing-key "${from[@]}" --plaintext --to old.pem
	assert_code 0
	assert_not_err warning
	run coldspare --vault v share verify m/anna/*
	assert_code 0
	# Without the vault each share is as good as the key that is known.
	run coldspare recover example.org "${from[@]}" --plaintext --to a.pem --key "$DIR/vault.pub"
	assert_code 0
	run coldspare recover example.org "${from[@]}" --plaintext --to b.pem --key v/rekeyed-1.pub
	assert_code 78
	assert_no_file b.pem
	run coldspare recover other.example.org "${from[@]}" --plaintext --to b.pem --key v/rekeyed-1.pub
	assert_code 0
	run coldspare recover vault-signing-key-2 "${from[@]}" --plaintext --format minisign --to new.sec \
		--key v/rekeyed-1.pub
	assert_code 0
	echo text >text
	run minisign -S -W -s new.sec -m text
	run minisign -Vm text -p v/rekeyed-1.pub
	assert_code 0
	# A share made anew would need the signature of the key of before.
	mkdir m/dora
	run operate v replace-share example.org "${from[@]:0:4}" --lost cleo --custodian dora=dir:m/dora
	assert_code 78
	assert_err 'reshare'
	assert_empty_dir m/dora
	old=$(ls m/anna/example.org*)
	run operate v reshare example.org "${from[@]}" "${custodians[@]}" --threshold 2
	assert_code 0
	rm "$old"
	run operate v drill example.org "${from[@]:0:2}" --from dir:m/ben
	assert_code 0
}

test_the_key_before_is_no_cosigner() {
	fresh
	rekey
	run operate v export --to out --force
	run coldspare --vault v recover vault-signing-key "${from[@]}" --plaintext --format minisign --to old.sec
	assert_code 0
	run coldspare --vault v cosign out --secret-key old.sec --yes
	assert_code 78
	assert_err "that is the vault's own key of before"
	assert_same "$(find out -name 'pins.json.*' | wc -l)" 1
}

# What the key of before signs after it was replaced: a set that the vault does not know.
test_a_key_of_before_signs_nothing_more() {
	fresh
	cp -a v w
	cp -a m n
	rekey
	rm -rf m/*/vault-signing-key*
	run operate w generate --domain forged.example.org --backups 1 --custodian anna=dir:n/anna \
		--custodian ben=dir:n/ben --custodian cleo=dir:n/cleo
	assert_code 0
	run coldspare --vault v share verify n/anna/forged*
	assert_code 77
	run coldspare --vault v share verify n/anna/example*
	assert_code 0
	old=$(basename n/anna/example* | cut -d. -f3)
	run operate w reshare example.org --from dir:n/anna --from dir:n/ben --threshold 2 \
		--custodian anna=dir:n/anna --custodian ben=dir:n/ben
	assert_code 0
	rm n/*/example.org*."$old".*
	forged=$(basename n/anna/example* | cut -d. -f3)
	run operate v drill example.org --from dir:n/anna --from dir:n/ben
	assert_code 78
	run operate v drill example.org --set "$forged" --from dir:n/anna --from dir:n/ben
	assert_code 78
	assert_err 'not of those that the vault key it names signed shares for'
	run operate w export --to forged --force
	cp v/rekeyed-1.pub* forged
	run coldspare_pins verify --key v/rekeyed-1.pub forged/pins.json
	assert_code 77
}

test_a_second_successor_follows_the_first() {
	fresh
	rekey
	rekey
	assert_code 0
	assert_out 'vault-signing-key-3'
	run operate v export --to out --force
	assert_code 0
	run coldspare_pins verify --key "$DIR/vault.pub" out/pins.json
	assert_code 0
	run coldspare_pins verify --key "$DIR/vault.pub" --key v/rekeyed-1.pub --need 2 out/pins.json
	assert_code 77
	run coldspare --vault v audit
	assert_code 0
	run coldspare --vault v --json status
	assert_json ".vault.key == \"$(sed -n 2p out/vault.pub)\""
}

test_an_altered_statement_is_found() {
	fresh
	rekey
	cp v/rekeyed-1.pub kept
	sed -i '1s/$/ /' v/rekeyed-1.pub
	run coldspare --vault v audit
	assert_code 77
	assert_out 'error: rekeyed-1.pub: '
	assert_out 'the signature does not match'
	cp kept v/rekeyed-1.pub
	rm v/rekeyed-1.pub.minisig
	run coldspare --vault v audit
	assert_code 77
	assert_out 'error: rekeyed-1.pub.minisig: is missing'
}

test_nothing_changes_without_consent_or_passphrase() {
	fresh
	run coldspare --vault v --passphrase-fd 9 rekey --yes "${custodians[@]}" 9<<<wrong
	assert_code 77
	run setsid -w "${OFFLINE[@]}" "$BUILD/coldspare" --vault v rekey "${custodians[@]}"
	assert_code 78
	rm -rf m/ben
	rekey
	assert_code 66
	assert_file v/vault-1.sec
	run coldspare --vault v audit
	assert_code 0
	assert_not_out note
	assert_out 'journal: 6 entries'
}

# Killed anywhere: the key of before signs, or the new one does; and the next try comes through.
test_a_rekey_that_is_killed_leaves_a_key_that_works() {
	local at killed=0
	[ ${#OFFLINE[@]} -gt 0 ] || skip 'no network namespaces here'
	for at in fsync:3 linkat:5 linkat:8 fsync:6 fsync:7 unlink:1; do
		rm -rf v m out
		fresh
		run "${NAMESPACE[@]}" strace -f -qq -o trace -e trace="${at%:*}" \
			-e "inject=${at%:*}:signal=KILL:when=${at#*:}" \
			"$BUILD/coldspare" --vault v --passphrase-fd 9 rekey --yes "${custodians[@]}" \
			9<<<"$PASSPHRASE"
		[ "$status" = 137 ] || continue
		killed=$((killed + 1))
		run coldspare --vault v audit
		assert_code 0
		run operate v export --to out --force
		assert_code 0
		run coldspare_pins verify --key "$DIR/vault.pub" out/pins.json
		assert_code 0
		rekey
		assert_code 0
		run coldspare --vault v audit
		assert_code 0
	done
	[ "$killed" -ge 4 ] || fail "only $killed kills"
}

test_a_rekeyed_vault_can_be_rebuilt() {
	fresh
	rekey
	run operate v export --to out --force
	rm -rf v
	run operate w rebuild --export out --key out/vault.pub --kdf interactive "${from[@]}"
	assert_code 78
	assert_err "not the vault's first"
	assert_no_file w
	run operate w rebuild --export out --key "$DIR/vault.pub" --kdf interactive "${from[@]}"
	assert_code 0
	assert_out 'key: vault-signing-key-2'
	run coldspare --vault w audit
	assert_code 0
	assert_not_out warning
	run operate w drill --all "${from[@]}"
	assert_code 0
	run operate w export --to again --force
	assert_code 0
	run coldspare_pins verify --key "$DIR/vault.pub" --newer-than out/pins.json again/pins.json
	assert_code 0
	run operate w rekey --yes "${custodians[@]}"
	assert_code 0
	assert_out vault-signing-key-3
	run operate w export --to third --force
	run coldspare_pins verify --key "$DIR/vault.pub" third/pins.json
	assert_code 0
	run coldspare --vault w audit
	assert_code 0
}

# recovered_signs KEY PUB FROM...: the signing key of this id, as a minisign file, signs for PUB.
recovered_signs() {
	rm -f back.sec message.minisig
	run coldspare --vault v recover "$1" --format minisign --plaintext --to back.sec "${@:3}"
	assert_code 0
	echo message >message
	minisign -S -s back.sec -m message >/dev/null
	run minisign -V -m message -p "$2"
	assert_code 0
}

test_each_signing_key_comes_back_under_its_own_id() {
	fresh
	rekey
	assert_code 0
	recovered_signs vault-signing-key-2 v/rekeyed-1.pub "${from[@]}"
	recovered_signs vault-signing-key "$DIR/vault.pub" "${from[@]}"
	mkdir d e f
	run operate v reshare vault-signing-key "${from[@]}" --threshold 2 --custodian anna=dir:d \
		--custodian ben=dir:e --custodian cleo=dir:f
	assert_code 0
	recovered_signs vault-signing-key "$DIR/vault.pub" --from dir:d --from dir:e
	# Without the vault nobody knows the id of a key whose shares its successor signed.
	run coldspare recover vault-signing-key --key v/rekeyed-1.pub --format minisign --plaintext --to lost.sec \
		--from dir:d --from dir:e
	assert_code 66
	assert_err 'is not known: another key signed its shares'
	assert_no_file lost.sec
}

run_tests
