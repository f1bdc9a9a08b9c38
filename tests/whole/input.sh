#!/bin/bash
# SPDX-License-Identifier: ISC
# Bad input on every command: a message, an exit code, and nothing left behind.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/input.bash"

# CODE | MESSAGE | WORDS: what each command says to bad input; KEY, SHARE and VAULT are filled in.
table() {
	cat <<'END'
64 | no command given |
64 | unknown command 'frobnicate' | frobnicate
64 | unknown option --frobnicate | --vault VAULT status --frobnicate
64 | which vault? | status
64 | --json takes no value | --vault VAULT status --json=yes
64 | --vault is given twice | --vault VAULT --vault VAULT status
66 | there is no vault in folder | --vault folder status
66 | there is no vault in empty | --vault empty audit
66 | there is no vault in fifo | --vault fifo log
64 | one too many: 'x' | --vault VAULT status x
64 | one too many: 'x' | --vault VAULT audit x
64 | one too many: 'x' | --vault VAULT log x
64 | one too many: 'x' | --vault VAULT doctor x
64 | --name, --threshold and --custodian are needed | --vault new init
64 | expected NAME=MEDIUM | --vault new init --name X --threshold 2 --custodian anna --custodian ben=dir:ben
64 | no splitting needs 3 of 2 | --vault new init --name X --threshold 3 --custodian anna=dir:anna --custodian ben=dir:ben
64 | no splitting needs 1 of 2 | --vault new init --name X --threshold 1 --custodian anna=dir:anna --custodian ben=dir:ben
64 | no splitting needs 257 of 2 | --vault new init --name X --threshold 257 --custodian anna=dir:anna --custodian ben=dir:ben
64 | is given twice | --vault new init --name X --threshold 2 --custodian anna=dir:anna --custodian anna=dir:ben --custodian ben=dir:./ben
64 | --max-age | --vault new init --name X --threshold 2 --max-age soon --custodian anna=dir:anna --custodian ben=dir:ben
64 | --max-age | --vault VAULT policy --max-age -1d
64 | --max-age | --vault VAULT policy --max-age 99999999999999999999d
64 | expected yes or no | --vault VAULT policy --report-only maybe
64 | expected an https:// or http:// address | --vault VAULT policy --report-uri ftp://x
64 | longer than the one before | --vault VAULT policy --ramp 5m,1d,1d
64 | --ramp 5m,,1d | --vault VAULT policy --ramp 5m,,1d
64 | --backups | --vault VAULT policy --backups 0
64 | nothing is valid for no time | --vault VAULT policy --drill-every 0s
64 | issuer | --vault VAULT policy --issuer no/name=x
64 | of the whole vault | --vault VAULT policy --domain example.org --issuer CA=x
66 | no domain other.org | --vault VAULT policy --domain other.org
66 | no custodian of that name | --vault VAULT policy --contact zoe=1
64 | go together | --vault VAULT policy --threshold 2
64 | --domain is missing | --vault VAULT generate
64 | not a host name (empty) | --vault VAULT generate --domain=
64 | an empty label | --vault VAULT generate --domain a..org
64 | an IP address | --vault VAULT generate --domain 192.0.2.1
64 | given twice | --vault VAULT generate --domain a.org --san A.org
64 | --san | --vault VAULT generate --domain a.org --san IP:300.1.1.1
64 | 'none' is not a whole number | --vault VAULT generate --domain a.org --backups none
64 | is not a whole number from 1 | --vault VAULT generate --domain a.org --backups 0
64 | rsa:1024 | --vault VAULT generate --domain a.org --algorithm rsa:1024
64 | is given twice | --vault VAULT generate --domain a.org --algorithm rsa:2048 --algorithm rsa:2048
64 | does not begin with / | --vault VAULT generate --domain a.org --subject CN=a.org
78 | `policy --domain example.org` shows them | --vault VAULT generate --domain example.org --san other.org
64 | no custodian zoe | --vault VAULT generate --domain a.org --custodian zoe=dir:folder
66 | nowhere | --vault VAULT generate --domain a.org --custodian anna=dir:nowhere
78 | the same medium | --vault VAULT generate --domain a.org --custodian anna=dir:ben
78 | is inside the vault | --vault VAULT generate --domain a.org --custodian anna=dir:VAULT/keys
64 | that descriptor is not open | --vault VAULT generate --domain a.org --passphrase-fd 77
64 | 'x' is not a whole number | --vault VAULT generate --domain a.org --passphrase-fd x
66 | nowhere | --vault VAULT import --domain a.org nowhere
66 | a folder, not a file | --vault VAULT import --domain a.org folder
66 | not a regular file | --vault VAULT import --domain a.org fifo
65 | larger than 1048576 bytes | --vault VAULT import --domain a.org huge
65 | no private key | --vault VAULT import --domain a.org empty
65 | no private key | --vault VAULT import --domain a.org binary
65 | no private key | --vault VAULT import --domain a.org live.pem
66 | dangling | --vault VAULT import --domain a.org dangling
64 | --domain and --role are needed | --vault VAULT add-pin live.pem
64 | --role | --vault VAULT add-pin --domain example.org --role main live.pem
66 | no domain a.org | --vault VAULT add-pin --domain a.org --role active live.pem
66 | fifo | --vault VAULT add-pin --domain example.org --role active fifo
65 | huge | --vault VAULT add-pin --domain example.org --role active huge
65 | binary | --vault VAULT add-pin --domain example.org --role active binary
65 | short | --vault VAULT add-pin --domain example.org --role active short
78 | is recorded for example.org already | --vault VAULT add-pin --domain example.org --role active live.pem
65 | neither PEM nor DER | --vault VAULT add-pin --domain example.org --role ca SHARE
66 | nowhere | pin nowhere
65 | binary | pin binary
66 | fifo | pin fifo
64 | --to is missing | --vault VAULT export
73 | live.pem exists already | --vault VAULT export --to live.pem
73 | dangling exists already | --vault VAULT export --to dangling
66 | nowhere/out | --vault VAULT export --to nowhere/out
64 | something is missing | --vault VAULT deployed
64 | one is no serial | --vault VAULT deployed one
66 | no manifest has the serial 9 | --vault VAULT deployed 9
64 | something is missing | --vault VAULT attach KEY
66 | fifo | --vault VAULT attach KEY fifo
65 | empty | --vault VAULT attach KEY empty
65 | huge | --vault VAULT attach KEY huge
65 | binary | --vault VAULT attach KEY binary
65 | short | --vault VAULT attach KEY short
78 | no certificate in it is of the key | --vault VAULT attach KEY live.pem
78 | holds a private key | --vault VAULT attach KEY live.key
64 | gets no certificate | --vault VAULT attach vault-signing-key live.pem
66 | has no key "nobody" | --vault VAULT promote nobody
64 | no backup key | --vault VAULT promote vault-signing-key
78 | so not ready | --vault VAULT promote KEY
66 | has no key "nobody" | --vault VAULT retire nobody
78 | the last usable backup | --vault VAULT retire KEY
66 | has no key "nobody" | --vault VAULT compromise nobody
78 | pinned nowhere | --vault VAULT compromise vault-signing-key
66 | has no key "nobody" | --vault VAULT released nobody
66 | has no key "nobody" | --vault VAULT destroy nobody
66 | has no set ../x | --vault VAULT destroy KEY --set ../x
78 | nothing was destroyed | --vault VAULT destroy KEY --force
66 | has no key "nobody" | --vault VAULT csr nobody
64 | make a new request | --vault VAULT csr KEY --san a.org
73 | dangling exists already | --vault VAULT csr KEY --to dangling
66 | no folder nowhere | --vault VAULT csr KEY --to nowhere/out --from dir:anna --from dir:ben
64 | no such kind | --vault VAULT csr KEY --from floppy:anna
64 | does not begin with / | --vault VAULT csr KEY --subject x --from dir:anna --from dir:ben
78 | 1 more share is needed | --vault VAULT csr KEY --from dir:anna
64 | --from is missing | --vault VAULT recover KEY --plaintext --to out
64 | --to is missing | --vault VAULT recover KEY --plaintext --from dir:anna
64 | no such kind | --vault VAULT recover KEY --plaintext --to out --from floppy:anna
73 | dangling exists already | --vault VAULT recover KEY --plaintext --to dangling --from dir:anna --from dir:ben
66 | nowhere/out | --vault VAULT recover KEY --plaintext --to nowhere/out --from dir:anna --from dir:ben
66 | has no key "nobody" | --vault VAULT recover nobody --plaintext --to out --from dir:anna --from dir:ben
78 | 1 more share is needed | --vault VAULT recover KEY --plaintext --to out --from dir:anna
78 | 1 more share is needed | --vault VAULT recover KEY --plaintext --to out --from dir:anna --from dir:anna
78 | 1 more share is needed | --vault VAULT recover KEY --plaintext --to out --from dir:anna --from dir:fifo --from dir:huge
66 | no share of | --vault VAULT recover KEY --plaintext --to out --from dir:folder
64 | pkcs1 is no format | --vault VAULT recover KEY --format pkcs1 --plaintext --to out --from dir:anna
66 | no certificate is attached | --vault VAULT recover KEY --format bundle --plaintext --to out --from dir:anna --from dir:ben
65 | binary | recover KEY --key binary --plaintext --to out --from dir:anna --from dir:ben
78 | not confirmed | recover KEY --plaintext --to out --from dir:anna --from dir:ben
64 | give keys, or --all | --vault VAULT drill --from dir:anna
64 | --all needs the vault folder | drill --all --from dir:anna
66 | has no key "nobody" | --vault VAULT drill nobody --from dir:anna
64 | give keys, or --all | --vault VAULT reshare --from dir:anna
64 | --from is missing | --vault VAULT reshare KEY
64 | no such kind | --vault VAULT reshare KEY --from floppy:anna
66 | has no key "nobody" | --vault VAULT reshare nobody --from dir:anna
64 | is named twice | --vault VAULT reshare KEY KEY --from dir:anna
64 | no splitting needs 9 of | --vault VAULT reshare KEY --from dir:anna --threshold 9
64 | the custodian zoe is given twice | --vault VAULT reshare KEY --from dir:anna --custodian zoe=dir:folder --custodian zoe=dir:anna
64 | --yes goes with --destroyed | --vault VAULT reshare KEY --from dir:anna --yes
64 | goes with keys and --yes alone | --vault VAULT reshare --destroyed anna --from dir:anna
66 | nobody has no old share | --vault VAULT reshare --destroyed nobody --yes
64 | --custodian is missing | --vault VAULT replace-share KEY --from dir:anna
66 | nowhere | --vault VAULT replace-share KEY --from dir:anna --custodian anna=dir:nowhere
78 | zoe has no share of | --vault VAULT replace-share KEY --from dir:anna --custodian zoe=dir:folder
64 | --lost "a/b" cannot be used | --vault VAULT replace-share KEY --from dir:anna --custodian zoe=dir:folder --lost a/b
64 | no such KDF cost: cheap | --vault VAULT passphrase --kdf cheap
64 | no such kind | --vault VAULT passphrase --from floppy:anna
78 | 1 more share is needed | --vault VAULT passphrase --from dir:anna
64 | 'share' alone is no command | share
64 | something is missing | share verify
66 | nowhere | share verify nowhere
66 | neither a folder nor a file | share verify fifo
65 | /empty: empty | share show empty
65 | /huge is larger than | share show huge
65 | binary | share raw binary
66 | a folder, not a file | share raw folder
66 | nowhere/ | share raw --to nowhere SHARE
64 | no such kind | share list anna
66 | nowhere | share list dir:nowhere
END
}

