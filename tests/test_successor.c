/* SPDX-License-Identifier: ISC */
#include "vault/successor.h"

#include "tests/ledger.h"
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>

#define NOW 2000000000
#define DAY 86400
#define KEY_C "example.org-rsa-2048-02000000"

/* Manifests of example.org with a max-age of 60 days, one a line: when it went live, which pins. */
static void
publish(struct ready_history *h, int64_t deployed, const char *pins)
{
	struct ready_item *items = reallocarray(h->items, h->count + 1, sizeof(*items));
	char pin[PIN_TEXT + 16];

	assert_non_null(items);
	h->items = items;
	items[h->count] = (struct ready_item){ .deployed = deployed,
		.index = json_pack("{s:i}", "example.org", 60 * DAY) };
	for (const char *p = pins; *p; p++) {
		(void)snprintf(pin, sizeof(pin), "example.org %s",
			*p == 'A'   ? PIN_A
			: *p == 'B' ? PIN_B
				    : PIN_C);
		json_object_set_new(items[h->count].index, pin, json_true());
	}
	h->count++;
}

/* Keys A, B of P-256 and C of RSA, in this order. */
static void
fill(struct store *s)
{
	ledger_fill(&s->state);
	ledger_apply(&s->state, 6, "begin",
		"'batch':'3333333333333333','kind':'generate','threshold':2,'holders':" CUSTODIANS
		",'keys':[{'key':'" KEY_C "','pin':'" PIN_C "','algorithm':'rsa:2048',"
		"'domain':'example.org','set':'" SET_C "','origin':'offline'}]");
	ledger_apply(&s->state, 7, "commit", COMMIT_OF("3333333333333333", KEY_C, SET_C));
}

static void
certify(struct store *s, int64_t n, const char *key, const char *until)
{
	char members[512];

	(void)snprintf(members, sizeof(members),
		"'key':'%s','serial':'0a','subject':'','issuer':'CN=CA','not_before':"
		"'2020-01-01T00:00:00Z','not_after':'%s','names':[],'chain':1,'files':"
		"{'keys/%s/certificate-0a.pem':'" HASH "'}",
		key, until, key);
	ledger_apply(&s->state, n, "attach", members);
}

/* The id of the choice, or "". */
static const char *
choice(const struct store *s, const struct ready_history *h, const char *algorithm,
	struct successor *out)
{
	*out = (struct successor){ 0 };
	return successor_choose(
		       s, h, state_find_domain(&s->state, "example.org"), algorithm, NOW, out)
		       ? out->key->id
		       : "";
}

static void
what_serves_soonest_comes_first(void **state)
{
	struct store s = { 0 };
	READY_HISTORY_AUTO h = { 0 };
	struct successor c;

	(void)state;
	fill(&s);
	/* None is ready: the oldest. */
	assert_string_equal(choice(&s, &h, "ec:p256", &c), KEY_A);
	assert_int_equal(c.ready_at, CLOCK_NONE);
	/* B is in the manifests since long, C since yesterday, A is in none. */
	publish(&h, NOW - 100 * DAY, "");
	publish(&h, NOW - 2 * DAY, "B");
	publish(&h, NOW - DAY, "BC");
	assert_string_equal(choice(&s, &h, "ec:p256", &c), KEY_B);
	assert_false(c.ready);
	assert_int_equal(c.ready_at, NOW + 58 * DAY);
	/* Ready beats what is not, whatever its algorithm and its certificate. */
	h.items[0].deployed = NOW - 200 * DAY;
	h.items[1].deployed = NOW - 100 * DAY;
	certify(&s, 8, KEY_A, "2099-01-01T00:00:00Z");
	assert_string_equal(choice(&s, &h, "rsa:2048", &c), KEY_B);
	assert_true(c.ready);
	assert_null(c.certificate);
	state_free(&s.state);
}

static void
among_ready_ones_a_valid_certificate_counts_then_the_cold_then_the_algorithm(void **state)
{
	struct store s = { 0 };
	READY_HISTORY_AUTO h = { 0 };
	struct successor c;

	(void)state;
	fill(&s);
	publish(&h, NOW - DAY, "ABC");
	assert_string_equal(choice(&s, &h, "ec:p256", &c), KEY_A);
	assert_string_equal(choice(&s, &h, "rsa:2048", &c), KEY_C);
	ledger_apply(&s.state, 8, "released", "'key':'" KEY_A "'");
	assert_string_equal(choice(&s, &h, "ec:p256", &c), KEY_B);
	certify(&s, 9, KEY_A, "2030-01-01T00:00:00Z"); /* expired at NOW, in 2033 */
	assert_string_equal(choice(&s, &h, "ec:p256", &c), KEY_B);
	certify(&s, 10, KEY_C, "2099-01-01T00:00:00Z");
	assert_string_equal(choice(&s, &h, "ec:p256", &c), KEY_C);
	assert_string_equal(c.certificate->serial, "0a");
	state_free(&s.state);
}

static void
only_what_is_in_reserve_is_chosen(void **state)
{
	struct store s = { 0 };
	READY_HISTORY_AUTO h = { 0 };
	struct successor c;

	(void)state;
	fill(&s);
	publish(&h, NOW - DAY, "ABC");
	ledger_apply(&s.state, 8, "promote",
		"'key':'" KEY_A "','domain':'example.org','force':false,'why':null");
	assert_string_equal(choice(&s, &h, "ec:p256", &c), KEY_B);
	ledger_apply(&s.state, 9, "compromise",
		"'key':'" KEY_B "','pin':'" PIN_B "','domain':'example.org','use':null");
	assert_string_equal(choice(&s, &h, "ec:p256", &c), KEY_C);
	ledger_apply(&s.state, 10, "destroy", "'key':'" KEY_C "','sets':['" SET_C "'],'files':[]");
	assert_string_equal(choice(&s, &h, "ec:p256", &c), "");
	state_free(&s.state);
}

static void
a_choice_is_described_in_words(void **state)
{
	struct store s = { 0 };
	READY_HISTORY_AUTO h = { 0 };
	BUF_AUTO text = BUF_NONE;
	struct successor c;

	(void)state;
	fill(&s);
	publish(&h, NOW - DAY, "ABC");
	certify(&s, 8, KEY_C, "2099-01-01T00:00:00Z");
	choice(&s, &h, "ec:p256", &c);
	successor_describe(&c, &text);
	assert_string_equal(text.data, "presigned until 2099-01-01T00:00:00Z, ready");
	state_free(&s.state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(what_serves_soonest_comes_first),
		unit(among_ready_ones_a_valid_certificate_counts_then_the_cold_then_the_algorithm),
		unit(only_what_is_in_reserve_is_chosen),
		unit(a_choice_is_described_in_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
