#!/bin/bash
# SPDX-License-Identifier: ISC
# Each rule of scripts/lint goes red, with its message, on a small house that breaks just that rule.
# shellcheck source=tests/whole/lib.sh
. "$(dirname "$0")/lib.sh"

source_file() {
	mkdir -p "$(dirname "$1")"
	{ echo '/* SPDX-License-Identifier: ISC */'; cat; } >"$1"
}

object() {
	mkdir -p "build/$(dirname "$1")"
	gcc -fPIC -x c -c -o "build/$1" -
}

# A house that has no fault, in the current folder.
build_house() {
	rm -rf base pins shares hsm vault tests scripts build docs
	mkdir -p base pins shares hsm vault tests/whole scripts docs/man
	cp "$ROOT/scripts/lint" scripts/
	cp "$ROOT/.clang-format" .
	source_file shares/gf.c <<<'#include <libgfshare.h>'
	source_file vault/plan.c <<<'#include <confuse.h>'
	source_file vault/sign.c <<<'#include "pins/pin.h"'
	source_file pins/pin.h <<<'#include <openssl/types.h>'
	printf '#!/bin/sh\n# SPDX-License-Identifier: ISC\ntrue\n' >scripts/tool
	object vault/sign.o <<<'int sign_it(void) { return 1; } int main(void) { return 0; }'
	object pins/pin.o <<<'int pin_it(void) { return 2; } int main(void) { return pin_it(); }'
	gcc -o build/coldspare-pins build/pins/pin.o
	man_page coldspare-pins </dev/null
}

# man_page PROGRAM: its page, with the sections on standard input.
man_page() {
	{
		printf '.Dd November 22, 2026\n.Dt %s 1\n.Os\n' "${1^^}"
		printf '.Sh NAME\n.Nm %s\n.Nd a tool\n.Sh DESCRIPTION\nIt serves.\n' "$1"
		cat
	} >"docs/man/$1.1"
}

# A program that says by --help what `tool` does, with an option.
program_with_help() {
	{
		printf '#!/bin/sh\ncase $1 in\n'
		printf -- '--help) echo "\nTools:\n  tool it  does\n           it\n\nGlobal options:\n  --all  all" ;;\n'
		printf -- 'tool) echo "Options:\n  --fast N  fast" ;;\nesac\n'
	} >build/coldspare
	chmod +x build/coldspare
}

# clean CHECK: no finding.
clean() {
	run scripts/lint build "$@"
	assert_code 0
}

# red CHECK MESSAGE: a finding that says so. Then the house is built anew.
red() {
	run scripts/lint build "$1"
	assert_code 1
	assert_err "$2"
	build_house
}

test_a_sound_house_is_clean() {
	build_house
	clean
}

test_the_arrows_between_the_rooms_run_one_way() {
	local fence
	build_house
	for fence in base:pins base:vault pins:vault pins:shares pins:hsm shares:pins shares:hsm \
		hsm:pins hsm:vault vault:tests; do
		source_file "${fence%:*}/new.c" <<<"#include \"${fence#*:}/thing.h\""
		red rooms "${fence%:*}/ may include only"
	done
	source_file base/new.c <<<'#  include "thing.h"'
	red rooms 'base/new.c:2:'
	source_file hsm/new.c <<<'#include "../vault/signer.h"'
	red rooms 'hsm/ may include only base shares hsm'
	source_file hsm/new.c <<<'#include "shares/medium.h"'
	clean rooms
}

test_third_party_headers_are_fenced() {
	build_house
	rm shares/gf.c
	red headers 'libgfshare.h belongs into exactly one file, not 0'
	source_file shares/new.c <<<'#include <libgfshare.h>'
	red headers 'not 2: shares/gf shares/new'
	rm vault/plan.c
	red headers 'confuse.h belongs into exactly one file, not 0'
	source_file hsm/a.c <<<'#include <winscard.h>'
	clean headers
	source_file hsm/b.h <<<'#include <PCSC/winscard.h>'
	red headers 'winscard.h belongs into one file, not 2: hsm/a hsm/b'
	source_file base/new.c <<<'#include <openssl/sha.h>'
	red headers 'OpenSSL outside the files that scripts/lint lists for it: base/new'
}

