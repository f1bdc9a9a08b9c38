/* SPDX-License-Identifier: ISC */
#include "tests/cardreplay.h"
#include "tests/support.h"

/* A card-verifiable certificate, as far as it is read: its holder is TESTCARD12, the first. */
#define HOLDER "5f20 0f 544553544341524431323030303031"
#define CERTIFICATE "7f2115 7f4e12" HOLDER
#define SELECT                                                                                     \
	{                                                                                          \
		"00a404000be82b0601040181c31f020100", "6f00 9000"                                  \
	}
#define READ_CERTIFICATE                                                                           \
	{                                                                                          \
		"00b12f0204 54020000 00", CERTIFICATE "6282"                                       \
	}
#define THREE_TRIES                                                                                \
	{                                                                                          \
		"00200081", "63c3"                                                                 \
	}

static void
a_card_is_known_by_its_certificate_tries_and_files(void **state)
{
	static const struct replay_line lines[] = {
		SELECT,
		READ_CERTIFICATE,
		THREE_TRIES,
		{ "8058000000", "2f02 cd00 c401 cd07 9000" },
		{ 0 },
	};
	struct cardreplay r;
	struct card *c = &r.card;
	struct err e;

	(void)state;
	assert_ok(cardreplay_begin(&r, &card_schsm, lines, &e), &e);
	assert_string_equal(c->serial, "TESTCARD12");
	assert_int_equal(c->tries, 3);
	assert_true(c->in_use[0] && c->in_use[7]);
	assert_false(c->in_use[1] || c->in_use[2] || c->in_use[4]);
	cardreplay_finish(&r);
}

static void
a_certificate_in_a_request_is_as_good(void **state)
{
	static const struct replay_line lines[] = {
		SELECT,
		{ "00b12f0204 54020000 00", "6718" CERTIFICATE "9000" },
		{ "00b12f0204 5402001a 00", "6b00" },
		THREE_TRIES,
		{ "8058000000", "9000" },
		{ 0 },
	};
	struct cardreplay r;
	struct err e;

	(void)state;
	assert_ok(cardreplay_begin(&r, &card_schsm, lines, &e), &e);
	assert_string_equal(r.card.serial, "TESTCARD12");
	cardreplay_finish(&r);
}

static void
what_is_no_usable_card_is_refused(void **state)
{
	static const struct {
		struct replay_line lines[5];
		const char *reason;
	} rows[] = {
		{ { { "00a404000be82b0601040181c31f020100", "6a82" } },
			"no SmartCard-HSM application (6A82)" },
		{ { SELECT, { "00b12f0204 54020000 00", "7f2101ff 6282" } }, "certificate" },
		{ { SELECT, { "00b12f0204 54020000 00", "7f2107 7f4e04 5f20 0161 6282" } },
			"a name of 1 bytes" },
		{ { SELECT, READ_CERTIFICATE, { "00200081", "6984" } }, "was never set up" },
		{ { SELECT, READ_CERTIFICATE, THREE_TRIES, { "8058000000", "cd00cd 9000" } },
			"half a file" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cardreplay_refused(&card_schsm, rows[i].lines, rows[i].reason);
}

static void
files_are_read_written_and_deleted_in_pieces(void **state)
{
	static const struct replay_line lines[] = {
		SELECT,
		READ_CERTIFICATE,
		THREE_TRIES,
		{ "8058000000", "cd07 9000" },
		{ "0020008106 363438323139", "9000" },
		{ "00b1cd0704 54020000 00", "0102 6103" },
		{ "00c0000003", "030405 9000" },
		{ "00b1cd0704 54020005 00", "06 6282" },
		{ "00d7cd0009 54020000 5303 616263", "9000" },
		{ "00e4020002 cd07", "9000" },
		{ 0 },
	};
	SECRET_AUTO bytes = SECRET_NONE;
	struct cardreplay r;
	struct card *c = &r.card;
	struct err e;

	(void)state;
	assert_ok(cardreplay_begin(&r, &card_schsm, lines, &e), &e);
	assert_ok(c->driver->verify(c, cardreplay_text(&bytes, "648219"), &e), &e);
	assert_ok(c->driver->load(c, 7, &bytes, &e), &e);
	assert_int_equal(bytes.len, 6);
	assert_int_equal(bytes.data[5], 6);
	secret_free(&bytes);
	assert_ok(c->driver->load(c, 9, &bytes, &e), &e); /* not there, and not asked for */
	assert_int_equal(bytes.len, 0);
	assert_ok(c->driver->store(c, 0, cardreplay_text(&bytes, "abc"), &e), &e);
	assert_ok(c->driver->store(c, 7, cardreplay_text(&bytes, ""), &e), &e);
	assert_ok(c->driver->store(c, 7, &bytes, &e), &e);
	cardreplay_finish(&r);
}

static void
a_full_card_says_so(void **state)
{
	static const struct replay_line lines[] = {
		SELECT,
		READ_CERTIFICATE,
		THREE_TRIES,
		{ "8058000000", "9000" },
		{ "00d7cd0009 54020000 5303 616263", "6a84" },
		{ 0 },
	};
	SECRET_AUTO bytes = SECRET_NONE;
	struct cardreplay r;
	struct card *c = &r.card;
	struct err e;

	(void)state;
	assert_ok(cardreplay_begin(&r, &card_schsm, lines, &e), &e);
	assert_fails(
		c->driver->store(c, 0, cardreplay_text(&bytes, "abc"), &e), &e, ERR_DEVICE, "full");
	assert_true(c->in_use[0]);
	cardreplay_finish(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(a_card_is_known_by_its_certificate_tries_and_files),
		unit(a_certificate_in_a_request_is_as_good),
		unit(what_is_no_usable_card_is_refused),
		unit(files_are_read_written_and_deleted_in_pieces),
		unit(a_full_card_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
