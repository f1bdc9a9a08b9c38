/* SPDX-License-Identifier: ISC */
/* What the lines of a ceremony do to the state. */
#include "vault/state.h"

#include "base/clock.h"
#include "tests/ledger.h"
#include "tests/support.h"

#define PLAN HASH
#define OTHER_PLAN "2222222222222222222222222222222222222222222222222222222222222222"
#define STEP(step) "'step':'" step "','plan':'" PLAN "'"
#define BEGIN_TWO                                                                                  \
	"'batch':'" BATCH "','kind':'init','threshold':2,'holders':" CUSTODIANS                    \
	",'keys':[{'key':'" KEY_A "','pin':'" PIN_A "','algorithm':'ec:p256',"                     \
	"'domain':'example.org','set':'" SET_A "','origin':'offline'},"                            \
	"{'key':'example.net-ec-p256-01000000','pin':'" PIN_B "','algorithm':'ec:p256',"           \
	"'domain':'example.net','set':'" SET_B "','origin':'offline'}]"
#define COMMITMENTS "'commitments':['" HASH "','" HASH "','" HASH "']"
#define COMMIT_TWO(domain, media)                                                                  \
	"'batch':'" BATCH "','subsets':3,'detached':false,'entropy':'kernel, openssl',"            \
	"'domain':" domain ",'media':" media ",'keys':["                                           \
	"{'key':'" KEY_A "','set':'" SET_A "'," COMMITMENTS "},"                                   \
	"{'key':'example.net-ec-p256-01000000','set':'" SET_B "'," COMMITMENTS "}],'files':{}"
#define DOMAINS                                                                                    \
	"[{'domain':'example.org','names':['example.org']},"                                       \
	"{'domain':'example.net','names':['example.net','www.example.net']}]"

static void
start(struct state *s, const char *create)
{
	struct err e = { 0 };

	assert_ok(state_init(s, &e), &e);
	ledger_apply(s, 1, "create", create);
}

static void
a_ceremony_is_of_one_plan_and_ends_once(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	start(&s, CREATE ",'plan':'" PLAN "'");
	assert_string_equal(s.plan, PLAN);
	assert_int_equal(s.ceremony_done, CLOCK_NONE);
	ledger_apply(&s, 2, "ceremony", STEP("start"));
	ledger_refused(&s, 3, "ceremony", "'step':'start','plan':'" OTHER_PLAN "'", "another plan");
	ledger_refused(&s, 3, "ceremony", "'step':'start','plan':'11'", "plan");
	ledger_refused(&s, 3, "ceremony", "'plan':'" PLAN "'", "step");
	ledger_apply(
		&s, 3, "ceremony", STEP("transcript") ",'files':{'transcripts/a.json':'" HASH "'}");
	assert_int_equal(s.ceremony_done, ledger_time(3));
	assert_non_null(json_object_get(s.files, "transcripts/a.json"));
	ledger_refused(&s, 4, "ceremony", STEP("start"), "after its end");
}

static void
a_vault_without_a_plan_has_no_ceremony(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	start(&s, CREATE);
	assert_null(s.plan);
	ledger_refused(&s, 2, "ceremony", STEP("start"), "another plan");
}

static void
a_batch_may_serve_several_domains_and_media_that_were_asked_for(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	start(&s, CREATE);
	ledger_apply(&s, 2, "begin", BEGIN_TWO);
	ledger_refused(&s, 3, "commit", COMMIT_TWO(DOMAINS, "{'bob':7}"), "bob");
	state_free(&s);
	start(&s, CREATE);
	ledger_apply(&s, 2, "begin", BEGIN_TWO);
	ledger_apply(&s, 3, "commit", COMMIT_TWO(DOMAINS, "{'bob':'dir:/media/stick'}"));
	assert_true(s.ready);
	assert_int_equal(s.domain_count, 2);
	assert_int_equal(state_find_domain(&s, "example.net")->name_count, 2);
	assert_int_equal(state_find_domain(&s, "example.net")->key_count, 1);
	const struct state_set *set = state_current_set(s.keys[0]);
	assert_string_equal(set->shares[0].medium, "dir:/a");
	assert_string_equal(set->shares[1].medium, "dir:/media/stick");
}

static void
a_domain_in_a_list_is_checked_like_a_single_one(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	start(&s, CREATE);
	ledger_apply(&s, 2, "begin", BEGIN_TWO);
	ledger_refused(&s, 3, "commit", COMMIT_TWO("[{'domain':'example.org','names':[]}]", "{}"),
		"no names");
	ledger_refused(&s, 3, "commit", COMMIT_TWO("[[]]", "{}"), "domain");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(a_ceremony_is_of_one_plan_and_ends_once),
		unit(a_vault_without_a_plan_has_no_ceremony),
		unit(a_batch_may_serve_several_domains_and_media_that_were_asked_for),
		unit(a_domain_in_a_list_is_checked_like_a_single_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
