#!/bin/bash
# SPDX-License-Identifier: ISC
# Bad input on the commands of a vault's and a key's life, and a vault that is not fit for them.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/input.bash"

# With an export, a second person's key, plans, and PIN, the live certificate's pin.
run operate "$DIR/sound" export --to "$DIR/exp"
assert_code 0
minisign -G -W -p "$DIR/other.pub" -s "$DIR/other.sec" >/dev/null
PIN=$(jq -r '.domains[0].pins[] | select(.role == "active").pin' "$DIR/exp/pins.json")
life_inputs() {
	bad_inputs
	cp -a "$DIR/exp" "$DIR/other.pub" "$DIR/other.sec" .
	printf 'vault = "x\0y"\n' >nul.conf
	{
		printf 'vault = "X"\nthreshold = 2\nmax-age = "60d"\nbackups = 1\nalgorithms = {"ec:p256"}\n'
		printf 'custodian "anna" { medium = "dir:%s/anna" }\ncustodian "ben" { medium = "dir:%s/ben" }\n' "$PWD" "$PWD"
		printf 'domain "example.org" { active = {"%s/live.pem"} }\nexport = "dir:%s/out"\n' "$PWD" "$PWD"
	} >plan.conf
	sed 's/^threshold = 2/threshold = 9/' plan.conf >nine.conf
}

