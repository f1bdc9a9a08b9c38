#!/bin/bash
# SPDX-License-Identifier: ISC
# What can happen to cards, readers and pcscd in the middle of a ceremony. tests/test_cardfaults.c has each APDU
# and each call in turn; here are the programs themselves, a sample of all that.
# shellcheck source=tests/cards/pcscd.bash
. "$(dirname "$0")/../cards/pcscd.bash"

# Anna's card is an OpenPGP card, Ben's a PIV card, Cleo's a SmartCard-HSM.
PINS='anna=123456
ben=123456
cleo=648219
ADMIN-ben=factory
FFFE:0000000A=123456
195939070=123456
CLEO00001=648219'
APPLETS=(openpgp piv sc-hsm)
NAMES=(anna ben cleo)
card() { printf 'card:%s' "$(reader "$1")"; }
with_pins() { coldspare --vault "$DIR/vault" --passphrase-fd 9 --pin-fd 8 "$@" 9<<<"$PASSPHRASE" 8<<<"$PINS"; }
# put N [OPTION...]: that custodian's card into its reader.
put() {
	local serials=(0000000a 0badcafe CLEO00001)
	local more=()
	[ "$1" != 0 ] || more=(--size 4096)
	insert "$1" "${NAMES[$1]}" "${APPLETS[$1]}" --serial "${serials[$1]}" "${more[@]}" "${@:2}"
}
generate() { run with_pins generate --domain example.org --backups 1; }

# A vault on the three cards and a folder, 2 of 4, made once; each test starts from a copy.
set_up() {
	mkdir "$DIR/dora"
	put 0 && put 1 && put 2
	run with_pins init --name 'Card Vault' --threshold 2 --kdf interactive --custodian anna="$(card 0)" \
		--custodian ben="$(card 1)" --custodian cleo="$(card 2)" --custodian dora=dir:"$DIR/dora"
	assert_code 0
	mkdir "$DIR/saved"
	cp -r "$CARDS" "$DIR/vault" "$DIR/dora" "$DIR/saved"
}
afresh() {
	eject 0 && eject 1 && eject 2
	rm -rf "$DIR/vault" "$DIR/dora"
	cp "$DIR/saved/cards"/* "$CARDS/"
	cp -r "$DIR/saved/vault" "$DIR/saved/dora" "$DIR"
}

# nothing_lost N: card N has what it had, the others and the folder just that and no more, and the vault no key.
nothing_lost() {
	local i
	for i in 0 1 2; do
		[ "$i" = "$1" ] || cmp "$CARDS/${NAMES[$i]}" "$DIR/saved/cards/${NAMES[$i]}" || fail 'another card changed'
	done
	diff -r "$DIR/dora" "$DIR/saved/dora" || fail "dora's folder changed"
	put "$1"
	run with_pins share list "$(card "$1")"
	assert_out 'vault-signing-key.'
	run coldspare --vault "$DIR/vault" --json status
	assert_json '[.domains[].keys[]] == []'
}

# broken N OPTION...: generate fails while that card has this fault.
broken() {
	local n=$1
	afresh
	for i in 0 1 2; do
		if [ "$i" = "$n" ]; then put "$i" "${@:2}"; else put "$i"; fi
	done
	generate
	[ "$status" = 69 ] || [ "$status" = 77 ] || fail 'neither 69 nor 77'
	assert_err "$(reader "$n"): "
}

test_a_card_pulled_while_it_is_read_or_written_loses_nothing() {
	local n at
	for n in 0 1 2; do
		for at in 3 12; do
			broken "$n" --die-at "$at"
			assert_err 'the card was pulled'
			assert_err 'hint: '
			until_true gone "$n"
			nothing_lost "$n"
		done
	done
	broken 1 --die-after 14
	nothing_lost 1
}

test_a_torn_write_is_seen_and_told() {
	broken 0 --tear 1
	assert_err 'what the card held before may be lost'
	assert_err 'hint: look with `coldspare share list'
	put 0
	run with_pins share list "$(card 0)"
	assert_code 65
	assert_out 'a write was torn here'
	# The others were put back as they were.
	run with_pins share list "$(card 1)"
	assert_same "$(grep -c 'share$' "$stdout")" 1
}

test_a_card_that_lies_is_not_believed() {
	local lie
	for lie in 'long 0' 'short 1' 'status 2' 'tiny 0' 'endless 1'; do
		broken "${lie#* }" --lie "${lie% *}" --lie-at 3
		nothing_lost "${lie#* }"
	done
}

# The next pcscd is started before the card answers, and takes the killed one for dead although nobody has
# waited for it yet.
new_pcscd() {
	cat <<-END
		old=\$(cat $DIR/pcscd.pid)
		kill -KILL \$old
		while grep -q '^State:.*[^Z] (' /proc/\$old/status 2>/dev/null; do sleep 0.01; done
		rm -f /run/pcscd/pcscd.comm /run/pcscd/pcscd.pid
		LD_PRELOAD=$BUILD/tests/cards/hurry.so setsid pcscd --foreground --critical \\
			--config $DIR/reader.conf >>$DIR/pcscd.log 2>&1 </dev/null &
		echo \$! >$DIR/pcscd.pid
	END
}

test_a_pcscd_that_is_killed_and_started_again_is_told_and_nothing_is_lost() {
	local at
	for at in 3 16; do
		broken 1 --run "$(new_pcscd)" --run-at "$at"
		assert_err 'hint: '
		until_true listed 0 Yes
		until_true listed 1 Yes
		until_true listed 2 Yes
		nothing_lost 1
	done
	generate
	assert_code 0
}

# opensc-tool waits for the end of each transaction and resets the card then, again and again.
test_another_programs_resets_do_no_harm() {
	local pid
	afresh
	put 0 && put 1 && put 2
	while :; do
		opensc-tool --reader "$(reader 1)" --reset || true
	done >/dev/null 2>&1 &
	pid=$!
	generate
	kill "$pid"
	wait "$pid" || true
	if [ "$status" != 0 ]; then
		assert_code 69
		assert_err 'another program'
		nothing_lost 1
	fi
}

test_a_card_that_gnupg_holds_is_told_with_what_lets_go_of_it() {
	afresh
	put 0 && put 1 && put 2
	export GNUPGHOME=$DIR/gnupg
	mkdir -m 700 "$GNUPGHOME"
	printf 'disable-ccid\nreader-port %s\n' "$(reader 0)" >"$GNUPGHOME/scdaemon.conf"
	run gpg --batch --card-status
	assert_code 0
	generate
	assert_code 69
	assert_err "$(reader 0): another program holds the card"
	assert_err "hint: if it is GnuPG's scdaemon: gpg-connect-agent 'scd killscd' /bye"
	run gpg-connect-agent 'scd killscd' /bye
	generate
	assert_code 0
	gpgconf --kill all
}

start_pcscd 3
(set_up) # in a shell of its own, which does not tell of cards that are pulled
run_tests
