#!/bin/bash
# SPDX-License-Identifier: ISC
# reshare: every subset of old and of new shares, what is said of the old ones, and no key lost.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/sweep.bash"

make_vault "$DIR/vault" 2 anna="$DIR/a" ben="$DIR/b" cleo="$DIR/c"
run operate "$DIR/vault" --json generate --domain example.org --backups 1
assert_code 0
KEY=$(jq -r '.keys[0].key' "$stdout") PIN=$(jq -r '.keys[0].pin' "$stdout")
mkdir "$DIR"/d "$DIR"/e "$DIR"/f
(
	cd "$DIR"
	cp -a vault a b c "$(mkdir before && echo before)"
)

# The media are journalled by their paths: each test works on the same ones, as they were at first.
restore() {
	(
		cd "$DIR"
		rm -rf vault a b c d e f
		cp -a before/* .
		mkdir d e f
	)
}
vault() { operate "$DIR/vault" "$@"; }
from() { for i; do printf -- '--from\ndir:%s\n' "$DIR/$i"; done; }
# anna stays, ben and cleo go: 3 of 4.
NEW=(--threshold 3 --custodian anna=dir:"$DIR/a" --custodian dora=dir:"$DIR/d"
	--custodian emil=dir:"$DIR/e" --custodian fay=dir:"$DIR/f")
reshare() { run vault reshare "$@" --from dir:"$DIR/a" --from dir:"$DIR/c" "${NEW[@]}"; }
entries() { wc -l <"$DIR/vault/journal.jsonl"; }

# pin_from KEY FILE...: the pin of the key that these shares alone give back, with no vault at hand.
pin_from() {
	local key=$1
	shift
	rm -f key.pem
	mapfile -t sources < <(for i; do printf -- '--from\ndir:%s\n' "$i"; done)
	run coldspare recover "$key" --key "$DIR/vault/vault.pub" "${sources[@]}" --to key.pem --plaintext
	[ "$status" != 0 ] || openssl pkey -in key.pem -pubout -outform der | openssl dgst -sha256 -binary | base64
}
assert_brings() { assert_same "$(pin_from "${@:2}")" "$1"; }
assert_refused() {
	pin_from "$@"
	assert_code 78
	assert_no_file key.pem
}

test_every_subset_of_old_and_of_new_shares() {
	restore
	reshare --all
	assert_code 0
	assert_out '2 keys, 3 of 4 shares each; every share was read back and 4 combinations rebuilt each key'
	for key in "$KEY" vault-signing-key; do
		mapfile -t old < <(cd "$DIR/before" && ls -1 {a,b,c}/"$key".*)
		mapfile -t new < <(cd "$DIR" && for i in a d e f; do
			for s in "$i/$key".*; do [ -e "before/$s" ] || echo "$DIR/$s"; done
		done)
		old=("${old[@]/#/$DIR/before/}")
		assert_same "${#old[@]} ${#new[@]}" '3 4'
		if [ "$key" = "$KEY" ]; then
			pin=$PIN
		else
			pin=$(openssl pkey -pubin -in "$DIR/vault/keys/$key/public.pem" -outform der |
				openssl dgst -sha256 -binary | base64)
		fi
		for skip in 0 1 2 3; do
			three=("${new[@]:0:skip}" "${new[@]:skip+1}")
			assert_brings "$pin" "$key" "${three[@]}"
		done
		for skip in 0 1 2; do
			assert_brings "$pin" "$key" "${old[@]:0:skip}" "${old[@]:skip+1}"
		done
		# Below k of either set, however many together.
		for o in "${old[@]}"; do
			assert_refused "$key" "$o" "${new[0]}" "${new[1]}"
			assert_err 'more share'
			assert_refused "$key" "${new[2]}" "$o" "${new[3]}"
		done
		# k of both: a person chooses.
		assert_refused "$key" "${old[@]}" "${new[@]}"
		assert_err 'more than one set of shares is complete'
		assert_err --set
	done
	run vault audit
	assert_code 0
}

# kek NAME FILE...: the key-encryption key that these shares give, by Debian's own tools.
kek() {
	mkdir "$1"
	(
		umask 077
		cd "$1"
		coldspare share raw --to . "${@:2}" >/dev/null
		gfcombine -o kek ./*.0??
		od -An -tx1 kek
	)
}
test_the_new_shares_are_of_another_key_encryption_key() {
	restore
	reshare "$KEY"
	assert_code 0
	first=$(kek old "$DIR"/before/{a,b}/"$KEY".*)
	assert_same "$(kek old-too "$DIR"/before/{b,c}/"$KEY".*)" "$first"
	second=$(kek new "$DIR"/{d,e,f}/"$KEY".*)
	[ "$first" != "$second" ] || fail 'the same key-encryption key was split twice'
}

test_a_set_is_chosen_where_two_are_complete() {
	restore
	reshare "$KEY"
	assert_code 0
	mapfile -t all < <(from a b c d e f)
	run vault recover "$KEY" "${all[@]}" --to key.pem --plaintext
	assert_code 78
	assert_no_file key.pem
	# The vault knows which one counts.
	run vault drill --all "${all[@]}"
	assert_code 0
	assert_same "$(tail -n 1 "$DIR/vault/journal.jsonl" | jq -r '.keys[] | select(.key == "'"$KEY"'").set')" \
		"$(tail -n 2 "$DIR/vault/journal.jsonl" | head -n 1 | jq -r '.keys[0].set')"
	for set in "$DIR/vault/keys/$KEY"/sealed-*.txt; do
		set=$(sed -n 's/^set: //p' "$set")
		run vault drill "$KEY" "${all[@]}" --set "$set"
		assert_code 0
		run vault recover "$KEY" "${all[@]}" --set "$set" --to "$set.pem" --plaintext
		assert_code 0
		assert_file "$set.pem"
	done
	assert_same "$(cat ./*.pem | sort -u | wc -l)" 5
}

test_old_detached_shares_find_their_own_sealed_record() {
	restore
	run vault --json generate --domain d.example.org --backups 1 --detached
	key=$(jq -r '.keys[0].key' "$stdout")
	reshare "$key"
	assert_code 0
	assert_not_out ', with the sealed key'
	run vault recover "$key" --from dir:"$DIR/b" --from dir:"$DIR/c" --to k.pem --plaintext
	assert_code 0
}

test_the_new_custodians_hold_the_keys_to_come_with_all_alone() {
	restore
	run vault policy --contact anna='room 12'
	reshare "$KEY"
	assert_code 0
	assert_not_out 'keys to come'
	run vault --json policy
	assert_json '.vault.threshold == 2 and [.vault.custodians[].name] == ["anna", "ben", "cleo"]'
	restore
	run vault policy --contact anna='room 12'
	reshare --all
	assert_code 0
	assert_out 'the keys to come are split among them too, 3 of 4'
	run vault --json policy
	assert_json '.vault.threshold == 3 and [.vault.custodians[].name] == ["anna", "dora", "emil", "fay"]'
	assert_json '.vault.custodians[0].contact == "room 12"'
	run vault generate --domain next.example.org --backups 1
	assert_code 0
	assert_out '3 of 4 shares each'
}

test_old_shares_are_named_until_enough_are_destroyed() {
	restore
	run vault --json reshare "$KEY" --from dir:"$DIR/a" --from dir:"$DIR/c" "${NEW[@]}"
	assert_code 0
	assert_json '.superseded | length == 1 and .[0].destroy == 2 and .[0].threshold == 2'
	assert_json ".superseded[0].key == \"$KEY\" and [.superseded[0].shares[].custodian] == [\"anna\", \"ben\", \"cleo\"]"
	assert_json "all(.superseded[0].shares[]; .sealed) and .superseded[0].shares[1].medium == \"dir:$DIR/b\""
	assert_file "$DIR/vault/$(jq -r '.superseded[0].sealed' "$stdout")"
	superseded=$(jq -S .superseded "$stdout")
	run vault --json status
	assert_same "$(jq -S .superseded "$stdout")" "$superseded"
	run vault status
	assert_out "old shares of anna, ben, cleo still open"

	lines=$(entries)
	run vault reshare --destroyed anna </dev/null
	assert_code 78
	run vault reshare --destroyed dora --yes
	assert_code 66
	run vault reshare --destroyed anna --yes --from dir:"$DIR/a"
	assert_code 64
	assert_same "$(entries)" "$lines"

	run vault reshare --destroyed anna --yes
	assert_code 0
	assert_out 'destroy 1 of these 2'
	run vault status
	assert_out "old shares of ben, cleo still open"
	run vault reshare --destroyed anna --yes
	assert_code 66
	run vault reshare --destroyed cleo "$KEY" --yes
	assert_code 0
	assert_out 'no old set of shares opens any key any more'
	run vault status
	assert_not_out 'old shares'
	run vault audit
	assert_code 0
}

# The set that counts is no spare one because an old set was not destroyed in this folder.
test_destroying_the_new_set_by_mistake_is_refused() {
	restore
	reshare "$KEY"
	assert_code 0
	latest=$(tail -n 1 "$DIR/vault/journal.jsonl" | jq -r '.keys[0].set')
	run vault destroy "$KEY" --set "$latest" --yes
	assert_code 78
	assert_err "last sealed record that counts of $KEY, which is standby"
	assert_file "$DIR/vault/keys/$KEY/sealed-$latest.txt"
	run vault destroy "$KEY" --set "$latest" --yes --force
	assert_code 0
	run vault --json status
	assert_json '.domains[0].keys[0].proven'
	for who in anna ben cleo; do
		run vault reshare --destroyed "$who" --yes
		assert_code 0
	done
	run vault --json status
	assert_json '.domains[0].keys[0].proven == false'
	run vault export --to "$DIR/out" --force
	[ "$status" = 78 ] || fail 'a key without shares was exported'
}

# What is void opens the key all the same: nobody shall be told that it does not matter.
test_a_reshare_that_was_cut_off_is_warned_of() {
	restore
	reshare "$KEY"
	assert_code 0
	sed -i '$d' "$DIR/vault/journal.jsonl"
	assert_brings "$PIN" "$KEY" "$DIR"/{d,e,f}/"$KEY".*
	run coldspare --vault "$DIR/vault" status
	assert_out 'is to be destroyed, for any k shares of one set open'
	run coldspare --vault "$DIR/vault" audit
	assert_out "dir:$DIR/e (number 3, emil)"
}

test_affirming_takes_a_typed_yes() {
	restore
	reshare "$KEY"
	run typed 'Type yes' no --vault "$DIR/vault" reshare --destroyed ben
	assert_code 78
	run typed 'Type yes' yes --vault "$DIR/vault" reshare --destroyed ben
	assert_code 0
}

test_what_a_key_is_does_not_change() {
	restore
	run vault recover "$KEY" --from dir:"$DIR/a" --from dir:"$DIR/b" --to k.pem --plaintext
	run vault --json status
	before=$(jq -S '.domains' "$stdout")
	reshare "$KEY"
	assert_code 0
	run vault --json status
	assert_json '.domains[0].keys[0].released'
	assert_same "$(jq -S '.domains' "$stdout" | sed 's/"threshold": 3/"threshold": 2/; s/"shares": 4/"shares": 3/')" "$before"
	# And again, from the new shares: the first set is no help any more.
	run vault reshare "$KEY" --from dir:"$DIR/a" --from dir:"$DIR/b" --from dir:"$DIR/c" --custodian anna=dir:"$DIR/a" --custodian ben=dir:"$DIR/b" --threshold 2
	assert_code 78
	assert_err 'nothing was reshared'
	run vault reshare "$KEY" --from dir:"$DIR/a" --from dir:"$DIR/d" --from dir:"$DIR/e" --custodian anna=dir:"$DIR/a" --custodian ben=dir:"$DIR/b" --threshold 2
	assert_code 0
}

# Nothing is begun, written or journalled.
test_what_is_refused_changes_nothing() {
	restore
	lines=$(entries)
	unchanged() {
		assert_code "$1"
		assert_err "$2"
		assert_same "$(entries)" "$lines"
		assert_empty_dir "$DIR/d"
		assert_same "$(find "$DIR/vault/keys" -name 'sealed*' | wc -l)" 2
	}
	run vault reshare --all --from dir:"$DIR/b" "${NEW[@]}"
	unchanged 78 '1 more share is needed'
	run vault reshare "$KEY" "${KEY%??????}" --from dir:"$DIR/a" --from dir:"$DIR/b" "${NEW[@]}"
	unchanged 64 'named twice'
	run vault reshare "$KEY" --from dir:"$DIR/a" --from dir:"$DIR/b" --custodian dora=dir:"$DIR/d" --custodian emil=dir:"$DIR/d"
	unchanged 78 'the same medium'
	run vault reshare "$KEY" --from dir:"$DIR/a" --from dir:"$DIR/b" --custodian dora=dir:"$DIR/d" --custodian emil=dir:"$DIR/e" --threshold 3
	unchanged 64 '3 of 2'
	run coldspare --vault "$DIR/vault" --passphrase-fd 9 reshare "$KEY" --from dir:"$DIR/a" --from dir:"$DIR/b" "${NEW[@]}" 9<<<wrong
	unchanged 77 'passphrase'
}

# The old shares are never touched, and until the commit they are the ones that count.
test_killed_anywhere_no_key_is_lost() {
	fresh() {
		restore
		cd "$DIR"
	}
	nothing_lost() {
		for i in a b c; do
			diff -r "before/$i" "$i" >"$stdout" || ! grep -v "^Only in $i:" "$stdout" || fail "a share in $i changed"
		done
		run here --vault vault audit
		[ "$status" = 0 ] || assert_out torn
		if tail -n 1 vault/journal.jsonl | jq -e '.event == "commit" and .from' >/dev/null 2>&1; then
			mapfile -t sources < <(from d e f)
		else
			mapfile -t sources < <(from a b c d e f)
		fi
		run here --vault vault drill --all "${sources[@]}"
		assert_code 0
		run here --vault vault --passphrase-fd 9 reshare "$KEY" --from dir:a --from dir:c --from dir:d --from dir:e --from dir:f \
			--custodian anna=dir:a --custodian ben=dir:b 9<<<"$PASSPHRASE" --threshold 2
		assert_code 0
	}
	CALLS='write|linkat|fsync|syncfs|unlink' MOMENTS=3 KILLS_WANTED=9
	sweep fresh nothing_lost "$BUILD/coldspare" --allow-online --vault vault --passphrase-fd 9 reshare --all \
		--from dir:a --from dir:c --threshold 3 --custodian dora=dir:d --custodian emil=dir:e --custodian fay=dir:f
}

run_tests
