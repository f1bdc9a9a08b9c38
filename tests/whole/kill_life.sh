#!/bin/bash
# SPDX-License-Identifier: ISC
# What moves a key along its life, killed at any moment: it happened or it did not, and can be run again.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/life.bash"
. "$(dirname "$0")/sweep.bash"

MOMENTS=2 KILLS_WANTED=8

saved_copy() {
	cd "$DIR"
	rm -rf run
	cp -a made run
	cd run
	{ read -r first && read -r second; } < <(jq -r '.domains[].pins[].key // empty' out1/pins.json)
}
# An attached certificate, a retired key: what the commands begin with.
prepared() {
	cd "$DIR/made"
	issue "v/keys/$first/request.csr" leaf.pem
	run here --vault v retire "$second"
	assert_code 0
}
saved_copy
prepared

explained() {
	run here --vault v audit
	[ "$status" = 0 ] || assert_out 'torn'
}
# again CODE COMMAND...: what was cut off can be done now, or CODE says that it is.
again() {
	explained
	run here --vault v "${@:2}"
	[ "$status" = 0 ] || assert_code "$1"
	run here --vault v audit
	assert_code 0
}

test_attach_killed_anywhere() {
	attached() {
		again 73 attach "$first" leaf.pem
		assert_same "$(find v/keys/"$first" -name "certificate-*.pem" | wc -l)" 1
		run here --vault v --json status
		assert_json '.domains[0].keys[0].state == "presigned"'
	}
	sweep saved_copy attached "$BUILD/coldspare" --allow-online --vault v attach "$first" leaf.pem
}

test_destroy_killed_anywhere() {
	gone() {
		again 78 destroy "$second" --yes
		[ -z "$(find v/keys/"$second" -name 'sealed-*')" ] || fail 'the record is there'
		assert_not_out 'finish it'
	}
	sweep saved_copy gone "$BUILD/coldspare" --allow-online --vault v destroy "$second" --yes
}

test_csr_killed_anywhere() {
	asked() {
		again 0 csr "$first" --from dir:"$DIR/made/a" --from dir:"$DIR/made/b"
		run here --vault v csr "$first"
		openssl req -in "$stdout" -noout -verify 2>/dev/null
	}
	sweep saved_copy asked "$BUILD/coldspare" --allow-online --vault v csr "$first" \
		--from dir:"$DIR/made/a" --from dir:"$DIR/made/b"
}

run_tests
