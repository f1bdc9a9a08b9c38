/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "shares/quorum.h"
#include "tests/shareset.h"

#define SET "8f3c9a0d11223344"
#define SET2 "0011223344556677"

static void
any_k_shares_in_any_order_open_the_key(void **state)
{
	static const unsigned orders[][5] = { { 1, 2, 3 }, { 5, 1, 4 }, { 5, 4, 3, 2, 1 },
		{ 2, 5, 3, 1 } };
	SHARESET_AUTO d = { 0 };
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 3, 5);
	const struct quorum_want want = { .key = d.sealed.key, .anchor = &d.pub };
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		QUORUM_AUTO q = { 0 };
		MEDIUM_RECORDS_AUTO r = { 0 };

		for (size_t j = 0; j < 5 && orders[i][j]; j++)
			shareset_put_range(&r, "", &d, orders[i][j], orders[i][j]);
		shareset_add(&q, &want, &r);
		assert_ok(quorum_settle(&q, &want, &e), &e);
		assert_int_equal(q.reject_count, 0);
		shareset_assert_opens(&q);
	}
}

static void
a_key_is_found_by_prefix_and_by_pin(void **state)
{
	SHARESET_AUTO d = { 0 };
	const char *keys[] = { "example.org-ec", "e", d.sealed.pin };
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 2, 3);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct quorum_want want = { .key = keys[i], .anchor = &d.pub };
		QUORUM_AUTO q = { 0 };
		MEDIUM_RECORDS_AUTO r = { 0 };

		shareset_put_range(&r, "", &d, 1, 2);
		shareset_add(&q, &want, &r);
		assert_ok(quorum_settle(&q, &want, &e), &e);
		shareset_assert_opens(&q);
	}
}

static void
fewer_than_k_are_refused_and_counted(void **state)
{
	SHARESET_AUTO d = { 0 };
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 3, 5);
	const struct quorum_want want = { .key = d.sealed.key, .anchor = &d.pub };
	QUORUM_AUTO q = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };

	assert_fails(quorum_settle(&q, &want, &e), &e, ERR_MISSING, "no share of");
	shareset_put_range(&r, "", &d, 4, 4);
	shareset_add(&q, &want, &r);
	assert_fails(quorum_settle(&q, &want, &e), &e, ERR_REFUSED, "2 more shares are needed");
	assert_non_null(strstr(e.message, "set " SET " of example.org-"));
	assert_non_null(strstr(e.message, "1 of the 3 needed (numbers 4)"));
	shareset_put_range(&r, "", &d, 1, 1);
	shareset_add(&q, &want, &r);
	assert_fails(quorum_settle(&q, &want, &e), &e, ERR_REFUSED, "1 more share is needed");
	assert_non_null(strstr(e.message, "2 of the 3 needed (numbers 4, 1)"));
	shareset_put_range(&r, "", &d, 5, 5);
	shareset_add(&q, &want, &r);
	assert_ok(quorum_settle(&q, &want, &e), &e);
}

static void
k_minus_one_shares_never_combine(void **state)
{
	SHARESET_AUTO d = { 0 };
	SECRET_AUTO kek = SECRET_NONE;
	uint64_t done = 0;
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 3, 5);
	const struct quorum_want want = { .key = d.sealed.key, .anchor = &d.pub };
	QUORUM_AUTO q = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };

	assert_fails(quorum_kek(&q, &kek, &e), &e, ERR_INTERNAL, "not settled");
	shareset_put_range(&r, "", &d, 1, 2);
	shareset_add(&q, &want, &r);
	assert_fails(quorum_kek(&q, &kek, &e), &e, ERR_INTERNAL, "not settled");
	assert_fails(quorum_prove(&q, &d.kek, 1000, &done, &e), &e, ERR_INTERNAL, "not settled");
	assert_null(kek.data);
}

static void
the_sets_of_two_keys_are_refused_and_listed(void **state)
{
	SHARESET_AUTO a = { 0 };
	SHARESET_AUTO b = { 0 };
	struct quorum_want want = { .key = "example" };
	QUORUM_AUTO q = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };
	struct err e;

	(void)state;
	shareset_make(&a, "Ops", "example.org", SET, 2, 3);
	shareset_make(&b, "Ops", "example.net", SET2, 2, 3);
	want.anchor = &a.pub;
	shareset_put_range(&r, "", &a, 1, 2);
	shareset_put_range(&r, "", &b, 1, 1);
	shareset_add(&q, &want, &r);
	assert_fails(quorum_settle(&q, &want, &e), &e, ERR_REFUSED, "fits the shares of 2 keys");
	assert_non_null(strstr(e.message, a.sealed.key));
	assert_non_null(strstr(e.message, b.sealed.key));
}

static void
a_whole_key_id_is_not_taken_for_a_prefix(void **state)
{
	SHARESET_AUTO a = { 0 };
	SHARESET_AUTO b = { 0 };
	QUORUM_AUTO q = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };
	struct err e;

	(void)state;
	shareset_make(&a, "Ops", "example.org", SET, 2, 3);
	shareset_make(&b, "Ops", a.sealed.key, SET2, 2, 3);
	const struct quorum_want want = { .key = a.sealed.key, .anchor = &a.pub };
	shareset_put_range(&r, "longer", &b, 1, 2);
	shareset_put_range(&r, "", &a, 1, 2);
	shareset_add(&q, &want, &r);
	assert_ok(quorum_settle(&q, &want, &e), &e);
	assert_int_equal(q.count, 2);
	assert_string_equal(q.shares[0].key, a.sealed.key);
	shareset_assert_rejected(&q, 0, "longer1", ERR_REFUSED, "another key");
}

