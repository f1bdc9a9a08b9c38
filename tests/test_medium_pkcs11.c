/* SPDX-License-Identifier: ISC */
/* The medium of PKCS#11 tokens, on the module in tests/p11/fake.c; real ones are in
 * tests/whole/cards_pkcs11.sh. */
#include "tests/support.h"

#include "tests/faketoken.h"

#include "base/file.h"

#define CRYPTOKI_GNU
#include <p11-kit/pkcs11.h>

static void
shares_are_written_as_private_objects_and_read(void **state)
{
	FAKETOKEN_PAIR_AUTO p;
	struct err e;

	(void)state;
	faketoken_reset();
	faketoken_pair_make(&p);
	assert_ok(faketoken_put(p.sets[0].shares, 1, &e), &e);
	assert_ok(faketoken_put(p.sets[1].shares, 1, &e), &e);
	assert_int_equal(faketoken_objects(), 2);
	assert_int_equal(faketoken_shares(&p.sets[0].pub), 2);
	assert_true(faketoken->objects[0].private);
	assert_string_equal(faketoken->objects[0].application, "coldspare");
	assert_memory_equal(faketoken->objects[0].value, "\x43\xff\x53\x31", 4);
	assert_int_equal(faketoken->wrong_pins, 0);
	assert_int_equal(faketoken->sessions, 0);
	assert_int_equal(faketoken->running, 0);
}

static void
a_look_needs_no_pin_and_knows_the_same_token(void **state)
{
	MEDIUM_LOOK_AUTO look = { 0 };
	MEDIUM_AUTO m = { 0 };
	struct err e;

	(void)state;
	faketoken_reset();
	assert_ok(faketoken_open("", &m, &e), &e);
	faketoken->logins = 0;
	faketoken->flags = CKF_WRITE_PROTECTED;
	faketoken->tell_room = true;
	faketoken->room = 5000;
	assert_ok(medium_look(m.host, m.spec, &look, &e), &e);
	assert_string_equal(look.identity, m.identity);
	assert_true(look.read_only && look.packed && look.room_known);
	assert_int_equal(look.room, 5000 - 3);
	assert_non_null(strstr(look.about, "token 0001 (fake) behind fake.so"));
	assert_int_equal(faketoken->logins, 0);
}

static void
what_was_not_kept_is_removed_and_nothing_else(void **state)
{
	FAKETOKEN_PAIR_AUTO p;
	struct err e;

	(void)state;
	faketoken_reset();
	faketoken_pair_make(&p);
	assert_ok(faketoken_put(p.sets[0].shares, 1, &e), &e);
	{
		MEDIUM_AUTO m = { 0 };
		assert_ok(faketoken_open("", &m, &e), &e);
		assert_ok(faketoken_write(&m, &p.sets[1].shares[0], &e), &e);
		assert_ok(medium_sync(&m, &e), &e);
		assert_int_equal(faketoken_objects(), 2);
	}
	assert_int_equal(faketoken_objects(), 1);
	assert_int_equal(faketoken_shares(&p.sets[0].pub), 1);
}

static void
one_record_is_removed_and_others_can_be_written_after(void **state)
{
	FAKETOKEN_PAIR_AUTO p;
	AUTO_STR name = NULL;
	MEDIUM_AUTO m = { 0 };
	bool removed = false;
	struct err e;

	(void)state;
	faketoken_reset();
	faketoken_pair_make(&p);
	assert_ok(faketoken_put(p.sets[0].shares, 1, &e), &e);
	assert_ok(share_file_name(&p.sets[0].shares[0], &name, &e), &e);
	assert_ok(faketoken_open("", &m, &e), &e);
	assert_ok(medium_remove(&m, name, &removed, &e), &e);
	assert_true(removed);
	assert_int_equal(faketoken_objects(), 0);
	assert_fails(medium_remove(&m, name, &removed, &e), &e, ERR_MISSING, name);
	assert_ok(faketoken_write(&m, &p.sets[1].shares[0], &e), &e);
	assert_ok(medium_sync(&m, &e), &e);
	assert_int_equal(faketoken_objects(), 1);
}

static void
a_second_share_of_the_vault_must_be_the_same_custodians(void **state)
{
	FAKETOKEN_PAIR_AUTO p;
	MEDIUM_AUTO m = { 0 };
	struct err e;

	(void)state;
	faketoken_reset();
	faketoken_pair_make(&p);
	assert_ok(faketoken_put(p.sets[0].shares, 1, &e), &e);
	assert_ok(faketoken_open("", &m, &e), &e);
	assert_fails(faketoken_write(&m, &p.sets[1].shares[1], &e), &e, ERR_REFUSED,
		"this is the token of custodian-1, not of custodian-2");
	assert_fails(faketoken_write(&m, &p.sets[0].shares[0], &e), &e, ERR_EXISTS, "share 1 of");
}

