#!/bin/bash
# SPDX-License-Identifier: ISC
# scripts/packages installs what is missing and nothing else, and says what to do when it may not.
# shellcheck source=tests/whole/lib.sh
. "$(dirname "$0")/lib.sh"

# A checkout with two lists, on a machine whose dpkg knows `there` alone; apt-get writes down what it
# is told, and what policy-rc.d answers at that moment.
machine() {
	local name
	mkdir -p scripts packages bin
	cp "$ROOT/scripts/packages" scripts/
	printf 'there\n' >packages/demo.txt
	printf '# a comment\nabsent # why\n\nthere\n' >packages/peers.txt
	cat >bin/dpkg-query <<-'END'
		#!/bin/sh
		for name; do case $name in there) echo 'ii  there' ;; half) echo 'iU  half' ;; esac; done
		exit 1
	END
	cat >bin/apt-get <<-END
		#!/bin/sh
		echo "apt-get \$*" >>"$PWD/told"
		[ "\$1" != install ] || /usr/sbin/policy-rc.d >>"$PWD/told" 2>&1 || echo "policy \$?" >>"$PWD/told"
		exit \${APT_FAILS:-0}
	END
	for name in bash dirname realpath comm flock sed sort cat chmod mv rm; do
		ln -s "$(command -v "$name")" bin/
	done
	as_user 0
}

# as_user ID: whom the script takes itself for. Neither has a sudo.
as_user() {
	printf '#!/bin/sh\necho %s\n' "$1" >bin/id
	chmod +x bin/*
}

packages() { PATH=$PWD/bin scripts/packages "$@"; }

# The same as root of a file system whose /usr/sbin is ./sbin.
packages_in_sbin() {
	# shellcheck disable=SC2016 # the inner shell expands these
	unshare "${NAMESPACE[@]}" sh -c 'mount --bind "$PWD/sbin" /usr/sbin && PATH=$PWD/bin exec scripts/packages "$@"' \
		sh "$@"
}

needs_mounts() {
	for flags in -m -rm; do
		NAMESPACE=("$flags")
		! unshare "$flags" mount --bind / /mnt 2>/dev/null || return 0
	done
	skip 'no mount namespaces here'
}

test_nothing_missing_asks_nobody() {
	machine
	as_user 1000
	run packages demo
	assert_code 0
	assert_no_file told
	assert_no_output
}

test_the_missing_ones_are_installed_after_an_update() {
	machine
	echo half >>packages/demo.txt
	echo other >>packages/demo.txt
	run packages demo
	assert_code 0
	assert_same "$(grep -v policy told)" "$(printf '%s\n' 'apt-get update' \
		'apt-get install -y --no-install-recommends half other')"
}

test_without_root_and_sudo_it_names_the_command() {
	machine
	as_user 1000
	run packages demo peers
	assert_code 1
	assert_err 'apt-get update && apt-get install -y --no-install-recommends absent'
	assert_no_file told
}

test_sudo_runs_it_again() {
	machine
	as_user 1000
	printf '#!/bin/sh\necho "sudo $*"\n' >bin/sudo
	chmod +x bin/sudo
	run packages demo peers
	assert_code 0
	assert_out "sudo -- $PWD/scripts/packages demo peers"
}

test_an_unknown_list_is_an_error() {
	machine
	run packages demo nothing
	assert_code 1
	assert_err 'there is no list packages/nothing.txt'
}

test_peers_start_no_service() {
	needs_mounts
	machine
	mkdir sbin
	run packages_in_sbin peers
	assert_code 0
	assert_same "$(tail -n 1 told)" 'policy 101'
	assert_empty_dir sbin
}

test_a_policy_that_stood_there_comes_back() {
	needs_mounts
	machine
	mkdir sbin
	printf '#!/bin/sh\nexit 0\n' >sbin/policy-rc.d
	chmod +x sbin/policy-rc.d
	cp sbin/policy-rc.d before
	run packages_in_sbin peers
	assert_same "$(tail -n 1 told)" 'policy 101'
	cmp before sbin/policy-rc.d
	APT_FAILS=1 run packages_in_sbin peers
	assert_code 1
	cmp before sbin/policy-rc.d
	assert_same "$(ls sbin)" policy-rc.d
}

run_tests
