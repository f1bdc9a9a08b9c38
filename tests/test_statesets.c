/* SPDX-License-Identifier: ISC */
/* Shares dealt again, made anew, destroyed; another passphrase. */
#include "vault/state.h"

#include "base/clock.h"
#include "tests/ledger.h"
#include "tests/support.h"

#include <stdio.h>

#define RESHARE_OF(pin)                                                                            \
	"'batch':'" BATCH "','kind':'reshare','threshold':3,'holders':[{'name':'ada',"             \
	"'medium':'dir:/a2'},{'name':'zoe','medium':'dir:/z'},{'name':'max','medium':'dir:/m'}],"  \
	"'keys':[{'key':'" KEY_A "','pin':'" pin "','algorithm':'ec:p256',"                        \
	"'domain':'example.org','set':'" SET_C "','origin':'offline'}]"
#define RESHARED(more)                                                                             \
	"'batch':'" BATCH "','subsets':1,'detached':false,'entropy':'k','domain':null,"            \
	"'keys':[{'key':'" KEY_A "','set':'" SET_C "','commitments':['" HASH "','" HASH "','" HASH \
	"']}],'from':[{'key':'" KEY_A "','set':'" SET_A                                            \
	"','custodians':['ada','eve']}],'files':{}" more
#define REPLACE_OF(set, number, lost)                                                              \
	"'batch':'" BATCH "','kind':'replace','holders':[{'name':'zoe','medium':'dir:/z'}],"       \
	"'keys':[{'key':'" KEY_A "','set':'" set "','number':" number ",'replaces':" lost "}]"
#define REPLACED                                                                                   \
	"'batch':'" BATCH "','subsets':2,'keys':[{'key':'" KEY_A "','set':'" SET_A                 \
	"','commitment':'" HASH "','detached':true}],'from':[{'key':'" KEY_A "','set':'" SET_A     \
	"','custodians':['ada','eve']}],'files':{}"

static const struct state_set *
set_of(const struct state *s, const char *id)
{
	for (size_t i = 0; i < s->keys[0]->set_count; i++)
		if (strcmp(s->keys[0]->sets[i].id, id) == 0)
			return &s->keys[0]->sets[i];
	fail_msg("no set %s", id);
	return NULL;
}

static void
a_reshared_key_keeps_its_old_set_until_the_commit(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	ledger_apply(&s, 6, "recover", "'key':'" KEY_A "','set':'" SET_A "','custodians':[]");
	ledger_apply(&s, 7, "begin", RESHARE_OF(PIN_A));
	assert_string_equal(state_current_set(s.keys[0])->id, SET_A);
	assert_int_equal(s.keys[0]->state, STATE_STANDBY);
	assert_int_equal(s.keys[0]->created, ledger_time(2));
	assert_false(set_of(&s, SET_A)->superseded);

	ledger_apply(&s, 8, "commit", RESHARED(""));
	const struct state_set *now = state_current_set(s.keys[0]);
	assert_string_equal(now->id, SET_C);
	assert_int_equal(now->threshold, 3);
	assert_int_equal(now->share_count, 3);
	assert_string_equal(now->shares[1].custodian, "zoe");
	assert_false(now->superseded);
	assert_true(set_of(&s, SET_A)->superseded);
	assert_int_equal(set_of(&s, SET_A)->shares[0].seen, ledger_time(8));
	assert_int_equal(set_of(&s, SET_A)->shares[1].seen, ledger_time(3));
	assert_int_equal(s.keys[0]->state, STATE_STANDBY);
	assert_true(s.keys[0]->released);
	assert_int_equal(s.key_count, 2);
	assert_int_equal(state_find_domain(&s, "example.org")->key_count, 2);
	/* For one key only: the keys to come go to whom they went. */
	assert_int_equal(s.threshold, 2);
	assert_string_equal(s.custodians[1].name, "bob");
}

