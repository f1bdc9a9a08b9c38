#!/bin/bash
# SPDX-License-Identifier: ISC
# A ceremony, from the plan to the export: alone, followed by a person, interrupted anywhere.
# Hundreds of ceremonies: in memory, where syncing costs nothing.
[ "$(stat -f -c %T /dev/shm 2>/dev/null)" != tmpfs ] || [ ! -w /dev/shm ] || export TMPDIR=/dev/shm
. "$(dirname "$0")/lib.sh"

for tool in strace python3 minisign openssl jq; do
	command -v "$tool" >/dev/null || { echo "$tool is missing"; exit 1; }
done

PINS=$(cd "$DIR" && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null \
	-out live.pem -subj /CN=example.org -addext subjectAltName=DNS:example.org -days 90 2>/dev/null &&
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -out root.pem \
		-subj '/CN=Example Root' -days 900 2>/dev/null && echo "$DIR")

# plan [MEDIUM-OF-CLEO]: a small one, in the folder where it is called.
plan() {
	mkdir -p a b c
	cat >plan.conf <<-END
		vault = "Example Ops"
		threshold = 2
		max-age = "60d"
		backups = 1
		algorithms = {"ec:p256"}
		kdf = "interactive"
		custodian "anna" { medium = "dir:$PWD/a" contact = "room 12, +00 555 0100" location = "safe A" }
		custodian "ben" { medium = "dir:$PWD/b" location = "safe B" }
		custodian "cleo" { medium = "${1-dir:$PWD/c}" }
		domain "example.org" { names = {"www.example.org"} active = {"$PINS/live.pem"} ca = {"$PINS/root.pem"}
			report-uri = "https://report.example.net/r" }
		export = "dir:$PWD/public"
	END
}

# The program itself, where strace and the terminal want no namespace around it.
here() { "$BUILD/coldspare" --allow-online --vault v "$@"; }
# shellcheck disable=SC2120,SC2119
alone() { here --passphrase-fd 9 ceremony plan.conf --yes "$@" 9<<<"$PASSPHRASE"; }

# answers [LINE...]: what a person says to everything, after the given lines.
answers() {
	printf '%s\n' "$@" >answers
	printf '%s\t%s\n' '*Type yes or no: ' yes '*passphrase of the vault: ' "$PASSPHRASE" \
		'*Passphrase of the vault: ' "$PASSPHRASE" '*\(again\): ' "$PASSPHRASE" \
		'*or type its place: ' '' '*Press Enter: ' 'dir:/nowhere' >>answers
	sed -i '/^$/d' answers
}
guided() { python3 "$ROOT/tests/whole/typed.py" --answers answers "$@"; }
person() { guided "${STOP[@]}" "$BUILD/coldspare" --allow-online --vault v ceremony plan.conf "$@"; }
STOP=()

# Everything is there, and once.
assert_once() {
	local keys=$1 medium
	run here audit
	assert_code 0
	jq -es --argjson keys "$keys" 'def of($e): map(select(.event == $e));
		(of("create") | length) == 1 and (of("commit") | length) == 1 and (of("export") | length) == 1
		and (of("commit")[0].keys | length) == $keys + 1
		and (of("add-pin") | map(.domain + .pins[].pin) | length == (unique | length))
		and (of("ceremony") | map(select(.step == "transcript")) | length) == 1' v/journal.jsonl >/dev/null ||
		fail "something was made twice, or not: $(cat v/journal.jsonl)"
	for medium in a b c; do
		assert_same "$(find "$medium" -type f | wc -l)" $((keys + 1))
	done
	minisign -qVm public/pins.json -p v/vault.pub || fail 'pins.json is not signed'
	minisign -qVm v/transcripts/ceremony.json -p v/vault.pub || fail 'the transcript is not signed'
}
assert_whole() {
	assert_once "$1"
	run here drill --all --from dir:a --from dir:b --from dir:c
	assert_code 0
}

test_the_plan_of_the_handbook_alone() {
	plan
	sed -i 's/backups = 1/backups = 2/; s/{"ec:p256"}/{"rsa:3072", "ec:p256"}/' plan.conf
	echo "domain \"example.net\" { names = {\"*.example.net\"} active = {\"$PINS/live.pem\"} }" >>plan.conf
	run operate v ceremony plan.conf --yes --transcript out
	assert_code 0
	assert_out 'Step 1 of 13: Open the ceremony'
	assert_whole 8
	run coldspare_pins verify --key v/vault.pub public/pins.json
	assert_code 0
	assert_same "$(find public -type f | sed 's/.*\.//' | sort -u | tr '\n' ' ')" 'csr json minisig pub '
	run here policy
	assert_out 'room 12, +00 555 0100'
	assert_out 'https://report.example.net/r'
	for form in json txt html; do cmp "out/ceremony.$form" "v/transcripts/ceremony.$form"; done
}