test_bad_input_is_named_and_leaves_nothing_behind() {
	refused_each table
}

test_words_that_cannot_be_shown_reach_nothing() {
	bad_inputs
	before=$(snapshot)
	for bad in $'x\xff' $'x\e[31m' $'x\n' $'x\u202egnp'; do
		mkdir "$bad"
		for words in "policy --contact anna=$bad" "policy --max-age $bad" "generate --domain $bad" \
			"generate --domain a.org --custodian anna=dir:$bad" "export --to $bad/out" \
			"recover $KEY --from dir:anna --from dir:ben --plaintext --to $bad/key" "status $bad" \
			"add-pin --domain example.org --role ca --group $bad live.pem" "share verify $bad" "$bad"; do
			IFS=' ' read -r -d '' -a words <<<"$words" || true
			words[-1]=${words[-1]%$'\n'}
			run operate v --json "${words[@]}"
			assert_code 64
			assert_err 'is not printable UTF-8'
			assert_no_output
			assert_same "$(LC_ALL=C tr -d '\n -~' <"$stderr" | wc -c)" 0
		done
		rmdir "$bad"
	done
	assert_same "$(snapshot)" "$before"
}

test_a_folder_may_hold_names_that_are_not_utf8() {
	bad_inputs
	mkdir stick
	cp anna/"$KEY".* stick/$'\xe4nna.share'
	run coldspare share verify stick --json
	assert_code 0
	assert_json '.shares[0].ok and (.shares[0].file | endswith("/?nna.share"))'
	run coldspare --vault v --json recover "$KEY" --from dir:stick --from dir:ben --plaintext --to key.pem
	assert_code 0
	assert_file key.pem
}

