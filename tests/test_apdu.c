/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "hsm/apdu.h"
#include "tests/replay.h"

#include <stdio.h>

#define A16 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A64 A16 A16 A16 A16
#define A255 A64 A64 A64 A16 A16 A16 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A256 A64 A64 A64 A64

static const struct apdu get = { .ins = 0xca, .p1 = 0x01, .p2 = 0x03, .le = 256 };

/* Sends it to the card that knows these lines. */
static bool
exchange(const struct replay_line *lines, const struct apdu *c, struct secret *reply, uint16_t *sw,
	struct err *e)
{
	struct replay r;
	struct apdu_link link = replay_link(&r, lines);

	assert_ok(link.begin(link.context, e), e);
	bool ok = apdu_exchange(&link, c, reply, sw, e);
	assert_ok(link.end(link.context, e), e);
	replay_assert_done(&r);
	return ok;
}

static void
commands_of_all_four_cases_are_short(void **state)
{
	static const uint8_t data[] = { 1, 2, 3 };
	static const struct {
		struct apdu command;
		struct replay_line lines[2];
	} rows[] = {
		{ { 0x00, 0x44, 0, 0, NULL, 0, 0 }, { { "00440000", "9000" } } },
		{ { 0x80, 0x58, 0, 0, NULL, 0, 16 }, { { "8058000010", "cd019000" } } },
		{ { 0x00, 0x20, 0, 0x82, data, 3, 0 }, { { "0020008203010203", "9000" } } },
		{ { 0x00, 0xcb, 0x3f, 0xff, data, 3, 256 },
			{ { "00cb3fff0301020300", "5300 9000" } } },
	};
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SECRET_AUTO reply = SECRET_NONE;
		uint16_t sw = 0;
		assert_ok(exchange(rows[i].lines, &rows[i].command, &reply, &sw, &e), &e);
		assert_int_equal(sw, APDU_OK);
	}
}

static void
long_data_goes_out_in_a_chain(void **state)
{
	static const struct replay_line lines[] = {
		{ "10da0103ff" A255, "9000" },
		{ "10da0103ff" A255, "9000" },
		{ "00da010301aa", "9000" },
		{ 0 },
	};
	uint8_t data[511];
	uint16_t sw = 0;
	struct err e;

	(void)state;
	memset(data, 0xaa, sizeof(data));
	const struct apdu put = { 0x00, 0xda, 0x01, 0x03, data, sizeof(data), 0 };
	assert_ok(exchange(lines, &put, NULL, &sw, &e), &e);
	assert_int_equal(sw, APDU_OK);
}

static void
a_chain_ends_with_the_first_piece_that_is_refused(void **state)
{
	static const struct replay_line lines[] = {
		{ "10da0103ff" A255, "6a84" },
		{ 0 },
	};
	uint8_t data[511];
	uint16_t sw = 0;
	struct err e;

	(void)state;
	memset(data, 0xaa, sizeof(data));
	const struct apdu put = { 0x00, 0xda, 0x01, 0x03, data, sizeof(data), 0 };
	assert_ok(exchange(lines, &put, NULL, &sw, &e), &e);
	assert_int_equal(sw, 0x6a84);
}

static void
a_long_reply_is_fetched_piece_by_piece(void **state)
{
	static const struct replay_line lines[] = {
		{ "00ca010300", A256 "6100" },
		{ "00c0000000", A256 "6103" },
		{ "00c0000003", "010203 9000" },
		{ 0 },
	};
	SECRET_AUTO reply = SECRET_NONE;
	uint16_t sw = 0;
	struct err e;

	(void)state;
	assert_ok(exchange(lines, &get, &reply, &sw, &e), &e);
	assert_int_equal(sw, APDU_OK);
	assert_int_equal(reply.len, 515);
	assert_int_equal(reply.data[0], 0xaa);
	assert_int_equal(reply.data[514], 3);
}

static void
a_wrong_le_is_mended_once(void **state)
{
	static const struct replay_line once[] = {
		{ "00ca010300", "6c02" },
		{ "00ca010302", "0102 9000" },
		{ 0 },
	};
	static const struct replay_line twice[] = {
		{ "00ca010300", "6c02" },
		{ "00ca010302", "6c03" },
		{ 0 },
	};
	SECRET_AUTO reply = SECRET_NONE;
	uint16_t sw = 0;
	struct err e;

	(void)state;
	assert_ok(exchange(once, &get, &reply, &sw, &e), &e);
	assert_int_equal(reply.len, 2);
	assert_ok(exchange(twice, &get, &reply, &sw, &e), &e);
	assert_int_equal(sw, 0x6c03);
}

