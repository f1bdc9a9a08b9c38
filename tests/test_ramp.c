/* SPDX-License-Identifier: ISC */
#include "base/clock.h"
#include "tests/ledger.h"
#include "tests/support.h"
#include "vault/ramp.h"

static const char *const DOMAIN = "example.org";

/* A deployed manifest of the domain with this max-age. */
static struct ready_item
live(int64_t deployed, int64_t max_age)
{
	json_t *index = json_pack("{s:I}", DOMAIN, (json_int_t)max_age);

	assert_non_null(index);
	return (struct ready_item){ .deployed = deployed, .index = index };
}

static void
expect(const struct state *s, const struct ready_history *h, unsigned step, int64_t now,
	int64_t next)
{
	struct ramp r;

	assert_int_equal(ramp_max_age(s, h, state_find_domain(s, DOMAIN), &r), now);
	assert_int_equal(r.now, now);
	assert_int_equal(r.step, step);
	assert_int_equal(r.next, next);
}

static void
each_deployed_manifest_allows_the_next_step(void **state)
{
	STATE_AUTO s = { 0 };
	struct ready_item items[8];
	struct ready_history h = { .items = items };
	int64_t set = ledger_time(6);

	(void)state;
	ledger_fill(&s);
	ledger_apply(&s, 6, "policy", "'domain':'example.org','ramp':[300,86400,5184000]");
	/* One from before the ramp counts for nothing. */
	items[h.count++] = live(set - 10, 5184000);
	expect(&s, &h, 1, 300, 86400);
	items[h.count++] = live(set + 10, 300);
	expect(&s, &h, 2, 86400, 5184000);
	/* The same step once more is no progress. */
	items[h.count++] = live(set + 20, 300);
	expect(&s, &h, 2, 86400, 5184000);
	items[h.count++] = live(set + 30, 86400);
	expect(&s, &h, 3, 5184000, CLOCK_NONE);
	items[h.count++] = live(set + 40, 5184000);
	expect(&s, &h, 3, 5184000, CLOCK_NONE);
	for (size_t i = 0; i < h.count; i++)
		json_decref(items[i].index);
}

static void
without_a_ramp_the_policy_counts(void **state)
{
	STATE_AUTO s = { 0 };
	struct ready_history h = { 0 };

	(void)state;
	ledger_fill(&s);
	expect(&s, &h, 0, 86400, CLOCK_NONE);
	ledger_apply(&s, 6, "policy", "'domain':null,'ramp':[300,600]");
	expect(&s, &h, 1, 300, 600);
	ledger_apply(&s, 7, "policy", "'domain':'example.org','ramp':[100]");
	expect(&s, &h, 1, 100, CLOCK_NONE);
	ledger_apply(&s, 8, "policy", "'domain':'example.org','ramp':null");
	ledger_apply(&s, 9, "policy", "'domain':null,'ramp':null");
	expect(&s, &h, 0, 86400, CLOCK_NONE);
}

static void
a_ramp_grows_and_has_an_end(void **state)
{
	static const char *const bad[] = { "[]", "[300,300]", "[300,200]", "[0]", "[-1]", "['5m']",
		"{}", "5", "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]", "[999999999999999]" };
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char members[200];

		snprintf(members, sizeof(members), "'domain':'example.org','ramp':%s", bad[i]);
		ledger_refused(&s, 6, "policy", members, "ramp");
	}
}

static void
issuers_and_drills_are_of_the_vault(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	assert_int_equal(s.drill_every, STATE_DRILL_EVERY_DEFAULT);
	ledger_apply(&s, 6, "policy",
		"'domain':null,'drill_every':86400,'issuer':{'Fast CA':'ACME, minutes','Slow "
		"CA':'two days'}");
	assert_int_equal(s.drill_every, 86400);
	assert_int_equal(s.issuer_count, 2);
	assert_string_equal(s.issuers[1].name, "Slow CA");
	ledger_apply(&s, 7, "policy",
		"'domain':null,'drill_every':null,'issuer':{'Fast CA':'','Slow CA':'a day'}");
	assert_int_equal(s.drill_every, STATE_DRILL_EVERY_DEFAULT);
	assert_int_equal(s.issuer_count, 1);
	assert_string_equal(s.issuers[0].name, "Slow CA");
	assert_string_equal(s.issuers[0].text, "a day");
	ledger_refused(&s, 8, "policy", "'domain':null,'issuer':{'Fast/CA':'x'}", "issuer");
	ledger_refused(&s, 8, "policy", "'domain':null,'issuer':{'Fast CA':3}", "no text");
	ledger_refused(&s, 8, "policy", "'domain':null,'issuer':{'Fast CA':'\\u001b[2J'}",
		"cannot be shown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(each_deployed_manifest_allows_the_next_step),
		unit(without_a_ramp_the_policy_counts),
		unit(a_ramp_grows_and_has_an_end),
		unit(issuers_and_drills_are_of_the_vault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