static void
a_reshare_may_settle_who_holds_the_keys_to_come(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	ledger_apply(&s, 6, "policy", "'domain':null,'contact':{'ada':'+33 1'}");
	ledger_apply(&s, 7, "begin", RESHARE_OF(PIN_A));
	ledger_apply(&s, 8, "commit",
		RESHARED(",'threshold':2,'custodians':[{'name':'ada','medium':'dir:/a2'},"
			 "{'name':'zoe','medium':'dir:/z'}]"));
	assert_int_equal(s.custodian_count, 2);
	assert_string_equal(s.custodians[0].medium, "dir:/a2");
	assert_string_equal(s.custodians[0].contact, "+33 1");
	assert_string_equal(s.custodians[1].name, "zoe");
}

static void
only_a_key_that_the_vault_has_is_reshared(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	assert_ok(state_init(&s, &(struct err){ 0 }), &(struct err){ 0 });
	ledger_apply(&s, 1, "create", CREATE);
	ledger_refused(&s, 2, "begin", RESHARE_OF(PIN_A), "no key");
	ledger_apply(&s, 2, "begin", BEGIN_OF(BATCH_2, KEY_A, PIN_A, SET_A, "offline"));
	ledger_refused(&s, 3, "begin", RESHARE_OF(PIN_A), "no key"); /* a void one */
	ledger_apply(&s, 3, "commit", COMMIT_OF(BATCH_2, KEY_A, SET_A));
	ledger_refused(&s, 4, "begin", RESHARE_OF(PIN_B), "another pin");
	ledger_apply(&s, 4, "begin", RESHARE_OF(PIN_A));
}

static void
a_key_reshared_online_is_online_and_stays_imported(void **state)
{
	STATE_AUTO s = { 0 };
	STATE_AUTO t = { 0 };
	struct err e = { 0 };

	(void)state;
	ledger_fill(&s);
	assert_ok(ledger_try(&s, 6, "begin", true, RESHARE_OF(PIN_A), &e), &e);
	assert_int_equal(s.keys[0]->origin, ORIGIN_ONLINE);
	assert_int_equal(s.keys[1]->origin, ORIGIN_OFFLINE);
	assert_false(s.offline);

	assert_ok(state_init(&t, &e), &e);
	ledger_apply(&t, 1, "create", CREATE);
	ledger_apply(&t, 2, "begin", BEGIN_OF(BATCH_2, KEY_A, PIN_A, SET_A, "imported"));
	ledger_apply(&t, 3, "commit", COMMIT_OF(BATCH_2, KEY_A, SET_A));
	ledger_apply(&t, 4, "begin", RESHARE_OF(PIN_A));
	ledger_apply(&t, 5, "commit", RESHARED(""));
	assert_int_equal(t.keys[0]->origin, ORIGIN_IMPORTED);
}

static void
a_share_made_anew_joins_its_set_with_the_commit(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	ledger_apply(&s, 6, "begin", REPLACE_OF(SET_A, "4", "2"));
	const struct state_set *set = state_current_set(s.keys[0]);
	assert_int_equal(set->share_count, 3);
	assert_int_equal(set->number_max, 4);
	assert_false(set->shares[1].replaced);

	ledger_apply(&s, 7, "commit", REPLACED);
	set = state_current_set(s.keys[0]);
	assert_string_equal(set->id, SET_A);
	assert_int_equal(set->share_count, 4);
	assert_true(set->shares[1].replaced);
	assert_int_equal(set->shares[1].destroyed, CLOCK_NONE);
	assert_int_equal(set->shares[3].number, 4);
	assert_string_equal(set->shares[3].custodian, "zoe");
	assert_string_equal(set->shares[3].medium, "dir:/z");
	assert_true(set->shares[3].detached);
	assert_string_equal(set->shares[3].commitment, HASH);
	assert_int_equal(set->shares[3].seen, ledger_time(7));
	assert_int_equal(set->shares[0].seen, ledger_time(7));
	assert_int_equal(set->shares[1].seen, ledger_time(3));
	assert_int_equal(set->proven, 3);
}

static void
no_number_is_given_twice(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	ledger_refused(&s, 6, "begin", REPLACE_OF(SET_A, "3", "2"), "given before");
	ledger_refused(&s, 6, "begin", REPLACE_OF(SET_A, "256", "2"), "given before");
	ledger_refused(&s, 6, "begin", REPLACE_OF(SET_A, "4", "5"), "no share 5");
	ledger_refused(&s, 6, "begin", REPLACE_OF(SET_B, "4", "2"), "no set");
	ledger_apply(&s, 6, "begin", REPLACE_OF(SET_A, "200", "2"));
	/* Of a batch that never committed, too: its share may lie somewhere. */
	ledger_refused(&s, 7, "begin",
		"'batch':'" BATCH_2 "','kind':'replace','holders':[],'keys':[{'key':'" KEY_A
		"','set':'" SET_A "','number':200,'replaces':2}]",
		"given before");
}

