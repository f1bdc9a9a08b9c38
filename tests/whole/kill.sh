#!/bin/bash
# SPDX-License-Identifier: ISC
# Killed at any moment, a vault is one that audit accepts or explains and the next command can use.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/sweep.bash"

# Media are journalled by their absolute paths: every sweep works where the vault was made.
RUN=$DIR/run
fresh_copy() {
	cd "$DIR"
	rm -rf "$RUN"
	cp -a saved "$RUN"
	cd "$RUN"
}
(
	mkdir -p "$RUN"/a "$RUN"/b "$RUN"/c
	cd "$RUN"
	here --vault v --passphrase-fd 9 init --name Kill --threshold 2 --kdf interactive \
		--custodian anna=dir:a --custodian ben=dir:b --custodian cleo=dir:c 9<<<"$PASSPHRASE"
	here --vault v --passphrase-fd 9 generate --domain old.example.org --backups 1 9<<<"$PASSPHRASE"
	cp -a "$RUN" "$DIR/saved"
) >/dev/null

# audit accepts or explains, the next command works, and every committed key still comes back.
usable() {
	run here --vault v audit
	[ "$status" = 0 ] || [ "$status" = 65 ] || fail 'audit does not explain the vault'
	[ "$status" = 0 ] || assert_out 'torn'
	run here --vault v --passphrase-fd 9 generate --domain next.example.org --backups 1 9<<<"$PASSPHRASE"
	assert_code 0
	run here --vault v audit
	assert_code 0
	run here --vault v drill --all --from dir:a --from dir:b --from dir:c
	assert_code 0
	! find . -name '*.tmp' -o -name '.*.part' | grep -q . || fail 'a temporary file stayed'
}

test_generate_killed_anywhere() {
	sweep fresh_copy usable "$BUILD/coldspare" --allow-online --vault v --passphrase-fd 9 generate \
		--domain new.example.org --backups 1
}

test_export_killed_anywhere() {
	exported() {
		usable
		[ ! -e out/pins.json ] || minisign -Vm out/pins.json -p v/vault.pub >/dev/null
		rm -rf out
		run here --vault v --passphrase-fd 9 export --force --to out 9<<<"$PASSPHRASE"
		assert_code 0
	}
	sweep fresh_copy exported "$BUILD/coldspare" --allow-online --vault v --passphrase-fd 9 export \
		--force --to out
}

test_init_killed_anywhere() {
	nothing() {
		rm -rf w
		rm -f a/* b/* c/*
		mkdir -p a b c
	}
	explained() {
		[ -e w/journal.jsonl ] || return 0
		run here --vault w audit
		[ "$status" = 0 ] || [ "$status" = 65 ] || [ "$status" = 78 ] || fail 'audit does not explain the vault'
		[ "$status" = 0 ] || assert_out init
	}
	sweep nothing explained "$BUILD/coldspare" --allow-online --vault w --passphrase-fd 9 init --name W \
		--threshold 2 --kdf interactive --custodian anna=dir:a --custodian ben=dir:b --custodian cleo=dir:c
}

test_a_second_process_is_told_to_wait() {
	fresh_copy
	flock v sleep 600 &
	holder=$!
	while flock -n v true; do :; done
	run here --vault v --passphrase-fd 9 generate --domain x.example.org 9<<<"$PASSPHRASE"
	kill "$holder"
	assert_code 75
	assert_err 'in use'
	assert_same "$(find a -name 'x.example.org*' | wc -l)" 0
}

# Faults of the disk, not only death: each write, sync and close that fails is noticed.
test_a_failing_disk_is_noticed() {
	for fault in fsync:EIO syncfs:EIO write:ENOSPC linkat:ENOSPC; do
		fresh_copy
		before=$(find a b c -type f | sort)
		strace -f -qq -e signal=none -e trace="${fault%:*}" -o trace \
			-e inject="${fault%:*}:error=${fault#*:}:when=2+" \
			"$BUILD/coldspare" --allow-online --vault v --passphrase-fd 9 generate --domain f.example.org \
			>"$stdout" 2>"$stderr" 9<<<"$PASSPHRASE" && fail "$fault went unnoticed"
		grep -q INJECTED trace || fail "$fault was never injected"
		assert_same "$(find a b c -type f | sort)" "$before"
		run here --vault v audit
		[ "$status" = 0 ] || assert_out torn
	done
}

run_tests
