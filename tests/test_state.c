/* SPDX-License-Identifier: ISC */
#include "vault/state.h"

#include "base/clock.h"
#include "tests/ledger.h"
#include "tests/support.h"

#include <stdio.h>

static void
create_says_who_and_what(void **state)
{
	STATE_AUTO s = { 0 };
	char key[MINISIGN_PUB_TEXT];
	struct err e = { 0 };

	(void)state;
	assert_ok(state_init(&s, &e), &e);
	ledger_apply(&s, 1, "create", CREATE);
	assert_string_equal(s.name, "Example Ops");
	minisign_pub_encode(&s.key, key);
	assert_string_equal(key, PUB);
	assert_int_equal(s.threshold, 2);
	assert_int_equal(s.custodian_count, 3);
	assert_string_equal(s.custodians[2].name, "eve");
	assert_string_equal(s.custodians[2].medium, "dir:/e");
	assert_int_equal(s.policy.max_age, 86400);
	assert_int_equal(s.created, ledger_time(1));
	assert_int_equal(s.sec_number, 1);
	assert_false(s.ready);
	assert_true(s.offline);
	assert_false(s.rehearsal);
	assert_string_equal(json_string_value(json_object_get(s.files, "vault.json")), HASH);
}

static void
the_first_line_creates_and_no_other(void **state)
{
	STATE_AUTO s = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_ok(state_init(&s, &e), &e);
	ledger_refused(&s, 1, "drill", "'keys':[]", "the first line creates the vault");
	ledger_apply(&s, 1, "create", CREATE);
	ledger_refused(&s, 2, "create", CREATE, "the first line creates the vault");
}

static void
an_unknown_event_is_an_error_with_advice(void **state)
{
	STATE_AUTO s = { 0 };
	struct err e = { 0 };

	(void)state;
	ledger_fill(&s);
	assert_fails(ledger_try(&s, 6, "teleport", false, "", &e), &e, ERR_FORMAT,
		"\"teleport\" is unknown");
	assert_non_null(strstr(e.hint, "version"));
}

static void
a_begun_key_is_void_until_it_is_committed(void **state)
{
	STATE_AUTO s = { 0 };
	struct err e = { 0 };
	struct state_key *k;
	struct pin pin;

	(void)state;
	assert_ok(state_init(&s, &e), &e);
	ledger_apply(&s, 1, "create", CREATE);
	ledger_apply(&s, 2, "begin", BEGIN_OF(BATCH, KEY_A, PIN_A, SET_A, "offline"));
	assert_ok(state_find_key(&s, KEY_A, &k, &e), &e);
	assert_int_equal(k->state, STATE_VOID);
	assert_null(state_current_set(k));
	assert_false(state_is_proven(k));
	assert_int_equal(json_object_size(s.open), 1);
	assert_null(state_find_domain(&s, "example.org"));
	assert_ok(pin_parse(PIN_A, &pin, &e), &e);
	assert_null(state_key_by_pin(&s, &pin));
	assert_fails(state_find_key(&s, PIN_A, &k, &e), &e, ERR_MISSING, "no key");
	assert_fails(state_find_key(&s, "example", &k, &e), &e, ERR_MISSING, "no key");

	ledger_apply(&s, 3, "commit", COMMIT_OF(BATCH, KEY_A, SET_A));
	assert_ok(state_find_key(&s, PIN_A, &k, &e), &e);
	assert_int_equal(k->state, STATE_STANDBY);
	assert_int_equal(k->origin, ORIGIN_OFFLINE);
	assert_int_equal(k->created, ledger_time(2));
	assert_true(state_is_proven(k));
	const struct state_set *set = state_current_set(k);
	assert_string_equal(set->id, SET_A);
	assert_int_equal(set->threshold, 2);
	assert_int_equal(set->proven, 3);
	assert_int_equal(set->share_count, 3);
	assert_int_equal(set->shares[1].number, 2);
	assert_string_equal(set->shares[1].custodian, "bob");
	assert_string_equal(set->shares[1].medium, "dir:/b");
	assert_string_equal(set->shares[1].commitment, HASH);
	assert_int_equal(set->shares[1].seen, ledger_time(3));
	assert_int_equal(json_object_size(s.open), 0);
	assert_false(s.ready);

	const struct state_domain *d = state_find_domain(&s, "example.org");
	assert_non_null(d);
	assert_int_equal(d->name_count, 2);
	assert_string_equal(d->names[1], "www.example.org");
	assert_int_equal(d->key_count, 1);
	assert_ptr_equal(d->keys[0], k);
}

