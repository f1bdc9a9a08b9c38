#!/bin/bash
# SPDX-License-Identifier: ISC
# The commands of docs/procedures/08-recover-without-coldspare.md, as they stand, by a plain POSIX shell that
# finds no program but those which the page names.
# shellcheck source=tests/whole/lib.sh
. "$(dirname "$0")/lib.sh"

PAGE=$ROOT/docs/procedures/08-recover-without-coldspare.md

# A folder of the only programs that the page may call.
mkdir "$DIR/bin"
dpkg -L coreutils libgfshare-bin openssl sed | grep -E '^(/usr)?/bin/[^/]+$' | while read -r program; do
	ln -sf "$program" "$DIR/bin/"
done

# procedure VAULT_KEY KEY SHARE...: what the page makes of them: out.pem. SEALED=FILE: a sealed record.
# The passphrase is typed on a terminal of its own, where openssl asks for it.
procedure() {
	{
		printf 'vault_key=%s\nkey=%s\nto=out.pem\n' "$1" "$2"
		[ -z "${SEALED-}" ] || echo "sealed=$SEALED"
		shift 2
		echo "set -- $*"
		# shellcheck disable=SC2016 # they are the backquotes of Markdown
		sed -n '/^```sh$/,/^```$/{/^```/d;p}' "$PAGE"
	} >page.sh
	python3 "$ROOT/tests/whole/typed.py" --each '[Pp]ass ?(word|phrase)[^:]*:' transport \
		env -i "PATH=$DIR/bin" "$(command -v dash)" page.sh
}

# aborts MESSAGE: so ended the last run, and nothing is left of it.
aborts() {
	assert_code 1
	assert_out "ABORT: $1"
	assert_no_file out.pem
	nothing_is_left
}
nothing_is_left() {
	local folder
	folder=$(sed -n 's/^working in \([^[:space:]]*\).*/\1/p' "$stdout")
	assert_no_file "$folder"
}

public_of() { openssl pkey -in "$1" -passin pass:transport -pubout; }

