#!/bin/bash
# SPDX-License-Identifier: ISC
# Several custodians' cards take turns in one reader, and somebody is there to change them.
# shellcheck source=tests/cards/pcscd.bash
. "$(dirname "$0")/../cards/pcscd.bash"

# wanted NAME TIMES: the program has asked for that custodian's card so many times.
wanted() { [ "$(grep -c "insert $1's card" shown)" -ge "$2" ]; }
card_of() { insert 0 "$1" openpgp --serial "0000000$2" --size 4096; }

# typing COMMAND...: in the background, at a terminal where somebody would be; its status is in `code`.
typing() {
	rm -f shown code
	touch shown
	(
		status=0
		typed 'nothing is asked' '' --vault vault --passphrase-fd 9 --pin-fd 8 "$@" \
			8<pins 9<passphrase >shown 2>&1 || status=$?
		echo "$status" >code
	) &
}

test_each_card_is_asked_for_by_name_when_its_turn_comes() {
	mkdir dora
	printf 'anna=123456\nben=123456\n' >pins
	echo "$PASSPHRASE" >passphrase
	card_of anna a
	typing init --name 'Card Vault' --threshold 2 --kdf interactive \
		--custodian anna='card:0#FFFE:0000000A' --custodian ben='card:0#FFFE:0000000B' \
		--custodian dora=dir:dora
	until_true wanted ben 1
	card_of ben b
	until_true wanted anna 1
	card_of anna a
	until_true wanted ben 2
	card_of ben b
	until_true test -s code
	assert_same "$(cat code)" 0
	grep -q 'share 2: ben, card:0#FFFE:0000000B' shown || fail "$(cat shown)"
}

asked() { [ "$(grep -c "insert .* card FFFE:0000000$1 into" shown)" -ge "$2" ]; }

test_locked_folders_name_the_cards_that_they_want() {
	mkdir a b
	printf '%s=123456\n' anna ben FFFE:0000000A FFFE:0000000B >pins
	echo "$PASSPHRASE" >passphrase
	card_of anna a
	typing init --name 'Locked Vault' --threshold 2 --kdf interactive \
		--custodian anna='dir:a+card:0#FFFE:0000000A' --custodian ben='dir:b+card:0#FFFE:0000000B'
	until_true asked B 1
	card_of ben b
	until_true asked A 1
	card_of anna a
	until_true asked B 2
	card_of ben b
	until_true test -s code
	assert_same "$(cat code)" 0
	# Ben's card is in the reader, and no spec says which is wanted.
	typing drill --all --from dir:a+card:0 --from dir:b+card:0
	until_true asked A 1
	card_of anna a
	until_true asked B 1
	card_of ben b
	until_true test -s code
	assert_same "$(cat code)" 0
	grep -q 'shares of anna, ben; 1 combination rebuilt it' shown || fail "$(cat shown)"
}

start_pcscd 1
run_tests
