/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "shares/quorum.h"
#include "tests/shareset.h"

#include <stdlib.h>

#define SET "8f3c9a0d11223344"
#define SET2 "0011223344556677"
#define LOCKED                                                                                     \
	"argon2id 3 1048576 abcdefghij012345 000102030405060708090a0b "                            \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

/* All the mistakes a custodian can make, among three good shares. */
static void
every_bad_share_is_named_and_good_ones_still_settle(void **state)
{
	SHARESET_AUTO d = { 0 };
	SHARESET_AUTO other_key = { 0 };
	SHARESET_AUTO other_set = { 0 };
	SHARESET_AUTO other_vault = { 0 };
	QUORUM_AUTO q = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };
	char binary[] = "\0\1\2\377coldspare";
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 3, 5);
	shareset_make(&other_key, "Ops", "example.net", SET, 3, 5);
	shareset_make(&other_set, "Ops", "example.org", SET2, 3, 5);
	shareset_make(&other_vault, "Other", "example.org", SET, 3, 5);
	const struct quorum_want want = { .key = d.sealed.key, .anchor = &d.pub };

	shareset_put_range(&r, "good", &d, 1, 1);
	shareset_put(&r, "empty", "", 0);
	shareset_put(&r, "binary", binary, sizeof(binary));
	shareset_put_range(&r, "key", &other_key, 2, 2);
	shareset_put_range(&r, "vault", &other_vault, 2, 2);
	shareset_put_range(&r, "set", &other_set, 2, 2);
	shareset_put_range(&r, "twice", &d, 1, 1);
	d.shares[3].data.data[0] ^= 1;
	shareset_put_range(&r, "altered", &d, 4, 4);
	d.shares[4].number = 3;
	shareset_put_range(&r, "relabelled", &d, 5, 5);
	d.shares[4].number = 5;
	d.shares[4].locked = strdup(LOCKED);
	shareset_put_range(&r, "locked", &d, 5, 5);
	shareset_put(&r, "unreadable", "", 0);
	secret_free(&r.items[r.count - 1].text);
	err_set(&r.items[r.count - 1].err, ERR_IO, "reading unreadable: Input/output error");
	shareset_put_range(&r, "good", &d, 2, 3);

	shareset_add(&q, &want, &r);
	assert_ok(quorum_settle(&q, &want, &e), &e);
	assert_int_equal(q.count, 3);
	assert_string_equal(q.labels[0], "good1");
	assert_string_equal(q.labels[2], "good3");
	shareset_assert_opens(&q);

	assert_int_equal(q.reject_count, 10);
	shareset_assert_rejected(&q, 0, "empty", ERR_FORMAT, "empty");
	shareset_assert_rejected(&q, 1, "binary", ERR_FORMAT, "line 1");
	shareset_assert_rejected(
		&q, 2, "key2", ERR_REFUSED, "a share of another key: example.net-");
	shareset_assert_rejected(&q, 3, "vault2", ERR_AUTH, "a share of another vault: \"Other\"");
	shareset_assert_rejected(&q, 4, "twice1", ERR_REFUSED, "the same share as good1: number 1");
	shareset_assert_rejected(&q, 5, "altered4", ERR_AUTH, "\"data:\" does not fit");
	shareset_assert_rejected(&q, 6, "relabelled5", ERR_AUTH, "the signature does not fit");
	shareset_assert_rejected(&q, 7, "locked5", ERR_REFUSED, "locked with a passphrase");
	shareset_assert_rejected(&q, 8, "unreadable", ERR_IO, "Input/output");
	shareset_assert_rejected(&q, 9, "set2", ERR_REFUSED, "a share of another set: " SET2);
}

/* Every line of one share changed in every way that leaves it a share: none is used. */
static void
a_share_altered_in_any_field_is_never_used(void **state)
{
	SHARESET_AUTO d = { 0 };
	SECRET_AUTO text = SECRET_NONE;
	size_t parsed = 0;
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 3, 5);
	assert_ok(share_encode(&d.shares[0], false, &text, &e), &e);
	for (int anchored = 0; anchored <= 1; anchored++) {
		const struct quorum_want want = { .key = "", .anchor = anchored ? &d.pub : NULL };
		QUORUM_AUTO q = { 0 };
		MEDIUM_RECORDS_AUTO r = { 0 };

		for (size_t i = 0; i < text.len; i++) {
			text.data[i] ^= 1;
			shareset_put(&r, "altered", text.data, text.len);
			text.data[i] ^= 1;
		}
		shareset_add(&q, &want, &r);
		assert_int_equal(q.count, 0);
		assert_int_equal(q.reject_count, text.len);
		for (size_t i = 0; i < q.reject_count; i++)
			parsed += q.rejects[i].err.code == ERR_AUTH;
	}
	assert_true(parsed > text.len); /* most of them got as far as the signature */
}