static void
a_full_token_takes_a_share_without_its_sealed_key_or_none(void **state)
{
	FAKETOKEN_PAIR_AUTO p;
	struct err e;

	(void)state;
	faketoken_pair_make(&p);
	faketoken_reset();
	assert_ok(faketoken_put(p.sets[0].shares, 1, &e), &e);
	size_t whole = faketoken->objects[0].len;
	for (int told = 0; told < 2; told++) {
		faketoken_reset();
		faketoken->room = whole - 1;
		faketoken->tell_room = told;
		/* Where room is told, the label takes of it as well. */
		faketoken->room += told ? strlen(p.sets[0].shares[0].key) + 27 : 0;
		assert_ok(faketoken_put(p.sets[0].shares, 1, &e), &e);
		assert_int_equal(faketoken_shares(&p.sets[0].pub), 1);
		assert_true(faketoken->objects[0].len < whole);
		assert_fails(faketoken_put(p.sets[1].shares, 1, &e), &e, ERR_REFUSED,
			told ? "it has room for" : "the token is full");
		assert_int_equal(faketoken_objects(), 1);
	}
}

/* The second one is what does not fit: the first is written anew with it. */
static void
all_shares_go_without_their_sealed_keys_or_none(void **state)
{
	FAKETOKEN_PAIR_AUTO p;
	struct share both[2];
	struct err e;

	(void)state;
	faketoken_pair_make(&p);
	faketoken_reset();
	both[0] = p.sets[0].shares[0];
	both[1] = p.sets[1].shares[0];
	assert_ok(faketoken_put(both, 2, &e), &e);
	size_t whole = faketoken->objects[0].len + faketoken->objects[1].len;
	faketoken_reset();
	faketoken->room = whole - 1;
	assert_ok(faketoken_put(both, 2, &e), &e);
	assert_int_equal(faketoken_shares(&p.sets[0].pub), 2);
	assert_true(faketoken->objects[0].len + faketoken->objects[1].len < whole - 1);
}

static void
wrong_and_locked_pins_and_strange_tokens_are_told_apart(void **state)
{
	MEDIUM_AUTO m = { 0 };
	struct err e;

	(void)state;
	faketoken_reset();
	faketoken_pin = "0000";
	assert_fails(faketoken_open("", &m, &e), &e, ERR_AUTH, "wrong PIN");
	assert_int_equal(faketoken->wrong_pins, 1);
	faketoken_pin = "123";
	assert_fails(faketoken_open("", &m, &e), &e, ERR_AUTH, "no try was spent");
	assert_int_equal(faketoken->wrong_pins, 1);
	faketoken->tries = 1;
	faketoken_pin = "4711";
	assert_ok(faketoken_open("", &m, &e), &e);
	assert_int_equal(faketoken_tries, 1);
	medium_close(&m);
	faketoken->tries = 2;
	faketoken_pin = "0000";
	assert_fails(faketoken_open("", &m, &e), &e, ERR_AUTH, "wrong PIN");
	assert_non_null(strstr(e.hint, "one try is left"));
	faketoken->tries = 0;
	faketoken->logins = 0;
	assert_fails(faketoken_open("", &m, &e), &e, ERR_AUTH, "blocked");
	assert_int_equal(faketoken->logins, 0);
	faketoken->tries = 3;
	faketoken->token_info = CKR_TOKEN_NOT_RECOGNIZED;
	assert_fails(
		faketoken_open("", &m, &e), &e, ERR_DEVICE, "does not know this kind of token");
}

static void
a_pin_that_was_right_is_not_sent_again_as_the_last_try(void **state)
{
	FAKETOKEN_PAIR_AUTO p;
	MEDIUM_AUTO m = { 0 };
	struct err e;

	(void)state;
	faketoken_reset();
	faketoken_pair_make(&p);
	assert_ok(faketoken_open("", &m, &e), &e);
	assert_ok(faketoken_write(&m, &p.sets[0].shares[0], &e), &e);
	faketoken->tries = 1;
	faketoken_tries = -2;
	assert_ok(medium_sync(&m, &e), &e);
	assert_int_equal(faketoken_tries, 1);
}

static void
a_pinpad_is_given_no_pin_and_its_last_try_is_asked_for(void **state)
{
	MEDIUM_AUTO m = { 0 };
	struct err e;

	(void)state;
	faketoken_reset();
	faketoken->flags = CKF_PROTECTED_AUTHENTICATION_PATH;
	assert_ok(faketoken_open("", &m, &e), &e);
	assert_int_equal(faketoken->null_pins, 1);
	medium_close(&m);
	faketoken->tries = 1;
	faketoken->logins = 0;
	faketoken_pin = "";
	assert_fails(faketoken_open("", &m, &e), &e, ERR_REFUSED, "nobody said yes");
	assert_int_equal(faketoken_tries, 1);
	assert_int_equal(faketoken->logins, 0);
}

