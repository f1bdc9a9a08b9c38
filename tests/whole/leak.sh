#!/bin/bash
# SPDX-License-Identifier: ISC
# Public means public: no secret in the export folder, in what is printed, or in the vault folder.
. "$(dirname "$0")/lib.sh"

# What must not be seen, one hex string a line: every private number of every key, the key-encryption
# keys, the raw shares, the passphrases.
collect_secrets() {
	local key
	: >secrets
	for key in "$@"; do
		run coldspare --vault v recover "$key" --from dir:a --from dir:b --to "$key.pem" --plaintext
		assert_code 0
		cat "$stdout" "$stderr" >>printed
		# Every INTEGER and OCTET STRING of the private key, but for small and public ones.
		openssl pkey -in "$key.pem" -pubout -outform der | od -An -v -tx1 | tr -d ' \n' >public
		openssl pkey -in "$key.pem" -outform der | openssl asn1parse -inform der -strparse 0 >/dev/null 2>&1 || true
		openssl pkey -in "$key.pem" -noout -text |
			awk '/^[a-z]/ { name = $1 } /^ / && name ~ /^(priv|privateExponent|prime|exponent[12]|coefficient)/ {
				gsub(/[ :]/, ""); line[name] = line[name] $0 }
				END { for (n in line) print line[n] }' | sed 's/^00//' >>secrets
		mkdir -p "raw-$key"
		run coldspare share raw a/"$key".*.share b/"$key".*.share c/"$key".*.share --to "raw-$key" \
			--key v/vault.pub
		assert_code 0
		cat "$stdout" "$stderr" >>printed
		gfcombine -o "raw-$key/kek.bin" "raw-$key"/*.001 "raw-$key"/*.002
		for file in "raw-$key"/*; do
			od -An -v -tx1 "$file" | tr -d ' \n' >>secrets
			echo >>secrets
		done
	done
	printf '%s' "$PASSPHRASE" | od -An -v -tx1 | tr -d ' \n' >>secrets
	echo >>secrets
}

# scan FILE...: the secrets found in them, in raw (both byte orders), hex or base64.
scan() {
	python3 - "$@" <<'PY'
import base64, os, sys
files = []
for top in sys.argv[1:]:
    if os.path.isdir(top):
        files += [os.path.join(d, f) for d, _, names in os.walk(top) for f in names]
    else:
        files.append(top)
def forms(secret):
    for raw in (secret, secret[::-1]):
        yield raw
        yield raw.hex().encode()
        yield raw.hex().upper().encode()
        # Inside a longer text base64 starts at any of three offsets; the edges depend on neighbours.
        for shift in range(3):
            text = base64.b64encode(b"\0" * shift + raw)
            yield text[4 if shift else 0:-4]
found = 0
for line in open("secrets"):
    secret = bytes.fromhex(line.strip())
    assert len(secret) >= 16, line
    # A piece is enough: a number cut at either end is as bad.
    pieces = [secret[i:i + 16] for i in (0, len(secret) // 2 - 8, len(secret) - 16)]
    for name in files:
        data = open(name, "rb").read()
        data_flat = data.replace(b"\n", b"").replace(b":", b"")
        if any(form in data or form in data_flat for piece in pieces for form in forms(piece)):
            print("found in", name)
            found = 1
sys.exit(found)
PY
}

test_no_secret_is_published_or_printed() {
	make_vault v 2 anna=a ben=b cleo=c
	cat "$stdout" "$stderr" >printed
	mkdir d e f
	for command in 'generate --domain example.org --algorithm rsa:2048 --algorithm ec:p256 --algorithm ec:p521
			--algorithm ed25519 --backups 1' \
		'export --force --to out' 'status' '--json status' 'log' '--json log' 'audit' 'doctor' \
		'share show a/vault-signing-key.FILE' 'share list dir:b' '--json share verify a/vault-signing-key.FILE' \
		'csr example.org-ec-p256 --from dir:a --from dir:b' 'drill --all --from dir:a --from dir:c' \
		'replace-share --all --from dir:a --from dir:b --custodian dora=dir:d --lost cleo' \
		'reshare example.org-ec-p256 --from dir:a --from dir:d --custodian emil=dir:e --custodian fay=dir:f' \
		'--json reshare --destroyed anna --yes'; do
		name=$(cd a && echo vault-signing-key.*)
		# shellcheck disable=SC2086
		run operate v ${command//vault-signing-key.FILE/$name}
		cat "$stdout" "$stderr" >>printed
		case $command in doctor) ;; *) assert_code 0 ;; esac
	done
	jq -r '.domains[].pins[].key' out/pins.json >keys
	# shellcheck disable=SC2046
	collect_secrets $(cat keys) vault-signing-key
	mkdir raw-again
	coldspare share raw {d,e,f}/example.org-ec-p256*.share --to raw-again --key v/vault.pub >>printed
	gfcombine -o raw-again/kek.bin raw-again/*.001 raw-again/*.002
	for file in raw-again/*; do
		od -An -v -tx1 "$file" | tr -d ' \n' >>secrets
		echo >>secrets
	done
	[ "$(wc -l <secrets)" -gt 29 ] || fail 'too few secrets were collected'

	# The same scan finds what is planted, in every form, or it proves nothing.
	secret=$(sed -n 2p secrets)
	mkdir planted
	echo "x${secret}y" >planted/hex
	xxd -r -p <<<"$secret" >planted/raw
	xxd -r -p <<<"$secret" | xxd -p -c1 | tac | xxd -r -p >planted/reversed
	xxd -r -p <<<"$secret" | base64 >planted/base64
	{ printf ab && xxd -r -p <<<"$secret"; } | base64 >planted/shifted
	for form in hex raw reversed base64 shifted; do
		run scan "planted/$form"
		assert_code 1
	done
	run scan a
	assert_code 1

	run scan out printed v
	assert_code 0
}

test_no_secret_is_in_arguments_or_environment() {
	for word in passphrase transport lock; do
		run grep -nE "getenv\(\"[A-Z_]*$word" -ri "$ROOT/base" "$ROOT/vault" "$ROOT/shares" --include=*.c
		assert_code 1
	done
}

run_tests
