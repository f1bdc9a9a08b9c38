/* SPDX-License-Identifier: ISC */
/* What lines other than begin and commit do to the state. */
#include "vault/state.h"

#include "base/clock.h"
#include "tests/ledger.h"
#include "tests/support.h"

#include <stdio.h>

static void
what_was_done_online_stays_online(void **state)
{
	STATE_AUTO s = { 0 };
	STATE_AUTO t = { 0 };
	struct err e = { 0 };

	(void)state;
	ledger_fill(&s);
	ledger_apply(&s, 6, "drill",
		"'keys':[{'key':'" KEY_A "','set':'" SET_A "','custodians':['ada','eve']}]");
	assert_int_equal(s.keys[0]->origin, ORIGIN_OFFLINE);
	assert_ok(ledger_try(&s, 7, "drill", true,
			  "'keys':[{'key':'" KEY_A "','set':'" SET_A "','custodians':[]}]", &e),
		&e);
	assert_int_equal(s.keys[0]->origin, ORIGIN_ONLINE);
	assert_int_equal(s.keys[1]->origin, ORIGIN_OFFLINE);
	assert_true(s.offline); /* the signing key was not touched */
	assert_ok(ledger_try(&s, 8, "export", true,
			  "'serial':1,'hash':'" HASH "','created':'2026-11-22T10:00:00Z','to':'x',"
			  "'files':{}",
			  &e),
		&e);
	assert_false(s.offline);

	assert_ok(state_init(&t, &e), &e);
	assert_ok(ledger_try(&t, 1, "create", true, CREATE, &e), &e);
	assert_false(t.offline);
}

static void
drills_and_recoveries_are_remembered(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	ledger_apply(&s, 6, "drill",
		"'keys':[{'key':'" KEY_A "','set':'" SET_A "','custodians':['ada','eve']}]");
	const struct state_set *set = state_current_set(s.keys[0]);
	assert_int_equal(set->drilled, ledger_time(6));
	assert_int_equal(set->shares[0].seen, ledger_time(6));
	assert_int_equal(set->shares[1].seen, ledger_time(3));
	assert_false(s.keys[0]->released);
	ledger_apply(
		&s, 7, "recover", "'key':'" KEY_A "','set':'" SET_A "','custodians':['bob','eve']");
	assert_true(s.keys[0]->released);
	assert_int_equal(set->shares[1].seen, ledger_time(7));
	assert_false(s.keys[1]->released);
	ledger_refused(
		&s, 8, "recover", "'key':'" KEY_A "','set':'" SET_B "','custodians':[]", "no set");
}

static void
policies_fall_back_from_domain_to_vault_to_default(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	const struct state_domain *d = state_find_domain(&s, "example.org");
	struct state_policy p = state_policy_of(&s, d);
	assert_int_equal(p.max_age, 86400);
	assert_int_equal(p.prior_max_age, CLOCK_NONE);
	assert_int_equal(p.valid_for, CLOCK_NONE);
	assert_int_equal(p.include_subdomains, 0);
	assert_int_equal(p.report_only, 0);
	assert_null(p.report_uri);

	ledger_apply(&s, 6, "policy",
		"'domain':null,'max_age':100,'valid_for':200,'report_only':true,"
		"'report_uri':'https://r/'");
	ledger_apply(&s, 7, "policy",
		"'domain':'example.org','max_age':300,'prior_max_age':400,"
		"'include_subdomains':true,'report_only':false");
	p = state_policy_of(&s, d);
	assert_int_equal(p.max_age, 300);
	assert_int_equal(p.prior_max_age, 400);
	assert_int_equal(p.valid_for, 200);
	assert_int_equal(p.include_subdomains, 1);
	assert_int_equal(p.report_only, 0);
	assert_string_equal(p.report_uri, "https://r/");
	p = state_policy_of(&s, NULL);
	assert_int_equal(p.max_age, 100);
	assert_int_equal(p.report_only, 1);

	ledger_apply(&s, 8, "policy",
		"'domain':null,'max_age':null,'valid_for':null,'report_only':null,"
		"'report_uri':null");
	p = state_policy_of(&s, NULL);
	assert_int_equal(p.max_age, MANIFEST_MAX_AGE_DEFAULT);
	assert_int_equal(p.valid_for, CLOCK_NONE);
	assert_int_equal(p.report_only, 0);
	assert_null(p.report_uri);
}

