#!/bin/bash
# SPDX-License-Identifier: ISC
# pin: of public things anywhere, of private keys only offline; the pins that openssl computes.
. "$(dirname "$0")/lib.sh"

# spki_pin OPENSSL...: the pin of the public key that the command prints.
spki_pin() {
	"$@" | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64
}

# One key, and everything that its pin can be read from.
(
	cd "$DIR"
	openssl ecparam -name prime256v1 -genkey -noout -out traditional
	openssl pkcs8 -topk8 -nocrypt -in traditional -out key
	openssl pkcs8 -topk8 -nocrypt -in key -outform der -out key.der
	openssl pkcs8 -topk8 -in key -passout pass:word -out encrypted
	openssl pkey -in key -pubout -out public
	openssl pkey -in key -pubout -outform der -out public.der
	openssl req -new -key key -subj /CN=example.org -out csr
	openssl req -new -key key -subj /CN=example.org -outform der -out csr.der
	openssl req -x509 -new -key key -subj '/O=Example/CN=example.org' -out cert
	openssl x509 -in cert -outform der -out cert.der
	openssl ecparam -name secp384r1 -genkey -noout -out ca.key
	openssl req -x509 -new -key ca.key -subj /CN=CA -out ca
	cat cert ca >chain
	cat cert ca key >bundle
) 2>"$DIR/setup.log"
PIN=$(spki_pin openssl pkey -in "$DIR/key" -pubout)
CA=$(spki_pin openssl x509 -in "$DIR/ca" -noout -pubkey)

test_public_files_need_no_offline_machine() {
	for f in public public.der csr csr.der cert cert.der; do
		run coldspare_here pin "$DIR/$f"
		assert_code 0
		assert_out "$PIN  "
		assert_out "$DIR/$f"
		assert_same 1 "$(wc -l <"$stdout")"
	done
}

test_every_certificate_of_a_chain_is_shown() {
	run coldspare_here --json pin "$DIR/chain" "$DIR/csr"
	assert_code 0
	assert_json '[.pins[].pin] == ["'"$PIN"'", "'"$CA"'", "'"$PIN"'"]'
	assert_json '[.pins[].kind] == ["certificate", "certificate", "CSR"]'
	assert_json '[.pins[].algorithm] == ["ec:p256", "ec:p384", "ec:p256"]'
	assert_json '[.pins[].subject] == ["CN=example.org,O=Example", "CN=CA", "CN=example.org"]'
	assert_json '[.pins[].file] == ["'"$DIR/chain"'", "'"$DIR/chain"'", "'"$DIR/csr"'"]'
	assert_json '.pins[1].hex == "'"$(base64 -d <<<"$CA" | xxd -p -c 64)"'"'
}

test_private_keys_are_read_offline() {
	for f in key key.der traditional; do
		run coldspare pin "$DIR/$f"
		assert_code 0
		assert_out "$PIN  private key"
	done
	run coldspare --json pin "$DIR/bundle"
	assert_code 0
	assert_json '[.pins[].kind] == ["certificate", "certificate", "private key"]'
	assert_json '.pins[0].pin == .pins[2].pin and .pins[2].subject == null'
}

test_private_keys_are_refused_online() {
	[ ${#OFFLINE[@]} -gt 0 ] || skip 'no namespaces here'
	ip -o addr | grep -qv ' lo ' || skip 'this machine is offline'
	for f in key key.der encrypted bundle; do
		run coldspare_here pin "$DIR/$f" </dev/null
		assert_code 78
		assert_err 'this machine is online'
		assert_no_output
	done
	run coldspare_here --allow-online pin "$DIR/key"
	assert_code 0
}

test_private_keys_want_locked_memory() {
	[ ${#OFFLINE[@]} -gt 0 ] || skip 'no namespaces here'
	run powerless "${OFFLINE[@]}" prlimit --memlock=0:0 "$BUILD/coldspare" pin "$DIR/cert"
	[ "$status" = 0 ] || skip 'no namespaces for the powerless'
	run powerless "${OFFLINE[@]}" prlimit --memlock=0:0 "$BUILD/coldspare" pin "$DIR/key"
	assert_code 71
	assert_no_output
}

test_encrypted_keys_ask_for_their_passphrase() {
	run coldspare pin --input-passphrase-fd 3 "$DIR/encrypted" 3<<<word
	assert_code 0
	assert_out "$PIN  private key"
	run coldspare pin --input-passphrase-fd 3 "$DIR/encrypted" "$DIR/encrypted" 3< <(echo word; echo word)
	assert_code 0
	run coldspare pin --input-passphrase-fd 3 "$DIR/encrypted" 3<<<wort
	assert_code 77
	assert_err "$DIR/encrypted: wrong passphrase"
	run setsid "${OFFLINE[@]}" "$BUILD/coldspare" --allow-online pin "$DIR/encrypted"
	assert_code 78
	assert_err '--input-passphrase-fd'
}

test_standard_input_is_read() {
	run coldspare_here pin <"$DIR/cert"
	assert_code 0
	assert_out "$PIN  "
	run coldspare_here pin "$DIR/csr" - <"$DIR/chain"
	assert_code 0
	assert_same 3 "$(wc -l <"$stdout")"
	run coldspare pin <"$DIR/key"
	assert_code 0
	assert_out "$PIN  private key"
}

test_bad_files_are_named_and_nothing_is_shown() {
	head -c 1100000 /dev/zero >large
	: >empty
	mkfifo fifo
	cat "$DIR/key" "$DIR/ca.key" >two
	head -c 300 "$DIR/cert" >short
	for row in 'nosuch 66' 'large 65' 'empty 65' 'fifo 66' 'two 65' 'short 65' '. 66'; do
		run coldspare pin "$DIR/cert" "${row% *}"
		assert_code "${row#* }"
		assert_err "${row% *}"
		assert_no_output
	done
	run coldspare pin <large
	assert_code 65
	assert_err 'standard input'
}

run_tests
