#!/bin/bash
# SPDX-License-Identifier: ISC
# doctor.sh: what doctor prints, and its exit status; what each check finds is tests/test_doctor.c.
. "$(dirname "$0")/lib.sh"

# sound COMMAND...: on a machine without network and swap, whatever this one has.
sound() {
	printf 'Filename Type Size Used Priority\n' >swaps
	"${NAMESPACE[@]}" -m bash -eu -c 'mount --bind swaps /proc/swaps; exec "$@"' sound "$@"
}

need_namespaces() { [ ${#OFFLINE[@]} -gt 0 ] || skip 'no namespaces here'; }

test_passes_a_sound_machine() {
	need_namespaces
	run sound "$BUILD/coldspare" doctor
	assert_code 0
	for id in network swap core-dumps memory-lock rng clock disk memory card-readers hypervisor \
		libraries system; do
		grep -qE "^$id +(ok|info|warn) " "$stdout" || fail "no $id"
	done
	assert_out 'no interface but loopback is up'
	assert_out 'libgfshare 2.'
}

test_stays_within_80_columns() {
	run coldspare_here --vault /no doctor
	run coldspare_here doctor
	! grep -qE ".{81}" "$stdout" || fail 'a line is longer'
}

test_prints_json() {
	need_namespaces
	run sound "$BUILD/coldspare" doctor --json
	assert_code 0
	assert_json '.checks | length >= 12'
	assert_json 'all(.checks[]; (.message | length > 0) and (.verdict | IN("ok", "info", "warn")))'
	assert_json '.checks[] | select(.id == "swap") | .verdict == "ok"'
}

test_fails_where_swap_is_on() {
	need_namespaces
	printf 'Filename Type Size Used Priority\n/dev/sda2 partition 9 0 -2\n' >swaps
	run "${NAMESPACE[@]}" -m sh -c 'mount --bind swaps /proc/swaps; exec "$@"' sh \
		"$BUILD/coldspare" --json doctor
	assert_code 78
	assert_err 'this machine is not fit: swap'
	assert_json '.checks[] | select(.id == "swap") | .verdict == "fail"'
	run "${NAMESPACE[@]}" -m sh -c 'mount --bind swaps /proc/swaps; exec "$@"' sh \
		"$BUILD/coldspare" --allow-swap doctor
	assert_code 0
	grep -qE '^swap +warn +swap is active: /dev/sda2' "$stdout" || fail 'no warning of swap'
}

test_looks_at_a_vault_that_is_named() {
	need_namespaces
	make_vault vault 2 anna="$PWD/anna" ben="$PWD/ben"
	run sound "$BUILD/coldspare" --vault vault doctor
	assert_code 0
	assert_out 'free in vault'
}

# A journal whose only line comes from the future, chained and checked as docs/FORMAT.md says.
test_holds_the_clock_against_the_journal() {
	local line
	mkdir vault
	line='{"n":1,"time":"2999-01-01T00:00:00Z","prev":"'$(printf '%064d' 0)'","event":"create"'
	printf '%s,"check":"%s"}\n' "$line" "$(printf '%s' "$line" | b2sum -l 256 | cut -c 1-64)" \
		>vault/journal.jsonl
	run coldspare --vault vault --json --allow-swap doctor
	assert_code 78
	assert_err 'this machine is not fit: clock'
	assert_json '.checks[] | select(.id == "clock") | .message | contains("2999-01-01")'
}

test_says_which_vault_is_missing() {
	run coldspare_here --vault nowhere doctor
	assert_code 66
	assert_err 'nowhere'
	assert_no_output
}

run_tests
