/* SPDX-License-Identifier: ISC */
#include "tests/cardreplay.h"
#include "tests/support.h"

#include <sodium.h>

#define SELECT                                                                                     \
	{                                                                                          \
		"00a4040005a000000308 00", "61114f06000010000100 79074f05a000000308 9000"          \
	}
#define SERIAL                                                                                     \
	{                                                                                          \
		"00f8000000", "00bada55 9000"                                                      \
	}
#define TRIES                                                                                      \
	{                                                                                          \
		"00200080", "63c3"                                                                 \
	}
#define FACTORY_KEY "010203040506070801020304050607080102030405060708"

static void
a_yubikey_is_known_by_its_number_and_others_by_their_guid(void **state)
{
	static const struct {
		const char *serial;
		struct replay_line lines[5];
	} rows[] = {
		{ "12245589", { SELECT, SERIAL, TRIES } },
		{ "00112233445566778899aabbccddeeff",
			{ SELECT, { "00f8000000", "6d00" },
				{ "00cb3fff05 5c035fc102 00",
					"5316 3000 3410 00112233445566778899aabbccddeeff fe00 "
					"9000" },
				TRIES } },
		{ "0102030405060708",
			{ SELECT, { "00f8000000", "0102030405060708 9000" }, TRIES } },
	};
	struct cardreplay r;
	struct card *c = &r.card;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_ok(cardreplay_begin(&r, &card_piv, rows[i].lines, &e), &e);
		assert_string_equal(c->serial, rows[i].serial);
		assert_int_equal(c->tries, 3);
		assert_int_equal(c->slots, 2);
		cardreplay_finish(&r);
	}
}

