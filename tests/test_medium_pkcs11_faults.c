/* SPDX-License-Identifier: ISC */
/* What tokens and modules do to a medium that real ones do not do on demand. */
#include "tests/support.h"

#include "tests/faketoken.h"

#define CRYPTOKI_GNU
#include <p11-kit/pkcs11.h>

/* Each call in turn fails once, or from then on, while there is a share already. */
static void
each_call(const struct faketoken_pair *p, bool for_good)
{
	struct err e = { 0 };
	bool done = false;

	for (unsigned n = 1; !done; n++) {
		faketoken_reset();
		assert_ok(faketoken_put(p->sets[0].shares, 1, &e), &e);
		faketoken->calls = 0;
		faketoken->fail_at = n;
		faketoken->fail_with = CKR_DEVICE_REMOVED;
		faketoken->fail_for_good = for_good;
		bool ok = faketoken_put(p->sets[1].shares, 1, &e);
		done = faketoken->calls < n;
		faketoken->fail_at = 0;
		if (!ok)
			assert_int_equal(e.code, ERR_DEVICE);
		if (!ok && faketoken_objects() != 1)
			assert_non_null(strstr(faketoken_said, "was not taken back"));
		if (!ok && !for_good)
			assert_int_equal(faketoken_objects(), 1);
		assert_int_equal(
			faketoken_shares(&p->sets[0].pub), ok || faketoken_objects() == 2 ? 2 : 1);
		assert_int_equal(faketoken->wrong_pins, 0);
		assert_int_equal(faketoken->running, 0);
		assert_true(n < 200);
	}
}

static void
a_token_that_fails_at_any_call_loses_nothing(void **state)
{
	FAKETOKEN_PAIR_AUTO p;

	(void)state;
	faketoken_pair_make(&p);
	each_call(&p, false);
	each_call(&p, true);
}

/* A share that cannot be put there for this reason, and leaves nothing. */
static void
assert_refused(const struct faketoken_pair *p, enum err_code code, const char *message)
{
	struct err e;

	assert_fails(faketoken_put(p->sets[0].shares, 1, &e), &e, code, message);
	assert_int_equal(faketoken_objects(), 0);
	assert_int_equal(faketoken->sessions, 0);
}

static void
a_token_that_does_not_keep_its_word_is_refused(void **state)
{
	FAKETOKEN_PAIR_AUTO p;

	(void)state;
	faketoken_pair_make(&p);
	faketoken_reset();
	faketoken->tear = 100;
	assert_refused(&p, ERR_DEVICE, "did not keep what was written");
	faketoken_reset();
	faketoken->ignores_private = true;
	assert_refused(&p, ERR_DEVICE, "without its PIN");
	faketoken_reset();
	faketoken->flags = CKF_WRITE_PROTECTED;
	assert_refused(&p, ERR_DEVICE, "write-protected");
	faketoken_reset();
	faketoken->clear = CKF_LOGIN_REQUIRED;
	assert_refused(&p, ERR_REFUSED, "asks for no PIN");
	faketoken_reset();
	faketoken->clear = CKF_USER_PIN_INITIALIZED;
	assert_refused(&p, ERR_DEVICE, "no user PIN");
}

/* An object that nobody would know for ours again is left: it cannot be told from others'. */
static void
a_token_that_forgets_whose_objects_are_is_refused(void **state)
{
	FAKETOKEN_PAIR_AUTO p;
	struct err e;

	(void)state;
	faketoken_pair_make(&p);
	faketoken_reset();
	faketoken->drops_application = true;
	assert_fails(faketoken_put(p.sets[0].shares, 1, &e), &e, ERR_DEVICE, "did not keep");
}

static void
lengths_and_counts_that_cannot_be_are_refused(void **state)
{
	FAKETOKEN_PAIR_AUTO p;
	MEDIUM_AUTO m = { 0 };
	struct err e;

	(void)state;
	faketoken_pair_make(&p);
	faketoken_reset();
	assert_ok(faketoken_put(p.sets[0].shares, 1, &e), &e);
	faketoken->longer = 5;
	assert_fails(faketoken_open("", &m, &e), &e, ERR_DEVICE, "over the end");
	faketoken->longer = 0;
	faketoken->endless = true;
	assert_fails(faketoken_open("", &m, &e), &e, ERR_DEVICE, "more than 65536 objects");
	faketoken->endless = false;
	faketoken->greedy = true;
	assert_fails(faketoken_open("", &m, &e), &e, ERR_DEVICE, "than it was asked for");
	faketoken->greedy = false;
	faketoken->slots_said = 100000;
	assert_fails(faketoken_open("", &m, &e), &e, ERR_DEVICE, "100000 tokens");
	faketoken->slots_said = 0;
	faketoken->slots_given = 7;
	assert_fails(faketoken_open("", &m, &e), &e, ERR_DEVICE, "more tokens than it has");
	assert_int_equal(faketoken->sessions, 0);
}

/* Reads the one record, which must be torn. */
static void
assert_torn(void)
{
	MEDIUM_RECORDS_AUTO records = { 0 };
	MEDIUM_AUTO m = { 0 };
	struct err e;

	assert_ok(faketoken_open("", &m, &e), &e);
	assert_ok(medium_read(&m, NULL, &records, &e), &e);
	assert_int_equal(records.count, 1);
	assert_int_equal(records.items[0].err.code, ERR_FORMAT);
	assert_non_null(strstr(records.items[0].err.message, "torn"));
	assert_non_null(strstr(records.items[0].label, ".001.share"));
}

static void
a_torn_object_is_told_and_never_taken_for_a_share(void **state)
{
	static const size_t lengths[] = { 0, 1, 4, 14, 200 };
	FAKETOKEN_PAIR_AUTO p;
	struct err e;

	(void)state;
	faketoken_pair_make(&p);
	faketoken_reset();
	assert_ok(faketoken_put(p.sets[0].shares, 1, &e), &e);
	size_t whole = faketoken->objects[0].len;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		faketoken->objects[0].len = lengths[i];
		assert_torn();
	}
	faketoken->objects[0].len = whole;
	faketoken->objects[0].value[100] ^= 1;
	assert_torn();
	/* Over the limit of an object of ours. */
	faketoken->objects[0].value[100] ^= 1;
	faketoken->lengths = 20000;
	assert_torn();
	faketoken->lengths = 0;
	assert_int_equal(faketoken_shares(&p.sets[0].pub), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(a_token_that_fails_at_any_call_loses_nothing),
		unit(a_token_that_does_not_keep_its_word_is_refused),
		unit(a_token_that_forgets_whose_objects_are_is_refused),
		unit(lengths_and_counts_that_cannot_be_are_refused),
		unit(a_torn_object_is_told_and_never_taken_for_a_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
