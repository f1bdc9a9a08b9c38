#!/bin/bash
# SPDX-License-Identifier: ISC
# The tour of README.md: its commands work, and say what stands there.
# shellcheck source=tests/whole/lib.sh
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2016 # they are the backquotes of Markdown
tour() { sed -n '/^```console$/,/^```$/{/^```/d;p}' "$ROOT/README.md"; }
# The commands begin with "$ " and go on behind a backslash; the rest is what they print.
commands_of_tour() { tour | sed -n '/^\$ /{:more; /\\$/{N; b more}; s/^\$ //p}'; }
output_of_tour() { tour | sed '/^\$ /{:more; /\\$/{N; b more}; d}'; }

# What differs from run to run.
normal() {
	sed -E 's/[A-Za-z0-9+\/]{42,}=*/BASE64/; s/-[0-9a-f]{8}\>/-ID/g; s/( [0-9a-f]{4}){16}/ HEAD/
		s/[0-9-]{10}T[0-9:]{8}Z/TIME/; s#dir:/.*/#dir:/FOLDER/#'
}

take_tour() {
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=example.org -keyout live.key -out live.pem 2>/dev/null
	commands_of_tour >commands
	# Who reads it types the passphrases.
	(
		coldspare() {
			set -- --passphrase-fd 9 "$@"
			case $* in *' recover '*) set -- "$@" --transport-passphrase-fd 8 ;; esac
			if [ ${#OFFLINE[@]} = 0 ]; then set -- --allow-online "$@"; fi
			"${OFFLINE[@]}" "$BUILD/coldspare" "$@" 9<<<"$PASSPHRASE" 8<<<transport
		}
		coldspare-pins() { coldspare_pins "$@"; }
		# shellcheck source=/dev/null
		. ./commands
	)
}

test_the_tour_says_what_stands_there() {
	[ ${#OFFLINE[@]} -gt 0 ] || skip 'no network namespaces here'
	run take_tour
	assert_code 0
	[ "$(wc -l <commands)" -ge 10 ] || fail 'these are not all the commands'
	output_of_tour | normal >expected
	normal <"$stdout" | diff expected - || fail 'the README says otherwise'
	run openssl pkey -in spare.pem -passin pass:transport -pubout
	assert_same "$(cat "$stdout")" "$(cat vault/keys/example.org-*/public.pem)"
}

test_every_file_that_the_documents_link_is_there() {
	local page link
	for page in README.md docs/DESIGN.md docs/FORMAT.md docs/procedures/recover-without-coldspare.md \
		docs/procedures/handle-cards.md docs/hardware.md; do
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