# Shares by hand, 2 of 3, in a second implementation of FORMAT.md: from the private key private.pem, by a
# vault whose key is vault.pem, into s.NNN. They claim the pin of the private key in the file $1.
deal_by_hand() {
	local pin record share text
	pin=$(openssl pkey -in "$1" -pubout -outform DER | openssl dgst -sha256 -binary | base64)
	openssl rand -out kek 32
	{
		printf 'coldspare-sealed-1\nkey: example.org-by-hand\npin: %s\nset: %s\n' "$pin" "$(openssl rand -hex 8)"
		printf 'nonce: 00112233445566778899aabb\ndata: '
		{
			openssl enc -chacha20 -K "$(xxd -p -c 64 kek)" -iv 0100000000112233445566778899aabb -in private.pem
			head -c 16 /dev/zero
		} | base64 -w 0
		echo
	} >sealed.txt
	record=$(b2sum -l 256 <sealed.txt)
	rm -f raw.* s.*
	gfsplit -n 2 -m 3 kek raw
	for share in raw.*; do
		text=s.${share##*.}
		{
			printf 'coldspare-share-1\nvault: By Hand\nvault-key: %s\n' "$(hand_key)"
			sed -n -e '/^key: /p' -e '/^pin: /p' -e '/^set: /p' sealed.txt
			printf 'threshold: 2\nshares: 3\nnumber: %d\n' "$((10#${share##*.}))"
			printf 'origin: offline\ncustodian: by hand\ncreated: 2026-11-22T10:00:00Z\n'
			printf 'commitment: %s\n' "$(b2sum -l 256 <"$share" | cut -d ' ' -f 1)"
			printf 'sealed-hash: %s\n' "${record%% *}"
		} >"$text"
		openssl pkeyutl -sign -rawin -inkey vault.pem -in "$text" -out signature
		{
			printf 'signature: %s\ndata: %s\n' "$(base64 -w 0 signature)" "$(base64 <"$share")"
			sed -n -e 's/^nonce: /sealed-&/p' -e 's/^data: /sealed-&/p' sealed.txt
		} >>"$text"
	done
}
hand_key() {
	{
		printf Ed01234567
		openssl pkey -in vault.pem -pubout -outform DER | tail -c 32
	} | base64
}

# In the current folder: a vault's and a private key, and the latter's shares.
by_hand() {
	openssl genpkey -algorithm ed25519 -out vault.pem
	openssl genpkey -algorithm ec -pkeyopt ec_paramgen_curve:P-256 -out private.pem
	deal_by_hand private.pem
	shares=(s.*)
}

# The shares of three custodians of a vault that coldspare made, for one key.
by_coldspare() {
	shares=("$DIR"/[135]/"$1".*.share)
	vault_key=$(sed -n 2p "$DIR/vault/vault.pub")
}

test_shares_that_coldspare_made_give_each_key() {
	local key
	for key in "$EC" "$RSA" vault-signing-key; do
		by_coldspare "$key"
		run procedure "$vault_key" "$key" "${shares[@]}"
		assert_code 0
		assert_out 'Key is valid'
		assert_same "$(public_of out.pem)" "$(cat "$DIR/vault/keys/$key/public.pem")"
		rm out.pem
		nothing_is_left
	done
}

test_the_record_in_the_vault_folder_serves_too() {
	by_coldspare "$RSA"
	cp "${shares[@]}" .
	sed -i '/^sealed-data: /d' ./*.share
	SEALED=$(echo "$DIR/vault/keys/$RSA"/sealed-*.txt) run procedure "$vault_key" "$RSA" ./*.share
	assert_code 0
	assert_same "$(public_of out.pem)" "$(cat "$DIR/vault/keys/$RSA/public.pem")"
}

test_two_of_coldspares_three_are_too_few() {
	by_coldspare "$EC"
	run procedure "$vault_key" "$EC" "${shares[@]:1}"
	aborts '2 of 3 shares: 1 missing'
}

test_an_altered_share_of_coldspare_is_named() {
	by_coldspare "$EC"
	sed "s|^data: .*|data: $(openssl rand -base64 32)|" "${shares[1]}" >changed
	run procedure "$vault_key" "$EC" "${shares[0]}" changed "${shares[2]}"
	aborts 'share 003: its data line was altered'
	sed 's/^custodian: .*/custodian: c9/' "${shares[1]}" >changed
	run procedure "$vault_key" "$EC" "${shares[0]}" changed "${shares[2]}"
	aborts 'share 003: altered, or of another vault'
}

test_coldspares_share_of_another_key_is_named() {
	by_coldspare "$EC"
	run procedure "$vault_key" "$EC" "${shares[@]:1}" "$DIR/1/$RSA".*.share
	aborts "share 001: of the key $RSA"
}

test_any_k_shares_give_the_key() {
	by_hand
	run procedure "$(hand_key)" example.org-by-hand "${shares[2]}" "${shares[0]}"
	assert_code 0
	assert_out 'Key is valid'
	assert_same "$(public_of out.pem)" "$(public_of private.pem)"
	assert_same "$(stat -c %a out.pem)" 600
	nothing_is_left
	rm out.pem
	run procedure "$(hand_key)" example.org-by-hand "${shares[@]}"
	assert_code 0
	assert_same "$(public_of out.pem)" "$(public_of private.pem)"
}

test_changed_line_ends_are_mended() {
	by_hand
	sed -i 's/$/\r/' "${shares[@]}"
	printf '\r\n\r\n' >>"${shares[1]}"
	run procedure "$(hand_key)" example.org-by-hand "${shares[0]}" "${shares[1]}"
	assert_code 0
	assert_same "$(public_of out.pem)" "$(public_of private.pem)"
}

test_too_few_shares_are_counted() {
	by_hand
	run procedure "$(hand_key)" example.org-by-hand "${shares[0]}"
	aborts '1 of 2 shares: 1 missing'
}

test_an_altered_share_is_named() {
	local number
	by_hand
	number=${shares[0]##*.}
	for change in 's/^custodian: .*/custodian: mallory/' 's/^threshold: 2/threshold: 1/' \
		's/^created: 2026/created: 2025/' "s/^sealed-hash: ./sealed-hash: g/"; do
		sed "$change" "${shares[0]}" >changed
		run procedure "$(hand_key)" example.org-by-hand changed "${shares[1]}"
		aborts "share $number: altered, or of another vault"
	done
	sed "s|^data: .*|data: $(openssl rand -base64 32)|" "${shares[0]}" >changed
	run procedure "$(hand_key)" example.org-by-hand changed "${shares[1]}"
	aborts "share $number: its data line was altered"
	sed 's|^data: ..|data: |' "${shares[0]}" >changed
	run procedure "$(hand_key)" example.org-by-hand changed "${shares[1]}"
	aborts "share $number: "
}

test_a_relabelled_share_is_named() {
	by_hand
	sed 's/^number: .*/number: 77/' "${shares[0]}" >changed
	run procedure "$(hand_key)" example.org-by-hand changed "${shares[1]}"
	aborts 'share 077: altered, or of another vault'
}

test_what_is_no_share_is_named() {
	by_hand
	run procedure "$(hand_key)" example.org-by-hand "${shares[0]}" private.pem
	aborts 'private.pem: not a share'
	run procedure "$(hand_key)" example.org-by-hand "${shares[0]}" absent
	aborts 'absent: cannot be read'
	sed '/^number: /d' "${shares[1]}" >changed
	run procedure "$(hand_key)" example.org-by-hand "${shares[0]}" changed
	aborts 'changed: no share number'
}

test_the_same_share_twice_is_named() {
	by_hand
	cp "${shares[0]}" copy
	run procedure "$(hand_key)" example.org-by-hand "${shares[0]}" copy
	aborts "copy: share ${shares[0]##*.} is there already"
}

test_a_share_of_another_set_is_named() {
	local first=200 second=201
	by_hand
	cp "${shares[0]}" kept
	deal_by_hand private.pem
	shares=(s.*)
	first=$(sed -n 's/^number: //p' kept)
	for second in "${shares[@]}"; do
		[ "$((10#${second##*.}))" = "$first" ] || break
	done
	run procedure "$(hand_key)" example.org-by-hand kept "$second"
	aborts 'share '
	assert_out 'not of the set that share'
}

test_a_share_of_another_key_is_named() {
	by_hand
	run procedure "$(hand_key)" example.org-other "${shares[0]}" "${shares[1]}"
	aborts 'share '
	assert_out 'of the key example.org-by-hand'
}

test_shares_of_a_forged_vault_are_refused() {
	local genuine
	by_hand
	genuine=$(hand_key)
	openssl genpkey -algorithm ed25519 -out vault.pem
	deal_by_hand private.pem
	shares=(s.*)
	run procedure "$genuine" example.org-by-hand "${shares[0]}" "${shares[1]}"
	aborts 'share '
	assert_out 'altered, or of another vault'
}

test_a_swapped_key_is_refused_by_its_pin() {
	by_hand
	openssl genpkey -algorithm ed25519 -out pinned.pem
	deal_by_hand pinned.pem
	shares=(s.*)
	run procedure "$(hand_key)" example.org-by-hand "${shares[0]}" "${shares[1]}"
	aborts 'this is not the key that was pinned'
}

test_a_locked_share_is_named() {
	by_hand
	sed -i 's/^data: .*/locked: argon2id 3 65536 0123456789abcdef 00112233445566778899aabb AAAA/' "${shares[0]}"
	run procedure "$(hand_key)" example.org-by-hand "${shares[0]}" "${shares[1]}"
	aborts "share ${shares[0]##*.}: locked by its holder"
}

test_one_whole_copy_of_the_sealed_key_is_enough() {
	by_hand
	sed -i 's/^sealed-nonce: 00/sealed-nonce: 01/' "${shares[0]}"
	run procedure "$(hand_key)" example.org-by-hand "${shares[0]}" "${shares[1]}"
	assert_code 0
	assert_same "$(public_of out.pem)" "$(public_of private.pem)"
	rm out.pem
	sed -i '/^sealed-data: /d' "${shares[1]}"
	run procedure "$(hand_key)" example.org-by-hand "${shares[0]}" "${shares[1]}"
	aborts 'no share carries the sealed key whole'
}

test_detached_shares_take_the_record_from_a_file() {
	by_hand
	sed -i '/^sealed-[nd]a*[ot]/d' "${shares[@]}"
	SEALED=sealed.txt run procedure "$(hand_key)" example.org-by-hand "${shares[0]}" "${shares[1]}"
	assert_code 0
	assert_same "$(public_of out.pem)" "$(public_of private.pem)"
	rm out.pem
	sed -i 's/^nonce: 00/nonce: 01/' sealed.txt
	SEALED=sealed.txt run procedure "$(hand_key)" example.org-by-hand "${shares[0]}" "${shares[1]}"
	aborts 'sealed.txt: altered, or of another set'
}

test_a_file_in_the_way_is_kept() {
	by_hand
	echo precious >out.pem
	run procedure "$(hand_key)" example.org-by-hand "${shares[0]}" "${shares[1]}"
	assert_code 1
	assert_out 'ABORT: out.pem exists'
	assert_same "$(cat out.pem)" precious
}

test_a_vault_key_that_is_none_is_refused() {
	by_hand
	for wrong in RWQNWZ "${shares[0]}" "$(head -c 42 /dev/zero | base64)"; do
		run procedure "$wrong" example.org-by-hand "${shares[0]}" "${shares[1]}"
		aborts vault_key
	done
}

make_vault "$DIR/vault" 3 c1="$DIR/1" c2="$DIR/2" c3="$DIR/3" c4="$DIR/4" c5="$DIR/5"
run operate "$DIR/vault" --json generate --domain example.org --algorithm ec:p256 --algorithm rsa:2048 --backups 1
assert_code 0
EC=$(jq -r '.keys[0].key' "$stdout") RSA=$(jq -r '.keys[1].key' "$stdout")
run_tests