static void
a_superseded_set_gets_no_new_share(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	ledger_apply(&s, 6, "begin", RESHARE_OF(PIN_A));
	ledger_apply(&s, 7, "commit", RESHARED(""));
	ledger_refused(&s, 8, "begin", REPLACE_OF(SET_A, "4", "2"), "not the current set");
}

static void
a_share_is_destroyed_by_its_holder(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	ledger_apply(&s, 6, "destroyed",
		"'who':'bob','shares':[{'key':'" KEY_A "','set':'" SET_A "','number':2}]");
	assert_int_equal(state_current_set(s.keys[0])->shares[1].destroyed, ledger_time(6));
	assert_int_equal(state_current_set(s.keys[0])->shares[0].destroyed, CLOCK_NONE);
	ledger_refused(&s, 7, "destroyed",
		"'who':'bob','shares':[{'key':'" KEY_A "','set':'" SET_A "','number':1}]",
		"is not bob's");
	ledger_refused(&s, 7, "destroyed",
		"'who':'bob','shares':[{'key':'" KEY_A "','set':'" SET_A "','number':4}]",
		"no share 4");
}

static void
a_key_without_enough_shares_is_not_proven(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	ledger_apply(&s, 6, "destroyed",
		"'who':'bob','shares':[{'key':'" KEY_A "','set':'" SET_A "','number':2}]");
	assert_true(state_is_proven(s.keys[0]));
	ledger_apply(&s, 7, "destroyed",
		"'who':'ada','shares':[{'key':'" KEY_A "','set':'" SET_A "','number':1}]");
	assert_false(state_is_proven(s.keys[0]));
	assert_false(state_is_pinned(s.keys[0]));
}

#define PASSPHRASE(n, removes)                                                                     \
	"'number':" #n ",'kdf':'sensitive','recovered':false,'files':{'vault-" #n ".sec':'" HASH   \
	"'},'removes':'" removes "'"

static void
another_passphrase_is_another_file(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	assert_ok(state_init(&s, &(struct err){ 0 }), &(struct err){ 0 });
	ledger_apply(&s, 1, "create",
		"'name':'Ops','key':'" PUB "','threshold':2,'custodians':" CUSTODIANS
		",'max_age':1,'kdf':'interactive','files':{'vault-1.sec':'" HASH "'}");
	assert_string_equal(s.kdf, "interactive");
	ledger_refused(&s, 2, "passphrase", PASSPHRASE(3, "vault-1.sec"), "vault-3.sec after");
	ledger_refused(&s, 2, "passphrase", PASSPHRASE(2, "vault.json"), "it removes vault.json");
	ledger_apply(&s, 2, "passphrase", PASSPHRASE(2, "vault-1.sec"));
	assert_int_equal(s.sec_number, 2);
	assert_string_equal(s.kdf, "sensitive");
	assert_null(json_object_get(s.files, "vault-1.sec"));
	assert_non_null(json_object_get(s.files, "vault-2.sec"));
	assert_string_equal(json_string_value(json_object_get(s.destroyed, "vault-1.sec")), HASH);
	ledger_refused(&s, 3, "repair", "'bytes':1,'files':{'vault-1.sec':'" HASH "'}",
		"named by an earlier line");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(a_reshared_key_keeps_its_old_set_until_the_commit),
		unit(a_reshare_may_settle_who_holds_the_keys_to_come),
		unit(only_a_key_that_the_vault_has_is_reshared),
		unit(a_key_reshared_online_is_online_and_stays_imported),
		unit(a_share_made_anew_joins_its_set_with_the_commit),
		unit(no_number_is_given_twice),
		unit(a_superseded_set_gets_no_new_share),
		unit(a_share_is_destroyed_by_its_holder),
		unit(a_key_without_enough_shares_is_not_proven),
		unit(another_passphrase_is_another_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
