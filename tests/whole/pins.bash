# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# pins.bash: signed manifests for the tests of coldspare-pins, beside lib.sh.

# make_key NAME: a minisign key without a passphrase, NAME.pub and NAME.sec.
make_key() { minisign -GfW -p "$1.pub" -s "$1.sec" >/dev/null; }

# sign FILE KEY: FILE.minisig. cosign FILE KEY: FILE.<key id>.minisig.
sign() { minisign -S -W -s "$2.sec" -m "$1" >/dev/null; }
cosign() {
	minisign -S -W -s "$2.sec" -m "$1" -x "$1.$(key_id "$2").minisig" >/dev/null
}
# The id's eight bytes as the comment has them, but with the zeros that minisign leaves out.
key_id() {
	local id
	id=$(sed -n '1s/.* //p' "$1.pub")
	printf '%16s' "$id" | tr ' ' 0
}

# sample KEY [FILTER [FILE]]: a manifest that breaks no rule, changed by the jq filter, signed.
sample() {
	local file=${3:-pins.json}
	jq -n --arg key "$(sed -n 2p "$1.pub")" -f "$ROOT/tests/data/sample.jq" |
		jq "${2:-.}" >"$file"
	sign "$file" "$1"
}
