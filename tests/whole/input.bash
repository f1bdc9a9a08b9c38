# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# input.bash: a vault, its media and what no command should swallow, beside lib.sh.

make_vault "$DIR/sound" 2 anna="$DIR/anna" ben="$DIR/ben" cleo="$DIR/cleo"
run operate "$DIR/sound" generate --domain example.org --backups 1
assert_code 0
KEY=$(basename "$DIR"/sound/keys/example.org-*)
openssl req -x509 -newkey ed25519 -nodes -subj /CN=example.org -keyout "$DIR/live.key" \
	-out "$DIR/live.pem" 2>/dev/null
run operate "$DIR/sound" add-pin --domain example.org --role active "$DIR/live.pem"
assert_code 0

# A copy of the vault and its media, and what no command should swallow.
bad_inputs() {
	cp -a "$DIR/sound" v
	cp -a "$DIR/anna" "$DIR/ben" "$DIR/cleo" "$DIR/live.pem" "$DIR/live.key" .
	run coldspare --vault v policy --threshold 2 --custodian anna=dir:anna --custodian ben=dir:ben \
		--custodian cleo=dir:cleo
	assert_code 0
	mkdir folder
	: >empty
	head -c 64 /dev/urandom >binary
	head -c 2000000 /dev/zero >huge
	head -c 100 live.pem >short
	mkfifo fifo
	ln -s nowhere dangling
}

snapshot() { find . -type f -exec sha256sum {} + -o -printf '%y %p %l\n' | sort; }

# refused_each TABLE [PREPARE]: what each line of that function says, and nothing is left behind.
# CODE | MESSAGE | WORDS: what a command says to bad input; KEY, SHARE and VAULT are filled in.
refused_each() {
	local code message words
	"${2-bad_inputs}"
	before=$(snapshot)
	while IFS='|' read -r code message words; do
		words=${words//KEY/$KEY}
		words=${words//VAULT/v}
		words=${words//SHARE/$(echo anna/"$KEY".*)}
		message=${message# }
		# shellcheck disable=SC2086
		case $words in
		*--passphrase-fd*) run coldspare $words </dev/null ;;
		*) run coldspare --passphrase-fd 9 $words 9<<<"$PASSPHRASE" </dev/null ;;
		esac
		assert_code "${code% }"
		assert_err "${message% }"
		assert_err 'coldspare: error: '
		# These report on standard output, of the bad as of the good; cosign shows what is to be signed.
		case $words in
		*'share show'* | *'share verify'* | *'share list'* | *'cosign exp'*) ;;
		*) assert_no_output ;;
		esac
		assert_same "$(snapshot)" "$before"
	done < <("$1")
}