static void
a_promise_that_is_not_kept_is_refused(void **state)
{
	static const struct replay_line lines[] = {
		{ "00ca010300", "01 6105" },
		{ "00c0000005", "6105" },
		{ 0 },
	};
	SECRET_AUTO reply = SECRET_NONE;
	uint16_t sw = 0x1234;
	struct err e;

	(void)state;
	assert_fails(exchange(lines, &get, &reply, &sw, &e), &e, ERR_DEVICE, "without end");
	assert_int_equal(sw, 0x1234);
	assert_null(reply.data);
}

static void
a_reply_that_never_ends_is_refused(void **state)
{
	struct replay_line lines[APDU_REPLY_MAX / 256 + 2] = { { "00ca010300", A256 "6100" } };
	SECRET_AUTO reply = SECRET_NONE;
	uint16_t sw = 0;
	struct err e;

	(void)state;
	for (size_t i = 1; i < APDU_REPLY_MAX / 256 + 1; i++)
		lines[i] = (struct replay_line){ "00c0000000", A256 "6100" };
	assert_fails(exchange(lines, &get, &reply, &sw, &e), &e, ERR_DEVICE, "has no end");
}

static void
replies_without_a_status_word_are_refused(void **state)
{
	static const struct replay_line lines[][2] = {
		{ { "00ca010300", "" } },
		{ { "00ca010300", "90" } },
	};
	SECRET_AUTO reply = SECRET_NONE;
	uint16_t sw = 0;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_fails(exchange(lines[i], &get, &reply, &sw, &e), &e, ERR_DEVICE, "is none");
}

static void
bytes_that_nobody_asked_for_are_refused(void **state)
{
	static const struct replay_line lines[] = { { "00200082 0131", "01 9000" }, { 0 } };
	static const struct apdu verify = { .ins = 0x20, .p2 = 0x82, .data = "1", .len = 1 };
	uint16_t sw = 0;
	struct err e;

	(void)state;
	assert_fails(
		exchange(lines, &verify, NULL, &sw, &e), &e, ERR_DEVICE, "bytes nobody asked for");
}

static void
a_pulled_card_is_an_error_and_not_an_empty_reply(void **state)
{
	static const struct replay_line lines[] = { { "00ca010300", NULL }, { 0 } };
	SECRET_AUTO reply = SECRET_NONE;
	uint16_t sw = 0;
	struct err e;

	(void)state;
	assert_fails(exchange(lines, &get, &reply, &sw, &e), &e, ERR_DEVICE, "pulled");
}

static void
status_words_are_told_apart(void **state)
{
	static const struct {
		uint16_t sw;
		enum err_code code;
		const char *message;
	} rows[] = {
		{ 0x63c2, ERR_AUTH, "reading: wrong PIN, 2 tries left" },
		{ 0x6982, ERR_AUTH, "wants its PIN" },
		{ 0x6983, ERR_AUTH, "blocked" },
		{ 0x6a82, ERR_MISSING, "no such object (6A82)" },
		{ 0x6a84, ERR_DEVICE, "full" },
		{ 0x1234, ERR_DEVICE, "refuses it (1234)" },
		{ 0x0000, ERR_DEVICE, "refuses it (0000)" },
	};
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_fails(
			apdu_refused(rows[i].sw, "reading", &e), &e, rows[i].code, rows[i].message);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(commands_of_all_four_cases_are_short),
		unit(long_data_goes_out_in_a_chain),
		unit(a_chain_ends_with_the_first_piece_that_is_refused),
		unit(a_long_reply_is_fetched_piece_by_piece),
		unit(a_wrong_le_is_mended_once),
		unit(a_promise_that_is_not_kept_is_refused),
		unit(a_reply_that_never_ends_is_refused),
		unit(replies_without_a_status_word_are_refused),
		unit(bytes_that_nobody_asked_for_are_refused),
		unit(a_pulled_card_is_an_error_and_not_an_empty_reply),
		unit(status_words_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
