#!/bin/bash
# SPDX-License-Identifier: ISC
# render for meshes and clusters: nats-server takes its clients by their pins; Envoy's and kubeadm's YAML
# is read by a parser.
# shellcheck source=tests/whole/peers/lib.sh
. "$(dirname "$0")/peers/lib.sh"

nats_conf() {
	cat <<-EOF
		listen: "127.0.0.1:$1"
		tls {
			cert_file: "$TLS/active.pem"
			key_file: "$TLS/active.key"
			ca_file: "$TLS/ca.pem"
			verify: true
			$(cat "$2")
		}
	EOF
}
ping_as() { python3 "$ROOT/tests/whole/peers/nats_ping.py" "$1" "$TLS/ca.pem" "$TLS/$2.pem" "$TLS/$2.key"; }

test_nats_takes_clients_by_their_pins() {
	local name
	render nats
	cp "$stdout" pins.part
	free_port
	nats_conf "$port" pins.part >nats.conf
	accepts nats-server -t -c nats.conf
	serve nats-server -c "$PWD/nats.conf"
	until_listens "$port"
	for name in active backup1 backup2; do
		accepts ping_as "$port" "$name"
	done
	refuses ping_as "$port" stranger
}

test_nats_refuses_broken_pins() {
	render nats
	cp "$stdout" pins.part
	sed 's/[0-9a-f]"$/"/' pins.part >bad.part
	nats_conf 1 bad.part >nats.conf
	refuses nats-server -t -c nats.conf
	sed 's/\]//' pins.part >bad.part
	nats_conf 1 bad.part >nats.conf
	refuses nats-server -t -c nats.conf
}

# The file as JSON.
from_yaml() { python3 -c 'import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))' "$1"; }

test_envoy_has_yaml_with_base64() {
	render envoy
	cp "$stdout" good.yaml
	accepts from_yaml good.yaml
	assert_json ".validation_context.verify_certificate_spki ==
		[\"$(pin_of active)\", \"$(pin_of backup1)\", \"$(pin_of backup2)\"]"
	sed '$s/"$//' good.yaml >bad.yaml
	refuses from_yaml bad.yaml
}

test_kubeadm_has_yaml_with_hex() {
	local manifest
	make_manifest ca.json '.domains[0].pins |= [(.[0] | .pin = $ca), .[1], .[2]]'
	manifest=ca.json
	render kubeadm
	cp "$stdout" good.yaml
	accepts from_yaml good.yaml
	assert_json ".discovery.bootstrapToken.caCertHashes ==
		[\"sha256:$(pin_hex_of ca)\", \"sha256:$(pin_hex_of backup1)\", \"sha256:$(pin_hex_of backup2)\"]"
	# As Kubernetes' own documentation computes it.
	assert_out "$(openssl x509 -pubkey -in "$TLS/ca.pem" | openssl pkey -pubin -outform der |
		openssl dgst -sha256 -hex | sed 's/^.* /sha256:/')"
	sed 's/^      -/   -/' good.yaml >bad.yaml
	refuses from_yaml bad.yaml
}

run_tests