static void
a_pin_that_is_to_be_changed_is_warned_of(void **state)
{
	MEDIUM_AUTO m = { 0 };
	struct err e;

	(void)state;
	faketoken_reset();
	faketoken->flags = CKF_USER_PIN_TO_BE_CHANGED;
	assert_ok(faketoken_open("", &m, &e), &e);
	assert_non_null(strstr(faketoken_said, "its PIN is to be changed"));
}

/* Called whenever the medium looks for a token that is not there: it comes the third time. */
static void
come_at_the_third_look(void)
{
	faketoken->tokens = faketoken->slot_lists >= 5;
}

static void
a_token_is_waited_for_where_somebody_is_there(void **state)
{
	MEDIUM_AUTO m = { 0 };
	struct err e;

	(void)state;
	faketoken_reset();
	faketoken_patience = 60000;
	faketoken->tokens = 0;
	faketoken->look = come_at_the_third_look;
	assert_ok(faketoken_open("#0001", &m, &e), &e);
	assert_non_null(strstr(faketoken_said, "there is no token: insert the token 0001 of"));
	medium_close(&m);
	faketoken->look = NULL;
	faketoken->clear = CKF_TOKEN_INITIALIZED;
	strcpy(faketoken->serial[0], "");
	assert_fails(faketoken_open("", &m, &e), &e, ERR_DEVICE, "not set up");
}

static void
the_right_token_is_chosen_or_none(void **state)
{
	MEDIUM_AUTO a = { 0 };
	MEDIUM_AUTO b = { 0 };
	struct err e;

	(void)state;
	faketoken_reset();
	faketoken->tokens = 2;
	assert_fails(faketoken_open("", &a, &e), &e, ERR_USAGE, "0001 (fake), 0002 (fake)");
	assert_fails(faketoken_open("#0003", &a, &e), &e, ERR_AUTH, "is 0003, and here is 0001");
	assert_ok(faketoken_open("#0001", &a, &e), &e);
	faketoken_pin = "4712";
	assert_ok(faketoken_open("#0002", &b, &e), &e);
	assert_string_not_equal(a.identity, b.identity);
	assert_int_equal(faketoken->running, 1);
	medium_close(&a);
	assert_int_equal(faketoken->running, 1);
	medium_close(&b);
	assert_int_equal(faketoken->running, 0);
	/* As OpenSC shows a card with two PINs. */
	strcpy(faketoken->serial[1], "0001");
	faketoken_pin = "4711";
	assert_ok(faketoken_open("", &a, &e), &e);
	medium_close(&a);
	faketoken->tokens = 0;
	assert_fails(faketoken_open("", &a, &e), &e, ERR_DEVICE, "there is no token");
	assert_fails(faketoken_open("#0001", &a, &e), &e, ERR_DEVICE, "there is no token");
	faketoken->tokens = 1;
	faketoken->clear = CKF_TOKEN_INITIALIZED;
	assert_fails(faketoken_open("", &a, &e), &e, ERR_DEVICE, "not set up");
	faketoken->clear = 0;
	strcpy(faketoken->serial[0], "");
	assert_fails(faketoken_open("", &a, &e), &e, ERR_DEVICE, "no serial number");
}

static void
places_are_checked_without_a_look_at_them(void **state)
{
	static const char *const bad[] = { "pkcs11:", "pkcs11:a/b.so", "pkcs11:./b.so", "pkcs11:#1",
		"pkcs11:a.so#", "pkcs11:a.so# ", "pkcs11:a.so#1 2" };
	struct err e;

	(void)state;
	assert_ok(medium_check(faketoken_kinds, "pkcs11:nowhere.so", &e), &e);
	assert_ok(medium_check(faketoken_kinds, "pkcs11:/nowhere.so#0001", &e), &e);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_fails(medium_check(faketoken_kinds, bad[i], &e), &e, ERR_USAGE, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(shares_are_written_as_private_objects_and_read),
		unit(a_look_needs_no_pin_and_knows_the_same_token),
		unit(what_was_not_kept_is_removed_and_nothing_else),
		unit(one_record_is_removed_and_others_can_be_written_after),
		unit(a_second_share_of_the_vault_must_be_the_same_custodians),
		unit(a_full_token_takes_a_share_without_its_sealed_key_or_none),
		unit(all_shares_go_without_their_sealed_keys_or_none),
		unit(wrong_and_locked_pins_and_strange_tokens_are_told_apart),
		unit(a_pin_that_was_right_is_not_sent_again_as_the_last_try),
		unit(a_pinpad_is_given_no_pin_and_its_last_try_is_asked_for),
		unit(a_pin_that_is_to_be_changed_is_warned_of),
		unit(a_token_is_waited_for_where_somebody_is_there),
		unit(the_right_token_is_chosen_or_none),
		unit(places_are_checked_without_a_look_at_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
