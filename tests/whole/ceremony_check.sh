#!/bin/bash
# SPDX-License-Identifier: ISC
# ceremony_check.sh: what is known of a ceremony before it begins; what a plan may say is
# tests/test_plan.c.
. "$(dirname "$0")/lib.sh"

openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null -out "$DIR/ca.pem" -subj /CN=Root \
	-days 100 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null \
	-out "$DIR/live.pem" -subj /CN=example.org -addext 'subjectAltName=DNS:example.org,DNS:*.example.org' \
	-addext basicConstraints=critical,CA:FALSE -days 90 2>/dev/null

# plan [LINE...]: a plan for media in this folder. A LINE that sets what the plan sets replaces it.
plan() {
	local line
	mkdir -p usb1 usb3 public
	{
		for line in 'vault = "Example Ops"' 'threshold = 2' 'max-age = "60d"' 'backups = 2' \
			'algorithms = {"ec:p256", "ed25519"}' 'kdf = "interactive"' "export = \"dir:$PWD/public\"" \
			"custodian \"anna\" { medium = \"dir:$PWD/usb1\" location = \"safe A\" }" \
			'custodian "ben" { medium = "prompt" location = "safe B" }' \
			"custodian \"cleo\" { medium = \"dir:$PWD/usb3\" location = \"safe C\" }" \
			'domain "example.org" { names = {"www.example.org"} active = {"../live.pem"} ca = {"../ca.pem"} }'; do
			printf '%s\n' "$@" | grep -qF "${line%% [={]*} " || printf '%s\n' "$line"
		done
		printf '%s\n' "$@"
	} >plan
}

check() { run coldspare --allow-swap "$@" ceremony --check plan; }
state() { find . -mindepth 1 ! -name before -printf '%p %s %T@\n' | sort; }

# row VERDICT ID TEXT: in the JSON.
row() {
	jq -e --arg v "$1" --arg i "$2" --arg t "$3" \
		'any(.checks[]; .verdict == $v and .id == $i and (.message | contains($t)))' \
		"$stdout" >/dev/null || fail "no row: $*"
}

test_a_good_plan_passes_and_nothing_is_written() {
	plan
	state >before
	check --vault "$PWD/vault"
	assert_code 0
	state | diff before - || fail 'something was written'
	assert_out 'vault Example Ops: its signing key, and 4 backup keys'
	assert_out 'example.org: 2 ec:p256, 2 ed25519; 2 names'
	assert_out '15 shares, 5 for each of 3 custodians; any 2 of them bring a key back'
	assert_out 'a medium to be asked for'
	! grep -vF "$PWD" "$stdout" | grep -qE '.{81}' || fail 'a line is longer than 80 columns'
}

test_the_digest_is_that_of_the_bytes_in_hex_and_words() {
	plan
	check --json
	assert_code 0
	assert_same "$(jq -r .plan.hash "$stdout")" "$(b2sum -l 256 plan | cut -d' ' -f1)"
	assert_json '.plan.words | split(" ") | length == 32'
	words=$(jq -r .plan.words "$stdout")
	hash=$(jq -r .plan.hash "$stdout")
	check
	assert_same "$(sed -n '2,9s/^  [0-9a-f]* [0-9a-f]*  //p' "$stdout" | tr '\n' ' ')" "$words "
	assert_same "$(sed -n '2,9s/^  \(....\) \(....\)  .*/\1\2/p' "$stdout" | tr -d '\n')" "$hash"
}

test_json_says_what_and_how_long() {
	plan
	check --json --vault "$PWD/vault"
	assert_code 0
	assert_json '.ok and .makes.threshold == 2 and .makes.custodians == 3 and .makes.shares_each == 5'
	assert_json '.makes.keys | map(.count) | add == 4'
	assert_json '.seconds.keys > 0 and .seconds.passphrase > 0 and .minutes > 10'
	row info ben 'asked for'
	row ok vault "$PWD/vault"
	row ok export "$PWD/public"
	row ok locations 'two places'
}

