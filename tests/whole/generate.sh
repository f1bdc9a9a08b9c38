#!/bin/bash
# SPDX-License-Identifier: ISC
# generate and import: keys, CSRs, shares; all of a batch or nothing of it.
. "$(dirname "$0")/lib.sh"

make_vault "$DIR/vault" 2 anna="$DIR/anna" ben="$DIR/ben" cleo="$DIR/cleo"

# A vault of one's own, with its custodians' folders, as ./vault ./anna ./ben ./cleo.
fresh() {
	make_vault vault 2 anna=anna ben=ben cleo=cleo
}
# The pin that openssl computes of a CSR's key.
csr_pin() {
	openssl req -in "$1" -noout -pubkey | openssl pkey -pubin -outform der |
		openssl dgst -sha256 -binary | base64
}
entries() { wc -l <"$1/journal.jsonl"; }

test_every_algorithm_gives_a_good_request_and_the_right_pin() {
	local arguments=() algorithm csr
	for algorithm in rsa:2048 rsa:3072 rsa:4096 ec:p256 ec:p384 ec:p521 ed25519; do
		arguments+=(--algorithm "$algorithm")
	done
	run operate "$DIR/vault" --json generate --domain all.example.org --backups 1 \
		"${arguments[@]}" --san '*.all.example.org' --san IP:192.0.2.1 --san IP:2001:db8::1
	assert_code 0
	assert_json '.keys | length == 7 and all(.proven and .state == "standby" and .origin == "offline")'
	cp "$stdout" keys.json
	for key in $(jq -r '.keys[].key' keys.json); do
		csr=$DIR/vault/keys/$key/request.csr
		run openssl req -verify -noout -in "$csr"
		assert_code 0
		run openssl req -noout -text -in "$csr"
		assert_out 'Subject: CN = all.example.org'
		assert_out 'DNS:all.example.org, DNS:*.all.example.org, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1'
		assert_same "$(csr_pin "$csr")" \
			"$(jq -r --arg k "$key" '.keys[] | select(.key == $k).pin' keys.json)"
		assert_same "$(openssl pkey -pubin -in "$DIR/vault/keys/$key/public.pem" -outform der |
			sha256sum | cut -c1-8)" "${key##*-}"
	done
}

test_two_backups_of_p256_are_the_default() {
	run operate "$DIR/vault" --json generate --domain default.example.org
	assert_code 0
	assert_json '[.keys[].algorithm] == ["ec:p256", "ec:p256"]'
}

test_a_subject_is_taken_and_a_long_common_name_left_out() {
	run operate "$DIR/vault" --json generate --domain subject.example.org --backups 1 \
		--subject '/C=FR/O=Exemple SARL/CN=subject.example.org'
	assert_code 0
	run openssl req -noout -subject -in "$DIR/vault/keys/$(jq -r '.keys[0].key' "$stdout")/request.csr"
	assert_out 'subject=C = FR, O = Exemple SARL, CN = subject.example.org'
	long=$(printf 'a%.0s' {1..60}).example.org
	run operate "$DIR/vault" --json generate --domain "$long" --backups 1
	assert_code 0
	run openssl req -noout -text -in "$DIR/vault/keys/$(jq -r '.keys[0].key' "$stdout")/request.csr"
	assert_not_out 'CN ='
	assert_out "DNS:$long"
}

test_later_keys_keep_the_names_of_the_domain() {
	run operate "$DIR/vault" generate --domain names.example.org --san www.names.example.org
	assert_code 0
	run operate "$DIR/vault" --json generate --domain names.example.org --backups 1
	assert_code 0
	run openssl req -noout -text -in "$DIR/vault/keys/$(jq -r '.keys[0].key' "$stdout")/request.csr"
	assert_out 'DNS:names.example.org, DNS:www.names.example.org'
	run operate "$DIR/vault" generate --domain names.example.org --san other.example.org
	assert_code 78
	assert_err 'other names'
}

refused() {
	local code=$1 text=$2 before
	shift 2
	before=$(entries "$DIR/vault")
	run operate "$DIR/vault" generate "$@"
	assert_code "$code"
	assert_err "$text"
	assert_no_output
	assert_same "$(entries "$DIR/vault")" "$before"
}

test_bad_names_are_refused() {
	refused 64 A-label --domain 'münchen.example'
	refused 64 domain --domain ''
	refused 64 domain --domain 'a..example.org'
	refused 64 domain --domain "$(printf 'x%.0s' {1..64}).example.org"
	refused 64 domain --domain 192.0.2.1
	refused 64 twice --domain x.example.org --san www.example.org --san www.example.org
	refused 64 twice --domain x.example.org --san x.example.org
	refused 64 IP: --domain x.example.org --san 192.0.2.7
	refused 64 san --domain x.example.org --san IP:300.1.1.1
	refused 64 san --domain x.example.org --san 'a b.example.org'
}

