# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# pcscd.bash: a PC/SC daemon of the test's own, with virtual readers and simulated cards. A test file is
#
#	. "$(dirname "$0")/../cards/pcscd.bash"    in place of lib.sh, which it sources
#	start_pcscd 3                              readers 0, 1, 2
#	insert 0 anna openpgp --size 254           the card `anna`; what it holds is in $CARDS/anna
#	eject 0
#	test_...() { ... "$(reader 0)" ... }
#	run_tests
#
# The file runs in namespaces of its own: its pcscd is the only one on /run, its ports are free, and no
# process of it is left when it ends, in whatever way.

if [ -z "${CARDS_ALONE-}" ]; then
	for flags in -nmpf -rnmpf; do
		if unshare "$flags" mount -t tmpfs tmpfs /run 2>/dev/null; then
			CARDS_ALONE=1 exec unshare "$flags" --mount-proc --kill-child bash "$0" "$@"
		fi
	done
	echo 'ok no test # SKIP no namespaces here, and so no pcscd of our own'
	exit 0
fi
mount -t tmpfs tmpfs /run
ip link set lo up
# shellcheck source=tests/whole/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../whole/lib.sh"
PATH=$PATH:/usr/sbin:/sbin
CARDS=$DIR/cards
mkdir "$CARDS"
touch "$DIR/pcscd.log" "$DIR/cardsim.log"

VPCD=/usr/lib/pcsc/drivers/serial/libifdvpcd.so
VPCD_PORT=35963

# until_true COMMAND...: asks again and again, for 20 seconds at most.
until_true() {
	local i
	for ((i = 0; i < 400; i++)); do
		! "$@" >/dev/null 2>&1 || return 0
		sleep 0.05
	done
	cat "$DIR/pcscd.log" "$DIR/cardsim.log"
	fail "never came true: $*"
}

# reader N: its name. A driver has two slots, and their ports follow one another.
reader() { printf 'Virtual %d 00 %02d\n' $(($1 / 2)) $(($1 % 2)); }

# listed N WORD: whether pcscd has that reader, with a card (Yes) or without (No).
listed() {
	opensc-tool --list-readers 2>/dev/null | grep -E "^[0-9]+ +$2 .*$(reader "$1")\$" >/dev/null
}

# pcscd takes one entry of reader.conf per path of a driver: a second one would wait for ever. It tells
# readers apart by name alone.
configure_readers() {
	local i driver
	for ((i = 0; i < ($1 + 1) / 2; i++)); do
		driver=$DIR/vpcd-$i.so
		cp "$(realpath "$VPCD")" "$driver"
		printf 'FRIENDLYNAME "Virtual %d"\nDEVICENAME /dev/null:%#x\nLIBPATH %s\nCHANNELID %#x\n' \
			"$i" $((VPCD_PORT + 2 * i)) "$driver" $((VPCD_PORT + 2 * i))
	done >"$DIR/reader.conf"
}

# start_pcscd [READERS]: returns when the last of them is there.
start_pcscd() {
	local readers=${1:-2}
	configure_readers "$readers"
	LD_PRELOAD=$BUILD/tests/cards/hurry.so pcscd --foreground --critical --config "$DIR/reader.conf" >>"$DIR/pcscd.log" 2>&1 </dev/null 9>&- &
	echo $! >"$DIR/pcscd.pid"
	until_true listed $((readers - 1)) '(Yes|No)'
}

# The cards stay where they are, and the next pcscd finds them there.
stop_pcscd() { end "$DIR/pcscd.pid" TERM; }

# end FILE SIGNAL: the process whose id is in FILE, which may have been started by another subshell.
end() {
	local pid
	pid=$(cat "$1")
	kill -s "$2" "$pid" 2>/dev/null || true
	until_true ended "$pid"
	rm "$1"
}
ended() { ! kill -0 "$1" 2>/dev/null || grep -q '^State:.*Z' "/proc/$1/status"; }

# insert SLOT CARD APPLET [OPTION...]: instead of what is there. Returns when the reader shows it.
insert() {
	eject "$1"
	push "$@"
	until_true listed "$1" Yes
}

# push SLOT CARD APPLET [OPTION...]: into an empty slot, without waiting.
push() {
	local slot=$1 card=$2
	shift 2
	"$BUILD/tests/cards/cardsim" "$@" --port $((VPCD_PORT + slot)) --state "$CARDS/$card" \
		>>"$DIR/cardsim.log" 2>&1 </dev/null &
	echo $! >"$DIR/slot-$slot.pid"
}

# eject SLOT: pulls the card, if there is one. Returns when the reader shows that it is empty.
eject() {
	[ -e "$DIR/slot-$1.pid" ] || return 0
	end "$DIR/slot-$1.pid" KILL
	until_true listed "$1" No
}

# gone SLOT: whether that card has pulled itself.
gone() { ended "$(cat "$DIR/slot-$1.pid")"; }

# apdus SLOT HEX...: sent one after the other to that card, after a reset; what is answered is in $stdout.
apdus() {
	local slot=$1 one arguments=()
	shift
	for one; do
		arguments+=(--send-apdu "$one")
	done
	run opensc-tool --card-driver default --reader "$(reader "$slot")" "${arguments[@]}"
	assert_code 0
}

# make_token LABEL PIN: a token of SoftHSM2, in a folder of the test's own; its library is in $SOFTHSM.
# shellcheck disable=SC2034
SOFTHSM=/usr/lib/softhsm/libsofthsm2.so
make_token() {
	export SOFTHSM2_CONF=$DIR/softhsm2.conf
	mkdir -p "$DIR/softhsm"
	printf 'directories.tokendir = %s\nlog.level = ERROR\n' "$DIR/softhsm" >"$SOFTHSM2_CONF"
	softhsm2-util --init-token --free --label "$1" --pin "$2" --so-pin 12345678
}
