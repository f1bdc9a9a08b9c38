#!/bin/bash
# SPDX-License-Identifier: ISC
# render for applications: Android, iOS, TrustKit, React Native, Chromium and OkHttp, which makes real
# connections.
# shellcheck source=tests/whole/peers/lib.sh
. "$(dirname "$0")/peers/lib.sh"

PEERS=$ROOT/tests/whole/peers

valid_android() { xmllint --noout --schema "$PEERS/network-security-config.xsd" "$1"; }
compiled() {
	mkdir -p res/xml
	cp "$1" res/xml/network_security_config.xml
	aapt2 compile -o . res/xml/network_security_config.xml
}

test_android_has_a_valid_configuration() {
	local break
	render android
	cp "$stdout" good.xml
	accepts valid_android good.xml
	accepts compiled good.xml
	assert_same "$(xmllint --xpath 'string(//pin-set/@expiration)' good.xml)" \
		"$(jq -r '.valid_until[:10]' "$manifest")"
	assert_same "$(xmllint --xpath '//pin[3]/text()' good.xml)" "$(pin_of backup2)"
	# What aapt2 puts up with, the schema refuses: a bare element, a short pin, another digest.
	for break in 's/pin-set/pins/g' 's/=<.pin>/<\/pin>/' 's/SHA-256/SHA-1/' 's/localhost/*.localhost/' \
		's/expiration="[^"]*"/expiration="soon"/'; do
		sed "$break" good.xml >bad.xml
		refuses valid_android bad.xml
	done
	head -n 8 good.xml >cut.xml
	refuses compiled cut.xml
}

# Through a binary plist and back: what is no plist loses its strings on the way.
plist_strings() {
	rm -f binary.plist again.plist
	xmllint --noout "$1" || return 1
	plistutil -i "$1" -o binary.plist -f bin
	[ -e binary.plist ] && [ "$(head -c 8 binary.plist)" = bplist00 ] || return 1
	plistutil -i binary.plist -o again.plist -f xml
	xmllint --xpath '//key/text() | //string/text()' again.plist >"$2"
}
same_strings() {
	plist_strings "$1" again && xmllint --xpath '//key/text() | //string/text()' "$1" >before &&
		[ -s before ] && cmp before again
}

check_plist() {
	local break
	cp "$stdout" good.plist
	accepts same_strings good.plist
	for break in 's/<key>/<kee>/' 's/<dict>/<dikt>/g; s/<\/dict>/<\/dikt>/g' 's/string>/sting>/g' '$d'; do
		sed "$break" good.plist >bad.plist
		refuses same_strings bad.plist
	done
}

# identities LIST: the pins below NSPinned...Identities.
identities() { xmllint --xpath "//key[.='$1']/following-sibling::array[1]//string/text()" again.plist; }

test_ios_has_a_plist_with_leaf_pins() {
	render ios
	check_plist
	accepts same_strings good.plist
	assert_same "$(identities NSPinnedLeafIdentities)" \
		"$(for name in active backup1 backup2; do pin_of "$name"; done)"
	refuses identities NSPinnedCAIdentities
}

test_ios_keeps_cas_apart_and_wants_no_both() {
	local manifest
	make_manifest both.json '.domains[0].pins += [ca_pin]'
	run coldspare_pins render ios --key "$DIR/vault.pub" both.json
	assert_code 78
	assert_err 'ios-both'
	assert_no_output
	make_manifest cas.json '.domains[0].pins |= [ca_pin, (.[1] | .role = "ca" | .ca = "root")]'
	manifest=cas.json
	render ios --force no-backup
	check_plist
	accepts same_strings good.plist
	assert_same "$(identities NSPinnedCAIdentities)" "$(pin_of ca; pin_of backup1)"
	refuses identities NSPinnedLeafIdentities
}

test_trustkit_has_a_plist_with_all_pins() {
	render trustkit
	check_plist
	accepts same_strings good.plist
	assert_same "$(identities TSKPublicKeyHashes)" \
		"$(for name in active backup1 backup2; do pin_of "$name"; done)"
}

test_react_native_has_options_for_each_host() {
	local manifest
	make_manifest two.json '.domains[0] |= (.domain = "example.org" |
		.names = ["example.org", "www.example.org", "IP:192.0.2.1"])'
	manifest=two.json
	render react-native
	assert_json 'keys == ["example.org", "www.example.org"]'
	assert_json ".\"example.org\".publicKeyHashes[0] == \"$(pin_of active)\""
	assert_json 'all(.[]; (.publicKeyHashes | length) == 3 and .includeSubdomains == false and
		(.expirationDate | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}$")))'
	assert_err 'host-address-among'
	sed '$d' "$stdout" >cut.json
	refuses jq . cut.json
}

# What the generator of Chromium asks for: every name that is used is defined.
chromium_is_consistent() {
	jq -e '. as $all | all(.entries[]; .pins as $p | any($all.pinsets[]; .name == $p)) and
		all(.pinsets[].static_spki_hashes[]; . as $n | $all.spki_hashes | has($n)) and
		all(.spki_hashes[]; test("^sha256/[A-Za-z0-9+/]{43}=$")) and
		(.pinsets | length > 0) and (.entries | length > 0)' "$1"
}

test_chromium_defines_what_it_uses() {
	render chromium
	cp "$stdout" good.json
	accepts chromium_is_consistent good.json
	assert_same "$(jq -r '.spki_hashes[]' good.json | head -n 1)" "sha256/$(pin_of active)"
	jq '.pinsets[0].name = "other"' good.json >bad.json
	refuses chromium_is_consistent bad.json
	jq '.pinsets[0].static_spki_hashes[0] = "Other"' good.json >bad.json
	refuses chromium_is_consistent bad.json
}

CLASSPATH=/usr/share/java/okhttp.jar:/usr/share/java/okio.jar:.
java_compiles() { javac -cp "$CLASSPATH" -d . "$@"; }

test_okhttp_compiles_and_enforces_the_pins() {
	local name urls=()
	start_tls -www -quiet
	render okhttp --language java
	cp "$stdout" CertificatePins.java
	accepts java_compiles CertificatePins.java "$PEERS/PinnedConnection.java"
	mkdir bad
	sed 's/"sha256/sha256/' CertificatePins.java >bad/CertificatePins.java
	refuses java_compiles bad/CertificatePins.java
	keytool -importcert -noprompt -alias ca -file "$TLS/ca.pem" -keystore trust.p12 -storetype PKCS12 \
		-storepass changeit 2>/dev/null
	for name in $KEYS; do
		urls+=("https://localhost:$(port_of "$name")/")
	done
	run timeout 60 java -XX:TieredStopAtLevel=1 -Djavax.net.ssl.trustStore=trust.p12 \
		-Djavax.net.ssl.trustStorePassword=changeit -cp "$CLASSPATH" PinnedConnection "${urls[@]}"
	assert_code 0
	for name in active backup1 backup2; do
		assert_out "https://localhost:$(port_of "$name")/ accepted"
	done
	assert_out "https://localhost:$(port_of stranger)/ refused: Certificate pinning failure"
}

# Kotlin's calls are the same as Java's.
test_okhttp_in_kotlin_makes_the_same_calls() {
	render okhttp --language java --package org.example
	cp "$stdout" java
	render okhttp --language kotlin --package org.example
	assert_same "$(grep -A 3 '\.add' "$stdout")" "$(grep -A 3 '\.add' java)"
	assert_out 'package org.example'
	assert_not_out ';'
}

run_tests
