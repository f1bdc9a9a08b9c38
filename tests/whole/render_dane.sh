#!/bin/bash
# SPDX-License-Identifier: ISC
# render tlsa: the zone loads, and OpenSSL's DANE accepts a server with the active key and with each
# backup key, refuses a stranger's, and tells a CA's pin from a leaf's.
# shellcheck source=tests/whole/peers/lib.sh
. "$(dirname "$0")/peers/lib.sh"

zone() {
	cat <<-EOF
		\$TTL 3600
		@ IN SOA ns hostmaster 1 3600 600 86400 3600
		@ IN NS ns
		ns IN A 192.0.2.53
	EOF
	cat "$1"
}
zone_loads() { zone "$1" >db.localhost && named-checkzone -q localhost db.localhost; }

# dane RECORDS NAME: a handshake with that server, DANE being the only trust.
dane() {
	local records=() usage
	while read -r usage; do
		records+=(-dane_tlsa_rrdata "$usage")
	done < <(sed -n 's/^_.* IN TLSA //p' "$1")
	timeout 20 openssl s_client -connect "127.0.0.1:$(port_of "$2")" -brief -verify_return_error \
		-dane_tlsa_domain localhost "${records[@]}" </dev/null
}

test_the_zone_loads() {
	render tlsa
	cp "$stdout" good
	accepts zone_loads good
	assert_same "$(grep -c '^_443\._tcp\.localhost\. IN TLSA 3 1 1 [0-9a-f]\{64\}$' good)" 3
	sed 's/ 3 1 1 / 3 1 one /' good >bad
	refuses zone_loads bad
	sed 's/[0-9a-f]$/x/' good >bad
	refuses zone_loads bad
}

test_port_and_protocol_stand_in_the_owner() {
	render tlsa --port 25 --proto tcp
	assert_out "_25._tcp.localhost. IN TLSA 3 1 1 $(pin_hex_of active)"
	render tlsa --port 8853 --proto udp
	assert_out "_8853._udp.localhost. IN TLSA 3 1 1 $(pin_hex_of active)"
}

test_openssl_enforces_the_records() {
	local name
	render tlsa
	cp "$stdout" good
	for name in active backup1 backup2; do
		accepts dane good "$name"
		assert_err 'Verification: OK'
	done
	refuses dane good stranger
	assert_err 'verify error'
	# named-checkzone takes a digest of 31 bytes.
	sed 's/..$//' good >bad
	refuses dane bad active
}

test_a_ca_pin_is_a_trust_anchor() {
	local manifest
	make_manifest ca.json '.domains[0].pins |= [ca_pin, (.[2] | .role = "backup")]'
	manifest=ca.json
	render tlsa
	cp "$stdout" records
	assert_out "IN TLSA 2 1 1 $(pin_hex_of ca)"
	accepts zone_loads records
	# The CA has certified the stranger, too, and backup1, whose own pin is not among these.
	accepts dane records stranger
	accepts dane records backup1
	refuses dane records elsewhere
}

start_tls -cert_chain "$TLS/ca.pem" -quiet
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj '/CN=localhost' \
	-addext 'subjectAltName=DNS:localhost' -keyout "$TLS/elsewhere.key" -out "$TLS/elsewhere.pem" 2>/dev/null
KEYS=elsewhere start_tls -quiet
run_tests
