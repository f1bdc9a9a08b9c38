#!/bin/bash
# SPDX-License-Identifier: ISC
# What status says is next: the most urgent thing of each domain, as the vault moves on.
. "$(dirname "$0")/lib.sh"

fresh() {
	make_vault v 2 anna=a ben=b cleo=c
	run operate v generate --domain example.org "$@"
	assert_code 0
}
live() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout live.key -out live.pem \
		-subj /CN=example.org -days 90 2>/dev/null
	run operate v add-pin --domain example.org --role active live.pem
	assert_code 0
}
# says ID TEXT: the next thing to do for example.org.
says() {
	run coldspare --vault v --json status
	assert_code 0
	assert_json ".domains[0].next.id == \"$1\""
	assert_json ".domains[0].next.message | contains(\"$2\")"
}
publish() {
	rm -rf out
	run operate v export --to out
	assert_code 0
	run coldspare --vault v deployed "$(jq .serial out/pins.json)"
	assert_code 0
}

test_each_step_of_a_new_domain_is_said() {
	fresh --backups 1
	# shellcheck disable=SC2016 # they are backquotes
	says active 'record the live certificate with `add-pin --domain example.org --role active FILE`'
	live
	says generate '1 backup left of 2: generate another; it will be usable once the first manifest is deployed'
	run operate v generate --domain example.org --backups 1
	assert_code 0
	says export 'nothing is published yet: export'
	run operate v export --to out
	assert_code 0
	says deploy 'deploy it, then say `deployed 1`'
	run coldspare --vault v deployed 1
	assert_code 0
	says presign 'no backup has a certificate: have a CA sign keys/example.org-ec-p256-'
	run coldspare --vault v status
	assert_out '  ec:p256: active filled, presigned empty, 2 in the vault; 2 usable now'
	assert_out '  next: no backup has a certificate'
	! grep -v '^journal: ' "$stdout" | grep -q '.\{81\}' || fail 'a line is longer than 80'
}

test_a_missing_backup_is_said_with_when_it_will_serve() {
	fresh --backups 1
	live
	publish
	says generate '1 backup left of 2: generate another; it will be usable 60 days after it is exported'
	run operate v policy --backups 4
	says generate '1 backup left of 4: generate more; they will be usable 60 days after they are exported'
	run operate v policy --backups 1
	says presign 'no backup has'
}

test_a_new_key_waits_for_export_and_deployment_and_then_for_its_time() {
	fresh --backups 2
	live
	publish
	run operate v policy --backups 3
	run operate v generate --domain example.org --backups 1
	says export '1 pin is not in the newest manifest'
	publish
	run coldspare --vault v --json status
	assert_json '.domains[0].slots[0] | .standby == 3 and .usable == 2 and .wanted == 3'
	assert_json '.domains[0].slots[0] | .next_ready == .all_ready and
		((.all_ready | fromdate) - now) > 59 * 86400'
}

test_a_ramp_is_said() {
	fresh --backups 2
	live
	run operate v policy --domain example.org --ramp 5m,7d
	publish
	says max-age 'step 2 of 2 of the ramp may come: export to make max-age 7 days'
	run coldspare --vault v --json status
	assert_json '.domains[0].ramp == {"step": 2, "steps": 2, "max_age": 604800, "next": null}'
	run coldspare --vault v status
	assert_out 'max-age 1w, step 2 of 2 of its ramp'
	publish
	says presign ''
}

test_overdue_drills_are_named_by_custodian() {
	fresh --backups 1
	run coldspare --vault v --json status
	assert_json '[.drills[].custodian] == ["anna", "ben", "cleo"]'
	assert_json '.drills | all(.shares == 2 and (.overdue | not))'
	run operate v policy --drill-every 1s
	until [ "$(date +%s)" -gt $(($(stat -c %Y v/journal.jsonl) + 2)) ]; do sleep 0.2; done
	run coldspare --vault v --json status
	assert_json '.drills | all(.overdue)'
	assert_json '.warnings[] | select(.id == "drill-overdue").message |
		contains("a drill is overdue for the shares of anna (seen ")'
	run coldspare --vault v policy --drill-every 1d
	run coldspare --vault v --json status
	assert_json '[.warnings[].id] | index("drill-overdue") == null'
}

run_tests
