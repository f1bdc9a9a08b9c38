/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "shares/quorum.h"
#include "tests/shareset.h"

#define SET "8f3c9a0d11223344"

static void
settle_all(const struct shareset *d, struct quorum *q)
{
	const struct quorum_want want = { .key = d->sealed.key, .anchor = &d->pub };
	MEDIUM_RECORDS_AUTO r = { 0 };
	struct err e;

	shareset_put_range(&r, "", d, 1, d->count);
	shareset_add(q, &want, &r);
	assert_ok(quorum_settle(q, &want, &e), &e);
}

struct row {
	unsigned k, n;
	uint64_t limit, done; /* subsets */
};

typedef bool (*prover)(const struct quorum *q, const struct secret *kek, uint64_t limit,
	uint64_t *done, struct err *e);

/* Of a new set of k of n, `prove` tries as many subsets as the row says. */
static void
assert_proves(prover prove, const struct row *row, struct shareset *d, struct quorum *q)
{
	uint64_t done = 0;
	struct err e;

	shareset_make(d, "Ops", "example.org", SET, row->k, row->n);
	settle_all(d, q);
	assert_ok(prove(q, &d->kek, row->limit, &done, &e), &e);
	assert_int_equal(done, row->done);
}

static void
every_subset_is_proven_up_to_the_limit(void **state)
{
	static const struct row rows[] = {
		{ 2, 2, 1000, 1 },
		{ 3, 5, 1000, 10 },
		{ 5, 5, 1000, 1 },
		{ 3, 5, 10, 10 },
		{ 3, 5, 9, 9 },
		{ 6, 12, 1000, 924 },
		{ 7, 13, 1000, 1000 },
		{ 128, 255, 100, 100 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SHARESET_AUTO d = { 0 };
		QUORUM_AUTO q = { 0 };

		assert_proves(quorum_prove, &rows[i], &d, &q);
	}
}

/* Replaces the payload of share 5 by another one that is signed: only subsets with it are wrong. */
static void
one_wrong_subset_fails_the_proof(void **state)
{
	SHARESET_AUTO d = { 0 };
	QUORUM_AUTO q = { 0 };
	SECRET_AUTO kek = SECRET_NONE;
	uint64_t done = 77;
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 3, 5);
	d.shares[4].data.data[31] ^= 1;
	share_commitment(d.shares[4].data.data, d.shares[4].commitment);
	shareset_sign(&d, &d.shares[4]);
	settle_all(&d, &q);
	assert_ok(quorum_kek(&q, &kek, &e), &e); /* shares 1, 2, 3 */
	assert_memory_equal(kek.data, d.kek.data, kek.len);
	assert_fails(quorum_prove(&q, &d.kek, 10, &done, &e), &e, ERR_INTERNAL,
		"shares 1, 2, 5 do not give the key back");
	assert_int_equal(done, 77);
}

/* With the last of 20 shares wrong, 3 of 20 random ones miss it 17 times in 20: not 300 times. */
static void
random_subsets_reach_every_share(void **state)
{
	SHARESET_AUTO d = { 0 };
	uint64_t done = 0;
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 3, 20);
	for (unsigned bad = 0; bad < 20; bad += 19) {
		QUORUM_AUTO q = { 0 };
		settle_all(&d, &q);
		q.shares[bad].data.data[0] ^= 1;
		assert_fails(quorum_prove(&q, &d.kek, 300, &done, &e), &e, ERR_INTERNAL,
			"do not give the key back");
	}
}

static void
every_subset_with_the_last_share_is_proven_up_to_the_limit(void **state)
{
	static const struct row rows[] = {
		{ 2, 2, 1000, 1 },
		{ 2, 5, 1000, 4 },
		{ 3, 5, 1000, 6 },
		{ 5, 5, 1000, 1 },
		{ 3, 5, 5, 5 },
		{ 128, 255, 50, 50 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SHARESET_AUTO d = { 0 };
		QUORUM_AUTO q = { 0 };
		uint64_t done = 0;
		struct err e;

		assert_proves(quorum_prove_last, &rows[i], &d, &q);
		q.shares[q.count - 1].data.data[7] ^= 1;
		assert_fails(quorum_prove_last(&q, &d.kek, 1, &done, &e), &e, ERR_INTERNAL,
			"do not give the key back");
	}
}

static void
a_share_is_interpolated_from_k_others(void **state)
{
	SHARESET_AUTO d = { 0 };
	QUORUM_AUTO q = { 0 };
	SECRET_AUTO made = SECRET_NONE;
	MEDIUM_RECORDS_AUTO r = { 0 };
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 3, 5);
	const struct quorum_want want = { .key = d.sealed.key, .anchor = &d.pub };
	shareset_put_range(&r, "", &d, 2, 5);
	shareset_add(&q, &want, &r);
	assert_ok(quorum_settle(&q, &want, &e), &e);
	assert_ok(quorum_interpolate(&q, 1, &made, &e), &e);
	assert_memory_equal(made.data, d.shares[0].data.data, SHARE_DATA_LEN);
	secret_free(&made);
	assert_fails(quorum_interpolate(&q, 2, &made, &e), &e, ERR_USAGE, "2 is there");
	assert_null(made.data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(every_subset_is_proven_up_to_the_limit),
		unit(one_wrong_subset_fails_the_proof),
		unit(random_subsets_reach_every_share),
		unit(every_subset_with_the_last_share_is_proven_up_to_the_limit),
		unit(a_share_is_interpolated_from_k_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