static void
two_complete_sets_are_refused_unless_one_is_asked_for(void **state)
{
	SHARESET_AUTO a = { 0 };
	SHARESET_AUTO b = { 0 };
	QUORUM_AUTO q = { 0 };
	QUORUM_AUTO one = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };
	struct err e;

	(void)state;
	shareset_make(&a, "Ops", "example.org", SET, 2, 3);
	shareset_make(&b, "Ops", "example.org", SET2, 3, 3);
	struct quorum_want want = { .key = a.sealed.key, .anchor = &a.pub };
	shareset_put_range(&r, "", &a, 1, 2);
	shareset_put_range(&r, "", &b, 1, 3);
	shareset_add(&q, &want, &r);
	assert_fails(quorum_settle(&q, &want, &e), &e, ERR_REFUSED, "more than one set");
	assert_non_null(strstr(e.message, "set " SET " "));
	assert_non_null(strstr(e.message, "set " SET2 " "));

	want.set = SET2;
	shareset_put_range(&r, "a", &a, 1, 2);
	shareset_put_range(&r, "b", &b, 1, 3);
	shareset_add(&one, &want, &r);
	assert_ok(quorum_settle(&one, &want, &e), &e);
	assert_int_equal(one.count, 3);
	shareset_assert_rejected(&one, 0, "a1", ERR_REFUSED, "a share of another set: " SET);
	shareset_assert_opens(&one);
}

static void
forged_shares_never_stand_beside_real_ones_unnoticed(void **state)
{
	SHARESET_AUTO real = { 0 };
	SHARESET_AUTO forged = { 0 };
	QUORUM_AUTO q = { 0 };
	QUORUM_AUTO anchored = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };
	struct err e;
	char id[MINISIGN_ID_TEXT];

	(void)state;
	shareset_make(&real, "Ops", "example.org", SET, 2, 3);
	shareset_make(&forged, "Forger", "example.org", SET, 2, 3);
	for (unsigned i = 0; i < forged.count; i++) { /* all but his key and payload is the same */
		struct share *s = &forged.shares[i];
		memcpy(s->vault, "Ops", 4);
		memcpy(s->sealed_hash, real.shares[0].sealed_hash, sizeof(s->sealed_hash));
		assert_ok(sealed_copy(&real.sealed, &s->sealed, &e), &e);
		shareset_sign(&forged, s);
	}
	struct quorum_want want = { .key = real.sealed.key };
	shareset_put_range(&r, "real", &real, 1, 2);
	shareset_put_range(&r, "forged", &forged, 1, 3);
	shareset_add(&q, &want, &r);
	assert_int_equal(q.count, 5); /* each fits the key that it names */
	assert_fails(quorum_settle(&q, &want, &e), &e, ERR_REFUSED, "more than one set");
	minisign_pub_id(&real.pub, id);
	assert_non_null(strstr(e.message, id));
	minisign_pub_id(&forged.pub, id);
	assert_non_null(strstr(e.message, id));

	want.anchor = &real.pub;
	shareset_put_range(&r, "forged", &forged, 1, 3);
	shareset_put_range(&r, "real", &real, 1, 2);
	shareset_add(&anchored, &want, &r);
	assert_ok(quorum_settle(&anchored, &want, &e), &e);
	assert_int_equal(anchored.reject_count, 3);
	shareset_assert_rejected(&anchored, 2, "forged3", ERR_AUTH, "a share of another vault");
	shareset_assert_opens(&anchored);
}

/* A forger's own signature lets him vary what a real set agrees in; the groups stay apart. */
static void
shares_that_disagree_are_never_combined(void **state)
{
	SHARESET_AUTO d = { 0 };
	QUORUM_AUTO q = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };
	struct err e;

	(void)state;
	shareset_make(&d, "Forger", "example.org", SET, 3, 5);
	const struct quorum_want want = { .key = d.sealed.key };
	d.shares[0].threshold = 2;
	shareset_sign(&d, &d.shares[0]);
	d.shares[1].rehearsal = true;
	shareset_sign(&d, &d.shares[1]);
	shareset_put_range(&r, "", &d, 1, 4);
	shareset_add(&q, &want, &r);
	assert_int_equal(q.count, 4);
	assert_fails(quorum_settle(&q, &want, &e), &e, ERR_REFUSED, "1 more share is needed");
}

static void
texts_are_wiped_as_they_are_consumed(void **state)
{
	SHARESET_AUTO d = { 0 };
	QUORUM_AUTO q = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 2, 3);
	const struct quorum_want want = { .key = d.sealed.key, .anchor = &d.pub };
	shareset_put_range(&r, "", &d, 1, 3);
	assert_ok(quorum_add(&q, &want, &r, &e), &e);
	for (size_t i = 0; i < r.count; i++)
		assert_null(r.items[i].text.data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(any_k_shares_in_any_order_open_the_key),
		unit(a_key_is_found_by_prefix_and_by_pin),
		unit(fewer_than_k_are_refused_and_counted),
		unit(k_minus_one_shares_never_combine),
		unit(the_sets_of_two_keys_are_refused_and_listed),
		unit(a_whole_key_id_is_not_taken_for_a_prefix),
		unit(two_complete_sets_are_refused_unless_one_is_asked_for),
		unit(forged_shares_never_stand_beside_real_ones_unnoticed),
		unit(shares_that_disagree_are_never_combined),
		unit(texts_are_wiped_as_they_are_consumed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
