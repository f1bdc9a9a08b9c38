#!/bin/bash
# SPDX-License-Identifier: ISC
# The simulated SmartCard-HSM is one to OpenSC, and so is a token of SoftHSM2.
# shellcheck source=tests/cards/pcscd.bash
. "$(dirname "$0")/../cards/pcscd.bash"

SELECT=00A404000BE82B0601040181C31F0201
VERIFY=0020008106363438323139

opensc() { pkcs11-tool --module opensc-pkcs11.so --slot-index 0 "$@"; }

# write_and_read MODULE PIN: a private data object through PKCS#11, which needs several chunks; and back.
write_and_read() {
	local tool=(pkcs11-tool --module "$1" --login --pin "$2" --type data --label secret)
	seq 1000 >blob
	run "${tool[@]}" --private --write-object blob
	assert_code 0
	run "${tool[@]}" --read-object --output-file copy
	assert_code 0
	cmp blob copy
}

test_opensc_reads_serial_and_tries() {
	insert 0 anna sc-hsm --serial TEST0000042
	run pkcs15-tool --reader "$(reader 0)" --dump
	assert_code 0
	assert_out 'Serial number  : TEST0000042'
	run sc-hsm-tool --reader "$(reader 0)"
	assert_code 0
	assert_out 'User PIN tries left  : 3'
}

test_opensc_writes_a_private_object_and_reads_it() {
	insert 0 ben sc-hsm
	write_and_read opensc-pkcs11.so 648219
	insert 0 ben sc-hsm
	run opensc --list-objects
	assert_code 0
	assert_not_out secret
	run opensc --login --pin 648219 --list-objects
	assert_code 0
	assert_out "label:          'secret'"
}

test_opensc_is_told_of_a_wrong_pin() {
	insert 0 cleo sc-hsm
	run opensc --login --pin 111111 --list-objects
	assert_code 1
	assert_err CKR_PIN_INCORRECT
	run sc-hsm-tool --reader "$(reader 0)"
	assert_out 'User PIN tries left  : 2'
	run opensc --login --pin 111111 --list-objects
	run opensc --login --pin 111111 --list-objects
	run opensc --login --pin 648219 --list-objects
	assert_code 1
	assert_err CKR_PIN_LOCKED
}

test_opensc_makes_a_new_card_of_it() {
	insert 0 dora sc-hsm
	apdus 0 "$SELECT" "$VERIFY" 00D7CD01085402000053020102
	run sc-hsm-tool --reader "$(reader 0)" --initialize --so-pin 3537363231383830 --pin 123456 \
		--pin-retry 2 --label anna
	assert_code 0
	run opensc --login --pin 123456 --list-token-slots
	assert_code 0
	assert_out 'token label        : anna'
	run sc-hsm-tool --reader "$(reader 0)"
	assert_out 'User PIN tries left  : 2'
	! grep -q '^cd01 ' "$CARDS/dora" || fail 'the old file is still there'
}

test_protected_files_want_the_pin() {
	insert 0 emil sc-hsm
	apdus 0 "$SELECT" 00D7CD01085402000053020102
	assert_out 'SW1=0x69, SW2=0x82'
	apdus 0 "$SELECT" "$VERIFY" 00D7CD01085402000053020102 00D7CF01085402000053020304 8058000000
	assert_out '2F 02 CD 01 CF 01'
	apdus 0 "$SELECT" 00B1CF01045402000000
	assert_out '03 04'
	apdus 0 "$SELECT" 00B1CD01045402000000
	assert_out 'SW1=0x69, SW2=0x82'
}

test_room_ends() {
	insert 0 fay sc-hsm --size 4 --room 6
	apdus 0 "$SELECT" "$VERIFY" 00D7CD010B5402000053050102030405
	assert_out 'SW1=0x6A, SW2=0x84'
	apdus 0 "$SELECT" "$VERIFY" 00D7CD010A54020000530401020304 00D7CD020A54020000530401020304
	assert_out 'SW1=0x90, SW2=0x00'
	assert_same "$(tail -n 1 "$stdout")" 'Received (SW1=0x6A, SW2=0x84)'
	apdus 0 "$SELECT" "$VERIFY" 00E4020002CD01 00D7CD020A54020000530401020304
	assert_same "$(tail -n 1 "$stdout")" 'Received (SW1=0x90, SW2=0x00)'
}

test_softhsm_keeps_a_private_object() {
	make_token anna 4711
	write_and_read "$SOFTHSM" 4711
}

start_pcscd 1
run_tests
