#!/bin/bash
# SPDX-License-Identifier: ISC
# The tour of README.md: its commands work, and say what stands there.
# shellcheck source=tests/whole/lib.sh
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pages.bash"

test_the_tour_says_what_stands_there() {
	[ ${#OFFLINE[@]} -gt 0 ] || skip 'no network namespaces here'
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=example.org -keyout live.key -out live.pem 2>/dev/null
	run page_session "$ROOT/README.md"
	assert_code 0
	[ "$(wc -l <commands)" -ge 10 ] || fail 'these are not all the commands'
	page_says_so "$ROOT/README.md"
	run openssl pkey -in spare.pem -passin pass:transport -pubout
	assert_same "$(cat "$stdout")" "$(cat vault/keys/example.org-*/public.pem)"
}

test_every_file_that_the_documents_link_is_there() {
	local page link
	for page in README.md docs/DESIGN.md docs/FORMAT.md docs/hardware.md \
		$(cd "$ROOT" && ls docs/procedures/*.md); do
		grep -oE '\]\([^)#]+' "$ROOT/$page" | sed 's/^](//' | grep -v '^https\?:' | while read -r link; do
			assert_file "$ROOT/$(dirname "$page")/$link"
		done
	done
}

# "| `share show`, `verify` |" names a command by its last word.
test_the_tables_name_every_command() {
	local program command
	for program in coldspare coldspare-pins; do
		"$BUILD/$program" --help | sed '/^Global options/,$d' |
			sed -n 's/^  \([a-z][a-z-]*\( [a-z][a-z-]*\)\{0,1\}\)  .*/\1/p' | while read -r command; do
			sed -n "/^| \`$program\`/,/^\$/p" "$ROOT/README.md" | grep -qF -e "${command##* }\`" ||
				fail "README.md lacks $program $command"
		done
	done
}

run_tests