test_the_transcript_tells_everything_and_no_secret() {
	plan
	run alone
	assert_code 0
	cp "$stdout" screen
	assert_same "$(jq -r .plan v/transcripts/ceremony.json)" "$(b2sum -l 256 plan.conf | cut -d' ' -f1)"
	assert_same "$(jq -r '.runs[0].program' v/transcripts/ceremony.json)" \
		"$(b2sum -l 256 "$BUILD/coldspare" | cut -d' ' -f1)"
	assert_same "$(jq -r .manifest.hash v/transcripts/ceremony.json)" "$(sha256sum public/pins.json | cut -d' ' -f1)"
	run jq '.' v/transcripts/ceremony.json
	assert_json '.runs[0].machine | map(.id) | index("network") != null'
	assert_json '[.steps[].step] == ["open","machine","clock","agree","passphrase","keys","write","readback","commit","pins","export"]'
	assert_json '.batches[0].entropy == "kernel, openssl" and (.batches[0].keys | length) == 2'
	assert_json '.pins | length == 2'
	# Each share's digest is that of its 32 bytes.
	for share in a/*.share b/*.share; do
		digest=$(sed -n 's/^data: //p' "$share" | base64 -d | b2sum -l 256 | cut -d' ' -f1)
		jq -e --arg d "$digest" '[.batches[].keys[].shares[].commitment] | index($d) != null' \
			v/transcripts/ceremony.json >/dev/null || fail "no digest of $share"
		for form in json txt html; do
			! grep -qF "$(sed -n 's/^data: //p' "$share")" "v/transcripts/ceremony.$form" || fail "$share is in the transcript"
		done
	done
	! grep -rqF "$PASSPHRASE" v/transcripts screen "$stderr" || fail 'the passphrase is in the transcript'
	# The same digests everywhere, in hex and as words.
	sed -nE 's/^ *\[ \] ([0-9a-f]{4} [0-9a-f]{4}  )/\1/p' v/transcripts/ceremony.txt >rows
	assert_same "$(wc -l <rows)" 40
	while read -r row; do
		grep -qF "$row" screen || fail "the screen lacks: $row"
		grep -qF "${row%%  *}" v/transcripts/ceremony.html || fail "the page lacks: $row"
	done <rows
	assert_same "$(jq -r .journal.head v/transcripts/ceremony.json)" "$(tail -1 v/journal.jsonl | jq -r .prev)"
	! grep -qE 'src=|href=|url\(|@import|<script' v/transcripts/ceremony.html || fail 'the page fetches something'
	! awk 'length > 80 && !/coldspare-whole/' v/transcripts/ceremony.txt | grep . || fail 'the text is wider than 80 columns'
	# A public folder, with nobody's telephone number in it.
	! grep -rqF '555 0100' public || fail 'a contact is in the export'
}

test_a_person_follows_it() {
	plan prompt
	answers $'*READER: \tdir:'"$PWD/c"
	printf '%s\t%s\n' 'READER: ' /nonexistent 'READER: ' "dir:$PWD/a" 'Type yes or no: ' 'Yes' >answers.new
	cat answers >>answers.new
	mv answers.new answers
	TERM=xterm NO_COLOR=1 run person
	assert_code 0
	assert_out 'Custodian anna:'
	assert_out 'room 12, +00 555 0100'
	assert_out 'Insert the medium of cleo again.'
	assert_out 'Neither yes nor no'
	assert_out 'No such file or directory'
	assert_out 'holds a share of anna, not of cleo'
	! grep -q $'\033' "$stdout" || fail 'NO_COLOR was not honoured'
	! awk 'length > 80 && !/coldspare-whole/ && !/^journal:/' "$stdout" | grep . || fail 'wider than 80 columns'
	assert_whole 1
	run jq '[.batches[0].keys[0].shares[].medium]' v/transcripts/ceremony.json
	assert_json ". == [\"dir:$PWD/a\", \"dir:$PWD/b\", \"dir:$PWD/c\"]"
	jq -e '[.steps[] | select(.step == "readback").custodian] == ["anna", "ben", "cleo"]' v/transcripts/ceremony.json >/dev/null ||
		fail 'the transcript does not name who had their share read back'
}

test_a_no_stops_it_and_it_goes_on() {
	plan
	answers 'Make these keys and shares count\? Type yes or no: '$'\t''no'
	run person
	assert_code 78
	assert_out 'the answer was no'
	assert_out 'again with the same'
	run here audit
	assert_out 'void'
	answers 'Sign and export this manifest\? Type yes or no: '$'\t''no'
	run person
	assert_code 78
	assert_out 'void shares of an interrupted run removed'
	run here status
	assert_out 'the ceremony that makes this vault was interrupted'
	answers
	run person
	assert_code 0
	assert_out 'in an earlier run'
	assert_whole 1
	run here status
	assert_not_out interrupted
}

# Ctrl-C at each question, and then once more to the end.
test_interrupted_at_every_question() {
	local n questions
	plan
	answers
	run person
	assert_code 0
	questions=$(cat answers-given)
	[ "$questions" -ge 15 ] || fail "only $questions questions were asked"
	for n in $(seq "$questions"); do
		rm -rf v public a b c
		plan
		STOP=(--stop "$n")
		run person
		assert_code 130
		STOP=()
		run person
		assert_code 0
		assert_once 1
	done
	! grep -rqF "$PASSPHRASE" . --include='*' --exclude=answers || fail 'the passphrase is on the disk'
}

CALLS='write|linkat|renameat2|mkdir|fsync|syncfs|unlink|fchmod'
# Each time that something gets its name or is on disk for good; of the others a few.
moments() {
	case $1 in
	linkat | fsync) seq 1 "$2" ;;
	*) seq 1 $((($2 + 1) / 2)) "$2" ;;
	esac
}

test_killed_anywhere_it_goes_on() {
	local kills=0
	plan
	strace -f -qq -e signal=none -e trace="/^($CALLS)\$" -o trace "$BUILD/coldspare" --allow-online --vault v \
		--passphrase-fd 9 ceremony plan.conf --yes 9<<<"$PASSPHRASE" >/dev/null 2>&1 || fail 'it fails by itself'
	grep -oE " ($CALLS)\(" trace | tr -d ' (' | sort | uniq -c | awk '{ print $2, $1 }' >counts
	while read -r call count; do
		for n in $(moments "$call" "$count"); do
			rm -rf v public a b c
			plan
			ran="killed at $call $n"
			strace -f -qq -e signal=none -e trace="$call" -o trace -e inject="$call:signal=KILL:when=$n" \
				"$BUILD/coldspare" --allow-online --vault v --passphrase-fd 9 ceremony plan.conf --yes \
				9<<<"$PASSPHRASE" >/dev/null 2>&1 && continue
			kills=$((kills + 1))
			alone >"$stdout" 2>"$stderr" || { status=$? && fail "it does not go on, killed at $call $n"; }
			assert_once 1
		done
	done <counts
	[ "$kills" -gt 20 ] || fail "only $kills kills happened"
}

test_what_is_not_the_plans_is_refused() {
	plan
	run alone
	assert_code 0
	before=$(sha256sum v/journal.jsonl)
	run alone
	assert_code 0
	assert_out 'nothing is made again'
	assert_same "$(sha256sum v/journal.jsonl)" "$before"
	echo '# another' >>plan.conf
	run alone
	assert_code 78
	assert_err 'is of another plan'
	assert_same "$(sha256sum v/journal.jsonl)" "$before"
	rm -rf a/* b/* c/*
	make_vault "$PWD/w" 2 anna="$PWD/a" ben="$PWD/b" cleo="$PWD/c"
	run operate "$PWD/w" ceremony plan.conf --yes
	assert_code 78
	assert_err 'was not made by a ceremony'
	# Somebody else's folder is never cleared.
	mkdir x
	echo precious >x/vault-1.sec
	run operate "$PWD/x" ceremony plan.conf --yes
	assert_code 73
	assert_err 'did not make'
	assert_same "$(cat x/vault-1.sec)" precious
	# Nor is an export begun that would have no place.
	run operate "$PWD/y" ceremony plan.conf --yes
	assert_code 73
	assert_err public
	assert_no_file y
}

test_nobody_to_ask_and_media_that_are_not_there() {
	plan prompt
	run alone
	assert_code 78
	assert_err 'cleo'
	assert_no_file v
	plan
	rmdir c
	run alone
	assert_code 66
	assert_err 'cleo'
	mkdir c
	run alone
	assert_code 0
	assert_whole 1
}

test_what_would_fail_late_is_told_early() {
	plan
	run alone --transcript v/here
	assert_code 78
	assert_err 'inside the vault'
	assert_no_file v
	run alone --transcript public/here
	assert_code 78
	assert_err 'inside the export'
	assert_no_file v
	sed -i 's,/public",/v/public",' plan.conf
	run alone
	assert_code 78
	assert_err 'inside the vault'
	assert_no_file v
	plan
	sed -i 's/active = [^ ]* ca = [^ ]*//' plan.conf
	run alone
	assert_code 78
	assert_err 'no live certificate'
	assert_no_file v
}

