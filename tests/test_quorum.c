/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "base/file.h"
#include "shares/quorum.h"
#include "tests/deal.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define SET "8f3c9a0d11223344"
#define SET2 "0011223344556677"
#define LOCKED                                                                                     \
	"argon2id 3 1048576 abcdefghij012345 000102030405060708090a0b "                            \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

/* One more record with this label and text. */
static void
put(struct medium_records *r, const char *label, const void *text, size_t len)
{
	struct err e;

	r->items = realloc(r->items, (r->count + 1) * sizeof(r->items[0]));
	assert_non_null(r->items);
	r->items[r->count] = (struct medium_record){ .label = strdup(label) };
	assert_ok(secret_copy(&r->items[r->count].text, text, len, &e), &e);
	r->count++;
}

static void
put_share(struct medium_records *r, const char *label, const struct share *s)
{
	SECRET_AUTO text = SECRET_NONE;
	struct err e;

	assert_ok(share_encode(s, false, &text, &e), &e);
	put(r, label, text.data, text.len);
}

/* The deal's shares from..to (numbers), each labelled "<prefix><number>". */
static void
put_range(struct medium_records *r, const char *prefix, const struct deal *d, unsigned from,
	unsigned to)
{
	char label[32];

	for (unsigned i = from; i <= to; i++) {
		snprintf(label, sizeof(label), "%s%u", prefix, i);
		put_share(r, label, &d->shares[i - 1]);
	}
}

static void
add(struct quorum *q, const struct quorum_want *want, struct medium_records *r)
{
	struct err e;

	assert_ok(quorum_add(q, want, r, &e), &e);
	medium_records_free(r);
}

static void
assert_rejected(const struct quorum *q, size_t i, const char *label, enum err_code code,
	const char *message)
{
	assert_true(i < q->reject_count);
	assert_string_equal(q->rejects[i].label, label);
	if (!strstr(q->rejects[i].err.message, message) || q->rejects[i].err.code != code)
		fail_msg("%s: %s: %s", label, err_name(q->rejects[i].err.code),
			q->rejects[i].err.message);
	assert_true(q->rejects[i].err.hint[0] != '\0');
}

static void
assert_opens(const struct quorum *q)
{
	SECRET_AUTO kek = SECRET_NONE;
	SECRET_AUTO plain = SECRET_NONE;
	struct err e;

	assert_non_null(quorum_sealed(q));
	assert_ok(quorum_kek(q, &kek, &e), &e);
	assert_ok(sealed_open(quorum_sealed(q), &kek, &plain, &e), &e);
	assert_int_equal(plain.len, strlen(DEAL_PLAIN));
	assert_memory_equal(plain.data, DEAL_PLAIN, plain.len);
}

static void
any_k_shares_in_any_order_open_the_key(void **state)
{
	static const unsigned orders[][5] = { { 1, 2, 3 }, { 5, 1, 4 }, { 5, 4, 3, 2, 1 },
		{ 2, 5, 3, 1 } };
	DEAL_AUTO d = { 0 };
	struct err e;

	(void)state;
	deal_make(&d, "Ops", "example.org", SET, 3, 5);
	const struct quorum_want want = { .key = d.sealed.key, .anchor = &d.pub };
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		QUORUM_AUTO q = { 0 };
		MEDIUM_RECORDS_AUTO r = { 0 };

		for (size_t j = 0; j < 5 && orders[i][j]; j++)
			put_range(&r, "", &d, orders[i][j], orders[i][j]);
		add(&q, &want, &r);
		assert_ok(quorum_settle(&q, &want, &e), &e);
		assert_int_equal(q.reject_count, 0);
		assert_opens(&q);
	}
}

static void
a_key_is_found_by_prefix_and_by_pin(void **state)
{
	DEAL_AUTO d = { 0 };
	const char *keys[] = { "example.org-ec", "e", d.sealed.pin };
	struct err e;

	(void)state;
	deal_make(&d, "Ops", "example.org", SET, 2, 3);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct quorum_want want = { .key = keys[i], .anchor = &d.pub };
		QUORUM_AUTO q = { 0 };
		MEDIUM_RECORDS_AUTO r = { 0 };

		put_range(&r, "", &d, 1, 2);
		add(&q, &want, &r);
		assert_ok(quorum_settle(&q, &want, &e), &e);
		assert_opens(&q);
	}
}

