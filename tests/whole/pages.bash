# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# pages.bash: the examples of a page of the documentation, run as they stand. For test files that have
# sourced lib.sh.
#
# A ```console fence holds commands, which begin with "$ " and go on behind a backslash, each with what it
# prints below it. All fences of a page are one session: run one after the other by one shell, in the test's
# folder, where the test has put what the page says is there.

# shellcheck disable=SC2016 # they are the backquotes of Markdown
page_fences() { sed -n '/^ *```console$/,/^ *```$/{/^ *```/d;p}' "$1"; }
page_commands() { page_fences "$1" | sed -n '/^ *\$ /{:more; /\\$/{N; b more}; s/^ *\$ //p}'; }
page_output() { page_fences "$1" | sed -E '/^ *\$ /{:more; /\\$/{N; b more}; d}; s/^   ?//'; }

# What differs from run to run.
page_normal() {
	sed -E "s/\x1b\[[0-9;]*m//g; s,$PWD/srv/,/srv/coldspare/,g; s,$PWD/media/,/media/,g;"'
		s/Virtual 0 00 0|Example Reader 00 0/READER /g; s/^ +//; s/ +$//; s/[A-Za-z0-9+\/]{42,}=*/BASE64/g; s/-[0-9a-f]{8}\>/-ID/g; s/( [0-9a-f]{4}){16}/ HEAD/
		s/\<[0-9a-f]{16}\>/SET/g; s/\<[0-9a-f]{30,}\>/HEX/g; s/certificate-[0-9a-f]+/certificate-SERIAL/; s/[0-9]+ bytes/N bytes/g
		s/[0-9-]{10}T[0-9:]{8}Z/TIME/g
		s/[0-9]{4}-[0-9]{2}-[0-9]{2}/DATE/g; s#(dir:)?/tmp/[^ ,:]*/#\1/FOLDER/#g; s#dir:/[^ ,]*/#dir:/FOLDER/#g'
}

# Who reads a page types the passphrases, and yes where it is asked for.
page_coldspare() {
	local person=()
	set -- --passphrase-fd 9 "$@"
	case " $* " in
	*' recover '*) set -- "$@" --transport-passphrase-fd 8 ;;
	*' --kdf '*) ;;
	*' init '* | *' rebuild '* | *' passphrase '*) set -- "$@" --kdf interactive ;;
	*' --check '* | *' --script '* | *' --yes '*) ;;
	*' ceremony '*) person=(python3 "$ROOT/tests/whole/typed.py" --answers answers) ;;
	*' destroy '* | *' --destroyed '*) person=(python3 "$ROOT/tests/whole/typed.py" 'yes' yes) ;;
	esac
	if [ ${#OFFLINE[@]} = 0 ]; then set -- --allow-online "$@"; fi
	"${person[@]}" "${OFFLINE[@]}" "$BUILD/coldspare" "$@" 9<<<"$PASSPHRASE" 8<<<transport
}

# page_session PAGE: its commands, by a shell that ends at the first one that fails. coldspare and
# coldspare-pins are those under test; the system's folders are folders of the test.
page_session() {
	page_commands "$1" | sed "s,/srv/coldspare/,$PWD/srv/,g; s,/media/,$PWD/media/,g"'
		/\\$/!s/$/ || exit/' >commands
	[ -s commands ] || fail "$1 has no commands"
	(
		coldspare() { page_coldspare "$@"; }
		coldspare-pins() { coldspare_pins "$@"; }
		# shellcheck source=/dev/null
		. ./commands
	)
}

# page_says_so PAGE: what its session printed is what stands there. Lines of the page that are "..." stand for
# any number of lines.
page_says_so() {
	page_output "$1" | page_normal >expected
	# shellcheck disable=SC2154 # of lib.sh
	page_normal <"$stdout" >said
	python3 "$ROOT/tests/whole/pages.py" expected said || fail "$1 says otherwise"
}
