#!/bin/bash
# SPDX-License-Identifier: ISC
# guard.sh: the offline guard, the memory lock and the hardening, on the program as it stands.
. "$(dirname "$0")/lib.sh"

# As a user would: the first command of all, into ./vault.
init() { "$@" --vault vault --passphrase-fd 9 init --name Test --threshold 2 --kdf interactive \
	--custodian anna=dir:anna --custodian ben=dir:ben 9<<<"$PASSPHRASE"; }

# with_network SETUP COMMAND...: in a namespace whose network was set up like that; the interface is
# called wan0.
with_network() {
	"${NAMESPACE[@]}" bash -eu -c '
		for kind in dummy bridge ifb veth; do
			ip link add wan0 type "$kind" 2>/dev/null && break
		done
		ip link show wan0 >/dev/null || exit 77
		eval "$1"
		shift
		exec "$@"' with_network "$@"
}

# with_swaps TEXT COMMAND...: in mount and network namespaces of its own, where /proc/swaps has this.
with_swaps() {
	printf '%b' "$1" >swaps
	shift
	"${NAMESPACE[@]}" -m bash -eu -c 'mount --bind swaps /proc/swaps; exec "$@"' with_swaps "$@"
}

no_ipv6='[ ! -e /proc/sys/net/ipv6 ] || echo 1 >/proc/sys/net/ipv6/conf/wan0/disable_ipv6'
swaps_title='Filename\tType\tSize\tUsed\tPriority\n'
no_lock='prlimit --memlock=0:0'

