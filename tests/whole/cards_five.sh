#!/bin/bash
# SPDX-License-Identifier: ISC
# Five custodians, five kinds of media: an OpenPGP card, a PIV card, a SmartCard-HSM, a token through
# PKCS#11, and a folder. Any three of them bring a key back.
# shellcheck source=tests/cards/pcscd.bash
. "$(dirname "$0")/../cards/pcscd.bash"

export HOME=$DIR SOFTHSM2_CONF=$DIR/softhsm2.conf
MANAGEMENT=010203040506070801020304050607080102030405060708

# Sets MEDIA, and PINS by custodian and by serial.
five() {
	local token
	insert 0 anna openpgp --serial 0000000a --size 4096
	insert 1 ben piv --serial 0badf515
	insert 2 cleo sc-hsm --serial TEST0000042
	make_token dora 4711dora >/dev/null
	mkdir emil
	token=$(softhsm2-util --show-slots |
		awk '/Serial number:/ { s = $3 } $1 == "Label:" && $2 == "dora" { print s }')
	MEDIA=("card:$(reader 0)" "card:$(reader 1)" "card:$(reader 2)" "pkcs11:$SOFTHSM#$token" "dir:$PWD/emil")
	PINS=$(printf '%s\n' anna=123456 ben=123456 ADMIN-ben="$MANAGEMENT" cleo=648219 dora=4711dora \
		FFFE:0000000A=123456 195949845=123456 TEST0000042=648219 "$token=4711dora")
}
with_pins() { coldspare --vault vault --passphrase-fd 9 --pin-fd 8 "$@" 9<<<"$PASSPHRASE" 8<<<"$PINS"; }
pin_of() { openssl pkey -in "$1" -pubout -outform der | openssl dgst -sha256 -binary | base64; }

test_any_three_of_five_kinds_of_media_recover() {
	local a b c i from=() names=(anna ben cleo dora emil) custodians=() key pin subsets=0
	five
	for i in 0 1 2 3 4; do
		custodians+=(--custodian "${names[$i]}=${MEDIA[$i]}")
		from+=(--from "${MEDIA[$i]}")
	done
	run with_pins init --name 'Five Media' --threshold 3 --kdf interactive "${custodians[@]}"
	assert_code 0
	run with_pins --json generate --domain example.org --algorithm rsa:2048 --algorithm ec:p256 --backups 1
	assert_code 0
	key=$(jq -r '.keys[0].key' "$stdout") pin=$(jq -r '.keys[0].pin' "$stdout")
	assert_json '.keys | all(.proven)'
	run with_pins drill --all "${from[@]}"
	assert_code 0
	# By --from nobody says whose card is asked for: it says so itself, once its PIN was right.
	assert_err 'the card FFFE:0000000A is that of anna'
	assert_err 'the card 195949845 is that of ben'
	assert_err 'the card TEST0000042 is that of cleo'
	assert_err 'is that of dora'
	assert_same "$(grep -c 'shares of anna, ben, cleo, dora, emil; 10 combinations rebuilt it' "$stdout")" 3
	for a in 0 1 2; do
		for ((b = a + 1; b < 4; b++)); do
			for ((c = b + 1; c < 5; c++)); do
				run with_pins recover "$key" --to "$a$b$c.pem" --plaintext \
					--from "${MEDIA[$a]}" --from "${MEDIA[$b]}" --from "${MEDIA[$c]}"
				assert_code 0
				assert_same "$(pin_of "$a$b$c.pem")" "$pin"
				subsets=$((subsets + 1))
			done
		done
	done
	assert_same "$subsets" 10
	run with_pins recover "$key" --to two.pem --plaintext --from "${MEDIA[1]}" --from "${MEDIA[3]}"
	assert_code 78
	assert_no_file two.pem
}

start_pcscd 3
run_tests
