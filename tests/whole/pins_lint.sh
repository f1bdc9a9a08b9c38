#!/bin/bash
# SPDX-License-Identifier: ISC
# That each rule finds what it should is shown by tests/test_lint.c; here: the command.
# shellcheck source=tests/whole/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/whole/pins.bash
. "$(dirname "$0")/pins.bash"

make_key "$DIR/vault"

test_a_safe_manifest_passes() {
	sample "$DIR/vault"
	run coldspare_pins lint pins.json
	assert_code 0
	assert_out '0 errors, 0 warnings'
}

test_an_error_is_refused_and_explained_in_80_columns() {
	sample "$DIR/vault" 'del(.domains[0].pins[1, 2])'
	run coldspare_pins lint pins.json
	assert_code 78
	assert_out '  error    no-backup: '
	assert_out 'RFC 7469 sections 2.5, 4.3'
	assert_err 'pins.json: 1 error'
	[ "$(wc -L <"$stdout")" -le 80 ] || fail 'a line is too long'
}

test_a_warning_passes() {
	sample "$DIR/vault" 'del(.domains[0].pins[2])'
	run coldspare_pins lint pins.json
	assert_code 0
	assert_out 'one-backup'
	assert_out '0 errors, 1 warning'
}

test_errors_of_one_format_count_when_it_is_named() {
	sample "$DIR/vault" '.domains[0].report_only = true'
	run coldspare_pins lint pins.json
	assert_code 0
	assert_out 'report-nowhere'
	assert_out '1 of the errors only for some formats of render'
	run coldspare_pins lint --target android pins.json
	assert_code 0
	run coldspare_pins lint --target android --target nginx pins.json
	assert_code 78
}

test_force_lets_one_named_rule_pass_and_says_so() {
	sample "$DIR/vault" 'del(.domains[0].pins[0])'
	run coldspare_pins lint --force no-active pins.json
	assert_code 0
	assert_out '- let pass by --force: no pin is active'
	assert_out '1 let pass by --force'
	run coldspare_pins lint --force no-backup pins.json
	assert_code 78
	run coldspare_pins lint --force no-such-rule pins.json
	assert_code 64
	assert_err 'no-such-rule'
}

test_json_has_every_finding() {
	sample "$DIR/vault" '.domains[0].pins[1].released = true | del(.domains[0].pins[0])'
	run coldspare_pins lint --json pins.json
	assert_code 78
	assert_json '[.findings[].rule] == ["no-active", "backup-released"]'
	assert_json '.findings[0].severity == "error" and .findings[0].blocks and .blocking == 1'
	assert_json '.findings[1].pin == "1HNeOiZeFu7gP1lxi5tdAwGcB9i2xR+Q2jpmbuwTqzU="'
	assert_json '.findings[1].blocks == false and .findings[1].targets == null'
}

test_the_rules_are_listed_with_their_sources() {
	run coldspare_pins lint --rules
	assert_code 0
	assert_out 'no-backup: '
	[ "$(wc -L <"$stdout")" -le 80 ] || fail 'a line is too long'
	run coldspare_pins lint --rules --json
	assert_code 0
	assert_json 'length > 30 and all(.rule and .source and .sentence)'
}

test_previous_ttl_certificates_and_header_are_looked_at() {
	sample "$DIR/vault" '.domains[0].pins[0] |= (.ready = null | .deployed = (now | floor | todate))'
	sample "$DIR/vault" '.domains[0].pins |= .[1:]' old.json
	run coldspare_pins lint --previous old.json pins.json
	assert_code 78
	assert_out 'active-too-soon'
	run coldspare_pins lint --ttl 1h --target tlsa pins.json
	assert_code 78
	assert_out 'tlsa-too-soon'
	run coldspare_pins lint --header 'max-age=1; max-age=2' --target nginx pins.json
	assert_code 78
	assert_out 'header-max-age'

	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem \
		-subj /CN=example.org -out cert.pem 2>openssl.log
	sample "$DIR/vault" ".domains[0].pins[1].pin = \"$(openssl x509 -in cert.pem -outform der |
		openssl dgst -sha256 -binary | base64)\""
	run coldspare_pins lint --certificates cert.pem pins.json
	assert_code 78
	assert_out 'certificate-hash'
	run coldspare_pins lint --certificates none.pem pins.json
	assert_code 66
}

test_what_is_no_manifest_is_malformed() {
	sample "$DIR/vault" '.domains[0].pins[0].pin = "a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0t="'
	run coldspare_pins lint pins.json
	assert_code 65
	assert_err 'pins[0]: pin: not 32 bytes in canonical base64'
	assert_no_output
	run coldspare_pins lint
	assert_code 64
}

run_tests