/* Whoever can recompute the whole chain could else drive the terminal of who reads the policy. */
static void
texts_that_would_drive_a_terminal_are_refused(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	ledger_refused(&s, 6, "policy",
		"'domain':null,'report_uri':'https://r/\\u001b]0;owned\\u0007'", "cannot be shown");
	ledger_refused(&s, 6, "policy", "'domain':null,'contact':{'ada':'call \\u001b[2J'}",
		"cannot be shown");
}

static void
new_custodians_hold_keys_to_come_and_notes_stay_with_their_names(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	ledger_apply(&s, 6, "policy",
		"'domain':null,'contact':{'ada':'+33 1','bob':'+33 2'},'location':{'ada':'safe'}");
	assert_string_equal(s.custodians[0].contact, "+33 1");
	assert_string_equal(s.custodians[0].location, "safe");
	ledger_apply(&s, 7, "policy",
		"'domain':null,'threshold':3,'custodians':[{'name':'zoe','medium':'dir:/z'},"
		"{'name':'ada','medium':'dir:/a2'},{'name':'bob','medium':'dir:/b'}],"
		"'contact':{'bob':''}");
	assert_int_equal(s.threshold, 3);
	assert_int_equal(s.custodian_count, 3);
	assert_string_equal(s.custodians[1].name, "ada");
	assert_string_equal(s.custodians[1].medium, "dir:/a2");
	assert_string_equal(s.custodians[1].contact, "+33 1");
	assert_string_equal(s.custodians[1].location, "safe");
	assert_null(s.custodians[0].contact);
	assert_null(s.custodians[2].contact);
	assert_int_equal(state_current_set(s.keys[0])->threshold, 2);
	ledger_refused(&s, 8, "policy", "'domain':null,'contact':{'eve':'x'}", "no custodian");
}

static void
external_pins_join_their_domain(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	ledger_apply(&s, 6, "add-pin",
		"'domain':'new.org','role':'ca','group':'LE','pins':["
		"{'pin':'" PIN_A "','algorithm':'rsa:4096','ca':'root','label':'CN=R1'},"
		"{'pin':'" PIN_B "','algorithm':'ec:p384','ca':'intermediate','label':'CN=I1'}]");
	const struct state_domain *d = state_find_domain(&s, "new.org");
	assert_non_null(d);
	assert_int_equal(d->name_count, 0);
	assert_int_equal(d->pin_count, 2);
	assert_int_equal(d->pins[0].role, ROLE_CA);
	assert_int_equal(d->pins[1].ca, CA_INTERMEDIATE);
	assert_string_equal(d->pins[1].group, "LE");
	ledger_apply(&s, 7, "add-pin",
		"'domain':'new.org','role':'active','group':null,'pins':["
		"{'pin':'" PIN_A "','algorithm':'rsa:4096','ca':null,'label':'CN=new.org'}]");
	assert_int_equal(d->pin_count, 2);
	assert_int_equal(d->pins[0].role, ROLE_ACTIVE);
	assert_string_equal(d->pins[0].label, "CN=new.org");
	assert_null(d->pins[0].group);
}

