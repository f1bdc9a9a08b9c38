#!/bin/bash
# SPDX-License-Identifier: ISC
# recover and drill: any k shares, whatever stands around them.
. "$(dirname "$0")/lib.sh"

make_vault "$DIR/vault" 3 c1="$DIR/1" c2="$DIR/2" c3="$DIR/3" c4="$DIR/4" c5="$DIR/5"
run operate "$DIR/vault" --json generate --domain example.org --algorithm ec:p256 --algorithm rsa:2048 --backups 1
assert_code 0
EC=$(jq -r '.keys[0].key' "$stdout") EC_PIN=$(jq -r '.keys[0].pin' "$stdout")
RSA=$(jq -r '.keys[1].key' "$stdout")
PUB=$DIR/vault/vault.pub
# Another vault, with a key for the same domain.
make_vault "$DIR/other" 3 c1="$DIR/o1" c2="$DIR/o2" c3="$DIR/o3"
run operate "$DIR/other" generate --domain example.org --backups 1
assert_code 0

pin_of() { openssl pkey -in "$1" -pubout -outform der | openssl dgst -sha256 -binary | base64; }
share_of() { echo "$DIR/$1/$2".*.share; }
# The EC key's shares of these custodians, copied to ./1 ./2 ...
copies() {
	for i; do
		mkdir -p "$i"
		cp "$(share_of "$i" "$EC")" "$i/"
	done
}
from() { for i; do printf -- '--from\ndir:%s\n' "$i"; done; }
# recover_from FOLDER...: the EC key from the shares alone, under the vault's key.
recover_from() {
	local sources
	mapfile -t sources < <(from "$@")
	rm -f key.pem
	run coldspare recover "$EC" --key "$PUB" "${sources[@]}" --to key.pem --plaintext
}
recovered() {
	assert_code 0
	assert_same "$(pin_of key.pem)" "$EC_PIN"
	assert_same "$(stat -c %a key.pem)" 600
}
not_recovered() {
	assert_code "$1"
	assert_err "$2"
	assert_no_file key.pem
}

test_every_three_of_five_recover_the_key() {
	local chosen
	for chosen in '1 2 3' '1 2 4' '1 2 5' '1 3 4' '1 3 5' '1 4 5' '2 3 4' '2 3 5' '2 4 5' '3 4 5'; do
		read -r a b c <<<"$chosen"
		recover_from "$DIR/$c" "$DIR/$a" "$DIR/$b"
		recovered
	done
}

test_more_than_enough_shares_recover_too() {
	recover_from "$DIR"/{1,2,3,4,5}
	recovered
}

test_prefix_and_pin_name_the_key() {
	for wanted in "${EC%????}" "$EC_PIN" "$(base64 -d <<<"$EC_PIN" | od -An -tx1 | tr -d ' \n')"; do
		rm -f key.pem
		run coldspare recover "$wanted" --key "$PUB" --from dir:"$DIR/1" --from dir:"$DIR/2" \
			--from dir:"$DIR/3" --to key.pem --plaintext
		recovered
	done
	run coldspare recover example.org --key "$PUB" --from dir:"$DIR/1" --from dir:"$DIR/2" \
		--from dir:"$DIR/3" --to two.pem --plaintext
	assert_code 78
	assert_err "$EC"
	assert_err "$RSA"
	assert_no_file two.pem
}

test_with_the_vault_folder_the_journal_knows() {
	cp -a "$DIR/vault" vault
	run coldspare --vault vault recover "$RSA" --from dir:"$DIR/2" --from dir:"$DIR/4" --from dir:"$DIR/5" \
		--to rsa.pem --plaintext
	assert_code 0
	assert_out 'journal: '
	run coldspare --vault vault --json status
	assert_json ".domains[0].keys[] | select(.key == \"$RSA\").released"
	run coldspare --vault vault log
	assert_out "$RSA"
}

test_too_few_shares_say_how_many_are_missing() {
	recover_from "$DIR/1" "$DIR/5"
	not_recovered 78 '1 more'
}

test_the_same_share_twice_counts_once() {
	copies 1 2
	cp -r 1 again
	recover_from 1 again 2
	not_recovered 78 '1 more'
	assert_err again
}

test_shares_of_another_key_set_or_vault_are_named() {
	copies 1 2
	mkdir x
	cp "$(share_of 3 "$RSA")" x/renamed.share
	recover_from 1 2 x
	not_recovered 78 renamed.share
	cp "$DIR"/o1/example.org-*.share x/foreign.share
	recover_from 1 2 x
	not_recovered 78 foreign.share
}