test_locations_are_two_at_least() {
	plan
	sed -i 's/safe B/safe A/; s/cleo" {/& location = "safe A"/' plan.conf
	run alone
	assert_code 78
	assert_no_file v
}

# Rehearsals -------------------------------------------------------------------------------

test_a_rehearsal_leaves_nothing() {
	plan
	mkdir scratch
	run alone --rehearse --scratch scratch --transcript out
	assert_code 0
	assert_out 'REHEARSAL'
	assert_empty_dir scratch
	for folder in a b c; do assert_empty_dir "$folder"; done
	assert_no_file v
	assert_no_file public
	jq -e .rehearsal out/ceremony.json >/dev/null || fail 'the transcript does not say it is of a rehearsal'
	head -1 out/ceremony.txt | grep -q REHEARSAL || fail 'nor does the text'
	# A person types another place: nothing of a rehearsal goes there.
	answers
	run person --rehearse --scratch scratch
	assert_code 0
	assert_out 'stands for it'
	assert_empty_dir scratch
	# Where nothing else is said, in memory.
	run alone --rehearse
	assert_code 0
	! compgen -G '/dev/shm/coldspare-rehearsal-*' | xargs -r -n1 -I{} find {} -newer plan.conf -user "$(id -un)" | grep -q . ||
		fail 'a rehearsal stayed in memory'
}