static void
fewer_than_k_are_refused_and_counted(void **state)
{
	DEAL_AUTO d = { 0 };
	struct err e;

	(void)state;
	deal_make(&d, "Ops", "example.org", SET, 3, 5);
	const struct quorum_want want = { .key = d.sealed.key, .anchor = &d.pub };
	QUORUM_AUTO q = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };

	assert_fails(quorum_settle(&q, &want, &e), &e, ERR_MISSING, "no share of");
	put_range(&r, "", &d, 4, 4);
	add(&q, &want, &r);
	assert_fails(quorum_settle(&q, &want, &e), &e, ERR_REFUSED, "2 more shares are needed");
	assert_non_null(strstr(e.message, "set " SET " of example.org-"));
	assert_non_null(strstr(e.message, "1 of the 3 needed (numbers 4)"));
	put_range(&r, "", &d, 1, 1);
	add(&q, &want, &r);
	assert_fails(quorum_settle(&q, &want, &e), &e, ERR_REFUSED, "1 more share is needed");
	assert_non_null(strstr(e.message, "2 of the 3 needed (numbers 4, 1)"));
	put_range(&r, "", &d, 5, 5);
	add(&q, &want, &r);
	assert_ok(quorum_settle(&q, &want, &e), &e);
}

static void
k_minus_one_shares_never_combine(void **state)
{
	DEAL_AUTO d = { 0 };
	SECRET_AUTO kek = SECRET_NONE;
	uint64_t done = 0;
	struct err e;

	(void)state;
	deal_make(&d, "Ops", "example.org", SET, 3, 5);
	const struct quorum_want want = { .key = d.sealed.key, .anchor = &d.pub };
	QUORUM_AUTO q = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };

	assert_fails(quorum_kek(&q, &kek, &e), &e, ERR_INTERNAL, "not settled");
	put_range(&r, "", &d, 1, 2);
	add(&q, &want, &r);
	assert_fails(quorum_kek(&q, &kek, &e), &e, ERR_INTERNAL, "not settled");
	assert_fails(quorum_prove(&q, &d.kek, 1000, &done, &e), &e, ERR_INTERNAL, "not settled");
	assert_null(kek.data);
}

/* All the mistakes a custodian can make, among three good shares. */
static void
every_bad_share_is_named_and_good_ones_still_settle(void **state)
{
	DEAL_AUTO d = { 0 };
	DEAL_AUTO other_key = { 0 };
	DEAL_AUTO other_set = { 0 };
	DEAL_AUTO other_vault = { 0 };
	QUORUM_AUTO q = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };
	char binary[] = "\0\1\2\377coldspare";
	struct err e;

	(void)state;
	deal_make(&d, "Ops", "example.org", SET, 3, 5);
	deal_make(&other_key, "Ops", "example.net", SET, 3, 5);
	deal_make(&other_set, "Ops", "example.org", SET2, 3, 5);
	deal_make(&other_vault, "Other", "example.org", SET, 3, 5);
	const struct quorum_want want = { .key = d.sealed.key, .anchor = &d.pub };

	put_range(&r, "good", &d, 1, 1);
	put(&r, "empty", "", 0);
	put(&r, "binary", binary, sizeof(binary));
	put_range(&r, "key", &other_key, 2, 2);
	put_range(&r, "vault", &other_vault, 2, 2);
	put_range(&r, "set", &other_set, 2, 2);
	put_range(&r, "twice", &d, 1, 1);
	d.shares[3].data.data[0] ^= 1;
	put_range(&r, "altered", &d, 4, 4);
	d.shares[4].number = 3;
	put_range(&r, "relabelled", &d, 5, 5);
	d.shares[4].number = 5;
	d.shares[4].locked = strdup(LOCKED);
	put_range(&r, "locked", &d, 5, 5);
	put(&r, "unreadable", "", 0);
	secret_free(&r.items[r.count - 1].text);
	err_set(&r.items[r.count - 1].err, ERR_IO, "reading unreadable: Input/output error");
	put_range(&r, "good", &d, 2, 3);

	add(&q, &want, &r);
	assert_ok(quorum_settle(&q, &want, &e), &e);
	assert_int_equal(q.count, 3);
	assert_string_equal(q.labels[0], "good1");
	assert_string_equal(q.labels[2], "good3");
	assert_opens(&q);

	assert_int_equal(q.reject_count, 10);
	assert_rejected(&q, 0, "empty", ERR_FORMAT, "empty");
	assert_rejected(&q, 1, "binary", ERR_FORMAT, "line 1");
	assert_rejected(&q, 2, "key2", ERR_REFUSED, "a share of another key: example.net-");
	assert_rejected(&q, 3, "vault2", ERR_AUTH, "a share of another vault: \"Other\"");
	assert_rejected(&q, 4, "twice1", ERR_REFUSED, "the same share as good1: number 1");
	assert_rejected(&q, 5, "altered4", ERR_AUTH, "\"data:\" does not fit");
	assert_rejected(&q, 6, "relabelled5", ERR_AUTH, "the signature does not fit");
	assert_rejected(&q, 7, "locked5", ERR_REFUSED, "locked with a passphrase");
	assert_rejected(&q, 8, "unreadable", ERR_IO, "Input/output");
	assert_rejected(&q, 9, "set2", ERR_REFUSED, "a share of another set: " SET2);
}

