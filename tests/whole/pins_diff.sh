#!/bin/bash
# SPDX-License-Identifier: ISC
# What counts as a difference is shown by tests/test_diff.c; here: the command.
# shellcheck source=tests/whole/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/whole/pins.bash
. "$(dirname "$0")/pins.bash"

make_key "$DIR/vault"

test_a_rotation_is_shown_line_by_line() {
	sample "$DIR/vault" . old.json
	sample "$DIR/vault" '.serial = 4 | .domains[0].pins |= (.[1:] | .[0].role = "active")' new.json
	run coldspare_pins diff old.json new.json
	assert_code 0
	assert_out '      serial: 3 -> 4'
	assert_out '  ~ 1HNeOiZeFu7gP1lxi5tdAwGcB9i2xR+Q2jpmbuwTqzU= active ec:p256'
	assert_out '      role: backup -> active'
	assert_out '  - a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s= active ec:p256'
	assert_not_out warning
	[ "$(wc -L <"$stdout")" -le 80 ] || fail 'a line is too long'
	run coldspare_pins diff --json old.json new.json
	assert_code 0
	assert_json '[.changes[].change] == ["changed", "changed", "removed"] and .warnings == []'
	assert_json '.changes[1].fields == [{field: "role", from: "backup", to: "active"}]'
}

test_an_active_pin_that_was_not_published_long_enough_is_warned_of() {
	sample "$DIR/vault" '.domains[0].pins |= .[1:]' old.json
	sample "$DIR/vault" '.domains[0].pins[0].ready = null' new.json
	run coldspare_pins diff old.json new.json
	assert_code 0
	assert_out 'warning: example.org: a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='
	run coldspare_pins diff --json old.json new.json
	assert_json '.warnings[0].rule == "active-too-soon" and (.warnings | length == 1)'
}

test_manifests_alike_have_no_difference() {
	sample "$DIR/vault"
	run coldspare_pins diff pins.json pins.json
	assert_code 0
	assert_out 'no difference'
	run coldspare_pins diff pins.json
	assert_code 64
	run coldspare_pins diff pins.json none.json
	assert_code 66
	assert_no_output
}

run_tests
