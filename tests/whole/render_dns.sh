#!/bin/bash
# SPDX-License-Identifier: ISC
# render for resolvers: stubby, Knot Resolver and kdig get their answer over TLS from a resolver with the
# active key and with each backup key, and none from a stranger's.
# shellcheck source=tests/whole/peers/lib.sh
. "$(dirname "$0")/peers/lib.sh"

# kresd wants a folder of its own and a terminal or -n.
start_kresd() {
	mkdir -p "$1.run"
	serve kresd -n -c "$1" "$1.run"
}

# A resolver for each key that answers one question by itself, over TLS.
start_upstreams() {
	local name
	for name in $KEYS; do
		free_port
		echo "$port" >"$TLS/$name.port"
		cat >"$DIR/$name.kresd" <<-EOF
			net.listen('127.0.0.1', $port, { kind = 'tls' })
			net.tls('$TLS/$name.pem', '$TLS/$name.key')
			trust_anchors.remove('.')
			cache.size = 1 * MB
			policy.add(policy.suffix(policy.ANSWER({ [kres.type.A] = {
				rdata = kres.str2ip('192.0.2.9'), ttl = 300 } }), { todname('answer.lan') }))
		EOF
		start_kresd "$DIR/$name.kresd"
		until_listens "$port"
	done
}

# ask PORT [OPTION...]: exits 0 with the answer.
ask() { kdig @127.0.0.1 -p "$1" +short +timeout=5 +retry=0 "${@:2}" answer.lan A | grep -xF 192.0.2.9; }

test_kdig_enforces_the_pins() {
	local name pin pins=()
	render list
	while read -r pin; do
		pins+=("+tls-pin=$pin")
	done <"$stdout"
	for name in active backup1 backup2; do
		accepts ask "$(port_of "$name")" +tls "${pins[@]}"
	done
	refuses ask "$(port_of stranger)" +tls "${pins[@]}"
	accepts ask "$(port_of stranger)" +tls
}

stubby_conf() {
	cat <<-EOF
		resolution_type: GETDNS_RESOLUTION_STUB
		dns_transport_list:
		  - GETDNS_TRANSPORT_TLS
		tls_authentication: GETDNS_AUTHENTICATION_REQUIRED
		appdata_dir: "$PWD"
		listen_addresses:
		  - 127.0.0.1@$1
		$(cat "$2")
	EOF
}
stubby_reads() { stubby -i -C "$1"; }

test_stubby_reads_what_was_rendered() {
	render stubby --address 127.0.0.1 --address ::1 --address 2001:db8:: --port 8853
	cp "$stdout" good.part
	stubby_conf 1 good.part >good.yml
	accepts stubby_reads good.yml
	assert_out '"tls_port": 8853'
	assert_same "$(grep -c 'digest.*sha256' "$stdout")" 9
	# Its last pin a digit short.
	sed '$s/.$//' good.part >bad.part
	stubby_conf 1 bad.part >bad.yml
	refuses stubby_reads bad.yml
}

test_stubby_enforces_the_pins() {
	local name listen
	for name in $KEYS; do
		render stubby --address 127.0.0.1 --port "$(port_of "$name")"
		cp "$stdout" "$name.part"
		free_port
		listen=$port
		stubby_conf "$listen" "$name.part" >"$name.yml"
		serve stubby -C "$PWD/$name.yml"
		until_listens "$listen"
		case $name in
		stranger) refuses ask "$listen" ;;
		*) accepts ask "$listen" ;;
		esac
	done
}

kresd_conf() {
	cat <<-EOF
		net.listen('127.0.0.1', $1)
		trust_anchors.remove('.')
		cache.size = 1 * MB
		$(cat "$2")
	EOF
}
# It has no mode for tests: it ends with its configuration.
kresd_reads() {
	mkdir -p reads
	{ cat "$1"; echo 'quit()'; } >reads/conf
	timeout 30 kresd -n -c "$PWD/reads/conf" reads
}

test_knot_reads_what_was_rendered() {
	render knot --address 127.0.0.1 --address ::1
	cp "$stdout" good.part
	free_port
	kresd_conf "$port" good.part >good.conf
	accepts kresd_reads good.conf
	sed "s/.=',\$/',/" good.part >bad.part
	kresd_conf "$port" bad.part >bad.conf
	refuses kresd_reads bad.conf
}

test_knot_enforces_the_pins() {
	local name listen
	for name in $KEYS; do
		render knot --address 127.0.0.1 --port "$(port_of "$name")"
		cp "$stdout" "$name.part"
		free_port
		listen=$port
		kresd_conf "$listen" "$name.part" >"$name.conf"
		start_kresd "$PWD/$name.conf"
		until_listens "$listen"
		case $name in
		stranger) refuses ask "$listen" ;;
		*) accepts ask "$listen" ;;
		esac
	done
}

# Its address stands among the names.
test_addresses_of_the_manifest_serve_too() {
	local manifest
	make_manifest address.json '.domains[0].names += ["IP:192.0.2.53", "IP:2001:db8::53"]'
	manifest=address.json
	render knot
	assert_out "'192.0.2.53@853'"
	assert_out "'2001:db8::53@853'"
	run coldspare_pins render stubby --key "$DIR/vault.pub" "$DIR/pins.json"
	assert_code 78
	assert_err 'name the server'
	assert_no_output
}

start_upstreams
run_tests