static void
manifests_follow_each_other(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	ledger_refused(&s, 6, "export",
		"'serial':2,'hash':'" HASH "','created':'2026-11-22T10:00:00Z','to':'x','files':{}",
		"serial 2 where 1 is next");
	ledger_apply(&s, 6, "export",
		"'serial':1,'hash':'" HASH "','created':'2026-11-22T10:00:00Z','to':'x',"
		"'files':{'manifests/000001.json':'" HASH "'}");
	assert_int_equal(s.manifest_count, 1);
	assert_string_equal(s.manifests[0].hash, HASH);
	assert_int_equal(s.manifests[0].deployed, CLOCK_NONE);
	ledger_apply(&s, 7, "deployed", "'serial':1,'at':'2026-11-23T10:00:00Z'");
	assert_int_equal(s.manifests[0].deployed - s.manifests[0].created, 86400);
	ledger_refused(
		&s, 8, "deployed", "'serial':2,'at':'2026-11-23T10:00:00Z'", "no manifest 2");
	ledger_refused(
		&s, 8, "deployed", "'serial':0,'at':'2026-11-23T10:00:00Z'", "no manifest 0");
}

static void
files_lie_below_the_vault_and_are_named_once(void **state)
{
	static const char *const paths[] = { "", "/etc/passwd", "../x", "a/../b", "a//b", "a/",
		"./a", ".hidden", "a/.b", "a b", "a\\\\b" };
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char members[256];
		snprintf(members, sizeof(members), "'bytes':1,'files':{'%s':'" HASH "'}", paths[i]);
		ledger_refused(&s, 6, "repair", members, "no path below the vault");
	}
	ledger_refused(&s, 6, "repair", "'bytes':1,'files':{'a':'11'}", "hash of a");
	ledger_refused(&s, 6, "repair", "'bytes':1,'files':{'a':1}", "hash of a");
	ledger_refused(
		&s, 6, "repair", "'bytes':1,'files':{'vault.json':'" HASH "'}", "earlier line");
	ledger_apply(&s, 6, "repair", "'bytes':1,'files':{'a/b.c':'" HASH "'}");
}

static void
thresholds_are_checked_before_they_are_narrowed(void **state)
{
	static const char *const members[] = {
		"'domain':null,'threshold':257,'custodians':" CUSTODIANS,
		"'domain':null,'threshold':1,'custodians':" CUSTODIANS,
		"'domain':null,'threshold':4,'custodians':" CUSTODIANS,
		"'domain':null,'threshold':4294967298,'custodians':" CUSTODIANS,
		"'domain':null,'threshold':2,'custodians':[]",
		"'domain':null,'custodians':" CUSTODIANS,
		"'domain':null,'threshold':2,'custodians':[{'name':'a','medium':'dir:/a'},"
		"{'name':'a','medium':'dir:/b'}]",
	};
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		ledger_refused(&s, 6, "policy", members[i], "");
	assert_int_equal(s.threshold, 2);
}

static void
a_backup_holds_what_was_committed_before_it(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	assert_true(state_set_is_newer_than_backup(&s, state_current_set(s.keys[0])));
	ledger_refused(&s, 6, "backup", "'to':'/mnt/a','entries':4,'signing_key':false",
		"another journal");
	ledger_apply(&s, 6, "backup", "'to':'/mnt/a','entries':5,'signing_key':true");
	assert_false(state_set_is_newer_than_backup(&s, state_current_set(s.keys[0])));
	assert_string_equal(s.backup.to, "/mnt/a");
	assert_true(s.backup.signing_key);
	assert_int_equal(s.backup.line, 6);
	ledger_refused(&s, 7, "backup", "'to':'\\u001b','entries':6,'signing_key':true", "shown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(a_backup_holds_what_was_committed_before_it),
		unit(what_was_done_online_stays_online),
		unit(drills_and_recoveries_are_remembered),
		unit(policies_fall_back_from_domain_to_vault_to_default),
		unit(texts_that_would_drive_a_terminal_are_refused),
		unit(new_custodians_hold_keys_to_come_and_notes_stay_with_their_names),
		unit(external_pins_join_their_domain),
		unit(manifests_follow_each_other),
		unit(files_lie_below_the_vault_and_are_named_once),
		unit(thresholds_are_checked_before_they_are_narrowed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
