# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# peers/lib.sh: what the tests of render share: keys with certificates, a signed manifest of their
# pins, and servers on loopback that end with the test.
#
# Four keys, each with a certificate for localhost by one CA: active, backup1 and backup2 are pinned,
# stranger is not. Where it can, the file runs in a network namespace of its own: its ports are free.

if [ -z "${PEERS_ALONE-}" ] && unshare -n true 2>/dev/null; then
	PEERS_ALONE=1 exec unshare -n bash "$0" "$@"
fi
# shellcheck source=tests/whole/lib.sh
. "$(dirname "$0")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin
[ -z "${PEERS_ALONE-}" ] || ip link set lo up
trap 'stop_servers; chmod -R u+rwX "$DIR"; rm -rf "$DIR"' EXIT
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY

TLS=$DIR/tls
SERVERS=$DIR/servers
KEYS='active backup1 backup2 stranger'
mkdir "$TLS"
touch "$SERVERS"

# serve COMMAND...: in the background, for five minutes at most, until the test file ends.
serve() {
	timeout 300 "$@" >>"$DIR/server.log" 2>&1 </dev/null &
	echo "$!" >>"$SERVERS"
}
stop_servers() {
	local pid
	while read -r pid; do
		kill "$pid" 2>/dev/null || true
	done <"$SERVERS"
	# Gone, and not only told to go: what they still remove would be missed by the clean-up.
	while read -r pid; do
		timeout 10 tail -s 0.1 --pid="$pid" -f /dev/null || true
	done <"$SERVERS"
}

# until_true COMMAND...: asks again and again, for 20 seconds at most.
until_true() {
	local i
	for ((i = 0; i < 400; i++)); do
		! "$@" >/dev/null 2>&1 || return 0
		sleep 0.05
	done
	cat "$DIR/server.log"
	fail "never came true: $*"
}
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
until_listens() { until_true listens "$1"; }

# A port that nobody listens on, in $port.
port=$((20000 + (PEERS_ALONE ? 0 : RANDOM % 10000)))
free_port() {
	port=$((port + 1))
	while listens "$port"; do
		port=$((port + 1))
	done
}

# certify NAME: a certificate for localhost by the CA, over the key of that name.
certify() {
	openssl req -new -key "$TLS/$1.key" -subj '/CN=localhost' |
		openssl x509 -req -CA "$TLS/ca.pem" -CAkey "$TLS/ca.key" -days 30 -out "$TLS/$1.pem" \
			-extfile <(echo 'subjectAltName=DNS:localhost,IP:127.0.0.1') 2>/dev/null
}

make_keys() {
	local name kind
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj '/CN=Test CA' \
		-keyout "$TLS/ca.key" -out "$TLS/ca.pem" 2>/dev/null
	for name in $KEYS; do
		kind=(-algorithm EC -pkeyopt ec_paramgen_curve:P-256)
		[ "$name" != backup1 ] || kind=(-quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048)
		openssl genpkey "${kind[@]}" -out "$TLS/$name.key"
		certify "$name"
	done
	cat "$TLS/active.pem" "$TLS/active.key" >"$TLS/active.both"
}

# vault_keys: backup1 and backup2 are from a vault now, which brought them back out of two of three
# shares; its export is $DIR/export, and $manifest its manifest.
vault_keys() {
	local vault=$DIR/vault id name
	make_vault "$vault" 2 anna="$DIR/anna" ben="$DIR/ben" cleo="$DIR/cleo"
	run operate "$vault" generate --domain localhost --algorithm rsa:2048 --algorithm ec:p256 --backups 1
	assert_code 0
	run operate "$vault" add-pin --domain localhost --role active "$TLS/active.pem"
	assert_code 0
	run operate "$vault" export --to "$DIR/export"
	assert_code 0
	manifest=$DIR/export/pins.json
	cp "$DIR/export/vault.pub" "$DIR/vault.pub"
	for name in backup1 backup2; do
		id=$(jq -r --arg n "${name#backup}" \
			'[.domains[0].pins[] | select(.role == "backup").key][($n | tonumber) - 1]' "$manifest")
		run coldspare --vault "$vault" recover "$id" --from "dir:$DIR/anna" --from "dir:$DIR/cleo" \
			--plaintext --to "$vault.$name"
		assert_code 0
		mv "$vault.$name" "$TLS/$name.key"
		certify "$name"
	done
}

# start_tls [OPTION...]: an `openssl s_server` for each key; its port is in $TLS/NAME.port.
start_tls() {
	local name
	for name in $KEYS; do
		free_port
		echo "$port" >"$TLS/$name.port"
		serve openssl s_server -accept "127.0.0.1:$port" -cert "$TLS/$name.pem" -key "$TLS/$name.key" "$@"
		until_listens "$port"
	done
}
port_of() { cat "$TLS/$1.port"; }

# pin_of NAME: base64; pin_hex_of NAME: hex.
pin_of() { openssl pkey -in "$TLS/$1.key" -pubout -outform der | openssl dgst -sha256 -binary | base64; }
pin_hex_of() { openssl pkey -in "$TLS/$1.key" -pubout -outform der | sha256sum | cut -d ' ' -f 1; }

# make_manifest FILE [FILTER]: the pins of localhost, changed by a jq filter, signed by minisign.
make_manifest() {
	[ -e "$DIR/hand.key" ] || minisign -GW -p "$DIR/hand.pub" -s "$DIR/hand.key" >/dev/null
	[ -e "$DIR/vault.pub" ] || cp "$DIR/hand.pub" "$DIR/vault.pub"
	jq -n --arg key "$(tail -n 1 "$DIR/hand.pub")" --arg active "$(pin_of active)" \
		--arg backup1 "$(pin_of backup1)" --arg backup2 "$(pin_of backup2)" --arg ca "$(pin_of ca)" '
		def time($days): now + $days * 86400 | floor | todate;
		def pin($pin; $role; $state): { pin: $pin, role: $role, state: $state, origin: "offline",
			ca: null, algorithm: "ec:p256", key: null, released: false,
			deployed: time(-90), ready: time(-30) };
		def ca_pin: pin($ca; "ca"; null) + { ca: "root", origin: "external" };
		{ format: "coldspare-pins-1", vault: { name: "Test Vault", key: $key }, serial: 1,
			created: time(-1), valid_until: time(365), offline: true, previous: null,
			journal: { entries: 3, head: ("ab" * 32) },
			domains: [ { domain: "localhost", names: [ "localhost" ], include_subdomains: false,
				max_age: 5184000, report_only: false, report_uri: null,
				pins: [ pin($active; "active"; "active"), pin($backup1; "backup"; "standby"),
					pin($backup2; "backup"; "standby") ] } ] } | '"${2:-.}" >"$1"
	minisign -S -s "$DIR/hand.key" -m "$1" -t 'Test Vault' >/dev/null
}

# render FORMAT [OPTION...]: of $manifest, into $stdout.
manifest=$DIR/pins.json
render() {
	run coldspare_pins render "$1" --key "$DIR/vault.pub" "${@:2}" "$manifest"
	assert_code 0
}

# accepts COMMAND..., refuses COMMAND...: whether a consumer is content.
accepts() {
	run "$@"
	assert_code 0
}
refuses() {
	run "$@"
	[ "$status" != 0 ] || fail 'it was accepted'
	[ "$status" != 124 ] || fail 'it timed out'
}

make_keys
make_manifest "$manifest"
