#!/bin/bash
# SPDX-License-Identifier: ISC
# passphrase: the old one opens nothing any more, and k custodians do without it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/sweep.bash"

make_vault "$DIR/vault" 2 anna="$DIR/a" ben="$DIR/b" cleo="$DIR/c"
cp -a "$DIR/vault" "$DIR/before"
NEW='another battery staple'

restore() {
	rm -rf "$DIR/vault"
	cp -a "$DIR/before" "$DIR/vault"
}
# change OLD NEW ARGUMENTS...
change() {
	run coldspare --vault "$DIR/vault" --passphrase-fd 8 passphrase --new-passphrase-fd 9 "${@:3}" 8<<<"$1" 9<<<"$2"
}
# opens PASSPHRASE: it signs. Exit status 77 when it does not.
opens() { run coldspare --vault "$DIR/vault" --passphrase-fd 9 generate --domain "$RANDOM.example.org" --backups 1 9<<<"$1"; }
secrets() { (cd "$DIR/vault" && echo vault-*.sec); }

test_the_old_one_is_refused_after_and_the_new_one_taken() {
	restore
	change "$PASSPHRASE" "$NEW"
	assert_code 0
	assert_out 'under the new passphrase (interactive), in vault-2.sec'
	assert_out 'copies of it, as in backups, still open with the'
	assert_same "$(secrets)" vault-2.sec
	assert_same "$(stat -c %a "$DIR/vault/vault-2.sec")" 600
	opens "$PASSPHRASE"
	assert_code 77
	assert_err 'wrong passphrase'
	opens "$NEW"
	assert_code 0
	run coldspare --vault "$DIR/vault" audit
	assert_code 0
	assert_not_out warning
	echo text >message
	minisign -S -s "$DIR/vault/vault-2.sec" -m message >/dev/null <<<"$NEW"
	minisign -Vm message -p "$DIR/vault/vault.pub" >/dev/null
	# And what a backup has of the old file is as it was.
	echo text >other
	minisign -S -s "$DIR/before/vault-1.sec" -m other >/dev/null <<<"$PASSPHRASE"
}

test_a_forgotten_one_is_replaced_by_k_custodians() {
	restore
	change nonsense "$NEW" --from dir:"$DIR/b"
	assert_code 78
	assert_err '1 more share is needed'
	assert_same "$(secrets)" vault-1.sec
	run coldspare --vault "$DIR/vault" --json passphrase --from dir:"$DIR/b" --from dir:"$DIR/c" \
		--new-passphrase-fd 9 9<<<"$NEW"
	assert_code 0
	assert_json '.recovered and .file == "vault-2.sec" and .removed == "vault-1.sec" and .kdf == "interactive"'
	opens "$NEW"
	assert_code 0
	run coldspare --vault "$DIR/vault" log
	assert_out 'for one that was forgotten'
	# Also when the file itself is gone.
	rm "$DIR/vault/vault-2.sec"
	change nonsense third --from dir:"$DIR/a" --from dir:"$DIR/c"
	assert_code 0
	opens third
	assert_code 0
	run coldspare --vault "$DIR/vault" audit
	assert_code 0
}

test_what_is_refused_changes_nothing() {
	restore
	unchanged() {
		assert_code "$1"
		assert_err "$2"
		diff -r "$DIR/before" "$DIR/vault" || fail 'the vault changed'
	}
	change wrong "$NEW"
	unchanged 77 'wrong passphrase'
	assert_err '--from'
	change "$PASSPHRASE" "$PASSPHRASE"
	unchanged 78 'the passphrase of now'
	change "$PASSPHRASE" ''
	unchanged 77 'New passphrase of the vault: descriptor 9: nothing was given'
	change "$PASSPHRASE" "$NEW" --kdf cheap
	unchanged 64 'no such KDF cost'
	run coldspare --vault "$DIR/vault" --passphrase-fd 8 passphrase 8<<<"$PASSPHRASE" </dev/null
	unchanged 78 terminal
	change "$PASSPHRASE" "$PASSPHRASE" --kdf interactive
	assert_code 0
}

# Whenever it dies one of the two opens the vault, and what is left is finished by the next command.
test_killed_anywhere() {
	restored() {
		restore
		cd "$DIR"
	}
	one_opens() {
		run here --vault vault audit
		[ "$status" = 0 ] || assert_out torn
		run here --vault vault --passphrase-fd 9 generate --domain x.example.org --backups 1 9<<<"$NEW"
		[ "$status" = 0 ] || run here --vault vault --passphrase-fd 9 generate --domain x.example.org --backups 1 9<<<"$PASSPHRASE"
		assert_code 0
		run here --vault vault --passphrase-fd 9 passphrase --from dir:a --from dir:b --new-passphrase-fd 9 9<<<third
		assert_code 0
		case $(secrets) in vault-2.sec | vault-3.sec) ;; *) fail "there is $(secrets)" ;; esac
		run here --vault vault audit
		assert_code 0
		assert_not_out vault-
	}
	CALLS='write|linkat|fsync|syncfs|unlink' MOMENTS=3 KILLS_WANTED=6 INPUT=$PASSPHRASE$'\n'$NEW
	sweep restored one_opens "$BUILD/coldspare" --allow-online --vault vault --passphrase-fd 9 passphrase --new-passphrase-fd 9
}

run_tests
