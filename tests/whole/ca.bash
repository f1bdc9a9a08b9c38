# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# ca.bash: a small local CA of two levels, made with openssl, beside lib.sh.

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
