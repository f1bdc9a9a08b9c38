#!/bin/bash
# SPDX-License-Identifier: ISC
# The simulated OpenPGP card is one to programs that others wrote, and obeys its fault switches.
# shellcheck source=tests/cards/pcscd.bash
. "$(dirname "$0")/../cards/pcscd.bash"

SELECT_OPENPGP=00A4040006D27600012401
# 123456, as PW1 for everything but signatures, and 12345678, as PW3.
VERIFY_USER=0020008206313233343536
VERIFY_ADMIN=00200083083132333435363738

# gpg asks a scdaemon of the test's own, and that one asks pcscd.
gpg_card() {
	export GNUPGHOME=$DIR/gnupg-$1
	if [ ! -d "$GNUPGHOME" ]; then
		mkdir -m 700 "$GNUPGHOME"
		printf 'disable-ccid\nreader-port %s\n' "$(reader "$1")" >"$GNUPGHOME/scdaemon.conf"
	fi
	shift
	run gpg --batch "$@"
	gpgconf --kill all
}

test_openpgp_gpg_shows_the_card() {
	insert 0 anna openpgp --serial 0badcafe
	gpg_card 0 --card-status
	assert_code 0
	assert_out 'Version ..........: 3.4'
	assert_out 'Serial number ....: 0BADCAFE'
	assert_out 'PIN retry counter : 3 0 3'
	assert_out 'KDF setting ......: off'
}

test_openpgp_tool_reads_what_was_written_to_0103() {
	insert 0 ben openpgp
	apdus 0 "$SELECT_OPENPGP" "$VERIFY_USER" 00DA010305000102FEFF
	assert_not_out 'SW1=0x6'
	insert 0 ben openpgp
	run openpgp-tool --reader "$(reader 0)" --verify CHV2 --pin 123456 --raw --do 0103
	assert_code 0
	assert_same "$(xxd -p "$stdout")" 000102feff
}

test_openpgp_tool_counts_tries_down_and_up_again() {
	local tool=(openpgp-tool --reader "$(reader 0)" --verify CHV2)
	insert 0 cleo openpgp
	run "${tool[@]}" --pin 654321
	[ "$status" != 0 ] || fail 'a wrong PIN is taken'
	insert 0 cleo openpgp
	gpg_card 0 --card-status
	assert_out 'PIN retry counter : 2 0 3'
	run "${tool[@]}" --pin 123456
	assert_code 0
	gpg_card 0 --card-status
	assert_out 'PIN retry counter : 3 0 3'
	run "${tool[@]}" --pin 111111
	run "${tool[@]}" --pin 111111
	run "${tool[@]}" --pin 111111
	run "${tool[@]}" --pin 123456
	[ "$status" != 0 ] || fail 'a blocked PIN is taken'
	apdus 0 "$SELECT_OPENPGP" "$VERIFY_USER"
	assert_out 'SW1=0x69, SW2=0x83'
}

test_openpgp_gpg_hashes_the_pin_where_the_card_has_a_kdf() {
	insert 0 dora openpgp --kdf
	gpg_card 0 --card-status
	assert_out 'KDF setting ......: on'
	# Its administrator's PIN is asked for, hashed, and taken.
	gpg_card 0 --pinentry-mode loopback --passphrase 12345678 --command-fd 0 --card-edit \
		< <(printf '%s\n' admin login anna quit)
	insert 0 dora openpgp --kdf
	gpg_card 0 --card-status
	assert_out 'Login data .......: anna'
	apdus 0 "$SELECT_OPENPGP" "$VERIFY_ADMIN"
	assert_out 'SW1=0x69, SW2=0x82'
}

test_a_reset_takes_every_right_away() {
	insert 0 emil openpgp
	apdus 0 "$SELECT_OPENPGP" "$VERIFY_USER" 00CA010300
	assert_not_out 'SW1=0x6'
	apdus 0 "$SELECT_OPENPGP" 00CA010300
	assert_out 'SW1=0x69, SW2=0x82'
}

