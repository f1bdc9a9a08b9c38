#!/bin/bash
# SPDX-License-Identifier: ISC
# The simulated PIV card is one to Yubico's tool and to OpenSC's.
# shellcheck source=tests/cards/pcscd.bash
. "$(dirname "$0")/../cards/pcscd.bash"

SELECT=00A4040005A000000308
VERIFY=0020008008313233343536FFFF
KEY=0102030405060708010203040506070801020304050607080102030405060708

# With --key=HEX it authenticates first.
yubico() { yubico-piv-tool --reader "$(reader 0)" "$@"; }

# with_key ALGORITHM BYTES HEX...: these APDUs after OpenSC and the card have proved the key to each other.
with_key() {
	local one arguments=() key=$DIR/management.key
	printf '%s' "${KEY:0:$((2 * $2))}" | fold -w 2 | paste -sd : >"$key"
	for one in "${@:3}"; do
		arguments+=(--send-apdu "$one")
	done
	PIV_EXT_AUTH_KEY=$key run piv-tool --reader "$(reader 0)" --admin "M:9B:$1" "${arguments[@]}"
	assert_code 0
}

test_yubico_shows_version_serial_and_tries() {
	insert 0 anna piv --serial 00bada55
	run yubico -a status
	assert_code 0
	assert_out 'Version:	5.4.3'
	assert_out "Serial Number:	$((0x00bada55))"
	assert_out 'PIN tries left:	3'
}

test_yubico_counts_tries_of_the_pin() {
	insert 0 ben piv
	run yubico -a verify-pin --pin 654321
	assert_code 1
	assert_err '2 tries left'
	run yubico -a verify-pin --pin 123456
	assert_code 0
	run yubico -a change-pin --pin 123456 --new-pin 918273
	assert_code 0
	run yubico -a verify-pin --pin 918273
	assert_code 0
	for _ in 1 2 3; do
		run yubico -a verify-pin --pin 111111
	done
	run yubico -a verify-pin --pin 918273
	assert_err 'Pin code blocked'
	run yubico -a unblock-pin --pin 12345678 --new-pin 123456
	assert_code 0
	run yubico -a verify-pin --pin 123456
	assert_code 0
}

test_yubico_writes_an_object_in_parts_and_reads_it() {
	insert 0 cleo piv
	seq 500 >blob
	run yubico "--key=${KEY:0:48}" -a write-object --id 0x5fc105 -i blob --format binary
	assert_code 0
	insert 0 cleo piv
	run yubico -a read-object --id 0x5fc105 -o copy --format binary
	assert_code 0
	cmp blob copy
	run yubico "--key=${KEY:0:46}ff" -a write-object --id 0x5fc105 -i blob --format binary
	assert_code 1
	seq 1000 >blob
	run yubico "--key=${KEY:0:48}" -a write-object --id 0x5fc105 -i blob --format binary
	[ "$status" != 0 ] || fail 'more than 3063 bytes fit'
}

test_a_chain_is_written_piece_by_piece_where_that_is_asked_for() {
	head -c 500 /dev/zero | tr '\0' x >blob
	insert 0 carl piv --pieces
	run yubico "--key=${KEY:0:48}" -a write-object --id 0x5fc105 -i blob --format binary
	assert_code 0
	# The first command of a chain that never ends.
	with_key 03 24 10DB3FFF0C5C035FC105538201F4414243
	insert 0 carl piv
	run yubico -a read-object --id 0x5fc105 -o copy --format binary
	assert_code 0
	{ printf ABC && tail -c 497 blob; } | cmp - copy
}

test_yubico_changes_the_management_key() {
	local new=112233445566778811223344556677888877665544332211
	insert 0 dora piv
	run yubico "--key=${KEY:0:48}" -a set-mgm-key "--new-key=$new"
	assert_code 0
	echo x >blob
	run yubico "--key=${KEY:0:48}" -a write-object --id 0x5fc105 -i blob --format binary
	assert_code 1
	run yubico "--key=$new" -a write-object --id 0x5fc105 -i blob --format binary
	assert_code 0
}

test_opensc_proves_keys_of_every_algorithm() {
	local one
	for one in '3des 03 24' 'aes128 08 16' 'aes192 0A 24' 'aes256 0C 32'; do
		# shellcheck disable=SC2086
		set -- $one
		insert 0 "$1" piv --algorithm "$1"
		with_key "$2" "$3" 00F7009B00 00DB3FFF0A5C035FC10853030102"$2"
		assert_out "01 01 $2" # the metadata
		assert_same "$(tail -n 1 "$stdout")" 'Received (SW1=0x90, SW2=0x00)'
	done
}

test_some_objects_want_the_pin() {
	local get=00CB3FFF055C035FC10800
	insert 0 emil piv
	with_key 03 24 00DB3FFF0A5C035FC1085303010203 00DB3FFF0A5C035FC1055303010203
	apdus 0 "$SELECT" "$get"
	assert_out 'SW1=0x69, SW2=0x82'
	apdus 0 "$SELECT" "$VERIFY" "$get" 00CB3FFF055C035FC10300
	assert_out '53 03 01 02 03'
	assert_same "$(tail -n 1 "$stdout")" 'Received (SW1=0x6A, SW2=0x82)'
	apdus 0 "$SELECT" 00CB3FFF055C035FC10500
	assert_out '53 03 01 02 03'
	with_key 03 24 00DB3FFF075C035FC1055300
	apdus 0 "$SELECT" 00CB3FFF055C035FC10500
	assert_out 'SW1=0x6A, SW2=0x82'
}

test_an_old_card_has_a_chuid_and_no_metadata() {
	insert 0 fay piv --old
	run piv-tool --reader "$(reader 0)" --serial
	assert_out 'BA DA 55'
	apdus 0 "$SELECT" 00F7009B00
	assert_out 'SW1=0x6D, SW2=0x00'
}

start_pcscd 1
run_tests