life_table() {
	cat <<'END'
64 | which vault? | ceremony plan.conf
64 | something is missing | --vault new ceremony
64 | one too many: 'x' | --vault new ceremony plan.conf x
66 | nowhere | --vault new ceremony nowhere
66 | a folder, not a file | --vault new ceremony folder
66 | not a regular file | --vault new ceremony --check fifo
65 | the setting `vault` is missing | --vault new ceremony empty
65 | larger than 1048576 bytes | --vault new ceremony huge
65 | binary:1: | --vault new ceremony binary
65 | live.pem:1: | --vault new ceremony live.pem
65 | nul.conf:1: a NUL byte | --vault new ceremony --check nul.conf
65 | nine.conf:2: | --vault new ceremony --check nine.conf
64 | is no form of a paper | --vault new ceremony --script pdf plan.conf
73 | live.pem exists already | --vault new ceremony --script html --to live.pem plan.conf
66 | the folder must exist first | --vault new ceremony --script html --to nowhere/x plan.conf
64 | --to is for --script | --vault new ceremony --to x plan.conf
64 | --scratch is for --rehearse | --vault new ceremony --scratch folder plan.conf
66 | make it first | --vault new ceremony --rehearse --yes --scratch nowhere plan.conf
78 | was not made by a ceremony | --vault VAULT ceremony --yes plan.conf
64 | one too many: 'x' | --vault VAULT passphrase x
64 | that descriptor is not open | --vault VAULT passphrase --new-passphrase-fd 77
64 | no such KDF cost | --vault VAULT passphrase --kdf soft
64 | no such kind | --vault VAULT passphrase --from floppy:x
66 | no share of vault-signing-key | --vault VAULT passphrase --from dir:folder
78 | nowhere | --vault VAULT passphrase --from dir:nowhere
78 | 1 more share is needed | --vault VAULT passphrase --from dir:anna
78 | there is no terminal to ask on | --vault VAULT passphrase
64 | something is missing | cosign
64 | --secret-key is missing | cosign exp
66 | nowhere | cosign nowhere --secret-key other.sec --key exp/vault.pub --yes
66 | folder/pins.json | cosign folder --secret-key other.sec --key exp/vault.pub --yes
66 | fifo | cosign fifo --secret-key other.sec --key exp/vault.pub --yes
77 | signed by 0 of the 1 given keys | cosign empty --secret-key other.sec --key exp/vault.pub --yes
77 | signed by 0 of the 1 given keys | cosign huge --secret-key other.sec --key exp/vault.pub --yes
77 | signed by 0 of the 1 given keys | cosign exp --secret-key other.sec --key other.pub --yes
65 | not a minisign public key | cosign exp --secret-key other.sec --key binary --yes
78 | the vault's key with --key | cosign exp --secret-key other.sec --yes
78 | --yes signs without asking | cosign exp --secret-key other.sec --key exp/vault.pub
66 | nowhere | cosign exp --secret-key nowhere --key exp/vault.pub --yes
66 | a folder, not a file | cosign exp --secret-key folder --key exp/vault.pub --yes
66 | fifo | cosign exp --secret-key fifo --key exp/vault.pub --yes
65 | no minisign secret key | cosign exp --secret-key empty --key exp/vault.pub --yes
65 | huge is larger | cosign exp --secret-key huge --key exp/vault.pub --yes
65 | wrong length | cosign exp --secret-key other.pub --key exp/vault.pub --yes
64 | something is missing | --vault VAULT runbook
64 | one too many: 'x' | --vault VAULT runbook KEY x
66 | has no key "nobody" | --vault VAULT runbook nobody
78 | pinned nowhere | --vault VAULT runbook vault-signing-key
64 | --to is missing | --vault VAULT backup
64 | one too many: 'x' | --vault VAULT backup x --to y
66 | live.pem | --vault VAULT backup --to live.pem
66 | dangling | --vault VAULT backup --to dangling
66 | the folder must exist first | --vault VAULT backup --to nowhere/x
73 | anna is not empty | --vault VAULT backup --to anna
78 | is inside the vault folder | --vault VAULT backup --to VAULT/keys/x
66 | there is no vault in folder | --vault folder backup --to y
64 | --export is missing | --vault new rebuild --from dir:anna --from dir:ben --key exp/vault.pub
64 | --from is missing | --vault new rebuild --export exp --key exp/vault.pub
64 | whose shares count? | --vault new rebuild --from dir:anna --from dir:ben --export exp
66 | no pins.json in it | --vault new rebuild --from dir:anna --from dir:ben --export nowhere --key exp/vault.pub
66 | no pins.json in it | --vault new rebuild --from dir:anna --from dir:ben --export fifo --key exp/vault.pub
66 | a folder, not a file | --vault new rebuild --from dir:anna --from dir:ben --export exp --key folder
65 | not a minisign public key | --vault new rebuild --from dir:anna --from dir:ben --export exp --key empty
77 | signed by 0 of the 1 given keys | --vault new rebuild --from dir:anna --from dir:ben --export exp --key other.pub
78 | 1 more share is needed | --vault new rebuild --from dir:anna --export exp --key exp/vault.pub
66 | no share of vault-signing-key | --vault new rebuild --from dir:folder --export exp --key exp/vault.pub
73 | is not empty | --vault VAULT rebuild --from dir:anna --from dir:ben --export exp --key exp/vault.pub
66 | live.pem | --vault live.pem rebuild --from dir:anna --from dir:ben --export exp --key exp/vault.pub
64 | no such KDF cost | --vault new rebuild --from dir:anna --from dir:ben --export exp --key exp/vault.pub --kdf x
64 | one too many: 'x' | --vault VAULT rekey x
78 | nothing was changed | --vault VAULT rekey
64 | no custodian zoe | --vault VAULT rekey --yes --custodian zoe=dir:folder
64 | no such kind | --vault VAULT rekey --yes --custodian ben=x
66 | nowhere | --vault VAULT rekey --yes --custodian ben=dir:nowhere
64 | give keys, or --all | --vault VAULT reshare
64 | and not both | --vault VAULT reshare KEY --all --from dir:anna --from dir:ben
64 | --from is missing | --vault VAULT reshare KEY
66 | has no key "nobody" | --vault VAULT reshare nobody --from dir:anna --from dir:ben
64 | is named twice | --vault VAULT reshare KEY KEY --from dir:anna --from dir:ben
64 | no splitting needs 9 of 3 | --vault VAULT reshare KEY --from dir:anna --from dir:ben --threshold 9
64 | no splitting needs 2 of 1 | --vault VAULT reshare KEY --from dir:anna --from dir:ben --custodian ben=dir:ben
78 | the same medium | --vault VAULT reshare KEY --from dir:anna --from dir:ben --custodian ben=dir:ben --custodian cleo=dir:ben
78 | is inside the vault | --vault VAULT reshare KEY --from dir:anna --from dir:ben --custodian ben=dir:VAULT/keys --custodian cleo=dir:cleo
66 | nowhere | --vault VAULT reshare KEY --from dir:anna --from dir:ben --custodian ben=dir:nowhere --custodian cleo=dir:cleo
78 | 1 more share is needed | --vault VAULT reshare KEY --from dir:anna
66 | no share of | --vault VAULT reshare KEY --from dir:folder
66 | nobody has no old share | --vault VAULT reshare --destroyed nobody --yes
64 | give keys, or --all | --vault VAULT replace-share
64 | who gets the new share? | --vault VAULT replace-share KEY --from dir:anna --from dir:ben
64 | expected NAME=MEDIUM | --vault VAULT replace-share KEY --from dir:anna --from dir:ben --custodian cleo
78 | could be lost | --vault VAULT replace-share KEY --from dir:anna --from dir:ben --custodian zoe=dir:folder
78 | could be lost | --vault VAULT replace-share KEY --from dir:anna --from dir:ben --custodian cleo=dir:folder --lost zoe
78 | would have two | --vault VAULT replace-share KEY --from dir:anna --from dir:ben --custodian ben=dir:folder --lost cleo
66 | nowhere | --vault VAULT replace-share KEY --from dir:anna --from dir:ben --custodian cleo=dir:nowhere
78 | is inside the vault | --vault VAULT replace-share KEY --from dir:anna --from dir:ben --custodian cleo=dir:VAULT
78 | 1 more share is needed | --vault VAULT replace-share KEY --from dir:anna --custodian cleo=dir:folder
64 | something is missing | card erase
64 | one too many: 'x' | card erase 0 x
78 | yet to come | --vault VAULT deployed 1 --at 2999-01-01T00:00:00Z
END
}