test_what_is_too_long_is_refused() {
	local long
	long=$(printf 'AB%.0s' {1..255})
	insert 0 fay openpgp --size 254
	apdus 0 "$SELECT_OPENPGP" "$VERIFY_USER" "00DA0103FF$long" 00CA010300
	assert_out 'SW1=0x67, SW2=0x00'
	assert_same "$(tail -n 1 "$stdout")" 'Received (SW1=0x90, SW2=0x00)' # and no data
}

test_commands_and_replies_come_in_parts() {
	local part
	part=$(printf 'AB%.0s' {1..200})
	insert 0 gus openpgp --size 4096
	apdus 0 "$SELECT_OPENPGP" "$VERIFY_USER" "10DA0103C8$part" "00DA0103C8$part" 00CA010300
	assert_same "$(grep -o 'AB' "$stdout" | grep -c .)" $((400 + 400))
}

test_a_torn_write_keeps_its_first_half() {
	insert 0 hal openpgp --tear 1
	run opensc-tool --card-driver default --reader "$(reader 0)" --send-apdu "$SELECT_OPENPGP" \
		--send-apdu "$VERIFY_USER" --send-apdu 00DA010304AABBCCDD
	until_true gone 0
	grep -qx '103 aabb' "$CARDS/hal" || fail 'not half of it'
}

# killed_by OPTION...: a card that is gone after its third APDU; what it then has kept is in $CARDS/$1.
killed_by() {
	insert 0 "$1" openpgp "${@:2}"
	run opensc-tool --card-driver default --reader "$(reader 0)" --send-apdu "$SELECT_OPENPGP" \
		--send-apdu "$VERIFY_USER" --send-apdu 00DA010304AABBCCDD
	until_true gone 0
	assert_same "$(grep -c 'Received' "$stdout")" 2
}

test_a_card_dies_before_an_apdu_or_before_its_answer() {
	killed_by hal --die-at 3
	! grep '^103 ' "$CARDS/hal" || fail 'it was written'
	killed_by ida --die-after 3
	grep -qx '103 aabbccdd' "$CARDS/ida" || fail 'it was not written'
}

test_lies_are_told_when_they_are_asked_for() {
	insert 0 jon openpgp --lie status --lie-at 2
	apdus 0 "$SELECT_OPENPGP" 00CA005E00 00CA5F2D00
	assert_same "$(grep -c 'SW1=0x90, SW2=0x00' "$stdout")" 2
	assert_out 'SW1=0x9F, SW2=0x42'
	insert 0 jon openpgp --lie short --lie-at 2
	apdus 0 "$SELECT_OPENPGP" 00CA5F2D00 00CA5F2D00
	assert_same "$(grep -A 1 Received "$stdout" | grep -cE '^65 e|^65 6E en')" 2
	insert 0 jon openpgp --lie long --lie-at 2
	apdus 0 "$SELECT_OPENPGP" 00CA5F2D00
	assert_out '65 6E A5 A5'
	insert 0 jon openpgp --lie tiny --lie-at 2 --trace "$PWD/trace"
	run opensc-tool --card-driver default --reader "$(reader 0)" --send-apdu "$SELECT_OPENPGP" \
		--send-apdu 00CA5F2D00
	assert_same "$(tail -n 1 trace)" '< 65'
	insert 0 jon openpgp --lie endless --lie-at 2 --trace "$PWD/trace"
	# It would ask for ever: pulling the card is what ends it.
	opensc-tool --card-driver default --reader "$(reader 0)" --send-apdu "$SELECT_OPENPGP" \
		--send-apdu 00CA5F2D00 >/dev/null 2>&1 &
	until_true grep '^> 00c000' trace
	eject 0
	wait $! || true
}

test_a_card_is_found_again_by_the_next_pcscd() {
	insert 0 ida openpgp
	stop_pcscd
	start_pcscd 3
	until_true listed 0 Yes
}

start_pcscd 3
run_tests
