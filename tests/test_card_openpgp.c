/* SPDX-License-Identifier: ISC */
#include "tests/cardreplay.h"
#include "tests/support.h"

#include "hsm/pgpkdf.h"

/* In the description of a version 3.4 card, whose private objects hold up to 4096 bytes. */
#define AID "4f10 d2760001240103040006123456780000"
#define SELECT                                                                                     \
	{                                                                                          \
		"00a4040006d2760001240100", "9000"                                                 \
	}

#define RELATED_OK                                                                                 \
	"6e29" AID "7315"                                                                          \
	"c00a 7c 00 0000 0000 1000 0000"                                                           \
	"c407 007f7f7f030003"                                                                      \
	"9000"
#define RELATED_TWO                                                                                \
	"6e29" AID "7315"                                                                          \
	"c00a 7c 00 0000 0000 1000 0000"                                                           \
	"c407 007f7f7f020003"                                                                      \
	"9000"
#define RELATED_NONE                                                                               \
	"6e29" AID "7315"                                                                          \
	"c00a 74 00 0000 0000 1000 0000"                                                           \
	"c407 007f7f7f030003"                                                                      \
	"9000"
#define RELATED_KDF                                                                                \
	"6e29" AID "7315"                                                                          \
	"c00a 7d 00 0000 0000 1000 0000"                                                           \
	"c407 007f7f7f030003"                                                                      \
	"9000"

static void
a_card_is_known_by_what_it_says_without_a_pin(void **state)
{
	static const struct replay_line lines[] = { SELECT, { "00ca006e00", RELATED_OK }, { 0 } };
	struct cardreplay r;
	struct card *c = &r.card;
	struct err e;

	(void)state;
	assert_ok(cardreplay_begin(&r, &card_openpgp, lines, &e), &e);
	assert_string_equal(c->serial, "0006:12345678");
	assert_int_equal(c->tries, 3);
	assert_int_equal(c->room, 4096);
	assert_int_equal(c->slots, 1);
	cardreplay_finish(&r);
}

static void
a_card_that_cannot_keep_records_is_refused_with_what_it_is(void **state)
{
	static const struct replay_line lines[][3] = {
		{ SELECT, { "00ca006e00", RELATED_NONE } },
		{ { "00a4040006d2760001240100", "6a82" } },
	};
	static const char *const reasons[] = { "without private data objects",
		"no OpenPGP card application (6A82)" };

	(void)state;
	for (size_t i = 0; i < 2; i++)
		cardreplay_refused(&card_openpgp, lines[i], reasons[i]);
}