/* Every line of one share changed in every way that leaves it a share: none is used. */
static void
a_share_altered_in_any_field_is_never_used(void **state)
{
	DEAL_AUTO d = { 0 };
	SECRET_AUTO text = SECRET_NONE;
	size_t parsed = 0;
	struct err e;

	(void)state;
	deal_make(&d, "Ops", "example.org", SET, 3, 5);
	assert_ok(share_encode(&d.shares[0], false, &text, &e), &e);
	for (int anchored = 0; anchored <= 1; anchored++) {
		const struct quorum_want want = { .key = "", .anchor = anchored ? &d.pub : NULL };
		QUORUM_AUTO q = { 0 };
		MEDIUM_RECORDS_AUTO r = { 0 };

		for (size_t i = 0; i < text.len; i++) {
			text.data[i] ^= 1;
			put(&r, "altered", text.data, text.len);
			text.data[i] ^= 1;
		}
		add(&q, &want, &r);
		assert_int_equal(q.count, 0);
		assert_int_equal(q.reject_count, text.len);
		for (size_t i = 0; i < q.reject_count; i++)
			parsed += q.rejects[i].err.code == ERR_AUTH;
	}
	assert_true(parsed > text.len); /* most of them got as far as the signature */
}

static void
the_sets_of_two_keys_are_refused_and_listed(void **state)
{
	DEAL_AUTO a = { 0 };
	DEAL_AUTO b = { 0 };
	struct quorum_want want = { .key = "example" };
	QUORUM_AUTO q = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };
	struct err e;

	(void)state;
	deal_make(&a, "Ops", "example.org", SET, 2, 3);
	deal_make(&b, "Ops", "example.net", SET2, 2, 3);
	want.anchor = &a.pub;
	put_range(&r, "", &a, 1, 2);
	put_range(&r, "", &b, 1, 1);
	add(&q, &want, &r);
	assert_fails(quorum_settle(&q, &want, &e), &e, ERR_REFUSED, "fits the shares of 2 keys");
	assert_non_null(strstr(e.message, a.sealed.key));
	assert_non_null(strstr(e.message, b.sealed.key));
}

static void
a_whole_key_id_is_not_taken_for_a_prefix(void **state)
{
	DEAL_AUTO a = { 0 };
	DEAL_AUTO b = { 0 };
	QUORUM_AUTO q = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };
	struct err e;

	(void)state;
	deal_make(&a, "Ops", "example.org", SET, 2, 3);
	deal_make(&b, "Ops", a.sealed.key, SET2, 2, 3);
	const struct quorum_want want = { .key = a.sealed.key, .anchor = &a.pub };
	put_range(&r, "longer", &b, 1, 2);
	put_range(&r, "", &a, 1, 2);
	add(&q, &want, &r);
	assert_ok(quorum_settle(&q, &want, &e), &e);
	assert_int_equal(q.count, 2);
	assert_string_equal(q.shares[0].key, a.sealed.key);
	assert_rejected(&q, 0, "longer1", ERR_REFUSED, "another key");
}

