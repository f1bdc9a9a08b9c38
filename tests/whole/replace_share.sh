#!/bin/bash
# SPDX-License-Identifier: ISC
# replace-share: a lost share made anew works with every k-1 others, and nobody gets two.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/sweep.bash"

make_vault "$DIR/vault" 3 c1="$DIR/1" c2="$DIR/2" c3="$DIR/3" c4="$DIR/4" c5="$DIR/5"
run operate "$DIR/vault" --json generate --domain example.org --backups 1
assert_code 0
KEY=$(jq -r '.keys[0].key' "$stdout") PIN=$(jq -r '.keys[0].pin' "$stdout")
(
	cd "$DIR"
	cp -a vault 1 2 3 4 5 "$(mkdir before && echo before)"
)

# The media are journalled by their paths: each test works on the same ones, as they were at first.
restore() {
	(
		cd "$DIR"
		rm -rf vault 1 2 3 4 5 6 7
		cp -a before/* .
		mkdir 6 7
	)
}
vault() { operate "$DIR/vault" "$@"; }
from() { for i; do printf -- '--from\ndir:%s\n' "$DIR/$i"; done; }
# replace KEYS FOLDER... -- ARGUMENTS...: from the shares in these folders.
replace() {
	local keys=$1 folders=()
	shift
	while [ "$1" != -- ]; do
		folders+=("$1")
		shift
	done
	mapfile -t sources < <(from "${folders[@]}")
	run vault replace-share "$keys" "${sources[@]}" "${@:2}"
}
share_in() { echo "$DIR/$1/$KEY".*.share; }
# comes_back FOLDER...: these folders' shares alone bring the key back.
comes_back() {
	mapfile -t sources < <(from "$@")
	rm -f key.pem
	run coldspare recover "$KEY" --key "$DIR/vault/vault.pub" "${sources[@]}" --to key.pem --plaintext
	assert_code 0
	assert_same "$(openssl pkey -in key.pem -pubout -outform der | openssl dgst -sha256 -binary | base64)" "$PIN"
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

test_the_new_share_works_with_every_two_others() {
	restore
	replace --all 1 3 5 -- --custodian c2=dir:"$DIR/6"
	assert_code 0
	assert_out "share 6: c2, dir:$DIR/6, in place of number 2 of c2"
	assert_out '2 keys; each new share was read back and 3 combinations with it rebuilt the key'
	assert_out 'the lost share stays valid'
	assert_same "$(basename "$(share_in 6)" .share | sed 's/.*\.//')" 006
	for pair in '1 3' '1 4' '1 5' '3 4' '3 5' '4 5' '2 4'; do
		read -r a b <<<"$pair"
		comes_back 6 "$a" "$b"
	done
	run coldspare recover "$KEY" --key "$DIR/vault/vault.pub" --from dir:"$DIR/6" --from dir:"$DIR/1" --to k.pem --plaintext
	assert_code 78
	assert_same "$(kek new "$(share_in 6)" "$(share_in 4)" "$(share_in 5)")" \
		"$(kek old "$(share_in 1)" "$(share_in 2)" "$(share_in 3)")"
	run coldspare share verify "$(share_in 6)" --key "$DIR/vault/vault.pub"
	assert_code 0

	mapfile -t sources < <(from 6 1 4)
	run vault drill --all "${sources[@]}"
	assert_code 0
	run vault status
	assert_out '3 of 5'
	run vault audit
	assert_code 0
	run vault --json policy
	assert_json ".vault.custodians[1].medium == \"dir:$DIR/6\""
}

test_a_successor_gets_it_and_numbers_go_on() {
	restore
	replace "$KEY" 1 3 5 -- --custodian dora=dir:"$DIR/6" --lost c4
	assert_code 0
	run vault --json policy
	assert_json '[.vault.custodians[].name] == ["c1", "c2", "c3", "c4", "c5"]'
	mapfile -t sources < <(from 1 5 6)
	run vault --json replace-share --all "${sources[@]}" --from dir:"$DIR/3" --custodian emil=dir:"$DIR/7" --lost c2
	assert_code 0
	assert_json '[.keys[].number] == [6, 7] and all(.keys[]; .replaces.number == 2 and .custodian == "emil")'
	run vault --json policy
	assert_json '[.vault.custodians[].name] == ["c1", "emil", "c3", "c4", "c5"]'
	comes_back 6 7 1
	# The one who gave it up has none that could be lost again.
	replace "$KEY" 1 3 5 -- --custodian c4=dir:"$DIR/4"
	assert_code 78
	assert_err 'c4 has no share'
	# Found again and destroyed.
	run vault reshare --destroyed c4 --yes
	assert_code 0
}

test_an_altered_share_is_named_and_the_others_suffice() {
	restore
	sed -i 's/^data: ...../data: AAAAA/' "$(share_in 1)"
	replace "$KEY" 1 3 4 5 -- --custodian c2=dir:"$DIR/6"
	assert_code 0
	assert_err "$(share_in 1)"
	comes_back 6 3 4
	# A share that cannot be read any more may stay where it is, beside the one made for it.
	replace "$KEY" 3 4 5 -- --custodian c1=dir:"$DIR/1"
	assert_code 0
	rm "$DIR/1/$KEY".*.001.share
	comes_back 1 3 4
}

test_a_detached_set_stays_detached() {
	restore
	run vault --json generate --domain d.example.org --backups 1 --detached
	key=$(jq -r '.keys[0].key' "$stdout")
	replace "$key" 1 3 5 -- --custodian c2=dir:"$DIR/6"
	assert_code 0
	assert_out 'without the sealed key'
	! grep -q sealed-data "$DIR/6/$key".* || fail 'the new share carries the sealed key'
}

test_what_is_refused_changes_nothing() {
	restore
	lines=$(wc -l <"$DIR/vault/journal.jsonl")
	unchanged() {
		assert_code "$1"
		assert_err "$2"
		assert_same "$(wc -l <"$DIR/vault/journal.jsonl")" "$lines"
		assert_empty_dir "$DIR/6"
	}
	replace "$KEY" 1 3 -- --custodian c2=dir:"$DIR/6"
	unchanged 78 '1 more share is needed'
	replace "$KEY" 1 3 5 -- --custodian dora=dir:"$DIR/6"
	unchanged 78 'dora has no share'
	replace "$KEY" 1 3 5 -- --custodian c4=dir:"$DIR/6" --lost c2
	unchanged 78 'c4 has share 4'
	replace "$KEY" 1 3 5 -- --custodian c2=dir:"$DIR/4"
	unchanged 78 'has a good share of that set already: number 4 of c4'
	replace "$KEY" 1 3 5 -- --custodian c2=dir:"$DIR/2"
	unchanged 78 'number 2 of c2'
	replace "$KEY" 1 3 5 -- --custodian c2=dir:"$DIR/vault"
	unchanged 78 'inside the vault'
	replace "$KEY" 1 3 5 --
	unchanged 64 '--custodian is missing'
	run coldspare --vault "$DIR/vault" --passphrase-fd 9 replace-share "$KEY" --from dir:"$DIR/1" \
		--from dir:"$DIR/3" --from dir:"$DIR/5" --custodian c2=dir:"$DIR/6" 9<<<wrong
	unchanged 77 passphrase
}

test_a_set_of_an_earlier_vault_key_is_reshared_instead() {
	restore
	run vault rekey --yes
	assert_code 0
	replace "$KEY" 1 3 5 -- --custodian c2=dir:"$DIR/6"
	assert_code 78
	assert_err 'vault key of before'
	assert_err reshare
	mapfile -t sources < <(from 1 3 5)
	run vault reshare "$KEY" "${sources[@]}"
	assert_code 0
	replace "$KEY" 1 3 5 -- --custodian c2=dir:"$DIR/6"
	assert_code 0
	run vault drill "$KEY" --from dir:"$DIR/6" "${sources[@]:0:4}"
	assert_code 0
}

# What was there comes back whatever happens, and the next one goes on with a number of its own.
test_killed_anywhere() {
	fresh() {
		restore
		cd "$DIR"
	}
	goes_on() {
		run here --vault vault audit
		[ "$status" = 0 ] || assert_out torn
		mapfile -t sources < <(from 1 3 4 5)
		run here --vault vault drill --all "${sources[@]}"
		assert_code 0
		used=$(find 6 -name '*.006.share' | wc -l)
		run here --vault vault --passphrase-fd 9 replace-share --all "${sources[@]}" --custodian c2=dir:7 9<<<"$PASSPHRASE"
		assert_code 0
		[ "$used" = 0 ] || assert_same "$(find 7 -name '*.006.share' | wc -l)" 0
	}
	CALLS='write|linkat|fsync|syncfs' MOMENTS=3 KILLS_WANTED=6
	sweep fresh goes_on "$BUILD/coldspare" --allow-online --vault vault --passphrase-fd 9 replace-share --all \
		--from dir:1 --from dir:3 --from dir:5 --custodian c2=dir:6
}

run_tests