need_namespaces() {
	[ ${#OFFLINE[@]} -gt 0 ] || skip 'no namespaces here'
	mkdir anna ben
}

need_interface() {
	need_namespaces
	local result=0
	with_network true true 2>/dev/null || result=$?
	[ "$result" = 0 ] || skip 'no kind of interface can be made here'
}

refused_naming() {
	assert_code 78
	assert_err "this machine is online: $1"
	assert_err 'hint: take it down'
	assert_no_output
	assert_no_file vault
	assert_empty_dir anna
}

test_works_without_a_network() {
	need_namespaces
	run init coldspare
	assert_code 0
	assert_file vault/journal.jsonl
	! grep -q '"online":true' vault/journal.jsonl || fail 'the journal says online'
}

test_refuses_here_when_this_machine_is_online() {
	local name
	name=$(ip -o -4 addr show up scope global | awk 'NR == 1 { print $2 }')
	[ -n "$name" ] || skip 'this machine has no network'
	mkdir anna ben
	run init coldspare_here
	refused_naming "$name is up with an IPv4 address"
}

# Given none, it would complain of that if it came to it.
test_refuses_before_it_asks_for_the_passphrase() {
	need_interface
	PASSPHRASE=
	run init with_network 'ip addr add 192.0.2.1/24 dev wan0; ip link set wan0 up' \
		"$BUILD/coldspare"
	refused_naming 'wan0 is up with an IPv4 address'
}

test_allow_online_goes_on_and_is_journalled() {
	mkdir anna ben
	run init coldspare_here --allow-online
	assert_code 0
	grep -q '"online":true' vault/journal.jsonl || fail 'the journal does not say online'
}

test_refuses_an_ipv4_address() {
	need_interface
	run init with_network "$no_ipv6; ip addr add 192.0.2.1/32 dev wan0; ip link set wan0 up" \
		"$BUILD/coldspare"
	refused_naming 'wan0 is up with an IPv4 address'
}

test_refuses_an_ipv6_address_alone() {
	need_interface
	[ -e /proc/sys/net/ipv6 ] || skip 'no IPv6 here'
	run init with_network 'ip addr add 2001:db8::1/128 dev wan0; ip link set wan0 up' \
		"$BUILD/coldspare"
	refused_naming 'wan0 is up with an IPv6 address'
}

test_refuses_a_route_without_an_address() {
	need_interface
	run init with_network "$no_ipv6; ip link set wan0 up; ip route add default dev wan0" \
		"$BUILD/coldspare"
	refused_naming 'wan0 is up with an IPv4 route'
}

test_accepts_an_interface_that_is_down() {
	need_interface
	run init with_network 'ip addr add 192.0.2.1/24 dev wan0; ip link set lo up' \
		"$BUILD/coldspare"
	assert_code 0
}

# The sandbox is entered after the first look: from then on only the second one can see it.
test_looks_again_before_it_commits() {
	need_interface
	mkfifo passphrase
	export PASSPHRASE
	run with_network true bash -u -c '
		"$@" 9<>passphrase &
		until grep -q "^Seccomp:.*2" /proc/$!/status; do kill -0 $! || exit 1; sleep 0.05; done
		ip addr add 192.0.2.1/24 dev wan0
		ip link set wan0 up
		echo "$PASSPHRASE" >passphrase
		wait $!' late "$BUILD/coldspare" --vault vault --passphrase-fd 9 init --name Test \
		--threshold 2 --kdf interactive --custodian anna=dir:anna --custodian ben=dir:ben
	refused_naming 'wan0 is up with an IPv4 address'
}

test_process_is_hardened_while_it_holds_secrets() {
	need_namespaces
	mkfifo passphrase
	run "${OFFLINE[@]}" bash -u -c '
		ulimit -c 1
		"$@" 9<>passphrase &
		until grep -q "^Seccomp:.*2" /proc/$!/status; do kill -0 $! || exit 1; sleep 0.05; done
		cat /proc/$!/status /proc/$!/limits
		kill $!' hardened "$BUILD/coldspare" --vault vault --passphrase-fd 9 init --name Test \
		--threshold 2 --custodian anna=dir:anna --custodian ben=dir:ben
	grep -q '^NoNewPrivs:.*1' "$stdout" || fail 'it may gain privileges'
	grep -q '^Umask:.*0077' "$stdout" || fail 'the umask is not 077'
	grep -q '^Max core file size *0 *0' "$stdout" || fail 'it may dump core'
}

# The limit does not bind who may lock any amount of memory: hence powerless.
test_refuses_memory_that_cannot_be_locked() {
	need_namespaces
	# shellcheck disable=SC2086
	run init powerless $no_lock "${OFFLINE[@]}" "$BUILD/coldspare"
	assert_code 71
	assert_err 'cannot lock'
	assert_err 'hint: raise the limit of lockable memory (ulimit -l)'
	assert_no_file vault
}

test_allow_swap_accepts_memory_that_cannot_be_locked() {
	need_namespaces
	# shellcheck disable=SC2086
	run init powerless $no_lock "${OFFLINE[@]}" "$BUILD/coldspare" --allow-swap
	assert_code 0
}

test_refuses_active_swap() {
	need_namespaces
	run init with_swaps "$swaps_title/dev/sda2\tpartition\t9\t0\t-2\n" "$BUILD/coldspare"
	assert_code 71
	assert_err 'swap is active: /dev/sda2'
	assert_err 'hint: turn it off (swapoff -a)'
	assert_no_file vault
}

test_allow_swap_accepts_active_swap() {
	need_namespaces
	run init with_swaps "$swaps_title/dev/sda2\tpartition\t9\t0\t-2\n" "$BUILD/coldspare" --allow-swap
	assert_code 0
}

test_commands_without_secrets_run_anywhere() {
	need_namespaces
	run init coldspare
	assert_code 0
	run with_swaps "$swaps_title/dev/sda2\tpartition\t9\t0\t-2\n" "$BUILD/coldspare" --vault vault status
	assert_code 0
	# shellcheck disable=SC2086
	run powerless $no_lock "$BUILD/coldspare" --vault vault status
	assert_code 0
}

# csr is public data until custodians are asked for the key.
test_csr_is_guarded_when_it_brings_a_key_back() {
	local online='ip addr add 192.0.2.1/24 dev wan0; ip link set wan0 up'
	need_interface
	run init coldspare
	assert_code 0
	run operate vault generate --domain example.org --backups 1
	assert_code 0
	run with_network "$online" "$BUILD/coldspare" --vault vault csr example.org
	assert_code 0
	assert_out 'BEGIN CERTIFICATE REQUEST'
	run with_network "$online" "$BUILD/coldspare" --vault vault csr example.org --from dir:anna --from dir:ben
	assert_code 78
	assert_err 'this machine is online: wan0'
	assert_no_output
	# shellcheck disable=SC2086
	run powerless $no_lock "${NAMESPACE[@]}" "$BUILD/coldspare" --vault vault csr example.org --from dir:anna --from dir:ben
	assert_code 71
}

run_tests