static void
a_card_that_nothing_tells_from_others_is_refused(void **state)
{
	static const struct {
		const char *reason;
		struct replay_line lines[5];
	} rows[] = {
		{ "no PIV card application (6A82)", { { "00a4040005a000000308 00", "6a82" } } },
		{ "without a serial number or a CHUID",
			{ SELECT, { "00f8000000", "6d00" },
				{ "00cb3fff05 5c035fc102 00", "6a82" } } },
		{ "without a serial number or a CHUID",
			{ SELECT, { "00f8000000", "6d00" },
				{ "00cb3fff05 5c035fc102 00",
					"5312 3410 00000000000000000000000000000000 9000" } } },
		{ "is no object", { SELECT, { "00f8000000", "6d00" },
					  { "00cb3fff05 5c035fc102 00", "5412 3410 9000" } } },
		{ "serial number of 17 bytes",
			{ SELECT, { "00f8000000", "0102030405060708090a0b0c0d0e0f1011 9000" } } },
		{ "asking for the PIN's tries", { SELECT, SERIAL, { "00200080", "6a88" } } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cardreplay_refused(&card_piv, rows[i].lines, rows[i].reason);
}

static void
objects_are_read_and_written_and_the_third_is_never_asked_for(void **state)
{
	static const struct replay_line lines[] = {
		SELECT,
		SERIAL,
		TRIES,
		{ "0020008008 313233343536ffff", "9000" },
		{ "00cb3fff05 5c035fc103 00", "5302 0102 9000" },
		{ "00cb3fff05 5c035fc108 00", "6a82" },
		{ "00db3fff0a 5c035fc103 53 03 616263", "9000" },
		{ "00db3fff07 5c035fc108 53 00", "9000" },
		{ "00cb3fff05 5c035fc108 00", "5300 9000" },
		{ "00cb3fff05 5c035fc103 00", "530301 9000" },
		{ "00cb3fff05 5c035fc103 00", "5301010102 9000" },
		{ 0 },
	};
	SECRET_AUTO bytes = SECRET_NONE;
	struct cardreplay r;
	struct card *c = &r.card;
	struct err e;

	(void)state;
	assert_ok(cardreplay_begin(&r, &card_piv, lines, &e), &e);
	assert_ok(c->driver->verify(c, cardreplay_text(&bytes, "123456"), &e), &e);
	secret_free(&bytes);
	assert_ok(c->driver->load(c, 0, &bytes, &e), &e);
	assert_int_equal(bytes.len, 2);
	secret_free(&bytes);
	assert_ok(c->driver->load(c, 1, &bytes, &e), &e);
	assert_int_equal(bytes.len, 0);
	assert_ok(c->driver->store(c, 0, cardreplay_text(&bytes, "abc"), &e), &e);
	assert_ok(c->driver->store(c, 1, cardreplay_text(&bytes, ""), &e), &e);
	secret_free(&bytes);
	assert_ok(c->driver->load(c, 1, &bytes, &e), &e);
	assert_int_equal(bytes.len, 0);
	for (int i = 0; i < 2; i++)
		assert_fails(c->driver->load(c, 0, &bytes, &e), &e, ERR_DEVICE, "is no object");
	cardreplay_finish(&r);
}

static void
what_the_card_has_no_room_for_is_refused(void **state)
{
	static const struct replay_line lines[] = {
		SELECT,
		SERIAL,
		TRIES,
		{ "00db3fff0a 5c035fc103 53 03 616263", "6a84" },
		{ "00db3fff0a 5c035fc103 53 03 616263", "6700" },
		{ "00db3fff0a 5c035fc103 53 03 616263", "6982" },
		{ 0 },
	};
	SECRET_AUTO bytes = SECRET_NONE;
	struct cardreplay r;
	struct card *c = &r.card;
	struct err e;

	(void)state;
	assert_ok(cardreplay_begin(&r, &card_piv, lines, &e), &e);
	cardreplay_text(&bytes, "abc");
	for (int i = 0; i < 2; i++) {
		assert_fails(c->driver->store(c, 0, &bytes, &e), &e, ERR_REFUSED,
			"3 bytes are more than the card takes");
		assert_non_null(strstr(e.hint, "lock a folder by the card"));
	}
	assert_fails(c->driver->store(c, 0, &bytes, &e), &e, ERR_AUTH, "wants its");
	cardreplay_finish(&r);
}

static void
a_wrong_pin_is_sent_once_and_one_of_impossible_length_never(void **state)
{
	static const struct replay_line lines[] = {
		SELECT,
		SERIAL,
		TRIES,
		{ "0020008008 363534333231ffff", "63c2" },
		{ "0020008008 363534333231ffff", "6983" },
		{ 0 },
	};
	SECRET_AUTO pin = SECRET_NONE;
	struct cardreplay r;
	struct card *c = &r.card;
	struct err e;

	(void)state;
	assert_ok(cardreplay_begin(&r, &card_piv, lines, &e), &e);
	assert_fails(card_pin_check(c, cardreplay_text(&pin, "123456789"), &e), &e, ERR_AUTH,
		"not tried");
	cardreplay_text(&pin, "654321");
	assert_fails(c->driver->verify(c, &pin, &e), &e, ERR_AUTH, "wrong PIN");
	assert_int_equal(c->tries, 2);
	assert_fails(c->driver->verify(c, &pin, &e), &e, ERR_AUTH, "blocked now");
	cardreplay_finish(&r);
}

/* The management key ----------------------------------------------------------------------- */

/* Every random byte is 11. */
static void
elevens(void *const out, const size_t len)
{
	memset(out, 0x11, len);
}
static const char *
elevens_name(void)
{
	return "elevens";
}
static uint32_t
eleven(void)
{
	return 0x11111111;
}

static bool
proves(const char *key, const struct replay_line *lines, struct err *e)
{
	static const struct randombytes_implementation fixed = {
		.implementation_name = elevens_name, .random = eleven, .buf = elevens
	};
	SECRET_AUTO typed = SECRET_NONE;
	struct cardreplay r;
	struct card *c = &r.card;

	assert_ok(cardreplay_begin(&r, &card_piv, lines, e), e);
	assert_int_equal(randombytes_set_implementation(
				 (struct randombytes_implementation *)(uintptr_t)&fixed),
		0);
	bool ok = c->driver->admins[0].prove(c, cardreplay_text(&typed, key), e);
	assert_int_equal(randombytes_set_implementation(&randombytes_sysrandom_implementation), 0);
	cardreplay_finish(&r);
	return ok;
}

#define WITNESS_8 "a0a1a2a3a4a5a6a7"
#define WITNESS_16 "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
#define ELEVENS_8 "1111111111111111"
#define ELEVENS_16 "11111111111111111111111111111111"
#define NO_METADATA                                                                                \
	{                                                                                          \
		"00f7009b00", "6d00"                                                               \
	}

/* What is encrypted here was encrypted by `openssl enc`. */
static void
a_management_key_of_each_algorithm_is_proven_by_both(void **state)
{
	static const struct {
		const char *key;
		struct replay_line lines[9];
	} rows[] = {
		{ FACTORY_KEY,
			{ SELECT, SERIAL, TRIES, { "00f7009b00", "010103 050101 9000" },
				{ "0087039b04 7c028000 00", "7c0a 8008 e5ceacb549aaa8dc 9000" },
				{ "0087039b16 7c14 8008" WITNESS_8 "8108" ELEVENS_8 "00",
					"7c0a 8208 cfeb820c4ca2f608 9000" } } },
		{ FACTORY_KEY,
			{ SELECT, SERIAL, TRIES, { "00f7009b00", "01010a 9000" },
				{ "00870a9b04 7c028000 00",
					"7c12 8010 7de098c98ccf1ae80bd8107b4339e067 9000" },
				{ "00870a9b26 7c24 8010" WITNESS_16 "8110" ELEVENS_16 "00",
					"7c12 8210 8a0927eca98c2a1b8cbbb53bdf4a3c2b 9000" } } },
		{ "0102030405060708010203040506070801020304050607080102030405060708",
			{ SELECT, SERIAL, TRIES, NO_METADATA, { "0087039b04 7c028000 00", "6a86" },
				{ "00870a9b04 7c028000 00", "6a86" },
				{ "00870c9b04 7c028000 00",
					"7c12 8010 d710539ffee627f3a495f4795d98444b 9000" },
				{ "00870c9b26 7c24 8010" WITNESS_16 "8110" ELEVENS_16 "00",
					"7c12 8210 7cfea6a4f7e575c96c7240976c97b52a 9000" } } },
		{ "01020304050607080102030405060708",
			{ SELECT, SERIAL, TRIES, { "00f7009b00", "010108 9000" },
				{ "0087089b04 7c028000 00",
					"7c12 8010 f3177d9401cc5c4ecb34a0f4b100a90f 9000" },
				{ "0087089b26 7c24 8010" WITNESS_16 "8110" ELEVENS_16 "00",
					"7c12 8210 db45286b8e5f6f913325bcbf17d45b41 9000" } } },
	};
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_ok(proves(rows[i].key, rows[i].lines, &e), &e);
}

static void
a_wrong_management_key_and_a_card_that_has_none_are_told_apart(void **state)
{
#define POSED                                                                                      \
	SELECT, SERIAL, TRIES, { "00f7009b00", "010103 9000" },                                    \
	{                                                                                          \
		"0087039b04 7c028000 00", "7c0a 8008 e5ceacb549aaa8dc 9000"                        \
	}
#define SOLVED "0087039b16 7c14 8008" WITNESS_8 "8108" ELEVENS_8 "00"
	static const struct {
		enum err_code code;
		const char *reason;
		struct replay_line lines[9];
	} rows[] = {
		{ ERR_AUTH, "wrong management key for the PIV card 12245589",
			{ POSED, { SOLVED, "6982" } } },
		{ ERR_DEVICE, "does not allow it", { POSED, { SOLVED, "6985" } } },
		{ ERR_AUTH, "does not know its own management key",
			{ POSED, { SOLVED, "7c0a 8208 cfeb820c4ca2f609 9000" } } },
		{ ERR_DEVICE, "is no 3DES block",
			{ POSED, { SOLVED, "7c09 8207 cfeb820c4ca2f6 9000" } } },
		{ ERR_DEVICE, "is no 3DES block", { POSED, { SOLVED, "9000" } } },
		{ ERR_AUTH, "is AES-128, 32 hexadecimal digits: not tried",
			{ SELECT, SERIAL, TRIES, { "00f7009b00", "010108 9000" },
				{ "0087089b04 7c028000 00",
					"7c12 8010 f3177d9401cc5c4ecb34a0f4b100a90f 9000" } } },
		{ ERR_DEVICE, "no management key of an algorithm",
			{ SELECT, SERIAL, TRIES, NO_METADATA, { "0087039b04 7c028000 00", "6a86" },
				{ "00870a9b04 7c028000 00", "6a86" },
				{ "00870c9b04 7c028000 00", "6a80" },
				{ "0087089b04 7c028000 00", "6d00" } } },
	};
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_fails(
			proves(FACTORY_KEY, rows[i].lines, &e), &e, rows[i].code, rows[i].reason);
}

static void
what_is_no_management_key_is_not_sent(void **state)
{
	static const char *const rows[] = { "", "0102", FACTORY_KEY "01",
		"01020304050607080102030405060708010203040506070g", "factory" };
	const struct card c = { .driver = &card_piv };
	const struct card_admin *key = card_admin_to_write(&c);
	SECRET_AUTO typed = SECRET_NONE;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_fails(key->check(&c, cardreplay_text(&typed, rows[i]), &e), &e, ERR_AUTH,
			"not tried");
	assert_ok(key->check(&c, cardreplay_text(&typed, FACTORY_KEY), &e), &e);
	assert_true(card_admin_is_factory(key, &typed));
	assert_false(card_admin_is_factory(
		key, cardreplay_text(&typed, "010203040506070801020304050607080102030405060709")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(a_yubikey_is_known_by_its_number_and_others_by_their_guid),
		unit(a_card_that_nothing_tells_from_others_is_refused),
		unit(objects_are_read_and_written_and_the_third_is_never_asked_for),
		unit(what_the_card_has_no_room_for_is_refused),
		unit(a_wrong_pin_is_sent_once_and_one_of_impossible_length_never),
		unit(a_management_key_of_each_algorithm_is_proven_by_both),
		unit(a_wrong_management_key_and_a_card_that_has_none_are_told_apart),
		unit(what_is_no_management_key_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
