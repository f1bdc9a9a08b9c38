/* SPDX-License-Identifier: ISC */
#include "vault/successor.h"

#include "tests/ledger.h"
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>

#define NOW 2000000000
#define DAY 86400
#define KEY_C "example.org-rsa-2048-02000000"

struct scene {
	struct store s;
	struct ready_history h;
	struct successor c; /* the choice */
};
#define SCENE_AUTO __attribute__((cleanup(scene_free))) struct scene
static void
scene_free(struct scene *x)
{
	state_free(&x->s.state);
	ready_free(&x->h);
}

/* Manifests of example.org with a max-age of 60 days, one a line: when it went live, which pins. */
static void
publish(struct scene *x, int64_t deployed, const char *pins)
{
	struct ready_history *h = &x->h;
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
fill(struct scene *x)
{
	ledger_fill(&x->s.state);
	ledger_apply(&x->s.state, 6, "begin",
		"'batch':'3333333333333333','kind':'generate','threshold':2,'holders':" CUSTODIANS
		",'keys':[{'key':'" KEY_C "','pin':'" PIN_C "','algorithm':'rsa:2048',"
		"'domain':'example.org','set':'" SET_C "','origin':'offline'}]");
	ledger_apply(&x->s.state, 7, "commit", COMMIT_OF("3333333333333333", KEY_C, SET_C));
}

static void
certify(struct scene *x, int64_t n, const char *key, const char *until)
{
	char members[512];

	(void)snprintf(members, sizeof(members),
		"'key':'%s','serial':'0a','subject':'','issuer':'CN=CA','not_before':"
		"'2020-01-01T00:00:00Z','not_after':'%s','names':[],'chain':1,'files':"
		"{'keys/%s/certificate-0a.pem':'" HASH "'}",
		key, until, key);
	ledger_apply(&x->s.state, n, "attach", members);
}

/* The id of the choice, or "". */
static const char *
choice(struct scene *x, const char *algorithm)
{
	const struct state_domain *d = state_find_domain(&x->s.state, "example.org");

	x->c = (struct successor){ 0 };
	return successor_choose(&x->s, &x->h, d, algorithm, NOW, &x->c) ? x->c.key->id : "";
}

static void
what_serves_soonest_comes_first(void **state)
{
	SCENE_AUTO x = { 0 };

	(void)state;
	fill(&x);
	/* None is ready: the oldest. */
	assert_string_equal(choice(&x, "ec:p256"), KEY_A);
	assert_int_equal(x.c.ready_at, CLOCK_NONE);
	/* B is in the manifests since long, C since yesterday, A is in none. */
	publish(&x, NOW - 100 * DAY, "");
	publish(&x, NOW - 2 * DAY, "B");
	publish(&x, NOW - DAY, "BC");
	assert_string_equal(choice(&x, "ec:p256"), KEY_B);
	assert_false(x.c.ready);
	assert_int_equal(x.c.ready_at, NOW + 58 * DAY);
	/* Ready beats what is not, whatever its algorithm and its certificate. */
	x.h.items[0].deployed = NOW - 200 * DAY;
	x.h.items[1].deployed = NOW - 100 * DAY;
	certify(&x, 8, KEY_A, "2099-01-01T00:00:00Z");
	assert_string_equal(choice(&x, "rsa:2048"), KEY_B);
	assert_true(x.c.ready);
	assert_null(x.c.certificate);
}

static void
among_ready_ones_a_valid_certificate_counts_then_the_cold_then_the_algorithm(void **state)
{
	SCENE_AUTO x = { 0 };

	(void)state;
	fill(&x);
	publish(&x, NOW - DAY, "ABC");
	assert_string_equal(choice(&x, "ec:p256"), KEY_A);
	assert_string_equal(choice(&x, "rsa:2048"), KEY_C);
	ledger_apply(&x.s.state, 8, "released", "'key':'" KEY_A "'");
	assert_string_equal(choice(&x, "ec:p256"), KEY_B);
	certify(&x, 9, KEY_A, "2030-01-01T00:00:00Z"); /* expired at NOW, in 2033 */
	assert_string_equal(choice(&x, "ec:p256"), KEY_B);
	certify(&x, 10, KEY_C, "2099-01-01T00:00:00Z");
	assert_string_equal(choice(&x, "ec:p256"), KEY_C);
	assert_string_equal(x.c.certificate->serial, "0a");
}

static void
only_what_is_in_reserve_is_chosen(void **state)
{
	SCENE_AUTO x = { 0 };

	(void)state;
	fill(&x);
	publish(&x, NOW - DAY, "ABC");
	ledger_apply(&x.s.state, 8, "promote",
		"'key':'" KEY_A "','domain':'example.org','force':false,'why':null");
	assert_string_equal(choice(&x, "ec:p256"), KEY_B);
	ledger_apply(&x.s.state, 9, "compromise",
		"'key':'" KEY_B "','pin':'" PIN_B "','domain':'example.org','use':null");
	assert_string_equal(choice(&x, "ec:p256"), KEY_C);
	ledger_apply(
		&x.s.state, 10, "destroy", "'key':'" KEY_C "','sets':['" SET_C "'],'files':[]");
	assert_string_equal(choice(&x, "ec:p256"), "");
}

static void
a_choice_is_described_in_words(void **state)
{
	SCENE_AUTO x = { 0 };
	BUF_AUTO text = BUF_NONE;

	(void)state;
	fill(&x);
	publish(&x, NOW - DAY, "ABC");
	certify(&x, 8, KEY_C, "2099-01-01T00:00:00Z");
	choice(&x, "ec:p256");
	successor_describe(&x.c, &text);
	assert_string_equal(text.data, "presigned until 2099-01-01T00:00:00Z, ready");
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
