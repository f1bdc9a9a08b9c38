/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "shares/locked.h"

#define LOCKED_BASE64 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define LOCKED_NONCE "000102030405060708090a0b"
#define LOCKED_CARD "card D2760001240103040006123456780000 " LOCKED_NONCE " " LOCKED_BASE64
#define LOCKED_ARGON "argon2id 3 1048576 abcdefghij012345 " LOCKED_NONCE " " LOCKED_BASE64

static void
locked_lines_are_checked_for_form(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "", "no known kind" },
		{ "rot13 1", "no known kind" },
		{ "argon2id", "passes" },
		{ "argon2id 0 8 abcdefghij012345 " LOCKED_NONCE " " LOCKED_BASE64, "passes" },
		{ "argon2id 1001 8 abcdefghij012345 " LOCKED_NONCE " " LOCKED_BASE64, "passes" },
		{ "argon2id 3 7 abcdefghij012345 " LOCKED_NONCE " " LOCKED_BASE64, "memory" },
		{ "argon2id 3 4194305 abcdefghij012345 " LOCKED_NONCE " " LOCKED_BASE64, "memory" },
		{ "argon2id 3 99999999999999999999 abcdefghij012345 " LOCKED_NONCE, "memory" },
		{ "argon2id 3 8 abcdefghij01234 " LOCKED_NONCE " " LOCKED_BASE64, "salt" },
		{ "argon2id 3 8 abcdefghij012345  " LOCKED_NONCE " " LOCKED_BASE64, "nonce" },
		{ "argon2id 3 8 abcdefghij012345 " LOCKED_NONCE, "ciphertext" },
		{ LOCKED_ARGON "A", "ciphertext" },
		{ LOCKED_ARGON " ", "nothing may follow" },
		{ LOCKED_ARGON " x", "nothing may follow" },
		{ "card  " LOCKED_NONCE " " LOCKED_BASE64, "serial" },
		{ "card 1 " LOCKED_NONCE, "ciphertext" },
		{ "card 1 000102030405060708090A0B " LOCKED_BASE64, "nonce" },
	};
	char with[LOCKED_WITH_MAX], part[LOCKED_TEXT_MAX];
	struct err e;

	(void)state;
	assert_ok(locked_check(LOCKED_ARGON, strlen(LOCKED_ARGON), &e), &e);
	locked_with(LOCKED_ARGON, with);
	assert_string_equal(with, "a passphrase");
	locked_head(LOCKED_ARGON, part);
	assert_string_equal(part, "argon2id 3 1048576 abcdefghij012345");
	assert_false(locked_is(LOCKED_ARGON, "card"));
	assert_ok(locked_check(LOCKED_CARD, strlen(LOCKED_CARD), &e), &e);
	locked_with(LOCKED_CARD, with);
	assert_string_equal(with, "the smartcard D2760001240103040006123456780000");
	locked_first(LOCKED_CARD, part);
	assert_string_equal(part, "D2760001240103040006123456780000");
	assert_true(locked_is(LOCKED_CARD, "card"));
	assert_false(locked_is(LOCKED_CARD, "car"));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_fails(locked_check(rows[i].text, strlen(rows[i].text), &e), &e, ERR_FORMAT,
			rows[i].message);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(locked_lines_are_checked_for_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