static void
two_complete_sets_are_refused_unless_one_is_asked_for(void **state)
{
	DEAL_AUTO a = { 0 };
	DEAL_AUTO b = { 0 };
	QUORUM_AUTO q = { 0 };
	QUORUM_AUTO one = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };
	struct err e;

	(void)state;
	deal_make(&a, "Ops", "example.org", SET, 2, 3);
	deal_make(&b, "Ops", "example.org", SET2, 3, 3);
	struct quorum_want want = { .key = a.sealed.key, .anchor = &a.pub };
	put_range(&r, "", &a, 1, 2);
	put_range(&r, "", &b, 1, 3);
	add(&q, &want, &r);
	assert_fails(quorum_settle(&q, &want, &e), &e, ERR_REFUSED, "more than one set");
	assert_non_null(strstr(e.message, "set " SET " "));
	assert_non_null(strstr(e.message, "set " SET2 " "));

	want.set = SET2;
	put_range(&r, "a", &a, 1, 2);
	put_range(&r, "b", &b, 1, 3);
	add(&one, &want, &r);
	assert_ok(quorum_settle(&one, &want, &e), &e);
	assert_int_equal(one.count, 3);
	assert_rejected(&one, 0, "a1", ERR_REFUSED, "a share of another set: " SET);
	assert_opens(&one);
}

static void
forged_shares_never_stand_beside_real_ones_unnoticed(void **state)
{
	DEAL_AUTO real = { 0 };
	DEAL_AUTO forged = { 0 };
	QUORUM_AUTO q = { 0 };
	QUORUM_AUTO anchored = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };
	struct err e;
	char id[MINISIGN_ID_TEXT];

	(void)state;
	deal_make(&real, "Ops", "example.org", SET, 2, 3);
	deal_make(&forged, "Forger", "example.org", SET, 2, 3);
	for (unsigned i = 0; i < forged.count; i++) { /* all but his key and payload is the same */
		struct share *s = &forged.shares[i];
		memcpy(s->vault, "Ops", 4);
		memcpy(s->sealed_hash, real.shares[0].sealed_hash, sizeof(s->sealed_hash));
		assert_ok(sealed_copy(&real.sealed, &s->sealed, &e), &e);
		deal_sign(&forged, s);
	}
	struct quorum_want want = { .key = real.sealed.key };
	put_range(&r, "real", &real, 1, 2);
	put_range(&r, "forged", &forged, 1, 3);
	add(&q, &want, &r);
	assert_int_equal(q.count, 5); /* each fits the key that it names */
	assert_fails(quorum_settle(&q, &want, &e), &e, ERR_REFUSED, "more than one set");
	minisign_pub_id(&real.pub, id);
	assert_non_null(strstr(e.message, id));
	minisign_pub_id(&forged.pub, id);
	assert_non_null(strstr(e.message, id));

	want.anchor = &real.pub;
	put_range(&r, "forged", &forged, 1, 3);
	put_range(&r, "real", &real, 1, 2);
	add(&anchored, &want, &r);
	assert_ok(quorum_settle(&anchored, &want, &e), &e);
	assert_int_equal(anchored.reject_count, 3);
	assert_rejected(&anchored, 2, "forged3", ERR_AUTH, "a share of another vault");
	assert_opens(&anchored);
}