# Every line of a share, changed in turn, is found out.
test_an_altered_field_is_named() {
	copies 1 2 3
	local file lines
	file=$(echo 3/*.share)
	lines=$(wc -l <"$file")
	cp "$file" good
	for n in $(seq "$lines"); do
		# The last character of the line, another one of its alphabet.
		sed "${n}s/.\(=*\)\$/X\1/; ${n}s/X\(=*\)X/Y\1/" good >"$file"
		cmp -s good "$file" && sed "${n}s/.\$/7/" good >"$file"
		recover_from 1 2 3
		[ "$status" != 0 ] || fail "line $n was changed and nobody noticed: $(sed -n "${n}p" "$file")"
		assert_err "3/"
		assert_no_file key.pem
	done
}

test_a_relabelled_number_is_found() {
	copies 1 2 3
	sed -i 's/^number: 3$/number: 4/' 3/*.share
	recover_from 1 2 3
	not_recovered 78 '3/'
	assert_err signature
}

test_good_shares_among_bad_ones_recover() {
	copies 1 2 3 4
	sed -i 's/^custodian: .*/custodian: eve/' 4/*.share
	mkdir x
	: >x/empty.share
	head -c 3000 /dev/urandom >x/binary.share
	head -c 2000000 /dev/zero >x/huge.share
	mkfifo x/fifo.share
	mkdir x/folder.share
	ln -s /nowhere x/link.share
	head -c 300 "$(share_of 5 "$EC")" >x/short.share
	cp "$DIR"/o1/*.share x/
	recover_from x 4 gone 1 2 3
	recovered
	for bad in empty binary huge fifo folder link short; do
		assert_err "x/$bad.share"
	done
	assert_err '4/'
	assert_err gone
}

test_windows_line_ends_and_blank_lines_are_taken() {
	copies 1 2 3
	sed -i 's/$/\r/' 1/*.share
	sed -i '1s/^/\n/' 2/*.share
	recover_from 1 2 3
	recovered
}

test_without_an_anchor_a_typed_yes_is_wanted() {
	local sources=(--from dir:"$DIR/1" --from dir:"$DIR/2" --from dir:"$DIR/3")
	run coldspare recover "$EC" "${sources[@]}" --to key.pem --plaintext </dev/null
	not_recovered 78 vault.pub
	run typed 'Type yes' no recover "$EC" "${sources[@]}" --to key.pem --plaintext
	assert_code 78
	assert_no_file key.pem
	run typed 'Type yes' yes recover "$EC" "${sources[@]}" --to key.pem --plaintext
	assert_out 'checked against nothing'
	recovered
}

test_forged_shares_never_yield_a_key_unnoticed() {
	run coldspare recover example.org-ec --key "$PUB" --from dir:"$DIR/o1" --from dir:"$DIR/o2" \
		--from dir:"$DIR/o3" --to key.pem --plaintext
	not_recovered 78 "$DIR/o1"
	# A complete forged group beside a complete real one, no anchor: refused, both listed.
	run coldspare recover example.org-ec --from dir:"$DIR/1" --from dir:"$DIR/2" --from dir:"$DIR/3" \
		--from dir:"$DIR/o1" --from dir:"$DIR/o2" --from dir:"$DIR/o3" --to key.pem --plaintext
	not_recovered 78 "$EC"
}

test_a_wrong_anchor_is_refused() {
	run coldspare recover "$EC" --key "$DIR/other/vault.pub" --from dir:"$DIR/1" --from dir:"$DIR/2" \
		--from dir:"$DIR/3" --to key.pem --plaintext
	not_recovered 78 'vault key'
	run coldspare --vault "$DIR/vault" recover "$EC" --key "$DIR/other/vault.pub" --from dir:"$DIR/1" \
		--from dir:"$DIR/2" --from dir:"$DIR/3" --to key.pem --plaintext
	not_recovered 77 '--key'
}

test_nothing_is_overwritten_not_even_through_a_link() {
	echo mine >key.pem
	run coldspare recover "$EC" --key "$PUB" --from dir:"$DIR/1" --from dir:"$DIR/2" --from dir:"$DIR/3" \
		--to key.pem --plaintext
	assert_code 73
	assert_same "$(cat key.pem)" mine
	ln -s target link.pem
	run coldspare recover "$EC" --key "$PUB" --from dir:"$DIR/1" --from dir:"$DIR/2" --from dir:"$DIR/3" \
		--to link.pem --plaintext
	assert_code 73
	assert_no_file target
	run coldspare recover "$EC" --key "$PUB" --from dir:"$DIR/1" --from dir:"$DIR/2" --from dir:"$DIR/3" \
		--to no/such/key.pem --plaintext
	assert_code 66
}

test_encrypted_forms_open_with_openssl() {
	local sources=(--from dir:"$DIR/1" --from dir:"$DIR/2" --from dir:"$DIR/3")
	run coldspare recover "$EC" --key "$PUB" "${sources[@]}" --to enc.pem --transport-passphrase-fd 8 8<<<reise
	assert_code 0
	assert_same "$(head -1 enc.pem)" '-----BEGIN ENCRYPTED PRIVATE KEY-----'
	openssl asn1parse -in enc.pem >asn1
	grep -q aes-256-cbc asn1
	grep -q hmacWithSHA256 asn1
	grep -q 'INTEGER *:0927C0' asn1
	openssl pkey -in enc.pem -passin pass:reise -out plain.pem
	assert_same "$(pin_of plain.pem)" "$EC_PIN"
	run coldspare recover "$EC" --key "$PUB" "${sources[@]}" --format pkcs12 --to key.p12 \
		--transport-passphrase-fd 8 8<<<reise
	assert_code 0
	openssl pkcs12 -in key.p12 -passin pass:reise -nodes -nocerts -out plain2.pem
	assert_same "$(pin_of plain2.pem)" "$EC_PIN"
}

test_the_signing_key_comes_back_as_a_minisign_key() {
	run coldspare recover vault-signing-key --key "$PUB" --from dir:"$DIR/1" --from dir:"$DIR/4" \
		--from dir:"$DIR/5" --format minisign --to back.sec --transport-passphrase-fd 8 8<<<neu
	assert_code 0
	echo text >file
	run minisign -Sm file -s back.sec <<<neu
	assert_code 0
	run minisign -Vm file -p "$PUB"
	assert_code 0
}

test_a_recovered_key_signs_what_the_request_verifies() {
	recover_from "$DIR"/{2,3,4}
	recovered
	echo message >message
	openssl dgst -sha256 -sign key.pem -out signature message
	openssl req -in "$DIR/vault/keys/$EC/request.csr" -noout -pubkey >public.pem
	run openssl dgst -sha256 -verify public.pem -signature signature message
	assert_code 0
}

test_a_drill_proves_keys_and_writes_none() {
	cp -a "$DIR/vault" vault
	run coldspare --vault vault drill --all --from dir:"$DIR/1" --from dir:"$DIR/2" --from dir:"$DIR/3" \
		--from dir:"$DIR/5"
	assert_code 0
	assert_out "good: $EC"
	assert_out "good: $RSA"
	assert_out 'good: vault-signing-key'
	assert_out '4 combinations'
	run coldspare --vault vault log
	assert_out drill
	run coldspare --vault vault --json drill --all --from dir:"$DIR/1" --from dir:"$DIR/2"
	assert_code 78
	assert_json '.failed | length == 3'
	run coldspare drill "$EC" --key "$PUB" --from dir:"$DIR/1" --from dir:"$DIR/2" --from dir:"$DIR/3"
	assert_code 0
	assert_out 'not journalled'
}

test_shares_are_verified_alone() {
	run coldspare share verify "$(share_of 1 "$EC")" --key "$PUB"
	assert_code 0
	assert_out good
	run coldspare --json share verify "$DIR"/1/*.share --key "$PUB"
	assert_code 0
	assert_json '.shares | length == 3 and all(.ok and .custodian == "c1" and (has("data") | not))'
	cp "$(share_of 1 "$EC")" altered.share
	sed -i 's/^threshold: 3/threshold: 2/' altered.share
	run coldspare share verify altered.share --key "$PUB"
	assert_code 77
	assert_err signature
	run coldspare share verify "$(share_of 1 "$EC")" --key "$DIR/other/vault.pub"
	assert_code 77
	run coldspare share show "$(share_of 2 "$EC")"
	assert_code 0
	assert_out 'custodian   c2'
	run coldspare share list dir:"$DIR/3"
	assert_code 0
	assert_out "$RSA"
}

test_gfcombine_takes_the_raw_shares() {
	copies 2 4 5
	run coldspare share raw 2/*.share 4/*.share 5/*.share --key "$PUB"
	assert_code 0
	gfcombine -o kek 2/*.002 4/*.004 5/*.005
	assert_same "$(stat -c %s kek)" 32
	record=$(echo "$DIR/vault/keys/$EC"/sealed-*.txt)
	nonce=$(sed -n 's/^nonce: //p' "$record")
	sed -n 's/^data: //p' "$record" | base64 -d | head -c -16 |
		openssl enc -d -chacha20 -K "$(od -An -tx1 kek | tr -d ' \n')" -iv "01000000$nonce" >key.pem
	assert_same "$(pin_of key.pem)" "$EC_PIN"
	run coldspare share raw 2/*.share --key "$PUB"
	assert_code 73
}

run_tests
