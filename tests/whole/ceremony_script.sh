#!/bin/bash
# SPDX-License-Identifier: ISC
# ceremony_script.sh: the paper that people at a ceremony read along on.
. "$(dirname "$0")/lib.sh"

cat >"$DIR/plan" <<'PLAN'
vault = "Example Ops"
threshold = 2
max-age = "60d"
backups = 2
algorithms = {"rsa:3072", "ec:p256"}
dice = yes
custodian "anna" { medium = "dir:/media/usb1" location = "safe <A> & B" contact = "+00 555 0100" }
custodian "ben" { medium = "prompt" location = "safe B" }
custodian "cleo" { medium = "card:0" }
domain "example.org" { names = {"www.example.org"} active = {"live.pem"} ca = {"root1.pem"} }
export = "dir:/media/public"
PLAN

script() { run coldspare_here --vault /srv/vault ceremony --script "$@" "$DIR/plan"; }

test_it_is_printed_wherever_the_plan_is() {
	script text
	assert_code 0
	assert_out 'Key ceremony: Example Ops'
	assert_out "| coldspare --vault /srv/vault ceremony $DIR/plan"
	assert_out 'Insert the medium of (name)'
	assert_out 'any 2 of them bring it back'
	assert_out '[ ] example.org, live: '
	assert_empty_dir .
}

test_steps_are_numbered_without_a_gap() {
	script text
	assert_same "$(sed -n 's/^\([0-9]*\)\. .*/\1/p' "$stdout" | tr '\n' ' ')" "$(seq -s ' ' 14) "
	assert_out '6. Roll the dice  (operator, custodians)'
	sed '/^dice/d' "$DIR/plan" >plan
	run coldspare_here ceremony --script text plan
	assert_same "$(sed -n 's/^\([0-9]*\)\. .*/\1/p' "$stdout" | tail -n 1)" 13
	assert_not_out 'Roll the dice'
	assert_out '| coldspare --vault VAULT ceremony plan'
}

test_the_digest_is_that_of_the_plan() {
	hash=$(b2sum -l 256 "$DIR/plan" | cut -d' ' -f1)
	script text
	assert_same "$(sed -n 's/^    \[ \] \([0-9a-f]\{4\}\) \([0-9a-f]\{4\}\)  .*/\1\2/p' "$stdout" | tr -d '\n')" "$hash"
	cp "$stdout" text
	script html
	sed -n 's/^    \[ \] [0-9a-f]\{4\} [0-9a-f]\{4\}  //p' text >rows
	mapfile -t rows <rows
	assert_same "${#rows[@]}" 8
	for row in "${rows[@]}"; do
		assert_out "<td>$row</td>"
	done
}

test_text_is_80_columns_wide() {
	script text
	! grep -vF "$DIR" "$stdout" | grep -qE '.{81}' || fail 'a line is longer'
	! grep -q ' $' "$stdout" || fail 'a line ends with blanks'
}

test_html_is_one_whole_file_that_fetches_nothing() {
	script html
	assert_code 0
	! grep -qE 'https?:|url\(|src=|<(script|link|img|iframe)' "$stdout" || fail 'it fetches something'
	assert_out "default-src 'none'"
	assert_out 'size: A4'
	assert_out 'safe &#60;A&#62; &#38; B'
	python3 - "$stdout" <<-'CHECK'
		import sys
		from html.parser import HTMLParser
		class Check(HTMLParser):
		    open = []
		    def handle_starttag(self, tag, attrs):
		        if tag not in ("meta", "col"): self.open.append(tag)
		    def handle_endtag(self, tag):
		        assert self.open.pop() == tag, (tag, self.getpos())
		check = Check()
		check.feed(open(sys.argv[1], encoding="utf-8").read())
		assert not check.open, check.open
	CHECK
}

test_html_and_text_say_the_same() {
	script text
	tr -s ' \n_' '  ' <"$stdout" >text
	script html
	for say in 'Make the keys count' 'Nothing counts before the answer at step' 'tamper-evident' \
		'A signed manifest cannot be called back' 'Is this the plan that was reviewed?'; do
		assert_out "$say"
		grep -qF "$say" text || fail "the text lacks: $say"
	done
}

# The paper against a run of the same plan: the same steps, numbers and questions.
test_the_screen_says_what_the_paper_says() {
	mkdir -p usb1 usb2 usb3
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -out live.pem \
		-subj /CN=example.org -days 9 2>/dev/null
	sed -e "s|dir:/media/usb1|dir:$PWD/usb1|; s|\"prompt\"|\"dir:$PWD/usb2\"|; s|card:0|dir:$PWD/usb3|" \
		-e 's/"rsa:3072", //; s/ ca = {[^}]*}//; s/^dice.*/kdf = "interactive"/' \
		-e "s|dir:/media/public|dir:$PWD/public|" "$DIR/plan" >plan
	run coldspare --vault "$PWD/vault" ceremony --script text plan
	sed -n 's/^\([0-9]*\)\. \(.*[^ ]\)  (\(.*\))$/\1 \2 \3/p' "$stdout" >paper
	sed -n 's/^    | \(.*?\)$/\1/p' "$stdout" >questions
	assert_same "$(wc -l <paper) $(wc -l <questions)" '13 7'
	run operate "$PWD/vault" --allow-swap ceremony --yes plan
	assert_code 0
	sed -n '/^Step /{N;s/^Step \([0-9]*\) of 13: \(.*\)\nWho: \(.*\)/\1 \2 \3/p}' "$stdout" >screen
	diff paper screen || fail 'paper and screen differ'
	sed -n 's/^\(.*?\) yes (--yes)$/\1/p' "$stdout" | diff questions - || fail 'other questions are asked'
}

test_contacts_stay_out() {
	for form in html text; do
		script "$form"
		assert_not_out '555 0100'
	done
}

test_it_is_written_to_a_new_file_only() {
	script html --to script.html
	assert_code 0
	assert_no_output
	assert_file script.html
	sum=$(cksum <script.html)
	script text --to script.html
	assert_code 73
	assert_same "$(cksum <script.html)" "$sum"
}

test_wrong_uses_are_refused() {
	script pdf
	assert_code 64
	assert_err '--script: pdf'
	script text --check
	assert_code 64
	assert_err 'give --to FILE'
	run coldspare_here ceremony --check --to x "$DIR/plan"
	assert_code 64
	assert_no_file x
	echo 'x = 1' >bad
	run coldspare_here ceremony --script html --to x bad
	assert_code 65
	assert_no_file x
}

test_it_goes_with_the_check() {
	run coldspare --allow-swap ceremony --check --script text --to paper "$DIR/plan"
	assert_code 78
	assert_out 'anna          fail'
	assert_file paper
}

run_tests