static void
an_incomplete_set_among_the_shares_is_set_aside(void **state)
{
	DEAL_AUTO a = { 0 };
	DEAL_AUTO b = { 0 };
	DEAL_AUTO c = { 0 };
	QUORUM_AUTO q = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };
	struct err e;

	(void)state;
	deal_make(&a, "Ops", "example.org", SET, 3, 5);
	deal_make(&b, "Ops", "example.org", SET2, 3, 5);
	deal_make(&c, "Other", "example.org", SET2, 3, 5);
	const struct quorum_want want = { .key = a.sealed.key };
	for (unsigned i = 1; i <= 2; i++) {
		put_range(&r, "b", &b, i, i);
		put_range(&r, "a", &a, i, i);
		put_range(&r, "c", &c, i, i);
	}
	put_range(&r, "a", &a, 3, 3);
	add(&q, &want, &r);
	assert_ok(quorum_settle(&q, &want, &e), &e);
	assert_int_equal(q.count, 3);
	assert_string_equal(q.labels[0], "a1");
	assert_string_equal(q.labels[2], "a3");
	assert_int_equal(q.reject_count, 4);
	assert_rejected(&q, 0, "b1", ERR_REFUSED, "a share of another set: " SET2);
	assert_rejected(&q, 1, "c1", ERR_REFUSED, "a share of another vault: \"Other\"");
	assert_opens(&q);
}

/* A forger's own signature lets him vary what a real set agrees in; the groups stay apart. */
static void
shares_that_disagree_are_never_combined(void **state)
{
	DEAL_AUTO d = { 0 };
	QUORUM_AUTO q = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };
	struct err e;

	(void)state;
	deal_make(&d, "Forger", "example.org", SET, 3, 5);
	const struct quorum_want want = { .key = d.sealed.key };
	d.shares[0].threshold = 2;
	deal_sign(&d, &d.shares[0]);
	d.shares[1].rehearsal = true;
	deal_sign(&d, &d.shares[1]);
	put_range(&r, "", &d, 1, 4);
	add(&q, &want, &r);
	assert_int_equal(q.count, 4);
	assert_fails(quorum_settle(&q, &want, &e), &e, ERR_REFUSED, "1 more share is needed");
}

static void
the_vaults_own_pin_counts(void **state)
{
	DEAL_AUTO d = { 0 };
	QUORUM_AUTO q = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };

	(void)state;
	deal_make(&d, "Ops", "example.org", SET, 2, 3);
	const struct quorum_want want = { .key = d.sealed.key,
		.anchor = &d.pub,
		.vault_pin = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" };
	put_range(&r, "", &d, 1, 1);
	add(&q, &want, &r);
	assert_rejected(&q, 0, "1", ERR_AUTH, "its pin");
}

static void
one_number_signed_twice_is_noticed(void **state)
{
	DEAL_AUTO d = { 0 };
	QUORUM_AUTO q = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };

	(void)state;
	deal_make(&d, "Ops", "example.org", SET, 2, 3);
	const struct quorum_want want = { .key = d.sealed.key, .anchor = &d.pub };
	d.shares[1].number = 1;
	deal_sign(&d, &d.shares[1]);
	put_range(&r, "", &d, 1, 2);
	add(&q, &want, &r);
	assert_rejected(&q, 0, "2", ERR_REFUSED, "number 1 of set " SET " again");
}

static void
the_sealed_key_of_a_duplicate_is_not_lost(void **state)
{
	DEAL_AUTO d = { 0 };
	QUORUM_AUTO q = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };
	struct err e;

	(void)state;
	deal_make(&d, "Ops", "example.org", SET, 2, 3);
	const struct quorum_want want = { .key = d.sealed.key, .anchor = &d.pub };
	d.shares[0].carries_sealed = false;
	d.shares[1].carries_sealed = false;
	put_range(&r, "card", &d, 1, 2);
	add(&q, &want, &r);
	assert_ok(quorum_settle(&q, &want, &e), &e);
	assert_null(quorum_sealed(&q));
	d.shares[1].carries_sealed = true;
	put_range(&r, "file", &d, 2, 2);
	add(&q, &want, &r);
	assert_rejected(&q, 0, "file2", ERR_REFUSED, "the same share as card2");
	assert_opens(&q);
}

static void
nothing_usable_says_why(void **state)
{
	QUORUM_AUTO q = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };
	const struct quorum_want want = { .key = "example.org" };
	struct err e;

	(void)state;
	put(&r, "/media/usb/a.share", "hello\n", 6);
	add(&q, &want, &r);
	assert_fails(quorum_settle(&q, &want, &e), &e, ERR_REFUSED, "none of the 1 share");
	assert_non_null(strstr(e.hint, "/media/usb/a.share: line 1"));
}

