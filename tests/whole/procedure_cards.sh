#!/bin/bash
# SPDX-License-Identifier: ISC
# The commands of docs/procedures/handle-cards.md, as they stand, with a simulated card in the reader.
# shellcheck source=tests/cards/pcscd.bash
. "$(dirname "$0")/../cards/pcscd.bash"
. "$(dirname "$0")/pages.bash"

SERIAL=FFFE:12345678
PAGE=$ROOT/docs/procedures/handle-cards.md

# The operator and the custodian at one terminal: the factory PIN is typed once.
page_coldspare() {
	local pin=84268426
	case " $* " in *' prepare '*) pin=123456 ;; esac
	printf '%s\t%s\n' '*Passphrase of the vault: ' "$PASSPHRASE" '*(New [^\n]*|\(again\)): ' 84268426 \
		"administrator's PIN of the [^\n]*: " factory '*PIN of the [^\n]*\): ' "$pin" \
		'*[Tt]ype [^\n]*: ' "$SERIAL" >answers
	python3 "$ROOT/tests/whole/typed.py" --answers answers "${OFFLINE[@]}" "$BUILD/coldspare" "$@"
}

test_handle_cards() {
	mkdir -p srv media/{anna,ben,cleo}
	make_vault srv/vault 2 anna=media/anna ben=media/ben cleo=media/cleo
	insert 0 anna openpgp --serial 12345678 --size 4096
	# An old share, for the page's example of destroying one.
	coldspare --vault srv/vault --passphrase-fd 9 --pin-fd 8 generate --domain old.example.net --backups 1 \
		--custodian anna=card:0 9<<<"$PASSPHRASE" 8<<<'anna=123456' >/dev/null 2>&1
	SHARE=$(basename media/ben/old*) SHARE=${SHARE%.002.share}.001.share
	export SHARE KEY=example.org
	run page_session "$PAGE"
	assert_code 0
	page_says_so "$PAGE"
}

start_pcscd 1
run_tests
