# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2154
# sweep.bash: commands killed at one moment after the other, beside lib.sh.

command -v strace >/dev/null || { echo 'strace is missing'; exit 1; }

# The system calls that change what is on disk or in the journal.
CALLS='openat|write|pwrite64|linkat|renameat2|mkdir|mkdirat|fsync|syncfs|unlink|unlinkat|fchmod|ftruncate|close'

# calls COMMAND...: how often the command calls each of them, as NAME COUNT.
calls() {
	strace -f -qq -e signal=none -e trace="/^($CALLS)\$" -o trace "$@" >/dev/null 2>&1 || return 1
	grep -oE " ($CALLS)\(" trace | tr -d ' (' | sort | uniq -c | awk '{ print $2, $1 }'
}
# killed_at CALL N COMMAND...: killed at the N-th such call, before it happens.
killed_at() {
	local call=$1 n=$2
	shift 2
	strace -f -qq -e signal=none -e trace="$call" -o trace \
		-e inject="$call:signal=KILL:when=$n" "$@" >"$stdout" 2>"$stderr"
}

# The vault's commands without namespaces around them: strace wants the program itself.
here() { "$BUILD/coldspare" --allow-online "$@"; }

# moments MAX NAME COUNT: up to MAX moments spread over COUNT.
moments() {
	local max=$1 count=$2 step
	step=$(((count + max - 1) / max))
	[ "$step" -ge 1 ] || step=1
	seq 1 "$step" "$count"
}

# sweep PREPARE CHECK COMMAND...: runs the command from a fresh state, killed at one moment after the
# other, $MOMENTS of each system call, and checks the vault each time. $INPUT is on descriptor 9.
MOMENTS=6 KILLS_WANTED=20 INPUT=$PASSPHRASE
sweep() {
	local prepare=$1 check=$2 kills=0
	shift 2
	"$prepare"
	calls "$@" 9<<<"$INPUT" >counts || fail "the command fails by itself: $*"
	[ -s counts ] || fail 'no system call was counted'
	while read -r call count; do
		for n in $(moments "$MOMENTS" "$count"); do
			"$prepare"
			killed_at "$call" "$n" "$@" 9<<<"$INPUT" && continue
			kills=$((kills + 1))
			# shellcheck disable=SC2034
			ran="$* killed at $call $n"
			"$check"
		done
	done <counts
	[ "$kills" -gt "$KILLS_WANTED" ] || fail "only $kills kills happened"
	echo "$kills kills"
}