gone() {
	for _ in $(seq 500); do
		[ -n "$(ls -A scratch)" ] || return 0
		sleep 0.01
	done
	fail "$(find scratch | head)"
}

test_a_rehearsal_that_ends_early_leaves_nothing() {
	plan
	mkdir scratch
	answers 'Make this\? Type yes or no: '$'\t''no'
	run person --rehearse --scratch scratch
	assert_code 78
	gone
	for n in 3 9; do
		answers
		STOP=(--stop "$n")
		run person --rehearse --scratch scratch
		assert_code 130
		gone
	done
	for n in 5 60; do
		strace -f -qq -e signal=none -e trace=write -o trace -e inject="write:signal=KILL:when=$n" \
			"$BUILD/coldspare" --allow-online --passphrase-fd 9 ceremony plan.conf --yes --rehearse \
			--scratch scratch 9<<<"$PASSPHRASE" >/dev/null 2>&1 && fail 'it was not killed'
		gone
	done
}

test_nothing_of_a_rehearsal_passes_for_real() {
	plan
	mkdir scratch
	# The second process is slow to delete: time to look.
	strace -f -qq -e signal=none -e trace=unlink,unlinkat,rmdir -o trace \
		-e inject=unlink,unlinkat,rmdir:delay_enter=700000:when=1 "$BUILD/coldspare" --allow-online --passphrase-fd 9 \
		ceremony plan.conf --yes --rehearse --scratch scratch 9<<<"$PASSPHRASE" >/dev/null 2>&1 &
	until compgen -G 'scratch/*/vault/transcripts/ceremony.html' >/dev/null; do kill -0 $! || fail 'it ended too early'; done
	cp -r scratch/*/ copy
	wait
	assert_empty_dir scratch
	run coldspare_pins verify --key copy/vault/vault.pub copy/export/pins.json
	assert_code 78
	assert_err rehearsal
	run coldspare_pins render nginx --key copy/vault/vault.pub copy/export/pins.json
	assert_code 78
	grep -q '^rehearsal: yes$' copy/medium-1/*.share || fail 'the shares do not say what they are'
	run "$BUILD/coldspare" --allow-online recover vault-signing-key --key copy/vault/vault.pub --from dir:copy/medium-1 \
		--from dir:copy/medium-2 --to key.pem --plaintext
	assert_code 0
	assert_err "a rehearsal's"
}

run_tests