# What was said to be enough is.
test_the_shares_take_no_more_than_was_said() {
	plan 'algorithms = {"rsa:2048"}'
	check --json
	said=$(jq -r '.checks[] | select(.id == "anna") | .message' "$stdout" |
		sed -n 's/.* shares take \([0-9.]*\) KiB$/\1/p')
	make_vault "$PWD/v" 2 anna="$PWD/anna" ben="$PWD/ben" cleo="$PWD/cleo"
	run operate "$PWD/v" generate --domain example.org --san www.example.org --algorithm rsa:2048
	assert_code 0
	took=$(du -B 1024 --apparent-size -c anna/*.share | tail -n 1 | cut -f1)
	on_disk=$(du -B 1024 -c anna/*.share | tail -n 1 | cut -f1)
	check --json --vault "$PWD/v"
	row fail vault "not of this plan's ceremony"
	[ "${said%.*}" -ge "$took" ] || fail "$took KiB taken, $said said"
	[ "${said%.*}" -le $((on_disk + 8)) ] || fail "$on_disk KiB taken, $said said"
}

test_missing_and_shared_media_are_named() {
	plan "custodian \"cleo\" { medium = \"dir:$PWD/usb1/../usb1\" }"
	rmdir usb3
	check --json
	assert_code 78
	row fail cleo 'the same medium as that of anna'
	plan "custodian \"anna\" { medium = \"dir:$PWD/none\" }"
	check --json
	assert_code 78
	row fail anna 'none'
	assert_no_file none
	assert_err '1 finding'
}

test_media_that_cannot_be_written_to_are_named() {
	plan
	chmod 0555 usb3
	run powerless "${OFFLINE[@]}" "$BUILD/coldspare" --allow-online --allow-swap --json ceremony --check plan
	assert_code 78
	row fail cleo 'cannot be written to'
	chmod 0755 usb3
}

test_media_without_room_are_named() {
	[ ${#NAMESPACE[@]} -gt 0 ] || skip 'no namespaces here'
	plan
	run "${NAMESPACE[@]}" -m sh -eu -c 'mount -t tmpfs -o size=16k none usb3; exec "$@"' sh \
		"$BUILD/coldspare" --allow-swap --json ceremony --check plan
	assert_code 78
	row fail cleo 'only 16 KiB of room, 5 shares take 20 KiB'
}

test_folders_that_are_in_the_way_are_named() {
	plan
	mkdir vault
	echo >public/a
	check --json --vault "$PWD/vault"
	assert_code 78
	row fail vault 'vault exists, and is no vault to go on with'
	row fail export 'is not empty'
	check --json --vault "$PWD/none/vault"
	row fail vault "there is no folder $PWD/none"
	rm public/a
	check --json --vault "$PWD/usb1/vault"
	row fail vault "a custodian's medium"
	plan "export = \"dir:$PWD/usb1\""
	check --json
	row fail anna 'which is published'
	plan "export = \"dir:$PWD/usb1/public\""
	check --json
	row fail export "a custodian's medium"
}

test_one_place_for_all_shares_is_refused() {
	plan 'custodian "anna" { medium = "prompt" location = "safe A" }' \
		'custodian "ben" { medium = "prompt" location = "safe A" }' \
		'custodian "cleo" { medium = "prompt" location = "safe A" }'
	check --json
	assert_code 78
	row fail locations 'all shares would lie in one place, safe A'
	sed -i '/"cleo"/s/safe A/safe B/' plan
	check --json
	assert_code 0
	row warn locations 'safe A alone holds 2 shares, enough for every key'
}

test_certificates_are_looked_at() {
	plan 'domain "example.org" { names = {"mail.example.net"} active = {"../ca.pem", "none.pem"} ca = {"../live.pem", "../ca.pem"} }' \
		'domain "example.net" { names = {"mail.example.net"} }'
	check --json
	assert_code 78
	row warn example.org 'ca.pem: it does not serve the name mail.example.net'
	row fail example.org 'none.pem'
	row fail example.org 'live.pem: item 1 is no CA certificate'
	row fail example.org 'ca.pem: its pin stands in the plan already'
	row warn example.net 'mail.example.net is a name of example.org too'
	row fail example.net 'neither'
}

test_live_certificates_fit_the_plan() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout /dev/null \
		-out p384.pem -subj /CN=x -addext subjectAltName=DNS:example.org,DNS:www.example.org -days 9 2>/dev/null
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout /dev/null \
		-out other.pem -subj /CN=y -addext subjectAltName=DNS:example.org,DNS:www.example.org -days 9 2>/dev/null
	plan 'domain "example.org" { names = {"www.example.org"} active = {"p384.pem", "other.pem"} }'
	check --json
	assert_code 78
	row warn example.org 'p384.pem: the plan makes no backup of its algorithm, ec:p384'
	row fail example.org 'other.pem: a second live certificate with a key of algorithm ec:p384'
}

test_an_expired_certificate_is_named() {
	printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n' >ca.cnf
	touch index
	echo 01 >serial
	openssl ecparam -name prime256v1 -genkey -noout -out old.key
	openssl req -new -key old.key -subj /CN=x -out old.csr
	openssl ca -selfsign -batch -notext -config ca.cnf -keyfile old.key -in old.csr -out old.pem \
		-startdate 20200101000000Z -enddate 20200201000000Z 2>/dev/null
	plan 'domain "example.org" { active = {"old.pem"} }'
	check --json
	assert_code 78
	row fail example.org 'old.pem: it expired at 2020-02-01T00:00:00Z'
}

test_a_bad_plan_is_an_error_with_its_line() {
	plan 'threshold = 02'
	check
	assert_code 65
	assert_err 'plan:11: a number with a leading zero'
	assert_no_output
	run coldspare ceremony --check .
	assert_code 66
	run coldspare ceremony --check
	assert_code 64
}

run_tests