static void
the_vault_is_ready_when_its_signing_key_is_committed(void **state)
{
	STATE_AUTO s = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_ok(state_init(&s, &e), &e);
	ledger_apply(&s, 1, "create", CREATE);
	ledger_apply(&s, 2, "begin",
		"'batch':'" BATCH "','kind':'init','threshold':2,'holders':" CUSTODIANS
		",'keys':[{'key':'" SHARE_SIGNING_KEY "','pin':'" PIN_A
		"','algorithm':'ed25519','domain':null,'set':'" SET_A "','origin':'offline'}]");
	assert_false(s.ready);
	ledger_apply(&s, 3, "commit",
		"'batch':'" BATCH "','subsets':3,'detached':true,'entropy':'k','domain':null,"
		"'keys':[{'key':'" SHARE_SIGNING_KEY "','set':'" SET_A "','commitments':['" HASH
		"','" HASH "','" HASH "']}],'files':{}");
	assert_true(s.ready);
	assert_int_equal(s.domain_count, 0);
	assert_null(s.keys[0]->domain);
	assert_true(s.keys[0]->sets[0].shares[2].detached);
	assert_true(state_set_is_detached(&s.keys[0]->sets[0]));
}

#define BARE(list)                                                                                 \
	"'batch':'" BATCH "','subsets':3,'detached':false,'entropy':'k','domain':null,"            \
	"'keys':[{'key':'" KEY_A "','set':'" SET_A "','commitments':['" HASH "','" HASH "','" HASH \
	"'],'detached':" list "}],'files':{}"

static void
a_set_is_detached_when_a_quorum_may_be_without_the_sealed_key(void **state)
{
	static const struct {
		const char *members;
		size_t bare;
		bool detached;
	} rows[] = {
		{ BARE("[]"), 0, false },
		{ BARE("[3]"), 1, false },
		{ BARE("[1,3]"), 2, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		STATE_AUTO s = { 0 };
		struct err e = { 0 };
		size_t bare = 0;

		assert_ok(state_init(&s, &e), &e);
		ledger_apply(&s, 1, "create", CREATE);
		ledger_apply(&s, 2, "begin", BEGIN_OF(BATCH, KEY_A, PIN_A, SET_A, "offline"));
		ledger_refused(&s, 3, "commit", BARE("[4]"), "no such share");
		state_free(&s);
		assert_ok(state_init(&s, &e), &e);
		ledger_apply(&s, 1, "create", CREATE);
		ledger_apply(&s, 2, "begin", BEGIN_OF(BATCH, KEY_A, PIN_A, SET_A, "offline"));
		ledger_apply(&s, 3, "commit", rows[i].members);
		const struct state_set *set = state_current_set(s.keys[0]);
		for (size_t n = 0; n < set->share_count; n++)
			bare += set->shares[n].detached;
		assert_int_equal(bare, rows[i].bare);
		assert_int_equal(state_set_is_detached(set), rows[i].detached);
	}
}

static void
a_void_key_may_be_begun_again(void **state)
{
	STATE_AUTO s = { 0 };
	struct err e = { 0 };
	struct state_key *k;

	(void)state;
	assert_ok(state_init(&s, &e), &e);
	ledger_apply(&s, 1, "create", CREATE);
	ledger_apply(&s, 2, "begin", BEGIN_OF(BATCH, KEY_A, PIN_A, SET_A, "imported"));
	ledger_apply(&s, 3, "begin", BEGIN_OF(BATCH_2, KEY_A, PIN_A, SET_B, "imported"));
	ledger_apply(&s, 4, "commit", COMMIT_OF(BATCH_2, KEY_A, SET_B));
	assert_ok(state_find_key(&s, PIN_A, &k, &e), &e);
	assert_string_equal(state_current_set(k)->id, SET_B);
	assert_int_equal(s.key_count, 1);
	assert_int_equal(json_object_size(s.open), 1);
	assert_non_null(json_object_get(s.open, BATCH));
	ledger_refused(&s, 5, "commit", COMMIT_OF(BATCH, KEY_A, SET_A), "committed twice");
}

static void
a_key_is_taken_once(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	ledger_refused(&s, 6, "begin", BEGIN_OF("3333333333333333", KEY_A, PIN_C, SET_C, "offline"),
		"already");
	ledger_refused(&s, 6, "begin",
		BEGIN_OF("3333333333333333", "other.org-ec-p256-1", PIN_A, SET_C, "offline"),
		"already");
}

static void
a_commit_must_be_that_of_its_begin(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	ledger_refused(&s, 6, "commit", COMMIT_OF(BATCH, KEY_A, SET_A), "was not begun");
	ledger_apply(&s, 6, "begin",
		BEGIN_OF("3333333333333333", "example.org-ec-p256-02000000", PIN_C, SET_C,
			"offline"));
	ledger_refused(
		&s, 7, "commit", COMMIT_OF("3333333333333333", KEY_A, SET_A), "with this batch");
	ledger_refused(&s, 7, "commit",
		"'batch':'3333333333333333','subsets':3,'detached':false,'entropy':'k',"
		"'domain':null,'keys':[],'files':{}",
		"other keys");
	ledger_refused(&s, 7, "commit",
		"'batch':'3333333333333333','subsets':3,'detached':false,'entropy':'k',"
		"'domain':null,'keys':[{'key':'example.org-ec-p256-02000000','set':'" SET_C
		"','commitments':['" HASH "']}],'files':{}",
		"1 commitments for 3 shares");
	ledger_refused(&s, 7, "commit",
		"'batch':'3333333333333333','subsets':0,'detached':false,'entropy':'k',"
		"'domain':null,'keys':[{'key':'example.org-ec-p256-02000000','set':'" SET_C
		"','commitments':['" HASH "','" HASH "','" HASH "']}],'files':{}",
		"without a proof");
}

static void
key_ids_cannot_be_paths(void **state)
{
	static const char *const ids[] = { "", ".", "..", ".x", "a/b", "a b" };
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		char members[1024];
		snprintf(members, sizeof(members),
			"'batch':'3333333333333333','kind':'generate','threshold':2,'holders'"
			":" CUSTODIANS ",'keys':[{'key':'%s','pin':'" PIN_C
			"','algorithm':'ec:p256','domain':null,"
			"'set':'" SET_C "','origin':'offline'}]",
			ids[i]);
		ledger_refused(&s, 6, "begin", members, "no key id");
	}
}