test_signing_belongs_into_the_vault() {
	local call
	build_house
	for call in 'crypto_sign_detached(s, 0, m, n, k)' 'crypto_sign(s, 0, m, n, k)' \
		'crypto_sign_seed_keypair(p, k, s)' 'EVP_DigestSign(c, s, &n, m, l)' \
		'EVP_PKEY_sign(c, s)' 'EVP_PKEY_generate(c, &k)' 'X509_REQ_sign(r, k, d)' \
		'PEM_read_bio_PrivateKey(b, 0, 0, 0)' 'd2i_AutoPrivateKey(0, &p, n)' \
		'i2d_PKCS8PrivateKey_bio(b, k)'; do
		source_file pins/new.c <<<"int f(void) { return $call; }"
		red signing 'signing and private keys belong into vault/: pins/new.c:2'
	done
	source_file pins/new.c <<<'int f(void) { return crypto_sign_verify_detached(s, m, n, k); }'
	source_file vault/new.c <<<'int f(void) { return crypto_sign_detached(s, 0, m, n, k); }'
	clean signing
}

test_coldspare_pins_contains_nothing_of_the_secret_side() {
	build_house
	rm build/coldspare-pins
	red symbols 'there is no'
	gcc -Wl,-z,muldefs -o build/coldspare-pins build/pins/pin.o build/vault/sign.o
	red symbols 'contains a symbol of the secret side: sign_it'
	object pins/bad.o <<<'int gfshare_x(void); int main(void) { return gfshare_x(); }'
	object other/gfshare.o <<<'int gfshare_x(void) { return 0; }'
	gcc -shared -nostdlib -o build/other/libgfshare.so build/other/gfshare.o
	gcc -o build/coldspare-pins build/pins/bad.o build/other/libgfshare.so
	red symbols 'calls a function of the secret side: gfshare_x'
}

test_every_source_names_its_licence() {
	build_house
	echo 'int x;' >base/new.c
	red licence 'no SPDX line at the top: base/new.c'
	printf '#!/bin/sh\ntrue\n' >scripts/new
	red licence 'no SPDX line at the top: scripts/new'
	echo 'true' >tests/whole/new.sh
	red licence 'no SPDX line at the top: tests/whole/new.sh'
}

test_no_file_holds_two_subjects() {
	build_house
	yes '/* line */' | head -n 449 | source_file tests/long.c
	clean size
	yes '/* line */' | head -n 450 | source_file tests/long.c
	red size 'tests/long.c: 451 lines'
}

test_the_format_is_that_of_clang_format() {
	command -v clang-format-14 >/dev/null || skip 'no clang-format-14'
	build_house
	source_file base/new.c <<<'int  main( void );'
	red format 'not as clang-format writes it: base/new.c:2'
}

test_man_pages_have_what_the_programs_help_has() {
	local it='.Ss tool it\n.Bl -tag -width Ds\n.It Fl -fast Ar N\nFast.\n.El\n'
	local all='.Sh GLOBAL OPTIONS\n.Bl -tag -width Ds\n.It Fl -all\nAll.\n.El\n.Sh COMMANDS\n'
	build_house
	program_with_help
	red man 'there is no docs/man/coldspare.1'
	program_with_help
	printf %b "$all$it" | man_page coldspare
	clean man
	printf %b "$all" | man_page coldspare
	red man 'docs/man/coldspare.1 lacks: tool it --fast'
	program_with_help
	printf %b "${all/all/other}$it" | man_page coldspare
	red man 'docs/man/coldspare.1 has what coldspare has not: --other'
	program_with_help
	printf %b "$all$it.Ss more\n" | man_page coldspare
	red man 'docs/man/coldspare.1 has what coldspare has not: more'
	command -v mandoc >/dev/null || skip 'no mandoc'
	printf '.Sh COMMANDS\n.Zz\n' | man_page coldspare-pins
	red man 'unknown macro'
}

test_scripts_satisfy_shellcheck() {
	command -v shellcheck >/dev/null || skip 'no shellcheck'
	build_house
	# shellcheck disable=SC2016 # the file is to hold it as it stands
	printf '#!/bin/sh\n# SPDX-License-Identifier: ISC\nrm $1\n' >tests/whole/new.sh
	red shell 'tests/whole/new.sh:3'
}

run_tests
