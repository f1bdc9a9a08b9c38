/* SPDX-License-Identifier: ISC */
/* What the line that fills a rebuilt vault does to the state, and what it cannot say. */
#include "tests/ledger.h"
#include "tests/support.h"

#define REBUILT ",'rebuilt':{'serial':7,'entries':40,'head':'" HASH "'}"
#define SEEN(number, who)                                                                          \
	"{'number':" number ",'custodian':'" who "','medium':'dir:/m','commitment':'" HASH         \
	"','detached':false}"
#define TWO SEEN("1", "ada") "," SEEN("3", "eve")
#define KEY_OF(state, subsets, shares, seen)                                                       \
	"{'signer':'" PUB "','key':'" KEY_A "','pin':'" PIN_A                                      \
	"','algorithm':'ec:p256','domain':'example.org',"                                          \
	"'state':'" state "','origin':'offline','released':true,"                                  \
	"'created':'2026-11-22T10:00:00Z','set':'" SET_A "','threshold':2,'shares':" shares        \
	",'subsets':" subsets ",'seen':[" seen "]}"
#define LINE(serial, keys)                                                                         \
	"'manifest':{'serial':" serial ",'hash':'" HASH "','created':'2026-11-22T10:00:00Z'},"     \
	"'offline':true,'keys_before':[],'domains':[{'domain':'example.org','names':['example."    \
	"org'],"                                                                                   \
	"'max_age':86400,'include_subdomains':true,'report_only':false,'report_uri':null}],"       \
	"'pins':[{'domain':'example.org','role':'active','group':null,'displaced':true,"           \
	"'pins':[{'pin':'" PIN_B "','algorithm':'ec:p256','ca':null,'label':'old'}]},"             \
	"{'domain':'example.org','role':'active','group':null,'displaced':false,"                  \
	"'pins':[{'pin':'" PIN_C "','algorithm':'ec:p256','ca':null,'label':'live'}]}],"           \
	"'keys':[" keys "],'lost':[],'files':{}"

static void
begin(struct state *s)
{
	struct err e = { 0 };

	assert_ok(state_init(s, &e), &e);
	ledger_apply(s, 1, "create", CREATE REBUILT);
	assert_false(s->ready);
}

static void
a_rebuilt_vault_has_what_the_manifest_had(void **state)
{
	STATE_AUTO s = { 0 };
	struct pin pin;
	struct err e = { 0 };

	(void)state;
	begin(&s);
	ledger_apply(&s, 2, "rebuild", LINE("7", KEY_OF("retired", "1", "3", TWO)));
	assert_true(s.ready);
	assert_int_equal(state_next_serial(&s), 8);
	assert_non_null(state_manifest(&s, 7));
	const struct state_domain *d = state_find_domain(&s, "example.org");
	assert_int_equal(state_policy_of(&s, d).max_age, 86400);
	assert_int_equal(state_policy_of(&s, d).include_subdomains, 1);
	assert_ok(pin_parse(PIN_B, &pin, &e), &e);
	assert_true(state_find_pin(d, &pin)->displaced);
	assert_ok(pin_parse(PIN_C, &pin, &e), &e);
	assert_false(state_find_pin(d, &pin)->displaced);
	const struct state_key *k = d->keys[0];
	assert_true(k->released && k->displaced && state_is_pinned(k) && state_is_proven(k));
}

static void
shares_that_nobody_brought_count_as_outstanding(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	begin(&s);
	ledger_apply(&s, 2, "rebuild", LINE("7", KEY_OF("standby", "1", "3", TWO)));
	const struct state_set *set = state_current_set(s.keys[0]);
	assert_int_equal(set->share_count, 3);
	assert_string_equal(set->shares[1].custodian, "unknown-2");
	assert_int_equal(set->shares[1].seen, CLOCK_NONE);
	assert_string_equal(set->shares[2].custodian, "eve");
	assert_int_equal(set->shares[2].seen, ledger_time(2));
}

static void
a_replacement_has_a_number_behind_the_others(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	begin(&s);
	ledger_apply(&s, 2, "rebuild",
		LINE("7", KEY_OF("standby", "1", "3", SEEN("1", "ada") "," SEEN("9", "eve"))));
	const struct state_set *set = state_current_set(s.keys[0]);
	assert_int_equal(set->share_count, 4);
	assert_int_equal(set->number_max, 9);
	assert_string_equal(set->shares[3].custodian, "eve");
}

static void
lines_that_cannot_be_are_refused(void **state)
{
	static const struct {
		const char *line, *part;
	} lines[] = {
		{ LINE("6", KEY_OF("standby", "1", "3", TWO)), "rebuilt from 7" },
		{ LINE("7", KEY_OF("standby", "0", "3", TWO)), "without a proof" },
		{ LINE("7", KEY_OF("standby", "1", "3", SEEN("1", "ada"))), "2 are needed" },
		{ LINE("7", KEY_OF("standby", "1", "256", TWO)), "2 of 256 shares" },
		{ LINE("7", KEY_OF("standby", "1", "3", SEEN("0", "ada"))), "number 0" },
		{ LINE("7", KEY_OF("standby", "1", "3", SEEN("256", "ada"))), "number 256" },
		{ LINE("7", KEY_OF("compromised", "1", "3", TWO)), "compromised" },
		{ LINE("7", KEY_OF("standby", "1", "3", TWO) "," KEY_OF("standby", "1", "3", TWO)),
			"already" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		STATE_AUTO s = { 0 };

		begin(&s);
		ledger_refused(&s, 2, "rebuild", lines[i].line, lines[i].part);
	}
}

static void
only_a_vault_begun_so_is_rebuilt_and_once(void **state)
{
	STATE_AUTO s = { 0 };
	STATE_AUTO t = { 0 };

	(void)state;
	ledger_fill(&s);
	ledger_refused(&s, 6, "rebuild", LINE("7", ""), "not being rebuilt");
	begin(&t);
	ledger_apply(&t, 2, "rebuild", LINE("7", KEY_OF("standby", "1", "3", TWO)));
	ledger_refused(&t, 3, "rebuild", LINE("7", ""), "not being rebuilt");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(a_rebuilt_vault_has_what_the_manifest_had),
		unit(shares_that_nobody_brought_count_as_outstanding),
		unit(a_replacement_has_a_number_behind_the_others),
		unit(lines_that_cannot_be_are_refused),
		unit(only_a_vault_begun_so_is_rebuilt_and_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