static void
keys_are_found_by_id_prefix_and_pin(void **state)
{
	STATE_AUTO s = { 0 };
	char hex[PIN_HEX];
	struct pin pin;
	struct err e = { 0 };
	struct state_key *k = NULL;

	(void)state;
	ledger_fill(&s);
	assert_ok(state_find_key(&s, KEY_B, &k, &e), &e);
	assert_ptr_equal(k, s.keys[1]);
	assert_ok(state_find_key(&s, "example.org-ec-p256-01", &k, &e), &e);
	assert_ptr_equal(k, s.keys[1]);
	assert_ok(state_find_key(&s, PIN_B, &k, &e), &e);
	assert_ptr_equal(k, s.keys[1]);
	assert_ok(pin_parse(PIN_A, &pin, &e), &e);
	pin_encode_hex(&pin, hex);
	assert_ok(state_find_key(&s, hex, &k, &e), &e);
	assert_ptr_equal(k, s.keys[0]);
	assert_fails(state_find_key(&s, "example", &k, &e), &e, ERR_USAGE, "2 keys begin");
	assert_non_null(strstr(e.hint, KEY_A));
	assert_fails(state_find_key(&s, "other", &k, &e), &e, ERR_MISSING, "no key \"other\"");
	assert_fails(state_find_key(&s, "", &k, &e), &e, ERR_MISSING, "no key");
	assert_fails(state_find_key(&s, PIN_C, &k, &e), &e, ERR_MISSING, "no key");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(create_says_who_and_what),
		unit(the_first_line_creates_and_no_other),
		unit(an_unknown_event_is_an_error_with_advice),
		unit(a_begun_key_is_void_until_it_is_committed),
		unit(the_vault_is_ready_when_its_signing_key_is_committed),
		unit(a_set_is_detached_when_a_quorum_may_be_without_the_sealed_key),
		unit(a_void_key_may_be_begun_again),
		unit(a_key_is_taken_once),
		unit(a_commit_must_be_that_of_its_begin),
		unit(key_ids_cannot_be_paths),
		unit(keys_are_found_by_id_prefix_and_pin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