test_bad_numbers_and_algorithms_are_refused() {
	refused 64 backups --domain x.example.org --backups 0
	refused 64 backups --domain x.example.org --backups 1e3
	refused 64 rsa:1024 --domain x.example.org --algorithm rsa:1024
	refused 64 twice --domain x.example.org --algorithm ed25519 --algorithm ed25519
	refused 64 subject --domain x.example.org --subject 'CN=x'
	refused 64 custodian --domain x.example.org --custodian nobody=dir:/tmp
}

test_a_wrong_passphrase_is_refused() {
	before=$(entries "$DIR/vault")
	run coldspare --vault "$DIR/vault" --passphrase-fd 9 generate --domain x.example.org 9<<<wrong
	assert_code 77
	assert_err passphrase
	assert_same "$(entries "$DIR/vault")" "$before"
}

test_dice_are_mixed_in_and_bad_dice_refused() {
	rolls=$(shuf -r -n 60 -i 1-6 | tr -d '\n')
	run operate "$DIR/vault" generate --domain dice.example.org --backups 1 --dice-fd 8 8<<<"$rolls"
	assert_code 0
	run coldspare --vault "$DIR/vault" log
	assert_out dice
	run operate "$DIR/vault" generate --domain dice.example.org --dice-fd 8 8<<<12345612345
	assert_code 64
	run operate "$DIR/vault" generate --domain dice.example.org --dice-fd 8 8<<<"${rolls}7"
	assert_code 64
}

test_a_full_medium_makes_the_batch_void_and_leaves_nothing() {
	[ "$(id -u)" = 0 ] || skip 'only root mounts a small file system'
	fresh
	run unshare -n -m bash -c 'mount -t tmpfs -o size=4k none ben && cp /dev/null ben/full &&
		"$1" --vault vault --passphrase-fd 9 generate --domain full.example.org --backups 50; code=$?
		ls -A ben; exit $code' - "$BUILD/coldspare" 9<<<"$PASSPHRASE"
	assert_code 74
	assert_err void
	assert_err ben
	assert_same "$(cat "$stdout")" full
	assert_same "$(find anna cleo -name 'full.*' | wc -l)" 0
	assert_no_file vault/keys/full*
	run coldspare --vault vault audit
	assert_code 0
	assert_out void
	run coldspare --vault vault --json status
	assert_json '[.domains[].keys[]] | length == 0'
}

test_detached_shares_need_the_vault_folder() {
	fresh
	run operate vault generate --domain d.example.org --backups 1 --detached
	assert_code 0
	assert_out 'back it up'
	assert_same "$(grep -l sealed-data anna/d.example.org-* | wc -l)" 0
	run coldspare --vault vault status
	assert_out 'back up this folder'
	run coldspare recover d.example.org --key vault/vault.pub --from dir:anna --from dir:ben \
		--to key.pem --plaintext
	assert_code 66
	assert_no_file key.pem
	run coldspare --vault vault recover d.example.org --from dir:anna --from dir:ben \
		--to key.pem --plaintext
	assert_code 0
	assert_file key.pem
}

test_import_takes_a_private_key_in_once() {
	fresh
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -aes256 -pass pass:geheim -out k.pem
	run operate vault import --domain i.example.org k.pem --input-passphrase-fd 8 8<<<falsch
	assert_code 77
	run operate vault --json import --domain i.example.org k.pem --input-passphrase-fd 8 8<<<geheim
	assert_code 0
	assert_json '.keys[0].origin == "imported" and .keys[0].algorithm == "ec:p384"'
	run operate vault import --domain i.example.org k.pem --input-passphrase-fd 8 8<<<geheim
	assert_code 78
	assert_err already
	run coldspare --vault vault recover i.example.org --from dir:ben --from dir:cleo --to out.pem --plaintext
	assert_code 0
	assert_same "$(openssl pkey -in out.pem -pubout)" "$(openssl pkey -in k.pem -passin pass:geheim -pubout)"
}

test_import_refuses_what_is_no_good_private_key() {
	mkdir folder
	mkfifo fifo
	: >empty
	head -c 2000000 /dev/urandom >huge
	openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out weak.pem 2>/dev/null
	cp "$DIR/vault/vault.pub" public
	for file in empty huge public; do
		run operate "$DIR/vault" import --domain i.example.org "$file"
		assert_code 65
	done
	for file in folder fifo missing; do
		run operate "$DIR/vault" import --domain i.example.org "$file"
		assert_code 66
	done
	run operate "$DIR/vault" import --domain i.example.org weak.pem
	assert_code 78
}

run_tests
