# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# lib.sh: what every whole-program test stands on. A test file is
#
#	. "$(dirname "$0")/lib.sh"
#	test_status_names_the_vault() {
#		run coldspare --vault "$DIR/vault" status
#		assert_code 0
#		assert_out 'Test Vault'
#	}
#	make_vault "$DIR/vault" 2 anna="$DIR/anna" ben="$DIR/ben" cleo="$DIR/cleo"
#	run_tests
#
# Every function named test_... runs in a subshell, in a fresh folder of its own, under `set -eu`. $DIR
# is the file's temporary folder, gone when it ends; $ROOT the source tree; $BUILD the build under test
# (the first argument, or the environment, or build/gcc).

set -eu
umask 022

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=$(cd "${1:-${BUILD:-$ROOT/build/gcc}}" && pwd)
DIR=$(mktemp -d "${TMPDIR:-/tmp}/coldspare-whole-XXXXXX")
trap 'chmod -R u+rwX "$DIR"; rm -rf "$DIR"' EXIT
unset COLDSPARE_VAULT
# LeakSanitizer works by ptrace, which a hardened process does not let happen.
export ASAN_OPTIONS=detect_leaks=0

PASSPHRASE='correct horse battery staple'

# How a command is run without a network, for real: as whoever we are, and as one who may set up that
# namespace. Where the machine allows no namespaces, not at all: then --allow-online stands in, and
# the tests of the guard itself are skipped.
# shellcheck disable=SC2034
if unshare -n true 2>/dev/null; then
	OFFLINE=(unshare -n)
	NAMESPACE=(unshare -n)
elif unshare -cn true 2>/dev/null; then
	OFFLINE=(unshare -cn)
	NAMESPACE=(unshare -rn)
else
	OFFLINE=()
	NAMESPACE=()
	echo 'note: no network namespaces here: running with --allow-online'
fi

# The programs under test. `coldspare` runs without a network, `coldspare_here` where we are.
coldspare() {
	if [ ${#OFFLINE[@]} -gt 0 ]; then
		"${OFFLINE[@]}" "$BUILD/coldspare" "$@"
	else
		"$BUILD/coldspare" --allow-online "$@"
	fi
}
coldspare_here() { "$BUILD/coldspare" "$@"; }
coldspare_pins() { "$BUILD/coldspare-pins" "$@"; }

# operate VAULT COMMAND...: with the operator's passphrase.
operate() {
	local vault=$1
	shift
	coldspare --vault "$vault" --passphrase-fd 9 "$@" 9<<<"$PASSPHRASE"
}

# make_vault DIR K NAME=FOLDER...: a vault with these custodians, on folders that it makes.
make_vault() {
	local vault=$1 threshold=$2 custodian arguments=()
	shift 2
	for custodian; do
		mkdir -p "${custodian#*=}"
		arguments+=(--custodian "${custodian%%=*}=dir:${custodian#*=}")
	done
	run operate "$vault" init --name 'Test Vault' --threshold "$threshold" --kdf interactive \
		"${arguments[@]}"
	assert_code 0
}

# Root may write anywhere and lock any amount of memory. This runs a command without such powers.
powerless() {
	if [ "$(id -u)" != 0 ]; then
		"$@"
		return
	fi
	setpriv --bounding-set=-dac_override,-dac_read_search,-ipc_lock,-sys_resource \
		--inh-caps=-dac_override,-dac_read_search,-ipc_lock,-sys_resource "$@"
}

# typed PROMPT ANSWER ARGUMENTS...: coldspare on a terminal of its own, where ANSWER is typed after PROMPT.
typed() {
	python3 "$ROOT/tests/whole/typed.py" "$1" "$2" "${OFFLINE[@]}" "$BUILD/coldspare" "${@:3}"
}

# run COMMAND...: keeps its exit status in $status, its output in $stdout and $stderr (files).
stdout=$DIR/stdout stderr=$DIR/stderr status=0 ran=
touch "$stdout" "$stderr"
run() {
	status=0
	ran=$*
	"$@" >"$stdout" 2>"$stderr" || status=$?
}

fail() {
	echo "failed: $1"
	echo "after: $ran"
	echo "exit status: $status"
	sed 's/^/stdout: /' "$stdout"
	sed 's/^/stderr: /' "$stderr"
	exit 1
}
skip() {
	echo "$1"
	exit 77
}

assert_code() { [ "$status" = "$1" ] || fail "exit status is not $1"; }
assert_out() { grep -qF -e "$1" "$stdout" || fail "standard output lacks: $1"; }
assert_err() { grep -qF -e "$1" "$stderr" || fail "standard error lacks: $1"; }
assert_not_out() { ! grep -qF -e "$1" "$stdout" || fail "standard output has: $1"; }
assert_not_err() { ! grep -qF -e "$1" "$stderr" || fail "standard error has: $1"; }
assert_no_output() { [ ! -s "$stdout" ] || fail 'there is standard output'; }
assert_file() { [ -e "$1" ] || fail "there is no $1"; }
# Neither a file nor a dangling symlink.
assert_no_file() { { [ ! -e "$1" ] && [ ! -L "$1" ]; } || fail "there is $1"; }
assert_empty_dir() { [ -z "$(ls -A "$1")" ] || fail "$1 is not empty: $(ls -m "$1")"; }
assert_same() { [ "$1" = "$2" ] || fail "'$1' is not '$2'"; }
# assert_json FILTER: the jq filter holds for the standard output.
assert_json() { jq -e "$1" "$stdout" >/dev/null || fail "standard output does not satisfy: $1"; }

# Runs them all; one line each, and the log of those that fail.
run_tests() {
	local name result failed=0
	for name in $(compgen -A function test_); do
		mkdir "$DIR/$name"
		set +e
		(
			set -eu
			cd "$DIR/$name"
			"$name"
		) >"$DIR/$name.log" 2>&1
		result=$?
		set -e
		case $result in
		0) echo "ok $name" ;;
		77) echo "ok $name # SKIP $(tail -n 1 "$DIR/$name.log")" ;;
		*)
			echo "not ok $name"
			cat "$DIR/$name.log"
			failed=1
			;;
		esac
	done
	exit "$failed"
}