static void
an_incomplete_set_among_the_shares_is_set_aside(void **state)
{
	SHARESET_AUTO a = { 0 };
	SHARESET_AUTO b = { 0 };
	SHARESET_AUTO c = { 0 };
	QUORUM_AUTO q = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };
	struct err e;

	(void)state;
	shareset_make(&a, "Ops", "example.org", SET, 3, 5);
	shareset_make(&b, "Ops", "example.org", SET2, 3, 5);
	shareset_make(&c, "Other", "example.org", SET2, 3, 5);
	const struct quorum_want want = { .key = a.sealed.key };
	for (unsigned i = 1; i <= 2; i++) {
		shareset_put_range(&r, "b", &b, i, i);
		shareset_put_range(&r, "a", &a, i, i);
		shareset_put_range(&r, "c", &c, i, i);
	}
	shareset_put_range(&r, "a", &a, 3, 3);
	shareset_add(&q, &want, &r);
	assert_ok(quorum_settle(&q, &want, &e), &e);
	assert_int_equal(q.count, 3);
	assert_string_equal(q.labels[0], "a1");
	assert_string_equal(q.labels[2], "a3");
	assert_int_equal(q.reject_count, 4);
	shareset_assert_rejected(&q, 0, "b1", ERR_REFUSED, "a share of another set: " SET2);
	shareset_assert_rejected(&q, 1, "c1", ERR_REFUSED, "a share of another vault: \"Other\"");
	shareset_assert_opens(&q);
}

static void
the_vaults_own_pin_counts(void **state)
{
	SHARESET_AUTO d = { 0 };
	QUORUM_AUTO q = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 2, 3);
	const struct quorum_want want = { .key = d.sealed.key,
		.anchor = &d.pub,
		.vault_pin = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" };
	shareset_put_range(&r, "", &d, 1, 1);
	shareset_add(&q, &want, &r);
	shareset_assert_rejected(&q, 0, "1", ERR_AUTH, "its pin");
}

static void
one_number_signed_twice_is_noticed(void **state)
{
	SHARESET_AUTO d = { 0 };
	QUORUM_AUTO q = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 2, 3);
	const struct quorum_want want = { .key = d.sealed.key, .anchor = &d.pub };
	d.shares[1].number = 1;
	shareset_sign(&d, &d.shares[1]);
	shareset_put_range(&r, "", &d, 1, 2);
	shareset_add(&q, &want, &r);
	shareset_assert_rejected(&q, 0, "2", ERR_REFUSED, "number 1 of set " SET " again");
}

static void
the_sealed_key_of_a_duplicate_is_not_lost(void **state)
{
	SHARESET_AUTO d = { 0 };
	QUORUM_AUTO q = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 2, 3);
	const struct quorum_want want = { .key = d.sealed.key, .anchor = &d.pub };
	d.shares[0].carries_sealed = false;
	d.shares[1].carries_sealed = false;
	shareset_put_range(&r, "card", &d, 1, 2);
	shareset_add(&q, &want, &r);
	assert_ok(quorum_settle(&q, &want, &e), &e);
	assert_null(quorum_sealed(&q));
	d.shares[1].carries_sealed = true;
	shareset_put_range(&r, "file", &d, 2, 2);
	shareset_add(&q, &want, &r);
	shareset_assert_rejected(&q, 0, "file2", ERR_REFUSED, "the same share as card2");
	shareset_assert_opens(&q);
}

static void
nothing_usable_says_why(void **state)
{
	QUORUM_AUTO q = { 0 };
	MEDIUM_RECORDS_AUTO r = { 0 };
	const struct quorum_want want = { .key = "example.org" };
	struct err e;

	(void)state;
	shareset_put(&r, "/media/usb/a.share", "hello\n", 6);
	shareset_add(&q, &want, &r);
	assert_fails(quorum_settle(&q, &want, &e), &e, ERR_REFUSED, "none of the 1 share");
	assert_non_null(strstr(e.hint, "/media/usb/a.share: line 1"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(every_bad_share_is_named_and_good_ones_still_settle),
		unit(a_share_altered_in_any_field_is_never_used),
		unit(an_incomplete_set_among_the_shares_is_set_aside),
		unit(the_vaults_own_pin_counts),
		unit(one_number_signed_twice_is_noticed),
		unit(the_sealed_key_of_a_duplicate_is_not_lost),
		unit(nothing_usable_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