static void
texts_are_wiped_as_they_are_consumed(void **state)
{
	DEAL_AUTO d = { 0 };
	QUORUM_AUTO q = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };
	struct err e;

	(void)state;
	deal_make(&d, "Ops", "example.org", SET, 2, 3);
	const struct quorum_want want = { .key = d.sealed.key, .anchor = &d.pub };
	put_range(&r, "", &d, 1, 3);
	assert_ok(quorum_add(&q, &want, &r, &e), &e);
	for (size_t i = 0; i < r.count; i++)
		assert_null(r.items[i].text.data);
}

/* Proving -------------------------------------------------------------------------------------- */

static void
settle_all(const struct deal *d, struct quorum *q)
{
	const struct quorum_want want = { .key = d->sealed.key, .anchor = &d->pub };
	MEDIUM_RECORDS_AUTO r = { 0 };
	struct err e;

	put_range(&r, "", d, 1, d->count);
	add(q, &want, &r);
	assert_ok(quorum_settle(q, &want, &e), &e);
}

static void
every_subset_is_proven_up_to_the_limit(void **state)
{
	static const struct {
		unsigned k, n;
		uint64_t limit, done;
	} rows[] = {
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
		DEAL_AUTO d = { 0 };
		QUORUM_AUTO q = { 0 };
		uint64_t done = 0;
		struct err e;

		deal_make(&d, "Ops", "example.org", SET, rows[i].k, rows[i].n);
		settle_all(&d, &q);
		assert_ok(quorum_prove(&q, &d.kek, rows[i].limit, &done, &e), &e);
		assert_int_equal(done, rows[i].done);
	}
}

/* Replaces the payload of share 5 by another one that is signed: only subsets with it are wrong. */
static void
one_wrong_subset_fails_the_proof(void **state)
{
	DEAL_AUTO d = { 0 };
	QUORUM_AUTO q = { 0 };
	SECRET_AUTO kek = SECRET_NONE;
	uint64_t done = 77;
	struct err e;

	(void)state;
	deal_make(&d, "Ops", "example.org", SET, 3, 5);
	d.shares[4].data.data[31] ^= 1;
	share_commitment(d.shares[4].data.data, d.shares[4].commitment);
	deal_sign(&d, &d.shares[4]);
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
	DEAL_AUTO d = { 0 };
	uint64_t done = 0;
	struct err e;

	(void)state;
	deal_make(&d, "Ops", "example.org", SET, 3, 20);
	for (unsigned bad = 0; bad < 20; bad += 19) {
		QUORUM_AUTO q = { 0 };
		settle_all(&d, &q);
		q.shares[bad].data.data[0] ^= 1;
		assert_fails(quorum_prove(&q, &d.kek, 300, &done, &e), &e, ERR_INTERNAL,
			"do not give the key back");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(any_k_shares_in_any_order_open_the_key),
		unit(a_key_is_found_by_prefix_and_by_pin),
		unit(fewer_than_k_are_refused_and_counted),
		unit(k_minus_one_shares_never_combine),
		unit(every_bad_share_is_named_and_good_ones_still_settle),
		unit(a_share_altered_in_any_field_is_never_used),
		unit(the_sets_of_two_keys_are_refused_and_listed),
		unit(a_whole_key_id_is_not_taken_for_a_prefix),
		unit(two_complete_sets_are_refused_unless_one_is_asked_for),
		unit(forged_shares_never_stand_beside_real_ones_unnoticed),
		unit(an_incomplete_set_among_the_shares_is_set_aside),
		unit(shares_that_disagree_are_never_combined),
		unit(the_vaults_own_pin_counts),
		unit(one_number_signed_twice_is_noticed),
		unit(the_sealed_key_of_a_duplicate_is_not_lost),
		unit(nothing_usable_says_why),
		unit(texts_are_wiped_as_they_are_consumed),
		unit(every_subset_is_proven_up_to_the_limit),
		unit(one_wrong_subset_fails_the_proof),
		unit(random_subsets_reach_every_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
