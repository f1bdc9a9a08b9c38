# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034,SC2154
# life.bash: a vault with two ready keys, and a small local CA of two levels, beside lib.sh.

# make_ca: ca/root.pem and ca/sub.pem with their keys, valid long after any test.
make_ca() {
	mkdir ca
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj '/CN=Test Root' \
		-keyout ca/root.key -out ca/root.pem 2>/dev/null
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=Test CA' \
		-keyout ca/sub.key -out ca/sub.csr 2>/dev/null
	openssl x509 -req -in ca/sub.csr -CA ca/root.pem -CAkey ca/root.key -days 3000 -out ca/sub.pem \
		-extfile <(echo basicConstraints=critical,CA:true) 2>/dev/null
}

# issue REQUEST OUT [NAMES [EXTENSION [DATES...]]]: a certificate from ca/sub for a request or, with
# NAMES (DNS:a,DNS:b), for these names and not the request's.
issue() {
	local names=${3:-} extension=${4:-basicConstraints=CA:false}
	openssl x509 -req -in "$1" -CA ca/sub.pem -CAkey ca/sub.key -out "$2" "${@:5}" \
		-copy_extensions "$([ -n "$names" ] && echo none || echo copy)" \
		-extfile <(echo "$extension" && { [ -z "$names" ] || echo "subjectAltName=$names"; }) 2>/dev/null
}

# A vault ./v with two keys for example.org in $first and $second, a live certificate on record, manifest 1
# deployed, so that they are ready; and a CA.
fresh() {
	cp -r "$DIR/made/." .
	{ read -r first && read -r second; } < <(jq -r '.domains[].pins[].key // empty' out1/pins.json)
}
make_life() {
	mkdir "$DIR/made"
	cd "$DIR/made" || exit
	make_ca
	make_vault v 2 anna=a ben=b cleo=c
	run operate v generate --domain example.org --san www.example.org --san '*.api.example.org'
	assert_code 0
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout live.key -out live.pem \
		-subj /CN=example.org -days 30 2>/dev/null
	run operate v add-pin --domain example.org --role active live.pem
	assert_code 0
	next_manifest 1
}
# next_manifest N [OPTION...]: exports manifest N to ./outN and says that it is live.
next_manifest() {
	run operate v export --to "out$1" "${@:2}"
	assert_code 0
	mv "$stderr" warnings
	run coldspare --vault v deployed "$1"
	assert_code 0
}
pin_of() {
	openssl x509 -in "$1" -noout -pubkey | openssl pkey -pubin -outform der |
		openssl dgst -sha256 -binary | base64
}
# attach KEY: a certificate of the CA for its own request, in chain-KEY.pem.
attach() {
	issue "v/keys/$1/request.csr" "leaf-$1.pem"
	cat "leaf-$1.pem" ca/sub.pem >"chain-$1.pem"
	run coldspare --vault v attach "$1" "chain-$1.pem"
	assert_code 0
}
state_of() { coldspare --vault v --json status | jq -r ".domains[].keys[] | select(.key == \"$1\").state"; }
# pins N: role, state and key or "external" of each pin of manifest N, a line each.
pins() { jq -r '.domains[].pins[] | "\(.role) \(.state) \(.key // "external")"' "out$1/pins.json"; }
refused() {
	run coldspare --vault v "${@:3}"
	assert_code "$1"
	assert_err "$2"
	assert_no_output
}
audited() {
	run coldspare --vault v audit
	assert_code 0
}

(make_life) || exit 1