test_a_folder_without_shares_is_not_a_good_one() {
	bad_inputs
	# shellcheck disable=SC2086 # words
	for command in 'share verify folder' 'share show folder' 'share list dir:folder'; do
		run coldspare $command
		assert_code 66
		assert_err 'there is no share'
		assert_err 'names end in .share'
	done
	run coldspare --json share verify anna folder
	assert_code 66
	assert_json '[.shares[].ok] == [true, true, false]'
}

test_a_key_that_the_journal_cannot_record_stays_in() {
	[ ${#OFFLINE[@]} -gt 0 ] || skip 'no network namespaces here'
	bad_inputs
	chmod a-w v/journal.jsonl
	run powerless "${OFFLINE[@]}" "$BUILD/coldspare" --vault v recover "$KEY" --from dir:anna --from dir:ben \
		--plaintext --to key.pem
	assert_code 74
	assert_err 'key.pem was not written: opening v/journal.jsonl'
	assert_err 'leave --vault out'
	assert_no_output
	assert_no_file key.pem
	assert_same "$(find . -name '.coldspare*')" ''
}

test_the_vault_takes_no_secrets_in() {
	bad_inputs
	before=$(snapshot)
	for to in v/key.pem v/keys/key.pem ./v/../v/keys/key.pem; do
		run coldspare --vault v recover "$KEY" --from dir:anna --from dir:ben --plaintext --to "$to"
		assert_code 78
		assert_err 'is inside the vault folder'
	done
	run coldspare --vault v share raw --to v/keys anna/*.share
	assert_code 78
	assert_err 'is inside the vault folder'
	run operate v export --to v/keys/out
	assert_code 78
	assert_err 'is inside the vault folder'
	assert_same "$(snapshot)" "$before"
}

test_a_folder_with_shares_is_no_export_folder() {
	bad_inputs
	before=$(snapshot)
	run operate v export --to anna
	assert_code 73
	assert_err 'anna is not empty'
	assert_err 'published'
	assert_same "$(snapshot)" "$before"
	run operate v export --to folder
	assert_code 0
}

test_an_empty_set_is_never_signed() {
	mkdir -p a b
	run operate v init --name X --threshold 2 --kdf interactive --custodian anna=dir:a --custodian ben=dir:b
	assert_code 0
	run operate v export --force --to out
	assert_code 78
	assert_err 'nothing to export'
	assert_no_file out
	assert_no_file v/manifests
}

test_force_says_what_it_lets_pass() {
	bad_inputs
	run operate v generate --domain other.org --backups 1
	assert_code 0
	run operate v export --force --to out
	assert_code 0
	assert_err 'warning: other.org: no pin in the served chain'
}

test_advice_about_an_empty_journal_costs_no_keys() {
	bad_inputs
	: >v/journal.jsonl
	for command in status audit; do
		run coldspare --vault v "$command"
		assert_code 65
		cat "$stdout" >>"$stderr"
		assert_err 'estore the folder from its backup'
		assert_not_err init
	done
	rm -r v/keys
	run coldspare --vault v status
	assert_err 'move the folder away'
}

test_a_journal_that_is_a_link_is_found() {
	bad_inputs
	mv v/journal.jsonl elsewhere
	ln -s ../elsewhere v/journal.jsonl
	run coldspare --vault v audit
	assert_code 77
	assert_out 'journal.jsonl: is not a regular file any more'
}

test_media_are_found_from_any_folder() {
	mkdir -p a b stick elsewhere/a elsewhere/b
	run operate v init --name X --threshold 2 --kdf interactive --custodian anna=dir:a --custodian ben=dir:./b
	assert_code 0
	assert_out "anna, dir:$PWD/a"
	cd elsewhere
	run operate ../v generate --domain example.org --backups 1
	assert_code 0
	assert_empty_dir a
	assert_empty_dir b
	run operate ../v generate --domain example.org --backups 1 --custodian ben=dir:../stick
	assert_code 0
	assert_same "$(find ../stick -name '*.share' | wc -l)" 1
	run coldspare --vault ../v --json policy --threshold 2 --custodian anna=dir:a --custodian ben=dir:b
	assert_code 0
	assert_json '[.vault.custodians[].medium | ltrimstr("dir:") | startswith("/")] == [true, true]'
}

run_tests
