/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "hsm/card.h"
#include "tests/replay.h"

#define OPENPGP                                                                                    \
	{                                                                                          \
		"00a4040006d2760001240100", "9000"                                                 \
	}
/* Version 3.4 of YubiKey 12345678; `room` is two bytes in hex. */
#define RELATED(room)                                                                              \
	{                                                                                          \
		"00ca006e00", "6e29 4f10 d2760001240103040006123456780000 7315"                    \
			      "c00a 7c 00 0000 0000" room "0000 c407 007f7f7f030003 9000"          \
	}
#define NO_OPENPGP                                                                                 \
	{                                                                                          \
		"00a4040006d2760001240100", "6a82"                                                 \
	}
#define PIV                                                                                        \
	{ "00a4040005a000000308 00", "61114f06000010000100 79074f05a000000308 9000" },             \
		{ "00f8000000", "00bc614e 9000" },                                                 \
	{                                                                                          \
		"00200080", "63c3"                                                                 \
	}
#define NO_PIV                                                                                     \
	{                                                                                          \
		"00a4040005a000000308 00", "6a82"                                                  \
	}
#define NO_SCHSM                                                                                   \
	{                                                                                          \
		"00a404000be82b0601040181c31f020100", "6a82"                                       \
	}

static bool
selects(const struct replay_line *lines, struct card *c, struct err *e)
{
	struct apdu_link link;
	struct replay r;
	struct err ignored;

	link = replay_link(&r, lines);
	assert_ok(link.begin(link.context, e), e);
	bool ok = card_select(NULL, &link, c, e);
	assert_ok(link.end(link.context, &ignored), &ignored);
	replay_assert_done(&r);
	return ok;
}

static void
the_first_application_with_room_is_taken_and_the_reason_told(void **state)
{
	static const struct {
		const char *serial, *why;
		struct replay_line lines[8];
	} rows[] = {
		{ "0006:12345678", "the first that the card has an application for",
			{ OPENPGP, RELATED("1000") } },
		{ "12345678", "for its OpenPGP card has room for 255 bytes only",
			{ OPENPGP, RELATED("00ff"), PIV } },
		{ "0006:12345678", "the first that the card has an application for",
			{ OPENPGP, RELATED("00ff"), NO_PIV, NO_SCHSM, OPENPGP, RELATED("00ff") } },
		{ "12345678", "the first that the card has an application for",
			{ NO_OPENPGP, PIV } },
	};
	struct card c;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_ok(selects(rows[i].lines, &c, &e), &e);
		assert_string_equal(c.serial, rows[i].serial);
		assert_string_equal(c.why, rows[i].why);
	}
}

static void
a_card_without_any_is_refused_with_each_reason(void **state)
{
	static const struct replay_line none[] = { NO_OPENPGP, NO_PIV, NO_SCHSM, { 0 } };
	static const struct replay_line fails[] = { OPENPGP, RELATED("00ff"),
		{ "00a4040005a000000308 00", NULL }, { 0 } };
	struct card c;
	struct err e;

	(void)state;
	assert_fails(selects(none, &c, &e), &e, ERR_DEVICE,
		"this card cannot keep shares: no OpenPGP card application (6A82); no PIV card "
		"application (6A82); no SmartCard-HSM application (6A82)");
	assert_non_null(strstr(e.hint, "hardware.md"));
	assert_fails(selects(fails, &c, &e), &e, ERR_DEVICE, "the card was pulled");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(the_first_application_with_room_is_taken_and_the_reason_told),
		unit(a_card_without_any_is_refused_with_each_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