static void
descriptions_that_are_cut_or_twisted_are_refused(void **state)
{
	static const struct replay_line lines[][3] = {
		{ SELECT, { "00ca006e00", "9000" } },
		{ SELECT, { "00ca006e00", "6e02 4f10 9000" } },
		{ SELECT, { "00ca006e00", "6e04 4f02 d276 9000" } },
		{ SELECT, { "00ca006e00", "6e12" AID "9000" } },
		{ SELECT, { "00ca006e00", "6d00" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		cardreplay_refused(&card_openpgp, lines[i], "");
}

static void
records_are_read_and_written_behind_the_pin(void **state)
{
	static const struct replay_line lines[] = {
		SELECT,
		{ "00ca006e00", RELATED_OK },
		{ "0020008206 313233343536", "9000" },
		{ "00ca010300", "0102 9000" },
		{ "00da010303 616263", "9000" },
		{ "00da0103", "9000" },
		{ "00ca010300", "6a88" },
		{ 0 },
	};
	SECRET_AUTO bytes = SECRET_NONE;
	struct cardreplay r;
	struct card *c = &r.card;
	struct err e;

	(void)state;
	assert_ok(cardreplay_begin(&r, &card_openpgp, lines, &e), &e);
	assert_ok(c->driver->verify(c, cardreplay_text(&bytes, "123456"), &e), &e);
	assert_ok(c->driver->load(c, 0, &bytes, &e), &e);
	assert_int_equal(bytes.len, 2);
	assert_ok(c->driver->store(c, 0, cardreplay_text(&bytes, "abc"), &e), &e);
	assert_ok(c->driver->store(c, 0, cardreplay_text(&bytes, ""), &e), &e);
	secret_free(&bytes);
	assert_ok(c->driver->load(c, 0, &bytes, &e), &e);
	assert_int_equal(bytes.len, 0);
	cardreplay_finish(&r);
}

static void
a_wrong_pin_is_sent_once_and_the_tries_are_told(void **state)
{
	static const struct replay_line says[] = {
		SELECT,
		{ "00ca006e00", RELATED_OK },
		{ "0020008206 363534333231", "6982" },
		{ "00ca006e00", RELATED_TWO },
		{ 0 },
	};
	static const struct replay_line blocks[] = {
		SELECT,
		{ "00ca006e00", RELATED_OK },
		{ "0020008206 363534333231", "6983" },
		{ 0 },
	};
	SECRET_AUTO pin = SECRET_NONE;
	struct cardreplay r;
	struct card *c = &r.card;
	struct err e;

	(void)state;
	cardreplay_text(&pin, "654321");
	assert_ok(cardreplay_begin(&r, &card_openpgp, says, &e), &e);
	assert_fails(c->driver->verify(c, &pin, &e), &e, ERR_AUTH, "wrong PIN");
	assert_int_equal(c->tries, 2);
	assert_non_null(strstr(e.hint, "2 tries are left"));
	cardreplay_finish(&r);
	assert_ok(cardreplay_begin(&r, &card_openpgp, blocks, &e), &e);
	assert_fails(c->driver->verify(c, &pin, &e), &e, ERR_AUTH, "blocked now");
	cardreplay_finish(&r);
	assert_fails(card_pin_usable(c, &e), &e, ERR_AUTH, "blocked");
}

static void
a_pin_of_impossible_length_costs_no_try(void **state)
{
	static const struct replay_line lines[] = { SELECT, { "00ca006e00", RELATED_OK }, { 0 } };
	SECRET_AUTO pin = SECRET_NONE;
	struct cardreplay r;
	struct card *c = &r.card;
	struct err e;

	(void)state;
	assert_ok(cardreplay_begin(&r, &card_openpgp, lines, &e), &e);
	assert_fails(card_pin_check(c, cardreplay_text(&pin, "12345"), &e), &e, ERR_AUTH,
		"no try was spent");
	assert_ok(card_pin_check(c, cardreplay_text(&pin, "123456"), &e), &e);
	assert_true(card_pin_is_factory(c, &pin));
	assert_false(card_pin_is_factory(c, cardreplay_text(&pin, "123457")));
	cardreplay_finish(&r);
}

/* Salts 3031323334353637, 100000 bytes, SHA-256. */
#define KDF "810103 820108 8304000186a0 84083031323334353637"

#define KDF_HASH "773784a602b6c81e3f092f4d7d00e17cc822d88f7360fcf2d2ef2d9d901f44b6"

static void
with_a_kdf_the_hash_is_sent_and_never_the_pin(void **state)
{
	static const struct replay_line lines[] = {
		SELECT,
		{ "00ca006e00", RELATED_KDF },
		{ "00ca00f900", KDF "9000" },
		{ "0020008220" KDF_HASH, "9000" },
		{ 0 },
	};
	SECRET_AUTO pin = SECRET_NONE;
	struct cardreplay r;
	struct card *c = &r.card;
	struct err e;

	(void)state;
	assert_ok(cardreplay_begin(&r, &card_openpgp, lines, &e), &e);
	assert_ok(c->driver->verify(c, cardreplay_text(&pin, "123456"), &e), &e);
	cardreplay_finish(&r);
}

static void
a_kdf_that_is_not_understood_costs_no_try(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} rows[] = {
		{ "\x81\x01\x01", 3 }, /* cut */
		{ "\x82\x01\x08", 3 }, /* no algorithm */
		{ "\x81\x01\x03\x82\x01\x02\x83\x04\x00\x00\x01\x00\x84\x08zzzzzzzz",
			22 }, /* SHA-1 */
		{ "\x81\x01\x03\x82\x01\x08\x83\x04\xff\xff\xff\xff\x84\x08zzzzzzzz",
			22 }, /* 4 GiB */
		{ "\x81\x01\x03\x82\x01\x08\x83\x04\x00\x00\x01\x00\x84\x07zzzzzzz", 21 },
	};
	SECRET_AUTO pin = SECRET_NONE;
	SECRET_AUTO out = SECRET_NONE;
	struct err e;

	(void)state;
	cardreplay_text(&pin, "123456");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_fails(pgpkdf_derive((const uint8_t *)rows[i].bytes, rows[i].len, PGPKDF_USER,
				     &pin, &out, &e),
			&e, ERR_DEVICE, "KDF");
	assert_ok(
		pgpkdf_derive((const uint8_t *)"\x81\x01\x00", 3, PGPKDF_USER, &pin, &out, &e), &e);
	assert_memory_equal(out.data, "123456", 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(a_card_is_known_by_what_it_says_without_a_pin),
		unit(a_card_that_cannot_keep_records_is_refused_with_what_it_is),
		unit(descriptions_that_are_cut_or_twisted_are_refused),
		unit(records_are_read_and_written_behind_the_pin),
		unit(a_wrong_pin_is_sent_once_and_the_tries_are_told),
		unit(a_pin_of_impossible_length_costs_no_try),
		unit(with_a_kdf_the_hash_is_sent_and_never_the_pin),
		unit(a_kdf_that_is_not_understood_costs_no_try),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
