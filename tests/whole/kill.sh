#!/bin/bash
# SPDX-License-Identifier: ISC
# Killed at any moment, a vault is one that audit accepts or explains and the next command can use.
. "$(dirname "$0")/lib.sh"

command -v strace >/dev/null || { echo 'strace is missing'; exit 1; }

# The system calls that change what is on disk or in the journal.
CALLS='openat|write|pwrite64|linkat|renameat2|mkdir|mkdirat|fsync|syncfs|unlink|unlinkat|fchmod|ftruncate|close'

# calls COMMAND...: how often the command calls each of them, as NAME COUNT.
calls() {
	strace -f -qq -e signal=none -e trace="/^($CALLS)\$" -o trace "$@" >/dev/null 2>&1 || return 1
	grep -oE " ($CALLS)\(" trace | tr -d ' (' | sort | uniq -c | awk '{ print $2, $1 }'
}
# killed_at CALL N COMMAND...: killed at the N-th such call, before it happens.
killed_at() {
	local call=$1 n=$2
	shift 2
	strace -f -qq -e signal=none -e trace="$call" -o trace \
		-e inject="$call:signal=KILL:when=$n" "$@" >"$stdout" 2>"$stderr"
}

# The vault's commands without namespaces around them: strace wants the program itself.
here() { "$BUILD/coldspare" --allow-online "$@"; }

# moments MAX NAME COUNT: up to MAX moments spread over COUNT.
moments() {
	local max=$1 count=$2 step
	step=$(((count + max - 1) / max))
	[ "$step" -ge 1 ] || step=1
	seq 1 "$step" "$count"
}

# each_moment PREPARE COMMAND...: runs the command from a fresh state, killed at one moment after the
# other, and checks the vault each time.
sweep() {
	local prepare=$1 check=$2 kills=0
	shift 2
	"$prepare"
	calls "$@" 9<<<"$PASSPHRASE" >counts || fail "the command fails by itself: $*"
	[ -s counts ] || fail 'no system call was counted'
	while read -r call count; do
		for n in $(moments 6 "$count"); do
			"$prepare"
			killed_at "$call" "$n" "$@" 9<<<"$PASSPHRASE" && continue
			kills=$((kills + 1))
			ran="$* killed at $call $n"
			"$check"
		done
	done <counts
	[ "$kills" -gt 20 ] || fail "only $kills kills happened"
	echo "$kills kills"
}

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