test_bad_input_is_named_and_leaves_nothing_behind() {
	refused_each life_table life_inputs
}

# Every command of a vault's life, as it would go through.
commands() {
	cat <<END
passphrase --new-passphrase-fd 8
attach $KEY live.pem
promote $KEY --force
retire $PIN --force
compromise $PIN
runbook $PIN
released $KEY
csr $KEY --to out.csr
destroy $KEY --force --yes
backup --to copy
rekey --yes
reshare --all --from dir:anna --from dir:ben
reshare --destroyed anna --yes
replace-share $KEY --from dir:anna --from dir:ben --custodian cleo=dir:folder
ceremony --yes plan.conf
cosign exp --secret-key other.sec --yes
END
}

# each_says CODE MESSAGE: each of them does, and changes nothing.
each_says() {
	local words
	before=$(snapshot)
	while read -r words; do
		# shellcheck disable=SC2086 # words
		run operate v --json $words 8<<<'another passphrase' </dev/null
		assert_code "$1"
		assert_err "$2"
		assert_err 'coldspare: hint: '
		assert_no_output
		assert_same "$(snapshot)" "$before"
	done < <(commands)
}

test_a_vault_in_use_is_left_alone() {
	life_inputs
	exec 7<v
	flock -x 7
	each_says 75 'in use by another coldspare process'
	exec 7<&-
}

test_a_damaged_journal_stops_every_command() {
	life_inputs
	sed -i '3s/time/tame/' v/journal.jsonl
	each_says 77 'line 3: was altered'
}

test_a_clock_set_back_stops_every_command_that_writes() {
	local line prev words
	life_inputs
	prev=$(tail -n 1 v/journal.jsonl | tr -d '\n' | b2sum -l 256 | cut -c 1-64)
	line="{\"n\":$(($(wc -l <v/journal.jsonl) + 1)),\"time\":\"2999-01-01T00:00:00Z\",\"prev\":\"$prev\""
	line="$line,\"event\":\"released\",\"key\":\"$KEY\""
	printf '%s,"check":"%s"}\n' "$line" "$(printf '%s' "$line" | b2sum -l 256 | cut -c 1-64)" >>v/journal.jsonl
	run coldspare --vault v --json log
	assert_code 0
	before=$(snapshot)
	while read -r words; do
		# shellcheck disable=SC2086 # words
		run operate v --json $words 8<<<'another passphrase' </dev/null
		assert_code 78
		assert_err '2999-01-01'
		assert_no_output
		assert_same "$(snapshot)" "$before"
	done < <(commands | grep -v -e ^runbook -e ^cosign -e ^csr)
}

test_a_wrong_passphrase_changes_nothing_and_says_who_can_help() {
	life_inputs
	before=$(snapshot)
	for words in 'rekey --yes' 'export --to out' 'passphrase --new-passphrase-fd 8' \
		'reshare --all --from dir:anna --from dir:ben' \
		"replace-share $KEY --from dir:anna --from dir:ben --custodian cleo=dir:folder"; do
		# shellcheck disable=SC2086 # words
		run coldspare --vault v --json --passphrase-fd 9 $words 9<<<wrong 8<<<another </dev/null
		assert_code 77
		assert_err 'wrong passphrase'
		assert_err '--from MEDIUM'
		assert_no_output
		assert_same "$(snapshot)" "$before"
	done
}

test_output_that_cannot_be_written_is_an_error() {
	local words
	while read -r words; do
		rm -rf ./*
		life_inputs
		status=0
		# shellcheck disable=SC2086 # words
		operate v $words >/dev/full 2>"$stderr" </dev/null || status=$?
		assert_code 74
		assert_err 'look before you run it again'
	done <<-END
		runbook $PIN
		released $KEY
		csr $KEY
		backup --to copy
	END
}

run_tests
