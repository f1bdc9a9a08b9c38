#!/bin/bash
# SPDX-License-Identifier: ISC
# The commands of docs/procedures/, as they stand there, each page in the situation that it is for.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pages.bash"
. "$(dirname "$0")/life.bash"

# A page's vault is in ./srv, its media in ./media: two keys for example.org, $first and $second, that are ready,
# beside a live certificate, $live; and a CA.
arrive() {
	mkdir -p srv media/public media/way
	cp -r "$DIR"/made/{ca,live.pem} .
	make_vault srv/vault 2 anna=media/anna ben=media/ben cleo=media/cleo
	run operate srv/vault policy --contact 'anna=+00 555 0100' --location 'anna=safe A, Berlin' \
		--contact 'ben=+00 555 0101' --location 'ben=bank box, Lyon' --issuer 'Fast CA=by ACME, minutes'
	run operate srv/vault generate --domain example.org
	assert_code 0
	run operate srv/vault add-pin --domain example.org --role active live.pem
	{ read -r first && read -r second; } < <(coldspare --vault srv/vault --json status | jq -r '.domains[].keys[].key')
	live=$(pin_of live.pem)
}
deployed_once() {
	run operate srv/vault export --to out
	run coldspare --vault srv/vault deployed 1
	assert_code 0
}
presign() {
	issue "srv/vault/keys/$1/request.csr" leaf.pem '' '' -days 300
	cat leaf.pem ca/sub.pem >media/way/chain.pem
}

# page NN: runs the page with that number, and compares.
page() {
	local file
	file=$(echo "$ROOT/docs/procedures/$1"-*.md)
	run page_session "$file"
	assert_code 0
	page_says_so "$file"
}

test_01_prepare_the_machine() {
	[ ${#OFFLINE[@]} -gt 0 ] || skip 'no network namespaces here'
	page 01
}

# What a person answers to whatever a ceremony asks.
typist() {
	printf '%s\t%s\n' '*Type yes or no: ' yes '*passphrase of the vault: ' "$PASSPHRASE" \
		'*Passphrase of the vault: ' "$PASSPHRASE" '*\(again\): ' "$PASSPHRASE" '*or type its place: ' ''
}

test_02_key_ceremony() {
	mkdir -p srv media/{anna,ben,cleo,public}
	cp "$DIR/made/live.pem" srv/
	sed -n '/^   ```text$/,/^   ```$/{/```/d; s/^   //p}' "$ROOT"/docs/procedures/02-*.md |
		sed "s,/srv/coldspare,$PWD/srv,g; s,/media,$PWD/media,g; 2s/^/kdf = \"interactive\"\n/" >srv/plan.conf
	typist >answers
	page 02
	assert_file srv/vault/transcripts/ceremony.html
}

test_03_export_the_pins() {
	arrive
	page 03
	run coldspare --vault srv/vault --json status
	assert_json '.domains[0].keys | all(.ready != null)'
}

test_04_recover_after_a_compromise() {
	arrive
	deployed_once
	presign "$second"
	run coldspare --vault srv/vault attach "$second" media/way/chain.pem
	assert_code 0
	export LIVE=$live BACKUP=$second
	page 04
	openssl pkey -in media/way/backup.pem -passin pass:transport -noout
	! grep -qF "$live" media/way/export-2/pins.json || fail 'the lost pin is published'
}

test_05_roll_over_at_renewal() {
	arrive
	deployed_once
	presign "$first"
	export BACKUP=$first OLD=$live
	page 05
	! grep -qF "$live" media/way/export-3/pins.json || fail 'the old pin is published'
}

test_06_recovery_drill() {
	arrive
	page 06
	run coldspare --vault srv/vault --json status
	assert_json '.drills | all(.overdue | not)'
}

test_07_replace_a_share() {
	arrive
	mkdir media/{new,dora,emil}
	rm media/cleo/*
	page 07
	run coldspare --vault srv/vault --json policy
	assert_json '[.vault.custodians[].name] == ["anna", "ben", "dora", "emil"] and .vault.threshold == 3'
}

test_09_retire_and_destroy() {
	arrive
	deployed_once
	export KEY=$first
	page 09
	assert_same "$(find srv/vault -name 'sealed-*' -path "*$first*")" ''
}

test_10_rebuild_a_lost_vault() {
	arrive
	deployed_once
	mv out media/way/export
	cp srv/vault/vault.pub srv/vault.pub
	rm -r srv/vault
	page 10
	run coldspare --vault srv/rebuilt --json status
	assert_json '.domains[0].keys | length == 2 and all(.proven)'
	assert_file media/public/backup/journal.jsonl
}

run_tests
